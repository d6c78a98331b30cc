/// Any bytes are packets from another node or end the connection. The node has processes that get messages, links, monitors, requests to spawn, as
/// the packets say; what they are asked is answered over the same connection.

#include <cstdlib>

#include "sched/remote.h"
#include "sched/vm.h"
#include "stdlib/stdlib_state.h"

namespace lintel {
namespace {

/// Processes wait for messages and take none; one in four of them ends.
class IdleEngine final : public Engine {
public:
    const char* name() const override { return "idle"; }
    bool is_compiling() const override { return false; }
    EngineHooks hooks() override {
        return {[](ExportEntry&) {}, [](FunctionEntry&) {}, [](LoadedModule&) {}};
    }
    void begin(ExecState& p, const ExportEntry*, unsigned arity) override {
        *--p.heap.stack_top = Term::nil().word();
        p.live = static_cast<uint8_t>(arity);
    }
    RunResult run(ExecState& p) override {
        p.live = 0;
        as_process(p).waiting_for_message = true;
        if (p.self.imm_data() % 4 != 3) return RunResult::waiting;
        p.reason = am::normal();
        p.exception_class = ExceptionClass::exit;
        return RunResult::exited;
    }
    CodeLocation locate(const void*) override { return {}; }
    size_t code_bytes() const override { return 0; }
};

struct World {
    static VmConfig config() {
        VmConfig c;
        c.schedulers = 0;
        c.process_limit = 1024;
        c.rights.bits |= static_cast<uint32_t>(Right::distribution);
        c.limits[static_cast<size_t>(Limit::memory)] = size_t{512} << 20;
        return c;
    }
    World() {
        create_stdlib_state(vm);
        const MemoryScope scope(vm.memory);
        const ForeignReader reader(vm.epochs);
        for (int i = 0; i < 8; ++i) {
            SpawnOptions options;
            options.module = am::erlang();
            options.function = am::start();
            Vm::SpawnError error;
            const Term pid = vm.spawn(options, &error);
            if (i == 0) vm.register_name(am::net_kernel(), pid);
            if (i == 1) vm.register_name(am::logger(), pid);
        }
        Process* kernel = vm.processes.find(vm.names.find(am::net_kernel()));
        if (!vm.distribution.start(*kernel, here, 1)) std::abort();
    }

    void connect(uint64_t flags) {
        const ConnectionRef c = vm.distribution.find_or_make(there);
        if (!vm.distribution.set_up(*c, vm.names.find(am::logger()), Term::nil(), flags, 2, nullptr)) std::abort();
        connection = c;
    }

    IdleEngine engine;
    Vm vm{config(), engine};
    Term here = vm.atoms.intern("a@b"), there = vm.atoms.intern("c@d");
    ConnectionRef connection;
};

/// Pieces of data with two bytes of length before them are packets.
void feed(World& world, std::span<const uint8_t> data) {
    if (data.empty()) return;
    const uint64_t without = (data[0] & 1) != 0 ? dist_flag::kAtomCache | dist_flag::kFragments : 0;
    data = data.subspan(1);
    {
        const MemoryScope scope(world.vm.memory);
        world.connect(dist_flag::kDefault & ~without);
        while (data.size() >= 2) {
            const size_t n = std::min<size_t>(static_cast<size_t>(data[0] << 8 | data[1]), data.size() - 2);
            // A copy of exactly this size, so that a read beyond it is found.
            const std::vector<uint8_t> packet(data.begin() + 2, data.begin() + 2 + static_cast<ptrdiff_t>(n));
            data = data.subspan(2 + n);
            if (!world.connection->input(packet)) break;
            std::string out;
            while (world.connection->take_packet(&out)) {
            }
        }
    }
    world.vm.poll(100000);
    {
        const MemoryScope scope(world.vm.memory);
        world.vm.distribution.lost(*world.connection, am::normal());
        world.connection = ConnectionRef();
    }
    world.vm.poll(100000);
}

}  // namespace
}  // namespace lintel

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    // A world for each input: LeakSanitizer does not follow the process table's pages, and would miss what a living world holds.
    lintel::World world;
    lintel::feed(world, {data, size});
    return 0;
}
