/// Decoding the external term format.
///
/// Input comes from anywhere: a message from another node, a file, an attacker. Decoding takes two passes over the same bytes.
///
/// The first (Planner) checks the structure and counts heap words. It needs no stack: all that must be remembered of the
/// containers around a place is how many terms are still to come, and that is one number. A count in the input (arity, length,
/// pairs) is believed only if that many bytes are left, since no term is shorter than one byte; so the work and the words are
/// bounded by the size of the input: 16 bytes of heap for a byte of string, at most about 150 for a byte of map.
///
/// The second (Builder) trusts the first and writes. Tuples, lists and fun environments are laid out when their tag is read,
/// and their slots filled in order; `frames_` holds the places that wait for terms. The frame of a tuple or list is
/// dropped when its last slot is handed out, so that lists nested in their tails need no depth. A map cannot be laid out before its
/// keys are known: its terms collect in `values_`, used as a stack, since an inner map is complete before the outer
/// one's next term begins.
///
/// What only the second pass finds: a key that stands twice in a map, a field that stands twice in a record, and the atom limit. Compressed terms are inflated by the
/// first pass; no more is allocated than zlib can make of the bytes that are there.
///
/// Not handled, and refused: the old FUN_EXT, LOCAL_EXT, NaN and infinities.

#include <zlib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

#include "base/work_stack.h"
#include "gc/map_builder.h"
#include "loader/code_server.h"
#include "loader/etf.h"
#include "loader/etf_tags.h"
#include "term/record.h"
#include "term/utf8.h"

namespace lintel {

namespace {

using namespace etf;

/// Big-endian reader. The get functions trust that has() was asked.
class Reader {
public:
    explicit Reader(std::span<const uint8_t> bytes) : begin_(bytes.data()), p_(begin_), end_(begin_ + bytes.size()) {}

    size_t left() const { return static_cast<size_t>(end_ - p_); }
    size_t position() const { return static_cast<size_t>(p_ - begin_); }
    bool has(size_t bytes) const { return bytes <= left(); }
    const uint8_t* here() const { return p_; }
    void skip(size_t bytes) { p_ += bytes; }

    uint8_t u8() { return *p_++; }
    uint32_t u16() {
        p_ += 2;
        return static_cast<uint32_t>(p_[-2] << 8 | p_[-1]);
    }
    uint32_t u32() {
        uint32_t v;
        std::memcpy(&v, p_, 4);
        p_ += 4;
        return __builtin_bswap32(v);
    }
    uint64_t u64() {
        uint64_t v;
        std::memcpy(&v, p_, 8);
        p_ += 8;
        return __builtin_bswap64(v);
    }

private:
    const uint8_t* begin_;
    const uint8_t* p_;
    const uint8_t* end_;
};

/// Significant bytes of a magnitude, least significant first.
size_t significant_bytes(const uint8_t* magnitude, size_t n) {
    while (n > 0 && magnitude[n - 1] == 0) --n;
    return n;
}

/// An integer, with its tag, that a small can hold; other terms and larger ones: nullopt.
std::optional<int64_t> read_small(Reader& in) {
    if (!in.has(1)) return std::nullopt;
    const uint8_t tag = in.u8();
    if (tag == kSmallInteger && in.has(1)) return in.u8();
    if (tag == kInteger && in.has(4)) return static_cast<int32_t>(in.u32());
    size_t bytes = 0;
    if (tag == kSmallBig && in.has(2)) {
        bytes = in.u8();
    } else if (tag == kLargeBig && in.has(5)) {
        bytes = in.u32();
    } else {
        return std::nullopt;
    }
    const bool negative = in.u8() != 0;
    if (!in.has(bytes)) return std::nullopt;
    const size_t significant = significant_bytes(in.here(), bytes);
    if (significant > sizeof(int64_t)) return std::nullopt;
    uint64_t magnitude = 0;
    std::memcpy(&magnitude, in.here(), significant);
    in.skip(bytes);
    if (magnitude > static_cast<uint64_t>(Term::kSmallMax)) return std::nullopt;
    const auto value = static_cast<int64_t>(magnitude);
    return negative ? -value : value;
}

/// The text of an atom of Latin-1 encoding as UTF-8.
struct Latin1Name {
    char text[2 * kMaxAtomCharacters];
    size_t bytes = 0;

