/* What include/lintel/erl_nif.h and include/lintel/erl_driver.h have in common. C99. */
#ifndef LINTEL_ERL_DRV_NIF_H
#define LINTEL_ERL_DRV_NIF_H

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define ENIF_API __attribute__((visibility("default")))
#else
#define ENIF_API
#endif

typedef struct {
    int driver_major_version, driver_minor_version;
    char* erts_version;
    char* otp_release;
    int thread_support, smp_support;
    int async_threads, scheduler_threads;
    int nif_major_version, nif_minor_version;
    int dirty_scheduler_support;
} ErlDrvSysInfo;

typedef struct {
    int suggested_stack_size; /* kilowords; -1: the VM's choice */
} ErlDrvThreadOpts;

typedef enum { ERL_DIRTY_JOB_CPU_BOUND = 1, ERL_DIRTY_JOB_IO_BOUND = 2 } ErlDirtyJobFlags;

enum ErlNifSelectFlags {
    ERL_NIF_SELECT_READ = 1,
    ERL_NIF_SELECT_WRITE = 2,
    ERL_NIF_SELECT_STOP = 4,
    ERL_NIF_SELECT_CANCEL = 8,
    ERL_NIF_SELECT_CUSTOM_MSG = 16,
    ERL_NIF_SELECT_ERROR = 32
};

/* A process that is watched: bytes to be compared, and kept. */
typedef struct {
    unsigned char data[sizeof(void*) * 4];
} ErlDrvMonitor;

typedef struct iovec SysIOVec;

typedef struct lintel_nif_thread* ErlDrvTid;
typedef struct lintel_nif_mutex ErlDrvMutex;
typedef struct lintel_nif_cond ErlDrvCond;
typedef struct lintel_nif_rwlock ErlDrvRWLock;
typedef int ErlDrvTSDKey;

/* Errors by name. An errno value: "enoent", …; static. */
ENIF_API char* erl_errno_id(int error);

#ifdef __cplusplus
}
#endif

#endif /* LINTEL_ERL_DRV_NIF_H */
