#pragma once
/// DriverPort: a port whose driver comes from a library. docs/design/drivers.md.

#include <map>
#include <optional>

#include "stdlib/driver/drivers.h"
#include "stdlib/native/part_queue.h"
#include "stdlib/port/line_buffer.h"
#include "stdlib/port/port_options.h"

namespace lintel {
class DriverCallback;
class DriverEvent;
class OutputVector;
}  // namespace lintel

/// What ErlDrvPDL is.
struct lintel_port_data_lock {
    std::mutex mutex;
    std::atomic<ErlDrvSInt> references{1};
    std::shared_ptr<lintel::Port> port;  ///< kept
};

/// What ErlDrvPort is.
struct lintel_driver_port final : public lintel::PortDriver {
public:
    using Port = lintel::Port;
    using Term = lintel::Term;
    using Word = lintel::Word;

    /// `command`: what it was opened with.
    lintel_driver_port(lintel::DriverPin pin, std::string command, const lintel::PortOptions& options);
    /// Of a port that has begun (driver_create_port).
    lintel_driver_port(lintel::DriverPin pin, std::string command, ErlDrvData data);
    ~lintel_driver_port() override;

    // ---- PortDriver
    std::string name() const override { return command_; }
    int start(Port& port) override;
    Word start_reference() const override { return start_reference_; }
    bool command(Port& port, lintel::Process& from, Term data) override;
    void output(Port& port, std::string_view bytes) override;
    bool can_be_forced() const override { return code_.has_flag(ERL_DRV_FLAG_SOFT_BUSY); }
    bool control(Port& port, Term from, uint32_t operation, std::string_view bytes, std::string* answer) override;
    bool answers_binaries() const override { return answered_binary_; }
    Term call(Port& port, lintel::Process& from, uint32_t operation, Term argument) override;
    void timeout(Port& port) override;
    void process_down(Port& port, Word number) override;
    bool flush(Port& port) override;
    void stop(Port& port) override;
    lintel::Tenant& tenant() { return *port_->tenant; }
    int os_pid() const override { return told_os_pid; }
    size_t queued_bytes() const override;
    std::vector<Term> monitored() const override;
    void emergency_close(Port& port) override;

    // ---- for the interface's functions. With the port's lock, unless said otherwise.
    Port& port() { return *port_; }
    lintel::Vm& vm() { return port_->vm; }
    bool has_gone() const { return port_ == nullptr || has_gone_; }
    /// It closes when its queue is empty: nothing is sent any more.
    bool is_flushing() const { return is_flushing_; }
    lintel::DriverCode& code() { return code_; }
    lintel::Driver& driver() { return pin_.driver(); }
    lintel::Drivers& drivers() { return pin_.drivers(); }
    const ErlDrvEntry& entry() const { return code_.entry; }
    ErlDrvData data() const { return data_; }

    /// Data to the owner, as the port's options have it. -1: it has gone.
    int deliver(std::string_view header, std::string_view bytes, bool has_bytes);
    /// The same for parts of binaries, or of bytes without one.
    struct OutputPart {
        ErlDrvBinary* binary;
        std::string_view bytes;
    };
    int deliver(std::string_view header, std::span<const OutputPart> parts);

    /// driver_failure_atom and its like. -1: it has gone.
    int fail(Term reason, bool at_end = false);
    int exit(int error);
    void acknowledge_start(ErlDrvData result);

    void set_timer(unsigned long ms);
    void cancel_timer() { timer_ns_.reset(); }
    unsigned long timer_left() const;

    int select(int fd, int mode, bool on);
    void event_ready(const std::shared_ptr<lintel::DriverEvent>& event, unsigned events);

    /// 0: done; 1: there is no such process; -1: it has no callback for it. Under the port's lock or the port data lock.
    int monitor(Term pid, ErlDrvMonitor* monitor);
    bool demonitor(const ErlDrvMonitor& monitor);
    Term monitored_process(const ErlDrvMonitor& monitor) const;

    /// A driver's work on another thread is done: its callback is called. False: it has none, or the port has gone. Takes the port's lock.
    bool async_done(Port& port, void* data);

    /// The queue, under the port's lock or the port data lock; nullptr: it has gone.
    lintel::PartQueue* queue() { return has_queue_ ? &queue_ : nullptr; }
    /// The binaries of its parts, until it changes.
    ErlDrvBinary** queue_binaries();
    ErlDrvPDL create_lock();
    ErlDrvPDL lock() const { return lock_; }

    bool is_binary = false, tells_eof = false;
    std::optional<lintel::LineBuffer> lines;
    int control_flags = 0;
    struct QueueLimits {
        size_t low, high;
    };
    std::optional<QueueLimits> queue_limits;  ///< of erl_drv_busy_msgq_limits; nullopt: disabled
    Term caller = Term::nil();
    int timeslice_percent = 0;  ///< that the callback has used
    int told_os_pid = -1;

private:
    friend class lintel::DriverCallback;
    void call_output(Port& port, Term from, std::string& bytes);
    void deliver_lines(std::string_view header, std::string_view bytes, bool at_end);
    void tell_data(std::string_view header, size_t words, auto make_tail);
    void answer_start(Term result);
    void finish_closing();
    void drop_queue();
    bool is_flushed();

    lintel::DriverPin pin_;  // goes last
    lintel::DriverCode& code_;
    const std::string command_;
    Port* port_ = nullptr;  // since it has begun
    ErlDrvData data_ = nullptr;
    bool has_begun_ = false;   // `stop` is to be called
    bool is_counted_ = false;  // among the driver's ports
    bool answered_binary_ = false;
    Word start_reference_ = 0;
    bool awaits_start_ = false;  // erl_drv_init_ack has not been called
    std::optional<int64_t> timer_ns_;
    std::map<int, std::shared_ptr<lintel::DriverEvent>> events_;
    bool is_flushing_ = false, is_stopping_ = false, has_gone_ = false;  // one after the other
    bool has_queue_ = true;
    lintel::PartQueue queue_;
    std::vector<ErlDrvBinary*> queue_binaries_;
    ErlDrvPDL lock_ = nullptr;
    mutable std::mutex monitors_mutex_;
    std::map<Word, Term> monitors_;  // by number
};

namespace lintel {

using DriverPort = ::lintel_driver_port;

/// What functions return for "no port".
inline const ErlDrvPort kNoDriverPort = reinterpret_cast<ErlDrvPort>(intptr_t{-1});

/// The port, unless it has gone or has never been.
inline DriverPort* open_port(ErlDrvPort port) {
    return port == nullptr || port == kNoDriverPort || port->has_gone() ? nullptr : port;
}

/// While it lives, a callback of the port runs on this thread, under the port's lock.
class DriverCallback {
public:
    explicit DriverCallback(DriverPort& of, Term caller = Term::nil());
    ~DriverCallback();
    DriverCallback(const DriverCallback&) = delete;
    DriverCallback& operator=(const DriverCallback&) = delete;

    /// The port `id` if a callback of it runs on this thread: its lock is held.
    static DriverPort* running(Term id);
    /// Holds the lock of a port that the callback has made, until it returns. False: no callback runs on this thread.
    static bool keep_locked(const std::shared_ptr<Port>& created);

private:
    DriverPort& of_;
    DriverCallback* const outer_;
    const Term caller_before_;
    const int timeslice_before_;
    const VmThreadScope here_;
    std::unique_lock<std::recursive_mutex> lock_;
    struct Created {
        std::shared_ptr<Port> port;
        std::unique_lock<std::mutex> lock;
    };
    std::vector<Created> created_;
};

}  // namespace lintel
