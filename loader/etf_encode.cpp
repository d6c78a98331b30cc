/// Encoding to the external term format, byte for byte as OTP does it, but for two things: the order of pairs in maps of more
/// than 32 (which OTP leaves open; `deterministic` fixes it) and the bytes of a reference (each VM numbers its own).
///
/// One loop writes a term or opens a container; `frames_` remembers where each open container goes on. The frame
/// of a container is dropped before its last term is written, so a list nested in its tail or last element needs no depth.

#include <zlib.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "base/patience.h"
#include "base/work_stack.h"
#include "loader/code_server.h"
#include "loader/dist_packet.h"
#include "loader/etf.h"
#include "loader/etf_tags.h"
#include "term/compare.h"
#include "term/map.h"
#include "term/record.h"
#include "term/views.h"

namespace lintel {

namespace {

using namespace etf;

/// Where the bytes go: a string, or nowhere but a count (external_size/1). The string is longer than what has been written until
/// the sink is destroyed.
class StringSink {
public:
    explicit StringSink(std::string& out) : out_(out), at_(out.data() + out.size()), end_(at_) {}
    ~StringSink() { out_.resize(position()); }
    StringSink(const StringSink&) = delete;
    StringSink& operator=(const StringSink&) = delete;

    void bytes(const void* from, size_t n) { std::memcpy(space(n), from, n); }
    void u8(uint8_t v) { *space(1) = v; }
    /// A tag and four bytes.
    void tagged(uint8_t tag, uint32_t v) {
        uint8_t* to = space(5);
        v = __builtin_bswap32(v);
        to[0] = tag;
        std::memcpy(to + 1, &v, 4);
    }
    uint8_t* space(size_t n) {
        if (LINTEL_UNLIKELY(static_cast<size_t>(end_ - at_) < n)) grow(n);
        char* to = at_;
        at_ += n;
        return reinterpret_cast<uint8_t*>(to);
    }
    size_t position() const { return static_cast<size_t>(at_ - out_.data()); }
    void patch_u32(size_t at, uint32_t v) {
        v = __builtin_bswap32(v);
        std::memcpy(out_.data() + at, &v, 4);
    }
    static constexpr bool kCounts = false;
    static constexpr bool kCuts = false;

private:
    [[gnu::noinline]] void grow(size_t n) {
        const size_t used = position();
        out_.resize(std::max<size_t>(used + used / 2 + n, 248));
        at_ = out_.data() + used;
        end_ = out_.data() + out_.size();
    }

    std::string& out_;
    char* at_;
    char* end_;
};

/// A string without the bytes of long binaries. Positions count them.
class CuttingSink : public StringSink {
public:
    CuttingSink(std::string& out, std::vector<EtfCut>& cuts) : StringSink(out), cuts_(cuts) {}

    void cut(Term binary, size_t bytes) {
        cuts_.push_back({StringSink::position(), binary, bytes});
        cut_bytes_ += bytes;
    }
    size_t position() const { return StringSink::position() + cut_bytes_; }
    void patch_u32(size_t at, uint32_t v) {
        for (size_t i = cuts_.size(), behind = cut_bytes_; i-- > 0;) {
            behind -= cuts_[i].bytes;
            if (cuts_[i].at + behind >= at) continue;  // the cut comes later
            at -= behind + cuts_[i].bytes;
            break;
        }
        StringSink::patch_u32(at, v);
    }
    static constexpr bool kCuts = true;

private:
    std::vector<EtfCut>& cuts_;
    size_t cut_bytes_ = 0;
};

class CountingSink {
public:
    void bytes(const void*, size_t n) { count_ += n; }
    void u8(uint8_t) { ++count_; }
    void tagged(uint8_t, uint32_t) { count_ += 5; }
    uint8_t* space(size_t n) {
        count_ += n;
        return nullptr;
    }
    size_t position() const { return count_; }
    void patch_u32(size_t, uint32_t) {}
    static constexpr bool kCounts = true;
    static constexpr bool kCuts = false;

private:
    size_t count_ = 0;
};

/// Length of a proper list of bytes short enough for STRING_EXT; 0 if it is none.
size_t string_length(Term list) {
    size_t n = 0;
    for (; list.is_cons(); list = list.tail()) {
        const Term c = list.head();
        if (!c.is_small() || (c.word() >> kTagBits) > 255 || ++n > 0xffff) return 0;
    }
    return list.is_nil() ? n : 0;
}

/// Whether the bytes of a bit string belong to a binary outside the heap.
bool is_outside_heap(Term bits) {
    if (bits.is_kind(Kind::sub_binary)) bits = reinterpret_cast<const SubBinary*>(bits.boxed_words())->of;
    return bits.is_kind(Kind::refc_binary);
}

template <typename Sink>
class Encoder {
public:
    Encoder(const EtfContext& context, const EtfOptions& options, Sink& out)
        : context_(context), options_(options), out_(out) {}

