#pragma once
/// Vm: one Erlang virtual machine. Everything hangs off it; several can live in one program.

#include <lintel/lintel.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/event_loop.h"
#include "base/memory_account.h"
#include "base/spin.h"
#include "sched/dirty_pool.h"
#include "sched/distribution.h"
#include "sched/epoch.h"
#include "sched/leftovers.h"
#include "sched/multi_scheduling.h"
#include "sched/name_table.h"
#include "sched/port.h"
#include "sched/process_table.h"
#include "sched/scheduler.h"
#include "sched/simulation.h"
#include "sched/system_monitor.h"
#include "sched/system_profile.h"
#include "sched/tenant.h"
#include "sched/trace.h"
#include "vm/engine.h"
#include "vm/vm_core.h"

namespace lintel {

struct EtfContext;

/// What is in a pack where a path leads.
struct PackedNode {
    enum class Kind : uint8_t { nothing, file, program, directory };
    Kind kind = Kind::nothing;       ///< program: a file that may be executed
    uint64_t size = 0;               ///< of a file, in bytes
    std::vector<std::string> names;  ///< in a directory
};

/// What the VM wants of the system or the host. Null members: the operating system's own.
struct VmPlatform {
    void* context = nullptr;
    int64_t (*monotonic_ns)(void* context) = nullptr;  ///< never goes back
    int64_t (*system_ns)(void* context) = nullptr;     ///< since 1970
    void (*random)(void* context, void* bytes, size_t count) = nullptr;
    /// Writes to stdout (1) or stderr (2); 0, or an errno value. Any thread; the VM sees to it that calls do not overlap.
    int (*write)(void* context, int stream, const char* bytes, size_t count) = nullptr;
    /// Reads up to `count` bytes from stdin; 0: end of file; -1: error.
    ptrdiff_t (*read)(void* context, char* bytes, size_t count) = nullptr;
    /// A line of the schedule's record, of a VM with a virtual clock. Any thread; calls may overlap. nullptr: there is no record.
    void (*schedule)(void* context, const char* line, size_t length) = nullptr;
    /// schedulers == 0: another thread has made something ready. nullptr: nobody is told.
    void (*wake)(void* context) = nullptr;
    /// os:set_signal/2, of a signal that OTP knows. 0, or an errno value. nullptr: signals are the host's own matter.
    int (*set_signal)(void* context, const char* name, lintel_signal_action action) = nullptr;
    /// As lintel_config has them.
    void (*denied)(void* context, lintel_tenant* tenant, const ErlNifPid* process, unsigned right,
                   const char* what) = nullptr;
    lintel_reaction (*limit_reached)(void* context, lintel_tenant* tenant, lintel_limit limit,
                                     const ErlNifPid* process) = nullptr;
    void (*log)(void* context, lintel_tenant* tenant, const ErlNifPid* process, const char* level, const char* text,
                size_t length) = nullptr;
    void (*halted)(void* context, int status) = nullptr;
    FatalHandler fatal = {};
};

/// How names of files and variables, and arguments of programs, are written outside.
struct SystemNames {
    Term encoding = am::utf8();      ///< or latin1: a byte is a character
    Term complaint = am::warning();  ///< about one that is no UTF-8: warning, ignore or error; OTP's code acts on it

