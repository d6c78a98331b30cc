#pragma once
/// Stress switches: they make rare paths the usual ones, so that ordinary tests find what is wrong with them. In debug builds only;
/// a release build compiles the questions away. CONTRIBUTING.md tells how to run the tests with them.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "gc/heap_check.h"

namespace lintel {

#ifdef NDEBUG
inline constexpr bool kStressBuild = false;
#else
inline constexpr bool kStressBuild = true;
#endif

/// Which switches are on. A VM's configuration has one, each process a copy.
struct Stress {
    uint16_t gc = 0;      ///< collect at every so-manieth safepoint; 0: when there is need
    bool paced = false;   ///< with gc: a collection that had much to do is followed by a longer interval (`pace`)
    uint16_t reds = 0;    ///< slices of 1 to so many reductions; 0: of kSliceReductions
    bool major = false;   ///< every collection is a major one
    bool frag = false;    ///< whatever is reserved comes in a fragment of its own
    bool budget = false;  ///< Budget allows a tenth
    bool holes =
        false;          ///< free words are painted; collections check that every word they kept is one that was written
    bool regs = false;  ///< X registers that are not live are painted by collections
    uint32_t wait = 0;  ///< safepoints that `gc` lets pass before its next collection
    uint32_t seed = 1;  ///< of the intervals' lengths
    size_t credit = 0;  ///< words that the next check may go through

    /// Whether `gc` wants a collection at this safepoint.
    bool collect_here() {
        if constexpr (!kStressBuild) return false;
        if (gc == 0) return false;
        if (wait != 0) {
            --wait;
            return false;
        }
        wait = gc - 1u;
        return true;
    }

    /// A collection went through `words`. Where `paced`, the next comes after a number of safepoints in proportion, so that each
    /// safepoint costs kPacedWords in the mean, however large the heap: the numbers differ, so that each safepoint of a loop has its turn.
    void pace(size_t words) {
        if (!paced || words < kPacedWords) return;
        seed = seed * 1103515245u + 12345u;
        const size_t mean = words / kPacedWords;
        wait = static_cast<uint32_t>(std::min<size_t>((seed >> 16) % (2 * mean), UINT16_MAX));
    }
    static constexpr size_t kPacedWords = 256;

    /// Whether this collection may go through all `words` of the heap to check it: likewise not each time where `paced`.
    bool check_now(size_t words) {
        credit += kPacedWords;
        if (paced && credit < words) return false;
        credit = 0;
        return true;
    }

    /// Reads a list of switches, `gc=3,frag,reds=1`, of numbers up to 9999. False: it is none, or names a switch that there is not.
    /// `gc` without a number is every safepoint, paced; `gc=1` every safepoint, however large the heap.
    static bool parse(std::string_view text, Stress* out);
};

}  // namespace lintel
