#include "stdlib/port/stream_driver.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/pipe_signal.h"
#include "sched/vm.h"
#include "stdlib/posix_error.h"
#include "stdlib/stdlib_state.h"

namespace lintel {

namespace {

constexpr size_t kReadBytes = 65536;

size_t bytes_words(std::string_view bytes, bool binary) {
    return binary ? binary_words(bytes.size()) : list_words(bytes.size());
}

Term bytes_term(HeapBuilder& heap, std::string_view bytes, bool binary) {
    return binary ? heap.binary(bytes.data(), bytes.size()) : heap.byte_list(bytes);
}

}  // namespace

int StreamDriver::begin(Port& port, int in, int out) {
    int error = 0;
    EventLoop& events = port.vm.events;
    if (in >= 0) {
        in_ = {events.watch(in, port.shared_from_this(), &error), in};
        if (!in_) ::close(in);
    }
    if (out >= 0 && error == 0) {
        out_ = {events.watch(out, port.shared_from_this(), &error), out};
        if (!out_) ::close(out);
    } else if (out >= 0) {
        ::close(out);
    }
    if (error != 0) {
        StreamDriver::stop(port);
        return error;
    }
    if (in_) events.want(in_.watch, EventLoop::kReadable);
    return 0;
}

void StreamDriver::stop(Port& port) {
    close_end(port, in_);
    close_end(port, out_);
}

void StreamDriver::close_end(Port& port, End& end) {
    if (end) port.vm.events.close(end.watch);
    end = End();
}

// ---- writing

void StreamDriver::output(Port& port, std::string_view bytes) {
    if (!out_) return;
    const bool was_empty = queued_bytes() == 0;
    if (options.framing == PortOptions::Framing::packet) {
        if (options.size < 4 && bytes.size() >> (8 * options.size) != 0)
            return port.exit(posix_atom(port.vm.atoms, EINVAL));
        for (size_t i = options.size; i-- > 0;) queue_ += static_cast<char>(bytes.size() >> (8 * i));
    }
    queue_ += bytes;
    if (was_empty) write_some(port);
    if (queued_bytes() >= options.busy_above) port.is_busy = true;
}

void StreamDriver::write_some(Port& port) {
    const NoPipeSignal quiet;
    while (written_ < queue_.size()) {
        const ssize_t n = ::write(out_.fd, queue_.data() + written_, queue_.size() - written_);
        if (n > 0) {
            written_ += static_cast<size_t>(n);
        } else if (errno == EAGAIN) {
            port.vm.events.want(out_.watch, EventLoop::kWritable);
            break;
        } else if (errno != EINTR) {
            const int error = errno;
            queue_.clear();
            written_ = 0;
            port.exit(posix_atom(port.vm.atoms, error));
            return port.flushed();  // if it was closing
        }
    }
    if (written_ == queue_.size() || written_ > kReadBytes) {
        queue_.erase(0, written_);
        written_ = 0;
    }
    if (port.is_busy && queued_bytes() < options.not_busy_below) port.not_busy();
    written(port);
    if (queue_.empty()) port.flushed();
}

// ---- reading

void StreamDriver::ready(Port& port, unsigned events) {
    if ((events & EventLoop::kWritable) != 0 && out_) write_some(port);
    if ((events & EventLoop::kReadable) != 0 && in_ && port.state == Port::State::open) read_some(port);
}

void StreamDriver::read_some(Port& port) {
    char buffer[kReadBytes];
    const ssize_t n = ::read(in_.fd, buffer, sizeof buffer);
    if (n > 0) {
        port.bytes_in += static_cast<size_t>(n);
        received(port, {buffer, static_cast<size_t>(n)});
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        return at_end(port);
    }
    if (in_) port.vm.events.want(in_.watch, EventLoop::kReadable);
}

void StreamDriver::received(Port& port, std::string_view bytes) {
    if (options.framing == PortOptions::Framing::stream) {
        port.tell_owner(bytes_words(bytes, options.binary) + tuple_words(2), [&](HeapBuilder& heap) {
            return heap.tuple(am::data(), bytes_term(heap, bytes, options.binary));
        });
        return;
    }
    if (lines_) return lines_->feed(bytes, [&](bool whole, std::string_view line) { tell_line(port, whole, line); });
    partial_ += bytes;
    received_packets(port);
}

void StreamDriver::received_packets(Port& port) {
    size_t at = 0;
    while (partial_.size() - at >= options.size) {
        size_t length = 0;
        for (size_t i = 0; i < options.size; ++i) length = length << 8 | static_cast<uint8_t>(partial_[at + i]);
        if (partial_.size() - at - options.size < length) break;
        const std::string_view packet = std::string_view(partial_).substr(at + options.size, length);
        port.tell_owner(bytes_words(packet, options.binary) + tuple_words(2), [&](HeapBuilder& heap) {
            return heap.tuple(am::data(), bytes_term(heap, packet, options.binary));
        });
        at += options.size + length;
    }
    partial_.erase(0, at);
}

/// {data, {eol | noeol, Line}}
void StreamDriver::tell_line(Port& port, bool is_whole, std::string_view line) {
    const Term kind = is_whole ? am::eol() : am::noeol();
    port.tell_owner(bytes_words(line, options.binary) + 2 * tuple_words(2), [&](HeapBuilder& heap) {
        return heap.tuple(am::data(), heap.tuple(kind, bytes_term(heap, line, options.binary)));
    });
}

void StreamDriver::at_end(Port& port) {
    input_ended_ = true;
    close_end(port, in_);
    maybe_done(port);
}

void StreamDriver::program_exited(Port& port, int64_t status, int signal) {
    program_status = signal != 0 ? 128 + signal : static_cast<int>(status);
    if (port.state == Port::State::open) maybe_done(port);
}

/// When the input has ended, and the program, if somebody wants to know how: tells of it, in OTP's order; then the port ends, unless the
/// end of the input was to be told instead.
void StreamDriver::maybe_done(Port& port) {
    const bool waits_for_program = has_program && options.exit_status;
    if (has_told_end_ || !input_ended_ || (waits_for_program && program_status < 0)) return;
    has_told_end_ = true;
    if (waits_for_program) {
        port.tell_owner(tuple_words(2),
                        [&](HeapBuilder& heap) { return heap.tuple(am::exit_status(), Term::small(program_status)); });
    }
    if (lines_) lines_->flush([&](bool whole, std::string_view line) { tell_line(port, whole, line); });
    partial_.clear();
    if (options.eof) {
        port.tell_owner(0, [](HeapBuilder&) { return am::eof(); });
    } else {
        port.exit(am::normal());
    }
}

// ---- descriptors given

namespace {

/// What stands for a descriptor that is not open: whoever writes to it is told EBADF.
int open_unwritable() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }

/// A duplicate, which can be closed; the flags of the original are the same ones. -1 with *error 0: the original is not open.
int duplicate(int given, int* flags, int* error) {
    *error = 0;
    *flags = fcntl(given, F_GETFL);
    const int fd = *flags < 0 ? -1 : fcntl(given, F_DUPFD_CLOEXEC, 3);
    if (fd < 0 && errno != EBADF) *error = errno;
    return fd;
}

}  // namespace

