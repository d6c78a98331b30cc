/// Linear hashing, in the same buckets and the same order as on OTP 25: programs see it.
///
/// With n buckets, 2^L <= n < 2^(L+1), a row is in the bucket that the low L+1 bits of its hash name if there is one of that number, else in
/// the one that L bits name. Growing by one bucket cuts the chain of bucket n - 2^L in two; shrinking joins them again. Either touches one
/// chain, and an operation does so five times at the most, so none costs more than others.
///
/// A walk goes over the buckets by their numbers and over each from its first row. In a table with locks for its parts on OTP, whose number
/// is a power of two, it goes over the buckets 0, 64, 128, …, then 1, 65, …. A new key goes to the end of its chain, a new row of a
/// key that is there in front of the others. So a table's history tells its order, as far as these keep it:
///
///     cutting        leaves rows in their order in either bucket
///     joining        puts the rows of the last bucket in front of those they come to
///     growing        while there are more rows than buckets, up to five buckets for each row that comes
///     shrinking      while there are fewer than half as many rows as buckets in all but the last block of 2048 (the first has 256), of
///                    which two always stay; up to five buckets for each operation that removes
///
/// While a table is fixed, or a scan is on its way (Table::holds_size), it neither grows nor shrinks: a bucket's number is a position then.
///
/// Invariants:
///   1. Rows of one key are neighbours, newer ones first.
///   2. Buckets beyond n are empty; the segment of bucket n may exist already.
///
/// The directory is made of segments that double in size; large ones are zero pages of the system's that are touched as buckets
/// come into use. A table without rows has none of its own.

#include "stdlib/ets/hash_rows.h"

#include "base/pages.h"

namespace lintel {

namespace {

constexpr size_t kPagesFrom = 64 * 1024;
/// The most buckets that one operation makes or gives back.
constexpr int kMostSteps = 5;
/// OTP's blocks of buckets, but for the first.
constexpr size_t kBlock = 2048;
/// Where the size is told from parts, the table has to be so large before it shrinks.
constexpr size_t kLeastRoomToEstimate = 6400;

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

Row** HashRows::no_buckets() {
    static Row* none[kFirstBuckets];  // never written
    return none;
}

HashRows::HashRows(size_t key_position, Parts parts)
    : key_position_(key_position), parts_(parts), first_(no_buckets()) {
    if (parts.are_counted) part_counts_ = std::make_unique<uint32_t[]>(kCountedParts);
    size_t room = kFirstBuckets;
    while (room < parts.count) room += kBlock;
    for (size_t bucket = kFirstBuckets; bucket < room; bucket = std::bit_ceil(bucket + 1)) {
        if (!make_segment_for(bucket)) return;
    }
    buckets_ = room;
    level_ = static_cast<unsigned>(std::bit_width(room)) - 1;
    set_room(room);
}

size_t HashRows::used_from(size_t i, size_t most) const {
    if (parts_.count > 1) {
        for (; bucket(i) == nullptr && most != 0; --most) {
            i = next_bucket(i);
            if (i == 0) return kNoBucket;
        }
        return i;
    }
    const size_t limit = most < buckets_ - i ? i + most : buckets_;
    while (i < limit) {
        // As far as they lie side by side.
        const size_t end = std::min(i < kFirstBuckets ? kFirstBuckets : std::bit_ceil(i + 1), limit);
        Row* const* at = const_cast<HashRows*>(this)->slot(i);
        Row* const* const at_end = at + (end - i);
        const auto word = [&at](size_t k) { return reinterpret_cast<Word>(at[k]); };
        while (at_end - at >= 8 &&
               (word(0) | word(1) | word(2) | word(3) | word(4) | word(5) | word(6) | word(7)) == 0) {
            at += 8;
        }
        while (at != at_end && *at == nullptr) ++at;
        i = end - static_cast<size_t>(at_end - at);
        if (at != at_end) return i;
    }
    return i < buckets_ ? i : kNoBucket;
}

bool HashRows::free_some(size_t rows) {
    for (; count_ != 0; ++freed_buckets_) {
        if (parts_.count == 1) freed_buckets_ = used_from(freed_buckets_);
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
    if (first_ != no_buckets()) free_segment(first_, kFirstBuckets);
    for (size_t i = 0; i < kSegments; ++i) {
        if (segments_[i] != nullptr) free_segment(segments_[i], kFirstBuckets << i);
    }
}

void HashRows::make_first() {
    constexpr size_t kBytes = kFirstBuckets * sizeof(Row*);
    first_ = static_cast<Row**>(allocate(kBytes));
    std::memset(first_, 0, kBytes);
    directory_bytes_ += kBytes;
}

/// False: no memory.
bool HashRows::make_segment_for(size_t bucket_number) {
    const auto index = static_cast<size_t>(std::bit_width(bucket_number >> kFirstBits)) - 1;
    if (segments_[index] != nullptr) return true;
    segments_[index] = make_segment(kFirstBuckets << index);
    if (segments_[index] == nullptr) return false;
    directory_bytes_ += (kFirstBuckets << index) * sizeof(Row*);
    return true;
}

void HashRows::set_room(size_t room) {
    room_ = room;
    const bool is_large = room >= std::max(parts_.count + kBlock, kFirstBuckets + 2 * kBlock) &&
                          (part_counts_ == nullptr || room >= kLeastRoomToEstimate);
    shrinks_below_ = is_large ? (room - kBlock) / 2 : 0;
}

void HashRows::split(uint32_t hash) {
    for (int step = 0; step < kMostSteps && estimate(hash) > buckets_; ++step) {
        // Without memory chains get longer.
        if (buckets_ == kMaxBuckets || (is_power_of_two(buckets_) && !make_segment_for(buckets_))) return;
        if (buckets_ == room_) set_room(room_ + kBlock);
        const size_t fresh = buckets_++;
        const size_t upper = size_t{1} << level_;  // the bit that tells the two apart
        Row** stay = slot(fresh - upper);
        Row** go = slot(fresh);
        for (Row* row = *stay; row != nullptr; row = next_of(row)) {
            Row**& end = (row->hash() & upper) == 0 ? stay : go;
            *end = row;
            end = &next_of(row);
        }
        *stay = *go = nullptr;
        if (is_power_of_two(buckets_)) ++level_;
    }
}

void HashRows::merge(uint32_t hash) {
    for (int step = 0; step < kMostSteps && estimate(hash) < shrinks_below_; ++step) {
        if (is_power_of_two(buckets_)) --level_;
        const size_t last = --buckets_;
        if (room_ - buckets_ >= kBlock) set_room(room_ - kBlock);
        Row** from = slot(last);
        Row** to = slot(last - (size_t{1} << level_));
        Row** end = from;
        while (*end != nullptr) end = &next_of(*end);
        *end = *to;
        *to = *from;
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
}

}  // namespace lintel
