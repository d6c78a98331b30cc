#include "base/work_stack.h"
#include "term/bits.h"
#include "term/fun.h"
#include "term/hash.h"
#include "term/identifier.h"
#include "term/map.h"
#include "term/views.h"

/// internal_hash of compound terms: one pass over the term in a fixed order, each word folded into a running hash.
///
/// What is exactly equal must hash the same: so a binary counts by its bits (not where they are), a reference by its node and
/// numbers, a fun by what names its code, never by an address. Large maps have a shape that follows from their keys (invariant
/// in term/map.h), so they are hashed like tuples; only the order within map_collision is not fixed, and its pairs are
/// left out. Of a term without an end (base/patience.h), as of any that is very large, the beginning counts.

namespace lintel {

namespace {

constexpr Word kSeed = 0x2545f4914f6cdd1dull;
constexpr Word kListSalt = 0x9ddfea08eb382d69ull;
constexpr Word kBitsSalt = 0xc3a5c85c97cb3127ull;
constexpr uint32_t kMostRuns = 1 << 12;
constexpr Word kRefSalt = 0xb492b66fbe98f273ull;

Word fold(Word h, Word x) {
    h = (h ^ x) * 0xd6e8feb86659fd93ull;
    return h ^ (h >> 32);
}

/// The `n` bytes at `p`, 1 to 7, as the low bytes of a word.
Word load_tail(const uint8_t* p, size_t n) {
    if (n >= 4) {
        uint32_t low, high;
        std::memcpy(&low, p, 4);
        std::memcpy(&high, p + n - 4, 4);
        return low | Word{high} << (8 * (n - 4));
    }
    return p[0] | Word{p[n / 2]} << (8 * (n / 2)) | Word{p[n - 1]} << (8 * (n - 1));
}

Word fold_bits(Word h, BitsView v) {
    h = fold(h, kBitsSalt ^ v.size);
    constexpr size_t kChunkBytes = 256;
    uint8_t scratch[kChunkBytes];
    for (size_t done = 0; done < v.size;) {
        const size_t bits = v.size - done < kChunkBytes * 8 ? v.size - done : kChunkBytes * 8;
        const size_t bytes = bytes_for_bits(bits);
        const uint8_t* p = scratch;
        if (v.is_aligned() && bits % 8 == 0) {
            p = v.bytes() + done / 8;
        } else {
            scratch[bytes - 1] = 0;
            copy_bits(scratch, 0, v.base, v.offset + done, bits);
        }
        size_t i = 0;
        for (; i + 8 <= bytes; i += 8) {
            Word w;
            std::memcpy(&w, p + i, 8);
            h = fold(h, w);
        }
        if (i < bytes) h = fold(h, load_tail(p + i, bytes - i));
        done += bits;
    }
    return h;
}

struct Run {
    const Term* next;
    const Term* end;
};

class Hasher {
public:
    Word run(Term t) {
        for (uint32_t left = kMostRuns;; --left) {
            term(t);
            if (runs_.empty() || left == 0) return mix_word(h_);
            Run& r = runs_.top();
            t = *r.next++;
            if (r.next == r.end) runs_.pop();
        }
    }

private:
    void add(Word w) { h_ = fold(h_, w); }
    void push(const Word* words, size_t count) {
        const auto* first = reinterpret_cast<const Term*>(words);
        if (count != 0) runs_.push({first, first + count});
    }

    void term(Term t) {
        if (t.is_cons()) {
            add(kListSalt);
            for (;;) {
                const Word* cell = t.cons_cell();
                const Term head(cell[0]);
                if (!head.is_immediate()) {
                    push(cell + 1, 1);
                    t = head;
                    if (!t.is_cons()) break;
                    add(kListSalt);
                    continue;
                }
                add(internal_hash(head));
                t = Term(cell[1]);
                if (!t.is_cons()) break;
            }
        }
        if (t.is_immediate()) {
            add(internal_hash(t));
        } else {
            boxed(t);
        }
    }

    void boxed(Term t) {
        const Word* w = t.boxed_words();
        const Kind kind = header_kind(*w);
        const size_t size = header_size(*w);
        switch (kind) {
            case Kind::tuple:
            case Kind::record:
            case Kind::map_flat:
            case Kind::map_hash:
            case Kind::map_node:
                add(*w);
                push(w + 1, size);
                return;
            case Kind::map_collision: add(*w); return;
            case Kind::fun: {
                const FunView f(w);
                add(make_header(Kind::fun, f.free_count()));  // what same_fun_code looks at, no more
                add(internal_hash(f.module()));
                add(static_cast<Word>(f.index()) << 32 | static_cast<uint32_t>(f.old_uniq()));
                push(reinterpret_cast<const Word*>(f.environment()), f.free_count());
                return;
            }
            case Kind::export_fun: {
                const ExportFunView f(w);
                add(internal_hash(f.module()));
                add(internal_hash(f.function()));
                add(f.arity());
                return;
            }
            case Kind::boxed_float:
            case Kind::bignum:
                for (size_t i = 0; i <= size; ++i) add(w[i]);
                return;
            case Kind::heap_binary:
            case Kind::refc_binary:
            case Kind::sub_binary:
            case Kind::match_context: h_ = fold_bits(h_, as_bits(t)); return;
            case Kind::ref:
            case Kind::magic_ref:
            case Kind::external_ref: {
                // A hash does not change when the node gets a name.
                const bool is_local = header_kind(*w) != Kind::external_ref;
                const NodeName node = is_local ? NodeName{am::nonode_at_nohost(), 0} : node_of(t);
                const RefNumbers numbers = ref_numbers(t);
                add(kRefSalt + node.creation);
                add(internal_hash(node.name));
                for (size_t i = 0; i < numbers.count; ++i) add(numbers.at[i]);
                return;
            }
            case Kind::external_pid:
            case Kind::external_port:
                add(*w ^ w[2]);
                add(internal_hash(Term(w[1])));
                add(w[3]);
                return;
        }
    }

    Word h_ = kSeed;
    WorkStack<Run, 24> runs_;
};

}  // namespace

Word internal_hash_compound(Term t) {
    if (t.is_kind(Kind::heap_binary)) {  // the usual key: as fold_bits does it, in words
        const Word* w = t.boxed_words();
        const size_t bytes = header_aux(*w);
        Word h = fold(kSeed, kBitsSalt ^ bytes * 8);
        const Word* const last = w + 1 + bytes / kWordBytes;
        for (++w; w != last; ++w) h = fold(h, *w);
        const size_t left = bytes % kWordBytes;
        if (left != 0) h = fold(h, *w & ((Word{1} << (8 * left)) - 1));
        return mix_word(h);
    }
    return Hasher().run(t);
}

}  // namespace lintel
