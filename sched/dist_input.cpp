/// What other nodes want: control messages, as packets bring them. Any of it may be nonsense: then the connection is closed.

#include <algorithm>

#include "gc/copy.h"
#include "sched/exit_signals.h"
#include "sched/remote.h"
#include "sched/vm.h"
#include "term/views.h"

namespace lintel {

namespace {

Term op_term(DistOp op) { return Term::small(static_cast<int64_t>(op)); }

/// One signal of a packet.
class Input {
public:
    Input(DistConnection& connection, const PacketReader::Signal& signal)
        : c_(connection), vm_(connection.vm),
          signal_(signal), context_{vm_.atoms, &vm_.code, false, vm_.node_name(), vm_.creation(), signal.atoms} {}
    ~Input() {
        if (fragment_ != nullptr) HeapFragment::destroy(fragment_);
    }
    Input(const Input&) = delete;
    Input& operator=(const Input&) = delete;

    /// False: it makes no sense.
    bool take() { return read_control() && dispatch(); }

private:
    bool read_control();
    bool dispatch();
    bool link();
    bool unlink_signal(Word number, size_t at, void (*run)(Vm&, Process*, ControlSignal&));
    bool unlink(bool has_number);
    bool unlink_ack();
    bool monitor();
    bool demonitor();
    bool send(Term to, bool is_traced);
    TokenSignal* token_message(SignalKind kind);
    bool exit(DistOp op);
    bool monitor_exit(bool has_payload);
    bool group_leader();
    bool spawn_request();
    bool spawn_reply();

    std::optional<EtfPlan> plan(std::span<const uint8_t> bytes) const {
        return signal_.has_versions ? plan_etf(context_, bytes) : plan_etf_payload(context_, bytes);
    }
    /// A signal with the payload's term and `words` more: build(heap, payload) makes its term. nullptr: the payload is malformed, or there is
    /// no memory.
    template <typename S, typename F>
    S* with_payload(SignalKind kind, size_t words, F build);
    /// As with_payload, with the reason of an exit: the payload, or `given`.
    template <typename S, typename F>
    S* with_reason(SignalKind kind, size_t words, std::optional<Term> given, F build);
    /// A signal of kind dist with a copy of `t`, for `to`.
    ControlSignal* dist_signal(Term to, Term t, void (*run)(Vm&, Process*, ControlSignal&));

    size_t arity() const { return control_.arity(); }
    /// Whether a pid of the other node.
    bool is_theirs(Term pid) const { return is_external_pid(pid) && Term(pid.boxed_words()[1]) == c_.node; }
    /// Whether a pid of an earlier life of this node.
    bool is_old_own(Term pid) const { return pid.is_pid() && is_own_of_old(vm_, pid); }
    static bool is_their_ref(Term ref) { return is_external_ref(ref); }

