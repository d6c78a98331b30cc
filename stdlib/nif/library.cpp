#include "stdlib/nif/library.h"

#include <dlfcn.h>
#include <link.h>
#if defined(__SANITIZE_ADDRESS__)
#define LINTEL_FINDS_LEAKS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LINTEL_FINDS_LEAKS 1
#endif
#endif
#ifdef LINTEL_FINDS_LEAKS
#include <sanitizer/lsan_interface.h>
#endif

#include <algorithm>
#include <cstdarg>
#include <cstring>

#include "stdlib/stdlib_state.h"

namespace lintel {

// ---- those of a VM

NifLibraries::~NifLibraries() { end(); }

void NifLibraries::end() {
    Vm* const vm = vm_.exchange(nullptr, std::memory_order_acq_rel);
    if (vm != nullptr) events.end();
}

std::shared_ptr<NifLibraries> make_nif_libraries(Vm& vm) { return std::make_shared<NifLibraries>(vm); }
void tell_nif_libraries(Process& p) { stdlib_state(p).nifs->monitors.process_ended(p.self); }
void nif_libraries_halted(NifLibraries& libraries) { libraries.halted(); }
bool has_running_nifs(const NifLibraries& libraries) { return libraries.running.load(std::memory_order_acquire) != 0; }
void end_nif_libraries(NifLibraries& libraries) { libraries.end(); }

void NifLibraries::tell_of_halt(const std::shared_ptr<NifLibrary>& library) {
    const std::lock_guard lock(mutex_);
    to_be_told_.push_back(library);
}

void NifLibraries::halted() {
    std::vector<std::weak_ptr<NifLibrary>> all;
    {
        const std::lock_guard lock(mutex_);
        all.swap(to_be_told_);
    }
    for (const auto& each : all) {
        const auto library = each.lock();
        if (library != nullptr && library->is_loaded) library->on_halt(library->priv_data);
    }
}

// ---- one of them

/// Rows of versions before 2.7 have no flags.
struct OldNifFunc {
    const char* name;
    unsigned arity;
    NifPointer fptr;
};

ErlNifEntry NifLibrary::modernized(const ErlNifEntry& declared, std::vector<ErlNifFunc>& rows) {
    ErlNifEntry entry{};
    const auto at_least = [&declared](int minor) { return declared.major > 2 || declared.minor >= minor; };
    const size_t known = at_least(14)   ? sizeof entry
                         : at_least(12) ? offsetof(ErlNifEntry, min_erts)
                         : at_least(7)  ? offsetof(ErlNifEntry, sizeof_ErlNifResourceTypeInit)
                         : at_least(1)  ? offsetof(ErlNifEntry, options)
                                        : offsetof(ErlNifEntry, vm_variant);
    std::memcpy(static_cast<void*>(&entry), &declared, known);
    const auto count = static_cast<size_t>(std::max(0, declared.num_of_funcs));
    const auto* old = reinterpret_cast<const OldNifFunc*>(declared.funcs);
    for (size_t i = 0; i < count; ++i) {
        rows.push_back(at_least(7) ? declared.funcs[i] : ErlNifFunc{old[i].name, old[i].arity, old[i].fptr, 0});
    }
    entry.funcs = rows.data();
    return entry;
}

NifLibrary::NifLibrary(std::shared_ptr<NifLibraries> of, Term of_module, std::shared_ptr<NativeImage> in,
                       const ErlNifEntry& declared)
    : libraries(std::move(of)), module(of_module), entry(modernized(declared, rows_)), image_(std::move(in)) {}

namespace {

/// The linker never takes the image out of memory.
void pin(const NativeImage& image) {
    link_map* loaded = nullptr;
    if (dlinfo(image.handle(), RTLD_DI_LINKMAP, &loaded) == 0)
        dlopen(loaded->l_name, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
}

/// Nobody is to take it for a leak.
void left_behind(const void* data) {
#ifdef LINTEL_FINDS_LEAKS
    __lsan_ignore_object(data);
#endif
}

}  // namespace

NifLibrary::~NifLibrary() {
    for (const NifOpenedType& type : opened) {
        if (type.is_new) type.type->release_reference();
    }
    if (libraries->program_ends.load(std::memory_order_relaxed)) {
        if (image_ != nullptr) pin(*image_);
        left_behind(priv_data);
        return;
    }
    if (!is_loaded || entry.unload == nullptr) return;
    NifEnv env(libraries->vm(), this, NifEnv::Kind::callback);
    entry.unload(&env, priv_data);
}

}  // namespace lintel

extern "C" {

void* enif_priv_data(ErlNifEnv* env) { return env->library == nullptr ? nullptr : env->library->priv_data; }

// Clang warns of va_start after an enumeration; the interface is what it is.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wvarargs"
/// The VM has no threads to be told of when a library goes: it goes on whatever thread lets go of it last.
int enif_set_option(ErlNifEnv* env, ErlNifOption option, ...) {
    if (!env->is_loading) return EINVAL;
    lintel::NifLibrary& library = *env->library;
    switch (option) {
        case ERL_NIF_OPT_DELAY_HALT: library.delays_halt = true; return 0;
        case ERL_NIF_OPT_ON_HALT: {
            va_list rest;
            va_start(rest, option);
            const bool is_first = library.on_halt == nullptr;
            library.on_halt = va_arg(rest, ErlNifOnHaltCallback*);
            va_end(rest);
            if (is_first) library.libraries->tell_of_halt(library.shared_from_this());
            return 0;
        }
        case ERL_NIF_OPT_ON_UNLOAD_THREAD: return ENOTSUP;
    }
    return EINVAL;
}
#pragma GCC diagnostic pop

}  // extern "C"