    Latin1Name(const uint8_t* latin1, size_t n) {
        for (size_t i = 0; i < n; ++i) {
            if (latin1[i] < 0x80) {
                text[bytes++] = static_cast<char>(latin1[i]);
            } else {
                text[bytes++] = static_cast<char>(0xc0 | latin1[i] >> 6);
                text[bytes++] = static_cast<char>(0x80 | (latin1[i] & 0x3f));
            }
        }
    }
    std::string_view view() const { return {text, bytes}; }
};

/// FLOAT_EXT: [sign] digits . digits [e [sign] digits], then NUL bytes. nullopt: anything else, or too large.
std::optional<double> parse_float_text(const uint8_t* text) {
    const char* p = reinterpret_cast<const char*>(text);
    const char* end = static_cast<const char*>(std::memchr(p, 0, kFloatTextBytes));
    if (end == nullptr) end = p + kFloatTextBytes;
    const auto digits = [end](const char* from) {
        while (from < end && *from >= '0' && *from <= '9') ++from;
        return from;
    };
    if (p < end && *p == '+') ++p;
    const char* q = p < end && *p == '-' && reinterpret_cast<const uint8_t*>(p) == text ? p + 1 : p;
    const char* point = digits(q);
    if (point == q || point == end || *point != '.') return std::nullopt;
    const char* after = digits(point + 1);
    if (after == point + 1) return std::nullopt;
    bool negative_exponent = false;
    if (after < end) {
        if (*after != 'e' && *after != 'E') return std::nullopt;
        const char* exponent = after + 1;
        if (exponent < end && (*exponent == '+' || *exponent == '-')) negative_exponent = *exponent++ == '-';
        if (exponent == end || digits(exponent) != end) return std::nullopt;
    }
    double d = 0;
    const auto [stop, error] = std::from_chars(p, end, d);
    if (error == std::errc::result_out_of_range) {
        if (!negative_exponent) return std::nullopt;
        return *p == '-' ? -0.0 : 0.0;
    }
    if (error != std::errc() || stop != end || !std::isfinite(d)) return std::nullopt;
    return d;
}

/// Bytes of a small integer's encoding with its tag; 0 if the tag is another.
constexpr size_t integer_bytes(uint8_t tag) { return tag == kSmallInteger ? 2 : tag == kInteger ? 5 : 0; }

bool is_local(const EtfContext& context, Term node, uint32_t creation) {
    return node.is_value() && node == context.node && (creation == 0 || creation == context.creation);
}

/// First pass: is it well-formed, and how many words will it take?
class Planner {
public:
    Planner(const EtfContext& context, std::span<const uint8_t> bytes) : context_(context), in_(bytes) {}

    bool run() {
        size_t pending = 1;  // terms still to come
        while (pending > 0) {
            --pending;
            if (!in_.has(1)) return false;
            // Long rows of integers deserve a short way.
            if (const size_t bytes = integer_bytes(*in_.here()); bytes != 0 && in_.has(bytes)) {
                in_.skip(bytes);
                continue;
            }
            size_t children = 0;
            if (!term(&children)) return false;
            if (children > in_.left() || pending > in_.left() - children) return false;
            pending += children;
        }
        return true;
    }
    size_t words() const { return words_; }
    size_t used_bytes() const { return in_.position(); }

private:
    bool term(size_t* children);
    bool atom(uint8_t tag);
    bool tagged_atom() { return in_.has(1) && atom(in_.u8()); }
    /// SMALL_INTEGER_EXT or INTEGER_EXT.
    bool big(size_t bytes);
    bool pid(size_t creation_bytes);
    bool port(size_t number_bytes, size_t creation_bytes);
    bool reference(uint32_t numbers, size_t creation_bytes, bool creation_is_last = false);
    bool record(size_t* children);
    bool fun(size_t* children);
    bool export_fun();
    bool count_terms(size_t n, size_t words_each, size_t* children) {
        if (n > in_.left()) return false;
        words_ += n * words_each;
        *children = n;
        return true;
    }
    /// The atom that begins at `at`, which atom() has accepted, or the non-value if it does not exist yet.
    Term existing_atom(const uint8_t* at) const;