    bool are_latin1() const { return encoding == am::latin1(); }
};

struct VmConfig {
    unsigned schedulers = 1;            ///< threads; 0: the host drives with poll
    unsigned schedulers_online = 0;     ///< of these; 0: all
    unsigned dirty_cpu_schedulers = 0;  ///< most threads for BIFs that compute for long; 0: they run on schedulers
    unsigned dirty_io_schedulers = 0;   ///< most threads for BIFs that block; 0: they run on schedulers
    size_t process_limit = 262144;
    size_t port_limit = 65536;
    size_t atom_limit = 1048576;
    uint32_t first_heap_words = 64;  ///< of a process for which nobody asked otherwise
    uint16_t fullsweep_after = 65535;
    uint32_t min_heap_words = 0, min_bin_vheap_words = 0;  ///< see ProcessDefaults
    MaxHeapSize max_heap = {};
    bool off_heap_messages = false;
    uint32_t outstanding_requests_limit = 100;  ///< see Vm::outstanding_requests_limit
    VmPlatform platform = {};
    Limits limits = {};          ///< of the VM's own tenant; memory: see docs/design/limits.md
    bool break_ignored = false;  ///< Ctrl-C does nothing: erlang:system_info(break_ignored)
    size_t dist_buffer_bytes = Distribution::kDefaultBusyLimit;  ///< see Distribution::busy_limit
    bool crash_dumps = false;                                    ///< erlang:halt("…") writes one
    Stress stress = {};                                          ///< debug builds
    Rights rights{Rights::kEveryVm};
    SystemNames names = {};
    Term printable_range = am::latin1();               ///< io:printable_range/0
    Term warning_map = am::warning();                  ///< error_logger:warning_map/0
    std::shared_ptr<const CodeImage> image = nullptr;  ///< code that it begins with; nullptr: none
    /// What decides the schedule and all chance: the same on each run. With one scheduler at most, without dirty ones.
    std::optional<uint64_t> seed = {};
    bool virtual_clock =
        false;  ///< time passes with reductions, and when nothing is ready; of a VM with a seed in any case. As seed
};

/// The OTP whose emulator a VM stands in for.
struct OtpRelease {
    int number = 25;              ///< erlang:system_info(otp_release)
    std::string erts = "13.1.5";  ///< erlang:system_info(version)
    /// Erlang code may ask for SIGCONT and SIGWINCH as for other signals.
    bool has_terminal_signals() const { return number >= 28; }
};

/// What looking for a module came to.
enum class LoadOutcome : uint8_t {
    loaded,
    on_load,  ///< loaded; its on_load function is still to be run
    not_found,
    refused,  ///< found, but broken
};

/// What processes get for which nobody asked otherwise. erlang:system_flag/2 changes it; any thread.
struct ProcessDefaults {
    std::atomic<uint32_t> min_heap_words;       ///< 0: VmConfig::first_heap_words
    std::atomic<uint32_t> min_bin_vheap_words;  ///< 0: as OTP's
    std::atomic<uint16_t> fullsweep_after;
    std::atomic<uint64_t> max_heap;
    const bool off_heap_messages;

    explicit ProcessDefaults(const VmConfig& config)
        : min_heap_words(config.min_heap_words), min_bin_vheap_words(config.min_bin_vheap_words),
          fullsweep_after(config.fullsweep_after), max_heap(config.max_heap.packed()),
          off_heap_messages(config.off_heap_messages) {}
};

enum class TimeUnit : uint8_t { native, second, millisecond, microsecond, nanosecond };

/// How to make a process.
struct SpawnOptions {
    Term module, function;
    Term arguments = Term::nil();  ///< proper list; copied
    Process* parent = nullptr;     ///< runs now, on the calling thread; nullptr: made by the host
    Term group_leader;             ///< none: the parent's; without a parent: itself
    bool link = false;
    bool monitor = false;  ///< reference numbers and the rest below
    Word monitor_numbers[2] = {0, 0};
    bool monitor_is_alias = false;
    Priority priority = Priority::normal;
    uint32_t min_heap_words = 0;
    uint32_t min_bin_vheap_words = 0;
    uint32_t scheduler = 0;    ///< number (from 1) of the one that runs it first; 0: the parent's
    int fullsweep_after = -1;  ///< -1: the VM's default
    MaxHeapSize max_heap;
    bool has_max_heap = false;
    std::optional<bool> off_heap_messages;
    bool is_system = false;
    bool is_vital = false;        ///< Process::is_vital
    Tenant* tenant = nullptr;     ///< nullptr: the parent's; without a parent: the VM's own
    uint64_t max_reductions = 0;  ///< 0: no limit of its own
    int64_t max_time_ns = 0;      ///< 0: no limit
    /// Called before anybody can see the process. nullptr: nothing to do.
    void (*prepare)(Process& p, void* context) = nullptr;
    /// Called last, before it may run: what others are told of it here comes before any signal of its own. nullptr: nothing to do.
    void (*announce)(Process& p, void* context) = nullptr;
    void* context = nullptr;  ///< of both
};

/// What goes last: binaries that tenants pay for may be anywhere.
struct VmTenants {
    std::shared_ptr<Tenant> own_tenant;  ///< of processes that belong to no other
    Tenants tenants;
};

class Vm : public VmTenants, public VmCore {
public:
    /// `engine` must outlive the VM. See has_memory.
    Vm(const VmConfig& config, Engine& engine);
    ~Vm() override;

