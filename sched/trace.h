#pragma once
/// What of processes and ports is traced, and telling their tracers. docs/design/tracing.md.

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "base/alloc.h"
#include "gc/heap_builder.h"
#include "sched/module_tracers.h"
#include "sched/system_monitor.h"
#include "term/term.h"
#include "vm/trace_mark.h"

namespace lintel {

class Port;
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
    kTraceRecorded = 1u << 27,   ///< the schedule of the VM is recorded (Simulation)
    kTraceDeputy = 1u << 28,     ///< acts for another tenant (ProcessExtra::acts_for)
    kTraceSensitive = 1u << 29,  ///< process_flag(sensitive, true): nothing is told
    kTraceToken = 1u << 30,      ///< has a token of sequential tracing
    kTraceLongQueue = 1u << 31,  ///< some session has been told that its message queue is long
};

/// Who traces, with settings of its own: docs/design/tracing.md. The legacy session is that of erlang:trace/3.
struct TraceSession {
    TraceSession(Term its_name, Term its_id, Term its_tracer) : name(its_name), id(its_id), tracer(its_tracer) {}
    virtual ~TraceSession() = default;
    TraceSession(const TraceSession&) = delete;
    TraceSession& operator=(const TraceSession&) = delete;

    bool is_legacy() const { return !id.is_small(); }

    const Term name;    ///< atom
    const Term id;      ///< a small integer; `default`: the legacy session's
    const Term tracer;  ///< none: each call names one
    std::atomic<bool> is_alive{true};
    std::atomic<uint32_t> control_word{0};  ///< of match specifications
    /// What those get that are made from now on. Under Tracing::mutex.
    struct OfNew {
        uint32_t flags = 0;
        Term tracer;
    };
    OfNew new_processes, new_ports;
    MonitorSettings monitor;
};

/// The parts that sessions have of one thing that is traced, at most one each. T has the members `session` and `next`. Readers of the VM's epochs
/// may look at any time; changes are under one lock of whoever owns it, and a part that has been taken out goes when they have all been by.
template <typename T>
class SessionParts {
public:
    SessionParts() = default;
    ~SessionParts() {
        for (T* part = first_.load(std::memory_order_relaxed); part != nullptr;)
            destroy(std::exchange(part, part->next.load(std::memory_order_relaxed)));
    }
    SessionParts(const SessionParts&) = delete;
    SessionParts& operator=(const SessionParts&) = delete;

    /// The session's part, or nullptr.
    T* of(const TraceSession& session) const {
        return find([&](const T& part) { return &part.session == &session; });
    }
    /// That of the session with this TraceSession::id.
    T* of(Term session_id) const {
        return find([&](const T& part) { return part.session.id == session_id; });
    }
    /// Calls f(T&) for each.
    template <typename F>
    void for_each(F f) const {
        for (T* part = first_.load(std::memory_order_acquire); part != nullptr;) {
            T* const next = part->next.load(std::memory_order_acquire);
            f(*part);
            part = next;
        }
    }
    /// The session's part, made if there is none.
    template <typename Session>
    T& need(Session& session) {
        if (T* const present = of(session)) return *present;
        T* const part = make<T>(session);
        part->next.store(first_.load(std::memory_order_relaxed), std::memory_order_relaxed);
        first_.store(part, std::memory_order_release);
        return *part;
    }
    /// Takes the session's part out. nullptr: there is none.
    T* remove(const TraceSession& session) {
        std::atomic<T*>* place = &first_;
        for (;;) {
            T* const part = place->load(std::memory_order_relaxed);
            if (part != nullptr && &part->session != &session) {
                place = &part->next;
                continue;
            }
            if (part != nullptr) place->store(part->next.load(std::memory_order_relaxed), std::memory_order_release);
            return part;
        }
    }

private:
    template <typename F>
    T* find(F is_wanted) const {
        T* part = first_.load(std::memory_order_acquire);
        while (part != nullptr && !is_wanted(*part)) part = part->next.load(std::memory_order_acquire);
        return part;
    }

    std::atomic<T*> first_{nullptr};
};

/// What one session traces of a process or port.
struct SessionTracee {
    explicit SessionTracee(TraceSession& s) : session(s) {}

    TraceSession& session;
    std::atomic<uint32_t> flags{0};
    std::atomic<Word> tracer{0};  ///< 0: none
    std::atomic<SessionTracee*> next{nullptr};