    DistConnection& c_;
    Vm& vm_;
    const PacketReader::Signal& signal_;
    const EtfContext context_;
    HeapFragment* fragment_ = nullptr;
    TupleView control_;
    std::span<const uint8_t> payload_;
};

bool Input::read_control() {
    const auto planned = plan(signal_.bytes);
    if (!planned || planned->no_memory) return false;
    fragment_ = HeapFragment::create(planned->words);
    if (fragment_ == nullptr) return false;
    Term t;
    {
        HeapBuilder heap(fragment_);
        t = build_etf(context_, *planned, signal_.bytes, heap);
    }
    payload_ = signal_.bytes.subspan(planned->used_bytes);
    if (t.is_none()) return false;
    control_ = as_tuple(t);
    return control_ && arity() >= 1 && control_[0].is_small();
}

template <typename S, typename F>
S* Input::with_payload(SignalKind kind, size_t words, F build) {
    const auto planned = plan(payload_);
    if (!planned || planned->no_memory) return nullptr;
    S* s = make_signal<S>(kind, planned->words + words);
    if (s == nullptr) return nullptr;
    if (s->fragment == nullptr) {
        // An immediate needs no room.
        Word none[1];
        Word* top = none;
        OffHeapList off_heap;
        HeapBuilder heap(&top, 0, &off_heap);
        s->term = build_etf(context_, *planned, payload_, heap);
    } else {
        HeapBuilder heap(s->fragment);
        const Term t = build_etf(context_, *planned, payload_, heap);
        s->term = t.is_value() ? build(heap, t) : t;
    }
    if (s->term.is_value()) return s;
    free_signal(s);
    return nullptr;
}

template <typename S, typename F>
S* Input::with_reason(SignalKind kind, size_t words, std::optional<Term> given, F build) {
    if (!given) return with_payload<S>(kind, words, build);
    const MemoryReserve reserve;
    auto* s = make_signal<S>(kind, words + flat_size(*given, nullptr));
    if (s == nullptr) return nullptr;
    HeapBuilder heap(s->fragment);
    const Term reason = copy_term(*given, heap, nullptr);
    s->term = build(heap, reason);
    return s;
}

ControlSignal* Input::dist_signal(Term to, Term t, void (*run)(Vm&, Process*, ControlSignal&)) {
    const MemoryReserve reserve;
    const size_t words = flat_size(t, nullptr);
    auto* s = make_signal<ControlSignal>(SignalKind::dist, words);
    if (s == nullptr) stop_without_memory(words * kWordBytes);
    if (s->fragment == nullptr) {
        s->term = t;
    } else {
        HeapBuilder heap(s->fragment);
        s->term = copy_term(t, heap, nullptr);
    }
    s->from = to;
    s->a = c_.id;
    s->run = run;
    return s;
}

/// Hands a signal of kind dist over; without a process, it answers for itself.
void deliver_or_answer(Vm& vm, Term to, ControlSignal* s) {
    const ForeignReader reader(vm.epochs);
    Process* p = vm.processes.find(to);
    if (p == nullptr || !vm.deliver(*p, s)) s->run(vm, nullptr, *s);
}

bool Input::dispatch() {
    const int64_t number = control_[0].to_small();
    if (number <= 0 || number > static_cast<int64_t>(DistOp::unlink_id_ack)) return false;
    const auto op = static_cast<DistOp>(number);
    switch (op) {
        case DistOp::link: return arity() == 3 && link();
        case DistOp::unlink: return arity() == 3 && unlink(false);
        case DistOp::unlink_id: return arity() == 4 && unlink(true);
        case DistOp::unlink_id_ack: return arity() == 4 && unlink_ack();
        case DistOp::monitor_p: return arity() == 4 && monitor();
        case DistOp::demonitor_p: return arity() == 4 && demonitor();
        case DistOp::reg_send:
        case DistOp::reg_send_tt:
            if (arity() != (op == DistOp::reg_send ? 4 : 5)) return false;
            return control_[1].is_pid() && control_[3].is_atom() && send(control_[3], op == DistOp::reg_send_tt);
        case DistOp::send:
        case DistOp::send_sender: return arity() == 3 && control_[2].is_pid() && send(control_[2], false);
        case DistOp::send_tt:
        case DistOp::send_sender_tt: return arity() == 4 && control_[2].is_pid() && send(control_[2], true);
        case DistOp::alias_send:
        case DistOp::alias_send_tt:
            if (arity() != (op == DistOp::alias_send ? 3 : 4)) return false;
            return control_[2].is_reference() && send(control_[2], op == DistOp::alias_send_tt);
        case DistOp::exit:
        case DistOp::exit_tt:
        case DistOp::payload_exit:
        case DistOp::payload_exit_tt:
        case DistOp::exit2:
        case DistOp::exit2_tt:
        case DistOp::payload_exit2:
        case DistOp::payload_exit2_tt: return exit(op);
        case DistOp::monitor_p_exit: return arity() == 5 && monitor_exit(false);
        case DistOp::payload_monitor_p_exit: return arity() == 4 && monitor_exit(true);
        case DistOp::group_leader: return arity() == 3 && group_leader();
        case DistOp::spawn_request: return arity() == 6 && spawn_request();
        case DistOp::spawn_request_tt: return arity() == 7 && spawn_request();
        case DistOp::spawn_reply: return arity() == 5 && spawn_reply();
        case DistOp::spawn_reply_tt: return arity() == 6 && spawn_reply();
    }
    return false;
}

// ---- links

bool Input::link() {
    const Term from = control_[1], to = control_[2];
    if (!is_theirs(from)) return false;
    if (is_old_own(to)) {
        Word words[8];
        Word* top = words;
        OffHeapList off_heap;
        HeapBuilder heap(&top, 8, &off_heap);
        c_.send(heap.tuple(op_term(DistOp::payload_exit), to, from), am::noproc());
        return true;
    }
    if (!to.is_local_pid()) return false;
    deliver_or_answer(vm_, to, dist_signal(to, from, on_remote_link));
    return true;
}

/// The number of an unlink: up to 64 bits, not 0.
bool unlink_number(Term t, Word* number) {
    if (t.is_small()) {
        *number = static_cast<Word>(t.to_small());
        return t.to_small() > 0;
    }
    const BignumView big = as_bignum(t);
    if (!big || big.negative() || big.limbs().size() != 1) return false;
    *number = big.limbs()[0];
    return true;
}

/// From and to are at `at` and after it in the tuple; `run` gets the number.
bool Input::unlink_signal(Word number, size_t at, void (*run)(Vm&, Process*, ControlSignal&)) {
    const Term from = control_[at], to = control_[at + 1];
    if (!is_theirs(from)) return false;
    if (is_old_own(to)) return true;
    if (!to.is_local_pid()) return false;
    ControlSignal* s = dist_signal(to, from, run);
    s->b = number;
    deliver_or_answer(vm_, to, s);
    return true;
}

bool Input::unlink(bool has_number) {
    Word number = 0;
    if (has_number && !unlink_number(control_[1], &number)) return false;
    return unlink_signal(number, has_number ? 2 : 1, on_remote_unlink);
}

bool Input::unlink_ack() {
    Word number;
    return unlink_number(control_[1], &number) && unlink_signal(number, 2, on_remote_unlink_ack);
}

// ---- monitors

bool Input::monitor() {
    const Term watcher = control_[1], watched = control_[2], ref = control_[3];
    if (!is_theirs(watcher) || !is_their_ref(ref)) return false;
    const bool by_name = watched.is_atom();
    Term pid = by_name ? vm_.names.find(watched) : watched;
    if (!by_name && !watched.is_local_pid() && !is_old_own(watched)) return false;
    Word words[24];
    Word* top = words;
    OffHeapList off_heap;
    HeapBuilder heap(&top, std::size(words), &off_heap);
    if (pid.is_none() || !pid.is_local_pid()) {
        c_.send(heap.tuple(op_term(DistOp::payload_monitor_p_exit), watched, watcher, ref), am::noproc());
        return true;
    }
    if (by_name) c_.note_name_monitor(RemoteRef::of(ref), pid);
    const Term t = heap.tuple(watcher, ref, by_name ? watched : Term::nil());
    deliver_or_answer(vm_, pid, dist_signal(pid, t, on_remote_monitor));
    return true;
}

bool Input::demonitor() {
    const Term watcher = control_[1], watched = control_[2], ref = control_[3];
    if (!is_theirs(watcher) || !ref.is_reference()) return false;
    if (is_old_own(watched)) return true;
    if (!watched.is_local_pid() && !watched.is_atom()) return false;
    if (!is_their_ref(ref)) return true;
    const Term pid = watched.is_atom() ? c_.take_name_monitor(RemoteRef::of(ref)) : watched;
    if (pid.is_none()) return true;
    Word words[8];
    Word* top = words;
    OffHeapList off_heap;
    HeapBuilder heap(&top, std::size(words), &off_heap);
    deliver_or_answer(vm_, pid, dist_signal(pid, heap.tuple(watcher, ref), on_remote_demonitor));
    return true;
}

bool Input::monitor_exit(bool has_payload) {
    const Term watched = control_[1], watcher = control_[2], ref = control_[3];
    if (!ref.is_reference() || (!is_external_pid(watched) && !watched.is_atom())) return false;
    if (is_old_own(watcher)) return true;
    if (!watcher.is_local_pid()) return false;
    if (!ref.is_kind(Kind::ref)) return true;
    const size_t words = tuple_words(5) + kAliasRefWords + RemotePid::kWords + tuple_words(2);
    const std::optional<Term> given = has_payload ? std::nullopt : std::optional(control_[4]);
    auto* s = with_reason<ControlSignal>(SignalKind::down, words, given, [&](HeapBuilder& heap, Term reason) {
        const Term item = watched.is_atom() ? heap.tuple(watched, c_.node) : RemotePid::of(watched).build(heap);
        return heap.tuple(am::DOWN(), copy_term(ref, heap, nullptr), am::process(), item, reason);
    });
    if (s == nullptr) return false;
    s->is_sent = true;  // as in OTP: it takes a token away, which one of this node does not
    s->a = ref.boxed_words()[1];
    vm_.deliver(watcher, s);
    return true;
}

// ---- messages

/// The token that another node has sent. False: malformed.
bool read_token(Term t, SeqToken* token) {
    const TupleView parts = as_tuple(t, 5);
    if (!parts || !parts[0].is_small() || !parts[2].is_small() || !parts[3].is_pid() || !parts[4].is_small())
        return false;
    token->flags = static_cast<uint32_t>(parts[0].to_small());
    token->label = parts[1];
    token->serial = parts[2].to_small();
    token->from = parts[3];
    token->previous = parts[4].to_small();
    return true;
}

/// A message, with the token that is the last of the control's elements.
TokenSignal* Input::token_message(SignalKind kind) {
    SeqToken token;
    if (!read_token(control_[arity() - 1], &token)) return nullptr;
    auto* const s = with_payload<TokenSignal>(kind, token_words(token, nullptr), [&](HeapBuilder& heap, Term t) {
        copy_token_terms(token, heap, nullptr);
        return t;
    });
    if (s == nullptr) return nullptr;
    s->has_token = true;
    s->origin = MessageOrigin::sender;
    s->from = c_.node;
    s->token = token;
    return s;
}

bool Input::send(Term to, bool is_traced) {
    if (to.is_atom()) to = vm_.names.find(to);
    if (to.is_none() || (!to.is_local_pid() && !to.is_kind(Kind::ref))) return true;  // nobody is there
    // The node is all that tracing tells of senders elsewhere.
    const auto payload = [](HeapBuilder&, Term t) { return t; };
    if (to.is_local_pid()) {
        Signal* s;
        if (LINTEL_UNLIKELY(is_traced)) {
            s = token_message(SignalKind::message);
        } else if (LINTEL_UNLIKELY(vm_.tracing.notes_senders())) {
            auto* const noted = with_payload<ControlSignal>(SignalKind::message, 0, payload);
            if (noted == nullptr) return false;
            noted->from = c_.node;
            s = as_message(noted);
        } else {
            s = with_payload<Signal>(SignalKind::message, 0, payload);
        }
        if (s == nullptr) return false;
        s->is_sent = true;
        vm_.deliver(to, s);
        return true;
    }
    const Word* words = to.boxed_words();
    if (header_size(*words) != 3 || !Term(words[3]).is_local_pid()) return true;
    ControlSignal* const s = is_traced ? token_message(SignalKind::alias_message)
                                       : with_payload<ControlSignal>(SignalKind::alias_message, 0, payload);
    if (s == nullptr) return false;
    s->is_sent = true;
    s->from = c_.node;
    s->a = words[1];
    vm_.deliver(Term(words[3]), s);
    return true;
}

// ---- exit signals

bool Input::exit(DistOp op) {
    const bool has_payload = op >= DistOp::payload_exit;
    const bool by_link =
        op == DistOp::exit || op == DistOp::exit_tt || op == DistOp::payload_exit || op == DistOp::payload_exit_tt;
    const bool is_traced = op == DistOp::exit_tt || op == DistOp::exit2_tt || op == DistOp::payload_exit_tt ||
                           op == DistOp::payload_exit2_tt;
    const size_t without_token = has_payload ? 3 : 4;
    if (arity() != (is_traced ? without_token + 1 : without_token)) return false;
    const Term from = control_[1], to = control_[2];
    if (!is_theirs(from)) return false;
    if (is_old_own(to)) return true;
    if (!to.is_local_pid()) return false;
    const std::optional<Term> given = has_payload ? std::nullopt : std::optional(control_[arity() - 1]);
    const SignalKind kind = by_link ? SignalKind::dist : SignalKind::exit;
    constexpr size_t kWords = tuple_words(3) + RemotePid::kWords;
    const auto build = [&](HeapBuilder& heap, Term reason) {
        return heap.tuple(am::EXIT(), RemotePid::of(from).build(heap), reason);
    };
    ControlSignal* s = nullptr;
    if (LINTEL_UNLIKELY(is_traced)) {
        SeqToken token;
        if (!read_token(control_[3], &token)) return false;
        const auto build_both = [&](HeapBuilder& heap, Term reason) {
            copy_token_terms(token, heap, nullptr);
            return build(heap, reason);
        };
        auto* const traced = with_reason<TokenSignal>(kind, kWords + token_words(token, nullptr), given, build_both);
        if (traced == nullptr) return false;
        traced->has_token = true;
        traced->token = token;
        s = traced;
    } else {
        s = with_reason<ControlSignal>(kind, kWords, given, build);
    }
    if (s == nullptr) return false;
    s->is_sent = true;
    if (by_link) {
        s->from = to;
        s->a = c_.id;
        s->run = on_remote_link_exit;
        deliver_or_answer(vm_, to, s);
    } else {
        vm_.deliver(to, s);
    }
    return true;
}

bool Input::group_leader() {
    const Term leader = control_[1], to = control_[2];
    if (!leader.is_pid() || !to.is_pid()) return false;
    if (!to.is_local_pid()) return true;
    const MemoryReserve reserve;
    auto* s = make_signal<ControlSignal>(SignalKind::group_leader, flat_size(leader, nullptr));
    if (s == nullptr) return false;
    if (s->fragment == nullptr) {
        s->term = leader;
    } else {
        HeapBuilder heap(s->fragment);
        s->term = copy_term(leader, heap, nullptr);
    }
    vm_.deliver(to, s);
    return true;
}

// ---- spawning

/// What a new process gets before it runs.
struct Birth {
    DistConnection& connection;
    Term ref, from;
    bool link, monitor;
    Signal* arguments;
};

void send_spawn_reply(DistConnection& c, Term ref, Term to, int64_t flags, Term result) {
    Word words[16];
    Word* top = words;
    OffHeapList off_heap;
    HeapBuilder heap(&top, std::size(words), &off_heap);
    c.send(heap.tuple(op_term(DistOp::spawn_reply), ref, to, Term::small(flags), result));
}

/// Links, monitor, the answer; then the arguments as its first message. Whatever it does comes behind the answer.
void prepare_child(Process& p, void* context) {
    Birth& birth = *static_cast<Birth*>(context);
    const ConnectionRef c = ConnectionRef::to(&birth.connection);
    if (birth.link || birth.monitor) {
        // If the connection is gone, nobody will hear of the process.
        if (c->tie(p.self)) {
            auto ties = std::make_unique<DistTies>();
            ties->connection = c;
            if (birth.link) ties->links[RemotePid::of(birth.from)] = {true, 0};
            if (birth.monitor) ties->watchers[RemoteRef::of(birth.ref)] = {RemotePid::of(birth.from), Term::none()};
            p.need_dist().ties.push_back(std::move(ties));
        }
    }
    send_spawn_reply(birth.connection, birth.ref, birth.from, (birth.link ? 1 : 0) | (birth.monitor ? 2 : 0), p.self);
    p.signals.push(birth.arguments);
    birth.arguments = nullptr;
}

bool Input::spawn_request() {
    const Term ref = control_[1], from = control_[2], leader = control_[3], options = control_[5];
    const TupleView mfa = as_tuple(control_[4], 3);
    if (!is_their_ref(ref) || !is_theirs(from) || !leader.is_pid()) return false;
    if (!mfa || !mfa[0].is_atom() || !mfa[1].is_atom() || !mfa[2].is_small()) return false;
    if (list_length(options) < 0) return false;
    SpawnOptions spawn;
    const auto refuse = [&](Term reason) {
        send_spawn_reply(c_, ref, from, 0, reason);
        return true;
    };
    if (vm_.parse_spawn_options == nullptr || !vm_.parse_spawn_options(vm_, options, &spawn))
        return refuse(am::badopt());
    auto* arguments = with_payload<Signal>(SignalKind::message, 0, [](HeapBuilder&, Term t) { return t; });
    if (arguments == nullptr) return false;
    Birth birth{c_, ref, from, spawn.link, spawn.monitor, arguments};
    Word words[kConsWords];
    Word* top = words;
    OffHeapList off_heap;
    HeapBuilder heap(&top, kConsWords, &off_heap);
    spawn.module = am::erts_internal();
    spawn.function = am::dist_spawn_init();
    spawn.arguments = heap.cons(control_[4], Term::nil());
    spawn.group_leader = leader;
    spawn.link = spawn.monitor = false;
    spawn.prepare = prepare_child;
    spawn.context = &birth;
    const ForeignReader reader(vm_.epochs);
    Vm::SpawnError error;
    const Term pid = vm_.spawn(spawn, &error);
    if (birth.arguments != nullptr) free_signal(birth.arguments);
    return pid.is_value() || refuse(am::system_limit());
}

bool Input::spawn_reply() {
    const Term ref = control_[1], parent = control_[2], flags = control_[3], result = control_[4];
    if (is_old_own(parent)) return true;
    if (!parent.is_local_pid() || !ref.is_reference() || !flags.is_small()) return false;
    if (flags.to_small() < 0 || (!is_theirs(result) && !result.is_atom())) return false;
    if (!ref.is_kind(Kind::ref)) return true;
    Word words[8];
    Word* top = words;
    OffHeapList off_heap;
    HeapBuilder heap(&top, std::size(words), &off_heap);
    ControlSignal* s = dist_signal(parent, heap.tuple(ref, result), on_spawn_reply);
    s->b = static_cast<Word>(flags.to_small());
    s->c = ref.boxed_words()[1];
    deliver_or_answer(vm_, parent, s);
    return true;
}

}  // namespace

bool take_signal(DistConnection& connection, const PacketReader::Signal& signal) {
    return Input(connection, signal).take();
}

}  // namespace lintel
