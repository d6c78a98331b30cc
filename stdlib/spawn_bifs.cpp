/// spawn and its relatives. Everything but spawn/3, spawn_link/3, spawn_opt/4 and erts_internal:spawn_request/4 is Erlang
/// code of module erlang.

#include "gc/copy.h"
#include "sched/remote.h"
#include "sched/vm.h"
#include "stdlib/build.h"
#include "stdlib/heap_limit.h"
#include "stdlib/monitor_options.h"
#include "term/map.h"
#include "term/views.h"

namespace lintel {

bool MonitorOptions::parse(Term list) {
    for (; list.is_cons(); list = list.tail()) {
        const auto pair = as_tuple(list.head(), 2);
        if (!pair) return false;
        if (pair[0] == am::tag()) {
            tag = pair[1];
        } else if (pair[0] == am::alias()) {
            if (pair[1] == am::explicit_unalias()) {
                alias = AliasMode::explicit_unalias;
            } else if (pair[1] == am::demonitor()) {
                alias = AliasMode::demonitor;
            } else if (pair[1] == am::reply_demonitor()) {
                alias = AliasMode::reply_demonitor;
            } else {
                return false;
            }
        } else {
            return false;
        }
    }
    return list.is_nil();
}

bool MonitorOptions::set_tag(Vm& vm, Monitor* m) const {
    if (tag.is_none()) return true;
    m->tag_fragment = copy_to_fragment(tag, &m->tag, &vm.literals);
    return m->tag.is_value();
}

bool parse_max_heap_size(Term t, MaxHeapSize* out) {
    constexpr int64_t kLeast = 233, kTooMany = int64_t{1} << 59;
    const auto set_size = [out](Term size) {
        if (!size.is_small() || size.to_small() < 0 || size.to_small() >= kTooMany) return false;
        if (size.to_small() != 0 && size.to_small() < kLeast) return false;
        out->words = static_cast<size_t>(size.to_small());
        return true;
    };
    const auto set_flag = [](Term value, bool* flag) {
        if (value != am::true_() && value != am::false_()) return false;
        *flag = value == am::true_();
        return true;
    };
    if (t.is_small()) return set_size(t);
    if (!t.is_map()) return false;
    const Term* size = map_find(t, am::size());
    if (size == nullptr || !set_size(*size)) return false;
    const Term* kill = map_find(t, am::kill());
    const Term* log = map_find(t, am::error_logger());
    const Term* shared = map_find(t, am::include_shared_binaries());
    return (kill == nullptr || set_flag(*kill, &out->kill)) && (log == nullptr || set_flag(*log, &out->error_logger)) &&
           (shared == nullptr || set_flag(*shared, &out->include_shared_binaries));
}

bool parse_priority(Term t, Priority* out) {
    if (t == am::low()) {
        *out = Priority::low;
    } else if (t == am::normal()) {
        *out = Priority::normal;
    } else if (t == am::high()) {
        *out = Priority::high;
    } else if (t == am::max()) {
        *out = Priority::max;
    } else {
        return false;
    }
    return true;
}

namespace {

struct SpawnCall {
    SpawnOptions spawn;
    MonitorOptions monitor;
    // of spawn_request
    Term reply_tag = am::spawn_reply();
    bool reply_success = true, reply_error = true;
    uint32_t schedulers = 0;  ///< how many there are

    SpawnCall() = default;
    /// For options: what is to be known of the VM.
    explicit SpawnCall(const Vm& vm) : schedulers(vm.scheduler_count()) {
        spawn.max_heap = MaxHeapSize::unpacked(vm.process_defaults.max_heap.load());
    }

