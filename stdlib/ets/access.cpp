#include "stdlib/ets/access.h"

namespace lintel {

Table* find_table(ExecState& p, Term id) {
    bool is_id;
    Table* table = ets_tables(p).find(id, &is_id);
    if (table == nullptr) p.badarg_because(is_id ? am::id() : am::type());
    return table;
}

void TableAccess::check(ExecState& p, TableNeed need) {
    Term cause;
    if (!table_->is_alive) {
        cause = am::id();
    } else {
        switch (need) {
            case TableNeed::info: return;
            case TableNeed::read:
                if (table_->protection != TableProtection::private_ || ets_tables(p).is_super_user(p.self)) return;
                break;
            case TableNeed::write:
                if (table_->protection == TableProtection::public_) return;
                break;
        }
        cause = am::access();
    }
    unlock();
    p.badarg_because(cause);
}

namespace {

/// Rows on their way out, while the process that took them out of their table lets others run.
struct DiscardedRows : Magic {
    static inline const char kMagicType = 0;
    explicit DiscardedRows(std::unique_ptr<TableRows> r) : Magic(&kMagicType), rows(std::move(r)) {}
    std::unique_ptr<TableRows> rows;
};

constexpr size_t kFreedRowsPerReduction = 10;

/// True when done.
bool free_slice(ExecState& p, TableRows& rows) {
    const auto reductions = static_cast<size_t>(p.reductions > 0 ? p.reductions : 1);
    const bool done = rows.free_some(reductions * kFreedRowsPerReduction);
    if (!done) p.charge(reductions);
    return done;
}

Term go_on_discarding(ExecState& p, Term rows, Term result) {
    return p.trap(p.vm->code.export_entry(am::erts_internal(), am::ets_discard(), 2), {rows, result});
}

}  // namespace

Term discard_rows(ExecState& p, std::unique_ptr<TableRows> rows, Term result) {
    if (rows == nullptr || free_slice(p, *rows)) return result;
    Term ref;
    {
        auto heap = p.reserve(kMagicRefWords);
        ref = heap.magic_ref(new DiscardedRows(std::move(rows)), p.vm->next_reference_number(), 0);
    }
    return go_on_discarding(p, ref, result);
}

/// erts_internal:ets_discard/2: goes on with what a delete of many objects has begun, then returns Result. Not in OTP.
Term erts_internal_ets_discard_2(ExecState& p, Args a) {
    auto* discarded = as_magic<DiscardedRows>(a[0]);
    if (discarded == nullptr) return p.badarg();
    if (!free_slice(p, *discarded->rows)) return go_on_discarding(p, a[0], a[1]);
    return a[1];
}

}  // namespace lintel
