/// Building maps in bulk.
///
/// A small map is a tuple of sorted keys and the values in the same order: sort, drop equal neighbours, copy.
///
/// A large map is a trie over the digits of its keys' hashes, four bits at a level, the lowest first. Inserting pair by
/// pair would copy each node many times. Instead the pairs are sorted by their hash read as sixteen digits, first
/// digit most significant: then every subtree of the trie is a run of neighbours, and one pass writes each node once.
/// Hashes are spread evenly, so sorting is one distribution into about as many buckets as there are pairs, and a look
/// at each bucket. The last eight digits are made where keys agree in the first eight only.
///
///     level 0      run of all pairs, cut where the first digit changes
///     level n      a run whose pairs agree in n digits; runs of one pair become data, longer ones children
///     level 16     pairs that agree in all digits: a collision node
///
/// A node below the root exists for each longest run of neighbours that agree in so many digits. Such a run begins
/// where a neighbour agrees with the next one in more digits than with the one before, which counts the words
/// exactly.
///
/// Invariants: 1. a node other than the root holds at least two pairs in its subtree; 2. a run of equal hashes is
/// sorted by compare_keys, so that equal keys are neighbours there and a hostile set of colliding keys costs n log n;
/// 3. the depth of recursion is the number of levels, whatever the terms.

#include "gc/map_builder.h"

#include <algorithm>

#include "term/compare.h"
#include "term/hash.h"
#include "term/map.h"

