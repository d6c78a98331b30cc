/// Maps: time per operation. Keys are integers in random order, small maps have atoms. What survives is collected as a
/// process would, when its heap is full.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <random>
#include <vector>

#include "gc/collector.h"
#include "gc/map_builder.h"
#include "vm/runtime_map.h"

namespace lintel {
namespace {

struct Process : ExecState {
    LiteralSpace literals{1 << 20};
    Term root = Term::nil();
    CollectionStats stats;

    explicit Process(size_t words = 50000) { create_heap(heap, words); }
    ~Process() { destroy_heap(heap); }
    /// At what would be a safepoint.
    void safepoint() {
        if (LINTEL_LIKELY(heap.fragments == nullptr)) return;
        const RootSpan span{&root, 1};
        const CollectionRequest request{.need_words = 1000, .min_block_words = heap.block_words()};
        if (collect(heap, literals, {&span, 1}, request, stats) != CollectionResult::done) std::abort();
    }
    /// Drops all that was made since `top`.
    void forget(Word* top) {
        if (LINTEL_LIKELY(heap.stack_top - heap.htop > 2000)) return;
        heap.htop = top;
    }
    /// #{Key => Key} of these keys, that will not move.
    Term map_of(const std::vector<Term>& keys) {
        std::vector<Term> pairs;
        for (const Term k : keys) pairs.insert(pairs.end(), {k, k});
        HeapBuilder b(new_fragment(map_words_bound(keys.size())));
        return build_map(b, pairs.data(), keys.size(), nullptr);
    }
};

std::vector<Term> numbers(int64_t n) {
    std::vector<Term> keys;
    for (int64_t i = 0; i < n; ++i) keys.push_back(Term::small(i));
    std::shuffle(keys.begin(), keys.end(), std::mt19937(1));
    return keys;
}
std::vector<Term> atoms(int64_t n) {
    std::vector<Term> keys = {am::name(),   am::line(),  am::file(),  am::arity(), am::module(), am::function(),
                              am::status(), am::list(),  am::links(), am::heap(),  am::memory(), am::size(),
                              am::value(),  am::index(), am::error(), am::ok()};
    keys.resize(static_cast<size_t>(n));
    return keys;
}

void get(benchmark::State& state, const std::vector<Term>& keys) {
    Process p;
    const Term map = p.map_of(keys);
    size_t i = 0;
    for (auto _ : state) {
        benchmark::DoNotOptimize(map_find(map, keys[i]));
        if (++i == keys.size()) i = 0;
    }
}
void get_small(benchmark::State& s) { get(s, atoms(s.range(0))); }
void get_large(benchmark::State& s) { get(s, numbers(s.range(0))); }

void update(benchmark::State& state, const std::vector<Term>& keys) {
    Process p;
    const Term map = p.map_of(keys);
    Word* top = p.heap.htop;
    size_t i = 0;
    for (auto _ : state) {
        benchmark::DoNotOptimize(map_update(p, map, keys[i], Term::nil()));
        if (++i == keys.size()) i = 0;
        p.forget(top);
    }
}
void update_small(benchmark::State& s) { update(s, atoms(s.range(0))); }
void update_large(benchmark::State& s) { update(s, numbers(s.range(0))); }

void update_exact_3(benchmark::State& state) {
    Process p;
    const auto keys = atoms(state.range(0));
    const Term map = p.map_of(keys);
    Word* top = p.heap.htop;
    for (auto _ : state) {
        const Term pairs[] = {keys[0], Term::nil(), keys[2], Term::nil(), keys[3], Term::nil()};
        benchmark::DoNotOptimize(put_map_exact(p, map, pairs, 3));
        p.forget(top);
    }
}

void put_new(benchmark::State& state, std::vector<Term> keys) {
    Process p;
    const Term map = p.map_of({keys.begin(), keys.end() - 1});
    Word* top = p.heap.htop;
    for (auto _ : state) {
        benchmark::DoNotOptimize(map_put(p, map, keys.back(), Term::nil()));
        p.forget(top);
    }
}
void put_new_small(benchmark::State& s) { put_new(s, atoms(s.range(0))); }
void put_new_large(benchmark::State& s) { put_new(s, numbers(s.range(0))); }

void remove_large(benchmark::State& state) {
    Process p;
    const auto keys = numbers(state.range(0));
    const Term map = p.map_of(keys);
    Word* top = p.heap.htop;
    size_t i = 0;
    for (auto _ : state) {
        benchmark::DoNotOptimize(map_remove(p, map, keys[i]));
        if (++i == keys.size()) i = 0;
        p.forget(top);
    }
}

/// #{} to so many pairs one by one, with collections; per put.
void insert_all(benchmark::State& state) {
    const auto keys = numbers(state.range(0));
    for (auto _ : state) {
        Process p(1000);
        p.root = p.map_of({});
        for (const Term k : keys) {
            p.root = map_put(p, p.root, k, k);
            p.safepoint();
        }
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
/// Every value replaced once, with collections; per update.
void update_all(benchmark::State& state) {
    const auto keys = numbers(state.range(0));
    Process p(1000);
    p.root = p.map_of(keys);
    for (auto _ : state) {
        for (const Term k : keys) {
            p.root = map_put(p, p.root, k, Term::small(state.iterations() + 5));
            p.safepoint();
        }
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

void build(benchmark::State& state) {
    const auto keys = numbers(state.range(0));
    std::vector<Term> pairs(2 * keys.size());
    for (auto _ : state) {
        Process p(1000);
        for (size_t i = 0; i < keys.size(); ++i) pairs[2 * i] = pairs[2 * i + 1] = keys[i];
        benchmark::DoNotOptimize(map_from_pairs(p, pairs.data(), keys.size()));
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

void merge_equal(benchmark::State& state) {
    const auto keys = numbers(state.range(0) * 3 / 2);
    const auto half = static_cast<ptrdiff_t>(keys.size() / 3);
    Process maps;
    const Term a = maps.map_of({keys.begin(), keys.begin() + 2 * half}),
               b = maps.map_of({keys.begin() + half, keys.end()});
    for (auto _ : state) {
        Process p(1000);
        benchmark::DoNotOptimize(map_merge(p, a, b));
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

void iterate(benchmark::State& state) {
    Process p;
    const Term map = p.map_of(numbers(state.range(0)));
    for (auto _ : state) {
        MapIterator it(map);
        Term k, v;
        while (it.next(&k, &v)) benchmark::DoNotOptimize(v);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

BENCHMARK(get_small)->Arg(4)->Arg(16);
BENCHMARK(get_large)->Arg(1000)->Arg(100000);
BENCHMARK(update_small)->Arg(4)->Arg(16);
BENCHMARK(update_exact_3)->Arg(4)->Arg(16);
BENCHMARK(update_large)->Arg(1000)->Arg(100000);
BENCHMARK(put_new_small)->Arg(4)->Arg(16);
BENCHMARK(put_new_large)->Arg(1000)->Arg(100000);
BENCHMARK(remove_large)->Arg(1000)->Arg(100000);
BENCHMARK(insert_all)->Arg(1000)->Arg(100000);
BENCHMARK(update_all)->Arg(1000)->Arg(100000);
BENCHMARK(build)->Arg(32)->Arg(1000)->Arg(100000);
BENCHMARK(merge_equal)->Arg(1000)->Arg(100000);
BENCHMARK(iterate)->Arg(1000)->Arg(100000);

}  // namespace
}  // namespace lintel
