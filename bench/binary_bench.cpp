/// Bit strings: construction, appending and matching without an engine. What an instruction costs beyond its dispatch.

#include <benchmark/benchmark.h>

#include <string>

#include "stdlib/binary_search.h"
#include "stdlib/unicode_text.h"
#include "term/atom.h"
#include "tests/unit/support/test_process.h"
#include "vm/iolist.h"
#include "vm/runtime_bs.h"

namespace lintel {
namespace {

using test::TestProcess;
using Type = BinSegment::Type;

BinSegment segment(Type type, Term value, Term size, uint16_t unit, uint8_t flags = 0) {
    BinSegment s;
    s.type = type;
    s.unit = unit;
    s.flags = flags;
    s.value = value;
    s.size = size;
    return s;
}
BinSegment integer(int64_t v, int64_t bits, uint8_t flags = 0) {
    return segment(Type::integer, Term::small(v), Term::small(bits), 1, flags);
}

/// A = <<A/binary, X>>, range(0) times from an empty binary.
void append_byte(benchmark::State& state) {
    TestProcess p(200000);
    for (auto _ : state) {
        p.clear();
        Term t = p.bin("");
        for (int64_t i = 0; i < state.range(0); ++i) {
            const BinSegment s[] = {segment(Type::append, t, am::all(), 8), integer(i, 8)};
            t = bs_create_bin(p, s, 2);
        }
        benchmark::DoNotOptimize(t);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(append_byte)->Arg(10)->Arg(64)->Arg(1000)->Arg(30000);

/// The same as an engine with an instruction of its own for it does it.
void append_byte_fused(benchmark::State& state) {
    TestProcess p(200000);
    for (auto _ : state) {
        p.clear();
        Term t = p.bin("");
        for (int64_t i = 0; i < state.range(0); ++i) {
            Term next = bs_try_append(p, t, 8, false, static_cast<uint64_t>(i), 8);
            if (next.is_none()) {
                const BinSegment s[] = {segment(Type::append, t, am::all(), 8), integer(i, 8)};
                next = bs_create_bin(p, s, 2);
            }
            t = next;
        }
        benchmark::DoNotOptimize(t);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(append_byte_fused)->Arg(64)->Arg(30000);

/// << <<X>> || X <- L >>
void comprehension_byte(benchmark::State& state) {
    TestProcess p(200000);
    for (auto _ : state) {
        p.clear();
        Term t = bs_init_writable(p, Term::small(256));
        for (int64_t i = 0; i < state.range(0); ++i) {
            const BinSegment s[] = {segment(Type::private_append, t, am::all(), 1), integer(i, 8)};
            t = bs_create_bin(p, s, 2);
        }
        benchmark::DoNotOptimize(t);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(comprehension_byte)->Arg(10)->Arg(30000);

/// A = <<A/bits, X:5>>
void append_bits(benchmark::State& state) {
    TestProcess p(200000);
    for (auto _ : state) {
        p.clear();
        Term t = p.bin("");
        for (int64_t i = 0; i < 10000; ++i) {
            const BinSegment s[] = {segment(Type::append, t, am::all(), 1), integer(i, 5)};
            t = bs_create_bin(p, s, 2);
        }
        benchmark::DoNotOptimize(t);
    }
    state.SetItemsProcessed(state.iterations() * 10000);
}
BENCHMARK(append_bits);

/// <<T:8, L:32/little, V:64, "abcd", B/binary>>
void build_record(benchmark::State& state) {
    TestProcess p(200000);
    const Term payload = p.bin("0123456789");
    Word* const kept = p.heap.htop;
    BinSegment text = segment(Type::string, Term::none(), Term::none(), 8);
    text.string = reinterpret_cast<const uint8_t*>("abcd");
    text.string_bytes = 4;
    for (auto _ : state) {
        const BinSegment s[] = {integer(7, 8), integer(123456, 32, kBsLittle), integer(1234567890123, 64), text,
                                segment(Type::binary, payload, am::all(), 8)};
        benchmark::DoNotOptimize(bs_create_bin(p, s, 5));
        p.heap.htop = kept;
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(build_record);

void scan_bytes(benchmark::State& state) {
    TestProcess p;
    const Term t = p.bits(std::string(10000, 'x'), 80000, static_cast<size_t>(state.range(0)));
    for (auto _ : state) {
        MatchContext* c = as_match_context(bs_start_match(p, t, 0));
        int64_t sum = 0;
        for (;;) {
            const Term byte = bs_get_unsigned<8>(c);
            if (byte.is_none()) break;
            sum += byte.to_small();
        }
        benchmark::DoNotOptimize(sum);
        p.heap.htop -= kMatchContextWords;
    }
    state.SetItemsProcessed(state.iterations() * 10000);
}
BENCHMARK(scan_bytes)->Arg(0)->Arg(3);

/// Fields of range(0) bits with flags range(1), at bit range(2).
void get_integer(benchmark::State& state) {
    TestProcess p(2000000);
    const size_t bits = static_cast<size_t>(state.range(0));
    const auto flags = static_cast<unsigned>(state.range(1));
    const Term t = p.bits(std::string(8000, '\x5b'), 64000, static_cast<size_t>(state.range(2)));
    Word* const kept = p.heap.htop;
    size_t fields = 0;
    for (auto _ : state) {
        MatchContext* c = as_match_context(bs_start_match(p, t, 0));
        for (;;) {
            const Term v = bs_get_integer(p, c, bits, flags);
            if (v.is_none()) break;
            benchmark::DoNotOptimize(v);
            ++fields;
        }
        p.heap.htop = kept;
    }
    state.SetItemsProcessed(static_cast<int64_t>(fields));
}
BENCHMARK(get_integer)
    ->Args({24, 0, 0})
    ->Args({13, 4, 0})
    ->Args({32, 2, 3})
    ->Args({48, 0, 5})
    ->Args({128, 0, 0})
    ->Args({128, 6, 3});

void get_binary(benchmark::State& state) {
    TestProcess p(2000000);
    const Term t = p.bin(std::string(8000, '\x5b'));
    Word* const kept = p.heap.htop;
    size_t fields = 0;
    for (auto _ : state) {
        MatchContext* c = as_match_context(bs_start_match(p, t, 0));
        for (;;) {
            const Term v = bs_get_binary(p, c, static_cast<size_t>(state.range(0)));
            if (v.is_none()) break;
            benchmark::DoNotOptimize(v);
            ++fields;
        }
        p.heap.htop = kept;
    }
    state.SetItemsProcessed(static_cast<int64_t>(fields));
}
BENCHMARK(get_binary)->Arg(8)->Arg(64)->Arg(192)->Arg(200)->Arg(13);

void copy_unaligned(benchmark::State& state) {
    const size_t bytes = static_cast<size_t>(state.range(0));
    std::string from(bytes + 2, 'a'), to(bytes + 2, 'b');
    for (auto _ : state) {
        copy_bits(reinterpret_cast<uint8_t*>(to.data()), static_cast<size_t>(state.range(1)),
                  reinterpret_cast<const uint8_t*>(from.data()), static_cast<size_t>(state.range(2)), bytes * 8);
        benchmark::ClobberMemory();
    }
    state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(copy_unaligned)->Args({4096, 0, 3})->Args({4096, 3, 0})->Args({4096, 3, 5})->Args({16, 3, 5});

void check_utf8_text(benchmark::State& state) {
    std::string text;
    while (text.size() < 64000) text += state.range(0) == 0 ? "plain old text " : "größer als \xe2\x82\xac ";
    for (auto _ : state) {
        benchmark::DoNotOptimize(check_utf8(reinterpret_cast<const uint8_t*>(text.data()), text.size()));
    }
    state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(text.size()));
}
BENCHMARK(check_utf8_text)->Arg(0)->Arg(1);

void search(benchmark::State& state) {
    std::string text;
    while (text.size() < 64000) text += "the quick brown fox jumps over the lazy dog ";
    const char* const words[] = {"lazier", "browner", "doges", "zebra"};
    std::vector<SearchPattern::Bytes> patterns;
    for (int64_t i = 0; i < state.range(0); ++i)
        patterns.push_back({reinterpret_cast<const uint8_t*>(words[i]), strlen(words[i])});
    auto* pattern = new SearchPattern(patterns);
    Found f;
    for (auto _ : state) {
        benchmark::DoNotOptimize(pattern->find(reinterpret_cast<const uint8_t*>(text.data()), 0, text.size(), &f));
    }
    pattern->release_reference();
    state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(text.size()));
}
BENCHMARK(search)->Arg(1)->Arg(2)->Arg(4);

void flatten_iolist(benchmark::State& state) {
    TestProcess p(200000);
    auto heap = p.reserve(100000);
    Term list = Term::nil();
    for (int i = 0; i < 10000; ++i) list = heap.cons(Term::small(i % 256), list);
    std::string to(10000, '\0');
    for (auto _ : state) {
        size_t bits;
        iolist_bits(list, IoListItems::bytes, &bits);
        iolist_write(list, reinterpret_cast<uint8_t*>(to.data()));
        benchmark::ClobberMemory();
    }
    state.SetItemsProcessed(state.iterations() * 10000);
}
BENCHMARK(flatten_iolist);

}  // namespace
}  // namespace lintel
