#pragma once
/// Drivers that a VM has loaded from libraries, who wants them, and who waits for one to come or go (module erl_ddll). docs/design/drivers.md.

#include <lintel/erl_driver.h>

#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "sched/vm.h"
#include "stdlib/driver/async_thread.h"
#include "stdlib/native/image.h"

namespace lintel {

class Drivers;

/// What a library declares.
struct DriverCode {
    DriverCode(ErlDrvEntry& by, std::shared_ptr<NativeImage> in);

    ErlDrvEntry* const declared;
    const ErlDrvEntry entry;  ///< callbacks that its version does not have are nullptr
    const std::string name;
    const std::shared_ptr<NativeImage> image;  ///< nullptr: in another driver's library (add_driver_entry)
    std::recursive_mutex mutex;                ///< held around callbacks, unless ports_are_independent

    bool has_flag(int flag) const { return (entry.driver_flags & flag) != 0; }
    bool ports_are_independent() const { return has_flag(ERL_DRV_FLAG_USE_PORT_LOCKING); }
};

/// A driver by its name. Under the mutex of Drivers.
struct Driver : std::enable_shared_from_this<Driver> {
    enum class Status : uint8_t {
        loaded,
        unloading,  ///< when nobody uses it any more
        reloading,  ///< and then loaded again
        permanent,  ///< linked to another's library, or driver_lock_driver
    };
    /// What a process has to do with it.
    struct User {
        enum class Wish : uint8_t { loaded, told_of_load, told_of_unload, told_of_unload_only };
        Term pid;
        Wish wish;
        Word reference = 0;         ///< of who is to be told
        bool keeps_loaded = false;  ///< of one that wants it loaded: before a reload it does not count
    };

    explicit Driver(std::string its_name) : name(std::move(its_name)) {}
    bool is_linked_in() const { return code->image == nullptr; }

    const std::string name;
    std::string path;  ///< without ".so"
    bool kills_ports = false;
    Status status = Status::loaded;
    bool is_closing_ports = false;  ///< there are to be no new ones
    std::shared_ptr<DriverCode> code;
    std::list<User> users;  ///< oldest first
    size_t port_count = 0;  ///< open ones
    size_t pins = 0;        ///< who may be running its code, or will
    std::vector<std::weak_ptr<Port>> ports;
    std::string reload_path;
    bool reload_kills_ports = false;
};

/// Keeps a driver's code in memory. May be held by any thread, and let go of under any lock but a process's or the port table's.
class DriverPin {
public:
    DriverPin() = default;
    DriverPin(Drivers& in, std::shared_ptr<Driver> what) : drivers_(&in), driver_(std::move(what)) {}
    ~DriverPin();
    DriverPin(DriverPin&& other) noexcept : drivers_(other.drivers_), driver_(std::move(other.driver_)) {}
    DriverPin& operator=(DriverPin&&) = delete;
    explicit operator bool() const { return driver_ != nullptr; }
    Driver& driver() const { return *driver_; }
    Drivers& drivers() const { return *drivers_; }

private:
    Drivers* drivers_ = nullptr;
    std::shared_ptr<Driver> driver_;
};

/// Those of a VM. Any thread. Locks: a port's, then this.
class Drivers {
public:
    explicit Drivers(Vm& of) : async(of), vm_(of) {}
    ~Drivers();
    Drivers(const Drivers&) = delete;
    Drivers& operator=(const Drivers&) = delete;

    enum class Reload : uint8_t { no, if_last_user, in_any_case };
    /// What try_load and try_unload answer: {ok, What}, {ok, What, Ref} or {error, What}.
    struct Answer {
        bool is_ok;
        Term what;
        Word reference = 0;    ///< that the process will be told with
        int error_number = 0;  ///< not 0: the error is {open_error, Number}
    };
    struct LoadRequest {
        std::string path, name;
        bool kills_ports = false;
        bool tells = false;
        Reload reload = Reload::no;
    };
    Answer load(Term pid, const LoadRequest& request);
    struct UnloadRequest {
        std::string name;
        bool kills_ports = false;
        bool tells_if_ports_wait = false;  ///< {monitor, pending_driver}
        bool tells_if_users_wait = false;  ///< {monitor, pending}
    };
    Answer unload(Term pid, const UnloadRequest& request);

    /// The number of the reference with which the process will be told. `shown`: the name as it has given it.
    Word tell(Term pid, const std::string& name, Term shown, Driver::User::Wish when);
    void tell_no_more(Term pid, Word reference);
    static void process_ended(Process& p);

    /// Names, oldest first.
    std::vector<std::string> names() const;
    /// erl_ddll:info/2. The non-value: there is no such driver, or item.
    Term info(ExecState& p, const std::string& name, Term item) const;
    /// The text of {open_error, Number}.
    std::string error_text(int number) const;

    /// For a port of driver `name` that is to begin. Empty: there is none, or it takes no new ports.
    DriverPin pin_for_port(const std::string& name);
    /// For another port of a driver that has one. Empty: it takes no new ports.
    DriverPin pin_for_port(Driver& driver);
    void port_opened(Driver& driver, std::weak_ptr<Port> port);
    void port_closed(Driver& driver);
    DriverPin pin(Driver& driver);

    /// Of the interface for drivers.
    void add(ErlDrvEntry& entry);
    int remove(ErlDrvEntry& entry);
    bool make_permanent(Driver& driver);

    /// The VM ends; no process runs any more. Ports are closed, and drivers unloaded.
    void end();

    AsyncThread async;

private:
    friend class DriverPin;
    using Wish = Driver::User::Wish;
    using Lock = std::unique_lock<std::recursive_mutex>;

    static Answer error(Term what) { return {false, what}; }
    std::shared_ptr<Driver> find(const std::string& name) const;
    /// Brings its code into memory. The null term: done; else what is wrong.
    Term open(Driver& driver, const std::string& path, int* error_number);
    Term open_error(const std::string& text, const std::string& file, int* error_number);
    Answer load_again(Lock& lock, const std::shared_ptr<Driver>& driver, Term pid, const LoadRequest& request);
    Answer reload(Lock& lock, const std::shared_ptr<Driver>& driver, Term pid, const LoadRequest& request);
    void cancel_reload(Driver& driver);
    void close_ports(Lock& lock, const std::shared_ptr<Driver>& driver);
    void unpin(const std::shared_ptr<Driver>& driver);
    void unload_if_unused(const std::shared_ptr<Driver>& driver);
    void forget_user(Lock& lock, const std::shared_ptr<Driver>& driver, Term pid);
    Word add_waiting(Driver& driver, Term pid, Wish wish);
    void tell_all(Driver& driver, Wish wish, Term type, Term tag, int error_number = 0);
    void tell_one(Term pid, Word reference, Term type, Term name, Term tag, int error_number = 0);

    Vm& vm_;
    mutable std::recursive_mutex mutex_;          // also around init and finish, which may call add_driver_entry
    std::list<std::shared_ptr<Driver>> drivers_;  // oldest first
    std::vector<std::string> errors_;             // of the dynamic linker; {open_error, kFirstError - place}
    std::atomic<size_t> user_count_{0};
    bool has_ended_ = false;
};

/// What is linked to the VM itself, and is told of by erl_ddll; or only not to be loaded.
bool is_linked_in_driver(std::string_view name);

}  // namespace lintel
