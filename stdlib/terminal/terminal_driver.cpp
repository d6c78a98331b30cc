#include "stdlib/terminal/terminal_driver.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "sched/vm.h"
#include "stdlib/stdlib_state.h"
#include "term/utf8.h"

namespace lintel {

namespace {

/// First bytes of commands; numbers behind them have two bytes, the higher one first.
enum class Operation : uint8_t { put = 0, move = 1, insert = 2, remove = 3, beep = 4, put_and_tell = 5 };
/// Operations of port_control/3.
constexpr uint32_t kControl = 0x018b0900;
constexpr uint32_t kWindowSize = kControl + 100, kIsUnicode = kControl + 101, kSetUnicode = kControl + 102;
/// The owner is told that something has been put only when no more than this is still to be written.
constexpr size_t kEnoughBytes = 1024;
constexpr uint32_t kUsualColumns = 80, kUsualRows = 24;

int number_in(std::string_view bytes) {
    if (bytes.size() < 3) return 0;
    return static_cast<int16_t>(static_cast<uint8_t>(bytes[1]) << 8 | static_cast<uint8_t>(bytes[2]));
}

/// Columns and rows.
std::pair<uint32_t, uint32_t> window_size() {
    int columns = -1, rows = -1;
    HostTerminal::window_size(STDIN_FILENO, STDIN_FILENO, &columns, &rows);
    return {columns > 0 ? columns : kUsualColumns, rows > 0 ? rows : kUsualRows};
}

}  // namespace

int TerminalDriver::start(Port& port) {
    if (isatty(STDIN_FILENO) == 0 || isatty(STDOUT_FILENO) == 0) return EINVAL;
    termios before;
    if (tcgetattr(STDIN_FILENO, &before) != 0) return EINVAL;
    TerminalCapabilities capabilities;
    if (!capabilities.read(stdlib_state(port.vm).environment.get("TERM").value_or(""))) return EINVAL;
    display_.emplace(std::move(capabilities));
    display_->set_utf8(locale_is_utf8(port.vm));
    mode_ = before;
    for (size_t at = command_.find(' '); at != std::string::npos; at = command_.find(' ', at + 1)) {
        const bool on = command_.compare(at + 1, 1, "+") == 0;
        if (!on && command_.compare(at + 1, 1, "-") != 0) return EINVAL;
        const auto set = [on](tcflag_t& flags, tcflag_t which) { flags = on ? flags | which : flags & ~which; };
        switch (at + 2 < command_.size() ? command_[at + 2] : 0) {
            case 'c':
                set(mode_.c_lflag, ICANON);
                set(mode_.c_iflag, ICRNL);
                set(mode_.c_oflag, OPOST);
                mode_.c_cc[VMIN] = 1;
                mode_.c_cc[VTIME] = 0;
                break;
            case 'e': set(mode_.c_lflag, ECHO); break;
            case 's': set(mode_.c_lflag, ISIG); break;
            default: return EINVAL;
        }
    }
    options.in = options.out = true;
    if (const int error = FdDriver::start(port); error != 0) return error;
    mode_before_ = before;
    set_mode();
    return 0;
}

void TerminalDriver::set_mode() { tcsetattr(STDIN_FILENO, TCSANOW, &mode_); }

void TerminalDriver::stop(Port& port) {
    FdDriver::stop(port);
    if (mode_before_) tcsetattr(STDIN_FILENO, TCSANOW, &*mode_before_);
    mode_before_.reset();
}

// ---- output

void TerminalDriver::output(Port& port, std::string_view bytes) {
    if (bytes.empty()) return;
    display_->set_columns(window_size().first);
    std::string out;
    const auto operation = static_cast<Operation>(bytes[0]);
    switch (operation) {
        case Operation::put:
        case Operation::put_and_tell: display_->put(bytes.substr(1), &out); break;
        case Operation::move: display_->move(number_in(bytes), &out); break;
        case Operation::insert: display_->insert(bytes.substr(1), &out); break;
        case Operation::remove: display_->remove(number_in(bytes), &out); break;
        case Operation::beep: out = "\a"; break;
        default: return;
    }
    if (!out.empty()) StreamDriver::output(port, out);
    // The shell is never to wait in a command: it goes by what it is told.
    port.is_busy = false;
    if (operation != Operation::put_and_tell || port.state != Port::State::open) return;
    if (queued_bytes() > kEnoughBytes) {
        owes_ok_ = true;
    } else {
        tell_ok(port);
    }
}

void TerminalDriver::written(Port& port) {
    if (owes_ok_ && queued_bytes() <= kEnoughBytes && port.state == Port::State::open) tell_ok(port);
}

void TerminalDriver::tell_ok(Port& port) {
    owes_ok_ = false;
    port.tell_owner(0, [](HeapBuilder&) { return am::ok(); });
}

bool TerminalDriver::control(Port&, Term, uint32_t operation, std::string_view bytes, std::string* answer) {
    switch (operation) {
        case kWindowSize: {
            const auto [columns, rows] = window_size();
            for (const uint32_t n : {columns, rows}) answer->append(reinterpret_cast<const char*>(&n), sizeof n);
            return true;
        }
        case kIsUnicode: *answer += display_->is_utf8() ? '\1' : '\0'; return true;
        case kSetUnicode:
            if (bytes.empty()) return true;
            *answer += display_->is_utf8() ? '\1' : '\0';
            display_->set_utf8(bytes[0] != 0);
            return true;
        default: return false;
    }
}

// ---- input

/// The owner gets whole characters in UTF-8. A terminal that sends anything else speaks Latin-1.
void TerminalDriver::received(Port& port, std::string_view bytes) {
    partial_ += bytes;
    const auto* text = reinterpret_cast<const uint8_t*>(partial_.data());
    size_t whole = 0;
    while (display_->is_utf8() && whole < partial_.size()) {
        const Utf8Step step = decode_utf8(text + whole, partial_.size() - whole);
        if (step.status == Utf8Step::Status::truncated) break;
        if (step.status == Utf8Step::Status::invalid) {
            display_->set_utf8(false);
        } else {
            whole += step.bytes;
        }
    }
    std::string told = partial_.substr(0, whole);
    if (!display_->is_utf8()) {
        told += utf8_of_latin1(std::string_view(partial_).substr(whole));
        whole = partial_.size();
    }
    partial_.erase(0, whole);
    if (!told.empty()) StreamDriver::received(port, told);
}

}  // namespace lintel
