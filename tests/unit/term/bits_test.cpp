#include "term/bits.h"

#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/term/terms.h"

namespace lintel {
namespace {

bool bit(const uint8_t* p, size_t i) { return (p[i / 8] >> (7 - i % 8) & 1) != 0; }

TEST(Bits, copy_bits_copies_just_these_bits) {
    std::mt19937 random(1);
    for (int round = 0; round < 20000; ++round) {
        const size_t bits = random() % (round % 10 == 0 ? 600 : 80);
        const size_t from_offset = random() % 24;
        const size_t to_offset = random() % 24;
        // Exact sizes, so that the address sanitizer sees reads and writes beyond.
        std::vector<uint8_t> from(bytes_for_bits(from_offset + bits)), to(bytes_for_bits(to_offset + bits));
        for (auto& b : from) b = static_cast<uint8_t>(random());
        for (auto& b : to) b = static_cast<uint8_t>(random());
        const std::vector<uint8_t> before = to;
        copy_bits(to.data(), to_offset, from.data(), from_offset, bits);
        for (size_t i = 0; i < to.size() * 8; ++i) {
            const bool inside = i >= to_offset && i < to_offset + bits;
            const bool expected = inside ? bit(from.data(), from_offset + i - to_offset) : bit(before.data(), i);
            ASSERT_EQ(bit(to.data(), i), expected) << bits << " bits from " << from_offset << " to " << to_offset;
        }
    }
}

TEST(Bits, compare_bits_orders_bit_by_bit) {
    std::mt19937 random(2);
    for (int round = 0; round < 20000; ++round) {
        const size_t n = random() % 200, m = round % 2 == 0 ? n : random() % 200;
        const size_t i = random() % 16, j = random() % 16;
        std::vector<uint8_t> a(bytes_for_bits(i + n)), b(bytes_for_bits(j + m));
        for (auto& x : a) x = static_cast<uint8_t>(random());
        copy_bits(b.data(), j, a.data(), i, std::min(n, m));
        if (m != 0 && round % 3 == 0) b[(j + random() % m) / 8] ^= static_cast<uint8_t>(1u << random() % 8);
        int expected = n < m ? -1 : n > m ? 1 : 0;
        for (size_t k = 0; k < std::min(n, m); ++k) {
            if (bit(a.data(), i + k) == bit(b.data(), j + k)) continue;
            expected = bit(b.data(), j + k) ? -1 : 1;
            break;
        }
        const BitsView x{a.data(), i, n}, y{b.data(), j, m};
        const int c = compare_bits(x, y);
        ASSERT_EQ(c < 0 ? -1 : c > 0 ? 1 : 0, expected);
        ASSERT_EQ(equal_bits(x, y), expected == 0);
    }
}

TEST(Bits, as_bits_sees_through_every_kind_of_binary) {
    Terms terms;
    const Term heap = terms.heap_binary("abcdef");
    const Term refc = terms.refc_binary("abcdef");
    EXPECT_EQ(as_bits(heap).size, 48u);
    EXPECT_TRUE(equal_bits(as_bits(heap), as_bits(refc)));
    for (const Term whole : {heap, refc}) {
        const BitsView part = as_binary(terms.sub_binary(whole, 8, 16));
        ASSERT_TRUE(part);
        EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(part.bytes()), 2), "bc");
        EXPECT_FALSE(as_binary(terms.sub_binary(whole, 8, 15)));
        EXPECT_TRUE(as_bits(terms.sub_binary(whole, 8, 15)));
    }
    EXPECT_TRUE(as_bits(terms.heap_binary("")));
    EXPECT_FALSE(as_bits(am::ok()));
    EXPECT_FALSE(as_bits(terms.tuple({})));
}

TEST(Bits, aligned_bytes_copies_only_if_it_must) {
    Terms terms;
    const BitsView v = as_bits(terms.heap_binary("abcdef"));
    uint8_t scratch[8] = {};
    EXPECT_EQ(aligned_bytes(v, scratch), v.bytes());
    const BitsView moved = as_bits(terms.shifted(terms.heap_binary("abcdef"), 3));
    EXPECT_EQ(aligned_bytes(moved, scratch), scratch);
    EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(scratch), 6), "abcdef");
    aligned_bytes({moved.base, moved.offset, 12}, scratch);
    EXPECT_EQ(scratch[1], 'b' & 0xf0);
}

TEST(Bits, data_outlives_its_first_reference) {
    BinaryData* data = BinaryData::create(10);
    ASSERT_NE(data, nullptr);
    data->retain();
    data->release_reference();
    data->bytes[9] = 1;
    data->release_reference();
    EXPECT_EQ(BinaryData::create(SIZE_MAX), nullptr);
    static int freed;
    freed = 0;
    static constexpr BinaryKeeper kKeeper = {[](BinaryData&, const BinaryKeeper&) { ++freed; }};
    BinaryData foreign{{1}, nullptr, &kKeeper, 0};
    foreign.release_reference();
    EXPECT_EQ(freed, 1);
}

TEST(Bits, a_binary_stays_with_who_pays_for_it) {
    struct Paid : BinaryKeeper {
        MemoryAccount* payer;
    };
    MemoryAccount vm(1 << 20), tenant(0, &vm, 1);
    Paid keeper{{[](BinaryData& data, const BinaryKeeper& k) {
                    BinaryData::free_paid(data, *static_cast<const Paid&>(k).payer);
                }},
                &tenant};
    tenant.binary_keeper = &keeper;
    BinaryData* data;
    {
        const MemoryScope scope(tenant);
        data = BinaryData::create(1000);
    }
    EXPECT_GE(tenant.binary_bytes(), 1000u);
    EXPECT_GE(tenant.bytes(), 1000u);
    EXPECT_EQ(vm.bytes(), tenant.bytes());
    {
        const MemoryScope scope(vm);
        data->release_reference();
    }
    EXPECT_EQ(tenant.binary_bytes(), 0u);
    EXPECT_EQ(tenant.bytes(), 0u);
    EXPECT_EQ(vm.bytes(), 0u);
    EXPECT_EQ(vm.binary_bytes(), 0u);
    tenant.set_binary_limit(500);
    const MemoryScope scope(tenant);
    EXPECT_EQ(BinaryData::create(1000), nullptr);
    EXPECT_TRUE(tenant.has_refused());
}

}  // namespace
}  // namespace lintel
