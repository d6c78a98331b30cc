/// erlang:system_info/1: what the VM is.

#include <sys/utsname.h>
#include <unistd.h>

#include <bit>
#include <cstdio>
#include <ctime>
#include <string>

#include "sched/vm.h"
#include "stdlib/build.h"
#include "stdlib/heap_limit.h"
#include "stdlib/memory_use.h"
#include "stdlib/stdlib_state.h"
#include "stdlib/system_text.h"
#include "stdlib/trace/trace_flags.h"
#include "term/print.h"
#include "term/views.h"

namespace lintel {

Term cpu_topology(ExecState& p) {
    ListMaker cores(p);
    const long count = sysconf(_SC_NPROCESSORS_ONLN);
    for (long i = 0; i < count; ++i)
        cores.add(make_tuple2(p, am::core(), make_tuple2(p, am::logical(), Term::small(i))));
    return make_cons(p, make_tuple2(p, am::processor(), cores.list()), Term::nil());
}

namespace {

/// Of the interface for native functions that the release has.
std::string_view nif_version(const OtpRelease& otp) {
    return otp.number < 26 ? "2.16" : otp.number < 29 ? "2.17" : "2.18";
}

/// [{function, clock_gettime}, {clock_id, …}, {resolution, Hz}, {extended, no}, {parallel, yes}, {time, Ns}]
Term clock_source(ExecState& p, bool monotonic) {
    const Vm& vm = as_process(p).machine();
    timespec resolution{};
    clock_getres(monotonic ? CLOCK_MONOTONIC : CLOCK_REALTIME, &resolution);
    const int64_t step = resolution.tv_sec == 0 && resolution.tv_nsec > 0 ? resolution.tv_nsec : 1;
    ListMaker list(p);
    list.add_pair(am::function(), am::clock_gettime());
    list.add_pair(am::clock_id(), monotonic ? am::clock_monotonic() : am::clock_realtime());
    list.add_pair(am::resolution(), Term::small(1000000000 / step));
    if (monotonic) list.add_pair(am::extended(), am::no());
    list.add_pair(am::parallel(), am::yes());
    list.add_pair(am::time(), make_integer(p, monotonic ? vm.raw_monotonic_ns() : vm.os_system_ns()));
    return list.list();
}

/// Sizes of heaps that processes are given: the series, as long as it stays below 2^60 words.
Term heap_sizes(ExecState& p) {
    ListMaker list(p);
    for (size_t size = 12; size < size_t{1} << 60; size = next_listed_heap_size(size + 1))
        list.add(Term::small(static_cast<int64_t>(size)));
    return list.list();
}

Term default_collection_options(ExecState& p) {
    const ProcessDefaults& d = as_process(p).machine().process_defaults;
    ListMaker list(p);
    list.add_pair(am::max_heap_size(), Term::small(static_cast<int64_t>(MaxHeapSize::unpacked(d.max_heap).words)));
    list.add_pair(am::min_bin_vheap_size(), shown_min_bin_vheap(d.min_bin_vheap_words));
    list.add_pair(am::min_heap_size(), shown_min_heap(d.min_heap_words));
    list.add_pair(am::fullsweep_after(), Term::small(d.fullsweep_after));
    return list.list();
}

/// Processes that block multi-scheduling; none with one scheduler, as in OTP.
Term blockers(ExecState& p, MultiScheduling::Block what) {
    Vm& vm = as_process(p).machine();
    if (vm.scheduler_count() == 1) return Term::nil();
    auto pids = vm.multi_scheduling.blockers(what);
    return p.reserve(list_words(pids.size())).list(pids);
}

/// Items that are pairs.
Term info_of_pair(ExecState& p, TupleView pair) {
    if (pair[0] == am::wordsize()) {
        return pair[1] == am::internal() || pair[1] == am::external() ? Term::small(8) : p.badarg();
    }
    if (pair[0] == am::cpu_topology()) {
        if (pair[1] == am::defined()) return am::undefined();
        return pair[1] == am::detected() || pair[1] == am::used() ? cpu_topology(p) : p.badarg();
    }
    // There are none of OTP's allocators.
    if (pair[0] != am::allocator() && pair[0] != am::allocator_sizes()) return p.badarg();
    if (pair[1].is_atom()) return am::false_();
    // Of all that alloc_util_allocators tells: erts_debug:alloc_blocks_size/1 asks for those.
    if (pair[0] == am::allocator_sizes() && pair[1].is_nil()) return Term::nil();
    return p.badarg();
}

/// What the program and the system are; the non-value: another item.
Term info_of_system(ExecState& p, const Vm& vm, AtomId item) {
    const auto n = [&](size_t v) { return make_unsigned(p, v); };
    switch (item) {
        case AtomId::version: return make_string(p, vm.otp.erts);
        case AtomId::otp_release: return make_string(p, std::to_string(vm.otp.number));
        case AtomId::system_version: return make_string(p, system_version_text(vm) + "\n");
        case AtomId::system_architecture: return make_string(p, "x86_64-pc-linux-gnu");
        case AtomId::machine: return make_string(p, "BEAM");
        case AtomId::nif_version: return make_string(p, nif_version(vm.otp));
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
        case AtomId::logical_processors:
        case AtomId::logical_processors_available:
        case AtomId::logical_processors_online: return n(static_cast<size_t>(sysconf(_SC_NPROCESSORS_ONLN)));
        case AtomId::scheduler_id: return n(as_process(p).home.load(std::memory_order_relaxed) + 1u);
        case AtomId::multi_scheduling: return multi_scheduling_state(vm);
        case AtomId::multi_scheduling_blockers: return blockers(p, MultiScheduling::Block::all);
        case AtomId::normal_multi_scheduling_blockers: return blockers(p, MultiScheduling::Block::normal);
        case AtomId::taints: {
            ListMaker list(p);
            for (const Term name : stdlib_state(p).images.taints()) list.add(name);
            return list.list();
        }
        case AtomId::ethread_info:  // the threads are C++'s
            return make_cons(p, make_tuple2(p, make_string(p, "64-bit native atomics"), make_string(p, "yes")),
                             Term::nil());
        case AtomId::snifs: return builtin_functions(p);
        case AtomId::check_io:
        case AtomId::alloc_util_allocators: return Term::nil();
        case AtomId::smp_support:
        case AtomId::threads:
        case AtomId::time_correction: return am::true_();
        case AtomId::kernel_poll:
        case AtomId::constant_pool_support:
        case AtomId::eager_check_io:
        case AtomId::beam_jump_table: return am::true_();
        case AtomId::dynamic_trace_probes:
        case AtomId::ets_realloc_moves:
        case AtomId::ets_always_compress:
        case AtomId::lock_counting:
        case AtomId::lock_checking:
        case AtomId::port_parallelism:
        case AtomId::debug_compiled: return am::false_();
        case AtomId::modified_timing_level: return am::undefined();
        case AtomId::context_reductions: return Term::small(kSliceReductions);
        case AtomId::outstanding_system_requests_limit: return n(vm.outstanding_requests_limit);
        case AtomId::ets_count: return n(stdlib_state(p).ets.count());
        case AtomId::thread_pool_size: return Term::small(AsyncThread::kThreads);
        case AtomId::break_ignored: return boolean(vm.config.break_ignored);
        case AtomId::build_type: return am::opt();
        case AtomId::emu_type: return am::opt();
        case AtomId::emu_flavor: return vm.engine.is_compiling() ? am::jit() : am::emu();
        case AtomId::heap_type: return am::private_();
        default: return Term::none();
    }
}

/// {memory_internal, Ref, [fix_alloc]}: each thread of erts_internal:no_aux_work_threads/0 but one answers {Ref, Number, Data}. Objects of one
/// kind and size have no allocator of their own here.
Term tell_memory_of_threads(Process& p, Term ref, Term what) {
    if (!ref.is_reference() || !what.is_cons() || what.head() != am::fix_alloc() || !what.tail().is_nil())
        return p.badarg();
    for (unsigned i = 0; i < p.machine().scheduler_count(); ++i) {
        const Term data = make_cons(p, make_tuple2(p, am::fix_alloc(), am::false_()), Term::nil());
        bool no_memory = false;
        p.machine().send_message(p, make_tuple3(p, ref, Term::small(i), data), &no_memory);
    }
    return am::true_();
}

}  // namespace

/// erlang:system_info/1. Fails: badarg for an item that this VM has no answer to.
Term system_info_1(ExecState& p, Args a) {
    Vm& vm = as_process(p).machine();
    const auto n = [&](size_t v) { return make_unsigned(p, v); };
    if (const TupleView pair = as_tuple(a[0], 2)) return info_of_pair(p, pair);
    if (const TupleView request = as_tuple(a[0], 3); request && request[0] == am::memory_internal())
        return tell_memory_of_threads(as_process(p), request[1], request[2]);
    if (const Term answer = info_of_system(p, vm, atom_id(a[0])); answer.is_value()) return answer;
    const ProcessDefaults& defaults = vm.process_defaults;
    switch (atom_id(a[0])) {
        case AtomId::creation: return n(vm.creation());
        case AtomId::atom_count: return n(vm.atoms.count());
        case AtomId::atom_limit: return n(vm.atoms.limit());
        case AtomId::process_count: return n(vm.processes.count());
        case AtomId::process_limit: return n(vm.processes.limit());
        case AtomId::port_count: return n(vm.ports.count());
        case AtomId::port_limit: return n(vm.ports.limit());
        case AtomId::ets_limit: return Term::small(8192);
        case AtomId::dist_ctrl: {
            ListMaker list(p);
            for (const auto& node : vm.distribution.nodes()) {
                if (node.controller.is_value()) list.add_pair(node.name, node.controller);
            }
            return list.list();
        }
        case AtomId::time_warp_mode: return am::no_time_warp();
        case AtomId::time_offset: return am::final_();
        case AtomId::tolerant_timeofday: return am::enabled();
        case AtomId::start_time: return make_integer(p, vm.start_ns());
        case AtomId::end_time: return make_integer(p, INT64_C(8646911283000000000));
        case AtomId::message_queue_data: return defaults.off_heap_messages ? am::off_heap() : am::on_heap();
        case AtomId::compat_rel: return Term::small(vm.otp.number);
        case AtomId::dynamic_trace: return am::none();
        case AtomId::sequential_tracer: {
            const Term tracer = vm.tracing.seq_tracer();
            return make_tuple2(p, am::sequential_tracer(), tracer_term(p, tracer, am::false_()));
        }
        case AtomId::scheduler_bind_type: return am::unbound();
        case AtomId::update_cpu_info: return am::unchanged();
        case AtomId::dist_buf_busy_limit: return n(vm.distribution.busy_limit);
        case AtomId::delayed_node_table_gc: return Term::small(60);
        case AtomId::schedulers: return n(vm.scheduler_count());
        case AtomId::schedulers_state:
            return make_tuple3(p, n(vm.scheduler_count()), n(vm.schedulers_online()), n(vm.multi_scheduling.active()));
        case AtomId::schedulers_online: return n(vm.schedulers_online());
        case AtomId::dirty_cpu_schedulers: return n(vm.dirty_pool(DirtyKind::cpu).limit());
        case AtomId::dirty_cpu_schedulers_online: return n(vm.dirty_pool(DirtyKind::cpu).online());
        case AtomId::dirty_io_schedulers: return n(vm.dirty_pool(DirtyKind::io).limit());
        case AtomId::scheduler_bindings: {
            const size_t count = vm.scheduler_count();
            Word* elements;
            const Term tuple = p.reserve(tuple_words(count)).tuple_of(count, &elements);
            for (size_t i = 0; i < count; ++i) elements[i] = am::unbound().word();
            return tuple;
        }
        case AtomId::min_heap_size: return make_tuple2(p, am::min_heap_size(), shown_min_heap(defaults.min_heap_words));
        case AtomId::min_bin_vheap_size:
            return make_tuple2(p, am::min_bin_vheap_size(), shown_min_bin_vheap(defaults.min_bin_vheap_words));
        case AtomId::fullsweep_after:
            return make_tuple2(p, am::fullsweep_after(), Term::small(defaults.fullsweep_after));
        case AtomId::max_heap_size: return max_heap_size_map(p, MaxHeapSize::unpacked(defaults.max_heap));
        case AtomId::garbage_collection: return default_collection_options(p);
        case AtomId::heap_sizes: return heap_sizes(p);
        case AtomId::trace_control_word:
            return n(stdlib_state(vm).traces.legacy.control_word.load(std::memory_order_relaxed));
        case AtomId::system_logger: return vm.present_logger();
        case AtomId::cpu_topology: return cpu_topology(p);
        case AtomId::os_monotonic_time_source: return clock_source(p, true);
        case AtomId::os_system_time_source: return clock_source(p, false);
        case AtomId::allocator:
            return p.reserve(tuple_words(4)).tuple(am::undefined(), Term::nil(), Term::nil(), Term::nil());
        case AtomId::allocated_areas: {
            ListMaker list(p);
            list.add_pair(am::atom_table(), n(vm.atoms.bytes()));
            list.add_pair(am::process_table(), n(vm.processes.bytes()));
            list.add_pair(am::literals(), n(vm.literals.used_bytes()));
            return list.list();
        }
        case AtomId::c_compiler_used:
            return make_tuple2(
                p, am::gnuc(),
                make_tuple3(p, Term::small(__GNUC__), Term::small(__GNUC_MINOR__), Term::small(__GNUC_PATCHLEVEL__)));
        case AtomId::dist: return make_binary(p, nodes_text(vm));
        case AtomId::info: return make_binary(p, info_text(vm));
        case AtomId::loaded: return make_binary(p, loaded_text(vm));
        case AtomId::procs: return make_binary(p, processes_text(vm));
        default: return p.badarg();
    }
}

}  // namespace lintel
