#include <cstring>
#include <memory>
#include <mutex>

#include "sched/process.h"
#include "sched/vm.h"
#include "stdlib/build.h"
#include "stdlib/stdlib_state.h"
#include "stdlib/text_arg.h"
#include "term/views.h"

/// What the library's own Erlang modules (stdlib/erl) need of the VM, and natives that stand in for parts of OTP which the bare
/// profile does not start (the code server).

namespace lintel {

namespace {

/// true, or what the system says is wrong, as a string.
Term write_bytes(ExecState& state, int stream, Term t) {
    Process& p = as_process(state);
    const BitsView bytes = as_binary(t);
    if (!bytes || !bytes.is_aligned()) return p.badarg();
    p.charge(bytes.byte_size() / 64);
    const int error = p.machine().write(stream, {reinterpret_cast<const char*>(bytes.bytes()), bytes.byte_size()});
    return error == 0 ? am::true_() : make_string(p, std::strerror(error));
}

}  // namespace

/// lintel_io:write/1: a binary to stdout: true, or a string that tells why not.
Term lintel_io_write_1(ExecState& p, Args a) { return write_bytes(p, 1, a[0]); }

/// lintel_io:write_error/1: a binary to stderr, likewise.
Term lintel_io_write_error_1(ExecState& p, Args a) { return write_bytes(p, 2, a[0]); }

/// lintel_io:may_read/0: whether who has sent the last message may read stdin: what the host gives the VM to read is for all of the VM's own.
Term lintel_io_may_read_0(ExecState& state, Args) {
    Process& p = as_process(state);
    const bool is_given = p.machine().config.platform.read != nullptr && !p.acting_tenant().is_guest();
    return is_given || may(p, Right::input) ? am::true_() : am::false_();
}

/// lintel_io:read/1: asks for the next bytes of stdin, which come as a message {Ref, Bytes | eof}.
Term lintel_io_read_1(ExecState& state, Args a) {
    Process& p = as_process(state);
    if (!a[0].is_kind(Kind::ref)) return p.badarg();
    if (lintel_io_may_read_0(state, a) != am::true_()) return p.error(am::eperm());
    const Word* ref = a[0].boxed_words();
    stdlib_state(p).input.read(p.self, ref[1], ref[2]);
    return am::ok();
}

/// lintel_code:autoload/1: loads Module from the code path unless it is loaded: loaded, on_load (its on_load function is to be run),
/// nofile or badfile. Fails: badarg if not an atom.
Term lintel_code_autoload_1(ExecState& state, Args a) {
    if (!a[0].is_atom()) return state.badarg();
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
    const std::string* const path = p.vm->code.current_path(a[0]);
    return path == nullptr ? am::false_() : make_string(p, *path);
}

namespace {

Term call_code_server(ExecState& p, Term function, Term argument) {
    return p.trap(p.vm->code.export_entry(am::lintel_code(), function, 1), {argument});
}

}  // namespace

/// code:ensure_loaded/1 of the bare profile. What is loaded, as a gen_server's callback module is, needs no dirty thread.
Term code_ensure_loaded_1(ExecState& p, Args a) {
    if (!a[0].is_atom()) return p.error(am::function_clause());
    if (p.vm->code.current(a[0]) != nullptr) return make_tuple2(p, am::module(), a[0]);
    return call_code_server(p, am::load(), a[0]);
}

/// lintel_code:load/1: code:ensure_loaded/1 of what is not loaded. What has no on_load function is loaded by the caller itself. Fails: badarg if not an atom.
Term lintel_code_load_1(ExecState& state, Args a) {
    if (!a[0].is_atom()) return state.badarg();
    Process& p = as_process(state);
    Vm& vm = p.machine();
    switch (vm.autoload != nullptr ? vm.autoload(vm, a[0]) : LoadOutcome::not_found) {
        case LoadOutcome::loaded: return make_tuple2(p, am::module(), a[0]);
        case LoadOutcome::on_load: return call_code_server(p, am::ensure_loaded(), a[0]);
        case LoadOutcome::not_found: return make_tuple2(p, am::error(), am::nofile());
        case LoadOutcome::refused: return make_tuple2(p, am::error(), am::badfile());
    }
    LINTEL_UNREACHABLE();
}

/// code:ensure_modules_loaded/1, code:which/1: OTP's look for files.
Term code_ensure_modules_loaded_1(ExecState& p, Args a) {
    return call_code_server(p, am::ensure_modules_loaded(), a[0]);
}
Term code_which_1(ExecState& p, Args a) { return call_code_server(p, am::which(), a[0]); }

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

constexpr int64_t kDefaultSeverity = 5;  // notice
constexpr int kErrorSeverity = 3;        // error
constexpr int64_t kOwnLevel = 16;  // what logger_config adds to a level that is the module's own, not the primary one

}  // namespace

/// logger_config:allow/2: whether events of Level of Module are logged. The levels are where OTP's logger_config keeps them once
/// the logger runs; until then events from notice up are allowed, and the first of them starts it (lintel_services:logger/0).
Term logger_config_allow_2(ExecState& p, Args a) {
    const PersistentTerms& terms = stdlib_state(p).persistent_terms;
    auto heap = p.reserve(2 * tuple_words(2));
    Term set = terms.get(heap.tuple(am::logger_config(), a[1]));
    if (set.is_none() || !set.is_small()) {
        set = terms.get(heap.tuple(am::logger_config(), am::primary_config()));
    }
    int64_t most = set.is_value() && set.is_small() ? set.to_small() : kDefaultSeverity;
    if (most >= kOwnLevel - 1) most -= kOwnLevel;  // the lowest level, none, is -1
    if (severity(a[0]) > most) return am::false_();
    if (severity(a[0]) <= kErrorSeverity)
        as_process(p).machine().errors_reported.fetch_add(1, std::memory_order_relaxed);
    // logger:log_allowed/4, which is called next, looks for the logger's table before it calls anything that could start the logger.
    if (terms.get(am::lintel_services()).is_value()) return am::true_();
    return p.trap(p.vm->code.export_entry(am::lintel_services(), am::logger(), 0), {});
}

/// application_controller:get_env/2. As long as no application controller runs, no application has a parameter.
Term application_controller_get_env_2(ExecState& p, Args a) {
    if (as_process(p).machine().names.find(am::application_controller()).is_none()) return am::undefined();
    return p.trap(p.vm->code.export_entry(am::lintel_services(), am::get_env(), 2), {a[0], a[1]});
}

/// code:where_is_file/1: the full path of a file on the code path, or non_existing. Fails: function_clause.
Term code_where_is_file_1(ExecState& state, Args a) {
    Process& p = as_process(state);
    std::string name;
    if (a[0].is_bitstring() || !text_of(a[0], &name)) return p.error(am::function_clause());
    Vm& vm = p.machine();
    const std::string path = vm.find_code_file != nullptr ? vm.find_code_file(vm, name) : std::string();
    return path.empty() ? am::non_existing() : make_string(p, path);
}

}  // namespace lintel
