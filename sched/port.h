#pragma once
/// Ports: what stands between processes and the world. docs/design/ports.md.
///
/// A port does what it is asked at once, on the thread that asks, under a lock of its own; signals of one process therefore reach it in
/// order. What the system has to tell comes through the event loop, on the thread that runs it.

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/event_loop.h"
#include "sched/dist_connection.h"
#include "sched/process.h"

namespace lintel {

class Port;

// sched/vm.h
template <typename F>
void tell_process(Vm& vm, Term pid, size_t words, F build, Term from = Term::none());
template <typename F>
Signal* build_message(size_t words, F build, Term from);

/// What a kind of port does. Called with the port's lock held, on any thread; none of it blocks.
class PortDriver {
public:
    /// What `start` returns if open_port/2 is to fail with badarg.
    static constexpr int kBadArgument = -1;

    virtual ~PortDriver() = default;
    /// What port_info(Port, name) says.
    virtual std::string name() const = 0;
    /// Begins; the port can be seen from now on. 0, or an errno value: then it has never been.
    virtual int start(Port&) { return 0; }
    /// The number of the reference with which the owner is told that the port has begun, or why it has not: {Ref, Port | Reason}. 0: nobody need wait
    /// after `start`.
    virtual Word start_reference() const { return 0; }
    /// Data of `from`, who runs and has sent a command or called port_command. False: it is no iolist, and nothing has been done. Unless a
    /// driver knows better, output gets the bytes.
    virtual bool command(Port&, Process& from, Term data);
    virtual void output(Port&, std::string_view) {}
    /// Whether port_command/3 with the option force does not wait for a port that is busy.
    virtual bool can_be_forced() const { return false; }
    /// erlang:port_control/3. False: badarg.
    virtual bool control(Port&, Term from, uint32_t operation, std::string_view bytes, std::string* answer);
    /// Whether control answers with a binary, not a list.
    virtual bool answers_binaries() const { return false; }
    /// erlang:port_call/3: a term in, a term out. The non-value: badarg.
    virtual Term call(Port&, Process& from, uint32_t operation, Term argument);
    virtual void ready(Port&, unsigned events);
    virtual void program_exited(Port&, int64_t status, int signal);
    /// The host program has been stopped (SIGSTOP, SIGTSTP), and goes on.
    virtual void host_continued(Port&) {}
    /// The time of Port::call_at has come, or an earlier one that was asked for before.
    virtual void timeout(Port&) {}
    /// The process that a monitor is on has ended: of Port::monitor's caller.
    virtual void process_down(Port&, Word /*number*/) {}
    /// The port is closing. False: it has bytes to write first, and calls Port::flushed when they are gone.
    virtual bool flush(Port&) { return true; }
    /// The end: lets go of descriptors and programs. Nothing is called afterwards.
    virtual void stop(Port&) {}
    /// Of the program behind it; -1: none.
    virtual int os_pid() const { return -1; }
    virtual size_t queued_bytes() const { return 0; }
    /// Processes that it monitors.
    virtual std::vector<Term> monitored() const { return {}; }
    /// The VM is about to write a crash dump.
    virtual void emergency_close(Port&) {}

    // ---- distribution: the port carries a connection to another node
    /// Whether it can: it delivers packets of four bytes of length, and knows when it is busy.
    virtual bool can_distribute() const { return false; }
    /// Sends a packet to the other node, with its length before it. What cannot be written now is kept; when that gets much, the port is
    /// made busy, and told by not_busy when it is not any more.
    virtual void write_packet(Port&, std::string&&) {}
};

/// An immediate that is changed under a lock, and may be looked at without.
class SharedImmediate {
public:
    explicit SharedImmediate(Term t) : word_(t.word()) {}
    SharedImmediate& operator=(Term t) {
        word_.store(t.word(), std::memory_order_release);
        return *this;
    }
    operator Term() const { return Term(word_.load(std::memory_order_acquire)); }

private:
    std::atomic<Word> word_;
};

class Port final : public EventLoop::Handler, public std::enable_shared_from_this<Port> {
public:
    Port(Tenant& of, Term id, Term owner_pid, std::unique_ptr<PortDriver> with);
    ~Port() override;

