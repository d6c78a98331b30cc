/// BIFs about the VM as a whole: what it is, how it fares, how it ends; output without an I/O server; the environment.

#include <sys/utsname.h>
#include <unistd.h>

#include <bit>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "sched/process.h"
#include "sched/vm.h"
#include "stdlib/build.h"
#include "stdlib/heap_limit.h"
#include "stdlib/stdlib_state.h"
#include "stdlib/text_arg.h"
#include "term/print.h"
#include "term/views.h"

namespace lintel {

namespace {

/// The release whose emulator this VM stands in for.
constexpr std::string_view kOtpRelease = "25";
constexpr std::string_view kErtsVersion = "13.1.5";

/// The BIF is not to return: the VM is halting.
Term stop_here(ExecState& p) {
    p.reductions = 0;
    p.pending = Pending::wait;
    return Term::none();
}

Term halt_with(ExecState& p, Term status) {
    Vm& vm = as_process(p).machine();
    if (status.is_small() && status.to_small() >= 0) {
        vm.halt(static_cast<int>(status.to_small() & 0xff));
    } else if (status == am::abort()) {
        std::abort();
    } else {
        std::string slogan;
        if (status.is_bitstring() || !text_of(status, &slogan)) return p.badarg();
        vm.abort_with(slogan);
        vm.halt(1);
    }
    return stop_here(p);
}

}  // namespace

/// erlang:halt/1,2. Output that was written is not lost. Fails: badarg.
Term halt_1(ExecState& p, Args a) { return halt_with(p, a[0]); }
Term halt_2(ExecState& p, Args a) {
    Term options = a[1];
    for (; options.is_cons(); options = options.tail()) {
        const auto pair = as_tuple(options.head(), 2);
        if (!pair || pair[0] != am::flush() || (pair[1] != am::true_() && pair[1] != am::false_())) return p.badarg_because(am::badopt());
    }
    if (!options.is_nil()) return p.badarg_because(am::badopt());
    return halt_with(p, a[0]);
}

/// erlang:display/1.
Term display_1(ExecState& p, Args a) {
    std::string text = term_text(a[0], PrintStyle::display);
    text += "\r\n";  // As OTP 25 does, on a terminal or not.
    as_process(p).machine().write(1, text);
    return am::true_();
}

/// erlang:display_string/1.
Term display_string_1(ExecState& p, Args a) {
    std::string text;
    if (a[0].is_bitstring() || !text_of(a[0], &text)) return p.badarg();
    as_process(p).machine().write(1, text);
    return am::true_();
}

/// erlang:node/0.
Term node_0(ExecState& p, Args) { return as_process(p).machine().node_name(); }

/// erlang:node/1: the node of a pid, port or reference. Fails: badarg.
Term node_1(ExecState& p, Args a) {
    const Term t = a[0];
    if (!t.is_pid() && !t.is_port() && !t.is_reference()) return p.badarg();
    if (t.is_kind(Kind::external_pid) || t.is_kind(Kind::external_port) || t.is_kind(Kind::external_ref)) {
        return Term(t.boxed_words()[1]);
    }
    return as_process(p).machine().node_name();
}

/// erlang:nodes/0,1,2: this VM has no distribution yet, so it knows no other node.
Term nodes_0(ExecState&, Args) { return Term::nil(); }
Term nodes_1(ExecState& p, Args a) {
    bool self = false;
    const auto add = [&](Term kind) {
        self = self || kind == am::this_() || kind == am::known();
        return kind == am::this_() || kind == am::known() || kind == am::visible() || kind == am::hidden() ||
               kind == am::connected();
    };
    if (a[0].is_atom()) {
        if (!add(a[0])) return p.badarg();
    } else {
        Term list = a[0];
        for (; list.is_cons(); list = list.tail()) {
            if (!add(list.head())) return p.badarg();
        }
        if (!list.is_nil()) return p.badarg();
    }
    return self ? make_cons(p, as_process(p).machine().node_name(), Term::nil()) : Term::nil();
}

/// erlang:pre_loaded/0.
Term pre_loaded_0(ExecState&, Args) { return Term::nil(); }

/// erlang:ports/0: there are no ports yet.
Term ports_0(ExecState&, Args) { return Term::nil(); }

/// erlang:system_info/1. Fails: badarg for an item that this VM has no answer to.
Term system_info_1(ExecState& p, Args a) {
    Vm& vm = as_process(p).machine();
    const auto n = [&](size_t v) { return make_unsigned(p, v); };
    if (const TupleView pair = as_tuple(a[0], 2)) {
        if (pair[0] == am::wordsize()) return Term::small(8);
        return p.badarg();
    }
    switch (atom_id(a[0])) {
        case AtomId::version: return make_string(p, kErtsVersion);
        case AtomId::otp_release: return make_string(p, kOtpRelease);
        case AtomId::system_version: return make_string(p, "Lintel 0.1.0 (Erlang/OTP 25) [64-bit]\n");
        case AtomId::system_architecture: return make_string(p, "x86_64-pc-linux-gnu");
        case AtomId::machine: return make_string(p, "BEAM");
        case AtomId::nif_version: return make_string(p, "2.16");
        case AtomId::driver_version: return make_string(p, "3.3");
        case AtomId::wordsize: return Term::small(8);
        case AtomId::endian: return std::endian::native == std::endian::little ? am::little() : am::big();
        case AtomId::os_type: return make_tuple2(p, am::unix_(), am::linux_());
        case AtomId::os_version: {
            struct utsname name;
            int major = 0, minor = 0, patch = 0;
            if (uname(&name) == 0) std::sscanf(name.release, "%d.%d.%d", &major, &minor, &patch);
            return make_tuple3(p, Term::small(major), Term::small(minor), Term::small(patch));
        }
        case AtomId::schedulers:
        case AtomId::schedulers_online: return n(vm.scheduler_count() == 0 ? 1 : vm.scheduler_count());
        case AtomId::dirty_cpu_schedulers:
        case AtomId::dirty_cpu_schedulers_online:
        case AtomId::dirty_io_schedulers: return Term::small(0);
        case AtomId::logical_processors:
        case AtomId::logical_processors_available:
        case AtomId::logical_processors_online: return n(static_cast<size_t>(sysconf(_SC_NPROCESSORS_ONLN)));
        case AtomId::scheduler_id: return n(as_process(p).home.load(std::memory_order_relaxed) + 1u);
        case AtomId::multi_scheduling: return vm.scheduler_count() > 1 ? am::enabled() : am::disabled();
        case AtomId::multi_scheduling_blockers: return Term::nil();
        case AtomId::smp_support:
        case AtomId::threads:
        case AtomId::time_correction: return am::true_();
        case AtomId::kernel_poll:
        case AtomId::debug_compiled: return am::false_();
        case AtomId::thread_pool_size: return Term::small(0);
        case AtomId::build_type: return am::opt();
        case AtomId::emu_type: return am::opt();
        case AtomId::emu_flavor: return am::emu();
        case AtomId::heap_type: return am::private_();
        case AtomId::creation: return n(vm.creation());
        case AtomId::atom_count: return n(vm.atoms.count());
        case AtomId::atom_limit: return n(vm.atoms.limit());
        case AtomId::outstanding_system_requests_limit: return n(2 * (vm.scheduler_count() == 0 ? 1 : vm.scheduler_count()));
        case AtomId::process_count: return n(vm.processes.count());
        case AtomId::process_limit: return n(vm.processes.limit());
        case AtomId::port_count: return Term::small(0);
        case AtomId::port_limit: return Term::small(65536);
        case AtomId::ets_limit: return Term::small(8192);
        case AtomId::dist_ctrl: return Term::nil();
        case AtomId::time_warp_mode: return am::no_time_warp();
        case AtomId::time_offset: return am::final_();
        case AtomId::tolerant_timeofday: return am::enabled();
        case AtomId::start_time: return make_integer(p, vm.start_ns());
        case AtomId::end_time: return make_integer(p, INT64_C(8646911283000000000));
        case AtomId::message_queue_data: return am::on_heap();
        case AtomId::min_heap_size: return make_tuple2(p, am::min_heap_size(), Term::small(kShownMinHeapWords));
        case AtomId::min_bin_vheap_size: return make_tuple2(p, am::min_bin_vheap_size(), Term::small(kShownMinBinVheapWords));
        case AtomId::fullsweep_after: return make_tuple2(p, am::fullsweep_after(), Term::small(vm.config.fullsweep_after));
        case AtomId::max_heap_size: return max_heap_size_map(p, MaxHeapSize{});
        case AtomId::compat_rel: return Term::small(25);
        case AtomId::dynamic_trace: return am::none();
        case AtomId::trace_control_word: return Term::small(0);
        case AtomId::scheduler_bind_type: return am::unbound();
        case AtomId::update_cpu_info: return am::unchanged();
        case AtomId::cpu_topology: return am::undefined();
        case AtomId::dist_buf_busy_limit: return Term::small(1048576);
        case AtomId::delayed_node_table_gc: return Term::small(60);
        case AtomId::garbage_collection: {
            ListMaker list(p);
            list.add_pair(am::max_heap_size(), Term::small(0));
            list.add_pair(am::min_bin_vheap_size(), Term::small(kShownMinBinVheapWords));
            list.add_pair(am::min_heap_size(), Term::small(kShownMinHeapWords));
            list.add_pair(am::fullsweep_after(), Term::small(vm.config.fullsweep_after));
            return list.list();
        }
        default: return p.badarg();
    }
}

/// erlang:system_flag/2: the old value. So far only system_logger, which takes undefined, logger or a local pid. Fails: badarg.
Term system_flag_2(ExecState& p, Args a) {
    if (a[0] != am::system_logger()) return p.badarg();
    if (a[1] != am::undefined() && a[1] != am::logger() && !a[1].is_local_pid()) return p.badarg();
    return Term(as_process(p).machine().system_logger.exchange(a[1].word()));
}

// Tags of dynamic tracing (DTrace, SystemTap), in the form of an emulator without it: OTP's modules for files call these.

/// erlang:dt_append_vm_tag_data/1, dt_prepend_vm_tag_data/1: the argument.
Term dt_append_vm_tag_data_1(ExecState&, Args a) { return a[0]; }
Term dt_prepend_vm_tag_data_1(ExecState&, Args a) { return a[0]; }
/// erlang:dt_get_tag/0, dt_get_tag_data/0, dt_put_tag/1: undefined.
Term dt_get_tag_0(ExecState&, Args) { return am::undefined(); }
Term dt_get_tag_data_0(ExecState&, Args) { return am::undefined(); }
Term dt_put_tag_1(ExecState&, Args) { return am::undefined(); }
/// erlang:dt_restore_tag/1, dt_spread_tag/1: true. Fail: badarg.
Term dt_restore_tag_1(ExecState& p, Args a) { return a[0] == am::true_() ? am::true_() : p.badarg(); }
Term dt_spread_tag_1(ExecState& p, Args a) {
    return a[0] == am::true_() || a[0] == am::false_() ? am::true_() : p.badarg();
}

namespace {

/// {Total, SinceLastCall}; the last call is not remembered across processes: both are the total.
Term twice(ExecState& p, int64_t v) {
    const Term t = make_integer(p, v);
    return make_tuple2(p, t, t);
}

uint64_t reductions_of(Vm& vm) {
    uint64_t sum = 0;
    for (unsigned i = 0; i < vm.scheduler_count(); ++i) sum += vm.scheduler(i).total_reductions();
    return sum;
}

}  // namespace

/// erlang:statistics/1. Fails: badarg.
Term statistics_1(ExecState& p, Args a) {
    Vm& vm = as_process(p).machine();
    switch (atom_id(a[0])) {
        case AtomId::reductions:
        case AtomId::exact_reductions: return twice(p, static_cast<int64_t>(reductions_of(vm)));
        case AtomId::wall_clock: return twice(p, (vm.monotonic_ns() - vm.start_ns()) / 1000000);
        case AtomId::runtime: return twice(p, static_cast<int64_t>(std::clock()) * 1000 / CLOCKS_PER_SEC);
        case AtomId::garbage_collection:
            return make_tuple3(p, make_unsigned(p, vm.collections.load()), make_unsigned(p, vm.words_reclaimed.load()), Term::small(0));
        case AtomId::context_switches: return make_tuple2(p, Term::small(0), Term::small(0));
        case AtomId::io: {
            const Term in = make_tuple2(p, am::input(), Term::small(0));
            const Term out = make_tuple2(p, am::output(), Term::small(0));
            return make_tuple2(p, in, out);
        }
        case AtomId::run_queue:
        case AtomId::total_run_queue_lengths: return Term::small(0);
        case AtomId::total_active_tasks: return Term::small(1);
        case AtomId::scheduler_wall_time: return am::undefined();
        default: return p.badarg();
    }
}

/// os:getpid/0.
Term os_getpid_0(ExecState& p, Args) { return make_string(p, std::to_string(getpid())); }

/// os:env/0: [{Name, Value}].
Term os_env_0(ExecState& p, Args) {
    ListMaker list(p);
    for (const auto& [name, value] : stdlib_state(p).environment.all()) {
        const Term key = make_string(p, name);
        list.add_pair(key, make_string(p, value));
    }
    return list.list();
}

namespace {

/// Name of an environment variable; false if `t` cannot be one.
bool variable_name(Term t, std::string* out) {
    return text_of(t, out) && !out->empty() && out->find('\0') == std::string::npos && out->find('=') == std::string::npos;
}

}  // namespace

/// os:getenv/1: a string, or false. Fails: badarg.
Term os_getenv_1(ExecState& p, Args a) {
    std::string name;
    if (!text_of(a[0], &name) || name.find('\0') != std::string::npos || name.find('=') != std::string::npos) return p.badarg();
    const auto value = stdlib_state(p).environment.get(name);
    return value ? make_string(p, *value) : am::false_();
}

/// os:putenv/2: true. Fails: badarg.
Term os_putenv_2(ExecState& p, Args a) {
    std::string name, value;
    if (!variable_name(a[0], &name) || !text_of(a[1], &value) || value.find('\0') != std::string::npos) return p.badarg();
    stdlib_state(p).environment.set(name, value);
    return am::true_();
}

/// os:unsetenv/1: true. Fails: badarg.
Term os_unsetenv_1(ExecState& p, Args a) {
    std::string name;
    if (!variable_name(a[0], &name)) return p.badarg();
    stdlib_state(p).environment.set(name, std::nullopt);
    return am::true_();
}

/// os:set_signal/2: signals belong to the host program. Fails: notsup.
Term os_set_signal_2(ExecState& p, Args) { return p.error(am::notsup()); }

/// io:printable_range/0.
Term io_printable_range_0(ExecState&, Args) { return am::latin1(); }
/// file:native_name_encoding/0.
Term file_native_name_encoding_0(ExecState&, Args) { return am::utf8(); }
/// error_logger:warning_map/0.
Term error_logger_warning_map_0(ExecState&, Args) { return am::warning(); }
/// net_kernel:dflag_unicode_io/1: every node of today's releases has it.
Term net_kernel_dflag_unicode_io_1(ExecState&, Args) { return am::true_(); }

}  // namespace lintel
