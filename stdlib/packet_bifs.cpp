/// erlang:decode_packet/3.

#include <optional>

#include "stdlib/build.h"
#include "stdlib/bytes_arg.h"
#include "stdlib/packet_terms.h"
#include "term/views.h"
#include "vm/vm_core.h"

namespace lintel {

namespace {

constexpr size_t kBytesPerReduction = 64;

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

/// {ssl_tls, [], ContentType, {Major, Minor}, Data}. The non-value: out of memory.
Term tls_term(ExecState& p, Term bits, std::string_view packet) {
    const TlsRecord record = parse_tls_record(packet);
    const Term data = record.hello.empty() ? p.reserve(kSubBinaryWords).sub_bits(bits, 5 * 8, record.body.size() * 8)
                                           : p.reserve(binary_words(record.hello.size())).binary(record.hello);
    if (data.is_none()) return data;
    const Term version = make_tuple2(p, Term::small(record.version[0]), Term::small(record.version[1]));
    return p.reserve(tuple_words(5)).tuple(am::ssl_tls(), Term::nil(), Term::small(record.type), version, data);
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
        auto heap = p.reserve(http_term_words(packet));
        result = http_term(heap, p.vm->atoms, type->form, packet, type->binaries);
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
