/// zlib's functions that take all of their data at once, in place of OTP's, which drive a stream through native functions.

#include <zlib.h>

#include <string>

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

Term charged_binary(ExecState& p, const std::string& bytes) {
    p.charge(bytes.size() / kBytesPerReduction);
    return make_binary(p, bytes);
}

/// Runs `step` (deflate or inflate) until it has used up `input`; its last status.
template <typename Step>
int drive(z_stream* z, std::string_view input, std::string* out, Step step) {
    z->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    z->avail_in = static_cast<uInt>(input.size());
    int status = Z_OK;
    do {
        const size_t before = out->size();
        out->resize(before + kChunk);
        z->next_out = reinterpret_cast<Bytef*>(out->data() + before);
        z->avail_out = kChunk;
        status = step(z);
        out->resize(before + (kChunk - z->avail_out));
    } while (status == Z_OK && (z->avail_in != 0 || z->avail_out == 0));
    return status;
}

bool collect(Term iodata, std::string* bytes) {
    return iolist_pieces(iodata, [bytes](const uint8_t* data, size_t count) {
               bytes->append(reinterpret_cast<const char*>(data), count);
           }) && bytes->size() <= UINT32_MAX;
}

/// It is the function that OTP's call first that fails.
Term not_iodata(ExecState& p, Term data) {
    return p.trap(p.vm->code.export_entry(am::erlang(), p.vm->atoms.intern("iolist_to_iovec"), 1), {data});
}

Term compressed(ExecState& p, Term data, Format format) {
    std::string input, out;
    if (!collect(data, &input)) return not_iodata(p, data);
    z_stream z{};
    if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, format, 8, Z_DEFAULT_STRATEGY) != Z_OK) return p.system_limit();
    drive(&z, input, &out, [](z_stream* s) { return deflate(s, Z_FINISH); });
    deflateEnd(&z);
    return charged_binary(p, out);
}

Term uncompressed(ExecState& p, Term data, Format format) {
    std::string input, out;
    if (!collect(data, &input)) return not_iodata(p, data);
    z_stream z{};
    if (inflateInit2(&z, format) != Z_OK) return p.system_limit();
    int status = drive(&z, input, &out, [](z_stream* s) { return inflate(s, Z_NO_FLUSH); });
    // Members of a gzip file follow each other.
    while (format == kGzip && status == Z_STREAM_END && z.avail_in != 0) {
        const std::string_view left(reinterpret_cast<const char*>(z.next_in), z.avail_in);
        if (inflateReset(&z) != Z_OK) break;
        status = drive(&z, left, &out, [](z_stream* s) { return inflate(s, Z_NO_FLUSH); });
    }
    inflateEnd(&z);
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
