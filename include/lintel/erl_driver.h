/* Drivers of Erlang ports in shared libraries: the interface that OTP calls erl_driver, version 3.3, as Lintel has it.
 *
 * C99. Sources and compiled libraries of either header work on either VM: names, numbers and layouts are those of OTP's documented
 * interface (manual pages erl_driver(3), driver_entry(3)), for systems with 64-bit words. docs/design/drivers.md tells how Lintel fulfils it and where
 * it differs. What takes an ErlDrvPort is for callbacks of that port only, unless said otherwise; the rest may be called on any thread.
 */
#ifndef LINTEL_ERL_DRIVER_H
#define LINTEL_ERL_DRIVER_H

#include <stdlib.h>

#include "erl_drv_nif.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ERL_DRV_EXTENDED_MARKER (0xfeeeeeed)
#define ERL_DRV_EXTENDED_MAJOR_VERSION 3
#define ERL_DRV_EXTENDED_MINOR_VERSION 3
#define ERL_DRV_MIN_REQUIRED_MAJOR_VERSION_ON_LOAD 2

/* ---- numbers and handles */

typedef unsigned long ErlDrvUInt64;
typedef long ErlDrvSInt64;
typedef ErlDrvUInt64 ErlDrvUInt;
typedef ErlDrvSInt64 ErlDrvSInt;
typedef size_t ErlDrvSizeT;
typedef ssize_t ErlDrvSSizeT;
/* A word of the description of a term; or an atom, a pid, a port. */
typedef ErlDrvUInt ErlDrvTermData;

typedef struct lintel_driver_data* ErlDrvData;   /* what a driver has of a port: what its start() returns */
typedef struct lintel_driver_event* ErlDrvEvent; /* a file descriptor, cast to a pointer */
typedef struct lintel_driver_port* ErlDrvPort;
typedef struct lintel_driver_thread_data* ErlDrvThreadData;
typedef struct lintel_port_data_lock* ErlDrvPDL;

/* Bytes that are counted by reference. They are written before anybody else has seen them, and never again. */
typedef struct erl_drv_binary {
    ErlDrvSInt orig_size;
    char orig_bytes[1]; /* orig_size of them */
} ErlDrvBinary;

/* Bytes of several binaries; of an entry without one the bytes are the driver's own. The first entry that outputv() gets is empty, for a
 * header. */
typedef struct erl_io_vec {
    int vsize;
    ErlDrvSizeT size; /* bytes, all together */
    SysIOVec* iov;
    ErlDrvBinary** binv;
} ErlIOVec;

/* What start() returns when there is to be no port: open_port/2 fails with einval, the name of errno, badarg. */
#define ERL_DRV_ERROR_GENERAL ((ErlDrvData)-1)
#define ERL_DRV_ERROR_ERRNO ((ErlDrvData)-2)
#define ERL_DRV_ERROR_BADARG ((ErlDrvData)-3)

/* ---- a driver */

/* Of driver_flags. */
#define ERL_DRV_FLAG_USE_PORT_LOCKING (1 << 0) /* else callbacks of all its ports come one after the other */
#define ERL_DRV_FLAG_SOFT_BUSY (1 << 1)        /* port_command(Port, Data, [force]) writes to busy ports */
#define ERL_DRV_FLAG_NO_BUSY_MSGQ (1 << 2)
#define ERL_DRV_FLAG_USE_INIT_ACK (1 << 3) /* open_port/2 returns when erl_drv_init_ack has been called */

