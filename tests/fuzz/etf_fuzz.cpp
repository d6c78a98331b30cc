/// Any bytes are an external term or are refused, both ways: as untrusted input ([safe]) and as trusted. What is accepted fits into the words that
/// were planned, and its own encodings (all versions, compressed or not) are read back as an equal term.

#include <cstdlib>
#include <memory>

#include "loader/code_server.h"
#include "loader/etf.h"
#include "term/compare.h"

namespace lintel {
namespace {

struct World {
    AtomTable atoms;
    LiteralSpace literals{size_t{1} << 20};
    CodeServer code{atoms, literals, EngineHooks{[](ExportEntry&) {}, [](FunctionEntry&) {}, [](LoadedModule&) {}}};
    size_t runs = 0;
};

constexpr size_t kMaxWords = size_t{1} << 22;

HeapFragment* decode(const EtfContext& context, std::span<const uint8_t> bytes, Term* out) {
    const auto plan = plan_etf(context, bytes);
    if (!plan || plan->words > kMaxWords) return nullptr;
    if (plan->used_bytes > bytes.size()) std::abort();
    HeapFragment* fragment = HeapFragment::create(plan->words);
    if (fragment == nullptr) return nullptr;
    {
        HeapBuilder heap(fragment);
        *out = build_etf(context, *plan, bytes, heap);
    }
    if (out->is_value()) return fragment;
    HeapFragment::destroy(fragment);
    return nullptr;
}

void check(World& world, std::span<const uint8_t> bytes) {
    const EtfContext trusted{world.atoms, &world.code, false, am::nonode_at_nohost(), 0};
    const EtfContext safe{world.atoms, &world.code, true, am::nonode_at_nohost(), 0};
    Term t;
    if (HeapFragment* f = decode(safe, bytes, &t)) HeapFragment::destroy(f);
    HeapFragment* fragment = decode(trusted, bytes, &t);
    if (fragment == nullptr) return;
    for (int version = 1; version <= 2; ++version) {
        for (const int compression : {-1, 1, 9}) {
            EtfOptions options;
            options.minor_version = version;
            options.compression = compression;
            options.deterministic = compression == 1;
            std::string encoded;
            encode_etf(trusted, t, options, encoded);
            if (compression == -1 && encoded.size() > etf_size(trusted, t, options)) std::abort();
            Term again;
            // A copy of exactly this size, so that a read beyond it is found.
            const std::vector<uint8_t> exact(encoded.begin(), encoded.end());
            HeapFragment* other = decode(safe, exact, &again);
            if (other == nullptr) std::abort();
            if (!exactly_equal(t, again)) std::abort();
            HeapFragment::destroy(other);
        }
    }
    HeapFragment::destroy(fragment);
}

}  // namespace
}  // namespace lintel

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static std::unique_ptr<lintel::World> world;
    if (world == nullptr || ++world->runs == 20000) world = std::make_unique<lintel::World>();
    lintel::check(*world, {data, size});
    return 0;
}
