#pragma once
/// CodeImage: the code of a VM as it was at one moment, for other VMs to begin with. docs/design/snapshots.md.

#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "loader/module.h"

namespace lintel {

struct TermHash {
    size_t operator()(Term t) const { return t.word() * 0x9e3779b97f4a7c15ull >> 7; }
};

/// Never changes. Its modules name atoms of `atoms` and literals in `literals`: who uses them begins with both.
struct CodeImage {
    /// A fun m:f/a among a module's literals. It leads to an export of the VM that the image is of, so other VMs have copies of such a module.
    struct ExportFun {
        size_t position;  ///< in words, in the literal area
        Term module, function;
        uint32_t arity;
    };
    struct Part {
        std::shared_ptr<const Module> module;  ///< the image has a reference to its literal area
        std::vector<ExportFun> export_funs;
    };

    std::shared_ptr<const AtomBase> atoms;
    std::shared_ptr<LiteralReservation> literals;
    std::unordered_map<Term, Part, TermHash> modules;

    explicit CodeImage(std::shared_ptr<LiteralReservation> reservation) : literals(std::move(reservation)) {}
    ~CodeImage();
    CodeImage(const CodeImage&) = delete;
    CodeImage& operator=(const CodeImage&) = delete;

    const Part* find(Term module) const {
        const auto found = modules.find(module);
        return found == modules.end() ? nullptr : &found->second;
    }
    /// Memory of the modules and their literals.
    size_t bytes() const;
};

/// What an image has of `module`; nothing if it cannot have it: a tenant pays for one of its literals.
std::optional<CodeImage::Part> image_part(std::shared_ptr<const Module> module);

struct ExportEntry;

/// The module as a VM has it that begins with the image: the part's own, with a further reference to its literal area, or a copy whose literals lead
/// to the VM's exports. nullptr: no room for literals.
std::shared_ptr<const Module> module_of_part(const CodeImage::Part& part, LiteralSpace& literals,
                                             ExportEntry* (*entry)(void* context, Term m, Term f, uint32_t arity),
                                             void* context);

}  // namespace lintel
