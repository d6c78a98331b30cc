#include <bit>

#include "base/patience.h"
#include "base/work_stack.h"
#include "term/bits.h"
#include "term/fun.h"
#include "term/hash.h"
#include "term/identifier.h"
#include "term/jenkins.h"
#include "term/map.h"
#include "term/record.h"
#include "term/views.h"

/// erlang:phash2: part of the language's contract (files and databases hold its values), so every step is OTP's.
///
/// The running hash is one lane of Bob Jenkins' mix (term/jenkins.h); values enter through the two others, offset by a multiple of
/// the golden ratio that depends on the type. Immediates that come first are special: an atom alone hashes
/// to its name's hash, unmixed. Pairs of a map are hashed each from zero and combined by xor, since they come in no
/// particular order; what follows a map continues from the hash before it. The values of a record count in the order of its
/// declaration. (OTP 29 takes them in the order of its atom table, so that its values for records of several fields differ
/// from node to node.)

namespace lintel {

namespace {

constexpr uint32_t kSmallSalt = golden(1);
constexpr uint32_t kNilSalt = golden(2);
constexpr uint32_t kAtomSalt = golden(3);
constexpr uint32_t kBytesOfListSalt = golden(4);
constexpr uint32_t kPidSalt = golden(5);
constexpr uint32_t kPortSalt = golden(6);
constexpr uint32_t kRefSalt = golden(7);
constexpr uint32_t kTupleSalt = golden(9);
constexpr uint32_t kNegativeSalt = golden(10);
constexpr uint32_t kPositiveSalt = golden(11);
constexpr uint32_t kFloatSalt = golden(12);
constexpr uint32_t kExportSalt = golden(14);
constexpr uint32_t kMapSalt = golden(16);
constexpr uint32_t kMapEndSalt = golden(19);
constexpr uint32_t kRecordSalt = golden(23);
constexpr uint32_t kNilFirst = 3468870702u;
constexpr uint32_t kNilWord = 2;

bool is_byte(Term t) { return t.is_small() && static_cast<uint64_t>(t.to_small()) < 256; }

/// What is still to be hashed.
struct Todo {
    enum class What : uint8_t {
        terms,     ///< `count` terms from `next` on
        nodes,     ///< `count` nodes of a hash map from `next` on
        key,       ///< a pair of a map: key at `next`, value at `second`; `count` pairs
        value,     ///< its key has been hashed
        pair_end,  ///< its value has been hashed
        map_end,   ///< all pairs of a map have been hashed
    };
    const Term* next;
    const Term* second;
    size_t count;
    uint32_t hash;          ///< map_end: hash before the map
    uint32_t pairs_before;  ///< map_end: xor of the pairs so far of the map around it
    uint16_t stride;        ///< pairs: words from key to key and from value to value
    What what;
};

class Hash2 {
public:
    uint32_t run(Term t) {
        for (;;) {
            ++steps_;
            term(t);
            if (!next(&t)) return h_;
        }
    }

    size_t steps() const { return steps_; }

private:
    void add(uint32_t x, uint32_t y, uint32_t salt) { h_ = jenkins_add(h_, x, y, salt); }
    void push_terms(const Term* first, size_t count) {
        if (count != 0) todo_.push({first, nullptr, count, 0, 0, 1, Todo::What::terms});
    }
    void push_pairs(const Term* keys, const Term* values, size_t count, uint16_t stride) {
        if (count != 0) todo_.push({keys, values, count, 0, 0, stride, Todo::What::key});
    }
    void push_nodes(const Term* first, size_t count) {
        if (count != 0) todo_.push({first, nullptr, count, 0, 0, 1, Todo::What::nodes});
    }

    void small(int64_t v) {
        constexpr int64_t kLimit = 1 << 27;
        if (v >= -kLimit && v < kLimit) {
            const auto x = static_cast<uint32_t>(v);
            if (v < 0) add(0 - x, 0, kSmallSalt);
            add(x, 0, kSmallSalt);
            return;
        }
        const auto magnitude = v < 0 ? 0 - static_cast<uint64_t>(v) : static_cast<uint64_t>(v);
        limb(magnitude, v < 0);
    }
    void limb(uint64_t magnitude, bool negative) {
        add(static_cast<uint32_t>(magnitude), static_cast<uint32_t>(magnitude >> 32),
            negative ? kNegativeSalt : kPositiveSalt);
    }

    void number(double d) {
        const Word bits = d == 0 ? 0 : std::bit_cast<Word>(d);
        add(static_cast<uint32_t>(bits >> 32), static_cast<uint32_t>(bits), kFloatSalt);
    }

    void immediate(Term t) {
        if (t.is_small()) {
            small(t.to_small());
        } else if (t.is_atom()) {
            const uint32_t name = t.atom_entry()->hash;
            if (h_ == 0) {
                h_ = name;
            } else {
                add(name, 0, kAtomSalt);
            }
        } else if (t.is_nil()) {
            if (h_ == 0) {
                h_ = kNilFirst;
            } else {
                add(kNilWord, 0, kNilSalt);
            }
        } else if (t.is_local_pid()) {
            add(static_cast<uint32_t>(pid_number(t)), 0, kPidSalt);
        } else if (t.is_local_port()) {
            port(port_number(t));
        } else {
            number(t.immediate_float());
        }
    }
    void port(Word n) { add(static_cast<uint32_t>(n), static_cast<uint32_t>(n >> 32), kPortSalt); }

    void term(Term t) {
        if (t.is_cons()) t = leading_bytes(t);
        if (t.is_cons()) {
            push_terms(reinterpret_cast<const Term*>(t.cons_cell()), 2);
        } else if (t.is_boxed()) {
            boxed(t);
        } else {
            immediate(t);
        }
    }

