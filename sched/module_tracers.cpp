#include "sched/module_tracers.h"

#include <algorithm>

#include "gc/copy.h"
#include "term/compare.h"
#include "term/hash.h"

namespace lintel {

Term ModuleTracers::find_locked(Term module, Term state, Word hash) const {
    const auto [first, last] = names_.equal_range(hash);
    for (auto it = first; it != last; ++it) {
        const ModuleTracer& present = *entries_.at(it->second).tracer;
        if (present.module == module && exactly_equal(present.state, state, Walks::whole)) return Term(it->second);
    }
    return Term::none();
}

Term ModuleTracers::intern(Term module, Term state) {
    const Word hash = table_hash(state) ^ module.word();
    const std::unique_lock lock(mutex_);
    if (const Term present = find_locked(module, state, hash); present.is_value()) {
        entries_.at(present.word()).is_new = true;
        return present;
    }
    HeapFragment* fragment = nullptr;
    if (const size_t words = flat_size(state, nullptr, Walks::endable); words != 0) {
        fragment = HeapFragment::create(words);
        if (fragment == nullptr) return Term::none();
        HeapBuilder heap(fragment);
        state = copy_term(state, heap, nullptr);
    }
    const Term name = Term::small(--last_);
    entries_.emplace(name.word(), Entry{std::make_shared<const ModuleTracer>(module, fragment, state), hash, true});
    names_.emplace(hash, name.word());
    return name;
}

std::shared_ptr<const ModuleTracer> ModuleTracers::find(Term tracer) const {
    const std::shared_lock lock(mutex_);
    const auto found = entries_.find(tracer.word());
    return found == entries_.end() ? nullptr : found->second.tracer;
}

bool ModuleTracers::is_sweep_due() const {
    const std::shared_lock lock(mutex_);
    return entries_.size() >= sweep_at_;
}

void ModuleTracers::sweep(const std::unordered_set<Word>& in_use) {
    const std::unique_lock lock(mutex_);
    for (auto it = entries_.begin(); it != entries_.end();) {
        auto& [name, entry] = *it;
        if (std::exchange(entry.is_new, false) || in_use.contains(name)) {
            ++it;
            continue;
        }
        const auto [first, last] = names_.equal_range(entry.hash);
        names_.erase(std::find_if(first, last, [&it](const auto& named) { return named.second == it->first; }));
        it = entries_.erase(it);
    }
    sweep_at_ = std::max<size_t>(256, 2 * entries_.size());
}

}  // namespace lintel
