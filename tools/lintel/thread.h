#pragma once
/// Threads of the command itself.

#include <pthread.h>

#include <cstddef>

/// Runs `run(argument)` on a thread with a stack of so many bytes, whatever `ulimit -s` says. `thread`: to be joined; nullptr: nobody waits for it.
/// 0, or the errno value with which the system refuses.
inline int start_thread(void* (*run)(void*), void* argument, size_t stack_bytes, pthread_t* thread) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, stack_bytes);
    if (thread == nullptr) pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_t detached;
    const int error = pthread_create(thread != nullptr ? thread : &detached, &attributes, run, argument);
    pthread_attr_destroy(&attributes);
    return error;
}