    /// Elements of 0 to 255 at the start of a list go four to a word. Returns what follows them.
    Term leading_bytes(Term t) {
        uint32_t word = 0;
        unsigned bytes = 0;
        for (; t.is_cons() && is_byte(t.head()); t = t.tail()) {
            word = word << 8 | static_cast<uint32_t>(t.head().to_small());
            if (++bytes == 4) {
                ++steps_;
                add(word, 0, kBytesOfListSalt);
                word = 0;
                bytes = 0;
            }
        }
        if (bytes != 0) add(word, 0, kBytesOfListSalt);
        return t;
    }

    void boxed(Term t) {
        const Word* w = t.boxed_words();
        const size_t size = header_size(*w);
        const auto* body = reinterpret_cast<const Term*>(w + 1);
        switch (header_kind(*w)) {
            case Kind::tuple:
                add(static_cast<uint32_t>(size), 0, kTupleSalt);
                push_terms(body, size);
                return;
            case Kind::record: {
                // The definition counts as a whole: with the hash that its tuple has by itself.
                const RecordView r(w);
                add(static_cast<uint32_t>(r.field_count()), definition_hash(r.definition()), kRecordSalt);
                push_terms(r.values().data(), r.field_count());
                return;
            }
            case Kind::map_flat:
                map(size - 1);
                push_pairs(flat_map_keys(t), flat_map_values(t), size - 1, 1);
                return;
            case Kind::map_hash:
                map(map_size(t));
                push_nodes(body + 1, 1);
                return;
            case Kind::fun: {
                const FunView f(w);
                add(static_cast<uint32_t>(f.free_count()), f.module().atom_entry()->hash, kSmallSalt);
                add(f.index(), f.old_uniq(), kSmallSalt);
                push_terms(f.environment(), f.free_count());
                return;
            }
            case Kind::export_fun: {
                const ExportFunView f(w);
                add(f.arity(), f.module().atom_entry()->hash, kSmallSalt);
                add(f.function().atom_entry()->hash, 0, kExportSalt);
                return;
            }
            case Kind::boxed_float: number(to_double(t)); return;
            case Kind::bignum:
                for (const Word l : as_bignum(t).limbs()) limb(l, as_bignum(t).negative());
                return;
            case Kind::heap_binary:
            case Kind::refc_binary:
            case Kind::sub_binary: bits(as_bits(t)); return;
            case Kind::ref:
            case Kind::magic_ref:
            case Kind::external_ref: add(ref_numbers(t).at[0], 0, kRefSalt); return;
            case Kind::external_pid: add(static_cast<uint32_t>(pid_number(t)), 0, kPidSalt); return;
            case Kind::external_port: port(port_number(t)); return;
            case Kind::map_node:
            case Kind::map_collision:
            case Kind::match_context: return;
        }
    }

    /// The hash of a tuple of atoms.
    static uint32_t definition_hash(Term definition) {
        Hash2 hash;
        const auto atoms = RecordDefinition(definition).atoms();
        hash.add(static_cast<uint32_t>(atoms.size()), 0, kTupleSalt);
        for (const Term t : atoms) hash.immediate(t);
        return hash.h_;
    }

    void bits(BitsView v) {
        steps_ += v.size / 128;
        h_ = jenkins_bits(v, h_);
    }

    /// Starts a map of `size` pairs, which the caller pushes.
    void map(size_t size) {
        add(static_cast<uint32_t>(size), 0, kMapSalt);
        if (size == 0) return;
        todo_.push({nullptr, nullptr, 0, h_, pairs_, 0, Todo::What::map_end});
        h_ = 0;
        pairs_ = 0;
    }

    void node(Term t) {
        const Word* w = t.boxed_words();
        const auto* body = reinterpret_cast<const Term*>(w + 1);
        if (header_kind(*w) == Kind::map_collision) {
            push_pairs(body, body + 1, header_size(*w) / 2, 2);
            return;
        }
        const auto pairs = size_t{map_bit_count(map_data_bits(*w))};
        push_nodes(body + 2 * pairs, header_size(*w) - 2 * pairs);
        push_pairs(body, body + 1, pairs, 2);
    }

    bool next(Term* t) {
        while (!todo_.empty() && walk_.may_go_on()) {
            Todo& top = todo_.top();
            switch (top.what) {
                case Todo::What::terms:
                    *t = *top.next++;
                    if (--top.count == 0) todo_.pop();
                    return true;
                case Todo::What::key:
                    top.what = Todo::What::value;
                    *t = *top.next;
                    top.next += top.stride;
                    return true;
                case Todo::What::value:
                    top.what = Todo::What::pair_end;
                    *t = *top.second;
                    top.second += top.stride;
                    return true;
                case Todo::What::pair_end:
                    pairs_ ^= h_;
                    h_ = 0;
                    top.what = Todo::What::key;
                    if (--top.count == 0) todo_.pop();
                    continue;
                case Todo::What::nodes: {
                    const Term child = *top.next++;
                    if (--top.count == 0) todo_.pop();
                    node(child);
                    continue;
                }
                case Todo::What::map_end:
                    h_ = top.hash;
                    add(pairs_, 0, kMapEndSalt);
                    pairs_ = top.pairs_before;
                    todo_.pop();
                    continue;
            }
        }
        return false;
    }

    size_t steps_ = 0;
    uint32_t h_ = 0;
    uint32_t pairs_ = 0;  ///< xor of the hashes of the pairs of the map being hashed, so far
    WorkStack<Todo, 16> todo_;
    Walk walk_;
};

}  // namespace

uint32_t portable_hash2(Term t, size_t* steps) {
    Hash2 hash;
    const uint32_t result = hash.run(t);
    if (steps != nullptr) *steps += hash.steps();
    return result;
}

}  // namespace lintel
