/// Patterns of functions.
///
/// A TracePoint is made for a function when it is first traced and stays: return marks on stacks and calls under way lead to it. What it
/// does is in `kinds`. update() is the one place where breakpoints are set and cleared: kGlobal stops calls through the export, every
/// other kind stops the function's code; a BIF has no code of its own and is always stopped at its export.
///
/// Match specifications are shared by the points of one call of trace_pattern/3. One that no pattern uses any more may still be in use by
/// a thread that has just read the pointer, so it waits until every scheduler has come to the end of a slice.

#include "stdlib/trace/trace_points.h"

#include "gc/copy.h"

namespace lintel {

// ---- specifications

TraceSpec* TraceSpec::create(MatchProgram* program, Term source) {
    auto* spec = new TraceSpec();
    spec->program_ = program;
    spec->source_ = source;
    if (const size_t words = flat_size(source, nullptr); words != 0) {
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

TracePatterns::TracePatterns(Vm& vm) : vm_(vm) {
    vm.code.observer = {
        this,
        [](void* self, Breakpoints& b, LoadedModule& loaded) { static_cast<TracePatterns*>(self)->enters(b, loaded); },
        [](void* self, Breakpoints& b, LoadedModule& loaded) { static_cast<TracePatterns*>(self)->leaves(b, loaded); },
    };
}

TracePatterns::~TracePatterns() {
    for (auto& [entry, point] : points_) {
        replace(point->spec, nullptr);
        replace(point->meta_spec, nullptr);
    }
    replace(send.spec, nullptr);
    replace(receive.spec, nullptr);
    release(on_load_.spec);
    release(on_load_.meta_spec);
    for (const Retired& r : retired_) delete r.spec;
}

TracePoint* TracePatterns::find(const ExportEntry* entry) const {
    const auto found = points_.find(entry);
    return found == points_.end() ? nullptr : found->second.get();
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
    retired_.push_back({spec, vm_.epochs.stamp()});
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

void TracePatterns::update(Breakpoints& breakpoints, const Function& f, uint32_t kinds) {
    TracePoint& point = need(f.entry);
    point.kinds.store(kinds, std::memory_order_release);
    const bool stops_code = (kinds & ~uint32_t{TracePoint::kGlobal}) != 0;
    const bool stops_export = kinds != 0 && (!stops_code || f.entry->bif != nullptr);
    if (f.code != nullptr) breakpoints.set(*f.code, stops_code ? &point : nullptr);
    breakpoints.set(*f.entry, stops_export ? &point : nullptr);
    if ((kinds & (TracePoint::kGlobal | TracePoint::kLocal)) == 0) replace(point.spec, nullptr);
    if ((kinds & TracePoint::kMeta) == 0) {
        replace(point.meta_spec, nullptr);
        point.meta_tracer.store(0, std::memory_order_relaxed);
    }
    if ((kinds & TracePoint::kTime) == 0) {
        const std::lock_guard lock(point.times_mutex);
        point.times.clear();
    }
}

void TracePatterns::set_global(Breakpoints& breakpoints, const Function& f, TraceSpec* spec) {
    replace(need(f.entry).spec, spec);
    update(breakpoints, f, TracePoint::kGlobal);
}

void TracePatterns::set_local(Breakpoints& breakpoints, const Function& f, TraceSwitch how, TraceSpec* spec,
                              const TracePatternKinds& wanted) {
    TracePoint* point = find(f.entry);
    uint32_t kinds = point == nullptr ? 0 : point->kinds.load(std::memory_order_relaxed);
    if (how == TraceSwitch::off) {
        if (point == nullptr) return;
        if (wanted.local) kinds &= ~uint32_t{TracePoint::kLocal};
        if (wanted.meta) kinds &= ~uint32_t{TracePoint::kMeta};
        if (wanted.count) kinds &= ~uint32_t{TracePoint::kCount | TracePoint::kCountActive};
        if (wanted.time) kinds &= ~uint32_t{TracePoint::kTime | TracePoint::kTimeActive};
        return update(breakpoints, f, kinds);
    }
    kinds &= ~uint32_t{TracePoint::kGlobal};
    const bool begins = how == TraceSwitch::on;
    const bool counts = wanted.count && (begins || (kinds & TracePoint::kCount) != 0);
    const bool times = wanted.time && (begins || (kinds & TracePoint::kTime) != 0);
    if (point == nullptr && !wanted.local && !wanted.meta && !counts && !times) return;
    point = &need(f.entry);
    if (wanted.local) {
        kinds |= TracePoint::kLocal;
        replace(point->spec, spec);
    }
    if (wanted.meta) {
        kinds |= TracePoint::kMeta;
        replace(point->meta_spec, spec);
        point->meta_tracer.store(wanted.meta_tracer.word(), std::memory_order_release);
    }
    if (counts && how == TraceSwitch::pause) {
        kinds &= ~uint32_t{TracePoint::kCountActive};
    } else if (counts) {
        kinds |= TracePoint::kCount | TracePoint::kCountActive;
        point->count.store(0, std::memory_order_relaxed);
    }
    if (times && how == TraceSwitch::pause) {
        kinds &= ~uint32_t{TracePoint::kTimeActive};
    } else if (times) {
        kinds |= TracePoint::kTime | TracePoint::kTimeActive;
        const std::lock_guard lock(point->times_mutex);
        point->times.clear();
    }
    update(breakpoints, f, kinds);
}

size_t TracePatterns::set(const Name& name, TraceSwitch how, TraceSpec* spec, const TracePatternKinds& kinds) {
    Breakpoints breakpoints(vm_.code);
    free_retired();
    std::vector<Function> functions;
    functions_of(breakpoints, name, &functions);
    if (kinds.any()) {
        for (const Function& f : functions) set_local(breakpoints, f, how, spec, kinds);
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
        for (const Function& f : functions) {
            if (find(f.entry) != nullptr) update(breakpoints, f, 0);
        }
    }
    for (ExportEntry* e : exports) {
        if (how != TraceSwitch::off) {
            set_global(breakpoints, {e, e->code}, spec);
        } else if (const TracePoint* point = find(e)) {
            const uint32_t before = point->kinds.load(std::memory_order_relaxed);
            if ((before & TracePoint::kGlobal) != 0) update(breakpoints, {e, e->code}, 0);
        }
    }
    return exports.size();
}

void TracePatterns::set_messages(TraceMessagePattern& pattern, TraceSwitch how, TraceSpec* spec) {
    const Breakpoints lock(vm_.code);
    free_retired();
    replace(pattern.spec, spec);
    pattern.on.store(how == TraceSwitch::on, std::memory_order_release);
}

// ---- modules that come and go

void TracePatterns::set_on_load(TraceSwitch how, TraceSpec* spec, const TracePatternKinds& kinds) {
    const Breakpoints lock(vm_.code);
    free_retired();
    const auto set = [this](TraceSpec*& place, TraceSpec* with) {
        if (with != nullptr) ++with->uses_;
        release(std::exchange(place, with));
    };
    if (kinds.local || !kinds.any()) set(on_load_.spec, spec);
    if (kinds.meta) {
        set(on_load_.meta_spec, spec);
        on_load_.kinds.meta_tracer = kinds.meta_tracer;
    } else if (!kinds.any()) {
        set(on_load_.meta_spec, nullptr);
        on_load_.kinds.meta_tracer = Term::none();
    }
    const bool is_on = how != TraceSwitch::off;
    const bool begins = how == TraceSwitch::on;
    TracePatternKinds& present = on_load_.kinds;
    if (present.any() && kinds.any()) {
        if (is_on) {
            present.local |= kinds.local;
            present.meta |= kinds.meta;
            present.count |= begins && kinds.count;
            present.time |= begins && kinds.time;
        } else {
            present.local &= !kinds.local;
            present.meta &= !kinds.meta;
            present.count &= !kinds.count;
            present.time &= !kinds.time;
            if (!present.any()) on_load_.on = false;
        }
    } else if (!present.any() && !kinds.any()) {
        on_load_.on = is_on;
    } else if (is_on) {
        const Term tracer = present.meta_tracer;
        present = kinds;
        present.meta_tracer = tracer;
        if (!begins) present.count = present.time = false;
        on_load_.on = !kinds.any() || present.any();
    }
}

void TracePatterns::enters(Breakpoints& breakpoints, LoadedModule& loaded) {
    if (!on_load_.on) return;
    const Module& m = *loaded.module;
    std::vector<Function> functions;
    functions_of(breakpoints, {m.name, Term::none(), 0, 1}, &functions);
    for (const Function& f : functions) {
        if (!on_load_.kinds.any()) {
            if (f.entry->bif != nullptr || f.entry->code != nullptr) set_global(breakpoints, f, on_load_.spec);
            continue;
        }
        TracePatternKinds kinds = on_load_.kinds;
        kinds.meta = false;
        set_local(breakpoints, f, TraceSwitch::on, on_load_.spec, kinds);
        kinds = {};
        kinds.meta = on_load_.kinds.meta;
        kinds.meta_tracer = on_load_.kinds.meta_tracer;
        if (kinds.meta) set_local(breakpoints, f, TraceSwitch::on, on_load_.meta_spec, kinds);
    }
}

void TracePatterns::leaves(Breakpoints& breakpoints, LoadedModule& loaded) {
    if (points_.empty()) return;
    std::vector<Function> functions;
    functions_of(breakpoints, {loaded.module->name, Term::none(), 0, 1}, &functions);
    for (const Function& f : functions) {
        if (find(f.entry) != nullptr) update(breakpoints, f, 0);
    }
}

}  // namespace lintel
