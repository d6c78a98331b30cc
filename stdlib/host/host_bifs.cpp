/// Natives of lintel_host. Their first arguments are references that only the host hands out: anything else is badarg.

#include <algorithm>
#include <string>
#include <vector>

#include "stdlib/bif.h"
#include "stdlib/build.h"
#include "stdlib/bytes_arg.h"
#include "stdlib/stdlib_state.h"
#include "term/views.h"

namespace lintel {

/// lintel_host:done/3: the call has returned Value (ok, Value), or raised (Class, {Reason, Stacktrace}).
Term lintel_host_done_3(ExecState& state, Args a) {
    Process& p = as_process(state);
    auto* const call = as_magic<HostCall>(a[0]);
    if (call == nullptr) return p.badarg();
    HostCall* const listed = stdlib_state(p).host_calls.take(p.self);
    if (listed != call) {
        if (listed != nullptr) listed->release_reference();
        return p.badarg();
    }
    if (a[1] == am::ok()) {
        call->returned(a[2]);
    } else if (const TupleView why = as_tuple(a[2]); why && why.arity() == 2) {
        call->raised(a[1], why[0], why[1]);
    }
    listed->release_reference();
    return am::ok();
}

/// lintel_host:put/2: a message to a mailbox of the host.
Term lintel_host_put_2(ExecState& p, Args a) {
    auto* const mailbox = as_magic<HostMailbox>(a[0]);
    if (mailbox == nullptr) return p.badarg();
    mailbox->put(a[1]);
    return am::ok();
}

// ---- lintel_logger: what the host is told of (lintel_config.log)

namespace {

bool is_level(Term t) {
    const Term levels[] = {am::emergency(), am::alert(),  am::critical(), am::error(),
                           am::warning(),   am::notice(), am::info(),     am::debug()};
    return std::ranges::find(levels, t) != std::end(levels);
}

}  // namespace

/// lintel_logger:has_host/0: whether the host takes log events.
Term lintel_logger_has_host_0(ExecState& p, Args) {
    return boolean(as_process(p).machine().config.platform.log != nullptr);
}

/// lintel_logger:tell/3 (Level, Pid or another term, Text as UTF-8). Fails: badarg, notsup (the host takes none).
Term lintel_logger_tell_3(ExecState& state, Args a) {
    Process& p = as_process(state);
    const BytesArg text(a[2]);
    if (!is_level(a[0]) || !text) return p.badarg();
    p.charge(text.size() / 64);
    const std::string bytes(reinterpret_cast<const char*>(text.data()), text.size());
    if (!p.machine().tell_log(p, a[0], a[1], bytes)) return p.error(am::notsup());
    return am::ok();
}

/// lintel_logger:tell_unlogged/3 (Level, Pid or another term, list of terms): as Vm::tell_unlogged. Fails: badarg.
Term lintel_logger_tell_unlogged_3(ExecState& state, Args a) {
    Process& p = as_process(state);
    std::vector<Term> terms;
    Term rest = a[2];
    for (; rest.is_cons(); rest = rest.tail()) terms.push_back(rest.head());
    if (!is_level(a[0]) || !rest.is_nil()) return p.badarg();
    p.charge(terms.size());
    p.machine().tell_unlogged(p, a[0], a[1], terms);
    return am::ok();
}

}  // namespace lintel
