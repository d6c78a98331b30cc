#pragma once
/// Iolists: lists, however deep, of bytes and binaries, with a binary or [] as the tail; or a binary. Every walk takes
/// constant C stack and goes left to right. Ports, files and BIFs read them.

#include <string>

#include "base/patience.h"
#include "base/work_stack.h"
#include "term/bits.h"

namespace lintel {

/// What may stand in the list: whole bytes only, or any bit string (erlang:list_to_bitstring/1).
enum class IoListItems : uint8_t { bytes, bits };

/// Walks `t`: byte(uint8_t) for every integer, run(BitsView, Term) for every bit string. Either may return false, which ends
/// the walk. The result is false if a function said so, if the walk was given up, or if `t` is no iolist (what came
/// before has been visited). A second walk that relies on what the first one has counted is a whole one.
template <IoListItems kItems = IoListItems::bytes, Walks kWalks = Walks::endable, typename Byte, typename Run>
bool walk_iolist(Term t, Byte&& byte, Run&& run) {
    WorkStack<Term, 32> later;
    Walk walk(kWalks);
    for (;;) {
        // The spine of one list; what is left of the lists around it is on the stack.
        while (t.is_cons()) {
            const Term head = t.head();
            t = t.tail();
            constexpr Word kZero = Term::small(0).word();
            if (((head.word() - kZero) & ~(Word{255} << kTagBits)) == 0) {
                if (!byte(static_cast<uint8_t>((head.word() - kZero) >> kTagBits))) return false;
            } else if (head.is_cons()) {
                if (!walk.may_go_on()) return false;
                if (!t.is_nil()) later.push(t);
                t = head;
            } else if (!head.is_nil()) {
                const BitsView v = as_bits(head);
                if (!v || (kItems == IoListItems::bytes && !v.is_bytes()) || !run(v, head)) return false;
            }
        }
        if (!t.is_nil()) {
            const BitsView v = as_bits(t);
            if (!v || (kItems == IoListItems::bytes && !v.is_bytes()) || !run(v, t)) return false;
        }
        if (later.empty()) return true;
        t = later.pop();
    }
}

enum class IoListStatus : uint8_t { ok, bad, too_large };

/// Sets *bits to the size of iolist `t`.
IoListStatus iolist_bits(Term t, IoListItems items, size_t* bits);
/// Writes the bits of `t`, whose size iolist_bits has told, to `to`; bits after the last one in its byte become zero.
void iolist_write(Term t, uint8_t* to);

/// Calls f(const uint8_t* bytes, size_t count) with the bytes of iolist `t`, in pieces, which may be empty. False: `t` is no iolist.
template <typename F>
bool iolist_pieces(Term t, F&& f) {
    constexpr size_t kBuffer = 512;
    uint8_t buffer[kBuffer];
    size_t used = 0;
    const auto flush = [&] {
        if (used != 0) f(static_cast<const uint8_t*>(buffer), used);
        used = 0;
    };
    const bool ok = walk_iolist(
        t,
        [&](uint8_t b) {
            buffer[used++] = b;
            if (used == kBuffer) flush();
            return true;
        },
        [&](BitsView v, Term) {
            if (v.is_aligned() || v.size == 0) {
                flush();
                f(v.bytes(), v.size / 8);
                return true;
            }
            size_t offset = v.offset, left = v.size / 8;
            while (left != 0) {
                const size_t take = left < kBuffer - used ? left : kBuffer - used;
                copy_bits(buffer + used, 0, v.base, offset, take * 8);
                used += take;
                offset += take * 8;
                left -= take;
                if (used == kBuffer) flush();
            }
            return true;
        });
    flush();
    return ok;
}

/// Appends the bytes of iolist `t`. False: it is none.
bool append_iolist(Term t, std::string* out);

}  // namespace lintel
