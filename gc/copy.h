#pragma once
/// Copies of whole terms from one area to another: messages, spawn arguments, ETS objects, literals.

#include "base/patience.h"
#include "gc/heap_builder.h"
#include "gc/literal_space.h"

namespace lintel {

/// Words that copy_term needs for `t`. Sharing is not kept (erts_debug:flat_size/1): a term that is reached twice
/// counts twice. Constant stack. Terms inside `shared` (if given) are referred to, not copied, and cost nothing.
///
/// Walks::endable: kEndlessWords if the walk was given up. Only for who asks for so much memory in a way that can fail.
size_t flat_size(Term t, const LiteralSpace* shared, Walks walks = Walks::whole);

/// Copies `t` into `heap` (flat_size(t, shared) words). Binaries outside the heap gain a reference. Constant stack.
/// A sub_binary of at most 64 bytes is copied as a heap_binary (and, unless whole bytes, a sub_binary of that); a longer one
/// with a handle to the same data.
Term copy_term(Term t, HeapBuilder& heap, const LiteralSpace* shared);

/// As copy_term, of a term that is in `block` with all that it refers to but literals, and with nothing off the heap: the words are
/// moved together, and what refers to one of them is adjusted. block.size() words.
Term copy_block(Term t, std::span<const Word> block, HeapBuilder& heap);

/// Sets *copy to a copy of `t` in a new fragment and returns the fragment. An immediate or shared term needs none: *copy is
/// `t`, the result nullptr. Out of memory, or given up: *copy is the non-value.
HeapFragment* copy_to_fragment(Term t, Term* copy, const LiteralSpace* shared);

}  // namespace lintel
