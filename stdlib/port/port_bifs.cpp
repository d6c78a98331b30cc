/// BIFs on ports. What OTP answers by a message to the caller is answered at once here: erlang.erl takes either.

#include "gc/copy.h"
#include "loader/etf.h"
#include "sched/exit_signals.h"
#include "sched/remote.h"
#include "sched/vm.h"
#include "stdlib/build.h"
#include "stdlib/driver/driver_port.h"
#include "stdlib/inet/tcp_driver.h"
#include "stdlib/inet/udp_driver.h"
#include "stdlib/port/ram_file_driver.h"
#include "stdlib/port/stream_driver.h"
#include "stdlib/port/trace_file_driver.h"
#include "stdlib/port/trace_ip_driver.h"
#include "stdlib/posix_error.h"
#include "stdlib/stdlib_state.h"
#include "stdlib/system_names.h"
#include "stdlib/terminal/terminal_driver.h"
#include "vm/iolist.h"

namespace lintel {

namespace {

/// The port of a port identifier or a registered name; nullptr: there is none.
std::shared_ptr<Port> port_of(ExecState& p, Term t) {
    Vm& vm = as_process(p).machine();
    if (t.is_atom()) t = vm.names.find(t);
    const auto port = t.is_value() && t.is_local_port() ? vm.ports.find(t) : nullptr;
    // Of another tenant: as if there were none.
    return port == nullptr || may_end(as_process(p), *port) ? port : nullptr;
}

/// A port, locked, if it is open.
class OpenPort {
public:
    OpenPort(ExecState& p, Term t) : port_(port_of(p, t)) {
        if (port_ != nullptr) lock_ = std::unique_lock(port_->mutex);
    }
    explicit operator bool() const { return port_ != nullptr && port_->state == Port::State::open; }
    Port* operator->() const { return port_.get(); }
    Port& operator*() const { return *port_; }

private:
    std::shared_ptr<Port> port_;  // goes after the lock
    std::unique_lock<std::mutex> lock_;
};

/// Text without NUL, of a list of characters, a binary or an atom.
bool file_text(Term t, TextEncoding encoding, std::string* out) {
    if (t.is_atom()) {
        *out = atom_name(t);
        return !out->empty() && out->find('\0') == std::string::npos;
    }
    return text_of(t, out, encoding) && !out->empty() && out->find('\0') == std::string::npos;
}

/// The driver that `text` names and may have more to tell; nullptr: there is none of that name. *needs_ports: the right to ports.
std::unique_ptr<PortDriver> driver_named(ExecState& p, const std::string& text, PortOptions& options,
                                         bool* needs_ports) {
    const std::string_view name = std::string_view(text).substr(0, text.find(' '));
    *needs_ports = name == TerminalDriver::kName || name == TraceFileDriver::kName || name == TraceIpDriver::kName;
    if (name == TerminalDriver::kName) return std::make_unique<TerminalDriver>(std::move(options), text);
    if (name == TraceFileDriver::kName) return std::make_unique<TraceFileDriver>(text);
    if (name == TraceIpDriver::kName) return std::make_unique<TraceIpDriver>(text);
    if (name == RamFileDriver::kName) return std::make_unique<RamFileDriver>(text, options.binary);
    if (name == "tcp_inet") return std::make_unique<inet::TcpDriver>();
    if (name == "udp_inet") return std::make_unique<inet::UdpDriver>();
    DriverPin loaded = stdlib_state(p).drivers->pin_for_port(std::string(name));
    return loaded ? std::make_unique<DriverPort>(std::move(loaded), text, options) : nullptr;
}

}  // namespace

/// erts_internal:open_port/2: the port, or an atom: badarg, badopt, system_limit, or the name of the system's error; or a reference with which the one or
/// the other comes as a message.
Term erts_internal_open_port_2(ExecState& state, Args a) {
    Process& p = as_process(state);
    PortOptions options;
    bool needs_ports = true;  // the right to
    const auto pair = as_tuple(a[0], 2);
    options.encoding = name_encoding(p);
    if (!options.parse(a[1])) return am::badopt();
    std::unique_ptr<PortDriver> driver;
    std::string text;
    if (const auto three = as_tuple(a[0], 3); three && three[0] == am::fd()) {
        if (!three[1].is_small() || !three[2].is_small()) return am::badarg();
        if (three[1].to_small() < 0 || three[2].to_small() < 0) return posix_atom(state.vm->atoms, EINVAL);
        driver = std::make_unique<FdDriver>(std::move(options), static_cast<int>(three[1].to_small()),
                                            static_cast<int>(three[2].to_small()));
    } else if (!pair) {
        if (!(a[0].is_atom() || a[0].is_cons()) || options.has_arguments || options.name || options.exit_status)
            return am::badarg();
        if (!file_text(a[0], options.encoding, &text))
            return a[0].is_atom() ? posix_atom(state.vm->atoms, EINVAL) : am::badarg();
        driver = std::make_unique<FileDriver>(std::move(options), text);
    } else if (!file_text(pair[1], options.encoding, &text)) {
        return am::badarg();
    } else if (const bool is_program = pair[0] == am::spawn(); is_program || pair[0] == am::spawn_driver()) {
        if (options.has_arguments || options.name) return am::badarg();
        const bool wants_status = options.exit_status, has_busy_limits = options.has_busy_limits;
        driver = driver_named(state, text, options, &needs_ports);
        if (driver != nullptr) {
            if (wants_status || has_busy_limits) return am::badarg();
        } else {
            if (!is_program) return am::badarg();
            driver = std::make_unique<ProgramDriver>(std::move(options), text, text, true);
            needs_ports = true;
        }
    } else if (pair[0] == am::spawn_executable()) {
        driver = std::make_unique<ProgramDriver>(std::move(options), text, text, false);
    } else {
        return am::badarg();
    }
    if (needs_ports && !may(p, Right::programs)) return posix_atom(state.vm->atoms, EPERM);
    int error = 0;
    const std::shared_ptr<Port> port = p.machine().ports.open(p, std::move(driver), &error);
    if (port == nullptr) {
        if (error == PortDriver::kBadArgument) return am::badarg();
        return error == 0 ? am::system_limit() : posix_atom(state.vm->atoms, error);
    }
    const Word told_by = port->driver().start_reference();
    return told_by == 0 ? port->self : p.reserve(kRefWords).ref(told_by, 0);
}

/// erts_internal:port_close/1: true or badarg. The port's exit signal has been received when it returns.
Term erts_internal_port_close_1(ExecState& state, Args a) {
    {
        const OpenPort port(state, a[0]);
        if (!port) return am::badarg();
        const Port::Running running(*port, am::close());
        port->trace_received(as_process(state).self, am::close());
        port->close(false);
    }
    Process& p = as_process(state);
    p.fetch_signals(false);
    if (!p.exiting) return am::true_();
    p.pending = Pending::exited;
    return Term::none();
}

/// erts_internal:port_command/3: true; false: busy, and nosuspend was given; badarg. Waits while the port is busy.
Term erts_internal_port_command_3(ExecState& state, Args a) {
    Process& p = as_process(state);
    bool no_suspend = false, force = false;
    for (Term list = a[2]; !list.is_nil(); list = list.tail()) {
        if (!list.is_cons()) return am::badarg();
        if (list.head() == am::nosuspend()) {
            no_suspend = true;
        } else if (list.head() == am::force()) {
            force = true;
        } else {
            return am::badarg();
        }
    }
    if (p.has_request()) p.cancel_request();
    const OpenPort port(state, a[0]);
    if (!port) return am::badarg();
    if (force && !port->driver().can_be_forced()) return am::notsup();
    if (port->is_busy && !force) {
        if (no_suspend) return am::false_();
        port->await_not_busy(p);
        return Term::none();
    }
    return port->command(p, a[1]) ? am::true_() : am::badarg();
}

/// erts_internal:port_connect/2: true or badarg. Who becomes the owner is linked to the port; who was stays so.
Term erts_internal_port_connect_2(ExecState& state, Args a) {
    Process& p = as_process(state);
    const OpenPort port(state, a[0]);
    if (!port || !a[1].is_local_pid() || p.machine().processes.find(a[1]) == nullptr) return am::badarg();
    const Port::Running running(*port, am::connect());
    port->owner = a[1];
    if (a[1] == p.self) {
        port->link(p);
    } else {
        port->send_link(a[1]);
    }
    port->trace_received(p.self, am::connect(), a[1]);
    if (LINTEL_UNLIKELY(port->tracee.is_on(kTraceSend))) {
        // Told as in OTP, though no message is sent.
        port->trace_sent(p.self, make_tuple2(p, port->self, am::connected()));
    }
    return am::true_();
}

/// erts_internal:port_control/3: the answer, a list or a binary as the port has it; badarg.
Term erts_internal_port_control_3(ExecState& state, Args a) {
    Process& p = as_process(state);
    std::string bytes, answer;
    bool is_binary = false;
    if (!a[1].is_small() || a[1].to_small() < 0 || a[1].to_small() > UINT32_MAX || !append_iolist(a[2], &bytes))
        return am::badarg();
    {
        const OpenPort port(state, a[0]);
        if (!port) return am::badarg();
        p.charge(10);
        const Port::Running running(*port, am::control());
        port->trace_received(p.self, am::control(), bytes, static_cast<uint32_t>(a[1].to_small()));
        if (!port->driver().control(*port, p.self, static_cast<uint32_t>(a[1].to_small()), bytes, &answer))
            return am::badarg();
        port->trace_answered(p.self, am::control(), answer);
        is_binary = port->driver().answers_binaries();
    }
    if (is_binary) return make_binary(p, answer);
    auto heap = p.reserve(list_words(answer.size()));
    return heap.byte_list(answer);
}

namespace {

std::string encoded(Process& p, Term t) {
    std::string bytes;
    encode_etf(p.machine().etf_context(), t, {}, bytes);
    return bytes;
}

}  // namespace

/// erts_internal:port_call/3: {ok, Term} or badarg.
Term erts_internal_port_call_3(ExecState& state, Args a) {
    const OpenPort port(state, a[0]);
    if (!port || !a[1].is_small() || a[1].to_small() < 0 || a[1].to_small() > UINT32_MAX) return am::badarg();
    const Port::Running running(*port, am::call());
    Process& p = as_process(state);
    const auto operation = static_cast<uint32_t>(a[1].to_small());
    const Term answer = port->driver().call(*port, p, operation, a[2]);
    if (answer.is_none()) return am::badarg();
    if (LINTEL_UNLIKELY(port->tracee.is_any_on(kTraceReceive | kTraceSend))) {
        port->trace_received(p.self, am::call(), encoded(p, a[2]), operation);
        port->trace_answered(p.self, am::call(), encoded(p, as_tuple(answer)[1]));
    }
    return answer;
}

namespace {

/// The value of one item; the non-value: no such item.
Term port_item(ExecState& p, Port& port, Term item) {
    switch (atom_id(item)) {
        case AtomId::registered_name: return port.name.is_value() ? port.name : Term::nil();
        case AtomId::name: return make_string(p, port.driver().name());
        case AtomId::links: {
            ListMaker list(p);
            port.links.for_each([&](Word pid, Link&) { list.add(Term(pid)); });
            return list.list();
        }
        case AtomId::id: return Term::small(static_cast<int64_t>(port.self.imm_data()));
        case AtomId::connected: return port.owner;
        case AtomId::input: return make_unsigned(p, port.bytes_in);
        case AtomId::output: return make_unsigned(p, port.bytes_out);
        case AtomId::os_pid: {
            const int pid = port.driver().os_pid();
            return pid < 0 ? am::undefined() : Term::small(pid);
        }
        case AtomId::monitors: {
            ListMaker list(p);
            for (const Term pid : port.driver().monitored()) list.add_pair(am::process(), pid);
            return list.list();
        }
        case AtomId::monitored_by: {
            ListMaker list(p);
            port.watchers.for_each([&](Word, Watcher& w) { list.add(w.pid); });
            return list.list();
        }
        case AtomId::parallelism: return am::false_();
        case AtomId::locking: return am::port_level();
        case AtomId::memory: return Term::small(static_cast<int64_t>(sizeof(Port)));
        case AtomId::queue_size: return make_unsigned(p, port.driver().queued_bytes());
        default: return Term::none();
    }
}

}  // namespace

/// No port of this node, of its present life or an earlier one, and no name.
static bool is_of_other_node(ExecState& p, Term port) {
    if (port.is_local_port() || port.is_atom()) return false;
    return !port.is_port() || !is_own_of_old(as_process(p).machine(), port);
}

/// erts_internal:port_info/1: a list of pairs, undefined, or badarg.
Term erts_internal_port_info_1(ExecState& p, Args a) {
    if (is_of_other_node(p, a[0])) return am::badarg();
    const OpenPort port(p, a[0]);
    if (!port) return am::undefined();
    const Port::Running running(*port, am::info());
    ListMaker list(p);
    if (port->name.is_value()) list.add_pair(am::registered_name(), port->name);
    for (const Term item :
         {am::name(), am::links(), am::id(), am::connected(), am::input(), am::output(), am::os_pid()})
        list.add_pair(item, port_item(p, *port, item));
    return list.list();
}

/// erts_internal:port_info/2: {Item, Value}, [] for a name that it does not have, undefined, or badarg.
Term erts_internal_port_info_2(ExecState& p, Args a) {
    if (is_of_other_node(p, a[0])) return am::badarg();
    const OpenPort port(p, a[0]);
    if (!port) return am::undefined();
    if (!a[1].is_atom()) return am::badarg();
    const Port::Running running(*port, am::info());
    const Term value = port_item(p, *port, a[1]);
    if (value.is_none()) return am::badarg();
    if (a[1] == am::registered_name() && value.is_nil()) return value;
    return make_tuple2(p, a[1], value);
}

/// erlang:port_set_data/2. Fails: badarg.
Term port_set_data_2(ExecState& p, Args a) {
    const OpenPort port(p, a[0]);
    if (!port) return p.badarg();
    const size_t words = flat_size(a[1], &p.vm->literals, Walks::endable);
    HeapFragment* fragment = nullptr;
    Term copy = a[1];
    if (words != 0) {
        fragment = HeapFragment::create(words);
        if (fragment == nullptr) return p.system_limit();
        HeapBuilder heap(fragment);
        copy = copy_term(a[1], heap, &p.vm->literals);
    }
    if (port->data_fragment != nullptr) HeapFragment::destroy(port->data_fragment);
    port->data_fragment = fragment;
    port->data = copy;
    return am::true_();
}

/// erlang:port_get_data/1: what was set, or undefined. Fails: badarg.
Term port_get_data_1(ExecState& p, Args a) {
    const OpenPort port(p, a[0]);
    if (!port) return p.badarg();
    if (port->data.is_none()) return am::undefined();
    auto heap = p.reserve(flat_size(port->data, &p.vm->literals));
    return copy_term(port->data, heap, &p.vm->literals);
}

/// erlang:ports/0.
Term ports_0(ExecState& p, Args) {
    const std::vector<Term> all = as_process(p).machine().ports.all();
    return p.reserve(list_words(all.size())).list(all);
}

}  // namespace lintel
