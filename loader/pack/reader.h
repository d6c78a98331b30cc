#pragma once
/// Pack: reads what loader/pack/writer.h wrote. Nothing of the bytes is believed: each number is checked before it is used.
/// docs/design/packs.md has the format.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/pages.h"
#include "base/result.h"

namespace lintel {

/// Why a pack was refused. `text()` is one line: file, offset, what is wrong.
struct PackError {
    std::string file;
    uint64_t offset;
    std::string what;

    std::string text() const { return file + ": offset " + std::to_string(offset) + ": " + what; }
};

/// Bytes of a pack, for as long as it lives: a part of memory, or a copy of what a file has.
class PackBytes {
public:
    explicit PackBytes(std::span<const uint8_t> bytes) : bytes_(bytes) {}
    explicit PackBytes(std::unique_ptr<ScratchPages> copy, size_t size)
        : copy_(std::move(copy)), bytes_(static_cast<const uint8_t*>(copy_->data()), size) {}
    std::span<const uint8_t> bytes() const { return bytes_; }

private:
    std::unique_ptr<ScratchPages> copy_;
    std::span<const uint8_t> bytes_;
};

/// Where the bytes are: in memory, which must stay, or in a file, which is read piece by piece; what others do to the file meanwhile can make
/// reading fail, and nothing worse.
class PackSource {
public:
    explicit PackSource(std::span<const uint8_t> memory) : memory_(memory), size_(memory.size()) {}
    /// Takes over the descriptor; the pack has `size` bytes from `start` on.
    PackSource(int fd, uint64_t start, uint64_t size) : fd_(fd), start_(start), size_(size) {}
    /// Takes over a mapping (mmap) of `mapped` bytes, in which `memory` lies.
    PackSource(std::span<const uint8_t> memory, std::span<uint8_t> mapping)
        : memory_(memory), mapping_(mapping), size_(memory.size()) {}
    ~PackSource();
    PackSource(PackSource&& other) noexcept;
    PackSource& operator=(PackSource&&) = delete;

    uint64_t size() const { return size_; }
    /// nullopt: they cannot be read, or there is no memory. The range is inside.
    std::optional<PackBytes> read(uint64_t offset, size_t size) const;

private:
    std::span<const uint8_t> memory_;
    std::span<uint8_t> mapping_;
    int fd_ = -1;
    uint64_t start_ = 0, size_;
};

struct PackEntry {
    std::string_view name;       ///< of a module, or of a file without its directory
    std::string_view directory;  ///< "lib/stdlib-4.2/ebin"
    bool is_module;
    bool is_program;  ///< a file that may be executed
    uint64_t offset, size;
    uint64_t original_size;
    std::array<uint8_t, 16> md5;  ///< of a module: its own, before it was stripped
    uint32_t crc;
    std::array<uint8_t, 32> digest;

    /// As a path inside of the pack.
    std::string path() const;
};

class Pack {
public:
    /// Whether a file begins as packs do.
    static bool is_pack(std::span<const uint8_t> first_bytes);
    /// Reads header and tables. `file` is its name, for messages and for paths of what is in it.
    static Result<std::unique_ptr<Pack>, PackError> open(PackSource source, std::string file);

    // All others: any thread.
    const std::string& file() const { return file_; }
    size_t module_count() const { return modules_; }
    size_t file_count() const { return files_; }
    PackEntry module(size_t i) const { return row(i); }
    PackEntry file(size_t i) const { return row(modules_ + i); }
    std::optional<PackEntry> find_module(std::string_view name) const;
    /// A file by its path inside of the pack; a module's file, too.
    std::optional<PackEntry> find_file(std::string_view path) const;
    /// The names in a directory, "" for the topmost one; nullopt: there is no such directory. Each is there once, in no particular order.
    std::optional<std::vector<std::string>> list(std::string_view directory) const;
    /// The directories of modules and applications, sorted.
    const std::vector<std::string>& directories() const { return directories_; }
    /// "": there is none.
    std::string_view main_module() const { return main_module_; }
    std::string_view main_function() const { return main_function_; }
    bool is_complete() const;
    bool unpacks_priv() const;
    bool is_signed() const;
    std::array<uint8_t, 32> public_key() const;
    /// What tells this pack from others: the digest of its tables, in hexadecimal.
    std::string identity() const;

    /// Whether the signature is by its public key, and the tables are what was signed. A pack without a signature has no good one.
    bool has_good_signature() const;
    /// The data of an entry, undamaged; if `is_digest_wanted`, it is what was signed, too, in memory that nobody else can change.
    Result<PackBytes, PackError> read(const PackEntry& entry, bool is_digest_wanted) const;

private:
    Pack(PackSource source, std::string file) : source_(std::move(source)), file_(std::move(file)) {}
    std::optional<PackError> read_header();
    std::optional<PackError> read_tables();
    std::optional<PackError> check_rows();
    PackError error(uint64_t offset, std::string what) const { return {file_, offset, std::move(what)}; }
    const uint8_t* row_bytes(size_t i) const;
    /// The name that a row or the header refers to at `p`; nullopt: it is beyond the names.
    std::optional<std::string_view> name_at(const uint8_t* p) const;
    PackEntry row(size_t i) const;
    /// First of `count` rows from `first` on that is not before `key`.
    template <typename Key, typename Before>
    size_t lower_bound(size_t first, size_t count, const Key& key, Before before) const;

    PackSource source_;
    std::string file_;
    std::array<uint8_t, 224> header_{};
    std::optional<PackBytes> tables_;
    uint64_t table_offset_ = 0;
    size_t modules_ = 0, files_ = 0;
    std::string_view names_, main_module_, main_function_;
    std::vector<std::string> directories_;
};

}  // namespace lintel
