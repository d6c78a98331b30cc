/// Clocks of the native interface.

#include <time.h>

#include "stdlib/nif/env.h"

using lintel::Term;
using lintel::Vm;

namespace {

/// Units of a second; 0: no such unit.
int64_t per_second(ErlNifTimeUnit unit) {
    switch (unit) {
        case ERL_NIF_SEC: return 1;
        case ERL_NIF_MSEC: return 1000;
        case ERL_NIF_USEC: return 1000000;
        case ERL_NIF_NSEC: return 1000000000;
    }
    return 0;
}

ErlNifTime from_ns(int64_t ns, ErlNifTimeUnit unit) { return enif_convert_time_unit(ns, ERL_NIF_NSEC, unit); }

/// {MegaSeconds, Seconds, MicroSeconds}
ERL_NIF_TERM timestamp(ErlNifEnv& env, int64_t us) {
    lintel::HeapBuilder heap = env.reserve(lintel::tuple_words(3));
    const int64_t seconds = Vm::floor_divide(us, 1000000);
    return heap
        .tuple(Term::small(Vm::floor_divide(seconds, 1000000)), Term::small(seconds % 1000000),
               Term::small(us - seconds * 1000000))
        .word();
}

}  // namespace

extern "C" {

ErlNifTime enif_monotonic_time(ErlNifTimeUnit unit) {
    Vm* const vm = lintel::vm_of_thread();
    return vm == nullptr || per_second(unit) == 0 ? ERL_NIF_TIME_ERROR : from_ns(vm->monotonic_ns(), unit);
}

ErlNifTime enif_time_offset(ErlNifTimeUnit unit) {
    Vm* const vm = lintel::vm_of_thread();
    return vm == nullptr || per_second(unit) == 0 ? ERL_NIF_TIME_ERROR : from_ns(vm->time_offset_ns(), unit);
}

ErlNifTime enif_convert_time_unit(ErlNifTime value, ErlNifTimeUnit from, ErlNifTimeUnit to) {
    const int64_t has = per_second(from), wants = per_second(to);
    if (has == 0 || wants == 0) return ERL_NIF_TIME_ERROR;
    if (wants >= has) return value * (wants / has);
    return Vm::floor_divide(value, has / wants);
}

ERL_NIF_TERM enif_now_time(ErlNifEnv* env) {
    Vm* const vm = env->vm != nullptr ? env->vm : lintel::vm_of_thread();
    return vm == nullptr ? env->badarg() : timestamp(*env, vm->unique_now_us());
}

/// Processor time of the thread.
ERL_NIF_TERM enif_cpu_time(ErlNifEnv* env) {
    timespec t;
    if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t) != 0) return env->badarg();
    return timestamp(*env, int64_t{t.tv_sec} * 1000000 + t.tv_nsec / 1000);
}

}  // extern "C"
