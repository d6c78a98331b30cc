#include <cstring>

#include "embed/executable.h"
#include "embed/lintel_vm.h"
#include "embed/packer.h"
#include "loader/pack/format.h"

/// The C API: making packs. docs/design/packs.md.

using lintel::fail;
using lintel::is_gone;

struct lintel_packer : lintel::Handle {
    static constexpr const char* kGone = "the packer has been freed";
    lintel_vm* vm;
    lintel::Packer packer;
    std::string name;       ///< of the module that was added last
    bool resolved = false;  ///< lintel_packer_resolve has done its work
};

namespace {

lintel_result told(lintel_packer* packer, const std::string& wrong, lintel_result result) {
    return wrong.empty() ? LINTEL_OK : fail(packer->vm, result, wrong);
}

}  // namespace

extern "C" {

lintel_result lintel_packer_create(lintel_vm* vm, lintel_packer** packer) {
    if (is_gone(vm) || packer == nullptr) return LINTEL_ERROR_ARGUMENT;
    *packer = nullptr;
    if (vm->bare == nullptr) return fail(vm, LINTEL_ERROR_ARGUMENT, lintel::kOtherProfile);
    if (vm->life != lintel_vm::Life::fresh) return fail(vm, LINTEL_ERROR_ARGUMENT, lintel::kRanAlready);
    *packer = new lintel_packer{{}, vm, lintel::Packer(*vm->bare), ""};
    return LINTEL_OK;
}

void lintel_packer_free(lintel_packer* packer) {
    if (!is_gone(packer)) delete packer;
}

lintel_result lintel_packer_add_file(lintel_packer* packer, const char* path, const char** module) {
    if (is_gone(packer) || path == nullptr) return LINTEL_ERROR_ARGUMENT;
    const lintel_result r = told(packer, packer->packer.add_file(path, &packer->name), LINTEL_ERROR_BAD_FILE);
    if (r == LINTEL_OK && module != nullptr) *module = packer->name.c_str();
    return r;
}

lintel_result lintel_packer_add_application(lintel_packer* packer, const char* name) {
    if (is_gone(packer) || name == nullptr) return LINTEL_ERROR_ARGUMENT;
    return told(packer, packer->packer.add_application(name), LINTEL_ERROR_NOT_FOUND);
}

lintel_result lintel_packer_set_main(lintel_packer* packer, const char* module, const char* function) {
    if (is_gone(packer) || module == nullptr) return LINTEL_ERROR_ARGUMENT;
    packer->packer.set_main(module, function != nullptr ? function : "");
    return LINTEL_OK;
}

lintel_result lintel_packer_keep(lintel_packer* packer, const char* pattern) {
    if (is_gone(packer) || pattern == nullptr) return LINTEL_ERROR_ARGUMENT;
    packer->packer.keep(pattern);
    return LINTEL_OK;
}

lintel_result lintel_packer_drop(lintel_packer* packer, const char* pattern) {
    if (is_gone(packer) || pattern == nullptr) return LINTEL_ERROR_ARGUMENT;
    packer->packer.drop(pattern);
    return LINTEL_OK;
}

lintel_result lintel_packer_set_flags(lintel_packer* packer, unsigned flags) {
    constexpr unsigned kAll = LINTEL_PACK_WITHOUT_OTP | LINTEL_PACK_UNPACK_PRIV | LINTEL_PACK_WHOLE | LINTEL_PACK_ONLY;
    if (is_gone(packer) || (flags & ~kAll) != 0) return LINTEL_ERROR_ARGUMENT;
    packer->packer.set_flags(flags);
    return LINTEL_OK;
}

lintel_result lintel_packer_sign(lintel_packer* packer, const unsigned char seed[32]) {
    if (is_gone(packer) || seed == nullptr) return LINTEL_ERROR_ARGUMENT;
    std::array<uint8_t, 32> copy;
    std::copy_n(seed, copy.size(), copy.begin());
    packer->packer.sign(copy);
    return LINTEL_OK;
}

lintel_result lintel_packer_resolve(lintel_packer* packer,
                                    void (*progress)(void* context, const char* module, size_t done, size_t known),
                                    void* context) {
    if (is_gone(packer)) return LINTEL_ERROR_ARGUMENT;
    if (packer->resolved) return fail(packer->vm, LINTEL_ERROR_ARGUMENT, "this packer has been used");
    lintel::Packer::Progress tell;
    if (progress != nullptr) {
        tell = [=](const std::string& module, size_t done, size_t known) {
            progress(context, module.c_str(), done, known);
        };
    }
    const lintel_result r = told(packer, packer->packer.resolve(tell), LINTEL_ERROR_BAD_FILE);
    packer->resolved = r == LINTEL_OK;
    return r;
}

lintel_result lintel_packer_report(lintel_packer* packer, void (*note)(void* context, const lintel_pack_note* note),
                                   void* context) {
    if (is_gone(packer) || note == nullptr) return LINTEL_ERROR_ARGUMENT;
    for (const lintel::Packer::Note& n : packer->packer.report()) {
        const lintel_pack_note one{sizeof one,      static_cast<lintel_pack_fate>(n.fate),
                                   n.name.c_str(),  n.application.c_str(),
                                   n.why.c_str(),   n.count,
                                   n.original_count};
        note(context, &one);
    }
    return LINTEL_OK;
}

lintel_result lintel_packer_write(lintel_packer* packer, const char* path, int executable, size_t* count) {
    if (is_gone(packer) || path == nullptr) return LINTEL_ERROR_ARGUMENT;
    if (!packer->resolved) return fail(packer->vm, LINTEL_ERROR_ARGUMENT, "nothing is resolved yet");
    std::string bytes;
    if (executable != 0) {
        std::string wrong;
        auto stub = lintel::executable_stub(&wrong);
        if (!stub) return fail(packer->vm, LINTEL_ERROR_SYSTEM, wrong);
        bytes = std::move(*stub);
        bytes.resize((bytes.size() + lintel::pack::kPage - 1) / lintel::pack::kPage * lintel::pack::kPage);
    }
    const size_t offset = bytes.size();
    bytes += packer->packer.write();
    if (executable != 0) {
        const auto trailer = lintel::pack_trailer(offset, bytes.size() - offset);
        bytes.append(reinterpret_cast<const char*>(trailer.data()), trailer.size());
    }
    if (count != nullptr) *count = bytes.size();
    return told(packer, lintel::replace_file(path, bytes, executable != 0), LINTEL_ERROR_SYSTEM);
}

}  // extern "C"
