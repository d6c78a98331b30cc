#pragma once
/// trace_ip_drv: the driver of OTP's runtime_tools to which dbg:trace_port(ip, Number) gives trace messages.

#include <deque>
#include <string>

#include "sched/port.h"

namespace lintel {

/// Listens, and sends each command to the one client that is connected: a byte 0, its size in four bytes, the highest first, and the bytes. What
/// does not fit into the queue is counted instead: a byte 1 and the count. That is what dbg:trace_client(ip, …) reads.
class TraceIpDriver final : public PortDriver {
public:
    static constexpr std::string_view kName = "trace_ip_drv";

    /// `command`: "trace_ip_drv NUMBER SIZE FLAGS": the number to listen at (0: any), how many messages may wait, and 2 if they wait also when
    /// there is no client.
    explicit TraceIpDriver(std::string command) : command_(std::move(command)) {}

    std::string name() const override { return command_; }
    int start(Port& port) override;
    void output(Port& port, std::string_view bytes) override;
    /// 'p': 0 and the number that it listens at, in two bytes.
    bool control(Port&, Term from, uint32_t operation, std::string_view bytes, std::string* answer) override;
    bool answers_binaries() const override { return true; }
    void ready(Port& port, unsigned events) override;
    void stop(Port& port) override;
    size_t queued_bytes() const override;

private:
    static constexpr int kFillAlways = 2;
    struct Message {
        std::string bytes;
        uint32_t dropped = 0;  ///< 0: `bytes` are a message
    };
    struct Socket {
        EventLoop::Watch* watch = nullptr;
        int fd = -1;
        explicit operator bool() const { return watch != nullptr; }
    };

    int listen_at(Port& port, int number);
    void accept_clients(Port& port);
    void look_for_end(Port& port);
    void enqueue(std::string_view bytes);
    void write_some(Port& port);
    void close_client(Port& port);

    const std::string command_;
    size_t most_queued_ = 0;
    int flags_ = 0;
    uint16_t number_ = 0;
    Socket listener_, client_;
    std::deque<Message> queue_;
    size_t written_ = 0;  ///< of the first
};

}  // namespace lintel
