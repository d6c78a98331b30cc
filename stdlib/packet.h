#pragma once
/// Packets in a stream of bytes, of the forms that erlang:decode_packet/3 knows.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace lintel {

enum class PacketForm : uint8_t {
    raw,
    prefix1,
    prefix2,
    prefix4,
    line,
    asn1,
    cdr,
    sunrm,
    fcgi,
    tpkt,
    ssl_tls,
    http,
    http_header
};

struct PacketOptions {
    size_t packet_size = 0;  ///< most bytes of a packet (of its body where a header tells its size); 0: no limit
    size_t line_length = 0;  ///< longer lines are cut; 0: no limit
    uint8_t line_delimiter = '\n';
};

struct PacketBounds {
    enum class Result : uint8_t { whole, more, more_of_known_size, invalid } result = Result::more;
    size_t size = 0;        ///< of the whole packet, unless more or invalid
    size_t body_begin = 0;  ///< what there is between these two is handed out
    size_t body_end = 0;
};

/// Looks for a packet at the beginning of `bytes`.
PacketBounds find_packet(PacketForm form, std::string_view bytes, const PacketOptions& options);

/// A line of HTTP.
struct HttpLine {
    enum class Kind : uint8_t { error, request, response, header, end_of_headers } kind = Kind::error;
    int32_t version[2] = {0, 9};
    std::string_view method, field, value;
    enum class Uri : uint8_t { asterisk, absolute, scheme, path, other } uri_kind = Uri::other;
    bool is_https = false;
    std::string_view uri;   ///< path: all; absolute: from the path on; scheme: behind the colon
    std::string_view host;  ///< absolute; scheme: what stands before the colon
    int64_t port = -1;      ///< -1: none
    int32_t status = 0;
    std::string_view phrase;
};
/// A request or status line, with its end.
HttpLine parse_http_line(std::string_view line);
/// A header, with its end.
HttpLine parse_http_header(std::string_view line);

/// A record of TLS.
struct TlsRecord {
    uint8_t type;
    uint8_t version[2];
    std::string_view body;
    std::string hello;  ///< the body instead, of a client hello of SSL 2 made a handshake message; else ""
};
/// Of a packet as find_packet finds it.
TlsRecord parse_tls_record(std::string_view packet);

/// Number of a header from 1, and its name as it is usually written; 0: none of the common ones.
size_t http_header_number(std::string_view field);
std::string_view http_header_name(size_t number);
/// Whether it is one of HTTP/1.1's own.
bool is_http_method(std::string_view method);

}  // namespace lintel
