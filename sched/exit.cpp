/// The end of a process. docs/design/processes.md, "Ordering of an exit", numbers the steps.

#include <algorithm>
#include <vector>

#include "base/memory_account.h"
#include "gc/collector.h"
#include "gc/copy.h"
#include "sched/exit_signals.h"
#include "sched/remote.h"
#include "sched/vm.h"
#include "term/views.h"

namespace lintel {

namespace {

/// An exit signal that carries {'EXIT', from, reason}, and the token of `by` if that has one; nullptr when out of memory.
ControlSignal* make_exit(Vm& vm, SignalKind kind, Term from, Term reason, Process* by) {
    const size_t words = tuple_words(3) + flat_size(reason, &vm.literals, Walks::endable);
    ControlSignal* s =
        by != nullptr && has_token(*by) ? make_token_signal(*by, kind, words) : make_signal<ControlSignal>(kind, words);
    if (s == nullptr) return nullptr;
    s->from = from;
    s->is_sent = true;
    HeapBuilder heap(s->fragment);
    const Term why = copy_term(reason, heap, &vm.literals);
    s->term = heap.tuple(am::EXIT(), from, why);
    return s;
}

}  // namespace

void send_link_exit(Vm& vm, Term to, const Link& link, Term from, Term reason, Process* by) {
    if (!to.is_local_pid()) by = nullptr;  // ports take part in no sequence
    if (by != nullptr && has_token(*by)) advance_token(*by);
    ControlSignal* s = make_exit(vm, SignalKind::link_exit, from, reason, by);
    if (s == nullptr) {
        // Without the reason, but never lost because of a limit: somebody may wait for it.
        const MemoryReserve reserve;
        s = make_exit(vm, SignalKind::link_exit, from, reason.is_immediate() ? reason : am::system_limit(), nullptr);
        if (s == nullptr) return;
    }
    if (s->has_token) {
        if (const Process* p = vm.processes.find(to))
            tell_system_tracer(vm, p, static_cast<TokenSignal*>(s)->token, SeqToken::kSend, to, s->term);
    }
    // As the receiver sees the numbers.
    s->a = link.theirs;
    s->b = link.mine;
    vm.deliver(to, s);
}

void send_down(Vm& vm, Word number, const Watcher& w, Term what, Term reason) {
    const size_t words = tuple_words(5) + kAliasRefWords + tuple_words(2) + flat_size(what, &vm.literals);
    auto* s = make_signal<ControlSignal>(SignalKind::down, words + flat_size(reason, &vm.literals, Walks::endable));
    if (s == nullptr) {
        const MemoryReserve reserve;
        s = make_signal<ControlSignal>(SignalKind::down, words);
        if (s == nullptr) return;
        if (!reason.is_immediate()) reason = am::system_limit();
    }
    {
        HeapBuilder heap(s->fragment);  // which is done with the fragment before somebody else has it
        const Term ref = w.is_alias ? heap.alias_ref(number, w.number1, w.pid) : heap.ref(number, w.number1);
        const Term item = w.name.is_value() ? heap.tuple(w.name, vm.node_name()) : copy_term(what, heap, &vm.literals);
        const bool is_port = what.is_local_port() || what.is_kind(Kind::external_port);
        const Term type = is_port ? am::port() : am::process();
        const Term why = copy_term(reason, heap, &vm.literals);
        s->term = heap.tuple(am::DOWN(), ref, type, item, why);
    }
    s->from = (reason == am::noproc() && w.name.is_value()) || !what.is_immediate() ? am::system() : what;
    s->a = number;
    vm.deliver(w.pid, s);
}

/// In that order: who made many monitors receives them as it is likely to wait for them.
void send_all_down(Vm& vm, WordMap<Watcher>& watchers, Term item, Term reason) {
    struct Entry {
        Word number;
        const Watcher* watcher;
    };
    std::vector<Entry> all;
    all.reserve(watchers.size());
    watchers.for_each([&](Word number, Watcher& w) { all.push_back({number, &w}); });
    // Numbers of references only ever grow.
    std::sort(all.begin(), all.end(), [](const Entry& a, const Entry& b) { return a.number < b.number; });
    for (const Entry& e : all) send_down(vm, e.number, *e.watcher, item, reason);
}

bool send_exit(Vm& vm, Term to, Term from, Term reason) {
    const MemoryReserve reserve;
    ControlSignal* const s = make_exit(vm, SignalKind::exit, from, reason, nullptr);
    return s != nullptr && vm.deliver(to, s);
}

namespace {

/// What an exiting process does with a signal that came too late.
void answer_too_late(Vm& vm, Process& p, Signal* plain) {
    auto* s = static_cast<ControlSignal*>(plain);
    switch (s->kind) {
        case SignalKind::link: {
            const Link as_mine{0, s->a};
            send_link_exit(vm, s->from, as_mine, p.self, am::noproc());
            break;
        }
        case SignalKind::monitor: {
            const Watcher w{s->b, s->from, s->term, s->c != 0};
            send_down(vm, s->a, w, p.self, am::noproc());
            break;
        }
        case SignalKind::suspend:
            if (s->a != 0) vm.reply(s->from, s->a, am::false_());
            break;
        case SignalKind::call: s->run(vm, nullptr, *s); break;
        case SignalKind::dist: return s->run(vm, nullptr, *s);
        default: break;
    }
    free_signal(plain);
}

void cancel_timers(Vm& vm, Process& p) {
    if (p.receive_timer_active) {
        vm.scheduler(p.extra->receive_timer.wheel).cancel_timer(p.extra->receive_timer);
        p.receive_timer_active = false;
    }
    if (p.extra == nullptr) return;
    if (p.has_time_limit) vm.scheduler(p.extra->life_timer.wheel).cancel_timer(p.extra->life_timer);
    p.extra->timers.for_each([&vm](Word number, Word& wheel) {
        if (BifTimer* t = vm.scheduler(wheel).take_bif_timer(number)) {
            free_signal(t->message);
            destroy(t);
        }
    });
    p.extra->timers.clear();
}

}  // namespace

void Vm::take_late_signal(Process& p, Signal* s) {
    switch (s->kind) {
        case SignalKind::unlink:
        case SignalKind::demonitor:
        case SignalKind::resume: return p.handle_signal(s, true);
        case SignalKind::dist:
            if (!begins_tie(*static_cast<ControlSignal*>(s))) return p.handle_signal(s, true);
            break;
        default: break;
    }
    answer_too_late(*this, p, s);
}

void Vm::finish_exit(Scheduler& scheduler, Process& p) {
    // 1. nobody can address it as a living process any more
    p.exiting = true;
    const Term pid = p.self;
    cancel_timers(*this, p);
    if (p.tracee.is_on(kTraceProcs)) tracing.proc_event(p, am::exit(), p.exit_reason);
    for (auto* hook : exit_hooks) hook(p);
    end_control(p, p.exit_reason);
    if (p.blocks_scheduling) {
        multi_scheduling.release(pid);
        notify_all();
    }
    // 2. name and pid go
    Term name;
    {
        std::lock_guard lock(names.mutex());
        p.is_exiting.store(true, std::memory_order_relaxed);
        if (name = Term(p.name.load(std::memory_order_relaxed)); name.is_value()) {
            names.set_locked(name, Term::none());
            p.name.store(0, std::memory_order_relaxed);
        }
    }
    if (name.is_value() && p.tracee.is_on(kTraceProcs)) tracing.proc_event(p, am::unregister(), name);
    processes.remove(&p);
    // 3. what is in the queue is answered.
    Signal* late = p.signals.close();
    while (late != nullptr) {
        Signal* next = late->next;
        take_late_signal(p, late);
        late = next;
    }
    // Its messages go now: if they have taken all memory, what follows would be lost without.
    for (Signal* s = std::exchange(p.mailbox.first, nullptr); s != nullptr;) {
        Signal* next = s->next;
        free_signal(s);
        s = next;
    }
    // 4. exit signals and 'DOWN', by itself, whomever it acted for
    if (this_thread.tenant != 0) this_thread.tenant = p.tenant->number;
    const Term reason = p.exit_reason;
    if (ProcessExtra* e = p.extra) {
        for (Signal* s = e->deferred; s != nullptr;) {
            Signal* next = s->next;
            answer_too_late(*this, p, s);
            s = next;
        }
        e->deferred = nullptr;
        e->links.for_each([&](Word peer, Link& link) { send_link_exit(*this, Term(peer), link, pid, reason, &p); });
        if (!e->watchers.empty()) send_all_down(*this, e->watchers, pid, reason);
        e->monitors.for_each([&](Word number, Monitor& m) {
            if (!m.target.is_local_pid() && !m.target.is_local_port()) return;
            deliver(m.target, make_control_signal(SignalKind::demonitor, pid, number));
        });
        e->suspending.for_each(
            [&](Word peer, Word&) { deliver(Term(peer), make_control_signal(SignalKind::resume, pid, 1)); });
        end_ties(p, reason);
    }
    if (p.tracee.is_on(kTraceExiting))
        tracing.tell(p.tracee, kTraceExiting, pid, {am::out_exited(), Term::small(0)}, &scheduler);
    if (LINTEL_UNLIKELY(system_profile.runnable_procs.load(std::memory_order_relaxed)))
        system_profile.process(p, false);
    // 5. memory
    destroy(p.extra);
    p.extra = nullptr;
    scheduler.count_heap(
        -static_cast<int64_t>(p.heap.block_words() + static_cast<size_t>(p.heap.old_end - p.heap.old_start)));
    scheduler.count_ended();
    destroy_heap(p.heap);
    p.heap = Heap();
    p.scheduler = nullptr;
    p.registers = nullptr;
    p.state.store(Process::kGone, std::memory_order_release);
    Tenant& tenant = *p.tenant;
    // The rest of it is freed when the tenant may have gone.
    if (LINTEL_UNLIKELY(tenant.is_guest())) transfer_memory(&tenant.memory, &memory, block_bytes(&p));
    const bool is_counted = p.is_counted;
    scheduler.retire(&p);
    if (LINTEL_UNLIKELY(is_counted)) tenant.leave(Limit::processes);
}

}  // namespace lintel
