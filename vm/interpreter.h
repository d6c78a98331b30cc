#pragma once
/// The interpreter: direct-threaded over the operations of vm/ops.def.

#include <atomic>
#include <map>
#include <mutex>
#include <shared_mutex>

#include "vm/engine.h"
#include "vm/native_code.h"
#include "vm/ops.h"

namespace lintel {

class Interpreter final : public Engine {
public:
    Interpreter();
    ~Interpreter() override;

    /// Functions that have been called `calls` times (at least once) become machine code. Before hooks(); the compiler must live longer
    /// than the VM's code.
    void compile_with(NativeCompiler* compiler, uint32_t calls);

    const char* name() const override { return "interpreter"; }
    bool is_compiling() const override { return compiler_ != nullptr; }
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
    void make_machine_code(CodeServer& code, const Word* entry);
    void set_head(CodeBlock& block, bool stop);
    RunResult loop(ExecState* p, const int32_t** handlers);

    const int32_t* handlers_ = nullptr;
    NativeCompiler* compiler_ = nullptr;
    uint32_t calls_ = 0;
    std::mutex compiling_;
    // Each has room for a `pass` operation, which machine code takes it for when it returns there.
    Word process_exit_[2];  ///< where a process's first function returns to
    Word mark_code_[kTraceMarks][2];
    const void* marks_[kTraceMarks];  ///< addresses of mark_code_
    std::shared_mutex mutex_;
    std::map<const void*, CodeBlock*> blocks_;  ///< by first code word
    std::atomic<size_t> code_bytes_{0};         ///< of `blocks_`
};

}  // namespace lintel
