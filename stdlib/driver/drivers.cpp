#include "stdlib/driver/drivers.h"

#include <algorithm>
#include <cstring>

#include "gc/copy.h"
#include "stdlib/build.h"
#include "stdlib/driver/driver_port.h"
#include "stdlib/stdlib_state.h"
#include "term/utf8.h"

/// A driver is in memory as long as it has users that want it loaded, ports, or pins. When the last of these goes, it is unloaded at once, and loaded again
/// if somebody has asked for that:
///
///     loaded ── last user goes (try_unload, or its end) ──► unloading ── unused ──► finish, dlclose, 'DOWN' to who waits
///       ▲  ▲                                                   │
///       │  └──────────────── somebody loads it ◄───────────────┘
///       └── loaded again ◄── unused ── reloading ◄── try_load with reload
///
/// driver_lock_driver makes it permanent: nothing ends that but the VM.

namespace lintel {

namespace {

/// {open_error, Number}: numbers of the texts that the dynamic linker has had to say.
constexpr int kFirstError = -10;

ErlDrvEntry known_part(const ErlDrvEntry& declared) {
    ErlDrvEntry entry{};
    const bool has_emergency =
        declared.major_version > 3 || (declared.major_version == 3 && declared.minor_version >= 2);
    std::memcpy(&entry, &declared, has_emergency ? sizeof entry : offsetof(ErlDrvEntry, emergency_close));
    return entry;
}

/// Whether a library declares what this VM understands.
bool is_version_known(const ErlDrvEntry& entry) {
    if (static_cast<unsigned>(entry.extended_marker) != ERL_DRV_EXTENDED_MARKER) return false;
    if (entry.major_version < ERL_DRV_MIN_REQUIRED_MAJOR_VERSION_ON_LOAD) return false;
    return entry.major_version < ERL_DRV_EXTENDED_MAJOR_VERSION ||
           (entry.major_version == ERL_DRV_EXTENDED_MAJOR_VERSION &&
            entry.minor_version <= ERL_DRV_EXTENDED_MINOR_VERSION);
}

bool wants_loaded(const Driver::User& user) { return user.wish == Driver::User::Wish::loaded; }

/// The newest wish of `pid` to have it loaded; or the end of the users.
auto newest_wish(Driver& driver, Term pid) {
    const auto found = std::find_if(driver.users.rbegin(), driver.users.rend(),
                                    [pid](const auto& user) { return wants_loaded(user) && user.pid == pid; });
    return found == driver.users.rend() ? driver.users.end() : std::next(found).base();
}

}  // namespace

DriverCode::DriverCode(ErlDrvEntry& by, std::shared_ptr<NativeImage> in)
    : declared(&by), entry(known_part(by)), name(by.driver_name), image(std::move(in)) {}

// ---- pins

DriverPin::~DriverPin() {
    if (driver_ != nullptr) drivers_->unpin(driver_);
}

DriverPin Drivers::pin(Driver& driver) {
    const Lock lock(mutex_);
    if (driver.code == nullptr) return {};  // unloaded
    ++driver.pins;
    return {*this, driver.shared_from_this()};
}

void Drivers::unpin(const std::shared_ptr<Driver>& driver) {
    const Lock lock(mutex_);
    --driver->pins;
    unload_if_unused(driver);
}

DriverPin Drivers::pin_for_port(const std::string& name) {
    const Lock lock(mutex_);
    const auto driver = find(name);
    return driver != nullptr ? pin_for_port(*driver) : DriverPin();
}

DriverPin Drivers::pin_for_port(Driver& driver) {
    const Lock lock(mutex_);
    return driver.is_closing_ports ? DriverPin() : pin(driver);
}

void Drivers::port_opened(Driver& driver, std::weak_ptr<Port> port) {
    const Lock lock(mutex_);
    ++driver.port_count;
    std::erase_if(driver.ports, [](const auto& p) { return p.expired(); });
    driver.ports.push_back(std::move(port));
}

void Drivers::port_closed(Driver& driver) {
    const Lock lock(mutex_);
    --driver.port_count;
}

// ---- loading and unloading

Drivers::~Drivers() { end(); }

std::shared_ptr<Driver> Drivers::find(const std::string& name) const {
    for (auto at = drivers_.rbegin(); at != drivers_.rend(); ++at) {
        if ((*at)->name == name) return *at;
    }
    return nullptr;
}

Term Drivers::open_error(const std::string& text, const std::string& file, int* error_number) {
    // Texts are kept, so they should not have names of files in them.
    std::string_view what = text;
    if (what.starts_with(file)) {
        const size_t begin = what.find_first_not_of(": ", file.size());
        if (begin != std::string_view::npos) what.remove_prefix(begin);
    }
    const auto at = std::ranges::find(errors_, what);
    *error_number = kFirstError - static_cast<int>(at - errors_.begin());
    if (at == errors_.end()) errors_.emplace_back(what);
    return am::open_error();
}

std::string Drivers::error_text(int number) const {
    const Lock lock(mutex_);
    if (number > kFirstError) return "Unspecified error";
    const auto place = static_cast<size_t>(kFirstError - int64_t{number});
    return place < errors_.size() ? errors_[place] : "Unknown dlload error";
}

Term Drivers::open(Driver& driver, const std::string& path, int* error_number) {
    if (!vm_.own_tenant->rights.has(Right::natives)) return am::no_ddll_available();
    const std::string file = path + ".so";
    std::string error;
    auto image = stdlib_state(vm_).images.open(vm_, file, &error);
    if (image == nullptr) return open_error(error, file, error_number);
    const auto init = reinterpret_cast<ErlDrvEntry* (*)()>(image->function("driver_init", &error));
    if (init == nullptr) return am::no_driver_init();
    ErlDrvEntry* const entry = init();
    if (entry == nullptr) return am::driver_init_failed();
    if (!is_version_known(*entry)) return am::driver_incorrect_version();
    if (driver.name != entry->driver_name) return am::bad_driver_name();
    driver.code = std::make_shared<DriverCode>(*entry, std::move(image));
    driver.path = path;
    stdlib_state(vm_).images.taint(vm_.atoms.intern(utf8_of_latin1(driver.name)));
    if (entry->init == nullptr || entry->init() == 0) return Term::none();
    driver.code = nullptr;
    return am::driver_init_failed();
}

void Drivers::unload_if_unused(const std::shared_ptr<Driver>& driver) {
    Driver& d = *driver;
    if (d.pins != 0 || (d.status != Driver::Status::unloading && d.status != Driver::Status::reloading)) return;
    if (std::ranges::any_of(d.users, [](const auto& user) { return user.keeps_loaded; })) return;
    const bool loads_again = d.status == Driver::Status::reloading;
    d.pins = 1;  // of this
    drivers_.remove(driver);
    if (!d.is_linked_in() && d.code->entry.finish != nullptr) d.code->entry.finish();
    d.code = nullptr;
    d.ports.clear();
    tell_all(d, Wish::told_of_unload, am::DOWN(), am::unloaded());
    tell_all(d, Wish::told_of_unload_only, am::DOWN(), am::unloaded());
    d.is_closing_ports = false;
    int error_number = 0;
    Term wrong = am::unloaded();
    if (loads_again && !has_ended_) {
        const std::string path = std::move(d.reload_path);
        wrong = open(d, path, &error_number);
        if (wrong.is_none()) {
            d.kills_ports = d.reload_kills_ports;
            d.status = Driver::Status::loaded;
            for (auto& user : d.users) user.keeps_loaded = user.wish == Wish::loaded;
            drivers_.push_back(driver);
            tell_all(d, Wish::told_of_load, am::UP(), am::loaded());
        } else {
            tell_all(d, Wish::told_of_load, am::DOWN(), wrong, error_number);
        }
    }
    if (wrong.is_value()) {
        user_count_.fetch_sub(d.users.size(), std::memory_order_relaxed);
        d.users.clear();
    }
    d.pins = 0;
}

void Drivers::end() {
    async.stop();
    {
        const Lock lock(mutex_);
        has_ended_ = true;
        if (drivers_.empty()) return;
    }
    const VmThreadScope here(vm_, this_thread.kind);
    vm_.ports.close_all();
    const Lock lock(mutex_);
    while (!drivers_.empty()) {
        const std::shared_ptr<Driver> driver = drivers_.back();
        driver->users.clear();
        driver->status = Driver::Status::unloading;
        driver->pins = 0;
        unload_if_unused(driver);
    }
}

// ---- erl_ddll:try_load/3

Drivers::Answer Drivers::load(Term pid, const LoadRequest& request) {
    Lock lock(mutex_);
    std::shared_ptr<Driver> driver = find(request.name);
    if (driver != nullptr ? driver->is_linked_in() : is_linked_in_driver(request.name))
        return error(am::linked_in_driver());
    if (driver != nullptr) return load_again(lock, driver, pid, request);
    if (request.reload != Reload::no) return error(am::not_loaded());
    driver = std::make_shared<Driver>(request.name);
    Answer answer{true, am::loaded()};
    if (const Term wrong = open(*driver, request.path, &answer.error_number); wrong.is_value()) {
        answer.is_ok = false;
        answer.what = wrong;
        return answer;
    }
    driver->kills_ports = request.kills_ports;
    driver->users.push_back({pid, Wish::loaded, 0, true});
    user_count_.fetch_add(1, std::memory_order_relaxed);
    drivers_.push_back(std::move(driver));
    return answer;
}

Drivers::Answer Drivers::load_again(Lock& lock, const std::shared_ptr<Driver>& driver, Term pid,
                                    const LoadRequest& request) {
    Driver& d = *driver;
    const auto use = [&](bool keeps_loaded) {
        d.users.push_back({pid, Wish::loaded, 0, keeps_loaded});
        user_count_.fetch_add(1, std::memory_order_relaxed);
    };
    const bool is_same = d.path == request.path && d.kills_ports == request.kills_ports;
    switch (d.status) {
        case Driver::Status::permanent: return error(am::permanent());
        case Driver::Status::reloading:
            if (request.reload != Reload::no) return error(am::pending_reload());
            if (d.reload_path != request.path || d.reload_kills_ports != request.kills_ports)
                return error(am::inconsistent());
            use(false);
            return {true, am::pending_driver(), add_waiting(d, pid, Wish::told_of_load)};
        case Driver::Status::unloading:
            if (request.reload != Reload::no) return error(am::not_loaded_by_this_process());
            if (!is_same) return error(am::inconsistent());
            d.status = Driver::Status::loaded;
            d.is_closing_ports = false;
            tell_all(d, Wish::told_of_unload, am::UP(), am::unload_cancelled());
            use(true);
            return {true, am::already_loaded()};
        case Driver::Status::loaded:
            if (request.reload != Reload::no) return reload(lock, driver, pid, request);
            if (!is_same) return error(am::inconsistent());
            use(true);
            return {true, am::already_loaded()};
    }
    LINTEL_UNREACHABLE();
}

Drivers::Answer Drivers::reload(Lock& lock, const std::shared_ptr<Driver>& driver, Term pid,
                                const LoadRequest& request) {
    Driver& d = *driver;
    const auto own = newest_wish(d, pid);
    const bool is_only_user = own != d.users.end() && std::ranges::count_if(d.users, wants_loaded) == 1;
    if (request.reload == Reload::if_last_user && !is_only_user) return error(am::pending_process());
    if (d.kills_ports != request.kills_ports) return error(am::inconsistent());
    if (own == d.users.end()) return error(am::not_loaded_by_this_process());
    const DriverPin pinned = pin(d);
    for (auto& user : d.users) user.keeps_loaded = false;
    // Its wish is the newest now.
    d.users.splice(d.users.end(), d.users, own);
    d.status = Driver::Status::reloading;
    d.reload_path = request.path;
    d.reload_kills_ports = request.kills_ports;
    Answer answer{true, request.reload == Reload::if_last_user ? am::pending_driver() : am::pending_process()};
    if (d.kills_ports) close_ports(lock, driver);
    if (request.tells) answer.reference = add_waiting(d, pid, Wish::told_of_load);
    return answer;
}

/// Ends its ports. The mutex is not held meanwhile.
void Drivers::close_ports(Lock& lock, const std::shared_ptr<Driver>& driver) {
    const DriverPin pinned = pin(*driver);
    driver->is_closing_ports = true;
    const std::vector<std::weak_ptr<Port>> ports = driver->ports;
    lock.unlock();
    for (const auto& each : ports) {
        const std::shared_ptr<Port> port = each.lock();
        if (port == nullptr) continue;
        const std::lock_guard port_lock(port->mutex);
        static_cast<DriverPort&>(port->driver()).fail(am::driver_unloaded());
    }
    lock.lock();
}

// ---- erl_ddll:try_unload/2

void Drivers::cancel_reload(Driver& d) {
    if (d.status != Driver::Status::reloading) return;
    tell_all(d, Wish::told_of_load, am::DOWN(), am::load_cancelled());
    d.reload_path.clear();
}

Drivers::Answer Drivers::unload(Term pid, const UnloadRequest& request) {
    Lock lock(mutex_);
    const std::shared_ptr<Driver> driver = find(request.name);
    if (driver == nullptr) return error(is_linked_in_driver(request.name) ? am::linked_in_driver() : am::not_loaded());
    if (driver->is_linked_in()) return error(am::linked_in_driver());
    Driver& d = *driver;
    if (d.status == Driver::Status::permanent) return error(am::permanent());
    const DriverPin pinned = pin(d);
    if (const auto own = newest_wish(d, pid); own != d.users.end()) {
        d.users.erase(own);
        user_count_.fetch_sub(1, std::memory_order_relaxed);
    } else if (std::ranges::any_of(d.users, wants_loaded)) {
        return error(am::not_loaded_by_this_process());
    }
    Answer answer{true, am::pending_process()};
    bool tells = request.tells_if_users_wait;
    if (std::ranges::none_of(d.users, wants_loaded)) {
        cancel_reload(d);
        d.status = Driver::Status::unloading;
        answer.what = am::pending_driver();
        tells = tells || request.tells_if_ports_wait;
        if ((d.kills_ports || request.kills_ports) && d.port_count > 0) close_ports(lock, driver);
    }
    if (tells) answer.reference = add_waiting(d, pid, Wish::told_of_unload);
    return answer;
}

// ---- the end of processes

void Drivers::process_ended(Process& p) {
    Drivers& drivers = *stdlib_state(p).drivers;
    if (drivers.user_count_.load(std::memory_order_relaxed) == 0) return;
    Lock lock(drivers.mutex_);
    const std::vector<std::shared_ptr<Driver>> all(drivers.drivers_.begin(), drivers.drivers_.end());
    for (const auto& driver : all) {
        if (driver->status != Driver::Status::permanent) drivers.forget_user(lock, driver, p.self);
    }
}

void Drivers::forget_user(Lock& lock, const std::shared_ptr<Driver>& driver, Term pid) {
    const DriverPin pinned = pin(*driver);
    if (!pinned) return;  // unloaded meanwhile
    Driver& d = *driver;
    const size_t gone = std::erase_if(d.users, [pid](const auto& user) { return user.pid == pid; });
    if (gone == 0) return;
    user_count_.fetch_sub(gone, std::memory_order_relaxed);
    if (std::ranges::any_of(d.users, wants_loaded)) return;
    cancel_reload(d);
    d.status = Driver::Status::unloading;
    if (d.kills_ports && d.port_count > 0) close_ports(lock, driver);
}

// ---- telling

Word Drivers::add_waiting(Driver& driver, Term pid, Wish wish) {
    const Word reference = vm_.next_reference_number();
    driver.users.push_back({pid, wish, reference});
    user_count_.fetch_add(1, std::memory_order_relaxed);
    return reference;
}

/// {Type, Ref, driver, Name, Tag}, or with {load_failure, Tag} for what is wrong with a library.
void Drivers::tell_one(Term pid, Word reference, Term type, Term name, Term tag, int error_number) {
    const bool has_failed = type == am::DOWN() && tag != am::unloaded() && tag != am::load_cancelled();
    const size_t words = kRefWords + flat_size(name, &vm_.literals) + 2 * tuple_words(2) + tuple_words(5);
    tell_process(
        vm_, pid, words,
        [&](HeapBuilder& heap) {
            Term what = tag;
            if (error_number != 0) what = heap.tuple(tag, Term::small(error_number));
            if (has_failed) what = heap.tuple(am::load_failure(), what);
            return heap.tuple(type, heap.ref(reference, 0), am::driver(), copy_term(name, heap, &vm_.literals), what);
        },
        Term::none());
}

void Drivers::tell_all(Driver& driver, Wish wish, Term type, Term tag, int error_number) {
    const Term name = vm_.atoms.intern(utf8_of_latin1(driver.name));
    for (auto user = driver.users.begin(); user != driver.users.end();) {
        if (user->wish != wish) {
            ++user;
            continue;
        }
        tell_one(user->pid, user->reference, type, name, tag, error_number);
        user = driver.users.erase(user);
        user_count_.fetch_sub(1, std::memory_order_relaxed);
    }
}

Word Drivers::tell(Term pid, const std::string& name, Term shown, Wish when) {
    const Lock lock(mutex_);
    const auto driver = find(name);
    const auto at_once = [&](Term type, Term tag) {
        const Word reference = vm_.next_reference_number();
        tell_one(pid, reference, type, shown, tag);
        return reference;
    };
    if (driver == nullptr)
        return is_linked_in_driver(name) ? at_once(am::UP(), am::permanent()) : at_once(am::DOWN(), am::unloaded());
    if (driver->is_linked_in() || driver->status == Driver::Status::permanent)
        return at_once(am::UP(), am::permanent());
    if (when == Wish::told_of_load && driver->status == Driver::Status::loaded) return at_once(am::UP(), am::loaded());
    if (when == Wish::told_of_load && driver->status == Driver::Status::unloading)
        return at_once(am::DOWN(), am::load_cancelled());
    return add_waiting(*driver, pid, when);
}

void Drivers::tell_no_more(Term pid, Word reference) {
    const Lock lock(mutex_);
    for (const auto& driver : drivers_) {
        const size_t gone = std::erase_if(driver->users, [&](const auto& user) {
            return user.pid == pid && user.wish != Wish::loaded && user.reference == reference;
        });
        user_count_.fetch_sub(gone, std::memory_order_relaxed);
    }
}

// ---- questions

std::vector<std::string> Drivers::names() const {
    const Lock lock(mutex_);
    std::vector<std::string> names;
    for (const auto& driver : drivers_) names.push_back(driver->name);
    return names;
}

Term Drivers::info(ExecState& p, const std::string& name, Term item) const {
    const Lock lock(mutex_);
    const auto driver = find(name);
    if (driver == nullptr && !is_linked_in_driver(name)) return Term::none();
    const bool is_linked_in = driver == nullptr || driver->is_linked_in();
    const bool is_permanent = !is_linked_in && driver->status == Driver::Status::permanent;
    if (item == am::linked_in_driver()) return is_linked_in ? am::true_() : am::false_();
    if (item == am::permanent()) return is_permanent ? am::true_() : am::false_();
    Wish wish = Wish::loaded;
    switch (atom_id(item)) {
        case AtomId::driver_options:
            if (is_linked_in) return am::linked_in_driver();
            return driver->kills_ports ? make_cons(p, am::kill_ports(), Term::nil()) : Term::nil();
        case AtomId::port_count:
        case AtomId::processes: break;
        case AtomId::awaiting_load: wish = Wish::told_of_load; break;
        case AtomId::awaiting_unload: wish = Wish::told_of_unload; break;
        default: return Term::none();
    }
    if (is_linked_in) return am::linked_in_driver();
    if (is_permanent) return am::permanent();
    if (item == am::port_count()) return Term::small(static_cast<int64_t>(driver->port_count));
    struct Count {
        Term pid;
        int64_t times;
    };
    std::vector<Count> counts;
    for (auto at = driver->users.rbegin(); at != driver->users.rend(); ++at) {
        const Driver::User& user = *at;
        const Wish has = user.wish == Wish::told_of_unload_only ? Wish::told_of_unload : user.wish;
        if (has != wish) continue;
        const auto known = std::ranges::find(counts, user.pid, &Count::pid);
        if (known != counts.end()) {
            ++known->times;
        } else {
            counts.push_back({user.pid, 1});
        }
    }
    // In the order of OTP: who has come last is the last.
    ListMaker list(p);
    for (auto at = counts.rbegin(); at != counts.rend(); ++at) list.add_pair(at->pid, Term::small(at->times));
    return list.list();
}

// ---- of the interface for drivers

void Drivers::add(ErlDrvEntry& entry) {
    const Lock lock(mutex_);
    auto driver = std::make_shared<Driver>(entry.driver_name);
    driver->code = std::make_shared<DriverCode>(entry, nullptr);
    driver->status = Driver::Status::permanent;
    drivers_.push_back(driver);
    if (entry.init != nullptr && entry.init() != 0) drivers_.remove(driver);
}

int Drivers::remove(ErlDrvEntry& entry) {
    const Lock lock(mutex_);
    const auto found = std::ranges::find_if(drivers_, [&](const auto& d) { return d->code->declared == &entry; });
    if (found == drivers_.end()) return 0;
    if (!(*found)->is_linked_in()) return -1;
    drivers_.erase(found);
    return 1;
}

bool Drivers::make_permanent(Driver& d) {
    const Lock lock(mutex_);
    if (d.is_linked_in()) return false;
    for (const Wish wish : {Wish::told_of_load, Wish::told_of_unload, Wish::told_of_unload_only})
        tell_all(d, wish, am::UP(), am::permanent());
    user_count_.fetch_sub(d.users.size(), std::memory_order_relaxed);
    d.users.clear();
    d.status = Driver::Status::permanent;
    return true;
}

}  // namespace lintel
