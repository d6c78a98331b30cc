/* Terms from text and to text. */
#include "host.h"

static const struct {
    const char *text, *term;
} good[] = {
    {" atom . ", "atom"},
    {"'A b\\'c'", "'A b\\'c'"},
    {"a@b_C9", "a@b_C9"},
    {"0", "0"},
    {"-42", "-42"},
    {"+7", "7"},
    {"1_000_000", "1000000"},
    {"16#ff", "255"},
    {"36#zZ", "1295"},
    {"-2#101", "-5"},
    {"1152921504606846976", "1152921504606846976"},
    {"-123456789012345678901234567890", "-123456789012345678901234567890"},
    {"$a", "97"},
    {"$\\n", "10"},
    {"$\\x{20ac}", "8364"},
    {"[$\\^a, $\\s]", "[1,32]"},
    {"1.5", "1.5"},
    {"-2.5e-3", "-0.0025"},
    {"1.0e10", "1.0e10"},
    {"[]", "[]"},
    {"[1,[2|x],3|[4]]", "[1,[2|x],3,4]"},
    {"{}", "{}"},
    {"{a , {b},\n% what follows is no term\n c}", "{a,{b},c}"},
    {"\"a\\tb\" \"c\"", "[97,9,98,99]"},
    {"\"\\101\\x41\\x{41}\"", "[65,65,65]"},
    {"\"\"", "[]"},
    {"<<>>", "<<>>"},
    {"<<1, 255, \"abc\", -1>>", "<<1,255,97,98,99,255>>"},
    {"<<\"\\x{e4}\"/utf8>>", "<<195,164>>"},
    {"#{}", "#{}"},
    {"#{a => 1, 'B' => [2]}", "#{'B' => [2],a => 1}"},
};

static const struct {
    const char* text;
    size_t wrong;
} bad[] = {{"", 0},        {"  ", 2},  {"Var", 0},   {"[1, 2", 5},   {"{a, }", 4},  {"[1 2]", 3},
           {"f(x)", 1},    {"a b", 2}, {"37#1", 2},  {"2#3", 2},     {"\"open", 5}, {"<<300", 5},
           {"#{a, b}", 3}, {"'\\", 2}, {"1 + 2", 2}, {"[a|b, c]", 4}};

int main(int argc, char** argv) {
    static Host host;
    lintel_vm* vm;
    ErlNifEnv* env;
    ERL_NIF_TERM term;
    size_t i, wrong;
    char buffer[256], small[4];
    CHECK(argc == 2);
    vm = host_vm(&host, argv[1], 1);
    env = lintel_env_create(vm);
    for (i = 0; i < sizeof good / sizeof *good; ++i) {
        wrong = 0;
        term = 0;
        if (lintel_term_parse(env, good[i].text, strlen(good[i].text), &term, &wrong) != LINTEL_OK)
            fprintf(stderr, "%s: wrong at %zu\n", good[i].text, wrong);
        CHECK(term != 0);
        CHECK(lintel_term_text(term, buffer, sizeof buffer) == strlen(buffer));
        if (strcmp(buffer, good[i].term) != 0) fprintf(stderr, "%s: %s\n", good[i].text, buffer);
        CHECK(strcmp(buffer, good[i].term) == 0);
    }
    for (i = 0; i < sizeof bad / sizeof *bad; ++i) {
        const lintel_result r = lintel_term_parse(env, bad[i].text, strlen(bad[i].text), &term, &wrong);
        if (r != LINTEL_ERROR_ARGUMENT || wrong != bad[i].wrong)
            fprintf(stderr, "%s: %d, wrong at %zu\n", bad[i].text, r, wrong);
        CHECK(r == LINTEL_ERROR_ARGUMENT && wrong == bad[i].wrong);
    }
    /* Too deep is wrong as well; long is not. */
    {
        static char text[100000];
        memset(text, '[', sizeof text);
        CHECK(lintel_term_parse(env, text, sizeof text, &term, &wrong) == LINTEL_ERROR_ARGUMENT && wrong > 500 &&
              wrong < 5000);
        memset(text, '7', sizeof text);
        CHECK(lintel_term_parse(env, text, sizeof text, &term, NULL) == LINTEL_OK);
        CHECK(lintel_term_text(term, text, sizeof text) == sizeof text);
    }
    CHECK(lintel_term_parse(env, "abcdef", 6, &term, NULL) == LINTEL_OK);
    CHECK(lintel_term_text(term, small, sizeof small) == 6 && strcmp(small, "abc") == 0);
    CHECK(lintel_term_text(term, NULL, 0) == 6);
    enif_free_env(env);
    lintel_vm_destroy(vm);
    return 0;
}
