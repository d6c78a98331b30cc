/// Linear hashing over an order that never changes.
///
/// Each row has an *order*: 32 bits of the hash of its key. Rows are listed by ascending order, and a bucket holds a contiguous
/// piece of that list: all rows whose orders begin with the same bits. A bucket is named by these bits read backwards, so that the
/// bucket numbers are those of linear hashing: with n buckets, 2^L <= n < 2^(L+1), an order is in the bucket that its first L+1
/// bits name if there is one of that number, else in the one that its first L bits name. Growing by one bucket cuts the chain of
/// bucket n - 2^L in two and makes the second half bucket n; shrinking appends it again. Either touches one chain, so no operation
/// costs more than others, and a table of any size grows without a pause.
///
/// Since chains are sorted, what comes before what depends on the keys alone. A traversal is a number between 0 and 2^32: it goes on
/// at the first row that is not before it, however much the table has grown or shrunk meanwhile, and meets each row that was there all
/// the time exactly once. That is what safe_fixtable, and selects that are cut into slices, rely on.
///
/// Invariants:
///   1. Along a chain, orders do not descend; rows of one key are neighbours (other keys with the same order come before or after
///      all of them). Of one key, newer rows come first.
///   2. Buckets beyond n are empty; the segment of bucket n may exist already.
///   3. count_ / buckets_ is at most 1 (but for tables beyond 2^31 buckets), and at least 1/4 beyond the first 16 buckets once
///      the removals have called shrink.
///
/// The directory is made of segments that double in size; large ones are zero pages of the system's that are touched as buckets
/// come into use.

#include "stdlib/ets/hash_rows.h"

#include "base/pages.h"

namespace lintel {

namespace {

constexpr size_t kPagesFrom = 64 * 1024;

Row** make_segment(size_t buckets) {
    const size_t bytes = buckets * sizeof(Row*);
    if (bytes < kPagesFrom) {
        void* block = try_allocate(bytes);
        if (block != nullptr) std::memset(block, 0, bytes);
        return static_cast<Row**>(block);
    }
    void* pages = reserve_pages(bytes);
    if (pages == nullptr) return nullptr;
    if (commit_pages(pages, bytes)) return static_cast<Row**>(pages);
    release_pages(pages, bytes);
    return nullptr;
}

void free_segment(Row** segment, size_t buckets) {
    const size_t bytes = buckets * sizeof(Row*);
    if (bytes < kPagesFrom) {
        release(segment);
    } else {
        release_pages(segment, bytes);
    }
}

}  // namespace

bool HashRows::free_some(size_t rows) {
    for (; freed_buckets_ < buckets_; ++freed_buckets_) {
        Row** first = slot(freed_buckets_);
        while (*first != nullptr) {
            if (rows == 0) return false;
            --rows;
            free_row(unlink(first), kHashRowPrefix);
        }
    }
    return true;
}

HashRows::~HashRows() {
    free_some(SIZE_MAX);
    for (size_t i = 0; i < kSegments; ++i) {
        if (segments_[i] != nullptr) free_segment(segments_[i], kFirstBuckets << i);
    }
}

Row** HashRows::find_link(Term key, uint32_t order, bool* found) {
    Row** link = slot_of(order);
    while (*link != nullptr && (*link)->order() < order) link = &next_of(*link);
    Row** const place = link;
    for (; *link != nullptr && (*link)->order() == order; link = &next_of(*link)) {
        if (is_key(*link, key)) {
            *found = true;
            return link;
        }
    }
    *found = false;
    return place;
}

Row** HashRows::link_from(uint32_t order) {
    Row** link = slot_of(order);
    while (*link != nullptr && (*link)->order() < order) link = &next_of(*link);
    return link;
}

void HashRows::insert(Row** link, Row* row, uint32_t order) {
    row->set_order(order);
    next_of(row) = *link;
    *link = row;
    if (++count_ > buckets_) split_next();
}

Row* HashRows::first_from(uint64_t order) const {
    while (order < kEnd) {
        const auto at = static_cast<uint32_t>(order);
        for (Row* row = *const_cast<HashRows*>(this)->slot_of(at); row != nullptr; row = next_of(row)) {
            if (row->order() >= at) return row;
        }
        order = bucket_end(at);
    }
    return nullptr;
}

Row* HashRows::scan_from(uint64_t order) const {
    // A walk comes to buckets and rows at random places in memory, but knows where it will be: it looks eight buckets ahead for the
    // bucket, and four for its first row.
    auto* self = const_cast<HashRows*>(this);
    const uint64_t width = uint64_t{1} << (31 - level_);
    while (order < kEnd) {
        const auto at = static_cast<uint32_t>(order);
        __builtin_prefetch(self->slot_of(static_cast<uint32_t>(order + 8 * width)));
        __builtin_prefetch(*self->slot_of(static_cast<uint32_t>(order + 4 * width)));
        for (Row* row = *self->slot_of(at); row != nullptr; row = next_of(row)) {
            if (row->order() >= at) return row;
        }
        order = bucket_end(at);
    }
    return nullptr;
}

void HashRows::split_next() {
    if (buckets_ == kMaxBuckets) return;
    if (is_power_of_two(buckets_)) {
        // The next level: its buckets need a segment. Without memory chains get longer.
        Row**& segment = segments_[level_ - kFirstBits];
        if (segment == nullptr) {
            segment = make_segment(buckets_);
            if (segment == nullptr) return;
            directory_bytes_ += buckets_ * sizeof(Row*);
        }
    }
    const size_t fresh = buckets_++;
    Row** link = slot(fresh - (size_t{1} << level_));
    // The bit that tells the two apart.
    const uint32_t upper = uint32_t{1} << (31 - level_);
    while (*link != nullptr && ((*link)->order() & upper) == 0) link = &next_of(*link);
    *slot(fresh) = *link;
    *link = nullptr;
    if (is_power_of_two(buckets_)) ++level_;
}

void HashRows::merge_last() {
    if (is_power_of_two(buckets_)) --level_;
    const size_t last = --buckets_;
    Row** from = slot(last);
    Row** link = slot(last - (size_t{1} << level_));
    while (*link != nullptr) link = &next_of(*link);
    *link = *from;
    *from = nullptr;
    if (is_power_of_two(last)) {
        // Keeps one spare level, so that a table that goes to and fro does not make segments all the time.
        const size_t spare = level_ - kFirstBits + 1;
        if (spare < kSegments && segments_[spare] != nullptr) {
            free_segment(segments_[spare], kFirstBuckets << spare);
            directory_bytes_ -= (kFirstBuckets << spare) * sizeof(Row*);
            segments_[spare] = nullptr;
        }
    }
}

}  // namespace lintel
