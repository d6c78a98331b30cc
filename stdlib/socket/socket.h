#pragma once
/// Socket: what is behind a reference of prim_socket's. docs/design/socket.md.
///
///            close, or the owner ends                finalize_close, or the closer ends
///     open ---------------------------> closing ------------------------------------------> closed
///
/// Reading and writing are two sides, each with a lock; what concerns both takes the reading side's first. Whoever works on the descriptor
/// holds a side's lock and has seen that the socket is open, except for sendfile, which marks the writing side as in use
/// meanwhile. The descriptor is closed by whoever holds both locks and finds nothing in use.

#include <memory>
#include <mutex>
#include <vector>

#include "stdlib/socket/sockets.h"
#include "stdlib/socket/terms.h"

namespace lintel {

/// Who waits, and for which operation of his.
struct Waiter {
    Term pid;
    KeptTerm operation;

    Waiter(Term who, Term op) : pid(who) { operation.set(op); }
};

/// Those that wait for one thing. It is the turn of the first.
class Waiters {
public:
    bool empty() const { return list_.empty(); }
    size_t size() const { return list_.size(); }
    Waiter& first() { return list_.front(); }
    bool is_turn_of(Term pid) const { return !list_.empty() && list_.front().pid == pid; }
    void add(Term pid, Term operation) { list_.emplace_back(pid, operation); }
    void remove_first() { list_.erase(list_.begin()); }
    void clear() { list_.clear(); }
    /// Whether `pid` waits behind the first.
    bool is_behind(Term pid) const { return find_behind(pid) != list_.size(); }
    /// Removes the one of `pid` behind the first, if its operation is `operation` (none: whatever it is). False: there is none.
    bool remove_behind(Term pid, Term operation);

private:
    size_t find_behind(Term pid) const;
    std::vector<Waiter> list_;
};

/// The settings that sockets of an accepting one begin with.
struct SocketSettings {
    size_t receive_bytes = 8192;
    uint32_t receive_count = 0;  ///< of {otp, rcvbuf}: {Count, Bytes}; 0: it is Bytes alone
    size_t receive_control_bytes = 1024;
    size_t send_control_bytes = 1024;
    bool tells_wraps = false;  ///< {otp, iow}; no counter of 64 bits ever wraps
    bool debug = false;
    bool selects_after_read = false;  ///< {otp, select_read}: who has received waits for more
    bool is_registered = true;        ///< the registry is told of it
};

class Socket final : public Magic {
public:
    static inline const char kMagicType = 0;
    struct Origin {
        int domain, type, protocol;
        int from_fd = -1;      ///< socket:open(FD, …): the descriptor given
        bool is_owned = true;  ///< its descriptor is closed with it
    };
    /// Takes over `fd`, which does not block.
    Socket(std::shared_ptr<Sockets> table, Vm& machine, int fd, const Origin& from, const SocketSettings& with);
    ~Socket() override;

    /// States of a side, as socket:info/1 lists them.
    static constexpr unsigned kBound = 1, kListening = 2, kAccepting = 4, kConnecting = 8, kConnected = 16,
                              kSelected = 32, kClosing = 64, kClosed = 128;

    struct Counters {
        uint64_t bytes = 0, packets = 0, largest = 0, tries = 0, waits = 0, fails = 0;
        uint64_t current = 0;  ///< bytes of the packet that is under way

        void done(uint64_t size) {
            ++packets;
            bytes += size;
            end(size);
        }
        void end(uint64_t size) {
            current += size;
            largest = std::max(largest, current);
            current = 0;
        }
    };
    struct Side {
        std::mutex mutex;
        unsigned state = 0;
        bool is_selected = false;  ///< the process of `selector` is to be told when the system is ready
        Term selector;
        KeptTerm select_operation;
        Counters counters;
        bool is_open() const { return (state & (kClosing | kClosed)) == 0; }
    };
    /// The lock of both sides.
    struct BothSides {
        std::scoped_lock<std::mutex, std::mutex> lock;
        explicit BothSides(Socket& s) : lock(s.reading.mutex, s.writing.mutex) {}
    };

    Vm& vm;
    const std::shared_ptr<Sockets> sockets;
    const Word number;  ///< of its reference
    const Origin origin;

    // ---- under the reading side's lock
    Side reading;
    Waiters readers, acceptors;
    Counters accepts;
    uint32_t receives = 0;  ///< of settings.receive_count, in a row

    // ---- under the writing side's lock
    Side writing;
    Waiters writers;
    Waiters connector;       ///< one at most
    bool is_in_use = false;  ///< sendfile works on the descriptor without the lock
    int file = -1;           ///< what sendfile sends
    struct SendfileCounters : Counters {
        uint64_t calls = 0;
        uint64_t file = 0, largest_file = 0;  ///< bytes of the file that is under way
    };
    std::unique_ptr<SendfileCounters> file_counters;
    KeptTerm meta;

    // ---- changed under both locks, read under one
    Term owner;  ///< pid, or none
    SocketSettings settings;

    int fd() const { return fd_; }
    /// Its reference, one that the caller's heap holds on to.
    Term make_reference(ExecState& p);

    // ---- waiting. Under the side's lock; the socket is open
    /// {'$socket', Socket, select, Operation} goes to `pid` when the system is ready for what the side does. 0, or an errno value.
    int select(Side& side, Term pid, Term operation);
    /// True: nobody is told any more. False: there was nobody to be told, or he has been.
    bool cancel_select(Side& side);
    /// The turn of the first of `waiters` is over: the system tells the next. False: nobody is left.
    bool next_turn(Side& side, Waiters& waiters);
    /// The operations of all waiters but the first end with `why`; then nobody waits.
    void fail_all(Waiters& waiters, Term why);

    // ---- the end
    /// Begins to close it, for `closer`. False: it is closed or closing. *operation is none: closer goes on with finalize; or what he
    /// is told of, in {'$socket', Socket, close, Operation}, when that time has come.
    bool close(ExecState& closer, Term* operation);
    enum class Finalized : uint8_t { done, not_open, bad_state };
    /// Closes the descriptor, which may block; *error is an errno value.
    Finalized finalize(Term pid, int* error);
    /// Makes `pid` the owner, under both locks. If that has ended the socket is closed.
    void set_owner(ExecState& by, Term pid);
    /// Under the writing side's lock, after is_in_use: does what had to wait for it.
    void in_use_no_more(std::unique_lock<std::mutex>& writing_lock);
    /// A process that has to do with it has ended.
    void process_ended(Term pid);
    /// The VM ends.
    void abandon();
    bool try_retain();

private:
    friend class Sockets;
    class Watcher;
    void ready(Side& side);
    void tell_abort(const Waiter& waiter, Term why);
    Term make_socket(HeapBuilder& heap);
    void stop_waiting();
    void abort_selected(Side& side, Waiters& waiters);
    int take_fd();
    void begin_end();
    void end_now();
    void tell_registry(Term what);
    void forget_waiter(Side& side, Waiters& waiters, Term pid);

    int fd_;
    Term closer_;             // pid
    Word close_number_ = 0;   // of the reference that `close` has given out
    std::mutex watch_mutex_;  // of the making of watch_
    std::atomic<EventLoop::Watch*> watch_{nullptr};

    // Of Sockets, under its lock.
    std::vector<Word> pids_;
};

}  // namespace lintel
