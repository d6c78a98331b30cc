#include "stdlib/socket/options.h"

#include <netinet/in.h>
// The next one wants the one before.
#include <linux/sctp.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>

#include <cerrno>
#include <vector>

#include "stdlib/bytes_arg.h"
#include "stdlib/socket/address.h"
#include "stdlib/socket/control_message.h"
#include "stdlib/socket/socket_args.h"

namespace lintel {

namespace {

enum class OptionType : uint8_t {
    absent,
    flag,
    integer,
    device,     ///< name of an interface
    algorithm,  ///< name of a way of congestion control
    linger,
    domain,
    domain_number,
    socket_type,
    protocol,
    discovery,  ///< of the path's MTU
    tos,
    hops,
    ip4_address,
    ip4_membership,
    ip4_source,
    ip4_filter,
    ip6_membership,
    control_messages,
    sctp_association,
    sctp_events,
    sctp_start,
    sctp_timeouts,
};

enum class OptionAccess : uint8_t { none, set, get, both };

struct Option {
    int level;
    const char* name;
    int number;
    OptionType type;
    OptionAccess access;

    bool can_set() const { return access == OptionAccess::set || access == OptionAccess::both; }
    bool can_get() const { return access == OptionAccess::get || access == OptionAccess::both; }
};

constexpr Option kOptions[] = {
#define OPTION(level, name, number, type, access) \
    {level, name, static_cast<int>(number), OptionType::type, OptionAccess::access},
#define NO_OPTION(level, name) {level, name, 0, OptionType::absent, OptionAccess::none},
#include "stdlib/socket/options.def"
#undef NO_OPTION
#undef OPTION
};

const Option* find_option(int level, int number) {
    for (const Option& o : kOptions) {
        if (o.level == level && o.number == number && o.type != OptionType::absent) return &o;
    }
    return nullptr;
}

/// Most of what an option can hold; the system has none that is larger, but filters.
constexpr size_t kMostBytes = size_t{1} << 20;
constexpr size_t kCongestionNameBytes = 256;

// ---- setting

Term bad_value(ExecState& p) { return make_invalid(p, am::value()); }

/// Setting the type of service sets the priority as well: that stays, as in OTP.
int set_tos(int fd, const void* bytes, size_t size) {
    int priority = 0;
    socklen_t priority_size = sizeof priority;
    const bool is_known = getsockopt(fd, SOL_SOCKET, SO_PRIORITY, &priority, &priority_size) == 0;
    if (setsockopt(fd, SOL_IP, IP_TOS, bytes, static_cast<socklen_t>(size)) != 0) return -1;
    if (!is_known || setsockopt(fd, SOL_SOCKET, SO_PRIORITY, &priority, sizeof priority) == 0) return 0;
    return errno == EPERM ? 0 : -1;
}

Term set_bytes(ExecState& p, const OptionTarget& socket, int level, int number, const void* bytes, size_t size) {
    const int failed = level == SOL_IP && number == IP_TOS
                           ? set_tos(socket.fd, bytes, size)
                           : setsockopt(socket.fd, level, number, bytes, static_cast<socklen_t>(size));
    return failed != 0 ? make_posix_error(p, errno) : am::ok();
}

/// Sets one option: collects its value, then sets it.
class Setting {
public:
    Setting(ExecState& p, const OptionTarget& socket, const Option& option, Term value)
        : p_(p), socket_(socket), option_(option), value_(value) {}

    Term run() {
        switch (option_.type) {
            case OptionType::flag: return flag();
            case OptionType::integer: return integer();
            case OptionType::device: return text(IFNAMSIZ - 1);
            case OptionType::algorithm: return text(kCongestionNameBytes);
            case OptionType::linger: return set_linger();
            case OptionType::domain_number: return domain();
            case OptionType::discovery: return discovery();
            case OptionType::tos: return tos();
            case OptionType::hops: return hops();
            case OptionType::ip4_address: return ip4_address();
            case OptionType::ip4_membership: return ip4_membership();
            case OptionType::ip4_source: return ip4_source();
            case OptionType::ip4_filter: return ip4_filter();
            case OptionType::ip6_membership: return ip6_membership();
            case OptionType::sctp_association: return sctp_association();
            case OptionType::sctp_events: return sctp_events();
            case OptionType::sctp_start: return sctp_start();
            case OptionType::sctp_timeouts: return sctp_timeouts();
            default: return make_invalid(p_, am::socket_option());
        }
    }

private:
    template <typename T>
    Term set(const T& value) {
        return set_bytes(p_, socket_, option_.level, option_.number, &value, sizeof value);
    }
    Term field(std::string_view name) { return value_of(p_, value_, name); }
    template <typename T>
    bool unsigned_field(std::string_view name, T* out) {
        uint32_t number;
        if (!uint32_of(field(name), &number)) return false;
        *out = static_cast<T>(number);
        return true;
    }
    bool association_field(int32_t* out) {
        const Term t = field("assoc_id");
        uint32_t number;
        if (int_of(t, out)) return true;
        if (!uint32_of(t, &number)) return false;
        *out = static_cast<int32_t>(number);
        return true;
    }

