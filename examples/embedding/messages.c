/* A mailbox of the host: to Erlang code a process like others. */
#include "host.h"

#define SECONDS(n) ((int64_t)(n)*1000000000)

int main(void) {
    lintel_vm* vm = start_default_vm();
    ErlNifEnv* env = lintel_env_create(vm);
    ERL_NIF_TERM argument, message;
    const ERL_NIF_TERM* parts;
    ErlNifPid self, echo;
    lintel_mailbox* mailbox;
    int arity;

    must(vm, lintel_mailbox_create(vm, "ui", NULL, NULL, &mailbox));
    self = lintel_mailbox_process(mailbox);
    argument = enif_make_pid(env, &self);
    must(vm, lintel_spawn(vm, "echo", "loop", &argument, 1, &echo));

    must(vm, lintel_send(vm, &echo, parse(env, "{hello, world}")));
    must(vm, lintel_receive(mailbox, env, SECONDS(5), &message));
    if (enif_get_tuple(env, message, &arity, &parts) && arity == 2) print_term("echoed", parts[1]);

    must(vm, lintel_send_to_name(vm, "ui", parse(env, "note_to_self")));
    must(vm, lintel_receive(mailbox, env, SECONDS(5), &message));
    print_term("received", message);
    if (lintel_receive(mailbox, env, 0, &message) == LINTEL_ERROR_TIMEOUT) puts("nothing more");
    enif_clear_env(env); /* the terms of the messages so far */

    must(vm, lintel_mailbox_monitor(mailbox, &echo));
    must(vm, lintel_send(vm, &echo, parse(env, "stop")));
    must(vm, lintel_receive(mailbox, env, SECONDS(5), &message)); /* {'DOWN', Ref, process, Pid, Reason} */
    if (enif_get_tuple(env, message, &arity, &parts) && arity == 5) print_term("it has ended", parts[4]);
    if (lintel_send(vm, &echo, parse(env, "anybody")) == LINTEL_ERROR_NOT_FOUND) puts("nobody is there");

    lintel_mailbox_free(mailbox);
    enif_free_env(env);
    lintel_vm_destroy(vm);
    return 0;
}
