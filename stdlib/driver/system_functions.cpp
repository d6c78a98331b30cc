/// Functions of the interface for drivers on the system, and those that natives have by another name, too.

#include <dlfcn.h>
#include <lintel/erl_nif.h>

#include <cstring>
#include <string>

#include "stdlib/stdlib_state.h"

using lintel::Vm;

namespace {

std::string& library_error() {
    static thread_local std::string text = "Unspecified dynamic library error";
    return text;
}

void note_library_error(void*, const char* text) { library_error() = text; }

ErlNifTimeUnit unit_of(ErlDrvTimeUnit unit) { return static_cast<ErlNifTimeUnit>(unit); }

}  // namespace

extern "C" {

void add_driver_entry(ErlDrvEntry* entry) {
    if (Vm* const vm = lintel::vm_of_thread()) lintel::stdlib_state(*vm).drivers->add(*entry);
}

int remove_driver_entry(ErlDrvEntry* entry) {
    Vm* const vm = lintel::vm_of_thread();
    return vm != nullptr ? lintel::stdlib_state(*vm).drivers->remove(*entry) : 0;
}

int null_func(void) { return 0; }

// ---- the system

void driver_system_info(ErlDrvSysInfo* info, size_t size) { enif_system_info(info, size); }

int erl_drv_getenv(const char* name, char* value, size_t* size) { return enif_getenv(name, value, size); }

int erl_drv_putenv(const char* name, char* value) {
    Vm* const vm = lintel::vm_of_thread();
    if (vm == nullptr) return -1;
    lintel::stdlib_state(*vm).environment.set(name, value);
    return 0;
}

void* driver_dl_open(char* library) { return enif_dlopen(library, note_library_error, nullptr); }
void* driver_dl_sym(void* library, char* symbol) { return enif_dlsym(library, symbol, note_library_error, nullptr); }
int driver_dl_close(void* library) {
    if (dlclose(library) == 0) return 0;
    note_library_error(nullptr, dlerror());
    return -1;
}
char* driver_dl_error(void) { return library_error().data(); }

ErlDrvTime erl_drv_monotonic_time(ErlDrvTimeUnit unit) { return enif_monotonic_time(unit_of(unit)); }
ErlDrvTime erl_drv_time_offset(ErlDrvTimeUnit unit) { return enif_time_offset(unit_of(unit)); }
ErlDrvTime erl_drv_convert_time_unit(ErlDrvTime value, ErlDrvTimeUnit from, ErlDrvTimeUnit to) {
    return enif_convert_time_unit(value, unit_of(from), unit_of(to));
}

int driver_get_now(ErlDrvNowData* now) {
    Vm* const vm = lintel::vm_of_thread();
    if (vm == nullptr || now == nullptr) return -1;
    const auto us = static_cast<unsigned long>(vm->unique_now_us());
    constexpr unsigned long kMillion = 1000000;
    *now = {us / kMillion / kMillion, us / kMillion % kMillion, us % kMillion};
    return 0;
}

// ---- threads

ErlDrvMutex* erl_drv_mutex_create(char* name) { return enif_mutex_create(name); }
void erl_drv_mutex_destroy(ErlDrvMutex* mutex) { enif_mutex_destroy(mutex); }
int erl_drv_mutex_trylock(ErlDrvMutex* mutex) { return enif_mutex_trylock(mutex); }
void erl_drv_mutex_lock(ErlDrvMutex* mutex) { enif_mutex_lock(mutex); }
void erl_drv_mutex_unlock(ErlDrvMutex* mutex) { enif_mutex_unlock(mutex); }
char* erl_drv_mutex_name(ErlDrvMutex* mutex) { return enif_mutex_name(mutex); }

ErlDrvCond* erl_drv_cond_create(char* name) { return enif_cond_create(name); }
void erl_drv_cond_destroy(ErlDrvCond* cond) { enif_cond_destroy(cond); }
void erl_drv_cond_signal(ErlDrvCond* cond) { enif_cond_signal(cond); }
void erl_drv_cond_broadcast(ErlDrvCond* cond) { enif_cond_broadcast(cond); }
void erl_drv_cond_wait(ErlDrvCond* cond, ErlDrvMutex* mutex) { enif_cond_wait(cond, mutex); }
char* erl_drv_cond_name(ErlDrvCond* cond) { return enif_cond_name(cond); }

ErlDrvRWLock* erl_drv_rwlock_create(char* name) { return enif_rwlock_create(name); }
void erl_drv_rwlock_destroy(ErlDrvRWLock* lock) { enif_rwlock_destroy(lock); }
int erl_drv_rwlock_tryrlock(ErlDrvRWLock* lock) { return enif_rwlock_tryrlock(lock); }
void erl_drv_rwlock_rlock(ErlDrvRWLock* lock) { enif_rwlock_rlock(lock); }
void erl_drv_rwlock_runlock(ErlDrvRWLock* lock) { enif_rwlock_runlock(lock); }
int erl_drv_rwlock_tryrwlock(ErlDrvRWLock* lock) { return enif_rwlock_tryrwlock(lock); }
void erl_drv_rwlock_rwlock(ErlDrvRWLock* lock) { enif_rwlock_rwlock(lock); }
void erl_drv_rwlock_rwunlock(ErlDrvRWLock* lock) { enif_rwlock_rwunlock(lock); }
char* erl_drv_rwlock_name(ErlDrvRWLock* lock) { return enif_rwlock_name(lock); }

int erl_drv_tsd_key_create(char* name, ErlDrvTSDKey* key) { return enif_tsd_key_create(name, key); }
void erl_drv_tsd_key_destroy(ErlDrvTSDKey key) { enif_tsd_key_destroy(key); }
void erl_drv_tsd_set(ErlDrvTSDKey key, void* data) { enif_tsd_set(key, data); }
void* erl_drv_tsd_get(ErlDrvTSDKey key) { return enif_tsd_get(key); }

ErlDrvThreadOpts* erl_drv_thread_opts_create(char* name) { return enif_thread_opts_create(name); }
void erl_drv_thread_opts_destroy(ErlDrvThreadOpts* options) { enif_thread_opts_destroy(options); }
int erl_drv_thread_create(char* name, ErlDrvTid* tid, void* (*run)(void*), void* argument, ErlDrvThreadOpts* options) {
    return enif_thread_create(name, tid, run, argument, options);
}
ErlDrvTid erl_drv_thread_self(void) { return enif_thread_self(); }
int erl_drv_equal_tids(ErlDrvTid a, ErlDrvTid b) { return enif_equal_tids(a, b); }
void erl_drv_thread_exit(void* result) { enif_thread_exit(result); }
int erl_drv_thread_join(ErlDrvTid tid, void** result) { return enif_thread_join(tid, result); }
char* erl_drv_thread_name(ErlDrvTid tid) { return enif_thread_name(tid); }

}  // extern "C"
