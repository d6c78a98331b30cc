#pragma once
/// Patience: an end for walks of terms that have none. A term of a hundred words, most of which refer to the same parts, can be larger than memory for who
/// walks it without regard to that, as comparing, hashing, copying and encoding do. Such a walk asks now and then whether it may go on; if not it
/// stops with whatever result, since its process ends at the end of its slice and will not see it.

#include <cstddef>
#include <cstdint>

#include "base/assert.h"

namespace lintel {

struct Patience {
    static constexpr uint32_t kSteps = 1 << 18;  ///< between two questions: milliseconds
    uint32_t left = kSteps;
    bool is_over = false;                  ///< until it is taken back
    bool (*ask)(void* context) = nullptr;  ///< whether walks may go on; nullptr: always
    void* context = nullptr;
};
/// Of the calling thread.
inline thread_local Patience walk_patience;

/// walk_patience.left is used up.
bool is_patient();

/// False: the walk is to stop. Called at each step.
inline bool may_walk_on() { return LINTEL_LIKELY(--walk_patience.left != 0) || is_patient(); }

/// What flat_size says of a term that it gave up: nobody has memory for it.
inline constexpr size_t kEndlessWords = SIZE_MAX / 64;

}  // namespace lintel
