#pragma once
/// trace_file_drv: the driver of OTP's runtime_tools to which dbg:trace_port(file, Name) gives trace messages.

#include <cstdio>
#include <string>

#include "sched/port.h"

namespace lintel {

/// Writes each command to a file: a byte 0, its size in four bytes, the highest first, and the bytes. That is what dbg:trace_client/2 reads.
class TraceFileDriver final : public PortDriver {
public:
    static constexpr std::string_view kName = "trace_file_drv";

    /// `command`: "trace_file_drv n FILE", an absolute name.
    explicit TraceFileDriver(std::string command) : command_(std::move(command)) {}
    ~TraceFileDriver() override { close(); }

    std::string name() const override { return command_; }
    int start(Port& port) override;
    void output(Port& port, std::string_view bytes) override;
    /// 'f': what has been written is in the file.
    bool control(Port& port, Term from, uint32_t operation, std::string_view bytes, std::string* answer) override;
    void stop(Port&) override { close(); }

private:
    void close();

    const std::string command_;
    std::FILE* file_ = nullptr;
};

}  // namespace lintel
