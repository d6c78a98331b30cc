#include "stdlib/terminal/host_terminal.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>

#include "stdlib/stdlib_state.h"

namespace lintel {

/// What the event loop tells.
class HostTerminal::Reader final : public EventLoop::Handler {
public:
    explicit Reader(HostTerminal& terminal) : terminal_(terminal) {}
    void ready(unsigned) override { terminal_.ready(); }
    void program_exited(int64_t, int) override {}

private:
    HostTerminal& terminal_;  // outlasts the event loop's threads
};

bool locale_is_utf8(const Vm& vm) {
    const Environment& environment = static_cast<const StdlibState*>(vm.stdlib_state.get())->environment;
    for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        const auto value = environment.get(name);
        if (!value || value->empty()) continue;
        for (const char* encoding : {"UTF-8", "utf-8", "utf8"}) {
            if (value->find(encoding) != std::string::npos) return true;
        }
        return false;
    }
    return false;
}

// ---- the mode

int HostTerminal::set_mode(Term pid, bool is_raw) {
    const std::lock_guard lock(mutex_);
    if (isatty(STDIN_FILENO) == 0) return ENOTTY;
    restore_locked();
    set_concerned(kMode, pid);
    if (!is_raw) return 0;
    termios mode;
    if (tcgetattr(STDIN_FILENO, &mode) != 0) return errno;
    before_ = mode;
    mode.c_iflag &= ~static_cast<tcflag_t>(ICRNL | ISTRIP);
    mode.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    mode.c_oflag &= ~static_cast<tcflag_t>(OPOST);
    mode.c_cc[VMIN] = 1;
    mode.c_cc[VTIME] = 0;
    return tcsetattr(STDIN_FILENO, TCSANOW, &mode) == 0 ? 0 : errno;
}

void HostTerminal::restore_locked() {
    if (before_) tcsetattr(STDIN_FILENO, TCSANOW, &*before_);
    before_.reset();
}

bool HostTerminal::window_size(int fd, int other, int* columns, int* rows) {
    winsize size{};
    if (ioctl(fd, TIOCGWINSZ, &size) != 0 && ioctl(other, TIOCGWINSZ, &size) != 0) return false;
    *columns = size.ws_col > 0 ? size.ws_col : -1;
    *rows = size.ws_row > 0 ? size.ws_row : -1;
    return *columns > 0 || *rows > 0;
}

// ---- reading

void HostTerminal::assign(Concern what, TtyHandle* tty, Term pid, Word number0, Word number1) {
    Selector& selector = what == kReader ? reader_ : signals_;
    set_concerned(what, pid);
    if (tty != nullptr) tty->retain();
    if (selector.tty != nullptr) selector.tty->release_reference();
    selector = {tty, pid, {number0, number1}};
}

int HostTerminal::select(TtyHandle& tty, Term pid, Word number0, Word number1) {
    const std::lock_guard lock(mutex_);
    if (watch_ == nullptr) {
        flags_before_ = fcntl(STDIN_FILENO, F_GETFL);
        fd_ = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
        if (fd_ < 0) return errno;
        int error = 0;
        watch_ = vm_.events.watch(fd_, std::make_shared<Reader>(*this), &error);
        if (watch_ == nullptr) {
            ::close(fd_);
            fd_ = -1;
            return error;
        }
    }
    assign(kReader, &tty, pid, number0, number1);
    is_selected_ = true;
    vm_.events.want(watch_, EventLoop::kReadable);
    return 0;
}

void HostTerminal::ready() {
    const std::lock_guard lock(mutex_);
    if (!is_selected_) return;
    is_selected_ = false;
    tell(reader_);
}

void HostTerminal::tell(const Selector& selector) {
    if (selector.tty == nullptr) return;
    tell_process(vm_, selector.pid, tuple_words(4) + kMagicRefWords + kRefWords, [&](HeapBuilder& heap) {
        selector.tty->retain();
        const Term tty = heap.magic_ref(selector.tty, selector.tty->number, 0);
        return heap.tuple(am::select(), tty, heap.ref(selector.numbers[0], selector.numbers[1]), am::ready_input());
    });
}

ssize_t HostTerminal::read(char* bytes, size_t count) {
    int fd;
    {
        const std::lock_guard lock(mutex_);
        fd = fd_ >= 0 ? fd_ : STDIN_FILENO;
    }
    return ::read(fd, bytes, count);
}

void HostTerminal::close_reader_locked() {
    assign(kReader, nullptr, Term::none(), 0, 0);
    is_selected_ = false;
    if (watch_ == nullptr) return;
    vm_.events.close(watch_);
    watch_ = nullptr;
    fd_ = -1;
    // Others have this descriptor, too.
    if (flags_before_ >= 0) fcntl(STDIN_FILENO, F_SETFL, flags_before_);
}

// ---- signals

void HostTerminal::select_signals(TtyHandle& tty, Term pid, Word number0, Word number1) {
    const std::lock_guard lock(mutex_);
    assign(kSignals, &tty, pid, number0, number1);
}

void HostTerminal::signal(Term name) {
    const std::lock_guard lock(mutex_);
    if (signals_.tty == nullptr) return;
    pending_signals_.push_back(name);
    tell(signals_);
}

Term HostTerminal::take_signal() {
    const std::lock_guard lock(mutex_);
    if (pending_signals_.empty()) return Term::none();
    const Term name = pending_signals_.front();
    pending_signals_.erase(pending_signals_.begin());
    return name;
}

// ---- kinds of terminals

bool HostTerminal::describe() {
    const std::string name = stdlib_state(vm_).environment.get("TERM").value_or("");
    const std::lock_guard lock(description_mutex_);
    description_ = TerminalDescription(name);
    return static_cast<bool>(description_);
}

// ---- the end

void HostTerminal::process_exits(Process& p) {
    HostTerminal& terminal = stdlib_state(p).terminal;
    for (const Concern what : {kMode, kReader, kSignals}) {
        if (terminal.concerns(what, p.self)) terminal.forget(what, p.self);
    }
}

void HostTerminal::forget(Concern what, Term pid) {
    const std::lock_guard lock(mutex_);
    if (!concerns(what, pid)) return;  // meanwhile somebody else
    switch (what) {
        case kMode:
            restore_locked();
            set_concerned(kMode, Term::none());
            break;
        case kReader: close_reader_locked(); break;
        case kSignals: assign(kSignals, nullptr, Term::none(), 0, 0); break;
    }
}

void HostTerminal::close() {
    const std::lock_guard lock(mutex_);
    restore_locked();
    assign(kSignals, nullptr, Term::none(), 0, 0);
    close_reader_locked();
}

}  // namespace lintel
