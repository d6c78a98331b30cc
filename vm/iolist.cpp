#include "vm/iolist.h"

#include "vm/bit_access.h"
#include "vm/runtime_bs_p.h"

namespace lintel {

IoListStatus iolist_bits(Term t, IoListItems items, size_t* bits) {
    size_t total = 0;
    bool fits = true;
    const auto byte = [&](uint8_t) {
        total += 8;
        return true;
    };
    const auto run = [&](BitsView v, Term) {
        total += v.size;
        fits = total <= kMaxBitStringBits;
        return fits;
    };
    const bool ok = items == IoListItems::bytes ? walk_iolist<IoListItems::bytes>(t, byte, run)
                                                : walk_iolist<IoListItems::bits>(t, byte, run);
    *bits = total;
    if (!fits || total > kMaxBitStringBits) return IoListStatus::too_large;
    return ok ? IoListStatus::ok : IoListStatus::bad;
}

void iolist_write(Term t, uint8_t* to) {
    size_t position = 0;
    const auto byte = [&](uint8_t b) {
        if (LINTEL_LIKELY(position % 8 == 0)) {
            to[position / 8] = b;
        } else {
            write_bits(to, position, 8, b);
        }
        position += 8;
        return true;
    };
    const auto run = [&](BitsView v, Term item) {
        put_binary_bits(to, position, v.size, item);
        position += v.size;
        return true;
    };
    walk_iolist<IoListItems::bits, Walks::whole>(t, byte, run);
}

bool append_iolist(Term t, std::string* out) {
    return iolist_pieces(
        t, [out](const uint8_t* bytes, size_t n) { out->append(reinterpret_cast<const char*>(bytes), n); });
}

}  // namespace lintel
