/* Native functions of Erlang modules: the interface that OTP calls erl_nif, version 2.18, as Lintel has it.
 *
 * C99. Sources and compiled libraries of either header work on either VM: names, numbers and layouts are those of OTP's documented
 * interface (manual page erl_nif(3)), for systems with 64-bit words. docs/design/nifs.md tells how Lintel fulfils it and where it differs. An
 * environment belongs to one thread at a time; functions without one may be called on any thread.
 */
#ifndef LINTEL_ERL_NIF_H
#define LINTEL_ERL_NIF_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "erl_drv_nif.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ERL_NIF_MAJOR_VERSION 2
#ifndef ERL_NIF_MINOR_VERSION /* 12 to 17: for libraries that emulators of older OTPs are to load, too */
#define ERL_NIF_MINOR_VERSION 18
#endif
#define ERL_NIF_MIN_ERTS_VERSION "erts-14.0"
#define ERL_NIF_VM_VARIANT "beam.vanilla"

/* ---- numbers and terms */

typedef unsigned long ErlNifUInt64;
typedef long ErlNifSInt64;
typedef ErlNifUInt64 ErlNifUInt;
typedef ErlNifSInt64 ErlNifSInt;
/* A term: one word, good as long as its environment. 0 is none: the result of a function that has raised. */
typedef ErlNifUInt ERL_NIF_TERM;
typedef ERL_NIF_TERM ERL_NIF_UINT;

typedef struct lintel_nif_env ErlNifEnv;

typedef enum { ERL_NIF_LATIN1 = 1, ERL_NIF_UTF8 = 2 } ErlNifCharEncoding;

typedef enum {
    ERL_NIF_TERM_TYPE_ATOM = 1,
    ERL_NIF_TERM_TYPE_BITSTRING = 2,
    ERL_NIF_TERM_TYPE_FLOAT = 3,
    ERL_NIF_TERM_TYPE_FUN = 4,
    ERL_NIF_TERM_TYPE_INTEGER = 5,
    ERL_NIF_TERM_TYPE_LIST = 6,
    ERL_NIF_TERM_TYPE_MAP = 7,
    ERL_NIF_TERM_TYPE_PID = 8,
    ERL_NIF_TERM_TYPE_PORT = 9,
    ERL_NIF_TERM_TYPE_REFERENCE = 10,
    ERL_NIF_TERM_TYPE_TUPLE = 11,
    ERL_NIF_TERM_TYPE__MISSING_DEFAULT_CASE__READ_THE_MANUAL = -1
} ErlNifTermType;

typedef enum { ERL_NIF_INTERNAL_HASH = 1, ERL_NIF_PHASH2 = 2 } ErlNifHash;
typedef enum { ERL_NIF_UNIQUE_POSITIVE = 1, ERL_NIF_UNIQUE_MONOTONIC = 2 } ErlNifUniqueInteger;
typedef enum { ERL_NIF_BIN2TERM_SAFE = 0x20000000 } ErlNifBinaryToTerm;

typedef struct {
    ERL_NIF_TERM pid;
} ErlNifPid;
typedef struct {
    ERL_NIF_TERM port_id;
} ErlNifPort;

/* Bytes: of a term (read only), or allocated by enif_alloc_binary and the caller's to give away or release. */
typedef struct {
    size_t size;
    unsigned char* data;
    void* ref_bin;
    void* lintel_reserved[2];
} ErlNifBinary;

typedef enum {
    ERL_NIF_MAP_ITERATOR_FIRST = 1,
    ERL_NIF_MAP_ITERATOR_LAST = 2,
    ERL_NIF_MAP_ITERATOR_HEAD = ERL_NIF_MAP_ITERATOR_FIRST,
    ERL_NIF_MAP_ITERATOR_TAIL = ERL_NIF_MAP_ITERATOR_LAST
} ErlNifMapIteratorEntry;
typedef struct {
    ERL_NIF_TERM map;
    ERL_NIF_UINT size;
    ERL_NIF_UINT idx;
    void* lintel_state[2];
    void* lintel_reserved[2];
} ErlNifMapIterator;

/* ---- libraries */

typedef struct {
    const char* name;
    unsigned arity;
    ERL_NIF_TERM (*fptr)(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]);
    unsigned flags; /* 0, or an ErlNifDirtyTaskFlags */
} ErlNifFunc;

