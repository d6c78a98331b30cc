#pragma once
/// Numbers that OTP's prim_inet uses in port_control/3: docs/design/inet.md.

#include <cstdint>

namespace lintel::inet {

/// Operations are counted from here.
inline constexpr uint32_t kFirstOperation = 0x03f1a300;

enum class Operation : uint32_t {
    open = 1,
    close = 2,
    connect = 3,
    peer = 4,
    name = 5,
    bind = 6,
    set_options = 7,
    get_options = 8,
    get_statistics = 11,
    get_host_name = 12,
    open_descriptor = 13,
    get_descriptor = 14,
    get_type = 15,
    get_status = 16,
    get_service_by_name = 17,
    get_service_by_port = 18,
    set_name = 19,
    set_peer = 20,
    list_interfaces = 21,
    get_interface = 22,
    set_interface = 23,
    subscribe = 24,
    get_interface_addresses = 25,
    accept = 26,
    listen = 27,
    ignore_descriptor = 28,
    local_addresses = 29,
    peer_addresses = 30,
    receive = 42,
    push_back = 43,
    shut_down = 44,
    send_file = 45,
    receive_packet = 60,
};

/// First byte of an answer.
enum class Answer : uint8_t { error = 0, ok = 1 };

/// First byte of an address.
enum class Family : uint8_t {
    unspecified = 0,
    inet = 1,
    inet6 = 2,
    any = 3,       ///< of the socket's family
    loopback = 4,  ///< of the socket's family
    local = 5,
    undefined = 6,
};

enum class SocketType : uint8_t { stream = 1, datagram = 2 };

enum class Protocol : uint8_t { usual = 0, tcp = 1, udp = 2, mptcp = 4 };

/// Bits of the answer to get_status.
struct Status {
    static constexpr unsigned kOpen = 0x1, kConnected = 0x4, kListening = 0x8, kConnecting = 0x10, kAccepting = 0x20,
                              kBusy = 0x80, kSeveralAcceptors = 0x100;
};

enum class Option : uint8_t {
    reuse_address = 0,
    keep_alive = 1,
    dont_route = 2,
    linger = 3,
    broadcast = 4,
    out_of_band_inline = 5,
    send_buffer = 6,
    receive_buffer = 7,
    priority = 8,
    tos = 9,
    no_delay = 10,
    multicast_interface = 11,
    multicast_ttl = 12,
    multicast_loop = 13,
    add_membership = 14,
    drop_membership = 15,
    ipv6_only = 16,
    reuse_port = 17,
    reuse_port_balanced = 18,
    exclusive_address = 19,
    // Of the driver itself
    buffer = 20,
    header = 21,
    active = 22,
    packet = 23,
    mode = 24,
    deliver = 25,
    exit_on_close = 26,
    high_watermark = 27,
    low_watermark = 28,
    send_timeout = 30,
    delay_send = 31,
    packet_size = 32,
    read_packets = 33,
    raw = 34,
    send_timeout_close = 35,
    high_queue_watermark = 36,
    low_queue_watermark = 37,
    network_namespace = 38,
    show_reset = 39,
    line_delimiter = 40,
    // Of the system again
    traffic_class = 41,
    device = 42,
    receive_tos = 43,
    receive_traffic_class = 44,
    packet_options = 45,
    ttl = 46,
    receive_ttl = 47,
    no_push = 48,
    read_ahead = 49,  ///< of the driver
    keep_count = 51,
    keep_idle = 52,
    keep_interval = 53,
    user_timeout = 54,
    debug = 99,
};

enum class Active : int32_t { no = 0, yes = 1, once = 2, counted = 3 };

enum class Deliver : int32_t { port = 0, term = 1 };

enum class Packet : int32_t {
    raw = 0,
    prefix1 = 1,
    prefix2 = 2,
    prefix4 = 3,
    asn1 = 4,
    sunrm = 5,
    cdr = 6,
    fcgi = 7,
    line = 8,
    tpkt = 9,
    http = 10,
    http_header = 11,
    ssl_tls = 12,
    http_binary = 13,
    http_header_binary = 14,
};

enum class InterfaceOption : uint8_t {
    address = 1,
    broadcast = 2,
    destination = 3,
    mtu = 4,
    netmask = 5,
    flags = 6,
    hardware_address = 7,
};

struct InterfaceFlag {
    static constexpr unsigned kUp = 0x1, kBroadcast = 0x2, kLoopback = 0x4, kPointToPoint = 0x8, kRunning = 0x10,
                              kMulticast = 0x20, kDown = 0x100, kNoBroadcast = 0x200, kNoPointToPoint = 0x800;
};

enum class Statistic : uint8_t {
    receive_count = 1,
    receive_max = 2,
    receive_average = 3,
    receive_deviation = 4,
    send_count = 5,
    send_max = 6,
    send_average = 7,
    send_pending = 8,
    receive_bytes = 9,
    send_bytes = 10,
};

inline constexpr uint8_t kSubscribeEmptyQueue = 1;

}  // namespace lintel::inet
