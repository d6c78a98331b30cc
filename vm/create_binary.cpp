#include "vm/create_binary.h"

#include "vm/runtime_bs_p.h"
#include "vm/steps.h"

/// Most bit strings are of a few segments: small integers, strings, code points and whole binaries, which all fit, and end at a byte. They are
/// made here, in two passes over the operation's own words. Everything else, and whatever raises, is left to bs_create_bin, which begins again:
/// nothing has happened yet when a segment proves unusual.

namespace lintel {

namespace {

using steps::Registers;

struct Given {
    ir::BinSegment type;
    uint8_t flags;
    uint16_t unit;
};

Given given(const Word* words) {
    return {static_cast<ir::BinSegment>(words[0] & 0xff), static_cast<uint8_t>(words[0] >> 24),
            static_cast<uint16_t>(words[0] >> 32)};
}

/// What the first pass has found of a segment: of numbers the bits themselves.
struct Found {
    size_t bits;
    uint64_t number;
};

/// False: it is unusual.
bool find_integer(const Given& g, Term value, Term size, Found* found) {
    const auto is_usual = [](Term n) { return n.is_small() && n.to_small() >= 0 && n.to_small() <= 64; };
    if (!value.is_small() || !is_usual(size)) return false;
    found->bits = static_cast<size_t>(size.to_small()) * g.unit;
    if (found->bits == 0 || found->bits > 64) return false;
    found->number = static_cast<uint64_t>(value.to_small());
    if (found->bits <= 8 || !bs_is_little(g.flags)) return true;
    found->number = __builtin_bswap64(found->number) >> (64 - found->bits);
    return found->bits % 8 == 0;
}

bool find_code_point(Term value, Found* found) {
    uint8_t bytes[4];
    const size_t count = utf8_bytes_of(value, bytes);
    if (count == 0) return false;
    found->bits = 8 * count;
    found->number = 0;
    for (size_t k = 0; k < count; ++k) found->number = found->number << 8 | bytes[k];
    return true;
}

/// Whole bytes of it, or of what it begins with.
bool find_binary(const Given& g, Term value, Registers r, Word size, Found* found) {
    const BitsView v = as_bits(value);
    if (!v || !v.is_aligned()) return false;
    found->bits = v.size;
    if (size == am::all().word()) {
        if (!bs_is_multiple(v.size, g.unit)) return false;
    } else if (!bs_field_bits(steps::from(r, size), g.unit, &found->bits) || found->bits > v.size) {
        return false;
    }
    return found->bits % 8 == 0;
}

bool find(const Word* words, Registers r, Found* found) {
    const Given g = given(words);
    switch (g.type) {
        case ir::BinSegment::integer: return find_integer(g, steps::from(r, words[1]), steps::from(r, words[2]), found);
        case ir::BinSegment::string: found->bits = 8 * words[2]; return true;
        case ir::BinSegment::utf8: return find_code_point(steps::from(r, words[1]), found);
        case ir::BinSegment::binary: return find_binary(g, steps::from(r, words[1]), r, words[2], found);
        default: return false;
    }
}

void write(const Word* words, Registers r, const Found& found, uint8_t* base, size_t position) {
    const ir::BinSegment type = given(words).type;
    if (type == ir::BinSegment::string) {
        write_byte_run(base, position, reinterpret_cast<const uint8_t*>(words[1]), words[2]);
    } else if (type == ir::BinSegment::binary) {
        // Where its bytes are now: what has been appended to may be a segment as well.
        put_binary_bits(base, position, found.bits, steps::from(r, words[1]));
    } else if (found.bits == 8 && position % 8 == 0) {
        base[position / 8] = static_cast<uint8_t>(found.number);
    } else {
        write_bits(base, position, static_cast<unsigned>(found.bits), found.number);
    }
}

/// The non-value: they are unusual.
Term create_usual(const ops::bs_create_bin& op, ExecState& p, Registers r) {
    constexpr unsigned kMost = 8;
    if (op.count == 0 || op.count > kMost) return Term::none();
    const Word* const first = ops::rest(op);
    const Given head = given(first);
    const bool appends = head.type == ir::BinSegment::append || head.type == ir::BinSegment::private_append;
    Found found[kMost];
    size_t total = 0;
    for (unsigned k = appends ? 1 : 0; k < op.count; ++k) {
        if (!find(first + 3 * k, r, &found[k])) return Term::none();
        total += found[k].bits;
    }
    if (total % 8 != 0 || total > kMaxBitStringBits) return Term::none();
    BitTarget target;
    if (appends) {
        const Term old = steps::from(r, first[1]);
        const BitsView v = as_bits(old);
        if (!v || !v.is_bytes() || !bs_is_multiple(v.size, head.unit) || total == 0) return Term::none();
        target = append_target(p, old, v.size, total, head.type == ir::BinSegment::private_append);
    } else {
        target = new_bit_target(p, total);
    }
    if (target.base == nullptr) return Term::none();
    size_t position = target.position;
    for (unsigned k = appends ? 1 : 0; k < op.count; position += found[k++].bits)
        write(first + 3 * k, r, found[k], target.base, position);
    charge_for_bits(p, total);
    return target.result;
}

BinSegment::Type segment_type(ir::BinSegment type) {
    switch (type) {
        case ir::BinSegment::integer: return BinSegment::Type::integer;
        case ir::BinSegment::float_: return BinSegment::Type::float_;
        case ir::BinSegment::binary: return BinSegment::Type::binary;
        case ir::BinSegment::string: return BinSegment::Type::string;
        case ir::BinSegment::utf8: return BinSegment::Type::utf8;
        case ir::BinSegment::utf16: return BinSegment::Type::utf16;
        case ir::BinSegment::utf32: return BinSegment::Type::utf32;
        case ir::BinSegment::append: return BinSegment::Type::append;
        case ir::BinSegment::private_append: return BinSegment::Type::private_append;
    }
    LINTEL_UNREACHABLE();
}

}  // namespace

Term create_binary(const ops::bs_create_bin& op, ExecState& p, Term* x, Word* e) {
    Word* h = p.heap.htop;
    const Registers r{x, e, h};
    if (const Term usual = create_usual(op, p, r); LINTEL_LIKELY(usual.is_value())) return usual;
    const unsigned n = op.count;
    const ScratchArray<BinSegment, 16> segments(n);
    if (!segments) return p.system_limit();
    const Word* words = ops::rest(op);
    for (unsigned k = 0; k < n; ++k, words += 3) {
        BinSegment& s = *new (&segments[k]) BinSegment;
        s.number = static_cast<uint16_t>(words[0] >> 8);
        s.flags = given(words).flags;
        s.unit = given(words).unit;
        if (given(words).type == ir::BinSegment::string) {
            s.type = BinSegment::Type::string;
            s.string = reinterpret_cast<const uint8_t*>(words[1]);
            s.string_bytes = words[2];
            continue;
        }
        s.type = segment_type(given(words).type);
        s.value = steps::from(r, words[1]);
        const bool is_whole = s.type == BinSegment::Type::binary && words[2] == am::all().word();
        if (!is_whole) s.size = steps::from(r, words[2]);
    }
    const Term made = bs_create_bin(p, segments.data(), n);
    if (op.is_old != 0 && made.is_none()) p.error_info = Term::none();
    return made;
}

}  // namespace lintel
