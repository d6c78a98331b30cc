/// Hierarchical timing wheel (Varghese and Lauck, 1987).
///
/// Problem: many timers, most of them cancelled before they are due; start and cancel must cost nothing to speak of.
///
/// Level 0 has one slot for each of the next 256 ticks; level k has 64 slots, each as wide as the whole level below. A timer is put
/// at the lowest level whose range covers it, in the slot that its deadline's digits name. When level 0 has gone round once, the
/// next slot of level 1 is emptied and its timers are placed again, lower down (cascade), and so on upwards.
///
/// Invariants:
///  1. now_ has been served: every timer in the wheel has deadline > now_.
///  2. A timer at level k > 0 is in the slot (deadline >> shift(k)) & 63, and deadline >> shift(k) differs from now_ >> shift(k) by
///     1..63 (deadlines beyond the last level are clamped there, and placed again when their slot comes).
///  3. A bit in first_used_/used_ is set if and only if its slot is not empty; so empty stretches are jumped over.

#include "sched/timer_wheel.h"

#include <bit>

#include "base/assert.h"

namespace lintel {

void TimerWheel::mark(unsigned level, size_t slot, bool used) {
    uint64_t& word = level == 0 ? first_used_[slot / 64] : used_[level];
    const uint64_t bit = uint64_t{1} << (slot % 64);
    word = used ? word | bit : word & ~bit;
}

void TimerWheel::put(Timer& timer, unsigned level, size_t slot) {
    Timer** head = bucket(level, slot);
    timer.level = static_cast<uint8_t>(level);
    timer.slot = static_cast<uint8_t>(slot);
    // At the end of the ring: equal deadlines fire in the order of their starts.
    if (*head == nullptr) {
        timer.next = timer.previous = &timer;
        *head = &timer;
    } else {
        timer.next = *head;
        timer.previous = (*head)->previous;
        timer.previous->next = &timer;
        (*head)->previous = &timer;
    }
    mark(level, slot, true);
}

void TimerWheel::place(Timer& timer) {
    for (unsigned level = 0; level < kLevels; ++level) {
        const unsigned shift = shift_of(level);
        const uint64_t slots = level == 0 ? kFirstSlots : kSlots;
        const uint64_t distance = (timer.deadline >> shift) - (now_ >> shift);
        if (distance < slots) return put(timer, level, static_cast<size_t>((timer.deadline >> shift) & (slots - 1)));
    }
    constexpr unsigned kTop = kLevels - 1;
    const uint64_t farthest = (now_ >> shift_of(kTop)) + kSlots - 1;
    put(timer, kTop, static_cast<size_t>(farthest & (kSlots - 1)));
}

void TimerWheel::start(Timer& timer, uint64_t deadline) {
    LINTEL_ASSERT(!timer.is_active());
    timer.deadline = deadline <= now_ ? now_ + 1 : deadline;
    timer.fired = false;
    place(timer);
    ++count_;
}

void TimerWheel::cancel(Timer& timer) {
    if (!timer.is_active()) return;
    Timer** head = bucket(timer.level, timer.slot);
    if (timer.next == &timer) {
        *head = nullptr;
        mark(timer.level, timer.slot, false);
    } else {
        timer.previous->next = timer.next;
        timer.next->previous = timer.previous;
        if (*head == &timer) *head = timer.next;
    }
    timer.next = timer.previous = nullptr;
    --count_;
}

void TimerWheel::cascade(unsigned level) {
    const size_t slot = static_cast<size_t>((now_ >> shift_of(level)) & (kSlots - 1));
    if (slot == 0 && level + 1 < kLevels) cascade(level + 1);  // at most kLevels deep
    Timer* list = *bucket(level, slot);
    *bucket(level, slot) = nullptr;
    mark(level, slot, false);
    if (list == nullptr) return;
    list->previous->next = nullptr;  // the ring becomes a list
    while (list != nullptr) {
        Timer* next = list->next;
        place(*list);
        list = next;
    }
}

size_t TimerWheel::advance(uint64_t now, void* context, Timer& (*choose)(Timer& first, void* context)) {
    size_t fired = 0;
    while (now_ < now) {
        if (count_ == 0) {
            now_ = now;
            break;
        }
        const uint64_t next = next_due();
        if (next > now) {
            // Nothing is due and no slot has to be cascaded up to `now`.
            now_ = now;
            break;
        }
        now_ = next;
        if ((now_ & (kFirstSlots - 1)) == 0) cascade(1);
        const size_t slot = static_cast<size_t>(now_ & (kFirstSlots - 1));
        Timer** head = bucket(0, slot);
        while (*head != nullptr) {
            Timer& timer = choose == nullptr ? **head : choose(**head, context);
            cancel(timer);
            timer.fired = true;
            ++fired;
            timer.fire(timer, context);
        }
    }
    return fired;
}

uint64_t TimerWheel::next_due() const {
    if (count_ == 0) return kNever;
    // Level 0: the first used slot after now_, going round. Where it goes round, a cascade is due at the turn.
    const size_t at = static_cast<size_t>(now_ & (kFirstSlots - 1));
    const uint64_t round = now_ - at;
    for (size_t s = at + 1; s < kFirstSlots;) {
        const uint64_t word = first_used_[s / 64] >> (s % 64);
        if (word != 0) return round + s + static_cast<uint64_t>(std::countr_zero(word));
        s = (s / 64 + 1) * 64;
    }
    for (const uint64_t word : first_used_) {
        if (word != 0) return round + kFirstSlots;  // beyond the turn, and the turn may cascade earlier ones
    }
    // Level k: the first slot after the current one; its timers come down at that slot's beginning.
    uint64_t best = kNever;
    for (unsigned level = 1; level < kLevels; ++level) {
        if (used_[level] == 0) continue;
        const unsigned shift = shift_of(level);
        const uint64_t current = now_ >> shift;
        const unsigned from = static_cast<unsigned>((current + 1) & (kSlots - 1));
        const uint64_t ahead = static_cast<uint64_t>(std::countr_zero(std::rotr(used_[level], static_cast<int>(from))));
        const uint64_t when = (current + 1 + ahead) << shift;
        if (when < best) best = when;
    }
    return best;
}

}  // namespace lintel
