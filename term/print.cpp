#include "term/print.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "base/float_text.h"
#include "base/patience.h"
#include "base/work_stack.h"
#include "term/bits.h"
#include "term/fun.h"
#include "term/identifier.h"
#include "term/map.h"
#include "term/record.h"
#include "term/utf8.h"
#include "term/views.h"

/// Printing walks the term with an explicit stack: a frame is a compound that has been opened but not closed. Whether a
/// separator is due is seen from the text so far: nothing but an opening bracket leaves '{' or '[' as its last character.

namespace lintel {

namespace {

constexpr std::string_view kReserved[] = {"after",  "and",     "andalso", "band", "begin", "bnot", "bor",
                                          "bsl",    "bsr",     "bxor",    "case", "catch", "cond", "div",
                                          "end",    "fun",     "if",      "let",  "not",   "of",   "or",
                                          "orelse", "receive", "rem",     "try",  "when",  "xor"};

bool is_latin1_lower(uint32_t c) { return c >= 0xdf && c <= 0xff && c != 0xf7; }
bool is_latin1_upper(uint32_t c) { return c >= 0xc0 && c <= 0xde && c != 0xd7; }
bool is_lower(uint32_t c) { return (c >= 'a' && c <= 'z') || is_latin1_lower(c); }

bool is_name_char(uint32_t c, PrintStyle style) {
    return is_lower(c) || (c >= 'A' && c <= 'Z') || is_latin1_upper(c) || (c >= '0' && c <= '9') || c == '_' ||
           (c == '@' && style != PrintStyle::display);
}

uint32_t next_char(std::string_view& text) {
    const Utf8Step step = decode_utf8(reinterpret_cast<const uint8_t*>(text.data()), text.size());
    if (step.status != Utf8Step::Status::ok) {
        text.remove_prefix(1);
        return 0xfffd;
    }
    text.remove_prefix(step.bytes);
    return step.code_point;
}

bool needs_quotes(std::string_view name, PrintStyle style) {
    if (name.empty()) return true;
    std::string_view rest = name;
    if (!is_lower(next_char(rest))) return true;
    while (!rest.empty()) {
        if (!is_name_char(next_char(rest), style)) return true;
    }
    return style != PrintStyle::display &&
           std::find(std::begin(kReserved), std::end(kReserved), name) != std::end(kReserved);
}

void append_utf8(std::string& out, uint32_t c) {
    uint8_t bytes[4];
    out.append(reinterpret_cast<const char*>(bytes), encode_utf8(c, bytes));
}

/// The letter after the backslash, or 0.
char escape_letter(uint32_t c, PrintStyle style) {
    switch (c) {
        case '\b': return 'b';
        case '\t': return 't';
        case '\n': return 'n';
        case '\v': return 'v';
        case '\f': return 'f';
        case '\r': return 'r';
        case '\'': return '\'';
        case '\\': return '\\';
        case 27: return style == PrintStyle::display ? 0 : 'e';
        case 127: return style == PrintStyle::display ? 0 : 'd';
        default: return 0;
    }
}

void append_quoted_char(std::string& out, uint32_t c, PrintStyle style) {
    if (const char letter = escape_letter(c, style); letter != 0) {
        out += '\\';
        out += letter;
    } else if (c < 32 || (c >= 128 && c < 160)) {
        out += '\\';
        for (int shift = 6; shift >= 0; shift -= 3) out += static_cast<char>('0' + (c >> shift & 7));
    } else if (c > 255 && style == PrintStyle::write) {
        char digits[8];
        const auto end = std::to_chars(digits, digits + sizeof digits, c, 16).ptr;
        out += "\\x{";
        for (const char* p = digits; p != end; ++p) out += *p >= 'a' ? static_cast<char>(*p - 'a' + 'A') : *p;
        out += '}';
    } else {
        append_utf8(out, c);
    }
}

template <typename Integer>
void append_number(std::string& out, Integer n) {
    char digits[24];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, n).ptr);
}

/// Decimal digits of a big integer, nineteen at a time from the low end.
void append_bignum(std::string& out, BignumView big) {
    __extension__ using Wide = unsigned __int128;
    constexpr Word kChunk = 10000000000000000000u;
    constexpr int kChunkDigits = 19;
    std::vector<Word> limbs(big.limbs().begin(), big.limbs().end());
    std::string reversed;
    while (!limbs.empty()) {
        Word remainder = 0;
        for (size_t i = limbs.size(); i-- > 0;) {
            const Wide value = Wide{remainder} << 64 | limbs[i];
            limbs[i] = static_cast<Word>(value / kChunk);
            remainder = static_cast<Word>(value % kChunk);
        }
        if (limbs.back() == 0) limbs.pop_back();
        for (int i = 0; i < kChunkDigits && (remainder != 0 || !limbs.empty()); ++i) {
            reversed += static_cast<char>('0' + remainder % 10);
            remainder /= 10;
        }
    }
    if (big.negative()) out += '-';
    out.append(reversed.rbegin(), reversed.rend());
}

