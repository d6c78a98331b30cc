#include "base/md5.h"

#include <gtest/gtest.h>

#include <string>

namespace lintel {
namespace {

std::string hex(const Md5::Digest& digest) {
    std::string s;
    for (const uint8_t b : digest) {
        s += "0123456789abcdef"[b >> 4];
        s += "0123456789abcdef"[b & 15];
    }
    return s;
}
std::string md5(const std::string& s) { return hex(Md5::of(s.data(), s.size())); }

// The test suite of RFC 1321.
TEST(Md5, known_digests) {
    EXPECT_EQ(md5(""), "d41d8cd98f00b204e9800998ecf8427e");
    EXPECT_EQ(md5("a"), "0cc175b9c0f1b6a831c399e269772661");
    EXPECT_EQ(md5("abc"), "900150983cd24fb0d6963f7d28e17f72");
    EXPECT_EQ(md5("message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
    EXPECT_EQ(md5("12345678901234567890123456789012345678901234567890123456789012345678901234567890"),
              "57edf4a22be3c955ac49da2e2107b67a");
}

TEST(Md5, in_pieces_of_any_size) {
    std::string text;
    for (int i = 0; i < 300; ++i) text += static_cast<char>(i * 7);
    for (size_t length = 0; length <= text.size(); ++length) {
        const std::string whole = md5(text.substr(0, length));
        for (const size_t piece : {size_t{1}, size_t{3}, size_t{63}, size_t{64}, size_t{65}}) {
            Md5 m;
            for (size_t at = 0; at < length; at += piece) m.update(text.data() + at, std::min(piece, length - at));
            EXPECT_EQ(hex(m.finish()), whole) << length << " in " << piece;
        }
    }
}

TEST(Md5, a_copy_goes_on_by_itself) {
    Md5 m;
    m.update("ab", 2);
    Md5 copy = m;
    copy.update("c", 1);
    m.update("d", 1);
    EXPECT_EQ(hex(copy.finish()), md5("abc"));
    EXPECT_EQ(hex(m.finish()), md5("abd"));
}

}  // namespace
}  // namespace lintel
