#include "stdlib/re/re2_pattern.h"

#include "term/utf8.h"

/// RE2 matches in linear time and finds the same match as a backtracking matcher, groups included, for regular expressions
/// in the strict sense. This file reads a pattern, accepts only constructs for which that is known, and writes them again in
/// RE2's syntax with everything spelled out, so that no default of RE2 matters.
///
/// Accepted: characters, escapes for one character, `.`, classes, \d \w \s and their complements, groups (plain, named,
/// non-capturing), alternatives, quantifiers greedy and lazy, `^` at the beginning and `$` at the end of the whole pattern.
///
/// Not accepted, because the answers differ or may:
///  - a quantifier on something that can match nothing: the libraries leave such loops differently;
///  - quantifiers with an upper limit of 0 or above kMaxRepeat, possessive quantifiers;
///  - `^` and `$` elsewhere, \b and its like, look-around, back-references, atomic groups, recursion, conditions, verbs, \K;
///  - options inside the pattern; caseless beyond ASCII; newline conventions other than LF with `.`, `^` or `$`.
///
/// `$` without dollar_endonly also matches before a last newline. At the end of the pattern it is written as
/// (pattern)(?:\n?\z): the group is the match. Nothing follows, so preferring one way over another changes nothing.
///
/// \w has the letters of Latin-1, as OTP's character tables have them. (Without ucp, also for UTF-8.)

namespace lintel {

namespace {

constexpr unsigned kMaxRepeat = 100;
constexpr size_t kMaxPattern = 1000;

class Translator {
public:
    Translator(std::string_view pattern, const RegexOptions& options) : in_(pattern), options_(options) {}

    std::optional<Re2Pattern> run(size_t group_count) {
        using Flag = RegexOptions::Flag;
        constexpr uint32_t kFine = Flag::kUnicode | Flag::kAnchored | Flag::kCaseless | Flag::kDollarEndOnly |
                                   Flag::kDotAll | Flag::kDupNames | Flag::kNoStartOptimize | Flag::kNeverUtf;
        if ((options_.flags & ~kFine) != 0 || in_.size() > kMaxPattern) return std::nullopt;
        if (options_.has(Flag::kCaseless) && options_.has(Flag::kUnicode)) return std::nullopt;
        if (options_.newline != RegexOptions::Newline::standard && options_.newline != RegexOptions::Newline::lf)
            return std::nullopt;
        // A verb at the start, such as (*CRLF).
        if (in_.starts_with("(*")) return std::nullopt;

        Re2Pattern result;
        if (take('^')) out_ += "\\A";
        bool nullable;
        if (!alternatives(&nullable, 0) || at_ != in_.size() || groups_ != group_count) return std::nullopt;
        std::string prefix = "(?";
        if (options_.has(Flag::kCaseless)) prefix += 'i';
        if (options_.has(Flag::kDotAll)) prefix += 's';
        prefix = prefix == "(?" ? "" : prefix + ")";
        if (end_anchor_) {
            if (top_alternatives_) return std::nullopt;
            if (options_.has(Flag::kDollarEndOnly)) {
                result.text = prefix + out_ + "\\z";
            } else {
                result.text = prefix + "(" + out_ + ")(?:\\n?\\z)";
                result.ends_line = true;
            }
        } else {
            if (top_alternatives_ && out_.starts_with("\\A")) return std::nullopt;
            result.text = prefix + out_;
        }
        return result;
    }

private:
    bool more() const { return at_ < in_.size(); }
    char peek() const { return more() ? in_[at_] : '\0'; }
    bool take(char c) {
        if (!more() || in_[at_] != c) return false;
        ++at_;
        return true;
    }
    bool is_utf() const { return options_.has(RegexOptions::kUnicode); }

