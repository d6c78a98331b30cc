#pragma once
/// ExecState: the part of a process that engines, slow paths and BIFs on plain data touch. sched::Process derives from it.
/// A plain struct: a JIT takes its offsets from here.
///
/// Only the thread that runs the process touches it.

#include <initializer_list>
#include <span>

#include "gc/heap_builder.h"
#include "loader/code_server.h"
#include "vm/mailbox.h"
#include "vm/stress.h"

namespace lintel {

struct VmCore;

inline constexpr size_t kMaxXRegisters = 1024;
inline constexpr size_t kMaxFloatRegisters = 1024;
/// Reductions of one time slice.
inline constexpr int32_t kSliceReductions = 4000;

/// Words of fragments that a process may have besides as many as its block has before a collection is due.
inline constexpr size_t kFragmentSlackWords = 512;
/// Bytes of binaries outside its heap with which a process goes on without a collection, unless it asks for more.
inline constexpr size_t kMinBinaryHeapBytes = 46422 * kWordBytes;

/// Where the bs_put instructions of OTP 24 and older write. Between bs_init and the last put of right code nothing else runs (the
/// start of a slice sets this to {}, so that wrong code writes nowhere), but OTP 22 and 23 take the rest of a match between two puts,
/// which may collect: until all is written, `target` is a root.
struct BitWriter {
    uint8_t* base = nullptr;
    size_t position = 0;  ///< in bits
    size_t end = 0;       ///< first bit not to write
    Term target;          ///< the bit string that is written

    bool is_open() const { return position < end; }
    /// After a collection: finds the bytes of `target` again.
    void collected();
};

/// Registers of the scheduler that runs the process.
struct ThreadTimes;  // sched/microstates.h

struct RegisterFile {
    uint32_t reader = 0;           ///< of the thread that owns it, in the VM's EpochDomain
    ThreadTimes* times = nullptr;  ///< of that thread
    BitWriter writer;
    Term x[kMaxXRegisters + 4];
    double f[kMaxFloatRegisters];
};

enum class ExceptionClass : uint8_t { error, exit, throw_ };

/// What a stack trace begins with.
enum class TraceStart : uint8_t {
    bif,     ///< the BIF that raised, with its arguments
    caller,  ///< the function that called the BIF (erlang:error/1, exit/1, throw/1)
    given,   ///< the trace is given (erlang:raise/3)
};

/// Why the engine must do something else after a BIF returned the non-value.
enum class Pending : uint8_t {
    none,
    exception,  ///< `reason`, `exception_class`, `trace` are set
    trap,       ///< go on in `trap_target` with arguments in the X registers
    wait,       ///< the process waits; the BIF is called again with the same arguments when a signal has come
    yield,      ///< as wait, but runnable at once
    exited,     ///< the process ended inside the BIF (exit signal to itself)
    hibernate,  ///< as trap, after the stack was dropped; wait for a message first
};

struct ExecState {
    Heap heap;
    int32_t reductions = 0;  ///< left in this slice; may go below zero
    Pending pending = Pending::none;
    ExceptionClass exception_class = ExceptionClass::error;
    bool collect_on_return = false;  ///< a BIF asked for a collection (fragments have grown, or garbage_collect/0)
    bool no_memory = false;          ///< words came from beyond the VM's limit: the process ends at the next collection
    bool has_marks = false;          ///< there may be marks of tracing on the stack (vm/trace_mark.h)
    uint8_t live = 0xff;             ///< while not running: X registers saved in saved_x (see `Process`)
    uint8_t kept = 0;                ///< Pending::yield: X registers behind the arguments that are to be kept, too
    RegisterFile* registers = nullptr;
    const void* ip = nullptr;  ///< where the engine goes on
    Mailbox mailbox;
    VmCore* vm = nullptr;

    // ---- exception being raised (pending == exception) or handled
    Term reason;      ///< its value
    Term trace;       ///< raw stack trace: see vm/exceptions.h; non-value: to be made
    Term error_info;  ///< the `error_info` map's contents for the first entry, or non-value
    Term trace_args;  ///< erlang:error/2: argument list to show for the caller, or non-value
    TraceStart trace_start = TraceStart::bif;
    Term self;  ///< its pid

    const ExportEntry* trap_target = nullptr;   ///< of a trap; while it hibernates: what it will call
    size_t binary_limit = kMinBinaryHeapBytes;  ///< young binaries' bytes that make a collection due
    Stress stress;

    // ---- for BIFs -------------------------------------------------------------------------------------------------

    /// `words` words in the heap, or in a new fragment if the heap is full. Nothing moves. When the VM may have no more memory, the
    /// process is marked to end and the words come from a fragment all the same; when the system has none, the program ends.
    HeapBuilder reserve(size_t words) {
        if (LINTEL_UNLIKELY(heap.off_heap.bytes > binary_limit)) collect_on_return = true;
        const bool split = kStressBuild && stress.frag;
        if (LINTEL_LIKELY(heap.htop + words + kStackSlackWords <= heap.stack_top && !split)) {
            return HeapBuilder(&heap.htop, words, &heap.off_heap);
        }
        return HeapBuilder(new_fragment(words));
    }
    /// A fragment with room for `words` words in the process's list, off-heap list included: a new one, or the
    /// last one if that is enough. Give it to a HeapBuilder.
    HeapFragment* new_fragment(size_t words);
    /// Makes terms that came in a fragment (a message) part of the process.
    void adopt_fragment(HeapFragment* fragment);

    /// Raise: each returns the non-value, for `return p.badarg();`.
    Term raise(ExceptionClass c, Term why) {
        pending = Pending::exception;
        exception_class = c;
        reason = why;
        trace = Term::none();
        error_info = Term::none();
        trace_args = Term::none();
        trace_start = TraceStart::bif;
        return Term::none();
    }
    Term error(Term why) { return raise(ExceptionClass::error, why); }
    Term badarg();
    Term badarith();
    Term system_limit();
    Term notsup();
    /// {badmap, T}, {badkey, K}, …
    Term error_tuple(Term tag, Term value);
    /// badarg whose error_info has `cause => Cause`: what erl_erts_errors turns into a message.
    Term badarg_because(Term cause);

    /// Goes on in `target` with `args`: its result becomes this BIF's. Returns the non-value.
    Term trap(const ExportEntry* target, std::initializer_list<Term> args);
    Term trap(const ExportEntry* target, std::span<const Term> args);

    /// Charges for work; the engine yields when the slice is used up.
    void charge(size_t reductions_used) {
        reductions -= static_cast<int32_t>(reductions_used > 1000000 ? 1000000 : reductions_used);
    }
};

/// Where every failure to get memory for `p`'s terms ends: prints a line and stops the program. Does not return.
[[noreturn]] void out_of_memory(ExecState& p, size_t words);

/// Arguments of a BIF.
struct Args {
    const Term* first;
    Term operator[](size_t i) const { return first[i]; }
};

}  // namespace lintel