    /// False: there was no address space for what every VM needs; nothing may be done with this one.
    bool has_memory() const { return processes.limit() != 0 && literals.bytes() != 0; }

    const VmConfig config;
    const std::unique_ptr<Simulation> simulation;  ///< nullptr: time is the world's
    Engine& engine;
    const bool may_spin = lintel::may_spin();
    MemoryAccount& memory;  ///< own_tenant's
    EpochDomain epochs;
    ProcessTable processes;
    EventLoop events;
    PortTable ports;
    Distribution distribution;
    MultiScheduling multi_scheduling;
    NameTable names;
    Leftovers leftovers;
    Tracing tracing{*this};
    SystemMonitor system_monitor;
    SystemProfile system_profile;

    // ---- set by upper floors before anything runs
    OtpRelease otp;
    /// Host::undefined_function and undefined_fun.
    const ExportEntry* (*undefined_function)(ExecState& p, const ExportEntry& entry) = nullptr;
    const ExportEntry* (*undefined_fun)(ExecState& p, Term fun, unsigned arity) = nullptr;
    /// Finds and loads a module by name, as a call of it would. nullptr: modules are loaded by Erlang code only.
    LoadOutcome (*autoload)(Vm& vm, Term module) = nullptr;
    /// Options of a process that another node asks for; false: there is one that makes no sense. `list` is a proper list.
    bool (*parse_spawn_options)(Vm& vm, Term list, SpawnOptions* options) = nullptr;
    /// Where the BIFs keep what belongs to the VM.
    std::shared_ptr<void> stdlib_state;
    /// Called by each process as it ends, before its name and pid go. In order.
    std::vector<void (*)(Process&)> exit_hooks;
    /// Called when the VM begins to stop: what BIFs wait for on other threads must come to an end.
    std::vector<void (*)(Vm&)> stop_hooks;
    /// Tells of a process that ended by an error: `reason` is its exit reason. nullptr: default_error_report.
    void (*report_error)(Process& p, Term reason) = nullptr;

    /// Tells that `p`, with `total_words`, is beyond its max_heap_size. nullptr: default_heap_limit_report.
    void (*report_heap_limit)(Process& p, const MaxHeapSize& limit, size_t total_words) = nullptr;

    /// Who gets the VM's own log events: a registered name, a pid, or undefined (nobody). Any thread.
    std::atomic<Word> system_logger{am::logger().word()};
    /// The same; a process that has ended is not one any more.
    Term present_logger();
    /// Full path of a file `name` in the directories that modules are looked up in; "" if there is none.
    std::string (*find_code_file)(Vm& vm, std::string_view name) = nullptr;
    /// Whether `path` is in one of these directories, so that every VM may read it. nullptr: no file is.
    bool (*may_read_file)(Vm& vm, const std::string& path) = nullptr;
    /// A descriptor, the caller's, of what a pack has under this path; -1: nothing, or the system refuses. nullptr: there are no packs.
    int (*open_packed_file)(Vm& vm, std::string_view path) = nullptr;
    /// nullopt: the path leads into no pack. nullptr: there are no packs.
    std::optional<PackedNode> (*find_packed)(Vm& vm, std::string_view path) = nullptr;

