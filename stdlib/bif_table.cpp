#include "stdlib/bif_table.h"

#include <array>
#include <bit>

#include "sched/vm.h"

namespace lintel {

namespace {

void want_dirty(Process& p, DirtyKind kind) {
    p.dirty_wanted = kind;
    p.pending = Pending::yield;
}

/// Moves the process to a dirty thread, where it calls again, and back after the call.
Term call_dirty(ExecState& state, Args args, Term (*f)(ExecState&, Args), DirtyKind kind, bool tries_first) {
    Process& p = as_process(state);
    if (p.on_dirty) {
        const DirtySection section(p);
        const Term result = f(state, args);
        p.end_slice();
        return result;
    }
    if (tries_first || !p.machine().has_dirty_threads(kind)) return f(state, args);
    want_dirty(p, kind);
    return Term::none();
}

/// erlang:error(eperm), if the process must not change what is the VM's.
bool is_refused(ExecState& p) {
    if (LINTEL_LIKELY(!as_process(p).acting_tenant().is_guest()) || may(as_process(p), Right::control)) return false;
    p.error(am::eperm());
    return true;
}

template <Term (*f)(ExecState&, Args), uint8_t flags>
Term thunk(ExecState& p, const Term* args) {
    if constexpr ((flags & kControl) != 0) {
        if (is_refused(p)) return Term::none();
    }
    if constexpr ((flags & (kDirtyCpu | kDirtyIo)) != 0) {
        return call_dirty(p, Args{args}, f, (flags & kDirtyCpu) != 0 ? DirtyKind::cpu : DirtyKind::io,
                          (flags & kTriesFirst) != 0);
    } else {
        return f(p, Args{args});
    }
}

}  // namespace

bool go_dirty(ExecState& state) {
    Process& p = as_process(state);
    if (p.on_dirty || !p.machine().has_dirty_threads(DirtyKind::io)) return false;
    want_dirty(p, DirtyKind::io);
    return true;
}

#define BIF(module, function, arity, cpp, flags) Term cpp(ExecState&, Args);
#include "stdlib/bifs.def"
#undef BIF

namespace {

constexpr BifTable::Row kRows[] = {
#define BIF(module, function, arity, cpp, flags) {module, function, arity, (flags), thunk<cpp, (flags)>},
#include "stdlib/bifs.def"
#undef BIF
};

/// Open addressing: the number of a row and one, or 0. At most half full.
constexpr size_t kSlots = std::bit_ceil(std::size(kRows) * 2);
static_assert(std::size(kRows) < 0xffff);

constexpr size_t slot_of(Word module_hash, Word function_hash, uint32_t arity) {
    return (module_hash * 3 + function_hash + arity) & (kSlots - 1);
}

constexpr std::array<uint16_t, kSlots> make_index() {
    std::array<uint16_t, kSlots> index{};
    for (size_t i = 0; i < std::size(kRows); ++i) {
        const BifTable::Row& row = kRows[i];
        size_t slot = slot_of(atom_internal_hash(row.module), atom_internal_hash(row.function), row.arity);
        while (index[slot] != 0) slot = (slot + 1) & (kSlots - 1);
        index[slot] = static_cast<uint16_t>(i + 1);
    }
    return index;
}
constexpr std::array<uint16_t, kSlots> kIndex = make_index();

const BifTable::Row* find_row(Term module, Term function, uint32_t arity) {
    size_t slot = slot_of(module.atom_entry()->internal_hash, function.atom_entry()->internal_hash, arity);
    for (; kIndex[slot] != 0; slot = (slot + 1) & (kSlots - 1)) {
        const BifTable::Row& row = kRows[kIndex[slot] - 1];
        if (row.arity == arity && atom_name(function) == row.function && atom_name(module) == row.module) return &row;
    }
    return nullptr;
}

}  // namespace

const BifTable kBifs{kRows, find_row};

}  // namespace lintel
