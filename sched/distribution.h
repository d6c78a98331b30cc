#pragma once
/// The VM as a node among others: its name, the nodes that it knows, who is told of them. docs/design/distribution.md.

#include <atomic>
#include <optional>
#include <unordered_map>

#include "sched/dist_connection.h"

namespace lintel {

/// Options of process_flag({monitor_nodes, Options}, true), as bits.
namespace node_events {
inline constexpr unsigned kVisible = 1, kHidden = 2, kReason = 4, kMap = 8, kConnectionId = 16, kCount = 32;
}

class Distribution {
public:
    static constexpr size_t kDefaultBusyLimit = size_t{1} << 20;

    Distribution(Vm& vm, size_t busy_limit_bytes);
    Distribution(const Distribution&) = delete;
    Distribution& operator=(const Distribution&) = delete;

    // ---- this node. Any thread
    Term name() const { return Term(name_.load(std::memory_order_acquire)); }
    uint32_t creation() const { return creation_.load(std::memory_order_acquire); }
    bool is_alive() const { return name() != am::nonode_at_nohost(); }
    /// erlang:setnode/2. False: it has a name already, or no process net_kernel is there.
    bool start(Process& caller, Term node, uint32_t creation);
    /// Queued bytes from which on senders of a connection wait.
    const size_t busy_limit;

    // ---- other nodes. Any thread
    /// The connection that there is, or is being made; or none.
    ConnectionRef find(Term node) const;
    ConnectionRef find(Term node, uint32_t id) const;
    /// As find, or a new one in state pending (erts_internal:new_connection/1).
    ConnectionRef find_or_make(Term node);
    /// As find_or_make, and asks net_kernel to connect. None: there is no net_kernel, or the connection is just ending.
    ConnectionRef connect(Term node);
    /// erts_internal:create_dist_channel/3, once the arguments have been checked. False: the connection is not pending.
    bool set_up(DistConnection& connection, Term controller, Term asker, uint64_t flags, uint32_t creation,
                const std::shared_ptr<Port>& port);
    /// A connection has lost its controller, for `reason`.
    void lost(DistConnection& connection, Term reason);
    /// Gives a pending connection up. True: it was connected already.
    bool abort_pending(DistConnection& connection);
    /// Nothing more is believed of it: a controller that is a process is killed. A port's must be closed by its driver.
    void kill(DistConnection& connection);
    /// net_kernel ends: so does every connection. `reason` is an atom.
    void stop(Term reason);

    struct NodeInfo {
        Term name;
        Term type;  ///< this, visible, hidden, known
        bool has_id;
        uint32_t id;
        Term controller;  ///< or none
        uint32_t creation;
    };
    /// All nodes ever heard of, this one first.
    std::vector<NodeInfo> nodes() const;
    /// The node whose pids are printed with this number, if there is one.
    std::optional<NodeInfo> node_of_number(uint32_t number) const;

    // ---- process_flag(monitor_nodes, …): by the process, on its thread
    /// How often it was set before.
    size_t watch_nodes(Term pid, unsigned options, bool on);
    void forget_watcher(Term pid);

private:
    struct Node {
        Term name;
        ConnectionRef current;
        uint32_t last_id;
        uint32_t creation = 0;
        uint64_t order = 0;  ///< of its last connection
    };
    struct Watcher {
        Term pid;
        unsigned options;
        size_t count;
    };
    Node& node_locked(Term name);
    void tell(Term what, Term node, std::optional<uint32_t> id, Term type, Term reason);
    void send_node_event(const Watcher& watcher, Term what, Term node, std::optional<uint32_t> id, Term type,
                         Term reason);
    bool end(DistConnection& connection, bool only_pending, Term reason);
    void become_nameless();

    Vm& vm_;
    std::atomic<Word> name_;
    std::atomic<uint32_t> creation_{0};
    mutable std::mutex mutex_;  // of nodes_; a connection's mutex is taken after it
    std::unordered_map<Word, Node> nodes_;
    uint64_t connections_made_ = 0;
    size_t connected_ = 0;
    bool is_stopping_ = false;  ///< net_kernel has gone; the name goes with the last connection
    Term stop_reason_;          ///< an atom
    std::mutex watchers_mutex_;
    std::vector<Watcher> watchers_;
};

}  // namespace lintel
