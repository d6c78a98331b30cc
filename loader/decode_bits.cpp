/// The lists of bs_create_bin and bs_match. In the file their members are told apart by atoms; loader/genop.def,
/// letters B and M, says what becomes of them.

#include "loader/decode_p.h"

namespace lintel {

/// Reads an atom operand that must be one of `words`; puts its place there.
bool Decoder::word_of(const char* const* words, size_t count, const char* what) {
    CompactTerm t;
    if (!read(t)) return false;
    if (!atom(t)) return false;
    const std::string_view name = atom_name(m_.atoms[Operand{out_[-1]}.value()]);
    --out_;
    for (size_t i = 0; i < count; ++i) {
        if (name == words[i]) {
            put(OperandKind::unsigned_, static_cast<uint32_t>(i));
            return true;
        }
    }
    return bad(std::string("unknown ") + what + " '" + std::string(name) + "'");
}

/// [] or a literal that lists flags; the literal is looked at when it exists.
bool Decoder::flags_of_segment() {
    CompactTerm t;
    if (!read(t)) return false;
    const uint32_t at = position();
    if (!term(t, false)) return false;
    const Operand o{out_[-1]};
    if (o.kind() == OperandKind::literal) {
        l_.flag_operands.push_back({at, op_at_});
    } else if (o.kind() == OperandKind::nil) {
        out_[-1] = Operand::make(OperandKind::unsigned_, 0).bits;
    } else {
        return bad_operand(t, "flags");
    }
    return true;
}

bool Decoder::segments() {
    static constexpr const char* kTypes[] = {"integer", "float", "binary", "string",        "utf8",
                                             "utf16",   "utf32", "append", "private_append"};
    CompactTerm count;
    if (!list_head(count)) return false;
    if (count.value % 6 != 0) return bad_operand(count, "length of a list");
    put(OperandKind::list, static_cast<uint32_t>(count.value));
    for (int64_t i = 0; i < count.value; i += 6) {
        if (!word_of(kTypes, std::size(kTypes), "segment type")) return false;
        const bool is_string = Operand{out_[-1]}.value() == static_cast<uint32_t>(ir::BinSegment::string);
        CompactTerm segment, unit, value, size;
        if (!read(segment) || !number(segment, Operand::kMaxValue, "segment number")) return false;
        if (!read(unit) || !number(unit, kMaxUnit, "unit") || !flags_of_segment()) return false;
        if (!read(value) || !(is_string ? number(value, Operand::kMaxValue, "string offset") : term(value, true)))
            return false;
        if (!read(size)) return false;
        if (!is_string) {
            if (!term(size, true)) return false;
            continue;
        }
        if ((size.tag != CompactTag::i && size.tag != CompactTag::u) || size.big || size.value < 0 ||
            static_cast<uint64_t>(size.value) > m_.strings.size() ||
            static_cast<uint64_t>(value.value) > m_.strings.size() - static_cast<uint64_t>(size.value)) {
            return bad("string beyond the end of the StrT chunk");
        }
        put(OperandKind::unsigned_, static_cast<uint32_t>(size.value));
    }
    return true;
}

bool Decoder::commands() {
    static constexpr const char* kCommands[] = {"ensure_at_least", "ensure_exactly", "integer", "binary", "=:=", "skip",
                                                "get_tail"};
    using ir::BinMatch;
    CompactTerm count;
    if (!list_head(count)) return false;
    uint32_t* const head = out_++;
    int64_t left = count.value;
    while (left > 0) {
        if (!word_of(kCommands, std::size(kCommands), "command")) return false;
        const auto command = static_cast<BinMatch>(Operand{out_[-1]}.value());
        constexpr int64_t kOperands[] = {2, 1, 5, 5, 3, 1, 3};
        left -= 1 + kOperands[static_cast<size_t>(command)];
        if (left < 0) return bad("the last command lacks operands");
        bool ok = true;
        switch (command) {
            case BinMatch::ensure_at_least: ok = operand('z') && operand('u'); break;
            case BinMatch::ensure_exactly:
            case BinMatch::skip: ok = operand('z'); break;
            case BinMatch::integer:
            case BinMatch::binary:
                ok = operand('n') && flags_of_segment() && operand('z') && operand('u') && operand('d');
                break;
            case BinMatch::equal: {
                CompactTerm live, bits, value;
                if (!read(live) || !read(bits) || !read(value)) return false;
                constexpr uint32_t kMaxEqualBits = 64;
                ok = number(bits, kMaxEqualBits, "number of bits");
                // The value is a plain number in the file.
                if (ok && value.tag != CompactTag::u && value.tag != CompactTag::i) ok = bad_operand(value, "integer");
                ok = ok && integer(value);
                break;
            }
            case BinMatch::get_tail: ok = operand('n') && operand('u') && operand('d'); break;
        }
        if (!ok) return false;
    }
    *head = Operand::make(OperandKind::list, static_cast<uint32_t>(out_ - head - 1)).bits;
    return true;
}

}  // namespace lintel
