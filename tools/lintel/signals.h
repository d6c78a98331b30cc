#pragma once
/// Signals: what the command does with those of the operating system.

#include <lintel/lintel.h>

#include <memory>

/// While there is one, SIGTERM, SIGQUIT and SIGUSR1 are told to the program that runs (one that nobody is there to take ends the command), SIGINT
/// shows the break menu, SIGCONT is told to it as well. The program may ask for others, or for none (os:set_signal/2). One at a time.
class Signals {
public:
    enum class Interrupt { break_menu, by_default, ignore };

    /// Before a VM is made, whose configuration gets Signals::set.
    explicit Signals(Interrupt interrupt);
    ~Signals();
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;

    /// The errno value with which the system refuses what is needed, or 0.
    int error() const { return error_; }
    /// Who is told; nullptr: nobody.
    void set_vm(lintel_vm* vm);
    /// lintel_config::set_signal.
    static int set(void* context, const char* name, lintel_signal_action action);

private:
    struct Shared;
    static void* tell(void* argument);

    const std::shared_ptr<Shared> shared_;
    int error_ = 0;
};
