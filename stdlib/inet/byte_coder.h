#pragma once
/// Numbers and bytes one after the other, as prim_inet puts them; numbers are big endian.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"

namespace lintel::inet {

/// Reads. The caller asks `has` before it takes.
class ByteReader {
public:
    explicit ByteReader(std::string_view bytes) : rest_(bytes) {}
    bool has(size_t n) const { return rest_.size() >= n; }
    bool empty() const { return rest_.empty(); }
    size_t size() const { return rest_.size(); }
    std::string_view rest() const { return rest_; }

    std::string_view take(size_t n) {
        LINTEL_ASSERT(has(n));
        const std::string_view taken = rest_.substr(0, n);
        rest_.remove_prefix(n);
        return taken;
    }
    uint8_t u8() { return static_cast<uint8_t>(number(1)); }
    uint16_t u16() { return static_cast<uint16_t>(number(2)); }
    uint32_t u32() { return static_cast<uint32_t>(number(4)); }
    int32_t i32() { return static_cast<int32_t>(u32()); }
    uint64_t u64() { return number(8); }

private:
    uint64_t number(size_t n) {
        uint64_t value = 0;
        for (const char c : take(n)) value = value << 8 | static_cast<uint8_t>(c);
        return value;
    }
    std::string_view rest_;
};

/// Appends to a string.
class ByteWriter {
public:
    explicit ByteWriter(std::string* out) : out_(out) {}
    void u8(uint64_t v) { number(v, 1); }
    void u16(uint64_t v) { number(v, 2); }
    void u32(uint64_t v) { number(v, 4); }
    void u64(uint64_t v) { number(v, 8); }
    void bytes(std::string_view b) { *out_ += b; }
    void bytes(const void* b, size_t n) { out_->append(static_cast<const char*>(b), n); }
    size_t size() const { return out_->size(); }
    void truncate(size_t n) { out_->resize(n); }

private:
    void number(uint64_t v, size_t n) {
        while (n-- > 0) *out_ += static_cast<char>(v >> (8 * n));
    }
    std::string* out_;
};

}  // namespace lintel::inet
