#include "loader/pack/strip.h"

#include "base/bytes.h"
#include "loader/inflate.h"
#include "loader/load_p.h"
#include "loader/pack/proof.h"

namespace lintel {

namespace {

std::string_view text_of(std::span<const uint8_t> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void add_chunk(std::string& form, const char* name, std::string_view payload) {
    uint8_t size[4];
    store_be32(size, static_cast<uint32_t>(payload.size()));
    form.append(name, 4);
    form.append(reinterpret_cast<const char*>(size), 4);
    form += payload;
    form.resize((form.size() + 3) & ~size_t{3});
}

/// LitT as it is when it is not packed. The loader has read it before.
std::string unpacked_literals(std::span<const uint8_t> chunk) {
    const size_t size = chunk.size() < 4 ? 0 : big32(chunk.data());
    if (size == 0) return std::string(text_of(chunk));
    return std::string(4, '\0') + inflate_all(chunk.subspan(4), Container::zlib, size, size + 1).value_or("");
}

/// Tables that only tools look at.
bool is_wanted(ChunkId id) { return id != ChunkId::locals && id != ChunkId::debug && id != ChunkId::proof; }

}  // namespace

Result<StrippedModule, LoadError> strip_module(LoadContext context, std::span<const uint8_t> bytes,
                                               const std::string& file) {
    auto beam = BeamFile::open(bytes, file);
    if (!beam) return beam.error();
    StrippedModule stripped;
    stripped.md5 = beam.value().md5();
    std::string form = "FOR1....BEAM";
    for (size_t i = 0; i < static_cast<size_t>(ChunkId::count); ++i) {
        const auto id = static_cast<ChunkId>(i);
        if (!beam.value().has(id) || !is_wanted(id)) continue;
        const auto payload = beam.value().chunk(id);
        if (id == ChunkId::literals) {
            add_chunk(form, chunk_name(id), unpacked_literals(payload));
        } else {
            add_chunk(form, chunk_name(id), text_of(payload));
        }
    }
    // What the loader will make of the file is what the proof must be of.
    const std::span<const uint8_t> kept{reinterpret_cast<const uint8_t*>(form.data()), form.size()};
    store_be32(form.data() + 4, static_cast<uint32_t>(form.size() - 8));
    auto unverified = load_unverified(context, kept, file);
    if (!unverified) return unverified.error();
    auto verified = load_module(context, kept, file);
    if (verified) {
        add_chunk(form, chunk_name(ChunkId::proof), make_proof(*unverified.value(), *verified.value()));
        store_be32(form.data() + 4, static_cast<uint32_t>(form.size() - 8));
        discard_module(context, verified.take());
        stripped.data = std::move(form);
    }
    discard_module(context, unverified.take());
    if (!verified.ok()) return verified.error();
    return stripped;
}

Result<std::unique_ptr<Module>, LoadError> read_module(LoadContext context, std::span<const uint8_t> bytes,
                                                       const std::string& file) {
    return load_unverified(context, bytes, file);
}

}  // namespace lintel
