/// Operands of the code chunk: what each letter of loader/genop.def takes in all its forms. The short forms, by far the
/// most, are in Decoder::short_operand.

#include <bit>

#include "gc/heap_builder.h"
#include "loader/decode_p.h"

namespace lintel {

/// A signature from its list on.
bool Decoder::rest(const char* signature) {
    for (const char* s = signature; *s != 0; ++s) {
        bool ok = true;
        switch (*s) {
            case '[':
                ok = list(s + 1);
                while (*s != ']') ++s;
                break;
            case 'B': ok = segments(); break;
            case 'M': ok = commands(); break;
            default: ok = operand(*s);
        }
        if (!ok) return false;
    }
    return true;
}

/// An operand of any form.
bool Decoder::long_operand(char letter) {
    CompactTerm t;
    if (!read(t)) return false;
    switch (letter) {
        case 's': return term(t, true);
        case 'c': return term(t, false);
        case 'r': return reg(t, true, true);
        case 'd': return reg(t, true, false);
        case 'y': return reg(t, false, false);
        case 'v': return float_register(t);
        case 'S': return extended(t, CompactExtended::float_register) ? float_register(t) : term(t, true);
        case 'D': return extended(t, CompactExtended::float_register) ? float_register(t) : reg(t, true, false);
        case 'f': return label(t, true);
        case 'j': return label(t, false);
        case 'A': return atom(t);
        case 'u':
        case 'o': return number(t, Operand::kMaxValue, "number");
        case 'g': return number(t, kMaxFlags, "flags");
        case 'a': return number(t, kMaxArity, "arity");
        case 'n': return number(t, kMaxLive, "number of live registers");
        case 'z': return big_number(t);
        case 'U': return t.tag == CompactTag::u ? big_number(t) : term(t, true);
        case 'h': return heap_need(t);
        case 'I':
            if (m_.imports.empty()) return bad("the module has no imports");
            return number(t, static_cast<uint32_t>(m_.imports.size() - 1), "import");
        case 'L':
            if (m_.lambdas.empty()) return bad("the module has no lambdas");
            return number(t, static_cast<uint32_t>(m_.lambdas.size() - 1), "lambda");
        case 't':
            return t.tag == CompactTag::a ? atom(t)
                   : m_.lambdas.empty()   ? bad("the module has no lambdas")
                                          : number(t, static_cast<uint32_t>(m_.lambdas.size() - 1), "lambda");
        case 'w': return t.tag == CompactTag::a ? atom(t) : number(t, Operand::kMaxValue, "number");
        case 'k': return t.tag == CompactTag::a ? atom(t) : label(t, false);
        case 'l':
            if (line_limit_ != 0) return number(t, line_limit_ - 1, "line");
            if (!number(t, Operand::kMaxValue, "line")) return false;
            out_[-1] = Operand::make(OperandKind::unsigned_, 0).bits;
            return true;
        case 'N':
            if (t.tag != CompactTag::u || t.big || t.value <= 0 || t.value >= label_count_)
                return bad_operand(t, "label number");
            put(OperandKind::label, static_cast<uint32_t>(t.value));
            return true;
        default: LINTEL_UNREACHABLE();
    }
}

bool Decoder::number(const CompactTerm& t, uint32_t limit, const char* what) {
    if (LINTEL_UNLIKELY(t.tag != CompactTag::u || t.big || t.value < 0 || t.value > limit)) return bad_operand(t, what);
    put(OperandKind::unsigned_, static_cast<uint32_t>(t.value));
    return true;
}

/// A count that may exceed an operand. Beyond a small integer it is only known to be more than anything has.
bool Decoder::big_number(const CompactTerm& t) {
    if (t.tag != CompactTag::u || (!t.big && t.value < 0)) return bad_operand(t, "number");
    if (!t.big && t.value <= Operand::kMaxValue) {
        put(OperandKind::unsigned_, static_cast<uint32_t>(t.value));
        return true;
    }
    if (t.big && (t.bytes[0] & 0x80) != 0) return bad_operand(t, "number");
    const int64_t value = t.big || t.value > Term::kSmallMax ? Term::kSmallMax : t.value;
    return extra({ExtraLiteral::Kind::small, value, 0, {}, op_at_});
}

bool Decoder::integer(const CompactTerm& t) {
    if (LINTEL_LIKELY(!t.big && t.value >= Operand::kSmallMin && t.value <= Operand::kSmallMax)) {
        put({static_cast<uint32_t>(t.value) << 4 | static_cast<uint32_t>(OperandKind::small)});
        return true;
    }
    if (!t.big && Term::fits_small(t.value)) return extra({ExtraLiteral::Kind::small, t.value, 0, {}, op_at_});
    return extra({ExtraLiteral::Kind::big, 0, 0, t.bytes, op_at_});
}

bool Decoder::reg(const CompactTerm& t, bool x_allowed, bool typed) {
    CompactTerm r = t;
    uint32_t type = 0;
    if (extended(t, CompactExtended::typed_register)) {
        CompactTerm index;
        if (!read(r) || !read(index)) return false;
        if (index.tag != CompactTag::u || index.big || index.value < 0) return bad_operand(index, "type");
        if (l_.types_known) {
            if (static_cast<uint64_t>(index.value) >= type_count_) return bad_operand(index, "type");
            // A type with a number too large to be named in an operand is forgotten.
            constexpr int64_t kMaxType = (1 << (28 - Operand::kRegisterBits)) - 2;
            if (typed && index.value <= kMaxType) type = static_cast<uint32_t>(index.value) + 1;
        }
    }
    constexpr int64_t kMaxRegister = (1 << Operand::kRegisterBits) - 1;
    const bool is_y = r.tag == CompactTag::y;
    if (LINTEL_UNLIKELY((!is_y && (r.tag != CompactTag::x || !x_allowed)) || r.big || r.value < 0 ||
                        r.value > kMaxRegister)) {
        return bad_operand(r, x_allowed ? "register" : "y register");
    }
    put(Operand::reg(is_y ? OperandKind::y : OperandKind::x, static_cast<uint32_t>(r.value), type));
    return true;
}

bool Decoder::float_register(const CompactTerm& t) {
    if (!extended(t, CompactExtended::float_register)) return bad_operand(t, "float register");
    CompactTerm r;
    if (!read(r)) return false;
    constexpr int64_t kMaxRegister = (1 << Operand::kRegisterBits) - 1;
    if (r.tag != CompactTag::u || r.big || r.value < 0 || r.value > kMaxRegister)
        return bad_operand(r, "float register");
    put(OperandKind::f, static_cast<uint32_t>(r.value));
    return true;
}

bool Decoder::label(const CompactTerm& t, bool zero_allowed) {
    if (LINTEL_UNLIKELY(t.tag != CompactTag::f || t.big || t.value < (zero_allowed ? 0 : 1) ||
                        (t.value != 0 && t.value >= label_count_))) {
        return bad_operand(t, "label");
    }
    if (t.value != 0) label_used_[static_cast<size_t>(t.value)] = 1;
    put(OperandKind::label, static_cast<uint32_t>(t.value));
    return true;
}

bool Decoder::atom(const CompactTerm& t) {
    if (LINTEL_UNLIKELY(t.tag != CompactTag::a || t.big || t.value <= 0 ||
                        static_cast<uint64_t>(t.value) >= m_.atoms.size())) {
        return bad_operand(t, "atom");
    }
    put(OperandKind::atom, static_cast<uint32_t>(t.value));
    return true;
}

bool Decoder::term(const CompactTerm& t, bool registers) {
    switch (t.tag) {
        case CompactTag::i: return integer(t);
        case CompactTag::a:
            if (t.big || t.value != 0) return atom(t);
            put(OperandKind::nil, 0);
            return true;
        case CompactTag::x:
        case CompactTag::y:
            if (!registers) return bad_operand(t, "constant");
            return reg(t, true, true);
        case CompactTag::z: break;
        default: return bad_operand(t, registers ? "term" : "constant");
    }
    if (extended(t, CompactExtended::literal)) {
        CompactTerm index;
        if (!read(index)) return false;
        if (index.tag != CompactTag::u || index.big || index.value < 0 || index.value >= literal_count_) {
            return bad_operand(index, "literal");
        }
        put(OperandKind::literal, static_cast<uint32_t>(index.value));
        return true;
    }
    if (extended(t, CompactExtended::typed_register) && registers) return reg(t, true, true);
    if (extended(t, CompactExtended::real)) {
        if (in_.left() < 8) return truncated();
        uint64_t bits = 0;
        for (const uint8_t b : in_.take(8)) bits = bits << 8 | b;
        const double value = std::bit_cast<double>(bits);
        if (((bits >> 52) & 0x7ff) == 0x7ff) return bad("a float that is not finite");
        return extra({ExtraLiteral::Kind::real, 0, value, {}, op_at_});
    }
    return bad_operand(t, registers ? "term" : "constant");
}

bool Decoder::extra(ExtraLiteral e) {
    const uint64_t index = uint64_t{literal_count_} + l_.extra_literals.size();
    if (index > Operand::kMaxValue) return bad("too many literals");
    l_.extra_literals.push_back(e);
    put(OperandKind::literal, static_cast<uint32_t>(index));
    return true;
}

bool Decoder::heap_need(const CompactTerm& t) {
    if (extended(t, CompactExtended::alloc)) return alloc_list();
    if (t.tag != CompactTag::u || t.big || t.value < 0 || t.value > Operand::kMaxValue)
        return bad_operand(t, "heap need");
    put(OperandKind::alloc, static_cast<uint32_t>(t.value));
    return true;
}

bool Decoder::alloc_list() {
    CompactTerm count;
    if (!read(count)) return false;
    if (count.tag != CompactTag::u || count.big || count.value < 0)
        return bad_operand(count, "length of an alloc list");
    // Words of one item, by the file's number for it: words, floats (boxed unless self-tagged), funs (header, entry,
    // creator; the compiler counts the free variables among the words).
    constexpr uint64_t kFunWords = 3;
    constexpr uint64_t kItemWords[] = {1, kBoxedFloatWords, kFunWords};
    uint64_t words = 0;
    for (int64_t i = 0; i < count.value; ++i) {
        CompactTerm what, n;
        if (!read(what) || !read(n)) return false;
        if (what.tag != CompactTag::u || what.big || what.value < 0 || what.value > 2)
            return bad_operand(what, "item of an alloc list");
        if (n.tag != CompactTag::u || n.big || n.value < 0 || n.value > Operand::kMaxValue)
            return bad_operand(n, "heap need");
        words += static_cast<uint64_t>(n.value) * kItemWords[what.value];
        if (words > Operand::kMaxValue) return bad("heap need out of range");
    }
    put(OperandKind::alloc, static_cast<uint32_t>(words));
    return true;
}

/// The head of a list operand.
bool Decoder::list_head(CompactTerm& count) {
    CompactTerm t;
    if (!read(t)) return false;
    if (!extended(t, CompactExtended::list)) return bad_operand(t, "list");
    if (!read(count)) return false;
    const bool good = count.tag == CompactTag::u && !count.big && count.value >= 0 && count.value <= kMaxOperandWords;
    return good || bad_operand(count, "length of a list");
}

bool Decoder::list(const char* group) {
    CompactTerm count;
    if (!list_head(count)) return false;
    uint32_t length = 0;
    while (group[length] != ']') ++length;
    if (count.value % length != 0) return bad_operand(count, "length of a list");
    put(OperandKind::list, static_cast<uint32_t>(count.value));
    for (int64_t i = 0; i < count.value; i += length) {
        for (uint32_t j = 0; j < length; ++j) {
            if (!operand(group[j])) return false;
        }
    }
    return true;
}

bool Decoder::bad_operand(const CompactTerm& t, const char* expected) {
    static constexpr const char* kTags[] = {"number",     "integer", "atom",      "x register",
                                            "y register", "label",   "character", "extended operand"};
    std::string got = kTags[static_cast<size_t>(t.tag)];
    got += t.big ? " of more than 64 bits" : " " + std::to_string(t.value);
    return bad(std::string("invalid ") + expected + " (" + got + ")");
}

}  // namespace lintel
