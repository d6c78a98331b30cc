#include "sched/distribution.h"

#include <algorithm>

#include "gc/copy.h"
#include "gc/map_builder.h"
#include "sched/exit_signals.h"
#include "sched/remote.h"
#include "sched/vm.h"
#include "term/views.h"

namespace lintel {

namespace {

constexpr uint32_t kIdMask = 0xffffff;

}  // namespace

Distribution::Distribution(Vm& vm, size_t busy_limit_bytes)
    : busy_limit(busy_limit_bytes), vm_(vm), name_(am::nonode_at_nohost().word()) {}

bool Distribution::start(Process& caller, Term node, uint32_t creation) {
    const Term kernel = vm_.names.find(am::net_kernel());
    Process* p = kernel.is_value() && kernel.is_local_pid() ? vm_.processes.find(kernel) : nullptr;
    if (p == nullptr) return false;
    {
        const std::lock_guard lock(mutex_);
        if (is_alive()) return false;
        is_stopping_ = false;
        creation_.store(creation, std::memory_order_release);
        name_.store(node.word(), std::memory_order_release);
    }
    // What belongs to a process only itself may change.
    if (p == &caller) {
        p->need_dist().is_net_kernel = true;
    } else {
        vm_.call(*p, caller.self, 0, Term::nil(), [](Vm&, Process* target, ControlSignal&) {
            if (target != nullptr) target->need_dist().is_net_kernel = true;
        });
    }
    tell(am::nodeup(), node, std::nullopt, am::visible(), Term::nil());
    return true;
}

// ---- nodes and connections

Distribution::Node& Distribution::node_locked(Term name) {
    const auto at = nodes_.find(name.word());
    if (at != nodes_.end()) return at->second;
    // Numbers of connections begin anywhere, so that those of two lives of a node differ.
    const auto first = static_cast<uint32_t>(vm_.monotonic_ns()) & kIdMask;
    return nodes_.emplace(name.word(), Node{name, {}, first}).first->second;
}

ConnectionRef Distribution::find(Term node) const {
    const std::lock_guard lock(mutex_);
    const auto at = nodes_.find(node.word());
    return at == nodes_.end() ? ConnectionRef() : at->second.current;
}

ConnectionRef Distribution::find(Term node, uint32_t id) const {
    ConnectionRef c = find(node);
    return c && c->id == id ? c : ConnectionRef();
}

ConnectionRef Distribution::find_or_make(Term name) {
    const std::lock_guard lock(mutex_);
    Node& node = node_locked(name);
    if (!node.current) {
        node.last_id = (node.last_id + 1) & kIdMask;
        node.current = ConnectionRef(new DistConnection(vm_, name, node.last_id));
    }
    return node.current;
}

ConnectionRef Distribution::connect(Term name) {
    if (!is_alive()) return {};
    if (ConnectionRef c = find(name)) {
        const DistConnection::State state = c->state();
        const bool is_usable = state == DistConnection::State::pending || state == DistConnection::State::connected;
        return is_usable ? c : ConnectionRef();
    }
    ConnectionRef c;
    {
        const std::lock_guard lock(mutex_);
        Node& node = node_locked(name);
        if (node.current) return node.current;
        node.last_id = (node.last_id + 1) & kIdMask;
        node.current = c = ConnectionRef(new DistConnection(vm_, name, node.last_id));
    }
    const Term kernel = vm_.names.find(am::net_kernel());
    if (kernel.is_none() || !kernel.is_local_pid()) {
        abort_pending(*c);
        return {};
    }
    tell_process(vm_, kernel, tuple_words(3) + kMagicRefWords,
                 [&](HeapBuilder& heap) { return heap.tuple(am::auto_connect(), name, c->handle(heap)); });
    return c;
}

bool Distribution::set_up(DistConnection& c, Term controller, Term asker, uint64_t flags, uint32_t creation,
                          const std::shared_ptr<Port>& port) {
    const Term kernel = vm_.names.find(am::net_kernel());
    if (kernel.is_none() || !c.connect(controller, flags, creation, port)) return false;
    {
        const std::lock_guard lock(mutex_);
        Node& node = node_locked(c.node);
        node.creation = creation;
        node.order = ++connections_made_;
        ++connected_;
    }
    tell_process(vm_, kernel, tuple_words(4),
                 [&](HeapBuilder& heap) { return heap.tuple(am::dist_ctrlr(), controller, c.node, asker); });
    tell(am::nodeup(), c.node, c.id, c.is_hidden() ? am::hidden() : am::visible(), Term::nil());
    return true;
}

/// False: it is over already, or it is not pending and should be.
bool Distribution::end(DistConnection& c, bool only_pending, Term reason) {
    const bool was_connected = c.controller().is_value();
    if (!c.begin_end(only_pending)) return false;
    for (const Term pid : c.clear()) {
        auto* s = make_control_signal(SignalKind::dist, pid, c.id);
        s->term = c.node;
        s->run = on_connection_down;
        vm_.deliver(pid, s);
    }
    if (was_connected) {
        tell(am::nodedown(), c.node, c.id, c.is_hidden() ? am::hidden() : am::visible(), reason);
    }
    bool is_last = false;
    {
        const std::lock_guard lock(mutex_);
        Node& node = node_locked(c.node);
        if (node.current.get() == &c) node.current = ConnectionRef();
        if (was_connected) is_last = --connected_ == 0 && is_stopping_;
    }
    if (is_last) become_nameless();
    return true;
}

void Distribution::lost(DistConnection& c, Term reason) {
    const ConnectionRef keep = ConnectionRef::to(&c);
    end(c, false, reason == am::normal() ? am::connection_closed() : reason);
}

bool Distribution::abort_pending(DistConnection& c) {
    const ConnectionRef keep = ConnectionRef::to(&c);
    const bool was_connected = c.state() == DistConnection::State::connected;
    end(c, true, am::noconnection());
    return was_connected;
}

void Distribution::kill(DistConnection& c) {
    if (!c.stop_traffic()) return;
    if (const Term controller = c.controller(); controller.is_value() && controller.is_local_pid())
        send_exit(vm_, controller, am::system(), am::kill());
}

void Distribution::stop(Term reason) {
    std::vector<ConnectionRef> all;
    bool is_last = false;
    {
        const std::lock_guard lock(mutex_);
        if (!is_alive() || is_stopping_) return;
        is_stopping_ = true;
        stop_reason_ = reason;
        for (const auto& [name, node] : nodes_) {
            if (node.current) all.push_back(node.current);
        }
        is_last = connected_ == 0;
    }
    for (const ConnectionRef& c : all) {
        const Term controller = c->controller();
        if (controller.is_none()) {
            abort_pending(*c);
        } else if (controller.is_local_pid()) {
            send_exit(vm_, controller, am::system(), am::kill());
        } else if (const std::shared_ptr<Port> port = vm_.ports.find(controller)) {
            const std::lock_guard lock(port->mutex);
            port->exit(reason);
        }
    }
    if (is_last) become_nameless();
}

void Distribution::become_nameless() {
    Term old, reason;
    {
        const std::lock_guard lock(mutex_);
        old = name();
        reason = stop_reason_;
        if (old == am::nonode_at_nohost()) return;
        name_.store(am::nonode_at_nohost().word(), std::memory_order_release);
        creation_.store(0, std::memory_order_release);
        is_stopping_ = false;
    }
    tell(am::nodedown(), old, std::nullopt, am::visible(), reason);
}

// ---- who is there

std::vector<Distribution::NodeInfo> Distribution::nodes() const {
    std::vector<std::pair<uint64_t, NodeInfo>> all;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [word, node] : nodes_) {
            if (node.name == name()) continue;
            NodeInfo info{node.name, am::known(), false, 0, Term::none(), node.creation};
            if (node.current && node.current->controller().is_value()) {
                info = {node.name,
                        node.current->is_hidden() ? am::hidden() : am::visible(),
                        true,
                        node.current->id,
                        node.current->controller(),
                        node.creation};
            }
            all.emplace_back(node.order, info);
        }
    }
    std::ranges::sort(all, [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<NodeInfo> list{{name(), am::this_(), false, 0, Term::none(), creation()}};
    for (const auto& [order, info] : all) list.push_back(info);
    return list;
}

std::optional<Distribution::NodeInfo> Distribution::node_of_number(uint32_t number) const {
    for (const NodeInfo& info : nodes()) {
        if (info.name.atom_entry()->number == number) return info;
    }
    return std::nullopt;
}

// ---- who is told

size_t Distribution::watch_nodes(Term pid, unsigned options, bool on) {
    const std::lock_guard lock(watchers_mutex_);
    const auto at =
        std::ranges::find_if(watchers_, [&](const Watcher& w) { return w.pid == pid && w.options == options; });
    const size_t before = at == watchers_.end() ? 0 : at->count;
    if (!on) {
        if (at != watchers_.end()) watchers_.erase(at);
    } else if (at != watchers_.end()) {
        ++at->count;
    } else {
        watchers_.push_back({pid, options, 1});
    }
    return before;
}

void Distribution::forget_watcher(Term pid) {
    const std::lock_guard lock(watchers_mutex_);
    std::erase_if(watchers_, [pid](const Watcher& w) { return w.pid == pid; });
}

void Distribution::tell(Term what, Term node, std::optional<uint32_t> id, Term type, Term reason) {
    std::vector<Watcher> all;
    {
        const std::lock_guard lock(watchers_mutex_);
        all = watchers_;
    }
    using namespace node_events;
    for (const Watcher& w : all) {
        const bool is_visible = type == am::visible();
        if (w.options == 0) {
            if (!is_visible) continue;
        } else if (is_visible) {
            if ((w.options & kHidden) != 0 && (w.options & kVisible) == 0) continue;
        } else if ((w.options & kHidden) == 0) {
            continue;
        }
        for (size_t i = 0; i < w.count; ++i) send_node_event(w, what, node, id, type, reason);
    }
}

void Distribution::send_node_event(const Watcher& w, Term what, Term node, std::optional<uint32_t> id, Term type,
                                   Term reason) {
    using namespace node_events;
    if (w.options == 0) {
        return tell_process(vm_, w.pid, tuple_words(2), [&](HeapBuilder& heap) { return heap.tuple(what, node); });
    }
    constexpr size_t kMostPairs = 3;
    const size_t words = tuple_words(3) + kMostPairs * (tuple_words(2) + kConsWords) + 2 * kMostPairs + 3 +
                         flat_size(reason, &vm_.literals);
    tell_process(vm_, w.pid, words, [&](HeapBuilder& heap) {
        struct Pair {
            Term key, value;
        };
        Pair pairs[kMostPairs];
        size_t n = 0;
        if ((w.options & kConnectionId) != 0)
            pairs[n++] = {am::connection_id(), id ? Term::small(*id) : am::undefined()};
        if ((w.options & (kVisible | kHidden)) != 0) pairs[n++] = {am::node_type(), type};
        if (what == am::nodedown() && (w.options & kReason) != 0)
            pairs[n++] = {am::nodedown_reason(), copy_term(reason, heap, &vm_.literals)};
        if ((w.options & kMap) != 0) {
            Term flat[2 * kMostPairs];
            for (size_t i = 0; i < n; ++i) {
                flat[2 * i] = pairs[i].key;
                flat[2 * i + 1] = pairs[i].value;
            }
            return heap.tuple(what, node, build_map(heap, flat, n, nullptr));
        }
        // As OTP orders them: the id first, then the reason, then the type.
        Term list = Term::nil();
        for (const Term key : {am::node_type(), am::nodedown_reason(), am::connection_id()}) {
            for (size_t i = 0; i < n; ++i) {
                if (pairs[i].key == key) list = heap.cons(heap.tuple(key, pairs[i].value), list);
            }
        }
        return heap.tuple(what, node, list);
    });
}

}  // namespace lintel
