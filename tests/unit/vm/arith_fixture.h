#pragma once
/// A process that only computes, and numbers as text.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "gc/collector.h"
#include "term/atom.h"
#include "vm/runtime_arith.h"
#include "vm/runtime_number.h"

namespace lintel {

class ArithTest : public testing::Test {
protected:
    ArithTest() { LINTEL_CHECK(create_heap(p.heap, 233)); }
    ~ArithTest() override { destroy_heap(p.heap); }

    /// An integer from text; `0x` before hexadecimal digits.
    Term number(std::string text) {
        unsigned base = 10;
        if (const size_t at = text.find("0x"); at != std::string::npos) {
            text.erase(at, 2);
            base = 16;
        }
        Term t;
        LINTEL_CHECK(parse_integer(p, text, base, &t) == ParseStatus::ok);
        return checked(t);
    }
    Term number(double d) { return p.reserve(kBoxedFloatWords).make_float(d); }

    /// `t`, after looking whether it is what an integer may be.
    static Term checked(Term t) {
        if (const BignumView big = as_bignum(t)) {
            const auto limbs = big.limbs();
            LINTEL_CHECK(!limbs.empty() && limbs.back() != 0);
            const Word limit = (Word{1} << 60) + (big.negative() ? 1 : 0);
            LINTEL_CHECK(limbs.size() > 1 || limbs[0] >= limit);
        }
        return t;
    }
    /// Decimal text of an integer, `f` and the IEEE word of a float, or the reason of the exception that is pending.
    std::string text(Term t, unsigned base = 10) {
        if (t.is_none()) {
            if (p.pending != Pending::exception) return "nothing pending";
            p.pending = Pending::none;
            return std::string(atom_name(p.reason));
        }
        if (t.is_float()) {
            char buffer[20];
            std::snprintf(buffer, sizeof buffer, "f%016lx", std::bit_cast<Word>(to_double(t)));
            return buffer;
        }
        checked(t);
        std::string out(integer_text_bytes(t, base), '\0');
        const size_t n = write_integer(t, base, out.data());
        LINTEL_CHECK(n <= out.size());
        out.resize(n);
        return out;
    }
    bool same(Term a, Term b) {
        if (a.is_immediate() || b.is_immediate()) return a == b;
        const BignumView x = as_bignum(checked(a));
        const BignumView y = as_bignum(checked(b));
        return x.negative() == y.negative() && std::ranges::equal(x.limbs(), y.limbs());
    }
    /// Frees in its destructor what was computed since it was made.
    class Computation {
    public:
        explicit Computation(ExecState& p) : heap_(p.heap), top_(p.heap.htop), fragments_(p.heap.fragments) {
            LINTEL_CHECK(heap_.off_heap.first == nullptr);
        }
        ~Computation() {
            release_off_heap(heap_.off_heap);
            heap_.htop = top_;
            while (heap_.fragments != fragments_) {
                HeapFragment* next = heap_.fragments->next;
                HeapFragment::destroy(heap_.fragments);
                heap_.fragments = next;
            }
        }

    private:
        Heap& heap_;
        Word* top_;
        HeapFragment* fragments_;
    };

    ExecState p;
};

}  // namespace lintel
