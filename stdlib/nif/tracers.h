#pragma once
/// Native libraries that trace (the behaviour erl_tracer). docs/design/tracing.md.

#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>

#include "stdlib/nif/call.h"

namespace lintel {

class NifLibrary;

/// The libraries of current code that have enabled/3 and trace/5. Any thread.
class NifTracers {
public:
    /// It belongs to the current version of its module from now on. Under the code server's lock.
    void add(const std::shared_ptr<NifLibrary>& library);
    void remove(Term module);
    bool has(Term module) const;

    /// Asks the module with enabled_…/3 of the event's family, or else with enabled/3.
    TracerAnswer ask(Vm& vm, const ModuleTracer& tracer, Term tag, Term tracee) const;
    /// Tells the module with trace_…/5, or else with trace/5.
    void tell(Vm& vm, const ModuleTracer& tracer, uint32_t flags, Term who, const TraceEvent& event,
              const Scheduler* scheduler) const;

private:
    static constexpr size_t kFamilies = static_cast<size_t>(TraceFamily::ports) + 1;
    struct Module {
        std::weak_ptr<NifLibrary> library;
        NifPointer enabled[kFamilies]{}, trace[kFamilies]{};  // by TraceFamily; nullptr: that of `none`
    };
    struct Callback {
        std::shared_ptr<NifLibrary> library;  // nullptr: there is none any more
        NifPointer function = nullptr;
    };
    Callback find(Term module, TraceFamily family, NifPointer (Module::*functions)[kFamilies]) const;

    mutable std::mutex mutex_;
    std::unordered_map<Word, Module> modules_;  // by name
};

}  // namespace lintel
