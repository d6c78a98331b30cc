#include <cstring>

#include "embed/lintel_vm.h"
#include "embed/term_reader.h"
#include "term/print.h"

/// The C API: environments, terms and text.

using lintel::is_gone;

extern "C" {

ErlNifEnv* lintel_env_create(lintel_vm* vm) {
    if (is_gone(vm)) return nullptr;
    return new ErlNifEnv(vm->vm.get(), nullptr, ErlNifEnv::Kind::independent);
}

size_t lintel_term_text(ERL_NIF_TERM term, char* text, size_t room) {
    const std::string all = lintel::term_text(lintel::term_of(term), lintel::PrintStyle::write_unicode);
    if (text != nullptr && room != 0) {
        const size_t n = std::min(all.size(), room - 1);
        std::memcpy(text, all.data(), n);
        text[n] = '\0';
    }
    return all.size();
}

lintel_result lintel_term_parse(ErlNifEnv* env, const char* text, size_t count, ERL_NIF_TERM* term, size_t* wrong) {
    if (is_gone(env) || text == nullptr || term == nullptr) return LINTEL_ERROR_ARGUMENT;
    const lintel::ReadTerm read = lintel::read_term(env, {text, count});
    if (read.ok) {
        *term = read.term;
        return LINTEL_OK;
    }
    if (wrong != nullptr) *wrong = read.length;
    return LINTEL_ERROR_ARGUMENT;
}

}  // extern "C"
