/// erlang:process_info/1,2, and the BIFs that make unique things.
///
/// A process is looked at by its owner only: of another process the items are asked for with a call signal, and the asker waits for the
/// answer. All items are built by the same code, in the heap of whoever looks.

#include <cstdio>
#include <string>

#include "gc/copy.h"
#include "sched/process.h"
#include "sched/remote.h"
#include "sched/vm.h"
#include "stdlib/backtrace.h"
#include "stdlib/build.h"
#include "stdlib/heap_limit.h"
#include "stdlib/nif/library.h"
#include "stdlib/stdlib_state.h"
#include "stdlib/trace/seq_trace_access.h"
#include "term/identifier.h"
#include "term/print.h"
#include "term/views.h"

namespace lintel {

Term max_heap_size_map(ExecState& p, const MaxHeapSize& limit) {
    // Keys in term order: error_logger, kill, size.
    auto heap = p.reserve(tuple_words(3) + 5);
    const Term keys = heap.tuple(am::error_logger(), am::kill(), am::size());
    Word* w = heap.raw(5);
    w[0] = make_header(Kind::map_flat, 4);
    w[1] = keys.word();
    w[2] = boolean(limit.error_logger).word();
    w[3] = boolean(limit.kill).word();
    w[4] = Term::small(static_cast<int64_t>(limit.words)).word();
    return Term::boxed(w);
}

namespace {

constexpr size_t kShownTraceDepth = 8;

template <typename F>
void for_each_tie(const Process& of, F f) {
    if (of.extra == nullptr || of.extra->dist == nullptr) return;
    for (const auto& ties : of.extra->dist->ties) f(*ties);
}

Term make_remote_pid(ExecState& p, const RemotePid& pid) {
    auto heap = p.reserve(RemotePid::kWords);
    return pid.build(heap);
}

/// Locations of the running function and its callers, innermost first.
size_t locate_stack(Process& p, CodeLocation* out, size_t most) {
    if (p.hibernated) return 0;
    Engine& engine = p.machine().engine;
    size_t n = 0;
    const auto add = [&](const void* address) {
        const CodeLocation at = engine.locate(address);
        if (at.loaded != nullptr && n < most) out[n++] = at;
    };
    add(reinterpret_cast<const void*>(reinterpret_cast<Word>(p.ip) | 1));
    for (const Word* w = p.heap.stack_top; w < p.heap.end && n < most; ++w) {
        if ((*w & kTagMask) == static_cast<Word>(Tag::code)) add(reinterpret_cast<const void*>(*w & ~kTagMask));
    }
    return n;
}

/// What runs if it is no function of ours: a process that hibernates, or one that has not run yet (or calls what is not loaded).
const ExportEntry* entry_of_idle(Process& of) {
    if (of.hibernated) return of.vm->code.export_entry(am::erlang(), am::hibernate(), 3);
    return of.initial_call;
}

Term mfa(ExecState& p, const ExportEntry& e) { return make_tuple3(p, e.module, e.function, Term::small(e.arity)); }
Term location(ExecState& p, const ExportEntry& e) {
    return p.reserve(tuple_words(4)).tuple(e.module, e.function, Term::small(e.arity), Term::nil());
}

Term mfa(ExecState& p, const CodeLocation& at) {
    const Module& m = *at.loaded->module;
    const Module::Function& f = m.functions[at.function];
    return make_tuple3(p, m.name, f.name, Term::small(f.arity));
}

/// {M, F, Arity, [{file, F}, {line, L}]}
Term location(ExecState& p, const CodeLocation& at) {
    const Module& m = *at.loaded->module;
    const Module::Function& f = m.functions[at.function];
    Term where = Term::nil();
    if (const Module::Line* line = m.line_at(at.line)) {
        where = make_cons(p, make_tuple2(p, am::line(), Term::small(line->line)), where);
        where = make_cons(p, make_tuple2(p, am::file(), m.files[line->file]), where);
    }
    return p.reserve(tuple_words(4)).tuple(m.name, f.name, Term::small(f.arity), where);
}

size_t total_heap_words(const Process& p, size_t fragment_words) {
    return p.heap.block_words() + static_cast<size_t>(p.heap.old_end - p.heap.old_start) + fragment_words;
}

}  // namespace

std::string backtrace_text(Process& p) {
    if (p.sensitive) return {};
    Engine& engine = p.machine().engine;
    std::string text;
    char number[40];
    const auto function = [&](const void* address, const char* otherwise) {
        const CodeLocation at = engine.locate(address);
        if (at.loaded == nullptr) return std::string(otherwise);
        const Module& m = *at.loaded->module;
        const Module::Function& f = m.functions[at.function];
        return std::string(atom_name(m.name)) + ":" + std::string(atom_name(f.name)) + "/" + std::to_string(f.arity);
    };
    std::snprintf(number, sizeof number, "0x%016zx", reinterpret_cast<size_t>(p.ip));
    text = std::string("Program counter: ") + number + " (" +
           function(reinterpret_cast<const void*>(reinterpret_cast<Word>(p.ip) | 1), "unknown function") + ")\n";
    size_t y = 0;
    for (const Word* w = p.heap.stack_top; w < p.heap.end; ++w) {
        if ((*w & kTagMask) == static_cast<Word>(Tag::code)) {
            const void* address = reinterpret_cast<const void*>(*w & ~kTagMask);
            std::snprintf(number, sizeof number, "0x%016zx", reinterpret_cast<size_t>(w));
            text.append("\n").append(number).append(" Return addr ");
            std::snprintf(number, sizeof number, "0x%016zx", reinterpret_cast<size_t>(address));
            text.append(number).append(" (").append(function(address, "<terminate process normally>")).append(")\n");
            y = 0;
        } else {
            std::snprintf(number, sizeof number, "%-8s ", ("y(" + std::to_string(y++) + ")").c_str());
            const Term t(*w);
            text.append(number)
                .append(t.is_catch() ? std::string("Catch") : term_text(t, PrintStyle::display))
                .append("\n");
        }
    }
    return text;
}

namespace {

Term garbage_collection_options(ExecState& p, Process& of) {
    ListMaker list(p);
    list.add_pair(am::max_heap_size(), max_heap_size_map(p, of.extra != nullptr ? of.extra->max_heap : MaxHeapSize{}));
    list.add_pair(am::min_bin_vheap_size(),
                  Term::small(of.extra != nullptr && of.extra->min_bin_vheap_words != 0 ? of.extra->min_bin_vheap_words
                                                                                        : kShownMinBinVheapWords));
    list.add_pair(am::min_heap_size(), Term::small(of.min_heap_words != 0 ? of.min_heap_words : kShownMinHeapWords));
    list.add_pair(am::fullsweep_after(), Term::small(of.fullsweep_after));
    list.add_pair(am::minor_gcs(), Term::small(of.minor_collections));
    return list.list();
}

Term status_of(const Process& p, bool running) {
    if (p.exiting) return am::exiting();
    if (p.suspend_count != 0 || (!running && p.is_held_up())) return am::suspended();
    if (running) return am::running();
    return p.waits ? am::waiting() : am::runnable();
}

/// `t` of `of` for an answer in the heap of `p`.
Term copied(Process& p, const Process& of, Term t) {
    if (&p == &of || t.is_immediate()) return t;
    const size_t words = flat_size(t, &p.vm->literals, Walks::endable);
    if (LINTEL_UNLIKELY(words == kEndlessWords)) return am::undefined();  // `p` will not see it
    auto heap = p.reserve(words);
    return copy_term(t, heap, &p.vm->literals);
}

Term stacktrace_of(Process& p, Process& of) {
    CodeLocation at[kShownTraceDepth];
    const size_t depth = locate_stack(of, at, kShownTraceDepth);
    ListMaker list(p);
    for (size_t i = 0; i < depth; ++i) list.add(location(p, at[i]));
    if (depth == 0 && !of.hibernated && entry_of_idle(of) != nullptr) list.add(location(p, *entry_of_idle(of)));
    return list.list();
}

Term messages_of(Process& p, Process& of) {
    if (of.sensitive) return Term::nil();
    ListMaker list(p);
    for (const Signal* s = of.mailbox.first; s != nullptr; s = s->next) {
        auto heap = p.reserve(flat_size(s->term, &p.vm->literals));
        list.add(copy_term(s->term, heap, &p.vm->literals));
    }
    return list.list();
}

Term links_of(Process& p, Process& of) {
    ListMaker list(p);
    if (of.extra != nullptr) of.extra->links.for_each([&](Word pid, Link&) { list.add(Term(pid)); });
    for_each_tie(of, [&](const DistTies& ties) {
        for (const auto& [pid, link] : ties.links) {
            if (link.is_active) list.add(make_remote_pid(p, pid));
        }
    });
    return list.list();
}

Term monitors_of(Process& p, Process& of) {
    ListMaker list(p);
    if (of.extra != nullptr) {
        of.extra->monitors.for_each([&](Word number, Monitor& m) {
            const Term type = m.type == MonitorType::time_offset ? am::time_offset()
                              : m.type == MonitorType::port      ? am::port()
                                                                 : am::process();
            if (m.node.is_value()) {
                if (const Term target = remote_target(p, of, number, m); target.is_value()) list.add_pair(type, target);
            } else if (m.type == MonitorType::time_offset) {
                list.add_pair(type, m.name);
            } else if (m.name.is_value()) {
                list.add_pair(type, make_tuple2(p, m.name, p.machine().node_name()));
            } else if (m.target.is_value()) {
                list.add_pair(type, m.target);
            }
        });
    }
    return list.list();
}

Term watchers_of(Process& p, Process& of) {
    ListMaker list(p);
    if (of.extra != nullptr) of.extra->watchers.for_each([&](Word, Watcher& w) { list.add(w.pid); });
    for_each_tie(of, [&](const DistTies& ties) {
        for (const auto& [ref, watcher] : ties.watchers) list.add(make_remote_pid(p, watcher.pid));
    });
    stdlib_state(p).nifs->monitors.list(p, of.self, list);
    return list.list();
}

Term suspended_by(Process& p, Process& of) {
    ListMaker list(p);
    if (of.extra != nullptr) {
        of.extra->suspending.for_each([&](Word pid, Word count) {
            list.add(make_tuple3(p, Term(pid), Term::small(static_cast<int64_t>(count)), Term::small(0)));
        });
    }
    return list.list();
}

Term dictionary_of(Process& p, Process& of) {
    ListMaker list(p);
    if (of.extra != nullptr && !of.sensitive) {
        of.extra->dictionary.for_each_latest_first([&](Term key, Term value) {
            const Term k = copied(p, of, key);
            list.add_pair(k, copied(p, of, value));
        });
    }
    return list.list();
}

/// Value of `item` for `of` (`by_itself`: it asks for its own), built in `p`'s heap (terms of `of` are copied if it is another). Non-value: no
/// such item. `fragments`: words that `of` had in fragments before the answer was begun.
Term item_value(Process& p, Process& of, AtomId item, bool by_itself, size_t fragments) {
    const auto n = [&](size_t v) { return make_unsigned(p, v); };
    switch (item) {
        case AtomId::current_function: {
            CodeLocation at;
            if (locate_stack(of, &at, 1) != 0) return mfa(p, at);
            return entry_of_idle(of) != nullptr ? mfa(p, *entry_of_idle(of)) : am::undefined();
        }
        case AtomId::current_location: {
            CodeLocation at;
            if (locate_stack(of, &at, 1) != 0) return location(p, at);
            return entry_of_idle(of) != nullptr ? location(p, *entry_of_idle(of)) : am::undefined();
        }
        case AtomId::current_stacktrace: return stacktrace_of(p, of);
        case AtomId::initial_call:
            return of.initial_call == nullptr ? am::undefined()
                                              : make_tuple3(p, of.initial_call->module, of.initial_call->function,
                                                            Term::small(of.initial_call->arity));
        case AtomId::status: return status_of(of, by_itself);
        case AtomId::message_queue_len: return n(of.mailbox.count);
        case AtomId::messages: return messages_of(p, of);
        case AtomId::links: return links_of(p, of);
        case AtomId::monitors: return monitors_of(p, of);
        case AtomId::monitored_by: return watchers_of(p, of);
        case AtomId::suspending: return suspended_by(p, of);
        case AtomId::dictionary: return dictionary_of(p, of);
        case AtomId::error_handler: return of.error_handler();
        case AtomId::trap_exit: return boolean(of.trap_exit);
        case AtomId::priority: return priority_atom(of.priority);
        case AtomId::group_leader: {
            if (of.group_leader.is_immediate()) return of.group_leader;
            return make_remote_pid(p, RemotePid::of(of.group_leader));
        }
        case AtomId::parent: return of.parent.is_value() ? of.parent : am::undefined();
        case AtomId::registered_name: {
            const Term name(of.name.load(std::memory_order_acquire));
            return name.is_value() ? name : Term::nil();
        }
        case AtomId::total_heap_size: return n(total_heap_words(of, fragments));
        case AtomId::heap_size: return n(of.heap.block_words());
        case AtomId::stack_size: return n(of.heap.stack_words());
        case AtomId::memory: return n(sizeof(Process) + total_heap_words(of, fragments) * kWordBytes);
        case AtomId::reductions: return n(of.total_reductions());
        case AtomId::garbage_collection: return garbage_collection_options(p, of);
        case AtomId::garbage_collection_info: {
            ListMaker list(p);
            list.add_pair(am::old_heap_block_size(), n(static_cast<size_t>(of.heap.old_end - of.heap.old_start)));
            list.add_pair(am::heap_block_size(), n(of.heap.block_words()));
            list.add_pair(am::mbuf_size(), n(fragments));
            list.add_pair(am::recent_size(), n(static_cast<size_t>(of.heap.htop - of.heap.high_water)));
            list.add_pair(am::stack_size(), n(of.heap.stack_words()));
            list.add_pair(am::old_heap_size(), n(static_cast<size_t>(of.heap.old_top - of.heap.old_start)));
            list.add_pair(am::heap_size(), n(static_cast<size_t>(of.heap.htop - of.heap.start)));
            list.add_pair(am::bin_vheap_size(), n(of.heap.off_heap.bytes / kWordBytes));
            list.add_pair(am::bin_vheap_block_size(), Term::small(kShownMinBinVheapWords));
            list.add_pair(am::bin_old_vheap_size(), n(of.heap.old_off_heap.bytes / kWordBytes));
            list.add_pair(am::bin_old_vheap_block_size(), Term::small(kShownMinBinVheapWords));
            return list.list();
        }
        case AtomId::min_heap_size: return Term::small(of.min_heap_words != 0 ? of.min_heap_words : kShownMinHeapWords);
        case AtomId::min_bin_vheap_size:
            return Term::small(of.extra != nullptr && of.extra->min_bin_vheap_words != 0 ? of.extra->min_bin_vheap_words
                                                                                         : kShownMinBinVheapWords);
        case AtomId::max_heap_size:
            return max_heap_size_map(p, of.extra != nullptr ? of.extra->max_heap : MaxHeapSize{});
        case AtomId::fullsweep_after: return Term::small(of.fullsweep_after);
        case AtomId::message_queue_data: return of.off_heap_messages ? am::off_heap() : am::on_heap();
        case AtomId::catchlevel: {
            int64_t marks = 0;
            for (const Word* w = of.heap.stack_top; w < of.heap.end; ++w) marks += Term(*w).is_catch() ? 1 : 0;
            return Term::small(marks);
        }
        case AtomId::last_calls: return am::false_();
        case AtomId::sequential_trace_token: return seq_token_term(p, of);
        case AtomId::trace: return Term::small(of.tracee.flags.load(std::memory_order_relaxed) & kTraceeFlags);
        case AtomId::backtrace: {
            const std::string text = backtrace_text(of);
            return p.reserve(binary_words(text.size())).binary(text.data(), text.size());
        }
        case AtomId::binary: {
            ListMaker list(p);
            for (const OffHeapList* off : {&of.heap.off_heap, &of.heap.old_off_heap}) {
                for (Word* w = off->first; w != nullptr; w = reinterpret_cast<Word*>(w[2])) {
                    if (header_kind(w[0]) != Kind::refc_binary) continue;
                    const auto* b = reinterpret_cast<const RefcBinary*>(w);
                    list.add(make_tuple3(p, make_unsigned(p, reinterpret_cast<Word>(b->data)), n(b->bytes),
                                         n(b->data->references.load(std::memory_order_relaxed))));
                }
            }
            return list.list();
        }
        default: return Term::none();
    }
}

/// Items of process_info/1, in its order.
constexpr AtomId kUsualItems[] = {
    AtomId::current_function,  AtomId::initial_call,    AtomId::status,
    AtomId::message_queue_len, AtomId::links,           AtomId::dictionary,
    AtomId::trap_exit,         AtomId::error_handler,   AtomId::priority,
    AtomId::group_leader,      AtomId::total_heap_size, AtomId::heap_size,
    AtomId::stack_size,        AtomId::reductions,      AtomId::garbage_collection,
    AtomId::suspending,
};

/// {{dictionary, Key}, Value or undefined}: the key is the asker's, `of` the process that builds.
Term dictionary_item(Process& of, Term what, bool by_itself) {
    if (!by_itself) {
        auto heap = of.reserve(flat_size(what, &of.vm->literals));
        what = copy_term(what, heap, &of.vm->literals);
    }
    const bool shows = of.extra != nullptr && !of.sensitive;
    const Term value = shows ? of.extra->dictionary.get(as_tuple(what)[1]) : Term::none();
    return make_tuple2(of, what, value.is_value() ? value : am::undefined());
}

/// Items of the dictionary can be asked for since OTP 26.
bool is_dictionary_item(const Process& p, Term what) {
    const auto pair = as_tuple(what, 2);
    return pair && pair[0] == am::dictionary() && p.machine().otp.number >= 26;
}

/// The answer for `what`: an item, a list of items, or the empty atom '' for the usual ones. Non-value: badarg.
Term describe(Process& p, Process& of, Term what, bool by_itself) {
    const size_t fragments = of.heap.fragment_words;
    if (what.is_atom() && what != am::empty()) {
        const Term value = item_value(p, of, atom_id(what), by_itself, fragments);
        if (value.is_none()) return value;
        if (what == am::registered_name() && value.is_nil()) return value;
        return make_tuple2(p, what, value);
    }
    if (is_dictionary_item(p, what)) return dictionary_item(of, what, by_itself);
    ListMaker list(p);
    if (what == am::empty()) {
        const Term name(of.name.load(std::memory_order_acquire));
        if (name.is_value()) list.add_pair(am::registered_name(), name);
        for (const AtomId item : kUsualItems)
            list.add_pair(well_known_atom(item), item_value(p, of, item, by_itself, fragments));
        return list.list();
    }
    for (; what.is_cons(); what = what.tail()) {
        if (is_dictionary_item(p, what.head())) {
            list.add(dictionary_item(of, what.head(), by_itself));
            continue;
        }
        if (!what.head().is_atom()) return Term::none();
        const Term value = item_value(p, of, atom_id(what.head()), by_itself, fragments);
        if (value.is_none()) return value;
        list.add_pair(what.head(), value);
    }
    return what.is_nil() ? list.list() : Term::none();
}

/// Runs on the process asked about; the answer is built in its heap and copied into the reply.
void answer_info(Vm& vm, Process* target, ControlSignal& s) {
    if (target == nullptr || target->exiting) return vm.reply(s.from, s.a, am::undefined());
    const Term answer = describe(*target, *target, s.term, false);
    vm.reply(s.from, s.a, answer.is_value() ? answer : am::badarg());
}

Term process_info(Process& p, Term pid, Term what) {
    if (p.has_request()) {
        if (!p.is_answered()) {
            p.pending = Pending::wait;
            return Term::none();
        }
        const Term answer = p.take_answer();
        return answer == am::badarg() ? p.badarg() : answer;
    }
    Vm& vm = p.machine();
    // What it asks for is checked all the same.
    const auto of_none = [&] { return describe(p, p, what, true).is_value() ? am::undefined() : p.badarg(); };
    if (pid.is_pid() && is_own_of_old(vm, pid)) return of_none();
    if (!pid.is_local_pid()) return p.badarg();
    if (pid == p.self) {
        if (!p.signals.empty()) p.fetch_signals(false);
        const Term answer = describe(p, p, what, true);
        return answer.is_value() ? answer : p.badarg();
    }
    Process* target = vm.processes.find(pid);
    if (target == nullptr) return of_none();
    const Word number = p.begin_request();
    if (!vm.call(*target, p.self, number, what, answer_info)) {
        p.cancel_request();
        return am::undefined();
    }
    vm.lend_priority(*target, p.priority);
    p.pending = Pending::wait;
    return Term::none();
}

}  // namespace

namespace {

/// Runs on the process to be shown.
void display_backtrace(Vm& vm, Process* target, ControlSignal& s) {
    if (target != nullptr && !target->exiting) vm.write(2, backtrace_text(*target));
    vm.reply(s.from, s.a, boolean(target != nullptr));
}

}  // namespace

/// erts_internal:process_display/2 (Pid, backtrace): prints the stack on stderr; true, or an atom for which module erlang
/// raises: badopt, badarg.
Term erts_internal_process_display_2(ExecState& state, Args a) {
    Process& p = as_process(state);
    if (p.has_request()) {
        if (!p.is_answered()) {
            p.pending = Pending::wait;
            return Term::none();
        }
        return p.take_answer() == am::true_() ? am::true_() : am::badarg();
    }
    if (a[1] != am::backtrace()) return am::badopt();
    if (!a[0].is_local_pid()) return am::badarg();
    Vm& vm = p.machine();
    if (a[0] == p.self) {
        vm.write(2, backtrace_text(p));
        return am::true_();
    }
    Process* target = vm.processes.find(a[0]);
    if (target == nullptr) return am::badarg();
    const Word number = p.begin_request();
    if (!vm.call(*target, p.self, number, am::ok(), display_backtrace)) {
        p.cancel_request();
        return am::badarg();
    }
    p.pending = Pending::wait;
    return Term::none();
}

/// erlang:process_info/1. Fails: badarg if Pid is not a local pid.
Term process_info_1(ExecState& p, Args a) { return process_info(as_process(p), a[0], am::empty()); }

/// erlang:process_info/2: an item or a list of items. Fails: badarg.
Term process_info_2(ExecState& p, Args a) {
    const bool is_item = a[1].is_atom() || is_dictionary_item(as_process(p), a[1]);
    if (a[1] == am::empty() || (!is_item && list_length(a[1]) < 0)) return p.badarg();
    return process_info(as_process(p), a[0], a[1]);
}

/// erlang:make_ref/0.
Term make_ref_0(ExecState& p, Args) {
    const Word number = p.vm->next_reference_number();
    return p.reserve(kRefWords).ref(number, 0);
}

/// erlang:unique_integer/0,1: modifiers monotonic and positive. Fails: badarg.
Term unique_integer_0(ExecState& p, Args) { return make_integer(p, as_process(p).machine().unique_integer(false)); }
Term unique_integer_1(ExecState& p, Args a) {
    bool positive = false;
    Term list = a[0];
    for (; list.is_cons(); list = list.tail()) {
        if (list.head() == am::positive()) {
            positive = true;
        } else if (list.head() != am::monotonic()) {
            return p.badarg();
        }
    }
    if (!list.is_nil()) return p.badarg();
    return make_integer(p, as_process(p).machine().unique_integer(positive));
}

}  // namespace lintel
