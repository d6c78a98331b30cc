#pragma once
/// Reads terms as io:format("~w") of erl writes them: numbers, atoms, lists, tuples, bit strings. For files of facts.

#include <string>
#include <string_view>
#include <vector>

#include "gc/heap_builder.h"
#include "term/atom.h"
#include "vm/exec_state.h"

namespace lintel::test {

class TermReader {
public:
    /// Bit strings are built at bit `offset` of a larger binary.
    TermReader(ExecState& p, AtomTable& atoms, std::string_view text, size_t offset = 0)
        : p_(p), atoms_(atoms), text_(text), offset_(offset) {}

    /// The next term, or the non-value if there is none.
    Term read() {
        skip_space();
        if (at_ == text_.size()) return Term::none();
        const char c = text_[at_];
        if (c == '[') return read_list();
        if (c == '{') return read_tuple();
        if (text_.substr(at_, 2) == "<<") return read_bits();
        if (c == '-' || is_digit(c)) return read_number_term();
        return read_atom();
    }

private:
    static bool is_digit(char c) { return c >= '0' && c <= '9'; }
    void skip_space() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
    }
    bool take(char c) {
        skip_space();
        if (at_ == text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }
    Term read_list() {
        std::vector<Term> items;
        Term tail = Term::nil();
        take('[');
        while (!take(']')) {
            if (take('|')) {
                tail = read();
            } else {
                take(',');
                items.push_back(read());
            }
        }
        auto heap = p_.reserve(list_words(items.size()));
        return heap.list(items, tail);
    }
    Term read_tuple() {
        std::vector<Term> items;
        take('{');
        while (!take('}')) {
            take(',');
            items.push_back(read());
        }
        Word* elements;
        auto heap = p_.reserve(tuple_words(items.size()));
        const Term t = heap.tuple_of(items.size(), &elements);
        for (size_t i = 0; i < items.size(); ++i) elements[i] = items[i].word();
        return t;
    }
    Term read_bits() {
        std::string bytes(bytes_for_bits(offset_), '\x5a');
        bytes.resize(bytes.size() + 1);
        size_t bits = 0;
        at_ += 2;
        while (text_.substr(at_, 2) != ">>") {
            take(',');
            const auto value = static_cast<uint8_t>(read_number());
            const size_t size = take(':') ? read_number() : 8;
            const auto left = static_cast<uint8_t>(value << (8 - size));
            bytes.resize(bytes_for_bits(offset_ + bits + 8) + 1);
            copy_bits(reinterpret_cast<uint8_t*>(bytes.data()), offset_ + bits, &left, 0, size);
            bits += size;
        }
        at_ += 2;
        auto heap = p_.reserve(binary_words(bytes.size()) + kSubBinaryWords);
        const Term whole = heap.binary(bytes.data(), bytes.size());
        return heap.sub_binary(whole, offset_, bits);
    }
    size_t read_number() {
        size_t n = 0;
        while (is_digit(text_[at_])) n = n * 10 + static_cast<size_t>(text_[at_++] - '0');
        return n;
    }
    Term read_number_term() {
        const size_t end = text_.find_first_not_of("-+.e0123456789", at_);
        const std::string number(text_.substr(at_, end - at_));
        if (number.find('.') == std::string::npos) return read_integer();
        at_ = end;
        return p_.reserve(kBoxedFloatWords).make_float(std::stod(number));
    }
    Term read_integer() {
        const bool negative = take('-');
        std::vector<Word> limbs;
        while (at_ < text_.size() && is_digit(text_[at_])) {
            __extension__ unsigned __int128 carry = static_cast<unsigned>(text_[at_++] - '0');
            for (Word& limb : limbs) {
                carry += static_cast<decltype(carry)>(limb) * 10;
                limb = static_cast<Word>(carry);
                carry >>= 64;
            }
            if (carry != 0) limbs.push_back(static_cast<Word>(carry));
        }
        auto heap = p_.reserve(1 + limbs.size());
        return heap.integer_from_limbs(limbs, negative);
    }
    Term read_atom() {
        std::string name;
        if (take('\'')) {
            while (text_[at_] != '\'') name += text_[at_++];
            ++at_;
        } else {
            while (at_ < text_.size() &&
                   (isalnum(static_cast<unsigned char>(text_[at_])) || text_[at_] == '_' || text_[at_] == '@')) {
                name += text_[at_++];
            }
        }
        return atoms_.intern(name);
    }

    ExecState& p_;
    AtomTable& atoms_;
    std::string_view text_;
    size_t offset_;
    size_t at_ = 0;
};

}  // namespace lintel::test
