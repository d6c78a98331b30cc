#include "embed/lintel_vm.h"
#include "embed/term_reader.h"
#include "gc/copy.h"
#include "sched/exit_signals.h"
#include "sched/process.h"
#include "stdlib/stdlib_state.h"
#include "term/print.h"

/// The C API: calls of Erlang functions, processes, messages, mailboxes. docs/design/embedding.md.

using lintel::fail;
using lintel::HeapBuilder;
using lintel::HostCall;
using lintel::HostMailbox;
using lintel::is_gone;
using lintel::Term;

struct lintel_call : lintel::Handle {
    static constexpr const char* kGone = "the call has been freed";
    explicit lintel_call(lintel_vm* of) : vm(of) {}
    lintel_vm* const vm;
    HostCall* call = nullptr;  ///< with a reference
};

struct lintel_mailbox : lintel::Handle {
    static constexpr const char* kGone = "the mailbox has been freed";
    explicit lintel_mailbox(lintel_vm* of) : vm(of) {}
    lintel_vm* const vm;
    HostMailbox* mailbox = nullptr;  ///< with a reference
};

namespace {

ErlNifPid pid_of(Term pid) { return {pid.word()}; }

/// Module and function as atoms; none: one is no name.
struct FunctionName {
    FunctionName(lintel::Vm& vm, const char* m, const char* f)
        : module(m == nullptr ? Term::none() : vm.atoms.intern(m)),
          function(f == nullptr ? Term::none() : vm.atoms.intern(f)) {}
    explicit operator bool() const { return module.is_value() && function.is_value(); }
    const Term module, function;
};

constexpr unsigned kMaxArguments = 255;
constexpr const char* kNoProcess = "no process can be made";

size_t words_of(lintel::Vm& vm, const ERL_NIF_TERM* arguments, unsigned count) {
    size_t words = lintel::list_words(count);
    for (unsigned i = 0; i < count; ++i) words += lintel::flat_size(Term(arguments[i]), &vm.literals);
    return words;
}

Term list_of(lintel::Vm& vm, HeapBuilder& heap, const ERL_NIF_TERM* arguments, unsigned count) {
    Term list = Term::nil();
    for (unsigned i = count; i-- > 0;)
        list = heap.cons(lintel::copy_term(Term(arguments[i]), heap, &vm.literals), list);
    return list;
}

/// What processes of the host write to.
Term output(lintel::Vm& vm) {
    const Term user = vm.names.find(lintel::am::user());
    return user.is_local_pid() ? user : Term::none();
}

lintel_result check_call(lintel_vm* vm, const FunctionName& name, const ERL_NIF_TERM* arguments, unsigned count) {
    if (vm->life != lintel_vm::Life::started) return fail(vm, LINTEL_ERROR_ARGUMENT, lintel::kNotStarted);
    if (vm->vm->is_halted()) return LINTEL_ERROR_HALTED;
    if (!name) return fail(vm, LINTEL_ERROR_ARGUMENT, "not a module and a function");
    if (count > kMaxArguments || (count != 0 && arguments == nullptr))
        return fail(vm, LINTEL_ERROR_ARGUMENT, "no arguments, or more than 255");
    for (unsigned i = 0; i < count; ++i) {
        if (lintel::is_stale(Term(arguments[i])))
            return fail(vm, LINTEL_ERROR_ARGUMENT, "argument " + std::to_string(i + 1) + ": " + lintel::kStale);
    }
    return LINTEL_OK;
}

/// {Reference, Tag, Value} to the process of a mailbox.
void tell_mailbox(lintel_mailbox* mailbox, Term tag, Term value) {
    HostMailbox& box = *mailbox->mailbox;
    const lintel::MemoryScope scope(box.vm.memory);
    lintel::tell_process(
        box.vm, box.pid, lintel::kMagicRefWords + lintel::tuple_words(3),
        [&](HeapBuilder& heap) { return heap.tuple(box.reference(heap), tag, value); }, Term::none());
}

lintel_result relate_mailbox(lintel_mailbox* mailbox, Term how, const ErlNifPid* pid) {
    if (is_gone(mailbox) || is_gone(mailbox->vm) || pid == nullptr) return LINTEL_ERROR_ARGUMENT;
    tell_mailbox(mailbox, how, Term(pid->pid));
    return LINTEL_OK;
}

}  // namespace

