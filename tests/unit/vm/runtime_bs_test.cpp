#include "vm/runtime_bs.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "term/atom.h"
#include "term/views.h"
#include "tests/unit/support/test_process.h"

namespace lintel {
namespace {

using test::bytes_of;
using test::TestProcess;
using Type = BinSegment::Type;
using std::string;
__extension__ typedef unsigned __int128 Wide;

BinSegment seg(Type type, Term value, Term size, uint8_t unit = 1, uint8_t flags = 0, uint16_t number = 1) {
    BinSegment s;
    s.type = type;
    s.unit = unit;
    s.flags = flags;
    s.number = number;
    s.value = value;
    if (size != am::all()) s.size = size;
    return s;
}
BinSegment integer(Term v, size_t bits, uint8_t flags = 0) {
    return seg(Type::integer, v, Term::small(static_cast<int64_t>(bits)), 1, flags);
}
Term create(TestProcess& p, std::initializer_list<BinSegment> segments) {
    return bs_create_bin(p, segments.begin(), segments.size());
}
Term append(TestProcess& p, Term to, BinSegment what, uint8_t unit = 8) {
    return create(p, {seg(Type::append, to, am::all(), unit), what});
}
MatchContext* start(TestProcess& p, Term t) { return as_match_context(bs_start_match(p, t, 0)); }

Term wide_integer(TestProcess& p, Wide magnitude, bool negative) {
    return p.big({static_cast<Word>(magnitude), static_cast<Word>(magnitude >> 64)}, negative);
}
bool same_integer(Term a, Term b) {
    if (a.is_small() || b.is_small()) return a == b;
    const auto x = as_bignum(a), y = as_bignum(b);
    return x && y && x.negative() == y.negative() && std::ranges::equal(x.limbs(), y.limbs());
}
/// The field's bits by definition: two's complement, and for little-endian whole bytes from the least significant on.
string field_bits(Wide twos, size_t bits, bool little) {
    string s;
    const auto bit = [&](size_t i) {
        return static_cast<char>('0' + (i < 128 ? static_cast<int>((twos >> i) & 1) : 0));
    };
    if (!little) {
        for (size_t i = bits; i-- > 0;) s += bit(i);
        return s;
    }
    size_t at = 0;
    for (; at + 8 <= bits; at += 8) {
        for (size_t i = 8; i-- > 0;) s += bit(at + i);
    }
    for (size_t i = bits; i-- > at;) s += bit(i);
    return s;
}
string bit_text(Term t, size_t from, size_t bits) {
    const BitsView v = as_bits(t);
    string s;
    for (size_t i = v.offset + from; i < v.offset + from + bits; ++i) {
        s += static_cast<char>('0' + ((v.base[i / 8] >> (7 - i % 8)) & 1));
    }
    return s;
}

TEST(RuntimeBs, integers_go_in_and_come_out) {
    std::mt19937_64 random(1);
    TestProcess p;
    for (size_t bits = 0; bits <= 128; ++bits) {
        const Wide mask = bits == 128 ? ~Wide{0} : (Wide{1} << bits) - 1;
        for (size_t offset = 0; offset < 16; ++offset) {
            for (const uint8_t flags : {0, 2, 4, 6, 16, 20}) {
                p.clear();
                const Wide values[] = {
                    0, 1, mask, mask >> 1, (mask >> 1) + 1, (Wide{random()} << 64 | random()) & mask, random() & mask};
                const Wide twos = values[random() % 7] & mask;
                const bool negative = (flags & 4) != 0 && bits > 0 && ((twos >> (bits - 1)) & 1) != 0;
                const Wide magnitude = negative ? (Wide{0} - twos) & mask : twos;
                const Term value = wide_integer(p, magnitude, negative);
                const Term built = create(
                    p, {integer(Term::small(-1), offset), integer(value, bits, flags), integer(Term::small(5), 3)});
                ASSERT_TRUE(built.is_value());
                ASSERT_EQ(as_bits(built).size, offset + bits + 3);
                const bool little = (flags & (2 | 16)) != 0;
                ASSERT_EQ(bit_text(built, offset, bits + 3), field_bits(twos, bits, little) + "101")
                    << bits << " at " << offset << " flags " << int{flags};
                ASSERT_EQ(bit_text(built, 0, offset), string(offset, '1'));
                MatchContext* c = start(p, built);
                ASSERT_TRUE(bs_skip(c, offset));
                const Term back = bs_get_integer(p, c, bits, flags);
                ASSERT_TRUE(back.is_value());
                ASSERT_TRUE(same_integer(back, value)) << bits << " at " << offset << " flags " << int{flags};
                ASSERT_TRUE(bs_test_tail(c, 3));
                ASSERT_TRUE(bs_get_integer(p, c, 4, flags).is_none());
                ASSERT_EQ(bs_get_integer(p, c, 3, 0), Term::small(5));
            }
        }
    }
}

TEST(RuntimeBs, wide_and_truncated_integers) {
    TestProcess p;
    // <<(-(1 bsl 127)):200>>, <<(1 bsl 200):70/little>>, << -1:130 >>, <<-2:129/little>>.
    const Term minus = p.big({0, Word{1} << 63}, true);
    Term t = create(p, {integer(minus, 200)});
    EXPECT_EQ(bytes_of(t), string(9, '\xff') + '\x80' + string(15, '\0'));
    EXPECT_TRUE(same_integer(bs_get_integer(p, start(p, t), 200, kBsSigned), minus));
    t = create(p, {integer(p.big({7, 0, 0, 256}), 70, kBsLittle)});
    EXPECT_EQ(bytes_of(t), string("\7") + string(8, '\0'));
    t = create(p, {integer(Term::small(-1), 130)});
    EXPECT_EQ(bytes_of(t), string(16, '\xff') + '\xc0');
    EXPECT_EQ(bs_get_integer(p, start(p, t), 130, kBsSigned), Term::small(-1));
    t = create(p, {integer(Term::small(-2), 129, kBsLittle)});
    EXPECT_EQ(bs_get_integer(p, start(p, t), 129, kBsSigned | kBsLittle), Term::small(-2));
    // A negative magnitude that loses its top limb: -(2^64 - 5) in 65 bits.
    const Term odd = p.big({~Word{0} - 4}, true);
    t = create(p, {integer(odd, 65)});
    EXPECT_TRUE(same_integer(bs_get_integer(p, start(p, t), 65, kBsSigned), odd));
    // erl: <<16#123:12/little, 16#fedc:15/little-signed>> is <<35,29,207,6:3>>.
    t = create(p, {integer(Term::small(0x123), 12, kBsLittle), integer(Term::small(0xfedc), 15, kBsLittle)});
    EXPECT_EQ(bytes_of(t), "\x23\x1d\xcf\xc0");
}

TEST(RuntimeBs, unsigned_fields_of_usual_sizes) {
    TestProcess p;
    const string data = "\x81\x02\x83\x04\x85\x06\x87\x08\x89\x0a";
    for (size_t offset = 0; offset < 9; ++offset) {
        MatchContext* c = start(p, p.bits(data, 80, offset));
        EXPECT_EQ(bs_get_unsigned<8>(c), Term::small(0x81));
        EXPECT_EQ(bs_get_unsigned<16>(c), Term::small(0x0283));
        EXPECT_EQ(bs_get_unsigned<32>(c), Term::small(0x04850687));
        EXPECT_TRUE(bs_get_unsigned<32>(c).is_none());
        EXPECT_EQ(bs_get_unsigned<16>(c), Term::small(0x0889));
        EXPECT_TRUE(bs_get_unsigned<16>(c).is_none());
        EXPECT_EQ(bs_get_unsigned<8>(c), Term::small(0x0a));
        EXPECT_TRUE(bs_get_unsigned<8>(c).is_none());
    }
}

TEST(RuntimeBs, floats) {
    TestProcess p;
    const auto put = [&](Term v, int64_t bits, uint8_t flags = 0) {
        return bytes_of(create(p, {seg(Type::float_, v, Term::small(bits), 1, flags)}));
    };
    const auto number = [&](double d) { return p.reserve(2).make_float(d); };
    // Facts from erl 25.
    EXPECT_EQ(put(number(1.0e300), 32), string("\x7f\x80\0\0", 4));
    EXPECT_EQ(put(number(-1.0e40), 32, kBsLittle), string("\0\0\x80\xff", 4));
    EXPECT_EQ(put(number(1.0e10), 16), string("\x7c\0", 2));
    EXPECT_EQ(put(number(65519.0), 16), "\x7b\xff");
    EXPECT_EQ(put(number(65520.0), 16), string("\x7c\0", 2));
    EXPECT_EQ(put(number(1.0e-8), 16), string("\0\0", 2));
    EXPECT_EQ(put(number(5.960464477539063e-8), 16), string("\0\1", 2));
    EXPECT_EQ(put(number(2.9802322387695312e-8), 16), string("\0\0", 2));
    EXPECT_EQ(put(number(1.0e-7), 16), string("\0\2", 2));
    EXPECT_EQ(put(number(1 + std::ldexp(1, -11) + std::ldexp(1, -40)), 16), "\x3c\x01");
    EXPECT_EQ(put(Term::small(3), 16), string("\x42\0", 2));
    EXPECT_EQ(put(p.big({0, Word{1} << 36}), 64), string("\x46\x30\0\0\0\0\0\0", 8));
    for (const size_t offset : {0u, 3u, 8u}) {
        const auto get = [&](const string& s, unsigned flags = 0) {
            MatchContext* c = start(p, p.bits(s, s.size() * 8, offset));
            return bs_get_float(p, c, s.size() * 8, flags);
        };
        EXPECT_TRUE(get(string("\x7c\0", 2)).is_none());
        EXPECT_TRUE(get(string("\x7f\x80\0\0", 4)).is_none());
        EXPECT_TRUE(get(string("\x7f\xf0\0\0\0\0\0\1", 8)).is_none());
        EXPECT_EQ(to_double(get("\x80\x01")), -5.960464477539063e-8);
        EXPECT_EQ(to_double(get("\x01\x3c", kBsLittle)), 1.0009765625);
        EXPECT_EQ(to_double(get(string("\x01\0\0\0\0\0\0\0", 8))), 0x1p-1007);
    }
    EXPECT_TRUE(bs_get_float(p, start(p, p.bin("abc")), 24, 0).is_none());
}

struct Fault {
    Term reason;
    int64_t number;
    Term type, error, value;
};
void expect_fault(TestProcess& p, std::initializer_list<BinSegment> segments, Fault f) {
    EXPECT_TRUE(create(p, segments).is_none());
    ASSERT_EQ(p.pending, Pending::exception);
    EXPECT_EQ(p.reason, f.reason);
    ASSERT_TRUE(p.error_info.is_flat_map());
    const auto keys = as_tuple(Term(p.error_info.boxed_words()[1]), 3);
    ASSERT_TRUE(keys);
    EXPECT_EQ(keys[0], am::cause());
    const auto cause = as_tuple(Term(p.error_info.boxed_words()[2]), 4);
    ASSERT_TRUE(cause);
    EXPECT_EQ(cause[0], Term::small(f.number));
    EXPECT_EQ(cause[1], f.type);
    EXPECT_EQ(cause[2], f.error);
    EXPECT_EQ(cause[3], f.value);
    p.pending = Pending::none;
}

TEST(RuntimeBs, complaints_come_in_erls_order) {
    TestProcess p;
    const Term a = am::atom(), eight = Term::small(8), abc = p.bin("abc"), five = p.bits("\xf8", 5);
    const auto n = [](BinSegment s, uint16_t number) {
        s.number = number;
        return s;
    };
    const auto i = [&](Term v, Term size) { return seg(Type::integer, v, size); };
    const auto b = [&](Term v, Term size, uint8_t unit = 8) { return seg(Type::binary, v, size, unit); };
    const auto u = [&](Type t, Term v) { return seg(t, v, am::undefined(), 0); };
    const Term bad = am::badarg();
    expect_fault(p, {i(a, eight)}, {bad, 1, am::integer(), am::type(), a});
    expect_fault(p, {n(i(a, eight), 7)}, {bad, 7, am::integer(), am::type(), a});
    expect_fault(p, {i(a, Term::small(0))}, {bad, 1, am::integer(), am::type(), a});
    expect_fault(p, {i(eight, Term::small(-1))}, {bad, 1, am::integer(), am::size(), Term::small(-1)});
    const Term huge = p.big({0, 1}), low = p.big({0, 1}, true), wide = Term::small(int64_t{1} << 57);
    expect_fault(p, {i(eight, huge)}, {am::system_limit(), 1, am::integer(), am::size(), huge});
    expect_fault(p, {i(eight, low)}, {bad, 1, am::integer(), am::size(), low});
    expect_fault(p, {seg(Type::integer, eight, wide, 8)}, {am::system_limit(), 1, am::integer(), am::size(), wide});
    // Sizes before values, utf32 and whole binaries with the sizes, the appended binary in between.
    expect_fault(p, {i(a, eight), n(i(eight, a), 2)}, {bad, 2, am::integer(), am::size(), a});
    expect_fault(p, {i(a, eight), n(b(a, am::all()), 2)}, {bad, 2, am::binary(), am::type(), a});
    expect_fault(p, {i(a, eight), n(b(abc, Term::small(4)), 2)}, {bad, 1, am::integer(), am::type(), a});
    expect_fault(p, {b(abc, Term::small(4))}, {bad, 1, am::binary(), am::short_(), abc});
    expect_fault(p, {b(five, am::all())}, {bad, 1, am::binary(), am::unit(), five});
    expect_fault(p, {b(a, a)}, {bad, 1, am::binary(), am::size(), a});
    expect_fault(p, {u(Type::utf8, a), n(u(Type::utf16, a), 2), n(u(Type::utf32, a), 3)},
                 {bad, 3, am::utf32(), am::type(), a});
    expect_fault(p, {u(Type::utf8, Term::small(0xd800)), n(i(a, eight), 2)},
                 {bad, 1, am::utf8(), am::type(), Term::small(0xd800)});
    expect_fault(p, {u(Type::utf16, Term::small(0x110000))}, {bad, 1, am::utf16(), am::type(), Term::small(0x110000)});
    const auto f = [&](Term v, int64_t size) { return seg(Type::float_, v, Term::small(size)); };
    expect_fault(p, {f(a, 64)}, {bad, 1, am::float_(), am::type(), a});
    expect_fault(p, {f(a, 17)}, {bad, 1, am::float_(), am::invalid(), Term::small(17)});
    expect_fault(p, {f(eight, 33), n(b(a, am::all()), 2)}, {bad, 2, am::binary(), am::type(), a});
    Term past = p.big({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
    expect_fault(p, {f(past, 64)}, {bad, 1, am::float_(), am::no_float(), past});
    const auto app = seg(Type::append, a, am::all(), 8);
    expect_fault(p, {app, n(i(eight, a), 2)}, {bad, 2, am::integer(), am::size(), a});
    expect_fault(p, {app, n(b(a, am::all()), 2)}, {bad, 2, am::binary(), am::type(), a});
    expect_fault(p, {app, n(i(a, eight), 2)}, {bad, 1, am::binary(), am::type(), a});
}

TEST(RuntimeBs, binaries_at_every_offset) {
    TestProcess p;
    std::mt19937_64 random(2);
    string data(200, '\0');
    for (auto& c : data) c = static_cast<char>(random());
    for (size_t from = 0; from < 17; ++from) {
        for (size_t to = 0; to < 9; ++to) {
            for (const size_t bits : {0u, 1u, 7u, 8u, 63u, 64u, 65u, 192u, 200u, 512u, 520u, 1021u}) {
                p.clear();
                const Term source = p.bits(data, bits + 5, from);
                const Term t = create(p, {integer(Term::small(-1), to),
                                          seg(Type::binary, source, Term::small(static_cast<int64_t>(bits)), 1),
                                          integer(Term::small(2), 2)});
                ASSERT_EQ(bit_text(t, 0, to + bits + 2), string(to, '1') + bit_text(source, 0, bits) + "10");
                MatchContext* c = start(p, t);
                bs_skip(c, to);
                const Term back = bs_get_binary(p, c, bits);
                ASSERT_EQ(as_bits(back).size, bits);
                ASSERT_TRUE(equal_bits(as_bits(back), {as_bits(source).base, as_bits(source).offset, bits}));
                ASSERT_TRUE(bs_get_binary_all(p, c, 8).is_none());
                ASSERT_EQ(as_bits(bs_get_tail(p, c)).size, 2u);
                ASSERT_TRUE(equal_bits(as_bits(bs_context_to_binary(p, c)), as_bits(t)));
            }
        }
    }
}

TEST(RuntimeBs, appending_shares_and_copies) {
    TestProcess p(200000);
    Term t = p.bin("");
    string want;
    std::vector<std::pair<Term, string>> older;
    size_t moved = 0;
    for (int i = 0; i < 3000; ++i) {
        t = append(p, t, integer(Term::small(i), 8));
        ASSERT_TRUE(t.is_value());
        want += static_cast<char>(i);
        if (i % 97 == 0) older.emplace_back(t, want);
        static const uint8_t* last = nullptr;
        if (as_bits(t).base != last) ++moved;
        last = as_bits(t).base;
    }
    EXPECT_EQ(bytes_of(t), want);
    EXPECT_LT(moved, 80u);  // 64 heap binaries, then doublings
    // Every older value is what it was, and can be appended to once more without harm to the others.
    for (auto& [term, bytes] : older) {
        EXPECT_EQ(bytes_of(term), bytes);
        EXPECT_EQ(bytes_of(append(p, term, integer(Term::small('x'), 8))), bytes + 'x');
        EXPECT_EQ(bytes_of(append(p, term, integer(Term::small('y'), 8))), bytes + 'y');
    }
    EXPECT_EQ(bytes_of(t), want);
    // Twice to the same value: the second gets a block of its own.
    const Term one = append(p, t, integer(Term::small(1), 8)), two = append(p, t, integer(Term::small(2), 8));
    EXPECT_EQ(bytes_of(one), want + '\1');
    EXPECT_EQ(bytes_of(two), want + '\2');
    EXPECT_NE(as_bits(one).base, as_bits(two).base);
    // To itself.
    const Term doubled = append(p, one, seg(Type::binary, one, am::all(), 8));
    EXPECT_EQ(bytes_of(doubled), want + '\1' + want + '\1');
    // A failed append leaves the room to the next one.
    EXPECT_TRUE(append(p, doubled, integer(am::atom(), 8)).is_none());
    const Term after = append(p, doubled, integer(Term::small(3), 8));
    EXPECT_EQ(as_bits(after).base, as_bits(doubled).base);
    EXPECT_EQ(bytes_of(after), want + '\1' + want + '\1' + '\3');
}

TEST(RuntimeBs, fused_append_agrees) {
    TestProcess p(200000);
    Term t = p.bin("");
    string want;
    size_t fused = 0;
    for (int i = 0; i < 2000; ++i) {
        const unsigned bits = i % 5 == 4 ? 3 + static_cast<unsigned>(i % 3) : 16;
        Term next = bs_try_append(p, t, 1, false, static_cast<uint64_t>(i - 1000), bits);
        fused += next.is_value();
        if (next.is_none()) next = append(p, t, integer(Term::small(i - 1000), bits), 1);
        want += field_bits(static_cast<Wide>(static_cast<int64_t>(i - 1000)), bits, false);
        // The old value cannot be appended to in place once more; a short one is copied.
        ASSERT_TRUE(bs_try_append(p, t, 1, false, 0, 8).is_none() || t.is_kind(Kind::heap_binary));
        t = next;
    }
    EXPECT_EQ(bit_text(t, 0, as_bits(t).size), want);
    EXPECT_GT(fused, 100u);
    EXPECT_TRUE(bs_try_append(p, am::ok(), 8, false, 0, 8).is_none());
}

TEST(RuntimeBs, appending_bits) {
    TestProcess p(400000);
    Term t = p.bin("");
    string want;
    for (int i = 0; i < 3000; ++i) {
        const size_t n = static_cast<size_t>(i % 13);
        t = append(p, t, integer(Term::small(i), n), 1);
        want += field_bits(static_cast<Wide>(i), n, false);
    }
    EXPECT_EQ(bit_text(t, 0, as_bits(t).size), want);
    EXPECT_TRUE(append(p, append(p, t, integer(Term::small(0), 3), 1), integer(Term::small(1), 8), 16).is_none());
}

TEST(RuntimeBs, appending_never_moves_what_is_being_matched) {
    TestProcess p;
    Term t = append(p, p.bin(string(200, 'a')), integer(Term::small('b'), 8));
    MatchContext* c = start(p, t);
    const uint8_t* base = c->base;
    Term more = append(p, t, seg(Type::binary, p.bin(string(1000, 'c')), am::all(), 8));
    EXPECT_NE(as_bits(more).base, base);
    EXPECT_EQ(as_bits(t).base, base);
    EXPECT_EQ(bytes_of(bs_get_tail(p, c)), string(200, 'a') + 'b');
    // What is matched as a whole is no window onto what grows.
    const Term whole = bs_get_tail(p, start(p, more));
    const size_t size = as_bits(whole).size;
    append(p, more, integer(Term::small(0), 8));
    EXPECT_EQ(as_bits(whole).size, size);
    // Somebody else has the data, and the end lies within a byte: copy.
    Term bit = append(p, more, integer(Term::small(1), 1), 1);
    BinaryData* data =
        reinterpret_cast<RefcBinary*>(reinterpret_cast<SubBinary*>(bit.boxed_words())->of.boxed_words())->data;
    data->retain();
    EXPECT_NE(as_bits(append(p, bit, integer(Term::small(1), 1), 1)).base, data->bytes);
    data->release_reference();
    EXPECT_EQ(as_bits(append(p, bit, integer(Term::small(1), 1), 1)).base, data->bytes);
}

TEST(RuntimeBs, private_append) {
    for (const int64_t hint : {0, 256, 1000, -1}) {
        TestProcess p(100000);
        Term t = bs_init_writable(p, Term::small(hint));
        string want;
        for (int i = 0; i < 700; ++i) {
            t = create(p, {seg(Type::private_append, t, am::all(), 1), integer(Term::small(i), 8)});
            want += static_cast<char>(i);
            ASSERT_EQ(bytes_of(t), want);
        }
        EXPECT_LT(p.used_words(), 200u);
        t = bs_init_writable(p, Term::small(hint));
        string bits;
        for (int i = 0; i < 700; ++i) {
            t = create(p, {seg(Type::private_append, t, am::all(), 1), integer(Term::small(i), 3)});
            bits += field_bits(static_cast<Wide>(i), 3, false);
        }
        EXPECT_EQ(bit_text(t, 0, as_bits(t).size), bits);
    }
}

TEST(RuntimeBs, match_contexts) {
    TestProcess p;
    EXPECT_TRUE(bs_start_match(p, am::ok(), 0).is_none());
    EXPECT_TRUE(bs_start_match(p, p.big({0, 1}), 0).is_none());
    const Term t = p.bits("abcdef", 48, 3);
    Term ctx = bs_start_match(p, t, 2);
    MatchContext* c = as_match_context(ctx);
    EXPECT_EQ(bs_get_position(c), Term::small(3));
    EXPECT_TRUE(bs_skip(c, 8));
    bs_save(c, 1);
    bs_save(c, 9);  // no such slot
    EXPECT_TRUE(bs_skip(c, 8));
    bs_restore(c, 1);
    EXPECT_EQ(bs_get_position(c), Term::small(11));
    bs_restore(c, 0);
    EXPECT_EQ(bs_get_position(c), Term::small(3));
    bs_skip(c, 16);
    // The same context goes on, its start moved up; one with more slots is a new one.
    EXPECT_EQ(bs_start_match(p, ctx, 2), ctx);
    EXPECT_EQ(bytes_of(bs_context_to_binary(p, c)), "cdef");
    const Term larger = bs_start_match(p, ctx, 3);
    EXPECT_NE(larger, ctx);
    EXPECT_EQ(bytes_of(bs_get_tail(p, as_match_context(larger))), "cdef");
    bs_set_position(c, Term::small(-1));
    EXPECT_EQ(bs_bits_left(c), 0u);
    bs_set_position(c, Term::small(11));
    EXPECT_FALSE(bs_match_string(c, reinterpret_cast<const uint8_t*>("bcx"), 24));
    EXPECT_TRUE(bs_match_string(c, reinterpret_cast<const uint8_t*>("bcd"), 23));
    EXPECT_EQ(bs_get_position(c), Term::small(34));
    EXPECT_FALSE(bs_skip(c, 18));
    size_t bits;
    EXPECT_FALSE(bs_field_bits(Term::small(-1), 8, &bits));
    EXPECT_FALSE(bs_field_bits(am::all(), 8, &bits));
    EXPECT_FALSE(bs_field_bits(Term::small(Term::kSmallMax), 64, &bits));
}

TEST(RuntimeBs, utf) {
    TestProcess p;
    for (const int64_t code : {0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff}) {
        for (const size_t offset : {0u, 1u, 8u}) {
            for (const uint8_t flags : {0, 2}) {
                const Term v = Term::small(code);
                const auto u = [&](Type t) { return seg(t, v, am::undefined(), 0, flags); };
                const Term t =
                    create(p, {integer(Term::small(0), offset), u(Type::utf8), u(Type::utf16), u(Type::utf32)});
                MatchContext* c = start(p, t);
                bs_skip(c, offset);
                EXPECT_EQ(bs_get_utf8(c), v);
                EXPECT_EQ(bs_get_utf16(c, flags), v);
                EXPECT_EQ(bs_get_utf32(c, flags), v);
                EXPECT_EQ(bs_bits_left(c), 0u);
            }
        }
    }
    for (const string& bad : {string("\xc0\x80"), string("\xed\xa0\x80"), string("\xf4\x90\x80\x80"),
                              string("\xe2\x82"), string("\x80"), string("\xff"), string()}) {
        MatchContext* c = start(p, p.bits(bad, bad.size() * 8, 3));
        EXPECT_FALSE(bs_skip_utf8(c));
        EXPECT_EQ(bs_bits_left(c), bad.size() * 8);
    }
    EXPECT_TRUE(bs_get_utf16(start(p, p.bin(string("\xd8\0\x12\x34", 4))), 0).is_none());
    EXPECT_TRUE(bs_get_utf16(start(p, p.bin(string("\xdc\0\xdc\0", 4))), 0).is_none());
    EXPECT_TRUE(bs_get_utf16(start(p, p.bin(string("\xd8\0", 2))), 0).is_none());
    EXPECT_TRUE(bs_get_utf32(start(p, p.bin(string("\0\0\xd8\0", 4))), 0).is_none());
    EXPECT_TRUE(bs_get_utf32(start(p, p.bin(string("\0\x11\0\0", 4))), 0).is_none());
}

TEST(RuntimeBs, instructions_of_older_releases) {
    TestProcess p;
    const Term t = bs_init(p, bs_add(p, Term::small(3), Term::small(4), 2), 8);
    ASSERT_EQ(as_bits(t).size, 88u);
    EXPECT_TRUE(bs_put_integer(p, Term::small(2), 8, kBsLittle, Term::small(0x6261)));
    EXPECT_TRUE(bs_put_string(p, reinterpret_cast<const uint8_t*>("cd"), 2));
    EXPECT_TRUE(bs_put_utf8(p, Term::small(0x20ac)));
    EXPECT_TRUE(bs_put_binary_all(p, 8, p.bin("ef")));
    EXPECT_TRUE(bs_put_binary(p, Term::small(1), 8, p.bin("gh")));
    EXPECT_FALSE(bs_put_utf32(p, Term::small('x'), 0));  // no room
    EXPECT_EQ(p.reason, am::badarg());
    EXPECT_EQ(bytes_of(t), string("abcd\xe2\x82\xac"
                                  "efg\0",
                                  11));
    const Term u = bs_append(p, Term::small(16), 8, t);
    EXPECT_TRUE(bs_put_utf16(p, Term::small('y'), kBsLittle));
    EXPECT_EQ(bytes_of(u), bytes_of(t) + string("y\0", 2));
    EXPECT_TRUE(bs_append(p, Term::small(16), 16, t).is_none());
    EXPECT_TRUE(bs_append(p, Term::small(-1), 8, t).is_none());
    EXPECT_EQ(p.reason, am::badarg());
    EXPECT_TRUE(bs_init(p, Term::small(Term::kSmallMax), 8).is_none());
    EXPECT_EQ(p.reason, am::system_limit());
    Term acc = bs_init_writable(p, Term::small(10));
    for (int i = 0; i < 100; ++i) {
        acc = bs_private_append(p, Term::small(3), 4, acc);
        ASSERT_TRUE(bs_put_integer(p, Term::small(12), 1, 0, Term::small(0xabc)));
    }
    string bits;
    for (int i = 0; i < 100; ++i) bits += field_bits(0xabc, 12, false);
    EXPECT_EQ(bit_text(acc, 0, as_bits(acc).size), bits);
    EXPECT_FALSE(bs_put_integer(p, Term::small(1), 1, 0, Term::small(1)));
    p.registers->writer = {};
    EXPECT_FALSE(bs_put_integer(p, Term::small(1), 8, 0, Term::small(1)));
}

}  // namespace
}  // namespace lintel
