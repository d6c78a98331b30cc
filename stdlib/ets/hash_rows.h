#pragma once
/// HashRows: the rows of a set, bag or duplicate_bag. stdlib/ets/hash_rows.cpp tells how. Under its table's lock.

#include "stdlib/ets/row.h"
#include "term/compare.h"
#include "term/hash.h"

namespace lintel {

/// A hash row's prefix: the next row of its bucket.
inline constexpr size_t kHashRowPrefix = 1;
inline Row*& next_of(Row* row) { return reinterpret_cast<Row**>(row)[-1]; }
inline const Row* next_of(const Row* row) { return reinterpret_cast<Row* const*>(row)[-1]; }

class HashRows {
public:
    /// What OTP's locks for parts of a table do to the order of its rows.
    struct Parts {
        size_t count = 1;          ///< buckets are walked in steps of so many; a power of two
        bool are_counted = false;  ///< the size of the table is told from that of a part
    };

    HashRows(size_t key_position, Parts parts);
    /// Frees all rows.
    ~HashRows();
    HashRows(const HashRows&) = delete;
    HashRows& operator=(const HashRows&) = delete;

    /// What tells the bucket of a key: as on OTP, where an atom is hashed by its name.
    static uint32_t hash_of(Term key) { return key.is_atom() ? key.atom_entry()->hash : internal_hash(key); }

    size_t row_count() const { return count_; }
    /// Frees about `rows` rows of a table that nobody uses any more; true when none is left.
    bool free_some(size_t rows);

    bool is_key(const Row* row, Term key) const {
        return exactly_equal(row->element(key_position_), key, Walks::whole);
    }
    /// The link to the first row of `key`, deleted ones included, or to where such a row goes. *found tells which.
    Row** find_link(Term key, uint32_t hash, bool* found) {
        Row** link = slot(bucket_of(hash));
        for (; *link != nullptr; link = &next_of(*link)) {
            if ((*link)->hash() == hash && is_key(*link, key)) {
                *found = true;
                return link;
            }
        }
        *found = false;
        return link;
    }
    const Row* find(Term key, uint32_t hash) const {
        bool found;
        return *const_cast<HashRows*>(this)->find_link(key, hash, &found);
    }
    /// The link to a row that is there.
    Row** link_of(const Row* row) {
        Row** link = slot(bucket_of(row->hash()));
        while (*link != row) link = &next_of(*link);
        return link;
    }
    /// Puts `row` in front of *link. Links become invalid. Then call grow, if nobody has a position in the table.
    void insert(Row** link, Row* row, uint32_t hash) {
        if (LINTEL_UNLIKELY(first_ == no_buckets())) {
            make_first();
            link = slot(bucket_of(hash));
        }
        row->set_hash(hash);
        next_of(row) = *link;
        *link = row;
        count(hash, 1);
    }
    /// Puts `row` in the place of *link, which is returned and the caller's.
    Row* replace(Row** link, Row* row, uint32_t hash) {
        Row* old = *link;
        row->set_hash(hash);
        next_of(row) = next_of(old);
        *link = row;
        return old;
    }
    /// Takes *link out; it is the caller's. Then, if nobody has a position in the table, call shrink: once for each operation.
    Row* unlink(Row** link) {
        Row* row = *link;
        *link = next_of(row);
        count(row->hash(), -1);
        return row;
    }
    /// Makes or gives back a few buckets if it is time to. `hash`: of a row that came or went. Links become invalid.
    void grow(uint32_t hash) {
        if (estimate(hash) > buckets_) split(hash);
    }
    void shrink(uint32_t hash) {
        if (LINTEL_UNLIKELY(estimate(hash) < shrinks_below_)) merge(hash);
    }