    /// One character of the pattern, whole if it is UTF-8.
    bool character(uint32_t* c) {
        const auto* p = reinterpret_cast<const uint8_t*>(in_.data()) + at_;
        if (!is_utf() || *p < 0x80) {
            *c = *p;
            ++at_;
            return true;
        }
        const Utf8Step step = decode_utf8(p, in_.size() - at_);
        if (step.status != Utf8Step::Status::ok) return false;
        *c = step.code_point;
        at_ += step.bytes;
        return true;
    }
    void put_character(uint32_t c) {
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) {
            out_ += static_cast<char>(c);
            return;
        }
        static const char* const kDigits = "0123456789abcdef";
        std::string hex;
        for (uint32_t rest = c; rest != 0 || hex.empty(); rest /= 16) hex.insert(hex.begin(), kDigits[rest % 16]);
        out_ += "\\x{" + hex + "}";
    }
    bool fits_case(uint32_t c) const { return !options_.has(RegexOptions::kCaseless) || c < 0x80; }

    /// Members of the class that \d, \w or \s is; nullptr: the escape is none of them.
    static const char* class_members(char letter) {
        switch (letter | 0x20) {
            case 'd': return "0-9";
            case 'w': return "0-9A-Za-z_\\x{aa}\\x{b5}\\x{ba}\\x{c0}-\\x{d6}\\x{d8}-\\x{f6}\\x{f8}-\\x{ff}";
            case 's': return "\\t-\\r\\x{20}";
            default: return nullptr;
        }
    }
    /// After a backslash: an escape that stands for one character.
    bool simple_escape(uint32_t* c) {
        if (!more()) return false;
        const char e = in_[at_];
        switch (e) {
            case 'n': *c = 10; break;
            case 't': *c = 9; break;
            case 'r': *c = 13; break;
            case 'f': *c = 12; break;
            case 'e': *c = 27; break;
            case 'a': *c = 7; break;
            case 'x': {
                // Exactly two digits; other forms are left alone.
                if (at_ + 2 >= in_.size()) return false;
                const int high = hex_digit(in_[at_ + 1]), low = hex_digit(in_[at_ + 2]);
                if (high < 0 || low < 0) return false;
                *c = static_cast<uint32_t>(high * 16 + low);
                at_ += 3;
                return true;
            }
            default: {
                const auto u = static_cast<uint8_t>(e);
                const bool punctuation = u > 32 && u < 127 && !is_letter_or_digit(e);
                if (!punctuation) return false;
                *c = u;
            }
        }
        ++at_;
        return true;
    }
    static int hex_digit(char c) {
        if (c >= '0' && c <= '9') return c - '0';
        if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') return (c | 0x20) - 'a' + 10;
        return -1;
    }
    static bool is_letter_or_digit(char c) {
        return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
    }

