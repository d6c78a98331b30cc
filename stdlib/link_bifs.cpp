/// BIFs on links, monitors and aliases. docs/design/processes.md has the protocol.

#include "gc/copy.h"
#include "sched/exit_signals.h"
#include "sched/remote.h"
#include "sched/vm.h"
#include "stdlib/build.h"
#include "stdlib/monitor_options.h"
#include "term/identifier.h"
#include "term/views.h"

namespace lintel {

namespace {

/// A local reference (not magic, not of another node) and its first number.
bool is_local_ref(Term t) { return t.is_kind(Kind::ref); }
Word ref_number(Term ref) { return ref.boxed_words()[1]; }

Signal* noproc_message(Process& p, Term peer) {
    auto* s = make_signal<Signal>(SignalKind::message, tuple_words(3));
    if (s == nullptr) return nullptr;
    HeapBuilder heap(s->fragment);
    s->term = heap.tuple(am::EXIT(), peer, am::noproc());
    return s;
}

/// A message to the process itself: in its place behind what has come so far.
Term send_to_self(Process& p, Signal* message, Term result) {
    if (message == nullptr) return p.system_limit();
    p.signals.push(message);
    return result;
}

Term link_missing(Process& p, Term peer) {
    if (!p.trap_exit) return p.error(am::noproc());
    return send_to_self(p, noproc_message(p, peer), am::true_());
}

Term link_port(Process& p, Term id) {
    if (p.extra != nullptr && p.extra->links.find(id.word()) != nullptr) return am::true_();
    const std::shared_ptr<Port> port = p.machine().ports.find(id);
    if (port == nullptr) return link_missing(p, id);
    const std::lock_guard lock(port->mutex);
    if (port->state != Port::State::open) return link_missing(p, id);
    const Port::Running running(*port, am::link());
    port->link(p);
    return am::true_();
}

}  // namespace

/// erlang:link/1. Fails: badarg; noproc if there is no such process and the caller does not trap exits.
Term link_1(ExecState& state, Args a) {
    Process& p = as_process(state);
    Vm& vm = p.machine();
    const Term peer = a[0];
    if (LINTEL_UNLIKELY(p.tracee.is_on(kTraceProcs))) vm.tracing.proc_event(p, am::link(), peer);
    if (!peer.is_local_pid()) {
        if (peer.is_local_port()) return link_port(p, peer);
        if (is_external_pid(peer)) return link_remote(p, peer) ? am::true_() : link_missing(p, peer);
        if (peer.is_port()) return link_missing(p, peer);
        return state.badarg();
    }
    if (peer == p.self) return am::true_();
    if (p.extra != nullptr && p.extra->links.find(peer.word()) != nullptr) return am::true_();
    Process* target = vm.processes.find(peer);
    if (target == nullptr) return link_missing(p, peer);
    ProcessExtra& e = p.need_extra();
    const Word number = e.next_link_number++;
    auto* s = make_control_signal(SignalKind::link, p.self, number);
    if (!vm.deliver(*target, s)) {
        free_signal(s);
        return link_missing(p, peer);
    }
    e.links.insert(peer.word()).mine = number;
    return am::true_();
}

/// erlang:link/2 (OTP 28): the option priority changes nothing here.
Term link_2(ExecState& state, Args a) {
    for (Term list = a[1]; !list.is_nil(); list = list.tail()) {
        if (!list.is_cons() || list.head() != am::priority()) return state.badarg_because(am::badopt());
    }
    return link_1(state, a);
}

/// erlang:unlink/1. Afterwards no exit signal of that link has an effect.
Term unlink_1(ExecState& state, Args a) {
    Process& p = as_process(state);
    const Term peer = a[0];
    if (!peer.is_pid() && !peer.is_port()) return state.badarg();
    if (LINTEL_UNLIKELY(p.tracee.is_on(kTraceProcs))) p.machine().tracing.proc_event(p, am::unlink(), peer);
    if (is_external_pid(peer)) {
        if (!p.signals.empty()) p.fetch_signals(false);  // what has come already counts
        unlink_remote(p, peer);
        return am::true_();
    }
    Link* link = p.extra == nullptr || !peer.is_immediate() ? nullptr : p.extra->links.find(peer.word());
    if (link == nullptr) return am::true_();
    auto* s = make_control_signal(SignalKind::unlink, p.self, link->theirs, link->mine);  // as the peer names them
    p.extra->links.erase(peer.word());
    p.machine().deliver(peer, s);
    return am::true_();
}

// ---- monitors

namespace {

/// How every monitor begins: fills *m and *number, makes the alias. Returns the reference; none: an error is pending.
Term start_monitor(Process& p, MonitorType type, const MonitorOptions& options, Monitor* m, Word* number) {
    *m = {};
    m->type = type;
    m->is_alias = options.alias != AliasMode::none;
    if (!options.set_tag(p.machine(), m)) return p.system_limit();
    *number = p.vm->next_reference_number();
    if (m->is_alias) p.need_extra().aliases.insert(*number) = {options.alias};
    auto heap = p.reserve(kAliasRefWords);
    return m->is_alias ? heap.alias_ref(*number, 0, p.self) : heap.ref(*number, 0);
}

/// A monitor on `target`, a pid or a port, which was asked for as `name`; the non-value: nobody has that name. Returns the reference.
Term begin_monitor(Process& p, MonitorType type, Term name, Term target, const MonitorOptions& options) {
    Monitor m;
    Word number;
    const Term reference = start_monitor(p, type, options, &m, &number);
    if (reference.is_none()) return reference;
    m.name = name;
    if (target == p.self) {
        // Watching oneself has no effect.
        if (m.tag_fragment != nullptr) HeapFragment::destroy(m.tag_fragment);
        return reference;
    }
    bool is_sent = false;
    if (target.is_value()) {
        auto* s = make_control_signal(SignalKind::monitor, p.self, number, 0);
        s->c = m.is_alias ? 1 : 0;
        s->term = name;
        m.target = target;
        is_sent = p.machine().deliver(target, s);
    }
    p.need_extra().monitors.insert(number) = m;
    if (!is_sent) {
        const Term nobody = type == MonitorType::port ? Term::local_port(0) : p.self;
        const Term what = target.is_value() ? target : nobody;
        send_down(p.machine(), number, {0, p.self, name, m.is_alias}, what, am::noproc());
    }
    return reference;
}

/// `target` is a process of another node: a pid, or {Name, Node}.
Term watch_remote(Process& p, Term target, const MonitorOptions& options) {
    Monitor m;
    Word number;
    const Term reference = start_monitor(p, MonitorType::process, options, &m, &number);
    if (reference.is_value()) monitor_remote(p, target, m, number);
    return reference;
}

Term monitor_process(Process& p, Term item, const MonitorOptions& options) {
    Vm& vm = p.machine();
    if (const auto pair = as_tuple(item, 2)) {
        if (!pair[0].is_atom() || !pair[1].is_atom()) return p.badarg();
        if (pair[1] != vm.node_name()) {
            return vm.distribution.is_alive() ? watch_remote(p, item, options) : p.badarg();
        }
        item = pair[0];
    }
    if (is_external_pid(item)) return watch_remote(p, item, options);
    if (item.is_pid()) return begin_monitor(p, MonitorType::process, Term::none(), item, options);
    if (!item.is_atom()) return p.badarg();
    const Term pid = vm.names.find(item);
    if (pid.is_value() && !pid.is_local_pid()) return p.badarg();
    return begin_monitor(p, MonitorType::process, item, pid, options);
}

Term monitor_port(Process& p, Term item, const MonitorOptions& options) {
    if (const auto pair = as_tuple(item, 2); pair && pair[0].is_atom() && pair[1] == p.machine().node_name()) {
        item = pair[0];
    }
    if (item.is_local_port()) return begin_monitor(p, MonitorType::port, Term::none(), item, options);
    if (item.is_port() && is_own_of_old(p.machine(), item)) {
        Monitor m;
        Word number;
        const Term reference = start_monitor(p, MonitorType::port, options, &m, &number);
        if (reference.is_none()) return reference;
        p.need_extra().monitors.insert(number) = m;
        send_down(p.machine(), number, {0, p.self, Term::none(), m.is_alias}, item, am::noproc());
        return reference;
    }
    if (!item.is_atom()) return p.badarg();
    const Term port = p.machine().names.find(item);
    if (port.is_value() && !port.is_local_port()) return p.badarg();
    return begin_monitor(p, MonitorType::port, item, port, options);
}

Term monitor_any(ExecState& state, Term type, Term item, const MonitorOptions& options) {
    Process& p = as_process(state);
    if (type == am::process()) return monitor_process(p, item, options);
    if (type == am::time_offset()) {
        if (item != am::clock_service()) return state.badarg();
        // The offset never changes here, so no message will ever come.
        Monitor m;
        Word number;
        const Term reference = start_monitor(p, MonitorType::time_offset, options, &m, &number);
        if (reference.is_none()) return reference;
        m.name = item;
        p.need_extra().monitors.insert(number) = m;
        return reference;
    }
    if (type == am::port()) return monitor_port(p, item, options);
    return state.badarg_because(am::badtype());
}

}  // namespace

/// erlang:monitor/2.
Term monitor_2(ExecState& state, Args a) { return monitor_any(state, a[0], a[1], MonitorOptions()); }

/// erlang:monitor/3. Options {alias, Mode}, {tag, Term}.
Term monitor_3(ExecState& state, Args a) {
    MonitorOptions options;
    if (!options.parse(a[2])) return state.badarg_because(am::badopt());
    return monitor_any(state, a[0], a[1], options);
}

namespace {

/// True: there was such a monitor, and it had not fired.
bool remove_monitor(Process& p, Term ref) {
    if (p.extra == nullptr) return false;
    ProcessExtra& e = *p.extra;
    const Word number = ref_number(ref);
    if (Alias* alias = e.aliases.find(number); alias != nullptr && alias->mode != AliasMode::explicit_unalias) {
        e.aliases.erase(number);
    }
    if (e.monitors.find(number) == nullptr) return false;
    drop_monitor(p, number, true);
    return true;
}

/// Takes the message {_, Ref, _, _, _} out of the mailbox, if it is there.
void flush_down(Process& p, Term ref) {
    if (!p.signals.empty()) p.fetch_signals(false);
    const Word number = ref_number(ref);
    for (Signal** link = &p.mailbox.first; *link != nullptr; link = &(*link)->next) {
        const auto down = as_tuple((*link)->term, 5);
        if (!down || !is_local_ref(down[1]) || ref_number(down[1]) != number) continue;
        p.mailbox.save = link;
        free_signal(p.take_message());
        return;
    }
}

}  // namespace

/// erlang:demonitor/1. Afterwards no message of that monitor arrives. Fails: badarg.
Term demonitor_1(ExecState& state, Args a) {
    if (!is_local_ref(a[0])) return state.badarg();
    remove_monitor(as_process(state), a[0]);
    return am::true_();
}

/// erlang:demonitor/2. Options flush, info.
Term demonitor_2(ExecState& state, Args a) {
    bool flush = false, info = false;
    if (!is_local_ref(a[0])) return state.badarg();
    for (Term list = a[1]; !list.is_nil(); list = list.tail()) {
        if (!list.is_cons()) return state.badarg();
        if (list.head() == am::flush()) {
            flush = true;
        } else if (list.head() == am::info()) {
            info = true;
        } else {
            return state.badarg();
        }
    }
    Process& p = as_process(state);
    // What has come already counts: with `info`, a message in the mailbox means false.
    if (!p.signals.empty()) p.fetch_signals(false);
    const bool was_there = remove_monitor(p, a[0]);
    if (flush && !was_there) flush_down(p, a[0]);
    return info ? boolean(was_there) : am::true_();
}

// ---- aliases

/// erlang:alias/1. Options explicit_unalias, reply.
Term alias_1(ExecState& state, Args a) {
    AliasMode mode = AliasMode::explicit_unalias;
    for (Term list = a[0]; !list.is_nil(); list = list.tail()) {
        if (!list.is_cons()) return state.badarg();
        if (list.head() == am::explicit_unalias()) {
            mode = AliasMode::explicit_unalias;
        } else if (list.head() == am::reply()) {
            mode = AliasMode::reply_demonitor;
        } else {
            return state.badarg();
        }
    }
    Process& p = as_process(state);
    const Word number = p.vm->next_reference_number();
    p.need_extra().aliases.insert(number) = {mode};
    return p.reserve(kAliasRefWords).alias_ref(number, 0, p.self);
}

/// erlang:alias/0.
Term alias_0(ExecState& state, Args) {
    const Term options = Term::nil();
    return alias_1(state, Args{&options});
}

/// erlang:unalias/1: whether it was an active alias of the caller.
Term unalias_1(ExecState& state, Args a) {
    if (!a[0].is_reference()) return state.badarg();
    Process& p = as_process(state);
    return boolean(p.extra != nullptr && is_local_ref(a[0]) && p.extra->aliases.erase(ref_number(a[0])));
}

}  // namespace lintel
