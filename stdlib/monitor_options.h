#pragma once
/// Options of monitor/3, and of {monitor, Options} in spawn_opt; options of spawn as other nodes send them.

#include "sched/process.h"

namespace lintel {

struct SpawnOptions;

struct MonitorOptions {
    AliasMode alias = AliasMode::none;
    Term tag;

    /// False: not a proper list of options.
    bool parse(Term list);
    /// Gives `m` a tag of its own, if there is one; false: out of memory.
    bool set_tag(Vm& vm, Monitor* m) const;
};

/// Vm::parse_spawn_options.
bool parse_remote_spawn_options(Vm& vm, Term list, SpawnOptions* options);

}  // namespace lintel
