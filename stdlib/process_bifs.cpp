/// BIFs on a process's own life and flags, and on other processes' as a whole.

#include <optional>

#include "gc/copy.h"
#include "sched/remote.h"
#include "sched/vm.h"
#include "stdlib/build.h"
#include "stdlib/finding.h"
#include "stdlib/heap_limit.h"
#include "stdlib/old_code.h"
#include "term/identifier.h"
#include "term/map.h"
#include "term/views.h"

namespace lintel {

namespace {

/// Waits until the request that this process has sent is answered; then its answer. Used by BIFs that are called again.
Term await_answer(Process& p) {
    if (p.is_answered()) return p.take_answer();
    p.pending = Pending::wait;
    return Term::none();
}

/// {Ref, Value} as a message to `to`.
void send_pair(Process& p, Term to, Term ref, Term value) {
    Process* target = p.machine().processes.find(to);
    if (target == nullptr) return;
    bool no_memory = false;
    p.machine().send_message(*target, make_tuple2(p, ref, value), &no_memory);
}

void answer_alive(Vm& vm, Process* target, ControlSignal& s) {
    vm.reply(s.from, s.a, boolean(target != nullptr && !target->exiting));
}

/// {Ref, Atom} as a message, from whatever process this thread runs.
void answer_pair(Vm& vm, Term to, Term ref, Term atom) {
    auto* m = make_signal<Signal>(SignalKind::message, tuple_words(2) + flat_size(ref, &vm.literals, Walks::endable));
    if (m == nullptr) return;
    {
        HeapBuilder heap(m->fragment);
        const Term copy = copy_term(ref, heap, &vm.literals);
        m->term = heap.tuple(copy, atom);
    }
    deliver_finding(vm, to, m);
}

/// {Ref, Boolean} as a message.
void answer_alive_message(Vm& vm, Process* target, ControlSignal& s) {
    answer_pair(vm, s.from, s.term, boolean(target != nullptr && !target->exiting));
}

/// True if nothing that this process has sent to `target` can still be on its way or being handled.
bool is_quiet(Process& target) {
    return target.signals.empty() && (target.state.load(std::memory_order_seq_cst) & Process::kRunning) == 0 &&
           !target.is_exiting.load(std::memory_order_seq_cst);
}

}  // namespace

/// erlang:self/0.
Term self_0(ExecState& p, Args) { return p.self; }

/// erlang:is_process_alive/1. What the caller has sent to it before has taken effect. Fails: badarg.
Term is_process_alive_1(ExecState& state, Args a) {
    Process& p = as_process(state);
    if (p.has_request()) return await_answer(p);
    Vm& vm = p.machine();
    if (a[0].is_pid() && is_own_of_old(vm, a[0])) return am::false_();
    if (!a[0].is_local_pid()) return state.badarg();
    if (a[0] == p.self) return am::true_();
    Process* target = vm.processes.find(a[0]);
    if (target == nullptr) return am::false_();
    if (is_quiet(*target)) return boolean(vm.processes.find(a[0]) != nullptr);
    const Word number = p.begin_request();
    if (!vm.call(*target, p.self, number, am::ok(), answer_alive)) {
        p.cancel_request();
        return am::false_();
    }
    vm.lend_priority(*target, p.priority);
    return await_answer(p);
}

/// erts_internal:is_process_alive/2: {Ref, Boolean} comes as a message.
Term erts_internal_is_process_alive_2(ExecState& state, Args a) {
    Process& p = as_process(state);
    if (!a[0].is_local_pid() || !a[1].is_reference()) return state.badarg();
    Process* target = p.machine().processes.find(a[0]);
    if (target == nullptr || !p.machine().call(*target, p.self, 0, a[1], answer_alive_message)) {
        send_pair(p, p.self, a[1], am::false_());
    }
    return am::ok();
}

/// erlang:processes/0.
Term processes_0(ExecState& state, Args) {
    Process& p = as_process(state);
    ProcessTable& table = p.machine().processes;
    ListMaker list(p);
    size_t slot = 0, n = 0;
    while (Process* other = table.next(&slot)) {
        if (other->is_exiting.load(std::memory_order_relaxed)) continue;
        list.add(other->self);
        ++n;
    }
    p.charge(n / 4);
    return list.list();
}

/// erts_internal:processes_next/1 (OTP 28): {Next, Pids} from iteration state Next, or none at the end.
Term erts_internal_processes_next_1(ExecState& state, Args a) {
    constexpr size_t kAtATime = 1000;
    Process& p = as_process(state);
    if (!a[0].is_small() || a[0].to_small() < 0) return state.badarg();
    ProcessTable& table = p.machine().processes;
    size_t slot = static_cast<size_t>(a[0].to_small());
    if (slot >= table.limit()) return am::none();
    ListMaker list(p);
    size_t n = 0;
    while (n < kAtATime) {
        Process* other = table.next(&slot);
        if (other == nullptr) break;
        if (other->is_exiting.load(std::memory_order_relaxed)) continue;
        list.add(other->self);
        ++n;
    }
    p.charge(n / 4);
    if (n == 0) return am::none();
    return make_tuple2(p, Term::small(static_cast<int64_t>(slot)), list.list());
}

// ---- group leaders

/// erlang:group_leader/0.
Term group_leader_0(ExecState& state, Args) { return as_process(state).group_leader; }

/// The call of group_leader/3: its argument is {Ref, Leader}.
void set_group_leader(Vm& vm, Process* target, ControlSignal& s) {
    const TupleView request = as_tuple(s.term);
    const bool is_there = target != nullptr && !target->exiting;
    if (is_there) {
        auto heap = target->reserve(flat_size(request[1], &vm.literals));
        target->group_leader = copy_term(request[1], heap, &vm.literals);
    }
    answer_pair(vm, s.from, request[0], is_there ? am::true_() : am::badarg());
}

/// erts_internal:group_leader/2: true, or badarg (an atom: module erlang raises), or false: it takes group_leader/3.
Term erts_internal_group_leader_2(ExecState& state, Args a) {
    Process& p = as_process(state);
    if (!a[0].is_pid() || !a[1].is_pid()) return am::badarg();
    if (is_external_pid(a[1])) {
        set_group_leader_remote(p, a[0], a[1]);
        return am::true_();
    }
    if (a[1] == p.self) {
        p.group_leader = a[0];
        return am::true_();
    }
    Process* target = p.machine().processes.find(a[1]);
    if (target == nullptr || !may_end(p, *target)) return am::badarg();
    // What comes before may be the end of it.
    if (!target->signals.empty()) return am::false_();
    auto* s = make_signal<ControlSignal>(SignalKind::group_leader, flat_size(a[0], &p.vm->literals));
    if (s == nullptr) return state.system_limit();
    if (s->fragment == nullptr) {
        s->term = a[0];
    } else {
        HeapBuilder heap(s->fragment);
        s->term = copy_term(a[0], heap, &p.vm->literals);
    }
    if (p.machine().deliver(*target, s)) return am::true_();
    free_signal(s);
    return am::badarg();
}

/// erts_internal:group_leader/3: as group_leader/2, the outcome as message {Ref, Outcome}.
Term erts_internal_group_leader_3(ExecState& state, Args a) {
    Process& p = as_process(state);
    if (!a[0].is_pid() || !a[1].is_pid() || !a[2].is_reference()) return state.badarg();
    Process* const target = a[1].is_local_pid() && a[1] != p.self ? p.machine().processes.find(a[1]) : nullptr;
    if (target != nullptr && may_end(p, *target)) {
        const Term request = make_tuple2(p, a[2], a[0]);
        if (p.machine().call(*target, p.self, 0, request, set_group_leader)) {
            p.machine().lend_priority(*target, p.priority);
            return am::ok();
        }
    }
    const Term outcome = target != nullptr ? am::badarg() : erts_internal_group_leader_2(state, a);
    send_pair(p, p.self, a[2], outcome);
    return am::ok();
}

// ---- flags

Term priority_atom(Priority priority) {
    switch (priority) {
        case Priority::low: return am::low();
        case Priority::normal: return am::normal();
        case Priority::high: return am::high();
        case Priority::max: return am::max();
    }
    LINTEL_UNREACHABLE();
}

namespace {

/// Sets *flag to a boolean term; returns the value before, or the non-value if `value` is none.
template <typename Set>
Term swap_flag(bool before, Term value, Set set) {
    if (value != am::true_() && value != am::false_()) return Term::none();
    set(value == am::true_());
    return boolean(before);
}

Term swap_count(ExecState& p, Term value, int64_t before, int64_t limit, int64_t* now) {
    if (!value.is_small() || value.to_small() < 0) return Term::none();
    *now = value.to_small() > limit ? limit : value.to_small();
    return make_integer(p, before);
}

}  // namespace

namespace {

/// The options of process_flag(Flag, …), `monitor_nodes` or {monitor_nodes, Options}, as bits of node_events. Nothing if it is no such flag.
std::optional<unsigned> node_event_options(Term flag) {
    using namespace node_events;
    if (flag == am::monitor_nodes()) return 0;
    const TupleView pair = as_tuple(flag, 2);
    if (!pair || pair[0] != am::monitor_nodes()) return std::nullopt;
    if (pair[1].is_nil()) return 0;
    if (!pair[1].is_map()) return std::nullopt;
    unsigned options = kMap;
    MapIterator given(pair[1]);
    for (Term key, value; given.next(&key, &value);) {
        if (key == am::node_type()) {
            if (value != am::visible() && value != am::hidden() && value != am::all()) return std::nullopt;
            if (value != am::hidden()) options |= kVisible;
            if (value != am::visible()) options |= kHidden;
            continue;
        }
        if (value != am::true_() && (value != am::false_() || key == am::list())) return std::nullopt;
        const bool on = value == am::true_();
        if (key == am::list()) {
            options &= ~kMap;
        } else if (key == am::connection_id()) {
            options |= on ? kConnectionId : 0;
        } else if (key == am::nodedown_reason()) {
            options |= on ? kReason : 0;
        } else {
            return std::nullopt;
        }
    }
    return options;
}

/// How often it was set before.
Term set_node_monitor(Process& p, unsigned options, Term value) {
    if (value != am::true_() && value != am::false_()) return Term::none();
    p.need_extra().watches_nodes = true;
    return Term::small(
        static_cast<int64_t>(p.machine().distribution.watch_nodes(p.self, options, value == am::true_())));
}

}  // namespace

namespace {

/// `value`: the scheduler that is to run the process from now on, or 0 for any. It goes on there: the BIF returns in its next slice.
Term bind_to_scheduler(Process& p, Term value) {
    if (p.extra != nullptr && p.extra->bound_before) {
        const uint16_t before = *p.extra->bound_before;
        p.extra->bound_before.reset();
        return Term::small(before);
    }
    if (!value.is_small() || value.to_small() < 0 || value.to_small() > p.machine().scheduler_count())
        return Term::none();
    const auto bound_to = static_cast<uint16_t>(value.to_small());
    const uint16_t before = p.bound_to.exchange(bound_to, std::memory_order_relaxed);
    if (bound_to == 0 || bound_to == p.scheduler->index + 1) return Term::small(before);
    p.need_extra().bound_before = before;
    p.end_slice();
    p.pending = Pending::yield;
    return Term::none();
}

}  // namespace

/// erlang:process_flag/2: the value before. Fails: badarg (cause: badopt for an unknown flag).
Term process_flag_2(ExecState& state, Args a) {
    Process& p = as_process(state);
    const Term value = a[1];
    Term before;
    int64_t n = 0;
    switch (atom_id(a[0])) {
        case AtomId::trap_exit: before = swap_flag(p.trap_exit, value, [&p](bool b) { p.trap_exit = b; }); break;
        case AtomId::sensitive: before = swap_flag(p.sensitive, value, [&p](bool b) { p.set_sensitive(b); }); break;
        case AtomId::async_dist: before = swap_flag(false, value, [](bool) {}); break;
        case AtomId::priority: {
            const Term old = priority_atom(p.priority);
            if (parse_priority(value, &p.priority)) before = old;
            break;
        }
        case AtomId::error_handler:
            if (!value.is_atom()) break;
            before = p.error_handler();
            p.need_extra().error_handler = value;
            break;
        case AtomId::min_heap_size:
            before = swap_count(p, value, p.min_heap_words != 0 ? p.min_heap_words : kShownMinHeapWords, 1 << 30, &n);
            if (before.is_value()) p.min_heap_words = static_cast<uint32_t>(granted_min_heap(static_cast<size_t>(n)));
            break;
        case AtomId::min_bin_vheap_size: {
            const uint32_t old = p.extra != nullptr ? p.extra->min_bin_vheap_words : 0;
            before = swap_count(p, value, old != 0 ? old : kShownMinBinVheapWords, 1 << 30, &n);
            if (before.is_value())
                p.need_extra().min_bin_vheap_words =
                    static_cast<uint32_t>(granted_min_bin_vheap(static_cast<size_t>(n)));
            break;
        }
        case AtomId::fullsweep_after:
            before = swap_count(p, value, p.fullsweep_after, 65535, &n);
            if (before.is_value()) p.fullsweep_after = static_cast<uint16_t>(n);
            break;
        case AtomId::max_heap_size: {
            MaxHeapSize limit = p.need_extra().max_heap;
            const Term old = max_heap_size_map(p, limit);
            limit = MaxHeapSize::unpacked(p.machine().process_defaults.max_heap.load());
            if (!parse_max_heap_size(value, &limit)) break;
            limit = p.tenant->heap_limit(limit);
            p.extra->max_heap = limit;
            before = old;
            break;
        }
        case AtomId::message_queue_data:
            if (value != am::on_heap() && value != am::off_heap()) break;
            before = p.off_heap_messages ? am::off_heap() : am::on_heap();
            p.off_heap_messages = value == am::off_heap();
            break;
        case AtomId::save_calls:
            if (!value.is_small() || value.to_small() < 0 || value.to_small() > 10000)
                return state.badarg_because(am::none());
            before = Term::small(p.extra != nullptr ? p.extra->save_calls : 0);
            p.need_extra().save_calls = static_cast<uint16_t>(value.to_small());
            break;
        case AtomId::scheduler: before = bind_to_scheduler(p, value); break;
        default: {
            const auto pair = as_tuple(a[0], 2);
            if (a[0] != am::monitor_nodes() && (!pair || pair[0] != am::monitor_nodes()))
                return state.badarg_because(am::badopt());
            if (const auto options = node_event_options(a[0])) before = set_node_monitor(p, *options, value);
            break;
        }
    }
    return before.is_value() || p.pending == Pending::yield ? before : state.badarg();
}

/// erts_internal:process_flag/3: only save_calls; badtype, badarg as atoms.
Term erts_internal_process_flag_3(ExecState& state, Args a) {
    Process& p = as_process(state);
    Process* target = a[0].is_local_pid() ? p.machine().processes.find(a[0]) : nullptr;
    if (target == nullptr) return am::badtype();
    if (a[1] != am::save_calls()) return am::badarg();
    if (!a[2].is_small() || a[2].to_small() < 0 || a[2].to_small() > 10000) return am::badarg();
    if (a[0] == p.self) return process_flag_2(state, Args{a.first + 1});
    const Term ref = p.reserve(kRefWords).ref(p.vm->next_reference_number(), 0);
    const auto set = [](Vm& vm, Process* owner, ControlSignal& s) {
        Word before = 0;
        if (owner != nullptr) {
            before = owner->need_extra().save_calls;
            owner->extra->save_calls = static_cast<uint16_t>(s.b);
        }
        auto* m = make_signal<Signal>(SignalKind::message, tuple_words(2) + kRefWords);
        if (m == nullptr) return;
        {
            HeapBuilder heap(m->fragment);
            const Term reference = copy_term(s.term, heap, &vm.literals);
            m->term =
                heap.tuple(reference, owner != nullptr ? Term::small(static_cast<int64_t>(before)) : am::badarg());
        }
        deliver_finding(vm, s.from, m);
    };
    if (!p.machine().call(*target, p.self, 0, ref, set, static_cast<Word>(a[2].to_small()))) return am::badarg();
    return ref;
}

// ---- turns

/// erlang:hibernate/3: does not return. Fails: badarg.
Term hibernate_3(ExecState& state, Args a) {
    Process& p = as_process(state);
    const int64_t arity = list_length(a[2]);
    if (!a[0].is_atom() || !a[1].is_atom() || arity < 0) return state.badarg();
    if (arity > 255) return state.system_limit();
    Term args[255];
    size_t n = 0;
    for (Term list = a[2]; list.is_cons(); list = list.tail()) args[n++] = list.head();
    p.trap(p.vm->code.export_entry(a[0], a[1], static_cast<uint32_t>(arity)), std::span<const Term>(args, n));
    p.pending = Pending::hibernate;
    p.hibernating = true;
    return Term::none();
}

/// erlang:hibernate/0 (OTP 28): ok when there is a message; until then the process waits, with as little memory as it needs.
Term hibernate_0(ExecState& state, Args) {
    Process& p = as_process(state);
    if (!p.signals.empty()) p.fetch_signals(false);
    if (p.exiting) {
        p.pending = Pending::exited;
        return Term::none();
    }
    if (p.mailbox.first != nullptr) return am::ok();
    p.pending = Pending::wait;
    p.hibernating = true;
    p.trap_target = nullptr;  // nothing is called when the process wakes
    return Term::none();
}

/// erlang:yield/0.
Term yield_0(ExecState& state, Args) {
    as_process(state).end_slice();
    return am::true_();
}

/// erlang:bump_reductions/1. Fails: badarg.
Term bump_reductions_1(ExecState& state, Args a) {
    if (!a[0].is_small() || a[0].to_small() < 0) return state.badarg();
    const int64_t n = a[0].to_small();
    state.charge(n > kSliceReductions ? static_cast<size_t>(kSliceReductions) : static_cast<size_t>(n));
    return am::true_();
}

// ---- suspension

/// erts_internal:suspend_process/2: true, false, badarg, badopt as atoms.
Term erts_internal_suspend_process_2(ExecState& state, Args a) {
    Process& p = as_process(state);
    if (p.has_request()) {
        const Term answer = await_answer(p);
        if (answer == am::false_()) {
            p.extra->suspending.erase(a[0].word());
            return am::badarg();
        }
        return answer;
    }
    if (!a[0].is_local_pid() || a[0] == p.self) return am::badarg();
    bool unless = false, asynchronous = false;
    Term reply_tag;
    for (Term list = a[1]; !list.is_nil(); list = list.tail()) {
        if (!list.is_cons()) return am::badopt();
        const auto pair = as_tuple(list.head(), 2);
        if (list.head() == am::unless_suspending()) {
            unless = true;
        } else if (list.head() == am::asynchronous()) {
            asynchronous = true;
        } else if (pair && pair[0] == am::asynchronous()) {
            asynchronous = true;
            reply_tag = pair[1];
        } else {
            return am::badopt();
        }
    }
    // Who asks asynchronously learns of a dead one by the reply, if at all.
    const auto gone = [&]() -> Term {
        if (!asynchronous) return am::badarg();
        if (reply_tag.is_value()) send_pair(p, p.self, reply_tag, am::badarg());
        return am::true_();
    };
    Process* target = p.machine().processes.find(a[0]);
    if (target == nullptr || !may_end(p, *target)) return gone();
    ProcessExtra& e = p.need_extra();
    if (unless && e.suspending.find(a[0].word()) != nullptr) return am::false_();
    auto* s = make_control_signal(SignalKind::suspend, p.self);
    if (!asynchronous) s->a = p.begin_request();
    if (!p.machine().deliver(*target, s)) {
        free_signal(s);
        p.cancel_request();
        return gone();
    }
    ++e.suspending.insert(a[0].word());
    p.machine().lend_priority(*target, p.priority);
    if (!asynchronous) return await_answer(p);
    if (reply_tag.is_value()) send_pair(p, p.self, reply_tag, am::suspended());
    return am::true_();
}

/// erlang:resume_process/1. Fails: badarg unless the caller has suspended it.
Term resume_process_1(ExecState& state, Args a) {
    Process& p = as_process(state);
    Word* times = p.extra == nullptr || !a[0].is_local_pid() ? nullptr : p.extra->suspending.find(a[0].word());
    if (times == nullptr) return state.badarg();
    if (--*times == 0) p.extra->suspending.erase(a[0].word());
    return p.machine().deliver(a[0], make_control_signal(SignalKind::resume, p.self)) ? am::true_() : state.badarg();
}

// ---- collecting, code purging: tasks that a process does for others

/// erts_internal:garbage_collect/1 (major | minor).
Term erts_internal_garbage_collect_1(ExecState& state, Args a) {
    if (a[0] != am::major() && a[0] != am::minor()) return state.badarg();
    Process& p = as_process(state);
    p.collect_on_return = true;
    if (a[0] == am::major()) p.minor_collections = p.fullsweep_after;  // so that the next one is a full sweep
    return am::true_();
}

namespace {

/// Runs one system task and sends {Op, ReqId, Result}. The signal's term is {Op, ReqId, Argument}, or {system_task_test, ReqId}.
void run_system_task(Vm& vm, Process* target, ControlSignal& s) {
    const auto task = as_tuple(s.term);
    Term result = am::false_();
    if (target != nullptr && !target->exiting) {
        if (task[0] == am::system_task_test()) {
            result = am::true_();
        } else if (task[0] == am::garbage_collect()) {
            const auto kind = task[2] == am::minor() ? Process::CollectKind::as_needed : Process::CollectKind::major;
            // A process that is put to death by this answers all the same.
            target->collect_garbage(0, target->live, kind);
            result = am::true_();
        } else {
            result = boolean(uses_old_code(vm, *target, task[2]));
        }
    }
    Signal* const m = make_message(target != nullptr ? target->self : Term::none(),
                                   tuple_words(3) + flat_size(task[1], &vm.literals, Walks::endable));
    if (m == nullptr) return;
    {
        HeapBuilder heap(m->fragment);
        const Term id = copy_term(task[1], heap, &vm.literals);
        m->term = heap.tuple(task[0], id, result);
    }
    deliver_finding(vm, s.from, m);
}

Term request_system_task(ExecState& state, Term requester, Term pid, Term priority_term, Term task_term) {
    Priority priority;
    const auto task = as_tuple(task_term);
    if (!requester.is_local_pid() || !pid.is_local_pid() || !task) return state.badarg();
    if (priority_term != am::inherit() && !parse_priority(priority_term, &priority)) return state.badarg();
    const size_t arity = task.arity();
    const bool collect_task =
        arity == 3 && task[0] == am::garbage_collect() && (task[2] == am::major() || task[2] == am::minor());
    const bool check_task = arity == 3 && task[0] == am::check_process_code() && task[2].is_atom();
    const bool test_task = arity == 2 && task[0] == am::system_task_test();  // does nothing
    if (!collect_task && !check_task && !test_task) return state.badarg();
    Vm& vm = as_process(state).machine();
    Process* target = vm.processes.find(pid);
    if (target != nullptr && vm.call(*target, requester, 0, task_term, run_system_task)) {
        vm.lend_priority(*target, priority_term != am::inherit() ? priority : as_process(state).priority);
        return am::ok();
    }
    const Term message = make_tuple3(state, task[0], task[1], am::false_());
    bool no_memory = false;
    if (Process* to = vm.processes.find(requester)) vm.send_message(*to, message, &no_memory);
    return am::ok();
}

}  // namespace

/// erts_internal:request_system_task/3 (Pid, Priority, {garbage_collect, Id, major | minor} | {check_process_code, Id, Module}):
/// ok; {Op, Id, Result} comes as a message, false if there is no such process. Fails: badarg.
Term erts_internal_request_system_task_3(ExecState& state, Args a) {
    return request_system_task(state, as_process(state).self, a[0], a[1], a[2]);
}
/// erts_internal:request_system_task/4: as /3 on behalf of another (Requester, Pid, Priority, Task).
Term erts_internal_request_system_task_4(ExecState& state, Args a) {
    return request_system_task(state, a[0], a[1], a[2], a[3]);
}

/// erts_internal:check_process_code/1: whether the caller uses old code of Module.
Term erts_internal_check_process_code_1(ExecState& state, Args a) {
    if (!a[0].is_atom()) return state.badarg();
    Process& p = as_process(state);
    return boolean(uses_old_code(p.machine(), p, a[0]));
}

// Code that runs on a dirty thread is BIFs only, never of a module. The first two fail with notsup on other threads, as in OTP.
Term erts_internal_check_dirty_process_code_2(ExecState& state, Args) { return state.notsup(); }
Term erts_internal_dirty_process_handle_signals_1(ExecState& state, Args) { return state.notsup(); }
Term erts_internal_is_process_executing_dirty_1(ExecState& state, Args a) {
    return a[0].is_local_pid() ? am::false_() : state.badarg();
}

/// erts_internal:is_system_process/1.
Term erts_internal_is_system_process_1(ExecState& state, Args a) {
    if (!a[0].is_local_pid()) return state.badarg();
    Process* target = as_process(state).machine().processes.find(a[0]);
    return boolean(target != nullptr && target->is_system);
}

// ---- sending

/// erlang:send/2 and !/2.
Term send_2(ExecState& p, Args a) { return p.vm->host->send(p, a[0], a[1]); }

/// erlang:send/3. Options nosuspend, noconnect. Fails: badarg (cause: badopt).
Term send_3(ExecState& p, Args a) {
    RemoteSendOptions options;
    for (Term list = a[2]; !list.is_nil(); list = list.tail()) {
        if (!list.is_cons()) return p.badarg_because(am::badopt());
        if (list.head() == am::noconnect()) {
            options.may_connect = false;
        } else if (list.head() == am::nosuspend()) {
            options.may_suspend = false;
        } else if (list.head() != am::priority()) {
            return p.badarg_because(am::badopt());
        }
    }
    const auto pair = as_tuple(a[0], 2);
    const bool by_name =
        pair && pair[0].is_atom() && pair[1].is_atom() && pair[1] != as_process(p).machine().node_name();
    if (by_name || is_external_pid(a[0]) || is_external_ref(a[0])) {
        switch (send_remote(as_process(p), a[0], a[1], options)) {
            case RemoteSend::done: return am::ok();
            case RemoteSend::stopped: return Term::none();
            case RemoteSend::no_connect: return am::noconnect();
            case RemoteSend::no_suspend: return am::nosuspend();
        }
    }
    if (!options.may_suspend && port_send_waits(as_process(p).machine(), a[0], a[1])) return am::nosuspend();
    return p.vm->host->send(p, a[0], a[1]).is_none() ? Term::none() : am::ok();
}

}  // namespace lintel
