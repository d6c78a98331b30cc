#pragma once
/// Small terms for BIFs that answer questions: each call reserves for itself. Where speed counts, size first and reserve once.

#include "sched/vm.h"
#include "stdlib/bif.h"

namespace lintel {

/// Whether the VM's memory limit leaves room for `words` words: for results that are many times larger than what they are made of. No
/// BIF needs to ask, but what it reserves beyond the limit the system must have, until the process is killed for it.
inline bool may_reserve(ExecState&, size_t words) {
    constexpr size_t kLarge = 8192;
    return words < kLarge || may_allocate(words * kWordBytes);
}

inline Term make_tuple2(ExecState& p, Term a, Term b) { return p.reserve(tuple_words(2)).tuple(a, b); }
inline Term make_tuple3(ExecState& p, Term a, Term b, Term c) { return p.reserve(tuple_words(3)).tuple(a, b, c); }
inline Term make_cons(ExecState& p, Term head, Term tail) { return p.reserve(kConsWords).cons(head, tail); }
inline Term make_integer(ExecState& p, int64_t v) {
    return Term::fits_small(v) ? Term::small(v) : p.reserve(kIntegerWords).integer(v);
}
inline Term make_unsigned(ExecState& p, uint64_t v) {
    return v <= static_cast<uint64_t>(Term::kSmallMax) ? Term::small(static_cast<int64_t>(v))
                                                       : p.reserve(kIntegerWords).unsigned_integer(v);
}
/// A reference to `magic`, which has none so far.
inline Term make_magic_ref(ExecState& p, Magic* magic) {
    return p.reserve(kMagicRefWords).magic_ref(magic, p.vm->next_reference_number(), 0);
}
/// A string (list of code points) of UTF-8 text.
inline Term make_string(ExecState& p, std::string_view utf8) { return p.reserve(list_words(utf8.size())).string(utf8); }

/// The atom `name`; system_limit if the VM may have no more atoms.
inline Term name_atom(ExecState& p, std::string_view name) {
    const Term t = p.vm->atoms.intern(name);
    return t.is_value() ? t : am::system_limit();
}

/// Fails: system_limit if there is no memory for it.
inline Term make_binary(ExecState& p, std::string_view bytes) {
    const Term t = p.reserve(binary_words(bytes.size())).binary(bytes.data(), bytes.size());
    return t.is_value() ? t : p.system_limit();
}

/// Of small_map.
struct MapPair {
    Term key, value;
};
constexpr size_t small_map_words(size_t pairs) { return 2 * pairs + 3; }
/// A map of a few pairs, given in key order.
inline Term small_map(HeapBuilder& heap, std::span<const MapPair> pairs) {
    const size_t n = pairs.size();
    Word* keys = heap.raw(1 + n);
    Word* map = heap.raw(2 + n);
    keys[0] = make_header(Kind::tuple, n);
    map[0] = make_header(Kind::map_flat, 1 + n);
    map[1] = Term::boxed(keys).word();
    size_t i = 0;
    for (const MapPair& pair : pairs) {
        keys[1 + i] = pair.key.word();
        map[2 + i] = pair.value.word();
        ++i;
    }
    return Term::boxed(map);
}
inline Term small_map(HeapBuilder& heap, std::initializer_list<MapPair> pairs) {
    return small_map(heap, std::span(pairs.begin(), pairs.size()));
}

/// A list that grows at its end; `p`'s heap must not move meanwhile.
class ListMaker {
public:
    explicit ListMaker(ExecState& p) : p_(p) {}
    void add(Term t) {
        const Term cell = make_cons(p_, t, Term::nil());
        if (last_ == nullptr) {
            list_ = cell;
        } else {
            last_[1] = cell.word();
        }
        last_ = cell.cons_cell();
    }
    void add_pair(Term key, Term value) { add(make_tuple2(p_, key, value)); }
    Term list() const { return list_; }

private:
    ExecState& p_;
    Term list_ = Term::nil();
    Word* last_ = nullptr;
};

}  // namespace lintel
