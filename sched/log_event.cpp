/// Log events of the VM itself, in the form in which OTP's emulator sends them to the process `logger`.

#include "gc/copy.h"
#include "sched/heap_sizes.h"
#include "sched/vm.h"
#include "term/print.h"

namespace lintel {

namespace {

constexpr size_t kMetaWords = tuple_words(2) + 3 + tuple_words(4) + 5 + kIntegerWords;

/// A map of `n` atom keys, which are in term order, and their values.
Term atom_map(HeapBuilder& heap, Term keys, std::initializer_list<Term> values) {
    Word* w = heap.raw(1 + 1 + values.size());
    const Term map = Term::boxed(w);
    *w++ = make_header(Kind::map_flat, 1 + values.size());
    *w++ = keys.word();
    for (const Term value : values) *w++ = value.word();
    return map;
}

Term event_meta(HeapBuilder& heap, Process& p, Term level) {
    const Term time = heap.integer(p.machine().system_ns() / 1000);
    const Term origin = atom_map(heap, heap.tuple(am::emulator(), am::tag()), {am::true_(), level});
    const Term leader = copy_term(p.group_leader, heap, &p.machine().literals);
    return atom_map(heap, heap.tuple(am::error_logger(), am::gl(), am::pid(), am::time()),
                    {origin, leader, p.self, time});
}

}  // namespace

Term Vm::present_logger() {
    Word to = system_logger.load(std::memory_order_relaxed);
    const ForeignReader reader(epochs);
    if (!Term(to).is_local_pid() || processes.find(Term(to)) != nullptr) return Term(to);
    if (system_logger.compare_exchange_strong(to, am::logger().word())) to = am::logger().word();
    return Term(to);
}

void Vm::log_event(Process& p, Term level, std::string_view format, std::initializer_list<Term> args) {
    const Term to = present_logger();
    if (to == am::undefined()) return;
    const Term logger = to.is_atom() ? names.find(to) : to;
    if (logger.is_none()) return tell_unlogged(p, level, p.self, args);
    size_t words = tuple_words(5) + list_words(format.size()) + list_words(args.size()) + kMetaWords +
                   flat_size(p.group_leader, &literals);
    for (const Term t : args) words += flat_size(t, &literals, Walks::endable);
    auto* s = make_signal<Signal>(SignalKind::message, words);
    if (s == nullptr) return;
    {
        HeapBuilder heap(s->fragment);
        Term list = Term::nil();
        for (auto t = args.end(); t != args.begin();) list = heap.cons(copy_term(*--t, heap, &literals), list);
        s->term = heap.tuple(am::log(), level, heap.string(format), list, event_meta(heap, p, level));
    }
    deliver(logger, s);
}

bool Vm::tell_log(Process& p, Term level, Term pid, const std::string& text) {
    const VmPlatform& platform = config.platform;
    if (platform.log == nullptr) return false;
    // What guests say of themselves is not believed.
    if (p.tenant->is_guest()) pid = p.self;
    const ForeignReader reader(epochs);
    const Tenant* tenant = &p.acting_tenant();
    if (!tenant->is_guest()) {
        const Process* const whose = pid.is_local_pid() ? processes.find(pid) : nullptr;
        if (whose != nullptr) tenant = whose->tenant;
    }
    const ErlNifPid who{pid.word()};
    const std::string level_name(atom_name(level));
    tenant->tell_host(0, [&](lintel_tenant* handle) {
        platform.log(platform.context, handle, pid.is_local_pid() ? &who : nullptr, level_name.c_str(), text.c_str(),
                     text.size());
        return 0;
    });
    return true;
}

void Vm::tell_unlogged(Process& p, Term level, Term pid, std::span<const Term> args) {
    std::string text;
    for (const Term t : args) text += (text.empty() ? "" : " ") + term_text(t, PrintStyle::display);
    if (!tell_log(p, level, pid, text)) write(2, std::string(atom_name(level)) + ": " + text + "\n");
}

void default_error_report(Process& p, Term reason) {
    Vm& vm = p.machine();
    if (vm.distribution.is_alive()) {
        vm.log_event(p, am::error(), "Error in process ~p on node ~p with exit value:~n~p~n",
                     {p.self, vm.node_name(), reason});
    } else {
        vm.log_event(p, am::error(), "Error in process ~p with exit value:~n~p~n", {p.self, reason});
    }
}

void default_heap_limit_report(Process& p, const MaxHeapSize& limit, size_t total_words) {
    Word buffer[kHeapSizesWords];
    Word* top = buffer;
    HeapBuilder heap(&top, kHeapSizesWords, nullptr);
    const auto n = [](size_t value) { return Term::small(static_cast<int64_t>(value)); };
    const auto boolean = [](bool value) { return value ? am::true_() : am::false_(); };
    p.machine().log_event(p, am::error(),
                          "     Process:            ~p ~n     Context:            maximum heap size reached~n"
                          "     Max Heap Size:      ~p~n     Total Heap Size:    ~p~n"
                          "     Kill:               ~p~n     Error Logger:       ~p~n"
                          "     Message Queue Len:  ~p~n     GC Info:            ~p~n",
                          {p.self, n(limit.words), n(total_words), boolean(limit.kill), boolean(limit.error_logger),
                           n(p.mailbox.count), heap_sizes(p, heap)});
}

}  // namespace lintel