    Vm& vm;
    const Term self;
    const std::shared_ptr<Tenant> tenant;  ///< of who has opened it
    Tracee tracee;
    std::atomic<bool> is_tracer{false};  ///< events have been given to it
    std::mutex mutex;

    // ---- changed under the mutex
    enum class State : uint8_t { open, closing, closed };
    std::atomic<State> state{State::open};
    SharedImmediate owner;  ///< pid: who is connected

    // ---- under the mutex
    Term name;  ///< registered, or none
    uint64_t bytes_in = 0, bytes_out = 0;
    WordMap<Link> links;
    WordMap<Watcher> watchers;
    Word next_link_number = 1;
    HeapFragment* data_fragment = nullptr;  ///< of erlang:port_set_data/2
    Term data;
    bool is_busy = false;
    std::vector<std::pair<Term, Word>> waiting;  ///< processes and their requests, until it is busy no more
    ConnectionRef distribution;                  ///< that it controls, or none
    PortDriver& driver() { return *driver_; }

    /// Hands data to the driver: PortDriver::command.
    bool command(Process& from, Term iolist);
    /// So many bytes of `from` have gone to the driver.
    void count_output(Process& from, size_t bytes) {
        from.charge(bytes / 64);
        bytes_out += bytes;
    }
    /// Links it to `p`, who runs, unless it is.
    void link(Process& p);
    /// Links it to another process, unless it is. False: there is none.
    bool send_link(Term pid);
    /// Ends the link to a process, if there is one: it hears nothing of the port's end.
    void send_unlink(Term pid);
    /// PortDriver::process_down is called, with the number, when process `pid` ends. False: there is no such process.
    bool monitor(Term pid, Word number);
    void demonitor(Term pid, Word number);
    /// Handles what would be a signal to a process, and frees it.
    void handle(Signal* s);
    /// Ends it: `reason` goes to those linked. An exit signal of another process with reason normal ends nothing. `at_once`: what is to be written is not.
    void exit(Term reason, bool at_once = false);
    /// As Port ! {Owner, close}: the owner is told {Port, closed}.
    void close(bool tell_owner);
    /// Ends it without telling anybody.
    void close_silently();
    /// The driver has written all that it had after flush.
    void flushed();
    /// What was busy takes bytes again.
    void not_busy();
    /// Ends the slice of `p`, who runs, until it is not busy; what `p` was doing is then done again, beginning with Process::cancel_request.
    void await_not_busy(Process& p);
    /// The driver's timeout is to be called when Vm::monotonic_ms() is `deadline`.
    void call_at(int64_t deadline);
    /// A packet of the connection that it controls has come (without its length; empty: a tick). False: the driver must close the port.
    bool take_packet(std::string_view bytes);

    /// A message to the owner, {Port, T}: build(HeapBuilder&) makes T in `words`.
    template <typename F>
    void tell_owner(size_t words, F build) {
        tell(owner, words + tuple_words(2), [&](HeapBuilder& heap) { return heap.tuple(self, build(heap)); });
    }
    /// As tell_process.
    template <typename F>
    void tell(Term pid, size_t words, F build) {
        send(pid, build_message(words, build, noted_sender()));
    }
    /// What messages of its own are made with: itself, if they are to tell who has sent them, or none.
    Term noted_sender() const;
    void send(Term pid, Signal* message);

    // ---- tracing: docs/design/tracing.md
    /// What has happened to it (kTracePorts).
    void trace(Term tag, Term what, Term extra = Term::none()) {
        if (LINTEL_UNLIKELY(tracee.is_on(kTracePorts))) tell_tracers(kTracePorts, {tag, what, extra});
    }
    /// What it has been asked for by `from` (kTraceReceive): {From, What} or {From, {What, Argument}}, an immediate.
    void trace_received(Term from, Term what, Term argument = Term::none());
    /// The same: {From, {What, Bytes}} or {From, {What, {Operation, Bytes}}}.
    void trace_received(Term from, Term what, std::string_view bytes, std::optional<uint32_t> operation = std::nullopt);
    /// What it is asked has been answered: {What, Bytes} (kTraceSend).
    void trace_answered(Term pid, Term what, std::string_view bytes);
    /// A driver from a library is told that its time has come (kTraceReceive).
    void trace_timeout() { tell_tracers(kTraceReceive, {am::receive(), am::timeout()}); }
    /// A message that it sends (kTraceSend).
    void trace_sent(Term pid, Term message);
    /// Something runs: `in` when this is made, `out` when it goes and the port is still open (kTraceRunningPorts). `what`: 0 if the system has
    /// something to tell. SystemProfile is told, too.
    class Running {
    public:
        Running(Port& port, Term what) : port_(port), what_(what) { tell(true); }
        ~Running() { tell(false); }
        Running(const Running&) = delete;
        Running& operator=(const Running&) = delete;

