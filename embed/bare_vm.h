#pragma once
/// BareVm: a Vm in the bare profile. No kernel application; a module is loaded from the code path when something of it is
/// first called.

#include <mutex>
#include <vector>

#include "embed/loading_vm.h"

namespace lintel {

class BareVm final : public LoadingVm {
public:
    /// See is_complete.
    BareVm(const VmConfig& config, Interpreter& engine);
    ~BareVm() override { stop(); }
    /// Loads `module` from the path unless it is loaded. The error of a file that was found but refused is in *refused.
    LoadOutcome ensure_loaded(Term module, std::string* refused);

private:
    static const ExportEntry* on_undefined_function(ExecState& p, const ExportEntry& entry);
    static void on_heap_limit(Process& p, const MaxHeapSize& limit, size_t total_words);
    static LoadOutcome on_autoload(Vm& vm, Term module);
    static int on_open_packed(Vm& vm, std::string_view path);
    static std::optional<PackedNode> on_find_packed(Vm& vm, std::string_view path);
    void prepare(Module& module) override;
    void add_code_bifs();  // embed/code_bifs.cpp

    std::mutex load_mutex_;
};

}  // namespace lintel
