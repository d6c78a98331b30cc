#include "tests/unit/stdlib/vm_bif_fixture.h"

namespace lintel {
namespace {

class CodeBifs : public VmBifs {
protected:
    Term m = atom("m");
    Term f = atom("f");
    Term g = atom("g");

    /// m exports g/2 and f/0 (in this order in the file); f is a NIF stub; g has a fun with one free variable.
    void install(uint8_t md5 = 1) {
        auto mod = std::make_unique<Module>();
        mod->name = m;
        mod->functions = {
            {f, 0, 1, 2, 0, 0, 0, true}, {g, 2, 3, 4, 0, 0, 0, false}, {atom("-g/2-fun-0-"), 3, 5, 6, 0, 0, 0, false}};
        mod->label_function = {0, 0, 0, 1, 1, 2, 2};
        mod->exports = {{g, 2, 4}, {f, 0, 2}};
        mod->lambdas = {{atom("-g/2-fun-0-"), 3, 6, 0, 1, 77}};
        mod->attributes = Term::nil();
        mod->compile_info = Term::nil();
        mod->md5.fill(md5);
        ASSERT_EQ(vm.code.install(std::move(mod)), CodeServer::InstallResult::done);
    }
    Term local_fun() {
        const FunEntry* entry = vm.code.current(m)->lambdas[0];
        auto heap = p.reserve(4);
        Word* w = heap.raw(4);
        w[0] = make_header(Kind::fun, 3, entry->id.arity);
        w[1] = reinterpret_cast<Word>(entry);
        w[2] = Term::local_pid(9).word();
        w[3] = am::ok().word();
        return Term::boxed(w);
    }
    Term fun_info(Term fun, std::string_view item) {
        const Term t = erlang("fun_info", {fun, atom(item)});
        return t.is_none() ? t : as_tuple(t, 2)[1];
    }
};

TEST_F(CodeBifs, what_is_loaded) {
    EXPECT_EQ(erlang("module_loaded", {m}), am::false_());
    EXPECT_EQ(erlang("delete_module", {m}), am::undefined());
    install();
    EXPECT_EQ(erlang("module_loaded", {m}), am::true_());
    EXPECT_TRUE(same(erlang("loaded", {}), list({m})));
    EXPECT_EQ(erlang("check_old_code", {m}), am::false_());
    install(2);
    EXPECT_EQ(erlang("check_old_code", {m}), am::true_());
    EXPECT_TRUE(fails(am::badarg(), "erlang", "delete_module", {m})) << "there is old code";
    vm.code.purge_old(m);
    EXPECT_EQ(erlang("delete_module", {m}), am::true_());
    EXPECT_EQ(erlang("module_loaded", {m}), am::false_());
    EXPECT_TRUE(same(erlang("loaded", {}), list({m}))) << "old code counts";
    for (const char* name : {"module_loaded", "check_old_code", "delete_module", "get_module_info"}) {
        EXPECT_TRUE(fails(am::badarg(), "erlang", name, {num(1)}));
    }
}

TEST_F(CodeBifs, module_info) {
    install();
    const Term exports = list({tuple(f, num(0)), tuple(g, num(2))});
    EXPECT_TRUE(same(erlang("get_module_info", {m, am::exports()}), exports)) << "last of the file first";
    EXPECT_TRUE(same(erlang("get_module_info", {m, am::functions()}),
                     list({tuple(f, num(0)), tuple(g, num(2)), tuple(atom("-g/2-fun-0-"), num(3))})));
    EXPECT_TRUE(same(erlang("get_module_info", {m, am::nifs()}), list({tuple(f, num(0))})));
    EXPECT_EQ(erlang("get_module_info", {m, am::module()}), m);
    EXPECT_EQ(erlang("get_module_info", {m, am::native()}), am::false_());
    EXPECT_TRUE(same(erlang("get_module_info", {m}),
                     list({tuple(am::module(), m), tuple(am::exports(), exports), tuple(am::attributes(), Term::nil()),
                           tuple(am::compile(), Term::nil()), tuple(am::md5(), bin(std::string(16, '\1')))})));
    EXPECT_TRUE(fails(am::badarg(), "erlang", "get_module_info", {m, am::ok()}));
    EXPECT_TRUE(fails(am::badarg(), "erlang", "get_module_info", {m, num(1)}));
    EXPECT_TRUE(fails(am::badarg(), "erlang", "get_module_info", {f}));
}

TEST_F(CodeBifs, functions) {
    const BifEntry bif{am::erlang(), f, 1, 0, nullptr};
    vm.code.add_bifs({&bif, 1});
    install();
    const auto exported = [&](Term mod, Term fun, Term arity) {
        return erlang("function_exported", {mod, fun, arity});
    };
    EXPECT_EQ(exported(m, f, num(0)), am::true_());
    EXPECT_EQ(exported(m, f, num(1)), am::false_());
    EXPECT_EQ(exported(m, f, num(-1)), am::false_());
    EXPECT_EQ(exported(m, f, num(300)), am::false_());
    EXPECT_EQ(exported(am::erlang(), f, num(1)), am::true_()) << "BIFs count";
    EXPECT_TRUE(fails(am::badarg(), "erlang", "function_exported", {m, f, am::ok()}));
    EXPECT_EQ(erlang("is_builtin", {am::erlang(), f, num(1)}), am::true_());
    EXPECT_EQ(erlang("is_builtin", {am::erlang(), am::apply(), num(3)}), am::true_());
    EXPECT_EQ(erlang("is_builtin", {m, f, num(0)}), am::false_());
    EXPECT_EQ(erlang("is_builtin", {m, f, num(1000)}), am::false_());
    EXPECT_TRUE(fails(am::badarg(), "erlang", "is_builtin", {m, num(1), num(1)}));
    for (const Term arity : {num(-1), num(256), am::ok()})
        EXPECT_TRUE(fails(am::badarg(), "erlang", "make_fun", {m, f, arity}));
}

TEST_F(CodeBifs, fun_info_of_external_funs) {
    const Term fun = erlang("make_fun", {m, f, num(3)});
    ASSERT_TRUE(fun.is_kind(Kind::export_fun));
    EXPECT_EQ(fun_info(fun, "module"), m);
    EXPECT_EQ(fun_info(fun, "name"), f);
    EXPECT_EQ(fun_info(fun, "arity"), num(3));
    EXPECT_EQ(fun_info(fun, "env"), Term::nil());
    EXPECT_EQ(fun_info(fun, "type"), am::external());
    for (const char* item : {"index", "new_index", "uniq", "new_uniq", "pid"})
        EXPECT_EQ(fun_info(fun, item), am::undefined());
    EXPECT_TRUE(same(erlang("fun_info_mfa", {fun}), tuple(m, f, num(3))));
    EXPECT_TRUE(fails(am::badarg(), "erlang", "fun_info", {fun, atom("id")}));
    EXPECT_TRUE(fails(am::badarg(), "erlang", "fun_info", {am::ok(), am::arity()}));
}

TEST_F(CodeBifs, fun_info_of_local_funs) {
    install();
    const Term fun = local_fun();
    EXPECT_EQ(fun_info(fun, "type"), am::local());
    EXPECT_EQ(fun_info(fun, "module"), m);
    EXPECT_EQ(fun_info(fun, "name"), atom("-g/2-fun-0-"));
    EXPECT_EQ(fun_info(fun, "arity"), num(2));
    EXPECT_TRUE(same(fun_info(fun, "env"), list({am::ok()})));
    EXPECT_EQ(fun_info(fun, "index"), num(0));
    EXPECT_EQ(fun_info(fun, "uniq"), num(77));
    EXPECT_TRUE(same(fun_info(fun, "new_uniq"), bin(std::string(16, '\1'))));
    EXPECT_EQ(fun_info(fun, "pid"), Term::local_pid(9));
    EXPECT_TRUE(same(erlang("fun_info_mfa", {fun}), tuple(m, atom("-g/2-fun-0-"), num(2))));
    EXPECT_TRUE(same(erlang("binary_to_term", {erlang("term_to_binary", {fun})}), fun));
    vm.code.make_old(m);
    vm.code.purge_old(m);
    EXPECT_EQ(fun_info(fun, "name"), Term::nil());
    EXPECT_TRUE(same(erlang("fun_info_mfa", {fun}), tuple(m, Term::nil(), num(2))));
}

TEST_F(CodeBifs, chunks_of_files) {
    using namespace std::string_literals;
    const std::string body = "Attr\0\0\0\5hello\0\0\0Code\0\0\0\4code"s;
    const std::string file = "FOR1\0\0\0"s + static_cast<char>(4 + body.size()) + "BEAM" + body;
    const auto chunk = [&](Term bytes, std::string_view name) {
        return call("erts_internal", "beamfile_chunk", {bytes, chars(name)});
    };
    EXPECT_TRUE(same(chunk(bin(file), "Attr"), bin("hello")));
    EXPECT_TRUE(same(chunk(p.bits(file, file.size() * 8, 5), "Attr"), bin("hello")));
    EXPECT_EQ(chunk(bin(file), "Xxxx"), am::undefined());
    EXPECT_EQ(chunk(bin(file.substr(0, file.size() - 2)), "Attr"), am::undefined());
    EXPECT_EQ(chunk(bin(""), "Attr"), am::undefined());
    EXPECT_TRUE(fails(am::badarg(), "erts_internal", "beamfile_chunk", {bin(file), chars("Att")}));
    EXPECT_TRUE(fails(am::badarg(), "erts_internal", "beamfile_chunk", {bin(file), am::ok()}));
    EXPECT_TRUE(fails(am::badarg(), "erts_internal", "beamfile_chunk", {p.bits(file, 7), chars("Attr")}));
    EXPECT_EQ(call("erts_internal", "beamfile_module_md5", {bin("FOR1")}), am::undefined());
    EXPECT_EQ(test::bytes_of(call("erts_internal", "beamfile_module_md5", {bin(file)})).size(), 16u);
    EXPECT_TRUE(fails(am::badarg(), "erts_internal", "beamfile_module_md5", {am::ok()}));
}

}  // namespace
}  // namespace lintel
