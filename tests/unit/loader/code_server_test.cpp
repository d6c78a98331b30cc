#include "loader/code_server.h"

#include <gtest/gtest.h>

namespace lintel {
namespace {

/// What the fake engine notes in the entries: 1 not loaded, 2 code, 3 BIF.
const void* mark(Word m) { return reinterpret_cast<const void*>(m); }
int discarded = 0;  // of one test at a time

EngineHooks fake_hooks() {
    discarded = 0;
    return {[](ExportEntry& e) {
                e.entry = mark(e.bif != nullptr ? 3 : e.code != nullptr ? 2 : 1);
            },
            [](FunctionEntry& f) { f.entry = mark(7); }, [](LoadedModule&) { ++discarded; }};
}

struct CodeServerTest : testing::Test {
    AtomTable atoms;
    LiteralSpace literals{1 << 20};
    CodeServer code{atoms, literals, fake_hooks()};
    Term m = atoms.intern("m");
    Term f = atoms.intern("f");
    Term g = atoms.intern("g");
    using Installed = CodeServer::InstallResult;

    /// m:f/1, m:g/0 (if asked for) and one fun of g with one free variable; imports lists:f/2.
    std::unique_ptr<Module> module(uint8_t md5 = 1, bool with_g = true, bool on_load = false) {
        auto mod = std::make_unique<Module>();
        mod->name = m;
        mod->functions = {{f, 1, 1, 2, 0, 0, 0, false}, {g, 0, 3, 4, 0, 0, 0, false}};
        mod->label_function = {0, 0, 0, 1, 1};
        mod->exports = {{f, 1, 2}};
        if (with_g) mod->exports.push_back({g, 0, 4});
        mod->imports = {{am::lists(), f, 2}};
        mod->lambdas = {{g, 3, 4, 0, 1, 99}};
        mod->md5.fill(md5);
        mod->on_load_label = on_load ? 4 : 0;
        return mod;
    }
    ExportEntry* entry(Term function, uint32_t arity) { return code.export_entry(m, function, arity); }
};

TEST_F(CodeServerTest, exports_are_one_per_name_and_unlinked_at_first) {
    ExportEntry* e = entry(f, 1);
    EXPECT_EQ(e, entry(f, 1));
    EXPECT_NE(e, entry(f, 2));
    EXPECT_EQ(e->entry.load(), mark(1));
    EXPECT_EQ(code.find_export(m, g, 0), nullptr);
    EXPECT_FALSE(code.is_exported(m, f, 1));
}

TEST_F(CodeServerTest, bifs_come_before_code) {
    const BifEntry bif{m, f, 1, 0, nullptr};
    code.add_bifs({&bif, 1});
    ASSERT_NE(code.find_bif(m, f, 1), nullptr);
    EXPECT_EQ(code.find_bif(m, f, 1)->function, f);
    EXPECT_EQ(code.find_bif(m, f, 2), nullptr);
    EXPECT_EQ(entry(f, 1)->entry.load(), mark(3));
    EXPECT_EQ(code.install(module()), Installed::done);
    EXPECT_EQ(entry(f, 1)->entry.load(), mark(3));
    EXPECT_EQ(entry(g, 0)->entry.load(), mark(2));
    EXPECT_TRUE(code.is_exported(m, f, 1));
}

TEST_F(CodeServerTest, install_links_functions_imports_and_funs) {
    ASSERT_EQ(code.install(module()), Installed::done);
    LoadedModule* loaded = code.current(m);
    ASSERT_NE(loaded, nullptr);
    EXPECT_EQ(entry(f, 1)->code, &loaded->functions[0]);
    EXPECT_EQ(loaded->functions[1].entry.load(), mark(7));
    EXPECT_EQ(loaded->functions[1].loaded, loaded);
    EXPECT_EQ(loaded->functions[1].index, 1u);
    EXPECT_EQ(loaded->imports[0], code.find_export(am::lists(), f, 2));
    EXPECT_EQ(loaded->lambdas[0]->code.load(), &loaded->functions[1]);
    EXPECT_EQ(loaded->lambdas[0]->id.arity, 2u);
    EXPECT_EQ(loaded->lambdas[0]->id.free_count, 1u);
    EXPECT_EQ(code.loaded_modules(), std::vector<Term>{m});
}

TEST_F(CodeServerTest, two_versions_and_no_more) {
    ASSERT_EQ(code.install(module(1)), Installed::done);
    FunEntry* old_fun = code.current(m)->lambdas[0];
    ASSERT_EQ(code.install(module(2, false)), Installed::done);
    EXPECT_EQ(code.install(module(3)), Installed::old_code_exists);
    ASSERT_NE(code.old(m), nullptr);
    EXPECT_EQ(entry(f, 1)->code->loaded, code.current(m));
    EXPECT_EQ(entry(g, 0)->code, nullptr) << "only the old version exports it";
    EXPECT_EQ(entry(g, 0)->entry.load(), mark(1));
    EXPECT_EQ(old_fun->code.load()->loaded, code.old(m)) << "funs of old code still run";
    EXPECT_FALSE(code.make_old(m));
    EXPECT_TRUE(code.purge_old(m));
    EXPECT_FALSE(code.purge_old(m));
    EXPECT_EQ(discarded, 1);
    EXPECT_EQ(old_fun->code.load(), nullptr);
    EXPECT_EQ(code.install(module(3)), Installed::done);
    EXPECT_EQ(entry(g, 0)->entry.load(), mark(2));
}

TEST_F(CodeServerTest, the_same_file_twice_keeps_its_funs) {
    ASSERT_EQ(code.install(module(1)), Installed::done);
    FunEntry* fun = code.current(m)->lambdas[0];
    ASSERT_EQ(code.install(module(1)), Installed::done);
    EXPECT_EQ(code.current(m)->lambdas[0], fun);
    EXPECT_EQ(fun->code.load()->loaded, code.current(m));
    EXPECT_TRUE(code.purge_old(m));
    EXPECT_EQ(fun->code.load()->loaded, code.current(m));
    ASSERT_EQ(code.install(module(1, true, true)), Installed::done);
    EXPECT_TRUE(code.finish_on_load(m, false));
    EXPECT_EQ(fun->code.load()->loaded, code.current(m)) << "not lost with the version that failed";
}

TEST_F(CodeServerTest, a_deleted_module_is_old_until_purged) {
    ASSERT_EQ(code.install(module()), Installed::done);
    EXPECT_TRUE(code.make_old(m));
    EXPECT_EQ(code.current(m), nullptr);
    EXPECT_NE(code.old(m), nullptr);
    EXPECT_EQ(entry(f, 1)->entry.load(), mark(1));
    EXPECT_EQ(code.loaded_modules().size(), 1u);
    EXPECT_TRUE(code.purge_old(m));
    EXPECT_TRUE(code.loaded_modules().empty());
}

TEST_F(CodeServerTest, on_load_leaves_the_current_version_in_place_until_it_is_kept) {
    ASSERT_EQ(code.install(module(1)), Installed::done);
    LoadedModule* before = code.current(m);
    ASSERT_EQ(code.install(module(2, false, true)), Installed::done);
    EXPECT_EQ(code.current(m), before);
    LoadedModule* waiting = code.on_load_version(m);
    ASSERT_NE(waiting, nullptr);
    EXPECT_TRUE(waiting->on_load_pending);
    EXPECT_EQ(code.install(module(3)), Installed::old_code_exists);
    EXPECT_EQ(entry(g, 0)->code->loaded, before);
    EXPECT_TRUE(code.finish_on_load(m, true));
    EXPECT_FALSE(code.finish_on_load(m, true));
    EXPECT_EQ(code.current(m), waiting);
    EXPECT_FALSE(waiting->on_load_pending);
    EXPECT_EQ(code.old(m), before);
    EXPECT_EQ(entry(g, 0)->code, nullptr);
}

TEST_F(CodeServerTest, a_failed_on_load_of_a_new_module_leaves_nothing) {
    ASSERT_EQ(code.install(module(1, true, true)), Installed::done);
    EXPECT_EQ(code.current(m), nullptr);
    EXPECT_EQ(entry(f, 1)->entry.load(), mark(1));
    EXPECT_TRUE(code.finish_on_load(m, false));
    EXPECT_EQ(discarded, 1);
    EXPECT_TRUE(code.loaded_modules().empty());
    EXPECT_EQ(code.install(module(1)), Installed::done);
}

TEST_F(CodeServerTest, a_purge_stops_the_funs_first_and_takes_the_version_out_last) {
    using Of = CodeServer::PurgeOf;
    EXPECT_FALSE(code.begin_purge(m, Of::old_code));
    ASSERT_EQ(code.install(module(1)), Installed::done);
    EXPECT_FALSE(code.begin_purge(m, Of::old_code)) << "current code only";
    FunEntry* fun = code.current(m)->lambdas[0];
    FunctionEntry* before = fun->code;
    ASSERT_EQ(code.install(module(2)), Installed::done);
    ASSERT_TRUE(code.begin_purge(m, Of::old_code));
    EXPECT_FALSE(code.begin_purge(m, Of::old_code)) << "one at a time";
    EXPECT_EQ(code.purging(m), code.old(m));
    EXPECT_EQ(fun->code.load(), nullptr);
    EXPECT_EQ(fun->purging.load(), before);
    EXPECT_TRUE(code.abort_purge(m));
    EXPECT_FALSE(code.abort_purge(m));
    EXPECT_EQ(fun->code.load(), before);
    EXPECT_EQ(fun->purging.load(), nullptr);
    ASSERT_TRUE(code.begin_purge(m, Of::old_code));
    auto leaving = code.finish_purge(m);
    ASSERT_NE(leaving, nullptr);
    EXPECT_EQ(fun->code.load(), nullptr);
    EXPECT_EQ(fun->purging.load(), nullptr);
    EXPECT_EQ(code.old(m), nullptr);
    EXPECT_EQ(code.purging(m), nullptr);
    EXPECT_EQ(discarded, 0);
    EXPECT_EQ(code.destroy(std::move(leaving)), nullptr) << "no literals";
    EXPECT_EQ(discarded, 1);
    EXPECT_EQ(code.finish_purge(m), nullptr);
}

TEST_F(CodeServerTest, a_version_whose_on_load_failed_is_purged_beside_the_others) {
    ASSERT_EQ(code.install(module(1)), Installed::done);
    ASSERT_EQ(code.install(module(2, true, true)), Installed::done);
    EXPECT_FALSE(code.begin_purge(m, CodeServer::PurgeOf::old_code));
    ASSERT_TRUE(code.begin_purge(m, CodeServer::PurgeOf::failed_on_load));
    EXPECT_EQ(code.purging(m), code.on_load_version(m));
    code.destroy(code.finish_purge(m));
    EXPECT_EQ(code.on_load_version(m), nullptr);
    EXPECT_NE(code.current(m), nullptr);
}

TEST_F(CodeServerTest, several_modules_are_installed_together_or_not_at_all) {
    ASSERT_EQ(code.install(module(1)), Installed::done);
    ASSERT_EQ(code.install(module(2)), Installed::done);
    auto other = [this] {
        auto mod = module(3);
        mod->name = g;
        return mod;
    };
    std::unique_ptr<Module> modules[] = {other(), module(3)};
    std::vector<Term> refused;
    EXPECT_EQ(code.install_all(modules, &refused), Installed::old_code_exists);
    EXPECT_EQ(refused, std::vector<Term>{m});
    EXPECT_NE(modules[0], nullptr) << "still the caller's";
    EXPECT_EQ(code.current(g), nullptr);
    ASSERT_TRUE(code.purge_old(m));
    refused.clear();
    EXPECT_EQ(code.install_all(modules, &refused), Installed::done);
    EXPECT_NE(code.current(g), nullptr);
    EXPECT_NE(code.old(m), nullptr);
}

TEST_F(CodeServerTest, funs_of_another_shape_are_other_funs) {
    std::array<uint8_t, 16> uniq{};
    uniq.fill(1);
    FunEntry* forged = code.fun_entry({m, 0, 0, 99, 0, 0, uniq});
    FunEntry* early = code.fun_entry({m, 0, 0, 99, 2, 1, uniq});
    EXPECT_NE(forged, early);
    ASSERT_EQ(code.install(module(1)), Installed::done);
    EXPECT_EQ(code.current(m)->lambdas[0], early) << "a fun that came before its module";
    EXPECT_NE(early->code.load(), nullptr);
    EXPECT_EQ(forged->code.load(), nullptr);
}

}  // namespace
}  // namespace lintel
