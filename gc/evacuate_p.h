#pragma once
/// The inner loops of the collector: moving objects and scanning what was moved. gc/collector.cpp tells the algorithm.

#include <cstring>

#include "gc/heap_builder.h"
#include "gc/heap_walk.h"

namespace lintel {

/// A range of addresses, for one-compare tests of tagged words: objects are aligned to eight bytes, so the tag does not
/// change the answer.
struct AddressRange {
    Word base = 0;
    Word bytes = 0;

    AddressRange() = default;
    AddressRange(Word first, Word size) : base(first), bytes(size) {}
    AddressRange(const Word* begin, const Word* end)
        : base(reinterpret_cast<Word>(begin)), bytes(static_cast<Word>(end - begin) * kWordBytes) {}
    bool holds(Word w) const { return w - base < bytes; }
};

/// Which objects a scan moves, and where to.
enum class Sweep : uint8_t {
    major,            ///< everything but literals, to `top`
    minor,            ///< the young block: mature objects to `old_top`, others to `top`. There are no fragments
    minor_fragments,  ///< as minor, and from fragments: to `top`
    old,              ///< words of objects just promoted: they refer to mature objects, older ones and literals only
};

struct Spaces {
    AddressRange literals;
    AddressRange mature;  ///< start to high_water of the young block
    AddressRange young;   ///< start to htop of the young block
    AddressRange old;     ///< the old block
    Word* top = nullptr;
    Word* old_top = nullptr;
};

constexpr bool is_forwarded(Word first) { return (first & kTagMask) == static_cast<Word>(Tag::code); }

/// The new term for cons `w`: moves the cell to `top` unless it has moved already.
inline Word move_cons(Word w, Word*& top) {
    Word* cell = Term(w).cons_cell();
    const Word head = cell[0];
    if (is_forwarded(head)) return head - static_cast<Word>(Tag::code) + static_cast<Word>(Tag::cons);
    Word* to = top;
    to[0] = head;
    to[1] = cell[1];
    top = to + kConsWords;
    cell[0] = reinterpret_cast<Word>(to) | static_cast<Word>(Tag::code);
    return Term::cons(to).word();
}

inline Word move_boxed(Word w, Word*& top) {
    Word* from = Term(w).boxed_words();
    const Word header = *from;
    if (is_forwarded(header)) return header - static_cast<Word>(Tag::code) + static_cast<Word>(Tag::boxed);
    Word* to = top;
    const size_t size = header_size(header);
    top = to + 1 + size;
    *to = header;
    *from = reinterpret_cast<Word>(to) | static_cast<Word>(Tag::code);
    if (LINTEL_LIKELY(size <= 16)) {
        for (size_t i = 1; i <= size; ++i) to[i] = from[i];
    } else {
        std::memcpy(to + 1, from + 1, size * kWordBytes);
    }
    return Term::boxed(to).word();
}

enum class Where : uint8_t { stays, to_top, to_old };

/// What becomes of the object that `w`, a cons or boxed word, refers to.
template <Sweep S>
inline Where where(const Spaces& s, Word w) {
    if constexpr (S == Sweep::major) {
        return s.literals.holds(w) ? Where::stays : Where::to_top;
    } else if constexpr (S == Sweep::old) {
        return s.mature.holds(w) ? Where::to_old : Where::stays;
    } else {
        if (s.mature.holds(w)) return Where::to_old;
        if constexpr (S == Sweep::minor) return s.young.holds(w) ? Where::to_top : Where::stays;
        return s.old.holds(w) || s.literals.holds(w) ? Where::stays : Where::to_top;
    }
}

/// `w`, a cons or boxed word, after moving what it refers to if that is to be moved.
template <Sweep S>
inline Word move(Spaces& s, Word w) {
    switch (where<S>(s, w)) {
        case Where::to_top: return Term(w).is_cons() ? move_cons(w, s.top) : move_boxed(w, s.top);
        case Where::to_old: return Term(w).is_cons() ? move_cons(w, s.old_top) : move_boxed(w, s.old_top);
        case Where::stays: break;
    }
    return w;
}

/// Words `from` to `to` of a stack, or roots: renewed in place.
template <Sweep S>
inline void move_roots(Spaces& spaces, Word* from, Word* to) {
    Spaces s = spaces;
    for (; from < to; ++from) {
        if (is_pointer_word(*from)) *from = move<S>(s, *from);
    }
    spaces = s;
}

/// A match context is final but for its base, which depends on where its binary is now.
inline void renew_base(Word* object) {
    auto* context = reinterpret_cast<MatchContext*>(object);
    const Word* of = context->of.boxed_words();
    context->base = header_kind(*of) == Kind::refc_binary ? reinterpret_cast<const RefcBinary*>(of)->data->bytes
                                                          : reinterpret_cast<const uint8_t*>(of + 1);
}

/// Renews the word at `scan`, which refers to a cons that goes to where the scan is going on, and all that can be done
/// with it: as long as the moved cell is the next thing to scan and its head is immediate, the tail is at hand and
/// needs no load from what was just stored. Returns where the scan goes on.
template <Sweep S>
inline Word* move_list(const Spaces& s, Word*& top, Word* scan, Word w) {
    constexpr Where kHere = S == Sweep::old ? Where::to_old : Where::to_top;
    Word* to = top;
    for (;;) {
        Word* cell = Term(w).cons_cell();
        const Word head = cell[0];
        if (LINTEL_UNLIKELY(is_forwarded(head))) {
            *scan++ = head - static_cast<Word>(Tag::code) + static_cast<Word>(Tag::cons);
            break;
        }
        w = cell[1];
        *scan++ = Term::cons(to).word();
        to[0] = head;
        cell[0] = reinterpret_cast<Word>(to) | static_cast<Word>(Tag::code);
        to += kConsWords;
        if (scan != to - kConsWords || is_pointer_word(head)) {
            to[-1] = w;
            break;
        }
        ++scan;
        if (!Term(w).is_cons() || where<S>(s, w) != kHere) {
            *scan = w;
            break;
        }
    }
    top = to;
    return scan;
}

/// Scans moved objects from `scan` until it meets the end of what has been moved there, which the scan itself pushes
/// on.
template <Sweep S>
inline void scan_moved(Spaces& spaces, Word* scan) {
    constexpr Where kHere = S == Sweep::old ? Where::to_old : Where::to_top;
    Spaces s = spaces;  // a local copy, so that both tops stay in registers
    Word*& end = S == Sweep::old ? s.old_top : s.top;
    while (scan != end) {
        const Word w = *scan;
        if (is_pointer_word(w)) {
            if (Term(w).is_cons() && where<S>(s, w) == kHere) {
                scan = move_list<S>(s, end, scan, w);
            } else {
                *scan++ = move<S>(s, w);
            }
        } else if ((w & kTagMask) != 0 || header_kind(w) < Kind::fun) {
            ++scan;
        } else {
            const Kind kind = header_kind(w);
            if (kind == Kind::fun) {
                scan += 2;
                continue;
            }
            if (kind == Kind::sub_binary || kind == Kind::match_context) {
                scan[1] = move<S>(s, scan[1]);
                if (kind == Kind::match_context) renew_base(scan);
            }
            scan += 1 + header_size(w);
        }
    }
    spaces = s;
}

}  // namespace lintel