typedef struct erl_drv_entry {
    int (*init)(void); /* after loading; not 0: it is refused */
    ErlDrvData (*start)(ErlDrvPort port, char* command);
    void (*stop)(ErlDrvData);
    void (*output)(ErlDrvData, char* bytes, ErlDrvSizeT size);
    void (*ready_input)(ErlDrvData, ErlDrvEvent);
    void (*ready_output)(ErlDrvData, ErlDrvEvent);
    char* driver_name;    /* that of its file, without .so */
    void (*finish)(void); /* before it is unloaded */
    void* handle;
    ErlDrvSSizeT (*control)(ErlDrvData, unsigned int operation, char* bytes, ErlDrvSizeT size, char** answer,
                            ErlDrvSizeT answer_size);
    void (*timeout)(ErlDrvData);
    void (*outputv)(ErlDrvData, ErlIOVec*); /* instead of output */
    void (*ready_async)(ErlDrvData, ErlDrvThreadData);
    void (*flush)(ErlDrvData); /* the port closes when its queue is empty */
    ErlDrvSSizeT (*call)(ErlDrvData, unsigned int operation, char* term, ErlDrvSizeT size, char** answer,
                         ErlDrvSizeT answer_size, unsigned int* flags);
    void (*unused_event_callback)(void);
    int extended_marker; /* ERL_DRV_EXTENDED_MARKER, … */
    int major_version;
    int minor_version;
    int driver_flags;
    void* handle2;
    void (*process_exit)(ErlDrvData, ErlDrvMonitor*);
    void (*stop_select)(ErlDrvEvent, void* reserved); /* nobody looks at the descriptor any more: it can be closed */
    void (*emergency_close)(ErlDrvData);              /* since 3.2: before a crash dump */
} ErlDrvEntry;

#ifdef __cplusplus
#define LINTEL_DRIVER_C extern "C"
#else
#define LINTEL_DRIVER_C
#endif
/* Stands once in a library, before the body of a function that returns its ErlDrvEntry*. */
#define ERLANG_DRIVER_NAME(NAME) driver_init
#define ERL_DRIVER_EXPORT ENIF_API
#define DRIVER_INIT(NAME)                                    \
    LINTEL_DRIVER_C ENIF_API ErlDrvEntry* driver_init(void); \
    LINTEL_DRIVER_C ENIF_API ErlDrvEntry* driver_init(void)

/* In *flags of call(): the answer's memory stays the driver's. */
#define DRIVER_CALL_KEEP_BUFFER 0x1

/* ---- functions, by family. What returns int returns 0, or -1 when it fails, unless said otherwise. */

/* Data to the port's owner: {Port, {data, Data}}. A header is a list of bytes before the data. */
ENIF_API int driver_output(ErlDrvPort, char* bytes, ErlDrvSizeT size);
ENIF_API int driver_output2(ErlDrvPort, char* header, ErlDrvSizeT header_size, char* bytes, ErlDrvSizeT size);
ENIF_API int driver_output_binary(ErlDrvPort, char* header, ErlDrvSizeT header_size, ErlDrvBinary*, ErlDrvSizeT offset,
                                  ErlDrvSizeT size);
ENIF_API int driver_outputv(ErlDrvPort, char* header, ErlDrvSizeT header_size, ErlIOVec*, ErlDrvSizeT skip);
ENIF_API ErlDrvSizeT driver_vec_to_buf(ErlIOVec*, char* buffer, ErlDrvSizeT size); /* bytes copied */

/* Time and events. */
ENIF_API int driver_set_timer(ErlDrvPort, unsigned long ms);
ENIF_API int driver_cancel_timer(ErlDrvPort);
ENIF_API int driver_read_timer(ErlDrvPort, unsigned long* ms_left);
#define ERL_DRV_READ ((int)ERL_NIF_SELECT_READ)
#define ERL_DRV_WRITE ((int)ERL_NIF_SELECT_WRITE)
#define ERL_DRV_USE ((int)ERL_NIF_SELECT_STOP)
#define ERL_DRV_USE_NO_CALLBACK (ERL_DRV_USE | (ERL_DRV_USE << 1))
#define DO_READ ERL_DRV_READ
#define DO_WRITE ERL_DRV_WRITE
ENIF_API int driver_select(ErlDrvPort, ErlDrvEvent, int mode, int on);

/* The end of a port. */
ENIF_API int driver_failure_atom(ErlDrvPort, char* reason);
ENIF_API int driver_failure_posix(ErlDrvPort, int error);
ENIF_API int driver_failure(ErlDrvPort, int number);
ENIF_API int driver_failure_eof(ErlDrvPort);
ENIF_API int driver_exit(ErlDrvPort, int error);

