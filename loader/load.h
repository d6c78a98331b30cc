#pragma once
/// From the bytes of a `.beam` file to a verified Module. loader/load.cpp tells the steps.

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"
#include "loader/module.h"

namespace lintel {

class CodeServer;

/// Why a file was refused. `text()` is one line: file, chunk, offset, what is wrong.
struct LoadError {
    enum class Kind : uint8_t {
        not_beam,      ///< no BEAM file at all
        malformed,     ///< broken structure
        unsupported,   ///< well-formed, but needs what this VM lacks
        unverifiable,  ///< the code breaks a rule that safety rests on
        no_memory,
    };
    Kind kind;
    std::string file;
    char chunk[5];  ///< "" if the file as a whole
    size_t offset;  ///< in the chunk's payload; of the code chunk: of the instruction
    std::string what;

    std::string text() const;
};

struct LoadContext {
    AtomTable& atoms;
    LiteralSpace& literals;
    CodeServer* code = nullptr;  ///< for the external funs among the literals; nullptr: a file that has them is refused
};

/// Parses and verifies `bytes` (may be gzip-compressed). `file` is for messages only. Any thread.
Result<std::unique_ptr<Module>, LoadError> load_module(LoadContext context, std::span<const uint8_t> bytes,
                                                       std::string file);

/// Of a module of a pack.
struct PackedModule {
    std::array<uint8_t, 16> md5;  ///< of the original file
    bool is_trusted;              ///< its proof, if it has one that fits, takes the verifier's place
};
/// load_module of what a pack holds. Any thread.
Result<std::unique_ptr<Module>, LoadError> load_packed_module(LoadContext context, std::span<const uint8_t> bytes,
                                                              std::string file, const PackedModule& packed);

/// Releases what a Module holds in the literal space.
void discard_module(LoadContext context, std::unique_ptr<Module> module);

}  // namespace lintel
