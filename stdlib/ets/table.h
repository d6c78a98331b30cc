#pragma once
/// Table: one ETS table. docs/design/ets.md has the whole picture: locks, ownership, how long a pointer may be used.
///
/// A table id is a magic reference to its Table, which so outlives the table: `is_alive` tells. Rows are touched under `lock` only;
/// members say so where something else holds.

#include <optional>

#include "sched/leftovers.h"
#include "sched/tenant.h"
#include "stdlib/ets/hash_rows.h"
#include "stdlib/ets/rw_lock.h"
#include "stdlib/ets/tree_rows.h"

namespace lintel {

class EtsTables;

enum class TableType : uint8_t { set, ordered_set, bag, duplicate_bag };
enum class TableProtection : uint8_t { private_, protected_, public_ };

/// A process that has fixed a table, and how often.
struct Fixation {
    Fixation* next;
    Term pid;
    size_t count;
};

/// The rows of a table, of either kind.
struct TableRows final : Leftovers::Item {
    TableRows(TableType type, size_t key_position, HashRows::Parts parts, std::shared_ptr<Tenant> of)
        : tenant(std::move(of)) {
        if (type == TableType::ordered_set) {
            tree.emplace(key_position);
        } else {
            hash.emplace(key_position, parts);
        }
    }
    const std::shared_ptr<Tenant> tenant;  ///< who pays; nullptr: who frees them
    std::optional<HashRows> hash;
    std::optional<TreeRows> tree;

    /// Frees about `rows` of them; true when none is left. Nobody uses them any more.
    bool free_some(size_t rows) {
        std::optional<MemoryScope> scope;
        if (tenant != nullptr && thread_account() != &tenant->memory) scope.emplace(tenant->memory);
        return tree ? tree->free_some(rows) : hash->free_some(rows);
    }
    bool free_some() override { return free_some(1000); }
};

class Table : public Magic {
public:
    static inline const char kMagicType = 0;

    struct Options {
        TableType type = TableType::set;
        TableProtection protection = TableProtection::protected_;
        size_t key_position = 1;
        bool is_named = false;
        bool read_concurrency = false;
        bool compressed = false;
        bool decentralized_counters = false;
        Term write_concurrency;  ///< true, false, auto, or a number of locks (which there are not)
        HashRows::Parts parts;   ///< that OTP would have locks for
        Term heir;               ///< pid, or none
    };

    /// `of`: who pays for it.
    Table(const Options& options, Term name, Term owner, Word number, std::shared_ptr<Tenant> of, ReaderSlots& readers);
    ~Table() override;

    // ---- never change
    const TableType type;
    const size_t key_position;
    const bool is_named;
    const bool read_concurrency;
    const bool compressed;
    const bool decentralized_counters;
    const Term write_concurrency;
    const HashRows::Parts parts;
    const Word number;  ///< of its reference
    const std::shared_ptr<Tenant> tenant;

    bool is_ordered() const { return type == TableType::ordered_set; }
    bool is_bag() const { return type == TableType::bag || type == TableType::duplicate_bag; }
    size_t row_prefix() const { return is_ordered() ? kTreeRowPrefix : kHashRowPrefix; }

    RwLock lock;

    // ---- under lock
    bool is_alive = true;
    TableProtection protection;
    Term name;
    Term owner;                             ///< local pid
    Term heir;                              ///< local pid, or none
    HeapFragment* heir_fragment = nullptr;  ///< owns heir_data
    Term heir_data = Term::nil();
    Fixation* fixations = nullptr;
    int64_t fixed_since_ns = 0;             ///< monotonic time when it was fixed first
    WorkStack<uint32_t, 2> deleted_hashes;  ///< of rows that are marked deleted
    size_t deleted_rows = 0;
    std::unique_ptr<TableRows> rows;
    bool is_changed_by_guest = false;  ///< who has the write lock belongs to another tenant

    /// Scans of the unordered table that are between two slices, during which others may write to it. Incremented under lock.
    std::atomic<uint32_t> scans{0};

    /// Objects; words of rows. Written under lock, read anywhere.
    std::atomic<size_t> size{0};
    std::atomic<size_t> row_words{0};

    // ---- under the lock of its owner's shard (EtsTables)
    Table* next_owned = nullptr;
    Table* previous_owned = nullptr;

    // ---- rows: all of these under lock
    HashRows& hash() { return *rows->hash; }
    TreeRows& tree() { return *rows->tree; }
    bool is_fixed() const { return fixations != nullptr; }
    /// Whether the buckets must stay as they are: somebody has a position among them.
    bool holds_size() const { return is_fixed() || scans.load(std::memory_order_acquire) != 0; }
    /// Whether nobody else may write to it.
    bool is_written_by(Term pid) const { return owner == pid && protection != TableProtection::public_; }

