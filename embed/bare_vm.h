#pragma once
/// BareVm: a Vm in the bare profile. No kernel application; a module is loaded from the code path when something of it is
/// first called.

#include <mutex>
#include <vector>

#include "embed/code_path.h"
#include "loader/load.h"
#include "sched/vm.h"
#include "vm/interpreter.h"

namespace lintel {

class BareVm final : public Vm {
public:
    /// See is_complete.
    BareVm(const VmConfig& config, Interpreter& engine);
    ~BareVm() override;

    /// False: there was no memory for what every VM needs; nothing may be done with this one.
    bool is_complete() const { return is_complete_; }

    CodePath path;

    /// Parses, verifies and installs. Any thread. The module's on_load function, if it has one, is still to be run.
    Result<Term, LoadError> load(std::span<const uint8_t> bytes, const std::string& file);
    /// Loads `module` from the path unless it is loaded. The error of a file that was found but refused is in *refused.
    LoadOutcome ensure_loaded(Term module, std::string* refused);

private:
    static const ExportEntry* on_undefined_function(ExecState& p, const ExportEntry& entry);
    static const ExportEntry* on_undefined_fun(ExecState& p, Term fun, unsigned arity);
    static void on_heap_limit(Process& p, const MaxHeapSize& limit, size_t total_words);
    static LoadOutcome on_autoload(Vm& vm, Term module);
    bool load_embedded();
    void add_code_bifs();  // embed/code_bifs.cpp

    std::vector<BifEntry> bifs_;
    std::vector<BifEntry> code_bifs_;
    std::mutex load_mutex_;
    bool is_complete_ = false;
};

}  // namespace lintel
