#pragma once
/// One connection to another node, from the first attempt to its end. docs/design/distribution.md.
///
/// Who controls it (a process or a port) takes packets from here and brings those that come. Any thread may call what is not said to
/// belong to the controller.

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "gc/heap_builder.h"
#include "loader/dist_packet.h"
#include "loader/etf.h"
#include "sched/remote_id.h"

namespace lintel {

class DistConnection;
class Port;
class Process;
class Vm;

/// A counted reference to a connection, or to none.
class ConnectionRef {
public:
    ConnectionRef() = default;
    /// Takes over a reference.
    explicit ConnectionRef(DistConnection* adopted) : at_(adopted) {}
    static ConnectionRef to(DistConnection* c);
    ConnectionRef(const ConnectionRef& other) : ConnectionRef(to(other.at_)) {}
    ConnectionRef(ConnectionRef&& other) noexcept : at_(std::exchange(other.at_, nullptr)) {}
    ConnectionRef& operator=(ConnectionRef other) noexcept {
        std::swap(at_, other.at_);
        return *this;
    }
    ~ConnectionRef();

    explicit operator bool() const { return at_ != nullptr; }
    DistConnection* operator->() const { return at_; }
    DistConnection& operator*() const { return *at_; }
    DistConnection* get() const { return at_; }

private:
    DistConnection* at_ = nullptr;
};

/// Control messages. Those that peers may not know are brought into an older form when they are sent.
enum class DistOp : uint8_t {
    link = 1,
    send = 2,
    exit = 3,
    unlink = 4,
    reg_send = 6,
    group_leader = 7,
    exit2 = 8,
    send_tt = 12,
    exit_tt = 13,
    reg_send_tt = 16,
    exit2_tt = 18,
    monitor_p = 19,
    demonitor_p = 20,
    monitor_p_exit = 21,
    send_sender = 22,
    send_sender_tt = 23,
    payload_exit = 24,
    payload_exit_tt = 25,
    payload_exit2 = 26,
    payload_exit2_tt = 27,
    payload_monitor_p_exit = 28,
    spawn_request = 29,
    spawn_request_tt = 30,
    spawn_reply = 31,
    spawn_reply_tt = 32,
    alias_send = 33,
    alias_send_tt = 34,
    unlink_id = 35,
    unlink_id_ack = 36,
};

class DistConnection final : public Magic {
public:
    static inline const char kMagicType = 0;

    DistConnection(Vm& machine, Term to, uint32_t number);
    ~DistConnection() override;

    Vm& vm;
    const Term node;
    const uint32_t id;     ///< of the connections to this node
    const Word reference;  ///< number of its handle

    enum class State : uint8_t {
        pending,  ///< signals are kept until it is there, or given up
        connected,
        exiting,  ///< nothing is sent and nothing believed any more; its controller ends
        gone,
    };
    State state() const;
    uint64_t flags() const;
    uint32_t creation() const;
    bool is_hidden() const { return (flags() & dist_flag::kPublished) == 0; }
    /// Pid or port, or none.
    Term controller() const;

    /// The handle (erlang:dist_handle()). kMagicRefWords.
    Term handle(HeapBuilder& heap) {
        retain();
        return heap.magic_ref(this, reference, 0);
    }

    // ---- sending
    enum class Sent : uint8_t { done, not_connected, no_memory };
    /// Sends a control tuple in its newest form, and a message (or none) behind it. Does not wait. From within input, what is sent goes out
    /// when the controller asks for it.
    Sent send(Term control, Term message = Term::none());
    bool is_busy() const;
    /// If it is busy, `p` gets an answer to its request `number` when that is over, and the result is true.
    bool wait_if_busy(Term pid, Word number);

    // ---- the controller
    /// pending → connected. False: it is not pending any more.
    bool connect(Term controller, uint64_t flags, uint32_t creation, const std::shared_ptr<Port>& port);
    /// The next packet to be sent. False: there is none.
    bool take_packet(std::string* packet);
    /// The message dist_data is sent to the controller when there is a packet.
    void request_notification();
    /// A packet that has come. False: it makes no sense, and nothing is taken any more: the controller must end.
    bool input(std::span<const uint8_t> packet);
    /// A port controls it, and its lock is held: gives its driver what is to be sent, as long as that takes it.
    void write_to(Port& port);

    std::atomic<Word> input_handler{0};  ///< pid: who may bring packets
    std::atomic<uint64_t> packets_in{0}, packets_out{0};
    std::atomic<bool> gets_sizes{false};  ///< dist_ctrl_get_data tells the size, too
    size_t queued_bytes() const;

    // ---- processes that have to do with the other node: they are told when the connection is gone
    /// False: it is gone already.
    bool tie(Term pid);
    void untie(Term pid);

    /// Monitors by name that came from there: who was watched.
    void note_name_monitor(const RemoteRef& reference, Term pid);
    /// The pid that was noted, or none.
    Term take_name_monitor(const RemoteRef& reference);

    /// A process that has asked for a linked process is gone; the answer ends that one for `reason`.
    void note_orphan(Word request, Term reason);
    /// Sends an exit signal of `parent` to `child`, with the reason that was noted, if there was one.
    void end_orphan(Word request, Term parent, Term child);

    // ---- Distribution
    /// connected → exiting. False: it was not connected.
    bool stop_traffic();
    /// Nothing is taken or sent any more: the first step of its end. False: it has been taken before, or (`only_pending`) it is not pending.
    bool begin_end(bool only_pending);
    /// Lets go of what is queued and of who waits; the processes that are to be told. Nobody can be tied to it any more.
    std::vector<Term> clear();

private:
    struct Kept {
        HeapFragment* fragment;
        Term control, message;
    };
    struct Encoded {
        std::string terms;
        size_t control_bytes = 0;
        bool has_message = false;
        PacketAtoms atoms;
    };
    bool keep(Term control, Term message);
    /// False: there is nothing to send. The peer would not understand it, or the message has no end.
    bool encode(uint64_t flags, bool names_atoms, Term control, Term message, Encoded* out);
    bool adapt(uint64_t flags, HeapBuilder& heap, Term* control, Term* message);
    void put_locked(const Encoded& signal);
    void wake_waiting(std::vector<std::pair<Term, Word>>& waiting);

    mutable std::mutex mutex_;
    State state_ = State::pending;
    uint64_t flags_ = 0;
    uint32_t creation_ = 0;
    Term controller_;
    std::weak_ptr<Port> port_;
    std::vector<Kept> kept_;
    std::unique_ptr<PacketWriter> writer_;
    std::deque<std::string> packets_;
    size_t queued_bytes_ = 0;
    bool wants_notification_ = false;
    std::vector<std::pair<Term, Word>> waiting_;
    std::unordered_set<Word> tied_;
    std::map<RemoteRef, Term> name_monitors_;
    std::unordered_map<Word, Kept> orphans_;

    std::mutex input_mutex_;
    std::atomic<std::thread::id> input_thread_{};  ///< which is in input
    std::unique_ptr<PacketReader> reader_;
};

inline ConnectionRef ConnectionRef::to(DistConnection* c) {
    if (c != nullptr) c->retain();
    return ConnectionRef(c);
}
inline ConnectionRef::~ConnectionRef() {
    if (at_ != nullptr) at_->release_reference();
}

}  // namespace lintel
