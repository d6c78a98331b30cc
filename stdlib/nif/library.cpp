#include "stdlib/nif/library.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdarg>
#include <cstring>

#include "stdlib/nif/functions.h"
#include "stdlib/stdlib_state.h"

namespace lintel {

namespace {

/// VMs of this program that have loaded native libraries: for threads that no VM has made. The one thing here that all VMs share.
struct VmsWithLibraries {
    std::mutex mutex;
    std::vector<Vm*> vms;
};
VmsWithLibraries& vms_with_libraries() {
    static VmsWithLibraries all;
    return all;
}

/// Libraries look for the functions of nif/functions.def in the whole program. If this is a shared library that only who loaded it can see, it makes itself
/// visible.
void become_visible() {
    Dl_info self;
    if (dladdr(nif_functions()[0], &self) == 0 || self.dli_fname == nullptr) return;
    if (void* const handle = dlopen(self.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_GLOBAL)) dlclose(handle);
}

std::string linker_error() {
    const char* const text = dlerror();
    return text != nullptr ? text : "unknown error";
}

/// A file in memory with the contents of `path`; -1: errno says why there is none.
int copy_file(const std::string& path) {
    const int from = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (from < 0) return -1;
    struct stat info;
    int to = fstat(from, &info) == 0 ? memfd_create("nif", MFD_CLOEXEC) : -1;
    for (off_t done = 0; to >= 0 && done < info.st_size;) {
        const ssize_t n = sendfile(to, from, &done, static_cast<size_t>(info.st_size - done));
        if (n > 0 || (n < 0 && errno == EINTR)) continue;
        ::close(to);
        to = -1;
    }
    ::close(from);
    return to;
}

}  // namespace

Vm* only_vm_with_libraries() {
    VmsWithLibraries& all = vms_with_libraries();
    const std::lock_guard lock(all.mutex);
    return all.vms.size() == 1 ? all.vms[0] : nullptr;
}

NifImage::~NifImage() {
    dlclose(handle_);
    if (file_ >= 0) ::close(file_);
}

// ---- those of a VM

NifLibraries::~NifLibraries() { end(); }

void NifLibraries::end() {
    Vm* const vm = vm_.exchange(nullptr, std::memory_order_acq_rel);
    if (vm != nullptr) events.end();
    if (!is_listed_.load(std::memory_order_acquire)) return;
    VmsWithLibraries& all = vms_with_libraries();
    const std::lock_guard lock(all.mutex);
    std::erase(all.vms, vm);
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

std::shared_ptr<NifImage> NifLibraries::known(void* handle) {
    std::erase_if(images_, [](const auto& image) { return image.expired(); });
    for (const auto& image : images_) {
        if (auto found = image.lock(); found != nullptr && found->handle() == handle) return found;
    }
    return nullptr;
}

std::shared_ptr<NifImage> NifLibraries::open(const std::string& path, std::string* error) {
    become_visible();
    if (!is_listed_.exchange(true, std::memory_order_acq_rel)) {
        VmsWithLibraries& all = vms_with_libraries();
        const std::lock_guard lock(all.mutex);
        all.vms.push_back(vm());
    }
    if (void* const there = dlopen(path.c_str(), RTLD_NOW | RTLD_NOLOAD)) {
        auto image = known(there);
        dlclose(there);
        return image != nullptr ? image : open_copy(path, error);
    }
    void* const handle = dlopen(path.c_str(), RTLD_NOW);
    if (handle == nullptr) {
        *error = linker_error();
        return nullptr;
    }
    auto image = std::make_shared<NifImage>(handle);
    images_.push_back(image);
    return image;
}

std::shared_ptr<NifImage> NifLibraries::open_copy(const std::string& path, std::string* error) {
    const int fd = copy_file(path);
    if (fd < 0) {
        *error = path + ": cannot be copied: " + std::strerror(errno);
        return nullptr;
    }
    // The linker takes one name for one file, so as long as the copy is there no other may have its descriptor.
    void* const handle = dlopen(("/proc/self/fd/" + std::to_string(fd)).c_str(), RTLD_NOW);
    if (handle != nullptr) return std::make_shared<NifImage>(handle, fd);
    *error = linker_error();
    ::close(fd);
    return nullptr;
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

NifLibrary::NifLibrary(std::shared_ptr<NifLibraries> of, Term of_module, std::shared_ptr<NifImage> in,
                       const ErlNifEntry& declared)
    : libraries(std::move(of)), module(of_module), entry(modernized(declared, rows_)), image_(std::move(in)) {}

NifLibrary::~NifLibrary() {
    for (const NifOpenedType& type : opened) {
        if (type.is_new) type.type->release_reference();
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
