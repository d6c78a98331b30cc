/* What the programs of this folder share: a VM that is started, and the end of the program when something fails. */
#ifndef HOST_H
#define HOST_H

#include <lintel/lintel.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The program ends if `result` is not LINTEL_OK. */
static inline void must(lintel_vm* vm, lintel_result result) {
    if (result == LINTEL_OK) return;
    fprintf(stderr, "%s: %s\n", lintel_result_text(result), lintel_error(vm));
    exit(1);
}

/* A VM by `config`, started, with the modules of this folder. */
static inline lintel_vm* start_vm(const lintel_config* config) {
    lintel_vm* vm;
    if (lintel_vm_create(config, &vm) != LINTEL_OK) exit(1);
    must(vm, lintel_add_code_path(vm, "."));
    must(vm, lintel_start(vm, 0, NULL));
    return vm;
}

static inline lintel_vm* start_default_vm(void) {
    lintel_config config;
    lintel_config_init(&config, sizeof config);
    return start_vm(&config);
}

/* A line with the term in it. */
static inline void print_term(const char* what, ERL_NIF_TERM term) {
    char text[200];
    lintel_term_text(term, text, sizeof text);
    printf("%s: %s\n", what, text);
}

/* The term that the text is. */
static inline ERL_NIF_TERM parse(ErlNifEnv* env, const char* text) {
    ERL_NIF_TERM term;
    if (lintel_term_parse(env, text, strlen(text), &term, NULL) != LINTEL_OK) exit(1);
    return term;
}

#endif
