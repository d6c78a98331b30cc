/// erlang:system_flag/2, erlang:statistics/1, erlang:memory/0,1.

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "base/memory_account.h"
#include "sched/vm.h"
#include "stdlib/build.h"
#include "stdlib/heap_limit.h"
#include "stdlib/memory_use.h"
#include "stdlib/stdlib_state.h"
#include "stdlib/trace/seq_trace_access.h"
#include "stdlib/trace/trace_flags.h"
#include "term/views.h"
#include "vm/exceptions.h"

namespace lintel {

namespace {

/// Sets *setting to a count of `least` to `most`; the value before, or the non-value.
template <typename T>
Term swap_setting(std::atomic<T>& setting, Term value, int64_t least, int64_t most) {
    if (!value.is_small() || value.to_small() < least || value.to_small() > most) return Term::none();
    return Term::small(
        static_cast<int64_t>(setting.exchange(static_cast<T>(value.to_small()), std::memory_order_relaxed)));
}

/// [{Number, Active, Total}] of the schedulers, in nanoseconds; dirty threads are not measured.
Term wall_times(ExecState& p) {
    Vm& vm = as_process(p).machine();
    if (!vm.scheduler_wall_time.load(std::memory_order_relaxed)) return am::undefined();
    const int64_t now = vm.raw_monotonic_ns();
    const int64_t total = vm.monotonic_ns() - vm.start_ns();
    ListMaker list(p);
    for (unsigned i = 0; i < vm.scheduler_count(); ++i) {
        int64_t active = total - vm.scheduler(i).slept_ns(now);
        if (active < 0) active = 0;
        list.add(make_tuple3(p, Term::small(i + 1), make_integer(p, active), make_integer(p, total)));
    }
    return list.list();
}

/// {Total, SinceLastCall}; calls of all processes count.
Term with_difference(ExecState& p, size_t which, int64_t v) {
    const int64_t before = as_process(p).machine().last_statistics[which].exchange(v, std::memory_order_relaxed);
    const Term total = make_integer(p, v);
    return make_tuple2(p, total, make_integer(p, v - before));
}

int64_t reductions_of(ExecState& p) {
    Vm& vm = as_process(p).machine();
    uint64_t sum = 0;
    for (unsigned i = 0; i < vm.scheduler_count(); ++i) sum += vm.scheduler(i).total_reductions();
    sum += vm.dirty_pool(DirtyKind::cpu).total_reductions() + vm.dirty_pool(DirtyKind::io).total_reductions();
    return static_cast<int64_t>(sum) + (as_process(p).slice - p.reductions);
}

/// With a virtual clock, the time that has passed: nobody else has the processor.
int64_t processor_ms(const Vm& vm) {
    if (vm.simulation != nullptr) return (vm.monotonic_ns() - vm.start_ns()) / 1000000;
    return static_cast<int64_t>(std::clock()) * 1000 / CLOCKS_PER_SEC;
}

int64_t context_switches_of(Vm& vm) {
    uint64_t sum = 0;
    for (unsigned i = 0; i < vm.scheduler_count(); ++i) sum += vm.scheduler(i).context_switches();
    return static_cast<int64_t>(sum);
}

/// Processes that wait in queues, `running`: and those that run. With `dirty_cpu`, `dirty_io`: of these pools too, as more elements.
struct QueueLengths {
    bool running, dirty_cpu, dirty_io;
};

template <typename F>
void for_each_queue(Vm& vm, Process& self, QueueLengths what, F f) {
    for (unsigned i = 0; i < vm.scheduler_count(); ++i) {
        // This process runs; whether the others run one shows in whether they sleep.
        const bool busy = what.running && (&vm.scheduler(i) == self.scheduler || !vm.scheduler(i).is_asleep());
        f(vm.scheduler(i).run_queue.size() + (busy ? 1 : 0));
    }
    if (what.dirty_cpu)
        f(vm.dirty_pool(DirtyKind::cpu).queue_length() + (what.running ? vm.dirty_pool(DirtyKind::cpu).busy() : 0));
    if (what.dirty_io)
        f(vm.dirty_pool(DirtyKind::io).queue_length() + (what.running ? vm.dirty_pool(DirtyKind::io).busy() : 0));
}

Term queue_lengths(ExecState& p, QueueLengths what) {
    ListMaker list(p);
    for_each_queue(as_process(p).machine(), as_process(p), what,
                   [&](size_t n) { list.add(Term::small(static_cast<int64_t>(n))); });
    return list.list();
}

Term total_queue_length(ExecState& p, QueueLengths what) {
    size_t sum = 0;
    for_each_queue(as_process(p).machine(), as_process(p), what, [&](size_t n) { sum += n; });
    return Term::small(static_cast<int64_t>(sum));
}

/// Bytes of this program that are in memory; 0 if the system does not tell.
size_t resident_bytes() {
    size_t pages = 0, resident = 0;
    if (FILE* f = std::fopen("/proc/self/statm", "re")) {
        if (std::fscanf(f, "%zu %zu", &pages, &resident) != 2) resident = 0;
        std::fclose(f);
    }
    return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

/// One map of statistics(microstate_accounting): what a thread did in `total` nanoseconds. There are no ports, and no work that
/// schedulers do for other threads.
Term thread_states(ExecState& p, Term type, size_t number, int64_t engine, int64_t collector, int64_t sleep,
                   int64_t total) {
    const int64_t other = std::max<int64_t>(total - engine - collector - sleep, 0);
    auto heap = p.reserve(small_map_words(7) + small_map_words(3) + 7 * kIntegerWords);
    const Term counters = small_map(heap, {{am::aux(), Term::small(0)},
                                           {am::check_io(), Term::small(0)},
                                           {am::emulator(), heap.integer(engine)},
                                           {am::gc(), heap.integer(collector)},
                                           {am::other(), heap.integer(other)},
                                           {am::port(), Term::small(0)},
                                           {am::sleep(), heap.integer(sleep)}});
    return small_map(
        heap, {{am::counters(), counters}, {am::id(), Term::small(static_cast<int64_t>(number))}, {am::type(), type}});
}

/// statistics(microstate_accounting). A thread of a dirty pool that runs nothing sleeps.
Term microstates(ExecState& p) {
    Vm& vm = as_process(p).machine();
    const int64_t now = vm.raw_monotonic_ns();
    const int64_t total = vm.microstates.total_ns(now);
    const auto read = [](const std::atomic<int64_t>& ns) { return ns.load(std::memory_order_relaxed); };
    ListMaker list(p);
    for (unsigned i = 0; i < vm.scheduler_count(); ++i) {
        const Scheduler& s = vm.scheduler(i);
        const int64_t sleep = read(s.times.sleep_ns) + s.counted_sleep_ns(now);
        list.add(thread_states(p, am::scheduler(), i + 1, read(s.times.engine_ns), read(s.times.collector_ns), sleep,
                               total));
    }
    for (const DirtyKind kind : {DirtyKind::cpu, DirtyKind::io}) {
        const Term type = kind == DirtyKind::cpu ? am::dirty_cpu_scheduler() : am::dirty_io_scheduler();
        vm.dirty_pool(kind).for_each_thread([&](unsigned i, const ThreadTimes* times) {
            const int64_t engine = times == nullptr ? 0 : read(times->engine_ns);
            const int64_t collector = times == nullptr ? 0 : read(times->collector_ns);
            list.add(thread_states(p, type, i + 1, engine, collector, std::max<int64_t>(total - engine - collector, 0),
                                   total));
        });
    }
    return list.list();
}

/// Whether accounting was on. What threads sleep now counts until now; what they are busy with does not.
Term stop_microstates(Vm& vm) {
    const int64_t now = vm.raw_monotonic_ns();
    for (unsigned i = 0; i < vm.scheduler_count(); ++i) {
        Scheduler& s = vm.scheduler(i);
        s.times.add(s.times.sleep_ns, s.counted_sleep_ns(now));
    }
    return boolean(vm.microstates.turn(false, now));
}

/// Whether accounting is on.
Term reset_microstates(Vm& vm) {
    vm.microstates.reset(vm.raw_monotonic_ns());
    for (unsigned i = 0; i < vm.scheduler_count(); ++i) vm.scheduler(i).times.reset();
    for (const DirtyKind kind : {DirtyKind::cpu, DirtyKind::io}) {
        vm.dirty_pool(kind).for_each_thread([](unsigned, ThreadTimes* times) {
            if (times != nullptr) times->reset();
        });
    }
    return boolean(vm.microstates.is_on());
}

}  // namespace

Term multi_scheduling_state(const Vm& vm) {
    if (vm.multi_scheduling.is_blocked(MultiScheduling::Block::all)) return am::blocked();
    return vm.multi_scheduling.is_blocked(MultiScheduling::Block::normal) ? am::blocked_normal() : am::enabled();
}

MemoryUse memory_use(Vm& vm, EtsTables& ets) {
    MemoryUse use{};
    int64_t heap_words = 0;
    for (unsigned i = 0; i < vm.scheduler_count(); ++i) heap_words += vm.scheduler(i).heap_words();
    use.processes =
        static_cast<size_t>(heap_words < 0 ? 0 : heap_words) * kWordBytes + vm.processes.count() * sizeof(Process);
    use.atom = use.atom_used = vm.atoms.bytes();
    settle_account();
    use.binary = vm.memory.binary_bytes();
    use.code = vm.literals.used_bytes() + vm.code.module_bytes() + vm.engine.code_bytes();
    for (Table* table : ets.all()) {
        {
            const RwLockGuard lock(table->lock, RwLockGuard::Mode::read);
            if (table->is_alive) use.ets += table->memory_words() * kWordBytes;
        }
        table->release_reference();
    }
    use.total = resident_bytes();
    const size_t parts = use.processes + use.atom + use.binary + use.code + use.ets;
    if (use.total < parts) use.total = parts;
    return use;
}

namespace {

/// Value of a memory type; the non-value if there is no such type.
Term memory_item(ExecState& p, const MemoryUse& use, Term type) {
    const auto n = [&](size_t v) { return make_unsigned(p, v); };
    switch (atom_id(type)) {
        case AtomId::total: return n(use.total);
        case AtomId::processes:
        case AtomId::processes_used: return n(use.processes);
        case AtomId::system: return n(use.total - use.processes);
        case AtomId::atom: return n(use.atom);
        case AtomId::atom_used: return n(use.atom_used);
        case AtomId::binary: return n(use.binary);
        case AtomId::code: return n(use.code);
        case AtomId::ets: return n(use.ets);
        default: return Term::none();
    }
}

}  // namespace

/// erlang:memory/0: [{Type, Bytes}].
Term memory_0(ExecState& p, Args) {
    const MemoryUse use = memory_use(as_process(p).machine(), stdlib_state(p).ets);
    ListMaker list(p);
    for (const Term type : {am::total(), am::processes(), am::processes_used(), am::system(), am::atom(),
                            am::atom_used(), am::binary(), am::code(), am::ets()}) {
        list.add_pair(type, memory_item(p, use, type));
    }
    return list.list();
}

/// erlang:memory/1: bytes of a type, or [{Type, Bytes}] for a list of types. Fails: badarg.
Term memory_1(ExecState& p, Args a) {
    const MemoryUse use = memory_use(as_process(p).machine(), stdlib_state(p).ets);
    if (a[0].is_atom()) {
        const Term v = memory_item(p, use, a[0]);
        return v.is_value() ? v : p.badarg();
    }
    ListMaker list(p);
    Term types = a[0];
    for (; types.is_cons(); types = types.tail()) {
        const Term v = types.head().is_atom() ? memory_item(p, use, types.head()) : Term::none();
        if (v.is_none()) return p.badarg();
        list.add_pair(types.head(), v);
    }
    return types.is_nil() ? list.list() : p.badarg();
}

namespace {

/// block, unblock, block_normal, unblock_normal. Who blocks comes back when no other thread runs a process any more.
Term set_multi_scheduling(ExecState& state, Term value) {
    using Block = MultiScheduling::Block;
    Process& p = as_process(state);
    Vm& vm = p.machine();
    switch (atom_id(value)) {
        case AtomId::block:
        case AtomId::block_normal:
            if (!p.waits_to_be_alone) {
                p.waits_to_be_alone = true;
                p.blocks_scheduling = true;
                vm.multi_scheduling.block(p.self, value == am::block() ? Block::all : Block::normal);
                vm.notify_all();
            }
            if (!vm.runs_alone(*p.scheduler)) {
                p.end_slice();
                p.pending = Pending::yield;
                return Term::none();
            }
            p.waits_to_be_alone = false;
            break;
        case AtomId::unblock:
        case AtomId::unblock_normal:
            vm.multi_scheduling.unblock(p.self, value == am::unblock() ? Block::all : Block::normal);
            vm.notify_all();
            break;
        default: return p.badarg();
    }
    return multi_scheduling_state(vm);
}

}  // namespace

/// erlang:system_flag/2: the value before; of multi_scheduling, the new one. Fails: badarg.
Term system_flag_2(ExecState& p, Args a) {
    Vm& vm = as_process(p).machine();
    ProcessDefaults& defaults = vm.process_defaults;
    const Term value = a[1];
    Term before;
    switch (atom_id(a[0])) {
        case AtomId::fullsweep_after: before = swap_setting(defaults.fullsweep_after, value, 0, 65535); break;
        case AtomId::min_heap_size: {
            if (!value.is_small() || value.to_small() < 0 || value.to_small() > kMaxMinHeapWords) break;
            const size_t words = granted_min_heap(static_cast<size_t>(value.to_small()));
            // OTP's default stands for our own smaller one.
            const uint32_t kept = words == static_cast<size_t>(kShownMinHeapWords) ? 0 : static_cast<uint32_t>(words);
            before = shown_min_heap(defaults.min_heap_words.exchange(kept));
            break;
        }
        case AtomId::min_bin_vheap_size: {
            if (!value.is_small() || value.to_small() < 0 || value.to_small() > kMaxMinHeapWords) break;
            const size_t words = granted_min_bin_vheap(static_cast<size_t>(value.to_small()));
            before = shown_min_bin_vheap(defaults.min_bin_vheap_words.exchange(static_cast<uint32_t>(words)));
            break;
        }
        case AtomId::max_heap_size: {
            MaxHeapSize limit = MaxHeapSize::unpacked(defaults.max_heap.load());
            if (!parse_max_heap_size(value, &limit)) break;
            before = max_heap_size_map(p, MaxHeapSize::unpacked(defaults.max_heap.exchange(limit.packed())));
            break;
        }
        case AtomId::backtrace_depth: {
            if (!value.is_small() || value.to_small() < 0) break;
            constexpr int64_t kMost = kMaxTraceDepth;
            before = swap_setting(vm.backtrace_depth, Term::small(std::min(value.to_small(), kMost)), 0, kMost);
            break;
        }
        case AtomId::outstanding_system_requests_limit:
            before = swap_setting(vm.outstanding_requests_limit, value, 1, kMaxOutstandingRequests);
            break;
        case AtomId::trace_control_word:
            before = swap_setting(stdlib_state(vm).traces.legacy.control_word, value, 0, 0xffffffff);
            break;
        case AtomId::scheduler_wall_time:
            if (is_boolean(value)) before = boolean(vm.scheduler_wall_time.exchange(value == am::true_()));
            break;
        case AtomId::schedulers_online:
            if (!value.is_small() || value.to_small() < 1 || value.to_small() > vm.scheduler_count()) break;
            before = Term::small(vm.set_schedulers_online(static_cast<unsigned>(value.to_small())));
            break;
        case AtomId::dirty_cpu_schedulers_online: {
            DirtyPool& pool = vm.dirty_pool(DirtyKind::cpu);
            if (!value.is_small() || value.to_small() < 1 || value.to_small() > pool.limit()) break;
            before = Term::small(pool.online());
            pool.set_online(static_cast<unsigned>(value.to_small()));
            break;
        }
        case AtomId::system_logger: {
            if (value != am::logger() && value != am::undefined() && !value.is_local_pid()) break;
            before = vm.present_logger();
            vm.system_logger = value.word();
            break;
        }
        case AtomId::time_offset:
            // It never changes here.
            return value == am::finalize() ? am::final_() : p.badarg_because(am::badopt());
        case AtomId::reset_seq_trace:
            if (value != am::true_()) break;
            reset_seq_tokens(as_process(p));
            before = am::true_();
            break;
        case AtomId::sequential_tracer: {
            const Term tracer = parse_tracer(vm, value);
            if (value != am::false_() && (tracer.is_none() || !vm.tracing.is_alive(tracer))) break;
            before = tracer_term(p, vm.tracing.exchange_seq_tracer(tracer), am::false_());
            break;
        }
        case AtomId::scheduler_bind_type:
            if (value == am::unbound()) before = am::unbound();
            break;
        case AtomId::cpu_topology:
            if (value == am::undefined()) before = cpu_topology(p);
            break;
        case AtomId::multi_scheduling: return set_multi_scheduling(p, value);
        case AtomId::microstate_accounting:
            if (value == am::true_()) before = boolean(vm.microstates.turn(true, vm.raw_monotonic_ns()));
            if (value == am::false_()) before = stop_microstates(vm);
            if (value == am::reset()) before = reset_microstates(vm);
            break;
        default: return p.badarg_because(am::badopt());
    }
    return before.is_value() ? before : p.badarg();
}

/// erts_internal:scheduler_wall_time/1: whether times were measured before. Fails: badarg.
Term erts_internal_scheduler_wall_time_1(ExecState& p, Args a) {
    if (!is_boolean(a[0])) return p.badarg();
    return boolean(as_process(p).machine().scheduler_wall_time.exchange(a[0] == am::true_()));
}

/// erlang:statistics/1. Fails: badarg.
Term statistics_1(ExecState& p, Args a) {
    Vm& vm = as_process(p).machine();
    switch (atom_id(a[0])) {
        case AtomId::reductions:
        case AtomId::exact_reductions: return with_difference(p, a[0] == am::reductions() ? 0 : 1, reductions_of(p));
        case AtomId::wall_clock: return with_difference(p, 2, (vm.monotonic_ns() - vm.start_ns()) / 1000000);
        case AtomId::runtime: return with_difference(p, 3, processor_ms(vm));
        case AtomId::garbage_collection:
            return make_tuple3(p, make_unsigned(p, vm.collections.load()), make_unsigned(p, vm.words_reclaimed.load()),
                               Term::small(0));
        case AtomId::context_switches: return make_tuple2(p, make_integer(p, context_switches_of(vm)), Term::small(0));
        case AtomId::io: {
            const Term in = make_tuple2(p, am::input(), Term::small(0));
            const Term out = make_tuple2(p, am::output(), Term::small(0));
            return make_tuple2(p, in, out);
        }
        case AtomId::run_queue: return total_queue_length(p, {false, true, false});
        case AtomId::run_queue_lengths: return queue_lengths(p, {false, true, false});
        case AtomId::run_queue_lengths_all: return queue_lengths(p, {false, true, true});
        case AtomId::total_run_queue_lengths: return total_queue_length(p, {false, true, false});
        case AtomId::total_run_queue_lengths_all: return total_queue_length(p, {false, true, true});
        case AtomId::active_tasks: return queue_lengths(p, {true, true, false});
        case AtomId::active_tasks_all: return queue_lengths(p, {true, true, true});
        case AtomId::total_active_tasks: return total_queue_length(p, {true, true, false});
        case AtomId::total_active_tasks_all: return total_queue_length(p, {true, true, true});
        case AtomId::scheduler_wall_time:
        case AtomId::scheduler_wall_time_all: return wall_times(p);
        case AtomId::microstate_accounting: return microstates(p);
        default: return p.badarg();
    }
}

}  // namespace lintel
