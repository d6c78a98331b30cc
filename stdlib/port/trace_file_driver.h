#pragma once
/// trace_file_drv: the driver of OTP's runtime_tools to which dbg:trace_port(file, Name) gives trace messages.

#include <cstdio>
#include <string>

#include "sched/port.h"

namespace lintel {

/// Writes each command to a file: a byte 0, its size in four bytes, the highest first, and the bytes. That is what dbg:trace_client/2 reads.
/// A log that wraps is several files with a number in their names: 0, 1, …, Count, 0, …. There are never more than Count of them.
class TraceFileDriver final : public PortDriver {
public:
    static constexpr std::string_view kName = "trace_file_drv";

    /// `command`: "trace_file_drv [w SIZE COUNT TIME INDEX ]n FILE", an absolute name. A file of a log that wraps is full with SIZE bytes or, if
    /// TIME is not 0, after so many milliseconds; its number stands in the name at INDEX.
    explicit TraceFileDriver(std::string command) : command_(std::move(command)) {}
    ~TraceFileDriver() override { close(); }

    std::string name() const override { return command_; }
    int start(Port& port) override;
    void output(Port& port, std::string_view bytes) override;
    /// 'f': what has been written is in the file.
    bool control(Port&, Term from, uint32_t operation, std::string_view bytes, std::string* answer) override;
    void timeout(Port& port) override;
    void stop(Port&) override { close(); }

private:
    struct Wrap {
        unsigned size = 0, count = 0, time_ms = 0, index = 0;
    };
    bool parse();
    std::string numbered(unsigned number) const;
    unsigned next(unsigned number) const { return number == wrap_.count ? 0 : number + 1; }
    int open();
    int next_file();
    void fail(Port& port, int error);
    void close();

    const std::string command_;
    std::string file_name_;
    bool wraps_ = false;
    Wrap wrap_;
    unsigned number_ = 0;          ///< of the file that is written
    unsigned oldest_ = 0;          ///< of the one that is deleted next
    unsigned until_deleting_ = 0;  ///< files, until there are as many as there may be
    size_t bytes_ = 0;             ///< in the file
    std::FILE* file_ = nullptr;
};

}  // namespace lintel
