/* Time, descriptors, work on another thread, threads of a driver's own, processes that are watched, the end of a port. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "erl_driver.h"

typedef struct {
    ErlDrvPort port;
    ErlDrvTermData port_term, owner;
    int fds[2];
    int writes_left, sleeps;
    ErlDrvMonitor monitors[2];
    ErlDrvPDL lock;
    ErlDrvTid thread;
} Data;

static void tell(Data* d, char* what, long number) {
    ErlDrvTermData words[] = {ERL_DRV_ATOM,           driver_mk_atom(what), ERL_DRV_INT,
                              (ErlDrvTermData)number, ERL_DRV_TUPLE,        2};
    erl_drv_send_term(d->port_term, d->owner, words, sizeof words / sizeof *words);
}

static ErlDrvData start(ErlDrvPort port, char* command) {
    Data* d = driver_alloc(sizeof(Data));
    memset(d, 0, sizeof *d);
    d->port = port;
    d->port_term = driver_mk_port(port);
    d->owner = driver_connected(port);
    d->fds[0] = d->fds[1] = -1;
    return (ErlDrvData)d;
}

static ErlDrvEvent event(int fd) { return (ErlDrvEvent)(long)fd; }

static void stop(ErlDrvData data) {
    Data* d = (Data*)data;
    for (int i = 0; i < 2; ++i) {
        if (d->fds[i] >= 0) driver_select(d->port, event(d->fds[i]), ERL_DRV_USE, 0);
    }
    if (d->thread != NULL) erl_drv_thread_join(d->thread, NULL);
    driver_free(data);
}

static void stop_select(ErlDrvEvent event, void* reserved) { close((int)(long)event); }

static void ready_input(ErlDrvData data, ErlDrvEvent event) {
    Data* d = (Data*)data;
    char bytes[10];
    ssize_t n = read((int)(long)event, bytes, sizeof bytes);
    if (n > 0) {
        driver_output(d->port, bytes, n);
    } else {
        tell(d, "input", n);
        driver_select(d->port, event, ERL_DRV_READ, 0);
    }
}

static void ready_output(ErlDrvData data, ErlDrvEvent event) {
    Data* d = (Data*)data;
    char byte = (char)('0' + d->writes_left);
    if (write((int)(long)event, &byte, 1) != 1) tell(d, "output", errno);
    if (--d->writes_left == 0) driver_select(d->port, event, ERL_DRV_WRITE, 0);
}

static void timeout(ErlDrvData data) {
    Data* d = (Data*)data;
    if (d->sleeps) usleep(100000);
    tell(d, "timeout", 0);
}

typedef struct {
    Data* owner;
    ErlDrvTermData port;
    long number;
    long milliseconds;
} Job;

static void work(void* job) {
    Job* j = job;
    usleep((useconds_t)(j->milliseconds * 1000));
    j->number *= 2;
}

static void forget(void* job) {
    Job* j = job;
    ErlDrvTermData words[] = {ERL_DRV_ATOM, driver_mk_atom("forgotten")};
    (void)words;
    driver_free(j);
}

static void ready_async(ErlDrvData data, ErlDrvThreadData job) {
    Job* j = (Job*)job;
    tell((Data*)data, "async", j->number);
    driver_free(j);
}

static void process_exit(ErlDrvData data, ErlDrvMonitor* monitor) {
    Data* d = (Data*)data;
    ErlDrvTermData words[] = {ERL_DRV_ATOM,  driver_mk_atom("down"),
                              ERL_DRV_PID,   driver_get_monitored_process(d->port, monitor),
                              ERL_DRV_INT,   (ErlDrvTermData)(driver_compare_monitors(monitor, &d->monitors[0]) == 0),
                              ERL_DRV_TUPLE, 3};
    erl_drv_output_term(d->port_term, words, sizeof words / sizeof *words);
}

/* A thread that writes to the port's queue, and sends. */
static void* run(void* argument) {
    Data* d = argument;
    driver_pdl_lock(d->lock);
    driver_enq(d->port, "from a thread", 13);
    driver_pdl_unlock(d->lock);
    tell(d, "thread", driver_pdl_get_refc(d->lock));
    driver_pdl_dec_refc(d->lock);
    return NULL;
}

