#include "stdlib/nif/tracers.h"

#include "stdlib/build.h"
#include "stdlib/nif/library.h"

namespace lintel {

namespace {

/// By TraceFamily, as the names of callbacks end.
constexpr std::string_view kFamilyNames[] = {
    "", "_send", "_receive", "_call", "_running_procs", "_running_ports", "_garbage_collection", "_procs", "_ports"};

/// Calls a function of the library outside of any process. `caller`: the process that enif_self gives it, or none.
Term call(Vm& vm, NifLibrary& library, NifPointer function, Term caller, std::span<const Term> args) {
    NifEnv env(&vm, &library, NifEnv::Kind::callback);
    env.caller = caller;
    const Term result(
        function(&env, static_cast<int>(args.size()), reinterpret_cast<const ERL_NIF_TERM*>(args.data())));
    return env.has_raised ? Term::none() : result;
}

Term kind_of_time(Vm& vm, uint32_t flags) {
    if ((flags & kTraceTimestamp) != 0)
        return vm.tracing.cpu_timestamps.load(std::memory_order_relaxed) ? am::cpu_timestamp() : am::timestamp();
    if ((flags & kTraceStrictMonotonic) != 0) return am::strict_monotonic();
    return (flags & kTraceMonotonic) != 0 ? am::monotonic() : Term::none();
}

/// Events that a process causes itself; others may come while somebody else runs.
bool is_own_event(TraceFamily family) {
    return family == TraceFamily::send || family == TraceFamily::call || family == TraceFamily::running_procs ||
           family == TraceFamily::garbage_collection;
}

}  // namespace

void NifTracers::add(const std::shared_ptr<NifLibrary>& library) {
    Module module;
    module.library = library;
    for (const NifFunction& f : library->functions) {
        const std::string_view name = atom_name(f.function);
        for (size_t i = 0; i < kFamilies; ++i) {
            if (f.arity == 3 && name == "enabled" + std::string(kFamilyNames[i])) module.enabled[i] = f.pointer;
            if (f.arity == 5 && name == "trace" + std::string(kFamilyNames[i])) module.trace[i] = f.pointer;
        }
    }
    if (module.enabled[0] == nullptr || module.trace[0] == nullptr) return;
    const std::lock_guard lock(mutex_);
    modules_[library->module.word()] = std::move(module);
}

void NifTracers::remove(Term module) {
    const std::lock_guard lock(mutex_);
    modules_.erase(module.word());
}

bool NifTracers::has(Term module) const {
    const std::lock_guard lock(mutex_);
    return modules_.contains(module.word());
}

NifTracers::Callback NifTracers::find(Term module, TraceFamily family,
                                      NifPointer (Module::*functions)[kFamilies]) const {
    const std::lock_guard lock(mutex_);
    const auto found = modules_.find(module.word());
    if (found == modules_.end()) return {};
    const auto& of_family = found->second.*functions;
    const NifPointer function = of_family[static_cast<size_t>(family)];
    return {found->second.library.lock(), function != nullptr ? function : of_family[0]};
}

TracerAnswer NifTracers::ask(Vm& vm, const ModuleTracer& tracer, Term tag, Term tracee) const {
    const bool is_status = tag == am::trace_status();
    const Callback callback = find(tracer.module, trace_family(tag, tracee), &Module::enabled);
    if (callback.library == nullptr) return is_status ? TracerAnswer::remove : TracerAnswer::discard;
    const Term args[] = {tag, tracer.state, tracee};
    const Term answer = call(vm, *callback.library, callback.function, Term::none(), args);
    if (is_status) return answer == am::remove() ? TracerAnswer::remove : TracerAnswer::trace;
    if (answer == am::trace()) return TracerAnswer::trace;
    return answer == am::discard() ? TracerAnswer::discard : TracerAnswer::remove;
}

void NifTracers::tell(Vm& vm, const ModuleTracer& tracer, uint32_t flags, Term who, const TraceEvent& event,
                      const Scheduler* scheduler) const {
    const TraceFamily family = trace_family(event.tag, who);
    const Callback callback = find(tracer.module, family, &Module::trace);
    if (callback.library == nullptr) return;
    std::vector<MapPair> options;  // in key order
    if (event.extra.is_value()) options.push_back({am::extra(), event.extra});
    if (event.result.is_value() && event.result != am::true_())
        options.push_back({am::match_spec_result(), event.result});
    if ((flags & kTraceSchedulerId) != 0) {
        const int64_t id = scheduler != nullptr ? static_cast<int64_t>(scheduler->index) + 1 : 0;
        options.push_back({am::scheduler_id(), Term::small(id)});
    }
    if (const Term time = kind_of_time(vm, flags); time.is_value()) options.push_back({am::timestamp(), time});
    Word words[small_map_words(4)];
    Word* top = words;
    HeapBuilder heap(&top, std::size(words), nullptr);
    const Term args[] = {event.tag, tracer.state, who, event.data, small_map(heap, options)};
    call(vm, *callback.library, callback.function, is_own_event(family) && who.is_pid() ? who : Term::none(), args);
}

// ---- nif_state.h

void nif_module_enters(NifLibraries& libraries, const LoadedModule& version) {
    if (version.natives != nullptr)
        libraries.tracers.add(static_cast<const NifInstance*>(version.natives.get())->library);
}

void nif_module_leaves(NifLibraries& libraries, const LoadedModule& version) {
    libraries.tracers.remove(version.module->name);
}

bool may_trace(const NifLibraries& libraries, Term module) { return libraries.tracers.has(module); }

TracerAnswer tracer_wants(NifLibraries& libraries, const ModuleTracer& tracer, Term tag, Term tracee) {
    Vm* const vm = libraries.vm();
    return vm == nullptr ? TracerAnswer::discard : libraries.tracers.ask(*vm, tracer, tag, tracee);
}

void tell_tracer(NifLibraries& libraries, const ModuleTracer& tracer, uint32_t flags, Term who, const TraceEvent& event,
                 const Scheduler* scheduler) {
    if (Vm* const vm = libraries.vm()) libraries.tracers.tell(*vm, tracer, flags, who, event, scheduler);
}

}  // namespace lintel
