#pragma once
/// The dear half of a fence between two sides of which one must be cheap: that one only keeps the compiler from moving its store behind its
/// load (std::atomic_signal_fence), and the other has every thread of the process pass a full fence.

namespace lintel {

/// Asks the system for it; false: fence_all_threads does nothing here. Any thread, any number of times. The first time in a process that has
/// several threads takes some 15 milliseconds.
bool prepare_thread_fence();
/// The same while this process has one thread only, and it takes no time; else false.
bool prepare_thread_fence_early();

/// Every thread of this process has passed a full fence when this returns. Microseconds.
void fence_all_threads();

}  // namespace lintel
