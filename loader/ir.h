#pragma once
/// The verified intermediate representation: what the loader makes of a file and what both engines consume.
///
/// A module's code is one array of 32-bit words, position-independent (it can be written out and mapped back). Each
/// instruction is a word `opcode | operand_words << 8` (bit 31: needs_check) followed by its operands; an operand is a word `kind | value << 4`.
/// A list operand is `list | count << 4` followed by `count` operand words (they count as operand words). Opcodes are the
/// external ones of loader/genop.def with these differences:
///
///  - label, func_info, line, int_code_end stay in the stream (engines skip what they do not need);
///  - integers that do not fit 28 bits, and floats, became literals;
///  - the atoms that name segments of bs_create_bin and commands of bs_match became numbers (BinSegment, BinMatch), their
///    flags a bit set; an alloc list became one number of words, with floats and funs in Lintel's own sizes;
///  - typed registers keep their type as an index into Module::types.

#include <cstdint>

#include "base/assert.h"

namespace lintel {

/// External opcodes by name.
enum class Genop : uint8_t {
#define GENOP(number, name, arity, signature, since, flags) name = number,
#include "loader/genop.def"
#undef GENOP
};

namespace ir {

enum class OperandKind : uint8_t {
    x = 0,          ///< X register number; bits 10.. of the value: type index + 1, or 0
    y = 1,          ///< Y register number; likewise
    f = 2,          ///< float register number
    label = 3,      ///< label number; 0: no label (raise instead of jump)
    unsigned_ = 4,  ///< plain number
    small = 5,      ///< integer, 28 bits signed
    atom = 6,       ///< index into Module::atoms
    nil = 7,
    literal = 8,  ///< index into Module::literals
    list = 9,     ///< number of operand words that follow
    alloc = 10,   ///< heap words to reserve, in this VM's object sizes
};

struct Operand {
    uint32_t bits;

    static constexpr uint32_t kMaxValue = (1u << 28) - 1;
    static constexpr int32_t kSmallMax = (1 << 27) - 1;
    static constexpr int32_t kSmallMin = -(1 << 27);
    static constexpr uint32_t kRegisterBits = 10;

    static constexpr Operand make(OperandKind k, uint32_t value) { return {(value << 4) | static_cast<uint32_t>(k)}; }
    static constexpr Operand reg(OperandKind k, uint32_t number, uint32_t type_plus_1 = 0) {
        return make(k, number | type_plus_1 << kRegisterBits);
    }
    constexpr OperandKind kind() const { return static_cast<OperandKind>(bits & 15); }
    constexpr uint32_t value() const { return bits >> 4; }
    constexpr int32_t small() const { return static_cast<int32_t>(bits) >> 4; }
    constexpr bool is_register() const { return kind() == OperandKind::x || kind() == OperandKind::y; }
    /// Register number of an x or y operand.
    constexpr uint32_t reg() const { return value() & ((1u << kRegisterBits) - 1); }
    /// Index into Module::types plus 1; 0: nothing known.
    constexpr uint32_t type_plus_1() const { return value() >> kRegisterBits; }
    constexpr bool operator==(const Operand&) const = default;
};

/// What a segment of bs_create_bin is made of (loader/genop.def, letter B).
enum class BinSegment : uint8_t {
    integer,
    float_,
    binary,
    string,  ///< bytes of Module::strings
    utf8,
    utf16,
    utf32,
    append,          ///< bit string to append to, first segment
    private_append,  ///< likewise; nobody else refers to it
};

/// Commands of bs_match (loader/genop.def, letter M).
enum class BinMatch : uint8_t { ensure_at_least, ensure_exactly, integer, binary, equal, skip, get_tail };

/// Field flags of all bit syntax instructions.
inline constexpr uint32_t kBinLittle = 2;
inline constexpr uint32_t kBinSigned = 4;
inline constexpr uint32_t kBinNative = 16;

/// An instruction in the stream. Valid as long as the module's code.
class Instruction {
public:
    explicit Instruction(const uint32_t* words) : words_(words) {}
    Genop op() const { return static_cast<Genop>(words_[0] & 0xff); }
    uint32_t operand_words() const { return (words_[0] & ~kCheckBit) >> 8; }
    /// Set by the verifier where it could not prove the type that the instruction relies on: the engine must test it.
    bool needs_check() const { return (words_[0] & kCheckBit) != 0; }
    static constexpr uint32_t kCheckBit = 1u << 31;
    /// Operand word `i`. For fixed operands before any list this is the i-th operand.
    Operand operator[](uint32_t i) const {
        LINTEL_ASSERT(i < operand_words());
        return {words_[1 + i]};
    }
    const uint32_t* words() const { return words_; }
    Instruction next() const { return Instruction(words_ + 1 + operand_words()); }
    static constexpr uint32_t head(Genop op, uint32_t operand_words) {
        return static_cast<uint32_t>(op) | operand_words << 8;
    }

private:
    const uint32_t* words_;
};

}  // namespace ir
}  // namespace lintel
