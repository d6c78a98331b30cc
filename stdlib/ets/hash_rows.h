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
    explicit HashRows(size_t key_position) : key_position_(key_position) {}
    /// Frees all rows.
    ~HashRows();
    HashRows(const HashRows&) = delete;
    HashRows& operator=(const HashRows&) = delete;

    /// Where the rows of a key stand in the order of all rows.
    static uint32_t order_of(Term key) { return static_cast<uint32_t>(internal_hash(key) >> 32); }
    /// End of the order.
    static constexpr uint64_t kEnd = uint64_t{1} << 32;

    size_t row_count() const { return count_; }
    /// Frees about `rows` rows of a table that nobody uses any more; true when none is left.
    bool free_some(size_t rows);

    bool is_key(const Row* row, Term key) const {
        return exactly_equal(row->element(key_position_), key, Walks::whole);
    }
    /// The link to the first row of `key`, deleted ones included, or to where such a row goes. *found tells which.
    Row** find_link(Term key, uint32_t order, bool* found);
    const Row* find(Term key, uint32_t order) const {
        bool found;
        Row* const* link = const_cast<HashRows*>(this)->find_link(key, order, &found);
        return found ? *link : nullptr;
    }
    /// Puts `row` in front of *link. Links become invalid.
    void insert(Row** link, Row* row, uint32_t order);
    /// Puts `row` in the place of *link, which is returned and the caller's.
    Row* replace(Row** link, Row* row, uint32_t order) {
        Row* old = *link;
        row->set_order(order);
        next_of(row) = next_of(old);
        *link = row;
        return old;
    }
    /// Takes *link out; it is the caller's. After the last removal call shrink.
    Row* unlink(Row** link) {
        Row* row = *link;
        *link = next_of(row);
        --count_;
        return row;
    }
    /// Gives buckets back that are no longer needed: once for each row removed. Links become invalid.
    void shrink() {
        // One row fewer makes up to four buckets superfluous.
        while (LINTEL_UNLIKELY(buckets_ > kFirstBuckets && count_ < buckets_ / 4)) merge_last();
    }

    /// The first row at or behind `order`, nullptr if there is none.
    Row* first_from(uint64_t order) const;
    /// The row behind `row` in the order.
    Row* next(const Row* row) const {
        const Row* next = next_of(row);
        return next != nullptr ? const_cast<Row*>(next) : first_from(bucket_end(row->order()));
    }
    /// As first_from and next, for walks over many rows: fetches what comes soon into the cache meanwhile.
    Row* scan_from(uint64_t order) const;
    Row* scan_next(const Row* row) const {
        const Row* next = next_of(row);
        return next != nullptr ? const_cast<Row*>(next) : scan_from(bucket_end(row->order()));
    }
    /// The link to the first row at or behind `order` of the bucket that `order` is in; *link may be nullptr.
    Row** link_from(uint32_t order);

    size_t bucket_count() const { return buckets_; }
    /// First row of bucket `i`, in no particular relation to the order.
    const Row* bucket(size_t i) const { return *const_cast<HashRows*>(this)->slot(i); }
    /// Memory besides the rows.
    size_t bytes() const { return directory_bytes_; }

private:
    static constexpr unsigned kFirstBits = 4;
    static constexpr size_t kFirstBuckets = size_t{1} << kFirstBits;
    static constexpr size_t kMaxBuckets = size_t{1} << 31;
    static constexpr size_t kSegments = 32 - kFirstBits;

    static uint32_t reverse_bits(uint32_t x) {
        x = __builtin_bswap32(x);
        x = (x & 0x0f0f0f0fu) << 4 | ((x >> 4) & 0x0f0f0f0fu);
        x = (x & 0x33333333u) << 2 | ((x >> 2) & 0x33333333u);
        return (x & 0x55555555u) << 1 | ((x >> 1) & 0x55555555u);
    }
    /// Bits of the bucket number that `order` is in.
    unsigned depth_of(uint32_t reversed) const {
        return (reversed & ((size_t{2} << level_) - 1)) < buckets_ ? level_ + 1 : level_;
    }
    uint64_t bucket_end(uint32_t order) const {
        const unsigned shift = 32 - depth_of(reverse_bits(order));
        return ((static_cast<uint64_t>(order) >> shift) + 1) << shift;
    }
    Row** slot(size_t i) {
        if (i < kFirstBuckets) return &first_[i];
        const auto segment = static_cast<unsigned>(std::bit_width(i >> kFirstBits)) - 1;
        return &segments_[segment][i - (kFirstBuckets << segment)];
    }
    Row** slot_of(uint32_t order) {
        const uint32_t reversed = reverse_bits(order);
        const size_t low = reversed & ((size_t{2} << level_) - 1);
        return slot(low < buckets_ ? low : low & ((size_t{1} << level_) - 1));
    }
    static bool is_power_of_two(size_t n) { return (n & (n - 1)) == 0; }
    void split_next();
    void merge_last();

    size_t count_ = 0;  // rows, deleted ones included
    size_t buckets_ = kFirstBuckets;
    unsigned level_ = kFirstBits;  // 2^level_ <= buckets_ < 2^(level_ + 1)
    size_t key_position_;
    size_t directory_bytes_ = 0;
    size_t freed_buckets_ = 0;  // by free_some
    Row* first_[kFirstBuckets] = {};
    Row** segments_[kSegments] = {};  // segment i: buckets kFirstBuckets * 2^i and on, as many
};

}  // namespace lintel
