/// Checksums and fingerprints of iolists.

#include <zlib.h>

#include "base/md5.h"
#include "stdlib/bif.h"
#include "stdlib/build.h"
#include "stdlib/bytes_arg.h"
#include "term/atom.h"
#include "vm/iolist.h"

namespace lintel {
namespace {

constexpr size_t kBytesPerReduction = 1024;

using Checksum = uLong (*)(uLong, const Bytef*, z_size_t);
using Combine = uLong (*)(uLong, uLong, z_off_t);

/// A number from 0 to 2^32-1.
bool as_uint32(Term t, uLong* v) {
    if (!t.is_small() || t.to_small() < 0 || t.to_small() > 0xffffffff) return false;
    *v = static_cast<uLong>(t.to_small());
    return true;
}

Term checksum(ExecState& p, Checksum f, uLong old, Term data) {
    size_t total = 0;
    const bool ok = iolist_pieces(data, [&](const uint8_t* bytes, size_t count) {
        old = f(old, bytes, count);
        total += count;
    });
    p.charge(total / kBytesPerReduction);
    return ok ? Term::small(static_cast<int64_t>(old)) : p.badarg();
}

Term combine(ExecState& p, Args a, Combine f) {
    uLong first, second, size;
    if (!as_uint32(a[0], &first) || !as_uint32(a[1], &second) || !as_uint32(a[2], &size)) return p.badarg();
    if (size == 0 && f == adler32_combine) return a[0];  // as erl has it; zlib mixes in the second value
    return Term::small(static_cast<int64_t>(f(first, second, static_cast<z_off_t>(size))));
}

/// Adds an iolist; false if it is none.
bool add(ExecState& p, Md5* md5, Term data) {
    size_t total = 0;
    const bool ok = iolist_pieces(data, [&](const uint8_t* bytes, size_t count) {
        md5->update(bytes, count);
        total += count;
    });
    p.charge(total / kBytesPerReduction * 4);
    return ok;
}

std::string_view bytes_of(const void* from, size_t count) { return {static_cast<const char*>(from), count}; }

/// A context is the object's own bytes. Any bytes are a valid one, so what a program makes up does no harm.
bool read_context(Term t, Md5* md5) {
    static_assert(std::is_trivially_copyable_v<Md5>);
    const BytesArg bytes(t);
    if (!bytes || bytes.size() != sizeof(Md5)) return false;
    memcpy(static_cast<void*>(md5), bytes.data(), sizeof(Md5));
    return true;
}

}  // namespace

/// erlang:crc32/1,2. Fails: badarg if the data is no iolist, or the old value no 32-bit number.
Term crc32_1(ExecState& p, Args a) { return checksum(p, crc32_z, 0, a[0]); }
Term crc32_2(ExecState& p, Args a) {
    uLong old;
    return as_uint32(a[0], &old) ? checksum(p, crc32_z, old, a[1]) : p.badarg();
}
/// erlang:crc32_combine/3: of two pieces of data, the second of Size bytes. Fails: badarg.
Term crc32_combine_3(ExecState& p, Args a) { return combine(p, a, crc32_combine); }

/// erlang:adler32/1,2, adler32_combine/3: as crc32.
Term adler32_1(ExecState& p, Args a) { return checksum(p, adler32_z, 1, a[0]); }
Term adler32_2(ExecState& p, Args a) {
    uLong old;
    return as_uint32(a[0], &old) ? checksum(p, adler32_z, old, a[1]) : p.badarg();
}
Term adler32_combine_3(ExecState& p, Args a) { return combine(p, a, adler32_combine); }

/// erlang:md5/1: 16 bytes. Fails: badarg if not an iolist.
Term md5_1(ExecState& p, Args a) {
    Md5 md5;
    if (!add(p, &md5, a[0])) return p.badarg();
    const auto digest = md5.finish();
    return make_binary(p, bytes_of(digest.data(), digest.size()));
}

/// erlang:md5_init/0, md5_update/2, md5_final/1: the same in steps. Fails: badarg if the context has not the size of one.
Term md5_init_0(ExecState& p, Args) {
    const Md5 md5;
    return make_binary(p, bytes_of(&md5, sizeof md5));
}
Term md5_update_2(ExecState& p, Args a) {
    Md5 md5;
    if (!read_context(a[0], &md5) || !add(p, &md5, a[1])) return p.badarg();
    return make_binary(p, bytes_of(&md5, sizeof md5));
}
Term md5_final_1(ExecState& p, Args a) {
    Md5 md5;
    if (!read_context(a[0], &md5)) return p.badarg();
    const auto digest = md5.finish();
    return make_binary(p, bytes_of(digest.data(), digest.size()));
}

}  // namespace lintel