// As in OTP there are ports on descriptors that are not open: nothing ever comes from one, and the first write ends the port.
int FdDriver::start(Port& port) {
    int error = 0, in = -1, out = -1;
    if (options.in) in = duplicate(given_in_, &flags_in_, &error);
    if (error == 0 && options.out) out = duplicate(given_out_, &flags_out_, &error);
    if (error == 0 && options.out && out < 0 && (out = open_unwritable()) < 0) error = errno;
    if (error != 0) {
        if (in >= 0) ::close(in);
        return error;
    }
    return begin(port, in, out);
}

void FdDriver::stop(Port& port) {
    StreamDriver::stop(port);
    // Others have these descriptors, too.
    if (flags_in_ >= 0) fcntl(given_in_, F_SETFL, flags_in_);
    if (flags_out_ >= 0) fcntl(given_out_, F_SETFL, flags_out_);
}

// ---- files

int FileDriver::start(Port& port) {
    if (!may(port, Right::files, path_)) return EPERM;
    const Rights& rights = port.tenant->rights;
    if (options.out && rights.only_reads) return EPERM;
    const int mode = !options.out ? O_RDONLY : options.in ? O_RDWR | O_CREAT : O_WRONLY | O_CREAT | O_TRUNC;
    const auto& state = *static_cast<StdlibState*>(port.vm.stdlib_state.get());
    const int flags = mode | O_NONBLOCK | O_CLOEXEC;
    const int fd = rights.root != nullptr ? rights.root->open(path_.c_str(), flags, 0666)
                                          : openat(state.working_directory.place()->fd(), path_.c_str(), flags, 0666);
    if (fd < 0) return EINVAL;  // whatever the reason is
    const int out = options.in && options.out ? fcntl(fd, F_DUPFD_CLOEXEC, 3) : options.out ? fd : -1;
    if (options.out && out < 0) {
        const int error = errno;
        ::close(fd);
        return error;
    }
    return begin(port, options.in ? fd : -1, out);
}

