/// ETS: changing elements of an object in place: counters and element updates.
///
/// All operations of one call are checked and computed first and then take effect together. If old and new values are
/// immediates, the row's words are simply overwritten; otherwise the row is replaced by a new one.

#include "stdlib/build.h"
#include "stdlib/ets/access.h"
#include "vm/runtime_arith.h"
#include "vm/scratch.h"

namespace lintel {

namespace {

/// New values of some elements of a row, or of a tuple that is going to be one.
class Changes {
public:
    /// `tuple`: header and elements; stays as it is until apply.
    Changes(const Word* tuple, size_t operations)
        : words_(1 + header_size(*tuple)), copy_(words_), changed_(operations) {
        if (copy_) std::memcpy(copy_.data(), tuple, words_ * kWordBytes);
    }
    explicit operator bool() const { return copy_ && changed_; }

    Term at(size_t position) const { return Term(copy_[position]); }
    void set(size_t position, Term value) {
        copy_[position] = value.word();
        changed_[count_++] = position;
    }
    /// Makes them true of `row`, in `table`, which is locked. False: no memory.
    bool apply(Table& table, Row* row, RowGarbage& garbage) {
        bool in_place = true;
        for (size_t i = 0; i < count_; ++i) {
            in_place &= at(changed_[i]).is_immediate() && row->element(changed_[i]).is_immediate();
        }
        if (in_place) {
            for (size_t i = 0; i < count_; ++i) row->tuple_words[changed_[i]] = copy_[changed_[i]];
            return true;
        }
        Row* fresh = make_row_of(copy_.data(), table.row_prefix());
        if (fresh == nullptr) return false;
        table.exchange(row, fresh, garbage);
        return true;
    }
    /// A row with them, or nullptr.
    Row* make(const Table& table) const { return make_row_of(copy_.data(), table.row_prefix()); }

private:
    size_t words_;
    ScratchArray<Word, 24> copy_;
    ScratchArray<size_t, 8> changed_;
    size_t count_ = 0;
};

/// Number of operations: 1 for a single one, the number of cells of a list, whatever its end.
size_t operation_count(Term operations) {
    if (!operations.is_list()) return 1;
    size_t n = 0;
    for (; operations.is_cons(); operations = operations.tail()) ++n;
    return n;
}

/// What is wrong with a list is found after what is wrong with its elements.
bool is_end(Term rest_of_operations, bool is_list) { return !is_list || rest_of_operations.is_nil(); }

// ---- update_counter

struct CounterOperation {
    Term position;
    Term increment;
    Term threshold, set_value;  ///< none: not given

