/// ETS: match specifications against tables.
///
/// A scan goes over a table in slices, so that nobody waits long for the table's lock and the process yields in time. Between two
/// slices it is the arguments of erts_internal:ets_select_more/5:
///
///     Table         a table id
///     Program       a reference to the compiled specification
///     Position      where to go on: in an unordered table a bucket's number, in an ordered one the last key seen, in a list of one
///                   element; [] at the beginning
///     Pattern       what the keys of an ordered table are held against: [Pattern], or []; of an unordered table, what keeps its buckets
///                   as they are (ScanHold), or []
///     State         {Operation, Direction, Limit, Found, List, Tried, IsLong}
///
/// An object that is there from beginning to end is seen exactly once: neither position depends on what else comes or goes, as long as an
/// unordered table neither grows nor shrinks between the slices. With a limit, the state becomes a continuation of the shape that
/// ets:repair_continuation/2 knows; whoever has one of an unordered table fixes it, or may miss objects or see them twice, as on OTP:
///
///     {Table, Bucket, Limit, Program, Rest, RestCount}                   unordered; Bucket -1: only Rest is left
///     {Table, LastKey, Pattern, Limit, Program, [], Direction, 0}        ordered; Direction 1: backwards
///
/// Results are put in front of a list, so an ordered table without a limit is walked from the other end. Those of an unordered one are in
/// the order in which OTP gives them: the last found first, in pieces where there is a limit. It depends on whether OTP would be
/// interrupted in the first call, after a thousand objects: then, as in later calls, what was found beyond the limit is turned round.

#include "stdlib/build.h"
#include "stdlib/ets/access.h"
#include "stdlib/ets/key_pattern.h"
#include "stdlib/match_spec.h"

namespace lintel {

namespace {

enum class SelectOp : uint8_t { list, count, remove, replace };

struct SelectState {
    SelectOp op = SelectOp::list;
    bool backwards = false;
    size_t limit = 0;  ///< 0: none
    size_t found = 0;  ///< how many, rest of the last call included
    Term list = Term::nil();
    size_t tried = 0;      ///< objects of an unordered table
    bool is_long = false;  ///< OTP would have been interrupted, or has called it again

    /// The direction of the walk.
    bool walks_backwards() const { return op == SelectOp::list && limit == 0 ? !backwards : backwards; }
};

enum class Stop : uint8_t { end, limit, slice, failed };

constexpr size_t kRowsPerReduction = 4;
/// After which OTP interrupts a scan, at the end of a bucket.
constexpr size_t kTriedInSlice = 1000;
/// Empty buckets that count as a row.
constexpr size_t kEmptyBuckets = 512;

/// Keeps the buckets of an unordered table as they are between the slices of a scan, during which others write to it.
class ScanHold : public Magic {
public:
    static inline const char kMagicType = 0;

    /// The table is locked.
    explicit ScanHold(Table& table) : Magic(&kMagicType), table_(&table) {
        table.retain();
        table.scans.fetch_add(1, std::memory_order_acq_rel);
    }
    /// The last slice is done.
    void let_go() {
        if (table_ == nullptr) return;
        table_->scans.fetch_sub(1, std::memory_order_acq_rel);
        table_->release_reference();
        table_ = nullptr;
    }
    ~ScanHold() override { let_go(); }

private:
    Table* table_;
};

/// Holds a program for the length of a call.
class ProgramHolder {
public:
    explicit ProgramHolder(MatchProgram* program) : program_(program) {}
    ~ProgramHolder() {
        if (program_ != nullptr) program_->release_reference();
    }
    ProgramHolder(const ProgramHolder&) = delete;
    ProgramHolder& operator=(const ProgramHolder&) = delete;
    MatchProgram* get() const { return program_; }

private:
    MatchProgram* program_;
};

Term program_ref(ExecState& p, MatchProgram& program) {
    auto heap = p.reserve(kMagicRefWords);
    program.retain();
    return heap.magic_ref(&program, p.vm->next_reference_number(), 0);
}

/// One slice of a scan; the table is locked.
class Selection {
public:
    Selection(ExecState& p, Table& table, const MatchProgram& program, SelectState& state, RowGarbage& garbage)
        : p_(p), table_(table), state_(state), garbage_(garbage), heap_(p), runner_(p, program, heap_),
          budget_(p, kRowsPerReduction) {}
    explicit operator bool() const { return static_cast<bool>(runner_); }