namespace lintel {

namespace {

constexpr unsigned kBitsPerLevel = 4;
constexpr unsigned kLevels = 64 / kBitsPerLevel;

using Entry = MapPlan::Entry;

/// `hash` with its eight digits in reverse order.
Word reverse_digits(uint32_t hash) {
    hash = __builtin_bswap32(hash);
    return ((hash & 0x0f0f0f0fu) << 4) | ((hash >> 4) & 0x0f0f0f0fu);
}
Word first_digits(Term key) { return reverse_digits(internal_hash(key)) << 32; }
Word last_digits(Term key) { return reverse_digits(internal_hash_again(key, 1)); }

unsigned digit(Word digits, unsigned level) {
    return static_cast<unsigned>(digits >> (64 - kBitsPerLevel * (level + 1))) & 15;
}

/// The part of `entries` that agrees with its first one in the digit of `level`.
Entry* end_of_run(Entry* begin, Entry* end, unsigned level) {
    const unsigned d = digit(begin->digits, level);
    Entry* run = begin + 1;
    while (run != end && digit(run->digits, level) == d) ++run;
    return run;
}

Term build_node(HeapBuilder& heap, Entry* begin, Entry* end, unsigned level) {
    if (level == kLevels) {
        const auto words = static_cast<size_t>(end - begin) * 2;
        Word* node = heap.raw(1 + words);
        *node = make_header(Kind::map_collision, words);
        Word* w = node;
        for (Entry* e = begin; e != end; ++e) {
            *++w = e->key.word();
            *++w = e->value.word();
        }
        return Term::boxed(node);
    }
    uint32_t data = 0;
    uint32_t children = 0;
    Entry* runs[1 << kBitsPerLevel];  // where they end
    size_t run_count = 0;
    for (Entry* e = begin; e != end;) {
        Entry* run = end_of_run(e, end, level);
        const uint32_t bit = 1u << digit(e->digits, level);
        (run - e == 1 ? data : children) |= bit;
        runs[run_count++] = run;
        e = run;
    }
    const auto pair_words = size_t{2} * map_bit_count(data);
    const size_t words = pair_words + map_bit_count(children);
    Word* node = heap.raw(1 + words);
    *node = make_header(Kind::map_node, words, data | children << 16);
    Word* pair = node + 1;
    Word* child = node + 1 + pair_words;
    Entry* e = begin;
    for (size_t i = 0; i < run_count; ++i) {
        Entry* run = runs[i];
        if (run - e == 1) {
            *pair++ = e->key.word();
            *pair++ = e->value.word();
        } else {
            *child++ = build_node(heap, e, run, level + 1).word();
        }
        e = run;
    }
    return Term::boxed(node);
}

/// Sorts up to kMaxFlatMapSize pairs and drops all but the last of equal ones. Insertion: input is mostly sorted
/// already.
size_t sort_pairs(Term* kv, size_t pairs) {
    size_t n = 0;  // sorted so far
    for (size_t i = 0; i < pairs; ++i) {
        const Term key = kv[2 * i];
        const Term value = kv[2 * i + 1];
        size_t at = n;
        int order = 1;
        while (at > 0) {
            order = compare_keys(key, kv[2 * (at - 1)]);
            if (order >= 0) break;
            --at;
        }
        if (at > 0 && order == 0) {
            kv[2 * (at - 1)] = key;
            kv[2 * (at - 1) + 1] = value;
            continue;
        }
        for (size_t j = n; j > at; --j) {
            kv[2 * j] = kv[2 * (j - 1)];
            kv[2 * j + 1] = kv[2 * (j - 1) + 1];
        }
        kv[2 * at] = key;
        kv[2 * at + 1] = value;
        ++n;
    }
    return n;
}

Term build_flat(HeapBuilder& heap, const Term* kv, size_t pairs) {
    Word* keys = heap.raw(1 + pairs);
    Word* map = heap.raw(2 + pairs);
    keys[0] = make_header(Kind::tuple, pairs);
    map[0] = make_header(Kind::map_flat, 1 + pairs);
    map[1] = Term::boxed(keys).word();
    for (size_t i = 0; i < pairs; ++i) {
        keys[1 + i] = kv[2 * i].word();
        map[2 + i] = kv[2 * i + 1].word();
    }
    return Term::boxed(map);
}

/// Keeps the last of each set of equal keys; `entries` is sorted by first digits, stably. Of those that agree in them the last digits are made.
/// Returns the new end.
Entry* drop_duplicates(Entry* begin, Entry* end) {
    Entry* out = begin;
    for (Entry* e = begin; e != end;) {
        Entry* run = e + 1;
        while (run != end && run->digits == e->digits) ++run;
        if (run - e == 1) {
            *out++ = *e++;
            continue;
        }
        std::stable_sort(e, run, [](const Entry& a, const Entry& b) { return compare_keys(a.key, b.key) < 0; });
        Entry* const first = out;
        for (; e != run; ++e) {
            if (e + 1 != run && compare_keys(e->key, e[1].key) == 0) continue;
            *out++ = *e;
        }
        if (out - first == 1) continue;
        for (Entry* o = first; o != out; ++o) o->digits |= last_digits(o->key);
        std::stable_sort(first, out, [](const Entry& a, const Entry& b) { return a.digits < b.digits; });
    }
    return out;
}

/// Sorts one bucket by digits, stably.
void sort_bucket(Entry* begin, Entry* end) {
    if (end - begin > 24) {
        std::stable_sort(begin, end, [](const Entry& a, const Entry& b) { return a.digits < b.digits; });
        return;
    }
    for (Entry* e = begin + 1; e < end; ++e) {
        const Entry moved = *e;
        Entry* to = e;
        for (; to != begin && to[-1].digits > moved.digits; --to) *to = to[-1];
        *to = moved;
    }
}

/// The pairs as entries, sorted by first digits; equal digits stay in the order of the pairs.
void sort_by_digits(Entry* entries, const Term* kv, size_t pairs) {
    const auto bits = std::min(18u, static_cast<unsigned>(std::bit_width(pairs)));
    const auto bucket_of = [bits](Word digits) { return static_cast<size_t>(digits >> (64 - bits)); };
    const size_t buckets = size_t{1} << bits;
    auto* digits = static_cast<Word*>(allocate(pairs * sizeof(Word)));
    auto* end_of = static_cast<size_t*>(allocate(buckets * sizeof(size_t)));
    std::memset(end_of, 0, buckets * sizeof(size_t));
    constexpr uint32_t kPairsPerQuestion = 64;  // of large keys
    Walk walk(Walks::endable, kPairsPerQuestion);
    bool goes_on = true;
    for (size_t i = 0; i < pairs; ++i) {
        // A map that nobody will see may be any.
        goes_on = goes_on && walk.may_go_on();
        digits[i] = goes_on ? first_digits(kv[2 * i]) : mix_word(i) << 32;
        ++end_of[bucket_of(digits[i])];
    }
    size_t sum = 0;
    for (size_t b = 0; b < buckets; ++b) {
        sum += end_of[b];
        end_of[b] = sum - end_of[b];  // first the bucket's begin, moved to its end below
    }
    for (size_t i = 0; i < pairs; ++i) entries[end_of[bucket_of(digits[i])]++] = {digits[i], kv[2 * i], kv[2 * i + 1]};
    for (size_t b = 0, begin = 0; b < buckets; begin = end_of[b++]) {
        if (end_of[b] - begin > 1) sort_bucket(entries + begin, entries + end_of[b]);
    }
    release(end_of);
    release(digits);
}

/// Nodes below the root; the entries are sorted and without duplicates.
size_t count_nodes(const Entry* entries, size_t n) {
    size_t nodes = 0;
    size_t before = 0;  // digits in which an entry agrees with the one before it
    for (size_t i = 1; i < n; ++i) {
        const Word difference = entries[i - 1].digits ^ entries[i].digits;
        const size_t agree =
            difference == 0 ? kLevels : static_cast<size_t>(std::countl_zero(difference)) / kBitsPerLevel;
        if (agree > before) nodes += agree - before;
        before = agree;
    }
    return nodes;
}

}  // namespace

size_t map_words_bound(size_t pairs) {
    const size_t flat = 3 + 2 * std::min(pairs, kMaxFlatMapSize);
    if (pairs <= kMaxFlatMapSize) return flat;
    // Each node below the root costs its header and the word in its parent, and has two pairs or more below it.
    const size_t most = pairs / 2;
    size_t nodes = 0;
    size_t at_level = 1;
    for (unsigned level = 1; level <= kLevels; ++level) {
        at_level = std::min(at_level * 16, most);
        nodes += at_level;
    }
    return std::max(flat, 3 + 1 + 2 * pairs + 2 * nodes);
}

MapPlan::MapPlan(Term* key_values, size_t pairs) : key_values_(key_values), pairs_(pairs) {
    if (pairs > kMaxFlatMapSize) {
        entries_ = static_cast<Entry*>(allocate(pairs * sizeof(Entry)));
        sort_by_digits(entries_, key_values, pairs);
        pairs_ = static_cast<size_t>(drop_duplicates(entries_, entries_ + pairs) - entries_);
        if (pairs_ > kMaxFlatMapSize) {
            words_ = 3 + 1 + 2 * pairs_ + 2 * count_nodes(entries_, pairs_);
            return;
        }
        for (size_t i = 0; i < pairs_; ++i) {
            key_values[2 * i] = entries_[i].key;
            key_values[2 * i + 1] = entries_[i].value;
        }
    }
    pairs_ = sort_pairs(key_values, pairs_);
    words_ = 3 + 2 * pairs_;
}

MapPlan::~MapPlan() { release(entries_); }

Term MapPlan::build(HeapBuilder& heap) {
    if (pairs_ <= kMaxFlatMapSize) return build_flat(heap, key_values_, pairs_);
    Word* map = heap.raw(3);
    map[0] = make_header(Kind::map_hash, 2);
    map[1] = Term::small(static_cast<int64_t>(pairs_)).word();
    map[2] = build_node(heap, entries_, entries_ + pairs_, 0).word();
    return Term::boxed(map);
}

Term build_map(HeapBuilder& heap, Term* key_values, size_t pairs, bool* duplicate) {
    MapPlan plan(key_values, pairs);
    if (duplicate != nullptr) *duplicate = plan.pairs() != pairs;
    return plan.build(heap);
}

}  // namespace lintel
