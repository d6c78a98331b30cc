/// The code server: which code answers to which name.
///
/// Three kinds of entries outlive the code they lead to, so that callers may hold pointers to them for ever: an ExportEntry for
/// each M:F/A, a FunEntry for each fun, a BifEntry for each BIF. A version of a module (LoadedModule) owns its FunctionEntries
/// and comes and goes:
///
///     install --------------> current --- next install, make_old ---> old --- purge_old ---> freed
///        \                      ^
///         on_load --- keep -----+                  (without keep: freed)
///
/// Invariants:
///  1. entry.code of an export is a function of the module's current version that exports it, or nullptr;
///  2. entry.code of a fun is a function of the version installed last among those alive that have this fun, or of one
///     before it that is not freed, or nullptr; freeing a version clears what leads into it;
///  3. whenever entry.code or entry.bif of an export changes, the engine's link_export follows before the lock is released.
///
/// A VM may begin with an image (loader/code_image.h). `modules_` has a slot for each of its modules that somebody has asked for (bring_in);
/// one without a slot is loaded, but nothing leads to it yet: its exports are "not loaded", so that their first call asks for it. Whoever
/// finds, replaces or deletes a module brings it in first; whoever only wants to know does not.
///
/// Changes are made under the unique lock, one at a time. Running code reads nothing but the atomic `entry` of the entries it
/// holds. When exports change hands, the new ones are linked before the old are unlinked, so that no caller finds a
/// function that both versions export undefined.

#include "loader/code_server.h"

#include <algorithm>
#include <utility>

#include "term/compare.h"
#include "term/record.h"

