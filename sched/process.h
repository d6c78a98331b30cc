#pragma once
/// Process: an ExecState with mailbox, links, monitors, flags. docs/design/processes.md tells how it lives.
///
/// Except for the atomic members, only the thread that runs the process touches it.

#include <memory>
#include <optional>
#include <vector>

#include "sched/dictionary.h"
#include "sched/seq_trace.h"
#include "sched/signal.h"
#include "sched/timer_wheel.h"
#include "sched/trace.h"
#include "sched/word_map.h"
#include "vm/exec_state.h"

namespace lintel {

class Scheduler;
class Vm;
struct ProcessDist;
class Tenant;

/// Which threads a BIF wants to run on; see sched/dirty_pool.h.
enum class DirtyKind : uint8_t { none, cpu, io };

enum class Priority : uint8_t { low, normal, high, max };

/// A link as one side sees it; see the design page.
struct Link {
    Word mine;    ///< number of the link that I began; 0: none
    Word theirs;  ///< number of the link that the peer began; 0: none
};

enum class MonitorType : uint8_t { process, port, time_offset };
enum class AliasMode : uint8_t { none, explicit_unalias, demonitor, reply_demonitor };

/// What the watcher knows of its monitor, by number of the reference.
struct Monitor {
    Word number1;                ///< second word of the reference
    Term target;                 ///< pid, or none (no such process; time_offset)
    Term name;                   ///< registered name, or none
    HeapFragment* tag_fragment;  ///< owns `tag`, or nullptr
    Term tag;                    ///< instead of 'DOWN', or none
    MonitorType type;
    bool is_alias;  ///< the reference is an alias reference
    bool is_spawn;  ///< made by spawn_request; tag is not of 'DOWN'
    Term node;      ///< of what is watched, if that is another; DistTies has the rest
};

/// What the watched process knows, by number of the reference.
struct Watcher {
    Word number1;
    Term pid;
    Term name;  ///< as which it is watched, or none
    bool is_alias;
};

struct Alias {
    AliasMode mode;
};

/// Where receive may start to look: the end of the mailbox when a reference was made.
struct ReceiveMarker {
    Word id;         ///< 0: free
    Word reference;  ///< number of the reference, 0: not bound yet
    Signal** position;
};
inline constexpr size_t kReceiveMarkers = 4;

/// min_heap_size of a process that did not ask for one, as OTP has it.
inline constexpr int64_t kShownMinHeapWords = 233;

struct MaxHeapSize {
    size_t words = 0;  ///< 0: no limit
    bool kill = true;
    bool error_logger = true;
    bool include_shared_binaries = false;

