#pragma once
/// An end for walks of terms that have none. A term of a hundred words, most of which refer to the same parts, can be larger than memory for who
/// walks it without regard to that, as comparing, hashing, copying and encoding do. A walk that has lasted asks now and then whether it may go
/// on. If not it gives up, with a result that means nothing: its process ends with its slice, which is cut short. Short walks never give up.

#include <csetjmp>
#include <cstddef>
#include <cstdint>

#include "base/assert.h"

namespace lintel {

/// Whether a walk may give up: only where whatever it then results in does no harm. Others go on to the end of the term.
enum class Walks : uint8_t { whole, endable };

/// Who is asked on the calling thread.
struct Patience {
    bool (*may_go_on)(void* context) = nullptr;  ///< nullptr: always
    void* context = nullptr;
    bool has_ended = false;  ///< a walk has been given up
    /// To where the slice ends at once; nullptr: to nowhere. Only code that owns nothing goes there: nothing is destroyed on the way.
    std::jmp_buf* way_out = nullptr;
};
inline thread_local Patience walk_patience;

/// For instructions: what follows from a walk that was given up must not happen. Does not return if there is a way out.
void leave_slice();
inline void leave_ended_slice() {
    if (LINTEL_UNLIKELY(walk_patience.has_ended)) leave_slice();
}

/// One walk of a term.
class Walk {
public:
    static constexpr uint32_t kSteps = 1 << 18;  ///< between two questions: milliseconds
    /// When another one has been given up: a native that makes many of them ends soon.
    static constexpr uint32_t kLastSteps = 1 << 8;

    /// `steps`: between two questions.
    explicit Walk(Walks walks = Walks::endable, uint32_t steps = kSteps)
        : left_(walk_patience.has_ended && steps > kLastSteps ? kLastSteps : steps), steps_(steps), walks_(walks) {}
    /// False: the walk is to give up. Called at each step.
    bool may_go_on() { return LINTEL_LIKELY(--left_ != 0) || ask(); }

private:
    bool ask();

    uint32_t left_;
    uint32_t steps_;
    Walks walks_;
};

/// What flat_size says of a term that it gave up: nobody has memory for it, nor for a few of them.
inline constexpr size_t kEndlessWords = SIZE_MAX / 64;

}  // namespace lintel
