#pragma once
/// What processes have to do with those of other nodes: links, monitors, requests to spawn. docs/design/distribution.md.
///
/// All of it belongs to the local process and is touched by its owner only. It is kept by connection, so that the end of one tells what to do.

#include <map>

#include "sched/dist_connection.h"
#include "sched/process.h"

namespace lintel {

/// A link with a remote process as this side sees it. After an unlink nothing of the link counts until the other side has said that it knows.
struct RemoteLink {
    bool is_active = false;
    Word unlinking = 0;  ///< number of the unlink that has not been acknowledged; 0: none
};

/// A remote process, or a name, that the process watches; its Monitor has the rest.
struct RemoteMonitor {
    RemotePid pid;  ///< number, node and creation 0 if watched by name
    Term name;      ///< or none
};

/// A remote process that watches this one.
struct RemoteWatcher {
    RemotePid pid;
    Term name;  ///< as which it is watched, or none
};

/// A request to spawn that has not been answered.
struct PendingSpawn {
    HeapFragment* fragment;  ///< owns `tag`, or nullptr
    Term tag;                ///< of the answer
    Monitor monitor;         ///< that there will be
    bool link, has_monitor;
    bool tells_success, tells_error;
    bool is_abandoned;
    AliasMode alias;
};

struct DistTies {
    ConnectionRef connection;
    std::map<RemotePid, RemoteLink> links;
    std::map<RemoteRef, RemoteWatcher> watchers;
    WordMap<RemoteMonitor> monitors;  ///< by number of the own reference
    WordMap<PendingSpawn> spawns;     ///< by number of the own reference
    uint32_t node_monitors = 0;       ///< erlang:monitor_node

    ~DistTies();
};

/// Of a process that has to do with other nodes; made on demand.
struct ProcessDist {
    std::vector<std::unique_ptr<DistTies>> ties;
    ConnectionRef controls;      ///< the connection that it is the controller of
    bool is_net_kernel = false;  ///< its end is the end of the distribution
    Word next_unlink = 1;
};

/// Whether `t` is a pid or port of an earlier life of this node.
bool is_own_of_old(const Vm& vm, Term t);

// ---- by the process itself. Nodes are connected on demand.

struct RemoteSendOptions {
    bool may_suspend = true, may_connect = true;
};
enum class RemoteSend : uint8_t {
    done,        ///< as far as anybody can tell
    stopped,     ///< p.pending tells why: an error, or the process waits and sends again
    no_connect,  ///< it would have to connect
    no_suspend,  ///< it would have to wait
};
/// `to`: a remote pid, an alias, {Name, Node} of another node.
RemoteSend send_remote(Process& p, Term to, Term message, RemoteSendOptions options);
/// False: there is no such process, and never will be (a pid of an earlier life of this node).
bool link_remote(Process& p, Term pid);
void unlink_remote(Process& p, Term pid);
void exit_remote(Process& p, Term pid, Term reason);
void set_group_leader_remote(Process& p, Term leader, Term pid);
/// Watches `target`, a remote pid or {Name, Node}; `m` and the reference's numbers have been made.
void monitor_remote(Process& p, Term target, Monitor m, Word number);
/// What a monitor of `of` watches: {Name, Node}, or a pid. The non-value: nothing any more.
Term remote_target(ExecState& p, Process& of, Word number, const Monitor& m);

/// Takes a monitor, local or remote, out of the table; `tell`: who is watched is told.
void drop_monitor(Process& p, Word number, bool tell);

// ---- spawning
/// Sends the request. If true, what `pending` owns belongs to the request. False: *error is noconnection, notsup or system_limit.
bool spawn_remote(Process& p, Term node, Term ref, Word number, Term mfa, Term arguments, Term options,
                  const PendingSpawn& pending, Term* error);
/// True: it was outstanding.
bool abandon_spawn(Process& p, Word number);

/// There will be no process: {Tag, Ref, error, reason} to `parent`, if `ref` is a request of it.
void refuse_spawn(Vm& vm, Term parent, Term ref, Term reason);

/// erlang:monitor_node/3. False: it must be done by erlang:dmonitor_node/3. `may_wait`: for a connection that is being made.
bool monitor_node(Process& p, Term node, bool on, bool may_wait);

// ---- the end of things
/// Tells other nodes that `p` ends. sched/exit.cpp.
void end_ties(Process& p, Term reason);
/// The connection that `p` controls, and the distribution that depends on it. Called first of all.
void end_control(Process& p, Term reason);
void free_pending_spawn(PendingSpawn& spawn);

// ---- what comes from other nodes: ControlSignal::run of signals of kind dist, which they take over. Without a process, they answer for it.
void on_remote_link(Vm& vm, Process* p, ControlSignal& s);
void on_remote_unlink(Vm& vm, Process* p, ControlSignal& s);
void on_remote_unlink_ack(Vm& vm, Process* p, ControlSignal& s);
void on_remote_link_exit(Vm& vm, Process* p, ControlSignal& s);
void on_remote_monitor(Vm& vm, Process* p, ControlSignal& s);
void on_remote_demonitor(Vm& vm, Process* p, ControlSignal& s);
void on_spawn_reply(Vm& vm, Process* p, ControlSignal& s);
void on_connection_down(Vm& vm, Process* p, ControlSignal& s);
/// Whether a signal of kind dist is a new link or monitor.
inline bool begins_tie(const ControlSignal& s) { return s.run == on_remote_link || s.run == on_remote_monitor; }

/// Handles a packet's signal. False: it makes no sense.
bool take_signal(DistConnection& connection, const PacketReader::Signal& signal);

}  // namespace lintel