/* A lock for what a port's callbacks and other threads share: its queue and its monitors. */
ENIF_API ErlDrvPDL driver_pdl_create(ErlDrvPort);
ENIF_API void driver_pdl_lock(ErlDrvPDL);
ENIF_API void driver_pdl_unlock(ErlDrvPDL);
ENIF_API ErlDrvSInt driver_pdl_get_refc(ErlDrvPDL);
ENIF_API ErlDrvSInt driver_pdl_inc_refc(ErlDrvPDL);
ENIF_API ErlDrvSInt driver_pdl_dec_refc(ErlDrvPDL);

/* Processes that are watched. With a port data lock on any thread that holds it. */
ENIF_API int driver_monitor_process(ErlDrvPort, ErlDrvTermData pid, ErlDrvMonitor*); /* > 0: there is no such process */
ENIF_API int driver_demonitor_process(ErlDrvPort, const ErlDrvMonitor*);
ENIF_API ErlDrvTermData driver_get_monitored_process(ErlDrvPort, const ErlDrvMonitor*);
ENIF_API int driver_compare_monitors(const ErlDrvMonitor*, const ErlDrvMonitor*);

/* Settings. */
#define PORT_CONTROL_FLAG_BINARY (1 << 0)
#define PORT_CONTROL_FLAG_HEAVY (1 << 1)
#define PORT_FLAG_BINARY (1 << 0)
#define PORT_FLAG_LINE (1 << 1)
#define ERL_DRV_BUSY_MSGQ_DISABLED (~((ErlDrvSizeT)0))
#define ERL_DRV_BUSY_MSGQ_READ_ONLY ((ErlDrvSizeT)0)
#define ERL_DRV_BUSY_MSGQ_LIM_MAX (ERL_DRV_BUSY_MSGQ_DISABLED - 1)
#define ERL_DRV_BUSY_MSGQ_LIM_MIN ((ErlDrvSizeT)1)
ENIF_API void set_busy_port(ErlDrvPort, int on);
ENIF_API void erl_drv_busy_msgq_limits(ErlDrvPort, ErlDrvSizeT* low, ErlDrvSizeT* high);
ENIF_API void set_port_control_flags(ErlDrvPort, int flags);
ENIF_API int get_port_flags(ErlDrvPort);
ENIF_API void erl_drv_init_ack(ErlDrvPort, ErlDrvData); /* as start() returns it */
ENIF_API void erl_drv_set_os_pid(ErlDrvPort, ErlDrvSInt pid);
ENIF_API int erl_drv_consume_timeslice(ErlDrvPort, int percent); /* 1: it is used up */

/* Memory and binaries. */
ENIF_API void* driver_alloc(ErlDrvSizeT size);
ENIF_API void* driver_realloc(void* block, ErlDrvSizeT size);
ENIF_API void driver_free(void* block);
ENIF_API ErlDrvBinary* driver_alloc_binary(ErlDrvSizeT size);
ENIF_API ErlDrvBinary* driver_realloc_binary(ErlDrvBinary*, ErlDrvSizeT size);
ENIF_API void driver_free_binary(ErlDrvBinary*);
ENIF_API ErlDrvSInt driver_binary_get_refc(ErlDrvBinary*);
ENIF_API ErlDrvSInt driver_binary_inc_refc(ErlDrvBinary*);
ENIF_API ErlDrvSInt driver_binary_dec_refc(ErlDrvBinary*);

/* The port's queue. With a port data lock on any thread that holds it. */
ENIF_API int driver_enq(ErlDrvPort, char* bytes, ErlDrvSizeT size);
ENIF_API int driver_pushq(ErlDrvPort, char* bytes, ErlDrvSizeT size);
ENIF_API int driver_enq_bin(ErlDrvPort, ErlDrvBinary*, ErlDrvSizeT offset, ErlDrvSizeT size);
ENIF_API int driver_pushq_bin(ErlDrvPort, ErlDrvBinary*, ErlDrvSizeT offset, ErlDrvSizeT size);
ENIF_API int driver_enqv(ErlDrvPort, ErlIOVec*, ErlDrvSizeT skip);
ENIF_API int driver_pushqv(ErlDrvPort, ErlIOVec*, ErlDrvSizeT skip);
ENIF_API ErlDrvSizeT driver_deq(ErlDrvPort, ErlDrvSizeT size); /* bytes that are left */
ENIF_API ErlDrvSizeT driver_sizeq(ErlDrvPort);
ENIF_API SysIOVec* driver_peekq(ErlDrvPort, int* count);
ENIF_API ErlDrvSizeT driver_peekqv(ErlDrvPort, ErlIOVec*);

