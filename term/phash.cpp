#include <bit>

#include "base/patience.h"
#include "base/work_stack.h"
#include "term/bits.h"
#include "term/fun.h"
#include "term/hash.h"
#include "term/identifier.h"
#include "term/record.h"
#include "term/views.h"

/// erlang:phash: the older portable hash, a polynomial over the bytes of the term whose multipliers are primes
/// near 2^28, one for each kind of thing. phash2 has replaced it; it stays since tables on disk may hold its values.
/// Maps, which are younger, contribute their phash2.

namespace lintel {

namespace {

constexpr uint32_t kPrime[] = {0,         268440163, 268439161, 268435459, 268436141, 268438633, 268437017, 268438039,
                               268437511, 268439627, 268440479, 268440577, 268440581, 268440593, 268440611, 268440629};

bool is_byte(Term t) { return t.is_small() && static_cast<uint64_t>(t.to_small()) < 256; }

struct Todo {
    enum class What : uint8_t {
        terms,      ///< `count` terms from `next` on
        list_rest,  ///< `next` is the tail of a cell whose head has been hashed
        list_end,
        tuple_end,   ///< `count` is the arity
        record_end,  ///< `count` is the number of words
    };
    const Term* next;
    size_t count;
    What what;
};

class Hash {
public:
    uint32_t run(Term t) {
        for (;;) {
            term(t);
            if (!next(&t)) return h_;
        }
    }

private:
    void add(uint32_t prime, uint32_t x) { h_ = h_ * kPrime[prime] + x; }
    /// The four bytes of `x`, lowest first.
    void add_bytes(uint32_t prime, uint32_t x) {
        for (unsigned i = 0; i < 4; ++i) add(prime, x >> (8 * i) & 0xff);
    }
    void push(Todo::What what, const Term* first, size_t count) {
        if (count != 0) todo_.push({first, count, what});
    }

    void limbs(std::span<const Word> magnitude, bool negative) {
        for (size_t i = 0; i < magnitude.size(); ++i) {
            add_bytes(2, static_cast<uint32_t>(magnitude[i]));
            const auto high = static_cast<uint32_t>(magnitude[i] >> 32);
            if (high != 0 || i + 1 < magnitude.size()) add_bytes(2, high);
        }
        h_ *= kPrime[negative ? 4 : 3];
    }

    void number(double d) {
        const Word bits = d == 0 ? 0 : std::bit_cast<Word>(d);
        add(6, static_cast<uint32_t>(bits) ^ static_cast<uint32_t>(bits >> 32));
    }
    void pid(Term t) {
        add_bytes(5, static_cast<uint32_t>(pid_number(t)));
        h_ *= kPrime[6];
    }
    void port(Term t) {
        const Word n = port_number(t);
        if (n >> 32 != 0) add_bytes(11, static_cast<uint32_t>(n >> 32));
        add_bytes(9, static_cast<uint32_t>(n));
        h_ *= kPrime[10];
    }

    void immediate(Term t) {
        if (t.is_small()) {
            const int64_t v = t.to_small();
            const Word magnitude = v < 0 ? 0 - static_cast<Word>(v) : static_cast<Word>(v);
            limbs({&magnitude, 1}, v < 0);
        } else if (t.is_atom()) {
            add(1, t.atom_entry()->hash);
        } else if (t.is_nil()) {
            add(3, 1);
        } else if (t.is_local_pid()) {
            pid(t);
        } else if (t.is_local_port()) {
            port(t);
        } else {
            number(t.immediate_float());
        }
    }

    void term(Term t) {
        if (t.is_cons()) {
            list(t);
        } else if (t.is_boxed()) {
            boxed(t);
        } else {
            immediate(t);
        }
    }

    void list(Term t) {
        for (;;) {
            const auto* cell = reinterpret_cast<const Term*>(t.cons_cell());
            if (!is_byte(cell[0])) {
                todo_.push({cell + 1, 1, Todo::What::list_rest});
                push(Todo::What::terms, cell, 1);
                return;
            }
            add(2, static_cast<uint32_t>(cell[0].to_small()));
            if (!cell[1].is_cons()) {
                todo_.push({nullptr, 0, Todo::What::list_end});
                push(Todo::What::terms, cell + 1, 1);
                return;
            }
            t = cell[1];
        }
    }

