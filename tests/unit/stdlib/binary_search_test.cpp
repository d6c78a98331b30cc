#include "stdlib/binary_search.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace lintel {
namespace {

using std::string;

SearchPattern* make(const std::vector<string>& patterns) {
    std::vector<SearchPattern::Bytes> bytes;
    for (const string& s : patterns) bytes.push_back({reinterpret_cast<const uint8_t*>(s.data()), s.size()});
    return new SearchPattern(std::move(bytes));
}

/// By definition: the leftmost place where a pattern is, and the longest one there.
bool naive(const std::vector<string>& patterns, const string& text, size_t from, size_t to, Found* found) {
    for (size_t at = from; at < to; ++at) {
        size_t longest = 0;
        for (const string& s : patterns) {
            if (s.size() > longest && at + s.size() <= to && text.compare(at, s.size(), s) == 0) longest = s.size();
        }
        if (longest != 0) {
            *found = {at, longest};
            return true;
        }
    }
    return false;
}

TEST(SearchPattern, finds_what_the_definition_finds) {
    std::mt19937 random(3);
    for (int round = 0; round < 4000; ++round) {
        const size_t letters = 1 + random() % 3;
        const auto text_of = [&](size_t size) {
            string s;
            for (size_t i = 0; i < size; ++i) s += static_cast<char>('a' + random() % letters);
            return s;
        };
        std::vector<string> patterns;
        for (size_t n = 1 + random() % (round % 7 == 0 ? 60 : 5); n != 0; --n)
            patterns.push_back(text_of(1 + random() % 6));
        const string text = text_of(random() % 40);
        const size_t from = random() % (text.size() + 1), to = from + random() % (text.size() - from + 1);
        SearchPattern* pattern = make(patterns);
        Found want{}, got{};
        const bool is = naive(patterns, text, from, to, &want);
        ASSERT_EQ(pattern->find(reinterpret_cast<const uint8_t*>(text.data()), from, to, &got), is);
        if (is) {
            ASSERT_EQ(got.at, want.at) << text;
            ASSERT_EQ(got.length, want.length) << text;
        }
        pattern->release_reference();
    }
}

}  // namespace
}  // namespace lintel
