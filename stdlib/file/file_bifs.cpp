/// Natives of prim_file on open files. Without the right to files (Right::files) they work on those on the code path, which can be
/// read and nothing else.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <utility>
#include <vector>

#include "base/byte_buffer.h"
#include "stdlib/file/file_args.h"
#include "stdlib/file/file_handle.h"
#include "stdlib/file/file_info.h"
#include "stdlib/posix_error.h"
#include "stdlib/stdlib_state.h"
#include "stdlib/text_arg.h"
#include "vm/bit_access.h"

namespace lintel {

namespace {

constexpr size_t kBytesPerReduction = 64;
/// Room for what is read that nobody knows the size of.
constexpr size_t kFirstRoom = size_t{64} << 10;
/// Whole files of such sizes, which those of code have, get pages of their own (BinaryData::create_in_pages). Smaller ones share what the
/// allocator has; of larger ones touching new pages would cost more than it saves.
constexpr size_t kLeastInPages = size_t{16} << 10, kMostInPages = size_t{128} << 10;
/// More than any system has memory for.
constexpr int64_t kMostToRead = int64_t{1} << 39;

struct OpenModes {
    int flags = O_CLOEXEC;
    bool is_directory = false;
    bool any_type = false;
    bool only_reads = false;
};

OpenModes read_modes(Term list) {
    bool read = false, write = false, append = false, exclusive = false, sync = false;
    OpenModes modes;
    for (; list.is_cons(); list = list.tail()) {
        if (!list.head().is_atom()) continue;
        const std::string_view mode = atom_name(list.head());
        if (mode == "read") read = true;
        if (mode == "write") write = true;
        if (mode == "append") append = true;
        if (mode == "exclusive") exclusive = true;
        if (mode == "sync") sync = true;
        if (mode == "skip_type_check") modes.any_type = true;
        if (mode == "directory") modes.is_directory = true;
    }
    write = write || append || exclusive;
    if (!write) {
        modes.flags |= O_RDONLY;
    } else if (read) {
        modes.flags |= O_RDWR | O_CREAT;
    } else {
        modes.flags |= O_WRONLY | O_CREAT | (append ? 0 : O_TRUNC);
    }
    if (append) modes.flags |= O_APPEND;
    if (exclusive) modes.flags |= O_EXCL;
    if (sync) modes.flags |= O_SYNC;
    if (modes.is_directory) modes.flags |= O_DIRECTORY;
    modes.only_reads = !write;
    return modes;
}

bool is_stream(const struct stat& info) {
    return !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode) && !S_ISBLK(info.st_mode);
}

/// {ok, File}, owned by the caller.
Term own(ExecState& p, FileHandle* file) {
    stdlib_state(p).files->add(*file, p.self);
    return make_tuple2(p, am::ok(), make_magic_ref(p, file));
}

/// Opens a file of a pack to be read; nullptr: no pack has it.
FileHandle* open_packed_file(ExecState& p, const char* path) {
    Vm& vm = as_process(p).machine();
    const int fd = vm.open_packed_file != nullptr ? vm.open_packed_file(vm, path) : -1;
    return fd >= 0 ? new FileHandle(stdlib_state(p).files, fd, false, false) : nullptr;
}

/// Opens the file. nullptr: *error.
FileHandle* open_file(ExecState& p, const char* path, const OpenModes& modes, int* error) {
    StdlibState& state = stdlib_state(p);
    const mode_t mode = modes.is_directory ? 0777 : 0666;
    const FileRoot* const root = rights_of(p).root.get();
    const int fd = root != nullptr ? root->open(path, modes.flags | O_NONBLOCK | O_CLOEXEC, mode)
                                   : state.files->open(state.working_directory.place(), path, modes.flags, mode);
    if (fd < 0) {
        *error = errno;
        return modes.only_reads && !modes.is_directory ? open_packed_file(p, path) : nullptr;
    }
    struct stat info {};
    const bool is_known = fstat(fd, &info) == 0;
    if (is_known && S_ISDIR(info.st_mode) && !modes.is_directory && !modes.any_type) {
        close(fd);
        *error = EISDIR;
        return nullptr;
    }
    return new FileHandle(state.files, fd, is_known && is_stream(info), false);
}

/// Opens a file on the code path to be read; nullptr: there is no such file.
FileHandle* open_code_file(ExecState& p, const char* path) {
    Vm& vm = as_process(p).machine();
    if (FileHandle* const packed = open_packed_file(p, path)) return packed;
    if (vm.may_read_file == nullptr || !vm.may_read_file(vm, path)) return nullptr;
    const int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) return nullptr;
    struct stat info {};
    if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode)) return new FileHandle(stdlib_state(p).files, fd, false, false);
    close(fd);
    return nullptr;
}

