/// What the verifier lets pass may run. Inputs are `.beam` files; the mutator changes their code as structures
/// (tests/fuzz/code_mutator.h). A file that is accepted is installed in a VM with a clock of its own, each exported function is called with a few
/// arguments, every process is collected in between, and everything is killed after some thousand reductions. Under the sanitizers
/// nothing but a refusal or a quiet end is right.

#include <cstdlib>
#include <cstring>
#include <memory>

#include "embed/bare_vm.h"
#include "gc/collector.h"
#include "jit/compiler.h"
#include "loader/disasm.h"
#include "tests/fuzz/code_mutator.h"

namespace lintel {
namespace {

constexpr size_t kRunsPerWorld = 3000;
constexpr int64_t kReductions = 6000;
constexpr size_t kMaxHeapWords = 30000;
constexpr size_t kMaxFunctions = 8;

struct World {
    int64_t clock = 0;
    uint64_t random = 1;
    std::unique_ptr<NativeCompiler> compiler;
    Interpreter engine;
    std::unique_ptr<BareVm> vm;
    size_t runs = 0;

    /// `compiles`: everything becomes machine code when it is first called.
    explicit World(bool compiles) {
        if (compiles) compiler = make_native_compiler();
        if (compiler != nullptr) engine.compile_with(compiler.get(), 1);
        VmConfig config;
        config.schedulers = 0;
        config.process_limit = 64;
        config.platform.context = this;
        config.platform.monotonic_ns = [](void* w) { return static_cast<World*>(w)->clock += 1000; };
        config.platform.system_ns = config.platform.monotonic_ns;
        config.platform.random = [](void* w, void* bytes, size_t count) {
            auto& state = static_cast<World*>(w)->random;
            for (size_t i = 0; i < count; ++i)
                static_cast<uint8_t*>(bytes)[i] =
                    static_cast<uint8_t>((state = state * 6364136223846793005u + 1) >> 40);
        };
        config.platform.write = [](void*, int, const char*, size_t) { return 0; };
        config.platform.read = [](void*, char*, size_t) -> ptrdiff_t { return 0; };
        vm = std::make_unique<BareVm>(config, engine);
        vm->start();
    }