    // ---- running
    /// Lets schedulers run (not if config.schedulers is 0): scheduler 0 on a thread of its own (`first` is 0), or in run_until_halt; the others
    /// get theirs when there is work for them. 0, or the errno value with which the system refuses a thread.
    int start(unsigned first = 0);
    /// Stops and joins them; what is not finished stays as it is.
    void stop();
    struct PollResult {
        bool halted = false;
        bool idle = false;           ///< nothing is ready to run
        int64_t next_timer_ns = -1;  ///< until the next timer is due; -1: none
        int64_t reductions = 0;      ///< spent
        bool refused = false;        ///< another thread polls, or this one already: nothing was done
    };
    /// config.schedulers == 0: runs on this thread until nothing is ready, or about `reductions` or `ns` (-1: any time) are spent. One thread at a time.
    PollResult poll(int64_t reductions, int64_t ns = -1);
    /// config.schedulers == 0: a descriptor that is readable when poll is due, but for timers; -1: the system has none.
    int poll_descriptor() { return events.descriptor(); }
    /// Waits until `is_there()`, on a thread that is not the VM's: false if the VM has halted, or `ns` (-1: any time) are over, before that. With
    /// config.schedulers == 0 it polls meanwhile, unless another thread does.
    template <typename F>
    bool wait_outside(F is_there, int64_t ns) {
        if (config.schedulers == 0) {
            const int64_t deadline = ns < 0 ? INT64_MAX : raw_monotonic_ns() + ns;
            while (!is_there()) {
                if (is_halted()) return false;
                const int64_t left = ns < 0 ? -1 : deadline - raw_monotonic_ns();
                if (ns >= 0 && left <= 0) return false;
                if (const int64_t wait = poll_and_skip(left); wait != 0 && !is_there())
                    sleep_between_polls(sooner(wait, left));
            }
            return true;
        }
        std::unique_lock lock(halt_mutex_);
        const auto ends = [&] { return is_there() || is_halted(); };
        if (ns < 0) {
            halt_cv_.wait(lock, ends);
        } else {
            halt_cv_.wait_for(lock, std::chrono::nanoseconds(ns), ends);
        }
        return is_there();
    }
    /// What somebody may wait for outside has come. Any thread.
    void tell_outside() {
        if (config.schedulers == 0) return;
        { const std::lock_guard lock(halt_mutex_); }
        halt_cv_.notify_all();
    }
    /// Blocks until halt, running scheduler 0 on this thread unless it has one. Returns the exit code.
    int run_until_halt();

    /// erlang:halt: schedulers stop at the end of their slices; the exit code is `status`. Any thread.
    void halt(int status);
    /// The same when ports have written what they have: until then no process runs. Any thread.
    void halt_when_written(int status);
    /// The exit code of erlang:halt(abort): the host program may want to end by abort(3).
    static constexpr int kAborted = 262;
    /// A crash text (erlang:halt("…")): to the host (lintel_config.fatal), or to stderr at once, with `ending`.
    void abort_with(std::string_view slogan, std::string_view ending);
    /// The system has not what there must be: says why as abort_with, in one line, and halts with status 1, unless it halts already. Any thread.
    void halt_because(std::string_view why);
    /// The same for a thread.
    void halt_without_thread(int error);
    /// Has `run` called between two slices on the thread of the first scheduler, when all others have stopped: no process runs meanwhile (BIFs on
    /// dirty threads may). Any thread. False: one is to come already, or runs.
    bool interrupt(void (*run)(Vm&));
    bool is_interrupted() const { return interrupt_.load(std::memory_order_seq_cst) != nullptr; }
    bool is_halted() const { return halted_.load(std::memory_order_acquire); }
    /// It has halted, or goes.
    bool is_ending() const { return is_halted() || stopping_.load(std::memory_order_relaxed); }
    int exit_code() const { return exit_code_; }
    /// With a virtual clock: something outside of the VM may make a process ready, so that the clock does not run ahead of it.
    bool awaits_outside() const { return events.is_used() || outside_waits_.load(std::memory_order_seq_cst) != 0; }
    /// Something that another thread will deliver is waited for, besides events. Before that can happen.
    void await_outside() { outside_waits_.fetch_add(1, std::memory_order_seq_cst); }
    /// It has been delivered, or never will be. Any thread.
    void outside_answered();
    /// Nothing is ready, nor will be: nobody outside has a hand in this VM.
    bool is_deadlocked() const { return runs_to_end_ && !is_halted() && !awaits_outside(); }
    std::string deadlock_text();

    // ---- processes. On the thread of a running process (options.parent), or any thread within a ForeignReader.
    enum class SpawnError { none, system_limit, out_of_memory };
    /// Makes and starts a process; its pid. Non-value: *error. Arguments have been checked (proper list, at most 255).
    Term spawn(const SpawnOptions& options, SpawnError* error);