/// A binary that grows while it is read. `is_whole`: it is a file, of whatever size, and not one of many parts of a size, for which
/// the allocator has memory at hand.
class ReadBuffer {
public:
    explicit ReadBuffer(bool is_whole = false) : is_whole_(is_whole) {}
    ~ReadBuffer() {
        if (data_ != nullptr) data_->release_reference();
    }
    /// Room for `bytes` bytes in all; false: there is no memory.
    bool grow(size_t bytes) {
        const bool in_pages = is_whole_ && bytes >= kLeastInPages && bytes <= kMostInPages;
        BinaryData* more = in_pages ? BinaryData::create_in_pages(bytes) : BinaryData::create(bytes);
        if (more == nullptr) return false;
        if (data_ != nullptr) {
            memcpy(more->bytes, data_->bytes, size_);
            data_->release_reference();
        }
        data_ = more;
        room_ = bytes;
        return true;
    }
    uint8_t* free_bytes() const { return data_->bytes + size_; }
    size_t free_size() const { return room_ - size_; }
    size_t size() const { return size_; }
    void add(size_t bytes) { size_ += bytes; }
    /// What has been read, as a term; none: no memory.
    Term take(ExecState& p) {
        p.charge(size_ / kBytesPerReduction);
        auto heap = p.reserve(binary_words(size_));
        if (size_ <= kMaxHeapBinaryBytes || size_ < room_ / 2) return heap.binary(data_->bytes, size_);
        return heap.refc_binary(std::exchange(data_, nullptr), size_);
    }

private:
    const bool is_whole_;
    BinaryData* data_ = nullptr;
    size_t room_ = 0, size_ = 0;
};

/// Reads until there are `count` bytes or the file ends; `expected`: how many that will be, or -1. 0, or an errno value. `read` is
/// called with where to, how many, and how many came before.
template <typename Read>
int read_all(size_t count, int64_t expected, ReadBuffer* buffer, Read read) {
    // One byte more than expected, so that the end shows at once.
    size_t room = expected < 0 ? kFirstRoom : static_cast<size_t>(expected) + 1;
    for (;; room *= 2) {
        room = std::min(room, count);
        if (!buffer->grow(room)) return ENOMEM;
        const size_t wanted = buffer->free_size();
        const ssize_t n = read(buffer->free_bytes(), wanted, buffer->size());
        if (n < 0) return errno;
        buffer->add(static_cast<size_t>(n));
        if (static_cast<size_t>(n) < wanted || buffer->size() == count) return 0;
    }
}

/// The bytes of `buffer`, `{error, …}` of `error`, or eof.
Term read_result(ExecState& p, int error, ReadBuffer* buffer) {
    if (error == 0 && buffer->size() == 0) return am::eof();
    const Term bytes = error == 0 ? buffer->take(p) : Term::none();
    if (bytes.is_none()) return make_posix_error(p, error == 0 ? ENOMEM : error);
    return make_tuple2(p, am::ok(), bytes);
}

/// What read_cached has; the non-value: the caller goes on by what may block.
Term read_from_cache(ExecState& p, FileHandle& file, int64_t offset, int64_t count) {
    if (count > static_cast<int64_t>(kFirstRoom)) return Term::none();
    ReadBuffer buffer;
    if (count == 0 || !buffer.grow(static_cast<size_t>(count))) return Term::none();
    const ssize_t n = file.read_cached(buffer.free_bytes(), static_cast<size_t>(count), offset);
    if (n < 0) return Term::none();
    buffer.add(static_cast<size_t>(n));
    return read_result(p, 0, &buffer);
}

