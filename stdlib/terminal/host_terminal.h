#pragma once
/// HostTerminal: the standard input and output of the host program, as prim_tty's natives use them (OTP 26 and later).
///
/// They need not be a terminal. One process at a time is told when there is something to read; the terminal's mode is put back when
/// the process that changed it ends.

#include <termios.h>

#include <mutex>
#include <optional>

#include "sched/vm.h"
#include "stdlib/terminal/terminal_description.h"

namespace lintel {

/// What an Erlang program has of it: a reference.
class TtyHandle final : public Magic {
public:
    static inline const char kMagicType = 0;
    TtyHandle(int descriptor, Word number_of_reference)
        : Magic(&kMagicType), out(descriptor), number(number_of_reference) {}
    const int out;  ///< descriptor: 1 or 2
    const Word number;
};

class HostTerminal {
public:
    explicit HostTerminal(Vm& vm) : vm_(vm) {}
    HostTerminal(const HostTerminal&) = delete;
    HostTerminal& operator=(const HostTerminal&) = delete;

    // ---- any thread
    /// Single keys, no echo, output as it is; or as it was before. For `pid`. 0, or an errno value; ENOTTY: it is no terminal.
    int set_mode(Term pid, bool is_raw);
    /// `pid` gets {select, Tty, Reference, ready_input} when there is something to read, once for each call. The reference's numbers.
    /// 0, or an errno value.
    int select(TtyHandle& tty, Term pid, Word number0, Word number1);
    /// Bytes, 0: the end, or -1 with errno set.
    ssize_t read(char* bytes, size_t count);
    /// `pid` is told of sigwinch and sigcont in the same way; `take_signal` then says which it was (OTP 26 and 27).
    void select_signals(TtyHandle& tty, Term pid, Word number0, Word number1);
    void signal(Term name);
    Term take_signal();
    /// Columns and rows of the terminal at one of the descriptors. False: there is none.
    static bool window_size(int fd, int other, int* columns, int* rows);

    /// The terminal that TERM names. False: it is not known.
    bool describe();
    std::mutex& description_mutex() { return description_mutex_; }
    const TerminalDescription& description() const { return description_; }  ///< under its mutex

    static void process_exits(Process& p);
    /// Not a thread of the VM; nothing runs any more.
    void close();

private:
    enum Concern : uint8_t { kMode, kReader, kSignals };
    class Reader;
    struct Selector {
        TtyHandle* tty = nullptr;  ///< a reference
        Term pid;
        Word numbers[2] = {0, 0};
    };
    void tell(const Selector& selector);
    void assign(Concern what, TtyHandle* tty, Term pid, Word number0, Word number1);
    void forget(Concern what, Term pid);
    void restore_locked();
    void close_reader_locked();
    void ready();

    Vm& vm_;
    std::mutex mutex_;
    std::optional<termios> before_;  ///< when it has been changed
    /// Whose end matters: who set the mode, who reads, who is told of signals. Written under the mutex.
    std::atomic<Word> concerned_[3] = {};
    void set_concerned(Concern what, Term pid) { concerned_[what].store(pid.word(), std::memory_order_relaxed); }
    bool concerns(Concern what, Term pid) const {
        return concerned_[what].load(std::memory_order_relaxed) == pid.word();
    }
    Selector reader_, signals_;  // under the mutex, as all that follows
    bool is_selected_ = false;
    EventLoop::Watch* watch_ = nullptr;
    int fd_ = -1;  ///< of the watch
    int flags_before_ = -1;
    std::vector<Term> pending_signals_;

    std::mutex description_mutex_;
    TerminalDescription description_;
};

/// Whether a program in C would take the text of its environment's locale as UTF-8.
bool locale_is_utf8(const Vm& vm);

}  // namespace lintel
