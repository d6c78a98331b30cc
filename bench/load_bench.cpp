/// Loading: time per module over the standard library of the installed OTP (files already in memory).
/// LINTEL_BENCH_BEAMS names another directory.

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/md5.h"
#include "jit/compiler.h"
#include "loader/code_server.h"
#include "loader/load_p.h"
#include "stdlib/bif_table.h"
#include "vm/interpreter.h"
#include "vm/lower.h"

namespace lintel {
namespace {

struct Files {
    std::vector<std::vector<uint8_t>> bytes;
    size_t total = 0;

    Files() {
        const char* directory = std::getenv("LINTEL_BENCH_BEAMS");
        std::error_code error;
        for (const char* lib = "/usr/lib/erlang/lib";
             const auto& app : std::filesystem::directory_iterator(directory != nullptr ? directory : lib, error)) {
            const std::string name = app.path().filename().string();
            if (directory == nullptr && !name.starts_with("stdlib-")) continue;
            const auto ebin = directory == nullptr ? app.path() / "ebin" : app.path();
            if (!std::filesystem::is_directory(ebin)) {
                add(ebin);
                continue;
            }
            for (const auto& file : std::filesystem::directory_iterator(ebin, error)) add(file.path());
        }
    }
    void add(const std::filesystem::path& path) {
        if (path.extension() != ".beam") return;
        std::ifstream in(path, std::ios::binary);
        bytes.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
        total += bytes.back().size();
    }
};

const Files& files() {
    static const Files all;
    return all;
}

struct World {
    AtomTable atoms;
    LiteralSpace literals;
    CodeServer code{atoms, literals, EngineHooks{[](ExportEntry&) {}, [](FunctionEntry&) {}, [](LoadedModule&) {}}};
};

using Load = decltype(&load_module);

void load_all(benchmark::State& state, Load load) {
    World world;
    const LoadContext context{world.atoms, world.literals, &world.code};
    for (auto _ : state) {
        for (const auto& bytes : files().bytes) {
            auto module = load(context, bytes, "bench");
            if (!module) {
                state.SkipWithError(module.error().text().c_str());
                return;
            }
            discard_module(context, module.take());
        }
    }
    const auto modules = static_cast<double>(files().bytes.size());
    state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) * static_cast<int64_t>(files().total));
    state.counters["per_module"] = benchmark::Counter(modules * static_cast<double>(state.iterations()),
                                                      benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
    state.counters["module_bytes"] = static_cast<double>(files().total) / modules;
}

void BM_load(benchmark::State& state) { load_all(state, load_module); }
BENCHMARK(BM_load)->Unit(benchmark::kMillisecond);
/// Without the verifier: what is left for it of the budget.
void BM_load_unverified(benchmark::State& state) { load_all(state, load_unverified); }
BENCHMARK(BM_load_unverified)->Unit(benchmark::kMillisecond);

/// The same, and machine code of every function, as if each were called (`eager`).
void BM_machine_code(benchmark::State& state) {
    for (auto _ : state) {
        AtomTable atoms;
        LiteralSpace literals;
        Interpreter engine;
        const auto compiler = make_native_compiler(size_t{1} << 30, 0);
        if (compiler == nullptr) return state.SkipWithError("no machine code here");
        engine.compile_with(compiler.get(), 1);
        CodeServer code(atoms, literals, engine.hooks());
        code.set_bif_table(kBifs, 0);
        size_t functions = 0;
        for (const auto& bytes : files().bytes) {
            auto module = load_module({atoms, literals, &code}, bytes, "bench");
            if (!module) return state.SkipWithError(module.error().text().c_str());
            auto loaded = module.take();
            loaded->on_load_label = 0;
            const Term name = loaded->name;
            if (code.install(std::move(loaded)) != CodeServer::InstallResult::done) continue;
            for (FunctionEntry& entry : code.current(name)->functions) {
                const CodeBlock& block = engine.prepare(code, entry);
                std::vector<NativeCompiler::Resume> resumes;
                NativeCode* const made =
                    compiler->compile(block, operations_of(code, entry, engine.handlers(), block), &resumes);
                if (made == nullptr) return state.SkipWithError("no room for machine code");
                compiler->release(made);
                ++functions;
            }
        }
        state.counters["functions"] = static_cast<double>(functions);
    }
    state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) * static_cast<int64_t>(files().total));
}
BENCHMARK(BM_machine_code)->Unit(benchmark::kMillisecond);

void BM_md5(benchmark::State& state) {
    const std::string text(16384, 'x');
    for (auto _ : state) benchmark::DoNotOptimize(Md5::of(text.data(), text.size()));
    state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) * 16384);
}
BENCHMARK(BM_md5);

}  // namespace
}  // namespace lintel
