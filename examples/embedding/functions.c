/* A module `shop` whose functions are the host's: one that answers at once, a resource, and one that answers later. */
#include "host.h"

/* shop:price(Item) */
static ERL_NIF_TERM price(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    char item[20];
    (void)argc;
    if (!enif_get_atom(env, argv[0], item, sizeof item, ERL_NIF_UTF8)) return enif_make_badarg(env);
    if (strcmp(item, "tea") == 0) return enif_make_int(env, 3);
    return enif_raise_exception(env, enif_make_tuple2(env, enif_make_atom(env, "not_sold"), argv[0]));
}

/* A basket is a resource: a C object that Erlang code holds and hands on, and whose destructor is called when nobody holds it any more. */
typedef struct Basket {
    int items;
} Basket;

/* What the module has of a VM: enif_priv_data. */
typedef struct Shop {
    ErlNifResourceType* basket_type;
    lintel_promise* pending;
} Shop;

static void basket_gone(ErlNifEnv* env, void* object) {
    (void)env;
    printf("a basket with %d items has gone\n", ((Basket*)object)->items);
}

static int load(ErlNifEnv* env, void** priv_data, ERL_NIF_TERM info) {
    Shop* shop = *priv_data;
    (void)info;
    shop->basket_type = enif_open_resource_type(env, NULL, "basket", basket_gone, ERL_NIF_RT_CREATE, NULL);
    return shop->basket_type == NULL;
}

/* shop:basket() */
static ERL_NIF_TERM basket(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    Shop* shop = enif_priv_data(env);
    Basket* made = enif_alloc_resource(shop->basket_type, sizeof *made);
    ERL_NIF_TERM term;
    (void)argc, (void)argv;
    made->items = 0;
    term = enif_make_resource(env, made);
    enif_release_resource(made); /* now the term alone holds it */
    return term;
}

/* shop:put(Basket) */
static ERL_NIF_TERM put(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    Shop* shop = enif_priv_data(env);
    void* object;
    (void)argc;
    if (!enif_get_resource(env, argv[0], shop->basket_type, &object)) return enif_make_badarg(env);
    return enif_make_int(env, ++((Basket*)object)->items);
}

/* shop:deliver(): the process waits, the thread does not. */
static ERL_NIF_TERM deliver(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    Shop* shop = enif_priv_data(env);
    (void)argc, (void)argv;
    return lintel_defer(env, &shop->pending);
}

static ErlNifFunc functions[] = {
    {"price", 1, price, 0}, {"basket", 0, basket, 0}, {"put", 1, put, 0}, {"deliver", 0, deliver, 0}};

int main(void) {
    ErlNifEntry entry = LINTEL_MODULE("shop", functions);
    Shop shop = {NULL, NULL};
    ErlNifEnv* env;
    lintel_config config;
    lintel_call* call;
    lintel_vm* vm;
    ERL_NIF_TERM result;
    char text[100];

    lintel_config_init(&config, sizeof config);
    config.driving = LINTEL_DRIVING_HOST; /* so `deliver` is called on this thread, by functions that wait */
    vm = start_vm(&config);
    entry.load = load;
    must(vm, lintel_define_module(vm, &entry, &shop));
    must(vm, lintel_call_text(vm, "shop", "price", "[tea]", LINTEL_FOREVER, text, sizeof text));
    printf("tea: %s\n", text);
    if (lintel_call_text(vm, "shop", "price", "[gold]", LINTEL_FOREVER, text, sizeof text) == LINTEL_ERROR_EXCEPTION)
        printf("raised: %s\n", text);
    must(vm, lintel_call_text(vm, "shopping", "go", "[]", LINTEL_FOREVER, text, sizeof text));
    printf("shopping:go() is %s\n", text);

    env = lintel_env_create(vm);
    must(vm, lintel_call_begin(vm, "shop", "deliver", NULL, 0, NULL, &call));
    must(vm, lintel_poll(vm, INT64_MAX, LINTEL_FOREVER, NULL));        /* until nothing is ready: the process waits */
    must(vm, lintel_resolve(shop.pending, parse(env, "{parcel, 7}"))); /* any thread may do that, at any time */
    must(vm, lintel_call_wait(call, LINTEL_FOREVER));
    if (lintel_call_result(call, env, &result) == LINTEL_OK) print_term("delivered", result);
    lintel_call_free(call);
    enif_free_env(env);
    lintel_vm_destroy(vm);
    return 0;
}
