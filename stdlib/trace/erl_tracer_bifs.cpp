/// The tracer that stands for processes and ports: erl_tracer:enabled/3, trace/5. Tracing itself does not call them.

#include "stdlib/build.h"
#include "term/map.h"

namespace lintel {

/// erl_tracer:enabled/3: `discard` for who traces itself; without a tracer `remove` if that is the question, else `discard`.
Term erl_tracer_enabled_3(ExecState& state, Args a) {
    const bool may_be_there = a[1].is_local_pid() || a[1].is_local_port();
    if (!may_be_there || !as_process(state).machine().tracing.is_alive(a[1]))
        return a[0] == am::trace_status() ? am::remove() : am::discard();
    return a[1] == a[2] ? am::discard() : am::trace();
}

/// erl_tracer:trace/5: sends the event, as the options want it; ok.
Term erl_tracer_trace_5(ExecState& state, Args a) {
    Process& p = as_process(state);
    Vm& vm = p.machine();
    const auto option = [&](Term key) {
        const Term* const found = a[4].is_map() ? map_find(a[4], key) : nullptr;
        return found != nullptr ? *found : Term::none();
    };
    uint32_t flags = 0;
    const Term time = option(am::timestamp());
    if (time == am::timestamp() || time == am::cpu_timestamp()) flags |= kTraceTimestamp;
    if (time == am::strict_monotonic()) flags |= kTraceStrictMonotonic;
    if (time == am::monotonic()) flags |= kTraceMonotonic;
    const Scheduler* scheduler = nullptr;
    if (const Term id = option(am::scheduler_id()); id.is_small()) {
        flags |= kTraceSchedulerId;
        if (id.to_small() >= 1 && id.to_small() <= vm.scheduler_count())
            scheduler = &vm.scheduler(static_cast<size_t>(id.to_small() - 1));
    }
    if (a[1].is_local_pid() || a[1].is_local_port())
        vm.tracing.tell(a[1], flags, a[2], {a[0], a[3], option(am::extra()), option(am::match_spec_result())},
                        scheduler);
    return am::ok();
}

}  // namespace lintel
