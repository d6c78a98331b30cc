#pragma once
/// An engine whose programs are C++ functions.

#include <functional>

#include "sched/vm.h"

namespace lintel {

class FakeEngine : public Engine {
public:
    using Program = std::function<RunResult(Process&)>;
    Program program;

    const char* name() const override { return "fake"; }
    bool is_compiling() const override { return false; }
    EngineHooks hooks() override {
        return {[](ExportEntry&) {}, [](FunctionEntry&) {}, [](LoadedModule&) {}};
    }
    void begin(ExecState& p, const ExportEntry* target, unsigned arity) override {
        *--p.heap.stack_top = Term::nil().word();
        p.ip = target;
        p.live = static_cast<uint8_t>(arity);
    }
    RunResult run(ExecState& p) override {
        p.live = 0;
        return program(as_process(p));
    }
    CodeLocation locate(const void*) override { return {}; }
    size_t code_bytes() const override { return 0; }
};

}  // namespace lintel
