#include "base/work_stack.h"
#include "term/bits.h"
#include "term/fun.h"
#include "term/hash.h"
#include "term/identifier.h"
#include "term/map.h"
#include "term/views.h"

/// internal_hash of what hash.h does not do itself.
///
/// OTP 25 goes over the term once, depth first and from the left, with one running hash. What is exactly equal must hash the same: so a
/// binary counts by its bits (not where they are), a reference by its numbers, a fun by what names its code, never by an address.
///
///     a list        its leading elements of 0 to 255, four to a word; then a mark, the next element, and the rest as a list
///                   by itself; another mark comes before a tail that is no list
///     a large map   its size, and its pairs from the last to the first: equal maps have them in the same order. Only within
///                   map_collision they have not; there they are left out
///
/// Of a term without an end (base/patience.h), as of any that has very many parts, the beginning counts. Atoms, also within terms, and what
/// has the name of another node are hashed in ways of our own: OTP's follow from where things are in its memory.

namespace lintel {

namespace {

constexpr uint32_t kBytesOfListOffset = golden(4);
constexpr uint32_t kPidOffset = golden(5);
constexpr uint32_t kPortOffset = golden(6);
constexpr uint32_t kRefOffset = golden(7);
constexpr uint32_t kMoreOfRefOffset = golden(8);
constexpr uint32_t kTupleOffset = golden(9);
constexpr uint32_t kNegativeOffset = golden(10);
constexpr uint32_t kPositiveOffset = golden(11);
constexpr uint32_t kFloatOffset = golden(12);
constexpr uint32_t kExportOffset = golden(14);
constexpr uint32_t kMapOffset = golden(16);
constexpr uint32_t kHeadMark = golden(17);
constexpr uint32_t kTailMark = golden(18);
constexpr uint32_t kFunOffset = golden(20);
constexpr uint32_t kFunCodeOffset = golden(21);
constexpr uint32_t kLastBytesOfListOffset = golden(22);
constexpr uint32_t kRecordOffset = golden(23);

/// OTP's words for immediates: data above four bits of tag.
constexpr Word kNilWord = 0x3b;
constexpr Word otp_word(Word data, Word tag) { return data << 4 | tag; }

constexpr uint32_t kMostRuns = 1 << 16;

bool is_byte(Term t) { return t.is_small() && static_cast<uint64_t>(t.to_small()) < 256; }

struct Run {
    const Term* next;
    const Term* end;
    bool is_tail;  ///< of a list: one term
};

class Hasher {
public:
    explicit Hasher(uint32_t seed) : h_(seed) {}

    uint32_t run(Term t) {
        for (uint32_t left = kMostRuns;; --left) {
            term(t);
            if (runs_.empty() || left == 0) return h_;
            Run& r = runs_.top();
            t = *r.next++;
            if (r.is_tail && !t.is_cons()) mark(kTailMark);
            if (r.next == r.end) runs_.pop();
        }
    }

private:
    void add(uint32_t x, uint32_t y, uint32_t offset) { h_ = jenkins_add(h_, x, y, offset); }
    void add_word(Word w, uint32_t offset) { add(static_cast<uint32_t>(w), static_cast<uint32_t>(w >> 32), offset); }
    void mark(uint32_t m) {
        h_ ^= m;
        h_ = h_ << 17 ^ h_ >> 15;
    }
    void push(const Term* terms, size_t count, bool is_tail = false) {
        if (count != 0) runs_.push({terms, terms + count, is_tail});
    }

    void term(Term t) {
        while (t.is_cons()) {
            t = leading_bytes(t);
            if (!t.is_cons()) break;
            mark(kHeadMark);
            const auto* cell = reinterpret_cast<const Term*>(t.cons_cell());
            t = cell[0];
            if (!t.is_immediate()) {
                push(cell + 1, 1, true);
                continue;
            }
            immediate(t);
            t = cell[1];
            if (!t.is_cons()) mark(kTailMark);
        }
        if (t.is_immediate()) {
            immediate(t);
        } else {
            boxed(t);
        }
    }

    /// Returns what follows them.
    Term leading_bytes(Term t) {
        uint32_t word = 0;
        uint32_t bytes = 0;
        for (; t.is_cons() && is_byte(t.head()); t = t.tail()) {
            word = word << 8 | static_cast<uint32_t>(t.head().to_small());
            if (++bytes == 4) {
                add(word, 0, kBytesOfListOffset);
                word = bytes = 0;
            }
        }
        if (bytes != 0) add(word, bytes, kLastBytesOfListOffset);
        return t;
    }

    void immediate(Term t) {
        if (is_otp_small(t)) {
            h_ = internal_hash_of_small(t, h_);
        } else if (t.is_atom()) {
            atom(t);
        } else if (t.is_nil()) {
            add_word(kNilWord, golden(1));
        } else if (t.is_small()) {
            limb(static_cast<Word>(std::abs(t.to_small())), t.to_small() < 0);
        } else if (t.is_immediate_float()) {
            number(t.immediate_float());
        } else if (t.is_local_pid()) {
            add_word(otp_word(t.imm_data(), 3), golden(1));
        } else {
            add_word(otp_word(t.imm_data(), 7), golden(1));
        }
    }
    void atom(Term t) { add_word(t.atom_entry()->internal_hash, golden(1)); }
    void limb(Word magnitude, bool is_negative) {
        add_word(magnitude, is_negative ? kNegativeOffset : kPositiveOffset);
    }
    void number(double d) { add_word(d == 0 && !kSignedZerosDiffer ? 0 : std::bit_cast<Word>(d), kFloatOffset); }

