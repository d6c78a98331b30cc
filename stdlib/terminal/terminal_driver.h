#pragma once
/// TerminalDriver: the port that OTP 25's shell edits its lines through ({spawn, "tty_sl -c -e"}). docs/design/terminal.md.

#include <termios.h>
#include <unistd.h>

#include <memory>
#include <optional>

#include "stdlib/port/stream_driver.h"
#include "stdlib/terminal/line_display.h"

namespace lintel {

/// The host program's terminal, on its descriptors 0 and 1.
class TerminalDriver final : public FdDriver {
public:
    static constexpr std::string_view kName = "tty_sl";
    /// `command`: the name, and what the terminal is to do (+) or not to do (-): c (hand on whole lines), e (echo), s (signals).
    TerminalDriver(PortOptions given, std::string command)
        : FdDriver(std::move(given), STDIN_FILENO, STDOUT_FILENO), command_(std::move(command)) {}
    std::string name() const override { return command_; }
    /// EINVAL: 0 and 1 are no terminal, or one that cannot move its cursor.
    int start(Port& port) override;
    /// An operation and its operand.
    void output(Port& port, std::string_view bytes) override;
    bool control(Port& port, Term from, uint32_t operation, std::string_view bytes, std::string* answer) override;
    void host_continued(Port&) override { set_mode(); }
    void stop(Port& port) override;

private:
    void received(Port& port, std::string_view bytes) override;
    void written(Port& port) override;
    void set_mode();
    void tell_ok(Port& port);

    const std::string command_;
    std::optional<LineDisplay> display_;
    std::optional<termios> mode_before_;
    termios mode_{};
    bool owes_ok_ = false;  ///< to the owner, when little is left to be written
    std::string partial_;   ///< of a character
};

}  // namespace lintel
