#pragma once
/// TcpDriver: a port "tcp_inet": a stream socket, of TCP or local. docs/design/inet.md.

#include <deque>

#include "stdlib/inet/inet_driver.h"
#include "stdlib/inet/input_buffer.h"
#include "stdlib/inet/send_queue.h"
#include "stdlib/packet.h"

namespace lintel::inet {

class Outgoing;

class TcpDriver final : public InetDriver {
public:
    TcpDriver() : InetDriver(SOCK_STREAM, IPPROTO_TCP) {}
    ~TcpDriver() override;

    std::string name() const override { return "tcp_inet"; }
    bool command(Port& port, Process& from, Term data) override;
    bool can_be_forced() const override { return true; }
    void ready(Port& port, unsigned events) override;
    void timeout(Port& port) override;
    bool flush(Port& port) override;
    void stop(Port& port) override;
    size_t queued_bytes() const override { return queue_.size(); }
    bool can_distribute() const override { return true; }
    void write_packet(Port& port, std::string&& packet) override;

protected:
    bool own_operation(Port& port, Term from, Operation operation, ByteReader in, Reply& reply) override;
    void options_changed(Port& port, Active active_before, Packet packet_before) override;
    bool activated_when_closed(Port& port) override;
    Term passive_tag() const override { return am::tcp_passive(); }
    unsigned more_status(Port& port) override;

private:
    // ---- stdlib/inet/tcp_driver.cpp: making and ending connections
    void connect(Port& port, Term from, ByteReader in, Reply& reply);
    void finish_connect(Port& port);
    void listen(ByteReader in, Reply& reply);
    void accept(Port& port, Term from, ByteReader in, Reply& reply);
    int accept_one(SocketAddress* address);
    Term make_port(Port& port, int fd, const SocketAddress& address, Term owner, Term* error);
    void serve_acceptors(Port& port);
    void forget_dead_acceptors(Port& port);
    void shut_down(ByteReader in, Reply& reply);
    void start_receive(Port& port, Term from, ByteReader in, Reply& reply);
    void push_back(Port& port, ByteReader in, Reply& reply);
    /// Nothing more goes in or out.
    void close_connection(Port& port);
    void answer_closed(Port& port);
    void tell_closed(Port& port);
    /// What waits for the socket to take bytes is told.
    bool fail_blocked_send(Port& port, Term reason);

    // ---- stdlib/inet/tcp_receive.cpp
    enum class Progress : uint8_t { waiting, delivered, failed };
    struct Look {
        PacketBounds bounds;
        size_t room = 0;  ///< bytes to be read if it is not whole; 0: it never will be
    };
    Progress receive(Port& port, size_t request);
    Look look_for_packet();
    Progress deliver(Port& port, PacketBounds bounds);
    void deliver_what_is_there(Port& port);
    void hand_out(Port& port, const PacketBounds& bounds);
    void hand_out_bytes(Port& port, const PacketBounds& bounds);
    template <typename F>
    void tell_packet(Port& port, Term tag, size_t words, F build);
    void end_input(Port& port, Term answer, Term exit_reason);
    Progress peer_closed(Port& port);
    Progress receive_failed(Port& port, int error);

    // ---- stdlib/inet/tcp_send.cpp
    void send(Port& port, const Sender& caller, const Outgoing& data);
    void enqueue(const Outgoing& data, size_t from);
    void write_queue(Port& port);
    void after_writing(Port& port);
    void send_failed(Port& port, int error, Sender caller);
    void unblock(Port& port);
    void start_sending_file(Port& port, Term from, ByteReader in, Reply& reply);
    void send_file(Port& port);
    void file_sent(Port& port);
    void abort_file(Port& port, int error);
    void close_file();

    std::optional<Request> request_;  ///< connect or receive
    std::deque<Request> acceptors_;

    InputBuffer input_;
    size_t missing_ = 0;            ///< bytes until the packet that has begun is whole; 0: unknown
    bool in_http_headers_ = false;  ///< packet http: behind a first line

    SendQueue queue_;
    struct Blocked {
        Sender caller;
        int64_t deadline;
    };
    std::optional<Blocked> blocked_;  ///< who gets the answer when the queue is short again
    struct File {
        int fd;
        uint64_t offset, left, sent;
        size_t queued_before;  ///< bytes of the queue that go first
    };
    std::optional<File> file_;
    std::optional<int> pending_shutdown_;  ///< once the queue is empty
    bool has_shut_down_ = false;
    bool has_told_closed_ = false;
    // The connection has ended without anybody waiting: what the next operation answers.
    bool next_send_closed_ = false, next_receive_closed_ = false, next_is_reset_ = false;
};

}  // namespace lintel::inet
