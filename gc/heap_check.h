#pragma once
/// Checks of a whole heap, for debugging: is every word that the collector kept one that somebody wrote?

#include <span>

#include "gc/collector.h"

namespace lintel {

/// What free words hold while holes are looked for: no word of a term, no pointer, no header.
inline constexpr Word kPaintedWord = 0xdbdbdbdbdbdbdbdb;

/// Fills words that belong to nobody.
void paint_words(Word* begin, const Word* end);

/// Walks young and old block, stack and `roots` directly after a collection. Ends the program with a line that says where, if
/// a word was never written, is no term, or refers to where it must not: outside the heap and the literals, or from the
/// old block into the young one.
void check_heap(const Heap& heap, const LiteralSpace& literals, std::span<const RootSpan> roots);

}  // namespace lintel
