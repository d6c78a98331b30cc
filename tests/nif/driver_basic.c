/* What processes ask of a port: commands, port_control, port_call; and the port's queue. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "erl_driver.h"

typedef struct {
    ErlDrvPort port;
    char command[256];
} Data;

static int starts, stops;

static ErlDrvData start(ErlDrvPort port, char* command) {
    if (strstr(command, " general") != NULL) return ERL_DRV_ERROR_GENERAL;
    if (strstr(command, " badarg") != NULL) return ERL_DRV_ERROR_BADARG;
    if (strstr(command, " errno") != NULL) {
        errno = EACCES;
        return ERL_DRV_ERROR_ERRNO;
    }
    Data* d = driver_alloc(sizeof(Data));
    d->port = port;
    snprintf(d->command, sizeof d->command, "%s", command);
    ++starts;
    return (ErlDrvData)d;
}

static void stop(ErlDrvData data) {
    ++stops;
    driver_free(data);
}

static void output(ErlDrvData data, char* bytes, ErlDrvSizeT size) {
    Data* d = (Data*)data;
    if (size == 0) {
        driver_output(d->port, "empty", 5);
        return;
    }
    switch (bytes[0]) {
        case 'e': driver_output(d->port, bytes + 1, size - 1); break;
        case '2': driver_output2(d->port, bytes + 1, 2, bytes + 3, size - 3); break;
        case '0': driver_output2(d->port, bytes + 1, size - 1, NULL, 0); break;
        case 'b': {
            ErlDrvBinary* binary = driver_alloc_binary(size + 10);
            memcpy(binary->orig_bytes, bytes, size);
            driver_output_binary(d->port, "hd", 2, binary, 1, size - 1);
            driver_free_binary(binary);
            break;
        }
        case 'n': driver_output(d->port, d->command, strlen(d->command)); break;
        case 't': {
            ErlDrvTermData words[] = {ERL_DRV_PID,  driver_caller(d->port),  ERL_DRV_PID,   driver_connected(d->port),
                                      ERL_DRV_PORT, driver_mk_port(d->port), ERL_DRV_TUPLE, 3};
            erl_drv_output_term(driver_mk_port(d->port), words, sizeof words / sizeof *words);
            break;
        }
        default: break;
    }
}

/* The whole queue as it is peeked. */
static ErlDrvSSizeT show_queue(Data* d, char** answer) {
    int count;
    SysIOVec* iov = driver_peekq(d->port, &count);
    ErlDrvSizeT size = driver_sizeq(d->port), at = 0;
    ErlIOVec all;
    if (driver_peekqv(d->port, &all) != size || all.vsize != count) return -1;
    char* text = driver_alloc(size + 1);
    for (int i = 0; i < count; ++i) {
        if (all.binv[i] == NULL) return -1;
        memcpy(text + at, iov[i].iov_base, iov[i].iov_len);
        at += iov[i].iov_len;
    }
    *answer = text;
    return (ErlDrvSSizeT)at;
}

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size, char** answer,
                            ErlDrvSizeT room) {
    Data* d = (Data*)data;
    switch (operation) {
        case 1: /* in the room given, as far as it goes */
            if (size > room) size = room;
            memcpy(*answer, bytes, size);
            return (ErlDrvSSizeT)size;
        case 2: /* in memory of its own */
            *answer = driver_alloc(2 * size + 1);
            memcpy(*answer, bytes, size);
            memcpy(*answer + size, bytes, size);
            return (ErlDrvSSizeT)(2 * size);
        case 3: set_port_control_flags(d->port, bytes[0] - '0'); return 0;
        case 4: { /* with PORT_CONTROL_FLAG_BINARY */
            ErlDrvBinary* binary = driver_alloc_binary(size);
            memcpy(binary->orig_bytes, bytes, size);
            *answer = (char*)binary;
            return (ErlDrvSSizeT)size;
        }
        case 5: *answer = NULL; return 0;
        case 6: return -1;
        case 7: return sprintf(*answer, "%d", get_port_flags(d->port));
        case 8: return sprintf(*answer, "%d %d", starts, stops);
        case 10: return sprintf(*answer, "%d", driver_enq(d->port, bytes, size));
        case 11: return sprintf(*answer, "%d", driver_pushq(d->port, bytes, size));
        case 12: {
            ErlDrvBinary* binary = driver_alloc_binary(size);
            memcpy(binary->orig_bytes, bytes, size);
            int done = driver_enq_bin(d->port, binary, 1, size - 2) + driver_pushq_bin(d->port, binary, 0, 1);
            int count = (int)driver_binary_get_refc(binary);
            driver_free_binary(binary);
            return sprintf(*answer, "%d %d", done, count);
        }
        case 13: return sprintf(*answer, "%ld", (long)driver_deq(d->port, (ErlDrvSizeT)bytes[0]));
        case 14: return show_queue(d, answer);
        case 15: return sprintf(*answer, "%ld", (long)driver_sizeq(d->port));
        case 16: erl_drv_set_os_pid(d->port, 12345); return 0;
        case 17: { /* sizes of binaries, references */
            ErlDrvBinary* binary = driver_alloc_binary(100);
            long n = sprintf(*answer, "%ld %ld", (long)binary->orig_size, (long)driver_binary_inc_refc(binary));
            n += sprintf(*answer + n, " %ld", (long)driver_binary_dec_refc(binary));
            memcpy(binary->orig_bytes, "abc", 3);
            binary = driver_realloc_binary(binary, 200);
            n += sprintf(*answer + n, " %ld %.3s", (long)binary->orig_size, binary->orig_bytes);
            driver_free_binary(binary);
            return n;
        }
        case 18: { /* what does not change the VM */
            ErlDrvSysInfo info;
            driver_system_info(&info, sizeof info);
            char value[100];
            size_t room_of_value = sizeof value, small = 2;
            int put = erl_drv_putenv("DRIVER_BASIC", "xyz");
            int got = erl_drv_getenv("DRIVER_BASIC", value, &room_of_value);
            int too_small = erl_drv_getenv("DRIVER_BASIC", value + 50, &small);
            int missing = erl_drv_getenv("DRIVER_BASIC_NOT", value + 50, &room_of_value);
            return sprintf(*answer, "%d.%d %d %d %d%d%d%d %s %s", info.driver_major_version, info.driver_minor_version,
                           info.thread_support, info.async_threads, put, got, too_small, missing, value,
                           erl_errno_id(ENOENT));
        }
        case 19: { /* limits of the queue of requests */
            ErlDrvSizeT low = ERL_DRV_BUSY_MSGQ_READ_ONLY, high = ERL_DRV_BUSY_MSGQ_READ_ONLY;
            erl_drv_busy_msgq_limits(d->port, &low, &high);
            long n = sprintf(*answer, "%ld %ld", (long)low, (long)high);
            low = 10000;
            high = 0;
            erl_drv_busy_msgq_limits(d->port, &low, &high);
            n += sprintf(*answer + n, " %ld %ld", (long)low, (long)high);
            low = ERL_DRV_BUSY_MSGQ_DISABLED;
            erl_drv_busy_msgq_limits(d->port, &low, &high);
            low = high = 0;
            erl_drv_busy_msgq_limits(d->port, &low, &high);
            return n + sprintf(*answer + n, " %d", low == ERL_DRV_BUSY_MSGQ_DISABLED);
        }
        default: return -1;
    }
}

static ErlDrvSSizeT call(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size, char** answer,
                         ErlDrvSizeT room, unsigned int* flags) {
    static char kept[1000];
    switch (operation) {
        case 0:
            if (size > room) *answer = driver_alloc(size);
            memcpy(*answer, bytes, size);
            return (ErlDrvSSizeT)size;
        case 1:
            memcpy(kept, bytes, size);
            *answer = kept;
            *flags |= DRIVER_CALL_KEEP_BUFFER;
            return (ErlDrvSSizeT)size;
        case 2: memcpy(*answer, "\203\377garbage", 9); return 9;
        case 3: memcpy(*answer, "no version", 10); return 10;
        case 4: return 0;
        default: return -1;
    }
}

static ErlDrvEntry entry = {
    .start = start,
    .stop = stop,
    .output = output,
    .driver_name = "driver_basic",
    .control = control,
    .call = call,
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING,
};

DRIVER_INIT(driver_basic) { return &entry; }
