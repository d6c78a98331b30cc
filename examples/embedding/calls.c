/* Functions are called: in text, with terms, with a time limit, in the background, with a heap that may not grow. */
#include <pthread.h>

#include "host.h"

#define SECONDS(n) ((int64_t)(n)*1000000000)

static void in_text(lintel_vm* vm) {
    char text[200];
    must(vm, lintel_call_text(vm, "lists", "reverse", "[[1, {two, <<3>>}]]", SECONDS(5), text, sizeof text));
    printf("reversed: %s\n", text);
    if (lintel_call_text(vm, "lists", "nth", "[3, [a]]", SECONDS(5), text, sizeof text) == LINTEL_ERROR_EXCEPTION)
        printf("raised: %.22s\n", text);
}

static void with_terms(lintel_vm* vm) {
    ErlNifEnv* env = lintel_env_create(vm);
    ERL_NIF_TERM result, arguments[1];
    arguments[0] = parse(env, "[3, 1, 2]");
    switch (lintel_call_function(vm, "lists", "sort", env, arguments, 1, SECONDS(5), &result)) {
        case LINTEL_OK: print_term("sorted", result); break;
        case LINTEL_ERROR_EXCEPTION: print_term("{Class, Reason, Stacktrace}", result); break;
        case LINTEL_ERROR_TIMEOUT: puts("it took longer than that, and was cancelled"); break;
        default: fprintf(stderr, "%s\n", lintel_error(vm));
    }
    enif_free_env(env);
}

static void in_background(lintel_vm* vm) {
    ErlNifEnv* env = lintel_env_create(vm);
    ERL_NIF_TERM result, argument = parse(env, "infinity");
    lintel_call* call;
    must(vm, lintel_call_begin(vm, "timer", "sleep", &argument, 1, NULL, &call));
    if (lintel_call_wait(call, 1000000) == LINTEL_ERROR_TIMEOUT) lintel_call_cancel(call);
    must(vm, lintel_call_wait(call, SECONDS(5)));
    if (lintel_call_result(call, NULL, &result) == LINTEL_ERROR_EXCEPTION) print_term("cancelled", result);
    lintel_call_free(call); /* `result` goes with it */
    enif_free_env(env);
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int ended;

/* On a thread of the VM. */
static void done(void* context, lintel_call* call) {
    ERL_NIF_TERM result;
    if (lintel_call_result(call, NULL, &result) == LINTEL_OK) print_term(context, result);
    lintel_call_free(call);
    pthread_mutex_lock(&lock);
    ended = 1;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
}

static void with_callback(lintel_vm* vm) {
    char what[] = "the sum";
    lintel_call_options options = {.size = sizeof options, .done = done, .context = what};
    ErlNifEnv* env = lintel_env_create(vm);
    ERL_NIF_TERM argument = parse(env, "[1, 2, 3]");
    lintel_call* call;
    must(vm, lintel_call_begin(vm, "lists", "sum", &argument, 1, &options, &call));
    enif_free_env(env); /* arguments have been copied */
    pthread_mutex_lock(&lock);
    while (!ended) pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
}

static void with_small_heap(lintel_vm* vm) {
    lintel_call_options options = {.size = sizeof options, .max_heap_words = 100000};
    ErlNifEnv* env = lintel_env_create(vm);
    ERL_NIF_TERM result, arguments[2];
    lintel_call* call;
    arguments[0] = enif_make_int(env, 1);
    arguments[1] = enif_make_int(env, 10000000);
    must(vm, lintel_call_begin(vm, "lists", "seq", arguments, 2, &options, &call));
    must(vm, lintel_call_wait(call, LINTEL_FOREVER));
    if (lintel_call_result(call, env, &result) == LINTEL_ERROR_EXCEPTION) print_term("too large", result);
    lintel_call_free(call);
    enif_free_env(env);
}

/* The VM logs the process whose heap was too large; nobody wants to see that here. */
static int write_nothing(void* context, int stream, const char* bytes, size_t count) {
    (void)context, (void)stream, (void)bytes, (void)count;
    return 0;
}

int main(void) {
    lintel_config config;
    lintel_vm* vm;
    lintel_config_init(&config, sizeof config);
    config.write = write_nothing;
    vm = start_vm(&config);
    in_text(vm);
    with_terms(vm);
    in_background(vm);
    with_callback(vm);
    with_small_heap(vm);
    lintel_vm_destroy(vm);
    return 0;
}
