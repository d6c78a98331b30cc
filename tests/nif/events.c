/* File descriptors to be told of (enif_select), and queues of bytes to be written. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include "erl_nif.h"

#define FUNCTION(name) static ERL_NIF_TERM name(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[])

typedef struct {
    int fds[2];
    ErlNifPid owner;
    ErlNifIOQueue* queue;
} Pipe;

static ErlNifResourceType* type;

static void tell(ErlNifEnv* caller, Pipe* p, const char* what, int a, int b) {
    ErlNifEnv* env = enif_alloc_env();
    enif_send(caller, &p->owner, env,
              enif_make_tuple3(env, enif_make_atom(env, what), enif_make_int(env, a), enif_make_int(env, b)));
    enif_free_env(env);
}

static void destroyed(ErlNifEnv* env, void* obj) {
    Pipe* p = obj;
    enif_ioq_destroy(p->queue);
    tell(env, p, "destroyed", 0, 0);
}

static void stopped(ErlNifEnv* env, void* obj, ErlNifEvent fd, int direct) {
    Pipe* p = obj;
    tell(env, p, "stopped", fd == p->fds[0] ? 0 : fd == p->fds[1] ? 1 : 2, direct > 0);
    close(fd);
}

static int load(ErlNifEnv* env, void** priv_data, ERL_NIF_TERM info) {
    ErlNifResourceTypeInit init = {destroyed, stopped, NULL};
    type = enif_open_resource_type_x(env, "pipe", &init, ERL_NIF_RT_CREATE, NULL);
    return type == NULL;
}

FUNCTION(open_pipe) {
    Pipe* p = enif_alloc_resource(type, sizeof *p);
    if (pipe(p->fds) != 0) return enif_make_badarg(env);
    fcntl(p->fds[0], F_SETFL, O_NONBLOCK);
    fcntl(p->fds[1], F_SETFL, O_NONBLOCK);
    enif_self(env, &p->owner);
    p->queue = enif_ioq_create(ERL_NIF_IOQ_NORMAL);
    ERL_NIF_TERM term = enif_make_resource(env, p);
    enif_release_resource(p);
    return term;
}

static ERL_NIF_TERM bits(ErlNifEnv* env, int result) {
    return result < 0 ? enif_make_tuple2(env, enif_make_atom(env, "failed"), enif_make_int(env, result & INT_MAX))
                      : enif_make_int(env, result);
}

/* (Pipe, Side, Flags, Pid | self, Ref) */
FUNCTION(choose) {
    void* obj;
    int side, flags;
    ErlNifPid pid;
    if (!enif_get_resource(env, argv[0], type, &obj) || !enif_get_int(env, argv[1], &side) ||
        !enif_get_int(env, argv[2], &flags))
        return enif_make_badarg(env);
    return bits(env, enif_select(env, side == 7 ? 999 : ((Pipe*)obj)->fds[side], (enum ErlNifSelectFlags)flags, obj,
                                 enif_get_local_pid(env, argv[3], &pid) ? &pid : NULL, argv[4]));
}

/* The same with a message of our own. */
FUNCTION(choose_x) {
    void* obj;
    int side, flags;
    ErlNifEnv* message = enif_alloc_env();
    if (!enif_get_resource(env, argv[0], type, &obj) || !enif_get_int(env, argv[1], &side) ||
        !enif_get_int(env, argv[2], &flags))
        return enif_make_badarg(env);
    const int result = enif_select_x(
        env, ((Pipe*)obj)->fds[side], (enum ErlNifSelectFlags)(flags | ERL_NIF_SELECT_CUSTOM_MSG), obj, NULL,
        enif_make_tuple2(message, enif_make_atom(message, "custom"), enif_make_copy(message, argv[3])), message);
    enif_free_env(message);
    return bits(env, result);
}

FUNCTION(read_some) {
    void* obj;
    char bytes[100];
    enif_get_resource(env, argv[0], type, &obj);
    const ssize_t n = read(((Pipe*)obj)->fds[0], bytes, sizeof bytes);
    return n >= 0 ? enif_make_string_len(env, bytes, (size_t)n, ERL_NIF_LATIN1)
                  : enif_make_atom(env, errno == EAGAIN ? "again" : "error");
}

FUNCTION(write_some) {
    void* obj;
    ErlNifBinary b;
    enif_get_resource(env, argv[0], type, &obj);
    if (!enif_inspect_iolist_as_binary(env, argv[1], &b)) return enif_make_badarg(env);
    const ssize_t n = write(((Pipe*)obj)->fds[1], b.data, b.size);
    return enif_make_int(env, n < 0 ? -1 : n < (ssize_t)b.size ? 0 : (int)n);
}

