#include "loader/inflate.h"

#include <zlib.h>

#include <algorithm>

namespace lintel {

std::optional<std::string> inflate_all(std::span<const uint8_t> bytes, Container container, size_t expected_bytes,
                                       size_t max_bytes) {
    if (bytes.size() > UINT32_MAX) return std::nullopt;
    z_stream z{};
    const int window = container == Container::gzip ? 16 + MAX_WBITS : MAX_WBITS;
    if (inflateInit2(&z, window) != Z_OK) return std::nullopt;
    z.next_in = const_cast<Bytef*>(bytes.data());
    z.avail_in = static_cast<uInt>(bytes.size());
    std::string out;
    int status = Z_OK;
    size_t room = expected_bytes != 0 ? expected_bytes : std::max<size_t>(4 * bytes.size(), 256);
    while (status == Z_OK) {
        if (z.total_out == out.size()) {
            if (out.size() >= max_bytes && !out.empty()) break;
            out.resize(std::min({max_bytes, out.size() + room, out.size() + (size_t{1} << 30)}));
            room = std::max<size_t>(out.size(), 256);
        }
        z.next_out = reinterpret_cast<Bytef*>(out.data()) + z.total_out;
        z.avail_out = static_cast<uInt>(out.size() - z.total_out);
        status = inflate(&z, Z_NO_FLUSH);
    }
    out.resize(z.total_out);
    inflateEnd(&z);
    if (status != Z_STREAM_END) return std::nullopt;
    return out;
}

}  // namespace lintel
