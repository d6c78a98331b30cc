/// The collector.
///
/// Problem. A process makes many terms that die soon and a few that live long. Its heap is private, its terms are
/// immutable, and it may be collected only where it stands still, so the collector may move everything but must be
/// quick when little lives.
///
/// Idea. Copy what lives (Cheney 1970), in two generations. Terms are born in the young block, [start, htop). Those
/// that were there at the end of the last collection lie below high_water: they are called mature.
///
///   minor   mature terms that live go to the old block, other young ones to a new young block. Terms in the old block
///           stay and are not looked at.
///           If there is no old block yet and the mature terms are many, their block becomes the old block as it is,
///           and none of them is copied: after a major collection they are known to be worth keeping.
///   major   everything that lives goes to one new young block; there is no old block afterwards.
///
/// A moved object leaves its new address, tagged Tag::code, in its first word. Moved objects are scanned in the order
/// in which they were moved, each word that refers to from-space being renewed, until the scan meets the end of what
/// has been moved. So no stack and no marks are needed.
///
/// Invariants.
///   1. Terms only refer to terms that existed when they were made. So mature terms refer to mature, old and literal
///      terms only, and old terms to old and literal terms: there is no remembered set and no write barrier. (The
///      instructions that do write into a term, set_tuple_element and the like, do so before the next collection.)
///   2. Literals refer only to literals: they are left alone.
///   3. Fragments hold the newest terms. They refer to anything, young terms may refer into them, mature ones may not.
///      What lives in them goes to the young block, in either collection.
///   4. Every refc_binary and magic_ref is in exactly one off-heap list: off_heap for the young block, old_off_heap for
///      the old block, the fragment's own for a fragment. After moving, objects without a forwarding address are dead
///      and drop their reference; the others are linked anew where they are now. A minor collection need not look at
///      the old list.
///   5. New blocks are allocated before anything is touched, so that failing changes nothing. They can hold all there
///      is.
///
/// Sizes. A new young block is as large as the terms and the stack were together, rounded up to the series of
/// next_heap_size: in the steady state as large as the one before. When afterwards too little is free it grows, when
/// little lives it shrinks (by the thresholds that the efficiency guide implies: after a minor collection only large
/// blocks, after a major one when less than a quarter is needed), by moving the now compact block and adding the
/// distance to all words that refer to it. That is cheap where it is frequent: when little lives.
///
/// The stack lies at the end of the young block and moves with it. Return addresses (Tag::code) and catch marks are not
/// terms to move.
///
/// Not here: when to collect, and when a major collection is due (fullsweep_after, virtual binary heap): the caller
/// asks.

#include "gc/collector.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "base/pages.h"
#include "gc/evacuate_p.h"
#include "gc/heap_check.h"

namespace lintel {

namespace {

/// More words than any block can have: sums of two such numbers do not overflow.
constexpr size_t kMaxBlockWords = size_t{1} << 56;
/// After a minor collection smaller blocks than this are not worth shrinking.
constexpr size_t kShrinkMinorAbove = 3000;
constexpr size_t kShrinkMinorAlwaysAbove = 8000;
/// Where copying starts to cost more than memory.
constexpr size_t kLargeHeapWords = 8192;

Word* new_block(size_t words) {
    if (words > kMaxBlockWords) return nullptr;
    return static_cast<Word*>(allocate_block(words * kWordBytes));
}

/// Stale pointers into words that are no longer in use then lead to no terms.
void poison([[maybe_unused]] Word* begin, [[maybe_unused]] const Word* end) {
#ifndef NDEBUG
    if (begin != end) std::memset(begin, 0xdb, static_cast<size_t>(end - begin) * kWordBytes);
#endif
}

void drop_block(Word* start, const Word* end) {
    poison(start, end);
    free_block(start, static_cast<size_t>(end - start) * kWordBytes);
}

size_t used_fragment_words(const Heap& heap) {
    size_t words = 0;
    for (HeapFragment* f = heap.fragments; f != nullptr; f = f->next) words += f->used_words();
    return words;
}

/// One collection under way.
class Collection {
public:
    Collection(Heap& heap, const LiteralSpace& literals, std::span<const RootSpan> roots,
               const CollectionRequest& request)
        : heap_(heap), roots_(roots), request_(request) {
        spaces_.literals = {literals.base(), literals.bytes()};
        spaces_.young = {heap.start, heap.htop};
        spaces_.mature = {heap.start, heap.high_water};
        spaces_.old = {heap.old_start, heap.old_end};
        stack_words_ = heap.stack_words();
        young_words_ = static_cast<size_t>(heap.htop - heap.start);
        mature_words_ = static_cast<size_t>(heap.high_water - heap.start);
        old_words_ = static_cast<size_t>(heap.old_top - heap.old_start);
        fragment_words_ = used_fragment_words(heap);
        need_ = request.need_words;
    }

