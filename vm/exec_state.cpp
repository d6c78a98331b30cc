#include "vm/exec_state.h"

#include <algorithm>
#include <cstring>

#include "base/memory_account.h"
#include "gc/heap_check.h"
#include "term/atom.h"

namespace lintel {

namespace {

#ifdef NDEBUG
/// Least size of a fragment: a BIF that builds its result in steps gets neighbours.
constexpr size_t kSmallestFragment = 28;
#else
/// Exact sizes, so that writing beyond a reservation shows.
constexpr size_t kSmallestFragment = 0;
#endif

}  // namespace

void out_of_memory(ExecState&, size_t words) { stop_without_memory(words * kWordBytes); }

HeapFragment* ExecState::new_fragment(size_t words) {
    HeapFragment* fragment = heap.fragments;
    // Room that an earlier builder gave back. One that is still in use has taken everything.
    const bool split = kStressBuild && stress.frag;
    if (fragment != nullptr && !split && static_cast<size_t>(fragment->end - fragment->top) >= words) return fragment;
    fragment = HeapFragment::create(std::max(words, kSmallestFragment));
    if (LINTEL_UNLIKELY(fragment == nullptr)) {
        const MemoryReserve reserve;
        fragment = HeapFragment::create(std::max(words, kSmallestFragment));
        if (fragment == nullptr) out_of_memory(*this, words);
        no_memory = true;
        collect_on_return = true;
    }
    if (kStressBuild && stress.holes) paint_words(fragment->top, fragment->end);
    adopt_fragment(fragment);
    return fragment;
}

void ExecState::adopt_fragment(HeapFragment* fragment) {
    if (heap.fragments != nullptr) heap.fragment_binary_bytes += heap.fragments->off_heap.bytes;
    fragment->next = heap.fragments;
    heap.fragments = fragment;
    heap.fragment_words += static_cast<size_t>(fragment->end - fragment->begin());
    if (heap.fragment_words > heap.block_words() + kFragmentSlackWords ||
        heap.fragment_binary_bytes + heap.off_heap.bytes + fragment->off_heap.bytes > binary_limit) {
        collect_on_return = true;
    }
}

Term ExecState::badarg() { return error(am::badarg()); }
Term ExecState::badarith() { return error(am::badarith()); }
Term ExecState::system_limit() { return error(am::system_limit()); }
Term ExecState::notsup() { return error(am::notsup()); }

Term ExecState::error_tuple(Term tag, Term value) {
    HeapBuilder builder = reserve(tuple_words(2));
    return error(builder.tuple(tag, value));
}

Term ExecState::badarg_because(Term cause) {
    // #{cause => Cause}: a flat map of one pair.
    HeapBuilder builder = reserve(tuple_words(1) + 3);
    const Term keys = builder.tuple(am::cause());
    Word* map = builder.raw(3);
    map[0] = make_header(Kind::map_flat, 2);
    map[1] = keys.word();
    map[2] = cause.word();
    error(am::badarg());
    error_info = Term::boxed(map);
    return Term::none();
}

Term ExecState::trap(const ExportEntry* target, std::span<const Term> args) {
    LINTEL_ASSERT(args.size() == target->arity);
    // The arguments may themselves lie in the X registers, in another order of places.
    if (!args.empty()) std::memmove(registers->x, args.data(), args.size_bytes());
    trap_target = target;
    pending = Pending::trap;
    return Term::none();
}

Term ExecState::trap(const ExportEntry* target, std::initializer_list<Term> args) {
    return trap(target, std::span<const Term>(args.begin(), args.size()));
}

}  // namespace lintel