/* Of the caller, by its pid in `bytes`: none is passed, so the caller is meant. */
static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size, char** answer,
                            ErlDrvSizeT room) {
    Data* d = (Data*)data;
    unsigned long left;
    switch (operation) {
        case 1: return sprintf(*answer, "%d", driver_set_timer(d->port, (unsigned long)bytes[0]));
        case 2: return sprintf(*answer, "%d", driver_cancel_timer(d->port));
        case 3: { /* whether a timer's time is about what it was set to */
            int done = driver_read_timer(d->port, &left);
            return sprintf(*answer, "%d %d", done, left > 50 && left <= 100);
        }
        case 4: d->sleeps = 1; return sprintf(*answer, "%d", driver_set_timer(d->port, 0));
        case 10:
            if (pipe(d->fds) != 0) return -1;
            return sprintf(*answer, "%d", driver_select(d->port, event(d->fds[0]), ERL_DRV_READ | ERL_DRV_USE, 1));
        case 11: return sprintf(*answer, "%ld", (long)write(d->fds[1], bytes, size));
        case 12:
            d->writes_left = bytes[0];
            return sprintf(*answer, "%d", driver_select(d->port, event(d->fds[1]), ERL_DRV_WRITE | ERL_DRV_USE, 1));
        case 13: { /* done with the end that is written to */
            int fd = d->fds[1];
            d->fds[1] = -1;
            return sprintf(*answer, "%d", driver_select(d->port, event(fd), ERL_DRV_USE, 0));
        }
        case 14: return sprintf(*answer, "%d", driver_select(d->port, event(-1), ERL_DRV_READ, 1));
        case 15: { /* whether the descriptor is as it was */
            return sprintf(*answer, "%d", (fcntl(d->fds[0], F_GETFL) & O_NONBLOCK) != 0);
        }
        case 20:
        case 21: {
            Job* j = driver_alloc(sizeof(Job));
            j->owner = d;
            j->number = bytes[0];
            j->milliseconds = bytes[1];
            unsigned int key = driver_async_port_key(d->port);
            long id = driver_async(d->port, operation == 20 ? NULL : &key, work, j, forget);
            return sprintf(*answer, "%d %d", id > 0, key == 0 || operation == 20);
        }
        case 30:
        case 31:
            return sprintf(*answer, "%d",
                           driver_monitor_process(d->port, driver_caller(d->port), &d->monitors[operation - 30]));
        case 32:
            return sprintf(*answer, "%d %d", driver_demonitor_process(d->port, &d->monitors[0]),
                           driver_get_monitored_process(d->port, &d->monitors[0]) == driver_term_nil);
        case 33:
            return sprintf(*answer, "%d",
                           driver_get_monitored_process(d->port, &d->monitors[0]) == driver_caller(d->port));
        case 40:
            d->lock = driver_pdl_create(d->port);
            driver_pdl_inc_refc(d->lock);
            return sprintf(*answer, "%d %ld", driver_pdl_create(d->port) == NULL, (long)driver_pdl_get_refc(d->lock));
        case 41: return sprintf(*answer, "%d", erl_drv_thread_create("a thread", &d->thread, run, d, NULL));
        case 42: {
            driver_pdl_lock(d->lock);
            ErlDrvSizeT n = driver_sizeq(d->port);
            driver_pdl_unlock(d->lock);
            return sprintf(*answer, "%ld", (long)n);
        }
        case 43: { /* things that threads meet at */
            ErlDrvMutex* mutex = erl_drv_mutex_create("a mutex");
            ErlDrvRWLock* lock = erl_drv_rwlock_create("a lock");
            ErlDrvCond* cond = erl_drv_cond_create("a condition");
            ErlDrvTSDKey key;
            erl_drv_mutex_lock(mutex);
            erl_drv_rwlock_rlock(lock);
            erl_drv_cond_signal(cond);
            erl_drv_tsd_key_create("a key", &key);
            erl_drv_tsd_set(key, d);
            long n =
                sprintf(*answer, "%s %s %s %d %d", erl_drv_mutex_name(mutex), erl_drv_rwlock_name(lock),
                        erl_drv_cond_name(cond), erl_drv_rwlock_tryrwlock(lock) == EBUSY, erl_drv_tsd_get(key) == d);
            erl_drv_rwlock_runlock(lock);
            erl_drv_mutex_unlock(mutex);
            erl_drv_mutex_destroy(mutex);
            erl_drv_rwlock_destroy(lock);
            erl_drv_cond_destroy(cond);
            erl_drv_tsd_key_destroy(key);
            return n;
        }
        case 50: driver_failure_atom(d->port, "some_reason"); return 0;
        case 51: driver_failure_posix(d->port, ENOENT); return 0;
        case 52: driver_failure_eof(d->port); return 0;
        case 53: driver_exit(d->port, 0); return 0;
        case 54: driver_exit(d->port, EACCES); return 0;
        case 55: driver_failure(d->port, 7); return 0;
        case 56: driver_failure(d->port, 0); return 0;
        case 57: { /* what is asked of a port that has gone */
            ErlDrvPort port = d->port;
            driver_enq(port, "lost", 4);
            driver_failure_atom(port, "gone");
            int n = driver_output(port, "x", 1) + driver_set_timer(port, 1) + driver_failure_atom(port, "again") +
                    driver_select(port, event(0), ERL_DRV_READ, 1) + driver_enq(port, "x", 1);
            return sprintf(*answer, "%d %d", n, driver_mk_port(port) == driver_term_nil);
        }
        case 58: { /* another port, for the caller */
            Data* other = (Data*)start(d->port, "");
            other->port = driver_create_port(d->port, driver_caller(d->port), "created", (ErlDrvData)other);
            other->port_term = driver_mk_port(other->port);
            other->owner = driver_caller(d->port);
            driver_output(other->port, "first data", 10);
            driver_set_timer(other->port, 10);
            ErlDrvTermData words[] = {
                ERL_DRV_ATOM, driver_mk_atom("created"), ERL_DRV_PORT, other->port_term, ERL_DRV_TUPLE, 2};
            return sprintf(*answer, "%d", erl_drv_send_term(d->port_term, other->owner, words, 6));
        }
        case 60: { /* clocks */
            ErlDrvTime s = erl_drv_monotonic_time(ERL_DRV_SEC), ns = erl_drv_monotonic_time(ERL_DRV_NSEC);
            ErlDrvTime floor = erl_drv_convert_time_unit(-1, ERL_DRV_NSEC, ERL_DRV_SEC);
            return sprintf(*answer, "%d %ld %d", ns / 1000000000 - s <= 1, (long)floor,
                           erl_drv_time_offset(ERL_DRV_SEC) > 0);
        }
        case 61:
            return sprintf(*answer, "%d%d", erl_drv_consume_timeslice(d->port, 1),
                           erl_drv_consume_timeslice(d->port, 100));
        default: return -1;
    }
}

static ErlDrvEntry entry = {
    .start = start,
    .stop = stop,
    .ready_input = ready_input,
    .ready_output = ready_output,
    .driver_name = "driver_events",
    .control = control,
    .timeout = timeout,
    .ready_async = ready_async,
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING,
    .process_exit = process_exit,
    .stop_select = stop_select,
};

DRIVER_INIT(driver_events) { return &entry; }
