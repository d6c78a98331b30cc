/// unicode:characters_to_binary/2 and characters_to_list/2, for data in UTF-8 or Latin-1. (Other encodings are Erlang code.)
///
/// The data is a deep list of code points and binaries. A first walk checks that it is nothing else, which is badarg whatever
/// else is wrong, and tells how large the result can be; a second one converts. Both take constant C stack.
///
/// A character may be cut in two by the end of a binary. The bytes of its beginning, at most three, wait in `pending_` until the next
/// binary brings the rest; they are only judged then. What follows decides:
///
///     the end of the data              {incomplete, Done, <<Pending>>}, or error if they cannot become a character
///     a code point                     {error, Done, [<<Pending>>, Rest]}
///     a binary with the wrong bytes    {error, Done, [<<Pending>>, Rest]}
///
/// Rest is what has not been converted, as a term: the list from where conversion stopped, within what is left of the
/// lists around it. `outer_` has the tails of those lists.

#include "base/bytes.h"
#include "base/patience.h"
#include "base/work_stack.h"
#include "stdlib/bif.h"
#include "stdlib/build.h"
#include "stdlib/bytes_arg.h"
#include "stdlib/unicode_text.h"
#include "term/atom.h"
#include "vm/vm_core.h"

namespace lintel {
namespace {

constexpr size_t kBytesPerReduction = 256;

enum class Encoding : uint8_t { utf8, latin1 };

/// Bytes of `v` whose top bit is set in what `mark` makes of eight of them.
template <typename Mark>
size_t count_bytes(BitsView v, Mark mark) {
    constexpr uint64_t kOnes = 0x0101010101010101;
    const auto marked = [mark](uint64_t bytes) -> size_t { return ((mark(bytes) >> 7 & kOnes) * kOnes) >> 56; };
    size_t n = 0, i = 0;
    if (v.is_aligned()) {
        for (; i + 64 <= v.size; i += 64) n += marked(load_be64(v.bytes() + i / 8));
    }
    for (; i < v.size; i += 64) {
        const unsigned bits = v.size - i < 64 ? static_cast<unsigned>(v.size - i) : 64;
        n += marked(read_bits(v.base, v.offset + i, bits));
    }
    return n;
}
/// Bytes >= 0x80 of `v`.
size_t high_bytes(BitsView v) {
    return count_bytes(v, [](uint64_t x) { return x; });
}
/// Bytes that are no continuation bytes of UTF-8: as many as there are characters, if all is valid.
size_t first_bytes(BitsView v) {
    return v.size / 8 - count_bytes(v, [](uint64_t x) { return x & ~(x << 1); });
}

/// What the data holds: at most so many characters and bytes of UTF-8.
struct Extent {
    size_t characters = 0;
    size_t bytes = 0;
};

/// False: the data is not of the right type, or has no end.
bool measure(Term t, Encoding encoding, Extent* extent) {
    WorkStack<Term, 32> later;
    Walk walk;
    bool stopped = false;
    const auto item = [&](Term x) {
        if (x.is_integer()) {
            // Nobody looks at what stands behind an integer that OTP keeps as a bignum.
            constexpr int64_t kLargest = (int64_t{1} << 59) - 1;
            stopped = !x.is_small() || x.to_small() > kLargest || x.to_small() < -kLargest - 1;
            ++extent->characters;
            if (x.is_small() && x.to_small() >= 0 && x.to_small() <= 0x10ffff) {
                extent->bytes += utf8_bytes(static_cast<uint32_t>(x.to_small()));
            }
            return true;
        }
        const BitsView v = as_binary(x);
        if (!v) return false;
        const bool latin1 = encoding == Encoding::latin1;
        extent->characters += latin1 ? v.size / 8 : first_bytes(v);
        extent->bytes += v.size / 8 + (latin1 ? high_bytes(v) : 0);
        return true;
    };
    for (;;) {
        while (t.is_cons()) {
            const Term head = t.head();
            t = t.tail();
            if (head.is_list()) {
                if (!walk.may_go_on()) return false;
                if (!t.is_nil()) later.push(t);
                t = head;
            } else if (!item(head)) {
                return false;
            } else if (stopped) {
                return true;
            }
        }
        if (!t.is_nil() && (t.is_integer() || !item(t))) return false;
        if (later.empty()) return true;
        t = later.pop();
    }
}

/// Sinks: where the characters go.
class BytesSink {
public:
    explicit BytesSink(uint8_t* to) : to_(to), end_(to) {}
    void character(uint32_t c) { end_ += encode_utf8(c, end_); }
    void utf8(const uint8_t* bytes, size_t size) {
        memcpy(end_, bytes, size);
        end_ += size;
    }
    size_t size() const { return static_cast<size_t>(end_ - to_); }

private:
    uint8_t* to_;
    uint8_t* end_;
};

class ListSink {
public:
    /// `cells`: words for all characters there can be.
    explicit ListSink(Word* cells) : first_(cells), next_(cells) {}
    void character(uint32_t c) {
        next_[0] = Term::small(c).word();
        next_[1] = Term::cons(next_ + 2).word();
        next_ += 2;
    }
    void utf8(const uint8_t* bytes, size_t size) {
        for (const uint8_t* const end = bytes + size; bytes != end;) character(take_valid_utf8(&bytes));
    }
    Term list() {
        if (next_ == first_) return Term::nil();
        next_[-1] = Term::nil().word();
        return Term::cons(first_);
    }

private:
    Word* first_;
    Word* next_;
};

enum class Outcome : uint8_t { done, error, incomplete, no_memory };

template <typename Sink>
class Converter {
public:
    Converter(ExecState& p, Encoding encoding, Sink& sink) : p_(p), sink_(sink), encoding_(encoding) {}

