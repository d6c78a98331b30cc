/// Arithmetic on long integers: time per operation, by size in bits. bench/arith_bench.erl does the same on erl.
#include <benchmark/benchmark.h>

#include <random>
#include <string>

#include "gc/collector.h"
#include "vm/runtime_arith.h"
#include "vm/runtime_number.h"

namespace lintel {
namespace {

/// A process with a heap large enough for one result after another; each is forgotten at once.
struct Process {
    ExecState p;
    Word* top = nullptr;

    Process() {
        if (!create_heap(p.heap, 1 << 20)) std::abort();
    }
    ~Process() { destroy_heap(p.heap); }
    Term random(size_t bits) {
        std::mt19937_64 source(bits);
        std::string hex(bits / 4, '8');
        for (size_t i = 1; i < hex.size(); ++i) hex[i] = "0123456789ABCDEF"[source() % 16];
        Term t;
        if (parse_integer(p, hex, 16, &t) != ParseStatus::ok) std::abort();
        top = p.heap.htop;
        return t;
    }
    void forget() { p.heap.htop = top; }
};

using Binary = Term (*)(ExecState&, Term, Term);

template <Binary kF>
void operation(benchmark::State& state, size_t a_bits, size_t b_bits) {
    Process process;
    const Term a = process.random(a_bits);
    const Term b = process.random(b_bits);
    for (auto _ : state) {
        benchmark::DoNotOptimize(kF(process.p, a, b));
        process.forget();
    }
}

size_t bits(benchmark::State& state) { return static_cast<size_t>(state.range(0)); }

void add(benchmark::State& s) { operation<arith_add>(s, bits(s), bits(s)); }
void bxor(benchmark::State& s) { operation<arith_bxor>(s, bits(s), bits(s)); }
void multiply(benchmark::State& s) { operation<arith_mul>(s, bits(s), bits(s)); }
void divide(benchmark::State& s) { operation<arith_int_div>(s, 2 * bits(s), bits(s)); }
void remainder(benchmark::State& s) { operation<arith_int_rem>(s, 2 * bits(s), bits(s)); }

void to_text(benchmark::State& state) {
    Process process;
    const Term a = process.random(bits(state));
    std::string out(integer_text_bytes(a, 10), '\0');
    for (auto _ : state) benchmark::DoNotOptimize(write_integer(a, 10, out.data()));
}

void from_text(benchmark::State& state) {
    Process process;
    const Term a = process.random(bits(state));
    std::string text(integer_text_bytes(a, 10), '\0');
    text.resize(write_integer(a, 10, text.data()));
    for (auto _ : state) {
        Term t;
        benchmark::DoNotOptimize(parse_integer(process.p, text, 10, &t));
        process.forget();
    }
}

// Small integers and single limbs: what generators of random numbers do.
BENCHMARK(add)->Arg(48)->Arg(64)->Arg(1024)->Arg(16384)->Arg(102400);
BENCHMARK(bxor)->Arg(48)->Arg(64)->Arg(1024)->Arg(102400);
BENCHMARK(multiply)->Arg(48)->Arg(64)->Arg(1024)->Arg(16384)->Arg(102400);
BENCHMARK(divide)->Arg(24)->Arg(64)->Arg(1024)->Arg(16384)->Arg(102400);
BENCHMARK(remainder)->Arg(64)->Arg(1024);
BENCHMARK(to_text)->Arg(48)->Arg(64)->Arg(1024)->Arg(16384)->Arg(102400);
BENCHMARK(from_text)->Arg(48)->Arg(64)->Arg(1024)->Arg(16384)->Arg(102400);

}  // namespace
}  // namespace lintel
