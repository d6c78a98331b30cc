#include "loader/pack/reader.h"

#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <unordered_set>
#include <utility>

#include "loader/pack/format.h"
#include "loader/pack/signature.h"

namespace lintel {

using pack::get;

namespace {

uint32_t crc_of(uint32_t crc, std::span<const uint8_t> bytes) {
    return static_cast<uint32_t>(crc32_z(crc, bytes.data(), bytes.size()));
}

/// The path of a directory's entry, compared without making it.
int compare_path(std::string_view directory, std::string_view name, std::string_view path) {
    if (directory.empty()) return name.compare(path);
    const int first = directory.compare(path.substr(0, directory.size()));
    if (first != 0) return first;
    if (path.size() <= directory.size()) return 1;
    if (path[directory.size()] != '/') return '/' < static_cast<uint8_t>(path[directory.size()]) ? -1 : 1;
    return name.compare(path.substr(directory.size() + 1));
}

}  // namespace

PackSource::~PackSource() {
    if (fd_ >= 0) close(fd_);
    if (!mapping_.empty()) munmap(mapping_.data(), mapping_.size());
}

PackSource::PackSource(PackSource&& other) noexcept
    : memory_(other.memory_), mapping_(std::exchange(other.mapping_, {})), fd_(std::exchange(other.fd_, -1)),
      start_(other.start_), size_(other.size_) {}

std::optional<PackBytes> PackSource::read(uint64_t offset, size_t size) const {
    if (fd_ < 0) return PackBytes(memory_.subspan(offset, size));
    auto pages = std::make_unique<ScratchPages>(size);
    auto* to = static_cast<char*>(pages->data());
    if (to == nullptr && size != 0) return std::nullopt;
    for (size_t done = 0; done < size;) {
        const ssize_t n = pread(fd_, to + done, size - done, static_cast<off_t>(start_ + offset + done));
        if (n <= 0) return std::nullopt;
        done += static_cast<size_t>(n);
    }
    return PackBytes(std::move(pages), size);
}

std::string PackEntry::path() const {
    std::string path(directory);
    if (!path.empty()) path += '/';
    path += name;
    if (is_module) path += ".beam";
    return path;
}

bool Pack::is_pack(std::span<const uint8_t> first_bytes) {
    return first_bytes.size() >= pack::kMagic.size() &&
           std::equal(pack::kMagic.begin(), pack::kMagic.end(), first_bytes.begin());
}

Result<std::unique_ptr<Pack>, PackError> Pack::open(PackSource source, std::string file) {
    std::unique_ptr<Pack> opened(new Pack(std::move(source), std::move(file)));
    for (const auto step : {&Pack::read_header, &Pack::read_tables, &Pack::check_rows}) {
        if (auto error = (opened.get()->*step)()) return std::move(*error);
    }
    return opened;
}

std::optional<PackError> Pack::read_header() {
    static_assert(sizeof header_ == pack::kHeaderBytes);
    const uint64_t size = source_.size();
    const auto header = source_.read(0, static_cast<size_t>(std::min<uint64_t>(size, pack::kHeaderBytes)));
    if (!header) return error(0, "cannot be read");
    if (!is_pack(header->bytes())) return error(0, "not a pack");
    if (header->bytes().size() < pack::kHeaderBytes)
        return error(size, "truncated: the header has " + std::to_string(pack::kHeaderBytes) + " bytes");
    std::copy(header->bytes().begin(), header->bytes().end(), header_.begin());
    const uint8_t* h = header_.data();
    if (const auto version = get<uint32_t>(h + pack::kVersionAt); version != pack::kVersion)
        return error(pack::kVersionAt, "version " + std::to_string(version) + " of the format; known is " +
                                           std::to_string(pack::kVersion));
    if (const auto told = get<uint64_t>(h + pack::kSizeAt); told != size)
        return error(pack::kSizeAt, "a pack of " + std::to_string(told) + " bytes by its header, but there are " +
                                        std::to_string(size));
    modules_ = get<uint32_t>(h + pack::kModulesAt);
    files_ = get<uint32_t>(h + pack::kFilesAt);
    table_offset_ = get<uint64_t>(h + pack::kTableAt);
    const uint64_t rows = (uint64_t{modules_} + files_) * pack::kRowBytes;
    if (table_offset_ < pack::kHeaderBytes || table_offset_ > size || rows > size - table_offset_)
        return error(pack::kTableAt, "tables beyond the end");
    const uint64_t names = get<uint64_t>(h + pack::kNamesAt);
    if (names != table_offset_ + rows || get<uint32_t>(h + pack::kNameBytesAt) > size - names)
        return error(pack::kNamesAt, "names that are not behind the tables, or beyond the end");
    return std::nullopt;
}

std::optional<PackError> Pack::read_tables() {
    const uint8_t* h = header_.data();
    const size_t rows = (modules_ + files_) * pack::kRowBytes;
    const size_t bytes = rows + get<uint32_t>(h + pack::kNameBytesAt);
    tables_ = source_.read(table_offset_, bytes);
    if (!tables_) return error(table_offset_, "the tables cannot be read");
    const auto all = tables_->bytes();
    uint32_t crc = crc_of(0, std::span(header_).subspan(pack::kCrcFrom, pack::kCrcTo - pack::kCrcFrom));
    crc = crc_of(crc, std::span(header_).subspan(pack::kMainModuleAt, pack::kTablesDigestAt - pack::kMainModuleAt));
    if (crc_of(crc, all) != get<uint32_t>(h + pack::kTablesCrcAt)) return error(table_offset_, "damaged tables");
    names_ = {reinterpret_cast<const char*>(all.data()) + rows, bytes - rows};
    const auto module = name_at(h + pack::kMainModuleAt);
    const auto function = name_at(h + pack::kMainFunctionAt);
    if (!module || !function) return error(pack::kMainModuleAt, "a name beyond the names");
    main_module_ = *module;
    main_function_ = *function;
    return std::nullopt;
}

std::optional<PackError> Pack::check_rows() {
    for (size_t i = 0; i < modules_ + files_; ++i) {
        const uint8_t* p = row_bytes(i);
        const uint64_t at = table_offset_ + i * pack::kRowBytes;
        const auto name = name_at(p + pack::kRowNameAt), directory = name_at(p + pack::kRowDirectoryAt);
        if (!name || !directory || name->empty()) return error(at, "a name beyond the names, or none");
        if (name->find('/') != std::string_view::npos || name->find('\0') != std::string_view::npos || *name == "." ||
            *name == "..")
            return error(at, "a name with a slash in it");
        // Whoever unpacks the files relies on it.
        const std::string inside = "/" + std::string(*directory) + "/";
        if (directory->starts_with('/') || inside.find("/../") != std::string::npos ||
            directory->find('\0') != std::string_view::npos)
            return error(at, "a directory that leads out of the pack");
        const uint32_t kind = get<uint32_t>(p + pack::kRowKindAt);
        const bool is_module = i < modules_;
        const bool is_file =
            kind == static_cast<uint32_t>(pack::Kind::file) || kind == static_cast<uint32_t>(pack::Kind::program);
        if (is_module ? kind != static_cast<uint32_t>(pack::Kind::module) : !is_file)
            return error(at + pack::kRowKindAt, "a row of the wrong kind");
        const uint64_t from = get<uint64_t>(p + pack::kRowDataAt), size = get<uint64_t>(p + pack::kRowDataBytesAt);
        if (from > table_offset_ || size > table_offset_ - from || from < pack::kHeaderBytes)
            return error(at + pack::kRowDataAt, "data beyond the end");
        if (i != 0 && i != modules_) {
            const PackEntry before = row(i - 1);
            if (is_module ? before.name >= *name : before.path() >= row(i).path())
                return error(at, "rows that are not sorted");
        }
        const bool is_known = !directories_.empty() && directories_.back() == *directory;
        if (!is_known && (is_module || name->ends_with(".app"))) directories_.emplace_back(*directory);
    }
    std::sort(directories_.begin(), directories_.end());
    directories_.erase(std::unique(directories_.begin(), directories_.end()), directories_.end());
    return std::nullopt;
}

const uint8_t* Pack::row_bytes(size_t i) const { return tables_->bytes().data() + i * pack::kRowBytes; }

std::optional<std::string_view> Pack::name_at(const uint8_t* p) const {
    const size_t at = get<uint32_t>(p), size = get<uint32_t>(p + 4);
    if (at > names_.size() || size > names_.size() - at) return std::nullopt;
    return names_.substr(at, size);
}

PackEntry Pack::row(size_t i) const {
    const uint8_t* p = row_bytes(i);
    PackEntry e{*name_at(p + pack::kRowNameAt),
                *name_at(p + pack::kRowDirectoryAt),
                i < modules_,
                get<uint32_t>(p + pack::kRowKindAt) == static_cast<uint32_t>(pack::Kind::program),
                get<uint64_t>(p + pack::kRowDataAt),
                get<uint64_t>(p + pack::kRowDataBytesAt),
                get<uint64_t>(p + pack::kRowOriginalBytesAt),
                {},
                get<uint32_t>(p + pack::kRowCrcAt),
                {}};
    std::memcpy(e.md5.data(), p + pack::kRowMd5At, e.md5.size());
    std::memcpy(e.digest.data(), p + pack::kRowDigestAt, e.digest.size());
    return e;
}

template <typename Key, typename Before>
size_t Pack::lower_bound(size_t first, size_t count, const Key& key, Before before) const {
    while (count != 0) {
        const size_t half = count / 2;
        if (before(row_bytes(first + half), key)) {
            first += half + 1;
            count -= half + 1;
        } else {
            count = half;
        }
    }
    return first;
}

std::optional<PackEntry> Pack::find_module(std::string_view name) const {
    const size_t i = lower_bound(0, modules_, name, [this](const uint8_t* p, std::string_view key) {
        return *name_at(p + pack::kRowNameAt) < key;
    });
    if (i == modules_ || *name_at(row_bytes(i) + pack::kRowNameAt) != name) return std::nullopt;
    return row(i);
}

std::optional<PackEntry> Pack::find_file(std::string_view path) const {
    const auto compare = [this](const uint8_t* p, std::string_view key) {
        return compare_path(*name_at(p + pack::kRowDirectoryAt), *name_at(p + pack::kRowNameAt), key);
    };
    const size_t i = lower_bound(modules_, files_, path,
                                 [&](const uint8_t* p, std::string_view key) { return compare(p, key) < 0; });
    if (i < modules_ + files_ && compare(row_bytes(i), path) == 0) return row(i);
    constexpr std::string_view kBeam = ".beam";
    if (!path.ends_with(kBeam)) return std::nullopt;
    const size_t slash = path.rfind('/');
    const size_t start = slash == std::string_view::npos ? 0 : slash + 1;
    const auto found = find_module(path.substr(start, path.size() - start - kBeam.size()));
    return found && found->directory == path.substr(0, start == 0 ? 0 : slash) ? found : std::nullopt;
}

std::optional<std::vector<std::string>> Pack::list(std::string_view directory) const {
    std::unordered_set<std::string_view> names;
    std::vector<std::string> all;
    for (size_t i = 0; i < modules_ + files_; ++i) {
        const PackEntry entry = row(i);
        std::string_view below = entry.directory;
        if (!directory.empty() && below != directory) {
            if (!below.starts_with(directory) || below[directory.size()] != '/') continue;
            below.remove_prefix(directory.size() + 1);
        } else if (below == directory) {
            all.push_back(entry.is_module ? std::string(entry.name) + ".beam" : std::string(entry.name));
            continue;
        }
        const std::string_view name = below.substr(0, below.find('/'));
        if (names.insert(name).second) all.emplace_back(name);
    }
    return all.empty() && !directory.empty() ? std::nullopt : std::optional(std::move(all));
}

bool Pack::is_complete() const { return (get<uint32_t>(&header_[pack::kFlagsAt]) & pack::kComplete) != 0; }
bool Pack::unpacks_priv() const { return (get<uint32_t>(&header_[pack::kFlagsAt]) & pack::kUnpackPriv) != 0; }
bool Pack::is_signed() const { return (get<uint32_t>(&header_[pack::kFlagsAt]) & pack::kSigned) != 0; }

std::array<uint8_t, 32> Pack::public_key() const {
    std::array<uint8_t, 32> key;
    std::copy_n(&header_[pack::kPublicKeyAt], key.size(), key.begin());
    return key;
}

std::string Pack::identity() const {
    constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    const auto add = [&](std::span<const uint8_t> bytes) {
        for (const uint8_t b : bytes) text += {kDigits[b >> 4], kDigits[b & 15]};
    };
    add(pack_digest(tables_->bytes()));
    return text;
}

bool Pack::has_good_signature() const {
    if (!is_signed()) return false;
    const auto digest = pack_digest(tables_->bytes());
    const std::span<const uint8_t> head = std::span(header_).first(pack::kSignedBytes);
    return std::equal(digest.begin(), digest.end(), &header_[pack::kTablesDigestAt]) &&
           is_pack_signature(head, std::span(header_).subspan<pack::kSignatureAt, pack::kSignatureBytes>(),
                             public_key());
}

Result<PackBytes, PackError> Pack::read(const PackEntry& entry, bool is_digest_wanted) const {
    auto bytes = source_.read(entry.offset, entry.size);
    if (!bytes) return error(entry.offset, entry.path() + " cannot be read");
    if (crc_of(0, bytes->bytes()) != entry.crc) return error(entry.offset, entry.path() + " is damaged");
    if (is_digest_wanted && pack_digest(bytes->bytes()) != entry.digest)
        return error(entry.offset, entry.path() + " is not what was signed");
    return std::move(*bytes);
}

}  // namespace lintel