    const EtfContext& context_;
    Reader in_;
    size_t words_ = 0;
};

bool Planner::term(size_t* children) {
    const uint8_t tag = in_.u8();
    switch (tag) {
        case kSmallInteger:
            if (!in_.has(1)) return false;
            in_.skip(1);
            return true;
        case kInteger:
            if (!in_.has(4)) return false;
            in_.skip(4);
            return true;
        case kSmallBig: return in_.has(1) && big(in_.u8());
        case kLargeBig: return in_.has(4) && big(in_.u32());
        case kNewFloat: {
            if (!in_.has(8)) return false;
            const double d = std::bit_cast<double>(in_.u64());
            if (!std::isfinite(d)) return false;
            words_ += float_words(d);
            return true;
        }
        case kFloat: {
            if (!in_.has(kFloatTextBytes)) return false;
            const auto d = parse_float_text(in_.here());
            if (!d) return false;
            in_.skip(kFloatTextBytes);
            words_ += float_words(*d);
            return true;
        }
        case kAtom:
        case kSmallAtom:
        case kAtomUtf8:
        case kSmallAtomUtf8:
        case kAtomCacheRef: return atom(tag);
        case kSmallTuple:
            if (!in_.has(1)) return false;
            words_ += 1;
            return count_terms(in_.u8(), 1, children);
        case kLargeTuple: {
            if (!in_.has(4)) return false;
            const size_t arity = in_.u32();
            words_ += 1;
            return arity <= kMaxTupleArity && count_terms(arity, 1, children);
        }
        case kRecord: return record(children);
        case kNil: return true;
        case kString: {
            if (!in_.has(2)) return false;
            const size_t n = in_.u16();
            if (!in_.has(n)) return false;
            in_.skip(n);
            words_ += list_words(n);
            return true;
        }
        case kList: {
            if (!in_.has(4)) return false;
            if (!count_terms(in_.u32(), kConsWords, children)) return false;
            *children += 1;
            return true;
        }
        case kBinary: {
            if (!in_.has(4)) return false;
            const size_t n = in_.u32();
            if (!in_.has(n)) return false;
            in_.skip(n);
            words_ += binary_words(n);
            return true;
        }
        case kBitBinary: {
            if (!in_.has(5)) return false;
            const size_t n = in_.u32();
            const uint8_t last = in_.u8();
            if (!in_.has(n) || last > 8 || (last == 0) != (n == 0)) return false;
            in_.skip(n);
            words_ += n == 0 ? binary_words(0) : bitstring_words((n - 1) * 8 + last);
            return true;
        }
        case kMap: {
            if (!in_.has(4)) return false;
            const size_t pairs = in_.u32();
            if (pairs > in_.left() / 2) return false;
            words_ += map_words_bound(pairs);
            *children = pairs * 2;
            return true;
        }
        case kPid: return pid(1);
        case kNewPid: return pid(4);
        case kPort: return port(4, 1);
        case kNewPort: return port(4, 4);
        case kV4Port: return port(8, 4);
        case kReference: return reference(1, 1, true);
        case kNewReference: return in_.has(2) && reference(in_.u16(), 1);
        case kNewerReference: return in_.has(2) && reference(in_.u16(), 4);
        case kNewFun: return fun(children);
        case kExport: return export_fun();
        default: return false;
    }
}

/// An atom after its tag.
bool Planner::atom(uint8_t tag) {
    if (tag == kAtomCacheRef) return in_.has(1) && in_.u8() < context_.atom_places.size();
    const bool long_form = tag == kAtom || tag == kAtomUtf8;
    if (!long_form && tag != kSmallAtom && tag != kSmallAtomUtf8) return false;
    if (!in_.has(long_form ? 2 : 1)) return false;
    const size_t n = long_form ? in_.u16() : in_.u8();
    if (!in_.has(n)) return false;
    const uint8_t* text = in_.here();
    in_.skip(n);
    if (tag == kAtom || tag == kSmallAtom) {
        if (n > kMaxAtomCharacters) return false;
        return !context_.safe || context_.atoms.find(Latin1Name(text, n).view()).is_value();
    }
    const std::string_view name(reinterpret_cast<const char*>(text), n);
    if (n > 4 * kMaxAtomCharacters) return false;
    const auto characters = utf8_length(name);
    if (!characters || *characters > kMaxAtomCharacters) return false;
    return !context_.safe || context_.atoms.find(name).is_value();
}

Term Planner::existing_atom(const uint8_t* at) const {
    const uint8_t tag = at[0];
    if (tag == kAtomCacheRef) return context_.atom_places[at[1]];
    const bool long_form = tag == kAtom || tag == kAtomUtf8;
    const size_t n = long_form ? static_cast<size_t>(at[1] << 8 | at[2]) : at[1];
    const uint8_t* text = at + (long_form ? 3 : 2);
    if (tag == kAtom || tag == kSmallAtom) return context_.atoms.find(Latin1Name(text, n).view());
    return context_.atoms.find({reinterpret_cast<const char*>(text), n});
}

/// SMALL_BIG_EXT or LARGE_BIG_EXT after its length.
bool Planner::big(size_t bytes) {
    if (!in_.has(1) || !in_.has(1 + bytes)) return false;
    in_.skip(1);
    const size_t limbs = words_for_bytes(significant_bytes(in_.here(), bytes));
    in_.skip(bytes);
    if (limbs > kMaxBignumLimbs) return false;
    words_ += 1 + limbs;
    return true;
}

/// Of the forms with a creation of one byte.
constexpr uint32_t kMaxOldCreation = 3;

bool Planner::pid(size_t creation_bytes) {
    const uint8_t* node_at = in_.here();
    if (!tagged_atom() || !in_.has(8 + creation_bytes)) return false;
    const uint32_t number = in_.u32();
    const uint32_t serial = in_.u32();
    const uint32_t creation = creation_bytes == 1 ? in_.u8() : in_.u32();
    const bool small = number <= kMaxPidNumber && serial <= kMaxPidSerial;
    words_ += 4;
    if (creation_bytes == 1 && creation > kMaxOldCreation) return false;
    return small || !is_local(context_, existing_atom(node_at), creation);
}

bool Planner::port(size_t number_bytes, size_t creation_bytes) {
    const uint8_t* node_at = in_.here();
    if (!tagged_atom() || !in_.has(number_bytes + creation_bytes)) return false;
    const uint64_t number = number_bytes == 8 ? in_.u64() : in_.u32();
    const uint32_t creation = creation_bytes == 1 ? in_.u8() : in_.u32();
    words_ += 4;
    if (creation_bytes == 1 && creation > kMaxOldCreation) return false;
    return number <= kMaxLocalPort || !is_local(context_, existing_atom(node_at), creation);
}

bool Planner::reference(uint32_t numbers, size_t creation_bytes, bool creation_is_last) {
    const uint8_t* node_at = in_.here();
    if (numbers > kMaxReferenceNumbers || !tagged_atom()) return false;
    if (!in_.has(creation_bytes + 4 * numbers)) return false;
    words_ += 3 + words_for_bytes(4 * numbers);  // external; enough for a local one, alias or not
    Reader peek = in_;
    in_.skip(creation_bytes + 4 * numbers);
    if (creation_is_last) return peek.u32() >> kFirstReferenceBits == 0 && peek.u8() <= kMaxOldCreation;
    const uint32_t creation = creation_bytes == 1 ? peek.u8() : peek.u32();
    if (creation_bytes == 1 && creation > kMaxOldCreation) return false;
    const bool is_own = is_local(context_, existing_atom(node_at), creation);
    if (!is_own && creation_bytes == 4) return true;
    if (numbers == 0 || Reader(peek).u32() >> kFirstReferenceBits != 0) return false;
    if (!is_own || numbers < 4) return true;
    if (numbers == 4) return false;
    // An alias: the last two numbers are a pid of this node.
    peek.skip(12);
    return peek.u32() < (1u << (kPidNumberBits + 13)) && peek.u32() == 0;
}

/// RECORD_EXT after its tag.
bool Planner::record(size_t* children) {
    if (!in_.has(5)) return false;
    const size_t fields = in_.u32();
    if ((in_.u8() & ~kRecordExported) != 0 || fields > kMaxRecordFields || fields > in_.left()) return false;
    for (size_t i = 0; i < 2 + fields; ++i) {
        if (!tagged_atom()) return false;
    }
    words_ += record_definition_words(fields) + 2;
    return count_terms(fields, 1, children);
}

/// NEW_FUN_EXT after its tag.
bool Planner::fun(size_t* children) {
    // Size (not relied on), arity, unique value, index, number of free variables.
    if (context_.code == nullptr || !in_.has(4 + 1 + 16 + 4 + 4)) return false;
    in_.skip(4 + 1 + 16 + 4);
    const uint32_t free_count = in_.u32();
    if (!tagged_atom() || !read_small(in_) || !read_small(in_)) return false;
    if (!in_.has(1)) return false;
    const uint8_t tag = in_.u8();
    if (tag != kPid && tag != kNewPid) return false;
    if (!pid(tag == kPid ? 1 : 4)) return false;
    words_ += 3;
    return free_count <= 255 && count_terms(free_count, 1, children);
}

/// EXPORT_EXT after its tag.
bool Planner::export_fun() {
    if (context_.code == nullptr) return false;
    const uint8_t* module_at = in_.here();
    if (!tagged_atom()) return false;
    const uint8_t* function_at = in_.here();
    if (!tagged_atom()) return false;
    const auto arity = read_small(in_);
    if (!arity || *arity < 0 || *arity > 255) return false;
    words_ += 2;
    if (!context_.safe) return true;
    const ExportEntry* entry =
        context_.code->find_export(existing_atom(module_at), existing_atom(function_at), static_cast<uint32_t>(*arity));
    return entry != nullptr;  // named anywhere; it need not be defined
}

/// Second pass.
class Builder {
public:
    Builder(const EtfContext& context, std::span<const uint8_t> bytes, HeapBuilder& heap)
        : context_(context), in_(bytes), heap_(heap) {}

