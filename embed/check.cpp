#include "embed/check.h"

#include <algorithm>
#include <unordered_map>

namespace lintel {

namespace {

/// A function whose body is a call of erlang:nif_error or erlang:error(undef…): what stands in a file for native code.
bool is_native_stub(const Module& m, const Module::Export& e) {
    const Module::Function& f = m.functions[m.label_function[e.label]];
    const ir::Instruction end(m.code.data() + f.end);
    for (ir::Instruction i = m.at_label(f.entry_label); i.words() < end.words(); i = i.next()) {
        if (i.op() != Genop::call_ext && i.op() != Genop::call_ext_only && i.op() != Genop::call_ext_last) continue;
        const Module::Import& target = m.imports[i[1].value()];
        return target.module == am::erlang() && atom_name(target.function) == "nif_error";
    }
    return false;
}

/// Whether the module may get its native functions from a library.
bool loads_library(const Module& m) {
    return std::any_of(m.imports.begin(), m.imports.end(), [](const Module::Import& import) {
        return import.module == am::erlang() && import.arity == 2 && atom_name(import.function) == "load_nif";
    });
}

}  // namespace

std::vector<std::string> find_gaps(BareVm& vm, const Module& module) {
    std::vector<std::string> gaps;
    std::unordered_map<Word, std::unique_ptr<Module>> others;  // by name; null: none on the path
    const LoadContext context{vm.atoms, vm.literals, &vm.code};
    for (const Module::Import& import : module.imports) {
        if (vm.code.find_bif(import.module, import.function, import.arity) != nullptr) continue;
        if (import.module == am::erlang() && import.function == am::apply()) continue;
        const std::string name = std::string(atom_name(import.module)) + ":" + std::string(atom_name(import.function)) +
                                 "/" + std::to_string(import.arity);
        const Module* other = &module;
        if (import.module != module.name) {
            auto [at, fresh] = others.try_emplace(import.module.word());
            if (fresh) {
                const std::string file = vm.path.find(atom_name(import.module));
                if (const CodeFile code(vm.path, file); !file.empty() && code) {
                    auto loaded = load_module(context, code.bytes(), file);
                    if (loaded) at->second = loaded.take();
                }
            }
            other = at->second.get();
        }
        if (other == nullptr) {
            gaps.push_back(name + ": no module " + std::string(atom_name(import.module)) + " on the code path");
            continue;
        }
        const auto found = std::find_if(other->exports.begin(), other->exports.end(), [&](const Module::Export& e) {
            return e.function == import.function && e.arity == import.arity;
        });
        if (found == other->exports.end()) {
            gaps.push_back(name + ": not exported by " + other->path);
        } else if (is_native_stub(*other, *found) && !loads_library(*other)) {
            gaps.push_back(name + ": native in OTP, not in this VM");
        }
    }
    for (auto& [name, other] : others) {
        if (other != nullptr) discard_module(context, std::move(other));
    }
    std::sort(gaps.begin(), gaps.end());
    return gaps;
}

}  // namespace lintel