    private:
        void tell(bool begins);
        Port& port_;
        const Term what_;
    };

    /// The same for what the system has to tell: `operation` is input, output or timeout. SystemMonitor is told, too, if it takes long.
    class Told {
    public:
        Told(Port& port, Term operation);
        ~Told();
        Told(const Told&) = delete;
        Told& operator=(const Told&) = delete;

    private:
        const Running running_;
        Port& port_;
        const Term operation_;
        const int64_t since_;  // 0: nobody wants to know
    };

    static Term operation_of(unsigned events) {
        return (events & EventLoop::kReadable) != 0 ? am::input() : am::output();
    }

    // ---- EventLoop::Handler
    void ready(unsigned events) override;
    void program_exited(int64_t status, int signal) override;

    /// The scheduler whose wheel has its timer, without the wheel's lock.
    void timeout();

private:
    void tell_tracers(uint32_t flags, const TraceEvent& event);
    bool may_tell(const SessionTracee& by);
    void handle_exit(ControlSignal* s, bool by_link);
    void handle_unlink(const ControlSignal& s);
    void end();
    /// Lets go of descriptors and timer.
    void stop();
    Scheduler& timer_scheduler() const;
    friend class PortTable;

    std::unique_ptr<PortDriver> driver_;
    Timer timer_;              ///< data: this
    bool has_timer_ = false;   ///< it has been in a wheel
    int64_t due_ = INT64_MAX;  ///< when timeout is to come; an earlier call may be under way
};

/// The open ports of a VM. Any thread.
class PortTable {
public:
    explicit PortTable(Vm& vm, size_t limit) : vm_(vm), limit_(limit) {}
    ~PortTable();
    PortTable(const PortTable&) = delete;
    PortTable& operator=(const PortTable&) = delete;

    size_t limit() const { return limit_; }
    size_t count() const;
    std::shared_ptr<Port> find(Term port) const;
    std::vector<Term> all() const;
    /// Makes a port of `owner`, to which it is linked, and starts its driver. nullptr: *error is an errno value, or 0: there are too many.
    std::shared_ptr<Port> open(Process& owner, std::unique_ptr<PortDriver> driver, int* error);
    /// The same for an owner who need not run on this thread. The locks of older ports may be held. *error is also ESRCH: there is no such process.
    std::shared_ptr<Port> open_for(Tenant& tenant, Term owner, std::unique_ptr<PortDriver> driver, int* error);
    /// It is closing: nobody can find it any more, but it is kept until it has ended.
    void remove(Term port);
    /// It has ended.
    void forget(Term port);
    /// A signal to a port. False, and it is freed: there is no such port.
    bool deliver(Term port, Signal* s);
    /// PortDriver::host_continued for all.
    void host_continued();
    /// PortDriver::emergency_close for all whose lock nobody holds.
    void emergency_close();
    /// Ends all of them, without telling anybody; Vm::halt(status) when they have written what they had.
    void halt_when_written(int status);
    /// Ends all of them at once, without telling anybody: the VM goes.
    void close_all();

private:
    template <typename F>
    std::shared_ptr<Port> start(Tenant& tenant, Term owner, std::unique_ptr<PortDriver> driver, int* error, F link);

    Vm& vm_;
    const size_t limit_;
    mutable std::mutex mutex_;
    std::unordered_map<Word, std::shared_ptr<Port>> ports_, closing_;
    std::optional<int> halts_with_;  ///< when none is left in closing_
    Word next_ = 1;
};

/// Port ! Message. The message, or the non-value: an error is pending, or the port is busy and `p` waits (Port::await_not_busy).
Term send_to_port(Process& p, Term port, Term message);
/// Whether it would have to wait just now. `to`: a port, or a name; or anything else, for which nobody waits.
bool port_send_waits(Vm& vm, Term to, Term message);

}  // namespace lintel