    CollectionResult run(CollectionStats& stats) {
        if (need_ > kMaxBlockWords) return CollectionResult::out_of_memory;
        const size_t before = young_words_ + old_words_ + fragment_words_;
        const bool major = request_.force_major || request_.shrink_to_fit || !minor_has_room();
        const CollectionResult result = major ? major_collection() : minor_collection();
        if (result != CollectionResult::done) return result;
        stats.was_major = major;
        stats.live_words = live_words() + static_cast<size_t>(heap_.old_top - heap_.old_start);
        stats.reclaimed_words = before - stats.live_words;
        // Blocks were allocated for everything; only growing beyond that can fail, with the heap collected.
        if (!(major ? fit_after_major() : fit_after_minor())) return CollectionResult::out_of_memory;
        return result;
    }

private:
    size_t live_words() const { return static_cast<size_t>(heap_.htop - heap_.start); }

    /// Mature terms have a place to go.
    bool minor_has_room() const {
        return heap_.old_start == nullptr || mature_words_ <= static_cast<size_t>(heap_.old_end - heap_.old_top);
    }

    /// Whether the process would own too much with `new_words` more.
    bool over_limit(size_t new_words) const {
        if (request_.max_total_words == 0) return false;
        const auto old_block = static_cast<size_t>(heap_.old_end - heap_.old_start);
        return heap_.block_words() + fragment_words_ + old_block + new_words > request_.max_total_words;
    }

    /// Size of a new young block that can hold `bound` words of terms and the stack, and probably what is needed
    /// besides.
    size_t young_block_words(size_t bound) const {
        size_t words = bound + stack_words_;
        // What will be needed at least, if a quarter lives, or everything when a deep recursion is under way.
        const size_t likely = stack_words_ > words / 2 ? bound : bound / 4;
        words = std::max({words, likely + stack_words_ + need_, request_.min_block_words});
        return next_heap_size(words);
    }

    CollectionResult major_collection() {
        const size_t bound = young_words_ + old_words_ + fragment_words_;
        // When much lives, growing at once is cheaper than growing afterwards, and leaves room for a promotion in
        // place.
        const bool roomy = bound > kLargeHeapWords && !request_.shrink_to_fit && request_.max_total_words == 0;
        const size_t words = young_block_words(roomy ? bound + bound / 2 : bound);
        if (over_limit(words)) return CollectionResult::over_limit;
        Word* block = new_block(words);
        if (block == nullptr) return CollectionResult::out_of_memory;

        spaces_.top = block;
        Word* stack = block + words - stack_words_;
        move_all_roots<Sweep::major>(stack);
        scan_moved<Sweep::major>(spaces_, block);

        install(block, words);
        relink(heap_.off_heap);
        relink(heap_.old_off_heap);
        relink_fragments();
        heap_.off_heap = new_list_;
        Word* const old = heap_.old_start;
        Word* const old_end = heap_.old_end;
        heap_.old_start = heap_.old_top = heap_.old_end = nullptr;
        free_from_space();
        drop_block(old, old_end);
        return CollectionResult::done;
    }

