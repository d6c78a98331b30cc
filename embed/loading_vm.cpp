#include "embed/loading_vm.h"

#include "embed/embedded_modules.h"
#include "sched/process.h"
#include "stdlib/bif_table.h"
#include "stdlib/stdlib_state.h"

namespace lintel {

LoadingVm::LoadingVm(const VmConfig& vm_config, Interpreter& interpreter, bool bare) : Vm(vm_config, interpreter) {
    create_stdlib_state(*this);
    bifs_ = bif_table(atoms, bare);
    code.add_bifs(bifs_);
    add_path_bifs();
    is_complete_ = has_memory();
}

LoadingVm::~LoadingVm() {
    stop();
    close_stdlib_state(*this);
}

Result<Term, LoadError> LoadingVm::load(std::span<const uint8_t> bytes, const std::string& file) {
    const LoadContext context{atoms, literals, &code};
    auto module = load_module(context, bytes, file);
    if (!module) return module.error();
    const Term name = module.value()->name;
    // As OTP has it: no lines in stack traces of what it preloads.
    if (path.is_preloaded(file)) module.value()->lines.clear();
    if (code.install(module.take()) != CodeServer::InstallResult::done) {
        return LoadError{LoadError::Kind::unsupported, file, "", 0,
                         "two versions of the module are loaded already: purge the old one first"};
    }
    return name;
}

bool LoadingVm::load_embedded(std::string_view only) {
    for (const EmbeddedModule& m : embedded_modules()) {
        if (!only.empty() && only != m.name) continue;
        const auto loaded = load(m.bytes, m.name);
        LINTEL_CHECK(loaded.ok() || loaded.error().kind == LoadError::Kind::no_memory);
        if (!loaded.ok()) return false;
    }
    return true;
}

Term LoadingVm::argument_list(ExecState& p, unsigned arity) {
    auto heap = p.reserve(list_words(arity));
    return heap.list({p.registers->x, arity});
}

const ExportEntry* LoadingVm::own_error_handler(ExecState& p, Term function) {
    const auto& process = static_cast<Process&>(p);
    if (process.extra == nullptr) return nullptr;
    const Term handler = process.extra->error_handler;
    if (handler.is_none() || handler == am::error_handler()) return nullptr;
    return p.vm->code.export_entry(handler, function, 3);
}

}  // namespace lintel
