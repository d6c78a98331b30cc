#pragma once
/// Options that spawn_opt and process_flag share.

#include "sched/process.h"

namespace lintel {

/// Value of max_heap_size: words, or a map. False: neither.
bool parse_max_heap_size(Term t, MaxHeapSize* out);
bool parse_priority(Term t, Priority* out);
/// #{size => …, kill => …, error_logger => …}
Term max_heap_size_map(ExecState& p, const MaxHeapSize& limit);
Term priority_atom(Priority priority);
/// min_heap_size of a process that did not ask for one, as OTP has it.
inline constexpr int64_t kShownMinHeapWords = 233;
inline constexpr int64_t kShownMinBinVheapWords = 46422;

}  // namespace lintel
