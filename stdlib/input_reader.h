#pragma once
/// Reading stdin for a VM: each read on a thread of its own, since it may block for ever, even longer than the VM lives.

#include <condition_variable>
#include <memory>
#include <mutex>

#include "sched/vm.h"

namespace lintel {

class InputReader {
public:
    explicit InputReader(Vm& vm) : shared_(std::make_shared<Shared>(vm)) {}
    ~InputReader() { close(); }
    InputReader(const InputReader&) = delete;
    InputReader& operator=(const InputReader&) = delete;

    /// Reads once and sends process `to` {Ref, Bytes | eof}; the numbers are those of Ref. A thread of the VM.
    void read(Term to, Word number0, Word number1);
    /// Nothing is delivered any more. Waits for a callback of the host that is running; a read of the program's own stdin
    /// is left to itself. Before the VM's processes go. Not a thread of the VM.
    void close();

private:
    struct Shared {
        explicit Shared(Vm& of) : vm(&of), platform(of.config.platform) {}
        std::mutex mutex;
        std::condition_variable all_done;
        Vm* vm;                     ///< nullptr: closed
        const VmPlatform platform;  ///< a copy: a read outlasts the VM
        unsigned running = 0;
    };
    struct Request {
        const std::shared_ptr<Shared> shared;
        const Term to;
        const Word number0, number1;
    };
    static void read_once(const Request& request);

    std::shared_ptr<Shared> shared_;
};

}  // namespace lintel
