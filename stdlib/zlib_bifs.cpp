/// zlib's functions that take all of their data at once, in place of OTP's, which drive a stream through native functions.

#include <zlib.h>

#include "base/byte_buffer.h"
#include "stdlib/bif.h"
#include "stdlib/build.h"
#include "stdlib/bytes_arg.h"
#include "vm/iolist.h"
#include "vm/vm_core.h"

namespace lintel {

namespace {

/// What windowBits means to zlib.
enum Format : int { kRaw = -15, kZlib = 15, kGzip = 16 + 15 };
constexpr size_t kBytesPerReduction = 256;
constexpr size_t kChunk = 1 << 16;

Term charged_binary(ExecState& p, const ByteBuffer& bytes) {
    p.charge(bytes.size() / kBytesPerReduction);
    return make_binary(p, bytes.text());
}

/// Runs `step` (deflate or inflate) until it has used up `input`; its last status, or Z_MEM_ERROR when there is no room for `out`.
template <typename Step>
int drive(z_stream* z, std::string_view input, ByteBuffer* out, Step step) {
    z->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    z->avail_in = static_cast<uInt>(input.size());
    int status = Z_OK;
    do {
        const size_t before = out->size();
        if (!out->resize(before + kChunk)) return Z_MEM_ERROR;
        z->next_out = out->data() + before;
        z->avail_out = kChunk;
        status = step(z);
        out->shrink(before + (kChunk - z->avail_out));
    } while (status == Z_OK && (z->avail_in != 0 || z->avail_out == 0));
    return status;
}

/// All bytes of `iodata`; IoListStatus::too_large: more than zlib counts, or than there is memory for.
IoListStatus collect(Term iodata, ByteBuffer* bytes) {
    size_t bits = 0;
    const IoListStatus status = iolist_bits(iodata, IoListItems::bytes, &bits);
    if (status != IoListStatus::ok) return status;
    if (bits / 8 > UINT32_MAX || !bytes->resize(bits / 8)) return IoListStatus::too_large;
    if (bits != 0) iolist_write(iodata, bytes->data());
    return IoListStatus::ok;
}

Term cannot_collect(ExecState& p, Term data, IoListStatus status) {
    if (status == IoListStatus::too_large) return p.system_limit();
    // It is the function that OTP's call first that fails.
    return p.trap(p.vm->code.export_entry(am::erlang(), p.vm->atoms.intern("iolist_to_iovec"), 1), {data});
}

Term compressed(ExecState& p, Term data, Format format) {
    ByteBuffer input, out;
    if (const IoListStatus s = collect(data, &input); s != IoListStatus::ok) return cannot_collect(p, data, s);
    z_stream z{};
    if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, format, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return p.system_limit();
    const int status = drive(&z, input.text(), &out, [](z_stream* s) { return deflate(s, Z_FINISH); });
    deflateEnd(&z);
    return status == Z_STREAM_END ? charged_binary(p, out) : p.system_limit();
}

Term uncompressed(ExecState& p, Term data, Format format) {
    ByteBuffer input, out;
    if (const IoListStatus s = collect(data, &input); s != IoListStatus::ok) return cannot_collect(p, data, s);
    z_stream z{};
    if (inflateInit2(&z, format) != Z_OK) return p.system_limit();
    int status = drive(&z, input.text(), &out, [](z_stream* s) { return inflate(s, Z_NO_FLUSH); });
    // Members of a gzip file follow each other.
    while (format == kGzip && status == Z_STREAM_END && z.avail_in != 0) {
        const std::string_view left(reinterpret_cast<const char*>(z.next_in), z.avail_in);
        if (inflateReset(&z) != Z_OK) break;
        status = drive(&z, left, &out, [](z_stream* s) { return inflate(s, Z_NO_FLUSH); });
    }
    inflateEnd(&z);
    if (status == Z_MEM_ERROR) return p.system_limit();
    return status == Z_STREAM_END ? charged_binary(p, out) : p.error(am::data_error());
}

}  // namespace

/// zlib:compress/1, zip/1, gzip/1: Data in zlib's format, bare, in gzip's format. Fails: badarg if not an iolist.
Term zlib_compress_1(ExecState& p, Args a) { return compressed(p, a[0], kZlib); }
Term zlib_zip_1(ExecState& p, Args a) { return compressed(p, a[0], kRaw); }
Term zlib_gzip_1(ExecState& p, Args a) { return compressed(p, a[0], kGzip); }

/// zlib:uncompress/1, unzip/1, gunzip/1. Fails: data_error; badarg if not an iolist.
Term zlib_uncompress_1(ExecState& p, Args a) { return uncompressed(p, a[0], kZlib); }
Term zlib_unzip_1(ExecState& p, Args a) { return uncompressed(p, a[0], kRaw); }
Term zlib_gunzip_1(ExecState& p, Args a) { return uncompressed(p, a[0], kGzip); }

}  // namespace lintel
