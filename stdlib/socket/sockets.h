#pragma once
/// Sockets: the sockets of one VM: whose they are, how many there are, and what is set for all of them.

#include <atomic>
#include <mutex>
#include <unordered_map>
#include <unordered_set>

#include "sched/vm.h"

namespace lintel {

class Socket;

/// Any thread.
class Sockets {
public:
    Sockets() = default;
    Sockets(const Sockets&) = delete;
    Sockets& operator=(const Sockets&) = delete;

    /// What socket:info/0 says.
    struct Counts {
        uint64_t all = 0;
        uint64_t dgram = 0, stream = 0, seqpacket = 0;
        uint64_t local = 0, inet = 0, inet6 = 0;
        uint64_t ip = 0, tcp = 0, udp = 0, sctp = 0;
    };
    Counts counts() const;
    void count(const Socket& socket, int change);

    /// Socket::process_ended is called when process `pid` ends.
    void attach(Socket& socket, Term pid);
    /// `socket` is closed, or nobody can reach it any more.
    void detach(Socket& socket);
    /// Vm::exit_hooks.
    static void process_exits(Process& p);

    /// What prim_socket's on_load function gives: a map with the registry's pid and settings. What counts is the first. False: it is no such map.
    bool configure(Term info);
    /// No operation lasts from now on.
    void stop() { is_stopping_.store(true, std::memory_order_relaxed); }
    bool is_stopping() const { return is_stopping_.load(std::memory_order_relaxed); }
    /// Closes all: the VM ends, nothing runs any more.
    void close_all();

    // ---- what configure, and socket:use_registry/1, …, set
    std::atomic<Word> registry{0};  ///< pid of the process that is told of sockets, or 0
    std::atomic<bool> use_registry{true};
    std::atomic<bool> debug{false}, socket_debug{false}, tells_wraps{false};
    std::atomic<bool> net_debug{false};

private:
    mutable std::mutex mutex_;
    std::unordered_map<Word, std::unordered_set<Socket*>> by_pid_;
    std::atomic<size_t> pids_{0};  // by_pid_.size(), for a look without the mutex
    Counts counts_;
    std::atomic<bool> is_stopping_{false};
};

}  // namespace lintel