bool is_display_char(Term t) {
    if (!t.is_small()) return false;
    const int64_t c = t.to_small();
    return (c >= 32 && c < 127) || (c >= 160 && c < 256) || c == '\t' || c == '\n' || c == '\r';
}

/// A list that display shows as a string.
bool is_display_string(Term t) {
    for (; t.is_cons(); t = t.tail()) {
        if (!is_display_char(t.head())) return false;
    }
    return t.is_nil();
}

void append_string_char(std::string& out, int64_t c) {
    if (c == '\n') {
        out += "\\n";
        return;
    }
    if (c == '"') out += '\\';
    out += static_cast<char>(c);
}

struct Frame {
    enum class What : uint8_t { tuple, list, pairs, fields, nodes, cell, map };
    const Term*
        next;  ///< tuple: next element; list: the cell; pairs, fields: keys; nodes: children; cell: key and value
    const Term* second;  ///< pairs, fields: values
    size_t left;
    uint8_t stride;
    bool value_next;
    What what;
};

class Printer {
public:
    Printer(std::string& out, PrintStyle style, size_t limit)
        : out_(out), style_(style), end_(limit > SIZE_MAX - out.size() ? SIZE_MAX : out.size() + limit) {}

    bool run(Term t) {
        do {
            open(t);
        } while (out_.size() <= end_ && next(&t));
        if (out_.size() <= end_) return true;
        out_.resize(end_);
        return false;
    }

private:
    void push(Frame::What what, const Term* next, size_t left) { frames_.push({next, nullptr, left, 1, false, what}); }
    void push_pairs(const Term* keys, const Term* values, size_t count, uint8_t stride) {
        frames_.push({keys, values, count, stride, false, Frame::What::pairs});
    }
    static const Term* terms(const Word* w) { return reinterpret_cast<const Term*>(w); }

    /// Prints `t`, of a compound the beginning.
    void open(Term t) {
        if (t.is_small()) {
            append_number(out_, t.to_small());
        } else if (t.is_cons()) {
            open_list(t);
        } else if (t.is_boxed()) {
            open_boxed(t);
        } else if (t.is_atom()) {
            print_atom(atom_name(t), out_, style_);
        } else if (t.is_nil()) {
            out_ += "[]";
        } else if (t.is_immediate_float()) {
            number(t.immediate_float());
        } else if (t.is_local_pid()) {
            pid(t);
        } else if (t.is_local_port()) {
            port(t);
        } else {
            out_ += t.is_none() ? "<non-value>" : t.is_catch() ? "<catch>" : "<not a term>";
        }
    }

    void open_list(Term t) {
        if (style_ == PrintStyle::display && is_display_string(t)) {
            out_ += '"';
            for (; t.is_cons() && out_.size() <= end_; t = t.tail()) append_string_char(out_, t.head().to_small());
            out_ += '"';
            return;
        }
        out_ += '[';
        push(Frame::What::list, terms(t.cons_cell()), 0);
    }

