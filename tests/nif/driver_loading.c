/* Libraries with something wrong, and one (case 0) that can be loaded, unloaded, loaded again. */
#include <stdio.h>
#include <string.h>

#include "erl_driver.h"

#define TEXT(x) #x
#define NAME_OF(x) "driver_loading_" TEXT(x)

static int inits;

static int init(void) {
    ++inits;
#if CASE == 4
    return 17;
#else
    return 0;
#endif
}

static void note(char* what) {
    FILE* file = fopen("driver_loading.log", "a");
    fprintf(file, "%s " NAME_OF(CASE) "\n", what);
    fclose(file);
}

static void finish(void) { note("finish"); }

typedef struct {
    ErlDrvPort port;
} Data;

static ErlDrvData start(ErlDrvPort port, char* command) {
    Data* d = driver_alloc(sizeof(Data));
    d->port = port;
    return (ErlDrvData)d;
}

static void stop(ErlDrvData data) {
    note("stop");
    driver_free(data);
}

static void output(ErlDrvData data, char* bytes, ErlDrvSizeT size) { driver_output(((Data*)data)->port, bytes, size); }

static void second_output(ErlDrvData data, char* bytes, ErlDrvSizeT size) {
    driver_output2(((Data*)data)->port, "2", 1, bytes, size);
}

static ErlDrvEntry second = {
    .start = start,
    .stop = stop,
    .output = second_output,
    .driver_name = "driver_loading_second",
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
};

static ErlDrvEntry entry;

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size, char** answer,
                            ErlDrvSizeT room) {
    ErlDrvPort port = ((Data*)data)->port;
    switch (operation) {
        case 1: return sprintf(*answer, "%d", driver_lock_driver(port));
        case 2: add_driver_entry(&second); return 0;
        case 3: return sprintf(*answer, "%d", remove_driver_entry(&second));
        case 5: { /* libraries by hand */
            void* none = driver_dl_open("./driver_loading_nowhere");
            int has_text = strlen(driver_dl_error()) > 0;
            void* other = driver_dl_open("./driver_loading_6");
            int found = driver_dl_sym(other, "driver_init") != NULL;
            return sprintf(*answer, "%d%d%d%d", none == NULL, has_text, found, driver_dl_close(other));
        }
        case 6: return sprintf(*answer, "%d %d", remove_driver_entry(&second), remove_driver_entry(&entry));
        default: return -1;
    }
}

static ErlDrvEntry entry = {
    .init = init,
    .start = start,
    .stop = stop,
    .output = output,
    .finish = finish,
    .control = control,
#if CASE == 1
    .driver_name = "driver_loading_another",
#elif defined(AS_NAME)
    .driver_name = AS_NAME,
#else
    .driver_name = NAME_OF(CASE),
#endif
#if CASE != 2
    .extended_marker = ERL_DRV_EXTENDED_MARKER,
#endif
#if CASE == 5
    .major_version = 1,
#elif CASE == 7
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION + 1,
#else
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
#endif
#if CASE == 8
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION + 1,
#elif CASE == 9
    .minor_version = 0,
#else
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
#endif
};

#if CASE == 6
ErlDrvEntry* driver_init(void) { return NULL; }
#elif CASE == 10
ErlDrvEntry* driver_initiation(void) { return &entry; }
#else
DRIVER_INIT(driver_loading) { return &entry; }
#endif
