/// ETS: tables as a whole: made, named, owned, fixed, described, deleted.

#include <algorithm>
#include <bit>

#include "gc/copy.h"
#include "stdlib/build.h"
#include "stdlib/ets/access.h"

namespace lintel {

namespace {

/// What ets:new/2 and setopts/2 share.
struct HeirOption {
    Term heir;  ///< pid, or none
    Term data = Term::nil();

    /// {heir, none} or {heir, Pid, Data}. A process that has ended is none.
    bool parse(TupleView option, const Vm& vm) {
        const bool is_none = option.arity() == 2 && option[1] == am::none();
        if (!is_none && (option.arity() != 3 || !option[1].is_local_pid())) return false;
        const bool is_there = !is_none && vm.processes.find(option[1]) != nullptr;
        heir = is_there ? option[1] : Term::none();
        data = is_there ? option[2] : Term::nil();
        return true;
    }
};

/// The heir's data, in a block of their own.
struct HeirData {
    HeapFragment* fragment = nullptr;
    Term term = Term::nil();

    explicit HeirData(Term data) { fragment = copy_to_fragment(data, &term, nullptr); }
    ~HeirData() {
        if (fragment != nullptr) HeapFragment::destroy(fragment);
    }
    HeirData(const HeirData&) = delete;
    HeirData& operator=(const HeirData&) = delete;
    explicit operator bool() const { return term.is_value(); }

    /// Into the table, which is locked; what it had comes here.
    void exchange(Table& table, Term heir) {
        table.heir = heir;
        std::swap(table.heir_fragment, fragment);
        std::swap(table.heir_data, term);
    }
};

bool parse_protection(Term t, TableProtection* protection) {
    switch (atom_id(t)) {
        case AtomId::public_: *protection = TableProtection::public_; return true;
        case AtomId::protected_: *protection = TableProtection::protected_; return true;
        case AtomId::private_: *protection = TableProtection::private_; return true;
        default: return false;
    }
}

bool parse_boolean(Term t, bool* value) {
    *value = t == am::true_();
    return *value || t == am::false_();
}

struct NewOptions {
    Table::Options table;
    HeirOption heir;
    std::optional<bool> decentralized;

