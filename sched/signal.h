#pragma once
/// Signals: everything that one process (or timer, port, host) does to another. docs/design/processes.md.
///
/// A signal with terms is one allocation: a HeapFragment whose first words are the Signal and behind it the terms. A signal
/// without terms of its own is a plain block.

#include <atomic>

#include "base/memory_account.h"
#include "base/pages.h"
#include "gc/heap_builder.h"
#include "vm/mailbox.h"

namespace lintel {

class Process;
class Vm;

enum class SignalKind : uint8_t {
    message,        ///< term: the message
    alias_message,  ///< as message; a: number of the alias
    exit,           ///< exit/2. term: {'EXIT', From, Reason}
    link_exit,  ///< a linked process ended. term: {'EXIT', From, Reason}; a, b: the link's numbers, as the receiver has them
    link,       ///< from; a: number
    unlink,        ///< from; a, b: the link's numbers, as the receiver has them
    monitor,       ///< from watches; a, b: numbers of the reference; c: 1 if it is an alias; term: name, or none
    demonitor,     ///< from; a: number of the reference
    down,          ///< a: number of the reference; term: {'DOWN', Ref, Type, Item, Reason}
    group_leader,  ///< term: the new one
    suspend,       ///< from suspends; a: request number or 0 (asynchronous)
    resume,        ///< from resumes; a: 1: all of from's suspensions
    call,          ///< run: by the owner
    reply,         ///< a: request number; term: answer
    dist,  ///< run: by the owner, at once; it takes the signal over. What comes from other nodes: sched/remote.h
};

/// Where a message comes from, for who traces its receiver.
enum class MessageOrigin : uint8_t {  // two bits
    system,  ///< the VM; or, if it is_sent, a process that was not asked to note who it is (Tracing::notes_senders)
    clock,   ///< a timer
    sender,  ///< it is a ControlSignal, and `from` tells: a pid or port of this node, or the name of another node
};

struct Signal {
    Signal* next = nullptr;
    SignalKind kind = SignalKind::message;
    bool is_sent : 1 = false;    ///< a message that a process sent
    bool has_token : 1 = false;  ///< it is a TokenSignal (sched/seq_trace.h)
    MessageOrigin origin : 2 = MessageOrigin::system;
    bool is_passed = false;            ///< a message that a receive has looked at and left
    uint8_t header_words = 0;          ///< of this and what is derived from it, at the beginning of `fragment`
    uint32_t tenant = 0;               ///< number of that which has sent it
    HeapFragment* fragment = nullptr;  ///< holds this signal and `term`; nullptr: no terms of its own
    Term term;
};
static_assert(offsetof(Signal, next) == 0 && offsetof(Signal, is_passed) == signal_layout::kIsPassed &&
              offsetof(Signal, term) == signal_layout::kTerm && sizeof(bool) == 1);

/// A signal other than a plain message.
struct ControlSignal : Signal {
    Term from;  ///< pid of the sender: an immediate; see also MessageOrigin
    Word a = 0, b = 0, c = 0;
    /// Kind call: run by the owner of `target`, at the edge of a slice (it may collect); target == nullptr: the process has gone.
    /// `term`, a, b, c, from are its arguments. Kind dist: the same, but in its place among the other signals.
    void (*run)(Vm& vm, Process* target, ControlSignal& signal) = nullptr;
};

/// Room for `words` words of terms behind the header (0: none). nullptr: out of memory.
template <typename S>
S* make_signal(SignalKind kind, size_t words) {
    constexpr size_t kHeaderWords = words_for_bytes(sizeof(S));
    S* s;
    if (words == 0) {
        void* block = try_allocate(sizeof(S));
        if (block == nullptr) return nullptr;
        s = new (block) S();
    } else {
        HeapFragment* fragment = HeapFragment::create(kHeaderWords + words);
        if (fragment == nullptr) return nullptr;
        s = new (fragment->begin()) S();
        fragment->top = fragment->begin() + kHeaderWords;
        s->fragment = fragment;
        s->header_words = kHeaderWords;
    }
    s->kind = kind;
    return s;
}

/// A control signal without terms. Does not fail: what has been said of a link or a monitor must be true. At the VM's limit it is granted, and
/// the process that needed it is ended after its slice (take_overdraft).
inline ControlSignal* make_control_signal(SignalKind kind, Term from, Word a = 0, Word b = 0) {
    const MemoryReserve reserve;
    auto* s = make_signal<ControlSignal>(kind, 0);
    if (s == nullptr) stop_without_memory(sizeof(ControlSignal));
    s->from = from;
    s->a = a;
    s->b = b;
    return s;
}

inline void free_signal(Signal* s) {
    if (s->fragment != nullptr) {
        HeapFragment::destroy(s->fragment);
    } else {
        release(s);
    }
}

/// What it takes of memory, as far as accounts go.
inline size_t signal_bytes(const Signal& s) {
    if (s.fragment == nullptr) return block_bytes(const_cast<Signal*>(&s));
    const auto* const begin = reinterpret_cast<const char*>(s.fragment);
    return counted_block_bytes(s.fragment, static_cast<size_t>(reinterpret_cast<const char*>(s.fragment->end) - begin));
}

/// The outer queue: many senders, one receiver.
class SignalQueue {
public:
    /// Any thread. False: the queue is closed, the signal is still the caller's.
    bool push(Signal* s) {
        Signal* head = head_.load(std::memory_order_relaxed);
        do {
            if (head == closed()) return false;
            s->next = head;
        } while (!head_.compare_exchange_weak(head, s, std::memory_order_seq_cst, std::memory_order_relaxed));
        return true;
    }
    /// Any thread; a hint unless called by the owner.
    bool empty() const { return head_.load(std::memory_order_seq_cst) == nullptr; }
    /// Owner. All signals, oldest first.
    Signal* take_all() { return reverse(head_.exchange(nullptr, std::memory_order_seq_cst)); }
    /// Owner. As take_all; nothing can be pushed any more.
    Signal* close() {
        Signal* list = head_.exchange(closed(), std::memory_order_seq_cst);
        return list == closed() ? nullptr : reverse(list);
    }

private:
    static Signal* closed() { return reinterpret_cast<Signal*>(Word{1}); }
    static Signal* reverse(Signal* list) {
        Signal* out = nullptr;
        while (list != nullptr) {
            Signal* next = list->next;
            list->next = out;
            out = list;
            list = next;
        }
        return out;
    }
    std::atomic<Signal*> head_{nullptr};
};

inline void Mailbox::append(Signal* s) {
    s->next = nullptr;
    *last = s;
    last = &s->next;
    ++count;
}
inline Signal* Mailbox::take() {
    Signal* s = *save;
    *save = s->next;
    if (last == &s->next) last = save;
    --count;
    return s;
}

}  // namespace lintel