    /// False: a bad option. `request`: options of spawn_request/5 are allowed too.
    bool parse(Term list, bool request);
    bool parse_pair(Term key, Term value, bool request);
};

bool to_count(Term t, uint32_t limit, uint32_t* out) {
    if (!t.is_small() || t.to_small() < 0 || t.to_small() > limit) return false;
    *out = static_cast<uint32_t>(t.to_small());
    return true;
}

bool SpawnCall::parse_pair(Term key, Term value, bool request) {
    switch (atom_id(key)) {
        case AtomId::priority: return parse_priority(value, &spawn.priority);
        case AtomId::message_queue_data:
            spawn.off_heap_messages = value == am::off_heap();
            return value == am::off_heap() || value == am::on_heap();
        case AtomId::min_heap_size:
            if (!to_count(value, 1u << 30, &spawn.min_heap_words)) return false;
            // OTP's default size stands for our own smaller one.
            spawn.min_heap_words = spawn.min_heap_words <= kShownMinHeapWords
                                       ? 0
                                       : static_cast<uint32_t>(granted_min_heap(spawn.min_heap_words));
            return true;
        case AtomId::min_bin_vheap_size:
            if (!to_count(value, 1u << 30, &spawn.min_bin_vheap_words)) return false;
            spawn.min_bin_vheap_words = static_cast<uint32_t>(granted_min_bin_vheap(spawn.min_bin_vheap_words));
            return true;
        case AtomId::fullsweep_after: {
            uint32_t n = 0;
            if (!value.is_small() || value.to_small() < 0) return false;
            if (!to_count(value, 65535, &n)) n = 65535;
            spawn.fullsweep_after = static_cast<int>(n);
            return true;
        }
        case AtomId::max_heap_size: spawn.has_max_heap = true; return parse_max_heap_size(value, &spawn.max_heap);
        case AtomId::monitor: spawn.monitor = true; return monitor.parse(value);
        case AtomId::scheduler: return to_count(value, schedulers, &spawn.scheduler);
        case AtomId::async_dist: return value == am::true_() || value == am::false_();
        case AtomId::reply_tag: reply_tag = value; return request;
        case AtomId::reply:
            if (value != am::yes() && value != am::no() && value != am::success_only() && value != am::error_only())
                return false;
            reply_success = value == am::yes() || value == am::success_only();
            reply_error = value == am::yes() || value == am::error_only();
            return request;
        default: return false;
    }
}

bool SpawnCall::parse(Term list, bool request) {
    bool good = true;  // what comes after a bad option counts for the reply
    for (; list.is_cons(); list = list.tail()) {
        if (list.head() == am::link()) {
            spawn.link = true;
        } else if (list.head() == am::monitor()) {
            spawn.monitor = true;
        } else {
            const auto pair = as_tuple(list.head(), 2);
            good &= pair && parse_pair(pair[0], pair[1], request);
        }
    }
    const bool too_small =
        spawn.has_max_heap && spawn.max_heap.words != 0 && spawn.min_heap_words > spawn.max_heap.words;
    return good && list.is_nil() && !too_small;
}

/// Module, function, arguments as spawn takes them.
bool set_target(SpawnOptions* options, Args a) {
    options->module = a[0];
    options->function = a[1];
    options->arguments = a[2];
    return a[0].is_atom() && a[1].is_atom() && list_length(a[2]) >= 0;
}

/// Makes the process; with a monitor, *reference is its reference. The non-value: p.pending tells why.
Term run_spawn(Process& p, SpawnCall& call, Term* reference, Word given_number = 0) {
    Vm& vm = p.machine();
    if (list_length(call.spawn.arguments) > 255) {
        // No function takes so many: the process finds that out itself.
        auto heap = p.reserve(list_words(3));
        const Term apply_arguments[] = {call.spawn.module, call.spawn.function, call.spawn.arguments};
        call.spawn.arguments = heap.list(apply_arguments);
        call.spawn.module = am::erlang();
        call.spawn.function = am::apply();
    }
    call.spawn.parent = &p;
    Monitor m{};
    if (call.spawn.monitor) {
        m.type = MonitorType::process;
        m.is_alias = call.monitor.alias != AliasMode::none;
        if (!call.monitor.set_tag(vm, &m)) return p.system_limit();
        call.spawn.monitor_numbers[0] = given_number != 0 ? given_number : vm.next_reference_number();
        call.spawn.monitor_is_alias = m.is_alias;
    }
    // The reductions that starting a process costs its parent keep a spawning loop from starving the others.
    p.charge(20);
    Vm::SpawnError error;
    const Term pid = vm.spawn(call.spawn, &error);
    if (pid.is_none()) {
        if (m.tag_fragment != nullptr) HeapFragment::destroy(m.tag_fragment);
        return p.system_limit();
    }
    if (call.spawn.monitor) {
        const Word number = call.spawn.monitor_numbers[0];
        m.target = pid;
        p.need_extra().monitors.insert(number) = m;
        if (m.is_alias) p.extra->aliases.insert(number) = {call.monitor.alias};
        if (given_number == 0) {
            auto heap = p.reserve(kAliasRefWords);
            *reference = m.is_alias ? heap.alias_ref(number, 0, p.self) : heap.ref(number, 0);
        }
    }
    return pid;
}

Term spawn_plain(ExecState& state, Args a, bool link) {
    SpawnCall call;
    if (!set_target(&call.spawn, a)) return state.badarg();
    call.spawn.link = link;
    Term reference;
    return run_spawn(as_process(state), call, &reference);
}

/// {Tag, Ref, ok | error, Result} to the caller.
bool send_spawn_reply(Process& p, Term tag, Term ref, Term outcome, Term result) {
    const Term parts = p.reserve(tuple_words(4)).tuple(tag, ref, outcome, result);
    bool no_memory = false;
    // From the child, if there is one.
    const Term from = result.is_local_pid() ? result : Term::none();
    p.machine().send_message(p, parts, &no_memory, false, from);
    return !no_memory;
}

}  // namespace

/// erlang:spawn/3. Fails: badarg; system_limit.
Term spawn_3(ExecState& p, Args a) { return spawn_plain(p, a, false); }
/// erlang:spawn_link/3.
Term spawn_link_3(ExecState& p, Args a) { return spawn_plain(p, a, true); }

/// erlang:spawn_opt/4: the pid, or {Pid, Ref} with option monitor. Fails: badarg (cause: badopt), system_limit.
Term spawn_opt_4(ExecState& state, Args a) {
    SpawnCall call(as_process(state).machine());
    if (!set_target(&call.spawn, a)) return state.badarg();
    if (!call.parse(a[3], false)) return state.badarg_because(am::badopt());
    Term reference;
    const Term pid = run_spawn(as_process(state), call, &reference);
    return pid.is_none() || !call.spawn.monitor ? pid : make_tuple2(state, pid, reference);
}

/// erts_internal:spawn_request/4: a reference; the outcome comes as {Tag, Ref, ok, Pid} or {Tag, Ref, error, Reason}. Fails: badarg.
Term erts_internal_spawn_request_4(ExecState& state, Args a) {
    Process& p = as_process(state);
    SpawnCall call(p.machine());
    if (!set_target(&call.spawn, a)) return am::badarg();
    if (list_length(a[3]) < 0) return am::badopt();
    const bool good = call.parse(a[3], true);
    const Word number = p.vm->next_reference_number();
    const bool is_alias = good && call.spawn.monitor && call.monitor.alias != AliasMode::none;
    auto heap = p.reserve(kAliasRefWords);
    const Term ref = is_alias ? heap.alias_ref(number, 0, p.self) : heap.ref(number, 0);
    if (!good) {
        if (call.reply_error) send_spawn_reply(p, call.reply_tag, ref, am::error(), am::badopt());
        return ref;
    }
    auto succeeded = [&](Process& child) { send_spawn_reply(p, call.reply_tag, ref, am::ok(), child.self); };
    if (call.reply_success) {
        call.spawn.announce = [](Process& child, void* context) {
            (*static_cast<decltype(succeeded)*>(context))(child);
        };
        call.spawn.context = &succeeded;
    }
    Term unused;
    if (run_spawn(p, call, &unused, number).is_none()) {
        p.pending = Pending::none;
        if (call.reply_error) send_spawn_reply(p, call.reply_tag, ref, am::error(), am::system_limit());
    }
    return ref;
}

/// erts_internal:spawn_system_process/3.
Term erts_internal_spawn_system_process_3(ExecState& state, Args a) {
    SpawnCall call;
    if (!set_target(&call.spawn, a)) return state.badarg();
    call.spawn.is_system = true;
    Term reference;
    return run_spawn(as_process(state), call, &reference);
}

namespace {

/// Options of a request to another node: what concerns the answer is kept here, the rest is sent as it is.
struct RemoteSpawnCall {
    MonitorOptions monitor;
    bool link = false, has_monitor = false;
    bool tells_success = true, tells_error = true;
    Term tag = am::spawn_reply();
    std::vector<Term> sent;