/* Drivers. */
ENIF_API void add_driver_entry(ErlDrvEntry*);
ENIF_API int remove_driver_entry(ErlDrvEntry*); /* 1: done; 0: there is none; -1: it is of a library */
ENIF_API int driver_lock_driver(ErlDrvPort);    /* it stays for ever */
ENIF_API ErlDrvPort driver_create_port(ErlDrvPort creator, ErlDrvTermData owner, char* name, ErlDrvData);
ENIF_API int null_func(void);

/* Work on another thread, then ready_async; or `forget`, if the port or the callback is not there. *key: what is done in order. */
ENIF_API unsigned int driver_async_port_key(ErlDrvPort);
ENIF_API long driver_async(ErlDrvPort, unsigned int* key, void (*work)(void*), void* data, void (*forget)(void*));

/* Terms: words that describe one, what is inside before what is outside. */
#define TERM_DATA(x) ((ErlDrvTermData)(x))
#define ERL_DRV_NIL ((ErlDrvTermData)1)
#define ERL_DRV_ATOM ((ErlDrvTermData)2)        /* of driver_mk_atom */
#define ERL_DRV_INT ((ErlDrvTermData)3)         /* ErlDrvSInt */
#define ERL_DRV_PORT ((ErlDrvTermData)4)        /* of driver_mk_port */
#define ERL_DRV_BINARY ((ErlDrvTermData)5)      /* ErlDrvBinary*, size, offset */
#define ERL_DRV_STRING ((ErlDrvTermData)6)      /* char*, size */
#define ERL_DRV_TUPLE ((ErlDrvTermData)7)       /* how many of the terms before */
#define ERL_DRV_LIST ((ErlDrvTermData)8)        /* how many, the last of which is the tail */
#define ERL_DRV_STRING_CONS ((ErlDrvTermData)9) /* char*, size: before the term before */
#define ERL_DRV_PID ((ErlDrvTermData)10)
#define ERL_DRV_FLOAT ((ErlDrvTermData)11)      /* double* */
#define ERL_DRV_EXT2TERM ((ErlDrvTermData)12)   /* char*, size: external term format */
#define ERL_DRV_UINT ((ErlDrvTermData)13)       /* ErlDrvUInt */
#define ERL_DRV_BUF2BINARY ((ErlDrvTermData)14) /* char*, size */
#define ERL_DRV_INT64 ((ErlDrvTermData)15)      /* ErlDrvSInt64* */
#define ERL_DRV_UINT64 ((ErlDrvTermData)16)     /* ErlDrvUInt64* */
#define ERL_DRV_MAP ((ErlDrvTermData)17)        /* how many pairs */
extern ENIF_API const ErlDrvTermData driver_term_nil;
ENIF_API ErlDrvTermData driver_mk_term_nil(void);
ENIF_API ErlDrvTermData driver_mk_atom(char* latin1);
ENIF_API ErlDrvTermData driver_mk_port(ErlDrvPort);
ENIF_API ErlDrvTermData driver_connected(ErlDrvPort);
ENIF_API ErlDrvTermData driver_caller(ErlDrvPort);
/* Sending terms. 1: sent; 0: the process has gone, or the port closes; -1: the description makes no sense, or the port has gone. Any thread. */
ENIF_API int erl_drv_output_term(ErlDrvTermData port, ErlDrvTermData* description, int words);
ENIF_API int erl_drv_send_term(ErlDrvTermData port, ErlDrvTermData pid, ErlDrvTermData* description, int words);
/* Sending terms, in callbacks of the port only: superseded by those above. */
ENIF_API int driver_output_term(ErlDrvPort, ErlDrvTermData* description, int words);
ENIF_API int driver_send_term(ErlDrvPort, ErlDrvTermData pid, ErlDrvTermData* description, int words);

