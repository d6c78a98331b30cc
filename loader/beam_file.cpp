#include "loader/beam_file.h"

#include <vector>

#include "base/md5.h"
#include "loader/inflate.h"

namespace lintel {

namespace {

constexpr char kNames[][5] = {"AtU8", "Atom", "Code", "StrT", "ImpT", "ExpT", "FunT", "LitT", "Line",
                              "LocT", "Attr", "CInf", "Type", "Meta", "Recs", "DbgB", "LtPr"};
static_assert(std::size(kNames) == static_cast<size_t>(ChunkId::count));

/// Largest form that we unpack; the largest module of OTP has less than 2 MB.
constexpr size_t kMaxUnpackedBytes = size_t{256} << 20;

LoadError file_error(LoadError::Kind kind, const std::string& file, size_t offset, std::string what) {
    return {kind, file, "", offset, std::move(what)};
}

ChunkId chunk_id(const uint8_t* name) {
    for (size_t i = 0; i < std::size(kNames); ++i) {
        if (std::memcmp(name, kNames[i], 4) == 0) return static_cast<ChunkId>(i);
    }
    return ChunkId::count;
}

}  // namespace

const char* chunk_name(ChunkId id) { return id == ChunkId::count ? "" : kNames[static_cast<size_t>(id)]; }

Result<BeamFile, LoadError> BeamFile::open(std::span<const uint8_t> bytes, const std::string& file) {
    using Why = LoadError::Kind;
    BeamFile beam;
    if (bytes.size() >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b) {
        auto inflated = inflate_all(bytes, Container::gzip, 0, kMaxUnpackedBytes);
        if (!inflated) return file_error(Why::malformed, file, 0, "broken gzip data");
        beam.inflated_ = std::make_unique<std::string>(std::move(*inflated));
        bytes = {reinterpret_cast<const uint8_t*>(beam.inflated_->data()), beam.inflated_->size()};
    }
    if (bytes.size() < 12 || std::memcmp(bytes.data(), "FOR1", 4) != 0 ||
        std::memcmp(bytes.data() + 8, "BEAM", 4) != 0) {
        return file_error(Why::not_beam, file, 0, "not a BEAM file");
    }
    const size_t size = big32(bytes.data() + 4);
    if (size < 4 || size > bytes.size() - 8) {
        return file_error(Why::malformed, file, 4,
                          "the form has " + std::to_string(size) + " bytes by its header, but the file ends after " +
                              std::to_string(bytes.size() - 8));
    }
    beam.form_ = bytes.first(8 + size);
    for (size_t at = 12; at < beam.form_.size();) {
        if (beam.form_.size() - at < 8) return file_error(Why::malformed, file, at, "truncated chunk header");
        const size_t chunk_size = big32(&beam.form_[at + 4]);
        const ChunkId id = chunk_id(&beam.form_[at]);
        if (chunk_size > beam.form_.size() - at - 8) {
            LoadError error = file_error(Why::malformed, file, 0,
                                         "the chunk has " + std::to_string(chunk_size) +
                                             " bytes by its header, but the form ends after " +
                                             std::to_string(beam.form_.size() - at - 8));
            for (size_t i = 0; i < 4; ++i) {
                const uint8_t c = beam.form_[at + i];
                error.chunk[i] = c >= 0x20 && c < 0x7f ? static_cast<char>(c) : '?';
            }
            return error;
        }
        if (id != ChunkId::count) {
            auto& place = beam.chunks_[static_cast<size_t>(id)];
            if (place.data() != nullptr) {
                LoadError error = file_error(Why::malformed, file, 0, "the chunk occurs twice");
                std::memcpy(error.chunk, chunk_name(id), 5);
                return error;
            }
            // A pointer past the header even if the payload is empty: has() tells by it.
            place = {beam.form_.data() + at + 8, chunk_size};
        }
        at += 8 + ((chunk_size + 3) & ~size_t{3});
    }
    return beam;
}

std::array<uint8_t, 16> BeamFile::md5() const {
    Md5 md5;
    const auto add = [&](std::span<const uint8_t> s) { md5.update(s.data(), s.size()); };
    add(has(ChunkId::atoms_utf8) ? chunk(ChunkId::atoms_utf8) : chunk(ChunkId::atoms_latin1));
    for (const ChunkId id : {ChunkId::code, ChunkId::strings, ChunkId::imports, ChunkId::exports}) add(chunk(id));
    // The fun table's last column holds a part of this very digest: it counts as zero.
    if (const auto funs = chunk(ChunkId::lambdas); funs.size() >= 4) {
        constexpr size_t kRow = 24;
        std::vector<uint8_t> copy(funs.begin(), funs.end());
        for (size_t at = 4; at + kRow <= copy.size(); at += kRow) std::memset(&copy[at + kRow - 4], 0, 4);
        add(copy);
    }
    for (const ChunkId id : {ChunkId::literals, ChunkId::meta, ChunkId::records, ChunkId::debug}) add(chunk(id));
    return md5.finish();
}

}  // namespace lintel
