#pragma once
/// Where modules are looked for: directories given, then packs, then what the host has, then directories of an installed OTP and Elixir. A pack stands for
/// directories inside of it, whose paths begin with the pack's own; what the host has is called `host:MODULE.beam`.

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/pages.h"
#include "loader/load.h"
#include "loader/pack/reader.h"

namespace lintel {

/// A pack that a VM takes modules from.
struct MountedPack {
    std::unique_ptr<const Pack> pack;
    bool is_trusted = false;    ///< its proofs are taken over instead of verifying modules
    bool wants_digest = false;  ///< because it is signed: so each entry must be what was signed
};

/// What is in a pack.
struct PackedFile {
    const MountedPack* mounted;
    PackEntry entry;

    Result<PackBytes, PackError> read() const { return mounted->pack->read(entry, mounted->wants_digest); }
};

/// Modules that the host of a VM has elsewhere: lintel_config.find_code and release_code.
struct CodeFinder {
    int (*find)(void* context, const char* module, const void** bytes, size_t* count) = nullptr;
    void (*release)(void* context, const void* bytes, size_t count) = nullptr;
    void* context = nullptr;
};

/// A module of the host's, which it keeps until this goes.
class FoundCode {
public:
    FoundCode() = default;
    /// Asks for it. None: there is no such module.
    FoundCode(const CodeFinder& finder, std::string module);
    FoundCode(FoundCode&& other) noexcept { swap(other); }
    FoundCode& operator=(FoundCode&& other) noexcept {
        swap(other);
        return *this;
    }
    ~FoundCode();
    explicit operator bool() const { return is_there_; }
    const std::string& module() const { return module_; }
    std::span<const uint8_t> bytes() const { return {static_cast<const uint8_t*>(bytes_), count_}; }

private:
    void swap(FoundCode& other);

    CodeFinder finder_;
    std::string module_;
    const void* bytes_ = nullptr;
    size_t count_ = 0;
    bool is_there_ = false;
};

class CodePath {
public:
    /// Before anything is looked for.
    void set_finder(const CodeFinder& finder) { finder_ = finder; }
    // All functions: any thread.
    /// Directory to look in before those added earlier.
    void add_first(std::string directory);
    /// Directory to look in after all others.
    void add_last(std::string directory);
    /// Its directories come behind those that were given, and behind the packs added earlier. It stays as long as the path.
    const Pack& add_pack(MountedPack pack);
    /// What `path` names in a pack; nullopt: nothing.
    std::optional<PackedFile> packed(std::string_view path) const;
    /// The names in the directory that `path` names in a pack, which may be the pack itself; nullopt: it names none.
    std::optional<std::vector<std::string>> packed_names(std::string_view path) const;
    /// What `path` names of the host's; none: it is of nobody's host, or has gone.
    FoundCode found(std::string_view path) const;
    /// The pack that a path leads into; nullptr: none. It stays as long as the path.
    const MountedPack* pack_of(std::string_view path) const;
    /// The directory belongs to an installation of OTP or Elixir.
    bool is_installed(const std::string& directory) const;
    /// False: it is not one of them.
    bool remove(const std::string& directory);
    /// An OTP installation: its erts, stdlib, kernel, then its other applications.
    void add_otp(const std::string& root);
    /// Of an OTP installation, its erts only.
    void add_erts(const std::string& root);
    /// Version of the erts of the installation that was added: "13.1.5"; "": none was.
    std::string erts_version() const;
    /// An Elixir installation (directory with elixir/ebin in it).
    void add_elixir(const std::string& lib);

    /// Path of the file of `module`, or "" if no directory has one.
    std::string find(std::string_view module) const;

    /// Path of a file, or "" if no directory has it. `name` has no slash in it.
    std::string find_file(const std::string& name) const;
    /// Whether `path` is directly in one of the directories.
    bool covers(std::string_view path) const;
    /// The file is one of those modules that OTP has inside its emulator: the files of the application erts.
    bool is_preloaded(std::string_view file) const;
    /// Names of those modules.
    std::vector<std::string> preloaded_modules() const;
    /// The directories in the order in which they are looked in.
    std::vector<std::string> directories() const;

    /// What an installation is found by: the environment variable LINTEL_OTP_ROOT, else where Debian puts it; "" if there is none.
    static std::string default_otp_root();
    static std::string default_elixir_lib();

private:
    void add_application_locked(const std::string& root, const std::string& name);
    void take_erts_locked(std::string directory, std::string version);
    std::string find_packed_locked(const std::string& name) const;
    std::string find_at_host(const std::string& name) const;

    mutable std::mutex mutex_;
    std::vector<std::string> given_;
    std::deque<MountedPack> packs_;
    std::vector<std::string> installed_;
    std::string preloaded_;  // one of installed_, or in a pack, or ""
    std::string erts_version_;
    CodeFinder finder_;
    mutable std::mutex finder_mutex_;
    mutable FoundCode last_found_;  ///< until somebody reads it, or something else is found
};

bool is_directory(const std::string& path);

/// The bytes of a file, for as long as it takes to load or look at them.
class FileBytes {
public:
    /// Reads the file at `path`. False (with errno set): no regular file, not readable, or no memory.
    explicit FileBytes(const std::string& path);
    explicit operator bool() const { return is_read_; }
    std::span<const uint8_t> bytes() const {
        return {static_cast<const uint8_t*>(pages_.has_value() ? pages_->data() : nullptr), size_};
    }
    std::string_view text() const { return {reinterpret_cast<const char*>(bytes().data()), size_}; }

private:
    std::optional<ScratchPages> pages_;
    size_t size_ = 0;
    bool is_read_ = false;
};

/// The bytes of a file that a path has found, of a pack, of the host's, or neither.
class CodeFile {
public:
    CodeFile(const CodePath& path, const std::string& file);
    explicit operator bool() const { return error_.empty(); }
    std::span<const uint8_t> bytes() const {
        return found_ ? found_.bytes() : file_ ? file_->bytes() : packed_bytes_->bytes();
    }
    std::string_view text() const { return {reinterpret_cast<const char*>(bytes().data()), bytes().size()}; }
    /// One line.
    const std::string& error() const { return error_; }
    bool lacks_memory() const { return lacks_memory_; }
    /// What load_packed_module wants to know; nullptr: it is in no pack.
    const PackedModule* packed() const { return packed_ ? &*packed_ : nullptr; }

private:
    FoundCode found_;
    std::optional<FileBytes> file_;
    std::optional<PackBytes> packed_bytes_;
    std::optional<PackedModule> packed_;
    std::string error_;
    bool lacks_memory_ = false;
};

}  // namespace lintel
