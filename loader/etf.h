#pragma once
/// The external term format, both ways. loader/etf_decode.cpp and loader/etf_encode.cpp tell how; loader/etf_tags.h lists the
/// tags.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/byte_buffer.h"
#include "gc/heap_builder.h"
#include "term/atom.h"

namespace lintel {

struct ExportEntry;
struct FunEntry;
class CodeServer;
class PacketAtoms;

/// What a decoder needs of its surroundings.
struct EtfContext {
    AtomTable& atoms;
    CodeServer* code = nullptr;  ///< for funs and external funs; nullptr: they are refused
    bool safe = false;           ///< [safe]: no new atoms, no new external funs
    /// Name and creation of this node: pids and references of this node become local.
    Term node;
    uint32_t creation = 0;
    /// Decoding: what ATOM_CACHE_REF stands for, by place. Empty: there must be none.
    std::span<const Term> atom_places = {};
};

/// A checked external term, ready to be built. Holds no terms.
struct EtfPlan {
    size_t words = 0;       ///< heap words that build needs
    size_t used_bytes = 0;  ///< of the input
    bool compressed = false;
    bool no_memory =
        false;  ///< to unpack a compressed payload: nothing else of this is true, and there is nothing to build
    ByteBuffer inflated;  ///< the payload, if it was compressed
};

/// Checks `bytes` (beginning with the version byte 131) and works out the size. Constant stack. nullopt: malformed, or refused.
std::optional<EtfPlan> plan_etf(const EtfContext& context, std::span<const uint8_t> bytes);
/// As plan_etf for a payload without version byte (literals, distribution).
std::optional<EtfPlan> plan_etf_payload(const EtfContext& context, std::span<const uint8_t> bytes);
/// Builds the term that plan_etf (or plan_etf_payload) checked, from the same `bytes`. Non-value: out of memory, atom limit, or
/// a map with the same key twice or a record with the same field twice (which only building finds).
Term build_etf(const EtfContext& context, const EtfPlan& plan, std::span<const uint8_t> bytes, HeapBuilder& heap);

/// term_to_binary/2's options.
struct EtfOptions {
    int compression = -1;   ///< 0..9; -1: none
    int minor_version = 1;  ///< 0: floats as text; 1: atoms as Latin-1 if they can be (default of OTP 25); 2: all UTF-8
    bool deterministic = false;           ///< pairs of large maps in key order
    PacketAtoms* packet_atoms = nullptr;  ///< atoms that have a place in there become ATOM_CACHE_REF
};
/// Appends version byte and encoding of `t`. Constant stack. False: given up (base/patience.h); what is there is a part.
bool encode_etf(const EtfContext& context, Term t, const EtfOptions& options, std::string& out);
/// As encode_etf, never compressed and without version byte (distribution).
bool encode_etf_payload(const EtfContext& context, Term t, const EtfOptions& options, std::string& out);
/// A long binary that an encoding refers to: its bytes come behind the first `at` bytes of the rest.
struct EtfCut {
    size_t at = 0;
    Term binary;  ///< its first `bytes` bytes
    size_t bytes = 0;
};
/// As encode_etf without compression, but leaves out the bytes of long binaries outside the heap; where they go is in `cuts`.
bool encode_etf_with_cuts(const EtfContext& context, Term t, const EtfOptions& options, std::string& out,
                          std::vector<EtfCut>& cuts);
/// erlang:external_size/2: what encode_etf appends at most, not compressed; exact but for funs.
size_t etf_size(const EtfContext& context, Term t, const EtfOptions& options);

}  // namespace lintel
