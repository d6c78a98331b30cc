#pragma once
/// The interpreter: direct-threaded over the operations of vm/ops.def.

#include <atomic>
#include <map>
#include <shared_mutex>

#include "vm/engine.h"
#include "vm/ops.h"

namespace lintel {

class Interpreter final : public Engine {
public:
    Interpreter();
    ~Interpreter() override;

    const char* name() const override { return "interpreter"; }
    EngineHooks hooks() override;
    void begin(ExecState& p, const ExportEntry* target, unsigned arity) override;
    RunResult run(ExecState& p) override;
    CodeLocation locate(const void* address) override;
    size_t code_bytes() const override { return code_bytes_.load(std::memory_order_relaxed); }

    /// Code of `function`, lowered now if need be. Any thread.
    const CodeBlock& prepare(CodeServer& code, FunctionEntry& function);
    /// Handler word of each Op, by number.
    const int32_t* handlers() const { return handlers_; }

private:
    void forget(LoadedModule& loaded);
    void link_breakpoint(FunctionEntry& function);
    void make_native(CodeServer& code, FunctionEntry& function, const BifEntry& bif);
    void publish(CodeBlock& block, FunctionEntry& function);
    RunResult loop(ExecState* p, const int32_t** handlers);

    const int32_t* handlers_ = nullptr;
    Word process_exit_[1];  ///< where a process's first function returns to
    Word mark_code_[kTraceMarks];
    const void* marks_[kTraceMarks];  ///< addresses of mark_code_
    std::shared_mutex mutex_;
    std::map<const void*, CodeBlock*> blocks_;  ///< by first code word
    std::atomic<size_t> code_bytes_{0};         ///< of `blocks_`
};

}  // namespace lintel