    void open_boxed(Term t) {
        const Word* w = t.boxed_words();
        switch (header_kind(*w)) {
            case Kind::tuple:
                out_ += '{';
                push(Frame::What::tuple, terms(w + 1), header_size(*w));
                return;
            case Kind::record: {
                const RecordView r(w);
                out_ += '#';
                print_atom(atom_name(r.module()), out_, style_);
                out_ += ':';
                print_atom(atom_name(r.name()), out_, style_);
                out_ += '{';
                push(Frame::What::map, nullptr, 0);
                push_pairs(r.fields().data(), r.values().data(), r.field_count(), 1);
                frames_.top().what = Frame::What::fields;
                return;
            }
            case Kind::map_flat:
                out_ += "#{";
                push(Frame::What::map, nullptr, 0);
                push_pairs(flat_map_keys(t), flat_map_values(t), flat_map_size(t), 1);
                return;
            case Kind::map_hash:
                if (style_ == PrintStyle::display) {
                    out_ += '#';
                    display_node(Term(w[2]));
                    return;
                }
                out_ += "#{";
                push(Frame::What::map, nullptr, 0);
                push(Frame::What::nodes, terms(w + 2), 1);
                return;
            case Kind::fun: {
                const FunView f(w);
                out_ += "#Fun<";
                print_atom(atom_name(f.module()), out_, PrintStyle::display);
                dotted_signed(f.old_index());
                dotted_signed(f.old_uniq());
                out_ += '>';
                return;
            }
            case Kind::export_fun: {
                const ExportFunView f(w);
                out_ += "fun ";
                print_atom(atom_name(f.module()), out_, PrintStyle::display);
                out_ += ':';
                print_atom(atom_name(f.function()), out_, PrintStyle::display);
                out_ += '/';
                append_number(out_, f.arity());
                return;
            }
            case Kind::boxed_float: number(to_double(t)); return;
            case Kind::bignum: append_bignum(out_, as_bignum(t)); return;
            case Kind::heap_binary:
            case Kind::refc_binary:
            case Kind::sub_binary: bits(as_bits(t)); return;
            case Kind::ref:
            case Kind::magic_ref:
            case Kind::external_ref: {
                const RefNumbers numbers = ref_numbers(t);
                out_ += "#Ref<";
                node(t);
                for (size_t i = t.is_kind(Kind::external_ref) ? header_aux(*w) : 3; i-- > 0;) dotted(numbers.at[i]);
                out_ += '>';
                return;
            }
            case Kind::external_pid: pid(t); return;
            case Kind::external_port: port(t); return;
            case Kind::map_node:
            case Kind::map_collision:
            case Kind::match_context: out_ += "<not a term>"; return;
        }
    }

    void number(double d) {
        char text[kShortestFloatChars];
        if (style_ == PrintStyle::display) {
            out_.append(text, std::to_chars(text, text + sizeof text, d, std::chars_format::scientific, 6).ptr);
        } else {
            out_.append(text, write_shortest_float(d, text));
        }
    }

    void dotted(Word n) {
        out_ += '.';
        append_number(out_, n);
    }
    void dotted_signed(int64_t n) {
        out_ += '.';
        if (n < 0) out_ += '-';
        append_number(out_, static_cast<Word>(std::abs(n)));
    }
    /// The number that stands for the node of an identifier: 0 for the local one.
    void node(Term t) {
        append_number(out_, t.is_boxed() && is_external(t) ? node_of(t).name.atom_entry()->number : 0);
    }
    static bool is_external(Term t) {
        return t.is_kind(Kind::external_pid) || t.is_kind(Kind::external_port) || t.is_kind(Kind::external_ref);
    }
    void pid(Term t) {
        out_ += '<';
        node(t);
        dotted(pid_number(t) & 0xffffffff);
        dotted(pid_number(t) >> 32);
        out_ += '>';
    }
    void port(Term t) {
        out_ += "#Port<";
        node(t);
        dotted(port_number(t));
        out_ += '>';
    }

    static uint8_t byte_at(BitsView v, size_t at, size_t count = 8) {
        uint8_t byte = 0;
        copy_bits(&byte, 8 - count, v.base, v.offset + at, count);
        return byte;
    }

    void bits(BitsView v) {
        const size_t bytes = v.size / 8;
        out_ += "<<";
        if (style_ == PrintStyle::display && v.is_bytes() && bytes != 0 && is_text(v)) {
            out_ += '"';
            for (size_t i = 0; i < bytes && out_.size() <= end_; ++i) append_string_char(out_, byte_at(v, i * 8));
            out_ += '"';
        } else {
            for (size_t i = 0; i < bytes && out_.size() <= end_; ++i) {
                if (i != 0) out_ += ',';
                append_number(out_, unsigned{byte_at(v, i * 8)});
            }
            if (const size_t rest = v.size % 8; rest != 0) {
                if (bytes != 0) out_ += ',';
                append_number(out_, unsigned{byte_at(v, bytes * 8, rest)});
                out_ += ':';
                append_number(out_, rest);
            }
        }
        out_ += ">>";
    }
    static bool is_text(BitsView v) {
        for (size_t i = 0; i < v.size; i += 8) {
            const uint8_t c = byte_at(v, i);
            if (c < 32 || c > 126) return false;
        }
        return true;
    }

    void separate() {
        if (out_.back() != '{' && out_.back() != '[') out_ += ',';
    }

