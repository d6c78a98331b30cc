/// erlang:decode_packet/3.

#include <optional>
#include <string>

#include "stdlib/build.h"
#include "stdlib/bytes_arg.h"
#include "stdlib/packet.h"
#include "term/views.h"
#include "vm/vm_core.h"

namespace lintel {

namespace {

constexpr size_t kBytesPerReduction = 64;
/// Longer names of unknown headers stay as they are.
constexpr size_t kMostCapitalized = 50;

struct Type {
    PacketForm form;
    bool binaries = false;  ///< texts are binaries, not strings
};

std::optional<Type> type_of(Term t) {
    if (t.is_small()) {
        switch (t.to_small()) {
            case 0: return Type{PacketForm::raw};
            case 1: return Type{PacketForm::prefix1};
            case 2: return Type{PacketForm::prefix2};
            case 4: return Type{PacketForm::prefix4};
            default: return std::nullopt;
        }
    }
    if (!t.is_atom()) return std::nullopt;
    switch (atom_id(t)) {
        case AtomId::raw: return Type{PacketForm::raw};
        case AtomId::line: return Type{PacketForm::line};
        case AtomId::asn1: return Type{PacketForm::asn1};
        case AtomId::cdr: return Type{PacketForm::cdr};
        case AtomId::sunrm: return Type{PacketForm::sunrm};
        case AtomId::fcgi: return Type{PacketForm::fcgi};
        case AtomId::tpkt: return Type{PacketForm::tpkt};
        case AtomId::ssl_tls: return Type{PacketForm::ssl_tls};
        case AtomId::http: return Type{PacketForm::http};
        case AtomId::httph: return Type{PacketForm::http_header};
        case AtomId::http_bin: return Type{PacketForm::http, true};
        case AtomId::httph_bin: return Type{PacketForm::http_header, true};
        default: return std::nullopt;
    }
}

/// False: they are not as the manual has them.
bool parse_options(Term list, PacketForm form, PacketOptions* options) {
    for (; list.is_cons(); list = list.tail()) {
        const TupleView pair = as_tuple(list.head(), 2);
        if (!pair || !pair[1].is_small() || pair[1].to_small() < 0) return false;
        const auto value = static_cast<uint64_t>(pair[1].to_small());
        if (pair[0] == am::packet_size() && value <= UINT32_MAX) {
            options->packet_size = value;
        } else if (pair[0] == am::line_length() && value <= UINT32_MAX) {
            options->line_length = value;
        } else if (pair[0] == am::line_delimiter() && form == PacketForm::line && value <= 255) {
            options->line_delimiter = static_cast<uint8_t>(value);
        } else {
            return false;
        }
    }
    return list.is_nil();
}

/// Words with a capital each, as headers are usually written.
std::string capitalized(std::string_view field) {
    std::string name(field);
    bool first = true;
    for (char& c : name) {
        if (first && c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
        if (!first && c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
        first = !first && c == '-';
    }
    return name;
}

class HttpTerms {
public:
    HttpTerms(ExecState& p, bool binaries) : p_(p), binaries_(binaries) {}
    /// There was no memory for one of the terms made.
    bool failed() const { return failed_; }

    Term request(const HttpLine& line) {
        const Term method = is_http_method(line.method) ? atom(line.method) : text(line.method);
        const Term where = uri(line);
        const Term number = version(line);
        return p_.reserve(tuple_words(4)).tuple(am::http_request(), method, where, number);
    }
    Term response(const HttpLine& line) {
        const Term number = version(line), phrase = text(line.phrase);
        return p_.reserve(tuple_words(4)).tuple(am::http_response(), number, Term::small(line.status), phrase);
    }
    Term header(const HttpLine& line) {
        const size_t number = http_header_number(line.field);
        const bool as_is = line.field.size() > kMostCapitalized;
        const Term name = number != 0 ? atom(http_header_name(number))
                                      : text(as_is ? std::string(line.field) : capitalized(line.field));
        const Term field = text(line.field), value = text(line.value);
        return p_.reserve(tuple_words(5))
            .tuple(am::http_header(), Term::small(static_cast<int64_t>(number)), name, field, value);
    }
    Term error(std::string_view line) { return make_tuple2(p_, am::http_error(), text(line)); }

private:
    Term atom(std::string_view name) { return p_.vm->atoms.intern(name); }
    Term text(std::string_view t) {
        if (!binaries_) return p_.reserve(list_words(t.size())).byte_list(t);
        const Term made = p_.reserve(binary_words(t.size())).binary(t);
        failed_ |= made.is_none();
        return made.is_none() ? Term::nil() : made;
    }
    Term version(const HttpLine& line) {
        return make_tuple2(p_, Term::small(line.version[0]), Term::small(line.version[1]));
    }
    Term uri(const HttpLine& line) {
        const Term rest = line.uri_kind == HttpLine::Uri::asterisk ? am::times() : text(line.uri);
        switch (line.uri_kind) {
            case HttpLine::Uri::asterisk:
            case HttpLine::Uri::other: return rest;
            case HttpLine::Uri::path: return make_tuple2(p_, am::abs_path(), rest);
            case HttpLine::Uri::scheme: return make_tuple3(p_, am::scheme(), text(line.host), rest);
            case HttpLine::Uri::absolute: {
                const Term host = text(line.host);
                const Term port = line.port < 0 ? am::undefined() : Term::small(line.port);
                return p_.reserve(tuple_words(5))
                    .tuple(am::absoluteURI(), line.is_https ? am::https() : am::http(), host, port, rest);
            }
        }
        LINTEL_UNREACHABLE();
    }

    ExecState& p_;
    const bool binaries_;
    bool failed_ = false;
};

/// The non-value: out of memory.
Term http_term(ExecState& p, Type type, std::string_view text) {
    HttpTerms terms(p, type.binaries);
    const HttpLine line = type.form == PacketForm::http ? parse_http_line(text) : parse_http_header(text);
    Term result;
    switch (line.kind) {
        case HttpLine::Kind::error: result = terms.error(text); break;
        case HttpLine::Kind::request: result = terms.request(line); break;
        case HttpLine::Kind::response: result = terms.response(line); break;
        case HttpLine::Kind::header: result = terms.header(line); break;
        case HttpLine::Kind::end_of_headers: result = am::http_eoh(); break;
    }
    return terms.failed() ? Term::none() : result;
}

/// {ssl_tls, [], ContentType, {Major, Minor}, Data}. A client hello of SSL 2 becomes a handshake (22) message.
Term tls_term(ExecState& p, Term bits, std::string_view packet) {
    const auto byte = [packet](size_t i) { return Term::small(static_cast<uint8_t>(packet[i])); };
    const bool is_v2 = (static_cast<uint8_t>(packet[0]) & 0x80) != 0 && packet[2] == 1;
    Term type, version, data;
    if (is_v2) {
        const size_t length = packet.size() - 3;
        std::string hello{1, static_cast<char>(length >> 16), static_cast<char>(length >> 8),
                          static_cast<char>(length)};
        hello.append(packet.substr(3));
        type = Term::small(22);
        version = make_tuple2(p, byte(3), byte(4));
        data = p.reserve(binary_words(hello.size())).binary(hello);
    } else {
        type = byte(0);
        version = make_tuple2(p, byte(1), byte(2));
        data = p.reserve(kSubBinaryWords).sub_bits(bits, 5 * 8, (packet.size() - 5) * 8);
    }
    return data.is_none() ? data : p.reserve(tuple_words(5)).tuple(am::ssl_tls(), Term::nil(), type, version, data);
}

}  // namespace

/// erlang:decode_packet/3: {ok, Packet, Rest}, {more, Bytes | undefined} or {error, invalid}. Fails: badarg.
Term erlang_decode_packet_3(ExecState& p, Args a) {
    const auto type = type_of(a[0]);
    if (!type) return p.badarg_because(am::badopt());
    const BitsView bits = as_bits(a[1]);
    PacketOptions options;
    if (!bits || !parse_options(a[2], type->form, &options)) return p.badarg();
    // A last part of a byte is never part of a packet.
    const BytesArg bytes(BitsView{bits.base, bits.offset, bits.size / 8 * 8});
    if (!bytes) return p.system_limit();
    const std::string_view data(reinterpret_cast<const char*>(bytes.data()), bytes.size());

    const PacketBounds bounds = find_packet(type->form, data, options);
    switch (bounds.result) {
        case PacketBounds::Result::invalid: return make_tuple2(p, am::error(), am::invalid());
        case PacketBounds::Result::more:
            p.charge(data.size() / kBytesPerReduction);
            return make_tuple2(p, am::more(), am::undefined());
        case PacketBounds::Result::more_of_known_size:
            return make_tuple2(p, am::more(), Term::small(static_cast<int64_t>(bounds.size)));
        case PacketBounds::Result::whole: break;
    }
    p.charge(bounds.size / kBytesPerReduction);
    const std::string_view packet = data.substr(0, bounds.size);
    Term result;
    if (type->form == PacketForm::http || type->form == PacketForm::http_header) {
        result = http_term(p, *type, packet);
    } else if (type->form == PacketForm::ssl_tls) {
        result = tls_term(p, a[1], packet);
    } else {
        result =
            p.reserve(kSubBinaryWords).sub_bits(a[1], bounds.body_begin * 8, (bounds.body_end - bounds.body_begin) * 8);
    }
    if (result.is_none()) return p.system_limit();
    const Term rest = p.reserve(kSubBinaryWords).sub_bits(a[1], bounds.size * 8, bits.size - bounds.size * 8);
    return make_tuple3(p, am::ok(), result, rest);
}

}  // namespace lintel
