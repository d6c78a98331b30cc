#include "stdlib/bif_table.h"

namespace lintel {

namespace {

template <Term (*f)(ExecState&, Args)>
Term thunk(ExecState& p, const Term* args) {
    return f(p, Args{args});
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
#define BIF(module, function, arity, cpp, flags) {module, function, arity, (flags), thunk<cpp>},
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