Term pread(ExecState& p, FileHandle& file, int64_t offset, int64_t count) {
    if (count > kMostToRead) return make_posix_error(p, ENOMEM);
    const auto wanted = static_cast<size_t>(count);
    const int64_t expected = wanted > kFirstRoom ? file.bytes_after(offset) : count;
    ReadBuffer buffer;
    const int error = read_all(wanted, expected, &buffer, [&](uint8_t* to, size_t n, size_t before) {
        return file.read_at(to, n, offset + static_cast<int64_t>(before));
    });
    return read_result(p, error, &buffer);
}

/// The beginning of a list of binaries, for writev.
class Pieces {
public:
    /// False: something of it is no binary.
    bool read(Term list) {
        for (; list.is_cons() && count_ < pieces_.size(); list = list.tail()) {
            const BitsView v = as_binary(list.head());
            if (!v) return false;
            const size_t size = v.byte_size();
            const uint8_t* bytes;
            if (v.is_aligned()) {
                bytes = v.bytes();
            } else {
                ByteBuffer& copy = copies_.emplace_back();
                if (!copy.resize(size + 1)) return false;
                bytes = aligned_bytes(v, copy.data());
            }
            pieces_[count_++] = {const_cast<uint8_t*>(bytes), size};
            size_ += size;
        }
        rest_ = list;
        return list.is_list();
    }
    std::span<iovec> all() { return {pieces_.data(), count_}; }
    size_t size() const { return size_; }
    Term rest() const { return rest_; }

private:
    std::array<iovec, 256> pieces_;
    std::vector<ByteBuffer> copies_;
    size_t count_ = 0, size_ = 0;
    Term rest_ = Term::nil();
};

/// Calls f(file) if the caller may have the file of `t` and nobody else works on it.
template <typename F>
Term with_file(ExecState& p, Term t, F f) {
    auto* file = as_magic<FileHandle>(t);
    if (file == nullptr) return p.badarg();
    const FileHandle::Use use(*file);
    return use ? f(*file) : make_posix_error(p, EINVAL);
}

Term done(ExecState& p, bool ok) { return ok ? am::ok() : make_posix_error(p, errno); }

/// Whether both are integers that offsets and sizes can be.
bool are_sizes(Term a, Term b, int64_t* x, int64_t* y) {
    return int64_of(a, x) && int64_of(b, y) && *x >= 0 && *y >= 0;
}

}  // namespace

/// prim_file:open_nif/2: {ok, File}, owned by the caller: it is closed when that ends. Fails: badarg if the modes are no list.
Term prim_file_open_nif_2(ExecState& p, Args a) {
    if (!a[1].is_list()) return p.badarg();
    const PathArg path(a[0]);
    const OpenModes modes = read_modes(a[1]);
    if (!has_files(p) || (!modes.only_reads && !may_change_files(p))) {
        FileHandle* file = path && modes.only_reads && !modes.is_directory ? open_code_file(p, path.text()) : nullptr;
        return file == nullptr ? deny_file(p, a[0]) : own(p, file);
    }
    if (!path) return make_posix_error(p, EINVAL);
    int error;
    FileHandle* file = open_file(p, path.text(), modes, &error);
    if (file == nullptr && modes.only_reads && rights_of(p).root != nullptr) file = open_code_file(p, path.text());
    return file == nullptr ? make_posix_error(p, error) : own(p, file);
}

/// prim_file:file_desc_to_ref_nif/1: {ok, File} of a file descriptor that the program has open. Fails: badarg.
Term prim_file_file_desc_to_ref_nif_1(ExecState& p, Args a) {
    const bool is_confined = rights_of(p).root != nullptr || rights_of(p).only_reads;
    if (!has_files(p) || is_confined || !may(as_process(p), Right::programs)) return deny_file(p, a[0]);
    int fd;
    if (!int_of(a[0], &fd)) return p.badarg();
    struct stat info {};
    if (fstat(fd, &info) != 0) return make_posix_error(p, errno);
    return own(p, new FileHandle(stdlib_state(p).files, fd, is_stream(info), true));
}

