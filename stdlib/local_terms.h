#pragma once
/// Terms in the form of term_to_binary(Term, [local]) (OTP 26), which only the VM that made it takes:
///
///     version(1) LOCAL_EXT(1) the VM's mark(8) external form without version byte

#include <optional>
#include <span>
#include <string>

#include "loader/etf_tags.h"
#include "stdlib/stdlib_state.h"
#include "vm/bit_access.h"

namespace lintel {

inline constexpr size_t kLocalHeadBytes = 2 + sizeof(uint64_t);

inline bool is_local_form(std::span<const uint8_t> bytes) {
    return bytes.size() >= 2 && bytes[0] == etf::kVersion && bytes[1] == etf::kLocal;
}

inline std::string local_head(Vm& vm) {
    uint8_t head[kLocalHeadBytes] = {etf::kVersion, etf::kLocal};
    store_big_endian(head + 2, stdlib_state(vm).local_terms_mark);
    return {reinterpret_cast<const char*>(head), sizeof head};
}

/// What stands behind the head; nullopt: it is not this VM's.
inline std::optional<std::span<const uint8_t>> local_payload(Vm& vm, std::span<const uint8_t> bytes) {
    if (!is_local_form(bytes) || bytes.size() < kLocalHeadBytes ||
        load_big_endian<uint64_t>(bytes.data() + 2) != stdlib_state(vm).local_terms_mark) {
        return std::nullopt;
    }
    return bytes.subspan(kLocalHeadBytes);
}

}  // namespace lintel