    Term run();

private:
    /// Places that wait for terms.
    struct Frame {
        enum Kind : uint8_t { row, list, map };
        Word* next;   ///< row, list: the next slot; map: where the map itself goes (nullptr: into values_)
        size_t left;  ///< terms still to come
        size_t base;  ///< map: its first term in values_
        Kind kind;
    };

    void place(Word* slot, Term t) {
        if (slot != nullptr) {
            *slot = t.word();
        } else {
            values_.push(t);
        }
    }
    /// Reads one term into `slot`. A container's frame is pushed. False: failed.
    bool read(Word* slot);
    /// Fills slots of a tuple or list as long as small integers come; not its last slot.
    void fill_integers(Frame& f);
    /// Completes what is complete. Sets *slot to where the next term goes; *done if there is none. False: failed.
    bool advance(Word** slot, bool* done);

    Term atom() { return atom(in_.u8()); }
    Term atom(uint8_t tag);
    /// An integer that the planner has read with read_small.
    int64_t small() { return *read_small(in_); }
    Term big(size_t bytes);
    Term external(Kind kind, Term node, uint32_t creation, Word number);
    Term pid(size_t creation_bytes);
    Term port(size_t number_bytes, size_t creation_bytes);
    Term reference(uint8_t tag);
    bool record(Word* slot);
    bool fun(Word* slot);
    Term export_fun();
    Term bits(size_t bytes, unsigned last);
    void row(Word* slots, size_t n) {
        if (n != 0) frames_.push({slots, n, 0, Frame::row});
    }
    void tuple(Word* slot, size_t arity);
    void list(Word* slot, size_t length);
    void string(Word* slot);

