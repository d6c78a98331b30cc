/* Terms are made, read, and turned into text and back. */
#include "host.h"

static void make(lintel_vm* vm) {
    ErlNifEnv* env = lintel_env_create(vm);
    ERL_NIF_TERM list, map, name, tuple;
    unsigned char* bytes = enif_make_new_binary(env, 3, &name);
    memcpy(bytes, "Ada", 3);
    list = enif_make_list3(env, enif_make_int(env, 1), enif_make_double(env, 2.5), enif_make_atom(env, "three"));
    map = enif_make_new_map(env);
    enif_make_map_put(env, map, enif_make_atom(env, "name"), name, &map);
    tuple = enif_make_tuple2(env, list, map);
    print_term("made", tuple);
    enif_free_env(env);
}

static void read(lintel_vm* vm) {
    ErlNifEnv* env = lintel_env_create(vm);
    const ERL_NIF_TERM* elements;
    ERL_NIF_TERM head, list;
    ErlNifBinary name;
    int arity, number;
    ERL_NIF_TERM term = parse(env, "{person, <<\"Ada\">>, [1, 2, 3]}");
    if (enif_get_tuple(env, term, &arity, &elements) && arity == 3 && enif_inspect_binary(env, elements[1], &name)) {
        printf("name: %.*s\n", (int)name.size, (const char*)name.data);
        list = elements[2];
        while (enif_get_list_cell(env, list, &head, &list)) {
            if (enif_get_int(env, head, &number)) printf("number: %d\n", number);
        }
    }
    enif_free_env(env);
}

static void texts(lintel_vm* vm) {
    const char* wrong_text = "{a, b c}";
    ErlNifEnv* env = lintel_env_create(vm);
    ErlNifBinary binary;
    ERL_NIF_TERM term, again;
    size_t wrong, needed;
    char text[10];
    needed = lintel_term_text(parse(env, "{a, [1, 2], #{key => \"value\"}}"), text, sizeof text);
    printf("%d bytes, cut: %s\n", (int)needed, text);
    if (lintel_term_parse(env, wrong_text, strlen(wrong_text), &term, &wrong) != LINTEL_OK)
        printf("not understood: %s\n", wrong_text + wrong);

    /* The external term format: what erlang:term_to_binary/1 makes. */
    if (enif_term_to_binary(env, parse(env, "{x, 1}"), &binary)) {
        if (enif_binary_to_term(env, binary.data, binary.size, &again, 0) != 0) print_term("decoded", again);
        enif_release_binary(&binary);
    }
    enif_free_env(env);
}

int main(void) {
    lintel_vm* vm = start_default_vm();
    make(vm);
    read(vm);
    texts(vm);
    lintel_vm_destroy(vm);
    return 0;
}
