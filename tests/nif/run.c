/* Where and how long functions run: enif_schedule_nif, time slices, exceptions behind them, messages, monitors, threads, tracing of what is native. */
#include <string.h>
#include <unistd.h>
#include "erl_nif.h"

#define FUNCTION(name) static ERL_NIF_TERM name(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[])

static ErlNifResourceType* watcher_type;
typedef struct {
    ErlNifPid tell;
    ErlNifMonitor monitor;
} Watcher;

/* Counts down through kinds of threads, noting them: (N, Notes). */
FUNCTION(hop) {
    unsigned n;
    if (!enif_get_uint(env, argv[0], &n)) return enif_make_badarg(env);
    ERL_NIF_TERM notes = enif_make_list_cell(env, enif_make_int(env, enif_thread_type()), argv[1]);
    if (n == 0) return notes;
    const ERL_NIF_TERM next[] = {enif_make_uint(env, n - 1), notes};
    const int kinds[] = {0, ERL_NIF_DIRTY_JOB_CPU_BOUND, ERL_NIF_DIRTY_JOB_IO_BOUND};
    const ERL_NIF_TERM later = enif_schedule_nif(env, "hop", kinds[n % 3], hop, 2, next);
    return enif_is_exception(env, later) ? enif_make_int(env, -1) : later;
}

FUNCTION(raise_there) {
    if (argc == 3) return enif_raise_exception(env, argv[2]);
    return enif_make_badarg(env);
}

/* Raises later, on the kind of thread asked for. */
FUNCTION(raise_later) {
    int kind;
    const ERL_NIF_TERM more[] = {argv[1], argv[1], argv[1]};
    if (!enif_get_int(env, argv[0], &kind)) return enif_make_badarg(env);
    return enif_schedule_nif(env, "raise_there", kind, raise_there, kind == 0 ? 3 : 1, more);
}

FUNCTION(bad_schedule) {
    char name[600];
    memset(name, 'x', sizeof name);
    name[599] = 0;
    if (argc == 1) return enif_schedule_nif(env, "ok", 77, raise_there, argc, argv);
    return enif_schedule_nif(env, name, 0, raise_there, argc, argv);
}

/* Uses up slices until N is 0: (N, How often the slice was used up). */
FUNCTION(long_work) {
    unsigned n, used;
    if (!enif_get_uint(env, argv[0], &n) || !enif_get_uint(env, argv[1], &used)) return enif_make_badarg(env);
    while (n > 0) {
        --n;
        if (enif_consume_timeslice(env, 10)) {
            const ERL_NIF_TERM next[] = {enif_make_uint(env, n), enif_make_uint(env, used + 1)};
            return enif_schedule_nif(env, "long_work", 0, long_work, 2, next);
        }
    }
    return enif_make_tuple2(env, enif_make_atom(env, "done"), enif_make_int(env, used > 0));
}

FUNCTION(sleep_ms) {
    unsigned ms;
    enif_get_uint(env, argv[0], &ms);
    usleep(ms * 1000);
    return enif_make_int(env, enif_is_current_process_alive(env));
}

FUNCTION(send_to) {
    ErlNifPid pid;
    if (!enif_get_local_pid(env, argv[0], &pid)) return enif_make_badarg(env);
    ErlNifEnv* message = enif_alloc_env();
    int sent =
        enif_send(env, &pid, message,
                  enif_make_tuple2(message, enif_make_atom(message, "from_env"), enif_make_copy(message, argv[1])));
    sent += enif_send(env, &pid, NULL, argv[1]);
    enif_free_env(message);
    return enif_make_int(env, sent);
}

struct work {
    ErlNifPid to;
    ErlNifEnv* env;
    ERL_NIF_TERM term;
    ErlNifMutex* mutex;
    ErlNifCond* cond;
    int go;
};

static void* worker(void* argument) {
    struct work* w = argument;
    enif_mutex_lock(w->mutex);
    while (!w->go) enif_cond_wait(w->cond, w->mutex);
    enif_mutex_unlock(w->mutex);
    enif_send(NULL, &w->to, w->env, enif_make_tuple2(w->env, enif_make_int(w->env, enif_thread_type()), w->term));
    enif_thread_exit(argument);
    return NULL;
}

/* A thread sends a message; what it returned is given back. */
FUNCTION(from_thread) {
    struct work w;
    ErlNifTid tid;
    void* result = NULL;
    enif_get_local_pid(env, argv[0], &w.to);
    w.env = enif_alloc_env();
    w.term = enif_make_copy(w.env, argv[1]);
    w.mutex = enif_mutex_create("a mutex");
    w.cond = enif_cond_create("a condition");
    w.go = 0;
    ErlNifThreadOpts* options = enif_thread_opts_create("options");
    options->suggested_stack_size = 64;
    if (enif_thread_create("a worker", &tid, worker, &w, options) != 0) return enif_make_badarg(env);
    enif_thread_opts_destroy(options);
    enif_mutex_lock(w.mutex);
    const int busy = enif_mutex_trylock(w.mutex);
    w.go = 1;
    enif_cond_signal(w.cond);
    enif_mutex_unlock(w.mutex);
    const int same = enif_equal_tids(tid, enif_thread_self());
    ERL_NIF_TERM names = enif_make_list3(env, enif_make_string(env, enif_mutex_name(w.mutex), ERL_NIF_LATIN1),
                                         enif_make_string(env, enif_cond_name(w.cond), ERL_NIF_LATIN1),
                                         enif_make_string(env, enif_thread_name(tid), ERL_NIF_LATIN1));
    const int joined = enif_thread_join(tid, &result);
    enif_cond_destroy(w.cond);
    enif_mutex_destroy(w.mutex);
    enif_free_env(w.env);
    return enif_make_list5(env, enif_make_int(env, joined), enif_make_int(env, result == &w),
                           enif_make_int(env, same != 0), enif_make_int(env, busy != 0), names);
}

