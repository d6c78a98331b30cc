#pragma once
/// NifEnv: where native functions make terms, and what they have raised. docs/design/nifs.md.

#include <lintel/erl_nif.h>

#include <optional>

#include "base/misuse.h"
#include "sched/vm.h"
#include "stdlib/native/image.h"

namespace lintel {

class NifLibrary;
class NifLibraries;
struct NifContinuation;

/// Of a function that enif_schedule_nif has asked for.
struct ScheduledNif {
    NifContinuation* what = nullptr;  ///< one reference; nullptr: there is none
    Term arguments;                   ///< a tuple
};

}  // namespace lintel

/// What ErlNifEnv is. One thread at a time.
struct lintel_nif_env : lintel::Handle {
    static constexpr const char* kGone = "the environment has been freed, or is of a call that is over";

    enum class Kind : uint8_t {
        call,         ///< of a function that `process` runs: terms are made on its heap
        independent,  ///< enif_alloc_env
        callback,     ///< of a callback without a process
    };

    /// Of a call by `p`, which runs on this thread.
    lintel_nif_env(lintel::Process& p, lintel::NifLibrary* of)
        : kind(Kind::call), vm(&p.machine()), process(&p), library(of),
          thread_(lintel::kFindsMisuse ? &lintel::this_thread : nullptr), state_(&p) {}
    /// Without a process. `of_vm` nullptr: it is not known, or ends.
    lintel_nif_env(lintel::Vm* of_vm, lintel::NifLibrary* of, Kind of_kind);
    ~lintel_nif_env() {
        if (LINTEL_UNLIKELY(kind != Kind::call || scheduled.what != nullptr || !kept_.empty() || !blocks_.empty()))
            end();
    }
    lintel_nif_env(const lintel_nif_env&) = delete;
    lintel_nif_env& operator=(const lintel_nif_env&) = delete;

    const Kind kind;
    lintel::Vm* const vm;
    lintel::Process* const process;  ///< of a call, else nullptr
    lintel::NifLibrary* library;     ///< whose code runs, or nullptr
    lintel::Term caller;             ///< without a process: the pid that the code runs for, or none
    bool has_raised = false;         ///< `reason` is of class error
    bool is_loading = false;         ///< of `load` or `upgrade`
    lintel::Term reason;
    lintel::ScheduledNif scheduled;
    lintel::Term deferred = lintel::Term::none();  ///< reference to the HostPromise that will answer for the function

    lintel::ExecState& state(const char* function = __builtin_FUNCTION()) {
        check(function);
        return *state_;
    }
    /// Ends the program if it is gone, or of another thread's call.
    void check(const char* function) const {
        if (!lintel::kFindsMisuse) return;
        if (!is_alive()) lintel::misused(function, kGone);
        if (thread_ != nullptr && thread_ != &lintel::this_thread)
            lintel::misused(function, "the environment is of a call by another thread");
    }
    /// As ExecState::reserve, but many small terms share fragments.
    lintel::HeapBuilder reserve(size_t words, const char* function = __builtin_FUNCTION()) {
        check(function);
        lintel::Heap& heap = state_->heap;
        const lintel::HeapFragment* const last = heap.fragments;
        // Once there are fragments the heap is full, but for what is very small.
        if (last != nullptr && static_cast<size_t>(last->end - last->top) >= words && !may_split())
            return lintel::HeapBuilder(&heap.fragments->top, words, &heap.fragments->off_heap);
        if (static_cast<size_t>(heap.stack_top - heap.htop) < words + lintel::kStackSlackWords && !may_split())
            grow(words);
        return state_->reserve(words);
    }
    /// What copies into it may refer to. Nobody looks into an environment without a process when literals go.
    const lintel::LiteralSpace* literals() const { return process != nullptr ? &vm->literals : nullptr; }
    /// Notes an exception; the non-value.
    ERL_NIF_TERM raise(lintel::Term why) {
        has_raised = true;
        reason = why;
        return 0;
    }
    ERL_NIF_TERM badarg() { return raise(lintel::am::badarg()); }
    /// Of an environment without a process: its terms are gone.
    void clear();
    /// Take over a reference, or a block of memory, until the terms go.
    void keep(lintel::BinaryData* data) { kept_.push_back(data); }
    void keep(void* block) { blocks_.push_back(block); }
    /// What a function that takes an ExecState has raised there becomes the environment's: the non-value; or `t`.
    ERL_NIF_TERM take(lintel::Term t);

private:
    void let_go();
    void end();
    void grow(size_t words);
    bool may_split() const { return lintel::kStressBuild && state_->stress.frag; }

    const lintel::VmThread* const thread_ = nullptr;  ///< of a call: whose it is; nullptr: nobody asks
    std::vector<lintel::BinaryData*> kept_;
    std::vector<void*> blocks_;
    /// Words of the first fragment that a function fills with small terms.
    static constexpr size_t kFirstFragment = 128;
    size_t next_fragment_ = kFirstFragment;
    std::optional<lintel::ExecState> area_;  ///< without a process
    lintel::ExecState* state_;               ///< where terms are made: the process, or the area
    lintel::VmThread thread_before_;         ///< of a callback: what the thread was
    std::optional<lintel::EndedVmScope> ended_;
    lintel::Word no_heap_[1];
};

namespace lintel {

using NifEnv = ::lintel_nif_env;

/// Whether its environment has been cleared or freed since it was made. Never so in builds that do not look.
inline bool is_stale(Term t) {
    if (!kFindsMisuse || !(t.is_cons() || t.is_boxed())) return false;
    return *(t.is_cons() ? t.cons_cell() : t.boxed_words()) == kPaintedWord;
}
inline constexpr const char* kStale = "the term's environment has been cleared or freed";
/// What a native function has been given or gives.
inline Term term_of(ERL_NIF_TERM t, const char* function = __builtin_FUNCTION()) {
    if (is_stale(Term(t))) misused(function, kStale);
    return Term(t);
}

}  // namespace lintel
