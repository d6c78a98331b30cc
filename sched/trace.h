#pragma once
/// What of processes and ports is traced, and telling their tracers. docs/design/tracing.md.

#include <atomic>
#include <mutex>

#include "gc/heap_builder.h"
#include "term/term.h"
#include "vm/trace_mark.h"

namespace lintel {

class Process;
class Scheduler;
class Vm;
struct Signal;
struct SpawnOptions;

/// erlang:trace/3's flags.
enum TraceFlag : uint32_t {
    kTraceTimestamp = 1u << 0,
    kTraceStrictMonotonic = 1u << 1,
    kTraceMonotonic = 1u << 2,
    kTraceSend = 1u << 3,
    kTraceReceive = 1u << 4,
    kTraceSetOnSpawn = 1u << 5,
    kTraceCall = 1u << 6,
    kTraceProcs = 1u << 7,
    kTraceSetOnFirstSpawn = 1u << 8,
    kTraceSetOnLink = 1u << 9,
    kTraceSetOnFirstLink = 1u << 10,
    kTraceRunning = 1u << 11,
    kTraceExiting = 1u << 12,
    kTraceGc = 1u << 13,
    kTraceArity = 1u << 14,
    kTraceReturnTo = 1u << 15,
    kTraceSilent = 1u << 16,
    kTraceSchedulerId = 1u << 17,
    kTracePorts = 1u << 18,
    kTraceRunningPorts = 1u << 19,
    kTraceRunningProcs = 1u << 20,

    kTraceeFlags = (1u << 21) - 1,  ///< all of the above
    kTraceAnyTimestamp = kTraceTimestamp | kTraceStrictMonotonic | kTraceMonotonic,
    /// That mean something for processes and for ports.
    kTraceModifiers = kTraceSilent | kTraceAnyTimestamp | kTraceSchedulerId | kTraceReceive | kTraceSend,
    kPortTraceeFlags = kTraceModifiers | kTracePorts | kTraceRunningPorts,
    kProcessTraceeFlags = (kTraceeFlags & ~kPortTraceeFlags) | kTraceModifiers,

    /// That make something happen when a slice begins or ends.
    kTraceOfSlices = kTraceRunning | kTraceRunningProcs | kTraceExiting | kTraceCall,

    // Of this implementation.
    kTraceSensitive = 1u << 29,  ///< process_flag(sensitive, true): nothing is told
    kTraceToken = 1u << 30,      ///< has a token of sequential tracing
};

/// The tracing of one process or port. Anybody reads it; it is changed under Tracing::mutex, but for kTraceSensitive and kTraceToken, which
/// are the owner's.
struct Tracee {
    std::atomic<uint32_t> flags{0};
    std::atomic<Word> tracer{0};  ///< pid or port; 0: none

    /// `flag` is on, and the process is not sensitive.
    bool is_on(uint32_t flag) const {
        return (flags.load(std::memory_order_relaxed) & (flag | kTraceSensitive)) == flag;
    }
    bool is_any_on(uint32_t mask) const { return (flags.load(std::memory_order_relaxed) & mask) != 0; }
    Term tracer_term() const { return Term(tracer.load(std::memory_order_acquire)); }
};

/// Words of trace_time.
inline constexpr size_t kTraceTimeWords = tuple_words(3) + 2 * kIntegerWords;
/// The time of an event, of the kind that `flags` (kTraceAnyTimestamp) ask for. Any thread.
Term trace_time(Vm& vm, uint32_t flags, HeapBuilder& heap);

/// One event, but for who, when and for whom.
struct TraceEvent {
    Term tag, data;
    Term extra{};   ///< none: there is none
    Term result{};  ///< of the match specification; none or `true`: not told
};

/// What upper floors do about calls and messages; set before anything runs.
struct TraceHooks {
    /// As Host's.
    bool (*called)(Process& p, Breakpoint& at, bool through_export) = nullptr;
    void (*returned)(Process& p, TraceMark mark, const Word* words) = nullptr;
    void (*passed)(Process& p, TraceMark mark, const Word* words) = nullptr;
    /// What erlang:trace_pattern/2 makes of a message that `p` sends or gets; the result goes into the event. `false`: it is not told.
    Term (*matches_send)(Process& p, Term to, Term message) = nullptr;
    Term (*matches_receive)(Process& p, Term node, Term from, Term message) = nullptr;
    /// A slice of a process begins, or ends, that has been in a function whose time is measured.
    void (*time_slice)(Process& p, bool begins) = nullptr;
};

class Tracing {
public:
    explicit Tracing(Vm& vm) : vm_(vm) {}

    /// Held by who changes flags and tracers.
    std::mutex mutex;
    TraceHooks hooks;
    Tracee new_processes, new_ports;          ///< what those get that are made from now on
    std::atomic<bool> cpu_timestamps{false};  ///< kTraceTimestamp is time of the processor
    std::atomic<Word> system_seq_tracer{0};   ///< pid or port that is told of sequences; 0: nobody

    /// Turns flags on or off. False: it has another tracer. Under the mutex.
    bool change(Tracee& tracee, bool on, uint32_t mask, Term tracer);
    /// The process or port is there. Any reader.
    bool is_alive(Term tracer) const;
    /// No tracer, no flags; if the tracer is still `tracer`.
    void forget(Tracee& tracee, Term tracer);

    /// Tells the tracer of `tracee` what happened to `who`. If the tracer has gone, tracing ends. `scheduler`: where it happens, or nullptr.
    void tell(Tracee& tracee, Term who, const TraceEvent& event, const Scheduler* scheduler);
    /// The same for a given tracer. False: it has gone.
    bool tell(Term tracer, uint32_t flags, Term who, const TraceEvent& event, const Scheduler* scheduler);

    // ---- what happens to processes. On the owner's thread, when Tracee::is_on
    void sending(Process& p, Term to, Term message);
    void receiving(Process& p, const Signal& message);
    void proc_event(Process& p, Term tag, Term data);
    void slice_begins(Process& p);
    void slice_ends(Process& p, bool exited);
    /// `p` begins or has finished a collection; `words`: that it needs, or that it got back.
    void collecting(Process& p, Term tag, size_t words);
    /// `child` has been made and does not run yet: gives it its flags and tells of it.
    void spawned(const SpawnOptions& options, Process& child);
    /// With kTraceReturnTo: `p` goes on at `address` (as Engine::locate has it; nullptr: its caller is not known).
    void returned_to(Process& p, const void* address);

private:
    void inherit(Process& from, Tracee& to, uint32_t always, uint32_t once);
    void scheduled(Process& p, Term tag);

    Vm& vm_;
};

}  // namespace lintel