typedef struct {
    int major, minor;
    const char* name; /* the module */
    int num_of_funcs;
    ErlNifFunc* funcs;
    int (*load)(ErlNifEnv*, void** priv_data, ERL_NIF_TERM load_info);
    int (*reload)(ErlNifEnv*, void** priv_data, ERL_NIF_TERM load_info); /* never called any more */
    int (*upgrade)(ErlNifEnv*, void** priv_data, void** old_priv_data, ERL_NIF_TERM load_info);
    void (*unload)(ErlNifEnv*, void* priv_data);
    const char* vm_variant;               /* since 2.1 */
    unsigned options;                     /* since 2.7 */
    size_t sizeof_ErlNifResourceTypeInit; /* since 2.12 */
    const char* min_erts;                 /* since 2.14 */
} ErlNifEntry;

typedef enum { ERL_NIF_DIRTY_JOB_CPU_BOUND = 1, ERL_NIF_DIRTY_JOB_IO_BOUND = 2 } ErlNifDirtyTaskFlags;

typedef enum { ERL_NIF_OPT_DELAY_HALT = 1, ERL_NIF_OPT_ON_HALT = 2, ERL_NIF_OPT_ON_UNLOAD_THREAD = 3 } ErlNifOption;
typedef void ErlNifOnHaltCallback(void* priv_data);
typedef void ErlNifOnUnloadThreadCallback(void* priv_data);

#ifdef __cplusplus
#define ENIF_EXTERN_C extern "C"
#else
#define ENIF_EXTERN_C
#endif
/* Stands once in a library of module NAME; FUNCS is an array of ErlNifFunc. */
#define ERL_NIF_INIT(NAME, FUNCS, LOAD, RELOAD, UPGRADE, UNLOAD)    \
    ENIF_EXTERN_C ENIF_API ErlNifEntry* nif_init(void);             \
    ENIF_EXTERN_C ENIF_API ErlNifEntry* nif_init(void) {            \
        static ErlNifEntry entry = {ERL_NIF_MAJOR_VERSION,          \
                                    ERL_NIF_MINOR_VERSION,          \
                                    #NAME,                          \
                                    sizeof(FUNCS) / sizeof(*FUNCS), \
                                    FUNCS,                          \
                                    LOAD,                           \
                                    RELOAD,                         \
                                    UPGRADE,                        \
                                    UNLOAD,                         \
                                    ERL_NIF_VM_VARIANT,             \
                                    1,                              \
                                    sizeof(ErlNifResourceTypeInit), \
                                    ERL_NIF_MIN_ERTS_VERSION};      \
        return &entry;                                              \
    }

/* ---- resources */

typedef struct lintel_nif_resource_type ErlNifResourceType;
typedef enum { ERL_NIF_RT_CREATE = 1, ERL_NIF_RT_TAKEOVER = 2 } ErlNifResourceFlags;
typedef int ErlNifEvent; /* a file descriptor */
typedef ErlDrvMonitor ErlNifMonitor;

typedef void ErlNifResourceDtor(ErlNifEnv*, void* obj);
typedef void ErlNifResourceStop(ErlNifEnv*, void* obj, ErlNifEvent, int is_direct_call);
typedef void ErlNifResourceDown(ErlNifEnv*, void* obj, ErlNifPid*, ErlNifMonitor*);
typedef void ErlNifResourceDynCall(ErlNifEnv*, void* obj, void* call_data);
typedef struct {
    ErlNifResourceDtor* dtor;
    ErlNifResourceStop* stop;
    ErlNifResourceDown* down;
    int members; /* how many of the callbacks above and below count, for enif_init_resource_type */
    ErlNifResourceDynCall* dyncall;
} ErlNifResourceTypeInit;

/* What enif_select returns: bits, and below zero when it failed. */
#define ERL_NIF_SELECT_STOP_CALLED 1
#define ERL_NIF_SELECT_STOP_SCHEDULED 2
#define ERL_NIF_SELECT_INVALID_EVENT 4
#define ERL_NIF_SELECT_FAILED 8
#define ERL_NIF_SELECT_READ_CANCELLED 16
#define ERL_NIF_SELECT_WRITE_CANCELLED 32
#define ERL_NIF_SELECT_ERROR_CANCELLED 64
#define ERL_NIF_SELECT_NOTSUP 128

