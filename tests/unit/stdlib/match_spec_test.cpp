// Match specifications without a VM. What erl makes of many more is compared in tests/erl/ets/match_specs.erl.

#include <gtest/gtest.h>

#include "stdlib/match_spec.h"

#include "gc/map_builder.h"
#include "term/print.h"
#include "tests/unit/support/term_text.h"
#include "tests/unit/support/test_process.h"

namespace lintel {
namespace {

using test::TestProcess;

class MatchSpec : public ::testing::Test {
protected:
    TestProcess p;
    AtomTable atoms;

    Term read(std::string_view text) { return test::TermReader(p, atoms, text).read(); }
    /// The result as text, for a row and for a term of the process; "-" if nothing matches.
    std::string run(Term object, Term spec) {
        MatchProgram::Errors errors;
        MatchProgram* program = MatchProgram::compile(spec, MatchDialect::table, &errors);
        if (program == nullptr) return errors.empty() ? "?" : errors[0];
        const std::string own = text(program, object, nullptr);
        if (object.is_tuple()) {
            Row* row = make_row(object, 0);
            EXPECT_EQ(text(program, object, row), own);
            free_row(row, 0);
        }
        program->release_reference();
        return own;
    }
    std::string run(std::string_view object, std::string_view spec) { return run(read(object), read(spec)); }

private:
    /// The row is overwritten before the result is looked at: nothing of it may be left in there.
    std::string text(MatchProgram* program, Term object, Row* row) {
        ResultHeap heap(p);
        Term result;
        {
            MatchRunner runner(p, *program, heap);
            result = row != nullptr ? runner.run(*row) : runner.run(object);
        }
        EXPECT_EQ(p.pending, Pending::none);
        EXPECT_TRUE(p.reason.is_none());
        if (row != nullptr && !row->has_off_heap()) {
            for (size_t i = 0; i < row->words(); ++i) row->tuple_words[i] = 0x5555555555555550;
        }
        return result.is_none() ? "-" : term_text(result);
    }
};

TEST_F(MatchSpec, heads_bind_and_compare) {
    EXPECT_EQ(
        run("{a,{b,[1,2,3]},x}", "[{{'$1',{b,['$2'|'$3']},'$1'},[],[no]},{{'$1',{b,['$2'|'$3']},'_'},[],['$$']}]"),
        "[a,1,[2,3]]");
    EXPECT_EQ(run("{a,{b,[1,2,3]}}", "[{{a,{b,[1,2,3]}},[],['$_']}]"), "{a,{b,[1,2,3]}}");
    EXPECT_EQ(run("{a,{b,[1,2,3]}}", "[{{a,{b,[1,2,4]}},[],['$_']}]"), "-");
    EXPECT_EQ(run("{1}", "[{{1.0},[],[x]}]"), "-");
    EXPECT_EQ(run("{[1|2]}", "[{{['$1','$2']},[],[x]},{{['$2'|'$1']},[],['$$']}]"), "[2,1]");
    EXPECT_EQ(run("{{{{a}}}}", "[{{{{{'$5'}}}},[],['$5']}]"), "a");
    EXPECT_EQ(run("foo", "[{'$1',[],[{{'$1','$1'}}]}]"), "{foo,foo}");
}

TEST_F(MatchSpec, bodies_build_what_lasts) {
    const Term binary = p.bin(std::string(200, 'b'));
    Term object = p.reserve(tuple_words(2)).tuple(read("{key,[1,x]}"), binary);
    const std::string shown = term_text(binary);
    EXPECT_EQ(run(object, read("[{{'$1','$2'},[],[{{'$2','$1',['$1'|'$2']}}]}]")),
              "{" + shown + ",{key,[1,x]},[{key,[1,x]}|" + shown + "]}");
    EXPECT_EQ(run(object, read("[{{'_','$2'},[],[{binary_part,'$2',0,3}]}]")), "<<\"bbb\">>");
    EXPECT_EQ(run(object, read("[{{'$1','_'},[],[{element,2,'$1'}]}]")), "[1,x]");
    EXPECT_EQ(run("{[1,2,3],70000000000000000000000}", "[{{'$1','$2'},[],[[{tl,'$1'},{'+','$2',0},{abs,'$2'}|'$2']]}]"),
              "[[2,3],70000000000000000000000,70000000000000000000000|70000000000000000000000]");
}

TEST_F(MatchSpec, maps_in_heads_match_their_pairs) {
    Term pairs[] = {read("a"), read("[1,2]"), read("b"), Term::small(2), read("c"), Term::small(3)};
    auto heap = p.reserve(map_words_bound(3) + tuple_words(1));
    const Term map = build_map(heap, pairs, 3, nullptr);
    const Term object = heap.tuple(map);
    const auto spec = [&](std::initializer_list<Term> wanted, std::string_view body) {
        std::vector<Term> w(wanted);
        auto h = p.reserve(map_words_bound(4) + tuple_words(1) + tuple_words(3) + kConsWords);
        const Term pattern = build_map(h, w.data(), w.size() / 2, nullptr);
        return h.cons(h.tuple(h.tuple(pattern), Term::nil(), read(body)), Term::nil());
    };
    EXPECT_EQ(run(object, spec({}, "[yes]")), "yes");
    EXPECT_EQ(run(object, spec({read("b"), Term::small(2)}, "[yes]")), "yes");
    EXPECT_EQ(run(object, spec({read("b"), Term::small(3)}, "[yes]")), "-");
    EXPECT_EQ(run(object, spec({read("d"), am::underscore()}, "[yes]")), "-");
    EXPECT_EQ(run(object, spec({read("a"), read("['$1'|'$2']"), read("c"), read("'$3'")}, "['$$']")), "[1,[2],3]");
    EXPECT_EQ(run(object, read("[{{'$1'},[{'==',{map_get,b,'$1'},2}],[{map_size,'$1'}]}]")), "3");
}

TEST_F(MatchSpec, failures_in_guards_and_bodies) {
    EXPECT_EQ(run("{a}", "[{{'$1'},[{'+','$1',1}],[x]},{{'_'},[],[y]}]"), "y");
    EXPECT_EQ(run("{a}", "[{{'$1'},[],[{{1,{'+','$1',1},{hd,'$1'}}}]}]"), "{1,'EXIT','EXIT'}");
    EXPECT_EQ(run("{a}", "[{{'$1'},[{'andalso',{is_atom,'$1'},{'orelse',{'==','$1',b},{'=:=','$1',a}}}],[x]}]"), "x");
    EXPECT_EQ(run("{a}", "[{{'$1'},[],[{'andalso',true,'$1'}]}]"), "a");
    EXPECT_EQ(run("{a}", "[{{'$1'},[],[{'andalso','$1',true}]}]"), "'EXIT'");
    EXPECT_EQ(run("{a}", "[{{'$1'},[],[{'or',false,{'and',true,true}},{'or',true,'$1'}]}]"), "'EXIT'");
}

TEST_F(MatchSpec, errors) {
    EXPECT_EQ(run("{a}", "foo"), "Match programs are not in a list.");
    EXPECT_EQ(run("{a}", "[{'_',[],['$1']}]"), "Variable $1 is unbound.");
    EXPECT_EQ(run("{a}", "[{'_',[],[{foo,1}]}]"), "Function foo/1 does_not_exist.");
    EXPECT_EQ(run("{a}", "[{'_',[],[]}]"), "Body clause does not return anything.");
}

TEST_F(MatchSpec, depth_does_not_matter) {
    // Nested tuples, lists and calls, far beyond what the C stack would bear.
    constexpr int kDepth = 200000;
    TestProcess big(size_t{kDepth} * 30);
    Term object = Term::small(0), pattern = am::dollar_1(), body = am::dollar_1();
    for (int i = 0; i < kDepth; ++i) {
        auto heap = big.reserve(tuple_words(1) * 2 + kConsWords * 2 + tuple_words(3));
        object = heap.cons(heap.tuple(object), Term::nil());
        pattern = heap.cons(heap.tuple(pattern), Term::nil());
        body = heap.tuple(am::plus(), body, Term::small(1));
    }
    auto heap = big.reserve(tuple_words(3) + 2 * kConsWords);
    const Term bodies = heap.cons(body, Term::nil());
    const Term spec = heap.cons(heap.tuple(pattern, Term::nil(), bodies), Term::nil());
    EXPECT_EQ(run(object, spec), std::to_string(kDepth));
}

TEST_F(MatchSpec, trace_dialect) {
    class Collector : public MatchActions {
    public:
        std::string log;
        Term act(ExecState&, MatchAction action, std::span<const Term> arguments) override {
            log += std::to_string(static_cast<int>(action)) + ":";
            for (const Term t : arguments) log += term_text(t);
            log += " ";
            return action == MatchAction::get_tcw ? Term::small(7) : am::true_();
        }
    } actions;
    const Term spec = read("[{['$1',b],[{'==',{get_tcw},7}],[{message,'$_'},{return_trace},'$1']}]");
    MatchProgram* program = MatchProgram::compile(spec, MatchDialect::trace, nullptr);
    ASSERT_NE(program, nullptr);
    ResultHeap heap(p);
    MatchRunner runner(p, *program, heap, &actions);
    const Term matching[] = {read("[a]"), read("b")}, other[] = {read("a")};
    EXPECT_TRUE(runner.run(matching, Term::none()));
    EXPECT_FALSE(runner.run(other, Term::none()));
    const auto name = [](MatchAction a) { return std::to_string(static_cast<int>(a)); };
    EXPECT_EQ(actions.log, name(MatchAction::get_tcw) + ": " + name(MatchAction::message) + ":[[a],b] " +
                               name(MatchAction::return_trace) + ": ");
    program->release_reference();
}

}  // namespace
}  // namespace lintel
