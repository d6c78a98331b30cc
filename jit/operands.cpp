#include "jit/operands.h"

#include "vm/runtime_bs.h"

namespace lintel::jit {

bool is_short_append(const ops::bs_create_bin& op) {
    const Word* words = ops::rest(op);
    uint64_t bits = 0;
    for (unsigned k = 0; k < op.count && bits <= 64; ++k, words += 3) {
        const auto type = static_cast<ir::BinSegment>(words[0] & 0xff);
        if (k == 0) {
            if (type != ir::BinSegment::append && type != ir::BinSegment::private_append) return false;
        } else if (type == ir::BinSegment::string) {
            if (words[2] > 8) return false;
            bits += 8 * words[2];
        } else {
            const bool is_little = bs_is_little(static_cast<uint8_t>(words[0] >> 24));
            if (type != ir::BinSegment::integer || is_little || !is_small_constant(words[2])) return false;
            const int64_t size = Term(words[2]).to_small();
            if (size < 0 || size > 64) return false;
            bits += static_cast<uint64_t>(size) * static_cast<uint16_t>(words[0] >> 32);
        }
    }
    return bits > 0 && bits <= 64;
}

}  // namespace lintel::jit
