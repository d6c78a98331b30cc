/* outputv, driver_outputv, a queue that is flushed before the port closes, busy ports. */
#include <stdio.h>
#include <string.h>

#include "erl_driver.h"

typedef struct {
    ErlDrvPort port;
    char mode;
} Data;

static ErlDrvData start(ErlDrvPort port, char* command) {
    Data* d = driver_alloc(sizeof(Data));
    d->port = port;
    d->mode = command[strlen(command) - 1];
    return (ErlDrvData)d;
}

/* In a file: from a port that closes nothing is sent any more. */
static void note(Data* d, char* what) {
    FILE* file = fopen("driver_vector.log", "a");
    fprintf(file, "%s%s\n", what, driver_sizeq(d->port) != 0 ? ", with a queue" : "");
    fclose(file);
    ErlDrvTermData words[] = {ERL_DRV_ATOM, driver_mk_atom(what)};
    driver_output_term(d->port, words, 2);
}

static void stop(ErlDrvData data) {
    Data* d = (Data*)data;
    note(d, "stop");
    driver_free(data);
}

static void outputv(ErlDrvData data, ErlIOVec* ev) {
    Data* d = (Data*)data;
    char text[2000];
    int n = sprintf(text, "%d entries, %ld bytes:", ev->vsize, (long)ev->size);
    switch (d->mode) {
        case 'v': /* what it is made of */
            for (int i = 0; i < ev->vsize; ++i)
                n += sprintf(text + n, " %ld%s", (long)ev->iov[i].iov_len, ev->binv[i] != NULL ? "b" : "");
            driver_output(d->port, text, n);
            break;
        case 'o': driver_outputv(d->port, "head", 4, ev, 0); break;
        case 's': driver_outputv(d->port, NULL, 0, ev, 3); break;
        case 'c': {
            ErlDrvSizeT size = driver_vec_to_buf(ev, text, 10);
            driver_output(d->port, text, size);
            break;
        }
        case 'q': /* written a byte at a time, by the timer */
        case 'n':
            driver_enqv(d->port, ev, 0);
            driver_set_timer(d->port, 1);
            break;
        case 'p':
            driver_pushqv(d->port, ev, 1);
            n = 0;
            ErlIOVec all;
            driver_peekqv(d->port, &all);
            driver_outputv(d->port, "q", 1, &all, 0);
            break;
        case 'b': /* busy until the timer says otherwise */
        case 'f':
            driver_outputv(d->port, NULL, 0, ev, 0);
            set_busy_port(d->port, 1);
            if (!(ev->size == 4 && memcmp(ev->iov[1].iov_base, "stay", 4) == 0)) driver_set_timer(d->port, 50);
            break;
        default: break;
    }
}

static void timeout(ErlDrvData data) {
    Data* d = (Data*)data;
    if (d->mode == 'b' || d->mode == 'f') {
        set_busy_port(d->port, 0);
        return;
    }
    ErlDrvSizeT left = driver_deq(d->port, 1);
    if (left > 0) driver_set_timer(d->port, 1);
}

static void flush(ErlDrvData data) {
    Data* d = (Data*)data;
    note(d, "flush");
    if (d->mode != 'q') driver_deq(d->port, driver_sizeq(d->port));
}

static ErlDrvEntry entry = {
    .start = start,
    .stop = stop,
#ifdef SOFT
    .driver_name = "driver_vector_soft",
#else
    .driver_name = "driver_vector",
#endif
    .timeout = timeout,
    .outputv = outputv,
    .flush = flush,
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
#ifdef SOFT
    .driver_flags = ERL_DRV_FLAG_SOFT_BUSY | ERL_DRV_FLAG_NO_BUSY_MSGQ,
#endif
};

DRIVER_INIT(driver_vector) { return &entry; }
