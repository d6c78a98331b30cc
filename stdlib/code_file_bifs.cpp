#include <algorithm>
#include <atomic>
#include <mutex>
#include <string>

#include "gc/heap_builder.h"
#include "sched/vm.h"
#include "stdlib/build.h"
#include "stdlib/bytes_arg.h"
#include "term/views.h"

/// Natives of prim_file and prim_buffer in the bare profile. Files belong to the host; what can be read are the files on the code path
/// (beam_lib, Elixir's Exception.blame/3 and others look into modules that way). Such a file is read as a whole when it is opened.

namespace lintel {

namespace {

class CodeFile final : public Magic {
public:
    static inline const char kMagicType = 0;
    explicit CodeFile(std::string all) : Magic(&kMagicType), bytes(std::move(all)) {}

    const std::string bytes;
    std::atomic<size_t> position{0};
    std::atomic<bool> open{true};
};

/// What prim_file keeps of a file that it has read ahead. Any thread, though only the file's owner is to use it.
class ByteBuffer final : public Magic {
public:
    static inline const char kMagicType = 0;
    ByteBuffer() : Magic(&kMagicType) {}

    std::mutex mutex;
    std::string bytes;
};

/// Bytes of a file on the code path; `name` is a path with a zero at its end. False: there is no such file.
bool read_code_file(ExecState& p, Term name, std::string* bytes) {
    const BytesArg path(name);
    if (!path || path.size() == 0) return false;
    Vm& vm = as_process(p).machine();
    const std::string text(reinterpret_cast<const char*>(path.data()), path.size() - 1);
    if (vm.read_code_file == nullptr || !vm.read_code_file(vm, text, bytes)) return false;
    as_process(p).charge(bytes->size() / 64);
    return true;
}

Term make_magic(ExecState& p, Magic* magic) {
    const Word number = as_process(p).machine().next_reference_number();
    return p.reserve(kMagicRefWords).magic_ref(magic, number, 0);
}

Term ok_with(ExecState& p, Term t) { return make_tuple2(p, am::ok(), t); }
Term error_with(ExecState& p, Term why) { return make_tuple2(p, am::error(), why); }

/// {ok, Bytes}. Fails: system_limit.
Term ok_with_bytes(ExecState& p, std::string_view bytes) {
    const Term t = make_binary(p, bytes);
    return t.is_value() ? ok_with(p, t) : t;
}

/// {ok, Bytes} from `at` on, at most `count`, or eof.
Term read_at(ExecState& p, const CodeFile& file, size_t at, size_t count) {
    if (count == 0) return ok_with_bytes(p, "");
    if (at >= file.bytes.size()) return am::eof();
    return ok_with_bytes(p, std::string_view(file.bytes).substr(at, count));
}

Term einval(ExecState& p) { return error_with(p, p.vm->atoms.intern("einval")); }

bool is_count(Term t) { return t.is_small() && t.to_small() >= 0; }

}  // namespace

/// prim_file:open_nif/2: {ok, File} of a file on the code path that is to be read; everything else is {error, enotsup}.
Term prim_file_open_nif_2(ExecState& p, Args a) {
    for (Term modes = a[1]; modes.is_cons(); modes = modes.tail()) {
        if (!modes.head().is_atom()) continue;
        const std::string_view mode = atom_name(modes.head());
        if (mode == "write" || mode == "append" || mode == "exclusive" || mode == "directory")
            return error_with(p, am::enotsup());
    }
    std::string bytes;
    if (!read_code_file(p, a[0], &bytes)) return error_with(p, am::enotsup());
    return ok_with(p, make_magic(p, new CodeFile(std::move(bytes))));
}

/// prim_file:read_file_nif/1: {ok, Bytes} of a file on the code path, or {error, enotsup}.
Term prim_file_read_file_nif_1(ExecState& p, Args a) {
    std::string bytes;
    if (!read_code_file(p, a[0], &bytes)) return error_with(p, am::enotsup());
    return ok_with_bytes(p, bytes);
}

/// prim_file:close_nif/1: ok, or {error, einval} the second time. Fails: badarg.
Term prim_file_close_nif_1(ExecState& p, Args a) {
    CodeFile* file = as_magic<CodeFile>(a[0]);
    if (file == nullptr) return p.badarg();
    return file->open.exchange(false) ? am::ok() : einval(p);
}

/// prim_file:read_nif/2: {ok, Bytes}, at most Count, or eof; {error, einval}: it is closed. Fails: badarg.
Term prim_file_read_nif_2(ExecState& p, Args a) {
    CodeFile* file = as_magic<CodeFile>(a[0]);
    if (file == nullptr || !is_count(a[1])) return p.badarg();
    if (!file->open) return einval(p);
    const size_t count = static_cast<size_t>(a[1].to_small());
    const size_t at = file->position.load();
    file->position.store(at + std::min(count, file->bytes.size() - std::min(at, file->bytes.size())));
    return read_at(p, *file, at, count);
}

/// prim_file:pread_nif/3: the same from an offset. Fails: badarg.
Term prim_file_pread_nif_3(ExecState& p, Args a) {
    CodeFile* file = as_magic<CodeFile>(a[0]);
    if (file == nullptr || !is_count(a[1]) || !is_count(a[2])) return p.badarg();
    if (!file->open) return einval(p);
    return read_at(p, *file, static_cast<size_t>(a[1].to_small()), static_cast<size_t>(a[2].to_small()));
}

/// prim_file:seek_nif/3: {ok, Position} after going to Offset from bof, cur or eof; {error, einval}: that is before the file's beginning, or
/// the file is closed. Fails: badarg.
Term prim_file_seek_nif_3(ExecState& p, Args a) {
    CodeFile* file = as_magic<CodeFile>(a[0]);
    if (file == nullptr || !a[1].is_atom() || !a[2].is_small()) return p.badarg();
    if (!file->open) return einval(p);
    int64_t from = 0;
    if (a[1] == am::eof())
        from = static_cast<int64_t>(file->bytes.size());
    else if (atom_name(a[1]) == "cur")
        from = static_cast<int64_t>(file->position.load());
    else if (atom_name(a[1]) != "bof")
        return p.badarg();
    const int64_t to = from + a[2].to_small();
    if (to < 0) return einval(p);
    file->position.store(static_cast<size_t>(to));
    return ok_with(p, Term::small(to));
}

// ---- prim_buffer: bytes in, bytes out

/// prim_buffer:new/0.
Term prim_buffer_new_0(ExecState& p, Args) { return make_magic(p, new ByteBuffer); }

/// prim_buffer:size/1. Fails: badarg.
Term prim_buffer_size_1(ExecState& p, Args a) {
    ByteBuffer* buffer = as_magic<ByteBuffer>(a[0]);
    if (buffer == nullptr) return p.badarg();
    std::lock_guard lock(buffer->mutex);
    return Term::small(static_cast<int64_t>(buffer->bytes.size()));
}

/// prim_buffer:write/2: appends a list of binaries; ok. Fails: badarg.
Term prim_buffer_write_2(ExecState& p, Args a) {
    ByteBuffer* buffer = as_magic<ByteBuffer>(a[0]);
    if (buffer == nullptr) return p.badarg();
    std::string added;
    Term list = a[1];
    for (; list.is_cons(); list = list.tail()) {
        const BytesArg bytes(list.head());
        if (!bytes) return p.badarg();
        added.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    }
    if (!list.is_nil()) return p.badarg();
    as_process(p).charge(added.size() / 64);
    std::lock_guard lock(buffer->mutex);
    buffer->bytes += added;
    return am::ok();
}

/// prim_buffer:read/2: takes Count bytes. Fails: badarg, also when there are fewer.
Term prim_buffer_read_2(ExecState& p, Args a) {
    ByteBuffer* buffer = as_magic<ByteBuffer>(a[0]);
    if (buffer == nullptr || !is_count(a[1])) return p.badarg();
    const size_t count = static_cast<size_t>(a[1].to_small());
    std::lock_guard lock(buffer->mutex);
    if (count > buffer->bytes.size()) return p.badarg();
    const Term result = make_binary(p, std::string_view(buffer->bytes).substr(0, count));
    if (result.is_value()) buffer->bytes.erase(0, count);
    return result;
}

/// prim_buffer:wipe/1: ok. Fails: badarg.
Term prim_buffer_wipe_1(ExecState& p, Args a) {
    ByteBuffer* buffer = as_magic<ByteBuffer>(a[0]);
    if (buffer == nullptr) return p.badarg();
    std::lock_guard lock(buffer->mutex);
    buffer->bytes.clear();
    return am::ok();
}

/// prim_buffer:find_byte_index/2: {ok, Index}, or not_found. Fails: badarg.
Term prim_buffer_find_byte_index_2(ExecState& p, Args a) {
    ByteBuffer* buffer = as_magic<ByteBuffer>(a[0]);
    if (buffer == nullptr || !is_count(a[1]) || a[1].to_small() > 255) return p.badarg();
    std::lock_guard lock(buffer->mutex);
    const size_t at = buffer->bytes.find(static_cast<char>(a[1].to_small()));
    if (at == std::string::npos) return p.vm->atoms.intern("not_found");
    return ok_with(p, Term::small(static_cast<int64_t>(at)));
}

}  // namespace lintel
