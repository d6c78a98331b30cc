#include "stdlib/nif/call.h"

#include <cstring>

#include "stdlib/nif/library.h"
#include "term/views.h"
#include "vm/ops.h"
#include "vm/runtime_bs.h"

/// A native function is called from bif_stub, with its arguments in X registers. If it goes on in another function (enif_schedule_nif) and that
/// cannot be called at once, bif_stub is run again with the same arguments, for stack traces, and behind them in X registers
///
///     [reference to a NifContinuation] [tuple of the new arguments]

namespace lintel {

namespace {

/// Arguments that a native function and what it goes on in may have, so that all X registers that are live can be counted.
constexpr unsigned kMaxArguments = 250;

/// The kind of dirty thread that this one is.
DirtyKind kind_here() {
    switch (this_thread.kind) {
        case ThreadKind::dirty_cpu: return DirtyKind::cpu;
        case ThreadKind::dirty_io: return DirtyKind::io;
        default: return DirtyKind::none;
    }
}

bool wants_other_thread(Process& p, DirtyKind kind) {
    if (LINTEL_LIKELY(kind == DirtyKind::none)) return false;
    return kind != kind_here() && p.machine().has_dirty_threads(kind);
}

/// The process ends its slice; the call is made again.
Term call_again(Process& p, DirtyKind kind) {
    p.dirty_wanted = kind;
    p.pending = Pending::yield;
    return Term::none();
}

/// Whether the slice goes on with `kind` on this thread.
bool may_go_on(Process& p, DirtyKind kind) {
    if (wants_other_thread(p, kind) || p.collect_on_return || p.exiting) return false;
    // On a dirty thread only what asks for it.
    return p.reductions > 0 && (!p.on_dirty || kind == kind_here());
}

Term run_dirty(NifEnv& env, NifPointer pointer, const Term* args, int count) {
    const auto call = [&] { return Term(pointer(&env, count, reinterpret_cast<const ERL_NIF_TERM*>(args))); };
    const DirtySection section(*env.process);
    if (env.library->delays_halt) return call();
    std::atomic<unsigned>& running = env.library->libraries->running;
    running.fetch_add(1, std::memory_order_relaxed);
    const Term result = call();
    running.fetch_sub(1, std::memory_order_release);
    return result;
}

Term run(NifEnv& env, NifPointer pointer, const Term* args, int count) {
    if (LINTEL_UNLIKELY(env.process->on_dirty)) return run_dirty(env, pointer, args, count);
    return Term(pointer(&env, count, reinterpret_cast<const ERL_NIF_TERM*>(args)));
}

/// Puts what the function goes on in behind its arguments.
Term keep(Process& p, const NifFunction& f, const ScheduledNif& next) {
    Term* const x = p.registers->x;
    const Word number = p.machine().next_reference_number();
    next.what->retain();
    x[f.arity] = p.reserve(kMagicRefWords).magic_ref(next.what, number, 0);
    x[f.arity + 1] = next.arguments;
    p.kept = 2;
    p.nif_goes_on = true;
    return call_again(p, wants_other_thread(p, next.what->dirty) ? next.what->dirty : DirtyKind::none);
}

/// Calls `pointer`, and at once what it goes on in as long as that is possible.
Term run_to_end(Process& p, const NifFunction& f, NifPointer pointer, const Term* args, int count) {
    ScheduledNif current;
    for (;;) {
        NifEnv env(p, f.library);
        const Term result = run(env, pointer, args, count);
        if (current.what != nullptr) current.what->release_reference();
        if (env.has_raised) {
            if (p.on_dirty) p.end_slice();
            return p.error(env.reason);
        }
        if (env.deferred.is_value() && result.is_none()) {
            p.trap(p.vm->code.export_entry(am::lintel_host(), am::await(), 1), {env.deferred});
            return Term::none();
        }
        if (env.scheduled.what == nullptr || result.is_value()) {
            if (p.on_dirty) p.end_slice();
            return result.is_value() ? result : p.badarg();
        }
        p.charge(1);
        if (!may_go_on(p, env.scheduled.what->dirty)) return keep(p, f, env.scheduled);
        current = std::exchange(env.scheduled, {});
        const TupleView next = as_tuple(current.arguments);
        pointer = current.what->pointer;
        args = next.elements().data();
        count = static_cast<int>(next.arity());
    }
}

/// Match contexts among the arguments become bit strings.
void settle_contexts(Process& p, unsigned arity) {
    Term* const x = p.registers->x;
    for (unsigned i = 0; i < arity; ++i) {
        if (!x[i].is_kind(Kind::match_context)) continue;
        x[i] = bs_get_tail(p, reinterpret_cast<const MatchContext*>(x[i].boxed_words()));
    }
}

}  // namespace

Term call_nif(ExecState& state, const Term* args) {
    Process& p = as_process(state);
    const auto& f = *static_cast<const NifFunction*>(static_cast<const ops::bif_stub*>(p.ip)->bif);
    if (p.nif_goes_on) {
        p.nif_goes_on = false;
        const auto* next = as_magic<NifContinuation>(args[f.arity]);
        if (wants_other_thread(p, next->dirty)) {
            p.kept = 2;
            p.nif_goes_on = true;
            return call_again(p, next->dirty);
        }
        const TupleView arguments = as_tuple(args[f.arity + 1]);
        // The registers keep both alive: nothing else runs in this process meanwhile.
        return run_to_end(p, f, next->pointer, arguments.elements().data(), static_cast<int>(arguments.arity()));
    }
    if (f.takes_contexts) settle_contexts(p, f.arity);
    if (wants_other_thread(p, f.dirty)) return call_again(p, f.dirty);
    return run_to_end(p, f, f.pointer, args, f.arity);
}

}  // namespace lintel

