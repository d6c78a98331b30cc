/// Natives of lintel_host. Their first arguments are references that only the host hands out: anything else is badarg.

#include "stdlib/bif.h"
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

}  // namespace lintel
