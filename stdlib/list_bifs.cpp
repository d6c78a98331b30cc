/// BIFs on lists.
///
/// Searches and reverse cut long lists into slices: they trap to themselves with the rest of the list (and the
/// accumulator) as arguments. An improper end behind the first slice is then reported with the arguments of the last
/// one.

#include "stdlib/bif.h"
#include "stdlib/list_subtract.h"
#include "term/compare.h"
#include "term/views.h"
#include "vm/vm_core.h"

namespace lintel {

namespace {

constexpr size_t kCellsPerReduction = 64;
constexpr size_t kKeysPerReduction = 32;

/// Goes on in the BIF itself.
Term again(ExecState& p, Term function, std::initializer_list<Term> args) {
    return p.trap(p.vm->code.export_entry(am::lists(), function, static_cast<uint32_t>(args.size())), args);
}

/// What a search in a slice of a list came to.
struct Search {
    enum class Outcome : uint8_t { found, absent, improper, unfinished };
    Outcome outcome;
    Term at;  ///< the element found; or the rest to be searched
};

template <typename Matches>
Search search(ExecState& p, size_t items_per_reduction, Term list, Matches matches) {
    Budget budget(p, items_per_reduction);
    for (; list.is_cons(); list = list.tail()) {
        if (LINTEL_UNLIKELY(!budget.take())) return {Search::Outcome::unfinished, list};
        const Term element = list.head();
        if (matches(element)) return {Search::Outcome::found, element};
    }
    return {list.is_nil() ? Search::Outcome::absent : Search::Outcome::improper, list};
}

/// Searches for the first tuple whose element `index` (from 0) is == key.
Search search_key(ExecState& p, Term key, size_t index, Term list) {
    const auto with = [&](auto is_key) {
        return search(p, kKeysPerReduction, list, [&](Term t) {
            const auto tuple = as_tuple(t);
            return tuple && index < tuple.arity() && is_key(tuple[index]);
        });
    };
    if (key.is_small()) {
        return with([key](Term e) { return e == key || (e.is_float() && equal(e, key)); });
    }
    if (key.is_immediate() && !key.is_immediate_float()) return with([key](Term e) { return e == key; });
    return with([key](Term e) { return equal(e, key); });
}

/// Common to keyfind, keymember, keysearch: Key, N, List.
template <typename Found>
Term key_bif(ExecState& p, Args a, Term function, Found found) {
    if (!a[1].is_small() || a[1].to_small() < 1) return p.badarg();
    const Search s = search_key(p, a[0], static_cast<size_t>(a[1].to_small()) - 1, a[2]);
    switch (s.outcome) {
        case Search::Outcome::found: return found(s.at);
        case Search::Outcome::absent: return am::false_();
        case Search::Outcome::improper: return p.badarg();
        case Search::Outcome::unfinished: break;
    }
    return again(p, function, {a[0], a[1], s.at});
}

/// Words for cells that can be made before it is known how many they will be: what the heap has.
size_t words_at_hand(const ExecState& p) {
    const size_t free = p.heap.free_words();
    return free > kStackSlackWords ? free - kStackSlackWords : 0;
}

/// Copies of cells of `list` while there is room, linked where *link points, which then points to where the next goes. Returns what is left of the
/// list.
Term copy_cells(HeapBuilder& heap, Term list, Word** link) {
    for (; list.is_cons() && heap.words_left() >= kConsWords; list = list.tail()) {
        Word* cell = heap.raw(kConsWords);
        cell[0] = list.head().word();
        **link = Term::cons(cell).word();
        *link = cell + 1;
    }
    return list;
}

}  // namespace

/// erlang:length/1. Fails: badarg unless a proper list.
Term length_1(ExecState& p, Args a) {
    const int64_t n = list_length(a[0]);
    if (n < 0) return p.badarg();
    p.charge(static_cast<size_t>(n) / kCellsPerReduction);
    return Term::small(n);
}

/// erlang:hd/1. Fails: badarg unless a nonempty list.
Term hd_1(ExecState& p, Args a) { return a[0].is_cons() ? a[0].head() : p.badarg(); }

/// erlang:tl/1. Fails: badarg unless a nonempty list.
Term tl_1(ExecState& p, Args a) { return a[0].is_cons() ? a[0].tail() : p.badarg(); }

/// erlang:'++'/2: the second argument may be anything. Fails: badarg unless the first is a proper list.
Term append_2(ExecState& p, Args a) {
    if (a[1].is_nil()) return list_length(a[0]) < 0 ? p.badarg() : a[0];
    Word first = 0;
    Word* link = &first;
    Term rest;
    size_t count;
    {
        auto heap = p.reserve(words_at_hand(p));
        const size_t words = heap.words_left();
        rest = copy_cells(heap, a[0], &link);
        count = (words - heap.words_left()) / kConsWords;
    }
    if (rest.is_cons()) {
        const int64_t n = list_length(rest);
        if (n < 0) return p.badarg();
        count += static_cast<size_t>(n);
        auto heap = p.reserve(list_words(static_cast<size_t>(n)));
        rest = copy_cells(heap, rest, &link);
    }
    if (!rest.is_nil()) return p.badarg();
    *link = a[1].word();
    p.charge(count / kCellsPerReduction);
    return Term(first);
}

/// erlang:'--'/2: the first list without, for each element of the second, the first element that is =:= to it. Fails:
/// badarg unless both are proper lists.
Term list_subtract_2(ExecState& p, Args a) {
    const int64_t left = list_length(a[0]), right = list_length(a[1]);
    if (left < 0 || right < 0) return p.badarg();
    if (left == 0 || right == 0) return a[0];
    const auto n = static_cast<size_t>(left), m = static_cast<size_t>(right);
    p.charge((n + m) / kKeysPerReduction);
    const ScratchArray<uint8_t, 256> removed(n);
    if (!removed) return p.system_limit();
    const Subtraction s = mark_removed(a[0], n, a[1], m, removed.data());
    if (s.failed) return p.system_limit();
    if (s.count == 0) return a[0];
    // What follows the last removed element is shared with the old list.
    const size_t kept = s.end - s.count;
    auto heap = p.reserve(list_words(kept));
    Word first = 0;
    Word* link = &first;
    Term list = a[0];
    for (size_t i = 0; i < s.end; ++i, list = list.tail()) {
        if (removed[i] != 0) continue;
        Word* cell = heap.raw(kConsWords);
        cell[0] = list.head().word();
        *link = Term::cons(cell).word();
        link = cell + 1;
    }
    *link = list.word();
    return Term(first);
}

/// lists:reverse/2: List, Tail; the tail may be anything. Fails: badarg unless List is proper.
Term lists_reverse_2(ExecState& p, Args a) {
    Term list = a[0], reversed = a[1], rest;
    size_t n = 0;
    {
        Budget budget(p, kCellsPerReduction);
        bool has_time = true;
        {
            auto heap = p.reserve(words_at_hand(p));
            for (; list.is_cons() && heap.words_left() >= kConsWords && (has_time = budget.take()); list = list.tail())
                reversed = heap.cons(list.head(), reversed);
        }
        for (rest = list; has_time && rest.is_cons() && budget.take(); rest = rest.tail()) ++n;
    }
    if (!rest.is_list()) return p.badarg();
    auto heap = p.reserve(list_words(n));
    for (; n > 0; --n, list = list.tail()) reversed = heap.cons(list.head(), reversed);
    if (rest.is_nil()) return reversed;
    return again(p, am::reverse(), {rest, reversed});
}

/// lists:member/2: Element (compared by =:=), List. Fails: badarg if the list ends improperly before it is found.
Term lists_member_2(ExecState& p, Args a) {
    const Term wanted = a[0];
    const bool by_word = wanted.is_immediate() && !wanted.is_zero_float();
    const Search s = by_word
                         ? search(p, kCellsPerReduction, a[1], [wanted](Term e) { return e == wanted; })
                         : search(p, kKeysPerReduction, a[1], [wanted](Term e) { return exactly_equal(e, wanted); });
    switch (s.outcome) {
        case Search::Outcome::found: return am::true_();
        case Search::Outcome::absent: return am::false_();
        case Search::Outcome::improper: return p.badarg();
        case Search::Outcome::unfinished: break;
    }
    return again(p, am::member(), {wanted, s.at});
}

/// lists:keyfind/3: Key (compared by ==), N, Tuples: the tuple or false. Elements that are no tuples of N elements
/// are passed over. Fails: badarg if N is no positive integer or the list ends improperly before it is found.
Term lists_keyfind_3(ExecState& p, Args a) {
    return key_bif(p, a, am::keyfind(), [](Term tuple) { return tuple; });
}

/// lists:keymember/3: as keyfind/3, but true or false.
Term lists_keymember_3(ExecState& p, Args a) {
    return key_bif(p, a, am::keymember(), [](Term) { return am::true_(); });
}

/// lists:keysearch/3: as keyfind/3, but {value, Tuple} or false.
Term lists_keysearch_3(ExecState& p, Args a) {
    return key_bif(p, a, am::keysearch(), [&p](Term tuple) {
        auto heap = p.reserve(tuple_words(2));
        return heap.tuple(am::value(), tuple);
    });
}

}  // namespace lintel
