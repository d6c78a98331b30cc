#include "stdlib/bif_table.h"

#include "sched/vm.h"

namespace lintel {

namespace {

/// Moves the process to a dirty thread, where it calls again, and back after the call.
Term call_dirty(ExecState& state, Args args, Term (*f)(ExecState&, Args), DirtyKind kind) {
    Process& p = as_process(state);
    if (p.on_dirty) {
        const DirtySection section(p);
        const Term result = f(state, args);
        state.reductions = 0;
        return result;
    }
    if (!p.machine().has_dirty_threads(kind)) return f(state, args);
    p.dirty_wanted = kind;
    p.pending = Pending::yield;
    return Term::none();
}

template <Term (*f)(ExecState&, Args), uint8_t flags>
Term thunk(ExecState& p, const Term* args) {
    if constexpr ((flags & (kDirtyCpu | kDirtyIo)) != 0) {
        return call_dirty(p, Args{args}, f, (flags & kDirtyCpu) != 0 ? DirtyKind::cpu : DirtyKind::io);
    } else {
        return f(p, Args{args});
    }
}

struct Row {
    const char* module;
    const char* function;
    uint8_t arity;
    uint8_t flags;
    BifFunction call;
};

}  // namespace

#define BIF(module, function, arity, cpp, flags) Term cpp(ExecState&, Args);
#include "stdlib/bifs.def"
#undef BIF

namespace {

const Row kRows[] = {
#define BIF(module, function, arity, cpp, flags) {module, function, arity, (flags), thunk<cpp, (flags)>},
#include "stdlib/bifs.def"
#undef BIF
};

}  // namespace

std::vector<BifEntry> bif_table(AtomTable& atoms, bool bare) {
    std::vector<BifEntry> table;
    table.reserve(std::size(kRows));
    for (const Row& row : kRows) {
        if ((row.flags & kBare) != 0 && !bare) continue;
        table.push_back({atoms.intern(row.module), atoms.intern(row.function), row.arity, row.flags, row.call});
    }
    return table;
}

}  // namespace lintel