    /// False: given up.
    bool run(Term t) {
        do {
            write(t);
        } while (next(&t));
        return frames_.empty();
    }

private:
    struct Frame {
        enum Kind : uint8_t { row, list, flat_map, node, sorted, fun_end };
        Kind kind;
        uint32_t bits;  ///< node: those of pairs and children still to be written; above them those of all pairs
        size_t left;    ///< terms still to be written; node: whether a value is next
        union {
            const Term* at;  ///< row: next term; flat_map: next key; node: the pair before is the next
            Word rest;       ///< list: the rest of it
            size_t index;    ///< sorted: next in sorted_; fun_end: where the size stands
        };
        const Term* more;  ///< flat_map: next value; node: the child before is the next
    };

    void u8(uint8_t v) { out_.u8(v); }
    void u16(uint32_t v) {
        const uint8_t b[] = {static_cast<uint8_t>(v >> 8), static_cast<uint8_t>(v)};
        out_.bytes(b, 2);
    }
    void u32(uint32_t v) {
        v = __builtin_bswap32(v);
        out_.bytes(&v, 4);
    }
    void u64(uint64_t v) {
        v = __builtin_bswap64(v);
        out_.bytes(&v, 8);
    }
    void push_row(const Word* first, size_t n) {
        if (n == 0) return;
        Frame f{Frame::row, 0, n, {reinterpret_cast<const Term*>(first)}, nullptr};
        frames_.push(f);
    }

    void push_node(Term node);
    bool next(Term* t);
    bool next_of_node(Term* t);
    void write(Term t);
    void small(int64_t v);
    void big(bool negative, std::span<const Word> limbs);
    void floating(double d);
    void atom(Term t);
    void list(Term t);
    void tuple(Term t);
    void record(RecordView r);
    void map(Term t);
    void bits(Term t);
    void pid(Term node, uint32_t number, uint32_t serial, uint32_t creation);
    void local_pid(Term t) {
        const Word data = t.imm_data();
        pid(context_.node, static_cast<uint32_t>(data) & kMaxPidNumber, static_cast<uint32_t>(data >> kPidNumberBits),
            context_.creation);
    }
    void port(Term node, uint64_t number, uint32_t creation);
    void local_reference(const Word* numbers, Term alias);
    void fun(Term t);