    bool is_any_on(uint32_t mask) const { return (flags.load(std::memory_order_relaxed) & mask) != 0; }
    Term tracer_term() const { return Term(tracer.load(std::memory_order_acquire)); }
};

/// The tracing of one process or port. Anybody reads it (the sessions: readers of the VM's epochs); it is changed under Tracing::mutex, but for
/// kTraceSensitive, kTraceToken and kTraceLongQueue, which are the owner's.
struct Tracee {
    std::atomic<uint32_t> flags{0};  ///< those of all sessions
    SessionParts<SessionTracee> sessions;

    /// `flag` is on in some session, and the process is not sensitive.
    bool is_on(uint32_t flag) const {
        return (flags.load(std::memory_order_relaxed) & (flag | kTraceSensitive)) == flag;
    }
    bool is_any_on(uint32_t mask) const { return (flags.load(std::memory_order_relaxed) & mask) != 0; }
    /// Calls f(SessionTracee&) for the sessions that have one of these flags on.
    template <typename F>
    void for_each(uint32_t mask, F f) const {
        if ((flags.load(std::memory_order_acquire) & mask) == 0) return;
        sessions.for_each([&](SessionTracee& by) {
            if (by.is_any_on(mask)) f(by);
        });
    }
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

/// Events as erl_tracer's callbacks sort them: there is enabled_call/3 and trace_call/5, and so on.
enum class TraceFamily : uint8_t {
    none,  ///< of sequential tracing, or the question whether a tracer still is one
    send,
    receive,
    call,
    running_procs,
    running_ports,
    garbage_collection,
    procs,
    ports,
};
/// That of an event of `tracee` with this tag.
TraceFamily trace_family(Term tag, Term tracee);

/// What is summed up for each function (call_time, call_memory).
enum class CallMeasure : uint8_t { time, memory };

/// What upper floors do about calls and messages; set before anything runs.
struct TraceHooks {
    /// As Host's.
    bool (*called)(Process& p, Breakpoint& at, bool through_export, const ExportEntry** instead) = nullptr;
    void (*returned)(Process& p, TraceMark mark, const Word* words) = nullptr;
    void (*passed)(Process& p, TraceMark mark, const Word* words) = nullptr;
    /// What erlang:trace_pattern/2 makes of a message that `p` sends or gets, in a session; the result goes into the event. `false`: it is not
    /// told.
    Term (*matches_send)(Process& p, SessionTracee& by, Term to, Term message) = nullptr;
    Term (*matches_receive)(Process& p, SessionTracee& by, Term node, Term from, Term message) = nullptr;
    /// Whether a session is told of what ports send.
    bool (*tells_sends)(const TraceSession& session) = nullptr;
    /// A slice of a process begins, or ends, that has been in a function whose time is measured.
    void (*time_slice)(Process& p, bool begins) = nullptr;
    /// Calls the functions of a module that traces; under any locks. `tracee`: `undefined` if nobody in particular is meant.
    TracerAnswer (*module_wants)(Vm& vm, const ModuleTracer& tracer, Term tag, Term tracee) = nullptr;
    void (*module_told)(Vm& vm, const ModuleTracer& tracer, uint32_t flags, Term who, const TraceEvent& event,
                        const Scheduler* scheduler) = nullptr;
    /// f(Tracer) for those that patterns of functions name. Not under Tracing::mutex.
    void (*tracers_of_patterns)(Vm& vm, const std::function<void(Term)>& f) = nullptr;
};

class Tracing {
public:
    explicit Tracing(Vm& vm) : vm_(vm) {}
    ~Tracing();

    /// Held by who changes flags, tracers and sessions.
    std::mutex mutex;
    TraceHooks hooks;
    std::atomic<bool> cpu_timestamps{false};    ///< kTraceTimestamp is time of the processor
    std::atomic<uint32_t> receive_patterns{0};  ///< match specifications that ask who has sent a message

    /// Whether senders put their names on messages.
    bool notes_senders() const { return receive_patterns.load(std::memory_order_relaxed) != 0; }

    // ---- sessions; under the mutex
    void add(std::shared_ptr<TraceSession> session) { sessions_.push_back(std::move(session)); }
    /// The session is at its end: it traces no process and no port any more. Any reader.
    void end(TraceSession& session);
    /// Oldest first.
    std::span<const std::shared_ptr<TraceSession>> sessions() const { return sessions_; }

