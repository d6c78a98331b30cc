#pragma once
/// Which operations are run together: the FUSED rows of vm/ops.def as a table for lowering. Private to vm/.

#include <algorithm>
#include <array>

#include "vm/ops.h"

namespace lintel {

inline constexpr size_t kMaxFused = 6;

struct FusedRow {
    std::array<Op, kMaxFused> parts;  ///< Op::count behind the last
    Op op;
    constexpr size_t length() const {
        size_t n = 0;
        while (n < kMaxFused && parts[n] != Op::count) ++n;
        return n;
    }
};

/// By the first two parts, the longer ones first.
inline constexpr auto kFused = [] {
    std::array rows{
#define OP(name, fields, flags)
#define FUSED2(a, b) FusedRow{{Op::a, Op::b, Op::count, Op::count, Op::count, Op::count}, Op::a##__##b},
#define FUSED3(a, b, c) FusedRow{{Op::a, Op::b, Op::c, Op::count, Op::count, Op::count}, Op::a##__##b##__##c},
#define FUSED4(a, b, c, d) FusedRow{{Op::a, Op::b, Op::c, Op::d, Op::count, Op::count}, Op::a##__##b##__##c##__##d},
#define FUSED5(a, b, c, d, e) \
    FusedRow{{Op::a, Op::b, Op::c, Op::d, Op::e, Op::count}, Op::a##__##b##__##c##__##d##__##e},
#define FUSED6(a, b, c, d, e, f) \
    FusedRow{{Op::a, Op::b, Op::c, Op::d, Op::e, Op::f}, Op::a##__##b##__##c##__##d##__##e##__##f},
#include "vm/ops.def"
    };
    std::sort(rows.begin(), rows.end(), [](const FusedRow& a, const FusedRow& b) {
        if (a.parts[0] != b.parts[0]) return a.parts[0] < b.parts[0];
        return a.parts[1] != b.parts[1] ? a.parts[1] < b.parts[1] : a.length() > b.length();
    });
    return rows;
}();

/// By operation: its first row in kFused; the rows end where the next operation's begin.
inline constexpr auto kFusedFrom = [] {
    std::array<uint16_t, static_cast<size_t>(Op::count) + 1> from{};
    size_t row = 0;
    for (size_t op = 0; op < from.size(); ++op) {
        while (row < kFused.size() && static_cast<size_t>(kFused[row].parts[0]) < op) ++row;
        from[op] = static_cast<uint16_t>(row);
    }
    return from;
}();

/// The longest fused operation that `ops`, the next `count` ones, begin with; Op::count if there is none.
inline Op fused_at(const Op* ops, size_t count) {
    if (count < 2) return Op::count;
    const auto first = static_cast<size_t>(ops[0]);
    const auto end = kFused.begin() + kFusedFrom[first + 1];
    auto row = std::lower_bound(kFused.begin() + kFusedFrom[first], end, ops[1],
                                [](const FusedRow& r, Op second) { return r.parts[1] < second; });
    for (; row != end && row->parts[1] == ops[1]; ++row) {
        const size_t n = row->length();
        if (n <= count && std::equal(ops + 2, ops + n, row->parts.begin() + 2)) return row->op;
    }
    return Op::count;
}

}  // namespace lintel
