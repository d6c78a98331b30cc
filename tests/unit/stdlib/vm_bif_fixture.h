#pragma once
/// Calls BIFs that want a whole VM (nothing runs in it), by name.

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "stdlib/bif.h"
#include "stdlib/stdlib_state.h"
#include "term/compare.h"
#include "term/map.h"
#include "term/views.h"
#include "tests/unit/support/test_process.h"

namespace lintel {

#define BIF(module, function, arity, cpp_function, flags) Term cpp_function(ExecState&, Args);
#include "stdlib/bifs/code.def"
#include "stdlib/bifs/etf.def"
#include "stdlib/bifs/shared.def"
#undef BIF

/// An engine for a VM that never runs.
class NoEngine final : public Engine {
public:
    const char* name() const override { return "none"; }
    bool is_compiling() const override { return false; }
    EngineHooks hooks() override {
        return {[](ExportEntry&) {}, [](FunctionEntry&) {}, [](LoadedModule&) {}};
    }
    void begin(ExecState&, const ExportEntry*, unsigned) override {}
    RunResult run(ExecState&) override { return RunResult::exited; }
    CodeLocation locate(const void*) override { return {}; }
    size_t code_bytes() const override { return 0; }
};

class VmBifs : public testing::Test {
protected:
    VmBifs() {
        create_stdlib_state(vm);
        p.vm = &vm;
    }

    /// The result; after an error the non-value, with p.reason set.
    Term call(std::string_view module, std::string_view function, std::vector<Term> args) {
        static const struct {
            std::string_view module, function;
            size_t arity;
            Term (*run)(ExecState&, Args);
        } table[] = {
#define BIF(module, function, arity, cpp_function, flags) {module, function, arity, cpp_function},
#include "stdlib/bifs/code.def"
#include "stdlib/bifs/etf.def"
#include "stdlib/bifs/shared.def"
#undef BIF
        };
        p.pending = Pending::none;
        for (const auto& row : table) {
            if (row.module == module && row.function == function && row.arity == args.size()) {
                return row.run(p, Args{args.data()});
            }
        }
        ADD_FAILURE() << module << ":" << function;
        return Term::none();
    }
    Term erlang(std::string_view function, std::vector<Term> args) { return call("erlang", function, std::move(args)); }
    /// Whether it fails with `reason`.
    bool fails(Term reason, std::string_view module, std::string_view function, std::vector<Term> args) {
        return call(module, function, std::move(args)).is_none() && p.pending == Pending::exception &&
               p.reason == reason;
    }

    static Term num(int64_t v) { return Term::small(v); }
    Term atom(std::string_view name) { return vm.atoms.intern(name); }
    Term integer(int64_t v) {
        auto heap = p.reserve(kIntegerWords);
        return heap.integer(v);
    }
    Term unsigned_integer(uint64_t v) {
        auto heap = p.reserve(kIntegerWords);
        return heap.unsigned_integer(v);
    }
    template <typename... T>
    Term tuple(T... elements) {
        auto heap = p.reserve(tuple_words(sizeof...(T)));
        return heap.tuple(elements...);
    }
    Term list(std::vector<Term> elements, Term tail = Term::nil()) {
        auto heap = p.reserve(list_words(elements.size()));
        return heap.list(elements, tail);
    }
    Term bin(std::string_view bytes) { return p.bin(bytes); }
    Term chars(std::string_view text) {
        auto heap = p.reserve(list_words(text.size()));
        return heap.byte_list(text);
    }
    /// Value of an atom key of a map.
    Term at(Term map, Term key) {
        const Term* v = map.is_map() ? map_find(map, key) : nullptr;
        return v == nullptr ? Term::none() : *v;
    }

    NoEngine engine;
    Vm vm{VmConfig{.schedulers = 0}, engine};
    test::TestProcess p;
};

inline testing::AssertionResult same(Term a, Term b) {
    if (a.is_value() && b.is_value() && exactly_equal(a, b)) return testing::AssertionSuccess();
    return testing::AssertionFailure() << std::hex << a.word() << " and " << b.word() << " differ";
}

}  // namespace lintel
