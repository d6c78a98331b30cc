/// The verifier, rule by rule: code that breaks it is refused with the right words, and the same code without the fault passes.

#include <gtest/gtest.h>

#include "loader/verify.h"
#include "tests/unit/loader/beam_builder.h"

namespace lintel {
namespace {

using namespace test;

// ---- instructions, shorter. The function is m:f/1, its labels 1 and 2; others from 3 on.

std::string L(int n) { return op(Genop::label, u(n)); }
std::string ret() { return op(Genop::return_); }
std::string move(const std::string& from, const std::string& to) { return op(Genop::move, from + to); }
std::string allocate(int words, int live) { return op(Genop::allocate, u(words) + u(live)); }
std::string deallocate(int words) { return op(Genop::deallocate, u(words)); }
std::string test_heap(int words, int live) { return op(Genop::test_heap, u(words) + u(live)); }
std::string jump(int label) { return op(Genop::jump, f(label)); }
std::string call(int arity, int label) { return op(Genop::call, u(arity) + f(label)); }
std::string call_ext(int arity, int import) { return op(Genop::call_ext, u(arity) + u(import)); }
std::string init(const std::string& reg) { return op(Genop::init_yregs, list({reg})); }
std::string is_nil(int label, const std::string& reg) { return op(Genop::is_nil, f(label) + reg); }
std::string start_match(const std::string& from, int live, const std::string& to) {
    return op(Genop::bs_start_match3, f(3) + from + u(live) + to);
}
/// The end of code that jumps to label 3 when something fails.
std::string ret_3() { return ret() + L(3) + move(nil(), x(0)) + ret(); }

// Rows of the import table.
enum Import { kError, kSetelement, kHd, kSelf, kG2, kLength, kByteSize, kAdd };

struct Verify : testing::Test {
    Loaded world;
    BeamBuilder file;
    std::vector<std::string> more_functions;

    Verify() {
        file.atoms = {"m",         "f", "erlang", "error",   "setelement",      "hd",       "self",    "g",    "length",
                      "byte_size", "+", "nil",    "integer", "ensure_at_least", "get_tail", "no_fail", "start"};
        file.chunks = {
            {"ImpT", BeamBuilder::row({8, 3, 4, 1, 3, 5, 3, 3, 6, 1, 3, 7, 0, 1, 8, 2, 3, 9, 1, 3, 10, 1, 3, 11, 2})},
            {"FunT", BeamBuilder::row({1, 2, 1, 2, 0, 1, 0})},
            // {}, [[]], 1.0e300, {[]}
            {"LitT", be32(0) + be32(4) + literal("\x83h\0", 3) + literal("\x83l\0\0\0\1jj", 8) +
                         literal("\x83\x46\x7e\x37\xe4\x3c\x88\x00\x75\x9c", 10) + literal("\x83h\1j", 4)}};
    }
    static std::string literal(const char* bytes, size_t size) {
        return be32(static_cast<uint32_t>(size)) + std::string(bytes, size);
    }

