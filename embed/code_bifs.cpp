/// BIFs of the bare profile's code server that look at files: what is on the code path.

#include "embed/bare_vm.h"
#include "embed/term_reader.h"
#include "embed/unpack.h"
#include "gc/copy.h"
#include "sched/process.h"
#include "stdlib/build.h"
#include "stdlib/nif/env.h"
#include "term/utf8.h"

namespace lintel {

namespace {

BareVm& bare(ExecState& p) { return static_cast<BareVm&>(as_process(p).machine()); }

/// lintel_code:object_code/1: {Binary, File} of the file of Module on the code path; error if there is none.
Term object_code(ExecState& p, const Term* a) {
    const std::string file = a[0].is_atom() ? bare(p).path.find(atom_name(a[0])) : "";
    if (file.empty()) return am::error();
    const CodeFile code(bare(p).path, file);
    if (!code) return am::error();
    p.charge(code.bytes().size() / 64);
    auto heap = p.reserve(binary_words(code.bytes().size()));
    const Term binary = heap.binary(code.text());
    return binary.is_value() ? make_tuple2(p, binary, make_string(p, file)) : p.system_limit();
}

/// lintel_code:find_file/1: the file of Module on the code path; false if there is none.
Term find_file(ExecState& p, const Term* a) {
    const std::string file = a[0].is_atom() ? bare(p).path.find(atom_name(a[0])) : "";
    return file.empty() ? am::false_() : make_string(p, file);
}

/// lintel_code:path/0: the directories of the code path.
Term path(ExecState& p, const Term*) {
    ListMaker list(p);
    for (const std::string& directory : bare(p).path.directories()) list.add(make_string(p, directory));
    return list.list();
}

std::string text_of(Term list) {
    std::string text;
    for (; list.is_cons(); list = list.tail()) {
        uint8_t bytes[4];
        const Term c = list.head();
        if (!c.is_small() || c.to_small() <= 0 || c.to_small() > 0x10ffff) return "";
        text.append(reinterpret_cast<const char*>(bytes), encode_utf8(static_cast<uint32_t>(c.to_small()), bytes));
    }
    return text;
}

/// lintel_code:may_control/0: whether the code of the VM may be changed, by this process or who has asked it last.
Term may_control(ExecState& p, const Term*) { return boolean(may(as_process(p), Right::control, "code")); }

/// lintel_code:guest/0: the number of the tenant for which this process acts, if that has no control; otherwise 0. Unlike may_control/0 it asks for nothing, so that
/// the host is not told.
Term guest(ExecState& p, const Term*) {
    const Tenant& tenant = as_process(p).acting_tenant();
    return tenant.rights.has(Right::control) ? Term::small(0) : Term::small(tenant.number);
}

/// lintel_code:add_path/2 (first, or another atom: last; Directory): true or {error, bad_directory}. Fails: eperm; badarg if Where is no atom.
Term add_path(ExecState& p, const Term* a) {
    if (!may(as_process(p), Right::control, "code path")) return p.error(am::eperm());
    if (!a[0].is_atom()) return p.badarg();
    std::string directory = text_of(a[1]);
    if (!is_directory(directory)) return make_tuple2(p, am::error(), p.vm->atoms.intern("bad_directory"));
    if (atom_name(a[0]) == "first") {
        bare(p).path.add_first(std::move(directory));
    } else {
        bare(p).path.add_last(std::move(directory));
    }
    return am::true_();
}

/// lintel_code:del_path/1: whether Directory was one. Fails: eperm.
Term del_path(ExecState& p, const Term* a) {
    if (!may(as_process(p), Right::control, "code path")) return p.error(am::eperm());
    return boolean(bare(p).path.remove(text_of(a[0])));
}

/// lintel_code:consult/1: {ok, Term}, the only one that a file on the code path has; error if there is no such file, or it has another syntax than plain terms.
Term consult(ExecState& p, const Term* a) {
    BareVm& vm = bare(p);
    const std::string name = text_of(a[0]);
    // Others are for who has the right to files.
    if (!vm.path.covers(name) && vm.path.pack_of(name) == nullptr) return am::error();
    const CodeFile file(vm.path, name);
    if (!file) return am::error();
    p.charge(file.bytes().size() / 8);
    ErlNifEnv* const env = new ErlNifEnv(&vm, nullptr, ErlNifEnv::Kind::independent);
    const ReadTerm read = read_term(env, file.text());
    Term result = am::error();
    if (read.ok) {
        const Term term(read.term);
        auto heap = p.reserve(flat_size(term, &vm.literals) + tuple_words(2));
        const Term copy = copy_term(term, heap, &vm.literals);
        result = heap.tuple(am::ok(), copy);
    }
    enif_free_env(env);
    return result;
}

/// lintel_code:unpacked/1: Directory, or, if it is in a pack that wants that, a folder of the system with the same files.
Term unpacked(ExecState& p, const Term* a) {
    BareVm& vm = bare(p);
    const std::string directory = text_of(a[0]);
    const auto mounted = vm.path.pack_of(directory);
    const Rights& rights = as_process(p).acting_tenant().rights;
    const bool may_write = rights.has(Right::files) && !rights.only_reads && rights.root == nullptr;
    if (mounted == nullptr || !mounted->pack->unpacks_priv() || !may_write) return a[0];
    const std::string folder =
        unpacked_directory(*mounted->pack, mounted->wants_digest, directory.substr(mounted->pack->file().size() + 1));
    return folder.empty() ? a[0] : make_string(p, folder);
}

struct Row {
    const char* module;
    const char* function;
    uint8_t arity;
    BifFunction call;
};
constexpr Row kRows[] = {
    {"lintel_code", "object_code", 1, object_code},
    {"lintel_code", "find_file", 1, find_file},
    {"lintel_code", "path", 0, path},
    {"lintel_code", "may_control", 0, may_control},
    {"lintel_code", "guest", 0, guest},
    {"lintel_code", "add_path", 2, add_path},
    {"lintel_code", "del_path", 1, del_path},
    {"lintel_code", "consult", 1, consult},
    {"lintel_code", "unpacked", 1, unpacked},
};

}  // namespace

void BareVm::add_code_bifs() {
    for (const Row& row : kRows) {
        const BifEntry bif{atoms.intern(row.module), atoms.intern(row.function), row.arity, kNone, row.call};
        code.add_bifs({&bif, 1});
    }
}

}  // namespace lintel
