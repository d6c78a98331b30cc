#include "embed/term_reader.h"

#include <charconv>
#include <cmath>
#include <string>
#include <vector>

#include "stdlib/nif/env.h"
#include "term/utf8.h"
#include "vm/runtime_number.h"

namespace lintel {

namespace {

/// Lists, tuples, maps within each other.
constexpr int kDeepest = 1000;

class TermReader {
public:
    TermReader(ErlNifEnv* env, std::string_view text) : env_(env), text_(text) {}

    ReadTerm read() {
        ReadTerm result;
        result.ok = term(&result.term, 0);
        if (result.ok) {
            skip_space();
            take('.');
            skip_space();
            result.ok = at_ == text_.size();
        }
        result.length = at_;
        return result;
    }

private:
    // ---- bytes
    bool is_end() const { return at_ == text_.size(); }
    char peek(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
    bool take(char c) {
        if (peek() != c || is_end()) return false;
        ++at_;
        return true;
    }
    bool take(std::string_view expected) {
        if (text_.substr(at_, expected.size()) != expected) return false;
        at_ += expected.size();
        return true;
    }
    void skip_space() {
        while (!is_end()) {
            if (peek() == '%') {
                while (!is_end() && peek() != '\n') ++at_;
            } else if (static_cast<unsigned char>(peek()) <= ' ') {
                ++at_;
            } else {
                return;
            }
        }
    }
    static bool is_digit(char c) { return c >= '0' && c <= '9'; }
    static bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
    static bool is_name(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c == '@'; }

    // ---- terms
    bool term(ERL_NIF_TERM* out, int depth) {
        skip_space();
        if (is_end() || depth > kDeepest) return false;
        const char c = peek();
        if (c == '[') return list(out, depth);
        if (c == '{') return tuple(out, depth);
        if (c == '#') return map(out, depth);
        if (c == '"') return string(out);
        if (c == '\'') return quoted_atom(out);
        if (c == '<') return binary(out);
        if (c == '$' || c == '-' || c == '+' || is_digit(c)) return number(out);
        return atom(out);
    }

    bool atom(ERL_NIF_TERM* out) {
        const size_t begin = at_;
        // A small letter of Latin-1 may begin an atom as well.
        const auto first = static_cast<unsigned char>(peek());
        if (!is_lower(peek()) && first != 0xc3) return false;
        while (is_name(peek()) || static_cast<unsigned char>(peek()) == 0xc3) at_ += is_name(peek()) ? 1 : 2;
        if (at_ > text_.size() || !make_atom(text_.substr(begin, at_ - begin), out)) {
            at_ = begin;
            return false;
        }
        return true;
    }
    bool quoted_atom(ERL_NIF_TERM* out) {
        const size_t begin = at_;
        std::vector<uint32_t> characters;
        if (!quoted('\'', &characters)) return false;
        if (make_atom(utf8(characters), out)) return true;
        at_ = begin;
        return false;
    }
    bool make_atom(std::string_view name, ERL_NIF_TERM* out) {
        return enif_make_new_atom_len(env_, name.data(), name.size(), out, ERL_NIF_UTF8) != 0;
    }

    bool string(ERL_NIF_TERM* out) {
        std::vector<uint32_t> characters;
        do {  // "a" "b" is "ab"
            if (!quoted('"', &characters)) return false;
            skip_space();
        } while (peek() == '"');
        std::vector<ERL_NIF_TERM> terms;
        for (const uint32_t c : characters) terms.push_back(enif_make_uint(env_, c));
        *out = enif_make_list_from_array(env_, terms.data(), static_cast<unsigned>(terms.size()));
        return true;
    }

    /// What is between two of `quote`.
    bool quoted(char quote, std::vector<uint32_t>* out) {
        if (!take(quote)) return false;
        while (!is_end()) {
            if (take(quote)) return true;
            uint32_t c;
            if (!character(&c)) return false;
            out->push_back(c);
        }
        return false;
    }
    bool character(uint32_t* out) {
        if (take('\\')) return escape(out);
        if (is_end()) return false;
        const Utf8Step c = decode_utf8(reinterpret_cast<const uint8_t*>(text_.data()) + at_, text_.size() - at_);
        if (c.status != Utf8Step::Status::ok) return false;
        at_ += c.bytes;
        *out = c.code_point;
        return true;
    }
    bool escape(uint32_t* out) {
        constexpr std::string_view kLetters = "bdefnrstv0", kMeanings("\b\177\033\f\n\r \t\v\0", 10);
        if (is_end()) return false;
        if (peek() >= '0' && peek() <= '7') {
            uint32_t value = 0;
            for (int i = 0; i < 3 && peek() >= '0' && peek() <= '7'; ++i)
                value = value * 8 + static_cast<uint32_t>(text_[at_++] - '0');
            *out = value;
            return true;
        }
        if (take('x')) {
            const bool braces = take('{');
            const char* const begin = text_.data() + at_;
            const char* const end = text_.data() + (braces ? text_.size() : std::min(text_.size(), at_ + 2));
            const auto [stopped, error] = std::from_chars(begin, end, *out, 16);
            if (error != std::errc() || *out > 0x10ffff) return false;
            at_ += static_cast<size_t>(stopped - begin);
            return !braces || take('}');
        }
        if (take('^')) {  // with the control key
            if (peek() < '@') return false;
            *out = static_cast<uint32_t>(text_[at_++] & 31);
            return true;
        }
        if (const size_t which = kLetters.find(peek()); which != std::string_view::npos) {
            ++at_;
            *out = static_cast<uint8_t>(kMeanings[which]);
            return true;
        }
        return character(out);
    }
    static std::string utf8(const std::vector<uint32_t>& characters) {
        std::string text;
        for (const uint32_t c : characters) {
            uint8_t bytes[4];
            text.append(reinterpret_cast<const char*>(bytes), encode_utf8(c, bytes));
        }
        return text;
    }

    bool number(ERL_NIF_TERM* out) {
        const bool negative = peek() == '-';
        if (negative || peek() == '+') {
            ++at_;
            skip_space();
        }
        if (take('$')) {
            uint32_t c;
            if (is_end() || !character(&c)) return false;
            *out = enif_make_int64(env_, negative ? -static_cast<int64_t>(c) : c);
            return true;
        }
        const size_t begin = at_;
        std::string digits = digits_of(10);
        if (digits.empty()) return false;
        if (peek() == '.' && is_digit(peek(1))) return real(begin, negative, out);
        unsigned base = 10;
        if (peek() == '#') {
            if (std::from_chars(digits.data(), digits.data() + digits.size(), base).ec != std::errc() || base < 2 ||
                base > 36)
                return false;
            ++at_;
            digits = digits_of(base);
            if (digits.empty()) return false;
        }
        Term value;
        if (parse_integer(env_->state(), (negative ? "-" : "") + digits, base, &value) != ParseStatus::ok) return false;
        *out = value.word();
        return true;
    }
    /// The digits that follow; between two of them may be "_".
    std::string digits_of(unsigned base) {
        std::string digits;
        const auto is_one = [base](char c) {
            const unsigned value = is_digit(c)            ? static_cast<unsigned>(c - '0')
                                   : is_lower(c)          ? static_cast<unsigned>(c - 'a') + 10
                                   : c >= 'A' && c <= 'Z' ? static_cast<unsigned>(c - 'A') + 10
                                                          : 99;
            return value < base;
        };
        while (is_one(peek()) || (peek() == '_' && !digits.empty() && is_one(peek(1)))) {
            if (peek() != '_') digits += peek();
            ++at_;
        }
        return digits;
    }
    bool real(size_t begin, bool negative, ERL_NIF_TERM* out) {
        std::string text = std::string(text_.substr(begin, at_ - begin)) + ".";
        std::erase(text, '_');
        ++at_;
        text += digits_of(10);
        const size_t sign = peek(1) == '-' || peek(1) == '+' ? 1 : 0;
        if ((peek() == 'e' || peek() == 'E') && is_digit(peek(1 + sign))) {
            text += "e";
            if (peek(1) == '-') text += "-";
            at_ += 1 + sign;
            text += digits_of(10);
        }
        double value;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return false;
        *out = enif_make_double(env_, negative ? -value : value);
        return true;
    }

    bool list(ERL_NIF_TERM* out, int depth) {
        take('[');
        std::vector<ERL_NIF_TERM> elements;
        ERL_NIF_TERM tail = enif_make_list(env_, 0);
        skip_space();
        if (!take(']')) {
            if (!elements_until(depth, &elements)) return false;
            if (take('|') && !term(&tail, depth + 1)) return false;
            skip_space();
            if (!take(']')) return false;
        }
        for (size_t i = elements.size(); i-- > 0;) tail = enif_make_list_cell(env_, elements[i], tail);
        *out = tail;
        return true;
    }
    bool tuple(ERL_NIF_TERM* out, int depth) {
        take('{');
        std::vector<ERL_NIF_TERM> elements;
        skip_space();
        if (!take('}') && (!elements_until(depth, &elements) || !take('}'))) return false;
        *out = enif_make_tuple_from_array(env_, elements.data(), static_cast<unsigned>(elements.size()));
        return true;
    }
    /// Terms with commas between them, and white space.
    bool elements_until(int depth, std::vector<ERL_NIF_TERM>* out) {
        do {
            ERL_NIF_TERM element;
            if (!term(&element, depth + 1)) return false;
            out->push_back(element);
            skip_space();
        } while (take(','));
        return true;
    }
    bool map(ERL_NIF_TERM* out, int depth) {
        if (!take("#{")) return false;
        *out = enif_make_new_map(env_);
        skip_space();
        if (take('}')) return true;
        do {
            ERL_NIF_TERM key, value;
            if (!term(&key, depth + 1)) return false;
            skip_space();
            if (!take("=>") || !term(&value, depth + 1)) return false;
            if (enif_make_map_put(env_, *out, key, value, out) == 0) return false;
            skip_space();
        } while (take(','));
        return take('}');
    }

    bool binary(ERL_NIF_TERM* out) {
        if (!take("<<")) return false;
        std::string bytes;
        skip_space();
        if (!take(">>")) {
            do {
                skip_space();
                if (!segment(&bytes)) return false;
                skip_space();
            } while (take(','));
            if (!take(">>")) return false;
        }
        uint8_t* const data = enif_make_new_binary(env_, bytes.size(), out);
        if (data == nullptr) return false;
        std::memcpy(data, bytes.data(), bytes.size());
        return true;
    }
    bool segment(std::string* bytes) {
        if (peek() != '"') {
            ERL_NIF_TERM value;
            int64_t n;
            if (!number(&value) || enif_get_int64(env_, value, &n) == 0) return false;
            *bytes += static_cast<char>(n);
            return true;
        }
        std::vector<uint32_t> characters;
        if (!quoted('"', &characters)) return false;
        skip_space();
        if (take("/utf8")) {
            *bytes += utf8(characters);
        } else {
            for (const uint32_t c : characters) *bytes += static_cast<char>(c);
        }
        return true;
    }

    ErlNifEnv* const env_;
    const std::string_view text_;
    size_t at_ = 0;
};

}  // namespace

ReadTerm read_term(ErlNifEnv* env, std::string_view text) { return TermReader(env, text).read(); }

}  // namespace lintel
