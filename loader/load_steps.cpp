/// The steps of a load, up to the verifier. loader/load.cpp tells their order and why.

#include "loader/load_p.h"

namespace lintel {

std::string LoadError::text() const {
    std::string s = file + ": ";
    if (chunk[0] != 0) s += std::string(chunk) + " chunk, offset " + std::to_string(offset) + ": ";
    return s + what;
}

bool run_steps(Loading& l) {
    read_strings(l);
    return read_atoms(l) && read_imports(l) && read_exports(l) && read_locals(l) && read_lambdas(l) && read_lines(l) &&
           read_types(l) && read_literals(l) && read_records(l) && decode_code(l) && check_tables(l) && build_terms(l);
}

Result<std::unique_ptr<Module>, LoadError> load_with(LoadContext context, std::span<const uint8_t> bytes,
                                                     std::string file, bool (*check)(Loading& l),
                                                     const std::array<uint8_t, 16>* md5) {
    auto beam = BeamFile::open(bytes, file);
    if (!beam) return beam.error();
    Loading l(context, beam.value(), std::move(file));
    if (!run_steps(l) || (check != nullptr && !check(l))) {
        discard_module(context, std::move(l.module));
        return std::move(l.error);
    }
    l.module->md5 = md5 != nullptr ? *md5 : beam.value().md5();
    l.module->path = std::move(l.file);
    l.module->file_bytes = bytes.size();
    return std::move(l.module);
}

Result<std::unique_ptr<Module>, LoadError> load_unverified(LoadContext context, std::span<const uint8_t> bytes,
                                                           std::string file) {
    return load_with(context, bytes, std::move(file), nullptr);
}

void discard_module(LoadContext context, std::unique_ptr<Module> module) {
    if (module != nullptr && module->literal_area != nullptr) context.literals.destroy(module->literal_area);
}

}  // namespace lintel
