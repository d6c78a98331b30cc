#pragma once
/// The container of a `.beam` file: an IFF form "BEAM" of chunks, perhaps compressed as a whole by gzip.
///
///     "FOR1"  size (4 bytes, big endian)  "BEAM"  chunk…          chunk: id (4 bytes)  size (4 bytes)  payload, padded
///     to 4

#include <array>
#include <cstring>
#include <span>
#include <string>

#include "base/result.h"
#include "loader/load.h"

namespace lintel {

/// The chunks that the VM knows. Others (Docs, Dbgi, ExCk, Abst, …) are for tools and are skipped.
enum class ChunkId : uint8_t {
    atoms_utf8,    ///< AtU8
    atoms_latin1,  ///< Atom, before OTP 20
    code,          ///< Code
    strings,       ///< StrT
    imports,       ///< ImpT
    exports,       ///< ExpT
    lambdas,       ///< FunT
    literals,      ///< LitT
    lines,         ///< Line
    locals,        ///< LocT
    attributes,    ///< Attr
    compile_info,  ///< CInf
    types,         ///< Type
    meta,          ///< Meta
    records,       ///< Recs, OTP 29
    debug,         ///< DbgB, OTP 28
    proof,         ///< LtPr, of modules in packs (loader/pack/proof.h)
    count,
};
const char* chunk_name(ChunkId id);

class BeamFile {
public:
    struct Chunk {
        std::array<char, 4> name;
        uint32_t offset;  ///< of the payload, in the form
        uint32_t size;
    };

    /// Finds the chunks of `bytes`, which must outlive the result unless they were compressed.
    static Result<BeamFile, LoadError> open(std::span<const uint8_t> bytes, const std::string& file);

    bool has(ChunkId id) const { return chunks_[static_cast<size_t>(id)].data() != nullptr; }
    /// Payload of a chunk; empty if the file has none.
    std::span<const uint8_t> chunk(ChunkId id) const { return chunks_[static_cast<size_t>(id)]; }
    /// The form, unpacked: from "FOR1" on.
    std::span<const uint8_t> form() const { return form_; }
    bool was_compressed() const { return inflated_ != nullptr; }

    /// MD5 of the code, as module_info(md5) and beam_lib:md5/1 give it: of the payloads that say what the module does.
    std::array<uint8_t, 16> md5() const;

    /// Calls f(Chunk) for every chunk in file order, known or not.
    template <typename F>
    void for_each_chunk(F f) const;

private:
    std::unique_ptr<std::string> inflated_;
    std::span<const uint8_t> form_;
    std::array<std::span<const uint8_t>, static_cast<size_t>(ChunkId::count)> chunks_{};
};

/// Big-endian 32 bits at `p`.
inline uint32_t big32(const uint8_t* p) {
    return static_cast<uint32_t>(p[0]) << 24 | static_cast<uint32_t>(p[1]) << 16 | static_cast<uint32_t>(p[2]) << 8 |
           p[3];
}

template <typename F>
void BeamFile::for_each_chunk(F f) const {
    for (size_t at = 12; at + 8 <= form_.size();) {
        Chunk c{{}, static_cast<uint32_t>(at + 8), big32(&form_[at + 4])};
        std::memcpy(c.name.data(), &form_[at], 4);
        f(c);
        at += 8 + ((size_t{c.size} + 3) & ~size_t{3});
    }
}

}  // namespace lintel
