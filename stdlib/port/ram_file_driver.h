#pragma once
/// ram_file_drv: files in memory, of OTP's module ram_file (file:open/2 with the option ram, which erl_tar uses).

#include <string>

#include "base/byte_buffer.h"
#include "sched/port.h"

namespace lintel {

/// Each command is a byte that says what to do, and its operands; each is answered by one message to the owner. What is not known is not answered.
class RamFileDriver final : public PortDriver {
public:
    static constexpr std::string_view kName = "ram_file_drv";

    /// `command`: the name as it was given. `binary`: data come as binaries.
    RamFileDriver(std::string command, bool binary) : command_(std::move(command)), binary_(binary) {}

    std::string name() const override { return command_; }
    void output(Port& port, std::string_view bytes) override;

private:
    void open(Port& port, std::string_view operands);
    void seek(Port& port, std::string_view operands);
    void truncate(Port& port);
    void read(Port& port, int64_t at, int64_t bytes);
    void read_there(Port& port, int64_t at, int64_t bytes);
    void write(Port& port, int64_t at, std::string_view bytes);
    void write_there(Port& port, int64_t at, std::string_view bytes);
    /// Makes it longer, with zeros, if it is shorter than `bytes`.
    bool fill_to(size_t bytes);

    void answer(Port& port, std::string_view bytes);
    void answer_ok(Port& port);
    void answer_number(Port& port, size_t number);
    void answer_data(Port& port, std::string_view data);
    void answer_error(Port& port, int error);

    bool can_read() const { return (mode_ & 1) != 0; }
    bool can_write() const { return (mode_ & 2) != 0; }

    const std::string command_;
    const bool binary_;
    uint32_t mode_ = 0;  ///< 0: it has not been opened
    int64_t position_ = 0;
    ByteBuffer content_;
};

}  // namespace lintel
