#pragma once
/// EventLoop: what the operating system has to tell of file descriptors and child programs, by libuv.
///
/// One thread at a time runs the loop: a scheduler that has nothing else to do sleeps in it, a busy one looks in between. Running
/// only notes what has happened; the handlers are called afterwards, without the loop's lock, so they may call everything here.
///
/// A watch stays with the system while its handler wants something, and until the next event after that: whoever reads again and again
/// costs no system call for it.

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace lintel {

class EventLoop {
public:
    static constexpr unsigned kReadable = 1, kWritable = 2;

    /// Who is told. Kept until it has been told for the last time.
    class Handler {
    public:
        virtual ~Handler() = default;
        /// `events`: of those that were wanted, also when the descriptor has an error. Any thread that runs the loop. What was wanted is
        /// wanted no longer.
        virtual void ready(unsigned events) = 0;
        /// A program that was started has ended.
        virtual void program_exited(int64_t status, int signal) = 0;
    };
    struct Watch;

    EventLoop();
    /// Nobody runs it any more; watches have been forgotten.
    ~EventLoop();
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;

    // ---- any thread
    /// Begins to watch `fd`, which it owns from now on and which becomes non-blocking. nullptr: the system refuses; *error has an errno value,
    /// and the descriptor is still the caller's. A file that cannot be waited for (a regular one) is always ready.
    Watch* watch(int fd, std::shared_ptr<Handler> handler, int* error);
    /// `events` are wanted, in addition to those that are.
    void want(Watch* watch, unsigned events);
    void want_no_longer(Watch* watch, unsigned events);
    /// Ends a watch, and then closes its descriptor. A call of the handler may still come from what has been noted.
    void close(Watch* watch);
    /// The same, but the descriptor is the caller's again. It must not be closed before.
    void release(Watch* watch);

    struct Program {
        std::string file;
        std::vector<std::string> arguments;    ///< the name it is called by, then its own
        std::vector<std::string> environment;  ///< NAME=VALUE
        std::string directory;                 ///< "": the same
        std::vector<int> descriptors;          ///< of this program, that it gets as 0, 1, 2, …; -1: /dev/null
    };
    /// Starts a program; Handler::program_exited comes when it has ended. 0, or an errno value. *pid is its number.
    int start(const Program& program, std::shared_ptr<Handler> handler, int* pid);

    /// Whether there is anything to be told of.
    bool is_used() const { return used_.load(std::memory_order_relaxed) != 0; }
    bool is_open() const { return is_open_.load(std::memory_order_acquire); }
    /// Opens the loop: a descriptor that is readable when run has something to do; -1: the system has none.
    int descriptor();
    /// Ends the sleep of the thread that runs it.
    void wake();
    /// Waits up to `timeout_ms` (-1: for ever) and calls handlers. False, at once: another thread runs it, or wants to change it.
    /// `awake` is called between waiting and handlers.
    template <typename F>
    bool run(int64_t timeout_ms, F awake) {
        Noted noted;
        if (!collect(timeout_ms, &noted)) return false;
        awake();
        dispatch(noted);
        return true;
    }

private:
    struct Child;
    struct Event {
        std::shared_ptr<Handler> handler;
        unsigned events = 0;
        bool has_exited = false;
        int64_t status = 0;
        int signal = 0;
    };
    using Noted = std::vector<Event>;
    struct Loop;  // what of libuv

    class Entry;  // holds the lock, however long somebody sleeps in the loop
    bool open();
    void end(Watch* watch, bool close_descriptor);
    bool collect(int64_t timeout_ms, Noted* noted);
    static void dispatch(Noted& noted);
    void arm(Watch& watch);

    std::mutex mutex_;                  // of the loop and all handles
    std::atomic<unsigned> waiting_{0};  // threads that want the lock: nobody goes to sleep with it
    std::atomic<unsigned> used_{0};
    std::atomic<bool> is_open_{false};
    std::unique_ptr<Loop> loop_;
    std::mutex inbox_mutex_;
    std::vector<Watch*> inbox_;  // watches that want more than they are armed for
};

}  // namespace lintel