    void boxed(Term t) {
        const Word* w = t.boxed_words();
        const size_t size = header_size(*w);
        const auto* body = reinterpret_cast<const Term*>(w + 1);
        switch (header_kind(*w)) {
            case Kind::tuple:
                add(static_cast<uint32_t>(size), 0, kTupleOffset);
                push(body, size);
                return;
            case Kind::record:
                add(static_cast<uint32_t>(size), 0, kRecordOffset);
                push(body, size);
                return;
            case Kind::map_flat:
                add_word(size - 1, kMapOffset);
                for (size_t i = size - 1; i-- > 0;) {
                    push(flat_map_values(t) + i, 1);
                    push(flat_map_keys(t) + i, 1);
                }
                return;
            case Kind::map_hash:
                add_word(map_size(t), kMapOffset);
                push(body + 1, 1);
                return;
            case Kind::map_node: map_node(body, *w); return;
            case Kind::map_collision: return;
            case Kind::fun: {
                const FunView f(w);  // what same_fun_code looks at, no more
                add(static_cast<uint32_t>(f.free_count()), 0, kFunOffset);
                atom(f.module());
                add(f.index(), f.old_uniq(), kFunCodeOffset);
                push(f.environment(), f.free_count());
                return;
            }
            case Kind::export_fun: {
                const ExportFunView f(w);
                add(f.arity(), 0, kExportOffset);
                atom(f.module());
                atom(f.function());
                return;
            }
            case Kind::boxed_float: number(to_double(t)); return;
            case Kind::bignum:
                for (const Word l : as_bignum(t).limbs()) limb(l, as_bignum(t).negative());
                return;
            case Kind::heap_binary:
            case Kind::refc_binary:
            case Kind::sub_binary:
            case Kind::match_context: h_ = jenkins_bits(as_bits(t), h_); return;
            case Kind::ref:
            case Kind::magic_ref:
            case Kind::external_ref: {
                // A hash does not change when the node gets a name.
                if (header_kind(*w) == Kind::external_ref) node(node_of(t), kRefOffset);
                const RefNumbers numbers = ref_numbers(t);
                add(numbers.at[0], 0, kRefOffset);
                for (size_t i = 1; i < numbers.count; i += 2) {
                    add(numbers.at[i], i + 1 < numbers.count ? numbers.at[i + 1] : 0, kMoreOfRefOffset);
                }
                return;
            }
            case Kind::external_pid:
            case Kind::external_port: {
                const uint32_t offset = header_kind(*w) == Kind::external_pid ? kPidOffset : kPortOffset;
                node(node_of(t), offset);
                add_word(w[3], offset);
                return;
            }
        }
    }
    void node(NodeName name, uint32_t offset) {
        atom(name.name);
        add(name.creation, 0, offset);
    }
    /// What is pushed last comes first.
    void map_node(const Term* body, Word header) {
        const uint32_t data = map_data_bits(header);
        const Term* child = body + size_t{2} * map_bit_count(data);
        for (uint32_t left = data | map_child_bits(header); left != 0; left &= left - 1) {
            if ((data & left & (0 - left)) == 0) {
                push(child++, 1);
            } else {
                push(body, 2);
                body += 2;
            }
        }
    }

    uint32_t h_;
    WorkStack<Run, 24> runs_;
};

}  // namespace

uint32_t internal_hash_compound(Term t, uint32_t seed) {
    if (!t.is_kind(Kind::heap_binary)) return Hasher(seed).run(t);
    // The usual key: as jenkins_bits, but whole words may be read up to the end of the last one.
    const Word* w = t.boxed_words();
    const size_t bytes = header_aux(*w);
    const auto* p = reinterpret_cast<const uint8_t*>(w + 1);
    uint32_t a = golden(1), b = golden(1), c = seed + golden(13);
    if (bytes == 0) return c;
    size_t left = bytes;
    for (; left >= 12; left -= 12, p += 12) {
        Word low;
        uint32_t high;
        std::memcpy(&low, p, 8);
        std::memcpy(&high, p + 8, 4);
        a += static_cast<uint32_t>(low);
        b += static_cast<uint32_t>(low >> 32);
        c += high;
        jenkins_mix(a, b, c);
    }
    Word low = 0;
    uint32_t high = 0;
    if (left > 4) {
        std::memcpy(&low, p, 8);
        if (left < 8) low &= (Word{1} << (8 * left)) - 1;
        if (left > 8) {
            std::memcpy(&high, p + 8, 4);
            high <<= 8 * (12 - left);  // the bytes behind the end go
            high >>= 8 * (11 - left);  // the lowest is taken by the length
        }
    } else if (left > 0) {
        uint32_t first;
        std::memcpy(&first, p, 4);
        low = first & ((Word{1} << (8 * left)) - 1);
    }
    a += static_cast<uint32_t>(low);
    b += static_cast<uint32_t>(low >> 32);
    c += static_cast<uint32_t>(bytes) + high;
    jenkins_mix(a, b, c);
    return c;
}

}  // namespace lintel
