/// From bytes to a verified module:
///
///     container   find the chunks; unpack if the file is compressed             loader/beam_file.cpp
///     tables      atoms, imports, exports, lambdas, lines, types, literals      loader/chunks.cpp, chunks_terms.cpp
///     code        instructions to IR; what refers to a table is in range        loader/decode.cpp
///     labels      what the tables say of the code is so                         loader/chunks.cpp
///     terms       literals and attributes into a literal area                   loader/chunks_terms.cpp
///     verify      the code cannot harm the VM                                   loader/verify.cpp
///
/// Each step relies on those before it. The first thing that is wrong ends the load; nothing of the file remains but
/// the atoms that it made.

#include "loader/load.h"

#include "loader/load_p.h"
#include "loader/pack/proof.h"
#include "loader/verify.h"

namespace lintel {

namespace {

/// Runs the verifier; its answer names a place in the IR, the error one in the file.
bool verify(Loading& l) {
    const auto error = verify_module(*l.module);
    if (!error) return true;
    const uint32_t* code = l.module->code.data();
    size_t found = 0;
    l.code_offsets.each(code, [&](ir::Instruction i, size_t offset) {
        if (i.words() > code + error->position) return false;
        found = offset;
        return true;
    });
    return l.fail(LoadError::Kind::unverifiable, ChunkId::code, found, error->what);
}

/// Takes over what the verifier has found before, if that was of this code.
bool take_proof(Loading& l) {
    return (l.beam.has(ChunkId::proof) && apply_proof(*l.module, l.beam.chunk(ChunkId::proof))) || verify(l);
}

}  // namespace

Result<std::unique_ptr<Module>, LoadError> load_module(LoadContext context, std::span<const uint8_t> bytes,
                                                       std::string file) {
    return load_with(context, bytes, std::move(file), verify);
}

Result<std::unique_ptr<Module>, LoadError> load_packed_module(LoadContext context, std::span<const uint8_t> bytes,
                                                              std::string file, const PackedModule& packed) {
    return load_with(context, bytes, std::move(file), packed.is_trusted ? take_proof : verify, &packed.md5);
}

}  // namespace lintel