    /// Mature terms fill their block so well that it may become the old block. (A new old block would be at least as
    /// large.)
    bool promote_in_place() const {
        const size_t room = heap_.block_words() - mature_words_;
        return heap_.old_start == nullptr && mature_words_ > kLargeHeapWords && room <= mature_words_ * 3 &&
               room >= mature_words_ / 8;
    }

    CollectionResult minor_collection() {
        const bool in_place = promote_in_place();
        const size_t words = young_block_words(young_words_ + fragment_words_ - (in_place ? mature_words_ : 0));
        size_t old_words = 0;
        if (heap_.old_start == nullptr && mature_words_ != 0 && !in_place) {
            // One step more than strictly needed: fewer major collections.
            old_words = next_heap_size(next_heap_size(young_words_ + fragment_words_) + 1);
        }
        if (over_limit(words + old_words)) return CollectionResult::over_limit;
        Word* block = new_block(words);
        if (block == nullptr) return CollectionResult::out_of_memory;
        if (old_words != 0) {
            Word* old = new_block(old_words);
            if (old == nullptr) {
                drop_block(block, block + words);
                return CollectionResult::out_of_memory;
            }
            heap_.old_start = heap_.old_top = old;
            heap_.old_end = old + old_words;
            spaces_.old = {heap_.old_start, heap_.old_end};
        }

        if (in_place) {
            spaces_.old = spaces_.mature;
            spaces_.young = {heap_.high_water, heap_.htop};
            spaces_.mature = {};
        }
        spaces_.top = block;
        spaces_.old_top = heap_.old_top;
        Word* stack = block + words - stack_words_;
        if (heap_.fragments == nullptr) {
            move_all_roots<Sweep::minor>(stack);
            scan_moved<Sweep::minor>(spaces_, block);
        } else {
            move_all_roots<Sweep::minor_fragments>(stack);
            scan_moved<Sweep::minor_fragments>(spaces_, block);
        }
        // Promoted terms refer to no young ones, so this brings nothing new into the young block.
        if (spaces_.old_top != heap_.old_top) scan_moved<Sweep::old>(spaces_, heap_.old_top);

        heap_.old_top = spaces_.old_top;
        Word* const mature_end = heap_.high_water;
        install(block, words);
        if (in_place) {
            heap_.old_start = old_young_;
            heap_.old_top = mature_end;
            heap_.old_end = old_young_end_;
        }
        relink(heap_.off_heap);
        relink_fragments();
        heap_.off_heap = new_list_;
        if (in_place) {
            // Not from-space after all, but for the dead that are in it still.
            release_off_heap(dead_);
            poison(mature_end, old_young_end_);
            old_young_ = old_young_end_ = nullptr;
        }
        free_from_space();
        return CollectionResult::done;
    }

    template <Sweep S>
    void move_all_roots(Word* new_stack) {
        if (stack_words_ != 0) std::memcpy(new_stack, heap_.stack_top, stack_words_ * kWordBytes);
        move_roots<S>(spaces_, new_stack, new_stack + stack_words_);
        for (const RootSpan& span : roots_) {
            auto* words = reinterpret_cast<Word*>(span.first);
            move_roots<S>(spaces_, words, words + span.count);
        }
    }

    /// Makes `block`, filled up to spaces_.top, the young block.
    void install(Word* block, size_t words) {
        old_young_ = heap_.start;
        old_young_end_ = heap_.end;
        heap_.start = block;
        heap_.end = block + words;
        heap_.htop = heap_.high_water = spaces_.top;
        heap_.stack_top = heap_.end - stack_words_;
        LINTEL_CHECK(heap_.htop <= heap_.stack_top);
    }

    void relink_fragments() {
        for (HeapFragment* f = heap_.fragments; f != nullptr; f = f->next) relink(f->off_heap);
    }