// ---- programs

namespace {

/// Whether a program could not be started because of what it is given; then its port ends as that of one which could not go on.
bool is_of_program(int error) { return error != EAGAIN && error != ENOMEM && error != EMFILE && error != ENFILE; }

bool can_enter(const std::string& directory) {
    struct stat info;
    return stat(directory.c_str(), &info) == 0 && S_ISDIR(info.st_mode) && access(directory.c_str(), X_OK) == 0;
}

}  // namespace

int ProgramDriver::start(Port& port) {
    has_program = true;
    if (!is_command_) {
        struct stat info;
        if (stat(file_.c_str(), &info) != 0) return errno;
        if (!S_ISREG(info.st_mode) || access(file_.c_str(), X_OK) != 0) return EACCES;
    }
    int to_program[2] = {-1, -1}, from_program[2] = {-1, -1};
    const auto close_all = [&] {
        for (const int fd : {to_program[0], to_program[1], from_program[0], from_program[1]}) {
            if (fd >= 0) ::close(fd);
        }
    };
    if ((options.out && pipe2(to_program, O_CLOEXEC) != 0) || (options.in && pipe2(from_program, O_CLOEXEC) != 0)) {
        const int error = errno;
        close_all();
        return error;
    }
    EventLoop::Program program;
    if (is_command_) {
        program.file = "/bin/sh";
        program.arguments = {"sh", "-c", "exec " + file_};
    } else {
        // A name without a folder is one of the working directory, not of PATH.
        program.file = file_.find('/') == std::string::npos ? "./" + file_ : file_;
        program.arguments = {options.name ? *options.name : file_};
        program.arguments.insert(program.arguments.end(), options.arguments.begin(), options.arguments.end());
    }
    const auto& state = *static_cast<StdlibState*>(port.vm.stdlib_state.get());
    for (const auto& [name, value] : state.environment.all()) {
        bool is_changed = false;
        for (const auto& change : options.environment) is_changed = is_changed || change.first == name;
        if (!is_changed) program.environment.push_back(name + "=" + value);
    }
    for (const auto& [name, value] : options.environment) {
        if (value) program.environment.push_back(name + "=" + *value);
    }
    program.directory = options.directory;
    const auto place = state.working_directory.place();
    if (place->fd() != AT_FDCWD) {
        std::string here;
        if (const int error = state.working_directory.path(&here); error != 0) {
            close_all();
            return error;
        }
        program.directory = options.directory.starts_with('/') ? options.directory : here + "/" + options.directory;
    }
    const int its_error = options.stderr_to_stdout && from_program[1] >= 0 ? from_program[1] : 2;
    if (options.use_stdio) {
        program.descriptors = {to_program[0], from_program[1], its_error};
    } else {
        program.descriptors = {0, 1, its_error, to_program[0], from_program[1]};
    }
    int error = port.vm.events.start(program, port.shared_from_this(), &pid_);
    if (error != 0 && !is_of_program(error)) {
        close_all();
        return error;
    }
    if (error != 0) {
        program_status = error;
        if (!program.directory.empty() && !can_enter(program.directory))
            port.vm.write(2, "spawn: Could not cd to " + options.directory + "\r\n");
    }
    if (to_program[0] >= 0) ::close(to_program[0]);
    if (from_program[1] >= 0) ::close(from_program[1]);
    return begin(port, from_program[0], to_program[1]);
}

}  // namespace lintel
