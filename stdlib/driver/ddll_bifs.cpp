/// Module erl_ddll. docs/design/drivers.md.

#include <algorithm>

#include "stdlib/build.h"
#include "stdlib/driver/drivers.h"
#include "stdlib/stdlib_state.h"
#include "stdlib/system_names.h"
#include "stdlib/terminal/terminal_driver.h"
#include "vm/iolist.h"

namespace lintel {

namespace {

/// What OTP's emulator has linked to itself, oldest first. It is here, too, though not as a Driver. OTP 26 and later do without the last one.
constexpr std::string_view kListedDrivers[] = {"tcp_inet", "udp_inet", "ram_file_drv", "tty_sl"};
/// What else is linked to the VM here.
constexpr std::string_view kOtherDrivers[] = {"trace_file_drv", "trace_ip_drv"};

/// Name of a driver: an iolist, or an atom that is not ''.
bool driver_name(Term t, std::string* out) {
    if (t.is_atom()) {
        *out = atom_name(t);
        return !out->empty();
    }
    return append_iolist(t, out) && out->find('\0') == std::string::npos;
}

/// Name of a folder, without the slashes at its end, and one.
bool folder_name(Term t, TextEncoding encoding, std::string* out) {
    if (t.is_atom()) {
        *out = atom_name(t);
    } else if (!text_of(t, out, encoding)) {
        out->clear();
        if (!deep_text_of(t, out, encoding)) return false;
    }
    if (out->find('\0') != std::string::npos) return false;
    while (!out->empty() && (out->back() == '/' || out->back() == '\\')) out->pop_back();
    *out += '/';
    return true;
}

bool parse_driver_options(Term list, Drivers::LoadRequest* request) {
    for (; list.is_cons(); list = list.tail()) {
        if (list.head() != am::kill_ports()) return false;
        request->kills_ports = true;
    }
    return list.is_nil();
}

bool parse_load_options(Term list, Drivers::LoadRequest* request) {
    for (; list.is_cons(); list = list.tail()) {
        const auto pair = as_tuple(list.head(), 2);
        if (!pair || !pair[0].is_atom()) return false;
        const bool waits_for_driver = pair[1] == am::pending_driver();
        if (pair[0] == am::driver_options()) {
            if (!parse_driver_options(pair[1], request)) return false;
        } else if (!waits_for_driver && pair[1] != am::pending()) {
            return false;
        } else if (pair[0] == am::monitor()) {
            request->tells = true;
        } else if (pair[0] == am::reload()) {
            request->reload = waits_for_driver ? Drivers::Reload::if_last_user : Drivers::Reload::in_any_case;
        } else {
            return false;
        }
    }
    return list.is_nil();
}

bool parse_unload_options(Term list, Drivers::UnloadRequest* request) {
    for (; list.is_cons(); list = list.tail()) {
        const auto pair = as_tuple(list.head(), 2);
        if (list.head() == am::kill_ports()) {
            request->kills_ports = true;
        } else if (pair && pair[0] == am::monitor() && pair[1] == am::pending_driver()) {
            request->tells_if_ports_wait = true;
            request->tells_if_users_wait = false;
        } else if (pair && pair[0] == am::monitor() && pair[1] == am::pending()) {
            request->tells_if_ports_wait = request->tells_if_users_wait = true;
        } else {
            return false;
        }
    }
    return list.is_nil();
}

Term answer_term(ExecState& p, const Drivers::Answer& answer) {
    Term what = answer.what;
    if (answer.error_number != 0) what = make_tuple2(p, what, Term::small(answer.error_number));
    if (!answer.is_ok) return make_tuple2(p, am::error(), what);
    if (answer.reference == 0) return make_tuple2(p, am::ok(), what);
    HeapBuilder heap = p.reserve(tuple_words(3) + kRefWords);
    return heap.tuple(am::ok(), what, heap.ref(answer.reference, 0));
}

/// In OTP's words.
std::string_view error_text(Term error) {
    switch (atom_id(error)) {
        case AtomId::inconsistent:
            return "Driver name and/or driver options are inconsistent with currently loaded driver";
        case AtomId::linked_in_driver: return "Driver is statically linked and cannot be loaded/unloaded";
        case AtomId::permanent: return "DDLL driver is permanent an cannot be unloaded/loaded";
        case AtomId::not_loaded: return "DDLL driver is not loaded";
        case AtomId::not_loaded_by_this_process: return "DDLL driver was not loaded by this process";
        case AtomId::not_pending: return "DDLL load not pending for this driver name";
        case AtomId::already_loaded: return "DDLL driver is already loaded successfully";
        case AtomId::pending_reload: return "Driver reloading is already pending";
        case AtomId::pending_process:
            return "Driver is loaded by others when attempting option {reload, pending_driver}";
        case AtomId::no_error: return "No error";
        case AtomId::no_driver_init: return "No driver init in dynamic library";
        case AtomId::driver_init_failed: return "Driver init failed";
        case AtomId::bad_driver_name: return "Bad driver name";
        case AtomId::driver_name_to_long: return "Driver name to long";
        case AtomId::driver_incorrect_version: return "Driver compiled with incorrect version of erl_driver.h";
        case AtomId::no_ddll_available: return "DDLL functionality not available on this platform";
        case AtomId::unspecified_error: return "Unspecified dynamic library error";
        case AtomId::symbol_not_found: return "Symbol not found in dynamic library";
        default: return {};
    }
}

Drivers& drivers_of(ExecState& p) { return *stdlib_state(p).drivers; }

}  // namespace

bool is_linked_in_driver(std::string_view name) {
    return std::ranges::find(kListedDrivers, name) != std::end(kListedDrivers) ||
           std::ranges::find(kOtherDrivers, name) != std::end(kOtherDrivers);
}

/// erl_ddll:try_load/3. Fails: badarg.
Term erl_ddll_try_load_3(ExecState& p, Args a) {
    Drivers::LoadRequest request;
    if (!parse_load_options(a[2], &request) || !driver_name(a[1], &request.name) ||
        !folder_name(a[0], name_encoding(p), &request.path))
        return p.badarg();
    if (!may(as_process(p), Right::natives, request.path)) return make_tuple2(p, am::error(), am::no_ddll_available());
    request.path += request.name;
    return answer_term(p, drivers_of(p).load(p.self, request));
}

/// erl_ddll:try_unload/2. Fails: badarg.
Term erl_ddll_try_unload_2(ExecState& state, Args a) {
    Drivers::UnloadRequest request;
    if (!parse_unload_options(a[1], &request) || !driver_name(a[0], &request.name)) return state.badarg();
    return answer_term(state, drivers_of(state).unload(state.self, request));
}

/// erl_ddll:loaded_drivers/0: {ok, Names}.
Term erl_ddll_loaded_drivers_0(ExecState& p, Args) {
    ListMaker list(p);
    const bool has_terminal = as_process(p).machine().otp.number < 26;
    for (const std::string_view name : kListedDrivers) {
        if (name != TerminalDriver::kName || has_terminal) list.add(make_string(p, name));
    }
    for (const std::string& name : drivers_of(p).names()) list.add(make_string(p, name));
    return make_tuple2(p, am::ok(), list.list());
}

/// erl_ddll:info/2. Fails: badarg.
Term erl_ddll_info_2(ExecState& p, Args a) {
    std::string name;
    if (!driver_name(a[0], &name) || !a[1].is_atom()) return p.badarg();
    const Term value = drivers_of(p).info(p, name, a[1]);
    return value.is_value() ? value : p.badarg();
}

/// erl_ddll:format_error_int/1. Fails: badarg.
Term erl_ddll_format_error_int_1(ExecState& p, Args a) {
    if (const auto pair = as_tuple(a[0], 2)) {
        if (pair[0] != am::open_error() || !pair[1].is_small()) return p.badarg();
        const int64_t number = std::clamp<int64_t>(pair[1].to_small(), INT32_MIN, INT32_MAX);
        return make_string(p, drivers_of(p).error_text(static_cast<int>(number)));
    }
    const std::string_view text = a[0].is_atom() ? error_text(a[0]) : std::string_view();
    return text.empty() ? p.badarg() : make_string(p, text);
}

/// erl_ddll:monitor/2: a reference. Fails: badarg.
Term erl_ddll_monitor_2(ExecState& p, Args a) {
    using Wish = Driver::User::Wish;
    const auto item = as_tuple(a[1], 2);
    std::string name;
    if (a[0] != am::driver() || !item || !driver_name(item[0], &name)) return p.badarg();
    Wish when;
    if (item[1] == am::loaded()) {
        when = Wish::told_of_load;
    } else if (item[1] == am::unloaded()) {
        when = Wish::told_of_unload;
    } else if (item[1] == am::unloaded_only()) {
        when = Wish::told_of_unload_only;
    } else {
        return p.badarg();
    }
    const Word reference = drivers_of(p).tell(p.self, name, item[0], when);
    return p.reserve(kRefWords).ref(reference, 0);
}

/// erl_ddll:demonitor/1: true. Fails: badarg.
Term erl_ddll_demonitor_1(ExecState& p, Args a) {
    if (!a[0].is_kind(Kind::ref) && !a[0].is_kind(Kind::magic_ref)) return p.badarg();
    if (a[0].is_kind(Kind::ref)) drivers_of(p).tell_no_more(p.self, a[0].boxed_words()[1]);
    return am::true_();
}

}  // namespace lintel
