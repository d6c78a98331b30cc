#include "loader/code_server.h"

#include <gtest/gtest.h>

#include "base/memory_account.h"
#include "gc/heap_builder.h"
#include "term/views.h"

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

// ---- images

struct CodeImageTest : CodeServerTest {
    MemoryAccount payer{0};

    /// m, with a literal: {f, g}, or {f, fun m:g/0}.
    std::unique_ptr<Module> with_literal(bool with_fun) {
        constexpr size_t kExportFunWords = 2;
        auto mod = module();
        const size_t words = tuple_words(2) + (with_fun ? kExportFunWords : 0);
        mod->literal_area = literals.create(words);
        HeapBuilder heap(&mod->literal_area->top, words, &mod->literal_area->off_heap);
        const Term second = with_fun ? heap.export_fun(code.export_entry(m, g, 0)) : g;
        mod->literals = {heap.tuple(f, second)};
        return mod;
    }
};

TEST_F(CodeImageTest, begins_with_what_was_loaded) {
    ASSERT_EQ(code.install(with_literal(false)), Installed::done);
    const Module* const shared = code.current(m)->module.get();
    EXPECT_GT(literals.used_bytes(), 0u);
    auto image = code.make_image(payer);
    EXPECT_EQ(literals.used_bytes(), 0u) << "it counts for no VM";
    const Term later = atoms.intern("made later");

    AtomTable next_atoms{image->atoms};
    EXPECT_EQ(next_atoms.find("m"), m);
    EXPECT_TRUE(next_atoms.find("made later").is_none());
    EXPECT_NE(next_atoms.intern("made later"), later);
    EXPECT_EQ(next_atoms.at(m.atom_entry()->number), m);
    EXPECT_EQ(next_atoms.intern("made later").atom_entry()->number, next_atoms.count() - 1);
    LiteralSpace next_literals{image->literals};
    CodeServer next{next_atoms, next_literals, fake_hooks(), image};
    image.reset();
    EXPECT_TRUE(next.is_loaded(m));
    EXPECT_TRUE(next.is_exported(m, f, 1));
    EXPECT_FALSE(next.is_exported(m, f, 2));
    EXPECT_EQ(next.loaded_modules(), std::vector<Term>{m});
    EXPECT_EQ(next.current_module(m), shared);
    EXPECT_EQ(next.export_entry(m, f, 1)->entry.load(), mark(1)) << "nothing has asked for the module";
    EXPECT_EQ(next.current(m)->module.get(), shared);
    EXPECT_EQ(next.export_entry(m, f, 1)->entry.load(), mark(2));
    EXPECT_EQ(next.loaded_modules(), std::vector<Term>{m});

    // A version goes in the one, and stays in the other.
    ASSERT_EQ(next.install(module(2)), Installed::done);
    EXPECT_EQ(next.old(m)->module.get(), shared);
    EXPECT_TRUE(next.purge_old(m));
    EXPECT_EQ(code.current(m)->module.get(), shared);
    EXPECT_EQ(literals.contains(shared->literals[0]), next_literals.contains(shared->literals[0]));
    EXPECT_EQ(TupleView(shared->literals[0].boxed_words())[0], f);
}

TEST_F(CodeImageTest, what_is_replaced_or_deleted_first_was_loaded_too) {
    ASSERT_EQ(code.install(with_literal(false)), Installed::done);
    const auto image = code.make_image(payer);
    AtomTable next_atoms{image->atoms};
    LiteralSpace next_literals{image->literals};
    CodeServer next{next_atoms, next_literals, fake_hooks(), image};
    ASSERT_EQ(next.install(module(2)), Installed::done);
    EXPECT_NE(next.old(m), nullptr);
    EXPECT_FALSE(next.make_old(m)) << "there is old code";
    CodeServer third{next_atoms, next_literals, fake_hooks(), image};
    EXPECT_TRUE(third.make_old(m));
    EXPECT_FALSE(third.is_loaded(m));
    EXPECT_TRUE(third.purge_old(m));
    EXPECT_EQ(third.current(m), nullptr);
    EXPECT_TRUE(third.has_known(m));
    EXPECT_EQ(third.loaded_modules(), std::vector<Term>{});
}

TEST_F(CodeImageTest, funs_among_literals_lead_to_exports_of_the_vm) {
    ASSERT_EQ(code.install(with_literal(true)), Installed::done);
    const Module* const shared = code.current(m)->module.get();
    const auto image = code.make_image(payer);
    AtomTable next_atoms{image->atoms};
    LiteralSpace next_literals{image->literals};
    CodeServer next{next_atoms, next_literals, fake_hooks(), image};
    const Module* const own = next.current(m)->module.get();
    ASSERT_NE(own, shared);
    const auto entry_in = [](const Module* mod) {
        return reinterpret_cast<ExportEntry*>(TupleView(mod->literals[0].boxed_words())[1].boxed_words()[1]);
    };
    EXPECT_EQ(entry_in(shared), entry(g, 0));
    EXPECT_EQ(entry_in(own), next.export_entry(m, g, 0));
    EXPECT_EQ(TupleView(own->literals[0].boxed_words())[0], f);
    EXPECT_EQ(next_literals.used_bytes(), own->literal_area->bytes());
    // An image of that VM has them, too.
    const auto further = next.make_image(payer);
    EXPECT_EQ(further->find(m)->export_funs.size(), 1u);
    EXPECT_EQ(further->find(m)->export_funs[0].function, g);
}

TEST_F(CodeImageTest, what_waits_for_its_on_load_function_waits_again) {
    auto waiting = module(1, true, true);
    waiting->literal_area = literals.create(0);
    ASSERT_EQ(code.install(std::move(waiting)), Installed::done);
    ASSERT_TRUE(code.finish_on_load(m, true));
    const auto image = code.make_image(payer);
    AtomTable next_atoms{image->atoms};
    LiteralSpace next_literals{image->literals};
    CodeServer next{next_atoms, next_literals, fake_hooks(), image};
    EXPECT_FALSE(next.is_loaded(m));
    EXPECT_FALSE(next.is_exported(m, f, 1));
    EXPECT_EQ(next.current(m), nullptr);
    EXPECT_NE(next.on_load_version(m), nullptr);
    ASSERT_TRUE(next.finish_on_load(m, true));
    EXPECT_TRUE(next.is_loaded(m));
    // Unless another version comes first.
    CodeServer third{next_atoms, next_literals, fake_hooks(), image};
    EXPECT_EQ(third.install(module(2)), Installed::done);
    EXPECT_TRUE(third.is_loaded(m));
    EXPECT_EQ(third.on_load_version(m), nullptr);
}

}  // namespace
}  // namespace lintel
