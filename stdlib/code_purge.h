#pragma once
/// CodePurge: the one purge that goes on in a VM (erts_internal:purge_module/2). docs/design/code.md.

#include <memory>

#include "sched/vm.h"

namespace lintel {

/// Used by the process erts_code_purger alone, on whatever thread it runs.
struct CodePurge {
    enum class Step : uint8_t {
        none,
        preparing,  ///< the funs wait; other threads may still be on their way into the code
        prepared,
        freeing,  ///< nothing leads to the code; other threads may still be looking at it
    };
    explicit CodePurge(Vm& machine) : vm(machine) {}
    ~CodePurge() {
        if (leaving == nullptr) return;
        if (LiteralArea* literals = vm.code.destroy(std::move(leaving))) vm.literals.destroy(literals);
    }
    CodePurge(const CodePurge&) = delete;
    CodePurge& operator=(const CodePurge&) = delete;

    Vm& vm;
    Step step = Step::none;
    Term module;
    unsigned tries = 0;                     ///< how often it has looked whether `step` may end
    uint64_t stamp = 0;                     ///< of the epoch that `step` waits for
    std::unique_ptr<LoadedModule> leaving;  ///< while freeing
};

/// A module that erts_internal:prepare_loading/2 has read, behind a magic reference.
class PreparedModule final : public Magic {
public:
    static inline const char kMagicType = 0;
    PreparedModule(Vm& vm, std::unique_ptr<Module> module);
    ~PreparedModule() override;

    /// The module, once; nullptr if somebody had it before. Any thread.
    std::unique_ptr<Module> take() {
        return std::unique_ptr<Module>(module_.exchange(nullptr, std::memory_order_acq_rel));
    }
    /// Undoes take.
    void give_back(std::unique_ptr<Module> module) { module_.store(module.release(), std::memory_order_release); }
    bool has_on_load() const { return has_on_load_; }

private:
    Vm& vm_;
    std::atomic<Module*> module_;
    const bool has_on_load_;
};

}  // namespace lintel
