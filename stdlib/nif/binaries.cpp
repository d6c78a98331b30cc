/// Functions of the native interface on binaries.

#include <algorithm>
#include <cstring>
#include <string>

#include "loader/etf.h"
#include "stdlib/nif/env.h"
#include "term/bits.h"
#include "vm/iolist.h"

using lintel::BinaryData;
using lintel::BitsView;
using lintel::HeapBuilder;
using lintel::Term;
using lintel::term_of;

namespace {

BinaryData* data_of(const ErlNifBinary& binary) { return static_cast<BinaryData*>(binary.ref_bin); }

/// Member by member: the struct of libraries for old versions is shorter.
void describe(ErlNifBinary* binary, const uint8_t* bytes, size_t size, BinaryData* data = nullptr) {
    binary->size = size;
    binary->data = const_cast<uint8_t*>(bytes);
    binary->ref_bin = data;
}

}  // namespace

extern "C" {

int enif_alloc_binary(size_t size, ErlNifBinary* binary) {
    BinaryData* const data = BinaryData::create_with_slack(size);
    if (data == nullptr) return 0;
    describe(binary, data->bytes, size, data);
    return 1;
}

int enif_realloc_binary(ErlNifBinary* binary, size_t size) {
    BinaryData* const before = data_of(*binary);
    if (before != nullptr && size <= before->capacity && size >= before->capacity / 2) {
        binary->size = size;
        return 1;
    }
    BinaryData* const data = BinaryData::create_with_slack(size);
    if (data == nullptr) return 0;
    std::memcpy(data->bytes, binary->data, std::min(size, binary->size));
    if (before != nullptr) before->release_reference();
    describe(binary, data->bytes, size, data);
    return 1;
}

void enif_release_binary(ErlNifBinary* binary) {
    if (BinaryData* const data = data_of(*binary)) data->release_reference();
    binary->ref_bin = nullptr;
}

int enif_inspect_binary(ErlNifEnv* env, ERL_NIF_TERM term, ErlNifBinary* binary) {
    const BitsView v = lintel::as_binary(term_of(term));
    if (!v) return 0;
    if (v.is_aligned()) {
        describe(binary, v.bytes(), v.byte_size());
        return 1;
    }
    uint8_t* copy = nullptr;
    env->reserve(lintel::binary_words(v.byte_size())).binary_of(v.byte_size(), &copy);
    if (copy == nullptr) return 0;
    lintel::copy_bits(copy, 0, v.base, v.offset, v.size);
    describe(binary, copy, v.byte_size());
    return 1;
}

int enif_inspect_iolist_as_binary(ErlNifEnv* env, ERL_NIF_TERM term, ErlNifBinary* binary) {
    const Term t = term_of(term);
    if (!t.is_list()) return enif_inspect_binary(env, term, binary);
    size_t bits = 0;
    if (lintel::iolist_bits(t, lintel::IoListItems::bytes, &bits) != lintel::IoListStatus::ok) return 0;
    uint8_t* bytes = nullptr;
    env->reserve(lintel::binary_words(bits / 8)).binary_of(bits / 8, &bytes);
    if (bytes == nullptr) return 0;
    lintel::iolist_write(t, bytes);
    describe(binary, bytes, bits / 8);
    return 1;
}

ERL_NIF_TERM enif_make_binary(ErlNifEnv* env, ErlNifBinary* binary) {
    if (BinaryData* const data = data_of(*binary)) {
        // However short: the library may go on reading where it has written.
        binary->ref_bin = nullptr;
        return env->reserve(lintel::kRefcBinaryWords).refc_binary(data, binary->size).word();
    }
    const Term t = env->reserve(lintel::binary_words(binary->size)).binary(binary->data, binary->size);
    return t.is_value() ? t.word() : env->raise(lintel::am::system_limit());
}

unsigned char* enif_make_new_binary(ErlNifEnv* env, size_t size, ERL_NIF_TERM* term) {
    uint8_t* bytes = nullptr;
    if (size <= lintel::kMaxHeapBinaryBytes) {
        *term = env->reserve(lintel::binary_words(size)).binary_of(size, &bytes).word();
    } else if (BinaryData* const data = BinaryData::create_with_slack(size)) {
        *term = env->reserve(lintel::kRefcBinaryWords).refc_binary(data, size).word();
        bytes = data->bytes;
    } else {
        *term = Term::none().word();
    }
    return bytes;
}

ERL_NIF_TERM enif_make_sub_binary(ErlNifEnv* env, ERL_NIF_TERM binary, size_t position, size_t size) {
    const BitsView v = lintel::as_bits(term_of(binary));
    if (!v || position > v.size / 8 || size > v.size / 8 - position) return env->badarg();
    return env->reserve(lintel::kSubBinaryWords).sub_bits(term_of(binary), position * 8, size * 8).word();
}

int enif_term_to_binary(ErlNifEnv* env, ERL_NIF_TERM term, ErlNifBinary* binary) {
    if (env->vm == nullptr) return 0;
    std::string bytes;
    if (!lintel::encode_etf(env->vm->etf_context(), term_of(term), {}, bytes)) return 0;
    if (enif_alloc_binary(bytes.size(), binary) == 0) return 0;
    std::memcpy(binary->data, bytes.data(), bytes.size());
    return 1;
}

size_t enif_binary_to_term(ErlNifEnv* env, const unsigned char* bytes, size_t size, ERL_NIF_TERM* term,
                           unsigned options) {
    if (env->vm == nullptr || (options & ~static_cast<unsigned>(ERL_NIF_BIN2TERM_SAFE)) != 0) return 0;
    const lintel::EtfContext context = env->vm->etf_context((options & ERL_NIF_BIN2TERM_SAFE) != 0);
    const auto plan = lintel::plan_etf(context, {bytes, size});
    if (!plan || plan->no_memory) return 0;
    HeapBuilder heap = env->reserve(plan->words);
    const Term t = lintel::build_etf(context, *plan, {bytes, size}, heap);
    if (t.is_none()) return 0;
    *term = t.word();
    return plan->used_bytes;
}

}  // extern "C"
