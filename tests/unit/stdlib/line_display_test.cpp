#include "stdlib/terminal/line_display.h"

#include <gtest/gtest.h>

namespace lintel {
namespace {

/// Steps of the cursor that can be read: < > ^ and v.
TerminalCapabilities capabilities(unsigned columns = 80) {
    TerminalCapabilities c;
    c.up = "^";
    c.down = "v";
    c.left = "<";
    c.right = ">";
    c.columns = columns;
    return c;
}

struct LineDisplayTest : testing::Test {
    std::string put(std::string_view text) {
        std::string out;
        line.put(text, &out);
        return out;
    }
    std::string insert(std::string_view text) {
        std::string out;
        line.insert(text, &out);
        return out;
    }
    std::string remove(int count) {
        std::string out;
        line.remove(count, &out);
        return out;
    }
    std::string move(int count) {
        std::string out;
        line.move(count, &out);
        return out;
    }
    LineDisplay line{capabilities()};
};

TEST_F(LineDisplayTest, PutsAndMoves) {
    EXPECT_EQ(put("1> abc"), "1> abc");
    EXPECT_EQ(move(-2), "<<");
    EXPECT_EQ(move(1), ">");
    EXPECT_EQ(move(5), ">");  // not beyond the line
    EXPECT_EQ(move(0), "");
    EXPECT_EQ(move(-100), "<<<<<<");
}

TEST_F(LineDisplayTest, InsertsBeforeWhatIsThere) {
    put("abd");
    move(-1);
    EXPECT_EQ(insert("c"), "cd<");
    EXPECT_EQ(insert(""), "");
    EXPECT_EQ(move(1), ">");
    EXPECT_EQ(insert("e"), "e");
}

TEST_F(LineDisplayTest, RemovesToEitherSide) {
    put("abcdef");
    EXPECT_EQ(remove(-2), "<<  <<");
    move(-3);
    EXPECT_EQ(remove(2), "d  <<<");
    EXPECT_EQ(remove(-1), "<d <<");
    EXPECT_EQ(remove(-1), "");
}

TEST_F(LineDisplayTest, ANewlineBeginsANewLine) {
    EXPECT_EQ(put("abc\nde"), "abc\r\nde");
    EXPECT_EQ(move(-5), "<<");
    EXPECT_EQ(put("x\ry"), "x\ry");
    EXPECT_EQ(move(-5), "<");
}

TEST_F(LineDisplayTest, ControlCharactersTakeTwoPlaces) {
    EXPECT_EQ(put("a\x01z"), "a^Az");
    EXPECT_EQ(move(-2), "<<<");
    EXPECT_EQ(remove(1), "z  <<<");
    EXPECT_EQ(put("\x7f"), "^?");
}

TEST_F(LineDisplayTest, TabsGoToStops) {
    EXPECT_EQ(put("ab\tc"), "ab      c");
    EXPECT_EQ(move(-2), "<<<<<<<");
}

TEST_F(LineDisplayTest, WideCharactersTakeTwoColumns) {
    EXPECT_EQ(put("a日b"), "a日b");
    EXPECT_EQ(move(-2), "<<<");
    EXPECT_EQ(remove(1), "b  <<<");
    EXPECT_EQ(put("e\u0301"), "e\u0301");  // an accent takes none
    EXPECT_EQ(move(-2), "<");
}

TEST_F(LineDisplayTest, EscapeSequencesHaveNoWidth) {
    EXPECT_EQ(put("\x1b[31mred\x1b[0m"), "\x1b[31mred\x1b[0m");
    EXPECT_EQ(move(-7), "<<<");
}

TEST_F(LineDisplayTest, AsciiTerminalsGetNumbersForOthers) {
    line.set_utf8(false);
    EXPECT_EQ(put("ä"), "\\344");
    EXPECT_EQ(put("\u20ac"), "\\x{20AC}");
    EXPECT_EQ(put("\u0100"), "\\400");
    EXPECT_EQ(move(-1), "<<<<");
    EXPECT_EQ(put("\u0080"), "\\200");
}

TEST_F(LineDisplayTest, BytesThatAreNotUtf8AreLatin1) { EXPECT_EQ(put("\xe4z"), "äz"); }

TEST_F(LineDisplayTest, WrappedLines) {
    line.set_columns(10);
    EXPECT_EQ(put("abcdefgh"), "abcdefgh");
    EXPECT_EQ(put("ij"), "ij <");  // the row is full: the cursor goes to the next one
    EXPECT_EQ(put("kl"), "kl");
    EXPECT_EQ(move(-4), "^>>>>>>");          // column 12 to column 8
    EXPECT_EQ(insert("X"), "Xijkl^>>>>>>");  // from column 13 to 9
    EXPECT_EQ(move(4), "v<<<<<<");
}

TEST_F(LineDisplayTest, ATerminalThatWrapsAtOnceNeedsNoHelp) {
    TerminalCapabilities c = capabilities(4);
    c.wraps_late = false;
    LineDisplay other(c);
    std::string out;
    other.put("abcd", &out);
    EXPECT_EQ(out, "abcd");
}

TEST(TerminalCapabilities, OfTerminalsThatAreKnown) {
    TerminalCapabilities c;
    ASSERT_TRUE(c.read("xterm"));
    EXPECT_EQ(c.up, "\x1b[A");
    EXPECT_EQ(c.right, "\x1b[C");
    EXPECT_TRUE(c.wraps_late);
    EXPECT_FALSE(TerminalCapabilities().read("dumb"));
    EXPECT_FALSE(TerminalCapabilities().read("no-such-terminal"));
    EXPECT_FALSE(TerminalCapabilities().read(""));
    EXPECT_FALSE(TerminalCapabilities().read("../../etc/passwd"));
}

TEST(CharacterWidth, AsOnTerminals) {
    EXPECT_EQ(character_width('a'), 1u);
    EXPECT_EQ(character_width(U'ä'), 1u);
    EXPECT_EQ(character_width(U'日'), 2u);
    EXPECT_EQ(character_width(0x301), 0u);
    EXPECT_EQ(character_width(0x7f), 0u);
    EXPECT_EQ(character_width(0x1f600), 2u);
    EXPECT_EQ(character_width(0x110000), 0u);
}

}  // namespace
}  // namespace lintel
