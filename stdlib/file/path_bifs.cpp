/// Natives of prim_file on names. All need the right to files; without it they answer {error, eacces}.

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <vector>

#include "stdlib/file/file_args.h"
#include "stdlib/file/file_info.h"
#include "stdlib/posix_error.h"
#include "stdlib/stdlib_state.h"

namespace lintel {

namespace {

/// What is done with a name.
enum class Names : uint8_t {
    follow,  ///< a link leads on
    stay,    ///< a link is what is meant
};

/// f(place) for where the name is, as the process may see it: 0 or an errno value.
template <typename F>
int at_place(ExecState& p, const char* name, Names how, F f) {
    if (const FileRoot* const root = rights_of(p).root.get()) {
        const FilePlace place(*root, name, how == Names::follow);
        return place.error() != 0 ? place.error() : f(place);
    }
    const auto here = stdlib_state(p).working_directory.place();
    return f(FilePlace(here->fd(), name));
}

/// Calls f(directory, name): 0 or an errno value. ok, or {error, Name}.
template <typename F>
Term with_path(ExecState& p, Term name, Names how, F f) {
    const PathArg path(name);
    if (!path) return make_posix_error(p, EINVAL);
    const int error =
        at_place(p, path.text(), how, [&f](const FilePlace& place) { return f(place.at(), place.name()); });
    return error == 0 ? am::ok() : make_posix_error(p, error);
}

/// Calls f(directory, name, directory, name).
template <typename F>
Term with_paths(ExecState& p, Term from, Term to, F f) {
    const PathArg to_path(to);
    return with_path(p, from, Names::stay, [&](int at, const char* name) {
        if (!to_path) return EINVAL;
        return at_place(p, to_path.text(), Names::stay,
                        [&](const FilePlace& there) { return f(at, name, there.at(), there.name()); });
    });
}

int result(int status) { return status == 0 ? 0 : errno; }

/// {ok, Binary}
Term ok_with_text(ExecState& p, std::string_view text) {
    const Term binary = make_binary(p, text);
    return binary.is_none() ? binary : make_tuple2(p, am::ok(), binary);
}

/// Earlier times than those of 1902 are told as that, as in OTP.
constexpr int64_t kFirstTime = -2145916800;

Term make_time(HeapBuilder& heap, time_t t) { return heap.integer(std::max<int64_t>(t, kFirstTime)); }

std::string_view type_name(mode_t mode) {
    if (S_ISCHR(mode) || S_ISBLK(mode)) return "device";
    if (S_ISDIR(mode)) return "directory";
    if (S_ISREG(mode)) return "regular";
    return S_ISLNK(mode) ? "symlink" : "other";
}

/// What opendir takes: names in the directory, but not . and .. . 0, or an errno value.
int read_directory(int at, const char* path, std::vector<std::string>* names) {
    const int fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) return errno;
    DIR* const directory = fdopendir(fd);
    if (directory == nullptr) {
        const int error = errno;
        close(fd);
        return error;
    }
    while (const dirent* entry = readdir(directory)) {
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..") names->emplace_back(name);
    }
    closedir(directory);
    return 0;
}

/// What a pack has under `name`. Every process may look at it.
std::optional<PackedNode> find_packed(ExecState& p, Term name) {
    Vm& vm = as_process(p).machine();
    if (LINTEL_LIKELY(vm.find_packed == nullptr)) return std::nullopt;
    const PathArg path(name);
    return path ? vm.find_packed(vm, path.text()) : std::nullopt;
}

bool is_same(const struct stat& a, const struct stat& b) { return a.st_ino == b.st_ino && a.st_dev == b.st_dev; }

}  // namespace

Term make_file_info(ExecState& p, const struct stat& info, FileRights rights) {
    // Of the numbers OTP shows 32 bits.
    const auto number = [](auto n) { return Term::small(static_cast<uint32_t>(n)); };
    const std::string_view access = rights.read && rights.write ? "read_write"
                                    : rights.read               ? "read"
                                    : rights.write              ? "write"
                                                                : "none";
    AtomTable& atoms = p.vm->atoms;
    auto heap = p.reserve(tuple_words(14) + 4 * kIntegerWords);
    const Term size = heap.integer(info.st_size);
    const Term accessed = make_time(heap, info.st_atime);
    const Term modified = make_time(heap, info.st_mtime);
    const Term changed = make_time(heap, info.st_ctime);
    return heap.tuple(atoms.intern("file_info"), size, atoms.intern(type_name(info.st_mode)), atoms.intern(access),
                      accessed, modified, changed, number(info.st_mode), number(info.st_nlink), number(info.st_dev),
                      number(info.st_rdev), number(info.st_ino), number(info.st_uid), number(info.st_gid));
}

