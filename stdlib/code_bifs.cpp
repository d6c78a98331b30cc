/// BIFs that tell what is loaded: modules, exports, funs. Loading, purging and on_load are the code loader's.

#include <algorithm>
#include <optional>

#include "loader/beam_file.h"
#include "sched/vm.h"
#include "stdlib/bif.h"
#include "stdlib/bif_table.h"
#include "stdlib/build.h"
#include "stdlib/log_error.h"
#include "term/fun.h"
#include "term/print.h"
#include "term/views.h"
#include "vm/vm_core.h"

namespace lintel {

namespace {

const ExportEntry& entry_of_export_fun(Term fun) { return *reinterpret_cast<const ExportEntry*>(fun.boxed_words()[1]); }
const FunEntry& entry_of_fun(Term fun) { return *reinterpret_cast<const FunEntry*>(fun.boxed_words()[1]); }

/// Name of the function that implements a fun; [] if its code is not loaded.
Term name_of(const FunEntry& entry) {
    const FunctionEntry* code = entry.code.load(std::memory_order_acquire);
    return code == nullptr ? Term::nil() : code->loaded->module->functions[code->index].name;
}

/// [{Name, Arity}] of what `keep` picks out of a range of functions or exports.
template <typename Range, typename Name, typename Keep>
Term name_list(ExecState& p, const Range& range, Name name, Keep keep) {
    const auto n = static_cast<size_t>(std::ranges::count_if(range, keep));
    p.charge(n / 16);
    auto heap = p.reserve(n * (kConsWords + tuple_words(2)));
    Term list = Term::nil();
    for (auto it = range.rbegin(); it != range.rend(); ++it) {
        if (keep(*it)) list = heap.cons(heap.tuple(name(*it), Term::small(it->arity)), list);
    }
    return list;
}

Term functions_list(ExecState& p, const Module& m, bool nifs_only) {
    return name_list(
        p, m.functions, [](const Module::Function& f) { return f.name; },
        [nifs_only](const Module::Function& f) { return f.is_nif || !nifs_only; });
}

/// As OTP lists them: the last one of the file first.
Term exports_list(ExecState& p, const Module& m) {
    struct Reversed {
        const std::vector<Module::Export>& exports;
        auto begin() const { return exports.rbegin(); }
        auto end() const { return exports.rend(); }
        auto rbegin() const { return exports.begin(); }
        auto rend() const { return exports.end(); }
    };
    return name_list(
        p, Reversed{m.exports}, [](const Module::Export& x) { return x.function; },
        [](const Module::Export&) { return true; });
}

Term md5_binary(ExecState& p, const std::array<uint8_t, 16>& md5) {
    auto heap = p.reserve(binary_words(md5.size()));
    return heap.binary(md5.data(), md5.size());
}

/// Item `key` of erlang:get_module_info/2; the non-value if there is no such item.
Term module_item(ExecState& p, const Module& m, Term key) {
    const auto or_nil = [](Term t) { return t.is_none() ? Term::nil() : t; };
    switch (atom_id(key)) {
        case AtomId::module: return m.name;
        case AtomId::exports: return exports_list(p, m);
        case AtomId::functions: return functions_list(p, m, false);
        case AtomId::nifs: return functions_list(p, m, true);
        case AtomId::attributes: return or_nil(m.attributes);
        case AtomId::compile: return or_nil(m.compile_info);
        case AtomId::md5: return md5_binary(p, m.md5);
        case AtomId::native: return am::false_();
        case AtomId::native_addresses: return Term::nil();
        default: return Term::none();
    }
}

const Module* current_module(ExecState& p, Term name) {
    return name.is_atom() ? p.vm->code.current_module(name) : nullptr;
}

/// Item `key` of erlang:fun_info/2, without the key; the non-value if there is no such item.
Term fun_item(ExecState& p, Term fun, Term key) {
    if (fun.is_kind(Kind::export_fun)) {
        const ExportEntry& e = entry_of_export_fun(fun);
        switch (atom_id(key)) {
            case AtomId::type: return am::external();
            case AtomId::module: return e.module;
            case AtomId::name: return e.function;
            case AtomId::arity: return Term::small(e.arity);
            case AtomId::env: return Term::nil();
            case AtomId::index:
            case AtomId::new_index:
            case AtomId::uniq:
            case AtomId::new_uniq:
            case AtomId::pid: return am::undefined();
            default: return Term::none();
        }
    }
    const FunEntry& e = entry_of_fun(fun);
    const FunView view = as_fun(fun);
    switch (atom_id(key)) {
        case AtomId::type: return am::local();
        case AtomId::module: return e.id.module;
        case AtomId::name: return name_of(e);
        case AtomId::arity: return Term::small(view.arity());
        case AtomId::env: {
            auto heap = p.reserve(list_words(view.free_count()));
            return heap.list({view.environment(), view.free_count()});
        }
        case AtomId::index: return Term::small(e.id.old_index);
        case AtomId::new_index: return Term::small(e.id.index);
        case AtomId::uniq: return Term::small(e.id.old_uniq);
        case AtomId::new_uniq: return md5_binary(p, e.id.uniq);
        case AtomId::pid: return view.creator();
        default: return Term::none();
    }
}

/// The bytes of a binary argument, copied into `copy` if they are not at a byte boundary. Null data: no binary.
std::span<const uint8_t> bytes_of(Term t, std::string& copy) {
    const BitsView v = as_binary(t);
    if (!v) return {};
    if (v.is_aligned()) return {v.bytes(), v.byte_size()};
    copy.resize(v.byte_size());
    return {aligned_bytes(v, reinterpret_cast<uint8_t*>(copy.data())), v.byte_size()};
}

/// The BEAM file in `bytes`, if it is one and not compressed.
std::optional<BeamFile> open_beam(std::span<const uint8_t> bytes) {
    auto beam = BeamFile::open(bytes, "");
    if (!beam || beam.value().was_compressed()) return std::nullopt;
    return beam.take();
}

}  // namespace

// ---- modules

/// erlang:module_loaded/1: whether there is current code. Fails: badarg if not an atom.
Term module_loaded_1(ExecState& p, Args a) {
    if (!a[0].is_atom()) return p.badarg();
    return boolean(p.vm->code.is_loaded(a[0]));
}

/// erlang:loaded/0: names of all modules with current or old code.
Term loaded_0(ExecState& p, Args) {
    const std::vector<Term> names = p.vm->code.loaded_modules();
    p.charge(names.size() / 16);
    auto heap = p.reserve(list_words(names.size()));
    return heap.list(names);
}

/// erlang:check_old_code/1. Fails: badarg if not an atom.
Term check_old_code_1(ExecState& p, Args a) {
    if (!a[0].is_atom()) return p.badarg();
    return boolean(p.vm->code.old(a[0]) != nullptr);
}

/// erlang:delete_module/1: current code, if there is any, becomes old; true. undefined if there has never been code of it. Fails: badarg if
/// there is old code already.
Term delete_module_1(ExecState& p, Args a) {
    if (!a[0].is_atom()) return p.badarg();
    CodeServer& code = p.vm->code;
    if (code.make_old(a[0])) return am::true_();
    if (code.old(a[0]) == nullptr) return code.has_known(a[0]) ? am::true_() : am::undefined();
    log_error(as_process(p), "Module " + term_text(a[0]) + " must be purged before deleting\n");
    return p.badarg();
}

/// erlang:get_module_info/1: module, exports, attributes, compile, md5. Fails: badarg if there is no current code.
Term get_module_info_1(ExecState& p, Args a) {
    const Module* m = current_module(p, a[0]);
    if (m == nullptr) return p.badarg();
    const Term keys[] = {am::module(), am::exports(), am::attributes(), am::compile(), am::md5()};
    Term items[std::size(keys)];
    for (size_t i = 0; i < std::size(keys); ++i) items[i] = module_item(p, *m, keys[i]);
    auto heap = p.reserve(std::size(keys) * (kConsWords + tuple_words(2)));
    Term list = Term::nil();
    for (size_t i = std::size(keys); i-- > 0;) list = heap.cons(heap.tuple(keys[i], items[i]), list);
    return list;
}

/// erlang:get_module_info/2: one item; also functions, nifs, native, native_addresses. Fails: badarg.
Term get_module_info_2(ExecState& p, Args a) {
    const Module* m = current_module(p, a[0]);
    const Term item = m == nullptr ? Term::none() : module_item(p, *m, a[1]);
    return item.is_value() ? item : p.badarg();
}

// ---- functions

/// erlang:function_exported/3: whether M:F/A can be called without loading anything. Fails: badarg.
Term function_exported_3(ExecState& p, Args a) {
    if (!a[0].is_atom() || !a[1].is_atom() || !a[2].is_small()) return p.badarg();
    const int64_t arity = a[2].to_small();
    if (arity < 0 || arity > 255) return am::false_();
    return boolean(p.vm->code.is_exported(a[0], a[1], static_cast<uint32_t>(arity)));
}

/// BIFs here that OTP has written in Erlang: tools that look for undefined functions (xref) take them from their module's file.
static bool is_erlang_in_otp(const OtpRelease& otp, Term module, std::string_view function, int64_t arity) {
    if (module != am::erlang()) return false;
    if (function == "max" || function == "min") return otp.number < 26;
    return (function == "halt" && arity == 1) || (function == "alias" && arity == 0) || function == "memory";
}

/// Natives that modules of OTP load as a library, and what only Lintel has.
static bool is_of_library(std::string_view module, std::string_view function) {
    return module == "prim_tty" || module == "prim_buffer" || module == "zlib" || module == "zstd" ||
           module == "erl_tracer" || module.starts_with("lintel_") || function.ends_with("_nif") ||
           function.starts_with("nif_");
}

/// erlang:system_info(snifs): {Module, Function, Arity} of what is_builtin/3 knows, of this and later releases.
Term builtin_functions(ExecState& p) {
    ListMaker list(p);
    const OtpRelease& otp = as_process(p).machine().otp;
    for (const BifTable::Row& row : kBifs.rows) {
        if (is_of_library(row.module, row.function)) continue;
        const Term module = p.vm->atoms.intern(row.module), function = p.vm->atoms.intern(row.function);
        if (module.is_none() || function.is_none()) return p.system_limit();
        if (p.vm->code.find_bif(module, function, row.arity) == nullptr) continue;
        if (!is_erlang_in_otp(otp, module, row.function, row.arity))
            list.add(make_tuple3(p, module, function, Term::small(row.arity)));
    }
    return list.list();
}

/// erlang:is_builtin/3: whether M:F/A is a BIF. Fails: badarg.
Term is_builtin_3(ExecState& p, Args a) {
    if (!a[0].is_atom() || !a[1].is_atom() || !a[2].is_small()) return p.badarg();
    const int64_t arity = a[2].to_small();
    if (arity < 0 || arity > 255) return am::false_();
    // Instructions here, BIFs to everybody else.
    if (a[0] == am::erlang() && a[1] == am::apply() && (arity == 2 || arity == 3)) return am::true_();
    const bool is_bif = p.vm->code.find_bif(a[0], a[1], static_cast<uint32_t>(arity)) != nullptr;
    return boolean(is_bif && !is_of_library(atom_name(a[0]), atom_name(a[1])) &&
                   !is_erlang_in_otp(as_process(p).machine().otp, a[0], atom_name(a[1]), arity));
}

/// erlang:make_fun/3: fun M:F/A. Fails: badarg.
Term make_fun_3(ExecState& p, Args a) {
    if (!a[0].is_atom() || !a[1].is_atom() || !a[2].is_small()) return p.badarg();
    const int64_t arity = a[2].to_small();
    if (arity < 0 || arity > 255) return p.badarg();
    const ExportEntry* entry = p.vm->code.export_entry(a[0], a[1], static_cast<uint32_t>(arity));
    auto heap = p.reserve(2);
    return heap.export_fun(entry);
}

/// erlang:fun_info/2: {Item, Value} for type, module, name, arity, env, and of local funs index, uniq, new_index, new_uniq,
/// pid. Fails: badarg.
Term fun_info_2(ExecState& p, Args a) {
    if (!a[0].is_fun()) return p.badarg();
    const Term value = fun_item(p, a[0], a[1]);
    if (value.is_none()) return p.badarg();
    auto heap = p.reserve(tuple_words(2));
    return heap.tuple(a[1], value);
}

/// erlang:fun_info_mfa/1: {M, F, A}, F = [] if the code of a local fun is not loaded. Fails: badarg.
Term fun_info_mfa_1(ExecState& p, Args a) {
    if (!a[0].is_fun()) return p.badarg();
    auto heap = p.reserve(tuple_words(3));
    if (a[0].is_kind(Kind::export_fun)) {
        const ExportEntry& e = entry_of_export_fun(a[0]);
        return heap.tuple(e.module, e.function, Term::small(e.arity));
    }
    const FunEntry& e = entry_of_fun(a[0]);
    return heap.tuple(e.id.module, name_of(e), Term::small(as_fun(a[0]).arity()));
}

// ---- files

/// erts_internal:beamfile_chunk/2: the payload of the chunk with the given name (four characters) in a BEAM file, undefined if
/// there is none or the file is broken. Fails: badarg.
Term erts_internal_beamfile_chunk_2(ExecState& p, Args a) {
    std::string copy;
    const std::span<const uint8_t> bytes = bytes_of(a[0], copy);
    if (bytes.data() == nullptr || list_length(a[1]) != 4) return p.badarg();
    std::array<char, 4> name{};
    Term rest = a[1];
    for (char& c : name) {
        const Term t = rest.head();
        if (!t.is_small() || t.to_small() < 0 || t.to_small() > 255) return p.badarg();
        c = static_cast<char>(t.to_small());
        rest = rest.tail();
    }
    const auto beam = open_beam(bytes);
    if (!beam) return am::undefined();
    std::optional<BeamFile::Chunk> found;
    beam->for_each_chunk([&](const BeamFile::Chunk& c) {
        if (!found && c.name == name) found = c;
    });
    if (!found) return am::undefined();
    if (found->size <= kMaxHeapBinaryBytes || copy.size() != 0) {
        auto heap = p.reserve(binary_words(found->size));
        const Term t = heap.binary(bytes.data() + found->offset, found->size);
        return t.is_value() ? t : p.system_limit();
    }
    auto heap = p.reserve(kSubBinaryWords);
    return heap.sub_bits(a[0], size_t{found->offset} * 8, size_t{found->size} * 8);
}

/// erts_internal:beamfile_module_md5/1: the MD5 that identifies the code of a BEAM file, undefined if it is broken. Fails: badarg.
Term erts_internal_beamfile_module_md5_1(ExecState& p, Args a) {
    std::string copy;
    const std::span<const uint8_t> bytes = bytes_of(a[0], copy);
    if (bytes.data() == nullptr) return p.badarg();
    const auto beam = open_beam(bytes);
    if (!beam || !beam->has(ChunkId::code)) return am::undefined();
    p.charge(bytes.size() / 64);
    return md5_binary(p, beam->md5());
}

// What OTP has in its JIT alone, in the form of an emulator without it: cover and the debugger ask, and go on without.

/// code:coverage_support/0 (OTP 27), erl_debugger:supported/0 (OTP 28).
Term code_coverage_support_0(ExecState&, Args) { return am::false_(); }
Term erl_debugger_supported_0(ExecState&, Args) { return am::false_(); }
/// code:get_coverage/2 and the like (OTP 27), code:get_debug_info/1 (OTP 28). Fail: badarg.
Term code_get_coverage_2(ExecState& p, Args) { return p.badarg(); }
Term code_get_coverage_mode_0(ExecState& p, Args) { return p.badarg(); }
Term code_get_coverage_mode_1(ExecState& p, Args) { return p.badarg(); }
Term code_get_debug_info_1(ExecState& p, Args) { return p.badarg(); }
Term code_reset_coverage_1(ExecState& p, Args) { return p.badarg(); }
Term code_set_coverage_mode_1(ExecState& p, Args) { return p.badarg(); }

}  // namespace lintel