    /// The bucket behind bucket `i` in the order in which they are walked, which begins with bucket 0; 0: there is none.
    size_t next_bucket(size_t i) const {
        i += parts_.count;
        return LINTEL_LIKELY(i < buckets_) ? i : (i + 1) & (parts_.count - 1);
    }
    static constexpr size_t kNoBucket = SIZE_MAX;
    /// The first bucket from `i` on, as they are walked, in which there are rows; kNoBucket: there is none. After more than `most` empty ones it may be
    /// another that is empty.
    size_t used_from(size_t i, size_t most = SIZE_MAX) const;
    size_t bucket_of(uint32_t hash) const {
        const size_t low = hash & ((size_t{2} << level_) - 1);
        return low < buckets_ ? low : low & ((size_t{1} << level_) - 1);
    }
    /// The first row.
    Row* first() const { return first_from(0); }
    /// The row behind `row`.
    Row* next(const Row* row) const {
        const Row* next = next_of(row);
        if (next != nullptr) return const_cast<Row*>(next);
        const size_t behind = next_bucket(bucket_of(row->hash()));
        return behind != 0 ? first_from(behind) : nullptr;
    }

    size_t bucket_count() const { return buckets_; }
    size_t part_count() const { return parts_.count; }
    /// First row of bucket `i`.
    Row* bucket(size_t i) const { return *const_cast<HashRows*>(this)->slot(i); }
    Row** bucket_link(size_t i) { return slot(i); }
    /// For a walk over many buckets that has come to bucket `i`: fetches what comes soon into the cache.
    void prefetch(size_t i) const {
        const size_t soon = i + 4 * parts_.count;
        if (LINTEL_LIKELY(soon < buckets_)) __builtin_prefetch(bucket(soon));
    }
    /// Memory besides the rows.
    size_t bytes() const { return directory_bytes_; }

private:
    static constexpr unsigned kFirstBits = 8;
    static constexpr size_t kFirstBuckets = size_t{1} << kFirstBits;
    static constexpr size_t kMaxBuckets = size_t{1} << 31;
    static constexpr size_t kSegments = 32 - kFirstBits;
    static constexpr size_t kCountedParts = 64;

    /// The first buckets of all tables that have had no row.
    static Row** no_buckets();
    Row** slot(size_t i) {
        if (i < kFirstBuckets) return &first_[i];
        const auto segment = static_cast<unsigned>(std::bit_width(i >> kFirstBits)) - 1;
        return &segments_[segment][i - (kFirstBuckets << segment)];
    }
    Row* first_from(size_t bucket_number) const {
        bucket_number = used_from(bucket_number);
        return bucket_number != kNoBucket ? bucket(bucket_number) : nullptr;
    }
    void count(uint32_t hash, int change) {
        count_ += static_cast<size_t>(change);
        if (LINTEL_UNLIKELY(part_counts_ != nullptr)) {
            part_counts_[hash % kCountedParts] += static_cast<uint32_t>(change);
        }
    }
    size_t estimate(uint32_t hash) const {
        return LINTEL_LIKELY(part_counts_ == nullptr) ? count_ : part_counts_[hash % kCountedParts] * kCountedParts;
    }
    static bool is_power_of_two(size_t n) { return (n & (n - 1)) == 0; }
    void make_first();
    bool make_segment_for(size_t bucket_number);
    void split(uint32_t hash);
    void merge(uint32_t hash);
    void set_room(size_t room);

    size_t count_ = 0;  // rows, deleted ones included
    size_t buckets_ = kFirstBuckets;
    unsigned level_ = kFirstBits;  // 2^level_ <= buckets_ < 2^(level_ + 1)
    size_t key_position_;
    Parts parts_;
    size_t room_ = kFirstBuckets;  // buckets that OTP would have memory for
    size_t shrinks_below_ = 0;
    size_t directory_bytes_ = 0;
    size_t freed_buckets_ = 0;                 // by free_some
    std::unique_ptr<uint32_t[]> part_counts_;  // rows of each part; nullptr: count_ tells
    Row** first_;
    Row** segments_[kSegments] = {};  // segment i: buckets kFirstBuckets * 2^i and on, as many
};

}  // namespace lintel
