/// What OTP's own tests ask erts_debug for, of what is no matter of OTP's emulator alone.

#include <algorithm>
#include <chrono>
#include <thread>

#include "gc/copy.h"
#include "stdlib/build.h"
#include "stdlib/stdlib_state.h"
#include "term/hash.h"
#include "term/views.h"

namespace lintel {

Term memory_0(ExecState& p, Args);
Term processes_0(ExecState& p, Args);

namespace {

Term process_status(Process& p, Term pid) {
    const Process* of = p.machine().processes.find(pid);
    if (of == nullptr) return am::undefined();
    if (of->is_exiting.load(std::memory_order_relaxed)) return am::exiting();
    const uint32_t state = of->state.load(std::memory_order_relaxed);
    if ((state & Process::kRunning) != 0) return am::running();
    return (state & Process::kQueued) != 0 ? am::runnable() : am::waiting();
}

/// What process_info/2 knows.
constexpr AtomId kProcessInfoItems[] = {AtomId::backtrace,
                                        AtomId::binary,
                                        AtomId::catchlevel,
                                        AtomId::current_function,
                                        AtomId::current_location,
                                        AtomId::current_stacktrace,
                                        AtomId::dictionary,
                                        AtomId::error_handler,
                                        AtomId::fullsweep_after,
                                        AtomId::garbage_collection,
                                        AtomId::garbage_collection_info,
                                        AtomId::group_leader,
                                        AtomId::heap_size,
                                        AtomId::initial_call,
                                        AtomId::last_calls,
                                        AtomId::links,
                                        AtomId::max_heap_size,
                                        AtomId::memory,
                                        AtomId::message_queue_data,
                                        AtomId::message_queue_len,
                                        AtomId::messages,
                                        AtomId::min_bin_vheap_size,
                                        AtomId::min_heap_size,
                                        AtomId::monitored_by,
                                        AtomId::monitors,
                                        AtomId::parent,
                                        AtomId::priority,
                                        AtomId::reductions,
                                        AtomId::registered_name,
                                        AtomId::sequential_trace_token,
                                        AtomId::stack_size,
                                        AtomId::status,
                                        AtomId::suspending,
                                        AtomId::total_heap_size,
                                        AtomId::trace,
                                        AtomId::trap_exit};

Term switch_internal_state(Process& p, Term value) {
    if (!is_boolean(value)) return p.badarg();
    const bool before = stdlib_state(p).tells_internal_state.exchange(value == am::true_());
    if (value == am::true_()) {
        p.machine().log_event(p, am::warning(),
                              "Process ~p enabled access to the emulator internal state.\n"
                              "It is there for OTP's own tests.\n",
                              {p.self});
    }
    return boolean(before);
}

}  // namespace

/// erts_debug:get_internal_state/1: a few keys. Fails: undef unless it has been switched on, badarg for others.
Term erts_debug_get_internal_state_1(ExecState& state, Args a) {
    Process& p = as_process(state);
    if (!stdlib_state(p).tells_internal_state.load()) return p.error(am::undef());
    if (const TupleView pair = as_tuple(a[0], 2)) {
        if (pair[0] == am::process_status() && pair[1].is_local_pid()) return process_status(p, pair[1]);
        if (pair[0] == am::internal_hash()) return Term::small(static_cast<int64_t>(internal_hash(pair[1])));
        return p.badarg();
    }
    switch (atom_id(a[0])) {
        case AtomId::available_internal_state: return am::true_();
        case AtomId::reds_left: return Term::small(p.reductions);
        case AtomId::processes: return processes_0(p, a);
        case AtomId::memory: return memory_0(p, a);
        case AtomId::force_heap_frags: return am::false_();
        case AtomId::process_info_args: {
            ListMaker list(p);
            for (const AtomId item : kProcessInfoItems) list.add(well_known_atom(item));
            return list.list();
        }
        case AtomId::flxctr_memory_usage: return am::notsup();
        default: return p.badarg();
    }
}

/// erts_debug:set_internal_state/2: as get_internal_state/1. Fails: undef, badarg.
Term erts_debug_set_internal_state_2(ExecState& state, Args a) {
    Process& p = as_process(state);
    const bool is_open = stdlib_state(p).tells_internal_state.load();
    if (a[0] == am::available_internal_state() && (is_open || is_boolean(a[1]))) return switch_internal_state(p, a[1]);
    if (!is_open) return p.error(am::undef());
    switch (atom_id(a[0])) {
        case AtomId::reds_left:
            if (!a[1].is_small()) return p.badarg();
            p.reductions = static_cast<int32_t>(std::clamp<int64_t>(a[1].to_small(), 0, p.slice));
            return am::true_();
        case AtomId::force_gc:
            if (a[1] != p.self) return p.badarg();
            p.collect_on_return = true;
            return am::true_();
        case AtomId::ets_force_split: {
            // Tables are not split here, and what is asked for is a favour.
            const TupleView table = as_tuple(a[1], 2);
            return table && is_boolean(table[1]) ? am::ok() : p.badarg();
        }
        case AtomId::proc_sig_buffers: return boolean(is_boolean(a[1]));  // senders never wait for each other here
        case AtomId::sleep:
            if (!a[1].is_small() || a[1].to_small() < 0) return p.badarg();
            std::this_thread::sleep_for(std::chrono::milliseconds(a[1].to_small()));
            return am::true_();
        case AtomId::wait:
            // What they are waited for has happened when a BIF returns.
            if (a[1] != am::deallocations() && a[1] != am::timer_cancellations() && a[1] != am::thread_progress() &&
                a[1] != am::aux_work())
                return p.badarg();
            return am::ok();
        case AtomId::mbuf: {
            auto heap = p.reserve(flat_size(a[1], &p.vm->literals));
            return copy_term(a[1], heap, &p.vm->literals);
        }
        case AtomId::ets_force_trap: return am::notsup();
        default: return p.badarg();
    }
}

}  // namespace lintel
