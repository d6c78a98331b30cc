/// BIFs on the process dictionary and on registered names.

#include <algorithm>
#include <vector>

#include "sched/vm.h"
#include "stdlib/build.h"
#include "term/compare.h"

namespace lintel {

namespace {

Dictionary* dictionary_of(ExecState& state) {
    ProcessExtra* extra = as_process(state).extra;
    return extra == nullptr ? nullptr : &extra->dictionary;
}

Term or_undefined(Term t) { return t.is_value() ? t : am::undefined(); }

Term all_pairs(ExecState& state) {
    const Dictionary* d = dictionary_of(state);
    if (d == nullptr || d->size() == 0) return Term::nil();
    state.charge(d->size() / 8);
    auto heap = state.reserve(d->size() * (kConsWords + tuple_words(2)));
    Term list = Term::nil();
    d->for_each([&](Term key, Term value) { list = heap.cons(heap.tuple(key, value), list); });
    return list;
}

}  // namespace

/// erlang:put/2: the value before, or undefined.
Term put_2(ExecState& state, Args a) { return or_undefined(as_process(state).need_extra().dictionary.put(a[0], a[1])); }

/// erlang:get/1.
Term get_1(ExecState& state, Args a) {
    const Dictionary* d = dictionary_of(state);
    return d == nullptr ? am::undefined() : or_undefined(d->get(a[0]));
}

/// erlang:get/0: all pairs, latest first.
Term get_0(ExecState& state, Args) { return all_pairs(state); }

/// erlang:get_keys/0.
Term get_keys_0(ExecState& state, Args) {
    const Dictionary* d = dictionary_of(state);
    if (d == nullptr) return Term::nil();
    auto heap = state.reserve(list_words(d->size()));
    Term list = Term::nil();
    d->for_each([&](Term key, Term) { list = heap.cons(key, list); });
    return list;
}

/// erlang:get_keys/1: the keys of Value.
Term get_keys_1(ExecState& state, Args a) {
    const Dictionary* d = dictionary_of(state);
    if (d == nullptr) return Term::nil();
    auto heap = state.reserve(list_words(d->size()));
    Term list = Term::nil();
    d->for_each([&](Term key, Term value) {
        if (exactly_equal(value, a[0])) list = heap.cons(key, list);
    });
    return list;
}

/// erlang:erase/1.
Term erase_1(ExecState& state, Args a) {
    Dictionary* d = dictionary_of(state);
    return d == nullptr ? am::undefined() : or_undefined(d->erase(a[0]));
}

/// erlang:erase/0: all pairs, as get/0.
Term erase_0(ExecState& state, Args) {
    const Term pairs = all_pairs(state);
    if (Dictionary* d = dictionary_of(state)) d->clear();
    return pairs;
}

/// erlang:register/2. Fails: badarg (cause: notalive, registered_name).
Term register_2(ExecState& state, Args a) {
    Vm& vm = as_process(state).machine();
    switch (vm.register_name(a[0], a[1])) {
        case Vm::RegisterResult::done: return am::true_();
        case Vm::RegisterResult::bad_name: return state.badarg_because(am::none());
        case Vm::RegisterResult::no_process:
            return state.badarg_because(a[1].is_local_pid() || a[1].is_local_port() ? am::notalive() : am::none());
        case Vm::RegisterResult::name_taken: return state.badarg_because(am::none());
        case Vm::RegisterResult::process_has_name: return state.badarg_because(am::registered_name());
    }
    LINTEL_UNREACHABLE();
}

/// erlang:unregister/1. Fails: badarg if nothing has the name.
Term unregister_1(ExecState& state, Args a) {
    Process& p = as_process(state);
    return p.machine().unregister_name(a[0], p) ? am::true_() : state.badarg();
}

/// erlang:whereis/1.
Term whereis_1(ExecState& state, Args a) {
    if (!a[0].is_atom()) return state.badarg();
    return or_undefined(as_process(state).machine().names.find(a[0]));
}

/// erlang:registered/0: in their order, since that of the table follows from addresses.
Term registered_0(ExecState& state, Args) {
    Vm& vm = as_process(state).machine();
    std::vector<Term> names;
    {
        const std::lock_guard lock(vm.names.mutex());
        vm.names.for_each_locked([&names](Term name, Term) { names.push_back(name); });
    }
    std::sort(names.begin(), names.end(), [](Term a, Term b) { return compare(a, b) < 0; });
    return state.reserve(list_words(names.size())).list(names);
}

}  // namespace lintel
