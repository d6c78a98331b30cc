#pragma once
/// Private to loader/: the state of one load, and what the chunk readers and the decoder share.

#include <span>
#include <string>
#include <vector>

#include "gc/heap_builder.h"
#include "loader/beam_file.h"
#include "loader/ir.h"
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

/// A row of the record chunk, until its terms can be built.
struct RecordRow {
    struct Default {
        enum class Kind : uint8_t { none, immediate, literal };
        Kind kind = Kind::none;
        Term immediate;        ///< an atom, [] or a small integer
        uint32_t literal = 0;  ///< index into Module::literals
    };
    Term name;
    Term exported;  ///< true or false
    std::vector<Term> fields;
    std::vector<Default> defaults;  ///< by field
};

/// An operand that names field flags by a literal: a list of atoms, read when the literals are built.
struct FlagOperand {
    uint32_t position;  ///< in Module::code
    size_t offset;      ///< of the instruction
};

/// Where the instructions of Module::code stand in the file: what an error of the verifier, found in the IR, is placed by. A byte for
/// nearly every instruction, since few loads fail.
class CodeOffsets {
public:
    /// The instructions follow each other from `first_offset` of the code chunk.
    void start(size_t first_offset) { first_offset_ = first_offset; }
    void reserve(size_t instructions) { sizes_.reserve(instructions); }
    /// The next instruction takes `bytes` in the file.
    void add(size_t bytes) {
        for (; LINTEL_UNLIKELY(bytes >= kMore); bytes -= kMore) sizes_.push_back(kMore);
        sizes_.push_back(static_cast<uint8_t>(bytes));
    }
    /// Calls visit(instruction, offset in the file) for each of those in `code`, until it returns false.
    template <typename Visit>
    void each(const uint32_t* code, Visit visit) const {
        ir::Instruction at(code);
        size_t offset = first_offset_, size = 0;
        for (const uint8_t s : sizes_) {
            size += s;
            if (s == kMore) continue;
            if (!visit(at, offset)) return;
            at = at.next();
            offset += size;
            size = 0;
        }
    }

private:
    static constexpr uint8_t kMore = 255;  ///< and the next byte, too
    size_t first_offset_ = 0;
    std::vector<uint8_t> sizes_;
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
    std::vector<RecordRow> records;
    std::vector<FlagOperand> flag_operands;
    CodeOffsets code_offsets;

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

// loader/chunk_records.cpp
/// Finds what Recs defines; numbers that are no immediates become extra literals.
bool read_records(Loading& l);
/// Words of the definitions that build_records makes.
size_t words_of_records(const Loading& l);
/// Makes Module::records. The literals must have been built.
void build_records(Loading& l, HeapBuilder& heap);

// loader/decode.cpp
bool decode_code(Loading& l);

// loader/load_steps.cpp
/// All steps, then `check` (may be nullptr). `md5`: the module's, if it is known.
Result<std::unique_ptr<Module>, LoadError> load_with(LoadContext context, std::span<const uint8_t> bytes,
                                                     std::string file, bool (*check)(Loading& l),
                                                     const std::array<uint8_t, 16>* md5 = nullptr);
/// load_module without the verifier: for tests and tools that only look at a module. Its code must not run.
Result<std::unique_ptr<Module>, LoadError> load_unverified(LoadContext context, std::span<const uint8_t> bytes,
                                                           std::string file);

}  // namespace lintel
