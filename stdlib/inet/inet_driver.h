#pragma once
/// InetDriver: what the ports "tcp_inet" and "udp_inet" have in common: a socket, its options, the control operations of OTP's prim_inet that
/// are the same for both. docs/design/inet.md.

#include <optional>

#include "sched/vm.h"
#include "stdlib/inet/address.h"
#include "stdlib/inet/codes.h"

namespace lintel::inet {

/// The answer to a control operation.
class Reply {
public:
    explicit Reply(std::string* out) : out_(out) {}
    /// It went well; what belongs to the answer is written behind.
    ByteWriter ok() {
        out_->assign(1, static_cast<char>(Answer::ok));
        return ByteWriter(out_);
    }
    void error(std::string_view name) {
        out_->assign(1, static_cast<char>(Answer::error));
        *out_ += name;
    }
    void error(int number);
    /// The operation does not fit the state of the socket.
    void bad_port() { error("exbadport"); }

private:
    std::string* out_;
};

/// What a socket does with data; a port made by accept has its listener's.
struct Settings {
    int32_t buffer = 1460;  ///< bytes that are read at once
    bool buffer_is_set = false;
    uint32_t header = 0;  ///< bytes before a binary that come as list elements
    int32_t mode = 0;     ///< 0: lists, otherwise binaries
    Deliver deliver = Deliver::term;
    Packet packet = Packet::raw;
    uint32_t packet_size = 0;
    int32_t exit_on_close = 1;
    // Of streams
    int32_t high_watermark = 8192, low_watermark = 4096;
    int32_t send_timeout = -1, send_timeout_close = 0;
    int32_t high_queue_watermark = 8192, low_queue_watermark = 4096;  ///< kept only: there is no queue before the port
    bool read_ahead = true;                                           ///< told only: it is always read ahead
    bool show_reset = false, linger_zero = false;
};

/// How sent and received sizes are spread.
struct Statistics {
    uint64_t count = 0, bytes = 0, max = 0;
    double average = 0, deviation = 0;
    void add(size_t n);
};

/// The number in an item of ancillary data.
uint32_t ancillary_int(const cmsghdr& item);

class InetDriver : public PortDriver {
public:
    bool control(Port& port, Term from, uint32_t operation, std::string_view bytes, std::string* out) final;
    ~InetDriver() override;
    void stop(Port& port) override;

protected:
    enum class Phase : uint8_t { closed, open, connecting, connected, listening };

    /// An asynchronous operation: its caller gets {inet_async, Port, Id, Result}.
    struct Request {
        uint16_t id;
        Term caller;
        int64_t deadline = INT64_MAX;  ///< monotonic milliseconds
    };

    /// `protocol`: of the system, 0 for local sockets.
    InetDriver(int system_type, int protocol) : system_type_(system_type), protocol_(protocol) {}

    /// An operation of its own kind. False: try the common ones.
    virtual bool own_operation(Port& port, Term from, Operation operation, ByteReader in, Reply& reply) = 0;
    virtual void opened(Port&) {}
    /// Options have been set; what was before.
    virtual void options_changed(Port& port, Active active_before, Packet packet_before) = 0;
    /// {active, …} has been set on a socket that is closed. True: no option after it counts.
    virtual bool activated_when_closed(Port&) { return false; }
    virtual Term passive_tag() const = 0;
    /// Bits of Status that only the driver knows.
    virtual unsigned more_status(Port&) { return 0; }

    // ---- the socket
    bool is_open() const { return phase != Phase::closed; }
    int fd() const { return fd_; }
    void want(Port& port, unsigned events);
    void want_no_longer(Port& port, unsigned events);
    /// The port ends by itself: its owner, who has got a message, gets no exit signal.
    void end_port(Port& port, Term reason);
    /// It has no socket any more.
    void close_socket(Port& port);
    /// Takes a socket that accept has returned.
    void take_socket(int fd, int family);
    bool is_stream() const { return type_ == SOCK_STREAM; }
    int family() const { return family_; }