/* ---- threads, time, queues */

typedef ErlDrvTid ErlNifTid;
typedef ErlDrvMutex ErlNifMutex;
typedef ErlDrvCond ErlNifCond;
typedef ErlDrvRWLock ErlNifRWLock;
typedef ErlDrvTSDKey ErlNifTSDKey;
typedef ErlDrvThreadOpts ErlNifThreadOpts;

#define ERL_NIF_THR_UNDEFINED 0
#define ERL_NIF_THR_NORMAL_SCHEDULER 1
#define ERL_NIF_THR_DIRTY_CPU_SCHEDULER 2
#define ERL_NIF_THR_DIRTY_IO_SCHEDULER 3

typedef ErlNifSInt64 ErlNifTime;
#define ERL_NIF_TIME_ERROR ((ErlNifSInt64)INT64_MIN)
typedef enum { ERL_NIF_SEC = 0, ERL_NIF_MSEC = 1, ERL_NIF_USEC = 2, ERL_NIF_NSEC = 3 } ErlNifTimeUnit;

typedef ErlDrvSysInfo ErlNifSysInfo;

#define ERL_NIF_IOVEC_SIZE 16
typedef struct {
    int iovcnt;
    size_t size; /* bytes, all together */
    SysIOVec* iov;
    void** ref_bins;
    int flags;
    SysIOVec small_iov[ERL_NIF_IOVEC_SIZE];
    void* small_ref_bin[ERL_NIF_IOVEC_SIZE];
} ErlNifIOVec;
typedef struct lintel_nif_ioq ErlNifIOQueue;
typedef enum { ERL_NIF_IOQ_NORMAL = 1 } ErlNifIOQueueOpts;

/* ---- functions, by family. What returns int returns 0 for "no" or "wrong type" and something else for success unless said otherwise. */

/* Memory, and what a library keeps. */
ENIF_API void* enif_alloc(size_t size);
ENIF_API void* enif_realloc(void* block, size_t size);
ENIF_API void enif_free(void* block);
ENIF_API void* enif_priv_data(ErlNifEnv*);

/* Environments that belong to no process, and messages. */
ENIF_API ErlNifEnv* enif_alloc_env(void);
ENIF_API void enif_free_env(ErlNifEnv*);
ENIF_API void enif_clear_env(ErlNifEnv*);
ENIF_API ERL_NIF_TERM enif_make_copy(ErlNifEnv* to, ERL_NIF_TERM term);
ENIF_API int enif_send(ErlNifEnv* caller, const ErlNifPid* to, ErlNifEnv* message_env, ERL_NIF_TERM message);
ENIF_API int enif_port_command(ErlNifEnv* caller, const ErlNifPort* to, ErlNifEnv* message_env, ERL_NIF_TERM data);

/* Types, equality, order. */
ENIF_API int enif_is_atom(ErlNifEnv*, ERL_NIF_TERM);
ENIF_API int enif_is_binary(ErlNifEnv*, ERL_NIF_TERM);
ENIF_API int enif_is_empty_list(ErlNifEnv*, ERL_NIF_TERM);
ENIF_API int enif_is_exception(ErlNifEnv*, ERL_NIF_TERM);
ENIF_API int enif_is_fun(ErlNifEnv*, ERL_NIF_TERM);
ENIF_API int enif_is_list(ErlNifEnv*, ERL_NIF_TERM);
ENIF_API int enif_is_map(ErlNifEnv*, ERL_NIF_TERM);
ENIF_API int enif_is_number(ErlNifEnv*, ERL_NIF_TERM);
ENIF_API int enif_is_pid(ErlNifEnv*, ERL_NIF_TERM);
ENIF_API int enif_is_port(ErlNifEnv*, ERL_NIF_TERM);
ENIF_API int enif_is_ref(ErlNifEnv*, ERL_NIF_TERM);
ENIF_API int enif_is_tuple(ErlNifEnv*, ERL_NIF_TERM);
ENIF_API ErlNifTermType enif_term_type(ErlNifEnv*, ERL_NIF_TERM);
ENIF_API int enif_is_identical(ERL_NIF_TERM a, ERL_NIF_TERM b);
ENIF_API int enif_compare(ERL_NIF_TERM a, ERL_NIF_TERM b);
ENIF_API ErlNifUInt64 enif_hash(ErlNifHash type, ERL_NIF_TERM, ErlNifUInt64 salt);
ENIF_API size_t enif_term_size(ERL_NIF_TERM); /* bytes, without those of long binaries */

