#include "lintel/lintel.h"

#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <thread>

#include "embed/check.h"
#include "embed/inspect.h"
#include "embed/lintel_vm.h"
#include "embed/settings.h"
#include "embed/snapshot.h"
#include "jit/code_symbols.h"
#include "loader/disasm.h"
#include "stdlib/break_menu.h"
#include "stdlib/nif/library.h"
#include "stdlib/stdlib_state.h"

/// The C API. Each function checks its arguments, does its work through BareVm, and leaves a line of text for lintel_error
/// when it fails.

using lintel::BareVm;
using lintel::fail;
using lintel::is_gone;
using lintel::kOtherProfile;
using lintel::kRanAlready;
using lintel::LoadError;
using lintel::LoadOutcome;
using lintel::Term;

namespace {

constexpr unsigned kMaxSchedulers = 1024;
constexpr size_t kMinAtoms = 8192;

/// After a FileBytes that is none.
lintel_result cannot_read(lintel_vm* vm, const char* path) {
    return fail(vm, LINTEL_ERROR_NOT_FOUND, std::string(path) + ": cannot be read: " + std::strerror(errno));
}

lintel_result load_failure(lintel_vm* vm, const LoadError& error) {
    const lintel_result result = error.kind == LoadError::Kind::unsupported ? LINTEL_ERROR_UNSUPPORTED
                                 : error.kind == LoadError::Kind::no_memory ? LINTEL_ERROR_MEMORY
                                                                            : LINTEL_ERROR_BAD_FILE;
    return fail(vm, result, error.text());
}

lintel_config default_config() {
    lintel_config config{};
    config.size = sizeof config;
    config.process_limit = 262144;
    config.atom_limit = 1048576;
    return config;
}

/// False if it asks for what cannot be; see read_sized.
bool read_config(const lintel_config& given, lintel_config* config) {
    constexpr size_t kFirstVersion = offsetof(lintel_config, context) + sizeof given.context;
    *config = default_config();
    return lintel::read_sized(given, kFirstVersion, config) && config->schedulers <= kMaxSchedulers &&
           config->process_limit != 0 && config->process_limit <= lintel::ProcessTable::kMaxLimit &&
           config->atom_limit >= kMinAtoms &&
           (config->profile == LINTEL_PROFILE_BARE || config->profile == LINTEL_PROFILE_OTP) &&
           (config->driving == LINTEL_DRIVING_THREADS || config->driving == LINTEL_DRIVING_HOST) &&
           (config->snapshot == nullptr || config->profile == LINTEL_PROFILE_BARE) &&
           (config->rights & ~LINTEL_RIGHTS_ALL) == 0;
}

/// lintel_config::jit as the engine has it: calls after which a function becomes machine code, 0 for never.
bool read_jit(const char* text, uint32_t* calls) {
    constexpr uint32_t kLazyCalls = 50;
    const std::string_view mode = text == nullptr || *text == 0 ? "lazy" : text;
    *calls = mode == "lazy" ? kLazyCalls : mode == "eager" ? 1 : 0;
    return *calls != 0 || mode == "off";
}

/// Through `line` what text_of(bytes, module, function) says of a file's module; `function` without quotes, "" for all.
template <typename F>
lintel_result tell_code(lintel_vm* vm, const char* path, const char* function, void (*line)(void*, const char*),
                        void* context, F text_of) {
    if (is_gone(vm)) return LINTEL_ERROR_ARGUMENT;
    if (path == nullptr) return fail(vm, LINTEL_ERROR_ARGUMENT, "no file given");
    if (vm->bare == nullptr) return fail(vm, LINTEL_ERROR_ARGUMENT, kOtherProfile);
    if (line == nullptr) return fail(vm, LINTEL_ERROR_ARGUMENT, "nobody to take the lines");
    const lintel::FileBytes file(path);
    if (!file) return cannot_read(vm, path);
    const lintel::LoadContext load{vm->vm->atoms, vm->vm->literals, &vm->vm->code};
    auto module = lintel::load_module(load, file.bytes(), path);
    if (!module) return load_failure(vm, module.error());
    // A name may be written as Erlang writes it, with quotes.
    std::string name = function != nullptr ? function : "";
    std::erase(name, '\'');
    const std::string text = text_of(file.bytes(), module.take(), name);
    if (text.empty())
        return fail(vm, LINTEL_ERROR_NOT_FOUND,
                    std::string(path) + ": no function " + (function != nullptr ? function : "at all"));
    for (size_t at = 0; at < text.size();) {
        const size_t end = std::min(text.find('\n', at), text.size());
        line(context, text.substr(at, end - at).c_str());
        at = end + 1;
    }
    return LINTEL_OK;
}

/// Native functions that take long may be waited for by nobody, if the host wants that.
void abandon_natives(lintel_vm& vm, int status) {
    constexpr int kPatienceMs = 50;
    if (vm.abandon == nullptr) return;
    lintel::StdlibState& state = lintel::stdlib_state(*vm.vm);
    state.nifs->program_ends.store(true, std::memory_order_relaxed);
    for (int ms = 0; lintel::has_running_nifs(*state.nifs); ++ms) {
        if (ms == kPatienceMs) {
            lintel::nif_libraries_halted(*state.nifs);
            state.terminal.close();
            vm.abandon(vm.context, status);
            return;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

/// The processes there are to begin with have been made: runs them until somebody halts.
lintel_result run_to_end(lintel_vm* vm, int* status) {
    lintel::Vm& v = *vm->vm;
    if (const lintel_result r = lintel::start_threads(vm, 1); r != LINTEL_OK) return r;
    const int code = v.run_until_halt();
    abandon_natives(*vm, code);
    v.stop();
    if (status != nullptr) *status = code;
    return LINTEL_OK;
}

}  // namespace

extern "C" {

#define LINTEL_TEXT_OF(x) #x
#define LINTEL_TEXT(x) LINTEL_TEXT_OF(x)

const char* lintel_version(void) {
    return LINTEL_TEXT(LINTEL_VERSION_MAJOR) "." LINTEL_TEXT(LINTEL_VERSION_MINOR) "." LINTEL_TEXT(
        LINTEL_VERSION_PATCH);
}

int lintel_version_number(void) { return LINTEL_VERSION; }

int lintel_has_machine_code(const char** about) {
    const char* text = lintel::native_processor();
    const bool has_compiler = text != nullptr, can = has_compiler && lintel::make_native_compiler() != nullptr;
    if (!has_compiler) text = "there is no compiler for this processor";
    if (has_compiler && !can) text = "the platform lets no program make code";
    if (about != nullptr) *about = text;
    return can ? 1 : 0;
}

const char* lintel_result_text(lintel_result result) {
    switch (result) {
        case LINTEL_OK: return "ok";
        case LINTEL_ERROR_ARGUMENT: return "wrong argument";
        case LINTEL_ERROR_NOT_FOUND: return "not found";
        case LINTEL_ERROR_BAD_FILE: return "bad file";
        case LINTEL_ERROR_UNSUPPORTED: return "not supported";
        case LINTEL_ERROR_MEMORY: return "out of memory";
        case LINTEL_ERROR_SYSTEM: return "refused by the operating system";
        case LINTEL_ERROR_EXCEPTION: return "the function has raised";
        case LINTEL_ERROR_TIMEOUT: return "the time is over";
        case LINTEL_ERROR_HALTED: return "the VM has halted";
    }
    return "unknown result";
}

void lintel_config_init(lintel_config* config, size_t size) {
    if (config == nullptr || size < sizeof config->size) return;
    const lintel_config defaults = default_config();
    // A later caller's further fields begin as zeros.
    std::memset(static_cast<void*>(config), 0, size);
    std::memcpy(static_cast<void*>(config), &defaults, std::min(size, sizeof defaults));
    config->size = size;
}

lintel_result lintel_use_memory(const lintel_memory* given) {
    lintel_memory memory{};
    if (given == nullptr || !lintel::read_sized(*given, sizeof memory, &memory) || memory.allocate == nullptr ||
        memory.release == nullptr)
        return LINTEL_ERROR_ARGUMENT;
    return lintel::use_memory_functions({memory.context, memory.allocate, memory.release}) ? LINTEL_OK
                                                                                           : LINTEL_ERROR_ARGUMENT;
}

lintel_result lintel_vm_create(const lintel_config* given, lintel_vm** out) {
    lintel::begin_allocating();
    if (out == nullptr) return LINTEL_ERROR_ARGUMENT;
    *out = nullptr;
    lintel_config known;
    if (given == nullptr || !read_config(*given, &known)) return LINTEL_ERROR_ARGUMENT;
    const lintel_config* config = &known;
    lintel::VmConfig c;
    const bool host_drives = config->driving == LINTEL_DRIVING_HOST;
    if (config->has_seed != 0) c.seed = config->seed;
    c.virtual_clock = config->virtual_clock != 0;
    const bool is_simulated = c.seed || c.virtual_clock;
    c.schedulers = host_drives               ? 0
                   : is_simulated            ? 1
                   : config->schedulers != 0 ? config->schedulers
                                             : std::max(1u, std::thread::hardware_concurrency());
    c.dirty_cpu_schedulers = is_simulated ? 0 : c.schedulers;
    c.dirty_io_schedulers = host_drives || is_simulated ? 0 : 10;
    c.process_limit = config->process_limit;
    c.atom_limit = config->atom_limit;
    auto& memory = c.limits[static_cast<size_t>(lintel::Limit::memory)];
    if (config->limits != nullptr && !lintel::read_limits(*config->limits, &c.limits)) return LINTEL_ERROR_ARGUMENT;
    if (config->max_memory != 0 && memory != 0) return LINTEL_ERROR_ARGUMENT;
    memory = std::max<uint64_t>(memory, config->max_memory);
    c.crash_dumps = config->profile == LINTEL_PROFILE_OTP;
    c.rights.bits = config->rights | LINTEL_RIGHT_CONTROL;
    std::string error;
    if (const lintel_result r = lintel::narrow_rights(config->scope, &c.rights, &error); r != LINTEL_OK) return r;
    if (config->dist_buffer_limit != 0) c.dist_buffer_bytes = config->dist_buffer_limit;
    if (config->stress != nullptr && *config->stress != 0) {
        if (!lintel::kStressBuild) return LINTEL_ERROR_UNSUPPORTED;
        if (!lintel::Stress::parse(config->stress, &c.stress)) return LINTEL_ERROR_ARGUMENT;
    }
    c.platform.context = config->context;
    c.platform.write = config->write;
    c.platform.read = config->read;
    c.platform.set_signal = config->set_signal;
    c.platform.wake = config->wake;
    c.platform.limit_reached = config->limit_reached;
    c.platform.denied = config->denied;
    c.platform.schedule = config->schedule;
    c.platform.log = config->log;
    c.platform.halted = config->halted;
    c.platform.fatal = {config->context, config->fatal};
    c.break_ignored = config->break_ignored != 0;
    c.outstanding_requests_limit = 2 * std::max(1u, c.schedulers);  // as in OTP
    if (!lintel::apply_settings({config->settings, config->setting_count}, &c)) return LINTEL_ERROR_ARGUMENT;
    if (config->snapshot != nullptr && is_gone(config->snapshot)) return LINTEL_ERROR_ARGUMENT;
    if (config->snapshot != nullptr) c.image = config->snapshot->code;
    uint32_t compiled_after = 0;
    if (!read_jit(config->jit, &compiled_after)) return LINTEL_ERROR_ARGUMENT;
    const auto listeners = lintel::read_code_listeners(config->code_symbols != nullptr ? config->code_symbols : "");
    if (!listeners) return LINTEL_ERROR_ARGUMENT;
    auto* vm = new (std::nothrow) lintel_vm;
    if (vm == nullptr) return LINTEL_ERROR_MEMORY;
    if (compiled_after != 0) {
        vm->compiler = lintel::make_native_compiler(lintel::kDefaultNativeBytes, *listeners);
        if (vm->compiler != nullptr) vm->engine.compile_with(vm->compiler.get(), compiled_after);
    }
    if (config->profile == LINTEL_PROFILE_OTP) {
        vm->vm.reset(vm->otp = new lintel::OtpVm(c, vm->engine));
    } else {
        vm->vm.reset(vm->bare = new BareVm(c, vm->engine));
    }
    if (config->snapshot != nullptr) vm->vm->otp = config->snapshot->otp;
    vm->abandon = config->abandon;
    vm->context = config->context;
    if (!vm->vm->is_complete()) {
        lintel_vm_destroy(vm);
        return LINTEL_ERROR_MEMORY;
    }
    vm->vm->path.set_finder({config->find_code, config->release_code, config->context});
    vm->otp_root = config->otp_root != nullptr ? config->otp_root : lintel::CodePath::default_otp_root();
    *out = vm;
    if (vm->otp != nullptr) return LINTEL_OK;
    if (!vm->otp_root.empty()) {
        vm->vm->path.add_otp(vm->otp_root);
    } else if (config->otp_root == nullptr) {
        lintel::add_installed_pack(vm->vm->path);
    } else {
        return LINTEL_OK;  // nothing of an installation is wanted
    }
    vm->vm->use_release();  // of another one the modules run, too, as far as they can
    const std::string elixir = lintel::CodePath::default_elixir_lib();
    if (!elixir.empty()) vm->vm->path.add_elixir(elixir);
    return LINTEL_OK;
}

void lintel_vm_destroy(lintel_vm* vm) {
    if (is_gone(vm)) return;
    if (vm->is_inside()) return lintel::tell_misuse(__func__, "from within the VM: nothing is done");
    vm->vm.reset();
    delete vm;
}

const char* lintel_error(const lintel_vm* vm) { return is_gone(vm) ? "" : vm->error().c_str(); }

lintel_result lintel_add_code_path(lintel_vm* vm, const char* directory) {
    if (is_gone(vm)) return LINTEL_ERROR_ARGUMENT;
    if (directory == nullptr) return fail(vm, LINTEL_ERROR_ARGUMENT, "no directory given");
    if (vm->bare == nullptr) return fail(vm, LINTEL_ERROR_ARGUMENT, kOtherProfile);
    if (vm->life != lintel_vm::Life::fresh) return fail(vm, LINTEL_ERROR_ARGUMENT, kRanAlready);
    vm->vm->path.add_first(directory);
    return LINTEL_OK;
}

lintel_result lintel_load_memory(lintel_vm* vm, const void* bytes, size_t count, const char* file,
                                 const char** module) {
    if (is_gone(vm)) return LINTEL_ERROR_ARGUMENT;
    if (bytes == nullptr) return fail(vm, LINTEL_ERROR_ARGUMENT, "no bytes given");
    if (vm->bare == nullptr) return fail(vm, LINTEL_ERROR_ARGUMENT, kOtherProfile);
    if (vm->life == lintel_vm::Life::ran) return fail(vm, LINTEL_ERROR_ARGUMENT, kRanAlready);
    auto result = vm->vm->load({static_cast<const uint8_t*>(bytes), count}, file == nullptr ? "(memory)" : file);
    if (!result) return load_failure(vm, result.error());
    if (module != nullptr) {
        vm->name = lintel::atom_name(result.value());
        *module = vm->name.c_str();
    }
    return LINTEL_OK;
}

lintel_result lintel_load_file(lintel_vm* vm, const char* path, const char** module) {
    if (is_gone(vm)) return LINTEL_ERROR_ARGUMENT;
    if (path == nullptr) return fail(vm, LINTEL_ERROR_ARGUMENT, "no file given");
    const lintel::FileBytes file(path);
    if (!file) return cannot_read(vm, path);
    const void* const bytes = file.bytes().empty() ? "" : static_cast<const void*>(file.bytes().data());
    return lintel_load_memory(vm, bytes, file.bytes().size(), path, module);
}

lintel_result lintel_load_module(lintel_vm* vm, const char* module) {
    if (is_gone(vm)) return LINTEL_ERROR_ARGUMENT;
    if (vm->bare == nullptr) return fail(vm, LINTEL_ERROR_ARGUMENT, kOtherProfile);
    if (module == nullptr) return fail(vm, LINTEL_ERROR_ARGUMENT, "no module given");
    if (vm->life == lintel_vm::Life::ran) return fail(vm, LINTEL_ERROR_ARGUMENT, kRanAlready);
    const Term name = vm->vm->atoms.intern(module);
    if (name.is_none()) return fail(vm, LINTEL_ERROR_ARGUMENT, "not a module name");
    std::string refused;
    switch (vm->bare->ensure_loaded(name, &refused)) {
        case LoadOutcome::loaded:
        case LoadOutcome::on_load: return LINTEL_OK;
        case LoadOutcome::refused: return fail(vm, LINTEL_ERROR_BAD_FILE, refused);
        case LoadOutcome::not_found: break;
    }
    return fail(vm, LINTEL_ERROR_NOT_FOUND, "no module " + std::string(module) + " on the code path");
}

lintel_result lintel_run(lintel_vm* vm, const char* module, const char* function, int argc, const char* const* argv,
                         int* status) {
    if (is_gone(vm)) return LINTEL_ERROR_ARGUMENT;
    if (const lintel_result r = lintel::check_fresh(vm, argc, argv); r != LINTEL_OK) return r;
    if (const lintel_result r = lintel_load_module(vm, module); r != LINTEL_OK) return r;
    if (const lintel_result r = lintel::check_modules(vm); r != LINTEL_OK) return r;
    BareVm& v = *vm->bare;
    const Term m = v.atoms.find(module);
    const auto exports = [&](Term name, uint32_t arity) {
        const lintel::LoadedModule* loaded = v.code.current(m);
        if (loaded == nullptr)
            loaded = v.code.on_load_version(m);  // its on_load function runs when something of it is called
        for (const auto& e : loaded->module->exports) {
            if (e.function == name && e.arity == arity) return true;
        }
        return false;
    };
    Term f;
    bool with_arguments = false;
    if (function != nullptr) {
        f = v.atoms.intern(function);
        if (f.is_none()) return fail(vm, LINTEL_ERROR_ARGUMENT, "not a function name");
        with_arguments = exports(f, 1);
        if (!with_arguments && !exports(f, 0)) {
            return fail(vm, LINTEL_ERROR_NOT_FOUND,
                        std::string("module ") + module + " exports neither " + function + "/1 nor " + function + "/0");
        }
    } else if (exports(lintel::am::main(), 1)) {
        f = lintel::am::main();
        with_arguments = true;
    } else if (exports(lintel::am::main(), 0)) {
        f = lintel::am::main();
    } else if (exports(lintel::am::start(), 0)) {
        f = lintel::am::start();
    } else {
        return fail(
            vm, LINTEL_ERROR_NOT_FOUND,
            std::string("module ") + module + " exports none of main/1, main/0, start/0: name a function with -f");
    }

    lintel::SpawnOptions options;
    options.module = lintel::am::lintel_boot();
    options.function = lintel::am::start();
    options.is_vital = true;
    vm->life = lintel_vm::Life::ran;
    const bool made = lintel::spawn_with(v, options, lintel::program_words(argc, argv), [&](lintel::HeapBuilder& heap) {
                          const Term rest = lintel::program_arguments(v, heap, argc, argv);
                          return heap.cons(m, heap.cons(f, heap.cons(Term::small(with_arguments ? 1 : 0), rest)));
                      }).is_value();
    if (!made) return fail(vm, LINTEL_ERROR_MEMORY, "no process can be made");
    return run_to_end(vm, status);
}

uint64_t lintel_reported_errors(const lintel_vm* vm) {
    return vm == nullptr ? 0 : vm->vm->errors_reported.load(std::memory_order_relaxed);
}

lintel_result lintel_boot(lintel_vm* vm, int argc, const char* const* argv, int* status) {
    if (is_gone(vm)) return LINTEL_ERROR_ARGUMENT;
    if (vm->otp == nullptr) return fail(vm, LINTEL_ERROR_ARGUMENT, kOtherProfile);
    if (const lintel_result r = lintel::check_fresh(vm, argc, argv); r != LINTEL_OK) return r;
    vm->life = lintel_vm::Life::ran;
    if (const lintel_result r = lintel::boot_otp(vm, argc, argv); r != LINTEL_OK) return r;
    if (vm->vm->config.platform.log != nullptr) {
        lintel::SpawnOptions options;
        options.module = lintel::am::lintel_logger();
        options.function = vm->vm->atoms.intern("attach");
        const auto none = [](lintel::HeapBuilder&) { return Term::nil(); };
        if (options.function.is_none() || lintel::spawn_with(*vm->vm, options, 0, none).is_none())
            return fail(vm, LINTEL_ERROR_MEMORY, "out of memory");
    }
    return run_to_end(vm, status);
}

lintel_result lintel_signal(lintel_vm* vm, const char* name) {
    if (is_gone(vm) || name == nullptr) return LINTEL_ERROR_ARGUMENT;
    lintel::Vm& v = *vm->vm;
    const Term signal = v.atoms.intern(name);
    const bool is_sigcont = signal == lintel::am::sigcont();
    if (is_sigcont || signal == lintel::am::sigwinch()) {
        if (is_sigcont) v.ports.host_continued();
        lintel::stdlib_state(v).terminal.signal(is_sigcont ? lintel::am::cont() : lintel::am::winch());
        if (!v.otp.has_terminal_signals()) return LINTEL_OK;
    }
    if (signal.is_none()) return LINTEL_ERROR_ARGUMENT;
    for (const char* server : {"erl_signal_server", "init"}) {
        const Term pid = v.names.find(v.atoms.intern(server));
        if (!pid.is_local_pid()) continue;
        auto* s = lintel::make_signal<lintel::Signal>(lintel::SignalKind::message, lintel::tuple_words(2));
        if (s == nullptr) return LINTEL_ERROR_MEMORY;
        {
            lintel::HeapBuilder heap(s->fragment);
            s->term = heap.tuple(v.atoms.intern("notify"), signal);
        }
        if (v.deliver(pid, s)) return LINTEL_OK;
    }
    return LINTEL_ERROR_NOT_FOUND;
}

lintel_result lintel_break(lintel_vm* vm) {
    if (is_gone(vm)) return LINTEL_ERROR_ARGUMENT;
    if (!vm->vm->interrupt(lintel::break_menu)) vm->vm->halt(0);
    return LINTEL_OK;
}

lintel_result lintel_check_file(lintel_vm* vm, const char* path, void (*line)(void*, const char*), void* context,
                                size_t* count) {
    if (is_gone(vm)) return LINTEL_ERROR_ARGUMENT;
    if (path == nullptr) return fail(vm, LINTEL_ERROR_ARGUMENT, "no file given");
    if (vm->bare == nullptr) return fail(vm, LINTEL_ERROR_ARGUMENT, kOtherProfile);
    if (line == nullptr) return fail(vm, LINTEL_ERROR_ARGUMENT, "nobody to take the lines");
    const lintel::FileBytes file(path);
    if (!file) return cannot_read(vm, path);
    const lintel::LoadContext load{vm->vm->atoms, vm->vm->literals, &vm->vm->code};
    auto module = lintel::load_module(load, file.bytes(), path);
    if (!module) return load_failure(vm, module.error());
    size_t n = 0;
    for (const std::string& gap : lintel::find_gaps(*vm->bare, *module.value())) {
        line(context, gap.c_str());
        ++n;
    }
    lintel::discard_module(load, module.take());
    if (count != nullptr) *count = n;
    return LINTEL_OK;
}

lintel_result lintel_disassemble_file(lintel_vm* vm, const char* path, const char* function,
                                      void (*line)(void*, const char*), void* context) {
    return tell_code(
        vm, path, function, line, context,
        [&](std::span<const uint8_t> bytes, std::unique_ptr<lintel::Module> module, const std::string& name) {
            std::string text = lintel::disassemble(*module, name);
            if (function == nullptr) text += lintel::chunk_list(bytes);
            return text + lintel::lowered_text(*vm->bare, std::move(module), name);
        });
}

lintel_result lintel_disassemble_machine_code(lintel_vm* vm, const char* path, const char* function,
                                              void (*line)(void*, const char*), void* context) {
    if (is_gone(vm)) return LINTEL_ERROR_ARGUMENT;
    const auto compiler = lintel::make_native_compiler();
    if (compiler == nullptr) {
        const char* why = nullptr;
        lintel_has_machine_code(&why);
        return fail(vm, LINTEL_ERROR_UNSUPPORTED, std::string("there is no machine code: ") + why);
    }
    return tell_code(vm, path, function, line, context,
                     [&](std::span<const uint8_t>, std::unique_ptr<lintel::Module> module, const std::string& name) {
                         return lintel::machine_code_text(*vm->bare, std::move(module), name, *compiler);
                     });
}

}  // extern "C"
