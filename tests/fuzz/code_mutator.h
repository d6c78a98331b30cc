#pragma once
/// Mutations of the code chunk of a `.beam` file that know its structure: operands, instructions, labels, live counts. What comes out
/// decodes most of the time, so that the verifier, not the decoder, has to judge it.

#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace lintel::fuzz {

/// An operand as in the file.
struct FileOperand {
    uint8_t tag = 0;                   ///< CompactTag
    int64_t value = 0;                 ///< of tag z: CompactExtended
    std::string raw;                   ///< a number beyond 64 bits, as it was
    std::vector<FileOperand> members;  ///< of tag z: what follows (a list's length is not among them)
};

struct FileInstruction {
    uint8_t opcode = 0;
    std::vector<FileOperand> operands;
};

/// A file taken apart as far as the mutator needs.
struct CodeFile {
    std::string before, after;  ///< the chunks before and behind the code chunk
    std::string head;           ///< of the code chunk, without the label count
    uint32_t labels = 0;
    uint32_t functions = 0;
    uint32_t atoms = 0, imports = 0, literals = 0, lambdas = 0,
             strings = 0;  ///< how many rows (bytes) the tables have, about
    std::vector<FileInstruction> code;
    std::vector<std::string> atom_names;

    /// Number of the atom; that of any other if the file has no such.
    int64_t atom(const char* name) const;
    /// False: `bytes` are no file that could be loaded.
    bool parse(std::span<const uint8_t> bytes);
    std::string write() const;
};

class CodeMutator {
public:
    explicit CodeMutator(uint32_t seed) : random_(seed) {}
    /// One to a few changes.
    void mutate(CodeFile& file);

private:
    uint32_t below(size_t n) { return n == 0 ? 0 : static_cast<uint32_t>(random_() % n); }
    bool chance(uint32_t one_in) { return below(one_in) == 0; }
    void change_once();
    void change_operand();
    void change_number(FileOperand& o, int64_t most);
    void change_frame();
    void rename_register();
    void insert_instruction();
    void move_block();
    void split_at_label();
    FileOperand operand_for(char letter);
    FileOperand any_register(bool y_only, bool x_only = false);
    FileOperand number(int64_t n) { return {0, n, {}, {}}; }
    FileOperand list_for(const char* group, size_t length);
    FileOperand segments();
    FileOperand commands();
    FileInstruction make(uint8_t opcode);
    size_t body_position();
    std::vector<char> letters_of(const FileInstruction& i);

    std::mt19937 random_;
    CodeFile* f_ = nullptr;
};

}  // namespace lintel::fuzz
