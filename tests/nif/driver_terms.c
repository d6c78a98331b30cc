/* Terms of all kinds that drivers describe. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "erl_driver.h"

static ErlDrvPort the_port;

static ErlDrvData start(ErlDrvPort port, char* command) {
    the_port = port;
    return (ErlDrvData)port;
}

#define SEND(...)                                                                \
    do {                                                                         \
        ErlDrvTermData words[] = {__VA_ARGS__};                                  \
        return send(port, answer, words, (int)(sizeof words / sizeof words[0])); \
    } while (0)

static ErlDrvSSizeT send(ErlDrvPort port, char** answer, ErlDrvTermData* words, int count) {
    return sprintf(*answer, "%d", erl_drv_output_term(driver_mk_port(port), words, count));
}

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size, char** answer,
                            ErlDrvSizeT room) {
    ErlDrvPort port = (ErlDrvPort)data;
    const ErlDrvTermData a = driver_mk_atom("a"), b = driver_mk_atom("b");
    static ErlDrvSInt64 low = INT64_MIN, minus = -1;
    static ErlDrvUInt64 high = UINT64_MAX;
    static double number = 1.25, large = 1e300, infinite = INFINITY, zero = -0.0;
    switch (operation) {
        case 0: SEND(ERL_DRV_NIL);
        case 1: SEND(ERL_DRV_ATOM, a, ERL_DRV_ATOM, driver_mk_atom("Caf\xe9 au lait"), ERL_DRV_TUPLE, 2);
        case 2:
            SEND(ERL_DRV_INT, (ErlDrvTermData)-5, ERL_DRV_INT, (ErlDrvTermData)INT64_MIN, ERL_DRV_INT,
                 (ErlDrvTermData)INT64_MAX, ERL_DRV_TUPLE, 3);
        case 3: SEND(ERL_DRV_UINT, 5, ERL_DRV_UINT, UINT64_MAX, ERL_DRV_TUPLE, 2);
        case 4:
            SEND(ERL_DRV_INT64, TERM_DATA(&low), ERL_DRV_INT64, TERM_DATA(&minus), ERL_DRV_UINT64, TERM_DATA(&high),
                 ERL_DRV_TUPLE, 3);
        case 5:
            SEND(ERL_DRV_FLOAT, TERM_DATA(&number), ERL_DRV_FLOAT, TERM_DATA(&large), ERL_DRV_FLOAT, TERM_DATA(&zero),
                 ERL_DRV_TUPLE, 3);
        case 6: SEND(ERL_DRV_PORT, driver_mk_port(port), ERL_DRV_PID, driver_connected(port), ERL_DRV_TUPLE, 2);
        case 7: SEND(ERL_DRV_STRING, TERM_DATA(bytes), size);
        case 8: SEND(ERL_DRV_ATOM, a, ERL_DRV_NIL, ERL_DRV_LIST, 2, ERL_DRV_STRING_CONS, TERM_DATA(bytes), size);
        case 9: SEND(ERL_DRV_ATOM, a, ERL_DRV_ATOM, b, ERL_DRV_INT, 3, ERL_DRV_NIL, ERL_DRV_LIST, 4);
        case 10: SEND(ERL_DRV_ATOM, a, ERL_DRV_ATOM, b, ERL_DRV_LIST, 2);
        case 11: SEND(ERL_DRV_TUPLE, 0);
        case 12: SEND(ERL_DRV_BUF2BINARY, TERM_DATA(bytes), size);
        case 13: SEND(ERL_DRV_BUF2BINARY, TERM_DATA(NULL), 0);
        case 14: {
            ErlDrvBinary* binary = driver_alloc_binary(size);
            memcpy(binary->orig_bytes, bytes, size);
            ErlDrvTermData words[] = {ERL_DRV_BINARY,
                                      TERM_DATA(binary),
                                      size,
                                      0,
                                      ERL_DRV_BINARY,
                                      TERM_DATA(binary),
                                      size - 2,
                                      1,
                                      ERL_DRV_BINARY,
                                      TERM_DATA(binary),
                                      2,
                                      size - 2,
                                      ERL_DRV_TUPLE,
                                      3};
            ErlDrvSSizeT n = send(port, answer, words, sizeof words / sizeof *words);
            n += sprintf(*answer + n, " %ld", (long)driver_binary_get_refc(binary));
            driver_free_binary(binary);
            return n;
        }
        case 15: SEND(ERL_DRV_EXT2TERM, TERM_DATA(bytes), size, ERL_DRV_ATOM, a, ERL_DRV_TUPLE, 2);
        case 16: SEND(ERL_DRV_ATOM, a, ERL_DRV_INT, 1, ERL_DRV_ATOM, b, ERL_DRV_INT, 2, ERL_DRV_MAP, 2);
        case 17: SEND(ERL_DRV_MAP, 0);
        case 18: { /* a large map */
            static ErlDrvTermData words[4 * 100 + 2];
            for (int i = 0; i < 100; ++i) {
                words[4 * i] = ERL_DRV_INT;
                words[4 * i + 1] = (ErlDrvTermData)(i * 7);
                words[4 * i + 2] = ERL_DRV_INT;
                words[4 * i + 3] = (ErlDrvTermData)i;
            }
            words[400] = ERL_DRV_MAP;
            words[401] = 100;
            return send(port, answer, words, 402);
        }
        case 19: { /* to another process than the owner */
            ErlDrvTermData words[] = {ERL_DRV_ATOM, a, ERL_DRV_PID, driver_caller(port), ERL_DRV_TUPLE, 2};
            return sprintf(*answer, "%d", erl_drv_send_term(driver_mk_port(port), driver_caller(port), words, 6));
        }
        /* What makes no sense. */
        case 30: SEND(ERL_DRV_NIL, ERL_DRV_NIL);
        case 31: SEND(ERL_DRV_TUPLE, 1);
        case 32: SEND(ERL_DRV_ATOM);
        case 33: SEND(ERL_DRV_ATOM, 0);
        case 34: SEND(99);
        case 35: SEND(ERL_DRV_ATOM, a, ERL_DRV_LIST, 0);
        case 36: SEND(ERL_DRV_NIL, ERL_DRV_LIST, 2);
        case 37: SEND(ERL_DRV_PID, a);
        case 38: SEND(ERL_DRV_PORT, a);
        case 39: SEND(ERL_DRV_FLOAT, TERM_DATA(&infinite));
        case 40: SEND(ERL_DRV_EXT2TERM, TERM_DATA("\203\377"), 2);
        case 41: SEND(ERL_DRV_STRING_CONS, TERM_DATA(bytes), size);
        case 42: SEND(ERL_DRV_STRING, TERM_DATA(NULL), 3);
        case 43: SEND(ERL_DRV_ATOM, a, ERL_DRV_INT, 1, ERL_DRV_ATOM, a, ERL_DRV_INT, 2, ERL_DRV_MAP, 2);
        case 44: SEND(ERL_DRV_ATOM, a, ERL_DRV_MAP, 1);
        case 45: {
            ErlDrvBinary* binary = driver_alloc_binary(10);
            ErlDrvTermData words[] = {ERL_DRV_BINARY, TERM_DATA(binary), 10, 1};
            ErlDrvSSizeT n = send(port, answer, words, 4);
            driver_free_binary(binary);
            return n;
        }
        case 46: SEND(ERL_DRV_BINARY, TERM_DATA(NULL), 0, 0);
        case 47: return send(port, answer, NULL, 0);
        case 48: SEND(ERL_DRV_EXT2TERM, TERM_DATA("\203t\0\0\0\2a\1a\2a\1a\3"), 14);
        case 49: /* the same number of terms however it is counted */
            return sprintf(*answer, "%d%d", driver_term_nil == driver_mk_term_nil(), driver_mk_atom("a") == a);
        default: return -1;
    }
}

static ErlDrvEntry entry = {
    .start = start,
    .driver_name = "driver_terms",
    .control = control,
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
    .driver_flags = ERL_DRV_FLAG_USE_PORT_LOCKING,
};

DRIVER_INIT(driver_terms) { return &entry; }
