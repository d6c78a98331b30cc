#include "stdlib/ets/tables.h"

#include "gc/copy.h"
#include "stdlib/stdlib_state.h"

namespace lintel {

namespace {

Term as_word(Table* table) { return Term(reinterpret_cast<Word>(table)); }

}  // namespace

EtsTables::~EtsTables() {
    by_number_.for_each([](Word, Table*& t) {
        t->rows.reset();
        t->release_reference();
    });
    for (const Retired& r : retired_) r.table->release_reference();
    for (Shard& shard : shards_) {
        shard.processes.for_each([](Word, PerProcess& per) { destroy(per.fixed); });
    }
}

Term make_table_id(ExecState& p, Table& table) {
    auto heap = p.reserve(kMagicRefWords);
    table.retain();
    return heap.magic_ref(&table, table.number, 0);
}

// ---- ids

Table* EtsTables::find(Term id, bool* is_id) {
    *is_id = true;
    if (id.is_atom()) return reinterpret_cast<Table*>(names_.find(id).word());
    if (Table* table = as_magic<Table>(id)) return table;
    if (id.is_kind(Kind::ref)) {
        // One that has been outside the VM, in the external term format.
        const Word* w = id.boxed_words();
        std::lock_guard lock(mutex_);
        if (w[2] == 0) {
            if (Table** table = by_number_.find(w[1])) return *table;
        }
    }
    *is_id = false;
    return nullptr;
}

Table* EtsTables::create(const Table::Options& options, Term name, Process& owner, HeapFragment* heir_fragment,
                         Term heir_data) {
    auto* table =
        new Table(options, name, owner.self, vm_.next_reference_number(), owner.tenant->shared_from_this(), readers_);
    // Others find it, and may delete it, from the moment its name is there: they wait until it is complete.
    table->lock.lock();
    {
        std::lock_guard lock(mutex_);
        if (options.is_named) {
            std::lock_guard names_lock(names_.mutex());
            if (names_.find(name).is_value()) {
                table->lock.unlock();
                table->release_reference();
                return nullptr;
            }
            names_.set_locked(name, as_word(table));
        }
        table->heir_fragment = heir_fragment;
        table->heir_data = heir_data;
        by_number_.insert(table->number) = table;
        count_.store(by_number_.size(), std::memory_order_relaxed);
        reclaim_locked();
    }
    add_owned(*table, owner.self);
    table->lock.unlock();
    return table;
}

bool EtsTables::rename(Table& table, Term name) {
    std::lock_guard names_lock(names_.mutex());
    if (names_.find(name).is_value()) return false;
    names_.set_locked(table.name, Term::none());
    names_.set_locked(name, as_word(&table));
    table.name = name;
    return true;
}

std::unique_ptr<TableRows> EtsTables::remove(Table& table) {
    table.is_alive = false;
    for (Fixation* f = table.fixations; f != nullptr; f = f->next) note_fix(table, f->pid, false);
    remove_owned(table);
    table.tenant->leave(Limit::tables);
    auto rows = std::move(table.rows);
    std::lock_guard lock(mutex_);
    if (table.is_named) {
        std::lock_guard names_lock(names_.mutex());
        names_.set_locked(table.name, Term::none());
    }
    by_number_.erase(table.number);
    count_.store(by_number_.size(), std::memory_order_relaxed);
    // Whoever has just found it by name sees that it is not alive any more; the struct has to stay that long.
    retired_.push_back({&table, vm_.epochs.stamp()});
    return rows;
}

std::vector<Table*> EtsTables::all() {
    std::lock_guard lock(mutex_);
    std::vector<Table*> tables;
    tables.reserve(by_number_.size());
    by_number_.for_each([&tables](Word, Table*& t) {
        t->retain();
        tables.push_back(t);
    });
    return tables;
}

void EtsTables::reclaim_locked() {
    if (retired_.empty()) return;
    const uint64_t safe = vm_.epochs.safe_before();
    std::erase_if(retired_, [safe](const Retired& r) {
        if (r.stamp >= safe) return false;
        r.table->release_reference();
        return true;
    });
}

// ---- owners

void EtsTables::prune(Shard& shard, Term pid) {
    const PerProcess* per = shard.processes.find(pid.word());
    if (per != nullptr && per->is_empty()) shard.processes.erase(pid.word());
    shard.used.store(shard.processes.size(), std::memory_order_relaxed);
}

void EtsTables::add_owned(Table& table, Term pid) {
    Shard& shard = shard_of(pid);
    std::lock_guard lock(shard.mutex);
    PerProcess& per = shard.processes.insert(pid.word());
    shard.used.store(shard.processes.size(), std::memory_order_relaxed);
    table.previous_owned = nullptr;
    table.next_owned = per.owned;
    if (per.owned != nullptr) per.owned->previous_owned = &table;
    per.owned = &table;
}

void EtsTables::remove_owned(Table& table) {
    Shard& shard = shard_of(table.owner);
    std::lock_guard lock(shard.mutex);
    PerProcess* per = shard.processes.find(table.owner.word());
    LINTEL_ASSERT(per != nullptr);
    if (table.previous_owned != nullptr) {
        table.previous_owned->next_owned = table.next_owned;
    } else {
        per->owned = table.next_owned;
    }
    if (table.next_owned != nullptr) table.next_owned->previous_owned = table.previous_owned;
    table.next_owned = table.previous_owned = nullptr;
    prune(shard, table.owner);
}

void EtsTables::change_owner(Table& table, Term owner) {
    remove_owned(table);
    table.owner = owner;
    add_owned(table, owner);
}

namespace {

/// The signal of watch_owner: `c` is the registry. Late means that the process's exit hook may have run before it got a table.
void owner_answers(Vm& vm, Process* target, ControlSignal& signal);

}  // namespace

void EtsTables::watch_owner(Term owner) {
    const ForeignReader reader(vm_.epochs);
    Process* process = vm_.processes.find(owner);
    if (process == nullptr || !vm_.call(*process, owner, 0, Term::nil(), owner_answers)) release_process(owner);
}

namespace {

void owner_answers(Vm& vm, Process* target, ControlSignal& signal) {
    if (target == nullptr) static_cast<StdlibState*>(vm.stdlib_state.get())->ets.owner_is_gone(signal.from);
}

}  // namespace

void EtsTables::release_process(Term pid) {
    Shard& shard = shard_of(pid);
    for (;;) {
        Table* table = nullptr;
        {
            std::lock_guard lock(shard.mutex);
            PerProcess* per = shard.processes.find(pid.word());
            if (per == nullptr) return;
            if (per->owned != nullptr) {
                table = per->owned;
            } else if (per->fixed != nullptr) {
                per->fixed->for_each([&table](Word word, size_t&) { table = reinterpret_cast<Table*>(word); });
            } else {
                per->is_super_user = false;
                prune(shard, pid);
                return;
            }
            // A table that is being removed still has the registry's reference until it has left these lists.
            table->retain();
        }
        release_table(*table, pid);
        table->release_reference();
    }
}

void EtsTables::release_table(Table& table, Term pid) {
    std::unique_ptr<TableRows> rows;
    RowGarbage garbage(table.row_prefix());
    Term heir;
    {
        RwLockGuard lock(table.lock, RwLockGuard::Mode::write);
        if (!table.is_alive) return;
        table.is_changed_by_guest = thread_account() != &table.tenant->memory;
        unfix(table, pid, true, garbage);
        if (table.owner != pid) return;
        heir = table.heir;
        if (heir.is_value() && heir != pid) {
            const ForeignReader reader(vm_.epochs);
            Process* process = vm_.processes.find(heir);
            if (process != nullptr && send_transfer(*process, table, pid, table.heir_data)) {
                change_owner(table, heir);
            } else {
                heir = Term::none();
            }
        } else {
            heir = Term::none();
        }
        if (heir.is_none()) rows = remove(table);
    }
    if (heir.is_value()) watch_owner(heir);
    if (rows != nullptr && !rows->free_some()) vm_.leftovers.add(std::move(rows));
}

void EtsTables::process_exits(Process& p) {
    EtsTables& tables = stdlib_state(p).ets;
    // Nobody but the process itself makes it an owner, or a signal says so that is answered after this.
    if (tables.shard_of(p.self).used.load(std::memory_order_acquire) == 0) return;
    tables.release_process(p.self);
}

bool EtsTables::send_transfer(Process& to, Table& table, Term from, Term data) {
    const size_t words = tuple_words(4) + kMagicRefWords + flat_size(data, nullptr, Walks::endable);
    Signal* const s = make_message(from, words);
    if (s == nullptr) return false;
    {
        HeapBuilder heap(s->fragment);
        Term id = table.name;
        if (!table.is_named) {
            table.retain();
            id = heap.magic_ref(&table, table.number, 0);
        }
        const Term copy = data.is_immediate() ? data : copy_term(data, heap, nullptr);
        s->term = heap.tuple(am::ETS_TRANSFER(), id, from, copy);
    }
    if (vm_.deliver(to, s)) return true;
    free_signal(s);
    return false;
}

// ---- fixations

void EtsTables::note_fix(Table& table, Term pid, bool is_fixed) {
    Shard& shard = shard_of(pid);
    std::lock_guard lock(shard.mutex);
    const Word word = reinterpret_cast<Word>(&table);
    if (is_fixed) {
        PerProcess& per = shard.processes.insert(pid.word());
        shard.used.store(shard.processes.size(), std::memory_order_relaxed);
        if (per.fixed == nullptr) per.fixed = make<WordMap<size_t>>();
        per.fixed->insert(word) = 1;
        return;
    }
    PerProcess* per = shard.processes.find(pid.word());
    if (per == nullptr || per->fixed == nullptr) return;
    per->fixed->erase(word);
    if (per->fixed->empty()) {
        destroy(per->fixed);
        per->fixed = nullptr;
    }
    prune(shard, pid);
}

void EtsTables::fix(Table& table, Term pid) {
    for (Fixation* f = table.fixations; f != nullptr; f = f->next) {
        if (f->pid != pid) continue;
        ++f->count;
        return;
    }
    if (table.fixations == nullptr) table.fixed_since_ns = vm_.monotonic_ns();
    auto* f = make<Fixation>();
    f->pid = pid;
    f->count = 1;
    f->next = table.fixations;
    table.fixations = f;
    note_fix(table, pid, true);
}

void EtsTables::unfix(Table& table, Term pid, bool all, RowGarbage& garbage) {
    for (Fixation** link = &table.fixations; *link != nullptr; link = &(*link)->next) {
        Fixation* f = *link;
        if (f->pid != pid) continue;
        if (!all && --f->count > 0) return;
        *link = f->next;
        destroy(f);
        note_fix(table, pid, false);
        if (table.fixations == nullptr && !table.is_ordered()) table.purge_deleted(garbage);
        return;
    }
}

// ---- super users

bool EtsTables::is_super_user(Term pid) {
    Shard& shard = shard_of(pid);
    std::lock_guard lock(shard.mutex);
    const PerProcess* per = shard.processes.find(pid.word());
    return per != nullptr && per->is_super_user;
}

void EtsTables::set_super_user(Term pid, bool on) {
    Shard& shard = shard_of(pid);
    std::lock_guard lock(shard.mutex);
    shard.processes.insert(pid.word()).is_super_user = on;
    prune(shard, pid);
}

}  // namespace lintel
