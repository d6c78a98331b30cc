#include "base/memory_account.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/alloc.h"
#include "base/pages.h"

namespace lintel {

TEST(MemoryAccount, large_requests_end_at_the_limit_and_small_ones_an_eighth_later) {
    constexpr size_t kUntold = 64 << 10;  // what a thread has not told the account yet
    MemoryAccount account(16 << 20);
    const MemoryScope scope(account);
    std::vector<void*> blocks;
    while (void* block = allocate_block(1 << 20)) blocks.push_back(block);
    EXPECT_GE(account.bytes() + kUntold, size_t{15} << 20);  // in blocks that may be larger than what was asked for
    EXPECT_LE(blocks.size(), 16u);
    std::vector<void*> small;
    while (void* block = try_allocate(1000)) small.push_back(block);
    EXPECT_GE(small.size(), 1000u);
    EXPECT_LE(small.size(), 3500u);
    {
        const MemoryReserve reserve;
        void* beyond = try_allocate(1 << 20);
        EXPECT_NE(beyond, nullptr);
        release(beyond);
    }
    for (void* block : small) release(block);
    for (void* block : blocks) free_block(block, 1 << 20);
    void* again = allocate_block(9 << 20);  // a mapping of its own
    EXPECT_NE(again, nullptr);
    free_block(again, 9 << 20);
}

TEST(MemoryAccount, what_is_freed_is_counted_back) {
    MemoryAccount account(1 << 30);
    {
        const MemoryScope scope(account);
        for (int i = 0; i < 1000; ++i) release(try_allocate(100000));
        void* kept = try_allocate(1 << 20);
        { const MemoryScope nested(account); }  // tells
        EXPECT_GE(account.bytes(), size_t{1} << 20);
        EXPECT_LT(account.bytes(), size_t{3} << 20);
        release(kept);
    }
    EXPECT_LT(account.bytes(), size_t{1} << 17);
}

TEST(MemoryAccount, without_a_limit_nothing_is_counted) {
    MemoryAccount account(0);
    const MemoryScope scope(account);
    EXPECT_FALSE(is_accounted());
    release(try_allocate(1 << 20));
    EXPECT_EQ(account.bytes(), 0u);
}

TEST(MemoryAccount, an_atom_that_is_refused_counts_nowhere) {
    MemoryAccount above(0);
    MemoryAccount account(0, &above, 1);
    account.set_atom_limit(2);
    EXPECT_TRUE(account.add_atom());
    EXPECT_TRUE(account.add_atom());
    EXPECT_FALSE(account.add_atom());
    EXPECT_EQ(account.atoms(), 2u);
    EXPECT_EQ(above.atoms(), 2u);
    above.set_atom_limit(3);
    account.set_atom_limit(0);
    EXPECT_TRUE(account.add_atom());
    EXPECT_FALSE(account.add_atom());
    EXPECT_EQ(account.atoms(), 3u);
}

}  // namespace lintel
