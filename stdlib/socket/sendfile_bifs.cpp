/// Natives of prim_socket that send what is in a file.
///
/// The system may have to read a disk for it, and as long as the peer is fast it goes on and on: it is done on a dirty thread, a part at a time, without
/// the lock of the writing side. Meanwhile the descriptor is in use: others wait for their turn, and closing waits (Socket::is_in_use).

#include <fcntl.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include <cerrno>

#include "base/pipe_signal.h"
#include "stdlib/file/file_handle.h"
#include "stdlib/socket/socket_args.h"

namespace lintel {

namespace {

/// What goes in one system call.
constexpr size_t kPart = size_t{4} << 20;

struct Outcome {
    size_t sent = 0;
    int error = 0;  ///< EAGAIN: there is no room for more
};

/// Sends up to `count` bytes (0: all there are) from `offset` on. Without a lock, while the socket is in use.
Outcome send_parts(Socket& s, off_t offset, size_t count, Socket::SendfileCounters* counters) {
    const NoPipeSignal quiet;
    Outcome outcome;
    while (!s.sockets->is_stopping()) {
        const size_t part = count == 0 ? kPart : std::min(kPart, count - outcome.sent);
        const ssize_t n = sendfile(s.fd(), s.file, &offset, part);
        ++counters->calls;
        if (n > 0) {
            outcome.sent += static_cast<size_t>(n);
            ++counters->packets;
            counters->bytes += static_cast<size_t>(n);
            counters->largest = std::max<uint64_t>(counters->largest, outcome.sent);
            counters->file += static_cast<size_t>(n);
            counters->largest_file = std::max(counters->largest_file, counters->file);
            if (outcome.sent == count) return outcome;
            // Whoever wants to close it waits for this.
            const std::lock_guard lock(s.writing.mutex);
            if (!s.writing.is_open()) return outcome;
        } else if (n == 0) {
            return outcome;  // the file ends
        } else if (errno != EINTR) {
            outcome.error = errno;
            return outcome;
        }
    }
    return outcome;
}

void close_file(Socket& s) {
    if (s.file >= 0) close(s.file);
    s.file = -1;
}

Socket::SendfileCounters& counters_of(Socket& s) {
    if (s.file_counters == nullptr) s.file_counters = std::make_unique<Socket::SendfileCounters>();
    return *s.file_counters;
}

Term failed(ExecState& p, Socket& s, Term why) {
    ++counters_of(s).fails;
    close_file(s);
    if (!s.writers.empty()) s.fail_all(s.writers, why);
    return make_error(p, why);
}

/// The caller has the turn, and `file` is open.
Term transfer(ExecState& p, Socket& s, std::unique_lock<std::mutex>& lock, Term operation, off_t offset, size_t count) {
    s.is_in_use = true;
    // Nobody else looks at them while it is.
    Socket::SendfileCounters counters = counters_of(s);
    lock.unlock();
    const Outcome outcome = send_parts(s, offset, count, &counters);
    lock.lock();
    counters_of(s) = counters;
    if (!s.writing.is_open()) {
        s.in_use_no_more(lock);
        return closed(p);
    }
    s.is_in_use = false;
    if (outcome.error == EAGAIN) {
        s.writers.first().operation.set(operation);
        if (const int error = s.select(s.writing, p.self, operation); error != 0)
            return failed(p, s, name_atom(p, posix_name(error)));
        ++counters_of(s).waits;
        return make_tuple2(p, am::select(), make_unsigned(p, outcome.sent));
    }
    if (outcome.error != 0) return failed(p, s, name_atom(p, posix_name(outcome.error)));
    close_file(s);
    s.writing.counters.current = 0;
    s.next_turn(s.writing, s.writers);
    return make_ok(p, make_unsigned(p, outcome.sent));
}

Term start(ExecState& p, Socket& s, std::unique_lock<std::mutex>& lock, Term operation, off_t offset, size_t count,
           Term file) {
    if (!s.connector.empty()) return make_error_invalid(p, am::state());
    if (!s.writers.empty() && !s.writers.is_turn_of(p.self)) {
        if (s.writers.is_behind(p.self)) return raise_invalid(p, am::state());
        s.sockets->attach(s, p.self);
        s.writers.add(p.self, operation);
        return am::select();
    }
    if (s.file >= 0) return make_error_invalid(p, am::state());
    auto* handle = as_magic<FileHandle>(file);
    if (handle == nullptr) return failed(p, s, make_invalid(p, name_atom(p, "efile")));
    {
        const FileHandle::Use use(*handle);
        s.file = use ? fcntl(handle->fd(), F_DUPFD_CLOEXEC, 0) : -1;
        if (s.file < 0) return failed(p, s, name_atom(p, posix_name(use ? errno : EINVAL)));
    }
    ++counters_of(s).tries;
    counters_of(s).file = 0;
    if (s.writers.empty()) {
        s.sockets->attach(s, p.self);
        s.writers.add(p.self, operation);
    }
    return transfer(p, s, lock, operation, offset, count);
}

Term go_on(ExecState& p, Socket& s, std::unique_lock<std::mutex>& lock, Term operation, off_t offset, size_t count) {
    if (!s.connector.empty()) return make_error_invalid(p, am::state());
    if (!s.writers.is_turn_of(p.self) || s.file < 0) return raise_invalid(p, am::state());
    return transfer(p, s, lock, operation, offset, count);
}

/// Arguments of both, then f(socket, lock, offset, count).
template <typename F>
Term with_range(ExecState& p, Args a, F f) {
    return with_socket(p, a[0], [&](Socket& s) {
        int64_t offset;
        uint64_t count;
        if (!a[1].is_reference() || !a[2].is_integer() || !a[3].is_integer()) return p.badarg();
        if (!int64_of(a[2], &offset)) return bad_integer(p, a[2]);
        if (!uint64_of(a[3], &count)) return bad_integer(p, a[3]);
        std::unique_lock lock(s.writing.mutex);
        if (!s.writing.is_open()) return closed(p);
        return f(s, lock, offset, count);
    });
}

}  // namespace

/// prim_socket:nif_sendfile/5: begins to send Count bytes (0: all) of a file from Offset on. {ok, Sent}, {select, Sent}, `select`, {error, Reason}, {invalid, {integer_range,
/// N}}. Fails: badarg, {invalid, state}.
Term prim_socket_nif_sendfile_5(ExecState& p, Args a) {
    if (as_magic<Socket>(a[0]) != nullptr && a[1].is_reference() && a[2].is_integer() && a[3].is_integer() &&
        !a[4].is_reference())
        return p.badarg();
    return with_range(p, a, [&](Socket& s, std::unique_lock<std::mutex>& lock, off_t offset, size_t count) {
        return start(p, s, lock, a[1], offset, count, a[4]);
    });
}

/// prim_socket:nif_sendfile/4: goes on with that file. Fails: badarg, {invalid, state}.
Term prim_socket_nif_sendfile_4(ExecState& p, Args a) {
    return with_range(p, a, [&](Socket& s, std::unique_lock<std::mutex>& lock, off_t offset, size_t count) {
        return go_on(p, s, lock, a[1], offset, count);
    });
}

/// prim_socket:nif_sendfile/1: lets go of that file: ok, {error, {invalid, state}} if there is none. Fails: badarg.
Term prim_socket_nif_sendfile_1(ExecState& p, Args a) {
    return with_socket(p, a[0], [&](Socket& s) {
        const std::lock_guard lock(s.writing.mutex);
        if (s.file < 0 || s.is_in_use) return make_error_invalid(p, am::state());
        close_file(s);
        return am::ok();
    });
}

}  // namespace lintel
