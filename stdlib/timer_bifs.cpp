/// erlang:send_after, start_timer, cancel_timer, read_timer. A timer's reference is {number, index of its wheel}: so any process
/// finds it. It belongs to the wheel until it fires or is cancelled; a timer for its own maker goes with the maker.

#include "gc/copy.h"
#include "sched/vm.h"
#include "stdlib/build.h"
#include "term/views.h"

namespace lintel {

namespace {

/// The end of Erlang monotonic time (erlang:system_info(end_time)), in milliseconds: nothing can be due later.
constexpr int64_t kEndOfTimeMs = 8646911283000;

/// Erlang monotonic time in milliseconds, rounded up.
int64_t now_ms(const Vm& vm) { return -Vm::floor_divide(-vm.monotonic_ns(), 1000000); }

Term start(Process& p, Args a, bool wrap, Term options) {
    Vm& vm = p.machine();
    bool absolute = false;
    for (; !options.is_nil(); options = options.tail()) {
        const auto pair = options.is_cons() ? as_tuple(options.head(), 2) : TupleView();
        if (!pair || pair[0] != am::abs() || (pair[1] != am::true_() && pair[1] != am::false_())) {
            return p.badarg_because(am::badopt());
        }
        absolute = pair[1] == am::true_();
    }
    if (!a[1].is_local_pid() && !a[1].is_atom()) return p.badarg();
    if (!a[0].is_small()) return p.badarg_because(am::time());
    int64_t due = a[0].to_small();
    if (absolute) {
        if (due < Vm::floor_divide(vm.start_ns(), 1000000)) return p.badarg_because(am::time());
        if (due > kEndOfTimeMs) return p.badarg_because(am::time());
    } else {
        const int64_t now = now_ms(vm);  // rounded up, so that it does not come early
        if (due < 0 || due > kEndOfTimeMs - now) return p.badarg_because(am::time());
        due += now;
    }

    Scheduler& scheduler = *p.scheduler;
    const Word numbers[2] = {vm.next_reference_number(), scheduler.index};
    const size_t message_words =
        flat_size(a[2], &vm.literals, Walks::endable) + (wrap ? tuple_words(3) + kRefWords : 0);
    auto* message = make_signal<Signal>(SignalKind::message, message_words);
    if (message == nullptr) return p.system_limit();
    message->origin = MessageOrigin::clock;
    message->tenant = this_thread.tenant;
    if (message_words == 0) {
        message->term = a[2];
    } else {
        HeapBuilder heap(message->fragment);
        const Term body = copy_term(a[2], heap, &vm.literals);
        message->term = wrap ? heap.tuple(am::timeout(), heap.ref(numbers[0], numbers[1]), body) : body;
    }
    const Term ref = p.reserve(kRefWords).ref(numbers[0], numbers[1]);
    if (a[1].is_local_pid() && vm.processes.find(a[1]) == nullptr) {
        free_signal(message);
        return ref;
    }
    auto* t = make<BifTimer>();
    t->number = numbers[0];
    t->destination = a[1];
    t->message = message;
    t->due_ms = due;
    if (a[1] == p.self) p.remember_timer(numbers[0], scheduler.index);
    scheduler.start_bif_timer(t);
    return ref;
}

/// What cancel_timer and read_timer answer: milliseconds left, or false. `cancel`: the timer is gone afterwards.
Term look_up(Process& p, Term ref, bool cancel) {
    Vm& vm = p.machine();
    if (!ref.is_kind(Kind::ref)) return am::false_();
    const Word number = ref.boxed_words()[1], wheel = ref.boxed_words()[2];
    if (wheel >= vm.scheduler_count()) return am::false_();
    int64_t due_ms;
    Term destination;
    if (cancel) {
        BifTimer* t = vm.scheduler(wheel).take_bif_timer(number);
        if (t == nullptr) return am::false_();
        due_ms = t->due_ms;
        destination = t->destination;
        free_signal(t->message);
        destroy(t);
        if (destination == p.self && p.extra != nullptr) p.extra->timers.erase(number);
    } else if (!vm.scheduler(wheel).read_bif_timer(number, &due_ms, &destination)) {
        return am::false_();
    }
    if (destination.is_local_pid() && vm.processes.find(destination) == nullptr) return am::false_();
    // By the clock that the timer was started by: never more than it was started with.
    const int64_t left = due_ms - now_ms(vm);
    return make_integer(p, left < 0 ? 0 : left);
}

Term look_up_with(Process& p, Term ref, Term options, bool cancel) {
    bool async = false, info = true;
    if (!ref.is_reference()) return p.badarg();
    for (; !options.is_nil(); options = options.tail()) {
        const auto pair = options.is_cons() ? as_tuple(options.head(), 2) : TupleView();
        if (!pair || (pair[1] != am::true_() && pair[1] != am::false_())) return p.badarg();
        if (pair[0] == am::async()) {
            async = pair[1] == am::true_();
        } else if (pair[0] == am::info() && cancel) {
            info = pair[1] == am::true_();
        } else {
            return p.badarg();
        }
    }
    const Term result = look_up(p, ref, cancel);
    if (!info) return am::ok();
    if (!async) return result;
    const Term message = make_tuple3(p, cancel ? am::cancel_timer() : am::read_timer(), ref, result);
    bool no_memory = false;
    p.machine().send_message(p, message, &no_memory, false, am::clock_service());
    return no_memory ? p.system_limit() : am::ok();
}

}  // namespace

/// erlang:send_after/3. Fails: badarg (cause: time).
Term send_after_3(ExecState& p, Args a) { return start(as_process(p), a, false, Term::nil()); }
/// erlang:send_after/4. Option {abs, Boolean}.
Term send_after_4(ExecState& p, Args a) { return start(as_process(p), a, false, a[3]); }
/// erlang:start_timer/3: the message is {timeout, Ref, Msg}.
Term start_timer_3(ExecState& p, Args a) { return start(as_process(p), a, true, Term::nil()); }
/// erlang:start_timer/4.
Term start_timer_4(ExecState& p, Args a) { return start(as_process(p), a, true, a[3]); }

/// erlang:cancel_timer/1: milliseconds that were left, or false.
Term cancel_timer_1(ExecState& p, Args a) { return look_up_with(as_process(p), a[0], Term::nil(), true); }
/// erlang:cancel_timer/2. Options {async, Boolean}, {info, Boolean}.
Term cancel_timer_2(ExecState& p, Args a) { return look_up_with(as_process(p), a[0], a[1], true); }
/// erlang:read_timer/1.
Term read_timer_1(ExecState& p, Args a) { return look_up_with(as_process(p), a[0], Term::nil(), false); }
/// erlang:read_timer/2. Option {async, Boolean}.
Term read_timer_2(ExecState& p, Args a) { return look_up_with(as_process(p), a[0], a[1], false); }

}  // namespace lintel