lintel_result lintel::spawn_call(lintel_vm* vm, Tenant* tenant, const char* module, const char* function,
                                 const ERL_NIF_TERM* arguments, unsigned count, ErlNifPid* pid) {
    Vm& v = *vm->vm;
    const FunctionName name(v, module, function);
    if (const lintel_result wrong = check_call(vm, name, arguments, count); wrong != LINTEL_OK) return wrong;
    SpawnOptions options;
    options.module = name.module;
    options.function = name.function;
    options.group_leader = output(v);
    options.tenant = tenant;
    const Term made = spawn_with(v, options, words_of(v, arguments, count),
                                 [&](HeapBuilder& heap) { return list_of(v, heap, arguments, count); });
    if (made.is_none()) return fail(vm, LINTEL_ERROR_MEMORY, kNoProcess);
    if (pid != nullptr) *pid = pid_of(made);
    return LINTEL_OK;
}

extern "C" {

// ---- calls

lintel_result lintel_call_begin(lintel_vm* vm, const char* module, const char* function, const ERL_NIF_TERM* arguments,
                                unsigned count, const lintel_call_options* options, lintel_call** out) {
    if (is_gone(vm) || out == nullptr) return LINTEL_ERROR_ARGUMENT;
    *out = nullptr;
    lintel_call_options known{};
    constexpr size_t kFirstVersion = offsetof(lintel_call_options, context) + sizeof known.context;
    if (options != nullptr && !lintel::read_sized(*options, kFirstVersion, &known))
        return fail(vm, LINTEL_ERROR_ARGUMENT, "options of no known size");
    lintel::Vm& v = *vm->vm;
    const FunctionName name(v, module, function);
    if (const lintel_result wrong = check_call(vm, name, arguments, count); wrong != LINTEL_OK) return wrong;
    const auto tenant = known.tenant != nullptr ? known.tenant->tenant.lock() : nullptr;
    if (known.tenant != nullptr && (tenant == nullptr || known.tenant->vm != vm))
        return fail(vm, LINTEL_ERROR_ARGUMENT, "a tenant of another VM");
    auto* const call = new lintel_call(vm);
    std::function<void()> told;
    if (known.done != nullptr) told = [done = known.done, context = known.context, call] { done(context, call); };
    call->call = new HostCall(v, std::move(told));
    lintel::SpawnOptions spawning;
    spawning.module = lintel::am::lintel_host();
    spawning.function = lintel::am::call();
    spawning.group_leader = output(v);
    spawning.prepare = lintel::HostCalls::list;
    spawning.context = call->call;
    if (known.max_heap_words != 0) {
        spawning.has_max_heap = true;
        spawning.max_heap.words = known.max_heap_words;
    }
    spawning.tenant = tenant.get();
    spawning.max_reductions = known.max_reductions;
    spawning.max_time_ns = known.max_time == LINTEL_FOREVER ? 0 : known.max_time;
    *out = call;  // `done` may be called before this returns
    const Term pid = lintel::spawn_with(
        v, spawning, lintel::kMagicRefWords + lintel::list_words(4) + words_of(v, arguments, count),
        [&](HeapBuilder& heap) {
            const Term list = heap.cons(list_of(v, heap, arguments, count), Term::nil());
            return heap.cons(call->call->reference(heap), heap.cons(name.module, heap.cons(name.function, list)));
        });
    if (pid.is_value()) return LINTEL_OK;
    *out = nullptr;
    lintel_call_free(call);
    return fail(vm, LINTEL_ERROR_MEMORY, kNoProcess);
}

lintel_result lintel_call_wait(lintel_call* call, int64_t time) {
    if (is_gone(call) || is_gone(call->vm) || call->vm->is_inside()) return LINTEL_ERROR_ARGUMENT;
    const HostCall& c = *call->call;
    if (c.vm.wait_outside([&c] { return c.has_ended(); }, lintel::vm_time(time))) return LINTEL_OK;
    return c.vm.is_halted() ? LINTEL_ERROR_HALTED : LINTEL_ERROR_TIMEOUT;
}

lintel_result lintel_call_result(lintel_call* call, ErlNifEnv* env, ERL_NIF_TERM* result) {
    if (is_gone(call) || result == nullptr || (env != nullptr && is_gone(env))) return LINTEL_ERROR_ARGUMENT;
    const HostCall& c = *call->call;
    if (!c.has_ended()) return LINTEL_ERROR_TIMEOUT;
    *result = env != nullptr ? enif_make_copy(env, c.result().word()) : c.result().word();
    return c.state() == HostCall::State::returned ? LINTEL_OK : LINTEL_ERROR_EXCEPTION;
}

ErlNifPid lintel_call_process(const lintel_call* call) { return is_gone(call) ? ErlNifPid{} : pid_of(call->call->pid); }

void lintel_call_cancel(lintel_call* call) {
    if (is_gone(call) || is_gone(call->vm) || call->call->has_ended()) return;
    const ErlNifPid pid = lintel_call_process(call);
    lintel_exit(call->vm, &pid, lintel::am::kill().word());
}

void lintel_call_free(lintel_call* call) {
    if (is_gone(call) || is_gone(call->vm)) return;
    call->call->silence();
    call->call->release_reference();
    delete call;
}

lintel_result lintel_call_function(lintel_vm* vm, const char* module, const char* function, ErlNifEnv* env,
                                   const ERL_NIF_TERM* arguments, unsigned count, int64_t time, ERL_NIF_TERM* result) {
    if (is_gone(vm) || is_gone(env) || result == nullptr || vm->is_inside()) return LINTEL_ERROR_ARGUMENT;
    lintel_call* call;
    lintel_result r = lintel_call_begin(vm, module, function, arguments, count, nullptr, &call);
    if (r != LINTEL_OK) return r;
    r = lintel_call_wait(call, time);
    if (r == LINTEL_OK) {
        r = lintel_call_result(call, env, result);
        if (r == LINTEL_ERROR_EXCEPTION)
            fail(vm, r, lintel::term_text(Term(*result), lintel::PrintStyle::write_unicode));
    } else {
        lintel_call_cancel(call);
    }
    lintel_call_free(call);
    return r;
}

lintel_result lintel_call_text(lintel_vm* vm, const char* module, const char* function, const char* arguments,
                               int64_t time, char* text, size_t room) {
    if (is_gone(vm) || arguments == nullptr) return LINTEL_ERROR_ARGUMENT;
    lintel::NifEnv env(vm->vm.get(), nullptr, lintel::NifEnv::Kind::independent);
    const lintel::ReadTerm read = lintel::read_term(&env, arguments);
    std::vector<ERL_NIF_TERM> terms;
    Term list = read.ok ? Term(read.term) : Term::none();
    for (; list.is_cons(); list = list.tail()) terms.push_back(list.head().word());
    if (!list.is_nil())
        return fail(vm, LINTEL_ERROR_ARGUMENT,
                    "not a list in Erlang's syntax, from byte " + std::to_string(read.length) + " on: " + arguments);
    ERL_NIF_TERM result;
    const lintel_result r = lintel_call_function(vm, module, function, &env, terms.data(),
                                                 static_cast<unsigned>(terms.size()), time, &result);
    if (r == LINTEL_OK || r == LINTEL_ERROR_EXCEPTION) lintel_term_text(result, text, room);
    return r;
}

// ---- processes and messages

lintel_result lintel_spawn(lintel_vm* vm, const char* module, const char* function, const ERL_NIF_TERM* arguments,
                           unsigned count, ErlNifPid* pid) {
    return is_gone(vm) ? LINTEL_ERROR_ARGUMENT
                       : lintel::spawn_call(vm, nullptr, module, function, arguments, count, pid);
}

lintel_result lintel_send(lintel_vm* vm, const ErlNifPid* to, ERL_NIF_TERM message) {
    if (is_gone(vm) || to == nullptr) return LINTEL_ERROR_ARGUMENT;
    if (lintel::is_stale(Term(message))) return fail(vm, LINTEL_ERROR_ARGUMENT, lintel::kStale);
    lintel::Vm& v = *vm->vm;
    const lintel::MemoryScope scope(v.memory);
    bool no_memory = false;
    const bool sent = lintel::with_process(
        v, Term(to->pid), [&](lintel::Process& p) { return v.send_message(p, Term(message), &no_memory, true); });
    return no_memory ? LINTEL_ERROR_MEMORY : sent ? LINTEL_OK : LINTEL_ERROR_NOT_FOUND;
}

lintel_result lintel_send_to_name(lintel_vm* vm, const char* name, ERL_NIF_TERM message) {
    if (is_gone(vm) || name == nullptr) return LINTEL_ERROR_ARGUMENT;
    const Term atom = vm->vm->atoms.find(name);
    const Term pid = atom.is_value() ? vm->vm->names.find(atom) : Term::none();
    if (!pid.is_local_pid()) return LINTEL_ERROR_NOT_FOUND;
    const ErlNifPid to = pid_of(pid);
    return lintel_send(vm, &to, message);
}

lintel_result lintel_exit(lintel_vm* vm, const ErlNifPid* pid, ERL_NIF_TERM reason) {
    if (is_gone(vm) || pid == nullptr) return LINTEL_ERROR_ARGUMENT;
    if (lintel::is_stale(Term(reason))) return fail(vm, LINTEL_ERROR_ARGUMENT, lintel::kStale);
    lintel::Vm& v = *vm->vm;
    const lintel::MemoryScope scope(v.memory);
    const Term to(pid->pid);
    const Term init = v.names.find(lintel::am::init());
    return lintel::send_exit(v, to, init.is_local_pid() ? init : to, Term(reason)) ? LINTEL_OK : LINTEL_ERROR_NOT_FOUND;
}

// ---- mailboxes

lintel_result lintel_mailbox_create(lintel_vm* vm, const char* name,
                                    void (*arrived)(void* context, lintel_mailbox* mailbox), void* context,
                                    lintel_mailbox** out) {
    if (is_gone(vm) || out == nullptr) return LINTEL_ERROR_ARGUMENT;
    *out = nullptr;
    if (vm->life != lintel_vm::Life::started) return fail(vm, LINTEL_ERROR_ARGUMENT, lintel::kNotStarted);
    lintel::Vm& v = *vm->vm;
    auto* const mailbox = new lintel_mailbox(vm);
    std::function<void()> told;
    if (arrived != nullptr) told = [arrived, context, mailbox] { arrived(context, mailbox); };
    mailbox->mailbox = new HostMailbox(v, std::move(told));
    lintel::SpawnOptions options;
    options.module = lintel::am::lintel_host();
    options.function = lintel::am::mailbox();
    options.group_leader = output(v);
    options.off_heap_messages = true;
    const Term pid = lintel::spawn_with(
        v, options, lintel::kMagicRefWords + lintel::list_words(1),
        [&](HeapBuilder& heap) { return heap.cons(mailbox->mailbox->reference(heap), Term::nil()); });
    if (pid.is_none()) {
        lintel_mailbox_free(mailbox);
        return fail(vm, LINTEL_ERROR_MEMORY, kNoProcess);
    }
    mailbox->mailbox->pid = pid;
    const Term atom = name == nullptr ? Term::none() : v.atoms.intern(name);
    if (name != nullptr && (atom.is_none() || v.register_name(atom, pid) != lintel::Vm::RegisterResult::done)) {
        lintel_mailbox_free(mailbox);
        return fail(vm, LINTEL_ERROR_ARGUMENT, std::string("the name ") + name + " is taken, or none");
    }
    *out = mailbox;
    return LINTEL_OK;
}

ErlNifPid lintel_mailbox_process(const lintel_mailbox* mailbox) {
    return is_gone(mailbox) ? ErlNifPid{} : pid_of(mailbox->mailbox->pid);
}

lintel_result lintel_receive(lintel_mailbox* mailbox, ErlNifEnv* env, int64_t time, ERL_NIF_TERM* message) {
    if (is_gone(mailbox) || is_gone(mailbox->vm) || is_gone(env) || message == nullptr) return LINTEL_ERROR_ARGUMENT;
    HostMailbox& box = *mailbox->mailbox;
    for (;;) {
        if (const Term taken = box.take(*env); taken.is_value()) {
            *message = taken.word();
            return LINTEL_OK;
        }
        if (mailbox->vm->is_inside()) return time <= 0 ? LINTEL_ERROR_TIMEOUT : LINTEL_ERROR_ARGUMENT;
        if (!box.vm.wait_outside([&box] { return !box.is_empty(); }, lintel::vm_time(time)))
            return box.vm.is_halted() ? LINTEL_ERROR_HALTED : LINTEL_ERROR_TIMEOUT;
    }
}

lintel_result lintel_mailbox_link(lintel_mailbox* mailbox, const ErlNifPid* pid) {
    return relate_mailbox(mailbox, lintel::am::link(), pid);
}

lintel_result lintel_mailbox_unlink(lintel_mailbox* mailbox, const ErlNifPid* pid) {
    return relate_mailbox(mailbox, lintel::am::unlink(), pid);
}

lintel_result lintel_mailbox_monitor(lintel_mailbox* mailbox, const ErlNifPid* pid) {
    return relate_mailbox(mailbox, lintel::am::monitor(), pid);
}

void lintel_mailbox_free(lintel_mailbox* mailbox) {
    if (is_gone(mailbox) || is_gone(mailbox->vm)) return;
    mailbox->mailbox->silence();
    if (mailbox->mailbox->pid.is_value()) tell_mailbox(mailbox, lintel::am::close(), lintel::am::normal());
    mailbox->mailbox->release_reference();
    delete mailbox;
}

}  // extern "C"