    const EtfContext& context_;
    Reader in_;
    HeapBuilder& heap_;
    WorkStack<Frame, 16> frames_;
    WorkStack<Term, 32> values_;
};

Term Builder::run() {
    Word result = 0;
    Word* slot = &result;
    for (bool done = false; !done;) {
        if (!read(slot) || !advance(&slot, &done)) return Term::none();
    }
    return Term(result);
}

void Builder::fill_integers(Frame& f) {
    const size_t step = f.kind == Frame::list ? kConsWords : 1;
    for (; f.left > 1; --f.left, f.next += step) {
        const uint8_t tag = *in_.here();
        if (integer_bytes(tag) == 0) return;
        in_.skip(1);
        *f.next = Term::small(tag == kSmallInteger ? in_.u8() : static_cast<int32_t>(in_.u32())).word();
    }
}

bool Builder::advance(Word** slot, bool* done) {
    while (!frames_.empty()) {
        Frame& f = frames_.top();
        if (f.kind != Frame::map) {
            fill_integers(f);
            // A list's last term goes into the tail of its last cell.
            *slot = f.kind == Frame::list && f.left == 1 ? f.next - 1 : f.next;
            f.next += f.kind == Frame::list ? kConsWords : 1;
            if (--f.left == 0) frames_.pop();
            return true;
        }
        if (f.left > 0) {
            --f.left;
            *slot = nullptr;
            return true;
        }
        const Frame map = f;
        frames_.pop();
        bool duplicate = false;
        const size_t pairs = (values_.size() - map.base) / 2;
        const Term t = build_map(heap_, pairs == 0 ? nullptr : &values_[map.base], pairs, &duplicate);
        if (duplicate) return false;
        values_.shrink_to(map.base);
        place(map.next, t);
    }
    *done = true;
    return true;
}

bool Builder::read(Word* slot) {
    uint8_t tag = in_.u8();
    // A list of no elements is its tail.
    for (Reader next = in_; tag == kList && next.u32() == 0; tag = in_.u8(), next = in_) in_ = next;
    Term t;
    switch (tag) {
        case kSmallInteger: t = Term::small(in_.u8()); break;
        case kInteger: t = Term::small(static_cast<int32_t>(in_.u32())); break;
        case kSmallBig: t = big(in_.u8()); break;
        case kLargeBig: t = big(in_.u32()); break;
        case kNewFloat: t = heap_.make_float(std::bit_cast<double>(in_.u64())); break;
        case kFloat:
            t = heap_.make_float(*parse_float_text(in_.here()));
            in_.skip(kFloatTextBytes);
            break;
        case kAtom:
        case kSmallAtom:
        case kAtomUtf8:
        case kSmallAtomUtf8:
        case kAtomCacheRef: t = atom(tag); break;
        case kSmallTuple: tuple(slot, in_.u8()); return true;
        case kLargeTuple: tuple(slot, in_.u32()); return true;
        case kRecord: return record(slot);
        case kNil: t = Term::nil(); break;
        case kString: string(slot); return true;
        case kList: list(slot, in_.u32()); return true;
        case kBinary: {
            const size_t n = in_.u32();
            t = heap_.binary(in_.here(), n);
            in_.skip(n);
            break;
        }
        case kBitBinary: {
            const size_t n = in_.u32();
            t = bits(n, in_.u8());
            break;
        }
        case kMap: {
            const size_t pairs = in_.u32();
            frames_.push({slot, pairs * 2, values_.size(), Frame::map});
            return true;
        }
        case kPid: t = pid(1); break;
        case kNewPid: t = pid(4); break;
        case kPort: t = port(4, 1); break;
        case kNewPort: t = port(4, 4); break;
        case kV4Port: t = port(8, 4); break;
        case kReference:
        case kNewReference:
        case kNewerReference: t = reference(tag); break;
        case kNewFun: return fun(slot);
        case kExport: t = export_fun(); break;
        default: LINTEL_UNREACHABLE();
    }
    if (t.is_none()) return false;
    place(slot, t);
    return true;
}

Term Builder::atom(uint8_t tag) {
    if (tag == kAtomCacheRef) return context_.atom_places[in_.u8()];
    const size_t n = tag == kAtom || tag == kAtomUtf8 ? in_.u16() : in_.u8();
    const uint8_t* text = in_.here();
    in_.skip(n);
    const bool is_latin1 = tag == kAtom || tag == kSmallAtom;
    const std::string_view name(reinterpret_cast<const char*>(text), n);
    if (n == 0 || (is_latin1 && std::any_of(text, text + n, [](uint8_t c) { return c >= 0x80; }))) {
        return context_.atoms.intern(Latin1Name(text, n).view());
    }
    return context_.atoms.intern(name);
}

Term Builder::big(size_t bytes) {
    const bool negative = in_.u8() != 0;
    const uint8_t* magnitude = in_.here();
    in_.skip(bytes);
    const size_t n = significant_bytes(magnitude, bytes);
    if (n <= kWordBytes) {
        Word m = 0;
        for (size_t i = n; i-- > 0;) m = m << 8 | magnitude[i];
        return heap_.integer_from_limbs({&m, 1}, negative);
    }
    static_assert(std::endian::native == std::endian::little);
    const size_t limbs = words_for_bytes(n);
    Word* w = heap_.raw(1 + limbs);
    w[0] = make_header(Kind::bignum, limbs, negative ? 1 : 0);
    w[limbs] = 0;
    std::memcpy(w + 1, magnitude, n);
    return Term::boxed(w);
}

Term Builder::external(Kind kind, Term node, uint32_t creation, Word number) {
    Word* w = heap_.raw(4);
    w[0] = make_header(kind, 3);
    w[1] = node.word();
    w[2] = creation;
    w[3] = number;
    return Term::boxed(w);
}

Term Builder::pid(size_t creation_bytes) {
    const Term node = atom();
    if (node.is_none()) return node;
    const Word number = in_.u32();
    const Word serial = in_.u32();
    const uint32_t creation = creation_bytes == 1 ? in_.u8() : in_.u32();
    if (is_local(context_, node, creation)) return Term::local_pid(number | serial << kPidNumberBits);
    return external(Kind::external_pid, node, creation, number | serial << 32);
}

Term Builder::port(size_t number_bytes, size_t creation_bytes) {
    const Term node = atom();
    if (node.is_none()) return node;
    const Word number = number_bytes == 8 ? in_.u64() : in_.u32();
    const uint32_t creation = creation_bytes == 1 ? in_.u8() : in_.u32();
    if (is_local(context_, node, creation)) return Term::local_port(number);
    return external(Kind::external_port, node, creation, number);
}

Term Builder::reference(uint8_t tag) {
    const uint32_t count = tag == kReference ? 1 : in_.u16();
    const Term node = atom();
    if (node.is_none()) return node;
    Word numbers[(kMaxReferenceNumbers + 1) / 2] = {};
    uint32_t creation = 0;
    if (tag == kReference) {
        numbers[0] = in_.u32();
        creation = in_.u8();
    } else {
        creation = tag == kNewReference ? in_.u8() : in_.u32();
        for (uint32_t i = 0; i < count; ++i) numbers[i / 2] |= Word{in_.u32()} << (32 * (i % 2));
    }
    if (is_local(context_, node, creation)) {
        if (count < 5) return heap_.ref(numbers[0], numbers[1]);
        return heap_.alias_ref(numbers[0], numbers[1] & 0xffffffff, Term::local_pid(numbers[1] >> 32));
    }
    const size_t words = (count + 1) / 2;
    Word* w = heap_.raw(3 + words);
    w[0] = make_header(Kind::external_ref, 2 + words, count);
    w[1] = node.word();
    w[2] = creation;
    for (size_t i = 0; i < words; ++i) w[3 + i] = numbers[i];
    return Term::boxed(w);
}

bool Builder::record(Word* slot) {
    const size_t fields = in_.u32();
    const bool exported = in_.u8() != 0;
    Word* atoms = nullptr;
    const Term definition = heap_.tuple_of(kRecordHeadAtoms + fields, &atoms);
    for (size_t i = 0; i < kRecordHeadAtoms + fields; ++i) {
        const Term t = i == 2 ? boolean(exported) : atom();
        if (t.is_none()) return false;
        atoms[i] = t.word();
    }
    if (has_repeated_field(RecordDefinition(definition).fields())) return false;
    Word* w = heap_.raw(record_words(fields));
    w[0] = make_header(Kind::record, 1 + fields);
    w[1] = definition.word();
    place(slot, Term::boxed(w));
    row(w + 2, fields);
    return true;
}

bool Builder::fun(Word* slot) {
    in_.skip(4);
    FunIdentity id;
    id.arity = in_.u8();
    std::memcpy(id.uniq.data(), in_.here(), id.uniq.size());
    in_.skip(id.uniq.size());
    id.index = static_cast<int32_t>(in_.u32());
    id.free_count = in_.u32();
    id.module = atom();
    if (id.module.is_none()) return false;
    id.old_index = static_cast<int32_t>(small());
    id.old_uniq = static_cast<int32_t>(small());
    const uint8_t pid_tag = in_.u8();
    const Term creator = pid(pid_tag == kPid ? 1 : 4);
    if (creator.is_none()) return false;
    Word* w = heap_.raw(3 + id.free_count);
    w[0] = make_header(Kind::fun, 2 + id.free_count, id.arity);
    w[1] = reinterpret_cast<Word>(context_.code->fun_entry(id));
    w[2] = creator.word();
    place(slot, Term::boxed(w));
    row(w + 3, id.free_count);
    return true;
}

Term Builder::export_fun() {
    const Term module = atom();
    const Term function = module.is_none() ? module : atom();
    if (function.is_none()) return function;
    return heap_.export_fun(context_.code->export_entry(module, function, static_cast<uint32_t>(small())));
}

Term Builder::bits(size_t bytes, unsigned last) {
    const uint8_t* from = in_.here();
    in_.skip(bytes);
    if (bytes == 0) return heap_.binary(from, 0);
    uint8_t* to = nullptr;
    const Term t = heap_.bitstring_of((bytes - 1) * 8 + last, &to);
    if (t.is_none()) return t;
    std::memcpy(to, from, bytes);
    to[bytes - 1] = static_cast<uint8_t>(to[bytes - 1] & (0xff00 >> last));
    return t;
}

void Builder::tuple(Word* slot, size_t arity) {
    Word* elements = nullptr;
    place(slot, heap_.tuple_of(arity, &elements));
    row(elements, arity);
}

void Builder::list(Word* slot, size_t length) {
    Word* cells = heap_.raw(list_words(length));
    for (size_t i = 0; i + 1 < length; ++i) {
        cells[kConsWords * i + 1] = Term::cons(cells + kConsWords * (i + 1)).word();
    }
    place(slot, Term::cons(cells));
    frames_.push({cells, length + 1, 0, Frame::list});
}

void Builder::string(Word* slot) {
    const size_t n = in_.u16();
    place(slot, heap_.byte_list({reinterpret_cast<const char*>(in_.here()), n}));
    in_.skip(n);
}

/// Inflates what follows COMPRESSED's tag into `plan`; *used is how much of `in` it took. False: malformed.
bool inflate_payload(std::span<const uint8_t> in, EtfPlan& plan, size_t* used) {
    if (in.size() < 4) return false;
    const size_t size = Reader(in).u32();
    in = in.subspan(4);
    // Deflate expands at most 1032 times.
    if (size / 1032 > in.size()) return false;
    z_stream z{};
    if (inflateInit(&z) != Z_OK) return false;
    ByteBuffer& out = plan.inflated;
    if (!out.resize(size)) {
        plan.no_memory = true;
        inflateEnd(&z);
        return true;
    }
    z.next_in = const_cast<Bytef*>(in.data());
    z.avail_in = static_cast<uInt>(std::min<size_t>(in.size(), UINT32_MAX));
    z.next_out = out.data();
    z.avail_out = static_cast<uInt>(size);
    const int status = inflate(&z, Z_FINISH);
    const bool ok = status == Z_STREAM_END && z.total_out == size;
    *used = 4 + z.total_in;
    inflateEnd(&z);
    return ok;
}

std::optional<EtfPlan> plan(const EtfContext& context, std::span<const uint8_t> bytes, size_t before) {
    EtfPlan result;
    size_t compressed_bytes = 0;
    std::span<const uint8_t> payload = bytes.subspan(before);
    if (!payload.empty() && payload[0] == kCompressed) {
        if (!inflate_payload(payload.subspan(1), result, &compressed_bytes)) return std::nullopt;
        if (result.no_memory) return result;
        result.compressed = true;
        payload = {result.inflated.data(), result.inflated.size()};
    }
    Planner planner(context, payload);
    if (!planner.run()) return std::nullopt;
    if (result.compressed && planner.used_bytes() != payload.size()) return std::nullopt;
    result.words = planner.words();
    result.used_bytes = before + (result.compressed ? 1 + compressed_bytes : planner.used_bytes());
    return result;
}

}  // namespace

std::optional<EtfPlan> plan_etf(const EtfContext& context, std::span<const uint8_t> bytes) {
    if (bytes.empty() || bytes[0] != kVersion) return std::nullopt;
    return plan(context, bytes, 1);
}

std::optional<EtfPlan> plan_etf_payload(const EtfContext& context, std::span<const uint8_t> bytes) {
    return plan(context, bytes, 0);
}

Term build_etf(const EtfContext& context, const EtfPlan& plan, std::span<const uint8_t> bytes, HeapBuilder& heap) {
    if (plan.no_memory) return Term::none();
    if (plan.compressed) {
        bytes = {plan.inflated.data(), plan.inflated.size()};
    } else if (!bytes.empty() && bytes[0] == kVersion) {
        bytes = bytes.subspan(1);
    }
    return Builder(context, bytes, heap).run();
}

}  // namespace lintel