/* Atoms and strings. */
ENIF_API ERL_NIF_TERM enif_make_atom(ErlNifEnv*, const char* latin1);
ENIF_API ERL_NIF_TERM enif_make_atom_len(ErlNifEnv*, const char* latin1, size_t length);
ENIF_API int enif_make_new_atom(ErlNifEnv*, const char* name, ERL_NIF_TERM* atom, ErlNifCharEncoding);
ENIF_API int enif_make_new_atom_len(ErlNifEnv*, const char* name, size_t length, ERL_NIF_TERM* atom,
                                    ErlNifCharEncoding);
ENIF_API int enif_make_existing_atom(ErlNifEnv*, const char* name, ERL_NIF_TERM* atom, ErlNifCharEncoding);
ENIF_API int enif_make_existing_atom_len(ErlNifEnv*, const char* name, size_t length, ERL_NIF_TERM* atom,
                                         ErlNifCharEncoding);
ENIF_API int enif_get_atom(ErlNifEnv*, ERL_NIF_TERM, char* buffer, unsigned size, ErlNifCharEncoding);
ENIF_API int enif_get_atom_cache_index(ErlNifEnv*, ERL_NIF_TERM, unsigned* index); /* of what nodes send each other */
ENIF_API unsigned enif_max_atom_cache_index(void);
ENIF_API int enif_get_atom_length(ErlNifEnv*, ERL_NIF_TERM, unsigned* length, ErlNifCharEncoding);
ENIF_API ERL_NIF_TERM enif_make_string(ErlNifEnv*, const char* text, ErlNifCharEncoding);
ENIF_API ERL_NIF_TERM enif_make_string_len(ErlNifEnv*, const char* text, size_t length, ErlNifCharEncoding);
ENIF_API int enif_get_string(ErlNifEnv*, ERL_NIF_TERM, char* buffer, unsigned size, ErlNifCharEncoding);
ENIF_API int enif_get_string_length(ErlNifEnv*, ERL_NIF_TERM, unsigned* length, ErlNifCharEncoding);

/* Numbers. */
ENIF_API int enif_get_int(ErlNifEnv*, ERL_NIF_TERM, int*);
ENIF_API int enif_get_uint(ErlNifEnv*, ERL_NIF_TERM, unsigned*);
ENIF_API int enif_get_long(ErlNifEnv*, ERL_NIF_TERM, long*);
ENIF_API int enif_get_ulong(ErlNifEnv*, ERL_NIF_TERM, unsigned long*);
ENIF_API int enif_get_double(ErlNifEnv*, ERL_NIF_TERM, double*);
ENIF_API ERL_NIF_TERM enif_make_int(ErlNifEnv*, int);
ENIF_API ERL_NIF_TERM enif_make_uint(ErlNifEnv*, unsigned);
ENIF_API ERL_NIF_TERM enif_make_long(ErlNifEnv*, long);
ENIF_API ERL_NIF_TERM enif_make_ulong(ErlNifEnv*, unsigned long);
ENIF_API ERL_NIF_TERM enif_make_double(ErlNifEnv*, double);
#define enif_get_int64 enif_get_long
#define enif_get_uint64 enif_get_ulong
#define enif_make_int64 enif_make_long
#define enif_make_uint64 enif_make_ulong

