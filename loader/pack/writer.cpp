#include "loader/pack/writer.h"

#include <zlib.h>

#include <algorithm>
#include <map>

#include "loader/pack/format.h"
#include "loader/pack/signature.h"

namespace lintel {

using pack::put;

namespace {

std::span<const uint8_t> bytes_of(const std::string& s) {
    return {reinterpret_cast<const uint8_t*>(s.data()), s.size()};
}

uint32_t crc_of(uint32_t crc, std::span<const uint8_t> bytes) {
    return static_cast<uint32_t>(crc32_z(crc, bytes.data(), bytes.size()));
}

void pad(std::string& bytes, size_t alignment) { bytes.resize((bytes.size() + alignment - 1) / alignment * alignment); }

/// The names, each once.
class Names {
public:
    /// Writes where `name` is.
    void refer(uint8_t* to, const std::string& name) {
        const auto [at, fresh] = places_.try_emplace(name, text_.size());
        if (fresh) text_ += name;
        put(to, static_cast<uint32_t>(at->second));
        put(to + 4, static_cast<uint32_t>(name.size()));
    }
    const std::string& text() const { return text_; }

private:
    std::map<std::string, size_t> places_;
    std::string text_;
};

std::string path_of(const PackItem& item) {
    return item.directory.empty() ? item.name : item.directory + "/" + item.name;
}

void add_row(std::string& rows, Names& names, const PackItem& item, pack::Kind kind, uint64_t at, bool is_signed) {
    uint8_t row[pack::kRowBytes] = {};
    names.refer(row + pack::kRowNameAt, item.name);
    names.refer(row + pack::kRowDirectoryAt, item.directory);
    put(row + pack::kRowDataAt, at);
    put(row + pack::kRowDataBytesAt, static_cast<uint64_t>(item.data.size()));
    put(row + pack::kRowCrcAt, crc_of(0, bytes_of(item.data)));
    put(row + pack::kRowKindAt, static_cast<uint32_t>(item.is_program ? pack::Kind::program : kind));
    put(row + pack::kRowOriginalBytesAt, item.original_size);
    std::copy(item.md5.begin(), item.md5.end(), row + pack::kRowMd5At);
    if (is_signed) {
        const auto digest = pack_digest(bytes_of(item.data));
        std::copy(digest.begin(), digest.end(), row + pack::kRowDigestAt);
    }
    rows.append(reinterpret_cast<const char*>(row), sizeof row);
}

}  // namespace

std::string write_pack(PackPlan& plan) {
    std::sort(plan.modules.begin(), plan.modules.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    std::sort(plan.files.begin(), plan.files.end(),
              [](const auto& a, const auto& b) { return path_of(a) < path_of(b); });
    const bool is_signed = plan.signing_seed.has_value();
    std::string out(pack::kHeaderBytes, '\0');
    pad(out, pack::kPage);
    std::string rows;
    Names names;
    for (const auto& [items, kind] : {std::pair(&plan.modules, pack::Kind::module), {&plan.files, pack::Kind::file}}) {
        for (const PackItem& item : *items) {
            pad(out, pack::kDataAlignment);
            add_row(rows, names, item, kind, out.size(), is_signed);
            out += item.data;
        }
    }
    pad(out, pack::kPage);
    uint8_t header[pack::kHeaderBytes] = {};
    names.refer(header + pack::kMainModuleAt, plan.main_module);
    names.refer(header + pack::kMainFunctionAt, plan.main_function);
    std::copy(pack::kMagic.begin(), pack::kMagic.end(), header);
    put(header + pack::kVersionAt, pack::kVersion);
    put(header + pack::kFlagsAt, (is_signed ? pack::kSigned : 0) | (plan.is_complete ? pack::kComplete : 0) |
                                     (plan.unpacks_priv ? pack::kUnpackPriv : 0));
    put(header + pack::kTableAt, static_cast<uint64_t>(out.size()));
    put(header + pack::kModulesAt, static_cast<uint32_t>(plan.modules.size()));
    put(header + pack::kFilesAt, static_cast<uint32_t>(plan.files.size()));
    put(header + pack::kNamesAt, static_cast<uint64_t>(out.size() + rows.size()));
    put(header + pack::kNameBytesAt, static_cast<uint32_t>(names.text().size()));
    const std::string tables = rows + names.text();
    out += tables;
    put(header + pack::kSizeAt, static_cast<uint64_t>(out.size()));
    uint32_t crc = crc_of(0, {header + pack::kCrcFrom, pack::kCrcTo - pack::kCrcFrom});
    crc = crc_of(crc, {header + pack::kMainModuleAt, pack::kTablesDigestAt - pack::kMainModuleAt});
    put(header + pack::kTablesCrcAt, crc_of(crc, bytes_of(tables)));
    if (is_signed) {
        const auto digest = pack_digest(bytes_of(tables));
        std::copy(digest.begin(), digest.end(), header + pack::kTablesDigestAt);
        const auto key = public_key_of(*plan.signing_seed);
        std::copy(key.begin(), key.end(), header + pack::kPublicKeyAt);
        const auto signature = sign_pack({header, pack::kSignedBytes}, *plan.signing_seed);
        std::copy(signature.begin(), signature.end(), header + pack::kSignatureAt);
    }
    out.replace(0, sizeof header, reinterpret_cast<const char*>(header), sizeof header);
    return out;
}

std::array<uint8_t, 32> pack_trailer(uint64_t offset, uint64_t size) {
    static_assert(pack::kTrailerBytes == 32);
    std::array<uint8_t, 32> bytes{};
    std::copy(pack::kTrailerMagic.begin(), pack::kTrailerMagic.end(), bytes.begin());
    put(&bytes[8], offset);
    put(&bytes[16], size);
    return bytes;
}

}  // namespace lintel
