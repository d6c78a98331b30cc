#include "stdlib/socket/sockets.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <vector>

#include "stdlib/socket/socket.h"
#include "stdlib/stdlib_state.h"

namespace lintel {

bool Sockets::configure(Term info) {
    const Term pid = value_of(info, am::registry());
    Word none = 0;
    if (!pid.is_local_pid()) return false;
    if (!registry.compare_exchange_strong(none, pid.word(), std::memory_order_relaxed)) return true;
    use_registry.store(bool_in(info, am::use_registry(), true), std::memory_order_relaxed);
    debug.store(bool_in(info, am::debug(), false), std::memory_order_relaxed);
    return true;
}

Sockets::Counts Sockets::counts() const {
    const std::lock_guard lock(mutex_);
    return counts_;
}

void Sockets::count(const Socket& socket, int change) {
    const std::lock_guard lock(mutex_);
    const auto add = [change](uint64_t& counter) { counter += static_cast<uint64_t>(static_cast<int64_t>(change)); };
    add(counts_.all);
    switch (socket.origin.domain) {
        case AF_INET: add(counts_.inet); break;
        case AF_INET6: add(counts_.inet6); break;
        case AF_LOCAL: add(counts_.local); break;
        default: break;
    }
    switch (socket.origin.type) {
        case SOCK_STREAM: add(counts_.stream); break;
        case SOCK_DGRAM: add(counts_.dgram); break;
        case SOCK_SEQPACKET: add(counts_.seqpacket); break;
        default: break;
    }
    switch (socket.origin.protocol) {
        case IPPROTO_IP: add(counts_.ip); break;
        case IPPROTO_TCP: add(counts_.tcp); break;
        case IPPROTO_UDP: add(counts_.udp); break;
        case IPPROTO_SCTP: add(counts_.sctp); break;
        default: break;
    }
}

void Sockets::attach(Socket& socket, Term pid) {
    const std::lock_guard lock(mutex_);
    if (!by_pid_[pid.word()].insert(&socket).second) return;
    socket.pids_.push_back(pid.word());
    pids_.store(by_pid_.size(), std::memory_order_relaxed);
}

void Sockets::detach(Socket& socket) {
    const std::lock_guard lock(mutex_);
    for (const Word pid : socket.pids_) {
        const auto found = by_pid_.find(pid);
        if (found == by_pid_.end()) continue;
        found->second.erase(&socket);
        if (found->second.empty()) by_pid_.erase(found);
    }
    socket.pids_.clear();
    pids_.store(by_pid_.size(), std::memory_order_relaxed);
}

void Sockets::process_exits(Process& p) {
    Sockets& sockets = *stdlib_state(p).sockets;
    if (sockets.pids_.load(std::memory_order_relaxed) == 0) return;
    std::vector<Socket*> all;
    {
        const std::lock_guard lock(sockets.mutex_);
        const auto found = sockets.by_pid_.find(p.self.word());
        if (found == sockets.by_pid_.end()) return;
        for (Socket* s : found->second) {
            std::erase(s->pids_, p.self.word());
            // One whose destructor has begun is waiting for this lock.
            if (s->try_retain()) all.push_back(s);
        }
        sockets.by_pid_.erase(found);
        sockets.pids_.store(sockets.by_pid_.size(), std::memory_order_relaxed);
    }
    for (Socket* s : all) {
        s->process_ended(p.self);
        s->release_reference();
    }
}

void Sockets::close_all() {
    std::vector<Socket*> all;
    {
        const std::lock_guard lock(mutex_);
        std::unordered_set<Socket*> each;
        for (const auto& [pid, of] : by_pid_) each.insert(of.begin(), of.end());
        for (Socket* s : each) {
            if (s->try_retain()) all.push_back(s);
        }
    }
    for (Socket* s : all) {
        s->abandon();
        s->release_reference();
    }
}

}  // namespace lintel