    /// Pushes the pairs and children of a node; what is pushed last comes first.
    template <typename PushPair>
    void push_node(const Word* w, PushPair push_pair) {
        const uint32_t data = map_data_bits(*w);
        const Term* pair = terms(w + 1) + size_t{2} * map_bit_count(data);
        const Term* child = terms(w + 1) + header_size(*w);
        for (uint32_t left = data | map_child_bits(*w); left != 0;) {
            const uint32_t bit = std::bit_floor(left);
            left ^= bit;
            if ((data & bit) == 0) {
                push(Frame::What::nodes, --child, 1);
            } else {
                push_pair(pair -= 2);
            }
        }
    }

    /// OTP displays a large map as it lies in memory: of a node the bits, then pairs, which are cells of lists, and children.
    void display_node(Term t) {
        const Word* w = t.boxed_words();
        const bool is_node = header_kind(*w) == Kind::map_node;
        char bits[8];
        out_ += '<';
        const uint32_t all = is_node ? map_data_bits(*w) | map_child_bits(*w) : 0;
        out_.append(bits, std::to_chars(bits, bits + sizeof bits, all, 16).ptr);
        out_ += ">{";
        push(Frame::What::map, nullptr, 0);
        const auto push_cell = [this](const Term* pair) { push(Frame::What::cell, pair, 1); };
        if (is_node) return push_node(w, push_cell);
        for (size_t i = 1; i <= header_size(*w); i += 2) push_cell(terms(w + i));
    }

    void node_of_map(Term t) {
        if (style_ == PrintStyle::display) {
            separate();
            display_node(t);
            return;
        }
        const Word* w = t.boxed_words();
        if (header_kind(*w) == Kind::map_collision) {
            push_pairs(terms(w + 1), terms(w + 2), header_size(*w) / 2, 2);
            return;
        }
        push_node(w, [this](const Term* pair) { push_pairs(pair, pair + 1, 1, 2); });
    }

    /// Closes what is complete, up to the next term to open. False: nothing is left.
    bool next(Term* t) {
        while (!frames_.empty() && walk_.may_go_on()) {
            Frame& f = frames_.top();
            switch (f.what) {
                case Frame::What::tuple:
                    if (f.left == 0) {
                        out_ += '}';
                        break;
                    }
                    separate();
                    --f.left;
                    *t = *f.next++;
                    return true;
                case Frame::What::list:
                    if (next_in_list(f, t)) return true;
                    break;
                case Frame::What::pairs:
                case Frame::What::fields:
                    if (f.value_next) {
                        const char* arrow = f.what == Frame::What::pairs ? " => " : " = ";
                        if (style_ == PrintStyle::display) arrow = f.what == Frame::What::pairs ? "=>" : "=";
                        out_ += arrow;
                        *t = *f.second;
                        f.second += f.stride;
                        f.value_next = false;
                        return true;
                    }
                    if (f.left == 0) break;
                    separate();
                    *t = *f.next;
                    f.next += f.stride;
                    --f.left;
                    f.value_next = true;
                    return true;
                case Frame::What::nodes: {
                    if (f.left == 0) break;
                    --f.left;
                    node_of_map(*f.next++);
                    continue;
                }
                case Frame::What::cell:
                    separate();
                    *t = Term::cons(reinterpret_cast<const Word*>(f.next));
                    frames_.pop();
                    return true;
                case Frame::What::map: out_ += '}'; break;
            }
            frames_.pop();
        }
        return false;
    }

    /// In a list frame, `left` is 0 before the head, 1 after it, 2 after an improper tail.
    bool next_in_list(Frame& f, Term* t) {
        if (f.left == 0) {
            f.left = 1;
            *t = f.next[0];
            return true;
        }
        const Term tail = f.next[1];
        if (f.left == 1 && tail.is_cons()) {
            out_ += ',';
            f.next = terms(tail.cons_cell());
            *t = f.next[0];
            return true;
        }
        if (f.left == 1 && !tail.is_nil()) {
            out_ += '|';
            f.left = 2;
            *t = tail;
            return true;
        }
        out_ += ']';
        return false;
    }

    std::string& out_;
    PrintStyle style_;
    size_t end_;
    WorkStack<Frame, 16> frames_;
    Walk walk_;
};

}  // namespace

void print_atom(std::string_view name, std::string& out, PrintStyle style) {
    if (!needs_quotes(name, style)) {
        out += name;
        return;
    }
    out += '\'';
    while (!name.empty()) append_quoted_char(out, next_char(name), style);
    out += '\'';
}

bool print_term(Term t, std::string& out, PrintStyle style, size_t limit) { return Printer(out, style, limit).run(t); }

std::string term_text(Term t, PrintStyle style, size_t limit) {
    std::string out;
    print_term(t, out, style, limit);
    return out;
}

}  // namespace lintel
