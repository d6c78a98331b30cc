/// The local side of links, monitors and requests that reach to other nodes. docs/design/distribution.md tells the protocol; all of
/// this runs on the thread of the process.

#include "sched/remote.h"

#include <algorithm>

#include "gc/copy.h"
#include "sched/vm.h"
#include "term/views.h"

namespace lintel {

namespace {

/// Room for the terms of a control tuple.
struct ControlHeap {
    static constexpr size_t kWords = 40;
    Word words[kWords];
    Word* top = words;
    OffHeapList off_heap;
    HeapBuilder builder{&top, kWords, &off_heap};
};

Term op_term(DistOp op) { return Term::small(static_cast<int64_t>(op)); }
/// Node of an external identifier.
Term node_of_external(Term t) { return Term(t.boxed_words()[1]); }

DistTies* find_ties(Process& p, const DistConnection* c) {
    if (p.extra == nullptr || p.extra->dist == nullptr) return nullptr;
    for (const auto& ties : p.extra->dist->ties) {
        if (ties->connection.get() == c) return ties.get();
    }
    return nullptr;
}

/// The first for which f(DistTies&) holds, or nullptr.
template <typename F>
DistTies* find_ties_if(Process& p, F f) {
    if (p.extra == nullptr || p.extra->dist == nullptr) return nullptr;
    for (const auto& ties : p.extra->dist->ties) {
        if (f(*ties)) return ties.get();
    }
    return nullptr;
}

/// nullptr: the connection has gone.
DistTies* need_ties(Process& p, const ConnectionRef& c) {
    if (DistTies* found = find_ties(p, c.get())) return found;
    if (!c || !c->tie(p.self)) return nullptr;
    auto& all = p.need_dist().ties;
    all.push_back(std::make_unique<DistTies>());
    all.back()->connection = c;
    return all.back().get();
}

Term reference(Process& p, HeapBuilder& heap, Word number, Word number1, bool is_alias) {
    return is_alias ? heap.alias_ref(number, number1, p.self) : heap.ref(number, number1);
}

/// {'EXIT', pid, noconnection} to the process itself, as over a link.
ControlSignal* no_connection_exit(Term pid) {
    const MemoryReserve reserve;
    constexpr size_t kWords = tuple_words(3) + RemotePid::kWords;
    auto* s = make_signal<ControlSignal>(SignalKind::exit, kWords);
    if (s == nullptr) stop_without_memory(kWords * kWordBytes);
    HeapBuilder heap(s->fragment);
    s->term = heap.tuple(am::EXIT(), RemotePid::of(pid).build(heap), am::noconnection());
    return s;
}

/// {'DOWN', Ref, process, Target, reason} for a monitor of the process itself.
ControlSignal* own_down(Process& p, Word number, const Monitor& m, const RemoteMonitor& target, Term reason) {
    const MemoryReserve reserve;
    constexpr size_t kWords = tuple_words(5) + kAliasRefWords + RemotePid::kWords + tuple_words(2);
    auto* s = make_signal<ControlSignal>(SignalKind::down, kWords);
    if (s == nullptr) stop_without_memory(kWords * kWordBytes);
    HeapBuilder heap(s->fragment);
    const Term ref = reference(p, heap, number, m.number1, m.is_alias);
    const Term item = target.name.is_value() ? heap.tuple(target.name, Term(target.pid.node)) : target.pid.build(heap);
    s->term = heap.tuple(am::DOWN(), ref, am::process(), item, reason);
    s->from = p.self;
    s->a = number;
    return s;
}

/// {Tag, Ref, ok | error, Result} for a request to spawn.
void tell_spawn_outcome(Process& p, const PendingSpawn& spawn, Word number, Term outcome, Term result) {
    const LiteralSpace* shared = &p.vm->literals;
    const MemoryReserve reserve;
    const size_t words = tuple_words(4) + kAliasRefWords + flat_size(spawn.tag, shared) + flat_size(result, shared);
    auto* s = make_signal<Signal>(SignalKind::message, words);
    if (s == nullptr) stop_without_memory(words * kWordBytes);
    {
        HeapBuilder heap(s->fragment);
        const Term ref = reference(p, heap, number, spawn.monitor.number1, spawn.alias != AliasMode::none);
        const Term tag = copy_term(spawn.tag, heap, shared);
        s->term = heap.tuple(tag, ref, outcome, copy_term(result, heap, shared));
    }
    p.handle_signal(s, false);
}

void fail_spawn(Process& p, PendingSpawn spawn, Word number, Term reason) {
    if (!spawn.is_abandoned) {
        if (spawn.alias != AliasMode::none && p.extra != nullptr) p.extra->aliases.erase(number);
        if (spawn.tells_error) tell_spawn_outcome(p, spawn, number, am::error(), reason);
    }
    free_pending_spawn(spawn);
}

}  // namespace

bool is_own_of_old(const Vm& vm, Term t) {
    return (is_external_pid(t) || t.is_kind(Kind::external_port)) && node_of_external(t) == vm.node_name();
}

DistTies::~DistTies() {
    spawns.for_each([](Word, PendingSpawn& spawn) { free_pending_spawn(spawn); });
}

ProcessDist& Process::need_dist() {
    ProcessExtra& e = need_extra();
    if (e.dist == nullptr) e.dist = make<ProcessDist>();
    return *e.dist;
}

void free_pending_spawn(PendingSpawn& spawn) {
    if (spawn.fragment != nullptr) HeapFragment::destroy(spawn.fragment);
    if (spawn.monitor.tag_fragment != nullptr) HeapFragment::destroy(spawn.monitor.tag_fragment);
    spawn.fragment = spawn.monitor.tag_fragment = nullptr;
}

// ---- messages

/// What goes before a message of `p`, with its token, if it has one.
static Term send_control(Process& p, Term to, HeapBuilder& heap) {
    const auto control = [&](DistOp plain, DistOp traced, auto... rest) {
        if (!has_token(p)) return heap.tuple(op_term(plain), p.self, rest...);
        const Term token = token_tuple(heap, p.extra->seq_trace.token);
        return heap.tuple(op_term(traced), p.self, rest..., token);
    };
    if (const TupleView pair = as_tuple(to, 2))
        return control(DistOp::reg_send, DistOp::reg_send_tt, am::empty(), pair[0]);
    if (is_external_ref(to)) return control(DistOp::alias_send, DistOp::alias_send_tt, to);
    return control(DistOp::send_sender, DistOp::send_sender_tt, to);
}

RemoteSend send_remote(Process& p, Term to, Term message, RemoteSendOptions options) {
    Vm& vm = p.machine();
    const TupleView pair = as_tuple(to, 2);
    const Term node = pair ? pair[1] : node_of_external(to);
    if (node == vm.node_name()) return RemoteSend::done;  // of an earlier life of this node
    ConnectionRef c;
    if (options.may_connect) {
        c = vm.distribution.connect(node);
        if (!c) return RemoteSend::done;
    } else {
        if (vm.distribution.is_alive()) c = vm.distribution.find(node);
        const auto is_usable = [&] {
            const DistConnection::State s = c->state();
            return s == DistConnection::State::connected || s == DistConnection::State::pending;
        };
        if (!c || !is_usable()) return RemoteSend::no_connect;
    }
    if (p.has_request()) {
        if (!p.is_answered()) {  // other signals have come
            p.pending = Pending::wait;
            return RemoteSend::stopped;
        }
        p.cancel_request();
    } else if (c->is_busy()) {
        if (!options.may_suspend) return RemoteSend::no_suspend;
        const Word number = p.begin_request(true);
        if (c->wait_if_busy(p.self, number)) {
            vm.system_monitor.suspended_by(p, c->controller(), true);
            p.pending = Pending::wait;
            return RemoteSend::stopped;
        }
        p.cancel_request();
    }
    if (is_limited_here()) {
        const EtfContext context = vm.etf_context();
        if (!may_allocate(etf_size(context, message, {}))) {
            p.system_limit();
            return RemoteSend::stopped;
        }
    }
    ControlHeap room;
    if (LINTEL_UNLIKELY(has_token(p))) token_sent(p, to, message);
    p.charge(10);
    if (c->send(send_control(p, to, room.builder), message) != DistConnection::Sent::no_memory) return RemoteSend::done;
    p.system_limit();
    return RemoteSend::stopped;
}

/// That to the node of `pid`; none: it is an earlier instance of our own, or the connection fails.
static ConnectionRef connect_to(Vm& vm, Term pid) {
    const Term node = node_of_external(pid);
    return node == vm.node_name() ? ConnectionRef() : vm.distribution.connect(node);
}

void exit_remote(Process& p, Term pid, Term reason) {
    const ConnectionRef c = connect_to(p.machine(), pid);
    if (!c) return;
    ControlHeap room;
    c->send(room.builder.tuple(op_term(DistOp::payload_exit2), p.self, pid), reason);
}

void set_group_leader_remote(Process& p, Term leader, Term pid) {
    const ConnectionRef c = connect_to(p.machine(), pid);
    if (!c) return;
    ControlHeap room;
    c->send(room.builder.tuple(op_term(DistOp::group_leader), leader, pid));
}

// ---- links

bool link_remote(Process& p, Term pid) {
    Vm& vm = p.machine();
    const Term node = node_of_external(pid);
    if (node == vm.node_name()) return false;
    const ConnectionRef c = vm.distribution.connect(node);
    DistTies* ties = need_ties(p, c);
    if (ties == nullptr) {
        p.signals.push(no_connection_exit(pid));
        return true;
    }
    RemoteLink& link = ties->links[RemotePid::of(pid)];
    if (link.is_active) return true;
    link = {true, 0};
    ControlHeap room;
    c->send(room.builder.tuple(op_term(DistOp::link), p.self, pid));
    return true;
}

void unlink_remote(Process& p, Term pid) {
    const RemotePid key = RemotePid::of(pid);
    DistTies* ties = find_ties_if(p, [&](DistTies& t) {
        const auto at = t.links.find(key);
        return at != t.links.end() && at->second.is_active;
    });
    if (ties == nullptr) return;
    DistConnection& c = *ties->connection;
    const Word number = p.need_dist().next_unlink++;
    const bool acknowledges = c.state() == DistConnection::State::pending || (c.flags() & dist_flag::kUnlinkId) != 0;
    if (acknowledges) {
        ties->links[key] = {false, number};
    } else {
        ties->links.erase(key);
    }
    ControlHeap room;
    c.send(room.builder.tuple(op_term(DistOp::unlink_id), Term::small(static_cast<int64_t>(number)), p.self, pid));
}

// ---- monitors

void monitor_remote(Process& p, Term target, Monitor m, Word number) {
    Vm& vm = p.machine();
    RemoteMonitor remote{};
    Term item = target;
    if (const TupleView pair = as_tuple(target, 2)) {
        remote.name = item = pair[0];
        remote.pid.node = pair[1].word();
    } else {
        remote.pid = RemotePid::of(target);
    }
    const Term node(remote.pid.node);
    m.name = remote.name;
    m.node = node;
    const bool is_own = node == vm.node_name();
    const ConnectionRef c = is_own ? ConnectionRef() : vm.distribution.connect(node);
    DistTies* ties = need_ties(p, c);
    p.need_extra().monitors.insert(number) = m;
    if (ties == nullptr) {
        p.signals.push(own_down(p, number, m, remote, is_own ? am::noproc() : am::noconnection()));
        return;
    }
    ties->monitors.insert(number) = remote;
    ControlHeap room;
    const Term ref = reference(p, room.builder, number, m.number1, m.is_alias);
    c->send(room.builder.tuple(op_term(DistOp::monitor_p), p.self, item, ref));
}

void drop_monitor(Process& p, Word number, bool tell) {
    const Monitor* found = p.extra == nullptr ? nullptr : p.extra->monitors.find(number);
    if (found == nullptr) return;
    const Monitor m = *found;
    p.extra->monitors.erase(number);
    if (m.tag_fragment != nullptr) HeapFragment::destroy(m.tag_fragment);
    if (m.node.is_value()) {
        DistTies* ties = find_ties_if(p, [number](DistTies& t) { return t.monitors.find(number) != nullptr; });
        if (ties == nullptr) return;
        const RemoteMonitor remote = *ties->monitors.find(number);
        ties->monitors.erase(number);
        if (!tell) return;
        ControlHeap room;
        HeapBuilder& heap = room.builder;
        const Term ref = reference(p, heap, number, m.number1, m.is_alias);
        const Term item = remote.name.is_value() ? remote.name : remote.pid.build(heap);
        ties->connection->send(heap.tuple(op_term(DistOp::demonitor_p), p.self, item, ref));
    } else if (tell && m.target.is_value()) {
        p.machine().deliver(m.target, make_control_signal(SignalKind::demonitor, p.self, number));
    }
}

Term remote_target(ExecState& by, Process& of, Word number, const Monitor& m) {
    if (m.name.is_value()) return by.reserve(tuple_words(2)).tuple(m.name, m.node);
    DistTies* ties = find_ties_if(of, [number](DistTies& t) { return t.monitors.find(number) != nullptr; });
    if (ties == nullptr) return Term::none();
    auto heap = by.reserve(RemotePid::kWords);
    return ties->monitors.find(number)->pid.build(heap);
}

bool monitor_node(Process& p, Term node, bool on, bool may_wait) {
    Vm& vm = p.machine();
    if (node == vm.node_name()) return true;
    if (!on) {
        DistTies* ties =
            find_ties_if(p, [node](DistTies& t) { return t.connection->node == node && t.node_monitors != 0; });
        if (ties != nullptr) --ties->node_monitors;
        return true;
    }
    const ConnectionRef c = may_wait ? vm.distribution.connect(node) : vm.distribution.find(node);
    if (!c || (!may_wait && c->state() != DistConnection::State::connected)) return false;
    DistTies* ties = need_ties(p, c);
    if (ties == nullptr) return false;
    ++ties->node_monitors;
    return true;
}

// ---- spawning

bool spawn_remote(Process& p, Term node, Term ref, Word number, Term mfa, Term arguments, Term options,
                  const PendingSpawn& pending, Term* error) {
    Vm& vm = p.machine();
    const ConnectionRef c = vm.distribution.connect(node);
    DistTies* ties = need_ties(p, c);
    *error = am::noconnection();
    if (ties == nullptr) return false;
    if (c->state() == DistConnection::State::connected && (c->flags() & dist_flag::kSpawn) == 0) {
        *error = am::notsup();
        return false;
    }
    ties->spawns.insert(number) = pending;
    if (pending.alias != AliasMode::none) p.need_extra().aliases.insert(number) = {pending.alias};
    ControlHeap room;
    const Term control = room.builder.tuple(op_term(DistOp::spawn_request), ref, p.self, p.group_leader, mfa, options);
    const DistConnection::Sent sent = c->send(control, arguments);
    if (sent == DistConnection::Sent::no_memory) {
        ties->spawns.erase(number);
        *error = am::system_limit();
        return false;
    }
    return true;  // if it is gone, on_connection_down is on its way
}

bool abandon_spawn(Process& p, Word number) {
    DistTies* ties = find_ties_if(p, [number](DistTies& t) { return t.spawns.find(number) != nullptr; });
    if (ties == nullptr) return false;
    PendingSpawn& spawn = *ties->spawns.find(number);
    if (spawn.is_abandoned) return false;
    if (spawn.alias != AliasMode::none) p.extra->aliases.erase(number);
    spawn.is_abandoned = true;
    return true;
}

void refuse_spawn(Vm& vm, Term parent, Term ref, Term reason) {
    if (!parent.is_local_pid() || !ref.is_kind(Kind::ref)) return;
    const Word number = ref.boxed_words()[1];
    auto* s = make_control_signal(SignalKind::dist, parent, number);
    s->term = reason;
    s->run = [](Vm&, Process* target, ControlSignal& signal) {
        DistTies* ties = target == nullptr
                             ? nullptr
                             : find_ties_if(*target, [&](DistTies& t) { return t.spawns.find(signal.a) != nullptr; });
        if (ties != nullptr) {
            const PendingSpawn spawn = *ties->spawns.find(signal.a);
            ties->spawns.erase(signal.a);
            fail_spawn(*target, spawn, signal.a, signal.term);
        }
        free_signal(&signal);
    };
    vm.deliver(parent, s);
}

/// term: {Ref, Result}, a: number of the connection, b: flags, c: number of the reference; from: the process that asked.
void on_spawn_reply(Vm& vm, Process* p, ControlSignal& s) {
    constexpr Word kLink = 1, kMonitor = 2;
    const TupleView answer = as_tuple(s.term);
    const Term ref = answer[0], result = answer[1];
    const bool is_done = is_external_pid(result);
    const Term node = is_done ? node_of_external(result) : Term::none();
    const ConnectionRef c = is_done ? vm.distribution.find(node, static_cast<uint32_t>(s.a)) : ConnectionRef();
    DistTies* ties =
        p == nullptr ? nullptr : find_ties_if(*p, [&](DistTies& t) { return t.spawns.find(s.c) != nullptr; });
    PendingSpawn spawn{};
    spawn.is_abandoned = true;
    if (ties != nullptr) {
        spawn = *ties->spawns.find(s.c);
        ties->spawns.erase(s.c);
    }
    if (!spawn.is_abandoned && !is_done) {
        fail_spawn(*p, spawn, s.c, result);
    } else if (!spawn.is_abandoned) {
        DistTies* here = need_ties(*p, c);
        const bool watches = (s.b & kMonitor) != 0 && spawn.has_monitor;
        if (watches) {
            Monitor m = spawn.monitor;
            m.node = node;
            m.is_alias = spawn.alias != AliasMode::none;
            spawn.monitor.tag_fragment = nullptr;
            p->need_extra().monitors.insert(s.c) = m;
            if (here != nullptr) here->monitors.insert(s.c) = {RemotePid::of(result), Term::none()};
        }
        if ((s.b & kLink) != 0 && here != nullptr) here->links[RemotePid::of(result)] = {true, 0};
        if ((s.b & kLink) != 0 && p->tracee.is_on(kTraceProcs)) vm.tracing.proc_event(*p, am::link(), result);
        if (spawn.tells_success) tell_spawn_outcome(*p, spawn, s.c, am::ok(), result);
        if (here == nullptr) {
            // Answered, and gone at once.
            if (watches) {
                const RemoteMonitor target{RemotePid::of(result), Term::none()};
                p->handle_signal(own_down(*p, s.c, *p->extra->monitors.find(s.c), target, am::noconnection()), false);
            }
            if ((s.b & kLink) != 0) p->handle_signal(no_connection_exit(result), false);
        }
        free_pending_spawn(spawn);
    } else {
        // Nobody waits for it any more.
        if (c && (s.b & kMonitor) != 0) {
            ControlHeap room;
            c->send(room.builder.tuple(op_term(DistOp::demonitor_p), s.from, result, ref));
        }
        if (c && (s.b & kLink) != 0) {
            if (p == nullptr) {
                c->end_orphan(s.c, s.from, result);
            } else {
                ControlHeap room;
                c->send(room.builder.tuple(op_term(DistOp::payload_exit), s.from, result), am::abandoned());
            }
        }
        free_pending_spawn(spawn);
    }
    free_signal(&s);
}

// ---- what comes from other nodes. a: number of the connection; from: the local process

namespace {

ConnectionRef connection_of(Vm& vm, Term external, const ControlSignal& s) {
    return vm.distribution.find(node_of_external(external), static_cast<uint32_t>(s.a));
}

}  // namespace

/// term: the pid that links.
void on_remote_link(Vm& vm, Process* p, ControlSignal& s) {
    const ConnectionRef c = connection_of(vm, s.term, s);
    if (p == nullptr) {
        ControlHeap room;
        if (c) c->send(room.builder.tuple(op_term(DistOp::payload_exit), s.from, s.term), am::noproc());
    } else if (DistTies* ties = need_ties(*p, c)) {
        RemoteLink& link = ties->links[RemotePid::of(s.term)];
        // One that crosses an unlink of ours is undone by it.
        if (link.unlinking == 0 && !std::exchange(link.is_active, true) && p->tracee.is_on(kTraceProcs))
            vm.tracing.proc_event(*p, am::getting_linked(), s.term);
    } else {
        p->handle_signal(no_connection_exit(s.term), false);
    }
    free_signal(&s);
}

/// term: the pid that unlinks, b: number of the unlink, or 0.
void on_remote_unlink(Vm& vm, Process* p, ControlSignal& s) {
    const ConnectionRef c = connection_of(vm, s.term, s);
    if (DistTies* ties = p == nullptr ? nullptr : find_ties(*p, c.get())) {
        const auto at = ties->links.find(RemotePid::of(s.term));
        if (at != ties->links.end()) {
            if (std::exchange(at->second.is_active, false) && p->tracee.is_on(kTraceProcs))
                vm.tracing.proc_event(*p, am::getting_unlinked(), s.term);
            if (at->second.unlinking == 0) ties->links.erase(at);
        }
    }
    if (c && s.b != 0) {
        ControlHeap room;
        HeapBuilder& heap = room.builder;
        const Term number = heap.unsigned_integer(s.b);
        c->send(heap.tuple(op_term(DistOp::unlink_id_ack), number, s.from, s.term));
    }
    free_signal(&s);
}

/// term: the pid that has been unlinked, b: number of the unlink.
void on_remote_unlink_ack(Vm& vm, Process* p, ControlSignal& s) {
    const ConnectionRef c = connection_of(vm, s.term, s);
    if (DistTies* ties = p == nullptr ? nullptr : find_ties(*p, c.get())) {
        const auto at = ties->links.find(RemotePid::of(s.term));
        if (at != ties->links.end() && at->second.unlinking == s.b) {
            at->second.unlinking = 0;
            if (!at->second.is_active) ties->links.erase(at);
        }
    }
    free_signal(&s);
}

/// term: {'EXIT', Pid, Reason} of a link.
void on_remote_link_exit(Vm& vm, Process* p, ControlSignal& s) {
    const Term pid = as_tuple(s.term)[1];
    const ConnectionRef c = connection_of(vm, pid, s);
    DistTies* ties = p == nullptr ? nullptr : find_ties(*p, c.get());
    if (ties == nullptr) return free_signal(&s);
    const auto at = ties->links.find(RemotePid::of(pid));
    if (at == ties->links.end() || !at->second.is_active) return free_signal(&s);
    ties->links.erase(at);
    p->handle_remote_exit(&s);
}

/// term: {Pid, Ref, Name | []} of who begins to watch.
void on_remote_monitor(Vm& vm, Process* p, ControlSignal& s) {
    const TupleView t = as_tuple(s.term);
    const ConnectionRef c = connection_of(vm, t[0], s);
    const Term name = t[2].is_nil() ? Term::none() : t[2];
    if (p == nullptr) {
        if (name.is_value() && c) c->take_name_monitor(RemoteRef::of(t[1]));
        ControlHeap room;
        const Term item = name.is_value() ? name : s.from;
        if (c) c->send(room.builder.tuple(op_term(DistOp::payload_monitor_p_exit), item, t[0], t[1]), am::noproc());
    } else if (DistTies* ties = need_ties(*p, c)) {
        ties->watchers[RemoteRef::of(t[1])] = {RemotePid::of(t[0]), name};
    }
    free_signal(&s);
}

/// term: {Pid, Ref} of who watches no longer.
void on_remote_demonitor(Vm& vm, Process* p, ControlSignal& s) {
    const TupleView t = as_tuple(s.term);
    const ConnectionRef c = connection_of(vm, t[0], s);
    if (DistTies* ties = p == nullptr ? nullptr : find_ties(*p, c.get())) ties->watchers.erase(RemoteRef::of(t[1]));
    free_signal(&s);
}

/// term: the node.
void on_connection_down(Vm&, Process* p, ControlSignal& s) {
    if (p == nullptr || p->extra == nullptr || p->extra->dist == nullptr) return free_signal(&s);
    auto& all = p->extra->dist->ties;
    const auto at = std::ranges::find_if(
        all, [&](const auto& t) { return t->connection->node == s.term && t->connection->id == s.a; });
    if (at == all.end()) return free_signal(&s);
    const std::unique_ptr<DistTies> ties = std::move(*at);
    all.erase(at);
    const Term node = s.term;
    for (const auto& [pid, link] : ties->links) {
        if (!link.is_active) continue;
        ControlHeap room;
        p->handle_signal(no_connection_exit(pid.build(room.builder)), false);
    }
    ties->monitors.for_each([&](Word number, RemoteMonitor& target) {
        if (const Monitor* m = p->extra->monitors.find(number))
            p->handle_signal(own_down(*p, number, *m, target, am::noconnection()), false);
    });
    ties->spawns.for_each([&](Word number, PendingSpawn& spawn) {
        fail_spawn(*p, spawn, number, am::noconnection());
        spawn.fragment = spawn.monitor.tag_fragment = nullptr;
    });
    for (; ties->node_monitors != 0; --ties->node_monitors) {
        const MemoryReserve reserve;
        auto* message = make_signal<Signal>(SignalKind::message, tuple_words(2));
        if (message == nullptr) stop_without_memory(tuple_words(2) * kWordBytes);
        {
            HeapBuilder heap(message->fragment);
            message->term = heap.tuple(am::nodedown(), node);
        }
        p->handle_signal(message, false);
    }
    free_signal(&s);
}

// ---- the end of a process

/// What the other end of a link gets.
static Term link_exit_message(Process& p, Term reason) {
    return p.reserve(tuple_words(3)).tuple(am::EXIT(), p.self, reason);
}

void end_ties(Process& p, Term reason) {
    if (p.extra == nullptr || p.extra->dist == nullptr) return;
    for (const auto& ties : p.extra->dist->ties) {
        DistConnection& c = *ties->connection;
        c.untie(p.self);
        for (const auto& [pid, link] : ties->links) {
            if (!link.is_active) continue;
            ControlHeap room;
            HeapBuilder& heap = room.builder;
            const Term to = pid.build(heap);
            if (LINTEL_UNLIKELY(has_token(p))) {
                token_sent(p, to, link_exit_message(p, reason));
                const Term token = token_tuple(heap, p.extra->seq_trace.token);
                c.send(heap.tuple(op_term(DistOp::payload_exit_tt), p.self, to, token), reason);
            } else {
                c.send(heap.tuple(op_term(DistOp::payload_exit), p.self, to), reason);
            }
        }
        ties->monitors.for_each([&](Word number, RemoteMonitor& target) {
            const Monitor* m = p.extra->monitors.find(number);
            if (m == nullptr) return;
            ControlHeap room;
            HeapBuilder& heap = room.builder;
            const Term ref = reference(p, heap, number, m->number1, m->is_alias);
            const Term item = target.name.is_value() ? target.name : target.pid.build(heap);
            c.send(heap.tuple(op_term(DistOp::demonitor_p), p.self, item, ref));
        });
        for (const auto& [ref, watcher] : ties->watchers) {
            if (watcher.name.is_value()) c.take_name_monitor(ref);
            ControlHeap room;
            HeapBuilder& heap = room.builder;
            const Term item = watcher.name.is_value() ? watcher.name : p.self;
            const Term to = watcher.pid.build(heap);
            c.send(heap.tuple(op_term(DistOp::payload_monitor_p_exit), item, to, ref.build(heap)), reason);
        }
        ties->spawns.for_each([&](Word number, PendingSpawn& spawn) {
            if (spawn.link) c.note_orphan(number, spawn.is_abandoned ? am::abandoned() : reason);
        });
    }
    p.extra->dist->ties.clear();
}

void end_control(Process& p, Term reason) {
    if (p.extra == nullptr) return;
    Vm& vm = p.machine();
    if (p.extra->watches_nodes) vm.distribution.forget_watcher(p.self);
    if (p.extra->dist == nullptr) return;
    ProcessDist& dist = *p.extra->dist;
    if (dist.controls) {
        const TupleView pair = as_tuple(reason, 2);
        vm.distribution.lost(*dist.controls, pair && pair[0] == am::shutdown() ? pair[1] : reason);
        dist.controls = ConnectionRef();
    }
    if (dist.is_net_kernel)
        vm.distribution.stop(reason == am::no_network() ? am::no_network() : am::net_kernel_terminated());
}

}  // namespace lintel
