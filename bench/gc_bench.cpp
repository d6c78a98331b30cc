/// Collecting and copying: time per object. Floors on the same machine: memcpy of a cell, and a plain C list copy.
#include <benchmark/benchmark.h>

#include <random>
#include <vector>

#include "gc/collector.h"
#include "gc/copy.h"

namespace lintel {
namespace {

struct Process {
    LiteralSpace literals{1 << 20};
    Heap heap;
    Term root = Term::nil();
    CollectionStats stats;

    Process() { create_heap(heap, 233); }
    ~Process() { destroy_heap(heap); }
    void collect_now(bool major, size_t need = 0) {
        const RootSpan span{&root, 1};
        const CollectionRequest request{.need_words = need, .force_major = major, .min_block_words = 233};
        if (collect(heap, literals, {&span, 1}, request, stats) != CollectionResult::done) std::abort();
    }
    HeapBuilder reserve(size_t words) {
        if (heap.free_words() < words + kStackSlackWords) collect_now(false, words + kStackSlackWords);
        return HeapBuilder(&heap.htop, words, &heap.off_heap);
    }
};

enum Shape : int64_t { kIntegers, kTuples, kStrings, kTree, kShuffled };

/// About `n` objects.
Term build(Process& p, Shape shape, int64_t n) {
    HeapBuilder b = p.reserve(static_cast<size_t>(n) * 6 + 100);
    Term list = Term::nil();
    switch (shape) {
        case kIntegers:
            for (int64_t i = 0; i < n; ++i) list = b.cons(Term::small(i), list);
            return list;
        case kTuples:
            for (int64_t i = 0; i < n / 2; ++i)
                list = b.cons(b.tuple(Term::small(i), Term::small(1), Term::nil()), list);
            return list;
        case kStrings:
            for (int64_t i = 0; i < n / 10; ++i) list = b.cons(b.byte_list("nine cell"), list);
            return list;
        case kTree: {
            std::vector<Term> level(static_cast<size_t>(n / 2), Term::nil());
            while (level.size() > 1) {
                for (size_t i = 0; i + 1 < level.size(); i += 2) level[i / 2] = b.tuple(level[i], level[i + 1]);
                level.resize(level.size() / 2);
            }
            return level[0];
        }
        case kShuffled: {
            // Cells in random places: what memory latency costs.
            std::vector<Word*> cells;
            for (int64_t i = 0; i < n; ++i) cells.push_back(b.raw(2));
            std::shuffle(cells.begin(), cells.end(), std::mt19937(1));
            for (Word* cell : cells) {
                cell[0] = Term::small(1).word();
                cell[1] = list.word();
                list = Term::cons(cell);
            }
            return list;
        }
    }
    return list;
}

void arguments(benchmark::internal::Benchmark* b) {
    b->ArgNames({"shape", "objects"});
    for (const int64_t shape : {kIntegers, kTuples, kStrings, kTree, kShuffled}) {
        for (const int64_t n : {1000, 100000, 1000000}) b->Args({shape, n});
    }
}

void per_object(benchmark::State& state) {
    state.counters["ns/object"] =
        benchmark::Counter(static_cast<double>(state.iterations()) * 1e-9 * static_cast<double>(state.range(1)),
                           benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void major_collection(benchmark::State& state) {
    Process p;
    p.root = build(p, static_cast<Shape>(state.range(0)), state.range(1));
    if (state.range(0) != kShuffled) p.collect_now(true);
    for (auto _ : state) p.collect_now(true);
    per_object(state);
}
BENCHMARK(major_collection)->Apply(arguments);

void copy_message(benchmark::State& state) {
    Process p;
    const Term t = build(p, static_cast<Shape>(state.range(0)), state.range(1));
    for (auto _ : state) {
        Term copy;
        HeapFragment* f = copy_to_fragment(t, &copy, &p.literals);
        benchmark::DoNotOptimize(copy);
        HeapFragment::destroy(f);
    }
    per_object(state);
}
BENCHMARK(copy_message)->Apply(arguments);

void size_of_message(benchmark::State& state) {
    Process p;
    const Term t = build(p, static_cast<Shape>(state.range(0)), state.range(1));
    for (auto _ : state) benchmark::DoNotOptimize(flat_size(t, &p.literals));
    per_object(state);
}
BENCHMARK(size_of_message)->Apply(arguments);

/// Garbage only, a little alive: what a minor collection costs, per cell made.
void garbage(benchmark::State& state) {
    Process p;
    p.root = build(p, kIntegers, state.range(0));
    p.collect_now(true);
    constexpr int kCells = 1000;
    for (auto _ : state) {
        Term t = Term::nil();
        for (int i = 0; i < kCells; ++i) t = p.reserve(2).cons(Term::small(i), Term::nil());
        benchmark::DoNotOptimize(t);
    }
    state.counters["ns/cell"] = benchmark::Counter(static_cast<double>(state.iterations()) * 1e-9 * kCells,
                                                   benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(garbage)->ArgName("live_cells")->Arg(0)->Arg(100)->Arg(1000000);

/// A list grows to its length: all collections on the way included.
void grow_list(benchmark::State& state) {
    for (auto _ : state) {
        Process p;
        for (int64_t i = 0; i < state.range(0); ++i) p.root = p.reserve(2).cons(Term::small(i), p.root);
    }
    state.counters["ns/cell"] =
        benchmark::Counter(static_cast<double>(state.iterations()) * 1e-9 * static_cast<double>(state.range(0)),
                           benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(grow_list)->Arg(10)->Arg(1000)->Arg(100000)->Arg(1000000);

/// Floor: the list copied by a loop in C, destination not fresh.
void floor_c_list_copy(benchmark::State& state) {
    Process p;
    const Term t = build(p, kIntegers, state.range(1));
    std::vector<Word> to(static_cast<size_t>(state.range(1)) * 2);
    for (auto _ : state) {
        Word* w = to.data();
        for (Term l = t; l.is_cons(); l = l.tail()) {
            w[0] = l.head().word();
            w[1] = Term::cons(w + 2).word();
            w += 2;
        }
        benchmark::DoNotOptimize(w);
    }
    per_object(state);
}
BENCHMARK(floor_c_list_copy)->Args({0, 1000})->Args({0, 100000})->Args({0, 1000000});

}  // namespace
}  // namespace lintel
