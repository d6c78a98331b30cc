/// Threads of native libraries, and what they meet at.

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <vector>

#include "base/thread.h"
#include "stdlib/nif/env.h"

struct lintel_nif_mutex {
    std::mutex mutex;
    std::string name;
};
struct lintel_nif_cond {
    std::condition_variable condition;
    std::string name;
};
struct lintel_nif_rwlock {
    std::shared_mutex mutex;
    std::string name;
};
struct lintel_nif_thread {
    std::string name;
    void* (*run)(void*) = nullptr;
    void* argument = nullptr;
    lintel::VmThread in = {};  ///< of whoever made it
    void* result = nullptr;
    lintel::Thread thread;
};

namespace {

thread_local lintel_nif_thread* own_thread = nullptr;

/// Keys are never used twice, so what a thread has under one that has been destroyed is never seen again.
std::atomic<int> next_key{0};
thread_local std::vector<void*> own_data;

std::string text(const char* name) { return name != nullptr ? name : ""; }
char* text_of(std::string& name) { return name.data(); }

void* run_thread(void* argument) {
    auto* const self = static_cast<lintel_nif_thread*>(argument);
    own_thread = self;
    lintel::this_thread = {self->in.vm, lintel::ThreadKind::foreign};
    self->result = self->run(self->argument);
    return nullptr;
}

}  // namespace

extern "C" {

// ---- mutexes

ErlNifMutex* enif_mutex_create(char* name) {
    auto* const mutex = new lintel_nif_mutex;
    mutex->name = text(name);
    return mutex;
}
void enif_mutex_destroy(ErlNifMutex* mutex) { delete mutex; }
int enif_mutex_trylock(ErlNifMutex* mutex) { return mutex->mutex.try_lock() ? 0 : EBUSY; }
void enif_mutex_lock(ErlNifMutex* mutex) { mutex->mutex.lock(); }
void enif_mutex_unlock(ErlNifMutex* mutex) { mutex->mutex.unlock(); }
char* enif_mutex_name(ErlNifMutex* mutex) { return text_of(mutex->name); }

ErlNifCond* enif_cond_create(char* name) {
    auto* const cond = new lintel_nif_cond;
    cond->name = text(name);
    return cond;
}
void enif_cond_destroy(ErlNifCond* cond) { delete cond; }
void enif_cond_signal(ErlNifCond* cond) { cond->condition.notify_one(); }
void enif_cond_broadcast(ErlNifCond* cond) { cond->condition.notify_all(); }
void enif_cond_wait(ErlNifCond* cond, ErlNifMutex* mutex) {
    std::unique_lock lock(mutex->mutex, std::adopt_lock);
    cond->condition.wait(lock);
    lock.release();
}
char* enif_cond_name(ErlNifCond* cond) { return text_of(cond->name); }

ErlNifRWLock* enif_rwlock_create(char* name) {
    auto* const lock = new lintel_nif_rwlock;
    lock->name = text(name);
    return lock;
}
void enif_rwlock_destroy(ErlNifRWLock* lock) { delete lock; }
int enif_rwlock_tryrlock(ErlNifRWLock* lock) { return lock->mutex.try_lock_shared() ? 0 : EBUSY; }
void enif_rwlock_rlock(ErlNifRWLock* lock) { lock->mutex.lock_shared(); }
void enif_rwlock_runlock(ErlNifRWLock* lock) { lock->mutex.unlock_shared(); }
int enif_rwlock_tryrwlock(ErlNifRWLock* lock) { return lock->mutex.try_lock() ? 0 : EBUSY; }
void enif_rwlock_rwlock(ErlNifRWLock* lock) { lock->mutex.lock(); }
void enif_rwlock_rwunlock(ErlNifRWLock* lock) { lock->mutex.unlock(); }
char* enif_rwlock_name(ErlNifRWLock* lock) { return text_of(lock->name); }

// ---- data of a thread

int enif_tsd_key_create(char*, ErlNifTSDKey* key) {
    *key = next_key.fetch_add(1, std::memory_order_relaxed);
    return 0;
}
void enif_tsd_key_destroy(ErlNifTSDKey) {}
void enif_tsd_set(ErlNifTSDKey key, void* data) {
    const auto i = static_cast<size_t>(key);
    if (own_data.size() <= i) own_data.resize(i + 1);
    own_data[i] = data;
}
void* enif_tsd_get(ErlNifTSDKey key) {
    const auto i = static_cast<size_t>(key);
    return i < own_data.size() ? own_data[i] : nullptr;
}

// ---- threads

ErlNifThreadOpts* enif_thread_opts_create(char*) {
    auto* const options = static_cast<ErlNifThreadOpts*>(enif_alloc(sizeof(ErlNifThreadOpts)));
    if (options != nullptr) options->suggested_stack_size = -1;
    return options;
}
void enif_thread_opts_destroy(ErlNifThreadOpts* options) { enif_free(options); }

int enif_thread_create(char* name, ErlNifTid* tid, void* (*run)(void*), void* argument, ErlNifThreadOpts* options) {
    constexpr size_t kStackUnit = 1024 * sizeof(void*), kLeastStack = size_t{64} << 10;
    size_t stack = lintel::kThreadStackBytes;
    if (options != nullptr && options->suggested_stack_size >= 0)
        stack = std::max(static_cast<size_t>(options->suggested_stack_size) * kStackUnit, kLeastStack);
    auto* const thread = new lintel_nif_thread;
    thread->name = text(name);
    thread->run = run;
    thread->argument = argument;
    thread->in.vm = lintel::vm_of_thread();
    // The thread may look at it before this returns, and another may join the thread.
    *tid = thread;
    lintel::Vm* const vm = thread->in.vm;
    if (vm != nullptr) vm->await_outside();  // it may send something
    const int error = thread->thread.start(run_thread, thread, stack);
    if (error == 0) return 0;
    if (vm != nullptr) vm->outside_answered();
    delete thread;
    return error;
}

ErlNifTid enif_thread_self(void) {
    static thread_local lintel_nif_thread of_others{};
    return own_thread != nullptr ? own_thread : &of_others;
}

int enif_equal_tids(ErlNifTid a, ErlNifTid b) { return a == b ? 1 : 0; }

void enif_thread_exit(void* result) {
    if (own_thread != nullptr) own_thread->result = result;
    lintel::Thread::end_this();
}

int enif_thread_join(ErlNifTid thread, void** result) {
    if (!thread->thread.joinable()) return EINVAL;
    thread->thread.join();
    if (result != nullptr) *result = thread->result;
    if (thread->in.vm != nullptr) thread->in.vm->outside_answered();
    delete thread;
    return 0;
}

char* enif_thread_name(ErlNifTid thread) { return text_of(thread->name); }

}  // extern "C"
