/* What builds with assertions find that programs do wrong: handles of what is gone, terms of environments that have been cleared, several threads
 * where there may be one. */
#include <pthread.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host.h"

static lintel_vm* vm;
static ErlNifEnv* of_call;
static volatile int is_inside, may_go;

static void pause_a_bit(void) {
    const struct timespec pause = {0, 1000000};
    nanosleep(&pause, NULL);
}

/* What `act` says on stderr; its exit status, or minus the number of its signal, is in *status. */
static const char* said(void (*act)(void), int* status) {
    static char text[4096];
    int ends[2], state;
    size_t used = 0;
    ssize_t n;
    pid_t child;
    CHECK(pipe(ends) == 0);
    fflush(NULL);
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        dup2(ends[1], 2);
        act();
        _exit(0);
    }
    close(ends[1]);
    while ((n = read(ends[0], text + used, sizeof text - 1 - used)) > 0) used += (size_t)n;
    text[used] = '\0';
    close(ends[0]);
    CHECK(waitpid(child, &state, 0) == child);
    *status = WIFSIGNALED(state) ? -WTERMSIG(state) : WEXITSTATUS(state);
    return text;
}

static void must_say(void (*act)(void), int wanted, const char* line) {
    int status;
    const char* text = said(act, &status);
    if (status != wanted || strstr(text, line) == NULL) {
        fprintf(stderr, "status %d, wanted %d: %s\nit said: %s\n", status, wanted, line, text);
        exit(1);
    }
}

static lintel_vm* driven_by_us(void) {
    static Host host;
    lintel_config config = host_config(&host, 0);
    lintel_vm* made = NULL;
    config.driving = LINTEL_DRIVING_HOST;
    CHECK(lintel_vm_create(&config, &made) == LINTEL_OK && lintel_start(made, 0, NULL) == LINTEL_OK);
    return made;
}

static void use_destroyed_vm(void) {
    char text[10];
    vm = driven_by_us();
    lintel_vm_destroy(vm);
    CHECK(lintel_call_text(vm, "erlang", "node", "[]", LINTEL_FOREVER, text, sizeof text) == LINTEL_ERROR_ARGUMENT);
}

static void destroy_twice(void) {
    vm = driven_by_us();
    lintel_vm_destroy(vm);
    lintel_vm_destroy(vm);
}

static void use_freed_call(void) {
    lintel_call* call;
    vm = driven_by_us();
    CHECK(lintel_call_begin(vm, "erlang", "node", NULL, 0, NULL, &call) == LINTEL_OK);
    lintel_call_free(call);
    CHECK(lintel_call_wait(call, 0) == LINTEL_ERROR_ARGUMENT);
}

static void receive_after_the_vm(void) {
    lintel_mailbox* mailbox;
    ErlNifEnv* env;
    ERL_NIF_TERM term;
    vm = driven_by_us();
    CHECK(lintel_mailbox_create(vm, NULL, NULL, NULL, &mailbox) == LINTEL_OK);
    env = lintel_env_create(vm);
    lintel_vm_destroy(vm);
    CHECK(lintel_receive(mailbox, env, 0, &term) == LINTEL_ERROR_ARGUMENT);
}

static ERL_NIF_TERM stale_term(void) {
    ErlNifEnv* env = lintel_env_create(vm);
    const ERL_NIF_TERM term = enif_make_tuple2(env, enif_make_int(env, 1), enif_make_int(env, 2));
    enif_free_env(env);
    return term;
}

static void send_stale_term(void) {
    ErlNifPid self;
    ERL_NIF_TERM term;
    vm = driven_by_us();
    CHECK(lintel_spawn(vm, "timer", "sleep", NULL, 0, &self) == LINTEL_OK);
    term = stale_term();
    CHECK(lintel_send(vm, &self, term) == LINTEL_ERROR_ARGUMENT);
    fprintf(stderr, "%s\n", lintel_error(vm));
    CHECK(lintel_spawn(vm, "erlang", "display", &term, 1, NULL) == LINTEL_ERROR_ARGUMENT);
    fprintf(stderr, "%s\n", lintel_error(vm));
}

static void put_stale_term(void) {
    ErlNifEnv* env;
    ERL_NIF_TERM list;
    vm = driven_by_us();
    env = lintel_env_create(vm);
    list = enif_make_list1(env, enif_make_int(env, 1));
    enif_clear_env(env);
    enif_make_list_cell(env, enif_make_int(env, 0), list);
}

static void use_freed_env(void) {
    ErlNifEnv* env;
    vm = driven_by_us();
    env = lintel_env_create(vm);
    enif_free_env(env);
    enif_make_tuple1(env, enif_make_int(env, 0));
}

static ERL_NIF_TERM wait_inside(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    (void)argc, (void)argv;
    of_call = env;
    lintel_vm_destroy(vm); /* which it does not */
    is_inside = 1;
    while (!may_go) pause_a_bit();
    return enif_make_int(env, 0);
}

static ErlNifFunc functions[] = {{"wait", 0, wait_inside, 0}};
static ErlNifEntry entry = LINTEL_MODULE("host", functions);

static void* poll_it(void* context) {
    lintel_poll(context, 1000000, LINTEL_FOREVER, NULL);
    return NULL;
}

/* A thread that polls is in a function of the host. */
static void begin_inside(void) {
    pthread_t thread;
    static Host host;
    lintel_config config = host_config(&host, 0);
    config.driving = LINTEL_DRIVING_HOST;
    CHECK(lintel_vm_create(&config, &vm) == LINTEL_OK && lintel_define_module(vm, &entry, NULL) == LINTEL_OK);
    CHECK(lintel_start(vm, 0, NULL) == LINTEL_OK && lintel_spawn(vm, "host", "wait", NULL, 0, NULL) == LINTEL_OK);
    CHECK(pthread_create(&thread, NULL, poll_it, vm) == 0);
    while (!is_inside) pause_a_bit();
}

static void poll_twice_at_once(void) {
    begin_inside();
    CHECK(lintel_poll(vm, 1000, LINTEL_FOREVER, NULL) == LINTEL_ERROR_ARGUMENT);
    fprintf(stderr, "%s\n", lintel_error(vm));
}

static void use_env_of_other_thread(void) {
    begin_inside();
    enif_make_tuple1(of_call, enif_make_int(of_call, 0));
}

int main(void) {
    must_say(use_destroyed_vm, 0, "lintel: misuse: lintel_call_text: the VM has been destroyed\n");
    must_say(destroy_twice, 0, "lintel: misuse: lintel_vm_destroy: the VM has been destroyed\n");
    must_say(use_freed_call, 0, "lintel: misuse: lintel_call_wait: the call has been freed\n");
    must_say(receive_after_the_vm, 0, "lintel: misuse: lintel_receive: the VM has been destroyed\n");
    must_say(send_stale_term, 0,
             "the term's environment has been cleared or freed\nargument 1: the term's environment");
    must_say(put_stale_term, -6,
             "lintel: misuse: enif_make_list_cell: the term's environment has been cleared or freed\n");
    must_say(use_freed_env, -6,
             "lintel: misuse: enif_make_tuple: the environment has been freed, or is of a call that is over\n");
    must_say(poll_twice_at_once, 0, "another thread polls this VM\n");
    must_say(poll_twice_at_once, 0, "lintel: misuse: lintel_vm_destroy: from within the VM: nothing is done\n");
    must_say(use_env_of_other_thread, -6, "the environment is of a call by another thread\n");
    return 0;
}