/// Of what is in a pack: readable, without times, users and numbers of its own.
static Term packed_info(ExecState& p, const PackedNode& node) {
    using In = PackedNode::Kind;
    if (node.kind == In::nothing) return make_posix_error(p, ENOENT);
    struct stat info {};
    info.st_mode = node.kind == In::directory ? S_IFDIR | 0555 : S_IFREG | (node.kind == In::program ? 0555 : 0444);
    info.st_size = static_cast<off_t>(node.size);
    info.st_nlink = 1;
    return make_file_info(p, info, {true, false});
}

/// prim_file:read_info_nif/2: the record file_info; FollowLinks 0: of a link itself. Fails: badarg.
Term prim_file_read_info_nif_2(ExecState& p, Args a) {
    int follow;
    if (!int_of(a[1], &follow)) return p.badarg();
    Term outcome;
    if (has_files(p)) {
        struct stat info;
        FileRights rights;
        outcome = with_path(p, a[0], follow != 0 ? Names::follow : Names::stay, [&](int at, const char* path) {
            if (fstatat(at, path, &info, follow != 0 ? 0 : AT_SYMLINK_NOFOLLOW) != 0) return errno;
            rights = {faccessat(at, path, R_OK, 0) == 0, faccessat(at, path, W_OK, 0) == 0};
            return 0;
        });
        if (outcome == am::ok()) return make_file_info(p, info, rights);
    }
    if (const auto packed = find_packed(p, a[0])) return packed_info(p, *packed);
    return outcome.is_none() ? deny_file(p, a[0]) : outcome;
}

/// prim_file:set_permissions_nif/2: ok. Fails: badarg.
Term prim_file_set_permissions_nif_2(ExecState& p, Args a) {
    if (!may_change_files(p)) return deny_file(p, a[0]);
    if (!a[1].is_small() || a[1].to_small() < 0 || a[1].to_small() > UINT32_MAX) return p.badarg();
    constexpr mode_t kOfUser = S_ISUID | S_ISGID;
    const auto mode = static_cast<mode_t>(a[1].to_small()) & (kOfUser | S_IRWXU | S_IRWXG | S_IRWXO);
    return with_path(p, a[0], Names::follow, [&](int at, const char* path) {
        // Who may not set the one kind of bits may set the other.
        if (fchmodat(at, path, mode, 0) == 0) return 0;
        return result(fchmodat(at, path, mode & ~kOfUser, 0));
    });
}

/// prim_file:set_owner_nif/3: ok; -1 leaves the user or the group as it is. Fails: badarg.
Term prim_file_set_owner_nif_3(ExecState& p, Args a) {
    if (!may_change_files(p)) return deny_file(p, a[0]);
    int user, group;
    if (!int_of(a[1], &user) || !int_of(a[2], &group)) return p.badarg();
    return with_path(p, a[0], Names::follow, [&](int at, const char* path) {
        return result(fchownat(at, path, static_cast<uid_t>(user), static_cast<gid_t>(group), 0));
    });
}

/// prim_file:set_time_nif/4: ok; of the times of access, of modification and of creation the last cannot be set. Fails: badarg.
Term prim_file_set_time_nif_4(ExecState& p, Args a) {
    if (!may_change_files(p)) return deny_file(p, a[0]);
    int64_t accessed, modified, created;
    if (!int64_of(a[1], &accessed) || !int64_of(a[2], &modified) || !int64_of(a[3], &created)) return p.badarg();
    return with_path(p, a[0], Names::follow, [&](int at, const char* path) {
        const timespec times[] = {{accessed, 0}, {modified, 0}};
        return result(utimensat(at, path, times, 0));
    });
}

/// prim_file:read_link_nif/1: {ok, Name}: what a symbolic link leads to.
Term prim_file_read_link_nif_1(ExecState& p, Args a) {
    if (!has_files(p)) return deny_file(p, a[0]);
    std::string target;
    const Term outcome = with_path(p, a[0], Names::stay, [&](int at, const char* path) {
        for (size_t size = 256;; size *= 2) {
            target.resize(size);
            const ssize_t length = readlinkat(at, path, target.data(), size);
            if (length < 0) return errno;
            if (static_cast<size_t>(length) == size) continue;
            target.resize(static_cast<size_t>(length));
            return 0;
        }
    });
    return outcome == am::ok() ? ok_with_text(p, target) : outcome;
}

static Term ok_with_names(ExecState& p, const std::vector<std::string>& names) {
    size_t words = list_words(names.size());
    for (const std::string& name : names) words += binary_words(name.size());
    if (!may_reserve(p, words)) return make_posix_error(p, ENOMEM);
    p.charge(names.size() / 8);
    Term list = Term::nil();
    {
        auto heap = p.reserve(words);
        for (const std::string& name : names) {
            const Term binary = heap.binary(name);
            if (binary.is_none()) return p.system_limit();
            list = heap.cons(binary, list);
        }
    }
    return make_tuple2(p, am::ok(), list);
}