/// prim_file:close_nif/1: ok, or {error, einval} if it is closed, or in use by another process. Fails: badarg.
Term prim_file_close_nif_1(ExecState& p, Args a) {
    auto* file = as_magic<FileHandle>(a[0]);
    if (file == nullptr) return p.badarg();
    const int error = file->close();
    return error == 0 ? am::ok() : make_posix_error(p, error);
}

/// prim_file:delayed_close_nif/1: closes the file of an owner that has ended; ok. Fails: badarg.
Term prim_file_delayed_close_nif_1(ExecState& p, Args a) {
    if (!has_files(p)) return deny_file(p, a[0]);
    auto* file = as_magic<FileHandle>(a[0]);
    if (file == nullptr) return p.badarg();
    file->close();
    return am::ok();
}

/// prim_file:read_nif/2: {ok, Bytes}, as many as asked for unless the file ends; eof. Fails: badarg.
Term prim_file_read_nif_2(ExecState& p, Args a) {
    return with_file(p, a[0], [&](FileHandle& file) {
        int64_t count;
        if (!a[1].is_number()) return p.badarg();
        if (!int64_of(a[1], &count) || count < 0) return make_posix_error(p, EINVAL);
        if (count > kMostToRead) return make_posix_error(p, ENOMEM);
        const Term cached = read_from_cache(p, file, -1, count);
        if (cached.is_value()) return cached;
        if (go_dirty(p)) return Term::none();
        const auto wanted = static_cast<size_t>(count);
        const int64_t position = wanted > kFirstRoom ? lseek(file.fd(), 0, SEEK_CUR) : -1;
        const int64_t expected = wanted <= kFirstRoom ? count : position < 0 ? -1 : file.bytes_after(position);
        ReadBuffer buffer;
        const int error =
            read_all(wanted, expected, &buffer, [&](uint8_t* to, size_t n, size_t) { return file.read(to, n); });
        return read_result(p, error, &buffer);
    });
}

/// prim_file:pread_nif/3: the same from an offset. Fails: badarg.
Term prim_file_pread_nif_3(ExecState& p, Args a) {
    return with_file(p, a[0], [&](FileHandle& file) {
        int64_t offset, count;
        if (!a[1].is_number() || !a[2].is_number()) return p.badarg();
        if (!are_sizes(a[1], a[2], &offset, &count)) return make_posix_error(p, EINVAL);
        const Term cached = read_from_cache(p, file, offset, count);
        if (cached.is_value()) return cached;
        return go_dirty(p) ? Term::none() : pread(p, file, offset, count);
    });
}

/// prim_file:write_nif/2: ok when all of a list of binaries is written, or {continue, Rest}. Fails: badarg.
Term prim_file_write_nif_2(ExecState& p, Args a) {
    return with_file(p, a[0], [&](FileHandle& file) {
        Pieces pieces;
        if (!pieces.read(a[1])) return p.badarg();
        p.charge(pieces.size() / kBytesPerReduction);
        if (file.write(pieces.all()) < 0) return make_posix_error(p, errno);
        return pieces.rest().is_nil() ? am::ok() : make_tuple2(p, am::continue_(), pieces.rest());
    });
}

/// prim_file:pwrite_nif/3: the same from an offset; {continue, Written, Rest}. Fails: badarg.
Term prim_file_pwrite_nif_3(ExecState& p, Args a) {
    return with_file(p, a[0], [&](FileHandle& file) {
        int64_t offset;
        Pieces pieces;
        if (!a[1].is_number() || !pieces.read(a[2])) return p.badarg();
        if (!int64_of(a[1], &offset) || offset < 0) return make_posix_error(p, EINVAL);
        p.charge(pieces.size() / kBytesPerReduction);
        const ssize_t written = file.write_at(pieces.all(), offset);
        if (written < 0) return make_posix_error(p, errno);
        return pieces.rest().is_nil() ? am::ok()
                                      : make_tuple3(p, am::continue_(), make_integer(p, written), pieces.rest());
    });
}

