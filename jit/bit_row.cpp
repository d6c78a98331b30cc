#include "jit/bit_row.h"

#include "vm/bit_access.h"
#include "vm/lower.h"
#include "vm/runtime_bs.h"

namespace lintel::jit {

namespace {

constexpr uint32_t kMostRowBits = 1u << 24;

template <typename T>
const T& as(const Word* at) {
    return *reinterpret_cast<const T*>(at);
}

template <typename T>
BitField unsigned_field(const T& op, uint32_t bits) {
    return {.kind = BitField::Kind::integer, .bits = bits, .to = place_of(op.to)};
}

}  // namespace

bool may_begin_bit_row(Op op) {
    switch (op) {
        case Op::bs_ensure_at_least:
        case Op::bs_ensure_exactly:
        case Op::bs_get_u8:
        case Op::bs_get_u16:
        case Op::bs_get_u32:
        case Op::bs_get_integer_fixed:
        case Op::bs_skip_fixed:
        case Op::bs_match_string: return true;
        default: return false;
    }
}

void BitRowFinder::note_operation() {
    ++row_.count;
    ++operation_;
    if (row_.field_count == 0) return;
    if (reads_ && may_be_bytes_ && row_.bits % 8 == 0) {
        best_ = row_;
        best_.is_bytes = true;
    } else if (may_be_unaligned_) {
        best_ = row_;
    }
}

template <typename T>
bool BitRowFinder::add_test(const T& op, BitRow::Test test, uint16_t unit) {
    if (row_.count != 0 || op.fail == 0 || op.bits > kMostRowBits) return false;
    row_.context = op.context;
    row_.fail = op.fail;
    row_.test = test;
    row_.tested_bits = op.bits;
    row_.unit = unit;
    note_operation();
    return true;
}

template <typename T>
bool BitRowFinder::add_field(const T& op, BitField field) {
    if (op.fail == 0) return false;
    if (row_.count == 0) {
        row_.context = op.context;
        row_.fail = op.fail;
    }
    if (op.context != row_.context || row_.field_count == BitRow::kMost || field.bits > kMostRowBits - row_.bits)
        return false;
    field.first = row_.bits;
    if (row_.test != BitRow::Test::enough && field.end() > row_.tested_bits) return false;
    if (field.kind != BitField::Kind::skip) {
        const bool is_whole = field.first % 8 == 0 && field.bits % 8 == 0;
        const bool is_in_word = field.first % 8 + field.bits <= 64;
        may_be_bytes_ = may_be_bytes_ && (is_whole ? !field.is_little || field.bits <= 32
                                                   : is_in_word && !field.is_little && field.bits < 60);
        may_be_unaligned_ = may_be_unaligned_ && field.bits <= kMostUnalignedBits && !field.is_little;
        if (!may_be_bytes_ && !may_be_unaligned_) return false;
        reads_ = true;
    }
    row_.fields[row_.field_count++] = field;
    row_.bits += field.bits;
    is_over_ = field.kind == BitField::Kind::integer && field.to == place_of(op.context);
    if (row_.test == BitRow::Test::enough) row_.tested_bits = row_.bits;
    note_operation();
    return true;
}

bool BitRowFinder::add(const LoweredOp& o, const Word* at) {
    if (is_over_) return false;
    switch (o.op) {
        case Op::bs_ensure_at_least: {
            const auto& op = as<ops::bs_ensure_at_least>(at);
            return (op.unit & (op.unit - 1)) == 0 && add_test(op, BitRow::Test::least, op.unit);
        }
        case Op::bs_ensure_exactly: {
            const auto& op = as<ops::bs_ensure_exactly>(at);
            return add_test(op, BitRow::Test::exactly, 1);
        }
        case Op::bs_get_u8: {
            const auto& op = as<ops::bs_get_u8>(at);
            return add_field(op, unsigned_field(op, 8));
        }
        case Op::bs_get_u16: {
            const auto& op = as<ops::bs_get_u16>(at);
            return add_field(op, unsigned_field(op, 16));
        }
        case Op::bs_get_u32: {
            const auto& op = as<ops::bs_get_u32>(at);
            return add_field(op, unsigned_field(op, 32));
        }
        case Op::bs_get_integer_fixed: {
            const auto& op = as<ops::bs_get_integer_fixed>(at);
            if (op.bits == 0 || bs_get_integer_words(op.bits) != 0) return false;
            BitField field = unsigned_field(op, op.bits);
            field.is_signed = (op.flags & kBsSigned) != 0;
            field.is_little = op.bits > 8 && bs_is_little(op.flags);
            return add_field(op, field);
        }
        case Op::bs_skip_fixed: {
            const auto& op = as<ops::bs_skip_fixed>(at);
            return add_field(op, {.kind = BitField::Kind::skip, .bits = op.bits});
        }
        case Op::bs_match_string: {
            const auto& op = as<ops::bs_match_string>(at);
            if (op.bits == 0 || op.bits > 64) return false;
            const uint64_t value = read_bits(reinterpret_cast<const uint8_t*>(op.string), 0, op.bits);
            return add_field(op, {.kind = BitField::Kind::equal,
                                  .bits = op.bits,
                                  .value = value,
                                  .operation = operation_,
                                  .fail = op.fail,
                                  .position_other = row_.bits});
        }
        case Op::is_eq_exact: return make_equal(as<ops::is_eq_exact>(at));
        default: return false;
    }
}

/// An `equal` command of bs_match: the value has gone to a register that nobody else reads.
bool BitRowFinder::make_equal(const ops::is_eq_exact& op) {
    if (row_.field_count == 0 || op.fail == 0) return false;
    BitField& last = row_.fields[row_.field_count - 1];
    const Place scratch = x_place(kScratchX * kWordBytes);
    if (last.kind != BitField::Kind::integer || last.to != scratch || last.is_signed || last.is_little) return false;
    if (!names(op.a, scratch) || !is_small_constant(op.b)) return false;
    const int64_t value = Term(op.b).to_small();
    if (value < 0 || (static_cast<uint64_t>(value) & ~low_bits_mask(last.bits)) != 0) return false;
    last.kind = BitField::Kind::equal;
    last.value = static_cast<uint64_t>(value);
    last.operation = operation_;
    last.fail = op.fail;
    last.position_other = last.end();
    note_operation();
    return true;
}

}  // namespace lintel::jit
