#include "embed/inspect.h"

#include "loader/beam_file.h"
#include "stdlib/bif_table.h"
#include "vm/dump.h"
#include "vm/interpreter.h"

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

std::string lowered_text(BareVm& vm, std::unique_ptr<Module> module, std::string_view function) {
    // An engine and a code server of its own, so that nothing in the VM comes to lead here.
    Interpreter engine;
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
        text += "\nlowered " + with_arity + "\n" + dump_code(engine.prepare(code, entry), engine.handlers());
    }
    return text;
}

}  // namespace lintel
