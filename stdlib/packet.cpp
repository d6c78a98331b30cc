/// Finding packets, and the lines of HTTP (RFC 2616) in them. Numbers in headers are big endian unless the form has it otherwise.

#include "stdlib/packet.h"

#include <iterator>

namespace lintel {

namespace {

constexpr size_t kLargest = 0x7fffffff;

using Result = PacketBounds::Result;

class Reader {
public:
    explicit Reader(std::string_view bytes) : bytes_(bytes) {}
    size_t size() const { return bytes_.size(); }
    size_t byte(size_t i) const { return static_cast<uint8_t>(bytes_[i]); }
    size_t number(size_t at, size_t count) const {
        size_t n = 0;
        for (size_t i = 0; i < count; ++i) n = n << 8 | byte(at + i);
        return n;
    }

private:
    std::string_view bytes_;
};

/// A packet of `header` and `body` bytes, of which the first `skipped` and the last `padding` are not handed out.
PacketBounds sized(const Reader& r, const PacketOptions& options, size_t header, size_t body, size_t skipped = 0,
                   size_t padding = 0) {
    PacketBounds b;
    b.size = header + body;
    if (b.size > kLargest || (options.packet_size != 0 && body > options.packet_size)) {
        b.result = Result::invalid;
    } else {
        b.result = b.size <= r.size() ? Result::whole : Result::more_of_known_size;
        b.body_begin = skipped;
        b.body_end = b.size - padding;
    }
    return b;
}

PacketBounds invalid() { return {Result::invalid}; }

PacketBounds find_line(std::string_view bytes, const PacketOptions& options) {
    const size_t at = bytes.find(static_cast<char>(options.line_delimiter));
    const bool found = at != std::string_view::npos;
    size_t size = found ? at + 1 : bytes.size();
    if (options.packet_size != 0 && size > options.packet_size) return invalid();
    if (options.line_length != 0 && size >= options.line_length) {
        size = options.line_length;
    } else if (!found) {
        return {};
    }
    return {Result::whole, size, 0, size};
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

/// `of_header`: lines that begin with a blank belong to the one before, so one looks a byte ahead.
PacketBounds find_http_line(std::string_view bytes, const PacketOptions& options, bool of_header) {
    const auto too_long = [&](size_t n) {
        const size_t most = options.packet_size != 0 ? options.packet_size : options.line_length;
        return most != 0 && n > most;
    };
    for (size_t at = 0; (at = bytes.find('\n', at)) != std::string_view::npos; ++at) {
        const bool is_end = at == 0 || (at == 1 && bytes[0] == '\r');
        if (of_header && !is_end) {
            if (at + 1 == bytes.size()) return too_long(at + 1) ? invalid() : PacketBounds{};
            if (is_blank(bytes[at + 1])) continue;
        }
        if (too_long(at + 1)) return invalid();
        return {Result::whole, at + 1, 0, at + 1};
    }
    return too_long(bytes.size() + 1) ? invalid() : PacketBounds{};
}

/// A BER tag of any number of bytes, a length of up to four, or 0x80 for an unknown one: then the packet is the header alone.
PacketBounds find_asn1(const Reader& r, const PacketOptions& options) {
    if (r.size() < 2) return {};
    size_t at = 1;
    if ((r.byte(0) & 0x1f) == 0x1f) {
        while (at < r.size() && (r.byte(at) & 0x80) != 0) ++at;
        ++at;
        if (at >= r.size()) return {};
    }
    size_t body = r.byte(at++);
    if ((body & 0x80) != 0) {
        const size_t count = body & 0x7f;
        if (count > r.size() - at) return {};
        if (count > 4) return invalid();
        body = r.number(at, count);
        at += count;
    }
    return sized(r, options, at, body);
}

/// A record of TLS, or a client hello of SSL 2.
PacketBounds find_tls(const Reader& r, const PacketOptions& options) {
    if (r.size() < 5) return {};
    if ((r.byte(0) & 0x80) != 0 && r.byte(2) == 1) {
        const size_t body = r.number(0, 2) & 0x7fff;
        return body < 3 ? invalid() : sized(r, options, 5, body - 3);
    }
    return sized(r, options, 5, r.number(3, 2));
}

}  // namespace

PacketBounds find_packet(PacketForm form, std::string_view bytes, const PacketOptions& options) {
    const Reader r(bytes);
    const auto prefix = [&](size_t n) {
        return r.size() < n ? PacketBounds{} : sized(r, options, n, r.number(0, n), n);
    };
    switch (form) {
        case PacketForm::raw:
            return r.size() == 0 ? PacketBounds{} : PacketBounds{Result::whole, r.size(), 0, r.size()};
        case PacketForm::prefix1: return prefix(1);
        case PacketForm::prefix2: return prefix(2);
        case PacketForm::prefix4: return prefix(4);
        case PacketForm::line: return find_line(bytes, options);
        case PacketForm::asn1: return find_asn1(r, options);
        case PacketForm::cdr: {
            if (r.size() < 12) return {};
            if (bytes.substr(0, 4) != "GIOP") return invalid();
            const bool is_little = (r.byte(6) & 1) != 0;
            const size_t little = r.byte(8) | r.byte(9) << 8 | r.byte(10) << 16 | r.byte(11) << 24;
            return sized(r, options, 12, is_little ? little : r.number(8, 4));
        }
        case PacketForm::sunrm:
            return r.size() < 4 ? PacketBounds{} : sized(r, options, 4, r.number(0, 4) & 0x7fffffff);
        case PacketForm::fcgi: {
            if (r.size() < 8) return {};
            if (r.byte(0) != 1) return invalid();
            const size_t padding = r.byte(6);
            return sized(r, options, 8, r.number(4, 2) + padding, 0, padding);
        }
        case PacketForm::tpkt: {
            if (r.size() < 4) return {};
            const size_t size = r.number(2, 2);  // the header counts
            return r.byte(0) != 3 || size < 4 ? invalid() : sized(r, options, 4, size - 4);
        }
        case PacketForm::ssl_tls: return find_tls(r, options);
        case PacketForm::http: return find_http_line(bytes, options, false);
        case PacketForm::http_header: return find_http_line(bytes, options, true);
    }
    return invalid();
}

// ---- lines of HTTP

namespace {

constexpr std::string_view kHeaders[] = {"Cache-Control",
                                         "Connection",
                                         "Date",
                                         "Pragma",
                                         "Transfer-Encoding",
                                         "Upgrade",
                                         "Via",
                                         "Accept",
                                         "Accept-Charset",
                                         "Accept-Encoding",
                                         "Accept-Language",
                                         "Authorization",
                                         "From",
                                         "Host",
                                         "If-Modified-Since",
                                         "If-Match",
                                         "If-None-Match",
                                         "If-Range",
                                         "If-Unmodified-Since",
                                         "Max-Forwards",
                                         "Proxy-Authorization",
                                         "Range",
                                         "Referer",
                                         "User-Agent",
                                         "Age",
                                         "Location",
                                         "Proxy-Authenticate",
                                         "Public",
                                         "Retry-After",
                                         "Server",
                                         "Vary",
                                         "Warning",
                                         "Www-Authenticate",
                                         "Allow",
                                         "Content-Base",
                                         "Content-Encoding",
                                         "Content-Language",
                                         "Content-Length",
                                         "Content-Location",
                                         "Content-Md5",
                                         "Content-Range",
                                         "Content-Type",
                                         "Etag",
                                         "Expires",
                                         "Last-Modified",
                                         "Accept-Ranges",
                                         "Set-Cookie",
                                         "Set-Cookie2",
                                         "X-Forwarded-For",
                                         "Cookie",
                                         "Keep-Alive",
                                         "Proxy-Connection"};
constexpr std::string_view kMethods[] = {"OPTIONS", "GET", "HEAD", "POST", "PUT", "DELETE", "TRACE"};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool equal_without_case(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    for (size_t i = 0; i < a.size(); ++i) {
        if (lower(a[i]) != lower(b[i])) return false;
    }
    return true;
}

/// Characters of a method or a field's name.
bool is_token(char c) {
    constexpr std::string_view kSeparators = "()<>@,;:\\\"/[]?={}";
    const auto u = static_cast<uint8_t>(c);
    return u > 0x20 && u < 0x80 && kSeparators.find(c) == std::string_view::npos;
}

/// What is left of a line.
class Cursor {
public:
    explicit Cursor(std::string_view line) : rest(line) {}
    std::string_view rest;

