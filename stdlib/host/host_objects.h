#pragma once
/// What a host program and Erlang code share: calls, mailboxes, promises. docs/design/embedding.md. Erlang code has magic references to them;
/// the host has a reference of its own. All functions: any thread.

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "stdlib/nif/env.h"

namespace lintel {

/// What Erlang code knows by a reference.
class HostObject : public Magic {
public:
    HostObject(const void* magic_type, Vm& of) : Magic(magic_type), vm(of), number_(of.next_reference_number()) {}

    Vm& vm;

    /// The same reference each time. kMagicRefWords.
    Term reference(HeapBuilder& heap) {
        retain();
        return heap.magic_ref(this, number_, 0);
    }

private:
    const Word number_;
};

/// What a host can wait for (Vm::wait_outside). `told` is called for each thing that has come, on the thread that brought it.
class HostEvent : public HostObject {
public:
    HostEvent(const void* magic_type, Vm& of, std::function<void()> told)
        : HostObject(magic_type, of), told_(std::move(told)) {}

    /// From now on nobody is told; waits for somebody who is, unless that is the caller.
    void silence() {
        const std::lock_guard lock(telling_);
        told_ = nullptr;
    }

protected:
    void tell() {
        vm.tell_outside();
        const std::lock_guard lock(telling_);
        if (const auto told = told_; told != nullptr) told();
    }

private:
    std::recursive_mutex telling_;  // who is told may silence
    std::function<void()> told_;
};

/// A call of an Erlang function whose result the host wants.
class HostCall final : public HostEvent {
public:
    static inline const char kMagicType = 0;
    enum class State : uint8_t { running, returned, raised };

    HostCall(Vm& of, std::function<void()> told)
        : HostEvent(&kMagicType, of, std::move(told)), env_(&of, nullptr, NifEnv::Kind::independent) {}

    Term pid;  ///< of its process
    State state() const {
        const std::lock_guard lock(mutex_);
        return state_;
    }
    bool has_ended() const { return state() != State::running; }
    /// When it has ended: the value, or {Class, Reason, Stacktrace}; good as long as the call.
    Term result() const { return result_; }

    /// It has ended, unless it had before: the result is copied.
    void returned(Term value) {
        complete(State::returned, [value](NifEnv& env) { return Term(enif_make_copy(&env, value.word())); });
    }
    void raised(Term exception_class, Term reason, Term stacktrace);

private:
    template <typename F>
    void complete(State state, F make) {
        {
            const MemoryScope nobody;  // the host gives it back
            const std::lock_guard lock(mutex_);
            if (state_ != State::running) return;
            result_ = make(env_);
            state_ = state;
        }
        tell();
    }

    mutable std::mutex mutex_;
    State state_ = State::running;
    NifEnv env_;
    Term result_;
};

/// Messages to the host, in the order in which they came.
class HostMailbox final : public HostEvent {
public:
    static inline const char kMagicType = 0;

    HostMailbox(Vm& of, std::function<void()> told) : HostEvent(&kMagicType, of, std::move(told)) {}

    Term pid;  ///< of the process that receives for it

    /// Takes a copy of the message.
    void put(Term message);
    /// Copies the first message to `env` and takes it out; the non-value: there is none.
    Term take(NifEnv& env);
    bool is_empty() const {
        const std::lock_guard lock(mutex_);
        return messages_.empty();
    }

private:
    struct Message {
        std::unique_ptr<NifEnv> env;
        Term term;
    };
    mutable std::mutex mutex_;
    std::deque<Message> messages_;
};

/// An answer that a host's function owes to the process that has called it.
class HostPromise final : public HostObject {
public:
    static inline const char kMagicType = 0;
    explicit HostPromise(Process& waits) : HostObject(&kMagicType, waits.machine()), pid(waits.self) {}

    const Term pid;

    /// {Promise, Tag, Value} to the process. False: it has gone.
    bool answer(Term tag, Term value);
};

/// Calls that have not ended, by their processes. Any thread.
class HostCalls {
public:
    HostCalls() = default;
    ~HostCalls();
    HostCalls(const HostCalls&) = delete;
    HostCalls& operator=(const HostCalls&) = delete;

    /// SpawnOptions::prepare: the process will end the call, a HostCall.
    static void list(Process& p, void* call);
    /// The call of this process, with a reference, which is no longer here; nullptr: there is none.
    HostCall* take(Term pid);
    /// Vm::exit_hooks: a process that was to call has ended without.
    static void process_exits(Process& p);

private:
    std::mutex mutex_;
    std::unordered_map<Word, HostCall*> calls_;  ///< each with a reference
    std::atomic<size_t> count_{0};
};

}  // namespace lintel