using lintel::DirtyKind;
using lintel::Term;

extern "C" {

ERL_NIF_TERM enif_schedule_nif(ErlNifEnv* env, const char* name, int flags,
                               ERL_NIF_TERM (*fptr)(ErlNifEnv*, int, const ERL_NIF_TERM[]), int argc,
                               const ERL_NIF_TERM argv[]) {
    if (std::strlen(name) > lintel::kMaxAtomCharacters || argc < 0 ||
        static_cast<unsigned>(argc) > lintel::kMaxArguments || env->process == nullptr) {
        return env->badarg();
    }
    DirtyKind kind = DirtyKind::none;
    if (flags == ERL_NIF_DIRTY_JOB_CPU_BOUND) {
        kind = DirtyKind::cpu;
    } else if (flags == ERL_NIF_DIRTY_JOB_IO_BOUND) {
        kind = DirtyKind::io;
    } else if (flags != 0) {
        return env->badarg();
    }
    const auto count = static_cast<size_t>(argc);
    lintel::HeapBuilder heap = env->reserve(lintel::tuple_words(count));
    lintel::Word* elements;
    const Term arguments = heap.tuple_of(count, &elements);
    for (size_t i = 0; i < count; ++i) elements[i] = argv[i];
    if (env->scheduled.what != nullptr) env->scheduled.what->release_reference();
    env->scheduled = {new lintel::NifContinuation(fptr, kind), arguments};
    return 0;
}

int enif_consume_timeslice(ErlNifEnv* env, int percent) {
    if (env->process == nullptr) return 0;
    percent = std::clamp(percent, 1, 100);
    env->process->charge(size_t{(lintel::kSliceReductions + 99) / 100} * static_cast<size_t>(percent));
    return env->process->reductions <= 0 ? 1 : 0;
}

int enif_thread_type(void) {
    switch (lintel::this_thread.kind) {
        case lintel::ThreadKind::foreign: return ERL_NIF_THR_UNDEFINED;
        case lintel::ThreadKind::scheduler: return ERL_NIF_THR_NORMAL_SCHEDULER;
        case lintel::ThreadKind::dirty_cpu: return ERL_NIF_THR_DIRTY_CPU_SCHEDULER;
        case lintel::ThreadKind::dirty_io: return ERL_NIF_THR_DIRTY_IO_SCHEDULER;
    }
    LINTEL_UNREACHABLE();
}

}  // extern "C"