    /// All objects of an ordered table with one of these keys.
    Stop run_keys(std::vector<Term>& keys) {
        if (state_.walks_backwards()) std::reverse(keys.begin(), keys.end());
        WorkStack<Row*, 8> matched;
        for (const Term key : keys) {
            Row* row = table_.tree().find(key);
            budget_.take();
            if (row != nullptr && visit(row)) matched.push(row);
        }
        while (!matched.empty()) table_.remove_row(matched.pop(), garbage_);
        return failed_ ? Stop::failed : Stop::end;
    }

    /// The buckets of an unordered table in which these keys are, in their order.
    Stop run_buckets(const std::vector<Term>& keys) {
        const HashRows& rows = table_.hash();
        struct Place {
            size_t bucket, first_key;
        };
        std::vector<Place> places;
        places.reserve(keys.size());
        for (const Term key : keys) places.push_back({rows.bucket_of(HashRows::hash_of(key)), places.size()});
        std::stable_sort(places.begin(), places.end(), [](Place a, Place b) { return a.bucket < b.bucket; });
        places.erase(std::unique(places.begin(), places.end(), [](Place a, Place b) { return a.bucket == b.bucket; }),
                     places.end());
        std::sort(places.begin(), places.end(), [](Place a, Place b) { return a.first_key < b.first_key; });
        for (const Place place : places) run_bucket(place.bucket);
        return failed_ ? Stop::failed : Stop::end;
    }

    /// From bucket `*position` on, which is set to where to go on.
    Stop run_hash(size_t* position) {
        const HashRows& rows = table_.hash();
        for (size_t bucket = *position;;) {
            bucket = rows.used_from(bucket, kEmptyBuckets);
            if (bucket == HashRows::kNoBucket) return Stop::end;
            rows.prefetch(bucket);
            run_bucket(bucket);
            if (failed_) return Stop::failed;
            bucket = rows.next_bucket(bucket);
            if (bucket == 0) return Stop::end;
            *position = bucket;
            if (is_full()) return Stop::limit;
            if (state_.tried >= kTriedInSlice) state_.is_long = true;
            if (is_over_) return Stop::slice;
        }
    }

    /// From the one behind `*last_key` on (none: from the beginning), among the keys of `pattern` (none: all).
    Stop run_tree(Term* last_key, Term pattern) {
        const TreeRows& rows = table_.tree();
        const bool backwards = state_.walks_backwards();
        TreeRows::Position at;
        if (last_key->is_value()) {
            at = backwards ? rows.upper_bound(*last_key, true) : rows.lower_bound(*last_key, true);
        } else if (pattern.is_value()) {
            const auto compare_pattern = [pattern](Term key) { return compare_with_pattern(key, pattern); };
            at = backwards ? rows.last_where(compare_pattern) : rows.first_where(compare_pattern);
        } else {
            at = backwards ? rows.last() : rows.first();
        }
        const Row* last = nullptr;
        Stop stop = Stop::end;
        while (!at.is_end()) {
            Row* row = at.row();
            if (pattern.is_value() && compare_with_pattern(rows.key_of(row), pattern) != 0) break;
            if (is_full() || (last != nullptr && !budget_.take())) {
                stop = is_full() ? Stop::limit : Stop::slice;
                break;
            }
            last = row;
            if (visit(row)) {
                // `row` is garbage now, but not freed yet.
                table_.remove_row(row, garbage_);
                at = backwards ? rows.upper_bound(rows.key_of(row), true) : rows.lower_bound(rows.key_of(row), true);
            } else if (backwards) {
                at.previous();
            } else {
                at.next();
            }
            if (failed_) return Stop::failed;
        }
        if (stop == Stop::end && is_full()) stop = Stop::limit;
        if (stop != Stop::end && last != nullptr) *last_key = copy_part(p_, rows.key_of(last));
        return stop;
    }

private:
    bool is_full() const { return state_.limit != 0 && state_.found >= state_.limit; }

