#include "stdlib/nif/monitors.h"

#include <cstring>
#include <vector>

#include "stdlib/build.h"
#include "stdlib/native/monitor_words.h"
#include "stdlib/nif/library.h"
#include "stdlib/stdlib_state.h"

namespace lintel {

bool NifMonitors::add(NifResource& resource, Term pid, Word* number) {
    Vm* const vm = libraries_.vm();
    if (vm == nullptr) return false;
    *number = vm->next_reference_number();
    resource.has_been_monitored();
    {
        const std::lock_guard lock(mutex_);
        monitors_[*number] = {&resource, pid};
        by_pid_[pid.word()].insert(*number);
        by_resource_[&resource].insert(*number);
        count_.store(monitors_.size(), std::memory_order_relaxed);
    }
    // Its exit hook may have run already: then it is a signal that comes too late, and is answered so.
    const bool there =
        with_process(*vm, pid, [&](Process& p) { return vm->call(p, pid, *number, Term::nil(), answered); });
    if (!there) {
        const std::lock_guard lock(mutex_);
        // Nobody has been told of its end meanwhile.
        if (monitors_.contains(*number)) {
            erase_locked(*number);
            return false;
        }
    }
    return true;
}

void NifMonitors::answered(Vm& vm, Process* target, ControlSignal& signal) {
    if (target == nullptr) stdlib_state(vm).nifs->monitors.fire(signal.a);
}

void NifMonitors::erase_locked(Word number) {
    const auto found = monitors_.find(number);
    if (found == monitors_.end()) return;
    const auto erase_in = [number](auto& index, const auto& key) {
        const auto at = index.find(key);
        if (at == index.end()) return;
        at->second.erase(number);
        if (at->second.empty()) index.erase(at);
    };
    erase_in(by_pid_, found->second.pid.word());
    erase_in(by_resource_, static_cast<const NifResource*>(found->second.resource));
    monitors_.erase(found);
    count_.store(monitors_.size(), std::memory_order_relaxed);
}

bool NifMonitors::remove(const NifResource& resource, Word number) {
    const std::lock_guard lock(mutex_);
    const auto found = monitors_.find(number);
    if (found == monitors_.end() || found->second.resource != &resource) return false;
    erase_locked(number);
    return true;
}

void NifMonitors::forget(const NifResource& resource) {
    const std::lock_guard lock(mutex_);
    const auto found = by_resource_.find(&resource);
    if (found == by_resource_.end()) return;
    const std::vector<Word> numbers(found->second.begin(), found->second.end());
    for (const Word number : numbers) erase_locked(number);
}

/// Tells the resource that the process has ended, unless it has been told or does not want to know any more.
void NifMonitors::fire(Word number) {
    Monitor monitor;
    {
        const std::lock_guard lock(mutex_);
        const auto found = monitors_.find(number);
        if (found == monitors_.end()) return;
        monitor = found->second;
        erase_locked(number);
        // One whose destructor has begun is waiting for this lock.
        if (!monitor.resource->try_retain()) return;
    }
    const auto callbacks = monitor.resource->resource_type().callbacks();
    if (callbacks.down != nullptr) {
        NifEnv env(libraries_.vm(), callbacks.code.get(), NifEnv::Kind::callback);
        ErlNifPid pid{monitor.pid.word()};
        ErlNifMonitor given = monitor_of(number);
        callbacks.down(&env, monitor.resource->data(), &pid, &given);
    }
    monitor.resource->release_reference();
}

void NifMonitors::process_ended(Term pid) {
    if (count_.load(std::memory_order_relaxed) == 0) return;
    std::vector<Word> numbers;
    {
        const std::lock_guard lock(mutex_);
        const auto found = by_pid_.find(pid.word());
        if (found == by_pid_.end()) return;
        numbers.assign(found->second.begin(), found->second.end());
    }
    for (const Word number : numbers) fire(number);
}

void NifMonitors::list(ExecState& p, Term pid, ListMaker& list) {
    if (count_.load(std::memory_order_relaxed) == 0) return;
    const std::lock_guard lock(mutex_);
    const auto found = by_pid_.find(pid.word());
    if (found == by_pid_.end()) return;
    for (const Word number : found->second) {
        NifResource& resource = *monitors_.find(number)->second.resource;
        if (!resource.try_retain()) continue;  // it goes
        HeapBuilder heap = p.reserve(kMagicRefWords);
        list.add(resource.make_reference(heap));
        resource.release_reference();  // not the last one
    }
}

}  // namespace lintel

using lintel::NifResource;
using lintel::Term;

extern "C" {

int enif_monitor_process(ErlNifEnv*, void* obj, const ErlNifPid* pid, ErlNifMonitor* monitor) {
    NifResource& resource = NifResource::of(obj);
    if (resource.resource_type().callbacks().down == nullptr) return -1;
    lintel::Word number;
    if (!resource.resource_type().libraries->monitors.add(resource, Term(pid->pid), &number)) return 1;
    if (monitor != nullptr) *monitor = lintel::monitor_of(number);
    return 0;
}

int enif_demonitor_process(ErlNifEnv*, void* obj, const ErlNifMonitor* monitor) {
    NifResource& resource = NifResource::of(obj);
    return resource.resource_type().libraries->monitors.remove(resource, lintel::number_of(*monitor)) ? 0 : 1;
}

int enif_compare_monitors(const ErlNifMonitor* a, const ErlNifMonitor* b) {
    return std::memcmp(a->data, b->data, sizeof a->data);
}

ERL_NIF_TERM enif_make_monitor_term(ErlNifEnv* env, const ErlNifMonitor* monitor) {
    return env->reserve(lintel::kRefWords).ref(lintel::number_of(*monitor), 0).word();
}

}  // extern "C"