    /// Hands `s` to the process; false if it has gone (the signal is still the caller's). Any reader.
    bool deliver(Process& to, Signal* s);
    /// As deliver, by pid or port; frees the signal if there is no such process.
    bool deliver(Term to, Signal* s);
    /// Makes an idle process run (see the design page). Any reader.
    void wake(Process& p);
    /// A message, copied; `is_sent`: by a process's own wish; `from`: who it is from, if that is to be noted. False: no such process. Sets
    /// *no_memory.
    bool send_message(Process& to, Term message, bool* no_memory, bool is_sent = false, Term from = Term::none());
    /// Answers a request (SignalKind::reply) with a copy of `answer`.
    void reply(Term pid, Word number, Term answer);
    /// Asks `to` to run `run`; the caller has got `number` from begin_request (or 0). False: no such process.
    bool call(Process& to, Term from, Word number, Term argument, void (*run)(Vm&, Process*, ControlSignal&),
              Word b = 0, Word c = 0);

    /// Runs `to`, which has been asked for something (call), as if it had at least this priority until it has looked at its signals: who asks
    /// waits for it. The thread may not come past the end of an epoch between.
    void lend_priority(Process& to, Priority priority);

    /// The function that `p`, on its own thread or not running, is in; none: that of a process that has not begun.
    CodeLocation locate_process(const Process& p);

    /// Ends `p`, on the thread that ran it. sched/exit.cpp.
    void finish_exit(Scheduler& scheduler, Process& p);
    /// A signal that came behind what ended `p`: who wants a tie is answered; those that end ties count.
    void take_late_signal(Process& p, Signal* s);

    /// Sends {log, Level, Format, Args, #{pid, gl, time, error_logger}} to the system logger, as the emulator does for what
    /// happens to process `p`; if nobody is registered, prints the arguments to stderr. On p's thread.
    void log_event(Process& p, Term level, std::string_view format, std::initializer_list<Term> args);
    /// The host is told of an event (lintel_config.log), whose `text` is UTF-8, that `p` has made for `pid`. False: it does not want to be.
    bool tell_log(Process& p, Term level, Term pid, const std::string& text);
    /// An event for which there is no logger: to the host, or to stderr.
    void tell_unlogged(Process& p, Term level, Term pid, std::span<const Term> args);

    // ---- names
    enum class RegisterResult { done, bad_name, no_process, name_taken, process_has_name };
    RegisterResult register_name(Term name, Term pid);
    bool unregister_name(Term name, Process& by);

    // ---- schedulers
    /// Schedulers of which number run processes: 1..scheduler_count().
    unsigned schedulers_online() const { return multi_scheduling.online(); }
    /// Dirty schedulers for computing go along in proportion. Returns the number before.
    unsigned set_schedulers_online(unsigned count);
    /// Ends the sleep of all of them.
    void notify_all();
    /// While multi-scheduling is blocked: whether `s` is the first scheduler and all others have stopped, and dirty threads
    /// if they are to. As nobody gives those work meanwhile, they stay so.
    bool runs_alone(const Scheduler& s) const;
    /// Whether BIFs flagged kDirtyCpu or kDirtyIo have threads of their own just now.
    bool has_dirty_threads(DirtyKind kind) {
        return dirty_pool(kind).limit() != 0 && !multi_scheduling.is_blocked(MultiScheduling::Block::all);
    }
    DirtyPool& dirty_pool(DirtyKind kind) { return kind == DirtyKind::cpu ? dirty_cpu_ : dirty_io_; }
    const DirtyPool& dirty_pool(DirtyKind kind) const { return kind == DirtyKind::cpu ? dirty_cpu_ : dirty_io_; }
    /// Queues `p`, whose state is kQueued, on a scheduler and sees to it that one is awake. Any thread.
    void push_ready(Process& p, Priority priority);
    unsigned scheduler_count() const { return static_cast<unsigned>(schedulers_.size()); }
    Scheduler& scheduler(size_t i) { return *schedulers_[i]; }