    /// Lets go of what dead objects referred to, which may run any destructor: the heap is in order by now. Then frees
    /// the blocks they were in.
    void free_from_space() {
        HeapFragment* f = heap_.fragments;
        heap_.fragments = nullptr;
        heap_.fragment_words = 0;
        heap_.fragment_binary_bytes = 0;
        release_off_heap(dead_);
        drop_block(old_young_, old_young_end_);
        while (f != nullptr) {
            HeapFragment* next = f->next;
            poison(f->begin(), f->end);
            HeapFragment::destroy(f);
            f = next;
        }
    }

    bool fit_after_minor() {
        const size_t size = heap_.block_words();
        const size_t wanted = live_words() + stack_words_ + need_;
        if (size < with_margin(wanted)) return grow(wanted);
        const auto old_block = static_cast<size_t>(heap_.old_end - heap_.old_start);
        if (size > kShrinkMinorAbove && wanted < size / 4 && (size > kShrinkMinorAlwaysAbove || size > old_block)) {
            // A young block that is tiny beside the old one would be collected too often.
            shrink(std::max(wanted * 3, old_block / 8));
        }
        return true;
    }

    bool fit_after_major() {
        const size_t size = heap_.block_words();
        const size_t wanted = live_words() + stack_words_ + need_;
        if (request_.shrink_to_fit) {
            if (wanted != size && !move_block(wanted)) return wanted <= size;
            return true;
        }
        if (size < with_margin(wanted)) return grow(wanted);
        if (wanted < size / 4) shrink(wanted * 2);
        return true;
    }

    /// Words that keep the next collection from coming at once.
    static size_t with_margin(size_t wanted) { return wanted + wanted / 8; }

    bool grow(size_t wanted) {
        if (move_block(next_heap_size(with_margin(wanted)))) return true;
        // Without memory for a larger block this one must do, unless it is so full that the next collection would come at once,
        // and the next, and get nowhere.
        return wanted + wanted / 64 <= heap_.block_words();
    }

    void shrink(size_t wanted) {
        const size_t words = next_heap_size(std::max(wanted, request_.min_block_words));
        // Without memory for the smaller block the larger one stays.
        if (words < heap_.block_words()) static_cast<void>(move_block(words));
    }

    /// Moves the young block, which is compact, into a new one. False: out of memory, nothing changed.
    bool move_block(size_t words) {
        const size_t live = live_words();
        LINTEL_ASSERT(live + stack_words_ <= words);
        Word* const block = new_block(words);
        if (block == nullptr) return false;
        Word* const stack = block + words - stack_words_;
        if (live != 0) std::memcpy(block, heap_.start, live * kWordBytes);
        if (stack_words_ != 0) std::memcpy(stack, heap_.stack_top, stack_words_ * kWordBytes);

        const AddressRange moved(heap_.start, heap_.htop);
        const Word delta = reinterpret_cast<Word>(block) - moved.base;
        const auto renew = [&](Word& w) {
            if (is_pointer_word(w) && moved.holds(w)) w += delta;
        };
        for (Word* w = stack; w < stack + stack_words_; ++w) renew(*w);
        for (const RootSpan& span : roots_) {
            auto* words_of_span = reinterpret_cast<Word*>(span.first);
            for (size_t i = 0; i < span.count; ++i) renew(words_of_span[i]);
        }
        bool contexts = false;
        walk_objects(block, block + live, renew,
                     [&](const Word* object) { contexts |= header_kind(*object) == Kind::match_context; });
        if (contexts) {
            walk_objects(
                block, block + live, [](Word&) {},
                [](Word* object) {
                    if (header_kind(*object) == Kind::match_context) renew_base(object);
                });
        }
        const auto renew_link = [&](Word*& link) {
            if (link != nullptr) link = reinterpret_cast<Word*>(reinterpret_cast<Word>(link) + delta);
        };
        renew_link(heap_.off_heap.first);
        for (Word* object = heap_.off_heap.first; object != nullptr;) {
            auto* handle = reinterpret_cast<RefcBinary*>(object);
            renew_link(handle->next_off_heap);
            object = handle->next_off_heap;
        }

        drop_block(heap_.start, heap_.end);
        heap_.start = block;
        heap_.end = block + words;
        heap_.htop = heap_.high_water = block + live;
        heap_.stack_top = stack;
        return true;
    }