namespace lintel {

CodeServer::CodeServer(AtomTable& atoms, LiteralSpace& literals, EngineHooks hooks,
                       std::shared_ptr<const CodeImage> image)
    : atoms_(atoms), literals_(literals), hooks_(hooks), image_(std::move(image)) {}

CodeServer::~CodeServer() {
    for (auto& [name, slot] : modules_) {
        for (LoadedModule* loaded : {slot.on_load.get(), slot.old.get(), slot.current.get()}) {
            if (loaded != nullptr) release_resources(*loaded);
        }
    }
}

void CodeServer::add_bifs(std::span<const BifEntry> bifs) {
    std::unique_lock lock(mutex_);
    for (const BifEntry& row : bifs) {
        BifEntry& bif = bif_entries_.emplace_back(row);
        bif.from_code = bif.call;
        bifs_[{bif.module, bif.function, bif.arity}] = &bif;
        ExportEntry* entry = export_entry_locked(bif.module, bif.function, bif.arity);
        if (entry->bif == &bif) continue;
        entry->bif = &bif;
        hooks_.link_export(*entry);
    }
}

void CodeServer::set_bif_table(const BifTable& table, uint8_t excluded) {
    bif_table_ = &table;
    excluded_bifs_ = excluded;
}

const BifTable::Row* CodeServer::bif_row(Term module, Term function, uint32_t arity) const {
    const BifTable::Row* row = bif_table_ != nullptr ? bif_table_->find(module, function, arity) : nullptr;
    return row != nullptr && (row->flags & excluded_bifs_) == 0 ? row : nullptr;
}

BifEntry* CodeServer::bif_locked(Term module, Term function, uint32_t arity) {
    const auto found = bifs_.find({module, function, arity});
    if (found != bifs_.end()) return found->second;
    const BifTable::Row* row = bif_row(module, function, arity);
    if (row == nullptr) return nullptr;
    BifEntry& bif = bif_entries_.emplace_back(BifEntry{module, function, row->arity, row->flags, row->call, row->call});
    bifs_[{module, function, arity}] = &bif;
    return &bif;
}

void CodeServer::make_all_bifs_locked() {
    if (bif_table_ == nullptr) return;
    for (const BifTable::Row& row : bif_table_->rows) {
        if ((row.flags & excluded_bifs_) != 0) continue;
        const Term module = atoms_.intern(row.module), function = atoms_.intern(row.function);
        // No room for more atoms: then nothing can have referred to it.
        if (module.is_value() && function.is_value()) export_entry_locked(module, function, row.arity);
    }
}

ExportEntry* CodeServer::find_export_locked(Term module, Term function, uint32_t arity) {
    const auto found = export_index_.find({module, function, arity});
    if (found != export_index_.end()) return found->second;
    return bif_row(module, function, arity) != nullptr ? export_entry_locked(module, function, arity) : nullptr;
}

ExportEntry* CodeServer::find_export(Term module, Term function, uint32_t arity) {
    {
        std::shared_lock lock(mutex_);
        const auto found = export_index_.find({module, function, arity});
        if (found != export_index_.end()) return found->second;
        if (bif_row(module, function, arity) == nullptr) return nullptr;
    }
    std::unique_lock lock(mutex_);
    return export_entry_locked(module, function, arity);
}

ExportEntry* CodeServer::export_entry(Term module, Term function, uint32_t arity) {
    const Key key{module, function, arity};
    auto& recent = recent_exports_[KeyHash()(key) % recent_exports_.size()];
    ExportEntry* const last = recent.load(std::memory_order_acquire);
    if (last != nullptr && key == Key{last->module, last->function, last->arity}) return last;
    ExportEntry* entry = nullptr;
    {
        std::shared_lock lock(mutex_);
        const auto found = export_index_.find(key);
        if (found != export_index_.end()) entry = found->second;
    }
    if (entry == nullptr) {
        std::unique_lock lock(mutex_);
        entry = export_entry_locked(module, function, arity);
    }
    recent.store(entry, std::memory_order_release);
    return entry;
}

ExportEntry* CodeServer::export_entry_locked(Term module, Term function, uint32_t arity) {
    const auto [place, is_new] = export_index_.try_emplace({module, function, arity}, nullptr);
    if (!is_new) return place->second;
    ExportEntry& entry = exports_.emplace_back();
    entry.module = module;
    entry.function = function;
    entry.arity = arity;
    entry.bif = bif_locked(module, function, arity);
    place->second = &entry;
    hooks_.link_export(entry);
    return &entry;
}

bool CodeServer::is_exported(Term module, Term function, uint32_t arity) {
    std::shared_lock lock(mutex_);
    const auto found = export_index_.find({module, function, arity});
    if (found != export_index_.end() && (found->second->bif != nullptr || found->second->code != nullptr)) return true;
    if (found == export_index_.end() && bif_row(module, function, arity) != nullptr) return true;
    const CodeImage::Part* const part = part_locked(module);
    return part != nullptr && part->module->on_load_label == 0 &&
           std::ranges::any_of(part->module->exports,
                               [&](const Module::Export& x) { return x.function == function && x.arity == arity; });
}

const BifEntry* CodeServer::find_bif(Term module, Term function, uint32_t arity) {
    {
        std::shared_lock lock(mutex_);
        const auto found = bifs_.find({module, function, arity});
        if (found != bifs_.end()) return found->second;
        if (bif_row(module, function, arity) == nullptr) return nullptr;
    }
    std::unique_lock lock(mutex_);
    return bif_locked(module, function, arity);
}

// ---- records

RecordEntry* CodeServer::record_entry(Term module, Term record) {
    bring_in(module);
    {
        std::shared_lock lock(mutex_);
        const auto found = record_index_.find({module, record, 0});
        if (found != record_index_.end()) return found->second;
    }
    std::unique_lock lock(mutex_);
    RecordEntry* const entry = record_entry_locked(module, record);
    const auto found = modules_.find(module);
    if (found != modules_.end() && found->second.current != nullptr) {
        entry->current.store(found->second.current->module->find_record(record), std::memory_order_release);
    }
    return entry;
}

RecordEntry* CodeServer::record_entry_locked(Term module, Term record) {
    const auto [place, is_new] = record_index_.try_emplace({module, record, 0}, nullptr);
    if (!is_new) return place->second;
    RecordEntry& entry = records_.emplace_back();
    entry.module = module;
    entry.record = record;
    place->second = &entry;
    return &entry;
}

const DefinedRecord* CodeServer::find_record(Term module, Term record) {
    bring_in(module);
    std::shared_lock lock(mutex_);
    const auto found = modules_.find(module);
    if (found == modules_.end() || found->second.current == nullptr) return nullptr;
    return found->second.current->module->find_record(record);
}

// ---- funs

FunEntry* CodeServer::find_fun_locked(const FunIdentity& id) {
    const auto [first, last] = fun_index_.equal_range({id.module, Term::none(), static_cast<uint32_t>(id.index)});
    for (auto it = first; it != last; ++it) {
        if (it->second->id == id) return it->second;
    }
    return nullptr;
}

FunEntry* CodeServer::fun_entry(const FunIdentity& id) {
    {
        std::shared_lock lock(mutex_);
        if (FunEntry* e = find_fun_locked(id)) return e;
    }
    std::unique_lock lock(mutex_);
    return fun_entry_locked(id);
}

FunEntry* CodeServer::fun_entry_locked(const FunIdentity& id) {
    if (FunEntry* e = find_fun_locked(id)) return e;
    FunEntry& e = funs_.emplace_back();
    e.id = id;
    fun_index_.emplace(Key{id.module, Term::none(), static_cast<uint32_t>(id.index)}, &e);
    return &e;
}

size_t CodeServer::module_bytes() {
    std::shared_lock lock(mutex_);
    size_t sum = 0;
    for (const auto& [name, slot] : modules_) {
        for (const LoadedModule* loaded : {slot.current.get(), slot.old.get(), slot.on_load.get()}) {
            if (loaded == nullptr) continue;
            if (const LiteralArea* area = loaded->module->literal_area; area == nullptr || !area->is_shared)
                sum += loaded->module->bytes();
            sum += sizeof *loaded + loaded->functions.size() * sizeof(FunctionEntry) +
                   (loaded->imports.size() + loaded->lambdas.size()) * sizeof(void*);
        }
    }
    return sum;
}

// ---- what the image has

/// Of a module that has not been brought in; nullptr: there is none.
const CodeImage::Part* CodeServer::part_locked(Term module) const {
    const CodeImage::Part* const part = image_ != nullptr ? image_->find(module) : nullptr;
    return part != nullptr && !modules_.contains(module) ? part : nullptr;
}

/// The module's slot, made if the image has it; nullptr: there is none.
CodeServer::Slot* CodeServer::slot_locked(Term module) {
    if (const CodeImage::Part* const part = part_locked(module)) {
        const auto entry = [](void* self, Term m, Term f, uint32_t arity) {
            return static_cast<CodeServer*>(self)->export_entry_locked(m, f, arity);
        };
        auto own = module_of_part(*part, literals_, entry, this);
        if (own != nullptr) install_locked(std::move(own));
    }
    const auto found = modules_.find(module);
    return found == modules_.end() ? nullptr : &found->second;
}

void CodeServer::bring_in(Term module) {
    if (image_ == nullptr || image_->find(module) == nullptr) return;
    {
        std::shared_lock lock(mutex_);
        if (modules_.contains(module)) return;
    }
    std::unique_lock lock(mutex_);
    slot_locked(module);
}

void CodeServer::bring_in_all_locked() {
    if (image_ == nullptr) return;
    for (const auto& [name, part] : image_->modules) slot_locked(name);
}

std::shared_ptr<const CodeImage> CodeServer::make_image(MemoryAccount& payer) {
    auto image = std::make_shared<CodeImage>(literals_.reservation());
    std::unique_lock lock(mutex_);
    const auto add = [&](CodeImage::Part part) {
        literals_.share(part.module->literal_area, payer);
        const Term name = part.module->name;
        image->modules.emplace(name, std::move(part));
    };
    for (const auto& [name, slot] : modules_) {
        const LoadedModule* const loaded = slot.current != nullptr ? slot.current.get() : slot.on_load.get();
        // What is native without an on_load function was made so by somebody whom the next VM does not have.
        if (loaded == nullptr || (loaded->natives != nullptr && loaded->module->on_load_label == 0)) continue;
        if (auto part = image_part(loaded->module)) add(std::move(*part));
    }
    if (image_ != nullptr) {
        for (const auto& [name, part] : image_->modules) {
            if (!modules_.contains(name)) add(part);
        }
    }
    // Last: every atom that the modules name is there now.
    image->atoms = atoms_.freeze();
    return image;
}

// ---- versions

void CodeServer::link_exports_locked(LoadedModule& loaded) {
    const Module& m = *loaded.module;
    for (const Module::Export& x : m.exports) {
        ExportEntry* entry = export_entry_locked(m.name, x.function, x.arity);
        entry->code = loaded.function_at(x.label);
        hooks_.link_export(*entry);
    }
    for (const DefinedRecord& r : m.records) {
        RecordEntry* entry = record_entry_locked(m.name, RecordDefinition(r.definition).name());
        entry->current.store(&r, std::memory_order_release);
    }
}

/// Takes the exports that still lead into `loaded` back.
void CodeServer::unlink_exports_locked(LoadedModule& loaded) {
    const Module& m = *loaded.module;
    for (const Module::Export& x : m.exports) {
        ExportEntry* entry = export_entry_locked(m.name, x.function, x.arity);
        if (entry->code == nullptr || entry->code->loaded != &loaded) continue;
        entry->code = nullptr;
        hooks_.link_export(*entry);
    }
    for (const DefinedRecord& r : m.records) {
        RecordEntry* entry = record_entry_locked(m.name, RecordDefinition(r.definition).name());
        const DefinedRecord* expected = &r;
        entry->current.compare_exchange_strong(expected, nullptr, std::memory_order_release, std::memory_order_relaxed);
    }
}

void CodeServer::make_current_locked(Slot& slot, std::unique_ptr<LoadedModule> loaded) {
    LINTEL_ASSERT(slot.old == nullptr || slot.current == nullptr);
    Breakpoints breakpoints(*this, std::adopt_lock);
    if (slot.current != nullptr && observer.leaves != nullptr)
        observer.leaves(observer.context, breakpoints, *slot.current);
    link_exports_locked(*loaded);
    if (slot.current != nullptr) {
        unlink_exports_locked(*slot.current);
        slot.old = std::move(slot.current);
    }
    slot.current = std::move(loaded);
    if (observer.enters != nullptr) observer.enters(observer.context, breakpoints, *slot.current);
}

// ---- breakpoints

void Breakpoints::set(ExportEntry& e, Breakpoint* breakpoint) {
    if (e.breakpoint == breakpoint) return;
    e.breakpoint = breakpoint;
    code_.hooks_.link_export(e);
    if (e.bif == nullptr) return;
    const auto found = code_.bifs_.find({e.module, e.function, e.arity});
    if (found == code_.bifs_.end()) return;
    std::atomic_ref(found->second->from_code)
        .store(breakpoint != nullptr ? code_.hooks_.detour : found->second->call, std::memory_order_release);
}

void Breakpoints::set(FunctionEntry& f, Breakpoint* breakpoint) {
    if (f.breakpoint.load(std::memory_order_relaxed) == breakpoint) return;
    f.breakpoint.store(breakpoint, std::memory_order_release);
    if (code_.hooks_.link_breakpoint == nullptr) return;
    code_.hooks_.link_breakpoint(code_.hooks_.engine, f);
    code_.relink_export_locked(f);
}

bool CodeServer::can_install_locked(Term module) {
    const CodeImage::Part* const part = part_locked(module);
    // The image's version has not run its on_load function here, so it was never loaded: it gives way.
    if (part != nullptr && part->module->on_load_label != 0) return true;
    const Slot* const found = slot_locked(module);
    if (found == nullptr) return true;
    const Slot& slot = *found;
    return (slot.current == nullptr || slot.old == nullptr) && slot.on_load == nullptr;
}

CodeServer::InstallResult CodeServer::install(std::unique_ptr<Module> module) {
    std::unique_lock lock(mutex_);
    if (!can_install_locked(module->name)) return InstallResult::old_code_exists;
    install_locked(std::move(module));
    return InstallResult::done;
}

CodeServer::InstallResult CodeServer::install_all(std::span<std::unique_ptr<Module>> modules,
                                                  std::vector<Term>* refused) {
    std::unique_lock lock(mutex_);
    for (const auto& m : modules) {
        if (!can_install_locked(m->name)) refused->push_back(m->name);
    }
    if (!refused->empty()) return InstallResult::old_code_exists;
    for (auto& m : modules) install_locked(std::move(m));
    return InstallResult::done;
}

void CodeServer::install_locked(std::shared_ptr<const Module> module) {
    Slot& slot = modules_[module->name];
    const Module& m = *module;
    auto loaded = std::make_unique<LoadedModule>(std::move(module));
    for (size_t i = 0; i < loaded->functions.size(); ++i) {
        FunctionEntry& f = loaded->functions[i];
        f.loaded = loaded.get();
        f.index = static_cast<uint32_t>(i);
        hooks_.link_function(f);
    }
    loaded->imports.reserve(m.imports.size());
    for (const Module::Import& i : m.imports) {
        loaded->imports.push_back(export_entry_locked(i.module, i.function, i.arity));
    }
    loaded->lambdas.reserve(m.lambdas.size());
    for (const Module::Lambda& l : m.lambdas) {
        const auto index = static_cast<int32_t>(l.index);
        FunEntry* e = fun_entry_locked(
            {m.name, index, index, static_cast<int32_t>(l.old_uniq), l.arity - l.free_count, l.free_count, m.md5});
        e->code.store(loaded->function_at(l.label), std::memory_order_release);
        loaded->lambdas.push_back(e);
    }
    if (m.on_load_label != 0) {
        loaded->on_load_pending.store(true, std::memory_order_relaxed);
        slot.on_load = std::move(loaded);
    } else {
        make_current_locked(slot, std::move(loaded));
    }
}

LoadedModule* CodeServer::on_load_version(Term module) {
    bring_in(module);
    std::shared_lock lock(mutex_);
    const auto found = modules_.find(module);
    return found == modules_.end() ? nullptr : found->second.on_load.get();
}

bool CodeServer::finish_on_load(Term module, bool keep) {
    std::unique_lock lock(mutex_);
    const auto found = modules_.find(module);
    if (found == modules_.end() || found->second.on_load == nullptr) return false;
    Slot& slot = found->second;
    if (!keep) {
        if (slot.purging == slot.on_load.get()) slot.purging = nullptr;
        free_locked(std::move(slot.on_load));
        return true;
    }
    if (slot.current != nullptr && slot.old != nullptr) return false;
    slot.on_load->on_load_pending.store(false, std::memory_order_relaxed);
    make_current_locked(slot, std::move(slot.on_load));
    return true;
}

bool CodeServer::make_old(Term module) {
    std::unique_lock lock(mutex_);
    Slot* const found = slot_locked(module);
    if (found == nullptr || found->current == nullptr || found->old != nullptr) return false;
    Slot& slot = *found;
    if (observer.leaves != nullptr) {
        Breakpoints breakpoints(*this, std::adopt_lock);
        observer.leaves(observer.context, breakpoints, *slot.current);
    }
    unlink_exports_locked(*slot.current);
    slot.old = std::move(slot.current);
    return true;
}

bool CodeServer::has_known(Term module) {
    std::shared_lock lock(mutex_);
    return modules_.contains(module) || part_locked(module) != nullptr;
}

bool CodeServer::purge_old(Term module) {
    std::unique_lock lock(mutex_);
    const auto found = modules_.find(module);
    if (found == modules_.end() || found->second.old == nullptr) return false;
    if (found->second.purging == found->second.old.get()) found->second.purging = nullptr;
    free_locked(std::move(found->second.old));
    return true;
}

/// Lets nothing of the server lead into `loaded`, which has left its slot.
void CodeServer::forget_locked(LoadedModule& loaded) {
    // All of them, not only the module's lambdas: an engine may have made others that lead here.
    for (FunEntry& e : funs_) {
        for (auto* place : {&e.code, &e.purging}) {
            const FunctionEntry* code = place->load(std::memory_order_relaxed);
            if (code != nullptr && code->loaded == &loaded) place->store(nullptr, std::memory_order_release);
        }
    }
    // The same file loaded twice has the same funs: they go on in the version that stays.
    const Slot& slot = modules_[loaded.module->name];
    for (LoadedModule* other : {slot.old.get(), slot.current.get(), slot.on_load.get()}) {
        if (other == nullptr || other == &loaded) continue;
        for (size_t i = 0; i < other->lambdas.size(); ++i) {
            FunEntry* e = other->lambdas[i];
            if (e->code.load(std::memory_order_relaxed) != nullptr) continue;
            e->code.store(other->function_at(other->module->lambdas[i].label), std::memory_order_release);
        }
    }
    if (hooks_.forget != nullptr) hooks_.forget(hooks_.engine, loaded);
}

void CodeServer::free_locked(std::unique_ptr<LoadedModule> loaded) {
    if (loaded == nullptr) return;
    forget_locked(*loaded);
    release_resources(*loaded);
}

void CodeServer::release_resources(LoadedModule& loaded) {
    if (hooks_.forget != nullptr) hooks_.forget(hooks_.engine, loaded);
    hooks_.discard(loaded);
    if (loaded.module->literal_area != nullptr) literals_.destroy(loaded.module->literal_area);
}

// ---- purging in steps

bool CodeServer::begin_purge(Term module, PurgeOf what) {
    std::unique_lock lock(mutex_);
    const auto found = modules_.find(module);
    if (found == modules_.end() || found->second.purging != nullptr) return false;
    Slot& slot = found->second;
    LoadedModule* const loaded = what == PurgeOf::old_code ? slot.old.get() : slot.on_load.get();
    if (loaded == nullptr) return false;
    slot.purging = loaded;
    for (FunEntry& e : funs_) {
        FunctionEntry* code = e.code.load(std::memory_order_relaxed);
        if (code == nullptr || code->loaded != loaded) continue;
        // In this order: who finds no code looks for a purge.
        e.purging.store(code, std::memory_order_release);
        e.code.store(nullptr, std::memory_order_release);
    }
    return true;
}

LoadedModule* CodeServer::purging(Term module) {
    std::shared_lock lock(mutex_);
    const auto found = modules_.find(module);
    return found == modules_.end() ? nullptr : found->second.purging;
}

bool CodeServer::abort_purge(Term module) {
    std::unique_lock lock(mutex_);
    const auto found = modules_.find(module);
    if (found == modules_.end() || found->second.purging == nullptr) return false;
    LoadedModule* const loaded = std::exchange(found->second.purging, nullptr);
    for (FunEntry& e : funs_) {
        FunctionEntry* code = e.purging.load(std::memory_order_relaxed);
        if (code == nullptr || code->loaded != loaded) continue;
        // A version loaded meanwhile may have taken the fun over.
        if (e.code.load(std::memory_order_relaxed) == nullptr) e.code.store(code, std::memory_order_release);
        e.purging.store(nullptr, std::memory_order_release);
    }
    return true;
}

std::unique_ptr<LoadedModule> CodeServer::finish_purge(Term module) {
    std::unique_lock lock(mutex_);
    const auto found = modules_.find(module);
    if (found == modules_.end() || found->second.purging == nullptr) return nullptr;
    Slot& slot = found->second;
    std::unique_ptr<LoadedModule>& holder = slot.old.get() == slot.purging ? slot.old : slot.on_load;
    std::unique_ptr<LoadedModule> loaded = std::move(holder);
    slot.purging = nullptr;
    forget_locked(*loaded);
    return loaded;
}

LiteralArea* CodeServer::destroy(std::unique_ptr<LoadedModule> loaded) {
    hooks_.discard(*loaded);
    return loaded->module->literal_area;
}

void CodeServer::make_native(FunctionEntry& f, const BifEntry& bif) {
    hooks_.make_native(hooks_.engine, *this, f, bif);
    relink_export(f);
}

void CodeServer::relink_export(FunctionEntry& f) {
    std::unique_lock lock(mutex_);
    relink_export_locked(f);
}

void CodeServer::relink_export_locked(FunctionEntry& f) {
    const Module& m = *f.loaded->module;
    const auto found = export_index_.find({m.name, m.functions[f.index].name, m.functions[f.index].arity});
    if (found != export_index_.end() && found->second->code == &f) hooks_.link_export(*found->second);
}

bool CodeServer::is_loaded(Term module) {
    std::shared_lock lock(mutex_);
    if (const CodeImage::Part* const part = part_locked(module)) return part->module->on_load_label == 0;
    const auto found = modules_.find(module);
    return found != modules_.end() && found->second.current != nullptr;
}

const Module* CodeServer::current_module(Term module) {
    {
        std::shared_lock lock(mutex_);
        const CodeImage::Part* const part = part_locked(module);
        if (part != nullptr && part->export_funs.empty())
            return part->module->on_load_label == 0 ? part->module.get() : nullptr;
    }
    const LoadedModule* const loaded = current(module);
    return loaded == nullptr ? nullptr : loaded->module.get();
}

const std::string* CodeServer::current_path(Term module) {
    std::shared_lock lock(mutex_);
    if (const CodeImage::Part* const part = part_locked(module))
        return part->module->on_load_label == 0 ? &part->module->path : nullptr;
    const auto found = modules_.find(module);
    if (found == modules_.end() || found->second.current == nullptr) return nullptr;
    return &found->second.current->module->path;
}

LoadedModule* CodeServer::current(Term module) {
    bring_in(module);
    std::shared_lock lock(mutex_);
    const auto found = modules_.find(module);
    return found == modules_.end() ? nullptr : found->second.current.get();
}

LoadedModule* CodeServer::old(Term module) {
    std::shared_lock lock(mutex_);
    const auto found = modules_.find(module);
    return found == modules_.end() ? nullptr : found->second.old.get();
}

std::vector<Term> CodeServer::loaded_modules() {
    std::shared_lock lock(mutex_);
    std::vector<Term> names;
    names.reserve(modules_.size());
    for (const auto& [name, slot] : modules_) {
        if (slot.current != nullptr || slot.old != nullptr) names.push_back(name);
    }
    if (image_ != nullptr) {
        for (const auto& [name, part] : image_->modules) {
            if (part.module->on_load_label == 0 && !modules_.contains(name)) names.push_back(name);
        }
    }
    // The map has them by address.
    std::sort(names.begin(), names.end(), [](Term a, Term b) { return compare(a, b) < 0; });
    return names;
}

}  // namespace lintel
