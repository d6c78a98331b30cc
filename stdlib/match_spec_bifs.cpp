/// Match specifications by themselves: compiled ahead, and tested.

#include "sched/seq_trace.h"
#include "sched/vm.h"
#include "stdlib/backtrace.h"
#include "stdlib/build.h"
#include "stdlib/match_spec.h"
#include "stdlib/stdlib_state.h"
#include "stdlib/trace/seq_trace_access.h"
#include "stdlib/trace/trace_flags.h"
#include "term/print.h"

namespace lintel {

Term seq_trace_info_1(ExecState&, Args);

namespace {

constexpr size_t kTermsPerReduction = 4;

/// What match_spec_test/3 does instead of the actions. As in OTP, who would set something of its token is told what that is.
class TestActions : public MatchActions {
public:
    explicit TestActions(Process& p) : p_(p) {}

    Term message = am::true_();
    bool return_trace = false, exception_trace = false;

    Term act(ExecState&, MatchAction action, std::span<const Term> arguments) override {
        switch (action) {
            case MatchAction::message: message = arguments[0]; return am::true_();
            case MatchAction::return_trace: return_trace = true; return am::true_();
            case MatchAction::exception_trace: exception_trace = true; return am::true_();
            case MatchAction::caller:
            case MatchAction::caller_line: return am::undefined();
            case MatchAction::current_stacktrace: return Term::nil();
            case MatchAction::get_seq_token: return seq_token_term(p_, p_);
            case MatchAction::is_seq_trace: return boolean(has_token(p_));
            case MatchAction::set_seq_token: return seq_trace_info_1(p_, {arguments.data()});
            case MatchAction::get_tcw: return Term::small(0);
            case MatchAction::set_tcw: return arguments[0].is_small() ? Term::small(0) : Term::none();
            case MatchAction::display: p_.machine().write(1, term_text(arguments[0]) + "\n"); return am::true_();
            case MatchAction::disable_trace:
            case MatchAction::enable_trace: return trace_flag(arguments.back()) != 0 ? am::true_() : Term::none();
            case MatchAction::silent: return am::true_();
            case MatchAction::trace: {
                const size_t n = arguments.size();
                const bool are_flags = is_flag_list(arguments[n - 2]) && is_flag_list(arguments[n - 1]);
                return are_flags ? am::false_() : Term::none();
            }
            case MatchAction::process_dump: return make_binary(p_, backtrace_text(p_));
        }
        return Term::none();
    }

private:
    bool is_flag_list(Term list) const {
        TraceFlags flags;
        return parse_trace_flags(p_.machine(), stdlib_state(p_).traces.legacy, list, &flags);
    }
    Process& p_;
};

/// {error, [{error, Text}]}
Term error_report(ExecState& p, const MatchProgram::Errors& errors) {
    ListMaker list(p);
    for (const std::string& text : errors) list.add_pair(am::error(), make_string(p, text));
    return make_tuple2(p, am::error(), list.list());
}

Term tested(ExecState& p, Term result, Term flags) {
    auto heap = p.reserve(tuple_words(4));
    return heap.tuple(am::ok(), result, flags, Term::nil());
}

}  // namespace

/// ets:match_spec_compile/1: a reference to the program. Fails: badarg.
Term ets_match_spec_compile_1(ExecState& p, Args a) {
    MatchProgram* program = a[0].is_nil() ? nullptr : MatchProgram::compile(a[0], MatchDialect::table, nullptr);
    if (program == nullptr) return p.badarg();
    return make_magic_ref(p, program);
}

/// ets:is_compiled_ms/1.
Term ets_is_compiled_ms_1(ExecState&, Args a) { return boolean(as_magic<MatchProgram>(a[0]) != nullptr); }

/// ets:match_spec_run_r/3: the values of List's elements that match, in front of Acc, the last one first. Fails: badarg.
Term ets_match_spec_run_r_3(ExecState& p, Args a) {
    auto* program = as_magic<MatchProgram>(a[1]);
    if (program == nullptr) return p.badarg();
    Term list = a[0];
    Term result = a[2];
    {
        Budget budget(p, kTermsPerReduction);
        ResultHeap heap(p);
        MatchRunner runner(p, *program, heap);
        if (!runner) return p.system_limit();
        for (; list.is_cons() && budget.take(); list = list.tail()) {
            const Term value = runner.run(list.head());
            if (value.is_none()) continue;
            const Term rest = result;
            result = heap.with(kConsWords, [=](HeapBuilder& h) { return h.cons(value, rest); });
        }
    }
    if (list.is_cons())
        return p.trap(p.vm->code.export_entry(am::ets(), am::match_spec_run_r(), 3), {list, a[1], result});
    return list.is_nil() ? result : p.badarg();
}

/// erlang:match_spec_test/3: what a specification makes of a term (table) or of arguments (trace): {ok, Result, Flags, []}, or
/// {error, Errors}. Fails: badarg.
Term match_spec_test_3(ExecState& p, Args a) {
    const bool is_trace = a[2] == am::trace();
    if (!is_trace && a[2] != am::table()) return p.badarg();
    if (is_trace && !a[0].is_list()) return p.badarg();
    size_t count = 0;
    for (Term list = a[0]; is_trace && list.is_cons(); list = list.tail()) ++count;
    MatchProgram::Errors errors;
    if (a[1].is_nil()) {
        errors.emplace_back("Match programs are not in a list.");
        return error_report(p, errors);
    }
    MatchProgram* program = MatchProgram::compile(a[1], is_trace ? MatchDialect::trace : MatchDialect::table, &errors);
    if (program == nullptr) return errors.empty() ? p.system_limit() : error_report(p, errors);
    // Held on to by a reference of the process's from here on.
    make_magic_ref(p, program);
    ResultHeap heap(p);
    if (!is_trace) {
        MatchRunner runner(p, *program, heap);
        if (!runner) return p.system_limit();
        const Term value = runner.run(a[0]);
        return tested(p, value.is_value() ? value : am::false_(), Term::nil());
    }
    TestActions actions(as_process(p));
    MatchRunner runner(p, *program, heap, &actions);
    const ScratchArray<Term, 16> arguments(count);
    if (!runner || !arguments) return p.system_limit();
    Term list = a[0];
    for (size_t i = 0; i < count; ++i, list = list.tail()) arguments[i] = list.head();
    const bool matches = runner.run({arguments.data(), count}, a[0]);
    ListMaker flags(p);
    if (actions.return_trace) flags.add(am::return_trace());
    if (actions.exception_trace) flags.add(am::exception_trace());
    return tested(p, matches ? actions.message : am::false_(), flags.list());
}

}  // namespace lintel