    /// False: one makes no sense.
    bool parse(Term list) {
        bool good = true;
        for (; list.is_cons(); list = list.tail()) {
            const Term option = list.head();
            const auto pair = as_tuple(option, 2);
            if (pair && pair[0] == am::reply_tag()) {
                tag = pair[1];
            } else if (pair && pair[0] == am::reply()) {
                tells_success = pair[1] == am::yes() || pair[1] == am::success_only();
                tells_error = pair[1] == am::yes() || pair[1] == am::error_only();
                good = good && (tells_success || tells_error || pair[1] == am::no());
            } else if (pair && pair[0] == am::monitor()) {
                good = good && monitor.parse(pair[1]);
                if (!has_monitor) sent.push_back(am::monitor());
                has_monitor = true;
            } else {
                link = link || option == am::link();
                if (option == am::monitor() && has_monitor) continue;
                has_monitor = has_monitor || option == am::monitor();
                sent.push_back(option);
            }
        }
        return good;
    }
};

}  // namespace

bool parse_remote_spawn_options(Vm& vm, Term list, SpawnOptions* options) {
    SpawnCall call;
    call.schedulers = vm.scheduler_count();
    if (!call.parse(list, false)) return false;
    *options = call.spawn;
    return true;
}

/// erts_internal:dist_spawn_request/4 (Node, {M, F, A}, Options, spawn_opt | spawn_request): a reference, or {Ref, HasMonitor} for spawn_opt; the
/// outcome comes as {Tag, Ref, ok, Pid} or {Tag, Ref, error, Reason}. badarg.
Term erts_internal_dist_spawn_request_4(ExecState& state, Args a) {
    Process& p = as_process(state);
    const auto mfa = as_tuple(a[1], 3);
    const bool is_request = a[3] == am::spawn_request();
    if (!a[0].is_atom() || a[0] == p.machine().node_name()) return am::badarg();
    const int64_t arity = mfa ? list_length(mfa[2]) : -1;
    if (arity < 0 || !mfa[0].is_atom() || !mfa[1].is_atom() || list_length(a[2]) < 0) return am::badarg();
    RemoteSpawnCall call;
    const bool good = call.parse(a[2]);
    if (!good && !is_request) return am::badarg();
    const Word number = p.vm->next_reference_number();
    const bool is_alias = good && call.monitor.alias != AliasMode::none;
    auto heap = p.reserve(kAliasRefWords + tuple_words(3) + list_words(call.sent.size()));
    const Term ref = is_alias ? heap.alias_ref(number, 0, p.self) : heap.ref(number, 0);
    const Term target = heap.tuple(mfa[0], mfa[1], Term::small(arity));
    const Term options = heap.list(call.sent);
    const Term result = is_request ? ref : make_tuple2(state, ref, boolean(call.has_monitor));

    PendingSpawn pending{};
    pending.link = call.link;
    pending.has_monitor = call.has_monitor;
    pending.tells_success = call.tells_success;
    pending.tells_error = call.tells_error;
    pending.alias = is_alias ? call.monitor.alias : AliasMode::none;
    pending.monitor.type = MonitorType::process;
    pending.monitor.is_spawn = true;
    // Nobody looks for literals of modules that go here, so they are copied.
    pending.fragment = copy_to_fragment(call.tag, &pending.tag, nullptr);
    if (call.monitor.tag.is_value())
        pending.monitor.tag_fragment = copy_to_fragment(call.monitor.tag, &pending.monitor.tag, nullptr);
    if (pending.tag.is_none() || (call.monitor.tag.is_value() && pending.monitor.tag.is_none())) {
        free_pending_spawn(pending);
        return state.system_limit();
    }
    Term error = am::badopt();
    p.charge(20);
    if (good && spawn_remote(p, a[0], ref, number, target, mfa[2], options, pending, &error)) return result;
    free_pending_spawn(pending);
    if (call.tells_error) send_spawn_reply(p, call.tag, ref, am::error(), error);
    return result;
}

/// erlang:spawn_request_abandon/1: whether it was an outstanding request of the caller. A local one has been answered when spawn_request
/// returns.
Term spawn_request_abandon_1(ExecState& state, Args a) {
    if (!a[0].is_reference()) return state.badarg();
    Process& p = as_process(state);
    if (!a[0].is_kind(Kind::ref)) return am::false_();
    if (!p.signals.empty()) p.fetch_signals(false);
    return boolean(abandon_spawn(p, a[0].boxed_words()[1]));
}

}  // namespace lintel
