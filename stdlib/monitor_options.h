#pragma once
/// Options of monitor/3, and of {monitor, Options} in spawn_opt.

#include "sched/process.h"

namespace lintel {

struct MonitorOptions {
    AliasMode alias = AliasMode::none;
    Term tag;

    /// False: not a proper list of options.
    bool parse(Term list);
    /// Gives `m` a tag of its own, if there is one; false: out of memory.
    bool set_tag(Vm& vm, Monitor* m) const;
};

}  // namespace lintel