/// prim_file:seek_nif/3: {ok, Position} after going to Offset from bof, cur or eof. Fails: badarg.
Term prim_file_seek_nif_3(ExecState& p, Args a) {
    return with_file(p, a[0], [&](FileHandle& file) {
        int64_t offset;
        if (!int64_of(a[2], &offset) || !a[1].is_atom()) return p.badarg();
        const std::string_view mark = atom_name(a[1]);
        if (mark != "bof" && mark != "cur" && mark != "eof") return p.badarg();
        const int64_t to = lseek(file.fd(), offset, mark == "bof" ? SEEK_SET : mark == "cur" ? SEEK_CUR : SEEK_END);
        return to < 0 ? make_posix_error(p, errno) : make_tuple2(p, am::ok(), make_integer(p, to));
    });
}

/// prim_file:sync_nif/2: ok when the system has written the file; DataOnly, not 0: without what it keeps of times. Fails: badarg.
Term prim_file_sync_nif_2(ExecState& p, Args a) {
    return with_file(p, a[0], [&](FileHandle& file) {
        int data_only;
        if (!int_of(a[1], &data_only)) return p.badarg();
        return done(p, (data_only != 0 ? fdatasync(file.fd()) : fsync(file.fd())) == 0);
    });
}

/// prim_file:truncate_nif/1: the file ends at its position. Fails: badarg.
Term prim_file_truncate_nif_1(ExecState& p, Args a) {
    return with_file(p, a[0], [&](FileHandle& file) {
        const off_t position = lseek(file.fd(), 0, SEEK_CUR);
        return done(p, position >= 0 && ftruncate(file.fd(), position) == 0);
    });
}

/// prim_file:allocate_nif/3: makes room on the disk. Fails: badarg.
Term prim_file_allocate_nif_3(ExecState& p, Args a) {
    return with_file(p, a[0], [&](FileHandle& file) {
        int64_t offset, length;
        if (!a[1].is_number() || !a[2].is_number()) return p.badarg();
        if (!are_sizes(a[1], a[2], &offset, &length)) return make_posix_error(p, EINVAL);
        int error;
        do {
            error = posix_fallocate(file.fd(), offset, length);
        } while (error == EINTR);
        return error == 0 ? am::ok() : make_posix_error(p, error);
    });
}

/// prim_file:advise_nif/4: tells the system how the file will be used; ok even if that does not want to know. Fails: badarg.
Term prim_file_advise_nif_4(ExecState& p, Args a) {
    return with_file(p, a[0], [&](FileHandle& file) {
        constexpr std::pair<std::string_view, int> kAdvice[] = {
            {"normal", POSIX_FADV_NORMAL},         {"random", POSIX_FADV_RANDOM},
            {"sequential", POSIX_FADV_SEQUENTIAL}, {"will_need", POSIX_FADV_WILLNEED},
            {"dont_need", POSIX_FADV_DONTNEED},    {"no_reuse", POSIX_FADV_NOREUSE}};
        int64_t offset, length;
        if (!a[1].is_number() || !a[2].is_number()) return p.badarg();
        if (!are_sizes(a[1], a[2], &offset, &length) || !a[3].is_atom()) return make_posix_error(p, EINVAL);
        for (const auto& [name, advice] : kAdvice) {
            if (name != atom_name(a[3])) continue;
            posix_fadvise(file.fd(), offset, length, advice);
            return am::ok();
        }
        return make_posix_error(p, EINVAL);
    });
}

/// prim_file:read_handle_info_nif/1: the record file_info of an open file. Fails: badarg.
Term prim_file_read_handle_info_nif_1(ExecState& p, Args a) {
    return with_file(p, a[0], [&](FileHandle& file) {
        struct stat info;
        if (fstat(file.fd(), &info) != 0) return make_posix_error(p, errno);
        // The file may have no name that access(2) could be asked about: what its mode says.
        const unsigned shift = info.st_uid == geteuid() ? 6 : info.st_gid == getegid() ? 3 : 0;
        const unsigned rights = info.st_mode >> shift;
        return make_file_info(p, info, {(rights & 4) != 0, (rights & 2) != 0});
    });
}