    /// Shares the objects of a from-space list out to the lists of where they are now, or of the dead.
    void relink(OffHeapList& list) {
        Word* object = list.first;
        list = OffHeapList{};
        while (object != nullptr) {
            Word*& link = reinterpret_cast<RefcBinary*>(object)->next_off_heap;
            Word* next = link;
            if (spaces_.old.holds(reinterpret_cast<Word>(object)) && &list != &heap_.old_off_heap) {
                push(heap_.old_off_heap, object);  // promoted in place
            } else if (!is_forwarded(*object)) {
                link = dead_.first;
                dead_.first = object;
            } else {
                Word* moved = reinterpret_cast<Word*>(*object - static_cast<Word>(Tag::code));
                push(spaces_.old.holds(reinterpret_cast<Word>(moved)) ? heap_.old_off_heap : new_list_, moved);
            }
            object = next;
        }
    }

    static void push(OffHeapList& list, Word* object) {
        auto* handle = reinterpret_cast<RefcBinary*>(object);
        handle->next_off_heap = list.first;
        list.first = object;
        if (header_kind(*object) == Kind::refc_binary) list.bytes += handle->bytes;
    }

    static_assert(offsetof(RefcBinary, next_off_heap) == offsetof(MagicRef, next_off_heap));

    Heap& heap_;
    std::span<const RootSpan> roots_;
    const CollectionRequest& request_;
    Spaces spaces_;
    size_t stack_words_, young_words_, mature_words_, old_words_, fragment_words_, need_;
    Word* old_young_ = nullptr;
    Word* old_young_end_ = nullptr;
    OffHeapList new_list_;  ///< of the new young block
    OffHeapList dead_;
};

/// 16, 32, 64, 142, then OTP's sizes: each the sum of the two before and one, above a million words a fifth more each.
constexpr size_t next_size_after(size_t before, size_t size) {
    return size < 833026 ? size + before + 1 : size + size / 5;
}

}  // namespace

CollectionResult collect(Heap& heap, const LiteralSpace& literals, std::span<const RootSpan> roots,
                         const CollectionRequest& request, CollectionStats& stats) {
    const CollectionResult result = Collection(heap, literals, roots, request).run(stats);
    if (result == CollectionResult::done) {
        if (request.paint) paint_words(heap.htop, heap.stack_top);
        if (request.check) check_heap(heap, literals, roots);
    }
    return result;
}

bool create_heap(Heap& heap, size_t words) {
    Word* block = new_block(words);
    if (block == nullptr) return false;
    heap = Heap{};
    heap.start = heap.htop = heap.high_water = block;
    heap.end = heap.stack_top = block + words;
    return true;
}

void destroy_heap(Heap& heap) {
    release_off_heap(heap.off_heap);
    release_off_heap(heap.old_off_heap);
    for (HeapFragment* f = heap.fragments; f != nullptr;) {
        HeapFragment* next = f->next;
        HeapFragment::destroy(f);
        f = next;
    }
    drop_block(heap.start, heap.end);
    drop_block(heap.old_start, heap.old_end);
    heap = Heap{};
}

size_t next_heap_size(size_t words) {
    for (const size_t small : {16, 32, 64, 142}) {
        if (words <= small) return small;
    }
    size_t before = 142;
    size_t size = 233;
    while (size < words) {
        const size_t next = next_size_after(before, size);
        before = size;
        size = next;
    }
    return size;
}

}  // namespace lintel
