/// erlang:load_nif/2. docs/design/nifs.md.

#include <algorithm>
#include <cstring>

#include "stdlib/build.h"
#include "stdlib/bytes_arg.h"
#include "stdlib/nif/library.h"
#include "stdlib/nif/text.h"
#include "stdlib/stdlib_state.h"
#include "stdlib/system_names.h"
#include "term/print.h"
#include "term/utf8.h"

namespace lintel {

namespace {

/// Text of a list of code points, or of a binary; false: neither.
bool path_text(Term t, const SystemNames& names, std::string* out) {
    if (t.is_list()) {
        const auto text = list_text(t, names.are_latin1() ? ERL_NIF_LATIN1 : ERL_NIF_UTF8);
        if (text) *out = *text;
        return text.has_value();
    }
    const BytesArg bytes(t);
    if (!bytes) return false;
    out->assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return true;
}

/// {error, {Tag, Text}}
Term refusal(ExecState& p, Term tag, const std::string& text) {
    auto heap = p.reserve(2 * tuple_words(2) + list_words(text.size()));
    return heap.tuple(am::error(), heap.tuple(tag, heap.string(text)));
}

/// The versions of a module that loading concerns.
struct Versions {
    LoadedModule* caller = nullptr;  ///< whose code calls load_nif
    LoadedModule* before = nullptr;  ///< that it replaces, or nullptr
    bool is_old = false;             ///< the caller is not the newest
};

Versions versions_of_caller(Process& p) {
    const CodeLocation at = p.machine().locate_process(p);
    Versions v;
    if (at.loaded == nullptr) return v;
    CodeServer& code = p.vm->code;
    const Term name = at.loaded->module->name;
    for (LoadedModule* m : {code.current(name), code.on_load_version(name), code.old(name)}) {
        if (m == at.loaded) v.caller = m;
    }
    if (v.caller == nullptr) return v;
    v.is_old = v.caller == code.old(name);
    // With on_load a version may come after one that has been deleted, but not purged.
    const bool is_current = v.caller == code.current(name) || code.current(name) == nullptr;
    v.before = v.is_old ? code.current(name) : is_current ? code.old(name) : code.current(name);
    return v;
}

NifLibrary* library_of(const LoadedModule* version) {
    return version == nullptr || version->natives == nullptr
               ? nullptr
               : static_cast<NifInstance*>(version->natives.get())->library.get();
}

/// What is wrong with what a library declares, in OTP's words; empty: nothing.
std::string wrong_entry(const ErlNifEntry& entry, Term module) {
    const std::string name = term_text(module, PrintStyle::write_unicode);
    const auto version = [](int major, int minor) { return std::to_string(major) + "." + std::to_string(minor); };
    const std::string ours = version(ERL_NIF_MAJOR_VERSION, ERL_NIF_MINOR_VERSION);
    if (entry.major > ERL_NIF_MAJOR_VERSION ||
        (entry.major == ERL_NIF_MAJOR_VERSION && entry.minor > ERL_NIF_MINOR_VERSION)) {
        return "That '" + name + "' NIF library needs " + entry.min_erts +
               " or newer. Either try to recompile the NIF lib or use a newer erts runtime.";
    }
    if (entry.major < ERL_NIF_MAJOR_VERSION || entry.minor == 5) {
        return "That old NIF library (" + version(entry.major, entry.minor) +
               ") is not compatible with this erts runtime (" + ours + "). Try recompile the NIF lib.";
    }
    if (entry.minor >= 1 && std::strcmp(entry.vm_variant, ERL_NIF_VM_VARIANT) != 0) {
        return std::string("Library (") + entry.vm_variant + ") not compiled for this vm variant (" +
               ERL_NIF_VM_VARIANT + ").";
    }
    if (utf8_of_latin1(entry.name) != atom_name(module)) {
        return std::string("Library module name '") + entry.name + "' does not match calling module '" + name + "'";
    }
    return {};
}

/// Fills library.functions, in the order of its table; what is wrong with that, or empty. *functions are the version's, in the same order.
std::string bind_functions(NifLibrary& library, LoadedModule& version, std::vector<FunctionEntry*>* functions) {
    const Module& m = *version.module;
    const bool are_declared = std::ranges::any_of(m.functions, [](const auto& f) { return f.is_nif; });
    for (int i = 0; i < library.entry.num_of_funcs; ++i) {
        const ErlNifFunc& row = library.entry.funcs[i];
        const std::string name = utf8_of_latin1(row.name);
        const std::string text =
            term_text(m.name, PrintStyle::write_unicode) + ":" + row.name + "/" + std::to_string(row.arity);
        const auto found = std::ranges::find_if(
            m.functions, [&](const auto& f) { return f.arity == row.arity && atom_name(f.name) == name; });
        if (found == m.functions.end()) return "Function not found " + text;
        if (are_declared && !found->is_nif) return "Function not declared as nif " + text;
        if (row.flags > ERL_NIF_DIRTY_JOB_IO_BOUND) {
            return "Illegal flags field value " + std::to_string(row.flags) + " for NIF " + text;
        }
        FunctionEntry* const entry = &version.functions[static_cast<size_t>(found - m.functions.begin())];
        if (std::ranges::find(*functions, entry) != functions->end()) return "Duplicate NIF entry for " + text;
        functions->push_back(entry);
        NifFunction& f = library.functions.emplace_back();
        f.module = m.name;
        f.function = found->name;
        f.arity = static_cast<uint8_t>(row.arity);
        f.call = f.from_code = call_nif;
        f.library = &library;
        f.pointer = row.fptr;
        f.dirty = row.flags == ERL_NIF_DIRTY_JOB_CPU_BOUND  ? DirtyKind::cpu
                  : row.flags == ERL_NIF_DIRTY_JOB_IO_BOUND ? DirtyKind::io
                                                            : DirtyKind::none;
        f.takes_contexts = found->takes_contexts;
    }
    return {};
}

/// Calls `load`, or `upgrade` if the version before has a library. True: it has succeeded; else *error is the answer.
bool call_load(Process& p, NifLibrary& library, NifLibrary* before, Term info, Term* error) {
    NifEnv env(p, &library);
    env.is_loading = true;
    int refused = 0;
    if (before != nullptr) {
        if (library.entry.upgrade == nullptr) {
            *error = refusal(p, am::upgrade(), "Upgrade not supported by this NIF library.");
            return false;
        }
        void* const data = before->priv_data;
        refused = library.entry.upgrade(&env, &library.priv_data, &before->priv_data, info.word());
        if (refused != 0) {
            before->priv_data = data;
            *error = refusal(p, am::upgrade(), "Library upgrade-call unsuccessful (" + std::to_string(refused) + ").");
        }
    } else if (library.entry.load != nullptr) {
        refused = library.entry.load(&env, &library.priv_data, info.word());
        if (refused != 0)
            *error = refusal(p, am::load(), "Library load-call unsuccessful (" + std::to_string(refused) + ").");
    }
    return refused == 0;
}

/// The functions of the module are the library's from now on.
void install(Vm& vm, NifLibraries& libraries, const std::shared_ptr<NifLibrary>& library, LoadedModule& version,
             const std::vector<FunctionEntry*>& functions) {
    library->is_loaded = true;
    libraries.types.commit(*library);
    {
        // Who makes an image of the code looks at it, on any thread.
        const Breakpoints locked(vm.code);
        version.natives = std::make_shared<NifInstance>(library);
    }
    for (size_t i = 0; i < functions.size(); ++i) vm.code.make_native(*functions[i], library->functions[i]);
    Breakpoints code(vm.code);
    if (code.current(version.module->name) == &version) libraries.tracers.add(library);
}

Term load_library(Process& p, const std::string& path, Term info) {
    const Versions versions = versions_of_caller(p);
    if (versions.caller == nullptr) return p.badarg();
    const Term module = versions.caller->module->name;
    if (versions.is_old) {
        return refusal(
            p, am::old_code(),
            "Calling load_nif from old module '" + term_text(module, PrintStyle::write_unicode) + "' not allowed");
    }
    const std::shared_ptr<NifLibraries> libraries = stdlib_state(p).nifs;
    const std::lock_guard lock(libraries->loading);
    std::string error;
    const std::shared_ptr<NativeImage> image = stdlib_state(p).images.open(p.machine(), path + ".so", &error);
    if (image == nullptr) {
        const bool is_named = error.find(path) != std::string::npos;
        return refusal(p, am::load_failed(),
                       "Failed to load NIF library" + (is_named ? "" : " " + path) + ": '" + error + "'");
    }
    const auto init = reinterpret_cast<ErlNifEntry* (*)()>(image->function("nif_init", &error));
    if (init == nullptr) return refusal(p, am::bad_lib(), "Failed to find library init function: '" + error + "'");
    const ErlNifEntry* const entry = init();
    if (entry == nullptr) return refusal(p, am::bad_lib(), "Library init-call unsuccessful");
    if (const std::string wrong = wrong_entry(*entry, module); !wrong.empty()) return refusal(p, am::bad_lib(), wrong);
    const auto library = std::make_shared<NifLibrary>(libraries, module, image, *entry);
    std::vector<FunctionEntry*> functions;
    if (const std::string wrong = bind_functions(*library, *versions.caller, &functions); !wrong.empty()) {
        return refusal(p, am::bad_lib(), wrong);
    }
    if (versions.caller->natives != nullptr)
        return refusal(p, am::reload(), "NIF library already loaded (reload disallowed since OTP 20).");
    Term answer;
    if (!call_load(p, *library, library_of(versions.before), info, &answer)) return answer;
    stdlib_state(p).images.taint(module);
    install(p.machine(), *libraries, library, *versions.caller, functions);
    return am::ok();
}

}  // namespace

std::string bind_host_module(Vm& vm, LoadedModule& version, const ErlNifEntry& entry, void* priv_data) {
    const std::shared_ptr<NifLibraries> libraries = stdlib_state(vm).nifs;
    const std::lock_guard lock(libraries->loading);
    const auto library = std::make_shared<NifLibrary>(libraries, version.module->name, nullptr, entry);
    library->priv_data = priv_data;
    std::vector<FunctionEntry*> functions;
    if (std::string wrong = bind_functions(*library, version, &functions); !wrong.empty()) return wrong;
    if (library->entry.load != nullptr) {
        NifEnv env(&vm, library.get(), NifEnv::Kind::callback);
        env.is_loading = true;
        const int refused = library->entry.load(&env, &library->priv_data, am::undefined().word());
        if (refused != 0) return "its load function has answered " + std::to_string(refused);
    }
    install(vm, *libraries, library, version, functions);
    return {};
}

/// erlang:load_nif/2: ok when the calling module's functions are those of a library, or for a library that OTP has inside its emulator, whose functions are
/// BIFs here. {error, {Why, Text}} as OTP has it; {error, {notsup, Text}} in a VM without the right to native libraries. Fails: badarg.
Term load_nif_2(ExecState& state, Args a) {
    Process& p = as_process(state);
    std::string path;
    if (!path_text(a[0], system_names(p), &path) || path.find('\0') != std::string::npos) return p.badarg();
    if (path == "prim_socket" && !stdlib_state(p).sockets->configure(a[1]))
        return refusal(p, am::load(), "Library load-call unsuccessful (1).");
    for (const std::string_view name :
         {"erl_tracer", "net", "prim_buffer", "prim_file", "prim_socket", "prim_tty", "zlib", "zstd"}) {
        if (path == name) return am::ok();
    }
    if (!may(p, Right::natives))
        return refusal(p, am::notsup(), "This VM may not load NIF libraries: '" + path + ".so'");
    return load_library(p, path, a[1]);
}

}  // namespace lintel
