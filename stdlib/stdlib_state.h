#pragma once
/// What the BIFs keep for a whole VM.

#include "sched/vm.h"
#include "stdlib/code_purge.h"
#include "stdlib/driver/drivers.h"
#include "stdlib/environment.h"
#include "stdlib/ets/tables.h"
#include "stdlib/file/open_files.h"
#include "stdlib/file/working_directory.h"
#include "stdlib/host/host_objects.h"
#include "stdlib/input_reader.h"
#include "stdlib/literal_collector.h"
#include "stdlib/monitor_options.h"
#include "stdlib/native/image.h"
#include "stdlib/nif/nif_state.h"
#include "stdlib/persistent_terms.h"
#include "stdlib/re/regex_cache.h"
#include "stdlib/socket/sockets.h"
#include "stdlib/terminal/host_terminal.h"
#include "stdlib/trace/trace_calls.h"
#include "stdlib/trace/trace_points.h"

namespace lintel {

struct StdlibState {
    explicit StdlibState(Vm& vm)
        : literal_collector(vm), persistent_terms(vm.literals, literal_collector, vm.epochs), ets(vm), input(vm),
          purge(vm), traces(vm), environment(vm.own_tenant->rights.has(Right::environment)), terminal(vm),
          local_terms_mark(vm.random_word()), nifs(make_nif_libraries(vm)), drivers(std::make_unique<Drivers>(vm)) {}
    ~StdlibState() { end_nif_libraries(*nifs); }

    LiteralCollector literal_collector;
    PersistentTerms persistent_terms;
    EtsTables ets;
    RegexCache regexes;
    InputReader input;
    CodePurge purge;
    TracePatterns traces;
    Environment environment;
    WorkingDirectory working_directory;
    HostTerminal terminal;
    HostCalls host_calls;
    std::atomic<bool> tells_internal_state{false};  ///< erts_debug:get_internal_state/1
    const uint64_t local_terms_mark;                ///< stdlib/local_terms.h
    std::shared_ptr<OpenFiles> files = std::make_shared<OpenFiles>();
    std::shared_ptr<Sockets> sockets = std::make_shared<Sockets>();
    NativeImages images;
    const std::shared_ptr<NifLibraries> nifs;
    const std::unique_ptr<Drivers> drivers;
};

inline StdlibState& stdlib_state(Vm& vm) {
    void* state = vm.stdlib_state.get();
    LINTEL_ASSERT(state != nullptr);
    return *static_cast<StdlibState*>(state);
}
inline StdlibState& stdlib_state(ExecState& p) { return stdlib_state(*static_cast<Vm*>(p.vm)); }

/// Gives `vm` its StdlibState; once, before anything runs.
inline void create_stdlib_state(Vm& vm) {
    vm.stdlib_state = std::make_shared<StdlibState>(vm);
    install_trace_hooks(vm);
    vm.parse_spawn_options = parse_remote_spawn_options;
    vm.exit_hooks.push_back(EtsTables::process_exits);
    vm.exit_hooks.push_back(OpenFiles::process_exits);
    vm.exit_hooks.push_back(HostTerminal::process_exits);
    vm.exit_hooks.push_back(HostCalls::process_exits);
    vm.exit_hooks.push_back(Sockets::process_exits);
    vm.exit_hooks.push_back(tell_nif_libraries);
    vm.exit_hooks.push_back(Drivers::process_ended);
    vm.stop_hooks.push_back([](Vm& v) {
        stdlib_state(v).files->stop();
        stdlib_state(v).sockets->stop();
        if (!v.is_halted()) return;
        nif_libraries_halted(*stdlib_state(v).nifs);
        stdlib_state(v).drivers->async.drain();
    });
}

/// Ends what the BIFs have running outside of processes. Before the VM goes; not a thread of the VM.
inline void close_stdlib_state(Vm& vm) {
    stdlib_state(vm).input.close();
    stdlib_state(vm).terminal.close();
    stdlib_state(vm).sockets->close_all();
    stdlib_state(vm).drivers->end();
    end_nif_libraries(*stdlib_state(vm).nifs);
    stdlib_state(vm).images.end();
}

}  // namespace lintel