    // ---- clocks: all time of the VM comes from here
    int64_t raw_monotonic_ns() const;
    /// Whether dates, local time and places are those of the system.
    bool knows_time() const { return simulation == nullptr && config.rights.has(Right::clock); }
    /// Erlang monotonic time, in native units: nanoseconds.
    int64_t monotonic_ns() const { return raw_monotonic_ns() - raw_start_ns_ + kMonotonicStart; }
    int64_t monotonic_ms() const { return floor_divide(monotonic_ns(), 1000000); }
    /// Erlang system time: monotonic time plus offset.
    int64_t system_ns() const { return monotonic_ns() + time_offset_ns_; }
    int64_t os_system_ns() const;
    int64_t time_offset_ns() const { return time_offset_ns_; }
    int64_t start_ns() const { return kMonotonicStart; }
    /// What a VM without Right::clock takes for the time of its beginning: 2000-01-01.
    static constexpr int64_t kHiddenTimeNs = 946684800000000000;
    /// OTP begins near the smallest integer that stays small for centuries.
    static constexpr int64_t kMonotonicStart = -576460752303423488 + 1000000000;
    static int64_t floor_divide(int64_t a, int64_t b) { return a / b - (a % b != 0 && (a < 0) != (b < 0)); }
    /// Nanoseconds that wheels count ticks in.
    uint64_t ticks_now() const { return static_cast<uint64_t>(raw_monotonic_ns() - raw_start_ns_) / 1000000; }
    void random_bytes(void* bytes, size_t count) const;
    uint64_t random_word() const;
    /// System time in microseconds, later than any that was returned before (erlang:now/0). Any thread.
    int64_t unique_now_us();

    // ---- numbers
    std::atomic<Word> unique_counter{0};
    /// erlang:unique_integer/1.
    int64_t unique_integer(bool positive) {
        const auto n = static_cast<int64_t>(unique_counter.fetch_add(1, std::memory_order_relaxed));
        return positive ? n + 1 : n - (int64_t{1} << 59);
    }
    std::atomic<int64_t> last_now_us{0};  ///< of erlang:now/0

    // ---- node
    /// What the external term format needs to know of this VM. `safe`: only atoms and functions that there are.
    EtfContext etf_context(bool safe = false);
    Term node_name() const { return distribution.name(); }
    uint32_t creation() const { return distribution.creation(); }

    // ---- output
    /// All of `text` to stdout (1) or stderr (2); 0, or an errno value when not all of it could be written. Any thread.
    int write(int stream, std::string_view text);
    ptrdiff_t read_input(char* bytes, size_t count);

    std::atomic<uint64_t> collections{0};
    std::atomic<uint64_t> words_reclaimed{0};
    /// Processes that have ended by an error, events of level error and worse that were logged.
    std::atomic<uint64_t> errors_reported{0};

    // ---- settings of erlang:system_flag/2
    Microstates microstates;
    ProcessDefaults process_defaults;
    std::atomic<bool> scheduler_wall_time{false};
    /// How many processes OTP's code purger asks at once whether they run old code.
    std::atomic<uint32_t> outstanding_requests_limit;
    /// statistics/1: what reductions, runtime and wall_clock were when last asked.
    std::atomic<int64_t> last_statistics[4] = {};

private:
    friend class Scheduler;
    static const Host kHost;
    Process* create_process(const SpawnOptions& options, SpawnError* error);
    void start_life_timer(Process& p, int64_t ns);
    bool deliver_charged(Process& to, Signal* s);
    bool may_be_told(const Process& to, const Signal& s);
    /// Wakes a scheduler that sleeps, if there is one, so that it steals.
    void wake_sleeper();
    /// Ends the sleep of `s`, which gets its thread now if it has none. Any thread.
    void rouse(Scheduler& s);
    RegisterResult register_port(Term name, Term id);
    /// Reductions between two looks at the clock while the host's thread polls.
    static constexpr int64_t kPollReductions = 16000;
    /// Polls are one at a time: it is the calling thread's until this goes, or another's.
    class PollScope {
    public:
        explicit PollScope(Vm& vm) : vm_(vm), is_mine_(!vm.is_polled_.exchange(true, std::memory_order_acquire)) {}
        ~PollScope() {
            if (is_mine_) vm_.is_polled_.store(false, std::memory_order_release);
        }
        PollScope(const PollScope&) = delete;
        PollScope& operator=(const PollScope&) = delete;
        explicit operator bool() const { return is_mine_; }

