#pragma once
/// What the BIFs keep for a whole VM.

#include "sched/vm.h"
#include "stdlib/code_purge.h"
#include "stdlib/environment.h"
#include "stdlib/ets/tables.h"
#include "stdlib/file/open_files.h"
#include "stdlib/file/working_directory.h"
#include "stdlib/input_reader.h"
#include "stdlib/literal_collector.h"
#include "stdlib/persistent_terms.h"
#include "stdlib/re/regex_cache.h"

namespace lintel {

struct StdlibState {
    explicit StdlibState(Vm& vm)
        : literal_collector(vm), persistent_terms(vm.literals, literal_collector, vm.epochs), ets(vm), input(vm),
          purge(vm) {}

    LiteralCollector literal_collector;
    PersistentTerms persistent_terms;
    EtsTables ets;
    RegexCache regexes;
    InputReader input;
    CodePurge purge;
    Environment environment;
    WorkingDirectory working_directory;
    std::shared_ptr<OpenFiles> files = std::make_shared<OpenFiles>();
};

/// Gives `vm` its StdlibState; once, before anything runs.
inline void create_stdlib_state(Vm& vm) {
    vm.stdlib_state = std::make_shared<StdlibState>(vm);
    vm.exit_hooks.push_back(EtsTables::process_exits);
    vm.exit_hooks.push_back(OpenFiles::process_exits);
    vm.stop_hooks.push_back([](Vm& v) { static_cast<StdlibState*>(v.stdlib_state.get())->files->stop(); });
}

/// Ends what the BIFs have running outside of processes. Before the VM goes; not a thread of the VM.
inline void close_stdlib_state(Vm& vm) { static_cast<StdlibState*>(vm.stdlib_state.get())->input.close(); }

inline StdlibState& stdlib_state(ExecState& p) {
    void* state = static_cast<Vm*>(p.vm)->stdlib_state.get();
    LINTEL_ASSERT(state != nullptr);
    return *static_cast<StdlibState*>(state);
}

}  // namespace lintel
