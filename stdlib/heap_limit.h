#pragma once
/// Options that spawn_opt and process_flag share, and bounds of what a VM is given for all processes, when it is made or by system_flag.

#include "sched/process.h"

namespace lintel {

/// Value of max_heap_size: words, or a map. What it does not tell stays as it was in *out: at first the VM's default. False: neither.
bool parse_max_heap_size(Term t, MaxHeapSize* out);
bool parse_priority(Term t, Priority* out);
/// #{size => …, kill => …, error_logger => …}
Term max_heap_size_map(ExecState& p, const MaxHeapSize& limit);
Term priority_atom(Priority priority);
inline constexpr int64_t kShownMinBinVheapWords = 46422;
/// Largest min_heap_size and min_bin_vheap_size of a VM.
inline constexpr int64_t kMaxMinHeapWords = 1 << 30;
inline constexpr int64_t kMaxOutstandingRequests = (1 << 27) - 1;

/// The least size of OTP's series of heap sizes (erlang:system_info(heap_sizes)) at or above `words`: each is the sum of the two before
/// plus one, from 833,026 on a fifth more than the one before.
constexpr size_t next_listed_heap_size(size_t words) {
    constexpr size_t kLastSum = 833026;
    size_t before = 12, size = 38;
    if (words <= before) return before;
    while (size < words) {
        const size_t next = size < kLastSum ? before + size + 1 : size + size / 5;
        before = size;
        size = next;
    }
    return size;
}
/// min_heap_size as a process is given it that asks for `words`.
constexpr size_t granted_min_heap(size_t words) {
    return next_listed_heap_size(
        words < static_cast<size_t>(kShownMinHeapWords) ? static_cast<size_t>(kShownMinHeapWords) : words);
}
/// min_bin_vheap_size as a process is given it.
constexpr size_t granted_min_bin_vheap(size_t words) {
    return next_listed_heap_size(
        words < static_cast<size_t>(kShownMinBinVheapWords) ? static_cast<size_t>(kShownMinBinVheapWords) : words);
}
/// What is kept, 0 for OTP's default, as Erlang sees it.
inline Term shown_min_heap(uint32_t kept) { return Term::small(kept != 0 ? kept : kShownMinHeapWords); }
inline Term shown_min_bin_vheap(uint32_t kept) { return Term::small(kept != 0 ? kept : kShownMinBinVheapWords); }

}  // namespace lintel
