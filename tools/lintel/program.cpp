#include "lintel/program.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>

#include "lintel/end.h"
#include "lintel/jit_options.h"
#include "lintel/names.h"
#include "lintel/otp_root.h"
#include "lintel/pack.h"
#include "lintel/signals.h"

int fail(const std::string& text) {
    std::fprintf(stderr, "lintel: %s\n", text.c_str());
    return kExitUsage;
}

int fail(const std::string& text, lintel_result result) {
    fail(text);
    return result == LINTEL_ERROR_MEMORY || result == LINTEL_ERROR_SYSTEM ? kExitFailure : kExitUsage;
}

int Vm::create(const lintel_config& config) {
    lintel_config with_jit = config;
    if (const std::string wrong = apply_jit_environment(&with_jit); !wrong.empty()) return fail(wrong);
    const lintel_result result = lintel_vm_create(&with_jit, &vm);
    if (result == LINTEL_OK) return 0;
    if (config.stress != nullptr && *config.stress != 0) {
        if (result == LINTEL_ERROR_UNSUPPORTED) return fail("LINTEL_STRESS is for debug builds");
        if (result == LINTEL_ERROR_ARGUMENT)
            return fail("LINTEL_STRESS: no such switches: " + std::string(config.stress));
    }
    const lintel_scope* const scope = config.scope;
    if (scope != nullptr && scope->network != nullptr && result == LINTEL_ERROR_ARGUMENT)
        return fail(std::string("--network ") + scope->network + ": no rules of addresses");
    if (scope != nullptr && scope->file_root != nullptr && result == LINTEL_ERROR_SYSTEM)
        return fail(std::string("--file-root ") + scope->file_root + ": cannot be opened", result);
    return fail(std::string("no VM can be made: ") + lintel_result_text(result), result);
}