    // ---- messages
    void tell_error(Port& port, Term pid, Term tag, Term reason);
    /// Who sends, and since OTP 26 the reference by which he knows the answer.
    struct Sender {
        Term pid;  ///< none: nobody
        bool has_reference = false;
        Word reference[2] = {};
    };
    /// Takes the sender's reference, if the release has such, from the front of the data: [<<Size:16, Reference/binary>> | Data]. False: it is not
    /// there.
    bool take_sender(Port& port, Process& from, Term* data, Sender* sender);
    /// {inet_reply, Port, Status}, or {inet_reply, Port, Status, Reference}.
    void reply_ok(Port& port, const Sender& sender);
    void reply_error(Port& port, const Sender& sender, Term reason);
    Request new_request(Port& port, Term from, ByteReader& timeout);
    template <typename F>
    void answer(Port& port, const Request& request, size_t words, F build) {
        port.tell(request.caller, words + tuple_words(4), [&](HeapBuilder& heap) {
            const Term result = build(heap);
            return heap.tuple(am::inet_async(), port.self, Term::small(request.id), result);
        });
    }
    void answer_ok(Port& port, const Request& request);
    void answer_error(Port& port, const Request& request, Term reason);
    /// A packet has been handed to the owner of an active socket.
    void count_active(Port& port);
    /// {Tag, Port} to the owner.
    void tell_owner_of(Port& port, Term tag);
    void tell_empty_queue(Port& port);

    Settings settings;
    Phase phase = Phase::closed;
    Active active = Active::no;
    int32_t active_count = 0;
    int32_t read_packets = 5;
    bool delay_send = false;
    uint8_t line_delimiter = '\n';
    SocketAddress remote;
    unsigned ancillary_flags = 0;  ///< bits of Option numbers from receive_tos on: what comes with each packet
    bool is_ignored = false;       ///< somebody else reads and writes the descriptor
    unsigned ignored_events = 0;   ///< wanted when that ends
    Statistics sent, received;

private:
    void reply(Port& port, const Sender& sender, Term reason);
    bool common_operation(Port& port, Term from, Operation operation, ByteReader in, Reply& reply);
    void open(Port& port, ByteReader in, Reply& reply);
    void open_descriptor(Port& port, ByteReader in, Reply& reply);
    int make_socket(int family, int type, int protocol);
    void bind(Port& port, ByteReader in, Reply& reply);
    void reply_address(const SocketAddress& address, Reply& reply);
    void peer_name(Reply& reply);
    void socket_name(Reply& reply);
    void addresses(int (*ask)(int, sockaddr*, socklen_t*), ByteReader in, Reply& reply);
    void set_fake_name(std::optional<SocketAddress>* name, ByteReader in, Reply& reply);
    void type(Reply& reply);
    void status(Port& port, Reply& reply);
    bool statistics(ByteReader in, Reply& reply);
    bool subscribe(Term from, ByteReader in, Reply& reply);
    void ignore_descriptor(Port& port, ByteReader in, Reply& reply);

    // stdlib/inet/socket_options.cpp
    bool set_options(Port& port, ByteReader in);
    enum class SetResult : uint8_t { done, system, bad, end };
    SetResult set_own_option(Port& port, Option option, int32_t value, ByteReader& in);
    bool set_system_option(Option option, int32_t value, ByteReader& in);
    bool set_membership(Option option, int32_t family, ByteReader& in);
    bool set_active(Port& port, int32_t value, ByteReader& in, bool* is_end);
    bool get_options(ByteReader in, ByteWriter out);
    bool get_own_option(Option option, ByteWriter& out);
    bool get_system_option(Option option, ByteReader& in, ByteWriter& out);
    bool get_packet_options(ByteWriter& out);
    bool get_raw_option(ByteReader& in, ByteWriter& out);

    const int system_type_, protocol_;
    int fd_ = -1;
    EventLoop::Watch* watch_ = nullptr;
    int family_ = 0, type_ = 0;
    int given_fd_ = -1;  ///< what fd_ is a copy of, if somebody else opened it
    uint16_t next_request_ = 0;
    std::optional<SocketAddress> fake_peer_, fake_name_;
    std::optional<std::string> network_namespace_;  ///< "": that of the program
    int32_t debug_ = 0;
    std::vector<Term> empty_queue_subscribers_;
};

}  // namespace lintel::inet
