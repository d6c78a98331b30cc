#include "sched/process.h"

#include "gc/collector.h"
#include "gc/copy.h"
#include "sched/remote.h"
#include "sched/vm.h"
#include "term/print.h"

namespace lintel {

namespace {

void free_list(Signal* s) {
    while (s != nullptr) {
        Signal* next = s->next;
        free_signal(s);
        s = next;
    }
}

}  // namespace

ProcessExtra::~ProcessExtra() {
    monitors.for_each([](Word, Monitor& m) {
        if (m.tag_fragment != nullptr) HeapFragment::destroy(m.tag_fragment);
    });
    if (request.fragment != nullptr) HeapFragment::destroy(request.fragment);
    free_list(deferred);
    destroy(dist);
}

Process::~Process() {
    free_list(signals.close());
    free_list(mailbox.first);
    destroy(extra);
    release(saved_x);
    destroy_heap(heap);
    if (tenant != nullptr && tenant->is_guest()) tenant->let_go();
}

uint64_t Process::total_reductions() const { return reductions_done + (scheduler != nullptr ? used_reductions() : 0); }

// ---- X registers between slices

void Process::save_x() {
    if (live == 0) return;
    const size_t n = live;
    if (heap.htop + n <= heap.stack_top) {
        std::memcpy(heap.htop, registers->x, n * sizeof(Word));
        return;
    }
    saved_x = static_cast<Word*>(allocate(n * sizeof(Word)));
    std::memcpy(saved_x, registers->x, n * sizeof(Word));
}

void Process::load_x() {
    if (live == 0) return;
    std::memcpy(static_cast<void*>(registers->x), saved_x != nullptr ? saved_x : heap.htop, live * sizeof(Word));
    release(saved_x);
    saved_x = nullptr;
}

// ---- messages

void Process::trace_message(const Signal& s) { machine().tracing.receiving(*this, s); }

Signal* Process::take_message() {
    Signal* const s = *mailbox.save;
    Signal** const removed = &s->next;
    Signal** const before = mailbox.save;
    mailbox.take();
    if (extra != nullptr) {
        for (ReceiveMarker& m : extra->markers) {
            if (m.position == removed) m.position = before;
        }
    }
    mailbox.save = &mailbox.first;
    mailbox.peek = Mailbox::Peek::nothing;
    return s;
}

void Process::settle_message() {
    if (mailbox.peek != Mailbox::Peek::terms) return;
    mailbox.peek = Mailbox::Peek::nothing;
    Signal* const s = *mailbox.save;
    if (s == nullptr || s->fragment == nullptr) return;
    const size_t words = flat_size(s->term, &vm->literals);
    Signal* copy;
    if (LINTEL_UNLIKELY(s->has_token)) {
        const SeqToken& token = static_cast<TokenSignal*>(s)->token;
        auto* with_token = make_signal<TokenSignal>(SignalKind::message, words + token_words(token, &vm->literals));
        if (with_token == nullptr) out_of_memory(*this, words);
        with_token->token = token;
        if (with_token->fragment != nullptr) {
            HeapBuilder builder(with_token->fragment);
            with_token->term = copy_term(s->term, builder, &vm->literals);
            copy_token_terms(with_token->token, builder, &vm->literals);
        } else {
            with_token->term = s->term;
        }
        copy = with_token;
    } else {
        copy = make_signal<Signal>(SignalKind::message, words);
        if (copy == nullptr) out_of_memory(*this, words);
        if (words == 0) {
            copy->term = s->term;
        } else {
            HeapBuilder builder(copy->fragment);
            copy->term = copy_term(s->term, builder, &vm->literals);
        }
    }
    copy->is_sent = s->is_sent;
    copy->has_token = s->has_token;
    copy->next = s->next;
    *mailbox.save = copy;
    if (mailbox.last == &s->next) mailbox.last = &copy->next;
    if (extra != nullptr) {
        for (ReceiveMarker& m : extra->markers) {
            if (m.position == &s->next) m.position = &copy->next;
        }
    }
    adopt_fragment(s->fragment);
}

/// The return address of the function that runs; nullptr: it has none to go back to. Those that it goes on to by tail calls have the same.
static const Word* return_address_of(const Process& p) {
    const Word* w = p.heap.stack_top;
    while (w < p.heap.end && (*w & kTagMask) != static_cast<Word>(Tag::code)) ++w;
    return w < p.heap.end ? w : nullptr;
}

/// The message that it has received is from a process of that tenant. What it receives while it does what was asked for, that is, before it is
/// back in the function that has received the request, or in one that took that one's place, changes nothing.
void Process::act_for(uint32_t tenant_number) {
    ProcessExtra& e = need_extra();
    const Word* const at = return_address_of(*this);
    const size_t depth = at != nullptr ? static_cast<size_t>(heap.end - at) : 0;
    if (e.acts_for_number != 0 && depth > e.acts_for_depth &&
        (e.acts_for_depth == 0 || heap.end[-static_cast<ptrdiff_t>(e.acts_for_depth)] == e.acts_for_return))
        return;
    e.acts_for_depth = depth;
    e.acts_for_return = at != nullptr ? *at : 0;
    if (e.acts_for_number == tenant_number) return;
    e.acts_for_number = tenant_number;
    e.acts_for = nullptr;
    if (tenant_number == 0) {
        tracee.flags.fetch_and(~uint32_t{kTraceDeputy}, std::memory_order_relaxed);
    } else {
        Tenants& tenants = machine().tenants;
        e.acts_for = tenants.find(tenant_number);
        if (e.acts_for == nullptr) e.acts_for = tenants.nobody(machine());
        tracee.flags.fetch_or(kTraceDeputy, std::memory_order_relaxed);
    }
    this_thread.tenant = tenant_number;
}

void Process::trace_received(const Signal& s, bool is_adopted) {
    if (tracee.is_any_on(kTraceRecorded)) machine().simulation->received(*this, s);
    const bool may_act = s.tenant != 0 || tracee.is_any_on(kTraceDeputy);
    if (may_act && !tenant->is_guest() && !acts_for_itself.load(std::memory_order_relaxed)) act_for(s.tenant);
    if (s.has_token || has_token(*this)) receive_token(*this, s);
    SystemMonitor& monitor = machine().system_monitor;
    if (tracee.is_any_on(kTraceLongQueue) && monitor.is_short_queue(mailbox.count)) monitor.queue_is_short(*this);
    if (!is_measured() || !is_adopted) return;
    extra->collected_words -= s.header_words;  // which are no terms
}

Term Process::peek_current() {
    constexpr size_t kMostWords = 32;
    Signal& s = **mailbox.save;
    HeapFragment* const fragment = s.fragment;
    mailbox.peek = Mailbox::Peek::terms;
    if (fragment == nullptr || s.is_passed || mailbox.save != &mailbox.first) return s.term;
    if (fragment->used_words() > s.header_words + kMostWords || fragment->off_heap.first != nullptr) return s.term;
    if (LINTEL_LIKELY(!s.has_token && vm->literals.unshared().bytes == 0)) {
        const std::span<const Word> block(fragment->begin() + s.header_words, fragment->top);
        if (heap.free_words() < block.size() + kStackSlackWords) return s.term;
        mailbox.peek = Mailbox::Peek::copy;
        HeapBuilder builder = reserve(block.size());
        return copy_block(s.term, block, builder);
    }
    // More than there is in the block, if literals of it are to be purged by now.
    const size_t words = flat_size(s.term, &vm->literals);
    if (words > kMostWords || heap.free_words() < words + kStackSlackWords) return s.term;
    mailbox.peek = Mailbox::Peek::copy;
    HeapBuilder builder = reserve(words);
    return copy_term(s.term, builder, &vm->literals);
}

void Process::receive_current() {
    const bool is_adopted = mailbox.peek != Mailbox::Peek::copy;
    Signal* const s = take_message();
    if (LINTEL_UNLIKELY(s->has_token || s->tenant != 0 ||
                        tracee.is_any_on(kTraceToken | kTraceCall | kTraceLongQueue | kTraceDeputy | kTraceRecorded)))
        trace_received(*s, is_adopted && s->fragment != nullptr);
    if (is_adopted && s->fragment != nullptr) {
        adopt_fragment(s->fragment);
    } else {
        free_signal(s);
    }
}

// ---- collecting

namespace {

/// Collections with fewer reductions between them come too often for what lives.
constexpr int32_t kFewReductions = 300;
/// Words of a nursery: as much as stays in the nearest caches.
constexpr uint32_t kNurseryWords = 4096;
/// One that a waiting process keeps.
constexpr size_t kKeptNurseryWords = 1024;

}  // namespace

/// Its code needs room. If one collection follows another in the same slice, the young block is to be larger: a collection costs the same
/// however little there was to collect.
void Process::need_room() {
    const int32_t used = collected_at - reductions;
    if (used < 0 || used > kFewReductions || nursery_words >= kNurseryWords) return;
    const size_t wanted = std::max<size_t>(heap.block_words(), nursery_words) * 4;
    nursery_words = static_cast<uint32_t>(std::min<size_t>(wanted, kNurseryWords));
}

/// It is about to wait, with `live_x` X registers in use: memory that only haste has asked for goes back.
void Process::give_back_nursery(unsigned live_x) {
    nursery_words = 0;
    if (heap.block_words() <= kKeptNurseryWords) return;
    collect_garbage(0, live_x, CollectKind::give_back);
}

bool Process::collect_garbage(size_t need_words, unsigned live_x, CollectKind kind, CollectionStats* stats) {
    settle_message();
    RootSpan roots[10];
    size_t n = 0;
    if (live_x != 0) roots[n++] = {registers->x, live_x};
    roots[n++] = {&reason, 1};
    roots[n++] = {&trace, 1};
    roots[n++] = {&error_info, 1};
    roots[n++] = {&exit_reason, 1};
    roots[n++] = {&group_leader, 1};
    BitWriter* const writer = registers != nullptr && registers->writer.is_open() ? &registers->writer : nullptr;
    if (writer != nullptr) roots[n++] = {&writer->target, 1};
    const MaxHeapSize* limit = extra != nullptr && extra->max_heap.words != 0 ? &extra->max_heap : nullptr;
    if (extra != nullptr && extra->dictionary.size() != 0) roots[n++] = extra->dictionary.roots();
    if (LINTEL_UNLIKELY(has_token(*this))) roots[n++] = {&extra->seq_trace.token.label, 2};

    const auto total = [this] { return heap.block_words() + static_cast<size_t>(heap.old_end - heap.old_start); };
    CollectionRequest request;
    request.need_words = need_words;
    request.force_major = kind == CollectKind::major || kind == CollectKind::hibernate ||
                          minor_collections >= fullsweep_after || heap.old_off_heap.bytes > old_binary_limit;
    if (kind == CollectKind::hibernate) nursery_words = 0;
    // Not where a limit would count it.
    request.min_block_words = limit != nullptr ? min_heap_words : std::max(min_heap_words, nursery_words);
    request.max_total_words = limit != nullptr && limit->kill ? limit->words : 0;
    request.shrink_to_fit = kind == CollectKind::hibernate;
    if constexpr (kStressBuild) {
        request.force_major |= stress.major;
        request.paint = stress.holes;
        request.check = stress.holes && stress.check_now(total());
        if (stress.regs && registers != nullptr) {
            constexpr size_t kPainted = 64;  // what code reads by mistake is near what lives
            const size_t end = std::min<size_t>(live_x + kPainted, kMaxXRegisters);
            for (size_t i = live_x; i < end; ++i) registers->x[i] = Term(kPaintedWord);
        }
    }
    CollectionStats own_stats;
    CollectionStats& s = stats != nullptr ? *stats : own_stats;
    const auto words_before = static_cast<int64_t>(total());
    Vm& m = machine();
    const bool is_watched = m.system_monitor.watches_collections();
    const int64_t begun = m.microstates.is_on() || is_watched ? m.raw_monotonic_ns() : 0;
    const bool is_told = LINTEL_UNLIKELY(tracee.is_on(kTraceGc));
    const int64_t made = LINTEL_UNLIKELY(is_measured()) ? words_made() : 0;
    if (is_told)
        m.tracing.collecting(*this, request.force_major ? am::gc_major_start() : am::gc_minor_start(), need_words);
    CollectionResult result =
        no_memory ? CollectionResult::out_of_memory : collect(heap, vm->literals, {roots, n}, request, s);
    if (LINTEL_UNLIKELY(result == CollectionResult::out_of_memory) && !no_memory && nursery_words != 0) {
        nursery_words = 0;
        request.min_block_words = min_heap_words;
        result = collect(heap, vm->literals, {roots, n}, request, s);
    }
    if (begun != 0 && m.microstates.is_on() && registers != nullptr)
        registers->times->add(registers->times->collector_ns, m.raw_monotonic_ns() - begun);
    if (LINTEL_UNLIKELY(is_watched)) m.system_monitor.collected(*this, m.raw_monotonic_ns() - begun);
    if (is_told && result == CollectionResult::over_limit) {
        m.tracing.collecting(*this, am::gc_max_heap_size(), std::nullopt);
    } else if (is_told) {
        if (limit != nullptr && !limit->kill && total() > limit->words)
            m.tracing.collecting(*this, am::gc_max_heap_size(), std::nullopt);
        if (!request.force_major) m.tracing.collecting(*this, am::gc_minor_end(), s.was_major ? 0 : s.reclaimed_words);
        // What survived did not fit.
        if (!request.force_major && s.was_major) m.tracing.collecting(*this, am::gc_major_start(), need_words);
        if (s.was_major) m.tracing.collecting(*this, am::gc_major_end(), s.reclaimed_words);
    }
    if (LINTEL_UNLIKELY(is_measured())) extra->collected_words += made - words_made();
    collect_on_return = false;
    if constexpr (kStressBuild) stress.pace(s.was_major || request.check ? total() : heap.block_words());
    if (writer != nullptr) writer->collected();
    collected_at = reductions;
    // A heap that is smaller than OTP's smallest is collected where OTP's is not.
    const bool counts = words_before >= kShownMinHeapWords;
    minor_collections = s.was_major ? 0 : static_cast<uint16_t>(minor_collections + (counts ? 1 : 0));
    scheduler->count_heap(static_cast<int64_t>(total()) - words_before);
    m.collections.fetch_add(1, std::memory_order_relaxed);
    m.words_reclaimed.fetch_add(s.reclaimed_words, std::memory_order_relaxed);
    set_binary_limits(s.was_major);
    // Work in proportion to what was copied.
    charge(s.live_words / 16 + 1);

    const auto tell = [&](size_t words) {
        if (!limit->error_logger) return;
        (m.report_heap_limit != nullptr ? m.report_heap_limit : default_heap_limit_report)(*this, *limit, words);
    };
    if (result == CollectionResult::done) {
        if (limit == nullptr || limit->kill) return true;
        const size_t words = total();
        if (words > limit->words) tell(words);
        return true;
    }
    if (kind == CollectKind::give_back) return true;
    if (result == CollectionResult::over_limit) tell(total() * 2);  // what the collection would have needed besides
    if (result == CollectionResult::out_of_memory) {
        m.write(2, "lintel: out of memory: process " + term_text(self) + " ends (" + std::to_string(need_words) +
                       " words of heap wanted)\n");
    }
    begin_exit(am::killed());
    return false;
}

/// Binaries outside the heap: what has survived may double until the next collection. (Data that several handles share counts for
/// each of them, as in OTP.)
void Process::set_binary_limits(bool was_major) {
    const size_t least = extra != nullptr && extra->min_bin_vheap_words != 0 ? extra->min_bin_vheap_words * kWordBytes
                                                                             : kMinBinaryHeapBytes;
    binary_limit = std::max(least, heap.off_heap.bytes * 2);
    if (was_major) old_binary_limit = binary_limit;
}

void Process::begin_exit(Term why) {
    if (exiting) return;
    exiting = true;
    exit_reason = why;
    end_slice();
    pending = Pending::exited;
}

void Process::remember_timer(Word number, Word wheel) {
    ProcessExtra& e = need_extra();
    if (e.timers.size() >= e.timers_next_prune) {
        // Those that have fired.
        std::vector<Word> gone;
        int64_t due_ms;
        Term destination;
        e.timers.for_each([&](Word n, Word& w) {
            if (!machine().scheduler(w).read_bif_timer(n, &due_ms, &destination)) gone.push_back(n);
        });
        for (const Word n : gone) e.timers.erase(n);
        e.timers_next_prune = e.timers.size() * 2 + 64;
    }
    e.timers.insert(number) = wheel;
}

// ---- requests

Word Process::begin_request(bool suspends) {
    PendingRequest& r = need_extra().request;
    LINTEL_ASSERT(r.number == 0);
    r = PendingRequest();
    r.number = vm->next_reference_number();
    r.suspends = suspends;
    return r.number;
}

Term Process::take_answer() {
    PendingRequest& r = extra->request;
    LINTEL_ASSERT(r.answered);
    const Term answer = r.answer;
    if (r.fragment != nullptr) adopt_fragment(r.fragment);
    r = PendingRequest();
    return answer;
}

}  // namespace lintel