    Outcome run(Term t) {
        for (;;) {
            while (t.is_cons()) {
                const Term head = t.head();
                if (head.is_list()) {
                    outer_.push(t.tail());
                    t = head;
                } else if (head.is_integer()) {
                    if (pending_bytes_ != 0 || !put(head)) return stop(t);
                    t = t.tail();
                } else {
                    const Term tail = t.tail();
                    const Outcome o = binary(t, head, &tail);
                    if (o != Outcome::done) return o;
                    t = tail;
                }
            }
            if (!t.is_nil()) {
                const Outcome o = binary(t, t, nullptr);
                if (o != Outcome::done) return o;
            }
            if (outer_.empty()) break;
            t = outer_.pop();
        }
        return pending_bytes_ == 0 ? Outcome::done : finish();
    }
    /// After an error or incomplete: what was not converted.
    Term rest() const { return rest_; }

private:
    bool put(Term integer) {
        if (!integer.is_small()) return false;
        const int64_t c = integer.to_small();
        if (c < 0 || c > (encoding_ == Encoding::latin1 ? 0xff : 0x10ffff) || (c >= 0xd800 && c <= 0xdfff))
            return false;
        sink_.character(static_cast<uint32_t>(c));
        return true;
    }

    /// A binary; it is the head of a cell with this tail, or (tail == nullptr) the end of a list. `place` is what refers to it.
    Outcome binary(Term place, Term t, const Term* tail) {
        const BytesArg bytes(t);
        if (!bytes) return Outcome::no_memory;
        const uint8_t* at = bytes.data();
        size_t left = bytes.size();
        if (encoding_ == Encoding::latin1) {
            while (left != 0) {
                const size_t ascii = ascii_run(at, left);
                if (ascii != 0) {
                    sink_.utf8(at, ascii);
                } else {
                    sink_.character(*at);
                }
                at += ascii != 0 ? ascii : 1;
                left -= ascii != 0 ? ascii : 1;
            }
            return Outcome::done;
        }
        if (pending_bytes_ != 0) {
            const size_t missing = utf8_sequence_bytes(pending_[0]) - pending_bytes_;
            const size_t take = missing < left ? missing : left;
            memcpy(pending_ + pending_bytes_, at, take);
            if (take < missing) {
                pending_bytes_ += take;
                return Outcome::done;
            }
            const Utf8Step step = decode_utf8(pending_, pending_bytes_ + take);
            if (step.status != Utf8Step::Status::ok) return stop(place);
            sink_.character(step.code_point);
            pending_bytes_ = 0;
            at += take;
            left -= take;
        }
        const Utf8Run run = check_utf8(at, left);
        if (run.valid != 0) sink_.utf8(at, run.valid);
        if (run.end == Utf8Step::Status::ok) return Outcome::done;
        left -= run.valid;
        if (run.end == Utf8Step::Status::truncated) {
            memcpy(pending_, at + run.valid, left);
            pending_bytes_ = left;
            return Outcome::done;
        }
        auto heap = p_.reserve(kSubBinaryWords + kConsWords);
        const Term bad = heap.sub_bits(t, (bytes.size() - left) * 8, left * 8);
        return stop(tail == nullptr ? bad : heap.cons(bad, *tail));
    }

    Term pending_binary() {
        auto heap = p_.reserve(binary_words(pending_bytes_));
        return heap.binary(pending_, pending_bytes_);
    }