std::string directory_of(const std::string& path) {
    const size_t slash = path.rfind('/');
    return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

lintel_config config_of(const RunOptions& options) {
    lintel_config config;
    lintel_config_init(&config, sizeof config);
    config.schedulers = options.schedulers;
    if (options.max_processes != 0) config.process_limit = options.max_processes;
    config.max_memory = options.max_memory;
    config.stress = std::getenv("LINTEL_STRESS");
    if (!options.jit.empty()) config.jit = options.jit.c_str();
    if (!options.code_symbols.empty()) config.code_symbols = options.code_symbols.c_str();
    config.abandon = end_at_once;
    if (!options.otp.empty()) config.otp_root = options.otp.c_str();
    config.has_seed = options.seed ? 1 : 0;
    config.seed = options.seed.value_or(0);
    config.virtual_clock = options.virtual_clock ? 1 : 0;
    options.confinement.apply(&config);
    return config;
}

namespace {

bool ends_with(const std::string& text, std::string_view end) {
    return text.size() > end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

/// What else to say of a file that cannot be loaded.
std::string advice(const std::string& file) {
    if (ends_with(file, ".erl")) return ": compile it with erlc, then run the .beam file";
    if (ends_with(file, ".ex") || ends_with(file, ".exs")) return ": compile it with elixirc, then run the .beam file";
    return access((file + ".beam").c_str(), R_OK) == 0 ? ": run " + file + ".beam" : "";
}

/// Whether a file begins as packs do, so that it is none of BEAM code.
bool is_pack(const std::string& file) {
    char bytes[sizeof LINTEL_PACK_MAGIC - 1];
    FILE* const opened = std::fopen(file.c_str(), "rb");
    if (opened == nullptr) return false;
    const bool is_read = std::fread(bytes, 1, sizeof bytes, opened) == sizeof bytes;
    std::fclose(opened);
    return is_read && std::memcmp(bytes, LINTEL_PACK_MAGIC, sizeof bytes) == 0;
}

lintel_result add_pack_to(lintel_vm* vm, const RunOptions& options, lintel_pack_info* info) {
    info->size = sizeof *info;
    return options.is_own_pack ? lintel_add_own_pack(vm, info) : lintel_add_pack(vm, options.target.c_str(), info);
}

/// lintel_config::limit_reached: who looks at the status should know.
lintel_reaction tell_limit(void*, lintel_tenant*, lintel_limit limit, const ErlNifPid*) {
    if (limit == LINTEL_LIMIT_TIME) fail(kTimeIsOver);
    return LINTEL_REACTION_USUAL;
}

/// Takes the lines of the schedule's record.
void write_line(void* file, const char* line, size_t length) {
    auto* const to = static_cast<FILE*>(file);
    flockfile(to);  // threads that read for the program tell what they have
    std::fwrite(line, 1, length, to);
    std::fputc('\n', to);
    funlockfile(to);
}

}  // namespace

/// An OTP is looked at only if the pack is not complete, or one was named.
int Program::add_pack(lintel_config config, const RunOptions& options) {
    for (const bool is_with_otp : {!options.otp.empty(), true}) {
        if (!is_with_otp) config.otp_root = "";
        if (is_with_otp && options.otp.empty()) config.otp_root = nullptr;
        lintel_vm_destroy(std::exchange(vm_.vm, nullptr));
        if (const int status = vm_.create(config); status != 0) return status;
        const std::string wrong = trust_pack_keys(vm_.vm, options.trusted);
        if (!wrong.empty()) return fail("--trust " + wrong + ": no key");
        if (options.needs_signature) lintel_require_signed_packs(vm_.vm);
        lintel_pack_info info{};
        if (const auto r = add_pack_to(vm_.vm, options, &info); r != LINTEL_OK) return fail(vm_.error(), r);
        if (module_.empty() && info.module != nullptr) {
            module_ = info.module;
            if (function_.empty() && info.function != nullptr) function_ = info.function;
        }
        if (info.complete != 0 || is_with_otp) return 0;
    }
    return 0;
}

/// A file, or a directory.
int Program::add_target(const RunOptions& options) {
    if (is_directory(options.target)) {
        if (module_.empty()) return fail(options.target + " is a directory: say with -m which module to run");
        lintel_add_code_path(vm_.vm, options.target.c_str());
        return 0;
    }
    lintel_add_code_path(vm_.vm, directory_of(options.target).c_str());
    const char* name = nullptr;
    if (const auto r = lintel_load_file(vm_.vm, options.target.c_str(), &name); r != LINTEL_OK)
        return fail(vm_.error() + advice(options.target), r);
    if (module_.empty()) module_ = name;
    return 0;
}

int Program::load(const lintel_config& config, const RunOptions& options) {
    module_ = module_name(options.module);
    function_ = options.function;
    const bool is_packed = options.is_own_pack || is_pack(options.target);
    if (const int made = is_packed ? add_pack(config, options) : vm_.create(config); made != 0) return made;
    for (const std::string& path : options.paths) {
        if (!is_directory(path)) return fail("-pa " + path + ": not a directory");
        lintel_add_code_path(vm_.vm, path.c_str());
    }
    if (is_packed) {
        if (module_.empty()) return fail(options.target + " names no module to run: say with -m which");
    } else if (!options.target.empty()) {
        if (const int added = add_target(options); added != 0) return added;
    }
    return module_.empty() ? fail("nothing to run: name a .beam file, or a module with -m") : 0;
}

int Program::run(const RunOptions& options, int* status) {
    std::vector<const char*> argv;
    for (const std::string& argument : options.arguments) argv.push_back(argument.c_str());
    const lintel_result result = lintel_run(vm_.vm, module_.c_str(), function_.empty() ? nullptr : function_.c_str(),
                                            static_cast<int>(argv.size()), argv.data(), status);
    return result == LINTEL_OK ? 0 : fail(vm_.error(), result);
}

int run(const RunOptions& options) {
    if (!options.otp.empty() && !is_directory(options.otp + "/lib")) {
        return fail("--otp " + options.otp + ": no OTP installation (it has no folder lib)");
    }
    Signals signals(Signals::Interrupt::by_default);
    if (const int error = signals.error(); error != 0) {
        return fail(std::string("no thread can be made: ") + std::strerror(error), LINTEL_ERROR_SYSTEM);
    }
    lintel_config config = config_of(options);
    config.set_signal = Signals::set;
    config.limit_reached = tell_limit;
    const auto close = [](FILE* file) { return file == nullptr ? 0 : std::fclose(file); };
    std::unique_ptr<FILE, int (*)(FILE*)> record(nullptr, close);
    if (!options.schedule.empty()) {
        record.reset(std::fopen(options.schedule.c_str(), "we"));
        if (record == nullptr) return fail("--trace " + options.schedule + ": " + std::strerror(errno));
        config.schedule = write_line;
        config.context = record.get();
    }
    int status = 0;
    {
        Program program;
        if (const int wrong = program.load(config, options); wrong != 0) return wrong;
        signals.set_vm(program.vm());
        const int wrong = program.run(options, &status);
        signals.set_vm(nullptr);
        if (wrong != 0) return wrong;
    }
    if (record != nullptr && (std::ferror(record.get()) != 0 || std::fclose(record.release()) != 0)) {
        fail("--trace " + options.schedule + ": " + std::strerror(errno));
        return kExitFailure;
    }
    return status;
}
