#pragma once
/// StreamDriver: a port on file descriptors: those given (fd), or the ends of pipes to a program (spawn).

#include <string>

#include "sched/port.h"
#include "stdlib/port/line_buffer.h"
#include "stdlib/port/port_options.h"

namespace lintel {

class StreamDriver : public PortDriver {
public:
    void output(Port& port, std::string_view bytes) override;
    void ready(Port& port, unsigned events) override;
    void program_exited(Port& port, int64_t status, int signal) override;
    bool flush(Port&) override { return queue_.size() == written_ || !out_; }
    void stop(Port& port) override;
    size_t queued_bytes() const override { return queue_.size() - written_; }

protected:
    explicit StreamDriver(PortOptions given) : options(std::move(given)) {
        if (options.framing == PortOptions::Framing::line) lines_.emplace(options.size);
    }
    /// Begins with the descriptors, -1: none, which it owns from now on. 0, or an errno value.
    int begin(Port& port, int in, int out);

    /// What has come; tells the owner.
    virtual void received(Port& port, std::string_view bytes);
    /// Some of what was to be written has been.
    virtual void written(Port&) {}

    PortOptions options;
    bool has_program = false;
    int program_status = -1;  ///< of the program, when it has ended

private:
    struct End {
        EventLoop::Watch* watch = nullptr;
        int fd = -1;
        explicit operator bool() const { return watch != nullptr; }
    };
    void read_some(Port& port);
    void write_some(Port& port);
    void received_packets(Port& port);
    void tell_line(Port& port, bool is_whole, std::string_view line);
    void at_end(Port& port);
    void maybe_done(Port& port);
    void close_end(Port& port, End& end);

    End in_, out_;
    std::string queue_;  ///< to be written, from written_ on
    size_t written_ = 0;
    std::string partial_;  ///< of a packet
    std::optional<LineBuffer> lines_;
    bool input_ended_ = false;
    bool has_told_end_ = false;
};

/// {fd, In, Out}
class FdDriver : public StreamDriver {
public:
    FdDriver(PortOptions given, int in, int out) : StreamDriver(std::move(given)), given_in_(in), given_out_(out) {}
    std::string name() const override { return std::to_string(given_in_) + "/" + std::to_string(given_out_); }
    int start(Port& port) override;
    void stop(Port& port) override;

private:
    const int given_in_, given_out_;
    int flags_in_ = -1, flags_out_ = -1;  ///< that they had; -1: not touched
};

/// A file's name that stands alone
class FileDriver final : public StreamDriver {
public:
    FileDriver(PortOptions given, std::string path) : StreamDriver(std::move(given)), path_(std::move(path)) {}
    std::string name() const override { return path_; }
    int start(Port& port) override;

private:
    const std::string path_;
};

/// {spawn, Command}, {spawn_executable, File}
class ProgramDriver final : public StreamDriver {
public:
    ProgramDriver(PortOptions given, std::string file, std::string shown, bool is_command)
        : StreamDriver(std::move(given)), file_(std::move(file)), shown_(std::move(shown)), is_command_(is_command) {}
    std::string name() const override { return shown_; }
    int start(Port& port) override;
    int os_pid() const override { return pid_; }

private:
    const std::string file_, shown_;
    const bool is_command_;  ///< for the shell
    int pid_ = -1;
};

}  // namespace lintel
