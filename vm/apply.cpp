#include "vm/apply.h"

#include "loader/verify.h"
#include "vm/vm_core.h"

namespace lintel {

namespace {

constexpr unsigned kMaxArguments = 255;

void raise_in_apply(ExecState& p, const Term* args, unsigned arity, BadArguments bad, const void* where) {
    p.error(bad == BadArguments::too_many ? am::system_limit() : am::badarg());
    const BifEntry apply_bif{am::erlang(), am::apply(), static_cast<uint8_t>(arity), 0, nullptr};
    capture_trace(p, where, &apply_bif, args);
}

}  // namespace

int spread_arguments(Term list, Term* x, unsigned limit) {
    unsigned n = 0;
    for (; list.is_cons(); list = list.tail(), ++n) {
        if (n == limit) return static_cast<int>(BadArguments::too_many);
        if (n < kMaxArguments) x[n] = list.head();
    }
    if (!list.is_nil()) return static_cast<int>(BadArguments::improper);
    return n <= kMaxArguments ? static_cast<int>(n) : static_cast<int>(BadArguments::many);
}

void raise_bad_apply(ExecState& p, const Term* args, BadArguments bad, const void* where) {
    if (bad != BadArguments::many) return raise_in_apply(p, args, 3, bad, where);
    // A function that cannot be there.
    p.error(am::undef());
    capture_undefined_list(p, args[0], args[1], args[2], where);
}

void raise_bad_apply_fun(ExecState& p, const Term* args, BadArguments bad, const void* where) {
    if (bad != BadArguments::many) return raise_in_apply(p, args, 2, bad, where);
    if (args[0].is_kind(Kind::fun) || args[0].is_kind(Kind::export_fun)) {
        auto heap = p.reserve(2 * tuple_words(2));
        p.error(heap.tuple(am::badarity(), heap.tuple(args[0], args[1])));
    } else {
        p.error_tuple(am::badfun(), args[0]);
    }
    capture_trace(p, where, nullptr, nullptr);
}

bool never_returns(Term module, Term function, const Term* x, uint32_t arity) {
    Term last[3];
    while (module == am::erlang() && function == am::apply() && arity == 3) {
        module = x[0];
        function = x[1];
        if (!module.is_atom() || !function.is_atom()) return true;
        Term list = x[2];
        for (arity = 0; list.is_cons() && arity <= kApplyLimit; list = list.tail(), ++arity) {
            if (arity < 3) last[arity] = list.head();
        }
        if (!list.is_nil()) return true;
        x = last;
    }
    return is_exit_function(module, function, arity);
}

}  // namespace lintel
