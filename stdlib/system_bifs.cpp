/// BIFs about the VM as a whole: what it is, how it fares, how it ends; output without an I/O server; the environment.

#include <unistd.h>

#include <cstdlib>
#include <optional>

#include "sched/process.h"
#include "sched/vm.h"
#include "stdlib/build.h"
#include "stdlib/bytes_arg.h"
#include "stdlib/crash_dump.h"
#include "stdlib/int_arg.h"
#include "stdlib/stdlib_state.h"
#include "stdlib/system_names.h"
#include "term/map.h"
#include "term/print.h"
#include "term/views.h"

namespace lintel {

namespace {

/// The BIF is not to return: the VM is halting.
Term stop_here(ExecState& p) {
    as_process(p).end_slice();
    p.pending = Pending::wait;
    return Term::none();
}

Term halt_with(ExecState& p, Term status, bool flush) {
    Vm& vm = as_process(p).machine();
    if (Tenant& tenant = as_process(p).acting_tenant(); LINTEL_UNLIKELY(!tenant.rights.has(Right::control))) {
        tenant.exit_status.store(
            status.is_small() && status.to_small() >= 0 ? static_cast<int>(status.to_small() & 0xff) : 1,
            std::memory_order_relaxed);
        tenant.end();
        // A server of the VM that has been asked for it goes on.
        return as_process(p).tenant->is_guest() ? stop_here(p) : am::true_();
    }
    if (status.is_small() && status.to_small() >= 0) {
        const int code = static_cast<int>(status.to_small() & 0xff);
        if (flush) {
            vm.halt_when_written(code);
        } else {
            vm.halt(code);
        }
    } else if (status == am::abort()) {
        vm.halt(Vm::kAborted);
    } else {
        std::string slogan;
        if (status.is_bitstring() || !text_of(status, &slogan)) return p.badarg();
        vm.abort_with(slogan, "\r\n");  // as OTP 25 does, on a terminal or not
        if (vm.config.crash_dumps) write_crash_dump(vm, &as_process(p), slogan);
        vm.halt(1);
    }
    return stop_here(p);
}

}  // namespace

/// erlang:halt/1. Fails: badarg.
Term halt_1(ExecState& p, Args a) { return halt_with(p, a[0], true); }
/// erlang:halt/2. Option {flush, Boolean}: whether ports may write what they have, however long that takes. Fails: badarg.
Term halt_2(ExecState& p, Args a) {
    Term options = a[1];
    bool flush = true;
    for (; options.is_cons(); options = options.tail()) {
        const auto pair = as_tuple(options.head(), 2);
        if (!pair || pair[0] != am::flush() || (pair[1] != am::true_() && pair[1] != am::false_()))
            return p.badarg_because(am::badopt());
        flush = pair[1] == am::true_();
    }
    if (!options.is_nil()) return p.badarg_because(am::badopt());
    return halt_with(p, a[0], flush);
}

/// erlang:display/1.
Term display_1(ExecState& p, Args a) {
    std::string text = term_text(a[0], PrintStyle::display);
    text += "\r\n";  // As OTP 25 does, on a terminal or not.
    as_process(p).machine().write(1, text);
    return am::true_();
}

/// erlang:display_string/1: to stdout; since OTP 26, to stderr.
Term display_string_1(ExecState& p, Args a) {
    std::string text;
    if (a[0].is_bitstring() || !text_of(a[0], &text)) return p.badarg();
    Vm& vm = as_process(p).machine();
    vm.write(vm.otp.number < 26 ? 1 : 2, text);
    return am::true_();
}

/// erlang:display_string/2 (OTP 26): to stdout or stderr; a binary's bytes as they are. Fails: badarg; notsup for stdin, whose terminal's
/// input OTP would write to.
Term display_string_2(ExecState& p, Args a) {
    if (a[0] == am::stdin_()) return p.error(am::notsup());
    if (a[0] != am::stdout_() && a[0] != am::stderr_()) return p.badarg();
    std::string text;
    if (const BytesArg bytes(a[1]); bytes) {
        text.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    } else if (a[1].is_bitstring() || !text_of(a[1], &text)) {
        return p.badarg();
    }
    as_process(p).machine().write(a[0] == am::stdout_() ? 1 : 2, text);
    return am::true_();
}

/// erts_internal:term_to_string/2 (OTP 26): as display/1 writes it; at most so many bytes, or all (undefined). OTP counts terms as well. Fails:
/// badarg.
Term erts_internal_term_to_string_2(ExecState& p, Args a) {
    size_t limit = kNoPrintLimit;
    if (a[1].is_small() && a[1].to_small() > 1 && a[1].to_small() < INT32_MAX) {
        limit = static_cast<size_t>(a[1].to_small());
    } else if (a[1] != am::undefined()) {
        return p.badarg();
    }
    std::string text;
    if (!print_term(a[0], text, PrintStyle::display, limit)) text += "... ";
    return may_reserve(p, list_words(text.size())) ? make_string(p, text) : p.system_limit();
}

/// erlang:node/0.
Term node_0(ExecState& p, Args) { return as_process(p).machine().node_name(); }

/// erlang:node/1: the node of a pid, port or reference. Fails: badarg.
Term node_1(ExecState& p, Args a) {
    const Term t = a[0];
    if (!t.is_pid() && !t.is_port() && !t.is_reference()) return p.badarg();
    if (t.is_kind(Kind::external_pid) || t.is_kind(Kind::external_port) || t.is_kind(Kind::external_ref)) {
        return Term(t.boxed_words()[1]);
    }
    return as_process(p).machine().node_name();
}

/// erlang:display_nl/0: a new line, to where display/1 writes.
Term display_nl_0(ExecState& p, Args) {
    as_process(p).machine().write(1, "\r\n");
    return am::true_();
}

/// erts_internal:system_check/1 (schedulers): ok, as soon as all schedulers have shown that they make progress. Fails: badarg.
Term erts_internal_system_check_1(ExecState& p, Args a) {
    if (a[0] != am::schedulers()) return p.badarg();
    Vm& vm = as_process(p).machine();
    const Term stamp = make_unsigned(p, vm.epochs.stamp());
    return p.trap(vm.code.export_entry(am::lintel_retry(), am::passed(), 1), {stamp});
}

/// lintel_retry:schedulers_passed/1: whether they have, since the stamp was taken. Fails: badarg.
Term lintel_retry_schedulers_passed_1(ExecState& p, Args a) {
    uint64_t stamp;
    if (!uint64_of(a[0], &stamp)) return p.badarg();
    return boolean(as_process(p).machine().epochs.safe_before() > stamp);
}

/// erlang:pre_loaded/0.
Term pre_loaded_0(ExecState&, Args) { return Term::nil(); }

// Tags of dynamic tracing (DTrace, SystemTap), in the form of an emulator without it: OTP's modules for files call these.

/// erlang:dt_append_vm_tag_data/1, dt_prepend_vm_tag_data/1: the argument.
Term dt_append_vm_tag_data_1(ExecState&, Args a) { return a[0]; }
Term dt_prepend_vm_tag_data_1(ExecState&, Args a) { return a[0]; }
/// erlang:dt_get_tag/0, dt_get_tag_data/0, dt_put_tag/1: undefined.
Term dt_get_tag_0(ExecState&, Args) { return am::undefined(); }
Term dt_get_tag_data_0(ExecState&, Args) { return am::undefined(); }
Term dt_put_tag_1(ExecState&, Args) { return am::undefined(); }
/// erlang:dt_restore_tag/1, dt_spread_tag/1: true. Fail: badarg.
Term dt_restore_tag_1(ExecState& p, Args a) { return a[0] == am::true_() ? am::true_() : p.badarg(); }
Term dt_spread_tag_1(ExecState& p, Args a) {
    return a[0] == am::true_() || a[0] == am::false_() ? am::true_() : p.badarg();
}

/// os:getpid/0. A VM with a seed is the first program of a machine of its own.
Term os_getpid_0(ExecState& p, Args) {
    return make_string(p, std::to_string(as_process(p).machine().config.seed ? 1 : getpid()));
}

/// Tenants that may not see the environment see none.
static bool hides_environment(ExecState& p, std::string_view name) {
    Process& process = as_process(p);
    return process.acting_tenant().is_guest() && !may(process, Right::environment, name);
}

/// os:env/0: [{Name, Value}].
Term os_env_0(ExecState& p, Args) {
    ListMaker list(p);
    if (hides_environment(p, "")) return list.list();
    for (const auto& [name, value] : stdlib_state(p).environment.all()) {
        const Term key = name_list(p, name);
        list.add_pair(key, name_list(p, value));
    }
    return list.list();
}

namespace {

/// Name of an environment variable; false if `t` cannot be one.
bool variable_name(const ExecState& p, Term t, std::string* out) {
    return deep_text_of(t, out, name_encoding(p)) && out->find('\0') == std::string::npos &&
           out->find('=') == std::string::npos;
}

}  // namespace

/// os:getenv/1: a string, or false. Fails: badarg.
Term os_getenv_1(ExecState& p, Args a) {
    std::string name;
    if (!variable_name(p, a[0], &name)) return p.badarg();
    if (hides_environment(p, name)) return am::false_();
    const auto value = stdlib_state(p).environment.get(name);
    if (!value) may(as_process(p), Right::environment, name);
    return value ? name_list(p, *value) : am::false_();
}

/// os:putenv/2: true. Fails: badarg.
Term os_putenv_2(ExecState& p, Args a) {
    std::string name, value;
    if (!variable_name(p, a[0], &name) || !deep_text_of(a[1], &value, name_encoding(p)) ||
        value.find('\0') != std::string::npos)
        return p.badarg();
    if (hides_environment(p, name)) return p.error(am::eperm());
    stdlib_state(p).environment.set(name, value);
    return am::true_();
}

/// os:unsetenv/1: true. Fails: badarg.
Term os_unsetenv_1(ExecState& p, Args a) {
    std::string name;
    if (!variable_name(p, a[0], &name)) return p.badarg();
    if (hides_environment(p, name)) return p.error(am::eperm());
    stdlib_state(p).environment.set(name, std::nullopt);
    return am::true_();
}

/// os:set_signal/2: default, ignore or handle; then {notify, Signal} comes to erl_signal_server. Fails: badarg; notsup if signals are the host
/// program's own matter.
Term os_set_signal_2(ExecState& p, Args a) {
    static constexpr std::string_view kSignals[] = {"sighup",  "sigquit", "sigabrt", "sigalrm", "sigterm",
                                                    "sigusr1", "sigusr2", "sigchld", "sigstop", "sigtstp"};
    lintel_signal_action action;
    if (a[1] == am::default_()) {
        action = LINTEL_SIGNAL_DEFAULT;
    } else if (a[1] == am::ignore()) {
        action = LINTEL_SIGNAL_IGNORE;
    } else if (a[1] == am::handle()) {
        action = LINTEL_SIGNAL_HANDLE;
    } else {
        return p.badarg_because(am::badopt());
    }
    if (!a[0].is_atom()) return p.badarg();
    const std::string name(atom_name(a[0]));
    const Vm& vm = as_process(p).machine();
    const bool is_of_terminal = vm.otp.has_terminal_signals() && (a[0] == am::sigcont() || a[0] == am::sigwinch());
    if (!is_of_terminal && std::find(std::begin(kSignals), std::end(kSignals), name) == std::end(kSignals))
        return p.badarg();
    const VmPlatform& platform = vm.config.platform;
    if (platform.set_signal == nullptr) return p.error(am::notsup());
    return platform.set_signal(platform.context, name.c_str(), action) == 0 ? am::ok() : p.badarg();
}

/// io:printable_range/0.
Term io_printable_range_0(ExecState& p, Args) { return as_process(p).machine().config.printable_range; }
/// file:native_name_encoding/0.
Term file_native_name_encoding_0(ExecState& p, Args) { return as_process(p).machine().config.names.encoding; }
/// error_logger:warning_map/0.
Term error_logger_warning_map_0(ExecState& p, Args) { return as_process(p).machine().config.warning_map; }

}  // namespace lintel
