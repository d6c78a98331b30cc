/// Patterns of functions.
///
/// A TracePoint is made for a function when it is first traced and stays: return marks on stacks and calls under way lead to it. What it
/// does is in the `kinds` of its parts, one for each session. link() is the one place where breakpoints are set and cleared: kGlobal stops
/// calls through the export, every other kind and debugging stop the function's code; a BIF has no code of its own and is always stopped at its export.
///
/// Match specifications are shared by the points of one call of trace_pattern/3. One that no pattern uses any more may still be in use by
/// a thread that has just read the pointer, so it waits until every scheduler has come to the end of a slice. So do parts of sessions that
/// have ended.

#include "stdlib/trace/trace_points.h"

#include "gc/copy.h"
#include "stdlib/stdlib_state.h"

namespace lintel {

// ---- specifications

TraceSpec* TraceSpec::create(MatchProgram* program, Term source) {
    auto* spec = new TraceSpec();
    spec->program_ = program;
    spec->source_ = source;
    if (const size_t words = flat_size(source, nullptr, Walks::endable); words != 0) {
        spec->fragment_ = HeapFragment::create(words);
        if (spec->fragment_ == nullptr) {
            delete spec;
            return nullptr;
        }
        HeapBuilder heap(spec->fragment_);
        spec->source_ = copy_term(source, heap, nullptr);
    }
    return spec;
}

TraceSpec::~TraceSpec() {
    program_->release_reference();
    if (fragment_ != nullptr) HeapFragment::destroy(fragment_);
}

// ---- life

uint32_t TracePoint::kinds() const {
    uint32_t all = 0;
    parts.for_each([&](const TracePart& part) { all |= part.kinds.load(std::memory_order_relaxed); });
    return all;
}

static PatternSession& make_legacy_session(Tracing& tracing) {
    const auto session = std::make_shared<PatternSession>(am::legacy(), am::default_(), Term::none());
    const std::lock_guard lock(tracing.mutex);
    tracing.add(session);
    return *session;
}

TracePatterns::TracePatterns(Vm& vm) : legacy(make_legacy_session(vm.tracing)), vm_(vm) {
    vm.code.observer = {
        this,
        [](void* self, Breakpoints& b, LoadedModule& loaded) {
            auto& patterns = *static_cast<TracePatterns*>(self);
            nif_module_enters(*stdlib_state(patterns.vm_).nifs, loaded);
            const std::lock_guard lock(patterns.vm_.tracing.mutex);
            for (const auto& session : patterns.vm_.tracing.sessions())
                patterns.enters(b, static_cast<PatternSession&>(*session), loaded);
        },
        [](void* self, Breakpoints& b, LoadedModule& loaded) {
            auto& patterns = *static_cast<TracePatterns*>(self);
            nif_module_leaves(*stdlib_state(patterns.vm_).nifs, loaded);
            patterns.leaves(b, loaded);
        },
    };
}

TracePatterns::~TracePatterns() {
    for (auto& [entry, point] : points_) {
        point->parts.for_each([this](TracePart& part) {
            replace(part.spec, nullptr);
            replace(part.meta_spec, nullptr);
        });
    }
    for (const auto& session : vm_.tracing.sessions()) {
        auto& s = static_cast<PatternSession&>(*session);
        replace(s.send.spec, nullptr);
        replace(s.receive.spec, nullptr);
        release(s.on_load.spec);
        release(s.on_load.meta_spec);
    }
    for (const Retired& r : retired_) {
        delete r.spec;
        destroy(r.part);
    }
}

TracePoint* TracePatterns::find(const ExportEntry* entry) const {
    const auto found = points_.find(entry);
    return found == points_.end() ? nullptr : found->second.get();
}

TracePart* TracePatterns::find(const ExportEntry* entry, const PatternSession& session) const {
    const TracePoint* const point = find(entry);
    return point == nullptr ? nullptr : point->parts.of(session);
}

TracePoint& TracePatterns::need(ExportEntry* entry) {
    auto& point = points_[entry];
    if (point == nullptr) point = std::make_unique<TracePoint>(entry);
    return *point;
}

void TracePatterns::replace(std::atomic<TraceSpec*>& place, TraceSpec* spec) {
    if (spec != nullptr) ++spec->uses_;
    release(place.exchange(spec, std::memory_order_acq_rel));
}

void TracePatterns::release(TraceSpec* spec) {
    if (spec == nullptr || --spec->uses_ != 0) return;
    retired_.push_back({.spec = spec, .stamp = vm_.epochs.stamp()});
}

void TracePatterns::drop_unused(TraceSpec* spec) {
    if (spec == nullptr) return;
    const Breakpoints lock(vm_.code);
    if (spec->uses_ == 0) delete spec;
}

void TracePatterns::free_retired() {
    if (retired_.empty()) return;
    const uint64_t safe = vm_.epochs.safe_before();
    std::erase_if(retired_, [safe](const Retired& r) {
        if (r.stamp >= safe) return false;
        delete r.spec;
        destroy(r.part);
        return true;
    });
}

// ---- functions

/// Functions of current code, and BIFs that are in no such.
void TracePatterns::functions_of(Breakpoints& breakpoints, const Name& name, std::vector<Function>* out) const {
    std::vector<FunctionEntry*> code;
    const auto add = [&](FunctionEntry& f) {
        const Module& m = *f.loaded->module;
        const Module::Function& function = m.functions[f.index];
        if (name.matches(m.name, function.name, function.arity)) code.push_back(&f);
    };
    if (name.parts == 0) {
        breakpoints.for_each_function(add);
    } else if (LoadedModule* loaded = breakpoints.current(name.module)) {
        for (FunctionEntry& f : loaded->functions) add(f);
    }
    breakpoints.for_each_export([&](ExportEntry& e) {
        if (e.bif == nullptr || !name.matches(e.module, e.function, e.arity)) return;
        if (breakpoints.current(e.module) == nullptr) out->push_back({&e, nullptr});
    });
    for (FunctionEntry* f : code) {
        const Module& m = *f->loaded->module;
        const Module::Function& function = m.functions[f->index];
        out->push_back({breakpoints.export_entry(m.name, function.name, function.arity), f});
    }
}

/// Calls of the function stop where what its point does wants them to.
void TracePatterns::link(Breakpoints& breakpoints, const Function& f, TracePoint& point) {
    const uint32_t all = point.kinds();
    const bool is_global = (all & TracePart::kGlobal) != 0;
    const bool stops_code =
        (all & ~uint32_t{TracePart::kGlobal}) != 0 || point.is_debugged.load(std::memory_order_relaxed);
    const bool stops_export = is_global || (stops_code && f.entry->bif != nullptr);
    if (f.code != nullptr) breakpoints.set(*f.code, stops_code ? &point : nullptr);
    breakpoints.set(*f.entry, stops_export ? &point : nullptr);
}

void TracePatterns::update(Breakpoints& breakpoints, const Function& f, TracePart& part, uint32_t kinds) {
    part.kinds.store(kinds, std::memory_order_release);
    link(breakpoints, f, *find(f.entry));
    if ((kinds & (TracePart::kGlobal | TracePart::kLocal)) == 0) replace(part.spec, nullptr);
    if ((kinds & TracePart::kMeta) == 0) {
        replace(part.meta_spec, nullptr);
        part.meta_tracer.store(0, std::memory_order_relaxed);
    }
    if ((kinds & TracePart::kTime) == 0) part.forget(CallMeasure::time);
    if ((kinds & TracePart::kMemory) == 0) part.forget(CallMeasure::memory);
}

void TracePatterns::clear(Breakpoints& breakpoints, const Function& f, const PatternSession& session) {
    if (TracePart* const part = find(f.entry, session)) update(breakpoints, f, *part, 0);
}

void TracePatterns::set_global(Breakpoints& breakpoints, const Function& f, PatternSession& session, TraceSpec* spec) {
    TracePart& part = need(f.entry, session);
    replace(part.spec, spec);
    update(breakpoints, f, part, TracePart::kGlobal);
}

void TracePatterns::set_local(Breakpoints& breakpoints, const Function& f, PatternSession& session, TraceSwitch how,
                              TraceSpec* spec, const TracePatternKinds& wanted) {
    TracePart* part = find(f.entry, session);
    uint32_t kinds = part == nullptr ? 0 : part->kinds.load(std::memory_order_relaxed);
    if (how == TraceSwitch::off) {
        if (part == nullptr) return;
        if (wanted.local) kinds &= ~uint32_t{TracePart::kLocal};
        if (wanted.meta) kinds &= ~uint32_t{TracePart::kMeta};
        if (wanted.count) kinds &= ~uint32_t{TracePart::kCount | TracePart::kCountActive};
        if (wanted.time) kinds &= ~uint32_t{TracePart::kTime | TracePart::kTimeActive};
        if (wanted.memory) kinds &= ~uint32_t{TracePart::kMemory | TracePart::kMemoryActive};
        return update(breakpoints, f, *part, kinds);
    }
    kinds &= ~uint32_t{TracePart::kGlobal};
    const bool begins = how == TraceSwitch::on;
    const bool counts = wanted.count && (begins || (kinds & TracePart::kCount) != 0);
    const bool times = wanted.time && (begins || (kinds & TracePart::kTime) != 0);
    const bool weighs = wanted.memory && (begins || (kinds & TracePart::kMemory) != 0);
    if (part == nullptr && !wanted.local && !wanted.meta && !counts && !times && !weighs) return;
    part = &need(f.entry, session);
    if (wanted.local) {
        kinds |= TracePart::kLocal;
        replace(part->spec, spec);
    }
    if (wanted.meta) {
        kinds |= TracePart::kMeta;
        replace(part->meta_spec, spec);
        part->meta_tracer.store(wanted.meta_tracer.word(), std::memory_order_release);
    }
    if (counts && how == TraceSwitch::pause) {
        kinds &= ~uint32_t{TracePart::kCountActive};
    } else if (counts) {
        kinds |= TracePart::kCount | TracePart::kCountActive;
        part->count.store(0, std::memory_order_relaxed);
    }
    const auto measure = [&](CallMeasure what, uint32_t kind, uint32_t active) {
        kinds = how == TraceSwitch::pause ? kinds & ~active : kinds | kind | active;
        if (how != TraceSwitch::pause) part->forget(what);
    };
    if (times) measure(CallMeasure::time, TracePart::kTime, TracePart::kTimeActive);
    if (weighs) measure(CallMeasure::memory, TracePart::kMemory, TracePart::kMemoryActive);
    update(breakpoints, f, *part, kinds);
}

size_t TracePatterns::set(PatternSession& session, const Name& name, TraceSwitch how, TraceSpec* spec,
                          const TracePatternKinds& kinds) {
    Breakpoints breakpoints(vm_.code);
    free_retired();
    if (!session.is_alive.load(std::memory_order_acquire)) return 0;
    std::vector<Function> functions;
    functions_of(breakpoints, name, &functions);
    if (kinds.any()) {
        for (const Function& f : functions) set_local(breakpoints, f, session, how, spec, kinds);
        return functions.size();
    }
    std::vector<ExportEntry*> exports;
    const auto add = [&](ExportEntry& e) {
        const bool is_there = e.bif != nullptr || e.code != nullptr;
        if (is_there && name.matches(e.module, e.function, e.arity)) exports.push_back(&e);
    };
    if (name.parts == 3) {
        if (ExportEntry* e = breakpoints.find_export(name.module, name.function, name.arity)) add(*e);
    } else {
        breakpoints.for_each_export(add);
    }
    if (how != TraceSwitch::off) {
        // All that had stopped there does no more.
        for (const Function& f : functions) clear(breakpoints, f, session);
    }
    for (ExportEntry* e : exports) {
        if (how != TraceSwitch::off) {
            set_global(breakpoints, {e, e->code}, session, spec);
        } else if (TracePart* part = find(e, session)) {
            const uint32_t before = part->kinds.load(std::memory_order_relaxed);
            if ((before & TracePart::kGlobal) != 0) update(breakpoints, {e, e->code}, *part, 0);
        }
    }
    return exports.size();
}

void TracePatterns::for_each_tracer(const std::function<void(Term)>& f) {
    const Breakpoints lock(vm_.code);
    for (const auto& [entry, point] : points_) {
        point->parts.for_each(
            [&](const TracePart& part) { f(Term(part.meta_tracer.load(std::memory_order_relaxed))); });
    }
    const std::lock_guard sessions_lock(vm_.tracing.mutex);
    for (const auto& session : vm_.tracing.sessions())
        f(static_cast<const PatternSession&>(*session).on_load.kinds.meta_tracer);
}

size_t TracePatterns::set_debugged(const Name& name, bool on) {
    Breakpoints breakpoints(vm_.code);
    std::vector<Function> functions;
    functions_of(breakpoints, name, &functions);
    for (const Function& f : functions) {
        // BIFs are counted, but OTP does not stop them either.
        if (f.entry->bif != nullptr || (!on && find(f.entry) == nullptr)) continue;
        TracePoint& point = need(f.entry);
        point.is_debugged.store(on, std::memory_order_release);
        link(breakpoints, f, point);
    }
    return functions.size();
}

void TracePatterns::set_messages(PatternSession& session, bool receive, TraceSwitch how, TraceSpec* spec) {
    const Breakpoints lock(vm_.code);
    free_retired();
    if (!session.is_alive.load(std::memory_order_acquire)) return;
    TraceMessagePattern& pattern = receive ? session.receive : session.send;
    if (receive) {
        // Who sends from now on says who it is.
        if (spec != nullptr) vm_.tracing.receive_patterns.fetch_add(1, std::memory_order_relaxed);
        if (pattern.spec.load(std::memory_order_relaxed) != nullptr)
            vm_.tracing.receive_patterns.fetch_sub(1, std::memory_order_relaxed);
    }
    replace(pattern.spec, spec);
    pattern.on.store(how == TraceSwitch::on, std::memory_order_release);
}

// ---- the end of a session

void TracePatterns::clear(std::shared_ptr<PatternSession> ended) {
    Breakpoints breakpoints(vm_.code);
    free_retired();
    PatternSession& session = *ended;
    for (auto& [entry, point] : points_) {
        TracePart* const part = point->parts.of(session);
        if (part == nullptr) continue;
        if (part->kinds.load(std::memory_order_relaxed) != 0)
            update(breakpoints, {point->function, code_of(breakpoints, *entry)}, *part, 0);
        point->parts.remove(session);
        retired_.push_back({.part = part, .stamp = vm_.epochs.stamp()});
    }
    if (session.receive.spec.load(std::memory_order_relaxed) != nullptr)
        vm_.tracing.receive_patterns.fetch_sub(1, std::memory_order_relaxed);
    replace(session.receive.spec, nullptr);
    replace(session.send.spec, nullptr);
    release(std::exchange(session.on_load.spec, nullptr));
    release(std::exchange(session.on_load.meta_spec, nullptr));
    session.on_load.on = false;
    // Parts that are still looked at refer to it.
    retired_.push_back({.session = std::move(ended), .stamp = vm_.epochs.stamp()});
}

/// The function of that name in current code, or nullptr.
FunctionEntry* TracePatterns::code_of(Breakpoints& breakpoints, const ExportEntry& entry) {
    if (entry.code != nullptr) return entry.code;
    LoadedModule* const loaded = breakpoints.current(entry.module);
    if (loaded == nullptr) return nullptr;
    for (FunctionEntry& f : loaded->functions) {
        const Module::Function& function = loaded->module->functions[f.index];
        if (function.name == entry.function && function.arity == entry.arity) return &f;
    }
    return nullptr;
}

// ---- modules that come and go

void TracePatterns::set_on_load(PatternSession& session, TraceSwitch how, TraceSpec* spec,
                                const TracePatternKinds& kinds) {
    const Breakpoints lock(vm_.code);
    free_retired();
    if (!session.is_alive.load(std::memory_order_acquire)) return;
    PatternSession::OnLoad& on_load = session.on_load;
    const auto set = [this](TraceSpec*& place, TraceSpec* with) {
        if (with != nullptr) ++with->uses_;
        release(std::exchange(place, with));
    };
    if (kinds.local || !kinds.any()) set(on_load.spec, spec);
    if (kinds.meta) {
        set(on_load.meta_spec, spec);
        on_load.kinds.meta_tracer = kinds.meta_tracer;
    } else if (!kinds.any()) {
        set(on_load.meta_spec, nullptr);
        on_load.kinds.meta_tracer = Term::none();
    }
    const bool is_on = how != TraceSwitch::off;
    const bool begins = how == TraceSwitch::on;
    TracePatternKinds& present = on_load.kinds;
    if (present.any() && kinds.any()) {
        if (is_on) {
            present.local |= kinds.local;
            present.meta |= kinds.meta;
            present.count |= begins && kinds.count;
            present.time |= begins && kinds.time;
            present.memory |= begins && kinds.memory;
        } else {
            present.local &= !kinds.local;
            present.meta &= !kinds.meta;
            present.count &= !kinds.count;
            present.time &= !kinds.time;
            present.memory &= !kinds.memory;
            if (!present.any()) on_load.on = false;
        }
    } else if (!present.any() && !kinds.any()) {
        on_load.on = is_on;
    } else if (is_on) {
        const Term tracer = present.meta_tracer;
        present = kinds;
        present.meta_tracer = tracer;
        if (!begins) present.count = present.time = present.memory = false;
        on_load.on = !kinds.any() || present.any();
    }
}

void TracePatterns::enters(Breakpoints& breakpoints, PatternSession& session, LoadedModule& loaded) {
    const PatternSession::OnLoad& on_load = session.on_load;
    if (!on_load.on) return;
    const Module& m = *loaded.module;
    std::vector<Function> functions;
    functions_of(breakpoints, {m.name, Term::none(), 0, 1}, &functions);
    for (const Function& f : functions) {
        if (!on_load.kinds.any()) {
            if (f.entry->bif != nullptr || f.entry->code != nullptr) set_global(breakpoints, f, session, on_load.spec);
            continue;
        }
        TracePatternKinds kinds = on_load.kinds;
        kinds.meta = false;
        set_local(breakpoints, f, session, TraceSwitch::on, on_load.spec, kinds);
        kinds = {};
        kinds.meta = on_load.kinds.meta;
        kinds.meta_tracer = on_load.kinds.meta_tracer;
        if (kinds.meta) set_local(breakpoints, f, session, TraceSwitch::on, on_load.meta_spec, kinds);
    }
}

void TracePatterns::leaves(Breakpoints& breakpoints, LoadedModule& loaded) {
    if (points_.empty()) return;
    std::vector<Function> functions;
    functions_of(breakpoints, {loaded.module->name, Term::none(), 0, 1}, &functions);
    for (const Function& f : functions) {
        TracePoint* const point = find(f.entry);
        if (point == nullptr) continue;
        point->is_debugged.store(false, std::memory_order_release);
        link(breakpoints, f, *point);
        point->parts.for_each([&](TracePart& part) { update(breakpoints, f, part, 0); });
    }
}

}  // namespace lintel