/// prim_file:list_dir_nif/1: {ok, Names}, in no particular order.
Term prim_file_list_dir_nif_1(ExecState& p, Args a) {
    std::vector<std::string> names;
    Term outcome;
    if (has_files(p)) {
        outcome = with_path(p, a[0], Names::follow,
                            [&](int at, const char* path) { return read_directory(at, path, &names); });
        if (outcome == am::ok()) return ok_with_names(p, names);
    }
    if (const auto packed = find_packed(p, a[0])) {
        using In = PackedNode::Kind;
        if (packed->kind == In::directory) return ok_with_names(p, packed->names);
        return make_posix_error(p, packed->kind == In::nothing ? ENOENT : ENOTDIR);
    }
    return outcome.is_none() ? deny_file(p, a[0]) : outcome;
}

/// prim_file:make_dir_nif/1: ok.
Term prim_file_make_dir_nif_1(ExecState& p, Args a) {
    if (!may_change_files(p)) return deny_file(p, a[0]);
    return with_path(p, a[0], Names::stay, [](int at, const char* path) { return result(mkdirat(at, path, 0777)); });
}

/// prim_file:del_file_nif/1: ok.
Term prim_file_del_file_nif_1(ExecState& p, Args a) {
    if (!may_change_files(p)) return deny_file(p, a[0]);
    return with_path(p, a[0], Names::stay, [](int at, const char* path) {
        const int error = result(unlinkat(at, path, 0));
        return error == EISDIR ? EPERM : error;  // as POSIX has it
    });
}

/// prim_file:del_dir_nif/1: ok.
Term prim_file_del_dir_nif_1(ExecState& p, Args a) {
    if (!may_change_files(p)) return deny_file(p, a[0]);
    return with_path(p, a[0], Names::stay, [](int at, const char* path) {
        const int error = result(unlinkat(at, path, AT_REMOVEDIR));
        if (error != ENOTEMPTY && error != EEXIST) return error;
        struct stat named, here;
        const bool is_here =
            fstatat(at, path, &named, 0) == 0 && fstatat(at, ".", &here, 0) == 0 && is_same(named, here);
        return is_here ? EINVAL : EEXIST;
    });
}

/// prim_file:rename_nif/2: ok.
Term prim_file_rename_nif_2(ExecState& p, Args a) {
    if (!may_change_files(p)) return deny_file(p, a[0]);
    return with_paths(p, a[0], a[1], [](int at, const char* from, int to_at, const char* to) {
        const int error = result(renameat(at, from, to_at, to));
        if (error == ENOTEMPTY) return EEXIST;
        return error != 0 && std::string_view(from) == "/" ? EINVAL : error;
    });
}

/// prim_file:make_hard_link_nif/2: ok; Existing gets the name New besides.
Term prim_file_make_hard_link_nif_2(ExecState& p, Args a) {
    if (!may_change_files(p)) return deny_file(p, a[0]);
    return with_paths(p, a[0], a[1], [](int at, const char* from, int to_at, const char* to) {
        return result(linkat(at, from, to_at, to, 0));
    });
}

/// prim_file:make_soft_link_nif/2: ok; New leads to Existing.
Term prim_file_make_soft_link_nif_2(ExecState& p, Args a) {
    if (!may_change_files(p)) return deny_file(p, a[0]);
    const PathArg target(a[0]);
    if (!target) return make_posix_error(p, EINVAL);
    return with_path(p, a[1], Names::stay,
                     [&](int at, const char* name) { return result(symlinkat(target.text(), at, name)); });
}

/// prim_file:get_cwd_nif/0: {ok, Path} of the VM's working directory.
Term prim_file_get_cwd_nif_0(ExecState& p, Args) {
    if (!has_files(p)) return make_posix_error(p, EACCES);
    if (rights_of(p).root != nullptr) return ok_with_text(p, "/");
    std::string path;
    const int error = stdlib_state(p).working_directory.path(&path);
    return error == 0 ? ok_with_text(p, path) : make_posix_error(p, error);
}

/// prim_file:set_cwd_nif/1: ok. The working directory is the VM's alone; that of the program stays. With a root of files it is always that.
Term prim_file_set_cwd_nif_1(ExecState& p, Args a) {
    if (!has_files(p)) return deny_file(p, a[0]);
    if (rights_of(p).root != nullptr) return deny_file(p, a[0]);
    return with_path(p, a[0], Names::follow,
                     [&](int, const char* path) { return stdlib_state(p).working_directory.set(path); });
}

/// prim_file:get_device_cwd_nif/1: {error, enotsup}: there are no drives. Fails: badarg.
Term prim_file_get_device_cwd_nif_1(ExecState& p, Args a) {
    int device;
    if (has_files(p) && !int_of(a[0], &device)) return p.badarg();
    return enotsup(p);
}

/// prim_file:altname_nif/1: {error, enotsup}: files have no second name.
Term prim_file_altname_nif_1(ExecState& p, Args a) {
    if (has_files(p) && !PathArg(a[0])) return make_posix_error(p, EINVAL);
    return enotsup(p);
}

}  // namespace lintel
