#pragma once
/// Fields that are read from a bit string one behind the other: one test of what is left of it, one step of the position. Private to jit/.

#include "jit/operands.h"
#include "vm/native_code.h"

namespace lintel::jit {

struct BitField {
    enum class Kind : uint8_t {
        integer,  ///< a small integer in any case
        skip,
        equal,  ///< the bits must be `value`
    } kind = Kind::skip;
    bool is_little = false;  ///< integer, of whole bytes that begin at one of the row's
    bool is_signed = false;  ///< integer
    uint32_t first = 0;      ///< bit, counted from where the row begins
    uint32_t bits = 0;
    uint64_t value = 0;
    Place to{};  ///< of an integer
    /// Where it goes if the bits are not `value`: the operation and its label, and where the context is then, counted from where the row begins.
    size_t operation = 0;
    int32_t fail = 0;
    uint32_t position_other = 0;

    uint32_t end() const { return first + bits; }
};

/// How the size of a part of a bit string is given.
enum class PartSize : uint8_t {
    constant,     ///< in bits
    of_register,  ///< in units
    all,          ///< of what is left, whole units
    tail,         ///< of what is left, where the position stays
};
/// Of parts whose positions are counted without a thought of overflow.
inline constexpr uint64_t kMostPartBits = uint64_t{1} << 30;

/// Operations on one context, none of which but the first may be jumped to.
struct BitRow {
    static constexpr size_t kMost = 16;
    enum class Test : uint8_t {
        enough,   ///< for the row's bits
        least,    ///< bs_ensure_at_least, which is the first operation
        exactly,  ///< bs_ensure_exactly, likewise
    };

    ops::Reg context{};
    size_t count = 0;  ///< of operations; 0: it is none
    int32_t fail = 0;  ///< label of the first
    Test test = Test::enough;
    uint32_t tested_bits = 0;
    uint16_t unit = 1;  ///< of what is left behind tested_bits; with Test::least
    uint32_t bits = 0;
    /// It reads, and ends at a byte if it begins at one, which it is taken to do: others are read operation by operation. Else it may begin at any
    /// bit.
    bool is_bytes = false;
    size_t field_count = 0;
    BitField fields[kMost];
};

/// Integers of so many bits at any position can be read with one byte more than they fill.
inline constexpr uint32_t kMostUnalignedBits = 56;

/// Whether it is worth while to look for one.
bool may_begin_bit_row(Op op);
/// The longest row from operation `first` on. `is_target`: whether something jumps to a word of the block.
template <typename F>
BitRow find_bit_row(const CodeBlock& block, const std::vector<LoweredOp>& operations, size_t first, F is_target);

/// Collects a row's operations.
class BitRowFinder {
public:
    explicit BitRowFinder(size_t first) : operation_(first) {}
    /// False: the row ends before this operation.
    bool add(const LoweredOp& o, const Word* at);
    /// The longest that can be read in one way.
    BitRow row() const { return best_; }

private:
    template <typename T>
    bool add_field(const T& op, BitField field);
    template <typename T>
    bool add_test(const T& op, BitRow::Test test, uint16_t unit);
    bool make_equal(const ops::is_eq_exact& op);
    void note_operation();

    BitRow row_, best_;
    size_t operation_;
    bool may_be_bytes_ = true, may_be_unaligned_ = true;
    bool reads_ = false;
    bool is_over_ = false;  ///< the context is gone
};

template <typename F>
BitRow find_bit_row(const CodeBlock& block, const std::vector<LoweredOp>& operations, size_t first, F is_target) {
    BitRowFinder finder(first);
    for (size_t k = first; k < operations.size(); ++k) {
        const LoweredOp& o = operations[k];
        if ((k != first && is_target(o.at)) || !finder.add(o, block.code() + o.at)) break;
    }
    return finder.row();
}

}  // namespace lintel::jit