    void run_bucket(size_t bucket) {
        Row* row = table_.hash().bucket(bucket);
        if (row == nullptr && !budget_.take()) is_over_ = true;
        while (row != nullptr && !failed_) {
            Row* const next = next_of(row);
            if (!budget_.take()) is_over_ = true;
            if (!row->is_deleted()) {
                ++state_.tried;
                if (visit(row)) table_.remove_row(row, garbage_);
            }
            row = next;
        }
    }

    /// True: the row is to be removed.
    bool visit(Row* row) {
        const Term value = runner_.run(*row);
        if (value.is_none()) return false;
        switch (state_.op) {
            case SelectOp::list: {
                const Term list = state_.list;
                state_.list = heap_.with(kConsWords, [=](HeapBuilder& heap) { return heap.cons(value, list); });
                ++state_.found;
                return false;
            }
            case SelectOp::count: state_.found += value == am::true_() ? 1 : 0; return false;
            case SelectOp::remove:
                if (value != am::true_()) return false;
                ++state_.found;
                return true;
            case SelectOp::replace: replace(row, value); return false;
        }
        return false;
    }
    void replace(Row* row, Term object) {
        // keeps_keys has seen to it that it is a tuple with the same key.
        const auto tuple = as_tuple(object);
        if (!tuple || tuple.arity() < table_.key_position) return;
        Row* fresh = make_row(object, table_.row_prefix());
        if (fresh == nullptr) {
            failed_ = true;
            return;
        }
        table_.exchange(row, fresh, garbage_);
        ++state_.found;
    }