    void skip_blanks() {
        while (!rest.empty() && is_blank(rest.front())) rest.remove_prefix(1);
    }
    std::string_view take(size_t n) {
        const std::string_view taken = rest.substr(0, n);
        rest.remove_prefix(n);
        return taken;
    }
    template <typename F>
    std::string_view take_while(F f) {
        size_t n = 0;
        while (n < rest.size() && f(rest[n])) ++n;
        return take(n);
    }
    bool take_prefix(std::string_view prefix) {
        if (!rest.starts_with(prefix)) return false;
        take(prefix.size());
        return true;
    }
    /// Digits, none if there are none: as a number of 32 bits, the higher ones lost.
    int32_t take_number(size_t* digits) {
        const std::string_view text = take_while([](char c) { return c >= '0' && c <= '9'; });
        uint32_t n = 0;
        for (const char c : text) n = n * 10 + static_cast<uint32_t>(c - '0');
        *digits = text.size();
        return static_cast<int32_t>(n);
    }
};

/// "HTTP/1.1"
bool take_version(Cursor& c, int32_t (&version)[2]) {
    size_t digits[2];
    if (!c.take_prefix("HTTP/")) return false;
    version[0] = c.take_number(&digits[0]);
    if (digits[0] == 0 || !c.take_prefix(".")) return false;
    version[1] = c.take_number(&digits[1]);
    return digits[1] != 0;
}

void parse_uri(std::string_view uri, HttpLine& line) {
    using Uri = HttpLine::Uri;
    const bool is_http = uri.size() >= 7 && equal_without_case(uri.substr(0, 7), "http://");
    line.uri = uri;
    if (uri == "*") {
        line.uri_kind = Uri::asterisk;
    } else if (is_http || (uri.size() >= 8 && equal_without_case(uri.substr(0, 8), "https://"))) {
        line.uri_kind = Uri::absolute;
        line.is_https = !is_http;
        Cursor c(uri.substr(is_http ? 7 : 8));
        line.host = c.take_while([](char ch) { return ch != ':' && ch != '/'; });
        if (c.take_prefix(":")) {
            const std::string_view port = c.take_while([](char ch) { return ch != '/'; });
            size_t digits = 0;
            const int32_t n = Cursor(port).take_number(&digits);
            if (digits != 0 && digits == port.size()) line.port = n;
        }
        line.uri = c.rest.empty() ? std::string_view("/") : c.rest;
    } else if (uri.front() == '/') {
        line.uri_kind = Uri::path;
    } else if (const size_t colon = uri.find(':'); colon != std::string_view::npos) {
        line.uri_kind = Uri::scheme;
        line.host = uri.substr(0, colon);
        line.uri = uri.substr(colon + 1);
    }
}

/// Without its end.
std::string_view stripped(std::string_view line) {
    if (line.ends_with('\n')) line.remove_suffix(1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

}  // namespace

HttpLine parse_http_line(std::string_view text) {
    Cursor c(stripped(text));
    HttpLine line;
    size_t digits = 0;
    if (c.rest.starts_with("HTTP/")) {
        if (!take_version(c, line.version) || c.rest.empty() || !is_blank(c.rest.front())) return {};
        c.skip_blanks();
        line.status = c.take_number(&digits);
        if (!c.rest.empty() && !is_blank(c.rest.front())) return {};
        c.skip_blanks();
        line.phrase = c.rest;
        line.kind = HttpLine::Kind::response;
        return line;
    }
    const auto is_part = [](char ch) { return !is_blank(ch); };
    line.method = c.take_while(is_token);
    if (line.method.empty() || c.rest.empty() || !is_blank(c.rest.front())) return {};
    c.skip_blanks();
    const std::string_view uri = c.take_while(is_part);
    if (uri.empty()) return {};
    parse_uri(uri, line);
    c.skip_blanks();
    if (!c.rest.empty() && !take_version(c, line.version)) return {};
    line.kind = HttpLine::Kind::request;
    return line;
}

HttpLine parse_http_header(std::string_view text) {
    HttpLine line;
    Cursor c(stripped(text));
    if (c.rest.empty()) {
        line.kind = HttpLine::Kind::end_of_headers;
        return line;
    }
    line.field = c.take_while(is_token);
    if (!c.take_prefix(":")) return {};
    c.skip_blanks();
    line.value = c.rest;
    line.kind = HttpLine::Kind::header;
    return line;
}

TlsRecord parse_tls_record(std::string_view packet) {
    const auto byte = [packet](size_t i) { return static_cast<uint8_t>(packet[i]); };
    const bool is_v2 = (byte(0) & 0x80) != 0 && byte(2) == 1;
    if (!is_v2) return {byte(0), {byte(1), byte(2)}, packet.substr(5), ""};
    constexpr uint8_t kHandshake = 22;
    const size_t length = packet.size() - 3;
    std::string hello{1, static_cast<char>(length >> 16), static_cast<char>(length >> 8), static_cast<char>(length)};
    hello.append(packet.substr(3));
    return {kHandshake, {byte(3), byte(4)}, {}, hello};
}

size_t http_header_number(std::string_view field) {
    for (size_t i = 0; i < std::size(kHeaders); ++i) {
        if (equal_without_case(field, kHeaders[i])) return i + 1;
    }
    return 0;
}

std::string_view http_header_name(size_t number) { return kHeaders[number - 1]; }

bool is_http_method(std::string_view method) {
    for (const std::string_view known : kMethods) {
        if (method == known) return true;
    }
    return false;
}

}  // namespace lintel
