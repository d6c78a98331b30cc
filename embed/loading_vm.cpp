#include "embed/loading_vm.h"

#include <cstdlib>

#include "embed/embedded_modules.h"
#include "sched/process.h"
#include "stdlib/bif_table.h"
#include "stdlib/stdlib_state.h"

namespace lintel {

LoadingVm::LoadingVm(const VmConfig& vm_config, Interpreter& interpreter, bool bare)
    : Vm(vm_config, interpreter), lists_own_(!bare) {
    create_stdlib_state(*this);
    code.set_bif_table(kBifs, bare ? 0 : kBare);
    add_path_bifs();
    undefined_fun = on_undefined_fun;
    loaded_all_ = has_memory();
}

LoadingVm::~LoadingVm() {
    stop();
    close_stdlib_state(*this);
}

Result<Term, LoadError> LoadingVm::load(std::span<const uint8_t> bytes, const std::string& file,
                                        const PackedModule* packed) {
    const LoadContext context{atoms, literals, &code};
    auto module =
        packed != nullptr ? load_packed_module(context, bytes, file, *packed) : load_module(context, bytes, file);
    if (!module) return module.error();
    const Term name = module.value()->name;
    prepare(*module.value());
    // As OTP has it: no lines in stack traces of what it preloads.
    if (path.is_preloaded(file)) module.value()->lines.clear();
    if (code.install(module.take()) != CodeServer::InstallResult::done) {
        return LoadError{LoadError::Kind::unsupported, file, "", 0,
                         "two versions of the module are loaded already: purge the old one first"};
    }
    return name;
}

Result<Term, LoadError> LoadingVm::load_own(std::span<const uint8_t> bytes, const std::string& name) {
    auto loaded = load(bytes, name);
    if (loaded.ok() && lists_own_) {
        const std::lock_guard lock(own_mutex_);
        own_modules_.push_back(loaded.value());
    }
    return loaded;
}

std::vector<Term> LoadingVm::own_modules() const {
    const std::lock_guard lock(own_mutex_);
    return own_modules_;
}

bool LoadingVm::use_release() {
    // erts 13 is OTP 25's, and so on; one number of both is counted up with each release.
    constexpr int kFirst = 25, kLast = 29, kFirstErts = 13;
    const std::string version = path.erts_version();
    const int number = std::atoi(version.c_str()) - kFirstErts + kFirst;
    if (number < kFirst || number > kLast) return false;
    otp = {number, version};
    return true;
}

bool LoadingVm::load_embedded(bool (*is_wanted)(std::string_view name)) {
    for (const EmbeddedModule& m : embedded_modules()) {
        if (!is_wanted(m.name)) continue;
        const auto loaded = load_own(m.bytes, m.name);
        LINTEL_CHECK(loaded.ok() || loaded.error().kind == LoadError::Kind::no_memory);
        if (!loaded.ok()) return false;
    }
    return true;
}

bool LoadingVm::load_host_module() {
    const std::lock_guard lock(host_module_mutex_);
    return code.current(am::lintel_host()) != nullptr || load_embedded(is_host_module);
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

const ExportEntry* LoadingVm::on_undefined_fun(ExecState& p, Term fun, unsigned arity) {
    CodeServer& code = p.vm->code;
    const auto* entry = reinterpret_cast<const FunEntry*>(fun.boxed_words()[1]);
    // That of a snapshot is not there before it is asked for; then the fun has code.
    const bool is_loaded = code.current(entry->id.module) != nullptr;
    if (entry->code.load(std::memory_order_acquire) != nullptr ||
        entry->purging.load(std::memory_order_acquire) != nullptr) {
        // Its code is being purged, or comes and goes at this moment: tried again. When that is over the call goes on in the code, if it is
        // still there, or fails.
        const Term args = argument_list(p, arity);
        p.trap(code.export_entry(am::lintel_retry(), am::later(), 2), {fun, args});
        return nullptr;
    }
    if (!is_loaded) {
        // Loads the module, if there is one, and calls again; or else undef.
        const ExportEntry* handler = own_error_handler(p, am::undefined_lambda());
        if (handler != nullptr && handler->code == nullptr) {
            p.error(am::undef());
            return nullptr;
        }
        if (handler == nullptr) handler = code.export_entry(am::error_handler(), am::undefined_lambda(), 3);
        p.trap(handler, {entry->id.module, fun, argument_list(p, arity)});
        return nullptr;
    }
    p.error_tuple(am::badfun(), fun);
    return nullptr;
}

}  // namespace lintel
