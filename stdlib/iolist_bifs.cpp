/// BIFs that take iolists apart.

#include "stdlib/bif.h"
#include "stdlib/bytes_arg.h"
#include "term/atom.h"
#include "vm/iolist.h"

namespace lintel {
namespace {

constexpr size_t kBytesPerReduction = 512;
/// iolist_to_iovec: shorter binaries are copied together with what is around them.
constexpr size_t kLeastVectorBytes = 256;

Term flatten(ExecState& p, Term t, IoListItems items) {
    size_t bits;
    switch (iolist_bits(t, items, &bits)) {
        case IoListStatus::bad: return p.badarg();
        case IoListStatus::too_large: return p.system_limit();
        case IoListStatus::ok: break;
    }
    auto heap = p.reserve(bitstring_words(bits));
    uint8_t* to;
    const Term result = heap.bitstring_of(bits, &to);
    if (to == nullptr) return p.system_limit();
    iolist_write(t, to);
    p.charge(bits / 8 / kBytesPerReduction);
    return result;
}

/// Most are short: what fits here is walked once.
constexpr size_t kShortBytes = 256;

Term flatten_bytes(ExecState& p, Term t) {
    uint8_t start[kShortBytes];
    size_t size = 0;
    const auto byte = [&](uint8_t b) {
        if (size == kShortBytes) return false;
        start[size++] = b;
        return true;
    };
    const auto run = [&](BitsView v, Term) {
        const size_t bytes = v.size / 8;
        if (bytes > kShortBytes - size || !v.is_aligned()) return false;
        memcpy(start + size, v.bytes(), bytes);
        size += bytes;
        return true;
    };
    if (!walk_iolist(t, byte, run)) return flatten(p, t, IoListItems::bytes);
    auto heap = p.reserve(binary_words(size));
    uint8_t* to;
    const Term result = heap.binary_of(size, &to);
    if (to == nullptr) return p.system_limit();
    memcpy(to, start, size);
    p.charge(size / kBytesPerReduction);
    return result;
}

}  // namespace

/// erlang:list_to_binary/1, binary:list_to_bin/1. Fails: badarg if not a list, or not an iolist.
Term list_to_binary_1(ExecState& p, Args a) { return a[0].is_list() ? flatten_bytes(p, a[0]) : p.badarg(); }

/// erlang:iolist_to_binary/1: as list_to_binary/1; a binary is returned as it is.
Term iolist_to_binary_1(ExecState& p, Args a) {
    if (as_binary(a[0])) return a[0];
    return flatten_bytes(p, a[0]);
}

/// erlang:list_to_bitstring/1: as list_to_binary/1, with any bit strings in the list.
Term list_to_bitstring_1(ExecState& p, Args a) {
    return a[0].is_list() ? flatten(p, a[0], IoListItems::bits) : p.badarg();
}

/// erlang:iolist_size/1: bytes of the binary that iolist_to_binary/1 would make. Fails: badarg.
Term iolist_size_1(ExecState& p, Args a) {
    size_t bits;
    switch (iolist_bits(a[0], IoListItems::bytes, &bits)) {
        case IoListStatus::bad: return p.badarg();
        case IoListStatus::too_large: return p.system_limit();
        case IoListStatus::ok: break;
    }
    p.charge(bits / 8 / kBytesPerReduction);
    return Term::small(static_cast<int64_t>(bits / 8));
}

/// erlang:iolist_to_iovec/1: binaries with the same bytes, none empty. Long ones are those of the iolist, and what is between
/// them is copied into one each. Fails: badarg.
Term iolist_to_iovec_1(ExecState& p, Args a) {
    // First walk: sizes of the pieces. Runs of bytes to be copied alternate with long binaries.
    size_t words = 0, run_bytes = 0, total = 0;
    const auto end_run = [&] {
        if (run_bytes != 0) words += binary_words(run_bytes) + kConsWords;
        run_bytes = 0;
    };
    const bool ok = walk_iolist(
        a[0],
        [&](uint8_t) {
            ++run_bytes;
            ++total;
            return true;
        },
        [&](BitsView v, Term) {
            total += v.size / 8;
            if (v.size / 8 < kLeastVectorBytes) {
                run_bytes += v.size / 8;
            } else {
                end_run();
                words += kConsWords;
            }
            return true;
        });
    if (!ok) return p.badarg();
    end_run();
    p.charge(total / kBytesPerReduction);

    // Second walk: the same pieces. The runs' sizes are not kept; a run is gathered in memory of the VM first.
    auto* buffer = static_cast<uint8_t*>(try_allocate(total + 1));
    if (buffer == nullptr) return p.system_limit();
    auto heap = p.reserve(words);
    Word first = Term::nil().word();
    Word* link = &first;
    bool memory = true;
    size_t used = 0;
    const auto add = [&](Term item) {
        Word* cell = heap.raw(kConsWords);
        cell[0] = item.word();
        cell[1] = Term::nil().word();
        *link = Term::cons(cell).word();
        link = cell + 1;
    };
    const auto add_run = [&] {
        if (used == 0) return;
        const Term run = heap.binary(buffer, used);
        memory = memory && run.is_value();
        if (memory) add(run);
        used = 0;
    };
    walk_iolist<IoListItems::bytes, Walks::whole>(
        a[0],
        [&](uint8_t b) {
            buffer[used++] = b;
            return memory;
        },
        [&](BitsView v, Term item) {
            if (v.size / 8 < kLeastVectorBytes) {
                copy_bits(buffer + used, 0, v.base, v.offset, v.size);
                used += v.size / 8;
            } else {
                add_run();
                add(item);
            }
            return memory;
        });
    add_run();
    release(buffer);
    return memory ? Term(first) : p.system_limit();
}

}  // namespace lintel
