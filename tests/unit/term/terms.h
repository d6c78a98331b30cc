#pragma once
// Terms for tests of this floor: an arena that builds them from scratch or from external terms (what erl's
// term_to_binary gives), with the layouts of term/tags.h, term/map.h and term/fun.h, and nothing of the floors above.

#include <algorithm>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "term/atom.h"
#include "term/bits.h"
#include "term/compare.h"
#include "term/map.h"
#include "term/views.h"

namespace lintel {

class Terms {
public:
    AtomTable atoms;

    ~Terms() {
        for (BinaryData* d : binaries_) d->release_reference();
    }

    Word* words(size_t n) {
        blocks_.push_back(std::make_unique<Word[]>(n));
        return blocks_.back().get();
    }
    Term atom(std::string_view name) { return atoms.intern(name); }
    Term small(int64_t v) { return Term::small(v); }
    Term number(double d) {
        const Term t = Term::try_immediate_float(d);
        if (t.is_value()) return t;
        return boxed(Kind::boxed_float, 0, std::vector<Word>{std::bit_cast<Word>(d)});
    }
    Term boxed(Kind kind, uint32_t aux, const std::vector<Word>& body) {
        Word* w = words(1 + body.size());
        w[0] = make_header(kind, body.size(), aux);
        std::copy(body.begin(), body.end(), w + 1);
        return Term::boxed(w);
    }
    Term boxed(Kind kind, uint32_t aux, const std::vector<Term>& body) {
        std::vector<Word> raw;
        raw.reserve(body.size());
        for (const Term t : body) raw.push_back(t.word());
        return boxed(kind, aux, raw);
    }
    Term tuple(const std::vector<Term>& e) { return boxed(Kind::tuple, 0, e); }
    Term cons(Term head, Term tail) {
        Word* w = words(2);
        w[0] = head.word();
        w[1] = tail.word();
        return Term::cons(w);
    }
    Term list(const std::vector<Term>& e, Term tail = Term::nil()) {
        for (size_t i = e.size(); i-- > 0;) tail = cons(e[i], tail);
        return tail;
    }
    Term integer(std::vector<Word> limbs, bool negative) {
        while (!limbs.empty() && limbs.back() == 0) limbs.pop_back();
        if (limbs.empty()) return small(0);
        if (limbs.size() == 1 && limbs[0] <= Word{1} << 60) {
            const auto v = static_cast<int64_t>(limbs[0]);
            if (negative || v <= Term::kSmallMax) return small(negative ? -v : v);
        }
        return boxed(Kind::bignum, negative ? 1 : 0, limbs);
    }
    Term heap_binary(std::string_view bytes) {
        std::vector<Word> body(words_for_bytes(bytes.size()));
        if (!bytes.empty()) std::memcpy(body.data(), bytes.data(), bytes.size());
        return boxed(Kind::heap_binary, static_cast<uint32_t>(bytes.size()), body);
    }
    Term refc_binary(std::string_view bytes) {
        BinaryData* d = BinaryData::create(bytes.size());
        std::memcpy(d->bytes, bytes.data(), bytes.size());
        binaries_.push_back(d);
        return boxed(Kind::refc_binary, 0, std::vector<Word>{reinterpret_cast<Word>(d), 0, bytes.size(), 0});
    }
    Term binary(std::string_view bytes) {
        return bytes.size() <= kMaxHeapBinaryBytes ? heap_binary(bytes) : refc_binary(bytes);
    }
    Term sub_binary(Term of, size_t offset, size_t bits) {
        return boxed(Kind::sub_binary, 0, std::vector<Word>{of.word(), offset, bits});
    }
    /// The same bits as `t`, at another offset.
    Term shifted(Term t, size_t by) {
        const BitsView v = as_bits(t);
        std::string bytes(bytes_for_bits(v.size + by), '\xa5');
        copy_bits(reinterpret_cast<uint8_t*>(bytes.data()), by, v.base, v.offset, v.size);
        return sub_binary(binary(bytes), by, v.size);
    }
    Term fun(Term module, int32_t index, int32_t old_uniq, uint32_t arity, const std::vector<Term>& environment) {
        for (const auto& e : fun_entries_) {
            if (e->module == module && e->index == index && e->old_uniq == old_uniq) {
                return fun_of(e.get(), arity, environment);
            }
        }
        fun_entries_.push_back(std::make_unique<FunEntryImage>(FunEntryImage{nullptr, module, index, index, old_uniq}));
        return fun_of(fun_entries_.back().get(), arity, environment);
    }
    Term export_fun(Term module, Term function, uint32_t arity) {
        for (const auto& e : export_entries_) {
            if (e->module == module && e->function == function && e->arity == arity) {
                return boxed(Kind::export_fun, 0, std::vector<Word>{reinterpret_cast<Word>(e.get())});
            }
        }
        export_entries_.push_back(std::make_unique<ExportEntryImage>(ExportEntryImage{{}, module, function, arity}));
        return boxed(Kind::export_fun, 0, std::vector<Word>{reinterpret_cast<Word>(export_entries_.back().get())});
    }
    struct Pair {
        Term key, value;
    };
    Term map(std::vector<Pair> pairs) {
        if (pairs.size() <= kMaxFlatMapSize) {
            std::sort(pairs.begin(), pairs.end(),
                      [](const Pair& a, const Pair& b) { return compare_keys(a.key, b.key) < 0; });
            std::vector<Term> keys, body(1);
            for (const Pair& p : pairs) {
                keys.push_back(p.key);
                body.push_back(p.value);
            }
            body[0] = tuple(keys);
            return boxed(Kind::map_flat, 0, body);
        }
        return boxed(Kind::map_hash, 0, std::vector<Term>{small(static_cast<int64_t>(pairs.size())), node(pairs, 0)});
    }
    Term node(const std::vector<Pair>& pairs, unsigned level) {
        std::vector<Term> body;
        if (level == kMapLevels) {
            for (const Pair& p : pairs) body.insert(body.end(), {p.key, p.value});
            return boxed(Kind::map_collision, 0, body);
        }
        std::vector<Pair> slots[16];
        for (const Pair& p : pairs) {
            const uint32_t hash = level < kMapLevelsOfHash ? internal_hash(p.key) : internal_hash_again(p.key, 1);
            slots[hash >> (4 * (level % kMapLevelsOfHash)) & 15].push_back(p);
        }
        uint32_t data = 0, children = 0;
        for (unsigned i = 0; i < 16; ++i) {
            if (slots[i].size() != 1) continue;
            data |= 1u << i;
            body.insert(body.end(), {slots[i][0].key, slots[i][0].value});
        }
        for (unsigned i = 0; i < 16; ++i) {
            if (slots[i].size() < 2) continue;
            children |= 1u << i;
            body.push_back(node(slots[i], level + 1));
        }
        return boxed(Kind::map_node, map_node_aux(data, children), body);
    }

