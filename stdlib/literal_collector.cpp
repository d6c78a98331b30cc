/// Literal area collection.
///
/// The literals of a module live in one area that all processes share. When the module has been purged, terms on heaps, in
/// messages and in timers may still refer to it. So each process looks for such references itself and takes copies of what
/// it finds; then the area can go. As a process looks but once, nobody must give it another reference afterwards:
///
///   counting  flat_size no longer counts the area as shared, so that whoever copies has room for copies of its terms;
///   copying   copy_term copies its terms. When every thread has come to the end of a slice since, all references that
///             are under way to a process have reached its signal queue. Timers are cleaned;
///   working   each process is sent a request (erts_literal_area_collector:send_copy_request/3), which stands behind those
///             signals in its queue, and cleans itself;
///   freeing   once more every thread comes to the end of a slice: those that ended meanwhile are out of the area too.
///
/// One area at a time. OTP's own erts_literal_area_collector process drives this.
///
/// Not looked at, since nothing there shares literals: ETS, persistent terms, compiled match specifications.

#include "stdlib/literal_collector.h"

#include <utility>

#include "gc/copy.h"
#include "gc/heap_walk.h"

namespace lintel {

namespace {

bool points_into(Word w, const LiteralArea& area) {
    return is_pointer_word(w) &&
           w - reinterpret_cast<Word>(area.begin) < static_cast<Word>(area.end - area.begin) * kWordBytes;
}

/// Whether a word between `begin` and `end` looks as if it referred to the area. Raw data may: then a copy is made in vain.
bool may_refer(const Word* begin, const Word* end, const LiteralArea& area) {
    for (const Word* w = begin; w < end; ++w) {
        if (points_into(*w, area)) return true;
    }
    return false;
}

bool may_refer(const Signal& s, const LiteralArea& area) {
    return points_into(s.term.word(), area) ||
           (s.fragment != nullptr && may_refer(s.fragment->begin(), s.fragment->top, area));
}

/// The same message without references into the area, or nullptr when out of memory.
Signal* renewed(const Signal& s, const LiteralSpace& literals) {
    const size_t words = flat_size(s.term, &literals);
    auto* copy = make_signal<Signal>(SignalKind::message, words);
    if (copy == nullptr) return nullptr;
    if (words == 0) {
        copy->term = s.term;
    } else {
        HeapBuilder heap(copy->fragment);
        copy->term = copy_term(s.term, heap, &literals);
    }
    return copy;
}

bool clean_messages(Process& p, const LiteralArea& area) {
    for (Signal** link = &p.mailbox.first; *link != nullptr; link = &(*link)->next) {
        Signal* const before = *link;
        if (!may_refer(*before, area)) continue;
        Signal* const after = renewed(*before, p.vm->literals);
        if (after == nullptr) return false;
        after->next = before->next;
        *link = after;
        // Whoever stands behind the message stands behind the new one.
        const auto move = [&](Signal**& position) {
            if (position == &before->next) position = &after->next;
        };
        move(p.mailbox.last);
        move(p.mailbox.save);
        if (p.extra != nullptr) {
            for (ReceiveMarker& m : p.extra->markers) move(m.position);
        }
        free_signal(before);
    }
    return true;
}

/// A term that lies in a fragment of its own, or in a literal area.
bool clean_holder(Term& term, HeapFragment*& fragment, const LiteralSpace& literals, const LiteralArea& area) {
    const bool refers =
        points_into(term.word(), area) || (fragment != nullptr && may_refer(fragment->begin(), fragment->top, area));
    if (!refers) return true;
    Term copy;
    HeapFragment* const made = copy_to_fragment(term, &copy, &literals);
    if (copy.is_none()) return false;
    if (fragment != nullptr) HeapFragment::destroy(fragment);
    fragment = made;
    term = copy;
    return true;
}

bool clean_extra(ProcessExtra& e, const LiteralSpace& literals, const LiteralArea& area) {
    bool ok = true;
    e.monitors.for_each([&](Word, Monitor& m) { ok = ok && clean_holder(m.tag, m.tag_fragment, literals, area); });
    return ok && (!e.request.answered || clean_holder(e.request.answer, e.request.fragment, literals, area));
}

bool may_refer(const Heap& heap, std::span<const RootSpan> roots, const LiteralArea& area) {
    if (may_refer(heap.start, heap.htop, area) || may_refer(heap.stack_top, heap.end, area) ||
        may_refer(heap.old_start, heap.old_top, area)) {
        return true;
    }
    for (HeapFragment* f = heap.fragments; f != nullptr; f = f->next) {
        if (may_refer(f->begin(), f->top, area)) return true;
    }
    for (const RootSpan& span : roots) {
        const auto* words = reinterpret_cast<const Word*>(span.first);
        if (may_refer(words, words + span.count, area)) return true;
    }
    return false;
}

/// False: out of memory. The process may have been put to death for the size of its heap.
bool clean_heap(Process& p, const LiteralArea& area) {
    RootSpan roots[8];
    size_t n = 0;
    if (p.live != 0 && p.registers != nullptr) roots[n++] = {p.registers->x, p.live};
    for (Term* t : {&p.reason, &p.trace, &p.error_info, &p.exit_reason, &p.group_leader}) roots[n++] = {t, 1};
    if (p.extra != nullptr && p.extra->dictionary.size() != 0) roots[n++] = p.extra->dictionary.roots();
    if (!may_refer(p.heap, {roots, n}, area)) return true;
    if (!p.collect_garbage(0, p.live, Process::CollectKind::major)) return true;
    if (!refers_to_literals(p.heap, {roots, n}, area)) return true;
    if (!adopt_literals(p.heap, {roots, n}, area)) return false;
    // What it does not use of the copy goes at once.
    p.collect_garbage(0, p.live, Process::CollectKind::major);
    return true;
}

}  // namespace

LiteralCollector::~LiteralCollector() {
    if (LiteralArea* area = area_.load()) vm_.literals.destroy(area);
    for (LiteralArea* area : waiting_) vm_.literals.destroy(area);
}

void LiteralCollector::add(LiteralArea* area) {
    {
        std::lock_guard lock(mutex_);
        waiting_.push_back(area);
    }
    const Term collector(process_.load(std::memory_order_acquire));
    if (!collector.is_local_pid()) return;
    if (auto* s = make_signal<Signal>(SignalKind::message, 0)) {
        s->term = am::copy_literals();
        vm_.deliver(collector, s);
    }
}

LiteralCollector::Switch LiteralCollector::switch_area() {
    LiteralSpace& literals = vm_.literals;
    const auto all_threads_passed = [this] { return vm_.epochs.safe_before() > stamp_; };
    for (;;) {
        switch (step_) {
            case Step::idle: {
                std::lock_guard lock(mutex_);
                if (waiting_.empty()) return Switch::none;
                area_.store(waiting_.front(), std::memory_order_release);
                in_use_.store(false, std::memory_order_relaxed);
                waiting_.pop_front();
                literals.stop_counting(area_.load(std::memory_order_relaxed));
                stamp_ = vm_.epochs.stamp();
                step_ = Step::counting;
                return Switch::wait;
            }
            case Step::counting:
                if (!all_threads_passed()) return Switch::wait;
                literals.stop_sharing();
                stamp_ = vm_.epochs.stamp();
                step_ = Step::copying;
                return Switch::wait;
            case Step::copying: {
                if (!all_threads_passed()) return Switch::wait;
                const LiteralArea& area = *area_.load(std::memory_order_relaxed);
                bool ok = true;
                for (size_t i = 0; i < vm_.scheduler_count(); ++i) {
                    vm_.scheduler(i).for_each_bif_timer([&](BifTimer& t) {
                        if (!ok || !may_refer(*t.message, area)) return;
                        Signal* const message = renewed(*t.message, literals);
                        ok = message != nullptr;
                        if (ok) free_signal(std::exchange(t.message, message));
                    });
                }
                if (!ok) in_use_.store(true, std::memory_order_relaxed);
                step_ = Step::working;
                return Switch::done;
            }
            case Step::working:
                stamp_ = vm_.epochs.stamp();
                step_ = Step::freeing;
                return Switch::wait;
            case Step::freeing:
                if (!all_threads_passed()) return Switch::wait;
                literals.share_again();
                if (LiteralArea* area = area_.exchange(nullptr); !in_use_.load(std::memory_order_relaxed)) {
                    literals.destroy(area);
                }
                step_ = Step::idle;
                break;
        }
    }
}

void LiteralCollector::clean(Process& p) {
    const LiteralArea* area = area_.load(std::memory_order_acquire);
    if (area == nullptr || p.exiting) return;
    p.settle_message();  // registers may refer to the message that it looks at
    const bool ok = clean_messages(p, *area) && (p.extra == nullptr || clean_extra(*p.extra, p.vm->literals, *area)) &&
                    clean_heap(p, *area);
    if (!ok) in_use_.store(true, std::memory_order_relaxed);
}

}  // namespace lintel
