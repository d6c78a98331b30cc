/// ETS: objects by key, and walking from key to key. Tables as a whole are in ets_table_bifs.cpp, changes of elements in
/// ets_update_bifs.cpp, match specifications in ets_select_bifs.cpp.

#include "stdlib/build.h"
#include "stdlib/ets/access.h"
#include "vm/scratch.h"

namespace lintel {

namespace {

void charge_words(ExecState& p, size_t words) {
    if (words >= kCopiedWordsPerReduction) p.charge(words / kCopiedWordsPerReduction);
}

// ---- insertion

bool is_object(const Table& table, Term t) {
    const auto tuple = as_tuple(t);
    return tuple && tuple.arity() >= table.key_position;
}

/// How many objects `t` (an object, or a proper list of objects) has, -1 if it is neither.
int64_t object_count(const Table& table, Term t) {
    if (is_object(table, t)) return 1;
    int64_t n = 0;
    for (; t.is_cons(); t = t.tail(), ++n) {
        if (!is_object(table, t.head())) return -1;
    }
    return t.is_nil() ? n : -1;
}

enum class InsertMode : uint8_t { any, only_new };

Term insert_one(ExecState& p, Table& found, Term object, InsertMode mode) {
    RowGarbage garbage(found.row_prefix());
    const bool flat = is_flat_tuple(object);
    // The copy of a large object is made without lock.
    Row* row = flat ? nullptr : make_row(object, found.row_prefix());
    if (!flat && row == nullptr) return p.system_limit();
    TableAccess table(p, &found, TableNeed::write);
    Table::HashPlace place;
    const Term key = Term(object.boxed_words()[found.key_position]);
    Term result = am::true_();
    if (!table) {
        result = Term::none();
    } else if (mode == InsertMode::only_new && table->find(key) != nullptr) {
        result = am::false_();
    } else if (flat && mode == InsertMode::any && table->overwrite(object, &place)) {
        return result;
    } else {
        if (flat) row = make_row(object, found.row_prefix());
        if (row != nullptr && table->insert(row, garbage, place)) {
            charge_words(p, row->words());
            return result;
        }
        result = p.system_limit();
    }
    if (row != nullptr) garbage.add(row);
    return result;
}

/// Whether OTP inserts a list of so many objects from its end: it does where it expects to be interrupted, and puts them into a list of its
/// own first. It reckons with eight objects a reduction, of which looking at the list has taken one each already. Slices count as if they were
/// whole ones.
bool inserts_backwards(ExecState& p, const Table& table, size_t count) {
    if (table.type == TableType::bag) return true;
    constexpr int64_t kObjectsPerReduction = 8;
    constexpr int64_t kObjectsPerSlice = kSliceReductions * kObjectsPerReduction;
    const int64_t used = as_process(p).slice - p.reductions;
    const auto n = static_cast<int64_t>(count);
    int64_t left = kObjectsPerSlice - used * kObjectsPerReduction - n;
    if (left < 0) left = left % kObjectsPerSlice + kObjectsPerSlice;
    return n > left;
}

Term insert_list(ExecState& p, Table& found, Term list, size_t count, InsertMode mode) {
    RowGarbage garbage(found.row_prefix());
    const bool is_backwards = inserts_backwards(p, found, count);
    const ScratchArray<Row*> rows(count);
    if (!rows) return p.system_limit();
    size_t made = 0;
    size_t words = 0;
    for (; list.is_cons(); list = list.tail(), ++made) {
        rows[made] = make_row(list.head(), found.row_prefix());
        if (rows[made] == nullptr) break;
        words += rows[made]->words();
    }
    p.charge(count);
    charge_words(p, words);
    Term result = am::true_();
    size_t used = 0;
    if (made < count) {
        result = p.system_limit();
    } else {
        TableAccess table(p, &found, TableNeed::write);
        if (!table) {
            result = Term::none();
        } else {
            for (size_t i = 0; mode == InsertMode::only_new && i < count; ++i) {
                if (table->find(rows[i]->element(found.key_position)) == nullptr) continue;
                result = am::false_();
                break;
            }
            if (result == am::true_()) {
                if (is_backwards) std::reverse(rows.data(), rows.data() + count);
                while (used < count && table->insert(rows[used], garbage)) ++used;
                if (used < count) result = p.system_limit();
            }
        }
    }
    for (size_t i = used; i < made; ++i) garbage.add(rows[i]);
    return result;
}

Term insert(ExecState& p, Args a, InsertMode mode) {
    Table* found = find_table(p, a[0]);
    if (found == nullptr) return Term::none();
    if (is_object(*found, a[1])) return insert_one(p, *found, a[1], mode);
    const int64_t count = object_count(*found, a[1]);
    if (count <= 0) {
        const TableAccess table(p, found, TableNeed::write);
        if (!table) return Term::none();
        return count == 0 ? am::true_() : p.badarg();
    }
    return insert_list(p, *found, a[1], static_cast<size_t>(count), mode);
}

// ---- looking up

/// All objects with `key`, the oldest first; `table` is locked.
Term objects_of(ExecState& p, Table& table, Term key) {
    RowList list(p);
    table.for_each_of(key, [&list](Row* row) { list.add(*row); });
    charge_words(p, list.words());
    return list.list();
}

/// A position in an object, 0 if `t` is none.
size_t position_of(Term t) { return t.is_small() && t.to_small() > 0 ? static_cast<size_t>(t.to_small()) : 0; }

Term lookup_element(ExecState& p, Args a, Term otherwise) {
    TableAccess table(p, a[0], TableNeed::read);
    if (!table) return Term::none();
    const size_t position = position_of(a[2]);
    if (position == 0) return p.badarg();
    if (!table->is_bag()) {
        const Row* row = table->find(a[1]);
        if (row == nullptr) return otherwise.is_value() ? otherwise : p.badarg_because(am::badkey());
        if (position > row->arity()) return p.badarg();
        return copy_part(p, row->element(position));
    }
    Term list = Term::nil();
    bool too_short = false;
    table->for_each_of(a[1], [&](Row* row) {
        too_short |= position > row->arity();
        if (!too_short) list = make_cons(p, copy_part(p, row->element(position)), list);
    });
    if (too_short) return p.badarg();
    if (list.is_nil()) return otherwise.is_value() ? otherwise : p.badarg_because(am::badkey());
    return list;
}

// ---- walking

enum class Deleted : uint8_t { skip, show };

const Row* next_shown(const HashRows& rows, const Row* row, Deleted deleted) {
    while (row != nullptr && row->is_deleted() && deleted == Deleted::skip) row = rows.next(row);
    return row;
}

enum class Direction : uint8_t { forward, backward };

/// First or last row, nullptr if the table is empty.
const Row* end_row(Table& table, Direction direction, Deleted deleted) {
    if (table.is_ordered()) {
        const auto at = direction == Direction::forward ? table.tree().first() : table.tree().last();
        return at.is_end() ? nullptr : at.row();
    }
    return next_shown(table.hash(), table.hash().first(), deleted);
}

/// The row with the next key; *known: whether the table can tell.
const Row* neighbour(Table& table, Term key, Direction direction, Deleted deleted, bool* known) {
    *known = true;
    if (table.is_ordered()) {
        // Nothing is next to that, though it may be a key, too.
        *known = key != am::end_of_table();
        const auto at =
            direction == Direction::forward ? table.tree().behind(key) : table.tree().upper_bound(key, true);
        return at.is_end() ? nullptr : at.row();
    }
    const HashRows& rows = table.hash();
    const uint32_t hash = HashRows::hash_of(key);
    const Row* row = rows.find(key, hash);
    *known = row != nullptr;
    if (row != nullptr && table.type == TableType::set) {
        row = rows.next(row);
    } else {
        while (row != nullptr && row->hash() == hash && rows.is_key(row, key)) row = rows.next(row);
    }
    return next_shown(rows, row, deleted);
}

Term shown_key(ExecState& p, const Table& table, const Row* row) {
    return row == nullptr ? am::end_of_table() : copy_part(p, row->element(table.key_position));
}

Term end_key(ExecState& p, Term id, Direction direction, Deleted deleted = Deleted::skip) {
    TableAccess table(p, id, TableNeed::read);
    if (!table) return Term::none();
    return shown_key(p, *table, end_row(*table, direction, deleted));
}

Term neighbour_key(ExecState& p, Args a, Direction direction, Deleted deleted = Deleted::skip) {
    TableAccess table(p, a[0], TableNeed::read);
    if (!table) return Term::none();
    bool known;
    const Row* row = neighbour(*table, a[1], direction, deleted, &known);
    return known ? shown_key(p, *table, row) : p.badarg();
}

/// {Key, Objects}
Term shown_objects(ExecState& p, Table& table, const Row* row) {
    if (row == nullptr) return am::end_of_table();
    const Term key = row->element(table.key_position);
    const Term objects = objects_of(p, table, key);
    return make_tuple2(p, copy_part(p, key), objects);
}

Term end_objects(ExecState& p, Term id, Direction direction) {
    TableAccess table(p, id, TableNeed::read);
    if (!table) return Term::none();
    return shown_objects(p, *table, end_row(*table, direction, Deleted::skip));
}

Term neighbour_objects(ExecState& p, Args a, Direction direction) {
    TableAccess table(p, a[0], TableNeed::read);
    if (!table) return Term::none();
    bool known;
    const Row* row = neighbour(*table, a[1], direction, Deleted::skip, &known);
    return known ? shown_objects(p, *table, row) : p.badarg();
}

}  // namespace

/// ets:insert/2. Fails: badarg.
Term ets_insert_2(ExecState& p, Args a) { return insert(p, a, InsertMode::any); }
/// ets:insert_new/2: false, and nothing inserted, if a key is there. Fails: badarg.
Term ets_insert_new_2(ExecState& p, Args a) { return insert(p, a, InsertMode::only_new); }

/// ets:lookup/2. Fails: badarg.
Term ets_lookup_2(ExecState& p, Args a) {
    TableAccess table(p, a[0], TableNeed::read);
    if (!table) return Term::none();
    return objects_of(p, *table, a[1]);
}

/// ets:lookup_element/3. Fails: badarg.
Term ets_lookup_element_3(ExecState& p, Args a) { return lookup_element(p, a, Term::none()); }
/// ets:lookup_element/4: Default if there is no such key. Fails: badarg.
Term ets_lookup_element_4(ExecState& p, Args a) { return lookup_element(p, a, a[3]); }

/// ets:member/2. Fails: badarg.
Term ets_member_2(ExecState& p, Args a) {
    TableAccess table(p, a[0], TableNeed::read);
    if (!table) return Term::none();
    return boolean(table->find(a[1]) != nullptr);
}

/// ets:delete/2. Fails: badarg.
Term ets_delete_2(ExecState& p, Args a) {
    Table* found = find_table(p, a[0]);
    if (found == nullptr) return Term::none();
    RowGarbage garbage(found->row_prefix());
    TableAccess table(p, found, TableNeed::write);
    if (!table) return Term::none();
    p.charge(table->remove(a[1], Term::none(), garbage) / 8);
    return am::true_();
}

/// ets:delete_object/2: all objects =:= Object. Fails: badarg.
Term ets_delete_object_2(ExecState& p, Args a) {
    Table* found = find_table(p, a[0]);
    if (found == nullptr) return Term::none();
    RowGarbage garbage(found->row_prefix());
    TableAccess table(p, found, TableNeed::write);
    if (!table) return Term::none();
    if (!is_object(*table, a[1])) return p.badarg();
    table->remove(Term(a[1].boxed_words()[table->key_position]), a[1], garbage);
    return am::true_();
}

/// ets:take/2: removes and returns the objects with this key. Fails: badarg.
Term ets_take_2(ExecState& p, Args a) {
    Table* found = find_table(p, a[0]);
    if (found == nullptr) return Term::none();
    RowGarbage garbage(found->row_prefix());
    TableAccess table(p, found, TableNeed::write);
    if (!table) return Term::none();
    const Term list = objects_of(p, *table, a[1]);
    table->remove(a[1], Term::none(), garbage);
    return list;
}

/// ets:first/1, last/1: a key, or '$end_of_table'. Fails: badarg.
Term ets_first_1(ExecState& p, Args a) { return end_key(p, a[0], Direction::forward); }
Term ets_last_1(ExecState& p, Args a) { return end_key(p, a[0], Direction::backward); }
/// ets:next/2, prev/2. Fails: badarg, also if a table that is not ordered does not know the key.
Term ets_next_2(ExecState& p, Args a) { return neighbour_key(p, a, Direction::forward); }
Term ets_prev_2(ExecState& p, Args a) { return neighbour_key(p, a, Direction::backward); }
/// ets:first_lookup/1, last_lookup/1, next_lookup/2, prev_lookup/2: {Key, Objects}. Fails: badarg.
Term ets_first_lookup_1(ExecState& p, Args a) { return end_objects(p, a[0], Direction::forward); }
Term ets_last_lookup_1(ExecState& p, Args a) { return end_objects(p, a[0], Direction::backward); }
Term ets_next_lookup_2(ExecState& p, Args a) { return neighbour_objects(p, a, Direction::forward); }
Term ets_prev_lookup_2(ExecState& p, Args a) { return neighbour_objects(p, a, Direction::backward); }

/// erts_internal:ets_raw_first/1, ets_raw_next/2: as first/1 and next/2, deleted keys of a fixed table included.
Term erts_internal_ets_raw_first_1(ExecState& p, Args a) { return end_key(p, a[0], Direction::forward, Deleted::show); }
Term erts_internal_ets_raw_next_2(ExecState& p, Args a) {
    return neighbour_key(p, a, Direction::forward, Deleted::show);
}

/// ets:slot/2: the objects of slot I, '$end_of_table' for the one behind the last. Fails: badarg.
Term ets_slot_2(ExecState& p, Args a) {
    TableAccess table(p, a[0], TableNeed::read);
    if (!table) return Term::none();
    if (!a[1].is_small() || a[1].to_small() < 0) return p.badarg();
    const auto slot = static_cast<size_t>(a[1].to_small());
    const size_t slots = table->is_ordered() ? table->tree().row_count() : table->hash().bucket_count();
    if (slot > slots) return p.badarg();
    if (slot == slots) return am::end_of_table();
    RowList list(p);
    if (table->is_ordered()) {
        auto at = table->tree().first();
        for (size_t i = 0; i < slot; ++i) at.next();
        p.charge(slot / 16);
        list.add(*at.row());
    } else {
        for (const Row* row = table->hash().bucket(slot); row != nullptr; row = next_of(row)) {
            if (!row->is_deleted()) list.add(*row);
        }
    }
    return list.list();
}

/// erts_internal:ets_lookup_binary_info/2: {Address, Size, References} of each counted binary in the objects of Key.
Term erts_internal_ets_lookup_binary_info_2(ExecState& p, Args a) {
    TableAccess table(p, a[0], TableNeed::read);
    if (!table) return Term::none();
    Term list = Term::nil();
    table->for_each_of(a[1], [&](Row* row) {
        if (!row->has_off_heap()) return;
        for_each_binary(*row, [&](const RefcBinary& binary) {
            const Term address = make_unsigned(p, reinterpret_cast<Word>(binary.data));
            const auto references = static_cast<int64_t>(binary.data->references.load(std::memory_order_relaxed));
            const Term info =
                make_tuple3(p, address, Term::small(static_cast<int64_t>(binary.bytes)), Term::small(references));
            list = make_cons(p, info, list);
        });
    });
    return list;
}

}  // namespace lintel