    void for_each_process(void (*f)(World&, Process&)) {
        const ForeignReader reader(vm->epochs);
        size_t slot = 0;
        while (Process* p = vm->processes.next(&slot)) {
            if (!p->is_exiting.load()) f(*this, *p);
        }
    }
    void collect_all() {
        for_each_process([](World& w, Process& p) {
            if (p.exiting) return;
            Scheduler& s = w.vm->scheduler(0);
            p.scheduler = &s;
            p.registers = &s.registers;
            p.load_x();
            if (p.collect_garbage(0, p.live, Process::CollectKind::major)) p.save_x();
            p.scheduler = nullptr;
            p.registers = nullptr;
        });
    }
    void kill_all() {
        for (int turn = 0; turn < 50; ++turn) {
            for_each_process([](World& w, Process& p) {
                p.suspend_count = 0;
                p.begin_exit(am::killed());
                w.vm->wake(p);
            });
            vm->poll(1000000);
            const ForeignReader reader(vm->epochs);
            size_t slot = 0;
            if (vm->processes.next(&slot) == nullptr) return;
        }
        std::abort();  // a process does not die
    }
};

constexpr Word kLimbs[] = {5, 7, 9};

/// Terms of all kinds, chosen by `choice`.
Term argument(HeapBuilder& heap, uint32_t choice) {
    const auto small = [](int64_t n) { return Term::small(n); };
    switch (choice % 16) {
        case 0: return small(choice % 7);
        case 1: return small(-1);
        case 2: return Term::nil();
        case 3: return am::ok();
        case 4: return heap.cons(small(1), heap.cons(small(2), heap.cons(am::ok(), Term::nil())));
        case 5: return heap.tuple(am::ok(), small(3));
        case 6: return heap.tuple(am::error(), heap.cons(small(1), Term::nil()), heap.tuple(am::ok(), small(2)));
        case 7: return heap.binary(std::string_view("abcdefgh\x01\x02\x03\x04\x05\x06\x07\x80\xff\xc3\xa4", 19));
        case 8: return heap.binary(std::string(100, 'x'));
        case 9: return heap.sub_binary(heap.binary("0123456789"), 3, 50);
        case 10: return heap.make_float(1.5);
        case 11: return heap.make_float(1e300);
        case 12: return heap.integer_from_limbs(kLimbs, false);
        case 13: return heap.string("a string");
        case 14: return heap.tuple(am::ok());
        default: return heap.binary("");
    }
}

void call(World& world, Term module, const Module::Export& f, uint32_t seed) {
    HeapFragment* fragment = HeapFragment::create(64 * f.arity + 64);
    if (fragment == nullptr) std::abort();
    SpawnOptions options;
    options.module = module;
    options.function = f.function;
    options.has_max_heap = true;
    options.max_heap.words = kMaxHeapWords;
    {
        HeapBuilder heap(fragment);
        for (uint32_t n = 0; n < f.arity; ++n)
            options.arguments = heap.cons(argument(heap, (seed = seed * 1103515245 + 12345) >> 8), options.arguments);
    }
    Vm::SpawnError error;
    {
        const ForeignReader reader(world.vm->epochs);
        world.vm->spawn(options, &error);
    }
    HeapFragment::destroy(fragment);
}

void run(World& world, Term name) {
    BareVm& vm = *world.vm;
    const Module& m = *vm.code.current(name)->module;
    uint32_t seed = m.md5[0] | uint32_t{m.md5[1]} << 8;
    for (int round = 0; round < 2; ++round) {
        size_t count = 0;
        for (const Module::Export& f : m.exports) {
            if (f.arity > 6 || f.function == am::module_info() || ++count > kMaxFunctions) continue;
            call(world, name, f, seed += 77);
        }
        vm.poll(kReductions);
        world.collect_all();
        world.clock += int64_t{60} * 1000000000;
        vm.poll(kReductions);
        world.kill_all();
        if (vm.is_halted()) return;
    }
}

std::unique_ptr<World> g_world;

}  // namespace
}  // namespace lintel

/// 1 if the file was accepted and run.
static int run_input(const uint8_t* data, size_t size) {
    using namespace lintel;
    if (g_world == nullptr || ++g_world->runs > kRunsPerWorld || g_world->vm->is_halted()) {
        g_world = nullptr;
        static bool compiles = false;
        compiles = !compiles;
        g_world = std::make_unique<World>(compiles);
    }
    BareVm& vm = *g_world->vm;
    const LoadContext context{vm.atoms, vm.literals, &vm.code};
    auto loaded = load_module(context, {data, size}, "input.beam");
    if (!loaded) {
        if (loaded.error().text().empty()) std::abort();
        if (getenv("LINTEL_FUZZ_SAY") != nullptr) std::fprintf(stderr, "%s\n", loaded.error().text().c_str());
        return 0;
    }
    auto module = loaded.take();
    if (getenv("LINTEL_FUZZ_SAY") != nullptr) std::fprintf(stderr, "%s\n", disassemble(*module).c_str());
    const Term name = module->name;
    if (module->on_load_label != 0 || vm.code.current(name) != nullptr || vm.code.old(name) != nullptr) {
        discard_module(context, std::move(module));
        return 0;
    }
    if (vm.code.install(std::move(module)) != CodeServer::InstallResult::done) std::abort();
    run(*g_world, name);
    if (vm.code.current(name) != nullptr && !vm.code.make_old(name)) std::abort();
    if (vm.code.old(name) != nullptr && !vm.code.purge_old(name)) std::abort();
    return 1;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
#ifdef LINTEL_STANDALONE
    return run_input(data, size);
#else
    run_input(data, size);
    return 0;  // libFuzzer keeps what finds new code
#endif
}

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned seed) {
    lintel::fuzz::CodeFile file;
    if (!file.parse({data, size})) return seed % 100 == 0 ? LLVMFuzzerMutate(data, size, max_size) : size;
    lintel::fuzz::CodeMutator(seed).mutate(file);
    const std::string bytes = file.write();
    if (bytes.size() > max_size) return size;
    std::memcpy(data, bytes.data(), bytes.size());
    return bytes.size();
}