FUNCTION(locks) {
    ErlNifRWLock* lock = enif_rwlock_create("a lock");
    ErlNifTSDKey a, b;
    int r[8], i = 0;
    enif_rwlock_rlock(lock);
    r[i++] = enif_rwlock_tryrlock(lock) != 0;
    r[i++] = enif_rwlock_tryrwlock(lock) != 0;
    enif_rwlock_runlock(lock);
    enif_rwlock_runlock(lock);
    r[i++] = enif_rwlock_tryrwlock(lock) != 0;
    r[i++] = enif_rwlock_tryrlock(lock) != 0;
    enif_rwlock_rwunlock(lock);
    enif_rwlock_rwlock(lock);
    enif_rwlock_rwunlock(lock);
    enif_rwlock_destroy(lock);
    enif_tsd_key_create("one", &a);
    enif_tsd_key_create("two", &b);
    enif_tsd_set(a, &a);
    r[i++] = enif_tsd_get(a) == &a;
    r[i++] = enif_tsd_get(b) == NULL;
    enif_tsd_set(a, NULL);
    enif_tsd_key_destroy(a);
    enif_tsd_key_destroy(b);
    ERL_NIF_TERM list = enif_make_list(env, 0);
    while (i > 0) list = enif_make_list_cell(env, enif_make_int(env, r[--i]), list);
    return list;
}

static void is_down(ErlNifEnv* env, void* obj, ErlNifPid* pid, ErlNifMonitor* monitor) {
    Watcher* w = obj;
    ErlNifEnv* message = enif_alloc_env();
    enif_send(env, &w->tell, message,
              enif_make_tuple3(message, enif_make_atom(message, "down"), enif_make_pid(message, pid),
                               enif_make_int(message, enif_compare_monitors(monitor, &w->monitor))));
    enif_free_env(message);
}

/* (Tell, Watched): a resource that tells of the end of Watched. */
FUNCTION(watch) {
    ErlNifPid pid;
    Watcher* w = enif_alloc_resource(watcher_type, sizeof *w);
    enif_get_local_pid(env, argv[0], &w->tell);
    enif_get_local_pid(env, argv[1], &pid);
    const int result = enif_monitor_process(env, w, &pid, &w->monitor);
    ERL_NIF_TERM term = enif_make_resource(env, w);
    enif_release_resource(w);
    return enif_make_tuple3(
        env, enif_make_int(env, result), term,
        enif_make_int(env, result == 0 && enif_is_ref(env, enif_make_monitor_term(env, &w->monitor))));
}

FUNCTION(unwatch) {
    void* w;
    if (!enif_get_resource(env, argv[0], watcher_type, &w)) return enif_make_badarg(env);
    const int first = enif_demonitor_process(env, w, &((Watcher*)w)->monitor);
    return enif_make_tuple2(env, enif_make_int(env, first == 0),
                            enif_make_int(env, enif_demonitor_process(env, w, &((Watcher*)w)->monitor) > 0));
}

/* A resource's bytes as a binary, and its size. */
FUNCTION(shared_bytes) {
    char* bytes = enif_alloc_resource(watcher_type, 100);
    memset(bytes, 'b', 100);
    ERL_NIF_TERM binary = enif_make_resource_binary(env, bytes, bytes + 10, 80);
    const int size = (int)enif_sizeof_resource(bytes);
    enif_keep_resource(bytes);
    enif_release_resource(bytes);
    enif_release_resource(bytes);
    return enif_make_tuple2(env, enif_make_int(env, size), binary);
}

FUNCTION(memory) {
    char* block = enif_alloc(10);
    memcpy(block, "123456789", 10);
    block = enif_realloc(block, 100000);
    const int same = strcmp(block, "123456789") == 0;
    block = enif_realloc(block, 5);
    enif_free(block);
    enif_free(NULL);
    return enif_make_int(env, same && memcmp(block = enif_realloc(NULL, 3), "", 0) == 0 && (enif_free(block), 1));
}

static int load(ErlNifEnv* env, void** priv_data, ERL_NIF_TERM info) {
    ErlNifResourceTypeInit init = {NULL, NULL, is_down};
    ErlNifResourceFlags tried;
    watcher_type = enif_open_resource_type_x(env, "watcher", &init, ERL_NIF_RT_CREATE | ERL_NIF_RT_TAKEOVER, &tried);
    return watcher_type == NULL || tried != ERL_NIF_RT_CREATE;
}

static ErlNifFunc functions[] = {{"hop", 2, hop, 0},
                                 {"raise_later", 2, raise_later, 0},
                                 {"bad_schedule", 0, bad_schedule, 0},
                                 {"bad_schedule", 1, bad_schedule, 0},
                                 {"long_work", 2, long_work, 0},
                                 {"sleep_ms", 1, sleep_ms, ERL_NIF_DIRTY_JOB_IO_BOUND},
                                 {"send_to", 2, send_to, 0},
                                 {"send_dirty", 2, send_to, ERL_NIF_DIRTY_JOB_CPU_BOUND},
                                 {"from_thread", 2, from_thread, 0},
                                 {"locks", 0, locks, 0},
                                 {"watch", 2, watch, 0},
                                 {"unwatch", 1, unwatch, 0},
                                 {"shared_bytes", 0, shared_bytes, 0},
                                 {"memory", 0, memory, 0}};

ERL_NIF_INIT(run, functions, load, NULL, NULL, NULL)
