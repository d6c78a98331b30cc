#include "stdlib/host/host_objects.h"

#include "gc/copy.h"
#include "stdlib/stdlib_state.h"

namespace lintel {

// ---- calls

void HostCall::raised(Term exception_class, Term reason, Term stacktrace) {
    complete(State::raised, [&](NifEnv& env) {
        const Term parts[] = {exception_class, reason, stacktrace};
        ERL_NIF_TERM copies[3];
        for (size_t i = 0; i < 3; ++i) copies[i] = enif_make_copy(&env, parts[i].word());
        return Term(enif_make_tuple_from_array(&env, copies, 3));
    });
}

void HostCalls::list(Process& p, void* context) {
    auto* const call = static_cast<HostCall*>(context);
    call->retain();
    call->pid = p.self;
    HostCalls& all = stdlib_state(p.machine()).host_calls;
    const std::lock_guard lock(all.mutex_);
    all.calls_[p.self.word()] = call;
    all.count_.store(all.calls_.size(), std::memory_order_relaxed);
}

HostCall* HostCalls::take(Term pid) {
    if (count_.load(std::memory_order_relaxed) == 0) return nullptr;
    const std::lock_guard lock(mutex_);
    const auto found = calls_.find(pid.word());
    if (found == calls_.end()) return nullptr;
    HostCall* const call = found->second;
    calls_.erase(found);
    count_.store(calls_.size(), std::memory_order_relaxed);
    return call;
}

HostCalls::~HostCalls() {
    for (auto& [pid, call] : calls_) call->release_reference();
}

void HostCalls::process_exits(Process& p) {
    HostCall* const call = stdlib_state(p).host_calls.take(p.self);
    if (call == nullptr) return;
    call->raised(am::exit(), p.exit_reason, Term::nil());
    call->release_reference();
}

// ---- mailboxes

void HostMailbox::put(Term message) {
    const MemoryScope nobody;  // the host gives it back
    auto env = std::make_unique<NifEnv>(&vm, nullptr, NifEnv::Kind::independent);
    const Term copy(enif_make_copy(env.get(), message.word()));
    {
        const std::lock_guard lock(mutex_);
        messages_.push_back({std::move(env), copy});
    }
    tell();
}

Term HostMailbox::take(NifEnv& env) {
    std::unique_lock lock(mutex_);
    if (messages_.empty()) return Term::none();
    const Message message = std::move(messages_.front());
    messages_.pop_front();
    lock.unlock();
    return Term(enif_make_copy(&env, message.term.word()));
}

// ---- promises

bool HostPromise::answer(Term tag, Term value) {
    const MemoryScope scope(vm.memory);
    return with_process(vm, pid, [&](Process& p) {
        Signal* const s = build_message(
            kMagicRefWords + tuple_words(3) + flat_size(value, &vm.literals),
            [&](HeapBuilder& heap) {
                const Term copy = copy_term(value, heap, &vm.literals);
                return heap.tuple(reference(heap), tag, copy);
            },
            Term::none());
        if (vm.deliver(p, s)) return true;
        free_signal(s);
        return false;
    });
}

}  // namespace lintel
