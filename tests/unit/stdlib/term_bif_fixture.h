#pragma once
/// Calls BIFs on lists, tuples and maps by name, as an engine would: traps are followed, errors are kept.

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "gc/map_builder.h"
#include "stdlib/bif.h"
#include "term/compare.h"
#include "term/map.h"
#include "term/views.h"
#include "vm/vm_core.h"

namespace lintel {

#define BIF(module, function, arity, cpp_function, flags) Term cpp_function(ExecState&, Args);
#include "stdlib/bifs/erts_debug.def"
#include "stdlib/bifs/lists.def"
#include "stdlib/bifs/maps.def"
#include "stdlib/bifs/tuples.def"
#undef BIF

class TermBifs : public ::testing::Test {
protected:
    TermBifs() {
        p.heap.htop = p.heap.stack_top = p.heap.start = p.heap.end =
            &no_heap_;  // every reservation is a fragment of its size
        p.vm = &vm;
        p.registers = &registers_;
    }
    ~TermBifs() override {
        while (p.heap.fragments != nullptr) {
            HeapFragment* next = p.heap.fragments->next;
            HeapFragment::destroy(p.heap.fragments);
            p.heap.fragments = next;
        }
    }

    /// The result; after an error the non-value, with p.reason set. A slice has `slice` reductions.
    Term call(std::string_view module, std::string_view function, std::vector<Term> args) {
        static const struct {
            std::string_view module, function;
            size_t arity;
            Term (*run)(ExecState&, Args);
        } table[] = {
#define BIF(module, function, arity, cpp_function, flags) {module, function, arity, cpp_function},
#include "stdlib/bifs/erts_debug.def"
#include "stdlib/bifs/lists.def"
#include "stdlib/bifs/maps.def"
#include "stdlib/bifs/tuples.def"
#undef BIF
        };
        traps = 0;
        for (;;) {
            Term (*run)(ExecState&, Args) = nullptr;
            for (const auto& row : table) {
                if (row.module == module && row.function == function && row.arity == args.size()) run = row.run;
            }
            if (run == nullptr) ADD_FAILURE() << module << ":" << function;
            p.reductions = slice;
            p.pending = Pending::none;
            const Term result = run(p, Args{args.data()});
            if (result.is_value() || p.pending != Pending::trap) return result;
            ++traps;
            module = atom_name(p.trap_target->module);
            function = atom_name(p.trap_target->function);
            args.assign(registers_.x, registers_.x + p.trap_target->arity);
        }
    }
    /// Whether it fails with badarg.
    bool badarg(std::string_view module, std::string_view function, std::vector<Term> args) {
        return call(module, function, std::move(args)).is_none() && p.pending == Pending::exception &&
               p.reason == am::badarg();
    }
    /// Whether it fails with {Tag, Value}.
    bool fails(Term tag, Term value, std::string_view module, std::string_view function, std::vector<Term> args) {
        if (call(module, function, std::move(args)).is_value() || p.pending != Pending::exception) return false;
        const auto tuple = as_tuple(p.reason, 2);
        return tuple && tuple[0] == tag && exactly_equal(tuple[1], value);
    }

    Term num(int64_t v) { return Term::small(v); }
    Term real(double d) { return Term::try_immediate_float(d); }
    Term list(std::vector<Term> elements, Term tail = Term::nil()) {
        auto heap = p.reserve(list_words(elements.size()));
        return heap.list(elements, tail);
    }
    Term numbers(int64_t from, int64_t to, Term tail = Term::nil()) {
        std::vector<Term> v;
        for (int64_t i = from; i <= to; ++i) v.push_back(num(i));
        return list(v, tail);
    }
    template <typename... T>
    Term tuple(T... elements) {
        auto heap = p.reserve(tuple_words(sizeof...(T)));
        return heap.tuple(elements...);
    }
    Term map(std::vector<Term> pairs) {
        auto heap = p.reserve(map_words_bound(pairs.size() / 2));
        return build_map(heap, pairs.data(), pairs.size() / 2, nullptr);
    }
    /// #{1 => 1, 2 => 4, … n => n * n}
    Term squares(int64_t n) {
        std::vector<Term> pairs;
        for (int64_t i = 1; i <= n; ++i) pairs.insert(pairs.end(), {num(i), num(i * i)});
        return map(pairs);
    }
    static std::vector<Term> elements(Term list) {
        std::vector<Term> v;
        for (; list.is_cons(); list = list.tail()) v.push_back(list.head());
        return v;
    }

    VmCore vm{EngineHooks{[](ExportEntry&) {}, [](FunctionEntry&) {}, [](LoadedModule&) {}}, nullptr};
    ExecState p;
    int32_t slice = kSliceReductions;
    size_t traps = 0;

private:
    Word no_heap_ = 0;
    RegisterFile registers_;
};

inline ::testing::AssertionResult same(Term a, Term b) {
    if (a.is_value() && b.is_value() && exactly_equal(a, b)) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << std::hex << a.word() << " and " << b.word() << " differ";
}

}  // namespace lintel
