/// BIFs that change what is loaded: loading in two steps, on_load, purging, collecting what purged code leaves behind. OTP's
/// code_server, erts_code_purger and erts_literal_area_collector, or the bare profile's lintel_code, call them.
/// docs/design/code.md tells how it all hangs together.

#include <algorithm>

#include "gc/copy.h"
#include "loader/load.h"
#include "sched/process.h"
#include "stdlib/build.h"
#include "stdlib/bytes_arg.h"
#include "stdlib/finding.h"
#include "stdlib/old_code.h"
#include "stdlib/stdlib_state.h"
#include "term/views.h"

namespace lintel {

PreparedModule::PreparedModule(Vm& vm, std::unique_ptr<Module> module)
    : Magic(&kMagicType), vm_(vm), module_(module.release()), has_on_load_(module_.load()->on_load_label != 0) {}

PreparedModule::~PreparedModule() {
    if (auto module = take()) discard_module({vm_.atoms, vm_.literals, &vm_.code}, std::move(module));
}

namespace {

/// {Tag, [Module]}, the last one first as OTP has it.
Term refusal(ExecState& p, Term tag, std::span<const Term> modules) {
    auto heap = p.reserve(tuple_words(2) + list_words(modules.size()));
    Term list = Term::nil();
    for (const Term module : modules) list = heap.cons(module, list);
    return heap.tuple(tag, list);
}

/// The prepared modules of a list, still with code, or an empty vector and false.
bool prepared_modules(Term list, std::vector<PreparedModule*>* out) {
    for (; list.is_cons(); list = list.tail()) {
        auto* prepared = as_magic<PreparedModule>(list.head());
        if (prepared == nullptr) return false;
        out->push_back(prepared);
    }
    return list.is_nil();
}

/// A fun of no arguments whose code is `entry`, a function of `loaded`.
Term on_load_fun(Process& p, LoadedModule& loaded) {
    FunctionEntry* const code = loaded.function_at(loaded.module->on_load_label);
    // An index that no fun table has.
    FunEntry* const identity =
        p.vm->code.fun_entry({.module = loaded.module->name, .index = 0xffffff, .uniq = loaded.module->md5});
    identity->code.store(code, std::memory_order_release);
    auto heap = p.reserve(3);
    Word* w = heap.raw(3);
    w[0] = make_header(Kind::fun, 2, 0);
    w[1] = reinterpret_cast<Word>(identity);
    w[2] = p.self.word();
    return Term::boxed(w);
}

Term yield(ExecState& p) {
    p.pending = Pending::yield;
    return Term::none();
}

bool is_called_by(Process& p, Term name) { return p.machine().names.find(name) == p.self; }

}  // namespace

// ---- loading

/// erts_internal:prepare_loading/2: a reference to the module read from a BEAM file in a binary, or {error, badfile}; why is
/// printed. Fails: badarg.
Term erts_internal_prepare_loading_2(ExecState& state, Args a) {
    Process& p = as_process(state);
    if (!a[0].is_atom()) return p.badarg();
    const BytesArg bytes(a[1]);
    if (!bytes) return p.badarg();
    Vm& vm = p.machine();
    const LoadContext context{vm.atoms, vm.literals, &vm.code};
    auto module = load_module(context, {bytes.data(), bytes.size()}, std::string(atom_name(a[0])));
    p.charge(bytes.size() / 16);
    if (!module || module.value()->name != a[0]) {
        std::string why = "lintel: ";
        if (!module) {
            why += module.error().text();
        } else {
            why += std::string(atom_name(a[0])) + ": holds module " + std::string(atom_name(module.value()->name));
            discard_module(context, module.take());
        }
        vm.write(2, why + "\n");
        return make_tuple2(p, am::error(), am::badfile());
    }
    return make_magic_ref(p, new PreparedModule(vm, module.take()));
}

/// erlang:has_prepared_code_on_load/1. Fails: badarg.
Term has_prepared_code_on_load_1(ExecState& p, Args a) {
    const auto* prepared = as_magic<PreparedModule>(a[0]);
    return prepared == nullptr ? p.badarg() : boolean(prepared->has_on_load());
}

/// erlang:finish_loading/1: makes prepared modules current, all or none. ok, or {not_purged | duplicated | on_load, Modules}; with
/// on_load the one module waits for its on_load function. Fails: badarg; system_limit if one of several has an on_load function.
Term finish_loading_1(ExecState& p, Args a) {
    std::vector<PreparedModule*> prepared;
    if (!prepared_modules(a[0], &prepared)) return p.badarg();
    if (prepared.size() > 1 && std::ranges::any_of(prepared, [](const auto* m) { return m->has_on_load(); })) {
        return p.system_limit();
    }
    std::vector<std::unique_ptr<Module>> modules;
    const auto give_back = [&] {
        for (size_t i = 0; i < modules.size(); ++i) {
            if (modules[i] != nullptr) prepared[i]->give_back(std::move(modules[i]));
        }
    };
    std::vector<Term> names, twice;
    for (auto at = prepared.begin(); at != prepared.end(); ++at) {
        if (std::find(prepared.begin(), at, *at) != at) {  // the same reference again
            twice.push_back(names[static_cast<size_t>(std::find(prepared.begin(), at, *at) - prepared.begin())]);
            names.push_back(twice.back());
            modules.emplace_back();
            continue;
        }
        auto module = (*at)->take();
        if (module == nullptr) {
            give_back();
            return p.badarg();
        }
        if (std::find(names.begin(), names.end(), module->name) != names.end()) twice.push_back(module->name);
        names.push_back(module->name);
        modules.push_back(std::move(module));
    }
    if (!twice.empty()) {
        give_back();
        return refusal(p, am::duplicated(), twice);
    }
    std::vector<Term> refused;
    if (p.vm->code.install_all(modules, &refused) != CodeServer::InstallResult::done) {
        give_back();
        return refusal(p, am::not_purged(), refused);
    }
    p.charge(names.size() * 16);
    if (prepared.size() == 1 && prepared[0]->has_on_load()) return refusal(p, am::on_load(), names);
    return am::ok();
}

// ---- on_load

/// erlang:call_on_load_function/1: what the on_load function of Module returns. Fails: badarg if no version waits for it.
Term call_on_load_function_1(ExecState& state, Args a) {
    Process& p = as_process(state);
    LoadedModule* const loaded = a[0].is_atom() ? p.vm->code.on_load_version(a[0]) : nullptr;
    if (loaded == nullptr) return p.badarg();
    return p.trap(p.vm->code.export_entry(am::erlang(), am::apply(), 2), {on_load_fun(p, *loaded), Term::nil()});
}

/// erlang:finish_after_on_load/2: the on_load function of Module has been run; true keeps the version. The one that is not kept
/// must be purged. Fails: badarg.
Term finish_after_on_load_2(ExecState& p, Args a) {
    CodeServer& code = p.vm->code;
    if (!a[0].is_atom() || (a[1] != am::true_() && a[1] != am::false_())) return p.badarg();
    if (code.on_load_version(a[0]) == nullptr) return p.badarg();
    if (a[1] == am::true_() && !code.finish_on_load(a[0], true)) return p.badarg();
    return am::true_();
}

// ---- purging

namespace {

/// The caller waits for other threads to come to the end of their slices, and calls `again` with `args` then. It is soon as a rule; if
/// not it sleeps meanwhile, since those threads may need the processor that this one runs on.
Term wait_for_threads(ExecState& p, unsigned* tries, const ExportEntry* again, std::span<const Term> args) {
    constexpr unsigned kTriesAwake = 50;
    if (++*tries % kTriesAwake != 0) return yield(p);
    auto heap = p.reserve(2 + list_words(args.size()));
    const Term fun = heap.export_fun(again);
    return p.trap(p.vm->code.export_entry(am::lintel_retry(), am::later(), 2), {fun, heap.list(args)});
}

}  // namespace

/// erts_internal:purge_module/2 (Module, prepare | prepare_on_load | abort | complete): the steps of a purge, for the process
/// erts_code_purger. prepare, prepare_on_load: false if there is nothing to purge. abort: false. complete: true. Fails: notsup
/// for other processes; badarg.
Term erts_internal_purge_module_2(ExecState& state, Args a) {
    Process& p = as_process(state);
    if (!is_called_by(p, am::erts_code_purger())) return p.notsup();
    if (!a[0].is_atom()) return p.badarg();
    Vm& vm = p.machine();
    CodePurge& purge = stdlib_state(p).purge;
    using Step = CodePurge::Step;
    if (purge.step != Step::none && purge.module != a[0]) return p.badarg();
    const auto wait = [&] {
        return wait_for_threads(p, &purge.tries,
                                vm.code.export_entry(am::erts_internal(), vm.atoms.intern("purge_module"), 2),
                                {a.first, 2});
    };
    const bool all_threads_passed = purge.step != Step::none && vm.epochs.safe_before() > purge.stamp;
    switch (atom_id(a[1])) {
        case AtomId::prepare:
        case AtomId::prepare_on_load:
            if (purge.step == Step::none) {
                const auto what =
                    a[1] == am::prepare() ? CodeServer::PurgeOf::old_code : CodeServer::PurgeOf::failed_on_load;
                if (!vm.code.begin_purge(a[0], what)) return am::false_();
                purge.step = Step::preparing;
                purge.module = a[0];
                purge.stamp = vm.epochs.stamp();
                return yield(p);
            }
            if (purge.step != Step::preparing) return p.badarg();
            if (!all_threads_passed) return wait();
            purge.step = Step::prepared;
            return am::true_();
        case AtomId::abort:
            if (purge.step != Step::prepared) return p.badarg();
            vm.code.abort_purge(a[0]);
            purge.step = Step::none;
            return am::false_();
        case AtomId::complete:
            if (purge.step == Step::prepared) {
                purge.leaving = vm.code.finish_purge(a[0]);
                purge.step = Step::freeing;
                purge.stamp = vm.epochs.stamp();
                return yield(p);
            }
            if (purge.step != Step::freeing) return p.badarg();
            if (!all_threads_passed) return wait();
            if (LiteralArea* literals = vm.code.destroy(std::move(purge.leaving))) {
                stdlib_state(p).literal_collector.add(literals);
            }
            purge.step = Step::none;
            return am::true_();
        default: return p.badarg();
    }
}

/// erts_literal_area_collector:release_area_switch/0: see LiteralCollector. Fails: notsup for other processes.
Term erts_literal_area_collector_release_area_switch_0(ExecState& state, Args) {
    Process& p = as_process(state);
    if (!stdlib_state(p).literal_collector.is_process(p.self)) return p.notsup();
    switch (stdlib_state(p).literal_collector.switch_area()) {
        case LiteralCollector::Switch::wait: {
            const Term name = p.vm->atoms.intern("release_area_switch");
            const ExportEntry* again = p.vm->code.export_entry(am::erts_literal_area_collector(), name, 0);
            return wait_for_threads(p, &stdlib_state(p).literal_collector.tries, again, {});
        }
        case LiteralCollector::Switch::none: return am::false_();
        case LiteralCollector::Switch::done: return am::true_();
    }
    LINTEL_UNREACHABLE();
}

namespace {

/// Cleans the target, if it is still there, and answers {copy_literals, Id, ok}.
void run_copy_literals(Vm& vm, Process* target, ControlSignal& s) {
    if (target != nullptr) stdlib_state(*target).literal_collector.clean(*target);
    auto* m =
        make_signal<Signal>(SignalKind::message, tuple_words(3) + flat_size(s.term, &vm.literals, Walks::endable));
    if (m == nullptr) return;
    {
        HeapBuilder heap(m->fragment);
        const Term id = copy_term(s.term, heap, &vm.literals);
        m->term = heap.tuple(am::copy_literals(), id, am::ok());
    }
    deliver_finding(vm, s.from, m);
}

}  // namespace

/// erts_literal_area_collector:send_copy_request/3 (Pid, AreaId, How): ok; {copy_literals, {AreaId, How, Pid}, ok} comes as a message
/// when the process has copies of what it uses. Fails: notsup for other processes; badarg.
Term erts_literal_area_collector_send_copy_request_3(ExecState& state, Args a) {
    Process& p = as_process(state);
    if (!stdlib_state(p).literal_collector.is_process(p.self)) return p.notsup();
    if (!a[0].is_local_pid() || !a[2].is_atom()) return p.badarg();
    Vm& vm = p.machine();
    const Term id = make_tuple3(p, a[1], a[2], a[0]);
    Process* const target = vm.processes.find(a[0]);
    if (target != nullptr && vm.call(*target, p.self, 0, id, run_copy_literals)) return am::ok();
    bool no_memory = false;
    vm.send_message(p, make_tuple3(p, am::copy_literals(), id, am::ok()), &no_memory);
    return no_memory ? p.system_limit() : am::ok();
}

}  // namespace lintel
