#pragma once

#include <cstdint>
#include <iterator>
#include <utility>

namespace lintel {

/// Pairs of small integers that have the same internal_hash.
inline constexpr std::pair<int64_t, int64_t> kSameHash[] = {{40660, 59671},   {22575, 119693}, {121236, 167527},
                                                            {169647, 178740}, {29879, 217607}, {204923, 232672}};

}  // namespace lintel
