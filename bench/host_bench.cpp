// What a host program pays: calls from the host into Erlang and back, one thread, driven by the host; functions of the host that Erlang code calls.
#include <benchmark/benchmark.h>
#include <lintel/lintel.h>

#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {

void check(bool ok) {
    if (ok) return;
    std::fputs("host_bench: failed\n", stderr);
    std::exit(1);
}

ERL_NIF_TERM successor(ErlNifEnv* env, int, const ERL_NIF_TERM argv[]) {
    long n;
    return enif_get_long(env, argv[0], &n) ? enif_make_long(env, n + 1) : enif_make_badarg(env);
}

ErlNifFunc functions[] = {{"successor", 1, successor, 0}};
const ErlNifEntry entry = LINTEL_MODULE("host", functions);

/// A VM that the host drives, or one with a thread of its own, with the module `host`.
struct Started {
    explicit Started(lintel_driving driving) {
        lintel_config config;
        lintel_config_init(&config, sizeof config);
        config.driving = driving;
        config.schedulers = 1;
        check(lintel_vm_create(&config, &vm) == LINTEL_OK && lintel_define_module(vm, &entry, nullptr) == LINTEL_OK &&
              lintel_start(vm, 0, nullptr) == LINTEL_OK);
        env = lintel_env_create(vm);
    }
    ~Started() {
        enif_free_env(env);
        lintel_vm_destroy(vm);
    }
    ERL_NIF_TERM call(const char* module, const char* function, std::vector<ERL_NIF_TERM> arguments) {
        ERL_NIF_TERM result;
        check(lintel_call_function(vm, module, function, env, arguments.data(), static_cast<unsigned>(arguments.size()),
                                   LINTEL_FOREVER, &result) == LINTEL_OK);
        return result;
    }

    lintel_vm* vm = nullptr;
    ErlNifEnv* env = nullptr;
};

/// The host calls Erlang code, which calls the host's function.
void round_trips(benchmark::State& state, lintel_driving driving) {
    Started host(driving);
    for (auto _ : state) {
        long n;
        const ERL_NIF_TERM result = host.call("host", "successor", {enif_make_long(host.env, 41)});
        check(enif_get_long(host.env, result, &n) != 0 && n == 42);
        enif_clear_env(host.env);
    }
}

void round_trip(benchmark::State& state) { round_trips(state, LINTEL_DRIVING_HOST); }
BENCHMARK(round_trip);

void round_trip_with_threads(benchmark::State& state) { round_trips(state, LINTEL_DRIVING_THREADS); }
BENCHMARK(round_trip_with_threads)->UseRealTime();

constexpr long kCalls = 10000;

/// Calls of a function of one argument by `lists:foreach/2`, whose own work is part of the time: erlang:abs/1 shows how much that is.
void called_from_erlang(benchmark::State& state, const char* module, const char* function) {
    Started host(LINTEL_DRIVING_HOST);
    const ERL_NIF_TERM numbers =
        host.call("lists", "seq", {enif_make_int(host.env, 1), enif_make_long(host.env, kCalls)});
    const ERL_NIF_TERM fun =
        host.call("erlang", "make_fun",
                  {enif_make_atom(host.env, module), enif_make_atom(host.env, function), enif_make_int(host.env, 1)});
    for (auto _ : state) host.call("lists", "foreach", {fun, numbers});
    state.SetItemsProcessed(state.iterations() * kCalls);
}

void host_function(benchmark::State& state) { called_from_erlang(state, "host", "successor"); }
BENCHMARK(host_function);

void bif_as_a_measure(benchmark::State& state) { called_from_erlang(state, "erlang", "abs"); }
BENCHMARK(bif_as_a_measure);

}  // namespace
