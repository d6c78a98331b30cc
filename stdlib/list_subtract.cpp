/// List subtraction.
///
/// Taking the elements of the right list one by one, each removing the first equal element on the left, costs n * m.
/// The same comes out when the left list is walked once and each element removed as often as it is in the right one.
/// So the right list becomes a sorted table of distinct terms with counts. It is sorted by hash first, which settles
/// nearly all comparisons without looking into the terms, and by the order of map keys among equal hashes, so that
/// there is no set of terms for which it is slow. If either list has a few elements only, the pairwise way is the
/// faster one.

#include "stdlib/list_subtract.h"

#include <algorithm>
#include <cstring>

#include "term/compare.h"
#include "term/hash.h"

namespace lintel {

namespace {

constexpr size_t kFew = 10;

struct Entry {
    Word hash;
    Term term;
    size_t count;
};

bool before(const Entry& a, const Entry& b) {
    return a.hash != b.hash ? a.hash < b.hash : compare_keys(a.term, b.term) < 0;
}

void mark(Subtraction& s, uint8_t* removed, size_t i) {
    removed[i] = 1;
    ++s.count;
    s.end = std::max(s.end, i + 1);
}

Subtraction few_right(Term left, Term right, size_t m, uint8_t* removed) {
    Term wanted[kFew];
    for (size_t i = 0; i < m; ++i, right = right.tail()) wanted[i] = right.head();
    Subtraction s;
    for (size_t i = 0; m > 0 && left.is_cons(); ++i, left = left.tail()) {
        const Term element = left.head();
        for (size_t j = 0; j < m; ++j) {
            if (!exactly_equal(wanted[j], element)) continue;
            wanted[j] = wanted[--m];
            mark(s, removed, i);
            break;
        }
    }
    return s;
}

Subtraction few_left(Term left, size_t n, Term right, uint8_t* removed) {
    Term elements[kFew];
    for (size_t i = 0; i < n; ++i, left = left.tail()) elements[i] = left.head();
    Subtraction s;
    for (; s.count < n && right.is_cons(); right = right.tail()) {
        const Term wanted = right.head();
        for (size_t i = 0; i < n; ++i) {
            if (removed[i] != 0 || !exactly_equal(elements[i], wanted)) continue;
            mark(s, removed, i);
            break;
        }
    }
    return s;
}

/// Folds equal neighbours of a sorted table into one; returns their number.
size_t count_duplicates(Entry* table, size_t m) {
    size_t distinct = 0;
    for (size_t i = 0; i < m; ++i) {
        if (distinct > 0 && !before(table[distinct - 1], table[i])) {
            ++table[distinct - 1].count;
        } else {
            table[distinct++] = table[i];
        }
    }
    return distinct;
}

Subtraction give_up(Subtraction s) {
    s.failed = true;
    return s;
}

/// Each may be as large as a hash takes in.
constexpr uint32_t kElementsPerQuestion = 64;

}  // namespace

Subtraction mark_removed(Term left, size_t n, Term right, size_t m, uint8_t* removed) {
    std::memset(removed, 0, n);
    if (m <= kFew) return few_right(left, right, m, removed);
    if (n <= kFew) return few_left(left, n, right, removed);

    Subtraction s;
    const ScratchArray<Entry> table(m);
    if (!table) return give_up(s);
    Walk walk(Walks::endable, kElementsPerQuestion);
    for (size_t i = 0; i < m; ++i, right = right.tail()) {
        if (!walk.may_go_on()) return give_up(s);
        table[i] = {table_hash(right.head()), right.head(), 1};
    }
    std::stable_sort(table.data(), table.data() + m, before);
    Entry* end = table.data() + count_duplicates(table.data(), m);
    size_t wanted = m;
    for (size_t i = 0; wanted > 0 && i < n; ++i, left = left.tail()) {
        if (!walk.may_go_on()) return give_up(s);
        const Entry key{table_hash(left.head()), left.head(), 0};
        Entry* entry = std::lower_bound(table.data(), end, key, before);
        if (entry == end || entry->count == 0 || before(key, *entry)) continue;
        --entry->count;
        --wanted;
        mark(s, removed, i);
    }
    return s;
}

}  // namespace lintel
