#pragma once
/// Private to loader/: the state of one load, and what the chunk readers and the decoder share.

#include <span>
#include <string>
#include <vector>

#include "loader/beam_file.h"
#include "loader/load.h"

namespace lintel {

class CodeServer;

/// A number of the code chunk that has no place in an operand: it becomes a literal after those of the literal chunk.
struct ExtraLiteral {
    enum class Kind : uint8_t { small, big, real };
    Kind kind;
    int64_t small;                   ///< small: the value
    double real;                     ///< real: the value
    std::span<const uint8_t> bytes;  ///< big: two's complement, most significant byte first, in the code chunk
    size_t offset;                   ///< of the instruction
};

/// An operand that names field flags by a literal: a list of atoms, read when the literals are built.
struct FlagOperand {
    uint32_t position;  ///< in Module::code
    size_t offset;      ///< of the instruction
};

/// Where an instruction of the file went.
struct CodeOffset {
    uint32_t position;  ///< in Module::code
    uint32_t offset;    ///< in the code chunk
};

/// One load. Every step returns false after it has set `error`.
struct Loading {
    LoadContext context;
    const BeamFile& beam;
    std::string file;
    std::unique_ptr<Module> module = std::make_unique<Module>();
    LoadError error{};

    std::string literal_bytes;                            ///< LitT, inflated, if it was compressed
    std::vector<std::span<const uint8_t>> literal_terms;  ///< external terms of LitT
    size_t file_name_bytes = 0;                           ///< of Line's file names
    std::vector<std::string_view> file_names;
    bool has_lines = false;
    bool types_known = false;

    std::vector<ExtraLiteral> extra_literals;
    std::vector<FlagOperand> flag_operands;
    std::vector<CodeOffset> code_offsets;

    Loading(LoadContext c, const BeamFile& b, std::string name) : context(c), beam(b), file(std::move(name)) {}

    /// Sets `error`; always false.
    [[gnu::cold]] bool fail(LoadError::Kind kind, ChunkId chunk, size_t offset, std::string what);
    [[gnu::cold]] bool malformed(ChunkId chunk, size_t offset, std::string what) {
        return fail(LoadError::Kind::malformed, chunk, offset, std::move(what));
    }
};

// loader/chunks.cpp
bool read_atoms(Loading& l);
bool read_imports(Loading& l);
bool read_exports(Loading& l);
bool read_locals(Loading& l);
bool read_lambdas(Loading& l);
void read_strings(Loading& l);
bool read_lines(Loading& l);
bool read_types(Loading& l);
/// After decoding: every label that a table names is defined and enters a function of the right arity.
bool check_tables(Loading& l);

// loader/chunks_terms.cpp
/// Finds the terms of LitT.
bool read_literals(Loading& l);
/// Builds literals, attributes, compile info and file names in the module's literal area; resolves flag operands.
bool build_terms(Loading& l);

// loader/decode.cpp
bool decode_code(Loading& l);

// loader/load_steps.cpp
/// All steps, then `check` (may be nullptr).
Result<std::unique_ptr<Module>, LoadError> load_with(LoadContext context, std::span<const uint8_t> bytes,
                                                     std::string file, bool (*check)(Loading& l));
/// load_module without the verifier: for tests and tools that only look at a module. Its code must not run.
Result<std::unique_ptr<Module>, LoadError> load_unverified(LoadContext context, std::span<const uint8_t> bytes,
                                                           std::string file);

}  // namespace lintel
