/* A game at 60 frames a second whose animals are Erlang processes (herd.erl). The VM has no thread of its own: each frame gives it the time that is
 * left of the frame. Animals draw themselves with a function of the host.
 *
 *     game FOLDER-OF-HERD.BEAM [FRAMES] */
#include <lintel/lintel.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WIDTH = 60, HEIGHT = 15, ANIMALS = 100 };
static const int64_t kFrame = 1000000000 / 60, kReserve = 1000000; /* ns */
static char screen[HEIGHT][WIDTH + 1];

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void sleep_until(int64_t when) {
    struct timespec t;
    t.tv_sec = (time_t)(when / 1000000000);
    t.tv_nsec = (long)(when % 1000000000);
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

/* screen:put(X, Y, Character) */
static ERL_NIF_TERM put(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]) {
    int x, y, c;
    if (argc != 3 || !enif_get_int(env, argv[0], &x) || !enif_get_int(env, argv[1], &y) ||
        !enif_get_int(env, argv[2], &c) || x < 0 || x >= WIDTH || y < 0 || y >= HEIGHT)
        return enif_make_badarg(env);
    screen[y][x] = (char)c;
    return enif_make_atom(env, "ok");
}

static ErlNifFunc functions[] = {{"put", 3, put, 0}};
static ErlNifEntry module = LINTEL_MODULE("screen", functions);

static int start_herd(lintel_vm* vm, const char* folder) {
    ErlNifEnv* env;
    ERL_NIF_TERM arguments[3];
    int done;
    if (lintel_add_code_path(vm, folder) != LINTEL_OK || lintel_define_module(vm, &module, NULL) != LINTEL_OK ||
        lintel_start(vm, 0, NULL) != LINTEL_OK || (env = lintel_env_create(vm)) == NULL)
        return 0;
    arguments[0] = enif_make_int(env, ANIMALS);
    arguments[1] = enif_make_int(env, WIDTH);
    arguments[2] = enif_make_int(env, HEIGHT);
    done = lintel_spawn(vm, "herd", "start", arguments, 3, NULL) == LINTEL_OK;
    enif_free_env(env);
    return done;
}

int main(int argc, char** argv) {
    const long frames = argc > 2 ? atol(argv[2]) : 600;
    int64_t begin, reductions = 0;
    long frame, late = 0;
    lintel_config config;
    lintel_vm* vm;
    ErlNifEnv* env;
    int y;
    lintel_config_init(&config, sizeof config);
    config.driving = LINTEL_DRIVING_HOST;
    if (argc < 2 || lintel_vm_create(&config, &vm) != LINTEL_OK) return 1;
    if (!start_herd(vm, argv[1])) {
        fprintf(stderr, "game: %s\n", lintel_error(vm));
        return 1;
    }
    env = lintel_env_create(vm);
    begin = now();
    for (frame = 0; frame < frames; ++frame) {
        const int64_t deadline = begin + (frame + 1) * kFrame;
        lintel_poll_report report;
        report.size = sizeof report;
        memset(screen, ' ', sizeof screen);
        lintel_send_to_name(vm, "herd", enif_make_atom(env, "frame")); /* not before the herd has a name */
        lintel_poll(vm, INT64_MAX, deadline - kReserve - now(), &report);
        reductions += report.reductions;
        if (report.halted) break;
        /* Here a game would draw. */
        if (now() > deadline) ++late;
        sleep_until(deadline);
    }
    for (y = 0; y < HEIGHT; ++y) printf("%.*s\n", WIDTH, screen[y]);
    printf("%ld frames, %ld of them late, %lld reductions a frame\n", frame, late,
           (long long)(frame == 0 ? 0 : reductions / frame));
    enif_free_env(env);
    lintel_vm_destroy(vm);
    return 0;
}
