#pragma once
/// Host: the one seam upward. What sched/ does for the engine; the engine never calls the scheduler otherwise.
/// Every function runs on the thread that runs `p`. The engine has written heap, stack, reductions and ip back.

#include "vm/exec_state.h"
#include "vm/trace_mark.h"

namespace lintel {

/// Why Engine::run came back.
enum class RunResult : uint8_t {
    yielded,  ///< slice used up; runnable
    waiting,  ///< in receive without a matching message (or Pending::wait): runnable when a signal comes
    exited,   ///< ended: p.reason is the exit reason (host.exit has not been called yet)
    suspended,
};

struct Host {
    // ---- messages. The mailbox is a list with a save pointer, as the receive instructions want it.
    /// Message at the save pointer, or the non-value if there is none (after fetching from the outer queue).
    Term (*peek_message)(ExecState& p);
    /// An exception is on its way: what the message last peeked at holds becomes part of the heap, for the exception may refer to it.
    void (*settle_message)(ExecState& p);
    /// Takes the message at the save pointer (if there is one) out of the queue, makes its terms part of the heap, resets the save pointer,
    /// cancels the receive timer.
    void (*remove_message)(ExecState& p);
    /// loop_rec_end: moves the save pointer on.
    void (*next_message)(ExecState& p);
    /// Nothing matched. True: a message arrived meanwhile, go on at the receive's start. False: the process is to wait.
    bool (*wait)(ExecState& p);
    /// receive … after `timeout` (a term). First time: starts the timer. Raises badarg-like timeout_value in p (returns error).
    enum class WaitResult : uint8_t { wait, message, timed_out, error };
    WaitResult (*wait_timeout)(ExecState& p, Term timeout);
    /// timeout instruction: the receive is left by its after clause; save pointer to the start.
    void (*timed_out)(ExecState& p);
    /// Receive markers (recv_marker_reserve, _bind, _clear, _use).
    Term (*marker_reserve)(ExecState& p);
    void (*marker_bind)(ExecState& p, Term marker, Term reference);
    void (*marker_clear)(ExecState& p, Term reference);
    void (*marker_use)(ExecState& p, Term reference);
    /// `to ! message`: result is the message; non-value with p.pending set if it raised.
    Term (*send)(ExecState& p, Term to, Term message);

    // ---- memory
    /// Collects so that `need_words` are free (slack included); the first `live` X registers are roots.
    /// False: the process must end (out of memory or over max_heap_size); p.pending == exited and p.reason set.
    bool (*collect)(ExecState& p, size_t need_words, unsigned live);

    // ---- tracing
    /// A call with its arguments in the X registers has come to `breakpoint`, through its function's export or at its code. May leave marks
    /// on the stack; may collect. `instead`: set if the call goes there, with what is in the X registers now. False: the process must end,
    /// as collect.
    bool (*called)(ExecState& p, Breakpoint& breakpoint, bool through_export, const ExportEntry** instead);
    /// A function returns X0 to a mark, whose `words` are on top of the stack.
    void (*returned)(ExecState& p, TraceMark mark, const Word* words);
    /// The exception in X1 (class) and X2 (value) has passed a mark.
    void (*passed)(ExecState& p, TraceMark mark, const Word* words);
    /// That exception is handled at `handler`, and has passed a mark of kind return_to of that session.
    void (*returned_to)(ExecState& p, Term session, const void* handler);

    // ---- code
    /// A call to M:F/A that nothing defines yet, arguments in the X registers. The bare profile loads the module from the code
    /// path; otherwise the process's error_handler is trapped to. Returns where to go on: an export to be called
    /// with the same arguments, or nullptr with p.pending set (exception undef, trap, or yield: the call is made again).
    const ExportEntry* (*undefined_function)(ExecState& p, const ExportEntry& entry);
    /// A fun whose module version is gone or not loaded; as undefined_function.
    const ExportEntry* (*undefined_fun)(ExecState& p, Term fun, unsigned arity);
};

}  // namespace lintel