    bool alternatives(bool* nullable, unsigned depth) {
        if (depth > 50) return false;
        *nullable = false;
        for (;;) {
            bool branch_nullable;
            if (!branch(&branch_nullable, depth)) return false;
            *nullable = *nullable || branch_nullable;
            if (!take('|')) return true;
            if (depth == 0) top_alternatives_ = true;
            out_ += '|';
        }
    }
    bool branch(bool* nullable, unsigned depth) {
        *nullable = true;
        while (more() && peek() != '|' && peek() != ')') {
            if (peek() == '$' && at_ + 1 == in_.size() && depth == 0) {
                ++at_;
                end_anchor_ = true;
                return true;
            }
            bool item_nullable;
            if (!item(&item_nullable, depth)) return false;
            if (!quantifier(&item_nullable)) return false;
            *nullable = *nullable && item_nullable;
        }
        return true;
    }
    bool item(bool* nullable, unsigned depth) {
        *nullable = false;
        switch (peek()) {
            case '(': ++at_; return group(nullable, depth);
            case '[': ++at_; return character_class();
            case '.':
                ++at_;
                out_ += '.';
                return true;
            case '\\': ++at_; return escape();
            case '^':
            case '$':
            case '*':
            case '+':
            case '?':
            case '{':
            case '}': return false;
            default: {
                uint32_t c;
                if (!character(&c) || !fits_case(c)) return false;
                put_character(c);
                return true;
            }
        }
    }
    bool group(bool* nullable, unsigned depth) {
        bool captures = true;
        if (take('?')) {
            if (take(':')) {
                captures = false;
            } else {
                take('P');
                if (!take('<')) return false;
                const size_t start = at_;
                while (more() && (is_letter_or_digit(peek()) || peek() == '_')) ++at_;
                if (at_ == start || !take('>')) return false;
            }
        } else if (peek() == '*') {
            return false;
        }
        if (captures) ++groups_;
        out_ += captures ? "(" : "(?:";
        if (!alternatives(nullable, depth + 1) || !take(')')) return false;
        out_ += ')';
        return true;
    }
    bool escape() {
        if (!more()) return false;
        if (const char* members = class_members(in_[at_])) {
            const bool complement = in_[at_] < 'a';
            ++at_;
            out_ += complement ? "[^" : "[";
            out_ += members;
            out_ += ']';
            // With caseless RE2 would add the other case of what the class has.
            return !options_.has(RegexOptions::kCaseless);
        }
        uint32_t c;
        if (!simple_escape(&c) || !fits_case(c)) return false;
        put_character(c);
        return true;
    }
    bool character_class() {
        out_ += take('^') ? "[^" : "[";
        bool first = true;
        for (; more() && (peek() != ']' || first); first = false) {
            uint32_t low;
            if (peek() == '[') return false;  // perhaps a POSIX class
            if (take('\\')) {
                if (!more()) return false;
                if (const char* members = class_members(in_[at_])) {
                    if (in_[at_] < 'a' || options_.has(RegexOptions::kCaseless)) return false;
                    ++at_;
                    if (peek() == '-') return false;
                    out_ += members;
                    continue;
                }
                if (!simple_escape(&low)) return false;
            } else if (!character(&low)) {
                return false;
            }
            if (!fits_case(low)) return false;
            put_character(low);
            if (peek() == '-' && at_ + 1 < in_.size() && in_[at_ + 1] != ']') {
                ++at_;
                uint32_t high;
                if (peek() == '[') return false;
                if (take('\\')) {
                    if (!simple_escape(&high)) return false;
                } else if (!character(&high)) {
                    return false;
                }
                if (!fits_case(high) || high < low) return false;
                out_ += '-';
                put_character(high);
            }
        }
        out_ += ']';
        return take(']');
    }
    bool quantifier(bool* nullable) {
        unsigned least, most = 0;
        bool open = false;
        std::string text;
        if (take('*')) {
            least = 0;
            open = true;
            text = "*";
        } else if (take('+')) {
            least = 1;
            open = true;
            text = "+";
        } else if (take('?')) {
            least = 0;
            most = 1;
            text = "?";
        } else if (peek() == '{') {
            const size_t start = at_++;
            if (!number(&least)) return false;  // a brace that is a character
            most = least;
            if (take(',')) {
                if (peek() == '}') {
                    open = true;
                } else if (!number(&most)) {
                    return false;
                }
            }
            if (!take('}') || least > kMaxRepeat || most > kMaxRepeat || (!open && (most == 0 || most < least)))
                return false;
            text = std::string(in_.substr(start, at_ - start));
        } else {
            return true;
        }
        if (*nullable) return false;
        if (peek() == '+') return false;
        if (take('?')) text += '?';
        // Two in a row are an error or something else than it looks.
        if (peek() == '*' || peek() == '+' || peek() == '?' || peek() == '{') return false;
        if (repeats_ *= (open ? least + 1 : most); repeats_ > 1000) return false;
        out_ += text;
        *nullable = least == 0;
        return true;
    }
    bool number(unsigned* n) {
        const size_t start = at_;
        *n = 0;
        while (more() && peek() >= '0' && peek() <= '9' && at_ - start < 4)
            *n = *n * 10 + static_cast<unsigned>(in_[at_++] - '0');
        return at_ != start;
    }

    std::string_view in_;
    const RegexOptions& options_;
    std::string out_;
    size_t at_ = 0;
    size_t groups_ = 0;
    size_t repeats_ = 1;  ///< product of all repeat counts: bounds the size of RE2's program
    bool end_anchor_ = false;
    bool top_alternatives_ = false;
};

}  // namespace

std::optional<Re2Pattern> translate_for_re2(std::string_view pattern, const RegexOptions& options, size_t group_count) {
    return Translator(pattern, options).run(group_count);
}

}  // namespace lintel