    Term flag() {
        bool value;
        return bool_of(value_, &value) ? set<int>(value ? 1 : 0) : bad_value(p_);
    }
    Term integer() {
        int value;
        return int_of(value_, &value) ? set(value) : bad_value(p_);
    }
    Term text(size_t most) {
        std::string name;
        if (!value_.is_list() || list_length(value_) > static_cast<int64_t>(most) || !read_c_string(value_, &name))
            return bad_value(p_);
        return set_bytes(p_, socket_, option_.level, option_.number, name.data(), name.size());
    }
    Term set_linger() {
        if (value_ == am::abort()) return set(linger{1, 0});
        bool on;
        linger value{};
        if (!bool_of(field("onoff"), &on) || !int_of(field("linger"), &value.l_linger) || value.l_linger < 0)
            return bad_value(p_);
        value.l_onoff = on ? 1 : 0;
        return set(value);
    }
    Term domain() {
        int number;
        return read_domain(value_, &number) == DomainTerm::none ? bad_value(p_) : set(number);
    }
    Term discovery() {
        int number;
        return read_discovery(value_, &number) ? set(number) : bad_value(p_);
    }
    Term tos() {
        int number;
        return read_tos(p_, value_, &number) ? set(number) : bad_value(p_);
    }
    Term hops() {
        int number = -1;
        if (value_ != am::default_() && (!int_of(value_, &number) || number < 0 || number > 255)) return bad_value(p_);
        return set(number);
    }
    Term ip4_address() {
        in_addr address;
        return read_ip4(value_, &address) ? set(address) : bad_value(p_);
    }
    Term ip4_membership() {
        ip_mreq group;
        if (!read_ip4(field("multiaddr"), &group.imr_multiaddr) || !read_ip4(field("interface"), &group.imr_interface))
            return bad_value(p_);
        return set(group);
    }
    Term ip4_source() {
        ip_mreq_source group;
        if (!read_ip4(field("multiaddr"), &group.imr_multiaddr) ||
            !read_ip4(field("interface"), &group.imr_interface) ||
            !read_ip4(field("sourceaddr"), &group.imr_sourceaddr))
            return bad_value(p_);
        return set(group);
    }
    Term ip4_filter() {
        if (is_named(value_, "null")) return set_bytes(p_, socket_, option_.level, option_.number, nullptr, 0);
        Term sources = field("slist");
        const int64_t count = sources.is_none() ? -1 : list_length(sources);
        if (count < 0) return bad_value(p_);
        if (IP_MSFILTER_SIZE(static_cast<size_t>(count)) > kMostBytes) return make_posix_error(p_, ENOBUFS);
        std::vector<uint32_t> block(
            std::max<size_t>(IP_MSFILTER_SIZE(static_cast<size_t>(count)), sizeof(ip_msfilter)) / sizeof(uint32_t));
        auto* filter = reinterpret_cast<ip_msfilter*>(block.data());
        const Term mode = field("mode");
        if (!is_named(mode, "include") && !is_named(mode, "exclude")) return bad_value(p_);
        filter->imsf_fmode = is_named(mode, "include") ? MCAST_INCLUDE : MCAST_EXCLUDE;
        if (!read_ip4(field("multiaddr"), &filter->imsf_multiaddr) ||
            !read_ip4(field("interface"), &filter->imsf_interface))
            return bad_value(p_);
        filter->imsf_numsrc = static_cast<uint32_t>(count);
        for (auto* slot = reinterpret_cast<in_addr*>(block.data()) + 4; sources.is_cons(); sources = sources.tail()) {
            if (!read_ip4(sources.head(), slot++)) return bad_value(p_);
        }
        return set_bytes(p_, socket_, option_.level, option_.number, filter,
                         IP_MSFILTER_SIZE(static_cast<size_t>(count)));
    }
    Term ip6_membership() {
        ipv6_mreq group;
        if (!read_ip6(field("multiaddr"), &group.ipv6mr_multiaddr) ||
            !uint32_of(field("interface"), &group.ipv6mr_interface))
            return bad_value(p_);
        return set(group);
    }
    Term sctp_association() {
        sctp_assocparams v{};
        if (!association_field(&v.sasoc_assoc_id) || !unsigned_field("asocmaxrxt", &v.sasoc_asocmaxrxt) ||
            !unsigned_field("number_peer_destinations", &v.sasoc_number_peer_destinations) ||
            !unsigned_field("peer_rwnd", &v.sasoc_peer_rwnd) || !unsigned_field("local_rwnd", &v.sasoc_local_rwnd) ||
            !unsigned_field("cookie_life", &v.sasoc_cookie_life))
            return bad_value(p_);
        return set(v);
    }
    Term sctp_events() {
        sctp_event_subscribe v{};
        const struct {
            const char* name;
            __u8* event;
        } events[] = {
            {"data_io", &v.sctp_data_io_event},
            {"association", &v.sctp_association_event},
            {"address", &v.sctp_address_event},
            {"send_failure", &v.sctp_send_failure_event},
            {"peer_error", &v.sctp_peer_error_event},
            {"shutdown", &v.sctp_shutdown_event},
            {"partial_delivery", &v.sctp_partial_delivery_event},
            {"adaptation_layer", &v.sctp_adaptation_layer_event},
            {"authentication", &v.sctp_authentication_event},
            {"sender_dry", &v.sctp_sender_dry_event},
        };
        for (const auto& e : events) {
            bool on;
            if (!bool_of(field(e.name), &on)) return bad_value(p_);
            *e.event = on ? 1 : 0;
        }
        return set(v);
    }
    Term sctp_start() {
        sctp_initmsg v{};
        if (!unsigned_field("num_outstreams", &v.sinit_num_ostreams) ||
            !unsigned_field("max_instreams", &v.sinit_max_instreams) ||
            !unsigned_field("max_attempts", &v.sinit_max_attempts) ||
            !unsigned_field("max_init_timeo", &v.sinit_max_init_timeo))
            return bad_value(p_);
        return set(v);
    }
    Term sctp_timeouts() {
        sctp_rtoinfo v{};
        if (!association_field(&v.srto_assoc_id) || !unsigned_field("initial", &v.srto_initial) ||
            !unsigned_field("max", &v.srto_max) || !unsigned_field("min", &v.srto_min))
            return bad_value(p_);
        return set(v);
    }

