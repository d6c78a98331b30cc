#pragma once
/// EtsTables: all tables of one VM: names, ids, owners, fixations, and what the end of a process does to them.
/// docs/design/ets.md. Locks are taken in this order: table, then registry or shard; never two tables.

#include <mutex>
#include <vector>

#include "sched/vm.h"
#include "stdlib/ets/table.h"

namespace lintel {

class EtsTables {
public:
    explicit EtsTables(Vm& vm) : vm_(vm), readers_(vm.epochs.reader_count()) {}
    ~EtsTables();
    EtsTables(const EtsTables&) = delete;
    EtsTables& operator=(const EtsTables&) = delete;

    /// The table that `id` (an atom, a table id, or a plain reference with the number of one) stands for, or nullptr. It may have been
    /// deleted meanwhile. Valid as long as `id`'s reference, or until the end of the slice. *is_id: `id` is of a type that ids have.
    Table* find(Term id, bool* is_id);

    /// Makes a table of process `owner`; nullptr: there is one of this name. Takes over `heir_fragment` if it succeeds.
    Table* create(const Table::Options& options, Term name, Process& owner, HeapFragment* heir_fragment,
                  Term heir_data);
    /// Gives a named table another name; false: it is taken. Under the table's write lock.
    bool rename(Table& table, Term name);

    /// The table is gone: ids, names and its owner forget it. Returns its rows, which the caller frees. Under the table's write lock.
    std::unique_ptr<TableRows> remove(Table& table);

    /// Makes `owner` the owner. Under the table's write lock. Then call watch_owner, without lock.
    void change_owner(Table& table, Term owner);
    /// Sees to it that the tables of a new owner go, too, if it ends at this very moment.
    void watch_owner(Term owner);

    /// Sends {'ETS-TRANSFER', Table, from, data}; false: the process has gone. Under the table's lock.
    bool send_transfer(Process& to, Table& table, Term from, Term data);
    /// Called when a new owner turned out to have ended before it knew.
    void owner_is_gone(Term pid) { release_process(pid); }

    /// Fixes the table once more for `pid`. Under the table's write lock.
    void fix(Table& table, Term pid);
    /// Takes back one fix, or all of them. Under the table's write lock.
    void unfix(Table& table, Term pid, bool all, RowGarbage& garbage);

    /// All tables; each has gained a reference, which the caller drops.
    std::vector<Table*> all();
    size_t count() const { return count_.load(std::memory_order_relaxed); }

    /// For RwLock, of the thread that runs `p`.
    ReaderSlots::Slot& reader_slot(const ExecState& p) { return readers_[p.registers->reader]; }

    /// erts_internal:ets_super_user/1: may read all tables.
    bool is_super_user(Term pid);
    void set_super_user(Term pid, bool on);

    /// Vm::exit_hooks.
    static void process_exits(Process& p);

private:
    /// What a process has to do with tables.
    struct PerProcess {
        Table* owned;            ///< list
        WordMap<size_t>* fixed;  ///< Table* -> nothing; owned, or nullptr
        bool is_super_user;
        bool is_empty() const { return owned == nullptr && fixed == nullptr && !is_super_user; }
    };
    struct alignas(64) Shard {
        std::mutex mutex;
        WordMap<PerProcess> processes;  // by pid
        std::atomic<size_t> used{0};    // processes.size(), for a look without the mutex
    };
    static constexpr size_t kShards = 16;

    struct Retired {
        Table* table;
        uint64_t stamp;
    };

    Shard& shard_of(Term pid) { return shards_[(pid.imm_data() * 0x9e3779b97f4a7c15ull) >> 60]; }
    void add_owned(Table& table, Term pid);
    void remove_owned(Table& table);
    void note_fix(Table& table, Term pid, bool is_fixed);
    static void prune(Shard& shard, Term pid);
    /// Gives the tables of `pid`, which ends or has ended, to their heirs or deletes them, and drops its fixations.
    void release_process(Term pid);
    void release_table(Table& table, Term pid);
    void reclaim_locked();

    Vm& vm_;
    ReaderSlots readers_;
    NameTable names_;  // name -> Table*, as if it were a term
    std::mutex mutex_;
    WordMap<Table*> by_number_;     // all tables; holds a reference to each
    std::vector<Retired> retired_;  // deleted ones that somebody may just have looked up by name
    std::atomic<size_t> count_{0};
    Shard shards_[kShards];
};

/// A term that refers to the table, on the heap of `p`.
Term make_table_id(ExecState& p, Table& table);

}  // namespace lintel
