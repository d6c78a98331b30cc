#include <optional>

#include "gc/collector.h"
#include "gc/copy.h"
#include "gc/heap_check.h"
#include "sched/exit_signals.h"
#include "sched/vm.h"

namespace lintel {

/// The first process's helpers, which it starts for everybody, or to tell how the program ended.
static bool is_of_vm(Term module) {
    return module == am::lintel_io() || module == am::lintel_code() || module == am::lintel_boot();
}

/// What a service is to everybody does not belong to who needs it first.
static bool is_service(const SpawnOptions& options) {
    return options.module == am::lintel_services() && options.function == am::keep();
}

/// Of the process that is to be made.
static Tenant& tenant_of(Vm& vm, const SpawnOptions& options) {
    if (options.tenant != nullptr) return *options.tenant;
    return options.parent == nullptr || is_service(options) ? *vm.own_tenant : options.parent->acting_tenant();
}

Process* Vm::create_process(const SpawnOptions& options, SpawnError* error) {
    *error = SpawnError::none;
    Tenant& tenant = tenant_of(*this, options);
    std::optional<MemoryScope> scope;
    if (thread_account() != &tenant.memory) scope.emplace(tenant.memory);
    size_t argument_words = 0;
    unsigned arity = 0;
    const auto refuse = [error](SpawnError why) {
        *error = why;
        return nullptr;
    };
    for (Term list = options.arguments; list.is_cons(); list = list.tail(), ++arity) {
        const size_t words = flat_size(list.head(), &literals, Walks::endable);
        if (LINTEL_UNLIKELY(words == kEndlessWords)) return refuse(SpawnError::out_of_memory);
        argument_words += words;
    }
    LINTEL_ASSERT(arity <= 255);
    const bool is_counted = tenant.is_metered() && !options.is_vital;
    if (LINTEL_UNLIKELY(is_counted) && !tenant.enter(Limit::processes)) return refuse(SpawnError::system_limit);
    const Term pid = processes.reserve();
    if (pid.is_none()) {
        if (is_counted) tenant.leave(Limit::processes);
        return refuse(SpawnError::system_limit);
    }
    const Term group_leader = options.group_leader.is_value() ? options.group_leader
                              : options.parent != nullptr     ? options.parent->group_leader
                                                              : pid;
    argument_words += flat_size(group_leader, &literals);  // of another node, it is no immediate
    // Arguments, the same as X registers behind them, the return address.
    const size_t least = argument_words + arity + 1 + kStackSlackWords;
    const ProcessDefaults& defaults = process_defaults;
    const uint32_t wanted =
        options.min_heap_words != 0 ? options.min_heap_words : defaults.min_heap_words.load(std::memory_order_relaxed);
    size_t words = wanted != 0 ? wanted : config.first_heap_words;
    if (words < least) words = wanted != 0 ? next_heap_size(least) : least;
    const bool by_vital = options.parent != nullptr && options.parent->is_vital;
    const bool is_vital = options.is_vital || (by_vital && is_of_vm(options.module));
    const bool has_room =
        is_vital || by_vital || tenant.memory.has_room_for_process(sizeof(Process) + words * kWordBytes);
    void* block = has_room ? try_allocate(sizeof(Process)) : nullptr;
    auto* p = block == nullptr ? nullptr : new (block) Process(this, pid);
    if (p == nullptr || !create_heap(p->heap, words)) {
        destroy(p);
        processes.abandon(pid);
        if (is_counted) tenant.leave(Limit::processes);
        return refuse(SpawnError::out_of_memory);
    }
    p->stress = config.stress;
    if (kStressBuild && config.stress.holes) paint_words(p->heap.htop, p->heap.stack_top);
    p->parent = options.parent != nullptr ? options.parent->self : Term::none();
    p->priority = options.priority;
    p->min_heap_words = wanted;
    p->fullsweep_after = options.fullsweep_after >= 0 ? static_cast<uint16_t>(options.fullsweep_after)
                                                      : defaults.fullsweep_after.load(std::memory_order_relaxed);
    p->off_heap_messages = options.off_heap_messages.value_or(defaults.off_heap_messages);
    p->is_system = options.is_system;
    p->is_vital = is_vital;
    p->tenant = &tenant;
    if (LINTEL_UNLIKELY(tenant.is_guest())) tenant.hold();
    p->acts_for_itself.store(is_service(options), std::memory_order_relaxed);
    p->is_counted = is_counted;
    p->is_metered = tenant.is_metered() || own_tenant->is_metered() || options.max_reductions != 0;
    if (options.max_reductions != 0) p->need_extra().max_reductions = options.max_reductions;
    const MaxHeapSize limit = tenant.heap_limit(
        options.has_max_heap ? options.max_heap
                             : MaxHeapSize::unpacked(defaults.max_heap.load(std::memory_order_relaxed)));
    if (limit.packed() != MaxHeapSize().packed()) p->need_extra().max_heap = limit;
    const uint32_t vheap = options.min_bin_vheap_words != 0
                               ? options.min_bin_vheap_words
                               : defaults.min_bin_vheap_words.load(std::memory_order_relaxed);
    if (vheap != 0) p->need_extra().min_bin_vheap_words = vheap;

    ExportEntry* target = code.export_entry(options.module, options.function, arity);
    p->initial_call = target;
    engine.begin(*p, target, arity);
    LINTEL_ASSERT(p->live == arity);
    p->group_leader = group_leader;
    if (argument_words != 0 || arity != 0) {
        Term arguments[255];
        {
            // Copies may take less than what was counted (gc/literal_space.h), so htop is where it is only afterwards.
            HeapBuilder heap(&p->heap.htop, argument_words, &p->heap.off_heap);
            unsigned i = 0;
            for (Term list = options.arguments; list.is_cons(); list = list.tail()) {
                arguments[i++] = copy_term(list.head(), heap, &literals);
            }
            p->group_leader = copy_term(group_leader, heap, &literals);
        }
        // Where load_x looks for them.
        LINTEL_ASSERT(p->heap.htop + arity <= p->heap.stack_top);
        std::memcpy(static_cast<void*>(p->heap.htop), arguments, arity * sizeof(Term));
    }
    return p;
}

/// Its time is over when the timer fires.
void Vm::start_life_timer(Process& p, int64_t ns) {
    Timer& timer = p.need_extra().life_timer;
    timer.data = &p;
    timer.fire = [](Timer& due, void*) {
        auto& process = *static_cast<Process*>(due.data);
        auto* const s = make_control_signal(SignalKind::call, process.self);
        s->run = [](Vm&, Process* target, ControlSignal&) {
            if (target != nullptr) target->begin_exit(am::time_limit());
        };
        if (!process.machine().deliver(process, s)) free_signal(s);
    };
    p.has_time_limit = true;
    schedulers_[p.home.load(std::memory_order_relaxed)]->start_timer(timer,
                                                                     static_cast<uint64_t>(ns + 999999) / 1000000);
}

Term Vm::spawn(const SpawnOptions& options, SpawnError* error) {
    Process* p = create_process(options, error);
    if (p == nullptr) return Term::none();
    const Term pid = p->self;
    Process* parent = options.parent;
    if (parent != nullptr && options.link) {
        ProcessExtra& mine = parent->need_extra();
        const Word number = mine.next_link_number++;
        mine.links.insert(pid.word()).mine = number;
        p->need_extra().links.insert(parent->self.word()).theirs = number;
    }
    if (parent != nullptr && options.monitor) {
        p->need_extra().watchers.insert(options.monitor_numbers[0]) = {options.monitor_numbers[1], parent->self,
                                                                       Term::none(), options.monitor_is_alias};
    }
    if (options.prepare != nullptr) options.prepare(*p, options.context);
    if (LINTEL_UNLIKELY(tenants.watches_signals()) && is_recorded()) {
        p->tracee.flags.fetch_or(kTraceRecorded, std::memory_order_relaxed);
        simulation->spawned(options, *p);
    }
    Scheduler* scheduler = parent != nullptr ? parent->scheduler : schedulers_[0].get();
    scheduler->count_heap(static_cast<int64_t>(p->heap.block_words()));
    p->home.store(static_cast<uint16_t>(scheduler->index), std::memory_order_relaxed);
    p->bound_to.store(static_cast<uint16_t>(options.scheduler), std::memory_order_relaxed);
    // Until it may run, its timer's signal must not make it run.
    const bool is_held = options.max_time_ns != 0;
    if (is_held) {
        p->state.store(Process::kQueued, std::memory_order_seq_cst);
        start_life_timer(*p, options.max_time_ns);
    }
    processes.publish(p);
    // Who ends a tenant looks for its processes after having said so.
    if (LINTEL_UNLIKELY(p->tenant->is_guest() && p->tenant->has_ended())) send_exit(*this, pid, pid, am::kill());
    // Only now, so that erlang:trace(all, …) on another thread finds the process, or this its flags.
    if (LINTEL_UNLIKELY(parent != nullptr && has_token(*parent))) inherit_token(*parent, *p, options);
    tracing.spawned(options, *p);
    if (options.announce != nullptr) options.announce(*p, options.context);
    if (LINTEL_UNLIKELY(is_held)) {
        push_ready(*p, p->priority);
    } else {
        wake(*p);
    }
    return pid;
}

}  // namespace lintel