    /// Conversion ends in error, `from` on.
    Outcome stop(Term from) {
        auto heap = p_.reserve(kConsWords * (outer_.size() + 2));
        rest_ = from;
        while (!outer_.empty()) rest_ = heap.cons(rest_, outer_.pop());
        if (pending_bytes_ != 0) rest_ = heap.cons(pending_binary(), heap.cons(rest_, Term::nil()));
        return Outcome::error;
    }

    /// The data ended within a character.
    Outcome finish() {
        rest_ = pending_binary();
        for (size_t i = 1; i < pending_bytes_; ++i) {
            if ((pending_[i] & 0xc0) != 0x80) return Outcome::error;
        }
        return Outcome::incomplete;
    }

    ExecState& p_;
    Sink& sink_;
    WorkStack<Term, 32> outer_;
    Term rest_;
    size_t pending_bytes_ = 0;
    uint8_t pending_[4] = {};
    Encoding encoding_;
};

bool read_encoding(Term t, Encoding* encoding) {
    *encoding = t == am::latin1() ? Encoding::latin1 : Encoding::utf8;
    return t == am::latin1() || t == am::utf8() || t == am::unicode();
}

/// Other encodings: the Erlang function beside the BIF.
Term trap_to(ExecState& p, Args a, Term function) {
    return p.trap(p.vm->code.export_entry(am::unicode(), function, 2), {a[0], a[1]});
}

Term failed(ExecState& p, Outcome outcome, Term done, Term rest) {
    auto heap = p.reserve(tuple_words(3));
    return heap.tuple(outcome == Outcome::error ? am::error() : am::incomplete(), done, rest);
}

}  // namespace

/// unicode:characters_to_binary/2: Data in InEncoding as UTF-8; {error | incomplete, Done, Rest} if it is not right.
/// Fails: badarg if Data is not made of integers and binaries.
Term unicode_characters_to_binary_2(ExecState& p, Args a) {
    Encoding encoding;
    if (!read_encoding(a[1], &encoding)) return trap_to(p, a, am::characters_to_binary_int());
    // As in OTP, a binary that is the only element is as good as the binary: where it is wrong, Rest shows it.
    Term data = a[0];
    if (data.is_cons() && data.tail().is_nil() && BytesArg(data.head())) data = data.head();
    Extent extent;
    if (!measure(data, encoding, &extent)) return p.badarg();
    p.charge(extent.bytes / kBytesPerReduction);
    // A binary that is right is its own result.
    if (const BytesArg bytes(data); bytes) {
        const bool same = encoding == Encoding::latin1 ? extent.bytes == bytes.size()
                                                       : check_utf8(bytes.data(), bytes.size()).valid == bytes.size();
        if (same) return data;
    }
    auto heap = p.reserve(binary_words(extent.bytes));
    uint8_t* to;
    const Term result = heap.binary_of(extent.bytes, &to);
    if (to == nullptr) return p.system_limit();
    BytesSink sink(to);
    Converter<BytesSink> converter(p, encoding, sink);
    const Outcome outcome = converter.run(data);
    if (outcome == Outcome::done) return result;
    if (outcome == Outcome::no_memory) return p.system_limit();
    auto more = p.reserve(binary_words(sink.size()));
    const Term done = more.binary(to, sink.size());
    return done.is_value() ? failed(p, outcome, done, converter.rest()) : p.system_limit();
}

/// unicode:characters_to_list/2: as characters_to_binary/2, to a list of code points.
Term unicode_characters_to_list_2(ExecState& p, Args a) {
    Encoding encoding;
    if (!read_encoding(a[1], &encoding)) return trap_to(p, a, am::characters_to_list_int());
    Extent extent;
    if (!measure(a[0], encoding, &extent)) return p.badarg();
    p.charge(extent.characters / kBytesPerReduction * 4);
    if (!may_reserve(p, list_words(extent.characters))) return p.system_limit();
    auto heap = p.reserve(list_words(extent.characters));
    ListSink sink(heap.raw(list_words(extent.characters)));
    Converter<ListSink> converter(p, encoding, sink);
    const Outcome outcome = converter.run(a[0]);
    if (outcome == Outcome::no_memory) return p.system_limit();
    const Term list = sink.list();
    return outcome == Outcome::done ? list : failed(p, outcome, list, converter.rest());
}

/// unicode:bin_is_7bit/1: true for a binary of bytes below 128; false for anything else.
Term unicode_bin_is_7bit_1(ExecState& p, Args a) {
    const BytesArg bytes(a[0]);
    if (!bytes) return am::false_();
    p.charge(bytes.size() / (8 * kBytesPerReduction));
    return boolean(ascii_run(bytes.data(), bytes.size()) == bytes.size());
}

}  // namespace lintel