    /// The term of an external term (with the leading 131).
    Term decode(std::string_view etf) {
        p_ = reinterpret_cast<const uint8_t*>(etf.data()) + 1;
        return read();
    }
    Term decode_hex(std::string_view hex) {
        const auto digit = [](char c) { return c <= '9' ? c - '0' : (c | 32) - 'a' + 10; };
        std::string bytes;
        for (size_t i = 0; i + 1 < hex.size(); i += 2)
            bytes += static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1]));
        return decode(bytes);
    }

private:
    // What term/fun.h reads of the entries.
    struct FunEntryImage {
        const void* code;
        Term module;
        int32_t index, old_index, old_uniq;
    };
    struct ExportEntryImage {
        Word head[4];
        Term module, function;
        uint32_t arity;
    };

    Term fun_of(FunEntryImage* e, uint32_t arity, const std::vector<Term>& environment) {
        std::vector<Word> body{reinterpret_cast<Word>(e), Term::local_pid(1).word()};
        for (const Term t : environment) body.push_back(t.word());
        return boxed(Kind::fun, arity, body);
    }

    uint64_t get(size_t bytes) {
        uint64_t v = 0;
        for (size_t i = 0; i < bytes; ++i) v = v << 8 | *p_++;
        return v;
    }
    std::string_view text(size_t bytes) {
        const std::string_view s(reinterpret_cast<const char*>(p_), bytes);
        p_ += bytes;
        return s;
    }
    Term latin1_atom(std::string_view s) {
        std::string utf8;
        for (const char c : s) {
            const auto u = static_cast<uint8_t>(c);
            if (u < 128) {
                utf8 += c;
            } else {
                utf8 += static_cast<char>(0xc0 | u >> 6);
                utf8 += static_cast<char>(0x80 | (u & 63));
            }
        }
        return atom(utf8);
    }
    std::vector<Term> read_many(size_t n) {
        std::vector<Term> v;
        for (size_t i = 0; i < n; ++i) v.push_back(read());
        return v;
    }
    Term read_big(size_t n) {
        const bool negative = get(1) != 0;
        std::vector<Word> limbs((n + 7) / 8);
        for (size_t i = 0; i < n; ++i) limbs[i / 8] |= get(1) << (i % 8 * 8);
        return integer(limbs, negative);
    }
    Term read() {
        switch (get(1)) {
            case 70: return number(std::bit_cast<double>(get(8)));
            case 77: {
                const size_t n = get(4);
                const size_t last = get(1);
                return sub_binary(binary(text(n)), 0, n * 8 - 8 + last);
            }
            case 88: {
                const Term node = read();
                const Word number = get(4);
                const Word serial = get(4);
                const Word creation = get(4);
                if (node == am::nonode_at_nohost()) return Term::local_pid(number | serial << 15);
                return boxed(Kind::external_pid, 0, std::vector<Word>{node.word(), creation, number | serial << 32});
            }
            case 89:
            case 120: {
                const size_t size = p_[-1] == 120 ? 8 : 4;
                const Term node = read();
                const Word number = get(size);
                const Word creation = get(4);
                if (node == am::nonode_at_nohost()) return Term::local_port(number);
                return boxed(Kind::external_port, 0, std::vector<Word>{node.word(), creation, number});
            }
            case 90: {
                const size_t n = get(2);
                const Term node = read();
                std::vector<Word> body{node.word(), get(4)};
                for (size_t i = 0; i < n; ++i) {
                    const Word number = get(4);
                    if (i % 2 == 0)
                        body.push_back(number);
                    else
                        body.back() |= number << 32;
                }
                if (node != am::nonode_at_nohost()) return boxed(Kind::external_ref, static_cast<uint32_t>(n), body);
                body.erase(body.begin(), body.begin() + 2);
                body.resize(2);
                return boxed(Kind::ref, 0, body);
            }
            case 97: return small(static_cast<int64_t>(get(1)));
            case 98: return small(static_cast<int32_t>(get(4)));
            case 100: return latin1_atom(text(get(2)));
            case 104: return tuple(read_many(get(1)));
            case 105: return tuple(read_many(get(4)));
            case 106: return Term::nil();
            case 107: {
                std::vector<Term> e;
                for (const char c : text(get(2))) e.push_back(small(static_cast<uint8_t>(c)));
                return list(e);
            }
            case 108: {
                const std::vector<Term> e = read_many(get(4));
                return list(e, read());
            }
            case 109: return binary(text(get(4)));
            case 110: return read_big(get(1));
            case 111: return read_big(get(4));
            case 112: {
                get(4);
                const auto arity = static_cast<uint32_t>(get(1));
                get(16 + 4);
                const size_t free = get(4);
                const Term module = read();
                const auto index = static_cast<uint32_t>(read().to_small());
                const auto uniq = static_cast<uint32_t>(read().to_small());
                read();
                return fun(module, index, uniq, arity, read_many(free));
            }
            case 113: {
                const Term m = read();
                const Term f = read();
                return export_fun(m, f, static_cast<uint32_t>(read().to_small()));
            }
            case 115: return latin1_atom(text(get(1)));
            case 116: {
                std::vector<Pair> pairs(get(4));
                for (Pair& p : pairs) {
                    p.key = read();
                    p.value = read();
                }
                return map(pairs);
            }
            case 118: return atom(text(get(2)));
            case 119: return atom(text(get(1)));
        }
        LINTEL_CHECK(!"unknown external tag");
        return Term();
    }

    std::vector<std::unique_ptr<Word[]>> blocks_;
    std::vector<BinaryData*> binaries_;
    std::vector<std::unique_ptr<FunEntryImage>> fun_entries_;
    std::vector<std::unique_ptr<ExportEntryImage>> export_entries_;
    const uint8_t* p_ = nullptr;
};

}  // namespace lintel
