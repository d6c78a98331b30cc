#pragma once
/// Decoder: the state of decoding one code chunk. Private to loader/; loader/decode.cpp tells what it does.

#include <optional>

#include "base/pages.h"
#include "loader/compact_term.h"
#include "loader/genop.h"
#include "loader/load_p.h"

namespace lintel {

using ir::Operand;
using ir::OperandKind;

/// Place of an operand letter of loader/genop.def in a table.
constexpr size_t letter_index(char letter) { return static_cast<unsigned char>(letter); }

/// Compact terms of one or two bytes, by far the most, are decoded without a branch that depends on them: the kind of
/// the operand by letter, tag and whether the value is 0 (which is [] for an atom, and none for a label).
struct ShortForms {
    static constexpr uint8_t kLong = 0xff;  ///< not in this form, or not at all: see long_operand
    uint8_t kinds[128][8][2];

    constexpr ShortForms() : kinds{} {
        for (auto& letter : kinds) {
            for (auto& tag : letter) tag[0] = tag[1] = kLong;
        }
        for (const char letter : {'u', 'o', 'g', 'a', 'n', 'z', 'U', 'I', 'L', 'l'})
            set(letter, CompactTag::u, OperandKind::unsigned_);
        set('h', CompactTag::u, OperandKind::alloc);
        for (const char letter : {'s', 'c', 'S', 'U'}) {
            set(letter, CompactTag::i, OperandKind::small);
            set(letter, CompactTag::a, OperandKind::atom, OperandKind::nil);
        }
        for (const char letter : {'s', 'r', 'd', 'S', 'D', 'U'}) {
            set(letter, CompactTag::x, OperandKind::x);
            set(letter, CompactTag::y, OperandKind::y);
        }
        set('y', CompactTag::y, OperandKind::y);
        set('f', CompactTag::f, OperandKind::label);
        for (const char letter : {'A', 'k'})
            kinds[letter_index(letter)][2][0] = static_cast<uint8_t>(OperandKind::atom);
        for (const char letter : {'j', 'k'})
            kinds[letter_index(letter)][5][0] = static_cast<uint8_t>(OperandKind::label);
    }
    constexpr void set(char letter, CompactTag tag, OperandKind kind) { set(letter, tag, kind, kind); }
    constexpr void set(char letter, CompactTag tag, OperandKind kind, OperandKind kind_of_zero) {
        auto& k = kinds[letter_index(letter)][static_cast<size_t>(tag)];
        k[0] = static_cast<uint8_t>(kind);
        k[1] = static_cast<uint8_t>(kind_of_zero);
    }
};
inline constexpr ShortForms kShortForms;

class Decoder {
public:
    explicit Decoder(Loading& l)
        : l_(l), m_(*l.module), in_(l.beam.chunk(ChunkId::code)),
          literal_count_(static_cast<uint32_t>(l.literal_terms.size())),
          line_limit_(l.has_lines ? static_cast<uint32_t>(m_.lines.size()) : 0),
          type_count_(static_cast<uint32_t>(m_.types.size())) {}

    bool run();

private:
    static constexpr uint32_t kMaxLive = 1024;
    static constexpr uint32_t kMaxArity = 255;
    static constexpr uint32_t kMaxUnit = 256;
    static constexpr uint32_t kMaxFlags = ir::kBinLittle | ir::kBinSigned | ir::kBinNative;
    /// An instruction's length has 23 bits in its head word.
    static constexpr uint32_t kMaxOperandWords = (1u << 23) - 1;

    // loader/decode.cpp: instructions and functions.
    bool header();
    void set_limits();
    bool instructions();
    bool structure(Genop op, uint32_t* head);
    bool begin_function(uint32_t* head);
    bool check_string(const uint32_t* head, size_t size_at, bool bits);
    bool finish();
    [[gnu::cold]] bool refused(uint32_t op);

    // loader/decode_operands.cpp: operands of one letter, and lists.