    /// In one word, for the VM's default.
    uint64_t packed() const {
        return static_cast<uint64_t>(words) << 3 | (kill ? 1u : 0u) | (error_logger ? 2u : 0u) |
               (include_shared_binaries ? 4u : 0u);
    }
    static MaxHeapSize unpacked(uint64_t w) {
        return {static_cast<size_t>(w >> 3), (w & 1) != 0, (w & 2) != 0, (w & 4) != 0};
    }
};

/// A request to another process whose answer a BIF waits for.
struct PendingRequest {
    Word number = 0;  ///< 0: none
    bool answered = false;
    bool suspends = false;  ///< who waits for it is said to be suspended
    HeapFragment* fragment = nullptr;
    Term answer;
};

/// The function whose time or memory is measured just now in a session of tracing.
struct MeasuredFunction {
    Term session_id;
    CallMeasure what;
    Breakpoint* function;  ///< nullptr: none
    int64_t since;         ///< monotonic nanoseconds; words
};

/// Rarely used state, made on demand.
struct ProcessExtra {
    Dictionary dictionary;
    WordMap<Link> links;         ///< by pid (or port)
    WordMap<Monitor> monitors;   ///< by number of the reference
    WordMap<Watcher> watchers;   ///< by number of the reference
    WordMap<Alias> aliases;      ///< by number of the reference
    WordMap<Word> suspending;    ///< pid -> how often I have suspended it
    WordMap<Word> suspended_by;  ///< pid -> how often it has suspended me
    Word next_link_number = 1;
    Word next_marker = 1;
    ReceiveMarker markers[kReceiveMarkers] = {};
    PendingRequest request;
    MaxHeapSize max_heap;
    Signal* deferred = nullptr;   ///< calls that came in the middle of a slice, newest first
    Timer receive_timer;          ///< data: the process
    Timer life_timer;             ///< of its time limit; data: the process
    uint64_t max_reductions = 0;  ///< 0: no limit of its own
    std::shared_ptr<Tenant>
        acts_for;  ///< of a process of the VM: the tenant whose message it received last; nullptr: the VM itself
    uint32_t acts_for_number = 0;  ///< of that one, which may have gone
    /// Where it received that message: of the function's return address the place, in words from the end of the stack, and the address.
    size_t acts_for_depth = 0;
    Word acts_for_return = 0;
    std::atomic<bool> timed_out{false};  ///< set when receive_timer fires
    WordMap<Word> timers;                ///< number -> second number of timers that I started for myself
    size_t timers_next_prune = 64;
    Term error_handler;  ///< atom; none: error_handler
    uint32_t min_bin_vheap_words = 0;
    uint16_t save_calls = 0;
    std::optional<uint16_t> bound_before;  ///< in process_flag(scheduler, …), on its way to another scheduler
    std::vector<MeasuredFunction> measured;
    int64_t collected_words = 0;  ///< that were in use before collections; only differences mean something
    std::vector<Term>
        long_queue_of;  ///< the sessions that have been told that its message queue is long (TraceSession::id)
    SeqTrace seq_trace;
    bool watches_nodes = false;   ///< process_flag(monitor_nodes, true): see Distribution
    ProcessDist* dist = nullptr;  ///< sched/remote.h

    ProcessExtra() = default;
    ~ProcessExtra();
};

class Process : public ExecState {
public:
    Process(VmCore* core, Term pid) {
        vm = core;
        self = pid;
    }
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    Vm& machine() const;
    /// Who pays for what it allocates.
    MemoryAccount& account() const;
    /// Whose rights it has at the moment, and whose its children will be. On its thread.
    Tenant& acting_tenant() const {
        return extra != nullptr && extra->acts_for != nullptr ? *extra->acts_for : *tenant;
    }

    // ---- any thread
    /// Scheduling state: see the design page.
    static constexpr uint32_t kQueued = 1, kRunning = 2, kPoked = 4, kGone = 8;
    std::atomic<uint32_t> state{0};
    std::atomic<bool> is_exiting{false};                 ///< is_process_alive is false from here
    std::atomic<uint16_t> home{0};                       ///< scheduler that ran it last
    std::atomic<Priority> lent_priority{Priority::low};  ///< see Vm::lend_priority
    std::atomic<bool> acts_for_itself{false};            ///< whoever sends to it: see ProcessExtra::acts_for
    std::atomic<uint16_t> bound_to{
        0};  ///< the one scheduler that runs it, counted from 1; 0: any. The owner's to change
    SignalQueue signals;
    Tracee tracee;

    // ---- the run queue that holds it
    Process* run_next = nullptr;
    uint8_t passed_over = 0;  ///< turns that others have had before it

