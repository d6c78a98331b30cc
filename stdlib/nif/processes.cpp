/// Functions of the native interface on processes, ports, names, references, messages.

#include "gc/copy.h"
#include "sched/port.h"
#include "stdlib/nif/env.h"
#include "vm/iolist.h"

using lintel::Process;
using lintel::Term;
using lintel::term_of;
using lintel::Vm;
using lintel::am::undefined;

namespace {

/// The VM that a call without an environment is meant for.
Vm* vm_of(ErlNifEnv* env, ErlNifEnv* other = nullptr) {
    if (env != nullptr && env->vm != nullptr) return env->vm;
    if (other != nullptr && other->vm != nullptr) return other->vm;
    return lintel::vm_of_thread();
}

bool is_alive(Vm& vm, Term pid) {
    return lintel::with_process(vm, pid, [](Process& p) { return !p.is_exiting.load(std::memory_order_relaxed); });
}

/// The pid or port of a name; the non-value if it has none.
Term whereis(ErlNifEnv* env, ERL_NIF_TERM name) {
    Vm* const vm = vm_of(env);
    return vm != nullptr && Term(name).is_atom() ? vm->names.find(Term(name)) : Term::none();
}

}  // namespace

extern "C" {

ErlNifPid* enif_self(ErlNifEnv* env, ErlNifPid* pid) {
    const Term self = env->process != nullptr ? env->process->self : env->caller;
    if (self.is_none()) return nullptr;
    pid->pid = self.word();
    return pid;
}

int enif_get_local_pid(ErlNifEnv*, ERL_NIF_TERM term, ErlNifPid* pid) {
    if (!term_of(term).is_local_pid()) return 0;
    pid->pid = term;
    return 1;
}

int enif_get_local_port(ErlNifEnv*, ERL_NIF_TERM term, ErlNifPort* port) {
    if (!term_of(term).is_local_port()) return 0;
    port->port_id = term;
    return 1;
}

int enif_whereis_pid(ErlNifEnv* env, ERL_NIF_TERM name, ErlNifPid* pid) {
    const Term found = whereis(env, name);
    return found.is_value() ? enif_get_local_pid(env, found.word(), pid) : 0;
}

int enif_whereis_port(ErlNifEnv* env, ERL_NIF_TERM name, ErlNifPort* port) {
    const Term found = whereis(env, name);
    return found.is_value() ? enif_get_local_port(env, found.word(), port) : 0;
}

int enif_is_process_alive(ErlNifEnv* env, ErlNifPid* pid) {
    Vm* const vm = vm_of(env);
    return vm != nullptr && is_alive(*vm, Term(pid->pid)) ? 1 : 0;
}

int enif_is_current_process_alive(ErlNifEnv* env) {
    Process* const p = env->process;
    if (p == nullptr) return 0;
    // An exit signal may have come.
    if (!p->signals.empty()) p->fetch_signals(false);
    return p->exiting ? 0 : 1;
}

int enif_is_port_alive(ErlNifEnv* env, ErlNifPort* port) {
    Vm* const vm = vm_of(env);
    return vm != nullptr && vm->ports.find(Term(port->port_id)) != nullptr ? 1 : 0;
}

void enif_set_pid_undefined(ErlNifPid* pid) { pid->pid = undefined().word(); }
int enif_is_pid_undefined(const ErlNifPid* pid) { return Term(pid->pid) == undefined() ? 1 : 0; }

ERL_NIF_TERM enif_make_ref(ErlNifEnv* env) {
    Vm* const vm = vm_of(env);
    if (vm == nullptr) return env->badarg();
    return env->reserve(lintel::kRefWords).ref(vm->next_reference_number(), 0).word();
}

ERL_NIF_TERM enif_make_unique_integer(ErlNifEnv* env, ErlNifUniqueInteger properties) {
    Vm* const vm = vm_of(env);
    if (vm == nullptr) return env->badarg();
    const bool positive = (properties & ERL_NIF_UNIQUE_POSITIVE) != 0;
    return env->reserve(lintel::kIntegerWords).integer(vm->unique_integer(positive)).word();
}

int enif_send(ErlNifEnv* env, const ErlNifPid* to, ErlNifEnv* message_env, ERL_NIF_TERM message) {
    Vm* const vm = vm_of(env, message_env);
    if (vm == nullptr) return 0;
    const lintel::MemoryScope scope(vm->memory);
    const bool sent = lintel::with_process(*vm, Term(to->pid), [&](Process& p) {
        bool no_memory = false;
        return vm->send_message(p, term_of(message), &no_memory, true) && !no_memory;
    });
    if (!sent) return 0;
    if (message_env != nullptr) message_env->clear();
    return 1;
}

/// As Port ! {Owner, {command, Data}} by the calling process, or else by the port's owner.
int enif_port_command(ErlNifEnv* env, const ErlNifPort* to, ErlNifEnv* message_env, ERL_NIF_TERM data) {
    Vm* const vm = vm_of(env, message_env);
    size_t bits;
    if (vm == nullptr || env == nullptr || env->process == nullptr ||
        lintel::iolist_bits(Term(data), lintel::IoListItems::bytes, &bits) != lintel::IoListStatus::ok) {
        return 0;
    }
    const auto port = vm->ports.find(Term(to->port_id));
    if (port == nullptr) return 0;
    const std::lock_guard lock(port->mutex);
    if (port->state != lintel::Port::State::open || !port->command(*env->process, Term(data))) return 0;
    if (message_env != nullptr) message_env->clear();
    return 1;
}

}  // extern "C"
