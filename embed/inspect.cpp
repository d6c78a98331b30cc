#include "embed/inspect.h"

#include "loader/beam_file.h"
#include "stdlib/bif_table.h"
#include "vm/dump.h"
#include "vm/interpreter.h"
#include "vm/lower.h"

namespace lintel {

std::string chunk_list(std::span<const uint8_t> bytes) {
    auto beam = BeamFile::open(bytes, "");
    if (!beam) return "";
    std::string text = "\nchunks\n";
    beam.value().for_each_chunk([&text](const BeamFile::Chunk& c) {
        std::string row = "  " + std::string(c.name.data(), c.name.size()) + "  offset " + std::to_string(c.offset);
        row.append(row.size() < 24 ? 24 - row.size() : 1, ' ');
        text += row + std::to_string(c.size) + " bytes\n";
    });
    return text;
}

namespace {

/// text_of(code server, engine, entry), below a line of `title` and the function's name, of the functions called `function`. The engine and the
/// code server are of their own, so that nothing in the VM comes to lead here.
template <typename F>
std::string text_of_functions(BareVm& vm, std::unique_ptr<Module> module, std::string_view function, const char* title,
                              NativeCompiler* compiler, F text_of) {
    Interpreter engine;
    if (compiler != nullptr) engine.compile_with(compiler, 1);
    CodeServer code(vm.atoms, vm.literals, engine.hooks());
    code.set_bif_table(kBifs, 0);
    const Term name = module->name;
    module->on_load_label = 0;
    if (code.install(std::move(module)) != CodeServer::InstallResult::done) return "";
    std::string text;
    for (FunctionEntry& entry : code.current(name)->functions) {
        const Module::Function& f = entry.loaded->module->functions[entry.index];
        const std::string with_arity = std::string(atom_name(f.name)) + "/" + std::to_string(f.arity);
        if (!function.empty() && function != atom_name(f.name) && function != with_arity) continue;
        text += std::string("\n") + title + " " + with_arity + "\n" + text_of(code, engine, entry);
    }
    return text;
}

}  // namespace

std::string lowered_text(BareVm& vm, std::unique_ptr<Module> module, std::string_view function) {
    return text_of_functions(vm, std::move(module), function, "lowered", nullptr,
                             [](CodeServer& code, Interpreter& engine, FunctionEntry& entry) {
                                 return dump_code(engine.prepare(code, entry), engine.handlers());
                             });
}

std::string machine_code_text(BareVm& vm, std::unique_ptr<Module> module, std::string_view function,
                              NativeCompiler& compiler) {
    return text_of_functions(vm, std::move(module), function, "machine code", &compiler,
                             [&compiler](CodeServer& code, Interpreter& engine, FunctionEntry& entry) {
                                 const CodeBlock& block = engine.prepare(code, entry);
                                 return compiler.listing(block, operations_of(code, entry, engine.handlers(), block));
                             });
}

}  // namespace lintel
