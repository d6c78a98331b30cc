#pragma once
/// What zstd:context/2 and zstd:dict/3 return. A context belongs to the process that made it, which is the only one to touch it. A dictionary does not
/// change, and lives as long as a context uses it.

// Parameters that can be read back, memory of our own, headers of frames.
#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>

#include "gc/heap.h"

namespace lintel {

/// zstd's blocks are the VM's.
inline constexpr ZSTD_customMem kZstdMemory = {[](void*, size_t bytes) { return try_allocate(bytes); },
                                               [](void*, void* block) { release(block); }, nullptr};

/// The two directions: zstd's types and functions of each, by the same names. Sizes that functions return may be errors (ZSTD_isError).
struct ZstdCompression {
    using Context = ZSTD_CCtx;
    using Dictionary = ZSTD_CDict;
    using Parameter = ZSTD_cParameter;
    static Context* create() { return ZSTD_createCCtx_advanced(kZstdMemory); }
    static void free(Context* c) { ZSTD_freeCCtx(c); }
    static size_t reset(Context* c) { return ZSTD_CCtx_reset(c, ZSTD_reset_session_only); }
    static size_t set(Context* c, Parameter parameter, int value) {
        return ZSTD_CCtx_setParameter(c, parameter, value);
    }
    static size_t get(Context* c, Parameter parameter, int* value) {
        return ZSTD_CCtx_getParameter(c, parameter, value);
    }
    static size_t load(Context* c, const void* bytes, size_t size) { return ZSTD_CCtx_loadDictionary(c, bytes, size); }
    static size_t use(Context* c, const Dictionary* d) { return ZSTD_CCtx_refCDict(c, d); }
    static size_t step(Context* c, ZSTD_outBuffer* out, ZSTD_inBuffer* in, ZSTD_EndDirective end) {
        return ZSTD_compressStream2(c, out, in, end);
    }
    static Dictionary* make_dictionary(const void* bytes, size_t size, int level) {
        return ZSTD_createCDict_advanced(bytes, size, ZSTD_dlm_byCopy, ZSTD_dct_auto, ZSTD_getCParams(level, 0, size),
                                         kZstdMemory);
    }
    static void free(Dictionary* d) { ZSTD_freeCDict(d); }
    static unsigned id(const Dictionary* d) { return ZSTD_getDictID_fromCDict(d); }
};
struct ZstdDecompression {
    using Context = ZSTD_DCtx;
    using Dictionary = ZSTD_DDict;
    using Parameter = ZSTD_dParameter;
    static Context* create() { return ZSTD_createDCtx_advanced(kZstdMemory); }
    static void free(Context* c) { ZSTD_freeDCtx(c); }
    static size_t reset(Context* c) { return ZSTD_DCtx_reset(c, ZSTD_reset_session_only); }
    static size_t set(Context* c, Parameter parameter, int value) {
        return ZSTD_DCtx_setParameter(c, parameter, value);
    }
    static size_t get(Context* c, Parameter parameter, int* value) {
        return ZSTD_DCtx_getParameter(c, parameter, value);
    }
    static size_t load(Context* c, const void* bytes, size_t size) { return ZSTD_DCtx_loadDictionary(c, bytes, size); }
    static size_t use(Context* c, const Dictionary* d) { return ZSTD_DCtx_refDDict(c, d); }
    static size_t step(Context* c, ZSTD_outBuffer* out, ZSTD_inBuffer* in, ZSTD_EndDirective) {
        return ZSTD_decompressStream(c, out, in);
    }
    static Dictionary* make_dictionary(const void* bytes, size_t size) {
        return ZSTD_createDDict_advanced(bytes, size, ZSTD_dlm_byCopy, ZSTD_dct_auto, kZstdMemory);
    }
    static void free(Dictionary* d) { ZSTD_freeDDict(d); }
    static unsigned id(const Dictionary* d) { return ZSTD_getDictID_fromDDict(d); }
};

template <typename Direction>
class ZstdDictionary final : public Magic {
public:
    static inline const char kMagicType = 0;
    /// Takes over `dictionary`.
    explicit ZstdDictionary(typename Direction::Dictionary* dictionary) : Magic(&kMagicType), dictionary_(dictionary) {}
    ~ZstdDictionary() override { Direction::free(dictionary_); }
    const typename Direction::Dictionary* get() const { return dictionary_; }

private:
    typename Direction::Dictionary* const dictionary_;
};

template <typename Direction>
class ZstdContext final : public Magic {
public:
    static inline const char kMagicType = 0;
    /// Takes over `context`, for the process `of`.
    ZstdContext(typename Direction::Context* context, Term of) : Magic(&kMagicType), owner(of), context_(context) {}
    ~ZstdContext() override { close(); }

    const Term owner;
    /// In the middle of a stream.
    bool is_begun = false;

    /// nullptr: it is closed.
    typename Direction::Context* get() const { return context_; }
    void reset() {
        Direction::reset(context_);
        is_begun = false;
    }
    void close() {
        if (context_ != nullptr) Direction::free(context_);
        context_ = nullptr;
        keep(nullptr);
    }
    size_t load(const void* bytes, size_t size) {
        const size_t status = Direction::load(context_, bytes, size);
        if (!ZSTD_isError(status)) keep(nullptr);
        return status;
    }
    size_t use(ZstdDictionary<Direction>& dictionary) {
        const size_t status = Direction::use(context_, dictionary.get());
        if (!ZSTD_isError(status)) keep(&dictionary);
        return status;
    }

private:
    /// The context refers to this one now, and no longer to that before.
    void keep(ZstdDictionary<Direction>* dictionary) {
        if (dictionary != nullptr) dictionary->retain();
        if (dictionary_ != nullptr) dictionary_->release_reference();
        dictionary_ = dictionary;
    }
    typename Direction::Context* context_;
    ZstdDictionary<Direction>* dictionary_ = nullptr;
};

}  // namespace lintel
