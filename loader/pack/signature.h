#pragma once
/// Signatures of packs: ed25519 over SHA-512, by libsodium. Its functions that are used here need no sodium_init: that chooses among versions of others,
/// and prepares random numbers. Any thread.

#include <array>
#include <cstdint>
#include <span>

namespace lintel {

/// The first half of SHA-512.
std::array<uint8_t, 32> pack_digest(std::span<const uint8_t> bytes);

/// Of the part of a pack's header that is signed.
bool is_pack_signature(std::span<const uint8_t> head, std::span<const uint8_t, 64> signature,
                       std::span<const uint8_t, 32> public_key);
/// `seed` is the secret.
std::array<uint8_t, 64> sign_pack(std::span<const uint8_t> head, std::span<const uint8_t, 32> seed);
std::array<uint8_t, 32> public_key_of(std::span<const uint8_t, 32> seed);

}  // namespace lintel