/* Lists and tuples. */
ENIF_API ERL_NIF_TERM enif_make_list(ErlNifEnv*, unsigned count, ...);
ENIF_API ERL_NIF_TERM enif_make_list_cell(ErlNifEnv*, ERL_NIF_TERM head, ERL_NIF_TERM tail);
ENIF_API ERL_NIF_TERM enif_make_list_from_array(ErlNifEnv*, const ERL_NIF_TERM elements[], unsigned count);
ENIF_API int enif_make_reverse_list(ErlNifEnv*, ERL_NIF_TERM, ERL_NIF_TERM* reversed);
ENIF_API int enif_get_list_cell(ErlNifEnv*, ERL_NIF_TERM, ERL_NIF_TERM* head, ERL_NIF_TERM* tail);
ENIF_API int enif_get_list_length(ErlNifEnv*, ERL_NIF_TERM, unsigned* length);
ENIF_API ERL_NIF_TERM enif_make_tuple(ErlNifEnv*, unsigned count, ...);
ENIF_API ERL_NIF_TERM enif_make_tuple_from_array(ErlNifEnv*, const ERL_NIF_TERM elements[], unsigned count);
ENIF_API int enif_get_tuple(ErlNifEnv*, ERL_NIF_TERM, int* arity, const ERL_NIF_TERM** elements);
#define enif_make_tuple1(env, a) enif_make_tuple(env, 1, a)
#define enif_make_tuple2(env, a, b) enif_make_tuple(env, 2, a, b)
#define enif_make_tuple3(env, a, b, c) enif_make_tuple(env, 3, a, b, c)
#define enif_make_tuple4(env, a, b, c, d) enif_make_tuple(env, 4, a, b, c, d)
#define enif_make_tuple5(env, a, b, c, d, e) enif_make_tuple(env, 5, a, b, c, d, e)
#define enif_make_tuple6(env, a, b, c, d, e, f) enif_make_tuple(env, 6, a, b, c, d, e, f)
#define enif_make_tuple7(env, a, b, c, d, e, f, g) enif_make_tuple(env, 7, a, b, c, d, e, f, g)
#define enif_make_tuple8(env, a, b, c, d, e, f, g, h) enif_make_tuple(env, 8, a, b, c, d, e, f, g, h)
#define enif_make_tuple9(env, a, b, c, d, e, f, g, h, i) enif_make_tuple(env, 9, a, b, c, d, e, f, g, h, i)
#define enif_make_list1(env, a) enif_make_list(env, 1, a)
#define enif_make_list2(env, a, b) enif_make_list(env, 2, a, b)
#define enif_make_list3(env, a, b, c) enif_make_list(env, 3, a, b, c)
#define enif_make_list4(env, a, b, c, d) enif_make_list(env, 4, a, b, c, d)
#define enif_make_list5(env, a, b, c, d, e) enif_make_list(env, 5, a, b, c, d, e)
#define enif_make_list6(env, a, b, c, d, e, f) enif_make_list(env, 6, a, b, c, d, e, f)
#define enif_make_list7(env, a, b, c, d, e, f, g) enif_make_list(env, 7, a, b, c, d, e, f, g)
#define enif_make_list8(env, a, b, c, d, e, f, g, h) enif_make_list(env, 8, a, b, c, d, e, f, g, h)
#define enif_make_list9(env, a, b, c, d, e, f, g, h, i) enif_make_list(env, 9, a, b, c, d, e, f, g, h, i)

/* Maps. */
ENIF_API ERL_NIF_TERM enif_make_new_map(ErlNifEnv*);
ENIF_API int enif_make_map_from_arrays(ErlNifEnv*, ERL_NIF_TERM keys[], ERL_NIF_TERM values[], size_t count,
                                       ERL_NIF_TERM* map);
ENIF_API int enif_make_map_put(ErlNifEnv*, ERL_NIF_TERM map, ERL_NIF_TERM key, ERL_NIF_TERM value,
                               ERL_NIF_TERM* result);
ENIF_API int enif_make_map_update(ErlNifEnv*, ERL_NIF_TERM map, ERL_NIF_TERM key, ERL_NIF_TERM value,
                                  ERL_NIF_TERM* result);
ENIF_API int enif_make_map_remove(ErlNifEnv*, ERL_NIF_TERM map, ERL_NIF_TERM key, ERL_NIF_TERM* result);
ENIF_API int enif_get_map_size(ErlNifEnv*, ERL_NIF_TERM map, size_t* size);
ENIF_API int enif_get_map_value(ErlNifEnv*, ERL_NIF_TERM map, ERL_NIF_TERM key, ERL_NIF_TERM* value);
ENIF_API int enif_map_iterator_create(ErlNifEnv*, ERL_NIF_TERM map, ErlNifMapIterator*, ErlNifMapIteratorEntry);
ENIF_API void enif_map_iterator_destroy(ErlNifEnv*, ErlNifMapIterator*);
ENIF_API int enif_map_iterator_is_head(ErlNifEnv*, ErlNifMapIterator*);
ENIF_API int enif_map_iterator_is_tail(ErlNifEnv*, ErlNifMapIterator*);
ENIF_API int enif_map_iterator_next(ErlNifEnv*, ErlNifMapIterator*);
ENIF_API int enif_map_iterator_prev(ErlNifEnv*, ErlNifMapIterator*);
ENIF_API int enif_map_iterator_get_pair(ErlNifEnv*, ErlNifMapIterator*, ERL_NIF_TERM* key, ERL_NIF_TERM* value);

