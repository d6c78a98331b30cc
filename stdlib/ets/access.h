#pragma once
/// TableAccess: how a BIF gets at a table.
///
///     TableAccess table(p, a[0], TableNeed::read);
///     if (!table) return Term::none();      // has raised badarg with the cause that erl_stdlib_errors knows
///     … table->find(key) …                  // locked until the end of the block
///
/// Copying into the process's heap under the lock is fine; running Erlang code is not possible, and sending or freeing much is
/// not wanted.

#include "stdlib/ets/result_heap.h"
#include "stdlib/ets/tables.h"
#include "stdlib/stdlib_state.h"

namespace lintel {

enum class TableNeed : uint8_t {
    info,   ///< to read what everybody may know; read lock
    read,   ///< to read objects; read lock
    write,  ///< to change objects; write lock
};

inline EtsTables& ets_tables(ExecState& p) { return stdlib_state(p).ets; }

/// The table of an id, not locked; nullptr: raised.
Table* find_table(ExecState& p, Term id);

class TableAccess {
public:
    TableAccess(ExecState& p, Term id, TableNeed need) {
        Table* table = find_table(p, id);
        if (table != nullptr) lock(p, table, need);
    }
    /// As above for what find_table returned.
    TableAccess(ExecState& p, Table* table, TableNeed need) { lock(p, table, need); }
    ~TableAccess() { unlock(); }
    TableAccess(const TableAccess&) = delete;
    TableAccess& operator=(const TableAccess&) = delete;

    explicit operator bool() const { return table_ != nullptr; }
    Table* operator->() const { return table_; }
    Table& operator*() const { return *table_; }
    /// Lets go of the lock early.
    void unlock() {
        if (table_ == nullptr) return;
        if (is_read_) {
            table_->lock.unlock_shared(slot_);
        } else {
            table_->lock.unlock();
        }
        table_ = nullptr;
    }

private:
    void lock(ExecState& p, Table* table, TableNeed need) {
        is_read_ = need == TableNeed::info || need == TableNeed::read;
        if (is_read_) {
            slot_ = table->lock.lock_shared(ets_tables(p).reader_slot(p));
        } else {
            table->lock.lock();
            table->is_changed_by_guest = table->tenant.get() != as_process(p).tenant;
        }
        table_ = table;
        if (LINTEL_UNLIKELY(!table->is_alive || table->owner != p.self)) check(p, need);
    }
    /// Unlocks and raises if the table has gone or is not for `p`.
    void check(ExecState& p, TableNeed need);

    Table* table_ = nullptr;
    ReaderSlots::Slot* slot_ = nullptr;  ///< by which it is locked for reading
    bool is_read_ = false;
};

/// Frees rows that have been taken out of a table, in slices if they are many; then `result` is the BIF's result.
Term discard_rows(ExecState& p, std::unique_ptr<TableRows> rows, Term result);

/// A list of copies of rows, built from its end; their table is locked.
class RowList {
public:
    explicit RowList(ExecState& p, Term tail = Term::nil()) : heap_(p), list_(tail) {}
    void add(const Row& row) {
        list_ = heap_.with(row.words() + kConsWords,
                           [&](HeapBuilder& heap) { return heap.cons(copy_row(row, heap), list_); });
        words_ += row.words();
    }
    Term list() const { return list_; }
    size_t words() const { return words_; }

private:
    ResultHeap heap_;
    Term list_;
    size_t words_ = 0;
};

/// Words of objects that are copied for one reduction.
inline constexpr size_t kCopiedWordsPerReduction = 64;

}  // namespace lintel