    ExecState& p_;
    Table& table_;
    SelectState& state_;
    RowGarbage& garbage_;
    ResultHeap heap_;
    MatchRunner runner_;
    Budget budget_;
    bool is_over_ = false;
    bool failed_ = false;
};

// ---- results

Term number(size_t n) { return Term::small(static_cast<int64_t>(n)); }

Term reversed(ExecState& p, Term list) {
    Term result = Term::nil();
    ResultHeap heap(p);
    for (; list.is_cons(); list = list.tail()) {
        const Term head = list.head();
        result = heap.with(kConsWords, [=](HeapBuilder& h) { return h.cons(head, result); });
    }
    return result;
}

/// {Objects, Continuation} or '$end_of_table' of an unordered table: `position` is where to go on, -1: nowhere.
Term hash_chunk(ExecState& p, Term id, Term program, const SelectState& state, int64_t position) {
    if (position < 0 && state.found <= state.limit) {
        return state.found == 0 ? am::end_of_table() : make_tuple2(p, state.list, am::end_of_table());
    }
    // What was found first is the chunk: the end of the list.
    const size_t more = state.found > state.limit ? state.found - state.limit : 0;
    Term list = state.list;
    ListMaker in_order(p);
    Term turned = Term::nil();
    for (size_t i = 0; i < more; ++i, list = list.tail()) {
        if (state.is_long) {
            turned = make_cons(p, list.head(), turned);
        } else {
            in_order.add(list.head());
        }
    }
    const Term rest = state.is_long ? turned : in_order.list();
    auto heap = p.reserve(tuple_words(6) + tuple_words(2));
    const Term continuation = heap.tuple(id, Term::small(position), number(state.limit), program, rest, number(more));
    return heap.tuple(list, continuation);
}

/// The same of an ordered table.
Term tree_chunk(ExecState& p, Term id, Term program, const SelectState& state, Term last_key, Term pattern,
                bool at_end) {
    if (state.found == 0) return am::end_of_table();
    const Term list = reversed(p, state.list);
    if (at_end) return make_tuple2(p, list, am::end_of_table());
    auto heap = p.reserve(tuple_words(8) + tuple_words(2));
    const Term shown_pattern = pattern.is_value() ? pattern : Term::nil();
    const Term continuation = heap.tuple(id, last_key, shown_pattern, number(state.limit), program, Term::nil(),
                                         number(state.backwards ? 1 : 0), Term::small(0));
    return heap.tuple(list, continuation);
}

struct Scan {
    Table* table;
    MatchProgram* program;
    SelectState state;
    // where it is
    size_t position = 0;                ///< unordered
    ScanHold* hold = nullptr;           ///< unordered, from the second slice on
    Term last_key;                      ///< ordered; none: at the beginning
    Term pattern;                       ///< ordered; none: all keys
    std::vector<Term>* keys = nullptr;  ///< only these
};

Term wrapped(ExecState& p, Term t) { return t.is_none() ? Term::nil() : make_cons(p, t, Term::nil()); }
Term unwrapped(Term list) { return list.is_cons() ? list.head() : Term::none(); }

/// A hold on a table that is locked, for `p` to go on with; the non-value if nobody else writes to it.
Term hold_for(ExecState& p, const Scan& scan) {
    if (scan.hold != nullptr || scan.table->is_ordered() || scan.table->is_written_by(p.self)) return Term::none();
    auto heap = p.reserve(kMagicRefWords);
    return heap.magic_ref(new ScanHold(*scan.table), p.vm->next_reference_number(), 0);
}

/// What OTP does to the buckets when a scan of an unordered table is done. It has the table fixed then, unless it was not interrupted,
/// or nobody else may write to it.
void removed_rows(ExecState& p, Table& table, const SelectState& state) {
    if (state.op != SelectOp::remove || state.found == 0) return;
    const bool is_fixed = table.parts.count > 1 || state.is_long;
    if (!is_fixed || table.is_written_by(p.self)) table.removed_rows(0);
}

/// One slice, then the result, or on to the next slice. `held`: what Scan::hold belongs to.
Term run_scan(ExecState& p, Scan& scan, Term held = Term::none()) {
    const bool changes = scan.state.op == SelectOp::remove || scan.state.op == SelectOp::replace;
    RowGarbage garbage(scan.table->row_prefix());
    Stop stop;
    Term id;
    {
        TableAccess table(p, scan.table, changes ? TableNeed::write : TableNeed::read);
        if (!table) return Term::none();
        if (!table->is_ordered() && scan.keys == nullptr && scan.position >= table->hash().bucket_count()) {
            return p.badarg();
        }
        Selection selection(p, *table, *scan.program, scan.state, garbage);
        if (!selection) return p.system_limit();
        if (table->is_ordered()) {
            stop = scan.keys != nullptr ? selection.run_keys(*scan.keys)
                                        : selection.run_tree(&scan.last_key, scan.pattern);
        } else {
            stop = scan.keys != nullptr ? selection.run_buckets(*scan.keys) : selection.run_hash(&scan.position);
        }
        if (stop == Stop::slice) {
            if (const Term hold = hold_for(p, scan); hold.is_value()) held = hold;
        } else {
            if (scan.hold != nullptr) scan.hold->let_go();
            if (!table->is_ordered()) removed_rows(p, *table, scan.state);
        }
    }
    SelectState& state = scan.state;
    if (stop == Stop::failed) return p.system_limit();
    if (stop == Stop::end && state.limit == 0) return state.op == SelectOp::list ? state.list : number(state.found);
    id = make_table_id(p, *scan.table);
    const Term program = program_ref(p, *scan.program);
    if (stop == Stop::slice) {
        const Term position =
            scan.table->is_ordered() ? wrapped(p, scan.last_key) : Term::small(static_cast<int64_t>(scan.position));
        const Term pattern = wrapped(p, scan.table->is_ordered() ? scan.pattern : held);
        auto heap = p.reserve(tuple_words(7));
        const Term saved =
            heap.tuple(number(static_cast<size_t>(state.op)), boolean(state.backwards), number(state.limit),
                       number(state.found), state.list, number(state.tried), boolean(state.is_long));
        return p.trap(p.vm->code.export_entry(am::erts_internal(), am::ets_select_more(), 5),
                      {id, program, position, pattern, saved});
    }
    if (!scan.table->is_ordered()) {
        const bool at_end = scan.keys != nullptr || stop == Stop::end;
        return hash_chunk(p, id, program, state, at_end ? -1 : static_cast<int64_t>(scan.position));
    }
    return tree_chunk(p, id, program, state, scan.last_key, scan.pattern, stop == Stop::end);
}

/// Begins a scan of table `id` with specification `spec`.
Term select(ExecState& p, Term id, Term spec, const SelectState& state) {
    Scan scan{find_table(p, id), nullptr, state, 0, nullptr, {}, {}, nullptr};
    if (scan.table == nullptr) return Term::none();
    const bool replaces = state.op == SelectOp::replace;
    const bool changes = state.op == SelectOp::remove || replaces;
    if (replaces && scan.table->type == TableType::bag) return p.badarg_because(am::table_type());
    const ProgramHolder program(MatchProgram::compile(spec, MatchDialect::table, nullptr));
    scan.program = program.get();
    const KeyPlan plan = scan.program != nullptr ? KeyPlan(spec, *scan.table, state.limit != 0)
                                                 : KeyPlan(Term::nil(), *scan.table, false);
    if (scan.program == nullptr || plan.scan == KeyPlan::Scan::nothing ||
        (replaces && !keeps_keys(spec, scan.table->key_position))) {
        const TableAccess table(p, scan.table, changes ? TableNeed::write : TableNeed::read);
        if (!table) return Term::none();
        if (scan.program == nullptr || (replaces && !keeps_keys(spec, scan.table->key_position))) return p.badarg();
        if (state.op != SelectOp::list) return Term::small(0);
        return state.limit != 0 ? am::end_of_table() : Term::nil();
    }
    std::vector<Term> keys = plan.keys;
    if (plan.scan == KeyPlan::Scan::keys) scan.keys = &keys;
    if (plan.scan == KeyPlan::Scan::range) scan.pattern = plan.pattern;
    return run_scan(p, scan);
}

/// [{Pattern, [], [Value]}]
Term pattern_spec(ExecState& p, Term pattern, Term value) {
    auto heap = p.reserve(tuple_words(3) + 2 * kConsWords);
    const Term body = heap.cons(value, Term::nil());
    return heap.cons(heap.tuple(pattern, Term::nil(), body), Term::nil());
}

/// A limit, 0 if `t` is none.
size_t limit_of(Term t) { return t.is_small() && t.to_small() > 0 ? static_cast<size_t>(t.to_small()) : 0; }

Term select_limited(ExecState& p, Term id, Term spec, Term limit, bool backwards) {
    SelectState state;
    state.limit = limit_of(limit);
    state.backwards = backwards;
    if (state.limit != 0) return select(p, id, spec, state);
    const TableAccess table(p, id, TableNeed::read);
    return table ? p.badarg() : Term::none();
}

// ---- continuations

Term go_on_unordered(ExecState& p, TupleView c) {
    auto* program = as_magic<MatchProgram>(c[3]);
    const size_t limit = limit_of(c[2]);
    const int64_t rest = list_length(c[4]);
    if (program == nullptr || limit == 0 || rest < 0 || !c[1].is_small() || c[5] != Term::small(rest))
        return p.badarg();
    const int64_t position = c[1].to_small();
    if (position < -1) return p.badarg();
    Table* found = find_table(p, c[0]);
    if (found == nullptr) return Term::none();
    if (found->is_ordered()) return p.badarg();
    SelectState state;
    state.limit = limit;
    state.found = static_cast<size_t>(rest);
    state.list = c[4];
    state.is_long = true;
    if (position < 0 || state.found >= limit) {
        const TableAccess table(p, found, TableNeed::read);
        if (!table) return Term::none();
        return hash_chunk(p, c[0], c[3], state, position);
    }
    Scan scan{found, program, state, static_cast<size_t>(position), nullptr, {}, {}, nullptr};
    return run_scan(p, scan);
}

Term go_on_ordered(ExecState& p, TupleView c) {
    auto* program = as_magic<MatchProgram>(c[4]);
    const size_t limit = limit_of(c[3]);
    if (program == nullptr || limit == 0 || (c[6] != Term::small(0) && c[6] != Term::small(1))) return p.badarg();
    Table* found = find_table(p, c[0]);
    if (found == nullptr) return Term::none();
    if (!found->is_ordered()) return p.badarg();
    SelectState state;
    state.limit = limit;
    state.backwards = c[6] == Term::small(1);
    Scan scan{found, program, state, 0, nullptr, c[1], c[2].is_nil() ? Term::none() : c[2], nullptr};
    return run_scan(p, scan);
}

Term go_on(ExecState& p, Term continuation) {
    if (continuation == am::end_of_table()) return continuation;
    if (const auto c = as_tuple(continuation, 6)) return go_on_unordered(p, c);
    if (const auto c = as_tuple(continuation, 8)) return go_on_ordered(p, c);
    return p.badarg();
}

Term match(ExecState& p, Term id, Term pattern, Term value) {
    return select(p, id, pattern_spec(p, pattern, value), {});
}

}  // namespace

/// erts_internal:ets_select_more/5: the next slice of a scan. Not in OTP.
Term erts_internal_ets_select_more_5(ExecState& p, Args a) {
    auto* table = as_magic<Table>(a[0]);
    auto* program = as_magic<MatchProgram>(a[1]);
    const auto saved = as_tuple(a[4], 7);
    if (table == nullptr || program == nullptr || program->dialect != MatchDialect::table || !saved) return p.badarg();
    for (const size_t i : {0, 2, 3, 5}) {
        if (!saved[i].is_small() || saved[i].to_small() < 0) return p.badarg();
    }
    if (saved[0].to_small() > static_cast<int64_t>(SelectOp::replace)) return p.badarg();
    SelectState state;
    state.op = static_cast<SelectOp>(saved[0].to_small());
    state.backwards = saved[1] == am::true_();
    state.limit = static_cast<size_t>(saved[2].to_small());
    state.found = static_cast<size_t>(saved[3].to_small());
    state.list = saved[4];
    state.tried = static_cast<size_t>(saved[5].to_small());
    state.is_long = saved[6] == am::true_();
    Scan scan{table, program, state, 0, nullptr, {}, unwrapped(a[3]), nullptr};
    if (table->is_ordered()) {
        scan.last_key = unwrapped(a[2]);
    } else {
        if (!a[2].is_small() || a[2].to_small() < 0) return p.badarg();
        scan.position = static_cast<size_t>(a[2].to_small());
        scan.hold = scan.pattern.is_value() ? as_magic<ScanHold>(scan.pattern) : nullptr;
    }
    return run_scan(p, scan, scan.pattern);
}

/// ets:select/2,3 and select_reverse/2,3. Fails: badarg.
Term ets_select_2(ExecState& p, Args a) { return select(p, a[0], a[1], {}); }
Term ets_select_3(ExecState& p, Args a) { return select_limited(p, a[0], a[1], a[2], false); }
Term ets_select_reverse_2(ExecState& p, Args a) {
    SelectState state;
    state.backwards = true;
    return select(p, a[0], a[1], state);
}
Term ets_select_reverse_3(ExecState& p, Args a) { return select_limited(p, a[0], a[1], a[2], true); }
/// ets:select/1, select_reverse/1, match/1, match_object/1: the next objects of a continuation. Fails: badarg.
Term ets_select_1(ExecState& p, Args a) { return go_on(p, a[0]); }

/// ets:match/2,3: the values of the variables. ets:match_object/2,3: whole objects. Fails: badarg.
Term ets_match_2(ExecState& p, Args a) { return match(p, a[0], a[1], am::dollar_dollar()); }
Term ets_match_3(ExecState& p, Args a) {
    return select_limited(p, a[0], pattern_spec(p, a[1], am::dollar_dollar()), a[2], false);
}
Term ets_match_object_2(ExecState& p, Args a) { return match(p, a[0], a[1], am::dollar_row()); }
Term ets_match_object_3(ExecState& p, Args a) {
    return select_limited(p, a[0], pattern_spec(p, a[1], am::dollar_row()), a[2], false);
}

/// ets:select_count/2: of how many objects the value is true. Fails: badarg.
Term ets_select_count_2(ExecState& p, Args a) {
    SelectState state;
    state.op = SelectOp::count;
    return select(p, a[0], a[1], state);
}

/// ets:internal_select_delete/2: deletes the objects whose value is true; how many. Fails: badarg.
Term ets_internal_select_delete_2(ExecState& p, Args a) {
    SelectState state;
    state.op = SelectOp::remove;
    return select(p, a[0], a[1], state);
}

/// ets:select_replace/2: puts the values in the places of the objects; how many. Fails: badarg.
Term ets_select_replace_2(ExecState& p, Args a) {
    SelectState state;
    state.op = SelectOp::replace;
    return select(p, a[0], a[1], state);
}

}  // namespace lintel