/* Binaries. */
ENIF_API int enif_alloc_binary(size_t size, ErlNifBinary*);
ENIF_API int enif_realloc_binary(ErlNifBinary*, size_t size);
ENIF_API void enif_release_binary(ErlNifBinary*);
ENIF_API int enif_inspect_binary(ErlNifEnv*, ERL_NIF_TERM, ErlNifBinary*);
ENIF_API int enif_inspect_iolist_as_binary(ErlNifEnv*, ERL_NIF_TERM, ErlNifBinary*);
ENIF_API ERL_NIF_TERM enif_make_binary(ErlNifEnv*, ErlNifBinary*);
ENIF_API unsigned char* enif_make_new_binary(ErlNifEnv*, size_t size, ERL_NIF_TERM*);
ENIF_API ERL_NIF_TERM enif_make_sub_binary(ErlNifEnv*, ERL_NIF_TERM binary, size_t position, size_t size);
ENIF_API int enif_term_to_binary(ErlNifEnv*, ERL_NIF_TERM, ErlNifBinary*);
ENIF_API size_t enif_binary_to_term(ErlNifEnv*, const unsigned char* bytes, size_t size, ERL_NIF_TERM*,
                                    unsigned options);

/* Pids, ports, references, names. */
ENIF_API ErlNifPid* enif_self(ErlNifEnv* caller, ErlNifPid*);
ENIF_API int enif_get_local_pid(ErlNifEnv*, ERL_NIF_TERM, ErlNifPid*);
ENIF_API int enif_get_local_port(ErlNifEnv*, ERL_NIF_TERM, ErlNifPort*);
ENIF_API int enif_whereis_pid(ErlNifEnv*, ERL_NIF_TERM name, ErlNifPid*);
ENIF_API int enif_whereis_port(ErlNifEnv*, ERL_NIF_TERM name, ErlNifPort*);
ENIF_API int enif_is_process_alive(ErlNifEnv*, ErlNifPid*);
ENIF_API int enif_is_current_process_alive(ErlNifEnv*);
ENIF_API int enif_is_port_alive(ErlNifEnv*, ErlNifPort*);
ENIF_API void enif_set_pid_undefined(ErlNifPid*);
ENIF_API int enif_is_pid_undefined(const ErlNifPid*);
ENIF_API ERL_NIF_TERM enif_make_ref(ErlNifEnv*);
ENIF_API ERL_NIF_TERM enif_make_unique_integer(ErlNifEnv*, ErlNifUniqueInteger);
#define enif_make_pid(env, the_pid) ((void)(env), (ERL_NIF_TERM)((the_pid)->pid))

/* Exceptions and scheduling. */
ENIF_API ERL_NIF_TERM enif_make_badarg(ErlNifEnv*);
ENIF_API ERL_NIF_TERM enif_raise_exception(ErlNifEnv*, ERL_NIF_TERM reason);
ENIF_API int enif_has_pending_exception(ErlNifEnv*, ERL_NIF_TERM* reason);
ENIF_API int enif_consume_timeslice(ErlNifEnv*, int percent);
ENIF_API ERL_NIF_TERM enif_schedule_nif(ErlNifEnv*, const char* name, int flags,
                                        ERL_NIF_TERM (*fptr)(ErlNifEnv*, int, const ERL_NIF_TERM[]), int argc,
                                        const ERL_NIF_TERM argv[]);
ENIF_API int enif_thread_type(void);

/* Resources, monitors, events. */
ENIF_API ErlNifResourceType* enif_open_resource_type(ErlNifEnv*, const char* module, const char* name,
                                                     ErlNifResourceDtor*, ErlNifResourceFlags,
                                                     ErlNifResourceFlags* tried);