    void boxed(Term t) {
        const Word* w = t.boxed_words();
        const size_t size = header_size(*w);
        const auto* body = reinterpret_cast<const Term*>(w + 1);
        switch (header_kind(*w)) {
            case Kind::tuple:
                todo_.push({nullptr, size, Todo::What::tuple_end});
                push(Todo::What::terms, body, size);
                return;
            case Kind::record: record(RecordView(w)); return;
            case Kind::map_flat:
            case Kind::map_hash: add(13, kPrime[14] + portable_hash2(t)); return;
            case Kind::fun: {
                const FunView f(w);
                add(10, static_cast<uint32_t>(f.free_count()));
                add(1, f.module().atom_entry()->hash);
                add(2, f.index());
                add(2, f.old_uniq());
                push(Todo::What::terms, f.environment(), f.free_count());
                return;
            }
            case Kind::export_fun: {
                const ExportFunView f(w);
                add(11, f.arity());
                add(1, f.module().atom_entry()->hash);
                add(1, f.function().atom_entry()->hash);
                return;
            }
            case Kind::boxed_float: number(to_double(t)); return;
            case Kind::bignum: limbs(as_bignum(t).limbs(), as_bignum(t).negative()); return;
            case Kind::heap_binary:
            case Kind::refc_binary:
            case Kind::sub_binary: bits(as_bits(t)); return;
            case Kind::ref:
            case Kind::magic_ref:
            case Kind::external_ref:
                add_bytes(9, ref_numbers(t).at[0]);
                h_ *= kPrime[10];
                return;
            case Kind::external_pid: pid(t); return;
            case Kind::external_port: port(t); return;
            case Kind::map_node:
            case Kind::map_collision:
            case Kind::match_context: return;
        }
    }

    /// A record counts as the words that OTP 29 has in one: a definition, then the values. The definition is a tuple of a tuple
    /// with the places of the fields, its own portable_hash2, module, name, true if exported, and the fields. (The places are OTP's
    /// order of atoms, another one on each node; here they are always those of the declaration.)
    void record(RecordView r) {
        const auto number_of = [this](Word n) { limbs({&n, 1}, false); };
        const auto atoms = r.definition_atoms();
        for (size_t i = 0; i < r.field_count(); ++i) number_of(i);
        add(9, static_cast<uint32_t>(r.field_count()));
        number_of(portable_hash2(r.definition()));
        for (const Term t : atoms) add(1, t.atom_entry()->hash);
        add(9, static_cast<uint32_t>(2 + atoms.size()));
        todo_.push({nullptr, 1 + r.field_count(), Todo::What::record_end});
        push(Todo::What::terms, r.values().data(), r.field_count());
    }

    void bits(BitsView v) {
        const size_t bytes = v.size / 8;
        for (size_t i = 0; i < bytes; ++i) add(1, bits_of(v, i * 8, 8));
        if (const size_t rest = v.size % 8; rest != 0) {
            add(1, bits_of(v, bytes * 8, rest));
            add(12, static_cast<uint32_t>(rest));
        }
        add(4, static_cast<uint32_t>(bytes));
    }
    static uint32_t bits_of(BitsView v, size_t at, size_t count) {
        if (v.is_aligned()) return static_cast<uint32_t>(v.bytes()[at / 8]) >> (8 - count);
        uint8_t byte = 0;
        copy_bits(&byte, 8 - count, v.base, v.offset + at, count);
        return byte;
    }

    bool next(Term* t) {
        while (!todo_.empty() && walk_.may_go_on()) {
            Todo& top = todo_.top();
            switch (top.what) {
                case Todo::What::terms:
                    *t = *top.next++;
                    if (--top.count == 0) todo_.pop();
                    return true;
                case Todo::What::list_rest:
                    *t = *top.next;
                    if (t->is_cons()) {
                        todo_.pop();
                    } else {
                        top.what = Todo::What::list_end;
                    }
                    return true;
                case Todo::What::list_end:
                    h_ *= kPrime[8];
                    todo_.pop();
                    continue;
                case Todo::What::record_end:
                    add(15, static_cast<uint32_t>(top.count));
                    todo_.pop();
                    continue;
                case Todo::What::tuple_end:
                    add(9, static_cast<uint32_t>(top.count));
                    todo_.pop();
                    continue;
            }
        }
        return false;
    }

    uint32_t h_ = 0;
    WorkStack<Todo, 16> todo_;
    Walk walk_;
};

}  // namespace

uint32_t portable_hash(Term t) { return Hash().run(t); }

}  // namespace lintel
