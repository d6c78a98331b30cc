#include "embed/packs.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "embed/lintel_vm.h"
#include "loader/pack/format.h"
#include "loader/pack/signature.h"

/// The C API: packs that a VM takes modules from. docs/design/packs.md.

using lintel::fail;
using lintel::is_gone;
using lintel::MountedPack;
using lintel::Pack;
using lintel::PackError;

namespace lintel {

namespace {

constexpr const char* kOwnExecutable = "/proc/self/exe";

/// An open file, closed at the end unless it is taken.
class OpenFile {
public:
    explicit OpenFile(const char* path) : fd_(::open(path, O_RDONLY | O_CLOEXEC)) {
        if (fd_ >= 0 && fstat(fd_, &info_) != 0) close_now();
    }
    ~OpenFile() { close_now(); }
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;
    explicit operator bool() const { return fd_ >= 0; }
    int get() const { return fd_; }
    int take() { return std::exchange(fd_, -1); }
    const struct stat& info() const { return info_; }

private:
    void close_now() {
        if (fd_ >= 0) ::close(take());
    }
    int fd_;
    struct stat info_ {};
};

OwnPack own_pack_of(const OpenFile& file) {
    uint8_t trailer[pack::kTrailerBytes];
    const auto size = static_cast<uint64_t>(file.info().st_size);
    if (size < sizeof trailer) return {};
    const uint64_t end = size - sizeof trailer;
    if (pread(file.get(), trailer, sizeof trailer, static_cast<off_t>(end)) != sizeof trailer) return {};
    if (!std::equal(pack::kTrailerMagic.begin(), pack::kTrailerMagic.end(), trailer)) return {};
    const OwnPack own{pack::get<uint64_t>(trailer + 8), pack::get<uint64_t>(trailer + 16)};
    return own.offset % pack::kPage == 0 && own.offset <= end && own.size == end - own.offset ? own : OwnPack{};
}

/// The mapped pack behind the executable; nobody can write a file that is running.
Result<std::unique_ptr<Pack>, PackError> open_own_pack() {
    char name[4096];
    const ssize_t length = readlink(kOwnExecutable, name, sizeof name);
    const std::string path = length > 0 ? std::string(name, static_cast<size_t>(length)) : kOwnExecutable;
    const OpenFile file(kOwnExecutable);
    const OwnPack own = file ? own_pack_of(file) : OwnPack{};
    if (own.size == 0) return PackError{path, 0, "there is no pack behind the executable"};
    // Where pages are larger than the pack's.
    const auto page = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
    const uint64_t from = own.offset / page * page, skipped = own.offset - from;
    void* const mapped =
        mmap(nullptr, own.size + skipped, PROT_READ, MAP_PRIVATE, file.get(), static_cast<off_t>(from));
    if (mapped == MAP_FAILED) return PackError{path, own.offset, std::string("cannot be mapped: ") + strerror(errno)};
    auto* const bytes = static_cast<uint8_t*>(mapped);
    return Pack::open(PackSource({bytes + skipped, own.size}, std::span<uint8_t>{bytes, own.size + skipped}), path);
}

/// Nobody may write the file but root and who may write the library.
bool belongs_to_library(const OpenFile& file, const char* library) {
    struct stat own {};
    const struct stat& info = file.info();
    return stat(library, &own) == 0 && (info.st_uid == 0 || info.st_uid == own.st_uid) &&
           (info.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/// Without symbolic links, if it is there.
std::string absolute(const std::string& path) {
    char* const real = realpath(path.c_str(), nullptr);
    std::string result = real != nullptr ? real : path;
    std::free(real);
    return result;
}

void describe(PackRules& rules, const Pack& pack, bool is_trusted, lintel_pack_info* info) {
    if (info == nullptr) return;
    const auto name = [&rules](std::string_view text) -> const char* {
        if (text.empty()) return nullptr;
        return rules.names.emplace_back(text).c_str();
    };
    lintel_pack_info known{};
    known.size = info->size;
    known.module = name(pack.main_module());
    known.function = name(pack.main_function());
    known.modules = pack.module_count();
    known.files = pack.file_count();
    known.complete = pack.is_complete();
    known.is_signed = pack.is_signed();
    known.trusted = is_trusted;
    const auto key = pack.public_key();
    std::copy(key.begin(), key.end(), known.key);
    std::memcpy(info, &known, std::min(info->size, sizeof known));
}

lintel_result refuse(lintel_vm* vm, const PackError& error) { return fail(vm, LINTEL_ERROR_BAD_FILE, error.text()); }

/// A pack of whatever origin, as far as its signature is good and wanted.
lintel_result add(lintel_vm* vm, Result<std::unique_ptr<Pack>, PackError> opened, lintel_pack_info* info) {
    if (!opened) return refuse(vm, opened.error());
    MountedPack mounted{opened.take()};
    const Pack& pack = *mounted.pack;
    PackRules& rules = vm->packs;
    if (pack.is_signed() && !pack.has_good_signature())
        return refuse(vm, {pack.file(), pack::kSignatureAt, "the signature is not good"});
    mounted.is_trusted = mounted.wants_digest =
        pack.is_signed() && std::find(rules.keys.begin(), rules.keys.end(), pack.public_key()) != rules.keys.end();
    if (rules.must_be_signed && !mounted.is_trusted)
        return refuse(vm, {pack.file(), pack::kPublicKeyAt,
                           pack.is_signed() ? "signed by a key that is not trusted" : "not signed"});
    describe(rules, pack, mounted.is_trusted, info);
    vm->vm->path.add_pack(std::move(mounted));
    vm->vm->use_release();
    return LINTEL_OK;
}

lintel_result check_bare(lintel_vm* vm) {
    if (vm->bare == nullptr) return fail(vm, LINTEL_ERROR_ARGUMENT, kOtherProfile);
    return vm->life == lintel_vm::Life::ran ? fail(vm, LINTEL_ERROR_ARGUMENT, kRanAlready) : LINTEL_OK;
}

}  // namespace

Result<std::unique_ptr<Pack>, PackError> open_pack_file(const std::string& path) {
    OpenFile file(path.c_str());
    if (!file) return PackError{path, 0, std::string("cannot be read: ") + strerror(errno)};
    if (!S_ISREG(file.info().st_mode)) return PackError{path, 0, "not a regular file"};
    // The pack of an executable is read, too, by who looks into it.
    const OwnPack own = own_pack_of(file);
    const uint64_t size = own.size != 0 ? own.size : static_cast<uint64_t>(file.info().st_size);
    return Pack::open(PackSource(file.take(), own.offset, size), absolute(path));
}

OwnPack find_own_pack() {
    const OpenFile file(kOwnExecutable);
    return file ? own_pack_of(file) : OwnPack{};
}

void add_installed_pack(CodePath& path) {
    Dl_info self{};
    if (dladdr(reinterpret_cast<const void*>(&add_installed_pack), &self) == 0 || self.dli_fname == nullptr) return;
    // Of a program that is not PIE the name is how it was called.
    const std::string library = absolute(strchr(self.dli_fname, '/') != nullptr ? self.dli_fname : kOwnExecutable);
    const std::string directory = library.substr(0, library.rfind('/'));
    for (const char* place : {"/lintel/otp.lpk", "/../" LINTEL_LIBDIR "/lintel/otp.lpk"}) {
        OpenFile file((directory + place).c_str());
        if (!file || !S_ISREG(file.info().st_mode)) continue;
        const bool is_trusted = belongs_to_library(file, library.c_str());
        const auto size = static_cast<uint64_t>(file.info().st_size);
        auto opened = Pack::open(PackSource(file.take(), 0, size), absolute(directory + place));
        if (!opened) continue;
        path.add_pack({opened.take(), is_trusted, false});
        return;
    }
}

}  // namespace lintel

extern "C" {

lintel_result lintel_trust_pack_key(lintel_vm* vm, const unsigned char key[32]) {
    if (is_gone(vm) || key == nullptr) return LINTEL_ERROR_ARGUMENT;
    std::copy_n(key, 32, vm->packs.keys.emplace_back().begin());
    return LINTEL_OK;
}

lintel_result lintel_require_signed_packs(lintel_vm* vm) {
    if (is_gone(vm)) return LINTEL_ERROR_ARGUMENT;
    vm->packs.must_be_signed = true;
    return LINTEL_OK;
}

lintel_result lintel_add_pack(lintel_vm* vm, const char* path, lintel_pack_info* info) {
    if (is_gone(vm)) return LINTEL_ERROR_ARGUMENT;
    if (path == nullptr) return fail(vm, LINTEL_ERROR_ARGUMENT, "no file given");
    if (const lintel_result r = lintel::check_bare(vm); r != LINTEL_OK) return r;
    return lintel::add(vm, lintel::open_pack_file(path), info);
}

lintel_result lintel_add_pack_memory(lintel_vm* vm, const void* bytes, size_t count, const char* name,
                                     lintel_pack_info* info) {
    if (is_gone(vm)) return LINTEL_ERROR_ARGUMENT;
    if (bytes == nullptr || name == nullptr || *name == 0)
        return fail(vm, LINTEL_ERROR_ARGUMENT, "no bytes, or no name given");
    if (const lintel_result r = lintel::check_bare(vm); r != LINTEL_OK) return r;
    const std::span<const uint8_t> pack{static_cast<const uint8_t*>(bytes), count};
    return lintel::add(vm, Pack::open(lintel::PackSource(pack), name), info);
}

int lintel_has_own_pack(void) { return lintel::find_own_pack().size != 0; }

lintel_result lintel_add_own_pack(lintel_vm* vm, lintel_pack_info* info) {
    if (is_gone(vm)) return LINTEL_ERROR_ARGUMENT;
    if (const lintel_result r = lintel::check_bare(vm); r != LINTEL_OK) return r;
    auto opened = lintel::open_own_pack();
    if (!opened) {
        const auto result = lintel_has_own_pack() != 0 ? LINTEL_ERROR_BAD_FILE : LINTEL_ERROR_NOT_FOUND;
        return fail(vm, result, opened.error().text());
    }
    MountedPack mounted{opened.take(), true, false};
    lintel::describe(vm->packs, *mounted.pack, true, info);
    vm->vm->path.add_pack(std::move(mounted));
    vm->vm->use_release();
    return LINTEL_OK;
}

lintel_result lintel_read_pack(lintel_vm* vm, const char* path, int verify,
                               int (*entry)(void* context, const lintel_pack_entry* entry), void* context,
                               lintel_pack_info* info) {
    if (is_gone(vm)) return LINTEL_ERROR_ARGUMENT;
    if (path == nullptr) return fail(vm, LINTEL_ERROR_ARGUMENT, "no file given");
    auto opened = lintel::open_pack_file(path);
    if (!opened) return lintel::refuse(vm, opened.error());
    const Pack& pack = *opened.value();
    if (pack.is_signed() && !pack.has_good_signature())
        return lintel::refuse(vm, {pack.file(), lintel::pack::kSignatureAt, "the signature is not good"});
    const auto& keys = vm->packs.keys;
    lintel::describe(vm->packs, pack,
                     pack.is_signed() && std::find(keys.begin(), keys.end(), pack.public_key()) != keys.end(), info);
    for (size_t i = 0; i < pack.module_count() + pack.file_count(); ++i) {
        const bool is_module = i < pack.module_count();
        const lintel::PackEntry e = is_module ? pack.module(i) : pack.file(i - pack.module_count());
        auto bytes = pack.read(e, pack.is_signed());
        if (!bytes) return lintel::refuse(vm, bytes.error());
        const auto data = bytes.value().bytes();
        const std::string name = e.path(), module(e.name);
        if (is_module && verify != 0) {
            const lintel::LoadContext load{vm->vm->atoms, vm->vm->literals, &vm->vm->code};
            auto loaded = lintel::load_module(load, data, pack.file() + "/" + name);
            if (!loaded) return fail(vm, LINTEL_ERROR_BAD_FILE, loaded.error().text());
            const bool is_it = lintel::atom_name(loaded.value()->name) == module;
            lintel::discard_module(load, loaded.take());
            if (!is_it) return lintel::refuse(vm, {pack.file(), e.offset, name + " holds another module"});
        }
        const lintel_pack_entry told{sizeof told, name.c_str(), is_module ? module.c_str() : nullptr,
                                     data.data(), data.size(),  e.original_size};
        if (entry != nullptr && entry(context, &told) != 0) break;
    }
    return LINTEL_OK;
}

void lintel_pack_public_key(const unsigned char seed[32], unsigned char key[32]) {
    if (seed == nullptr || key == nullptr) return;
    const auto made = lintel::public_key_of(std::span<const uint8_t, 32>(seed, 32));
    std::copy(made.begin(), made.end(), key);
}

}  // extern "C"