ENIF_API ErlNifResourceType* enif_open_resource_type_x(ErlNifEnv*, const char* name, const ErlNifResourceTypeInit*,
                                                       ErlNifResourceFlags, ErlNifResourceFlags* tried);
ENIF_API ErlNifResourceType* enif_init_resource_type(ErlNifEnv*, const char* name, const ErlNifResourceTypeInit*,
                                                     ErlNifResourceFlags, ErlNifResourceFlags* tried);
ENIF_API void* enif_alloc_resource(ErlNifResourceType*, size_t size);
ENIF_API void enif_keep_resource(void* obj);
ENIF_API void enif_release_resource(void* obj);
ENIF_API size_t enif_sizeof_resource(void* obj);
ENIF_API ERL_NIF_TERM enif_make_resource(ErlNifEnv*, void* obj);
ENIF_API ERL_NIF_TERM enif_make_resource_binary(ErlNifEnv*, void* obj, const void* bytes, size_t size);
ENIF_API int enif_get_resource(ErlNifEnv*, ERL_NIF_TERM, ErlNifResourceType*, void** obj);
ENIF_API int enif_dynamic_resource_call(ErlNifEnv*, ERL_NIF_TERM module, ERL_NIF_TERM name, ERL_NIF_TERM resource,
                                        void* call_data);
ENIF_API int enif_monitor_process(ErlNifEnv*, void* obj, const ErlNifPid*, ErlNifMonitor*); /* 0: success */
ENIF_API int enif_demonitor_process(ErlNifEnv*, void* obj, const ErlNifMonitor*);           /* 0: success */
ENIF_API int enif_compare_monitors(const ErlNifMonitor*, const ErlNifMonitor*);
ENIF_API ERL_NIF_TERM enif_make_monitor_term(ErlNifEnv*, const ErlNifMonitor*);
ENIF_API int enif_select(ErlNifEnv*, ErlNifEvent, enum ErlNifSelectFlags, void* obj, const ErlNifPid*,
                         ERL_NIF_TERM ref);
ENIF_API int enif_select_x(ErlNifEnv*, ErlNifEvent, enum ErlNifSelectFlags, void* obj, const ErlNifPid*,
                           ERL_NIF_TERM message, ErlNifEnv* message_env);
#define enif_select_read(env, event, obj, pid, message, message_env)                                               \
    enif_select_x(env, event, (enum ErlNifSelectFlags)(ERL_NIF_SELECT_READ | ERL_NIF_SELECT_CUSTOM_MSG), obj, pid, \
                  message, message_env)
#define enif_select_write(env, event, obj, pid, message, message_env)                                               \
    enif_select_x(env, event, (enum ErlNifSelectFlags)(ERL_NIF_SELECT_WRITE | ERL_NIF_SELECT_CUSTOM_MSG), obj, pid, \
                  message, message_env)
#define enif_select_error(env, event, obj, pid, message, message_env)                                               \
    enif_select_x(env, event, (enum ErlNifSelectFlags)(ERL_NIF_SELECT_ERROR | ERL_NIF_SELECT_CUSTOM_MSG), obj, pid, \
                  message, message_env)