FUNCTION(close_side) {
    void* obj;
    int side;
    enif_get_resource(env, argv[0], type, &obj);
    enif_get_int(env, argv[1], &side);
    return enif_make_int(env, close(((Pipe*)obj)->fds[side]));
}

/* A pair of sockets instead of a pipe. */
FUNCTION(open_sockets) {
    Pipe* p = enif_alloc_resource(type, sizeof *p);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, p->fds) != 0) return enif_make_badarg(env);
    enif_self(env, &p->owner);
    p->queue = enif_ioq_create(ERL_NIF_IOQ_NORMAL);
    ERL_NIF_TERM term = enif_make_resource(env, p);
    enif_release_resource(p);
    return term;
}

/* (Pipe, [Binary], Skip): what is left of the list, and the queue's size. */
FUNCTION(enqueue) {
    void* obj;
    unsigned skip;
    ERL_NIF_TERM tail;
    ErlNifIOVec small, *vector = &small;
    enif_get_resource(env, argv[0], type, &obj);
    enif_get_uint(env, argv[2], &skip);
    if (!enif_inspect_iovec(env, 20, argv[1], &tail, &vector)) return enif_make_badarg(env);
    const size_t size = vector->size;
    const int ok = enif_ioq_enqv(((Pipe*)obj)->queue, vector, skip);
    ErlNifIOVec* own = NULL;
    ERL_NIF_TERM again;
    if (!enif_inspect_iovec(NULL, 20, argv[1], &again, &own)) return enif_make_badarg(env);
    const int same = own->size == size && enif_is_identical(tail, again);
    enif_free_iovec(own);
    return enif_make_list5(env, enif_make_int(env, ok), enif_make_uint64(env, size), tail,
                           enif_make_uint64(env, enif_ioq_size(((Pipe*)obj)->queue)), enif_make_int(env, same));
}

FUNCTION(enqueue_binary) {
    void* obj;
    unsigned skip;
    ErlNifBinary b;
    enif_get_resource(env, argv[0], type, &obj);
    enif_get_uint(env, argv[2], &skip);
    if (!enif_inspect_binary(env, argv[1], &b)) return enif_make_badarg(env);
    ErlNifBinary own;
    enif_alloc_binary(b.size, &own);
    memcpy(own.data, b.data, b.size);
    return enif_make_int(env, enif_ioq_enq_binary(((Pipe*)obj)->queue, &own, skip));
}

/* All that the queue has, the head as a term, then takes Count bytes out. */
FUNCTION(dequeue) {
    void* obj;
    unsigned count;
    int n = 0;
    size_t left = 0, head_size = 0, used = 0;
    ERL_NIF_TERM head = enif_make_atom(env, "empty"), all;
    enif_get_resource(env, argv[0], type, &obj);
    enif_get_uint(env, argv[1], &count);
    ErlNifIOQueue* queue = ((Pipe*)obj)->queue;
    SysIOVec* v = enif_ioq_peek(queue, &n);
    unsigned char* to = enif_make_new_binary(env, enif_ioq_size(queue), &all);
    for (int i = 0; i < n; ++i) {
        memcpy(to + used, v[i].iov_base, v[i].iov_len);
        used += v[i].iov_len;
    }
    const int has_head = enif_ioq_peek_head(env, queue, &head_size, &head);
    ErlNifBinary bytes;
    if (has_head &&
        (!enif_inspect_binary(env, head, &bytes) || bytes.size != head_size || memcmp(bytes.data, to, head_size) != 0))
        return enif_make_badarg(env);
    const int ok = enif_ioq_deq(queue, count, &left);
    return enif_make_list4(env, all, enif_make_int(env, has_head), enif_make_int(env, ok), enif_make_uint64(env, left));
}

static ErlNifFunc functions[] = {{"open_pipe", 0, open_pipe},
                                 {"choose", 5, choose},
                                 {"choose_x", 4, choose_x},
                                 {"read_some", 1, read_some},
                                 {"write_some", 2, write_some},
                                 {"enqueue", 3, enqueue},
                                 {"close_side", 2, close_side},
                                 {"open_sockets", 0, open_sockets},
                                 {"enqueue_binary", 3, enqueue_binary},
                                 {"dequeue", 2, dequeue}};

ERL_NIF_INIT(events, functions, load, NULL, NULL, NULL)
