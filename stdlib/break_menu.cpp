#include "stdlib/break_menu.h"

#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <optional>
#include <string>

#include "sched/exit_signals.h"
#include "stdlib/crash_dump.h"
#include "stdlib/system_text.h"

namespace lintel {

namespace {

constexpr std::string_view kMenu =
    "\nBREAK: (a)bort (A)bort with dump (c)ontinue (p)roc info (i)nfo\n"
    "       (l)oaded (v)ersion (k)ill (D)b-tables (d)istribution\n";

/// The terminal in its usual state: lines, echo, output as programs write it; and back.
class UsualTerminal {
public:
    UsualTerminal() {
        termios mode;
        if (tcgetattr(STDIN_FILENO, &mode) != 0) return;
        before_ = mode;
        mode.c_iflag |= ICRNL | IXON;
        mode.c_oflag |= OPOST | ONLCR;
        mode.c_lflag |= ICANON | ECHO | ISIG;
        tcsetattr(STDIN_FILENO, TCSANOW, &mode);
    }
    ~UsualTerminal() {
        if (before_) tcsetattr(STDIN_FILENO, TCSANOW, &*before_);
    }
    UsualTerminal(const UsualTerminal&) = delete;
    UsualTerminal& operator=(const UsualTerminal&) = delete;

private:
    std::optional<termios> before_;
};

class Menu {
public:
    explicit Menu(Vm& vm) : vm_(vm) {}

    void run() {
        const UsualTerminal terminal;
        say(kMenu);
        while (const std::optional<char> key = read_key()) {
            switch (*key) {
                case 'q':
                case 'a': return vm_.halt(0);
                case 'A':
                    say("Crash dump requested by user\n");
                    write_crash_dump(vm_, nullptr, "Crash dump requested by user");
                    return vm_.halt(Vm::kAborted);
                case 'c':
                case 'm': return;
                case 'p': return say(processes_text(vm_) + ports_text(vm_));
                case 'o': return say(ports_text(vm_));
                case 'i': return say(info_text(vm_));
                case 'l': return say(loaded_text(vm_));
                case 'v':
                    return say("Erlang (BEAM) emulator version " + vm_.otp.erts + "\n" + system_version_text(vm_) +
                               "\n");
                case 'D': return say(tables_text(vm_));
                case 'd':
                    return say(vm_.distribution.is_alive() ? nodes_text(vm_)
                                                           : "=node:'nonode@nohost'\n=no_distribution\n");
                case 'k': return kill();
                case '\n': break;
                default:
                    say("Invalid option '" + std::string(1, *key) +
                        "'. Please enter one of the following:" + std::string(kMenu));
            }
        }
        vm_.halt(0);
    }

private:
    /// Lines end as in OTP, on a terminal or not.
    void say(std::string_view text) {
        std::string lines;
        for (const char c : text) lines += c == '\n' ? std::string("\r\n") : std::string(1, c);
        vm_.write(1, lines);
    }

    /// The first character of what is typed, a line in a terminal. Nothing: the input has ended, or the VM is halting.
    std::optional<char> read_key() {
        char line[64];
        if (vm_.config.platform.read == nullptr) {
            constexpr int kLookMs = 100;
            pollfd input{STDIN_FILENO, POLLIN, 0};
            while (::poll(&input, 1, kLookMs) <= 0) {
                if (vm_.is_halted()) return std::nullopt;
            }
        }
        return vm_.read_input(line, sizeof line) > 0 ? std::optional(line[0]) : std::nullopt;
    }

    /// Process by process: whether it is to be killed.
    void kill() {
        size_t slot = 0;
        while (const Process* p = vm_.processes.next(&slot)) {
            const Term pid = p->self;
            say("\n" + process_text(*p) + "(k)ill (n)ext (r)eturn:\n");
            for (;;) {
                const std::optional<char> key = read_key();
                if (!key) return vm_.halt(0);
                if (*key == 'r') return;
                if (*key == 'k') send_exit(vm_, pid, pid, am::kill());
                if (*key == 'k' || *key == 'n') break;
            }
        }
    }

    Vm& vm_;
};

}  // namespace

void break_menu(Vm& vm) { Menu(vm).run(); }

}  // namespace lintel
