/// BIFs on this node and others. docs/design/distribution.md.

#include <algorithm>
#include <string>

#include "gc/copy.h"
#include "gc/map_builder.h"
#include "sched/remote.h"
#include "stdlib/build.h"
#include "stdlib/bytes_arg.h"
#include "term/map.h"
#include "term/views.h"
#include "vm/iolist.h"

namespace lintel {

namespace {

Distribution& distribution(ExecState& p) { return as_process(p).machine().distribution; }

/// Name@Host.
bool is_node_name(Term t) {
    if (!t.is_atom()) return false;
    const std::string_view text = atom_name(t);
    const size_t at = text.find('@');
    if (at == std::string_view::npos || at == 0 || at + 1 == text.size()) return false;
    if (text.find('@', at + 1) != std::string_view::npos) return false;
    return std::ranges::all_of(text.substr(0, at), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
}

bool to_unsigned(Term t, uint64_t most, uint64_t* out) {
    if (t.is_small()) {
        *out = static_cast<uint64_t>(t.to_small());
        return t.to_small() >= 0 && *out <= most;
    }
    const BignumView big = as_bignum(t);
    if (!big || big.negative() || big.limbs().size() != 1) return false;
    *out = big.limbs()[0];
    return *out <= most;
}

Term make_handle(ExecState& p, DistConnection& c) {
    auto heap = p.reserve(kMagicRefWords);
    return c.handle(heap);
}

// ---- nodes

/// What nodes/1,2 select.
struct Selection {
    bool self = false, visible = false, hidden = false, others = false;

    /// False: there is no such thing.
    bool add(Term kind) {
        switch (atom_id(kind)) {
            case AtomId::this_: self = true; return true;
            case AtomId::visible: visible = true; return true;
            case AtomId::hidden: hidden = true; return true;
            case AtomId::connected: visible = hidden = true; return true;
            case AtomId::known: self = visible = hidden = others = true; return true;
            default: return false;
        }
    }
    bool parse(Term t) {
        if (t.is_atom()) return add(t);
        for (; t.is_cons(); t = t.tail()) {
            if (!add(t.head())) return false;
        }
        return t.is_nil();
    }
    bool has(Term type) const {
        return type == am::this_() ? self : type == am::visible() ? visible : type == am::hidden() ? hidden : others;
    }
};

}  // namespace

/// erlang:nodes/1: names of the nodes that are this, visible, hidden, connected or known. Fails: badarg.
Term nodes_1(ExecState& p, Args a) {
    Selection selection;
    if (!selection.parse(a[0])) return p.badarg();
    ListMaker list(p);
    const auto all = distribution(p).nodes();
    for (const auto& node : all) {
        if (selection.has(node.type)) list.add(node.name);
    }
    p.charge(all.size() / 10);
    return list.list();
}

/// erlang:nodes/0: the visible nodes.
Term nodes_0(ExecState& p, Args) {
    const Term visible = am::visible();
    return nodes_1(p, Args{&visible});
}

/// erlang:nodes/2: [{Node, Info}] with the info that Options ask for: #{connection_id => boolean(), node_type => boolean()}. Fails: badarg.
Term nodes_2(ExecState& p, Args a) {
    Selection selection;
    if (!selection.parse(a[0]) || !a[1].is_map()) return p.badarg();
    bool with[2];
    size_t known = 0;
    const Term keys[2] = {am::connection_id(), am::node_type()};
    for (size_t i = 0; i < 2; ++i) {
        const Term* value = map_find(a[1], keys[i]);
        if (value != nullptr && *value != am::true_() && *value != am::false_()) return p.badarg();
        with[i] = value != nullptr && *value == am::true_();
        known += value != nullptr ? 1 : 0;
    }
    if (map_size(a[1]) != known) return p.badarg();
    ListMaker list(p);
    for (const auto& node : distribution(p).nodes()) {
        if (!selection.has(node.type)) continue;
        auto heap = p.reserve(small_map_words(2));
        const MapPair id{am::connection_id(), node.has_id ? Term::small(node.id) : am::undefined()};
        const MapPair type{am::node_type(), node.type};
        const Term info = with[0] && with[1] ? small_map(heap, {id, type})
                          : with[0]          ? small_map(heap, {id})
                          : with[1]          ? small_map(heap, {type})
                                             : small_map(heap, {});
        list.add_pair(node.name, info);
    }
    return list.list();
}

/// erlang:monitor_node/3: {nodedown, Node} comes when the connection to Node ends, or cannot be made. Option allow_passive_connect.
/// Fails: badarg; notalive.
Term monitor_node_3(ExecState& state, Args a) {
    Process& p = as_process(state);
    bool may_wait = true;
    Term list = a[2];
    for (; list.is_cons(); list = list.tail()) {
        if (list.head() != am::allow_passive_connect()) return state.badarg_because(am::badopt());
        may_wait = false;
    }
    if (!list.is_nil()) return state.badarg_because(am::badopt());
    if (!a[0].is_atom()) return state.badarg();
    if (a[0] != am::nonode_at_nohost() && !distribution(state).is_alive()) return state.error(am::notalive());
    if (a[1] != am::true_() && a[1] != am::false_()) return state.badarg();
    if (monitor_node(p, a[0], a[1] == am::true_(), may_wait)) return am::true_();
    const ExportEntry* other = p.vm->code.export_entry(am::erlang(), am::dmonitor_node(), 3);
    return state.trap(other, {a[0], a[1], a[2]});
}

/// erlang:monitor_node/2.
Term monitor_node_2(ExecState& p, Args a) {
    const Term all[] = {a[0], a[1], Term::nil()};
    return monitor_node_3(p, Args{all});
}

/// net_kernel:dflag_unicode_io/1: whether the node of Pid reads and writes Unicode. Fails: badarg.
Term net_kernel_dflag_unicode_io_1(ExecState& p, Args a) {
    if (!a[0].is_pid()) return p.badarg();
    if (!is_external_pid(a[0])) return am::true_();
    const ConnectionRef c = distribution(p).find(Term(a[0].boxed_words()[1]));
    return boolean(c && (c->flags() & dist_flag::kUnicodeIo) != 0);
}

// ---- for net_kernel

/// erlang:setnode/2: this node gets its name and its creation. Fails: badarg; notsup if the host does not allow it.
Term setnode_2(ExecState& p, Args a) {
    uint64_t creation = 0;
    if (!is_node_name(a[0]) || a[0] == am::nonode_at_nohost() || !to_unsigned(a[1], UINT32_MAX, &creation))
        return p.badarg();
    if (!may(as_process(p), Right::distribution)) return p.notsup();
    return distribution(p).start(as_process(p), a[0], static_cast<uint32_t>(creation)) ? am::true_() : p.badarg();
}

/// erts_internal:get_creation/0.
Term erts_internal_get_creation_0(ExecState& p, Args) {
    const uint32_t creation = as_process(p).machine().creation();
    return creation == 0 ? am::undefined() : Term::small(creation);
}

/// erts_internal:get_dflags/0: {erts_dflags, Default, Mandatory, Addable, Rejectable, StrictOrder}.
Term erts_internal_get_dflags_0(ExecState& p, Args) {
    const auto n = [](uint64_t flags) { return Term::small(static_cast<int64_t>(flags)); };
    using namespace dist_flag;
    return p.reserve(tuple_words(6))
        .tuple(am::erts_dflags(), n(kDefault), n(kMandatory), n(kDefault), n(kRejectable), n(kStrictOrder));
}

/// It belongs to a tenant that must not make connections to other nodes.
static bool is_kept_in(ExecState& p) {
    Process& process = as_process(p);
    return LINTEL_UNLIKELY(process.acting_tenant().is_guest()) && !may(process, Right::distribution);
}

/// erts_internal:new_connection/1: the handle of the connection to Node that there is, or is to be made. Fails: badarg.
Term erts_internal_new_connection_1(ExecState& p, Args a) {
    if (is_kept_in(p)) return p.badarg();
    if (!is_node_name(a[0]) || a[0] == as_process(p).machine().node_name()) return p.badarg();
    return make_handle(p, *distribution(p).find_or_make(a[0]));
}

/// erts_internal:abort_pending_connection/2 (Node, Handle): false if it is connected. Fails: badarg.
Term erts_internal_abort_pending_connection_2(ExecState& p, Args a) {
    if (is_kept_in(p)) return p.badarg();
    auto* c = as_magic<DistConnection>(a[1]);
    if (c == nullptr || c->node != a[0]) return p.badarg();
    return boolean(!distribution(p).abort_pending(*c));
}

namespace {

/// `p` becomes the controller of the connection. False: it has one already, or the connection is not pending.
bool take_control(Process& p, DistConnection& c, Term asker, uint64_t flags, uint32_t creation) {
    ProcessDist& dist = p.need_dist();
    if (dist.controls) return false;
    dist.controls = ConnectionRef::to(&c);
    if (p.machine().distribution.set_up(c, p.self, asker, flags, creation, nullptr)) return true;
    dist.controls = ConnectionRef();
    return false;
}

/// term: {Handle, Ref, Flags, Creation}; from: who asks.
void take_control_for(Vm& vm, Process* p, ControlSignal& s) {
    const TupleView t = as_tuple(s.term);
    auto* c = as_magic<DistConnection>(t[0]);
    uint64_t flags = 0, creation = 0;
    to_unsigned(t[2], UINT64_MAX, &flags);
    to_unsigned(t[3], UINT32_MAX, &creation);
    const bool is_done = p != nullptr && take_control(*p, *c, s.from, flags, static_cast<uint32_t>(creation));
    const size_t words = tuple_words(2) + flat_size(t[1], nullptr) + kMagicRefWords;
    const MemoryReserve reserve;
    auto* message = make_signal<Signal>(SignalKind::message, words);
    if (message == nullptr) stop_without_memory(words * kWordBytes);
    {
        HeapBuilder heap(message->fragment);
        const Term handle = is_done ? c->handle(heap) : am::badarg();
        message->term = heap.tuple(copy_term(t[1], heap, nullptr), handle);
    }
    vm.deliver(s.from, message);
}

}  // namespace

/// erts_internal:create_dist_channel/3 (Node, Controller, {Flags, Creation}): {ok, Handle}; {message, Ref}: {Ref, Handle | badarg} comes as a
/// message; badarg.
Term erts_internal_create_dist_channel_3(ExecState& state, Args a) {
    if (is_kept_in(state)) return state.badarg();
    Process& p = as_process(state);
    Distribution& nodes = distribution(state);
    const auto pair = as_tuple(a[2], 2);
    uint64_t flags = 0, creation = 0;
    if (!nodes.is_alive() || !is_node_name(a[0]) || a[0] == nodes.name() || !pair) return am::badarg();
    if (!a[1].is_local_pid() && !a[1].is_local_port()) return am::badarg();
    if (!to_unsigned(pair[0], UINT64_MAX, &flags) || !to_unsigned(pair[1], UINT32_MAX, &creation)) return am::badarg();
    if ((~flags & dist_flag::kMandatory) != 0) return am::badarg();
    const ConnectionRef c = nodes.find_or_make(a[0]);
    if (c->state() == DistConnection::State::exiting) {
        // It goes on when those who watch the node have been told of its end.
        p.pending = Pending::yield;
        return Term::none();
    }
    if (a[1] == p.self) {
        if (!take_control(p, *c, p.self, flags, static_cast<uint32_t>(creation))) return am::badarg();
        return make_tuple2(state, am::ok(), make_handle(state, *c));
    }
    if (a[1].is_local_pid()) {
        auto heap = p.reserve(kRefWords + kMagicRefWords + tuple_words(4));
        const Term ref = heap.ref(p.vm->next_reference_number(), 0);
        const Term request = heap.tuple(c->handle(heap), ref, pair[0], pair[1]);
        Process* target = p.machine().processes.find(a[1]);
        if (target == nullptr || !p.machine().call(*target, p.self, 0, request, take_control_for)) return am::badarg();
        return make_tuple2(state, am::message(), ref);
    }
    const std::shared_ptr<Port> port = p.machine().ports.find(a[1]);
    if (port == nullptr) return am::badarg();
    {
        const std::lock_guard lock(port->mutex);
        if (port->state != Port::State::open || !port->driver().can_distribute() || port->distribution)
            return am::badarg();
        port->distribution = c;
        if (!nodes.set_up(*c, a[1], p.self, flags, static_cast<uint32_t>(creation), port)) {
            port->distribution = ConnectionRef();
            return am::badarg();
        }
        c->write_to(*port);
    }
    return make_tuple2(state, am::ok(), make_handle(state, *c));
}

// ---- for controllers

namespace {

/// The connection of `handle`, which the caller must control. Raises notsup or badarg.
DistConnection* controlled(ExecState& state, Term handle) {
    Process& p = as_process(state);
    if (p.extra == nullptr || p.extra->dist == nullptr || !p.extra->dist->controls) {
        state.notsup();
        return nullptr;
    }
    auto* c = as_magic<DistConnection>(handle);
    if (c == nullptr || c != p.extra->dist->controls.get()) {
        state.badarg();
        return nullptr;
    }
    return c;
}

}  // namespace

/// erlang:dist_ctrl_input_handler/2 (Handle, Pid): Pid brings the packets that come. Fails: notsup; badarg.
Term dist_ctrl_input_handler_2(ExecState& p, Args a) {
    DistConnection* c = controlled(p, a[0]);
    if (c == nullptr) return Term::none();
    if (!a[1].is_local_pid()) return p.badarg();
    c->input_handler.store(a[1].word(), std::memory_order_release);
    return am::ok();
}

/// erlang:dist_ctrl_put_data/2 (Handle, Packet): takes a packet that has come. Fails: badarg; notsup if the caller is not the input handler.
Term dist_ctrl_put_data_2(ExecState& p, Args a) {
    auto* c = as_magic<DistConnection>(a[0]);
    if (!a[1].is_list() && !as_binary(a[1])) return p.badarg();
    if (c == nullptr) return p.badarg();
    if (c->input_handler.load(std::memory_order_acquire) != as_process(p).self.word()) return p.notsup();
    size_t size = 0;
    if (a[1].is_list()) {
        std::string bytes;
        if (!iolist_pieces(a[1],
                           [&](const uint8_t* b, size_t n) { bytes.append(reinterpret_cast<const char*>(b), n); }))
            return p.badarg();
        size = bytes.size();
        c->packets_in.fetch_add(1, std::memory_order_relaxed);
        c->input({reinterpret_cast<const uint8_t*>(bytes.data()), size});
    } else {
        const BytesArg bytes(a[1]);
        if (!bytes) return p.system_limit();
        size = bytes.size();
        c->packets_in.fetch_add(1, std::memory_order_relaxed);
        c->input({bytes.data(), size});
    }
    p.charge(5 + size / 64);
    return am::ok();
}

/// erlang:dist_ctrl_get_data/1: the next packet to be sent, as a list of binaries, or {Size, List}; none. Fails: notsup; badarg.
Term dist_ctrl_get_data_1(ExecState& p, Args a) {
    DistConnection* c = controlled(p, a[0]);
    if (c == nullptr) return Term::none();
    std::string packet;
    if (!c->take_packet(&packet)) return am::none();
    p.charge(5 + packet.size() / 64);
    const Term binary = make_binary(p, packet);
    if (binary.is_none()) return binary;
    const Term list = make_cons(p, binary, Term::nil());
    if (!c->gets_sizes.load(std::memory_order_relaxed)) return list;
    return make_tuple2(p, Term::small(static_cast<int64_t>(packet.size())), list);
}

/// erlang:dist_ctrl_get_data_notification/1: the message dist_data comes when there is a packet. Fails: notsup; badarg.
Term dist_ctrl_get_data_notification_1(ExecState& p, Args a) {
    DistConnection* c = controlled(p, a[0]);
    if (c == nullptr) return Term::none();
    c->request_notification();
    return am::ok();
}

/// erlang:dist_ctrl_get_opt/2: option get_size. Fails: notsup; badarg.
Term dist_ctrl_get_opt_2(ExecState& p, Args a) {
    DistConnection* c = controlled(p, a[0]);
    if (c == nullptr) return Term::none();
    return a[1] == am::get_size() ? boolean(c->gets_sizes.load(std::memory_order_relaxed)) : p.badarg();
}

/// erlang:dist_ctrl_set_opt/3: the value before. Fails: notsup; badarg.
Term dist_ctrl_set_opt_3(ExecState& p, Args a) {
    DistConnection* c = controlled(p, a[0]);
    if (c == nullptr) return Term::none();
    if (a[1] != am::get_size() || (a[2] != am::true_() && a[2] != am::false_())) return p.badarg();
    return boolean(c->gets_sizes.exchange(a[2] == am::true_(), std::memory_order_relaxed));
}

/// erlang:dist_get_stat/1: {ok, PacketsIn, PacketsOut, Pending}. Fails: badarg.
Term dist_get_stat_1(ExecState& p, Args a) {
    auto* c = as_magic<DistConnection>(a[0]);
    if (c == nullptr || c->state() == DistConnection::State::gone) return p.badarg();
    const auto n = [](uint64_t v) { return Term::small(static_cast<int64_t>(v)); };
    return p.reserve(tuple_words(4))
        .tuple(am::ok(), n(c->packets_in.load(std::memory_order_relaxed)),
               n(c->packets_out.load(std::memory_order_relaxed)), n(c->queued_bytes()));
}

}  // namespace lintel