    // ---- owner
    Priority priority = Priority::normal;
    bool trap_exit : 1 = false;
    bool waiting_for_message : 1 = false;  ///< idle in receive: other signals need not run it
    bool exiting : 1 = false;              ///< exit_reason is set; ends at the next safepoint
    bool off_heap_messages : 1 = false;
    bool sensitive : 1 = false;
    bool is_system : 1 = false;
    bool is_counted : 1 = false;  ///< among its tenant's processes
    bool is_metered : 1 = false;  ///< what it does is counted: for its tenant, or because of limits of its own
    bool is_vital : 1 = false;    ///< the VM is of no use without it: memory limits do not end it
    bool receive_timer_active : 1 = false;
    bool has_time_limit : 1 = false;
    bool hibernating : 1 = false;              ///< erlang:hibernate/3: at the end of this slice the stack is dropped
    bool waits : 1 = false;                    ///< its last slice ended with waiting
    bool hibernated : 1 = false;               ///< waits in erlang:hibernate/3
    bool on_dirty : 1 = false;                 ///< a thread of a dirty pool runs it
    bool blocks_scheduling : 1 = false;        ///< has called erlang:system_flag(multi_scheduling, block…)
    bool waits_to_be_alone : 1 = false;        ///< is in that call
    bool nif_goes_on : 1 = false;              ///< its native function goes on in another (enif_schedule_nif)
    DirtyKind dirty_wanted = DirtyKind::none;  ///< its slice has ended so that a BIF runs on such a thread
    int32_t slice = kSliceReductions;          ///< reductions of its last slice
    int32_t unspent = 0;                       ///< of them, which it has not used
    uint16_t fullsweep_after = 65535;
    uint16_t minor_collections = 0;  ///< since the last full sweep
    uint32_t nursery_words = 0;      ///< least size of the young block while it makes much garbage; see need_room
    int32_t collected_at = 0;  ///< reductions left when the last collection of this slice ended; 0: there was none
    size_t old_binary_limit = kMinBinaryHeapBytes;  ///< old binaries' bytes that make a full sweep due
    uint32_t min_heap_words = 0;                    ///< 0: the VM's default
    uint32_t suspend_count = 0;
    Tenant* tenant = nullptr;  ///< never changes
    Term group_leader;
    Term parent;                ///< pid, or none
    std::atomic<Word> name{0};  ///< registered name (a Term); written under the name table's lock
    Term exit_reason;           ///< while exiting
    const ExportEntry* initial_call = nullptr;
    uint64_t reductions_done = 0;    ///< in slices that are over
    Word* saved_x = nullptr;         ///< X registers while not running, if they do not fit behind htop
    Scheduler* scheduler = nullptr;  ///< that runs it now; on a dirty thread, the one it came from
    ProcessExtra* extra = nullptr;

    ProcessDist& need_dist();
    /// The module that is asked for functions that are not there, and at debug breakpoints.
    Term error_handler() const {
        return extra != nullptr && extra->error_handler.is_value() ? extra->error_handler : am::error_handler();
    }
    ProcessExtra& need_extra() {
        if (extra == nullptr) extra = make<ProcessExtra>();
        return *extra;
    }

    /// The slice is over; what is left of it counts as not used.
    void end_slice() {
        if (reductions <= 0) return;
        unspent += reductions;
        reductions = 0;
    }
    /// Reductions of this slice until now.
    uint64_t used_reductions() const {
        return static_cast<uint64_t>(slice - unspent - (reductions > slice ? slice : reductions));
    }
    /// Reductions executed so far, this slice included.
    uint64_t total_reductions() const;

    // ---- terms as signals see them: all on the owner's thread
    void set_sensitive(bool on) {
        sensitive = on;
        if (on) {
            tracee.flags.fetch_or(kTraceSensitive, std::memory_order_relaxed);
        } else {
            tracee.flags.fetch_and(~uint32_t{kTraceSensitive}, std::memory_order_relaxed);
        }
    }

    /// Takes over what has been pushed: messages go to the mailbox, the rest takes effect. `may_collect`: at the edge of a slice,
    /// when calls may run at once.
    void fetch_signals(bool may_collect);
    /// The same of what has been taken out of the queue: `first` and those behind it.
    void handle_signals(Signal* first, bool may_collect);
    /// Handles one signal and frees it or keeps it.
    void handle_signal(Signal* s, bool may_collect);
    /// Runs calls that came in the middle of the slice.
    void run_deferred_calls();
    /// An exit signal over a link with a process of another node, which has been found to stand. Takes the signal over.
    void handle_remote_exit(ControlSignal* s) { take_exit(s, true); }
    /// Marks the process to end with `why` (a term of its own) at the next safepoint.
    void begin_exit(Term why);