    ExecState& p_;
    const OptionTarget& socket_;
    const Option& option_;
    const Term value_;
};

// ---- getting

/// 0, or an errno value.
template <typename T>
int get_value(const OptionTarget& socket, int level, int number, T* value) {
    *value = T{};
    socklen_t size = sizeof *value;
    return getsockopt(socket.fd, level, number, value, &size) == 0 ? 0 : errno;
}

/// Gets one option.
class Getting {
public:
    Getting(ExecState& p, const OptionTarget& socket, const Option& option) : p_(p), socket_(socket), option_(option) {}

    Term run() {
        switch (option_.type) {
            case OptionType::flag: return number([](int v) { return boolean(v != 0); });
            case OptionType::integer:
            case OptionType::hops: return number([](int v) { return Term::small(v); });
            case OptionType::domain: return number([](int v) { return make_domain(v); });
            case OptionType::socket_type: return number([this](int v) { return make_socket_type(p_, v); });
            case OptionType::protocol:
                return number(
                    [this](int v) { return v == 0 && socket_.domain == AF_LOCAL ? am::default_() : Term::small(v); });
            case OptionType::discovery: return number([this](int v) { return make_discovery(p_, v); });
            case OptionType::tos: return number([this](int v) { return make_tos(p_, v); });
            case OptionType::device: return text(IFNAMSIZ + 1, false);
            case OptionType::algorithm: return text(kCongestionNameBytes + 1, true);
            case OptionType::linger:
                return value<linger>([this](const linger& v) {
                    MapMaker map(p_);
                    map.add("onoff", boolean(v.l_onoff != 0));
                    map.add("linger", Term::small(v.l_linger));
                    return map.make();
                });
            case OptionType::ip4_address: return value<in_addr>([this](const in_addr& v) { return make_ip4(p_, v); });
            case OptionType::control_messages: return control_messages();
            case OptionType::sctp_association: return sctp_association();
            case OptionType::sctp_start: return sctp_start();
            case OptionType::sctp_timeouts: return sctp_timeouts();
            default: return make_invalid(p_, am::socket_option());
        }
    }

private:
    template <typename T, typename Make>
    Term value(Make make) {
        T v;
        if (const int error = get_value(socket_, option_.level, option_.number, &v); error != 0)
            return make_posix_error(p_, error);
        return make_ok(p_, make(v));
    }
    template <typename Make>
    Term number(Make make) {
        return value<int>(make);
    }
    Term text(size_t room, bool without_zero) {
        std::string name(room, '\0');
        auto size = static_cast<socklen_t>(room);
        if (getsockopt(socket_.fd, option_.level, option_.number, name.data(), &size) != 0)
            return make_posix_error(p_, errno);
        name.resize(std::min<size_t>(size, room));
        if (without_zero && !name.empty() && name.back() == '\0') name.pop_back();
        return make_ok(p_, make_c_string(p_, name));
    }
    Term control_messages() {
        const size_t room = std::min(socket_.control_bytes, kMostBytes);
        std::vector<uint64_t> block(room / sizeof(uint64_t) + 1);
        auto size = static_cast<socklen_t>(room);
        if (getsockopt(socket_.fd, option_.level, option_.number, block.data(), &size) != 0)
            return make_posix_error(p_, errno);
        msghdr message{};
        message.msg_control = block.data();
        message.msg_controllen = std::min<size_t>(size, room);
        return make_ok(p_, make_control_messages(p_, message));
    }
    Term association(int32_t id) { return make_unsigned(p_, static_cast<uint32_t>(id)); }
    Term sctp_association() {
        return value<sctp_assocparams>([this](const sctp_assocparams& v) {
            MapMaker map(p_);
            map.add("assoc_id", association(v.sasoc_assoc_id));
            map.add("asocmaxrxt", Term::small(v.sasoc_asocmaxrxt));
            map.add("number_peer_destinations", Term::small(v.sasoc_number_peer_destinations));
            map.add("peer_rwnd", Term::small(v.sasoc_peer_rwnd));
            map.add("local_rwnd", Term::small(v.sasoc_local_rwnd));
            map.add("cookie_life", Term::small(v.sasoc_cookie_life));
            return map.make();
        });
    }
    Term sctp_start() {
        return value<sctp_initmsg>([this](const sctp_initmsg& v) {
            MapMaker map(p_);
            map.add("num_outstreams", Term::small(v.sinit_num_ostreams));
            map.add("max_instreams", Term::small(v.sinit_max_instreams));
            map.add("max_attempts", Term::small(v.sinit_max_attempts));
            map.add("max_init_timeo", Term::small(v.sinit_max_init_timeo));
            return map.make();
        });
    }
    Term sctp_timeouts() {
        return value<sctp_rtoinfo>([this](const sctp_rtoinfo& v) {
            MapMaker map(p_);
            map.add("assoc_id", association(v.srto_assoc_id));
            map.add("initial", Term::small(v.srto_initial));
            map.add("max", Term::small(v.srto_max));
            map.add("min", Term::small(v.srto_min));
            return map.make();
        });
    }