    bool parse(Term list, const Vm& vm) {
        table.write_concurrency = am::false_();
        for (; list.is_cons(); list = list.tail()) {
            if (!parse_one(list.head(), vm)) return false;
        }
        if (!list.is_nil()) return false;
        table.heir = heir.heir;
        if (table.protection == TableProtection::private_) {
            // One process alone gets at it.
            table.read_concurrency = false;
            table.write_concurrency = am::false_();
            table.decentralized_counters = false;
        } else {
            const Term wc = table.write_concurrency;
            if (wc.is_small() && table.type == TableType::ordered_set) return false;
            const bool by_itself =
                wc == am::auto_() || wc.is_small() || (wc == am::true_() && table.type == TableType::ordered_set);
            table.decentralized_counters = wc != am::false_() && decentralized.value_or(by_itself);
            // A VM with one thread needs no locks for parts.
            if (wc != am::false_() && vm.config.schedulers > 1) {
                constexpr size_t kUsualParts = 64;
                table.parts = {wc.is_small() ? static_cast<size_t>(wc.to_small()) : kUsualParts,
                               table.decentralized_counters};
            }
        }
        return true;
    }

private:
    /// {debug_hash_fixed_number_of_locks, N}, of OTP's own tests: a number that is shown.
    bool parse_locks(TupleView value) {
        constexpr int64_t kLeast = 64, kMost = 32768;
        const Term n = value[1];
        if (value[0] != am::debug_hash_fixed_number_of_locks() || !n.is_small()) return false;
        if (n.to_small() < 1 || n.to_small() > kMost) return false;
        const auto locks = std::bit_floor(static_cast<uint64_t>(std::max(n.to_small(), kLeast)));
        table.write_concurrency = Term::small(static_cast<int64_t>(locks));
        return true;
    }
    bool parse_one(Term option, const Vm& vm) {
        switch (atom_id(option)) {
            case AtomId::set: table.type = TableType::set; return true;
            case AtomId::ordered_set: table.type = TableType::ordered_set; return true;
            case AtomId::bag: table.type = TableType::bag; return true;
            case AtomId::duplicate_bag: table.type = TableType::duplicate_bag; return true;
            case AtomId::named_table: table.is_named = true; return true;
            case AtomId::compressed: table.compressed = true; return true;
            default: break;
        }
        if (parse_protection(option, &table.protection)) return true;
        const auto tuple = as_tuple(option);
        if (!tuple || tuple.arity() < 2) return false;
        if (tuple[0] == am::heir()) return heir.parse(tuple, vm);
        if (tuple.arity() != 2) return false;
        const Term value = tuple[1];
        bool flag;
        switch (atom_id(tuple[0])) {
            case AtomId::keypos:
                // May be beyond all tuples: then nothing can be inserted.
                if (!value.is_small() || value.to_small() < 1) return false;
                table.key_position = static_cast<size_t>(value.to_small());
                return true;
            case AtomId::read_concurrency: return parse_boolean(value, &table.read_concurrency);
            case AtomId::write_concurrency:
                if (as_tuple(value, 2)) return parse_locks(as_tuple(value));
                table.write_concurrency = value;
                return value == am::auto_() || parse_boolean(value, &flag);
            case AtomId::decentralized_counters:
                if (!parse_boolean(value, &flag)) return false;
                decentralized = flag;
                return true;
            default: return false;
        }
    }
};

Term shown_id(ExecState& p, Table& table) { return table.is_named ? table.name : make_table_id(p, table); }

Term type_atom(TableType type) {
    switch (type) {
        case TableType::set: return am::set();
        case TableType::ordered_set: return am::ordered_set();
        case TableType::bag: return am::bag();
        case TableType::duplicate_bag: return am::duplicate_bag();
    }
    LINTEL_UNREACHABLE();
}

Term protection_atom(TableProtection protection) {
    switch (protection) {
        case TableProtection::private_: return am::private_();
        case TableProtection::protected_: return am::protected_();
        case TableProtection::public_: return am::public_();
    }
    LINTEL_UNREACHABLE();
}

Term timestamp(ExecState& p, int64_t ns) {
    const int64_t us = Vm::floor_divide(ns, 1000);
    return make_tuple3(p, Term::small(us / 1000000000000), Term::small(us / 1000000 % 1000000),
                       Term::small(us % 1000000));
}

/// {Time, [{Pid, Count}]}, or false if the table is not fixed.
Term fixed_info(ExecState& p, Table& table, bool monotonic) {
    if (!table.is_fixed()) return am::false_();
    ListMaker list(p);
    for (const Fixation* f = table.fixations; f != nullptr; f = f->next) {
        list.add_pair(f->pid, Term::small(static_cast<int64_t>(f->count)));
    }
    const int64_t since = table.fixed_since_ns;
    const Vm& vm = as_process(p).machine();
    return make_tuple2(p, monotonic ? make_integer(p, since) : timestamp(p, since + vm.time_offset_ns()), list.list());
}

/// {Buckets, AverageChain, Deviation, ExpectedDeviation, Shortest, Longest, FixedDeleted, Parts}: of buckets, as lengths of their chains, with
/// the precision that OTP has.
Term chain_stats(ExecState& p, Table& table) {
    if (table.is_ordered()) return am::false_();
    const HashRows& rows = table.hash();
    const size_t n = rows.bucket_count();
    size_t shortest = SIZE_MAX, longest = 0, squares = 0;
    for (size_t i = 0; i < n; ++i) {
        size_t length = 0;
        for (const Row* row = rows.bucket(i); row != nullptr; row = next_of(row)) ++length;
        shortest = std::min(shortest, length);
        longest = std::max(longest, length);
        squares += length * length;
    }
    p.charge(n / 16);
    const auto buckets = static_cast<float>(n);
    const auto average = static_cast<float>(rows.row_count()) / buckets;
    const float variance = (static_cast<float>(squares) - average * static_cast<float>(rows.row_count())) / buckets;
    const auto deviation = static_cast<float>(__builtin_sqrt(static_cast<double>(std::max(0.0f, variance))));
    const auto expected =
        static_cast<float>(__builtin_sqrt(static_cast<double>(average) * (1.0 - 1.0 / static_cast<double>(n))));
    auto heap = p.reserve(tuple_words(8) + 3 * kBoxedFloatWords);
    const Term a = heap.make_float(static_cast<double>(average));
    const Term b = heap.make_float(static_cast<double>(deviation));
    const Term c = heap.make_float(static_cast<double>(expected));
    const auto number = [](size_t v) { return Term::small(static_cast<int64_t>(v)); };
    return heap.tuple(number(n), a, b, c, number(shortest), number(longest), number(table.deleted_rows),
                      number(rows.part_count()));
}

Term binary_info(ExecState& p, Table& table) {
    Term list = Term::nil();
    const auto add = [&](Row* row) {
        if (!row->has_off_heap()) return;
        for_each_binary(*row, [&](const RefcBinary& binary) {
            const Term address = make_unsigned(p, reinterpret_cast<Word>(binary.data));
            const auto references = static_cast<int64_t>(binary.data->references.load(std::memory_order_relaxed));
            list = make_cons(
                p, make_tuple3(p, address, Term::small(static_cast<int64_t>(binary.bytes)), Term::small(references)),
                list);
        });
    };
    if (table.is_ordered()) {
        for (auto at = table.tree().first(); !at.is_end(); at.next()) add(at.row());
    } else {
        for (Row* row = table.hash().first(); row != nullptr; row = table.hash().next(row)) add(row);
    }
    p.charge(table.size.load(std::memory_order_relaxed) / 16);
    return list;
}

/// The value of an item, the non-value if there is no such item.
Term info_item(ExecState& p, Table& table, Term item) {
    const auto number = [](size_t v) { return Term::small(static_cast<int64_t>(v)); };
    switch (atom_id(item)) {
        case AtomId::id: return make_table_id(p, table);
        case AtomId::decentralized_counters: return boolean(table.decentralized_counters);
        case AtomId::read_concurrency: return boolean(table.read_concurrency);
        case AtomId::write_concurrency:
            if (!table.write_concurrency.is_small()) return table.write_concurrency;
            return make_tuple2(p, am::debug_hash_fixed_number_of_locks(), table.write_concurrency);
        case AtomId::compressed: return boolean(table.compressed);
        case AtomId::memory: return number(table.memory_words());
        case AtomId::owner: return table.owner;
        case AtomId::heir: return table.heir.is_value() ? table.heir : am::none();
        case AtomId::name: return table.name;
        case AtomId::size: return number(table.size.load(std::memory_order_relaxed));
        case AtomId::node: return as_process(p).machine().node_name();
        case AtomId::named_table: return boolean(table.is_named);
        case AtomId::type: return type_atom(table.type);
        case AtomId::keypos: return number(table.key_position);
        case AtomId::protection: return protection_atom(table.protection);
        case AtomId::fixed: return boolean(table.is_fixed());
        case AtomId::safe_fixed: return fixed_info(p, table, false);
        case AtomId::safe_fixed_monotonic_time: return fixed_info(p, table, true);
        case AtomId::stats: return chain_stats(p, table);
        case AtomId::binary: return binary_info(p, table);
        default: return Term::none();
    }
}

/// A table of which something is to be told: TableAccess for info, but a table that is not there is no error. *result is set
/// otherwise.
Table* find_for_info(ExecState& p, Term id, Term* result) {
    bool is_id;
    Table* table = ets_tables(p).find(id, &is_id);
    if (table == nullptr) *result = is_id ? am::undefined() : p.badarg_because(am::type());
    return table;
}

}  // namespace

/// ets:new/2. Fails: badarg.
Term ets_new_2(ExecState& p, Args a) {
    NewOptions options;
    if (!a[0].is_atom() || !options.parse(a[1], as_process(p).machine())) return p.badarg();
    HeirData data(options.heir.data);
    if (!data) return p.system_limit();
    // Room for the id first: from here on the table is known to others.
    auto heap = p.reserve(kMagicRefWords);
    Process& owner = as_process(p);
    if (!owner.tenant->enter(Limit::tables)) return p.system_limit();
    Table* table = ets_tables(p).create(options.table, a[0], owner, data.fragment, data.term);
    if (table == nullptr) {
        owner.tenant->leave(Limit::tables);
        return p.badarg_because(am::already_exists());
    }
    data.fragment = nullptr;
    if (options.table.is_named) return a[0];
    table->retain();
    return heap.magic_ref(table, table->number, 0);
}

/// ets:delete/1: at once for everybody; memory is given back in slices. Fails: badarg.
Term ets_delete_1(ExecState& p, Args a) {
    std::unique_ptr<TableRows> rows;
    {
        TableAccess table(p, a[0], TableNeed::write);
        if (!table) return Term::none();
        rows = ets_tables(p).remove(*table);
    }
    return discard_rows(p, std::move(rows), am::true_());
}

/// ets:internal_delete_all/2: deletes all objects at once; their number (or what is given instead of undefined). Fails: badarg.
Term ets_internal_delete_all_2(ExecState& p, Args a) {
    std::unique_ptr<TableRows> rows;
    Term count;
    {
        TableAccess table(p, a[0], TableNeed::write);
        if (!table) return Term::none();
        count = Term::small(static_cast<int64_t>(table->size.load(std::memory_order_relaxed)));
        rows = table->remove_all();
        if (rows == nullptr) p.charge(static_cast<size_t>(count.to_small()) / 16);
    }
    return discard_rows(p, std::move(rows), a[1] == am::undefined() ? count : a[1]);
}

/// ets:rename/2: the new name. Fails: badarg.
Term ets_rename_2(ExecState& p, Args a) {
    TableAccess table(p, a[0], TableNeed::write);
    if (!table) return Term::none();
    if (!a[1].is_atom()) return p.badarg();
    if (!table->is_named) {
        table->name = a[1];
        return make_table_id(p, *table);
    }
    return ets_tables(p).rename(*table, a[1]) ? a[1] : p.badarg();
}

/// ets:whereis/1: the table id of a named table, or undefined. Fails: badarg unless an atom.
Term ets_whereis_1(ExecState& p, Args a) {
    if (!a[0].is_atom()) return p.badarg();
    bool is_id;
    Table* found = ets_tables(p).find(a[0], &is_id);
    if (found == nullptr) return am::undefined();
    const RwLockGuard lock(found->lock, RwLockGuard::Mode::read);
    return found->is_alive ? make_table_id(p, *found) : am::undefined();
}

/// ets:info/1: a list of pairs, or undefined. Fails: badarg.
Term ets_info_1(ExecState& p, Args a) {
    Term result;
    Table* table = find_for_info(p, a[0], &result);
    if (table == nullptr) return result;
    const RwLockGuard lock(table->lock, RwLockGuard::Mode::read);
    if (!table->is_alive) return am::undefined();
    const Term items[] = {am::id(),
                          am::decentralized_counters(),
                          am::read_concurrency(),
                          am::write_concurrency(),
                          am::compressed(),
                          am::memory(),
                          am::owner(),
                          am::heir(),
                          am::name(),
                          am::size(),
                          am::node(),
                          am::named_table(),
                          am::type(),
                          am::keypos(),
                          am::protection()};
    ListMaker list(p);
    for (const Term item : items) list.add_pair(item, info_item(p, *table, item));
    return list.list();
}

/// ets:info/2, or undefined if there is no table. Fails: badarg.
Term ets_info_2(ExecState& p, Args a) {
    Term result;
    Table* table = find_for_info(p, a[0], &result);
    if (table == nullptr && a[1] == am::binary()) {
        // OTP's function for this item fixes the table, and fails where it lets go of it.
        return p.trap(p.vm->code.export_entry(am::erts_internal(), p.vm->atoms.intern("ets_info_binary"), 1), {a[0]});
    }
    if (table == nullptr) return result;
    const RwLockGuard lock(table->lock, RwLockGuard::Mode::read);
    if (!table->is_alive) return am::undefined();
    const Term value = info_item(p, *table, a[1]);
    return value.is_value() ? value : p.badarg();
}

/// ets:safe_fixtable/2. Fails: badarg.
Term ets_safe_fixtable_2(ExecState& p, Args a) {
    Table* found = find_table(p, a[0]);
    if (found == nullptr) return Term::none();
    RowGarbage garbage(found->row_prefix());
    // Reading is enough to be allowed, but it changes the table.
    {
        const TableAccess table(p, found, TableNeed::read);
        if (!table) return Term::none();
    }
    bool on;
    if (!parse_boolean(a[1], &on)) return p.badarg();
    const RwLockGuard lock(found->lock, RwLockGuard::Mode::write);
    if (!found->is_alive) return p.badarg_because(am::id());
    if (on) {
        ets_tables(p).fix(*found, p.self);
    } else {
        ets_tables(p).unfix(*found, p.self, false, garbage);
    }
    return am::true_();
}

/// ets:give_away/3: sends {'ETS-TRANSFER', Table, From, Gift}. Fails: badarg.
Term ets_give_away_3(ExecState& p, Args a) {
    Vm& vm = as_process(p).machine();
    {
        TableAccess table(p, a[0], TableNeed::write);
        if (!table) return Term::none();
        if (!a[1].is_local_pid()) return p.badarg();
        Process* to = vm.processes.find(a[1]);
        if (to == nullptr || to->is_exiting.load(std::memory_order_acquire)) return p.badarg();
        if (table->owner != p.self) return p.badarg_because(am::not_owner());
        if (a[1] == table->owner) return p.badarg_because(am::owner());
        if (!ets_tables(p).send_transfer(*to, *table, p.self, a[2])) return p.badarg();
        ets_tables(p).change_owner(*table, a[1]);
    }
    ets_tables(p).watch_owner(a[1]);
    return am::true_();
}

/// ets:setopts/2: {heir, …}, {protection, …}, or a list of them. Fails: badarg.
Term ets_setopts_2(ExecState& p, Args a) {
    std::optional<HeirOption> heir;
    std::optional<TableProtection> protection;
    bool valid = true;
    const auto parse = [&](Term option) {
        const auto tuple = as_tuple(option);
        TableProtection level;
        if (tuple && tuple.arity() >= 2 && tuple[0] == am::heir() && !heir) {
            heir.emplace();
            valid &= heir->parse(tuple, as_process(p).machine());
        } else if (tuple && tuple.arity() == 2 && tuple[0] == am::protection() && !protection &&
                   parse_protection(tuple[1], &level)) {
            protection = level;
        } else {
            valid = false;
        }
    };
    Term list = a[1];
    if (list.is_tuple()) {
        parse(list);
        list = Term::nil();
    }
    for (; list.is_cons() && valid; list = list.tail()) parse(list.head());
    valid &= list.is_nil();
    HeirData data(valid && heir ? heir->data : Term::nil());  // what the table had before is freed after unlocking
    TableAccess table(p, a[0], TableNeed::write);
    if (!table) return Term::none();
    if (!valid) return p.badarg();
    if (table->owner != p.self) return p.badarg();
    if (!data) return p.system_limit();
    if (heir) data.exchange(*table, heir->heir);
    if (protection) table->protection = *protection;
    return am::true_();
}

/// ets:internal_request_all/0: a reference; then as many messages {Ref, Tables} as there are schedulers.
Term ets_internal_request_all_0(ExecState& state, Args) {
    Process& p = as_process(state);
    Vm& vm = p.machine();
    const Word number = vm.next_reference_number();
    Term list = Term::nil();
    for (Table* table : ets_tables(p).all()) {
        {
            const RwLockGuard lock(table->lock, RwLockGuard::Mode::read);
            if (table->is_alive) list = make_cons(p, shown_id(p, *table), list);
        }
        table->release_reference();
    }
    for (unsigned i = 0; i < vm.scheduler_count(); ++i) {
        bool no_memory = false;
        auto heap = p.reserve(kRefWords + tuple_words(2));
        const Term ref = heap.ref(number, 0);
        vm.send_message(p, heap.tuple(ref, i == 0 ? list : Term::nil()), &no_memory);
        if (no_memory) return p.system_limit();
    }
    return p.reserve(kRefWords).ref(number, 0);
}

/// erts_internal:ets_super_user/1: the caller may read private tables of others from now on, or not any more. Fails: badarg.
Term erts_internal_ets_super_user_1(ExecState& p, Args a) {
    bool on;
    if (!parse_boolean(a[0], &on)) return p.badarg();
    ets_tables(p).set_super_user(p.self, on);
    return am::ok();
}

}  // namespace lintel
