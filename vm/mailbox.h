#pragma once
/// The messages that wait for a receive, as engines see them. What a message is besides, and how it comes here: sched/signal.h.

#include <cstddef>
#include <cstdint>

namespace lintel {

struct Signal;

/// Owner only.
struct Mailbox {
    Signal* first = nullptr;
    Signal** last = &first;  ///< the link that the next message is put into
    Signal** save = &first;  ///< the link to the message that receive looks at next
    uint32_t count = 0;
    /// What the code, which has not received the message at the save pointer yet, has of it.
    enum class Peek : uint8_t { nothing, terms, copy } peek = Peek::nothing;

    Mailbox() = default;
    Mailbox(const Mailbox&) = delete;
    Mailbox& operator=(const Mailbox&) = delete;

    void append(Signal* s);
    /// Takes out the message at the save pointer; the save pointer goes on to the one behind.
    Signal* take();
};

/// Where machine code finds what it needs of a Signal, in bytes. Its link to the next is its first word, so a link to it and it itself are the same.
namespace signal_layout {
inline constexpr size_t kIsPassed = 10, kTerm = 24;
}  // namespace signal_layout

}  // namespace lintel