    private:
        Vm& vm_;
        const bool is_mine_;
    };
    PollResult poll_once(int64_t reductions);
    /// Polls for who waits at most `left` (-1: any time): 0, or the time until there may be more to do (-1: any).
    int64_t poll_and_skip(int64_t left);
    PollResult poll_for(int64_t reductions, int64_t ns);
    bool skip_idle_time(int64_t most);
    bool is_recorded() const { return simulation != nullptr && simulation->is_recorded(); }
    /// config.schedulers == 0: sleeps until poll is due, or for so long (-1: for ever). The thread that polls.
    void sleep_between_polls(int64_t ns);
    static int64_t sooner(int64_t a, int64_t b) { return a < 0 ? b : b < 0 ? a : std::min(a, b); }
    void poll_is_due();

    std::vector<std::unique_ptr<Scheduler>> schedulers_;
    DirtyPool dirty_cpu_, dirty_io_;
    std::atomic<int> sleepers_{0};
    std::atomic<bool> is_halting_{false};  ///< in halt; the host may not have been told
    std::atomic<bool> halted_{false};
    std::atomic<bool> has_said_why_{false};  ///< of halt_because
    std::atomic<void (*)(Vm&)> interrupt_{nullptr};
    std::atomic<bool> stopping_{false};
    int exit_code_ = 0;
    bool started_ = false;
    std::atomic<bool> is_polled_{false};
    std::atomic<size_t> outside_waits_{0};
    bool runs_to_end_ = false;              ///< in run_until_halt
    std::atomic<bool> poll_is_due_{false};  ///< the host has been told
    std::mutex start_mutex_;                ///< of threads of schedulers
    std::mutex halt_mutex_;
    std::condition_variable halt_cv_;
    std::mutex output_mutex_;
    int64_t raw_start_ns_ = 0;
    int64_t time_offset_ns_ = 0;
};

/// On a dirty thread, while a BIF may take long: the thread counts as holding no pointer from the process table, so that it keeps
/// nobody's memory. Within, processes are looked up inside a ForeignReader only (as Vm::deliver by pid does).
class DirtySection {
public:
    explicit DirtySection(Process& p) : epochs_(static_cast<Vm&>(*p.vm).epochs), reader_(p.registers->reader) {
        epochs_.go_offline(reader_);
    }
    ~DirtySection() { epochs_.announce(reader_); }
    DirtySection(const DirtySection&) = delete;
    DirtySection& operator=(const DirtySection&) = delete;

private:
    EpochDomain& epochs_;
    const uint32_t reader_;
};

/// Room for a message of `words`, from `from` if that is to be noted (an immediate, or none). nullptr: no memory.
inline Signal* make_message(Term from, size_t words) {
    if (LINTEL_LIKELY(from.is_none())) return make_signal<Signal>(SignalKind::message, words);
    auto* s = make_signal<ControlSignal>(SignalKind::message, words);
    if (s == nullptr) return nullptr;
    s->from = from;
    s->origin = MessageOrigin::sender;
    return s;
}

/// A message of `words` (not 0) that build(HeapBuilder&) makes; memory beyond the limit is granted. `from`: as
/// make_message has it.
template <typename F>
Signal* build_message(size_t words, F build, Term from) {
    const MemoryReserve reserve;
    Signal* s = make_message(from, words);
    if (s == nullptr) stop_without_memory(words * kWordBytes);
    HeapBuilder heap(s->fragment);
    s->term = build(heap);
    return s;
}

/// A message of `words` that build(HeapBuilder&) makes, to a process or port; lost if there is none. Memory beyond the limit is granted. `from`:
/// as make_message has it. Any thread.
template <typename F>
void tell_process(Vm& vm, Term pid, size_t words, F build, Term from) {
    vm.deliver(pid, build_message(words, build, from));
}

/// Uses the process that `pid` names, if there is one, on any thread: f(Process&) is called while it stays. What f returns, or false.
template <typename F>
bool with_process(Vm& vm, Term pid, F f) {
    const ForeignReader reader(vm.epochs);
    Process* const p = pid.is_local_pid() ? vm.processes.find(pid) : nullptr;
    return p != nullptr && f(*p);
}

inline MemoryAccount& Process::account() const { return tenant->memory; }
inline Vm& Process::machine() const { return static_cast<Vm&>(*vm); }

/// The event "Error in process … with exit value", as Vm::log_event sends it.
void default_error_report(Process& p, Term reason);
void default_heap_limit_report(Process& p, const MaxHeapSize& limit, size_t total_words);

}  // namespace lintel
