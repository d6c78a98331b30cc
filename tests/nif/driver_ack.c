/* Ports that say later whether they have begun, drivers whose ports are locked together, and what is called before a crash dump. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "erl_driver.h"

typedef struct {
    ErlDrvPort port;
    char mode;
} Data;

static int inside, most_inside, calls;

static ErlDrvData start(ErlDrvPort port, char* command) {
    const char mode = command[strlen(command) - 1];
    Data* d;
    if (mode == 'r') return ERL_DRV_ERROR_BADARG;
    d = driver_alloc(sizeof(Data));
    d->port = port;
    d->mode = mode;
    if (d->mode != 's') driver_set_timer(port, 20);
    erl_drv_init_ack(port, ERL_DRV_ERROR_GENERAL); /* too early: means nothing */
    return (ErlDrvData)d;
}

static void stop(ErlDrvData data) {
    if (data != ERL_DRV_ERROR_ERRNO && data != ERL_DRV_ERROR_GENERAL && data != ERL_DRV_ERROR_BADARG) driver_free(data);
}

static void timeout(ErlDrvData data) {
    Data* d = (Data*)data;
    switch (d->mode) {
        case 'o': erl_drv_init_ack(d->port, data); break;
        case 'g': erl_drv_init_ack(d->port, ERL_DRV_ERROR_GENERAL); break;
        case 'b': erl_drv_init_ack(d->port, ERL_DRV_ERROR_BADARG); break;
        case 'e':
            errno = ENOENT;
            erl_drv_init_ack(d->port, ERL_DRV_ERROR_ERRNO);
            break;
        case 'f': driver_failure_atom(d->port, "failed"); break;
        default: break;
    }
}

/* Callbacks of all ports come one after the other. */
static void output(ErlDrvData data, char* bytes, ErlDrvSizeT size) {
    ++calls;
    if (++inside > most_inside) most_inside = inside;
    usleep(200);
    --inside;
}

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size, char** answer,
                            ErlDrvSizeT room) {
    if (operation == 2) {
        erl_drv_init_ack(((Data*)data)->port, data);
        return 0;
    }
    return sprintf(*answer, "%d %d", most_inside, calls);
}

static void emergency_close(ErlDrvData data) {
    FILE* file = fopen("driver_ack.log", "a");
    fprintf(file, "emergency\n");
    fclose(file);
}

static ErlDrvEntry entry = {
    .start = start,
    .stop = stop,
    .output = output,
    .driver_name = "driver_ack",
    .control = control,
    .timeout = timeout,
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_INIT_ACK,
    .emergency_close = emergency_close,
};

DRIVER_INIT(driver_ack) { return &entry; }