    /// Takes the message at the save pointer out of the mailbox; the save pointer goes back to the beginning.
    Signal* take_message();
    /// The term of the message at the save pointer, for the code to look at. A small one that comes first, as most do, is copied into the heap if that has
    /// room: its block is free again as soon as it has been received, and not only after a collection.
    Term peek_current();
    /// As take_message; what the code has of it is part of the heap.
    void receive_current();
    /// Makes the terms of the message that the code looks at (Mailbox::Peek::terms) part of the heap; a copy takes its place in the
    /// mailbox. The code keeps references into it, which a collection would move out of the mailbox.
    void settle_message();

    /// Words of terms made until now, as far as collections have been watched (ProcessExtra::measured): differences mean something.
    int64_t words_made() const {
        const HeapFragment* const newest = heap.fragments;
        const int64_t unused = newest != nullptr ? newest->end - newest->top : 0;
        return (extra != nullptr ? extra->collected_words : 0) + (heap.htop - heap.high_water) +
               static_cast<int64_t>(heap.fragment_words) - unused;
    }
    bool is_measured() const { return extra != nullptr && !extra->measured.empty(); }

    /// Collects; see Host::collect. The first `live` X registers are roots.
    /// give_back: for the sake of others, so nothing happens if there is no memory for it.
    enum class CollectKind : uint8_t { as_needed, major, hibernate, give_back };
    bool collect_garbage(size_t need_words, unsigned live, CollectKind kind, CollectionStats* stats = nullptr);

    void need_room();
    void give_back_nursery(unsigned live);

    /// Notes a timer for this process, so that it goes when the process does.
    void remember_timer(Word number, Word wheel);

    // ---- while not running
    /// Puts the first `live` registers away; called when a slice ends.
    void save_x();
    void load_x();

    // ---- requests to other processes: see Vm::request
    /// The number for a request that a BIF is going to wait for; `suspends`: as one who is suspended.
    Word begin_request(bool suspends = false);
    void cancel_request() {
        if (extra != nullptr) extra->request = PendingRequest();
    }
    bool has_request() const { return extra != nullptr && extra->request.number != 0; }
    /// The process waits for a port or a connection that is busy.
    bool is_held_up() const { return has_request() && extra->request.suspends && !extra->request.answered; }
    bool is_answered() const { return has_request() && extra->request.answered; }
    /// The answer, its terms now part of the heap.
    Term take_answer();

private:
    void set_binary_limits(bool was_major);
    void handle_exit(ControlSignal* s, bool by_link);
    void take_exit(ControlSignal* s, bool by_link);
    void handle_down(ControlSignal* s);
    void handle_alias_message(ControlSignal* s);
    void handle_link(ControlSignal* s);
    void handle_unlink(ControlSignal* s);
    void handle_suspend(ControlSignal* s);
    void handle_resume(ControlSignal* s);
    void handle_reply(ControlSignal* s);
    void append_message(Signal* s) {
        if (LINTEL_UNLIKELY(tracee.is_on(kTraceReceive))) trace_message(*s);
        mailbox.append(s);
    }
    void trace_message(const Signal& s);
    void trace_received(const Signal& s, bool is_adopted);
    void act_for(uint32_t tenant_number);
};

inline Process& as_process(ExecState& p) { return static_cast<Process&>(p); }

/// Turns a control signal whose term is a message into a plain message in place.
inline Signal* as_message(ControlSignal* s) {
    s->kind = SignalKind::message;
    if (s->from.is_value()) s->origin = MessageOrigin::sender;
    return s;
}

}  // namespace lintel
