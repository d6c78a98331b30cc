#include "embed/lintel_vm.h"
#include "embed/stub_module.h"
#include "stdlib/nif/library.h"
#include "stdlib/stdlib_state.h"
#include "term/utf8.h"

/// The C API: functions of the host as modules, and answers that come later. docs/design/embedding.md.

using lintel::fail;
using lintel::HostPromise;
using lintel::is_gone;
using lintel::Term;

namespace {

constexpr size_t kMaxNameBytes = 255;

bool is_name(const char* text) {
    return text != nullptr && *text != '\0' && lintel::utf8_of_latin1(text).size() <= kMaxNameBytes;
}

/// {Promise, Tag, Value} to whoever waits; the promise is gone.
lintel_result answer(lintel_promise* promise, Term tag, ERL_NIF_TERM value) {
    if (promise == nullptr) return LINTEL_ERROR_ARGUMENT;
    auto* const owed = reinterpret_cast<HostPromise*>(promise);
    const bool told = owed->answer(tag, lintel::term_of(value));
    owed->vm.outside_answered();
    owed->release_reference();
    return told ? LINTEL_OK : LINTEL_ERROR_NOT_FOUND;
}

}  // namespace

extern "C" {

lintel_result lintel_define_module(lintel_vm* vm, const ErlNifEntry* entry, void* priv_data) {
    if (is_gone(vm)) return LINTEL_ERROR_ARGUMENT;
    if (entry == nullptr || !is_name(entry->name))
        return fail(vm, LINTEL_ERROR_ARGUMENT, "no entry with a module's name");
    lintel::Vm& v = *vm->vm;
    std::vector<lintel::StubFunction> stubs;
    for (int i = 0; i < entry->num_of_funcs; ++i) {
        const ErlNifFunc& f = entry->funcs[i];
        if (!is_name(f.name) || f.arity > 255)
            return fail(
                vm, LINTEL_ERROR_ARGUMENT,
                std::string(entry->name) + ": function " + std::to_string(i) + " has no name, or too many arguments");
        stubs.push_back({lintel::utf8_of_latin1(f.name), f.arity});
    }
    const std::string name = lintel::utf8_of_latin1(entry->name);
    if (const Term known = v.atoms.find(name); known.is_value() && v.code.current(known) != nullptr)
        return fail(vm, LINTEL_ERROR_ARGUMENT, name + ": there is such a module");
    const lintel::MemoryScope scope(v.memory);
    if (!vm->vm->load_host_module()) return fail(vm, LINTEL_ERROR_MEMORY, "out of memory");
    auto loaded = vm->vm->load_own(lintel::make_stub_module(name, stubs), name);
    if (!loaded) return fail(vm, LINTEL_ERROR_ARGUMENT, loaded.error().text());
    const lintel::ForeignReader reader(v.epochs);
    const std::string wrong = lintel::bind_host_module(v, *v.code.current(loaded.value()), *entry, priv_data);
    return wrong.empty() ? LINTEL_OK : fail(vm, LINTEL_ERROR_ARGUMENT, name + ": " + wrong);
}

ERL_NIF_TERM lintel_defer(ErlNifEnv* env, lintel_promise** promise) {
    if (is_gone(env) || promise == nullptr || env->process == nullptr) return 0;
    auto* const owed = new HostPromise(*env->process);
    lintel::HeapBuilder heap = env->reserve(lintel::kMagicRefWords);
    env->deferred = owed->reference(heap);
    *promise = reinterpret_cast<lintel_promise*>(owed);
    owed->vm.await_outside();
    return 0;
}

lintel_result lintel_resolve(lintel_promise* promise, ERL_NIF_TERM value) {
    return answer(promise, lintel::am::ok(), value);
}

lintel_result lintel_reject(lintel_promise* promise, ERL_NIF_TERM reason) {
    return answer(promise, lintel::am::error(), reason);
}

}  // extern "C"