    ExecState& p_;
    const OptionTarget& socket_;
    const Option& option_;
};

/// Bytes of an option: `first`, followed by zeros up to `room`, are what the system looks at.
Term get_bytes(ExecState& p, const OptionTarget& socket, int level, int number, size_t room,
               std::string_view first = {}) {
    std::string bytes(first);
    bytes.resize(std::min(room, kMostBytes));
    auto size = static_cast<socklen_t>(bytes.size());
    if (getsockopt(socket.fd, level, number, bytes.data(), &size) != 0) return make_posix_error(p, errno);
    const Term t = make_binary(p, std::string_view(bytes).substr(0, size));
    return t.is_none() ? t : make_ok(p, t);
}

}  // namespace

Term set_option(ExecState& p, const OptionTarget& socket, int level, int number, Term value) {
    const Option* option = find_option(level, number);
    if (option == nullptr || !option->can_set()) return make_invalid(p, am::socket_option());
    return Setting(p, socket, *option, value).run();
}

Term get_option(ExecState& p, const OptionTarget& socket, int level, int number) {
    const Option* option = find_option(level, number);
    if (option == nullptr || !option->can_get()) return make_invalid(p, am::socket_option());
    return Getting(p, socket, *option).run();
}

/// Options whose bytes hold addresses of memory, which the system would read from or write to.
bool has_addresses(int level, int number) {
    constexpr struct {
        int level, first, last;
    } kRanges[] = {
        {SOL_SOCKET, SO_ATTACH_FILTER, SO_ATTACH_FILTER},
        {SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, SO_ATTACH_REUSEPORT_CBPF},
        {IPPROTO_TCP, 35, 35},  // TCP_ZEROCOPY_RECEIVE
        // Of packet filters: iptables, arptables, ebtables.
        {SOL_IP, 64, 67},
        {SOL_IP, 96, 99},
        {SOL_IP, 128, 131},
        {SOL_IPV6, 64, 65},
        {IPPROTO_SCTP, 111, 111},  // SCTP_SOCKOPT_CONNECTX3
        {SOL_PACKET, 22, 22},      // PACKET_FANOUT_DATA
        {284, 4, 4},               // MPTCP_FULL_INFO
    };
    return std::any_of(std::begin(kRanges), std::end(kRanges),
                       [&](const auto& r) { return r.level == level && r.first <= number && number <= r.last; });
}

Term set_native_option(ExecState& p, const OptionTarget& socket, int level, int number, Term value) {
    if (has_addresses(level, number)) return make_posix_error(p, ENOTSUP);
    int integer;
    bool flag;
    if (const BytesArg bytes(value); bytes) return set_bytes(p, socket, level, number, bytes.data(), bytes.size());
    if (bool_of(value, &flag)) {
        integer = flag ? 1 : 0;
    } else if (!int_of(value, &integer)) {
        return make_error_invalid(p, am::value());
    }
    return set_bytes(p, socket, level, number, &integer, sizeof integer);
}

Term get_native_option(ExecState& p, const OptionTarget& socket, int level, int number, Term spec) {
    if (has_addresses(level, number)) return make_posix_error(p, ENOTSUP);
    int value;
    if (spec == am::integer() || spec == am::boolean_type()) {
        if (const int error = get_value(socket, level, number, &value); error != 0) return make_posix_error(p, error);
        return make_ok(p, spec == am::integer() ? Term::small(value) : boolean(value != 0));
    }
    if (int_of(spec, &value)) {
        if (value < 0) return make_posix_error(p, EINVAL);
        if (value > 0) return get_bytes(p, socket, level, number, static_cast<size_t>(value));
        return getsockopt(socket.fd, level, number, nullptr, nullptr) != 0 ? make_posix_error(p, errno) : am::ok();
    }
    const BytesArg bytes(spec);
    if (!bytes) return make_invalid(p, am::value());
    return get_bytes(p, socket, level, number, bytes.size(),
                     {reinterpret_cast<const char*>(bytes.data()), std::min(bytes.size(), kMostBytes)});
}

namespace {

/// OTP 29 wants the name, too.
Term make_option_level(ExecState& p, int level, Term options) {
    if (otp_number(p) < 29) return make_tuple2(p, make_level(level), options);
    const char* const name = level == SOL_IP         ? "ip"
                             : level == SOL_IPV6     ? "ipv6"
                             : level == IPPROTO_TCP  ? "tcp"
                             : level == IPPROTO_UDP  ? "udp"
                             : level == IPPROTO_SCTP ? "sctp"
                                                     : "socket";
    return make_tuple3(p, name_atom(p, name), Term::small(level), options);
}

}  // namespace

Term list_options(ExecState& p) {
    Term levels = Term::nil();
    Term options = Term::nil();
    for (size_t i = std::size(kOptions); i-- > 0;) {
        const Option& o = kOptions[i];
        const Term name = name_atom(p, o.name);
        options =
            make_cons(p, o.type == OptionType::absent ? name : make_tuple2(p, name, Term::small(o.number)), options);
        if (i > 0 && kOptions[i - 1].level == o.level) continue;
        levels = make_cons(p, make_option_level(p, o.level, options), levels);
        options = Term::nil();
    }
    return levels;
}

}  // namespace lintel
