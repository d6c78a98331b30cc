#pragma once
/// Row: one object of a table, in one block that refers to nothing outside itself but atoms, code and counted binaries.
///
///     prefix words of the storage | meta | tuple: header, elements | what the elements refer to
///
///     meta   63          32 31        2   1       0
///           +--------------+-----------+-------+--------+
///           |     hash     |   words   |deleted|off heap|     words: of the tuple and all behind it
///           +--------------+-----------+-------+--------+
///
/// `hash` is the storage's. `deleted`: the object is gone, its key stays for traversals of a fixed table. `off heap`: some words
/// are refc_binary or magic_ref objects, whose references go with the row.

#include "base/work_stack.h"
#include "gc/heap_builder.h"
#include "gc/heap_walk.h"
#include "term/views.h"
#include "vm/exec_state.h"

namespace lintel {

struct Row {
    static constexpr Word kOffHeap = 1, kDeleted = 2;
    static constexpr unsigned kWordsShift = 2, kHashShift = 32;
    static constexpr size_t kMaxWords = (size_t{1} << 30) - 1;

    Word meta;
    __extension__ Word tuple_words[];

    size_t words() const { return (meta & 0xffffffff) >> kWordsShift; }
    uint32_t hash() const { return static_cast<uint32_t>(meta >> kHashShift); }
    bool has_off_heap() const { return (meta & kOffHeap) != 0; }
    bool is_deleted() const { return (meta & kDeleted) != 0; }
    void mark_deleted() { meta |= kDeleted; }
    void unmark_deleted() { meta &= ~kDeleted; }
    void set_hash(uint32_t hash) { meta = (meta & 0xffffffff) | static_cast<Word>(hash) << kHashShift; }

    Term tuple() const { return Term::boxed(tuple_words); }
    size_t arity() const { return header_size(tuple_words[0]); }
    /// Element `position`, counted from 1.
    Term element(size_t position) const { return Term(tuple_words[position]); }
    /// All elements are immediates, and nothing else is in the block.
    bool is_flat() const { return words() == 1 + arity(); }
};

/// Words that a row needs besides its tuple's and its prefix.
inline constexpr size_t kRowHeaderWords = 1;

/// A copy of the tuple behind `prefix` words (not initialised). nullptr: no memory, or larger than any object may be.
Row* make_row(Term tuple, size_t prefix);
/// What accounts have for a row.
size_t row_block_bytes(const Row* row, size_t prefix);
/// As make_row for elements given one by one, which may lie anywhere.
Row* make_row_of(const Word* header_and_elements, size_t prefix);
/// Frees it and lets go of what it refers to.
void free_row(Row* row, size_t prefix);
/// Whether all elements of the tuple are immediates.
bool is_flat_tuple(Term tuple);

/// Calls f(const RefcBinary&) for each handle in the row.
template <typename F>
void for_each_binary(Row& row, F f) {
    walk_objects(
        row.tuple_words, row.tuple_words + row.words(), [](Word) {},
        [&f](Word* object) {
            if (header_kind(*object) == Kind::refc_binary) f(*reinterpret_cast<const RefcBinary*>(object));
        });
}

/// Copies the row's tuple to `heap`: row.words() words.
Term copy_row(const Row& row, HeapBuilder& heap);
/// Copies `part`, a term inside some row or program, for `p`.
Term copy_part(ExecState& p, Term part);

/// Rows that have been taken out of a table, to be freed when its lock has been let go.
class RowGarbage {
public:
    explicit RowGarbage(size_t prefix) : prefix_(prefix) {}
    ~RowGarbage() {
        while (!rows_.empty()) free_row(rows_.pop(), prefix_);
    }
    RowGarbage(const RowGarbage&) = delete;
    RowGarbage& operator=(const RowGarbage&) = delete;
    void add(Row* row) { rows_.push(row); }

private:
    size_t prefix_;
    WorkStack<Row*, 8> rows_;
};

}  // namespace lintel
