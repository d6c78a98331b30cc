#pragma once
/// UdpDriver: a port "udp_inet": a datagram socket, of UDP or local. docs/design/inet.md.

#include "stdlib/inet/inet_driver.h"

namespace lintel::inet {

class UdpDriver final : public InetDriver {
public:
    UdpDriver() : InetDriver(SOCK_DGRAM, IPPROTO_UDP) {}

    std::string name() const override { return "udp_inet"; }
    void output(Port&, std::string_view) override {}
    bool command(Port& port, Process& from, Term data) override;
    void ready(Port& port, unsigned events) override;
    void timeout(Port& port) override;
    void stop(Port& port) override;

protected:
    bool own_operation(Port& port, Term from, Operation operation, ByteReader in, Reply& reply) override;
    void opened(Port& port) override;
    void options_changed(Port& port, Active active_before, Packet packet_before) override;
    Term passive_tag() const override { return am::udp_passive(); }

private:
    struct Datagram;
    void connect(Port& port, Term from, ByteReader in, Reply& reply);
    void disconnect();
    void start_receive(Port& port, Term from, ByteReader in, Reply& reply);
    /// Reads what there is, not more than a few. False: a request still waits.
    bool receive(Port& port);
    void hand_out(Port& port, const Datagram& datagram);
    int send(std::string_view bytes);

    std::optional<Request> request_;
};

}  // namespace lintel::inet
