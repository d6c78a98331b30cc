#include <cstring>
#include <memory>
#include <mutex>

#include "sched/process.h"
#include "sched/vm.h"
#include "stdlib/build.h"
#include "stdlib/stdlib_state.h"
#include "term/views.h"

/// What the library's own Erlang modules (stdlib/erl) need of the VM, and natives that stand in for parts of OTP which the bare
/// profile does not start (the code server).

namespace lintel {

/// lintel_io:write/1: a binary to stdout. False if stdout is closed.
Term lintel_io_write_1(ExecState& state, Args a) {
    Process& p = as_process(state);
    const BitsView bytes = as_binary(a[0]);
    if (!bytes || !bytes.is_aligned()) return p.badarg();
    p.machine().write(1, {reinterpret_cast<const char*>(bytes.bytes()), bytes.byte_size()});
    p.charge(bytes.byte_size() / 64);
    return am::true_();
}

/// lintel_io:write_error/1: a binary to stderr.
Term lintel_io_write_error_1(ExecState& state, Args a) {
    Process& p = as_process(state);
    const BitsView bytes = as_binary(a[0]);
    if (!bytes || !bytes.is_aligned()) return p.badarg();
    p.machine().write(2, {reinterpret_cast<const char*>(bytes.bytes()), bytes.byte_size()});
    p.charge(bytes.byte_size() / 64);
    return am::true_();
}

/// lintel_io:read/1: asks for the next bytes of stdin, which come as a message {Ref, Bytes | eof}.
Term lintel_io_read_1(ExecState& state, Args a) {
    Process& p = as_process(state);
    if (!a[0].is_kind(Kind::ref)) return p.badarg();
    const Word* ref = a[0].boxed_words();
    stdlib_state(p).input.read(p.self, ref[1], ref[2]);
    return am::ok();
}

/// lintel_code:autoload/1: loads Module from the code path unless it is loaded: loaded, on_load (its on_load function is to be run),
/// nofile or badfile.
Term lintel_code_autoload_1(ExecState& state, Args a) {
    Vm& vm = as_process(state).machine();
    switch (vm.autoload != nullptr ? vm.autoload(vm, a[0]) : LoadOutcome::not_found) {
        case LoadOutcome::loaded: return am::loaded();
        case LoadOutcome::on_load: return am::on_load();
        case LoadOutcome::not_found: return am::nofile();
        case LoadOutcome::refused: return am::badfile();
    }
    LINTEL_UNREACHABLE();
}

/// lintel_code:collect_literals/0: from now on the caller is the process that collects literal areas (erts_literal_area_collector).
Term lintel_code_collect_literals_0(ExecState& p, Args) {
    stdlib_state(p).literal_collector.set_process(p.self);
    return am::true_();
}

/// lintel_code:loaded_file/1: where the current version of Module came from, a string; false if there is none.
Term lintel_code_loaded_file_1(ExecState& p, Args a) {
    const LoadedModule* loaded = p.vm->code.current(a[0]);
    return loaded == nullptr ? am::false_() : make_string(p, loaded->module->path);
}

namespace {

Term ask_code_server(ExecState& p, Term function, Term argument) {
    return p.trap(p.vm->code.export_entry(am::lintel_code(), function, 1), {argument});
}

}  // namespace

/// code:ensure_loaded/1 of the bare profile. What has no on_load function is loaded by the caller itself.
Term code_ensure_loaded_1(ExecState& state, Args a) {
    Process& p = as_process(state);
    if (!a[0].is_atom()) return p.error(am::function_clause());
    Vm& vm = p.machine();
    switch (vm.autoload != nullptr ? vm.autoload(vm, a[0]) : LoadOutcome::not_found) {
        case LoadOutcome::loaded: return make_tuple2(p, am::module(), a[0]);
        case LoadOutcome::on_load: return ask_code_server(p, am::ensure_loaded(), a[0]);
        case LoadOutcome::not_found: return make_tuple2(p, am::error(), am::nofile());
        case LoadOutcome::refused: return make_tuple2(p, am::error(), am::badfile());
    }
    LINTEL_UNREACHABLE();
}

/// code:ensure_modules_loaded/1, code:which/1: OTP's look for files.
Term code_ensure_modules_loaded_1(ExecState& p, Args a) { return ask_code_server(p, am::ensure_modules_loaded(), a[0]); }
Term code_which_1(ExecState& p, Args a) { return ask_code_server(p, am::which(), a[0]); }

namespace {

/// What logger_config:level_to_int/1 has for the level of an event.
int severity(Term level) {
    switch (atom_id(level)) {
        case AtomId::emergency: return 0;
        case AtomId::alert: return 1;
        case AtomId::critical: return 2;
        case AtomId::error: return 3;
        case AtomId::warning: return 4;
        case AtomId::notice: return 5;
        case AtomId::info: return 6;
        default: return 7;
    }
}

constexpr int kDefaultSeverity = 5;  // notice

}  // namespace

/// logger_config:allow/2: whether events of Level are logged: up to the primary level, which lintel_logger keeps as a
/// persistent term under its name once logger:set_primary_config/2 has set it.
Term logger_config_allow_2(ExecState& p, Args a) {
    const Term set = stdlib_state(p).persistent_terms.get(am::lintel_logger());
    const int64_t most = set.is_value() && set.is_small() ? set.to_small() : kDefaultSeverity;
    return severity(a[0]) <= most ? am::true_() : am::false_();
}

/// logger:set_primary_config/2 of the bare profile: only the level can be set.
Term logger_set_primary_config_2(ExecState& p, Args a) {
    return p.trap(p.vm->code.export_entry(am::lintel_logger(), am::set_primary_config(), 2), {a[0], a[1]});
}

/// logger:log_allowed/4: prints the event.
Term logger_log_allowed_4(ExecState& p, Args a) {
    return p.trap(p.vm->code.export_entry(am::lintel_logger(), am::log_allowed(), 4), {a[0], a[1], a[2], a[3]});
}

/// application_controller:get_env/2: no application is loaded, so none has a parameter.
Term application_controller_get_env_2(ExecState&, Args) { return am::undefined(); }

}  // namespace lintel
