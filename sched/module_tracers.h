#pragma once
/// Modules that trace (the behaviour erl_tracer), each with a state. docs/design/tracing.md.

#include <memory>
#include <shared_mutex>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "gc/heap_builder.h"
#include "term/term.h"

namespace lintel {

/// Wherever a tracer is kept it is an immediate: a local pid, a local port, or a negative small integer, which names a ModuleTracer.
inline bool is_module_tracer(Term tracer) { return tracer.is_small() && tracer.to_small() < 0; }
inline bool is_tracer(Term t) { return t.is_local_pid() || t.is_local_port() || is_module_tracer(t); }

struct ModuleTracer {
    ModuleTracer(Term of, HeapFragment* its_words, Term its_state)
        : module(of), state(its_state), fragment_(its_words) {}
    ~ModuleTracer() {
        if (fragment_ != nullptr) HeapFragment::destroy(fragment_);
    }
    ModuleTracer(const ModuleTracer&) = delete;
    ModuleTracer& operator=(const ModuleTracer&) = delete;

    const Term module;  ///< atom
    const Term state;   ///< any term

private:
    HeapFragment* const fragment_;  // of the state; nullptr: an immediate
};

/// What a module answers when it is asked whether it wants an event.
enum class TracerAnswer : uint8_t {
    trace,
    discard,
    remove,  ///< it is no tracer any more
};

/// Those of a VM. Equal ones are one. Any thread.
class ModuleTracers {
public:
    /// The tracer that `module` is with this state; kept until `sweep`. The non-value: no memory.
    Term intern(Term module, Term state);
    /// nullptr: it has been swept.
    std::shared_ptr<const ModuleTracer> find(Term tracer) const;
    /// So many have been made since the last sweep that it is time for one.
    bool is_sweep_due() const;
    /// Drops those that are not in use, but for the newest, which somebody may be about to use. Their names are never used again.
    void sweep(const std::unordered_set<Word>& in_use);

private:
    struct Entry {
        std::shared_ptr<const ModuleTracer> tracer;
        Word hash;
        bool is_new;  ///< asked for since the last sweep
    };
    Term find_locked(Term module, Term state, Word hash) const;

    mutable std::shared_mutex mutex_;
    std::unordered_map<Word, Entry> entries_;    // by name
    std::unordered_multimap<Word, Word> names_;  // by hash
    int64_t last_ = 0;                           // name
    size_t sweep_at_ = 256;
};

}  // namespace lintel