/* Threads. Those that return int return 0, or an errno value. */
ENIF_API ErlNifMutex* enif_mutex_create(char* name);
ENIF_API void enif_mutex_destroy(ErlNifMutex*);
ENIF_API int enif_mutex_trylock(ErlNifMutex*);
ENIF_API void enif_mutex_lock(ErlNifMutex*);
ENIF_API void enif_mutex_unlock(ErlNifMutex*);
ENIF_API char* enif_mutex_name(ErlNifMutex*);
ENIF_API ErlNifCond* enif_cond_create(char* name);
ENIF_API void enif_cond_destroy(ErlNifCond*);
ENIF_API void enif_cond_signal(ErlNifCond*);
ENIF_API void enif_cond_broadcast(ErlNifCond*);
ENIF_API void enif_cond_wait(ErlNifCond*, ErlNifMutex*);
ENIF_API char* enif_cond_name(ErlNifCond*);
ENIF_API ErlNifRWLock* enif_rwlock_create(char* name);
ENIF_API void enif_rwlock_destroy(ErlNifRWLock*);
ENIF_API int enif_rwlock_tryrlock(ErlNifRWLock*);
ENIF_API void enif_rwlock_rlock(ErlNifRWLock*);
ENIF_API void enif_rwlock_runlock(ErlNifRWLock*);
ENIF_API int enif_rwlock_tryrwlock(ErlNifRWLock*);
ENIF_API void enif_rwlock_rwlock(ErlNifRWLock*);
ENIF_API void enif_rwlock_rwunlock(ErlNifRWLock*);
ENIF_API char* enif_rwlock_name(ErlNifRWLock*);
ENIF_API int enif_tsd_key_create(char* name, ErlNifTSDKey*);
ENIF_API void enif_tsd_key_destroy(ErlNifTSDKey);
ENIF_API void enif_tsd_set(ErlNifTSDKey, void* data);
ENIF_API void* enif_tsd_get(ErlNifTSDKey);
ENIF_API ErlNifThreadOpts* enif_thread_opts_create(char* name);
ENIF_API void enif_thread_opts_destroy(ErlNifThreadOpts*);
ENIF_API int enif_thread_create(char* name, ErlNifTid*, void* (*run)(void*), void* argument, ErlNifThreadOpts*);
ENIF_API ErlNifTid enif_thread_self(void);
ENIF_API int enif_equal_tids(ErlNifTid, ErlNifTid);
ENIF_API void enif_thread_exit(void* result);
ENIF_API int enif_thread_join(ErlNifTid, void** result);
ENIF_API char* enif_thread_name(ErlNifTid);

/* Time. */
ENIF_API ErlNifTime enif_monotonic_time(ErlNifTimeUnit);
ENIF_API ErlNifTime enif_time_offset(ErlNifTimeUnit);
ENIF_API ErlNifTime enif_convert_time_unit(ErlNifTime, ErlNifTimeUnit from, ErlNifTimeUnit to);
ENIF_API ERL_NIF_TERM enif_now_time(ErlNifEnv*);
ENIF_API ERL_NIF_TERM enif_cpu_time(ErlNifEnv*);

/* Queues of bytes, to be written with writev. */
ENIF_API ErlNifIOQueue* enif_ioq_create(ErlNifIOQueueOpts);
ENIF_API void enif_ioq_destroy(ErlNifIOQueue*);
ENIF_API int enif_ioq_enq_binary(ErlNifIOQueue*, ErlNifBinary*, size_t skip);
ENIF_API int enif_ioq_enqv(ErlNifIOQueue*, ErlNifIOVec*, size_t skip);
ENIF_API size_t enif_ioq_size(ErlNifIOQueue*);
ENIF_API int enif_ioq_deq(ErlNifIOQueue*, size_t count, size_t* size);
ENIF_API SysIOVec* enif_ioq_peek(ErlNifIOQueue*, int* count);
ENIF_API int enif_ioq_peek_head(ErlNifEnv*, ErlNifIOQueue*, size_t* size, ERL_NIF_TERM* head);
ENIF_API int enif_inspect_iovec(ErlNifEnv*, size_t max_length, ERL_NIF_TERM list, ERL_NIF_TERM* tail, ErlNifIOVec**);
ENIF_API void enif_free_iovec(ErlNifIOVec*);

/* The system. %T in a format is a term. */
ENIF_API void enif_system_info(ErlNifSysInfo*, size_t size);
ENIF_API int enif_getenv(const char* name, char* value,
                         size_t* size); /* 0: found; < 0: not; > 0: *size was too small, and is enough now */
ENIF_API void* enif_dlopen(const char* library_without_so, void (*on_error)(void*, const char*), void* argument);
ENIF_API void* enif_dlsym(void* library, const char* symbol, void (*on_error)(void*, const char*), void* argument);
ENIF_API int enif_fprintf(FILE*, const char* format, ...);
ENIF_API int enif_vfprintf(FILE*, const char* format, va_list);
ENIF_API int enif_snprintf(char* buffer, size_t size, const char* format, ...);
ENIF_API int enif_vsnprintf(char* buffer, size_t size, const char* format, va_list);
ENIF_API int enif_set_option(ErlNifEnv*, ErlNifOption, ...); /* in load and upgrade only; 0: success */

#ifdef __cplusplus
}
#endif

#endif /* LINTEL_ERL_NIF_H */
