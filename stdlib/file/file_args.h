#pragma once
/// Arguments of prim_file's natives, and what the VM may do with files.

#include "stdlib/build.h"
#include "stdlib/bytes_arg.h"
#include "stdlib/int_arg.h"
#include "stdlib/posix_error.h"

namespace lintel {

/// A name as the system wants it: a binary with a zero, or several, at its end and none before.
class PathArg {
public:
    explicit PathArg(Term t) : bytes_(t) {
        if (!bytes_ || bytes_.size() == 0) return;
        const auto* zero = static_cast<const uint8_t*>(memchr(bytes_.data(), 0, bytes_.size()));
        if (zero == nullptr) return;
        const uint8_t* const end = bytes_.data() + bytes_.size();
        is_path_ = std::all_of(zero, end, [](uint8_t b) { return b == 0; });
    }
    explicit operator bool() const { return is_path_; }
    const char* text() const { return reinterpret_cast<const char*>(bytes_.data()); }

private:
    const BytesArg bytes_;
    bool is_path_ = false;
};

inline const Rights& rights_of(ExecState& p) { return as_process(p).acting_tenant().rights; }
/// Whether Erlang code may do with files what the program may, below its root.
inline bool has_files(ExecState& p) { return rights_of(p).has(Right::files); }
inline bool may_change_files(ExecState& p) { return has_files(p) && !rights_of(p).only_reads; }
/// {error, eacces}: it may not do that; the host is told, with the name, if that is one.
inline Term deny_file(ExecState& p, Term name) {
    const PathArg path(name);
    deny(as_process(p), Right::files, path ? path.text() : "");
    return make_posix_error(p, EACCES);
}
inline Term enotsup(ExecState& p) { return make_tuple2(p, am::error(), am::enotsup()); }

}  // namespace lintel
