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
#include "sched/process.h"

namespace lintel {

class Port;

/// What a kind of port does. Called with the port's lock held, on any thread; none of it blocks.
class PortDriver {
public:
    virtual ~PortDriver() = default;
    /// What port_info(Port, name) says.
    virtual std::string name() const = 0;
    /// Begins; the port can be seen from now on. 0, or an errno value: then it has never been.
    virtual int start(Port&) { return 0; }
    /// Bytes of `from`, who has sent a command or called port_command.
    virtual void command(Port&, Term from, std::string_view bytes) = 0;
    /// erlang:port_control/3. False: badarg.
    virtual bool control(Port&, Term from, uint32_t operation, std::string_view bytes, std::string* answer);
    /// erlang:port_call/3: a term in, a term out. The non-value: badarg.
    virtual Term call(Port&, Process& from, uint32_t operation, Term argument);
    virtual void ready(Port&, unsigned events);
    virtual void program_exited(Port&, int64_t status, int signal);
    /// The port is closing. False: it has bytes to write first, and calls Port::flushed when they are gone.
    virtual bool flush(Port&) { return true; }
    /// The end: lets go of descriptors and programs. Nothing is called afterwards.
    virtual void stop(Port&) {}
    /// Of the program behind it; -1: none.
    virtual int os_pid() const { return -1; }
    virtual size_t queued_bytes() const { return 0; }
};

class Port final : public EventLoop::Handler, public std::enable_shared_from_this<Port> {
public:
    Port(Vm& machine, Term id, Term owner_pid, std::unique_ptr<PortDriver> with);
    ~Port() override;

    Vm& vm;
    const Term self;
    std::mutex mutex;

    // ---- under the mutex
    enum class State : uint8_t { open, closing, closed };
    State state = State::open;
    Term owner;  ///< pid: who is connected
    Term name;   ///< registered, or none
    uint64_t bytes_in = 0, bytes_out = 0;
    WordMap<Link> links;
    WordMap<Watcher> watchers;
    Word next_link_number = 1;
    HeapFragment* data_fragment = nullptr;  ///< of erlang:port_set_data/2
    Term data;
    bool is_busy = false;
    std::vector<std::pair<Term, Word>> waiting;  ///< processes and their requests, until it is busy no more
    PortDriver& driver() { return *driver_; }

    /// Handles what would be a signal to a process, and frees it.
    void handle(Signal* s);
    /// Ends it: `reason` goes to those linked. An exit signal of another process with reason normal ends nothing.
    void exit(Term reason);
    /// As Port ! {Owner, close}: the owner is told {Port, closed}.
    void close(bool tell_owner);
    /// The driver has written all that it had after flush.
    void flushed();
    /// What was busy takes bytes again.
    void not_busy();

    /// A message to the owner, {Port, T}: build(HeapBuilder&) makes T in `words`.
    template <typename F>
    void tell_owner(size_t words, F build) {
        tell(owner, words + tuple_words(2), [&](HeapBuilder& heap) { return heap.tuple(self, build(heap)); });
    }
    /// A message to `pid` of `words`. Memory beyond the limit is granted.
    template <typename F>
    void tell(Term pid, size_t words, F build) {
        const MemoryReserve reserve;
        auto* s = make_signal<Signal>(SignalKind::message, words);
        if (s == nullptr) stop_without_memory(words * kWordBytes);
        {
            HeapBuilder heap(s->fragment);
            s->term = build(heap);
        }
        send(pid, s);
    }

    // ---- EventLoop::Handler
    void ready(unsigned events) override;
    void program_exited(int64_t status, int signal) override;

private:
    void send(Term pid, Signal* s);
    void handle_exit(ControlSignal* s, bool by_link);
    void end();

    std::unique_ptr<PortDriver> driver_;
    std::shared_ptr<Port> until_flushed_;  ///< keeps itself while closing
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
    /// Takes it out: nobody can find it any more.
    void remove(Term port);
    /// A signal to a port. False, and it is freed: there is no such port.
    bool deliver(Term port, Signal* s);
    /// Ends all of them, without telling anybody: the VM goes.
    void close_all();

private:
    Vm& vm_;
    const size_t limit_;
    mutable std::mutex mutex_;
    std::unordered_map<Word, std::shared_ptr<Port>> ports_;
    Word next_ = 1;
};

/// Port ! Message. The message, or the non-value: an error is pending.
Term send_to_port(Process& p, Term port, Term message);

}  // namespace lintel
