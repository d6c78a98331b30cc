#pragma once
/// Module: a loaded, verified `.beam` file, before any engine has seen it. Immutable once made; owned by the code server.

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "gc/literal_space.h"
#include "loader/ir.h"
#include "term/atom.h"

namespace lintel {

/// What the compiler says of a register's contents. Bits of `types` as in the file's type chunk, version 4:
/// 0 atom, 1 bitstring, 2 cons, 3 float, 4 fun, 5 integer, 6 map, 7 nil, 8 pid, 9 port, 10 reference, 11 tuple, 12 record.
struct TypeInfo {
    static constexpr uint16_t kAny = 0x1fff;
    uint16_t types = kAny;
    bool has_min = false;
    bool has_max = false;
    int64_t min = 0;
    int64_t max = 0;
    uint8_t unit = 1;  ///< bit strings: size is a multiple of it
};

/// A native record that a module defines.
struct DefinedRecord {
    Term definition;             ///< see term/record.h; in the module's literal area
    std::vector<Term> defaults;  ///< by field; the non-value: the field must be given a value
};

struct Module {
    struct Import {
        Term module, function;
        uint32_t arity;
    };
    struct Export {
        Term function;
        uint32_t arity;
        uint32_t label;
    };
    /// A row of the fun table: a fun's code and what identifies it across nodes.
    struct Lambda {
        Term function;
        uint32_t arity;  ///< of the function: fun's arity + free variables
        uint32_t label;
        uint32_t index;
        uint32_t free_count;
        uint32_t old_uniq;
    };
    struct Function {
        Term name;
        uint32_t arity;
        uint32_t info_label;   ///< label before func_info
        uint32_t entry_label;  ///< label after func_info
        uint32_t begin, end;   ///< range in `code`: from the info label to the next function
        uint32_t frame_words;  ///< most Y registers that a frame of it has
        bool is_nif = false;   ///< has nif_start (-nifs attribute)
        bool takes_contexts =
            false;  ///< its callers in the module pass it match contexts: no BIF or NIF may stand in for it
    };
    /// A map made from nothing with constant keys.
    struct NewMap {
        uint32_t position;  ///< index into `code` of the put_map_assoc
        Term keys;          ///< tuple in literal_area, sorted as in flat maps
    };
    struct Line {
        uint32_t file;  ///< index into `files`
        uint32_t line;
    };

    Term name;
    std::vector<Term> atoms;  ///< [0] unused; [1] is the module's name
    std::vector<Import> imports;
    std::vector<Export> exports;  ///< in file order
    std::vector<Export> locals;   ///< LocT: for tools
    std::vector<Lambda> lambdas;
    std::vector<DefinedRecord> records;
    std::vector<Function> functions;       ///< in code order
    std::vector<uint32_t> code;            ///< see loader/ir.h
    std::vector<uint32_t> label_position;  ///< by label: index into `code` of its label instruction, or kNoPosition
    std::vector<uint32_t> label_function;  ///< by label: index into `functions`
    /// A label number that the file does not use (label 0 always).
    static constexpr uint32_t kNoPosition = 0xffffffff;
    std::vector<NewMap> new_maps;  ///< by position
    std::vector<Term> literals;    ///< terms in `literal_area` (or immediates)
    std::vector<TypeInfo> types;   ///< empty: none known
    std::vector<Line> lines;       ///< [0]: no line; by the operand of the line instruction
    std::vector<Term> files;       ///< [0]: module name + ".erl"; each a string term in literal_area
    std::string strings;           ///< StrT
    Term attributes;               ///< list, in literal_area
    Term compile_info;             ///< list, in literal_area
    std::array<uint8_t, 16> md5{};
    uint32_t on_load_label = 0;  ///< 0: none
    LiteralArea* literal_area = nullptr;
    std::string path;  ///< where it came from; for messages
    size_t file_bytes = 0;

    /// Where operand `index` of an operation `line` is in the source; nullptr: not known, or beyond what OTP can tell.
    const Line* line_at(uint32_t index) const {
        constexpr uint32_t kFiles = 255, kLines = (1 << 24) - 1;
        if (index == 0 || index >= lines.size()) return nullptr;
        return lines[index].file < kFiles && lines[index].line < kLines ? &lines[index] : nullptr;
    }
    /// The term of an operand that is no register, label or size.
    Term constant(ir::Operand o) const {
        switch (o.kind()) {
            case ir::OperandKind::small: return Term::small(o.small());
            case ir::OperandKind::unsigned_: return Term::small(o.value());
            case ir::OperandKind::atom: return atoms[o.value()];
            case ir::OperandKind::nil: return Term::nil();
            case ir::OperandKind::literal: return literals[o.value()];
            default: LINTEL_UNREACHABLE();
        }
    }
    /// Memory that it takes, but for its literals.
    size_t bytes() const;
    /// What the module defines under this name, or nullptr. Lives as long as the module.
    const DefinedRecord* find_record(Term record) const;
    ir::Instruction at_label(uint32_t label) const { return ir::Instruction(&code[label_position[label]]); }
};

}  // namespace lintel