    const EtfContext& context_;
    const EtfOptions& options_;
    Sink& out_;
    WorkStack<Frame, 16> frames_;
    Walk walk_;
    std::vector<Term> sorted_;  ///< pairs of maps that were put in order; a stack
};

/// The next term to be written; false when there is none.
template <typename Sink>
bool Encoder<Sink>::next(Term* t) {
    while (!frames_.empty() && walk_.may_go_on()) {
        Frame& f = frames_.top();
        switch (f.kind) {
            case Frame::row:
                *t = *f.at++;
                if (--f.left == 0) frames_.pop();
                return true;
            case Frame::list: {
                const Term rest(f.rest);
                if (rest.is_cons()) {
                    *t = rest.head();
                    f.rest = rest.tail().word();
                } else {
                    *t = rest;
                    frames_.pop();
                }
                return true;
            }
            case Frame::flat_map:
                *t = f.left % 2 == 0 ? *f.at++ : *f.more++;
                if (--f.left == 0) frames_.pop();
                return true;
            case Frame::node:
                if (next_of_node(t)) return true;
                break;
            case Frame::sorted:
                if (f.left == 0) {
                    sorted_.resize(f.index);
                    frames_.pop();
                    break;
                }
                *t = sorted_[sorted_.size() - f.left];
                --f.left;
                return true;
            case Frame::fun_end:
                out_.patch_u32(f.index, static_cast<uint32_t>(out_.position() - f.index));
                frames_.pop();
                break;
        }
    }
    return false;
}

/// Pushes a trie node, which is written from its last pair or child to its first, as OTP does.
template <typename Sink>
void Encoder<Sink>::push_node(Term node) {
    const Word* w = node.boxed_words();
    if (header_kind(*w) == Kind::map_collision) return push_row(w + 1, header_size(*w));
    const uint32_t data = map_data_bits(*w);
    const auto* first = reinterpret_cast<const Term*>(w + 1);
    Frame f{Frame::node,
            data | map_child_bits(*w) | data << 16,
            0,
            {first + size_t{2} * map_bit_count(data)},
            first + header_size(*w)};
    frames_.push(f);
}

/// The next term of a trie node's pairs; else its next child's frame is on top, or its own is gone.
template <typename Sink>
bool Encoder<Sink>::next_of_node(Term* t) {
    Frame& f = frames_.top();
    if (f.left != 0) {
        f.left = 0;
        *t = f.at[1];
        return true;
    }
    const uint32_t left = f.bits & 0xffff;
    if (left == 0) {
        frames_.pop();
        return false;
    }
    const uint32_t bit = std::bit_floor(left);
    f.bits ^= bit;
    if ((f.bits >> 16 & bit) != 0) {
        f.at -= 2;
        f.left = 1;
        *t = f.at[0];
        return true;
    }
    const Term child = *--f.more;
    if (left == bit) frames_.pop();
    push_node(child);
    return false;
}

template <typename Sink>
void Encoder<Sink>::write(Term t) {
    if (t.is_small()) return small(t.to_small());
    if (t.is_cons()) return list(t);
    if (t.is_nil()) return u8(kNil);
    if (t.is_atom()) return atom(t);
    if (t.is_immediate_float()) return floating(t.immediate_float());
    if (t.is_local_pid()) return local_pid(t);
    if (t.is_local_port()) return port(context_.node, t.imm_data(), context_.creation);
    LINTEL_ASSERT(t.is_boxed());
    const Word* w = t.boxed_words();
    switch (header_kind(*w)) {
        case Kind::tuple: return tuple(t);
        case Kind::record: return record(as_record(t));
        case Kind::map_flat:
        case Kind::map_hash: return map(t);
        case Kind::fun: return fun(t);
        case Kind::export_fun: {
            const auto* entry = reinterpret_cast<const ExportEntry*>(w[1]);
            u8(kExport);
            atom(entry->module);
            atom(entry->function);
            return small(entry->arity);
        }
        case Kind::boxed_float: return floating(to_double(t));
        case Kind::bignum: return big((header_aux(*w) & 1) != 0, {w + 1, header_size(*w)});
        case Kind::heap_binary:
        case Kind::refc_binary:
        case Kind::sub_binary: return bits(t);
        case Kind::ref: return local_reference(w + 1, header_size(*w) > 2 ? Term(w[3]) : Term::none());
        case Kind::magic_ref: return local_reference(reinterpret_cast<const MagicRef*>(w)->number, Term::none());
        case Kind::external_pid:
            return pid(Term(w[1]), static_cast<uint32_t>(w[3]), static_cast<uint32_t>(w[3] >> 32),
                       static_cast<uint32_t>(w[2]));
        case Kind::external_port: return port(Term(w[1]), w[3], static_cast<uint32_t>(w[2]));
        case Kind::external_ref: {
            const uint32_t n = header_aux(*w);
            u8(kNewerReference);
            u16(n);
            atom(Term(w[1]));
            u32(static_cast<uint32_t>(w[2]));
            for (uint32_t i = 0; i < n; ++i) u32(static_cast<uint32_t>(w[3 + i / 2] >> (32 * (i % 2))));
            return;
        }
        default: LINTEL_UNREACHABLE();
    }
}

template <typename Sink>
void Encoder<Sink>::small(int64_t v) {
    if (v >= 0 && v <= 255) {
        const uint8_t b[] = {kSmallInteger, static_cast<uint8_t>(v)};
        return out_.bytes(b, 2);
    }
    if (v == static_cast<int32_t>(v)) {
        return out_.tagged(kInteger, static_cast<uint32_t>(v));
    }
    const Word magnitude = v < 0 ? Word{0} - static_cast<Word>(v) : static_cast<Word>(v);
    big(v < 0, {&magnitude, 1});
}

template <typename Sink>
void Encoder<Sink>::big(bool negative, std::span<const Word> limbs) {
    const size_t top = (71 - static_cast<size_t>(std::countl_zero(limbs.back()))) / 8;
    const size_t bytes = (limbs.size() - 1) * kWordBytes + top;
    if (bytes < 256) {
        u8(kSmallBig);
        u8(static_cast<uint8_t>(bytes));
    } else {
        u8(kLargeBig);
        u32(static_cast<uint32_t>(bytes));
    }
    u8(negative ? 1 : 0);
    static_assert(std::endian::native == std::endian::little);
    out_.bytes(limbs.data(), bytes);
}

template <typename Sink>
void Encoder<Sink>::floating(double d) {
    if (options_.minor_version == 0) {
        char text[kFloatTextBytes] = {};
        std::to_chars(text, text + sizeof text, d, std::chars_format::scientific, 20);
        u8(kFloat);
        return out_.bytes(text, sizeof text);
    }
    u8(kNewFloat);
    u64(std::bit_cast<uint64_t>(d));
}

template <typename Sink>
void Encoder<Sink>::atom(Term t) {
    if (options_.packet_atoms != nullptr) {
        if (const int place = options_.packet_atoms->place(t); place >= 0) {
            u8(kAtomCacheRef);
            return u8(static_cast<uint8_t>(place));
        }
    }
    const std::string_view name = atom_name(t);
    const bool latin1 =
        options_.minor_version < 2 && std::ranges::all_of(name, [](char c) { return static_cast<uint8_t>(c) < 0xc4; });
    if (!latin1) {
        if (name.size() < 256) {
            u8(kSmallAtomUtf8);
            u8(static_cast<uint8_t>(name.size()));
        } else {
            u8(kAtomUtf8);
            u16(static_cast<uint32_t>(name.size()));
        }
        return out_.bytes(name.data(), name.size());
    }
    const uint32_t n = t.atom_entry()->characters;
    u8(kAtom);
    u16(n);
    if (n == name.size()) return out_.bytes(name.data(), n);
    for (size_t i = 0; i < name.size(); ++i) {
        uint32_t c = static_cast<uint8_t>(name[i]);
        if (c >= 0x80) c = (c & 3) << 6 | (static_cast<uint8_t>(name[++i]) & 0x3f);
        u8(static_cast<uint8_t>(c));
    }
}

template <typename Sink>
void Encoder<Sink>::list(Term t) {
    if (const size_t n = string_length(t)) {
        u8(kString);
        u16(static_cast<uint32_t>(n));
        if (uint8_t* to = out_.space(n)) {
            for (; t.is_cons(); t = t.tail()) *to++ = static_cast<uint8_t>(t.head().to_small());
        }
        return;
    }
    size_t n = 0;
    for (Term rest = t; rest.is_cons(); rest = rest.tail()) ++n;
    out_.tagged(kList, static_cast<uint32_t>(n));
    Frame f{Frame::list, 0, 0, {}, nullptr};
    f.rest = t.word();
    frames_.push(f);
}

template <typename Sink>
void Encoder<Sink>::tuple(Term t) {
    const Word* w = t.boxed_words();
    const size_t arity = header_size(*w);
    if (arity < 256) {
        const uint8_t b[] = {kSmallTuple, static_cast<uint8_t>(arity)};
        out_.bytes(b, 2);
    } else {
        out_.tagged(kLargeTuple, static_cast<uint32_t>(arity));
    }
    push_row(w + 1, arity);
}

template <typename Sink>
void Encoder<Sink>::record(RecordView r) {
    out_.tagged(kRecord, static_cast<uint32_t>(r.field_count()));
    u8(r.is_exported() ? kRecordExported : 0);
    atom(r.module());
    atom(r.name());
    for (const Term field : r.fields()) atom(field);
    push_row(reinterpret_cast<const Word*>(r.values().data()), r.field_count());
}

template <typename Sink>
void Encoder<Sink>::map(Term t) {
    const size_t pairs = map_size(t);
    out_.tagged(kMap, static_cast<uint32_t>(pairs));
    if (pairs == 0) return;
    if (t.is_flat_map()) {
        Frame f{Frame::flat_map, 0, pairs * 2, {flat_map_keys(t)}, flat_map_values(t)};
        frames_.push(f);
        return;
    }
    if (!options_.deterministic || Sink::kCounts) {
        push_node(hash_map_root(t));
        return;
    }
    struct Pair {
        Term key, value;
    };
    std::vector<Pair> all;
    all.reserve(pairs);
    Pair pair;
    for (MapIterator each(t); each.next(&pair.key, &pair.value);) all.push_back(pair);
    std::stable_sort(all.begin(), all.end(),
                     [](const Pair& a, const Pair& b) { return compare_keys(a.key, b.key) < 0; });
    Frame f{Frame::sorted, 0, pairs * 2, {}, nullptr};
    f.index = sorted_.size();
    frames_.push(f);
    for (const Pair& p : all) {
        sorted_.push_back(p.key);
        sorted_.push_back(p.value);
    }
}

template <typename Sink>
void Encoder<Sink>::bits(Term t) {
    const BitsView v = as_bits(t);
    const size_t bytes = v.byte_size();
    const size_t last = v.size % 8;
    out_.tagged(last == 0 ? kBinary : kBitBinary, static_cast<uint32_t>(bytes));
    if (last != 0) u8(static_cast<uint8_t>(last));
    if (bytes == 0) return;
    if constexpr (Sink::kCuts) {
        if (const size_t whole = v.size / 8; v.is_aligned() && whole > kMaxHeapBinaryBytes && is_outside_heap(t)) {
            out_.cut(t, whole);
            if (last != 0) u8(static_cast<uint8_t>(v.bytes()[whole] & (0xff00 >> last)));
            return;
        }
    }
    if (v.is_aligned() && last == 0) return out_.bytes(v.bytes(), bytes);
    if (uint8_t* to = out_.space(bytes)) {
        to[bytes - 1] = 0;
        copy_bits(to, 0, v.base, v.offset, v.size);
    }
}

template <typename Sink>
void Encoder<Sink>::pid(Term node, uint32_t number, uint32_t serial, uint32_t creation) {
    u8(kNewPid);
    atom(node);
    u32(number);
    u32(serial);
    u32(creation);
}

template <typename Sink>
void Encoder<Sink>::port(Term node, uint64_t number, uint32_t creation) {
    u8(number <= kMaxLocalPort ? kNewPort : kV4Port);
    atom(node);
    if (number <= kMaxLocalPort) {
        u32(static_cast<uint32_t>(number));
    } else {
        u64(number);
    }
    u32(creation);
}

/// A reference of this node: three numbers, or four if the second word is that large; with an alias's pid five.
template <typename Sink>
void Encoder<Sink>::local_reference(const Word* numbers, Term alias) {
    const bool long_second = numbers[1] >> 32 != 0;
    u8(kNewerReference);
    u16(alias.is_value() ? 5 : long_second ? 4 : 3);
    atom(context_.node);
    u32(context_.creation);
    u32(static_cast<uint32_t>(numbers[0]));
    u32(static_cast<uint32_t>(numbers[0] >> 32));
    u32(static_cast<uint32_t>(numbers[1]));
    if (alias.is_value()) {
        LINTEL_ASSERT(!long_second);
        u32(static_cast<uint32_t>(alias.imm_data()));
        u32(0);
    } else if (long_second) {
        u32(static_cast<uint32_t>(numbers[1] >> 32));
    }
}

template <typename Sink>
void Encoder<Sink>::fun(Term t) {
    const Word* w = t.boxed_words();
    const auto* entry = reinterpret_cast<const FunEntry*>(w[1]);
    const size_t free_count = header_size(*w) - 2;
    u8(kNewFun);
    Frame f{Frame::fun_end, 0, 0, {}, nullptr};
    f.index = out_.position();
    frames_.push(f);
    u32(0);  // size, known at the end
    u8(static_cast<uint8_t>(header_aux(*w)));
    out_.bytes(entry->id.uniq.data(), entry->id.uniq.size());
    u32(static_cast<uint32_t>(entry->id.index));
    u32(static_cast<uint32_t>(free_count));
    atom(entry->id.module);
    if constexpr (Sink::kCounts) {
        out_.space(10);  // OTP counts two integers of the long form here
    } else {
        small(entry->id.old_index);
        small(entry->id.old_uniq);
    }
    const Term creator(w[2]);
    write(creator);
    push_row(w + 3, free_count);
}

/// Puts the compressed form in place of the payload that begins at `from`, unless that would be longer.
void compress_payload(std::string& out, size_t from, int level) {
    const size_t size = out.size() - from;
    if (size <= 5 || size > UINT32_MAX) return;
    std::string packed(size, '\0');
    // Tag and size take five bytes; the result may be as long as the original, not longer.
    uLongf packed_bytes = size - 5;
    if (compress2(reinterpret_cast<Bytef*>(packed.data()), &packed_bytes,
                  reinterpret_cast<const Bytef*>(out.data()) + from, size, level) != Z_OK) {
        return;
    }
    out.resize(from);
    StringSink sink(out);
    sink.tagged(kCompressed, static_cast<uint32_t>(size));
    sink.bytes(packed.data(), packed_bytes);
}

}  // namespace

bool encode_etf(const EtfContext& context, Term t, const EtfOptions& options, std::string& out) {
    out.push_back(static_cast<char>(kVersion));
    const size_t payload = out.size();
    if (!encode_etf_payload(context, t, options, out)) return false;
    if (options.compression > 0) compress_payload(out, payload, options.compression);
    return true;
}

bool encode_etf_payload(const EtfContext& context, Term t, const EtfOptions& options, std::string& out) {
    StringSink sink(out);
    return Encoder<StringSink>(context, options, sink).run(t);
}

bool encode_etf_with_cuts(const EtfContext& context, Term t, const EtfOptions& options, std::string& out,
                          std::vector<EtfCut>& cuts) {
    out.push_back(static_cast<char>(kVersion));
    CuttingSink sink(out, cuts);
    return Encoder<CuttingSink>(context, options, sink).run(t);
}

size_t etf_size(const EtfContext& context, Term t, const EtfOptions& options) {
    CountingSink sink;
    Encoder<CountingSink>(context, options, sink).run(t);
    return 1 + sink.position();
}

}  // namespace lintel
