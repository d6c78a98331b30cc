/// erts_debug:dirty_cpu/2, dirty_io/2: to try dirty threads out.

#include <chrono>
#include <thread>

#include "sched/vm.h"
#include "stdlib/bif.h"

namespace lintel {

namespace {

constexpr int64_t kMaxWaitMs = 600000;

/// (scheduler, type): which kind of thread runs this. (wait, Ms): takes so long.
Term try_out(ExecState& state, Args a, Term kind) {
    Process& p = as_process(state);
    if (a[0] == am::scheduler() && a[1] == am::type()) return p.on_dirty ? kind : am::normal();
    if (a[0] == am::wait() && a[1].is_small() && a[1].to_small() >= 0 && a[1].to_small() <= kMaxWaitMs) {
        std::this_thread::sleep_for(std::chrono::milliseconds(a[1].to_small()));
        return am::ok();
    }
    return state.badarg();
}

}  // namespace

Term erts_debug_dirty_cpu_2(ExecState& p, Args a) { return try_out(p, a, am::dirty_cpu()); }
Term erts_debug_dirty_io_2(ExecState& p, Args a) { return try_out(p, a, am::dirty_io()); }

}  // namespace lintel
