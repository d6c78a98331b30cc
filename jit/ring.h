#pragma once
/// Chains of arithmetic that end in a mask: what is between need not be made. Private to jit/.

#include "jit/operands.h"
#include "vm/native_code.h"

namespace lintel::jit {

/// An operation on integers whose result's low 64 bits depend on those of its operands only.
struct RingOperation {
    enum class Kind : uint8_t { none, add, sub, mul, band, bor, bxor, bsl } kind = Kind::none;
    Word a = 0, b = 0;
    Place to{};
};

/// The low 64 bits of an integer in the code; false: it is none.
bool low_bits(Word source, uint64_t* bits);

/// Operations that make one result, each of that of the one before, and end in a mask.
struct RingChain {
    static constexpr size_t kMost = 8;
    RingOperation operations[kMost];
    size_t count = 0;   ///< 0: it is none
    uint64_t mask = 0;  ///< the result has no other bits
};

/// The longest chain from operation `first` on that makes large numbers between. `is_target`: whether something jumps to a word of the block.
template <typename F>
RingChain find_chain(const CodeBlock& block, const std::vector<LoweredOp>& operations, size_t first, F is_target);

RingOperation ring_operation(const LoweredOp& o, const Word* at);
/// The mask, if the operation is one of a number below 2^64 that is not negative.
bool is_mask(const RingOperation& o, uint64_t* mask);
/// Whether the operation's operands can be taken modulo 2^64.
bool has_low_bits(const RingOperation& o);

template <typename F>
RingChain find_chain(const CodeBlock& block, const std::vector<LoweredOp>& operations, size_t first, F is_target) {
    using Kind = RingOperation::Kind;
    RingChain chain;
    bool is_large = false;
    for (size_t k = 0; k < RingChain::kMost && first + k < operations.size(); ++k) {
        const LoweredOp& lowered = operations[first + k];
        const RingOperation o = ring_operation(lowered, block.code() + lowered.at);
        if (o.kind == Kind::none || (k > 0 && is_target(lowered.at)) || !has_low_bits(o)) break;
        if (k > 0) {
            const Place last = chain.operations[k - 1].to;
            if ((!names(o.a, last) && !names(o.b, last)) || o.to != last) break;
        }
        is_large = is_large || o.kind == Kind::mul || o.kind == Kind::bsl;
        chain.operations[k] = o;
        if (is_mask(o, &chain.mask)) chain.count = k + 1;
    }
    if (chain.count < 2 || !is_large) chain.count = 0;
    return chain;
}

}  // namespace lintel::jit