    /// Turns flags of `who` on or off. False: it has another tracer of the session. Under the mutex.
    bool change(TraceSession& session, Tracee& tracee, Term who, bool on, uint32_t mask, Term tracer);
    /// Flags and tracer are these now; no flags: no tracer. Under the mutex.
    void set(TraceSession& session, Tracee& tracee, uint32_t flags, Term tracer);
    /// The same for what is made from now on. Under the mutex.
    void change_new(TraceSession& session, bool ports, bool on, uint32_t mask, Term tracer);
    /// kTraceSilent of a process that runs on this thread.
    static void silence(Tracee& tracee, SessionTracee& by, bool on);
    /// What new processes or ports get. Its tracer is forgotten if it is none any more. Under the mutex.
    const TraceSession::OfNew& settings_of_new(TraceSession& session, bool ports);
    /// The process or port is there, the module does not refuse to trace `tracee`. Any reader.
    bool is_alive(Term tracer, Term tracee = am::undefined()) const;
    /// Whether a tracer wants an event; processes and ports want all. Any reader.
    TracerAnswer ask(Term tracer, Term tag, Term tracee) const;
    /// The tracer that a module with a state is. The non-value: no memory. Not under the mutex.
    Term module_tracer(Term module, Term state);
    /// Who is told of sequences, if it is still there, or none. Any reader.
    Term seq_tracer();
    /// Who was told before.
    Term exchange_seq_tracer(Term tracer) {
        return Term(seq_tracer_.exchange(tracer.word(), std::memory_order_acq_rel));
    }
    /// nullptr: it is none any more.
    std::shared_ptr<const ModuleTracer> find_module(Term tracer) const { return modules_.find(tracer); }
    /// No tracer, no flags; if the tracer is still `tracer`.
    void forget(Tracee& tracee, SessionTracee& by, Term tracer);

    /// Tells the tracers that have one of `flags` on for `tracee` what happened to `who`. If a tracer has gone, its tracing ends. `scheduler`:
    /// where it happens, or nullptr.
    void tell(Tracee& tracee, uint32_t flags, Term who, const TraceEvent& event, const Scheduler* scheduler);
    /// The same for one session.
    void tell(Tracee& tracee, SessionTracee& by, Term who, const TraceEvent& event, const Scheduler* scheduler);
    /// The same for a given tracer, which is not asked whether it wants to know. False: it has gone.
    bool tell(Term tracer, uint32_t flags, Term who, const TraceEvent& event, const Scheduler* scheduler);

    // ---- what happens to processes. On the owner's thread, when Tracee::is_on
    void sending(Process& p, Term to, Term message);
    void receiving(Process& p, const Signal& message);
    /// The same for what is no message in a queue; `pid` is `undefined` if `node` tells who has sent it.
    void receiving(Process& p, Term node, Term pid, Term message);
    void proc_event(Process& p, Term tag, Term data);
    void slice_begins(Process& p);
    void slice_ends(Process& p, bool exited);
    /// `p` begins or has finished a collection; `words`: that it needs, or that it got back; or its heap is too large.
    void collecting(Process& p, Term tag, std::optional<size_t> words);
    /// `port` has been made: gives it its flags.
    void opened(Port& port);
    /// `child` has been made and does not run yet: gives it its flags and tells of it.
    void spawned(const SpawnOptions& options, Process& child);
    /// `p` goes on at `address` (as Engine::locate has it; nullptr: its caller is not known): told in a session that has kTraceReturnTo.
    void returned_to(Process& p, Term session_id, const void* address);

private:
    void inherit(Process& from, Tracee& to, uint32_t always, uint32_t once);
    void scheduled(Process& p, Term tag);
    void remove(TraceSession& session, Tracee& tracee, std::shared_ptr<TraceSession> keep);
    void sum_new();
    void sweep_modules();
    void free_retired();
    static void sum(Tracee& tracee);

    Vm& vm_;
    std::atomic<Word> seq_tracer_{0};
    std::vector<std::shared_ptr<TraceSession>> sessions_;
    std::atomic<uint32_t> new_process_flags_{0}, new_port_flags_{0};  // of all sessions
    struct Retired {
        SessionTracee* tracee;
        std::shared_ptr<TraceSession> session;
        uint64_t stamp;
    };
    std::vector<Retired> retired_;  // that threads may be using
    ModuleTracers modules_;
};

}  // namespace lintel
