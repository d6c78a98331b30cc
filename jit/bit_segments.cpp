#include "jit/bit_segments.h"

#include <algorithm>

#include "vm/bit_access.h"
#include "vm/runtime_bs.h"

namespace lintel::jit {

namespace {

/// As an operation has it: three words.
struct Given {
    ir::BinSegment type;
    uint16_t unit;
    uint8_t flags;
    Word value, size;
};

Given given(const Word* words) {
    return {static_cast<ir::BinSegment>(words[0] & 0xff), static_cast<uint16_t>(words[0] >> 32),
            static_cast<uint8_t>(words[0] >> 24), words[1], words[2]};
}

bool add(BitSegments& all, const BitSegment& segment) {
    if (all.count == BitSegments::kMost) return false;
    all.segments[all.count++] = segment;
    all.bits += segment.bits;
    return all.bits <= 8 * kMaxHeapBinaryBytes;
}

bool add_string(BitSegments& all, const uint8_t* bytes, size_t count) {
    for (size_t at = 0; at < count; at += 8) {
        const auto n = static_cast<unsigned>(std::min<size_t>(count - at, 8));
        if (!add(all, {.bits = 8 * n, .value = load_bytes(bytes + at, n)})) return false;
    }
    return true;
}

bool add_given(BitSegments& all, const Given& g) {
    if (g.type == ir::BinSegment::string) return add_string(all, reinterpret_cast<const uint8_t*>(g.value), g.size);
    if (!is_small_constant(g.size) || Term(g.size).to_small() < 0 || Term(g.size).to_small() > 64) return false;
    const auto bits = static_cast<unsigned>(Term(g.size).to_small()) * g.unit;
    if (bits > 64) return false;
    const bool is_little = bs_is_little(g.flags) && bits > 8;
    if (g.type == ir::BinSegment::float_) {
        return bits == 64 && !is_constant(g.value) &&
               add(all, {.kind = BitSegment::Kind::float_64, .is_little = is_little, .bits = bits, .value = g.value});
    }
    if (g.type != ir::BinSegment::integer || (is_little && bits % 8 != 0)) return false;
    if (!is_constant(g.value))
        return add(all, {.kind = BitSegment::Kind::integer, .is_little = is_little, .bits = bits, .value = g.value});
    if (!is_small_constant(g.value) || bits == 0) return false;
    Word value = static_cast<Word>(Term(g.value).to_small()) & low_bits_mask(bits);
    if (is_little) value = __builtin_bswap64(value) >> (64 - bits);
    return add(all, {.bits = bits, .value = value});
}

}  // namespace

BitSegments known_segments(const ops::bs_create_bin& op) {
    BitSegments all;
    const Word* words = ops::rest(op);
    unsigned k = 0;
    if (const Given first = given(words);
        op.count != 0 && (first.type == ir::BinSegment::append || first.type == ir::BinSegment::private_append)) {
        all.is_append = true;
        all.is_private = first.type == ir::BinSegment::private_append;
        all.old = first.value;
        all.unit = first.unit;
        k = 1;
    }
    if (const Given next = given(words + 3); k == 1 && op.count == 2 && next.type == ir::BinSegment::utf8) {
        all.is_utf8 = true;
        all.count = 1;
        all.segments[0].value = next.value;
        return all;
    }
    bool is_known = true;
    for (; is_known && k < op.count; ++k) is_known = add_given(all, given(words + 3 * k));
    // What does not end at a byte is appended in one number, or by others.
    if (!is_known || all.bits == 0 || (all.bits % 8 != 0 && !(all.is_append && all.bits <= 64))) all.count = 0;
    return all;
}

}  // namespace lintel::jit
