#include "loader/pack/proof.h"

#include <lintel/lintel.h>

#include "loader/pack/format.h"

namespace lintel {

namespace {

/// To be counted up when the verifier, the IR or what engines take from the verifier changes between two versions of Lintel.
constexpr uint32_t kProofVersion = 1;

//  0  kProofVersion (4)   4  LINTEL_VERSION (4)   8  sum of the IR before verification (8)
// 16  number of functions (4)   20  number of changed words (4)
// 24  of each function (2): Y registers of its frames, bit 15: takes match contexts; then (4 + 4) each changed word: position, word
constexpr size_t kFixedBytes = 24;
constexpr size_t kFunctionBytes = 2, kChangeBytes = 8;
constexpr uint32_t kTakesContexts = 1u << 15;

/// Tells whether the loader makes the same IR of a file as it did: not meant to withstand forgery. Four lanes, since each step waits for the
/// multiplication before.
uint64_t sum_of(const std::vector<uint32_t>& code) {
    constexpr uint64_t kFactor = 0x9e3779b97f4a7c15ull;
    uint64_t lanes[4] = {code.size(), 1, 2, 3};
    size_t i = 0;
    for (; i + 4 <= code.size(); i += 4) {
        for (size_t k = 0; k < 4; ++k) lanes[k] = (lanes[k] ^ code[i + k]) * kFactor;
    }
    for (; i < code.size(); ++i) lanes[0] = (lanes[0] ^ code[i]) * kFactor;
    return lanes[0] ^ lanes[1] >> 7 ^ lanes[2] << 9 ^ lanes[3] >> 21;
}

template <typename T>
void add(std::string& to, T value) {
    to.append(reinterpret_cast<const char*>(&value), sizeof value);
}

}  // namespace

std::string make_proof(const Module& unverified, const Module& verified) {
    LINTEL_CHECK(unverified.code.size() == verified.code.size());
    std::string functions, changes;
    for (const Module::Function& f : verified.functions) {
        LINTEL_CHECK(f.frame_words < kTakesContexts);
        add(functions, static_cast<uint16_t>(f.frame_words | (f.takes_contexts ? kTakesContexts : 0)));
    }
    for (uint32_t i = 0; i < verified.code.size(); ++i) {
        if (verified.code[i] == unverified.code[i]) continue;
        add(changes, i);
        add(changes, verified.code[i]);
    }
    std::string proof;
    add(proof, kProofVersion);
    add(proof, static_cast<uint32_t>(LINTEL_VERSION));
    add(proof, sum_of(unverified.code));
    add(proof, static_cast<uint32_t>(verified.functions.size()));
    add(proof, static_cast<uint32_t>(changes.size() / kChangeBytes));
    return proof + functions + changes;
}

bool apply_proof(Module& module, std::span<const uint8_t> proof) {
    using pack::get;
    if (proof.size() < kFixedBytes || get<uint32_t>(&proof[0]) != kProofVersion ||
        get<uint32_t>(&proof[4]) != LINTEL_VERSION || get<uint32_t>(&proof[16]) != module.functions.size())
        return false;
    const size_t changes = get<uint32_t>(&proof[20]);
    if (proof.size() != kFixedBytes + kFunctionBytes * module.functions.size() + kChangeBytes * changes) return false;
    if (get<uint64_t>(&proof[8]) != sum_of(module.code)) return false;
    const uint8_t* const changed = proof.data() + kFixedBytes + kFunctionBytes * module.functions.size();
    for (size_t i = 0; i < changes; ++i) {
        if (get<uint32_t>(changed + kChangeBytes * i) >= module.code.size()) return false;
    }
    for (size_t i = 0; i < changes; ++i) {
        const uint8_t* const change = changed + kChangeBytes * i;
        module.code[get<uint32_t>(change)] = get<uint32_t>(change + 4);
    }
    for (size_t i = 0; i < module.functions.size(); ++i) {
        const auto of_function = get<uint16_t>(&proof[kFixedBytes + kFunctionBytes * i]);
        module.functions[i].frame_words = of_function & (kTakesContexts - 1);
        module.functions[i].takes_contexts = (of_function & kTakesContexts) != 0;
    }
    return true;
}

}  // namespace lintel
