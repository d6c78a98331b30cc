/// What signals do to the process that gets them. docs/design/processes.md tells the rules; all of this runs on the owner's thread.

#include "gc/copy.h"
#include "sched/remote.h"
#include "sched/vm.h"
#include "term/views.h"

namespace lintel {

namespace {

/// What MessageOrigin::sender has for a message about `who`: a process, a port, or {Name, Node}. `from`: the signal's.
Term origin_of(const Vm& vm, Term who, Term from) {
    if (is_external_pid(who)) return Term(RemotePid::of(who).node);
    if (const TupleView name = as_tuple(who, 2); name && name[1] != vm.node_name()) return name[1];
    return who.is_immediate() ? who : from;
}

}  // namespace

void Process::fetch_signals(bool may_collect) {
    if ((state.load(std::memory_order_relaxed) & kPoked) != 0) state.fetch_and(~kPoked, std::memory_order_seq_cst);
    handle_signals(signals.take_all(), may_collect);
}

void Process::handle_signals(Signal* s, bool may_collect) {
    size_t handled = 0;
    while (s != nullptr) {
        Signal* next = s->next;
        if (LINTEL_LIKELY(s->kind == SignalKind::message)) {
            append_message(s);
        } else if (LINTEL_UNLIKELY(exiting)) {
            machine().take_late_signal(*this, s);  // it came behind the exit signal
        } else {
            handle_signal(s, may_collect);
            ++handled;
        }
        s = next;
    }
    charge(handled);
    SystemMonitor& monitor = machine().system_monitor;
    if (LINTEL_UNLIKELY(monitor.is_long_queue(mailbox.count))) monitor.queue_is_long(*this);
}

void Process::handle_signal(Signal* plain, bool may_collect) {
    auto* s = static_cast<ControlSignal*>(plain);
    switch (s->kind) {
        case SignalKind::message: return append_message(s);
        case SignalKind::alias_message: return handle_alias_message(s);
        case SignalKind::exit: return handle_exit(s, false);
        case SignalKind::link_exit: return handle_exit(s, true);
        case SignalKind::down: return handle_down(s);
        case SignalKind::link: handle_link(s); break;
        case SignalKind::unlink: handle_unlink(s); break;
        case SignalKind::monitor: need_extra().watchers.insert(s->a) = {s->b, s->from, s->term, s->c != 0}; break;
        case SignalKind::demonitor:
            if (extra != nullptr) extra->watchers.erase(s->a);
            break;
        case SignalKind::group_leader:
            group_leader = s->term;
            if (s->fragment == nullptr) break;
            adopt_fragment(s->fragment);  // a pid of another node
            return;
        case SignalKind::suspend: handle_suspend(s); break;
        case SignalKind::resume: handle_resume(s); break;
        case SignalKind::reply: return handle_reply(s);
        case SignalKind::dist: return s->run(machine(), this, *s);
        case SignalKind::call:
            if (!may_collect) {
                ProcessExtra& e = need_extra();
                s->next = e.deferred;
                e.deferred = s;
                end_slice();
                return;
            }
            s->run(machine(), this, *s);
            break;
    }
    free_signal(s);
}

void Process::run_deferred_calls() {
    Signal* list = extra->deferred;
    extra->deferred = nullptr;
    Signal* in_order = nullptr;
    while (list != nullptr) {
        Signal* next = list->next;
        list->next = in_order;
        in_order = list;
        list = next;
    }
    while (in_order != nullptr) {
        Signal* next = in_order->next;
        handle_signal(in_order, true);
        in_order = next;
    }
}

// ---- exit signals. The term is {'EXIT', From, Reason}, which is the message for those who trap exits.

void Process::handle_exit(ControlSignal* s, bool by_link) {
    if (by_link) {
        Link* link = extra == nullptr ? nullptr : extra->links.find(s->from.word());
        if (link != nullptr) {
            // Only for a link that still stands: a, b are its numbers as I have them.
            const bool stands = (link->mine != 0 && link->mine == s->a) || (link->theirs != 0 && link->theirs == s->b);
            if (stands) {
                extra->links.erase(s->from.word());
            } else {
                link = nullptr;
            }
        }
        if (link == nullptr) return free_signal(s);
        // Who may not end it by exit/2 may not by a link either.
        if (LINTEL_UNLIKELY(s->tenant != 0) && s->tenant != tenant->number && !trap_exit) {
            const auto sender = machine().tenants.find(s->tenant);
            if (sender == nullptr || !sender->rights.has(Right::control)) return free_signal(s);
        }
    }
    take_exit(s, by_link);
}

/// What an exit signal that counts does.
void Process::take_exit(ControlSignal* s, bool by_link) {
    if (exiting) return free_signal(s);
    const Term why = as_tuple(s->term)[2];
    if (!by_link && why == am::kill()) {
        free_signal(s);
        return begin_exit(am::killed());
    }
    const bool is_over = !trap_exit && !(why == am::normal() && (by_link || s->from != self));
    if (LINTEL_UNLIKELY(tracee.is_on(kTraceProcs)) && by_link && !is_over)
        machine().tracing.proc_event(*this, am::getting_unlinked(), as_tuple(s->term)[1]);
    if (trap_exit) {
        s->from = origin_of(machine(), as_tuple(s->term)[1], s->from);
        return append_message(as_message(s));
    }
    if (!is_over) return free_signal(s);
    // The reason goes with the process: its fragment becomes part of the heap.
    if (s->fragment != nullptr) {
        adopt_fragment(s->fragment);
    }
    begin_exit(why);
}

// ---- links

void Process::handle_link(ControlSignal* s) {
    need_extra().links.insert(s->from.word()).theirs = s->a;
    if (tracee.is_on(kTraceProcs)) machine().tracing.proc_event(*this, am::getting_linked(), s->from);
}

void Process::handle_unlink(ControlSignal* s) {
    if (extra == nullptr) return;
    Link* link = extra->links.find(s->from.word());
    if (link == nullptr) return;
    if (link->mine == s->a) link->mine = 0;
    if (link->theirs == s->b) link->theirs = 0;
    if (link->mine != 0 || link->theirs != 0) return;
    extra->links.erase(s->from.word());
    if (tracee.is_on(kTraceProcs)) machine().tracing.proc_event(*this, am::getting_unlinked(), s->from);
}

// ---- monitors and aliases

void Process::handle_down(ControlSignal* s) {
    Monitor* found = extra == nullptr ? nullptr : extra->monitors.find(s->a);
    if (found == nullptr) return free_signal(s);
    Monitor m = *found;
    found->tag_fragment = nullptr;  // it is ours
    drop_monitor(*this, s->a, false);
    if (Alias* alias = extra->aliases.find(s->a); alias != nullptr && alias->mode != AliasMode::explicit_unalias) {
        extra->aliases.erase(s->a);
    }
    s->from = origin_of(machine(), as_tuple(s->term)[3], s->from);
    if (m.tag.is_none()) return append_message(as_message(s));
    if (m.tag_fragment == nullptr) {
        s->term.boxed_words()[1] = m.tag.word();
        return append_message(as_message(s));
    }
    // A tag with words of its own: the message is made anew, with the tag in its place.
    const TupleView down = as_tuple(s->term);
    const LiteralSpace* shared = &vm->literals;
    size_t words = tuple_words(5) + flat_size(m.tag, shared);
    for (size_t i = 1; i < 5; ++i) words += flat_size(down[i], shared);
    if (auto* message = make_signal<ControlSignal>(SignalKind::message, words)) {
        HeapBuilder heap_builder(message->fragment);
        const Term tag = copy_term(m.tag, heap_builder, shared);
        Term parts[4];
        for (size_t i = 0; i < 4; ++i) parts[i] = copy_term(down[i + 1], heap_builder, shared);
        message->term = heap_builder.tuple(tag, parts[0], parts[1], parts[2], parts[3]);
        message->from = s->from;
        append_message(as_message(message));
    } else {
        begin_exit(am::system_limit());
    }
    HeapFragment::destroy(m.tag_fragment);
    free_signal(s);
}

void Process::handle_alias_message(ControlSignal* s) {
    Alias* alias = extra == nullptr ? nullptr : extra->aliases.find(s->a);
    if (alias == nullptr) return free_signal(s);
    if (alias->mode == AliasMode::reply_demonitor) {
        // The first message ends both alias and monitor.
        extra->aliases.erase(s->a);
        drop_monitor(*this, s->a, true);
    }
    append_message(as_message(s));
}

// ---- suspension

void Process::handle_suspend(ControlSignal* s) {
    if (exiting) {
        if (s->a != 0) machine().reply(s->from, s->a, am::false_());
        return;
    }
    ++need_extra().suspended_by.insert(s->from.word());
    ++suspend_count;
    end_slice();
    if (s->a != 0) machine().reply(s->from, s->a, am::true_());
}

void Process::handle_resume(ControlSignal* s) {
    if (extra == nullptr) return;
    Word* times = extra->suspended_by.find(s->from.word());
    if (times == nullptr) return;
    const Word by = s->a != 0 ? *times : 1;
    suspend_count -= static_cast<uint32_t>(by);
    if ((*times -= by) == 0) extra->suspended_by.erase(s->from.word());
}

// ---- answers

void Process::handle_reply(ControlSignal* s) {
    if (extra == nullptr || extra->request.number != s->a || extra->request.answered) return free_signal(s);
    extra->request.answered = true;
    extra->request.answer = s->term;
    extra->request.fragment = s->fragment;
    if (s->fragment == nullptr) release(s);
}

}  // namespace lintel