    bool operand(char letter) { return short_operand(static_cast<uint8_t>(letter)) || long_operand(letter); }
    bool short_operand(uint8_t letter);
    [[gnu::noinline]] bool long_operand(char letter);
    bool rest(const char* signature);
    bool list_head(CompactTerm& count);
    bool list(const char* group);
    bool read(CompactTerm& t) { return in_.read(t) || truncated(); }
    /// Any operand whose letter allows a term.
    bool term(const CompactTerm& t, bool registers);
    bool number(const CompactTerm& t, uint32_t limit, const char* what);
    bool big_number(const CompactTerm& t);
    bool integer(const CompactTerm& t);
    bool reg(const CompactTerm& t, bool x_allowed, bool typed);
    bool float_register(const CompactTerm& t);
    bool label(const CompactTerm& t, bool zero_allowed);
    bool atom(const CompactTerm& t);
    bool heap_need(const CompactTerm& t);
    bool alloc_list();

    // loader/decode_bits.cpp: the lists of the bit syntax.
    bool segments();
    bool commands();
    bool flags_of_segment();
    bool word_of(const char* const* words, size_t count, const char* what);

    void put(Operand o) { *out_++ = o.bits; }
    void put(OperandKind kind, uint32_t value) { put(Operand::make(kind, value)); }
    /// An operand for a literal that the file does not have as one.
    bool extra(ExtraLiteral e);
    static bool extended(const CompactTerm& t, CompactExtended what) {
        return t.tag == CompactTag::z && !t.big && t.value == static_cast<int64_t>(what);
    }

    [[gnu::cold]] bool bad(const std::string& what) {
        const char* name = op_ < kGenopCount ? kGenops[op_].name : "";
        return l_.malformed(ChunkId::code, op_at_, *name != 0 ? std::string(name) + ": " + what : what);
    }
    [[gnu::cold]] bool bad_operand(const CompactTerm& t, const char* expected);
    [[gnu::cold]] bool truncated() { return bad("the code ends within an instruction"); }
    uint32_t position() const { return static_cast<uint32_t>(out_ - first_); }

    Loading& l_;
    Module& m_;
    CompactReader in_;
    std::optional<ScratchPages> buffer_;
    uint32_t* first_ = nullptr;  ///< in buffer_
    uint32_t* out_ = nullptr;
    uint32_t op_ = 0;
    size_t op_at_ = 0;  ///< offset of the instruction being decoded

    const uint32_t literal_count_;
    const uint32_t line_limit_;  ///< 0: lines unknown, operands become 0
    const uint32_t type_count_;
    /// Numbers that a letter takes are below this.
    uint32_t limits_[128] = {};
    /// Values of other tags are below this, in their short form.
    uint32_t tag_limits_[8] = {};
    uint32_t label_count_ = 0;
    uint32_t function_count_ = 0;
    std::vector<uint8_t> label_used_;

    // The function structure: what the last instructions were.
    enum class Before : uint8_t { start, other, info_label, func_info, entry_label };
    Before before_ = Before::start;
    uint32_t last_label_ = 0;
};

/// An operand of one or two bytes that is what its letter wants. False: nothing was read.
inline bool Decoder::short_operand(uint8_t letter) {
    if (LINTEL_UNLIKELY(in_.left() < 2)) return false;
    const uint32_t first = in_.peek(0);
    const uint32_t tag = first & 7;
    const uint32_t two = first >> 3 & 1;
    const uint32_t value = two != 0 ? (first & 0xe0) << 3 | in_.peek(1) : first >> 4;
    const uint32_t kind = kShortForms.kinds[letter][tag][value == 0 ? 1 : 0];
    const uint32_t limit = tag == static_cast<uint32_t>(CompactTag::u) ? limits_[letter] : tag_limits_[tag];
    if (LINTEL_UNLIKELY((first & 0x18) == 0x18 || kind == ShortForms::kLong || value >= limit)) return false;
    // Anything but a label marks label 0, which means nothing.
    label_used_[tag == static_cast<uint32_t>(CompactTag::f) ? value : 0] = 1;
    in_.skip(1 + two);
    put({value << 4 | kind});
    return true;
}

}  // namespace lintel
