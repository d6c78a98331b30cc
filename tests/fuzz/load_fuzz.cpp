/// Any bytes are a module or a refusal: loading them never reads or writes where it should not, and what is loaded can
/// be printed and released.

#include <cstdint>
#include <memory>

#include "loader/code_server.h"
#include "loader/disasm.h"
#include "loader/load.h"

namespace lintel {
namespace {

/// Atoms and exports stay for good, so a world is given up now and then.
struct World {
    AtomTable atoms;
    LiteralSpace literals{size_t{64} << 20};
    CodeServer code{atoms, literals, EngineHooks{[](ExportEntry&) {}, [](FunctionEntry&) {}, [](LoadedModule&) {}}};
    size_t loads = 0;
};

void load(World& world, std::span<const uint8_t> bytes) {
    const LoadContext context{world.atoms, world.literals, &world.code};
    auto module = load_module(context, bytes, "input.beam");
    if (!module) {
        if (module.error().text().empty()) std::abort();
        return;
    }
    if (disassemble(*module.value()).empty()) std::abort();
    discard_module(context, module.take());
    if (world.literals.used_bytes() != 0) std::abort();
}

}  // namespace
}  // namespace lintel

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static std::unique_ptr<lintel::World> world;
    if (world == nullptr || ++world->loads == 10000) world = std::make_unique<lintel::World>();
    lintel::load(*world, {data, size});
    return 0;
}