    /// {Pos, Incr}, {Pos, Incr, Threshold, SetValue}, or Incr by itself if `bare`.
    bool parse(Term t, const Table& table, bool bare) {
        const auto tuple = as_tuple(t);
        if (!tuple) {
            if (!bare || !t.is_integer()) return false;
            position = Term::small(static_cast<int64_t>(table.key_position) + 1);
            increment = t;
            return true;
        }
        if (tuple.arity() != 2 && tuple.arity() != 4) return false;
        position = tuple[0];
        increment = tuple[1];
        if (tuple.arity() == 4) {
            threshold = tuple[2];
            set_value = tuple[3];
            if (!threshold.is_integer() || !set_value.is_integer()) return false;
        }
        return position.is_small() && increment.is_integer();
    }
};

/// The common case: one operation without threshold, in small integers. The non-value: not this case.
Term count_small(const Table& table, Row* row, Term operation) {
    Term increment = operation;
    size_t position = table.key_position + 1;
    if (const auto pair = as_tuple(operation, 2)) {
        if (!pair[0].is_small() || pair[0].to_small() < 1) return Term::none();
        position = static_cast<size_t>(pair[0].to_small());
        increment = pair[1];
    }
    if (position > row->arity() || position == table.key_position) return Term::none();
    const Term old = row->element(position);
    if (!Term::both_small(old, increment)) return Term::none();
    const int64_t sum = old.to_small() + increment.to_small();
    if (!Term::fits_small(sum)) return Term::none();
    row->tuple_words[position] = Term::small(sum).word();
    return Term::small(sum);
}

/// A counter that may be stored in the tuple of `p`'s heap or be part of a row: becomes the process's own.
Term own_copy(ExecState& p, Term value, Term old) { return value == old ? copy_part(p, value) : value; }

/// One operation on `changes`; the new value, non-value: raised.
Term count(ExecState& p, const Table& table, Changes& changes, size_t arity, const CounterOperation& op) {
    const int64_t position = op.position.to_small();
    if (position < 1 || static_cast<uint64_t>(position) > arity) return p.badarg_because(am::position());
    const auto at = static_cast<size_t>(position);
    if (at == table.key_position) return p.badarg_because(am::keypos());
    const Term old = changes.at(at);
    if (!old.is_integer()) return p.badarg();
    Term value = arith_add(p, old, op.increment);
    if (value.is_none()) return value;
    if (op.threshold.is_value()) {
        const bool down = compare(op.increment, Term::small(0)) < 0;
        const int order = compare(value, op.threshold);
        if (down ? order < 0 : order > 0) value = op.set_value;
    }
    value = own_copy(p, value, old);
    changes.set(at, value);
    return value;
}

Term update_counter(ExecState& p, Args a, Term default_object) {
    Table* found = find_table(p, a[0]);
    if (found == nullptr) return Term::none();
    RowGarbage garbage(found->row_prefix());
    TableAccess table(p, found, TableNeed::write);
    if (!table) return Term::none();
    const auto default_tuple = default_object.is_value() ? as_tuple(default_object) : TupleView();
    if (default_object.is_value() && !default_tuple) return p.badarg();
    if (table->is_bag()) return p.badarg_because(am::table_type());

    Row* row = table->find(a[1]);
    if (row == nullptr && !default_tuple) return p.badarg_because(am::badkey());
    if (row == nullptr && default_tuple.arity() < table->key_position) return p.badarg();
    if (row != nullptr) {
        if (const Term sum = count_small(*table, row, a[2]); sum.is_value()) return sum;
    }
    const bool is_list = a[2].is_list();
    const size_t operations = operation_count(a[2]);
    const Word* tuple = row != nullptr ? row->tuple_words : default_object.boxed_words();
    const size_t arity = header_size(*tuple);
    // One more: the key of a default object.
    Changes changes(tuple, operations + 1);
    if (!changes) return p.system_limit();

    Term list = a[2];
    Term result = Term::nil();
    ListMaker results(p);
    for (size_t i = 0; i < operations; ++i) {
        CounterOperation op;
        if (!op.parse(is_list ? list.head() : a[2], *table, !is_list)) return p.badarg();
        result = count(p, *table, changes, arity, op);
        if (result.is_none()) return result;
        if (is_list) {
            results.add(result);
            list = list.tail();
        }
    }
    if (!is_end(list, is_list)) return p.badarg();
    p.charge(operations / 4);
    if (row != nullptr) {
        if (!changes.apply(*table, row, garbage)) return p.system_limit();
    } else {
        changes.set(table->key_position, a[1]);
        Row* fresh = changes.make(*table);
        if (fresh == nullptr) return p.system_limit();
        if (!table->insert(fresh, garbage)) {
            garbage.add(fresh);
            return p.system_limit();
        }
    }
    return is_list ? results.list() : result;
}

// ---- update_element

Term update_element(ExecState& p, Args a, Term default_object) {
    Table* found = find_table(p, a[0]);
    if (found == nullptr) return Term::none();
    RowGarbage garbage(found->row_prefix());
    TableAccess table(p, found, TableNeed::write);
    if (!table) return Term::none();
    if (table->is_bag()) return p.badarg();
    const bool is_list = a[2].is_list();
    const size_t operations = operation_count(a[2]);
    const auto default_tuple = default_object.is_value() ? as_tuple(default_object) : TupleView();
    if (default_object.is_value() && (!default_tuple || default_tuple.arity() < table->key_position)) return p.badarg();

    Row* row = table->find(a[1]);
    if (row == nullptr && !default_tuple) return am::false_();
    const Word* tuple = row != nullptr ? row->tuple_words : default_object.boxed_words();
    const size_t arity = header_size(*tuple);
    Changes changes(tuple, operations + 1);
    if (!changes) return p.system_limit();
    Term list = a[2];
    for (size_t i = 0; i < operations; ++i) {
        const auto change = as_tuple(is_list ? list.head() : a[2], 2);
        if (!change || !change[0].is_small()) return p.badarg();
        const int64_t position = change[0].to_small();
        if (position < 1 || static_cast<uint64_t>(position) > arity) return p.badarg();
        if (static_cast<size_t>(position) == table->key_position) return p.badarg_because(am::keypos());
        changes.set(static_cast<size_t>(position), change[1]);
        if (is_list) list = list.tail();
    }
    if (!is_end(list, is_list)) return p.badarg();
    p.charge(operations / 4);
    if (row != nullptr) return changes.apply(*table, row, garbage) ? am::true_() : p.system_limit();
    changes.set(table->key_position, a[1]);
    Row* fresh = changes.make(*table);
    if (fresh == nullptr) return p.system_limit();
    if (table->insert(fresh, garbage)) return am::true_();
    garbage.add(fresh);
    return p.system_limit();
}

}  // namespace

/// ets:update_counter/3. Fails: badarg.
Term ets_update_counter_3(ExecState& p, Args a) { return update_counter(p, a, Term::none()); }
/// ets:update_counter/4: a missing object begins as Default with the key put in. Fails: badarg.
Term ets_update_counter_4(ExecState& p, Args a) { return update_counter(p, a, a[3]); }

/// ets:update_element/3: false if there is no such key. Fails: badarg.
Term ets_update_element_3(ExecState& p, Args a) { return update_element(p, a, Term::none()); }
/// ets:update_element/4: a missing object begins as Default with the key put in. Fails: badarg.
Term ets_update_element_4(ExecState& p, Args a) { return update_element(p, a, a[3]); }

}  // namespace lintel