/* The system. */
typedef ErlDrvSInt64 ErlDrvTime;
#define ERL_DRV_TIME_ERROR ((ErlDrvSInt64)INT64_MIN)
typedef enum { ERL_DRV_SEC = 0, ERL_DRV_MSEC = 1, ERL_DRV_USEC = 2, ERL_DRV_NSEC = 3 } ErlDrvTimeUnit;
typedef struct {
    unsigned long megasecs, secs, microsecs;
} ErlDrvNowData;
ENIF_API ErlDrvTime erl_drv_monotonic_time(ErlDrvTimeUnit);
ENIF_API ErlDrvTime erl_drv_time_offset(ErlDrvTimeUnit);
ENIF_API ErlDrvTime erl_drv_convert_time_unit(ErlDrvTime, ErlDrvTimeUnit from, ErlDrvTimeUnit to);
ENIF_API int driver_get_now(ErlDrvNowData*);
ENIF_API void driver_system_info(ErlDrvSysInfo*, size_t size);
ENIF_API int erl_drv_putenv(const char* name, char* value);
ENIF_API int erl_drv_getenv(const char* name, char* value,
                            size_t* size); /* 0: found; < 0: not; > 0: *size was too small, and is enough now */
ENIF_API void* driver_dl_open(char* library_without_so);
ENIF_API void* driver_dl_sym(void* library, char* symbol);
ENIF_API int driver_dl_close(void* library);
ENIF_API char* driver_dl_error(void);

/* Threads. Those that return int return 0, or an errno value. */
ENIF_API ErlDrvMutex* erl_drv_mutex_create(char* name);
ENIF_API void erl_drv_mutex_destroy(ErlDrvMutex*);
ENIF_API int erl_drv_mutex_trylock(ErlDrvMutex*);
ENIF_API void erl_drv_mutex_lock(ErlDrvMutex*);
ENIF_API void erl_drv_mutex_unlock(ErlDrvMutex*);
ENIF_API char* erl_drv_mutex_name(ErlDrvMutex*);
ENIF_API ErlDrvCond* erl_drv_cond_create(char* name);
ENIF_API void erl_drv_cond_destroy(ErlDrvCond*);
ENIF_API void erl_drv_cond_signal(ErlDrvCond*);
ENIF_API void erl_drv_cond_broadcast(ErlDrvCond*);
ENIF_API void erl_drv_cond_wait(ErlDrvCond*, ErlDrvMutex*);
ENIF_API char* erl_drv_cond_name(ErlDrvCond*);
ENIF_API ErlDrvRWLock* erl_drv_rwlock_create(char* name);
ENIF_API void erl_drv_rwlock_destroy(ErlDrvRWLock*);
ENIF_API int erl_drv_rwlock_tryrlock(ErlDrvRWLock*);
ENIF_API void erl_drv_rwlock_rlock(ErlDrvRWLock*);
ENIF_API void erl_drv_rwlock_runlock(ErlDrvRWLock*);
ENIF_API int erl_drv_rwlock_tryrwlock(ErlDrvRWLock*);
ENIF_API void erl_drv_rwlock_rwlock(ErlDrvRWLock*);
ENIF_API void erl_drv_rwlock_rwunlock(ErlDrvRWLock*);
ENIF_API char* erl_drv_rwlock_name(ErlDrvRWLock*);
ENIF_API int erl_drv_tsd_key_create(char* name, ErlDrvTSDKey*);
ENIF_API void erl_drv_tsd_key_destroy(ErlDrvTSDKey);
ENIF_API void erl_drv_tsd_set(ErlDrvTSDKey, void* data);
ENIF_API void* erl_drv_tsd_get(ErlDrvTSDKey);
ENIF_API ErlDrvThreadOpts* erl_drv_thread_opts_create(char* name);
ENIF_API void erl_drv_thread_opts_destroy(ErlDrvThreadOpts*);
ENIF_API int erl_drv_thread_create(char* name, ErlDrvTid*, void* (*run)(void*), void* argument, ErlDrvThreadOpts*);
ENIF_API ErlDrvTid erl_drv_thread_self(void);
ENIF_API int erl_drv_equal_tids(ErlDrvTid, ErlDrvTid);
ENIF_API void erl_drv_thread_exit(void* result);
ENIF_API int erl_drv_thread_join(ErlDrvTid, void** result);
ENIF_API char* erl_drv_thread_name(ErlDrvTid);

#ifdef __cplusplus
}
#endif

#endif /* LINTEL_ERL_DRIVER_H */