    /// "" if the code passes, else what is wrong with it, without the place.
    std::string verify(const std::string& body) {
        file.code = BeamBuilder::function(body);
        file.functions = 1;
        for (const auto& more : more_functions) {
            file.code += more;
            ++file.functions;
        }
        file.code += op(Genop::int_code_end);
        const std::string text = world.load(file);
        if (!text.empty()) return "not even decoded: " + text;
        const auto error = verify_module(*world.module);
        if (!error) return "";
        EXPECT_LT(error->position, world.module->code.size());
        const size_t at = error->what.find(", ");
        return error->what.substr(at + 2);
    }
    void good(const std::string& body) { EXPECT_EQ(verify(body), ""); }
    void bad(const std::string& body, const std::string& what) { EXPECT_EQ(verify(body), what); }
    bool checked(Genop g) {
        const Module& m = *world.module;
        for (size_t at = 0; at < m.code.size(); at += 1 + ir::Instruction(&m.code[at]).operand_words()) {
            if (ir::Instruction(&m.code[at]).op() == g) return ir::Instruction(&m.code[at]).needs_check();
        }
        ADD_FAILURE() << "no such instruction";
        return false;
    }
};

// ---- registers

TEST_F(Verify, registers_are_set_before_they_are_read) {
    good(ret());
    bad(move(x(1), x(0)) + ret(), "move: x1 is not initialised");
    good(move(x(0), x(1)) + move(x(1), x(0)) + ret());
    bad(move(y(0), x(0)) + ret(), "move: y0 is not in the frame");
    bad(move(x(0), y(0)) + ret(), "move: y0 is not in the frame");
    bad(allocate(1, 1) + move(y(0), x(0)) + deallocate(1) + ret(), "move: y0 is not initialised");
    good(allocate(1, 1) + move(x(0), y(0)) + move(y(0), x(0)) + deallocate(1) + ret());
    bad(op(Genop::swap, x(0) + x(1)) + ret(), "swap: x1 is not initialised");
    bad(move(x(0), x(1023)) + ret(), "move: x1023 is the engine's");
    good(move(x(0), x(1022)) + ret());
}

TEST_F(Verify, paths_keep_what_both_know) {
    const std::string body = is_nil(3, x(0)) + move(x(0), x(1));
    bad(body + L(3) + move(x(1), x(0)) + ret(), "move: x1 is not initialised");
    good(body + jump(4) + L(3) + move(nil(), x(1)) + L(4) + move(x(1), x(0)) + ret());
    // Backwards: the second time round x1 is gone.
    const std::string loop = move(x(0), x(1)) + L(3) + move(x(1), x(2)) + is_nil(4, x(0));
    bad(loop + jump(3) + L(4) + ret(), "jump: a loop without a call, which nothing could interrupt");
    bad(loop + test_heap(1, 1) + jump(3) + L(4) + ret(), "move: x1 is not initialised");
}

TEST_F(Verify, functions_end) {
    bad(move(x(0), x(1)), "move: the function does not end with an instruction that ends it");
    good(jump(3) + L(3) + ret());
    more_functions = {BeamBuilder::function(L(7) + ret(), 5)};
    bad(jump(7), "jump: label 7 is in another function");
}

TEST_F(Verify, loops_can_be_interrupted) {
    const char* loop = "jump: a loop without a call, which nothing could interrupt";
    bad(jump(3) + L(3) + jump(3), loop);
    bad(L(3) + is_nil(4, x(0)) + ret() + L(4) + jump(3), loop);
    bad(L(3) + op(Genop::select_val, x(0) + f(4) + list({nil(), f(5)})) + L(4) + ret() + L(5) + L(6) + jump(3), loop);
    // Backwards, but not in a circle.
    good(jump(4) + L(3) + ret() + L(4) + is_nil(3, x(0)) + jump(3));
    // A call in it, or a message: each costs reductions.
    good(L(3) + op(Genop::call_only, u(1) + f(2)));
    good(allocate(0, 1) + L(3) + op(Genop::wait, f(3)));
}

TEST_F(Verify, dead_code_is_blanked) {
    // Nobody checks what is never reached, and nobody meets it.
    good(ret() + L(5) + move(x(9), y(3)) + jump(5));
    const Module& m = *world.module;
    EXPECT_EQ(m.label_position[5], Module::kNoPosition);
    for (size_t at = 0; at < m.code.size(); at += 1 + ir::Instruction(&m.code[at]).operand_words()) {
        EXPECT_NE(ir::Instruction(&m.code[at]).op(), Genop::move);
    }
}

TEST_F(Verify, work_has_a_limit) {
    // Each label knows one register less each time: quadratic. It is refused or accepted, but soon.
    std::string body;
    for (int r = 1; r < 1000; ++r) body += move(x(0), x(r));
    file.labels = 3000;
    for (int n = 3; n < 1000; ++n)
        body += L(n) + is_nil(n > 3 ? n - 1 : 3, x(0)) + op(Genop::is_nil, f(n + 1000) + x(0)) + L(n + 1000);
    const std::string result = verify(body + ret());
    bool expected = false;
    for (const char* end : {"too complex", "too many registers", "a loop without a call"})
        expected = expected || result.find(end) != std::string::npos;
    EXPECT_TRUE(expected) << result;
}

// ---- frames

TEST_F(Verify, frames) {
    bad(allocate(1, 1) + allocate(1, 1) + ret(), "allocate: there still is a frame");
    bad(deallocate(1) + ret(), "deallocate: there is no frame");
    bad(allocate(1, 1) + deallocate(2) + ret(), "deallocate: the frame has 1 registers, not 2");
    bad(allocate(1, 1) + ret(), "return: there still is a frame");
    good(allocate(1, 1) + deallocate(1) + ret());
    file.labels = 16;
    bad(allocate(1025, 1) + deallocate(1025) + ret(), "allocate: a frame of 1025 registers");
    bad(allocate(1, 2) + deallocate(1) + ret(), "allocate: 2 X registers live, but x1 is not initialised");
    good(allocate(2, 1) + op(Genop::trim, u(1) + u(1)) + deallocate(1) + ret());
    bad(allocate(2, 1) + op(Genop::trim, u(1) + u(2)) + deallocate(1) + ret(),
        "trim: the frame has 2 registers, not 1 and 2");
    bad(op(Genop::trim, u(1) + u(1)) + ret(), "trim: there is no frame");
    bad(allocate(0, 1) + op(Genop::call_only, u(1) + f(2)), "call_only: there still is a frame");
    bad(allocate(1, 1) + op(Genop::call_last, u(1) + f(2) + u(0)), "call_last: the frame has 1 registers, not 0");
    good(allocate(1, 1) + op(Genop::call_last, u(1) + f(2) + u(1)));
    bad(op(Genop::call_last, u(1) + f(2) + u(0)), "call_last: there is no frame");
    bad(op(Genop::call_ext_last, u(2) + u(kG2) + u(0)), "call_ext_last: there is no frame");
    bad(op(Genop::apply_last, u(0) + u(0)), "apply_last: there is no frame");
}

TEST_F(Verify, frames_differ_where_paths_meet) {
    // Allowed where the code only raises: nothing may be named and no handler may be found.
    const std::string meet = is_nil(3, x(0)) + allocate(1, 1) + move(x(0), y(0)) + L(3);
    good(meet + op(Genop::badmatch, x(0)));
    good(meet + call_ext(1, kError));
    bad(meet + ret(), "return: there still is a frame");
    bad(meet + deallocate(1) + ret(), "deallocate: there is no frame");
    bad(meet + move(y(0), x(0)) + op(Genop::badmatch, x(0)), "move: y0 is not in the frame");
    bad(is_nil(3, x(0)) + allocate(1, 1) + op(Genop::try_, y(0) + f(4)) + L(3) + op(Genop::badmatch, x(0)) + L(4) +
            op(Genop::try_case, y(0)) + deallocate(1) + ret(),
        "label: paths meet with different frames and a catch mark");
}

TEST_F(Verify, collections_see_terms_only) {
    bad(test_heap(1, 2) + ret(), "test_heap: 2 X registers live, but x1 is not initialised");
    bad(move(x(0), x(2)) + test_heap(1, 3) + ret(), "test_heap: 3 X registers live, but x1 is not initialised");
    good(test_heap(1, 1) + ret());
    bad(move(x(0), x(1)) + test_heap(1, 1) + move(x(1), x(0)) + ret(), "move: x1 is not initialised");
    bad(allocate(1, 1) + test_heap(1, 1) + deallocate(1) + ret(), "test_heap: y0 is not initialised here");
    good(allocate(1, 1) + init(y(0)) + test_heap(1, 1) + deallocate(1) + ret());
    good(op(Genop::allocate_zero, u(1) + u(1)) + test_heap(1, 1) + deallocate(1) + ret());
    bad(allocate(1, 1) + call(1, 2) + deallocate(1) + ret(), "call: y0 is not initialised here");
    bad(allocate(2, 1) + move(x(0), y(0)) + op(Genop::make_fun2, u(0)) + deallocate(2) + ret(),
        "make_fun2: y1 is not initialised here");
}

// ---- heap words

TEST_F(Verify, reservations) {
    const std::string cons = op(Genop::put_list, x(0) + nil() + x(0));
    bad(cons + ret(), "put_list: 2 heap words are written, of 0 reserved");
    bad(test_heap(1, 1) + cons + ret(), "put_list: 2 heap words are written, of 1 reserved");
    good(test_heap(2, 1) + cons + ret());
    bad(test_heap(3, 1) + cons + cons + ret(), "put_list: 2 heap words are written, of 1 reserved");
    // The smaller one counts where paths meet.
    bad(test_heap(4, 1) + is_nil(3, x(0)) + cons + L(3) + cons + cons + ret(),
        "put_list: 2 heap words are written, of 0 reserved");
    good(test_heap(6, 1) + is_nil(3, x(0)) + cons + L(3) + cons + cons + ret());
    // A call uses up all of it; so does a BIF that builds.
    bad(op(Genop::allocate_heap, u(0) + u(2) + u(1)) + call(1, 2) + cons + deallocate(0) + ret(),
        "put_list: 2 heap words are written, of 0 reserved");
    good(op(Genop::allocate_heap, u(0) + u(2) + u(1)) + cons + deallocate(0) + ret());
    bad(test_heap(2, 1) + op(Genop::gc_bif1, f(0) + u(1) + u(kLength) + x(0) + x(1)) + cons + ret(),
        "put_list: 2 heap words are written, of 0 reserved");
    good(test_heap(2, 1) + op(Genop::bif1, f(0) + u(kHd) + x(0) + x(1)) + cons + ret());

    const std::string tuple = op(Genop::put_tuple2, x(0) + list({x(0), nil()}));
    bad(test_heap(2, 1) + tuple + ret(), "put_tuple2: 3 heap words are written, of 2 reserved");
    good(test_heap(3, 1) + tuple + ret());
    const std::string fun = op(Genop::make_fun3, u(0) + x(0) + list({x(0)}));
    bad(test_heap(3, 1) + fun + ret(), "make_fun3: 4 heap words are written, of 3 reserved");
    good(test_heap(4, 1) + fun + ret());
    const std::string record = op(Genop::update_record, a(2) + u(2) + x(0) + x(0) + list({u(1), nil()}));
    bad(test_heap(2, 1) + record + ret(), "update_record: 3 heap words are written, of 2 reserved");
    good(test_heap(3, 1) + record + ret());
    const std::string store = op(Genop::fconv, x(0) + fr(0)) + op(Genop::fmove, fr(0) + x(0));
    bad(test_heap(1, 1) + store + ret(), "fmove: 2 heap words are written, of 1 reserved");
    good(test_heap(2, 1) + store + ret());
}

TEST_F(Verify, old_tuples) {
    const std::string put = op(Genop::put, x(0));
    bad(test_heap(3, 1) + op(Genop::put_tuple, u(2) + x(0)) + put + ret(), "put_tuple: a put is missing");
    good(test_heap(3, 1) + op(Genop::put_tuple, u(2) + x(0)) + put + put + ret());
    bad(test_heap(2, 1) + op(Genop::put_tuple, u(2) + x(0)) + put + put + ret(),
        "put_tuple: 3 heap words are written, of 2 reserved");
    bad(put + ret(), "put: no put_tuple precedes");
    bad(test_heap(3, 1) + op(Genop::put_tuple, u(1) + x(0)) + op(Genop::put, x(1)) + ret(),
        "put_tuple: x1 is not initialised");
}

// ---- types

TEST_F(Verify, what_is_taken_apart_is_proved_or_tested) {
    const std::string get = op(Genop::get_list, x(0) + x(1) + x(2));
    good(op(Genop::is_nonempty_list, f(3) + x(0)) + get + ret_3());
    EXPECT_FALSE(checked(Genop::get_list));
    good(op(Genop::is_nonempty_list, f(3) + x(0)) + L(3) + get + ret());
    EXPECT_TRUE(checked(Genop::get_list));
    const std::string element = op(Genop::get_tuple_element, x(0) + u(1) + x(1));
    good(op(Genop::test_arity, f(3) + x(0) + u(2)) + element + ret_3());
    EXPECT_FALSE(checked(Genop::get_tuple_element));
    good(op(Genop::test_arity, f(3) + x(0) + u(1)) + element + ret_3());
    EXPECT_TRUE(checked(Genop::get_tuple_element));
    good(op(Genop::is_tuple, f(3) + x(0)) + element + ret_3());
    EXPECT_TRUE(checked(Genop::get_tuple_element));
    good(op(Genop::get_hd, x(0) + x(1)) + ret());
    EXPECT_TRUE(checked(Genop::get_hd));
    bad(op(Genop::fmove, nil() + x(1)) + ret(), "fmove: no float register");
    bad(allocate(1, 1) + op(Genop::fmove, a(3) + y(1)) + ret(), "fmove: no float register");
    good(op(Genop::fmove, x(0) + fr(0)) + ret());
    EXPECT_TRUE(checked(Genop::fmove));
    good(op(Genop::fmove, lit(2) + fr(0)) + ret());
    EXPECT_FALSE(checked(Genop::fmove));
    // Arities of a selection hold at its labels.
    good(op(Genop::is_tuple, f(3) + x(0)) + op(Genop::select_tuple_arity, x(0) + f(3) + list({u(2), f(4)})) + L(4) +
         element + ret_3());
    EXPECT_FALSE(checked(Genop::get_tuple_element));
}

TEST_F(Verify, tuples_without_elements_have_no_tag) {
    bad(op(Genop::is_tagged_tuple, f(3) + x(0) + u(0) + a(2)) + ret_3(),
        "is_tagged_tuple: a tuple without elements has no tag");
    good(op(Genop::is_tagged_tuple, f(3) + x(0) + u(1) + a(2)) + ret_3());
}

TEST_F(Verify, records_have_the_elements_that_change) {
    const auto record = [&](int element) {
        return test_heap(9, 1) + op(Genop::update_record, a(2) + u(2) + x(0) + x(0) + list({u(element), nil()})) +
               ret();
    };
    good(record(2));
    bad(record(3), "update_record: a tuple of 2 has no element 3");
    bad(record(0), "update_record: a tuple of 2 has no element 0");
}

TEST_F(Verify, native_records_are_named_by_atoms) {
    const std::string one = list({a(2), x(0)}), none = list({});
    const auto make = [&](const std::string& id, const std::string& from, const std::string& fields) {
        return op(Genop::put_record, f(0) + id + from + x(0) + u(1) + fields) + ret();
    };
    file.atoms.push_back("external");
    file.atoms.push_back("true");
    const auto external = static_cast<int64_t>(file.atoms.size() - 1);
    file.chunks.push_back({"Recs", be32(0) + be32(1) + be32(0) + "\x05" + a(2) + a(external + 1) + none});
    // {f, f}
    file.chunks[2].second =
        be32(0) + be32(4) + file.chunks[2].second.substr(8, 7 + 12 + 14) + literal("\x83h\2w\1fw\1f", 9);
    good(make(a(2), nil(), none));
    good(make(a(2), x(0), one));
    good(make(a(1), x(0), one));
    good(make(lit(3), nil(), one));
    bad(make(a(1), nil(), none), "put_record: the module defines no such record");
    bad(make(lit(0), nil(), none), "put_record: no name of a record");
    bad(make(x(0), x(0), none), "put_record: no name of a record");
    bad(make(a(2), x(1), one), "put_record: x1 is not initialised");
    bad(make(a(2), x(0), list({a(2), x(1)})), "put_record: x1 is not initialised");
    // It may collect: what was reserved, and registers that are not live, are gone.
    bad(move(x(0), x(1)) + op(Genop::put_record, f(0) + a(2) + nil() + x(0) + u(1) + none) + move(x(1), x(0)) + ret(),
        "move: x1 is not initialised");
    bad(test_heap(2, 1) + op(Genop::put_record, f(0) + a(2) + nil() + x(0) + u(1) + none) +
            op(Genop::put_list, x(0) + nil() + x(0)) + ret(),
        "put_list: 2 heap words are written, of 0 reserved");
    const std::string get = op(Genop::get_record_elements, f(3) + x(0) + list({a(2), x(1), a(1), x(2)}));
    good(get + move(x(2), x(0)) + ret_3());
    bad(get + ret() + L(3) + move(x(1), x(0)) + ret(), "move: x1 is not initialised");
    good(op(Genop::get_record_field, f(0) + x(0) + a(2) + a(1) + x(0)) + ret());
    good(op(Genop::get_record_field, f(3) + x(0) + lit(3) + a(1) + x(0)) + ret_3());
    bad(op(Genop::get_record_field, f(0) + x(0) + nil() + a(1) + x(0)) + ret(),
        "get_record_field: no name of a record");
    good(op(Genop::is_record_accessible, f(3) + x(0) + a(external)) + ret_3());
    bad(op(Genop::is_record_accessible, f(3) + x(0) + a(2)) + ret_3(), "is_record_accessible: unknown scope");
    good(op(Genop::is_native_record, f(3) + x(0) + a(1) + a(2)) + op(Genop::is_any_native_record, f(3) + x(0)) +
         ret_3());
}

TEST_F(Verify, finished_tuples_do_not_change) {
    const std::string set = op(Genop::set_tuple_element, nil() + x(0) + u(0));
    const std::string three = move(x(0), x(1)) + move(x(0), x(2));
    bad(set + ret(), "set_tuple_element: the tuple is not one that setelement/3 has just made");
    bad(test_heap(2, 1) + op(Genop::put_tuple2, x(0) + list({nil()})) + set + ret(),
        "set_tuple_element: the tuple is not one that setelement/3 has just made");
    bad(move(lit(3), x(0)) + set + ret(), "set_tuple_element: the tuple is not one that setelement/3 has just made");
    const std::string made = allocate(0, 1) + three + call_ext(3, kSetelement);
    good(made + set + deallocate(0) + ret());
    good(made + move(x(0), x(1)) + set + deallocate(0) + ret());
    // Something has been built meanwhile: it could refer to the tuple, or the tuple come to refer to something younger.
    bad(made + test_heap(2, 1) + set + deallocate(0) + ret(),
        "set_tuple_element: the tuple is not one that setelement/3 has just made");
    bad(made + deallocate(0) + set + ret(), "set_tuple_element: the tuple is not one that setelement/3 has just made");
}

TEST_F(Verify, float_registers) {
    bad(op(Genop::fadd, f(0) + fr(0) + fr(1) + fr(2)) + ret(), "fadd: float register 0 is not initialised");
    const std::string both = op(Genop::fconv, x(0) + fr(0)) + op(Genop::fconv, x(0) + fr(1));
    good(both + op(Genop::fadd, f(0) + fr(0) + fr(1) + fr(2)) + ret());
    bad(both + op(Genop::fnegate, f(0) + fr(2) + fr(0)) + ret(), "fnegate: float register 2 is not initialised");
    bad(allocate(0, 1) + both + call(1, 2) + op(Genop::fmove, fr(0) + fr(1)) + deallocate(0) + ret(),
        "fmove: float register 0 is not initialised");
}

// ---- calls

TEST_F(Verify, calls) {
    bad(call(1, 2) + ret(), "call: there is no frame");
    bad(allocate(0, 1) + call(0, 2) + deallocate(0) + ret(), "call: arity 0, but the function called has 1");
    bad(allocate(0, 1) + call(1, 1) + deallocate(0) + ret(), "call: label 1 enters no function");
    good(allocate(0, 1) + call(1, 2) + deallocate(0) + ret());
    bad(op(Genop::call_only, u(1) + f(3)) + L(3) + ret(), "call_only: label 3 enters no function");
    bad(allocate(0, 1) + call_ext(1, kG2) + deallocate(0) + ret(), "call_ext: arity 1, but the import has 2");
    bad(allocate(0, 1) + call_ext(2, kG2) + deallocate(0) + ret(), "call_ext: x1 is not initialised");
    bad(op(Genop::call_ext_only, u(2) + u(kG2)), "call_ext_only: x1 is not initialised");
    good(move(x(0), x(1)) + op(Genop::call_ext_only, u(2) + u(kG2)));
    // What comes back is in x0, and nothing else.
    bad(allocate(0, 1) + move(x(0), x(1)) + call(1, 2) + move(x(1), x(0)) + deallocate(0) + ret(),
        "move: x1 is not initialised");
    // A BIF that only raises needs no frame, and nothing behind it.
    good(call_ext(1, kError));
    bad(call_ext(1, kByteSize) + ret(), "call_ext: there is no frame");
    bad(op(Genop::call_fun, u(1)) + ret(), "call_fun: there is no frame");
    bad(allocate(0, 1) + op(Genop::call_fun, u(1)) + deallocate(0) + ret(), "call_fun: x1 is not initialised");
    good(allocate(0, 1) + op(Genop::call_fun, u(0)) + deallocate(0) + ret());
    bad(allocate(0, 1) + op(Genop::call_fun2, u(0) + u(1) + x(1)) + deallocate(0) + ret(),
        "call_fun2: x1 is not initialised");
    bad(allocate(0, 1) + op(Genop::apply, u(0)) + deallocate(0) + ret(), "apply: x1 is not initialised");
    bad(op(Genop::bif1, f(0) + u(kG2) + x(0) + x(0)) + ret(), "bif1: 1 arguments, but the import has arity 2");
    bad(op(Genop::make_fun3, u(0) + x(0) + list({})) + ret(), "make_fun3: 0 free variables, but the fun has 1");
    bad(op(Genop::send) + ret(), "send: x1 is not initialised");
}

TEST_F(Verify, a_call_with_nothing_behind_it_must_not_come_back) {
    good(allocate(0, 1) + call(1, 2));
    EXPECT_TRUE(checked(Genop::call));
    good(allocate(0, 1) + call(1, 2) + deallocate(0) + ret());
    EXPECT_FALSE(checked(Genop::call));
}

// ---- match contexts

TEST_F(Verify, match_contexts) {
    const std::string get = op(Genop::bs_get_integer2, f(3) + x(1) + u(2) + i(8) + u(1) + u(0) + x(2));
    good(start_match(x(0), 1, x(1)) + get + ret_3());
    bad(move(x(0), x(1)) + get + ret_3(), "bs_get_integer2: x1 may be no match context, a match context is wanted");
    bad(start_match(x(0), 1, x(0)) + ret_3(), "return: x0 may be a match context, a term is wanted");
    bad(start_match(x(0), 1, x(0)) + is_nil(3, x(0)) + ret_3(), "is_nil: x0 may be a match context, a term is wanted");
    good(start_match(x(0), 1, x(0)) + op(Genop::bs_context_to_binary, x(0)) + ret_3());
    bad(start_match(x(0), 1, x(0)) + test_heap(2, 1) + op(Genop::put_list, x(0) + nil() + x(0)) + ret_3(),
        "put_list: x0 may be a match context, a term is wanted");
    bad(start_match(x(0), 1, x(0)) + move(x(0), x(1)) + op(Genop::call_ext_only, u(2) + u(kG2)) + L(3) + ret(),
        "call_ext_only: x0 may be a match context, a term is wanted");
    // Where one path has a context and the other has not.
    bad(is_nil(4, x(0)) + start_match(x(0), 1, x(0)) + L(4) + op(Genop::bs_test_tail2, f(3) + x(0) + u(0)) + ret_3(),
        "bs_test_tail2: x0 may be a match context, a match context is wanted");
    // Units, live registers, the position.
    bad(start_match(x(0), 1, x(1)) + op(Genop::bs_test_unit, f(3) + x(1) + u(0)) + ret_3(), "bs_test_unit: unit 0");
    bad(start_match(x(0), 1, x(1)) + op(Genop::bs_test_unit, f(3) + x(1) + u(257)) + ret_3(), "bs_test_unit: unit 257");
    bad(start_match(x(0), 2, x(1)) + ret_3(), "bs_start_match3: 2 X registers live, but x1 is not initialised");
    bad(start_match(x(0), 1, x(1)) + op(Genop::bs_get_tail, x(1) + x(2) + u(1)) +
            op(Genop::bs_test_tail2, f(3) + x(1) + u(0)) + ret_3(),
        "bs_test_tail2: x1 is not initialised");
    bad(start_match(x(0), 1, x(1)) + op(Genop::bs_set_position, x(1) + x(2)) + ret_3(),
        "bs_set_position: x2 is not initialised");
    bad(op(Genop::bs_start_match2, f(3) + x(0) + u(1) + u(0xffff) + x(1)) + ret_3(),
        "bs_start_match2: number 65535 is too large");
    bad(op(Genop::bs_start_match2, f(3) + x(0) + u(1) + u(1) + x(1)) + op(Genop::bs_save2, x(0) + u(0)) + ret_3(),
        "bs_save2: x0 may be no match context, a match context is wanted");
}

TEST_F(Verify, contexts_reach_functions_of_the_module_only) {
    // f passes a context to its neighbour, which is verified again with it.
    const auto neighbour = [&](const std::string& body) { more_functions = {BeamBuilder::function(body, 5, 8)}; };
    const std::string pass = start_match(x(0), 1, x(0)) + op(Genop::call_only, u(1) + f(6)) + L(3) + ret();
    neighbour(op(Genop::bs_start_match3, f(7) + x(0) + u(1) + x(0)) + op(Genop::bs_context_to_binary, x(0)) + L(7) +
              ret());
    good(pass);
    EXPECT_TRUE(world.module->functions[1].takes_contexts);
    neighbour(ret());
    bad(pass, "return: x0 may be a match context, a term is wanted");
    good(op(Genop::call_only, u(1) + f(6)));
    EXPECT_FALSE(world.module->functions[1].takes_contexts);
}

TEST_F(Verify, bs_match_commands) {
    const std::string taken =
        op(Genop::bs_match, f(3) + x(1) + list({a(14), u(8), u(1), a(13), u(2), nil(), u(8), u(1), x(2)}));
    good(start_match(x(0), 1, x(1)) + taken + move(x(2), x(0)) + ret_3());
    // More than is surely there: it may fail, before x2 is set.
    const std::string more =
        op(Genop::bs_match, f(3) + x(1) + list({a(14), u(8), u(1), a(13), u(2), nil(), u(16), u(1), x(2)}));
    good(start_match(x(0), 1, x(1)) + more + move(x(2), x(0)) + ret_3());
    bad(start_match(x(0), 1, x(1)) + taken + L(3) + move(x(2), x(0)) + ret(), "move: x2 is not initialised");
    bad(start_match(x(0), 1, x(1)) +
            op(Genop::bs_match, f(3) + x(1) + list({a(14), u(8), u(1), a(13), u(3), nil(), u(8), u(1), x(2)})) +
            ret_3(),
        "bs_match: 3 X registers live, but x2 is not initialised");
    // The context is gone once it is not among the live ones.
    bad(start_match(x(0), 1, x(1)) +
            op(Genop::bs_match,
               f(3) + x(1) + list({a(15), u(1), u(1), x(2), a(14), u(8), u(1), a(15), u(1), u(1), x(2)})) +
            ret_3(),
        "bs_match: x1 is not initialised");
}

// ---- construction of bit strings

TEST_F(Verify, puts_need_a_binary_under_construction) {
    const std::string put = op(Genop::bs_put_integer, f(0) + i(8) + u(1) + u(0) + i(1));
    const std::string begin = op(Genop::bs_init2, f(0) + u(1) + u(0) + u(1) + u(0) + x(1));
    bad(put + ret(), "bs_put_integer: no binary is under construction");
    good(begin + put + ret());
    bad(begin + test_heap(1, 2) + put + ret(), "bs_put_integer: no binary is under construction");
    // As OTP 22 and 23 have it.
    good(start_match(x(0), 1, x(1)) + op(Genop::bs_init2, f(0) + u(1) + u(0) + u(2) + u(0) + x(2)) +
         op(Genop::bs_get_tail, x(1) + x(3) + u(3)) + put + ret_3());
    bad(op(Genop::bs_put_string, u(1) + u(0)) + ret(), "bs_put_string: no binary is under construction");
    bad(begin + op(Genop::bs_put_integer, f(0) + i(8) + u(0) + u(0) + i(1)) + ret(), "bs_put_integer: unit 0");
    bad(op(Genop::bs_init2, f(0) + x(1) + u(0) + u(1) + u(0) + x(1)) + ret(), "bs_init2: x1 is not initialised");
    bad(move(x(0), x(1)) + op(Genop::bs_init2, f(0) + x(1) + u(0) + u(1) + u(0) + x(1)) + ret(),
        "bs_init2: x1 is used, but not live");
    bad(move(x(0), x(1)) +
            op(Genop::bs_create_bin, f(0) + u(0) + u(1) + u(8) + x(0) + list({a(13), u(1), u(8), nil(), x(1), i(1)})) +
            ret(),
        "bs_create_bin: x1 is used, but not live");
    good(move(x(0), x(1)) +
         op(Genop::bs_create_bin, f(0) + u(0) + u(2) + u(8) + x(0) + list({a(13), u(1), u(8), nil(), x(1), i(1)})) +
         ret());
}

// ---- maps

TEST_F(Verify, maps) {
    bad(op(Genop::get_map_elements, f(3) + x(0) + list({x(1), x(2)})) + ret_3(),
        "get_map_elements: x1 is not initialised");
    // The second key may be missing when the first register has been written.
    good(move(x(0), x(1)) + op(Genop::get_map_elements, f(3) + x(0) + list({nil(), x(2), a(2), x(3)})) +
         move(x(3), x(0)) + ret_3());
    bad(op(Genop::get_map_elements, f(3) + x(0) + list({nil(), x(1), a(2), x(2)})) + L(3) + move(x(1), x(0)) + ret(),
        "move: x1 is not initialised");
    bad(op(Genop::put_map_assoc, f(0) + x(0) + x(0) + u(2) + list({nil(), nil()})) + ret(),
        "put_map_assoc: 2 X registers live, but x1 is not initialised");
    good(op(Genop::put_map_assoc, f(0) + x(0) + x(0) + u(1) + list({nil(), nil()})) + ret());
    bad(op(Genop::has_map_fields, f(3) + x(0) + list({x(1)})) + ret_3(), "has_map_fields: x1 is not initialised");
}

// ---- exceptions

TEST_F(Verify, catch_marks) {
    const std::string handler = L(4) + op(Genop::try_case, y(0)) + deallocate(1) + ret();
    const std::string enter = allocate(1, 1) + op(Genop::try_, y(0) + f(4));
    good(enter + op(Genop::try_end, y(0)) + deallocate(1) + ret() + handler);
    bad(enter + move(y(0), x(0)) + deallocate(1) + ret() + handler, "move: y0 holds a catch mark");
    bad(enter + move(x(0), y(0)) + op(Genop::try_end, y(0)) + deallocate(1) + ret() + handler,
        "try_end: y0 holds no catch mark");
    bad(allocate(1, 1) + init(y(0)) + op(Genop::try_end, y(0)) + deallocate(1) + ret(),
        "try_end: y0 holds no catch mark");
    bad(allocate(1, 1) + init(y(0)) + op(Genop::catch_end, y(0)) + deallocate(1) + ret(),
        "catch_end: y0 holds no catch mark");
    bad(enter + op(Genop::try_end, y(0)) + deallocate(1) + ret() + L(4) + move(x(1), x(0)) + deallocate(1) + ret(),
        "move: a handler begins with catch_end or try_case");
    // Different marks, or a mark and a term, in one register.
    bad(allocate(1, 1) + init(y(0)) + is_nil(3, x(0)) + op(Genop::try_, y(0) + f(4)) + L(3) + deallocate(1) + ret() +
            handler,
        "label: paths meet with different catch marks in a Y register");
    // Nothing leads to the handler but what falls into it.
    bad(allocate(1, 1) + move(nil(), y(0)) + handler, "try_case: y0 holds no catch mark");
    // The lowest Y register tells the handler, and what it needs is there.
    bad(allocate(2, 1) + op(Genop::try_, y(0) + f(4)) + call(1, 2) + op(Genop::try_end, y(0)) + deallocate(2) + ret() +
            L(4) + op(Genop::try_case, y(0)) + move(y(1), x(0)) + deallocate(2) + ret(),
        "call: y1 is not initialised here");
}

TEST_F(Verify, handlers_know_what_was_there_at_each_raise) {
    // y1 is a term when the call raises, and a second mark when hd raises: the handler of the lower one must fit.
    const std::string begin =
        allocate(2, 1) + move(x(0), y(1)) + op(Genop::try_, y(0) + f(4)) + call(1, 2) + op(Genop::try_end, y(0));
    good(begin + deallocate(2) + ret() + L(4) + op(Genop::try_case, y(0)) + move(y(1), x(0)) + deallocate(2) + ret());
    bad(begin + deallocate(2) + ret() + L(4) + op(Genop::try_case, y(0)) + deallocate(1) + ret(),
        "deallocate: the frame has 2 registers, not 1");
    bad(begin + deallocate(2) + ret() + L(4) + op(Genop::try_case, y(0)) + move(x(3), x(0)) + deallocate(2) + ret(),
        "move: x3 is not initialised");
}

// ---- messages

TEST_F(Verify, messages_that_are_not_received_stay_where_they_are) {
    const auto receive = [&](const std::string& matched) {
        return allocate(1, 1) + init(y(0)) + L(3) + op(Genop::loop_rec, f(5) + x(0)) + matched +
               op(Genop::remove_message) + deallocate(1) + ret() + L(4) + op(Genop::loop_rec_end, f(3)) + L(5) +
               op(Genop::wait, f(3));
    };
    good(receive(""));
    const std::string element =
        op(Genop::test_arity, f(4) + x(0) + u(2)) + op(Genop::get_tuple_element, x(0) + u(1) + x(1));
    good(receive(element + test_heap(2, 2) + op(Genop::put_list, x(0) + x(1) + x(0))));
    good(receive(move(x(0), y(0))));
    // A Y register that keeps part of the message when the code turns to the next one.
    bad(receive(move(x(0), y(0)) + is_nil(4, x(0))), "loop_rec_end: y0 is not initialised here");
    bad(receive(element + move(x(1), y(0)) + is_nil(4, x(0))), "loop_rec_end: y0 is not initialised here");
    good(receive(element + move(x(1), y(0)) + init(y(0)) + is_nil(4, x(0))));
    // Where it goes to other code, the engine makes it the heap's at once.
    EXPECT_FALSE(checked(Genop::loop_rec));
    for (const std::string& passes : {move(x(0), y(0)) + move(nil(), x(0)) + call(1, 2), call(1, 2),
                                      move(x(0), x(1)) + op(Genop::send), deallocate(1) + ret() + L(6)}) {
        good(receive(passes));
        EXPECT_TRUE(checked(Genop::loop_rec));
    }
    good(receive(op(Genop::bs_start_match3, f(4) + x(0) + u(1) + y(0)) + init(y(0)) + is_nil(4, x(0))));
    EXPECT_FALSE(checked(Genop::loop_rec));
    // It is the code's own afterwards; another message ends the claim to it.
    good(allocate(1, 1) + init(y(0)) + L(3) + op(Genop::loop_rec, f(5) + x(0)) + op(Genop::remove_message) +
         move(x(0), y(0)) + deallocate(1) + ret() + L(5) + op(Genop::wait, f(3)));
    bad(receive(op(Genop::timeout) + move(x(0), x(1))), "move: x0 is not initialised");
    bad(allocate(1, 1) + init(y(0)) + L(3) + op(Genop::loop_rec, f(5) + x(1)) + deallocate(1) + ret() + L(5) +
            op(Genop::wait, f(3)),
        "loop_rec: the message goes to x0");
}

TEST_F(Verify, waiting_loses_registers) {
    const std::string begin = allocate(0, 1) + move(x(0), x(1)) + L(3);
    bad(begin + op(Genop::wait_timeout, f(3) + x(1)) + op(Genop::timeout) + move(x(2), x(0)) + deallocate(0) + ret(),
        "move: x2 is not initialised");
    good(begin + op(Genop::wait_timeout, f(3) + x(1)) + op(Genop::timeout) + deallocate(0) + ret());
    bad(allocate(0, 1) + move(x(0), x(1)) + L(3) + op(Genop::loop_rec, f(5) + x(0)) + op(Genop::remove_message) +
            move(x(1), x(0)) + deallocate(0) + ret() + L(5) + op(Genop::wait, f(3)),
        "move: x1 is not initialised");
    std::string all = allocate(0, 1);
    for (int r = 1; r < 300; ++r) all += move(x(0), x(r));
    bad(all + L(3) + op(Genop::wait_timeout, f(3) + x(260)) + deallocate(0) + ret(),
        "wait_timeout: a timeout beyond x254");
}

}  // namespace
}  // namespace lintel