    /// The first object with this key, in the table's order of keys; nullptr if there is none.
    Row* find(Term key);
    /// Calls visit(Row*) for each object with this key, the newest first.
    template <typename Visit>
    void for_each_of(Term key, Visit visit) {
        if (is_ordered()) {
            if (Row* row = tree().find(key)) visit(row);
            return;
        }
        const uint32_t hash_value = HashRows::hash_of(key);
        bool found;
        Row* row = *hash().find_link(key, hash_value, &found);
        if (!found) return;
        for (;;) {
            if (!row->is_deleted()) visit(row);
            if (type == TableType::set) return;
            row = next_of(row);
            if (row == nullptr || row->hash() != hash_value || !hash().is_key(row, key)) return;
        }
    }
    /// Where an object of an unordered table is, or goes. Valid until rows come or go.
    struct HashPlace {
        Row** link = nullptr;
        uint32_t hash = 0;
        bool found = false;
    };
    /// Puts a row in, as ets:insert/2 does. What it replaces (or itself, if a bag has an equal one) goes to `garbage`. False: no
    /// memory; the row is the caller's.
    bool insert(Row* row, RowGarbage& garbage) { return insert(row, garbage, HashPlace()); }
    /// The same where `place`, if it has a link, is the place of the row's key.
    bool insert(Row* row, RowGarbage& garbage, const HashPlace& place);
    /// Copies a tuple of immediates over the row that has its key, if that is of the same size. False: not possible; then *place may
    /// have been found out.
    bool overwrite(Term tuple, HashPlace* place);
    /// Puts `row` in the place of `old`, which has the same key and is in the table.
    void exchange(Row* old, Row* row, RowGarbage& garbage);
    /// Takes out all objects with this key (if `object` is a tuple: only those =:= to it); how many.
    size_t remove(Term key, Term object, RowGarbage& garbage);
    /// Takes out one row, which is in the table. Not while a Position or link is in use. After the last one call removed_rows.
    void remove_row(Row* row, RowGarbage& garbage);
    /// Gives buckets back, if it is time to. `hash`: of a row that has been removed.
    void removed_rows(uint32_t hash_value) {
        if (!is_ordered() && !holds_size()) hash().shrink(hash_value);
    }
    /// Takes out everything; the rows that were, to be freed by the caller (nullptr if it was fixed: all are marked deleted instead).
    std::unique_ptr<TableRows> remove_all();
    /// Removes what was marked deleted: nobody has the table fixed any more.
    void purge_deleted(RowGarbage& garbage);

    /// Words of memory: the table, its directory, its rows.
    size_t memory_words() const;

private:
    void added(const Row* row) {
        size.store(size.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
        count_in(row);
    }
    void removed(const Row* row) {
        size.store(size.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
        count_out(row);
    }
    size_t row_bytes(const Row* row) const { return row_prefix() + kRowHeaderWords + row->words(); }
    // Rows are made and freed by the process that changes the table, and paid for by the table's tenant.
    void count_in(const Row* row) {
        row_words.store(row_words.load(std::memory_order_relaxed) + row_bytes(row), std::memory_order_relaxed);
        if (LINTEL_UNLIKELY(is_changed_by_guest))
            transfer_memory(thread_account(), &tenant->memory, row_block_bytes(row, row_prefix()));
    }
    void count_out(const Row* row) {
        row_words.store(row_words.load(std::memory_order_relaxed) - row_bytes(row), std::memory_order_relaxed);
        if (LINTEL_UNLIKELY(is_changed_by_guest))
            transfer_memory(&tenant->memory, thread_account(), row_block_bytes(row, row_prefix()));
    }
    HashPlace place_of(Term key) {
        HashPlace place;
        place.hash = HashRows::hash_of(key);
        place.link = hash().find_link(key, place.hash, &place.found);
        return place;
    }
    bool insert_hash(Row* row, RowGarbage& garbage, HashPlace place);
    bool insert_tree(Row* row, RowGarbage& garbage);
    /// Takes the row at *link out, or only marks it. Returns the link to what comes next.
    Row** remove_at(Row** link, RowGarbage& garbage, bool mark);
    /// A row of a bag that is marked deleted comes back, as the newest of its key, whose first row is at *first.
    void bring_back(Row** first, Row** link);
};

}  // namespace lintel
