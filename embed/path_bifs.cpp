/// BIFs that ask for the files on the code path, in either profile.

#include "embed/loading_vm.h"
#include "sched/process.h"
#include "stdlib/build.h"

namespace lintel {

namespace {

/// erlang:pre_loaded/0.
Term pre_loaded(ExecState& p, const Term*) {
    ListMaker list(p);
    auto& vm = static_cast<LoadingVm&>(as_process(p).machine());
    for (const Term module : vm.own_modules()) list.add(module);
    for (const std::string& name : vm.path.preloaded_modules()) {
        const Term atom = p.vm->atoms.intern(name);
        if (atom.is_none()) return p.system_limit();
        list.add(atom);
    }
    return list.list();
}

}  // namespace

void LoadingVm::add_path_bifs() {
    const BifEntry bif{am::erlang(), atoms.intern("pre_loaded"), 0, kNone, pre_loaded};
    code.add_bifs({&bif, 1});
}

}  // namespace lintel
