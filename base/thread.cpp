#include "base/thread.h"

#include "base/assert.h"

namespace lintel {

namespace {

int create(pthread_t* id, int detach_state, void* (*run)(void*), void* argument, size_t stack_bytes) {
    pthread_attr_t attributes;
    if (const int error = pthread_attr_init(&attributes); error != 0) return error;
    pthread_attr_setstacksize(&attributes, stack_bytes);
    pthread_attr_setdetachstate(&attributes, detach_state);
    const int error = pthread_create(id, &attributes, run, argument);
    pthread_attr_destroy(&attributes);
    return error;
}

}  // namespace

Thread::~Thread() { LINTEL_CHECK(!is_joinable_); }

int Thread::start(void* (*run)(void*), void* argument, size_t stack_bytes) {
    LINTEL_ASSERT(!is_joinable_);
    const int error = create(&id_, PTHREAD_CREATE_JOINABLE, run, argument, stack_bytes);
    is_joinable_ = error == 0;
    return error;
}

void Thread::join() {
    LINTEL_ASSERT(is_joinable_);
    pthread_join(id_, nullptr);
    is_joinable_ = false;
}

void Thread::end_this() { pthread_exit(nullptr); }

int Thread::start_detached(void* (*run)(void*), void* argument) {
    pthread_t id;
    return create(&id, PTHREAD_CREATE_DETACHED, run, argument, kThreadStackBytes);
}

}  // namespace lintel
