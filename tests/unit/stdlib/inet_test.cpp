/// The parts of sockets that need none: addresses as bytes, queues, buffers, pieces of iolists.

#include <gtest/gtest.h>

#include <random>

#include "stdlib/inet/address.h"
#include "stdlib/inet/input_buffer.h"
#include "stdlib/inet/outgoing.h"
#include "tests/unit/support/test_process.h"

namespace lintel::inet {
namespace {

using namespace std::string_view_literals;

/// Address `bytes` of a socket of family `family`, taken and given back; or the number of the error.
std::string through(int family, std::string_view bytes) {
    SocketAddress address;
    ByteReader in(bytes);
    if (const int error = address.decode(family, in); error != 0) return std::to_string(error);
    std::string out;
    ByteWriter writer(&out);
    address.encode(writer);
    EXPECT_EQ(out.size() <= 2 + sizeof address.storage, true);
    return out;
}

const std::string kInvalid = std::to_string(EINVAL), kNoFamily = std::to_string(EAFNOSUPPORT);

TEST(SocketAddresses, of_ipv4) {
    EXPECT_EQ(through(AF_INET, "\1\0\x50\x7f\0\0\1"sv), "\1\0\x50\x7f\0\0\1"sv);
    EXPECT_EQ(through(AF_INET, "\3\x12\x34"sv), "\1\x12\x34\0\0\0\0"sv);
    EXPECT_EQ(through(AF_INET, "\4\x12\x34"sv), "\1\x12\x34\x7f\0\0\1"sv);
    EXPECT_EQ(through(AF_INET, "\1\0\x50\x7f\0\0"sv), kInvalid);
    EXPECT_EQ(through(AF_INET, "\3\x12"sv), kInvalid);
    EXPECT_EQ(through(AF_INET, ""sv), kInvalid);
    EXPECT_EQ(through(AF_INET, "\0\0\0\0\0\0\0"sv), kNoFamily);
    EXPECT_EQ(through(AF_INET, "\7\0\0\0\0\0\0"sv), kNoFamily);
}

TEST(SocketAddresses, of_ipv6) {
    const std::string ip = "0123456789abcdef";
    EXPECT_EQ(through(AF_INET6, std::string("\2\0\x50"sv) + ip + std::string(8, '\0')), std::string("\2\0\x50"sv) + ip);
    EXPECT_EQ(through(AF_INET6, std::string("\2\0\x50"sv) + ip), kInvalid);
    EXPECT_EQ(through(AF_INET6, "\4\0\1"sv), std::string("\2\0\1"sv) + std::string(15, '\0') + '\1');
}

TEST(SocketAddresses, of_names) {
    EXPECT_EQ(through(AF_UNIX, "\5\3abc"sv), "\5\3abc"sv);
    EXPECT_EQ(through(AF_UNIX, "\5\4\0abc"sv), "\5\4\0abc"sv);
    EXPECT_EQ(through(AF_UNIX, "\5\0"sv), "\5\0"sv);
    EXPECT_EQ(through(AF_UNIX, "\5\4abc"sv), kInvalid);
    EXPECT_EQ(through(AF_UNIX, "\5"sv), kInvalid);
    EXPECT_EQ(through(AF_UNIX, "\3\0\0"sv), kInvalid);
    const std::string longest(107, 'a');
    EXPECT_EQ(through(AF_UNIX, "\5\x6b" + longest), "\5\x6b" + longest);
    EXPECT_EQ(through(AF_UNIX, "\5\x6c" + longest + 'a'), kInvalid);
    EXPECT_EQ(through(AF_UNIX, std::string("\5\x6c\0"sv) + longest), std::string("\5\x6c\0"sv) + longest);
}

TEST(SocketAddresses, of_any_bytes) {
    std::mt19937 random(1);
    for (int i = 0; i < 20000; ++i) {
        std::string bytes;
        for (size_t n = random() % 40; bytes.size() < n;)
            bytes += static_cast<char>(random() % (bytes.empty() ? 8 : 256));
        for (const int family : {AF_INET, AF_INET6, AF_UNIX, AF_UNSPEC}) through(family, bytes);
    }
}

std::string contents(const SendQueue& queue) {
    iovec slots[100];
    std::string all;
    for (size_t i = 0, n = queue.first(slots, 100); i < n; ++i)
        all.append(static_cast<const char*>(slots[i].iov_base), slots[i].iov_len);
    return all;
}

TEST(SendQueues, give_back_in_order_what_was_put_in) {
    std::mt19937 random(2);
    SendQueue queue;
    std::string expected;
    BinaryData* data = BinaryData::create(100000);
    for (size_t i = 0; i < 100000; ++i) data->bytes[i] = static_cast<uint8_t>(i * 7);
    for (int i = 0; i < 2000; ++i) {
        const size_t at = random() % 90000, n = random() % 3 == 0 ? random() % 10000 : random() % 50;
        queue.append({data->bytes + at, n, random() % 2 == 0 ? data : nullptr});
        expected.append(reinterpret_cast<char*>(data->bytes) + at, n);
        const size_t gone = random() % (expected.size() + 1);
        queue.drop(gone);
        expected.erase(0, gone);
        ASSERT_EQ(queue.size(), expected.size());
        ASSERT_EQ(contents(queue), expected);
        iovec slot;
        if (queue.first(&slot, 1, 3) == 1) {
            EXPECT_LE(slot.iov_len, 3u);
        }
    }
    queue.append({data->bytes, 50000, data});
    EXPECT_GT(data->references.load(), 1u);
    queue.clear();
    EXPECT_EQ(data->references.load(), 1u);
    data->release_reference();
}

TEST(InputBuffers, keep_bytes_while_they_grow_and_shrink) {
    std::mt19937 random(3);
    InputBuffer buffer;
    std::string expected;
    for (int i = 0; i < 20000; ++i) {
        switch (random() % 6) {
            case 0: ASSERT_TRUE(buffer.reserve(1 + random() % 500)); break;
            case 1:
                if (buffer) {
                    const size_t n = random() % (buffer.room() + 1);
                    std::memset(buffer.space(), i, n);
                    buffer.filled(n);
                    expected.append(n, static_cast<char>(i));
                }
                break;
            case 2:
                if (buffer) {
                    const size_t n = random() % (buffer.size() + 1);
                    buffer.drop(n);
                    expected.erase(0, n);
                }
                break;
            case 3:
                if (buffer) buffer.settle();
                break;
            case 4: {
                const std::string front(1 + random() % 20, static_cast<char>(i));
                ASSERT_TRUE(buffer.push_front(front));
                expected = front + expected;
                break;
            }
            default: ASSERT_TRUE(buffer.leave(random() % 100)); break;
        }
        ASSERT_EQ(buffer.bytes(), expected);
    }
}

class Outgoings : public testing::Test {
protected:
    std::string gathered(Term iolist, size_t prefix = 0) {
        Outgoing out;
        if (!out.gather(iolist)) return "none";
        out.add_prefix(prefix);
        std::string all;
        for (size_t i = 0; i < out.count(); ++i)
            all.append(static_cast<const char*>(out.piece(i).bytes), out.piece(i).size);
        EXPECT_EQ(all.size(), out.size());
        return all;
    }
    Term list(std::vector<Term> elements, Term tail = Term::nil()) {
        return p.reserve(list_words(elements.size())).list(elements, tail);
    }
    test::TestProcess p;
};

TEST_F(Outgoings, of_small_things) {
    EXPECT_EQ(gathered(Term::nil()), "");
    EXPECT_EQ(gathered(Term::nil(), 4), "\0\0\0\0"sv);
    EXPECT_EQ(gathered(p.bin("abc"), 2), "\0\3abc"sv);
    EXPECT_EQ(
        gathered(list({Term::small('a'), p.bin("bc"), list({Term::small('d')}), p.bits("ef", 16, 3)}, p.bin("g"))),
        "abcdefg");
    EXPECT_EQ(gathered(list({Term::small(256)})), "none");
    EXPECT_EQ(gathered(am::ok()), "none");
    EXPECT_EQ(gathered(p.bits("a", 7)), "none");
}

TEST_F(Outgoings, of_large_and_many_things) {
    const std::string large(3000, 'x');
    EXPECT_EQ(gathered(p.bin(large), 4), std::string("\0\0\x0b\xb8"sv) + large);
    std::vector<Term> many;
    std::string expected;
    for (int i = 0; i < 100; ++i) {
        many.push_back(i % 2 == 0 ? Term::small('a') : p.bin(large));
        expected += i % 2 == 0 ? "a" : large;
    }
    EXPECT_EQ(gathered(list(many), 1), std::string(1, static_cast<char>(expected.size())) + expected);
    const Term late = list({list(many), am::ok()});
    EXPECT_EQ(gathered(late), "none");
    EXPECT_EQ(gathered(list({p.bin(large), p.bits(large, 24000, 5)})), large + large);
    std::vector<Term> bytes(5000, Term::small('b'));
    EXPECT_EQ(gathered(list(bytes), 2), std::string("\x13\x88"sv) + std::string(5000, 'b'));
}

}  // namespace
}  // namespace lintel::inet