/// prim_file:ipread_s32bu_p32bu_nif/3: the bytes that a size and an offset, of 32 bits each, at Offset tell of:
/// {ok, {Size, Offset, Bytes | eof}}; eof if the two are not there or Size is larger than MaxSize. Fails: badarg.
Term prim_file_ipread_s32bu_p32bu_nif_3(ExecState& p, Args a) {
    return with_file(p, a[0], [&](FileHandle& file) {
        int64_t from, most;
        if (!a[1].is_number() || !a[2].is_number()) return p.badarg();
        if (!int64_of(a[1], &from) || !int64_of(a[2], &most) || from < 0 || most >= int64_t{1} << 31)
            return make_posix_error(p, EINVAL);
        uint8_t header[8];
        const ssize_t n = file.read_at(header, sizeof header, from);
        if (n < 0) return make_posix_error(p, errno);
        const auto size = load_big_endian<uint32_t>(header), offset = load_big_endian<uint32_t>(header + 4);
        if (n < static_cast<ssize_t>(sizeof header) || static_cast<int64_t>(size) > most) return am::eof();
        Term result = pread(p, file, offset, size);
        if (const auto tuple = as_tuple(result); tuple) {
            if (tuple[0] == am::error()) return result;
            result = tuple[1];
        }
        return make_tuple2(p, am::ok(), make_tuple3(p, Term::small(size), Term::small(offset), result));
    });
}

/// prim_file:get_handle_nif/1: the file descriptor, as a binary of the machine's own. Fails: badarg.
Term prim_file_get_handle_nif_1(ExecState& p, Args a) {
    return with_file(p, a[0], [&](FileHandle& file) {
        const int fd = file.fd();
        return make_binary(p, {reinterpret_cast<const char*>(&fd), sizeof fd});
    });
}

namespace {

/// The contents of a file, whole; 0, or an errno value.
int read_whole(FileHandle& file, ReadBuffer* buffer) {
    const int64_t size = file.bytes_after(0);
    // One that tells its size is read no further, even if it grows meanwhile.
    const size_t count = size < 0 ? SIZE_MAX : static_cast<size_t>(size);
    return read_all(count, size, buffer, [&](uint8_t* to, size_t n, size_t) { return file.read(to, n); });
}

/// Opens and reads. 0, or an errno value.
int read_named(ExecState& p, const char* path, ReadBuffer* buffer) {
    int error = EACCES;
    FileHandle* file = has_files(p) ? open_file(p, path, {.only_reads = true}, &error) : nullptr;
    // Code stands outside of the root.
    if (file == nullptr && (!has_files(p) || rights_of(p).root != nullptr)) file = open_code_file(p, path);
    if (file == nullptr) return error;
    error = read_whole(*file, buffer);
    file->release_reference();
    return error;
}

}  // namespace

/// prim_file:read_file_nif/1: {ok, Bytes}: all of them.
Term prim_file_read_file_nif_1(ExecState& p, Args a) {
    const PathArg path(a[0]);
    if (!path) return has_files(p) ? make_posix_error(p, EINVAL) : deny_file(p, a[0]);
    ReadBuffer buffer(true);
    const int error = read_named(p, path.text(), &buffer);
    if (error != 0 && !has_files(p)) return deny_file(p, a[0]);
    const Term bytes = error == 0 ? buffer.take(p) : Term::none();
    if (bytes.is_none()) return make_posix_error(p, error == 0 ? ENOMEM : error);
    return make_tuple2(p, am::ok(), bytes);
}

/// erl_prim_loader:get_file/1 of the bare profile: {ok, Bytes, Path}, or error.
Term erl_prim_loader_get_file_1(ExecState& p, Args a) {
    std::string path;
    if (!text_of(a[0], &path) || path.find('\0') != std::string::npos) return am::error();
    ReadBuffer buffer(true);
    const Term bytes = read_named(p, path.c_str(), &buffer) == 0 ? buffer.take(p) : Term::none();
    return bytes.is_none() ? am::error() : make_tuple3(p, am::ok(), bytes, a[0]);
}

}  // namespace lintel
