/// Natives of zstd. Each that works on a context wants the process that the context belongs to.

#include "stdlib/zstd/zstd_context.h"

#include <algorithm>

#include "gc/map_builder.h"
#include "stdlib/build.h"
#include "stdlib/bytes_arg.h"
#include "stdlib/int_arg.h"
#include "stdlib/iolist_bytes.h"
#include "stdlib/output_buffer.h"

namespace lintel {

namespace {

using CompressContext = ZstdContext<ZstdCompression>;
using DecompressContext = ZstdContext<ZstdDecompression>;

constexpr size_t kBytesPerReduction = 64;

template <typename E>
struct Named {
    std::string_view name;
    E value;
};
constexpr Named<ZSTD_cParameter> kCompressParameters[] = {
    {"compressionLevel", ZSTD_c_compressionLevel},
    {"windowLog", ZSTD_c_windowLog},
    {"hashLog", ZSTD_c_hashLog},
    {"chainLog", ZSTD_c_chainLog},
    {"searchLog", ZSTD_c_searchLog},
    {"minMatch", ZSTD_c_minMatch},
    {"targetLength", ZSTD_c_targetLength},
    {"strategy", ZSTD_c_strategy},
    {"targetCBlockSize", ZSTD_c_targetCBlockSize},
    {"enableLongDistanceMatching", ZSTD_c_enableLongDistanceMatching},
    {"ldmHashLog", ZSTD_c_ldmHashLog},
    {"ldmMinMatch", ZSTD_c_ldmMinMatch},
    {"ldmBucketSizeLog", ZSTD_c_ldmBucketSizeLog},
    {"ldmHashRateLog", ZSTD_c_ldmHashRateLog},
    {"contentSizeFlag", ZSTD_c_contentSizeFlag},
    {"checksumFlag", ZSTD_c_checksumFlag},
    {"dictIDFlag", ZSTD_c_dictIDFlag},
};
constexpr Named<ZSTD_dParameter> kDecompressParameters[] = {{"windowLogMax", ZSTD_d_windowLogMax}};
/// In the order of zstd's numbers for them.
constexpr std::string_view kStrategies[] = {"default", "fast",    "dfast", "greedy",  "lazy",
                                            "lazy2",   "btlazy2", "btopt", "btultra", "btultra2"};

bool is_flag(ZSTD_cParameter parameter) {
    return parameter == ZSTD_c_enableLongDistanceMatching || parameter == ZSTD_c_contentSizeFlag ||
           parameter == ZSTD_c_checksumFlag || parameter == ZSTD_c_dictIDFlag;
}

template <typename E, size_t n>
const Named<E>* find(const Named<E> (&all)[n], Term key) {
    const auto found = std::find_if(std::begin(all), std::end(all),
                                    [key](const Named<E>& one) { return key.is_atom() && atom_name(key) == one.name; });
    return found == std::end(all) ? nullptr : found;
}

/// Fails: {zstd_error, Text} of what one of zstd's functions returned.
Term raise_error(ExecState& p, size_t status) {
    const Term text = make_binary(p, ZSTD_getErrorName(status));
    return text.is_none() ? text : p.error(make_tuple2(p, name_atom(p, "zstd_error"), text));
}
/// ok, or fails as zstd did.
Term outcome(ExecState& p, size_t status) { return ZSTD_isError(status) ? raise_error(p, status) : am::ok(); }

/// Fails: {badarg, {What, Term}}.
Term bad(ExecState& p, std::string_view what, Term t) {
    return p.error(make_tuple2(p, am::badarg(), make_tuple2(p, name_atom(p, what), t)));
}

template <typename Direction>
Term new_context(ExecState& p) {
    auto* context = Direction::create();
    return context == nullptr ? p.system_limit() : make_magic_ref(p, new ZstdContext<Direction>(context, p.self));
}

/// Calls f(context) if `t` is an open context of the caller's. Fails: badarg, not_on_controlling_process.
template <typename Direction, typename F>
Term with_context(ExecState& p, Term t, F f) {
    auto* context = as_magic<ZstdContext<Direction>>(t);
    if (context == nullptr || context->get() == nullptr) return p.badarg();
    if (context->owner != p.self) return p.error(name_atom(p, "not_on_controlling_process"));
    return f(*context);
}

template <typename Direction>
Term reset(ExecState& p, Term t) {
    return with_context<Direction>(p, t, [](ZstdContext<Direction>& context) {
        context.reset();
        return am::ok();
    });
}

template <typename Direction>
Term close(ExecState& p, Term t) {
    return with_context<Direction>(p, t, [](ZstdContext<Direction>& context) {
        context.close();
        return am::ok();
    });
}

// ---- dictionaries

template <typename Direction>
Term load_dictionary(ExecState& p, Args a) {
    return with_context<Direction>(p, a[0], [&](ZstdContext<Direction>& context) {
        ByteBuffer bytes;
        return iolist_bytes(a[1], &bytes) ? outcome(p, context.load(bytes.data(), bytes.size())) : p.badarg();
    });
}

template <typename Direction>
Term use_dictionary(ExecState& p, Args a) {
    return with_context<Direction>(p, a[0], [&](ZstdContext<Direction>& context) {
        auto* dictionary = as_magic<ZstdDictionary<Direction>>(a[1]);
        return dictionary == nullptr ? p.badarg() : outcome(p, context.use(*dictionary));
    });
}

/// A dictionary of binary `t`; {error, Why} if zstd finds it is none.
template <typename Direction, typename... Options>
Term new_dictionary(ExecState& p, Term t, std::string_view why, Options... options) {
    const BytesArg bytes(t);
    if (!bytes) return p.badarg();
    p.charge(bytes.size() / kBytesPerReduction);
    auto* dictionary = Direction::make_dictionary(bytes.data(), bytes.size(), options...);
    if (dictionary == nullptr) return make_tuple2(p, am::error(), name_atom(p, why));
    return make_magic_ref(p, new ZstdDictionary<Direction>(dictionary));
}

template <typename Direction>
Term dictionary_id(ExecState& p, Term t) {
    const auto* dictionary = as_magic<ZstdDictionary<Direction>>(t);
    return dictionary == nullptr ? p.badarg() : Term::small(Direction::id(dictionary->get()));
}

/// The number that `id` finds in the bytes of an iolist.
Term id_in_bytes(ExecState& p, Term iolist, unsigned (*id)(const void*, size_t)) {
    ByteBuffer bytes;
    return iolist_bytes(iolist, &bytes) ? Term::small(id(bytes.data(), bytes.size())) : p.badarg();
}

// ---- streams

/// What comes after the input: OTP 28 says whether it ends, OTP 29 gives zstd's number.
bool read_end(Term t, ZSTD_EndDirective* end) {
    int number = t == am::true_() ? ZSTD_e_end : ZSTD_e_continue;
    if (!t.is_atom() && (!int_of(t, &number) || number < ZSTD_e_continue || number > ZSTD_e_end)) return false;
    *end = static_cast<ZSTD_EndDirective>(number);
    return true;
}

/// {continue, Output}, {continue, RestOfInput, Output} if the room is used up; after the end {done, Output}, or {flush, Output} if more comes.
template <typename Direction>
Term one_step(ExecState& p, ZstdContext<Direction>& context, Term input, Term what_next, size_t room) {
    ZSTD_EndDirective end;
    const BytesArg bytes(input);
    if (!read_end(what_next, &end) || !bytes) return p.badarg();
    OutputBuffer output(room);
    if (!output) return p.badarg();
    ZSTD_inBuffer in = {bytes.data(), bytes.size(), 0};
    ZSTD_outBuffer out = {output.data(), output.size(), 0};
    size_t left;
    do {
        left = Direction::step(context.get(), &out, &in, end);
        if (ZSTD_isError(left)) return raise_error(p, left);
    } while (in.pos < in.size && out.pos < out.size);
    p.charge((in.pos + out.pos) / kBytesPerReduction + 1);
    const Term written = output.take(p, out.pos);
    if (written.is_none()) return p.error(am::error());
    if (in.pos < in.size) {
        const Term rest = p.reserve(kSubBinaryWords).sub_bits(input, 8 * in.pos, 8 * (in.size - in.pos));
        return make_tuple3(p, am::continue_(), rest, written);
    }
    if (end == ZSTD_e_continue) return make_tuple2(p, am::continue_(), written);
    return make_tuple2(p, out.pos == out.size && left > 0 ? am::flush() : name_atom(p, "done"), written);
}

/// The same; after an error the context is at the beginning.
template <typename Direction>
Term step(ExecState& p, ZstdContext<Direction>& context, Args a, size_t room) {
    const Term result = one_step(p, context, a[1], a[2], room);
    if (result.is_none()) context.reset();
    return result;
}

/// Room for a stream's first output: no more than all of it takes, if its header tells.
size_t first_room(const BytesArg& bytes, size_t otherwise) {
    // Unknown sizes are the largest numbers.
    return std::min<unsigned long long>(ZSTD_findDecompressedSize(bytes.data(), bytes.size()), otherwise);
}

}  // namespace

/// zstd:init_compress_nif/0, init_decompress_nif/0: a context of the caller's.
Term zstd_init_compress_nif_0(ExecState& p, Args) { return new_context<ZstdCompression>(p); }
Term zstd_init_decompress_nif_0(ExecState& p, Args) { return new_context<ZstdDecompression>(p); }

/// zstd:compress_reset_nif/1, decompress_reset_nif/1: to the beginning of a stream; ok. Fails: badarg, not_on_controlling_process (as all with a
/// context).
Term zstd_compress_reset_nif_1(ExecState& p, Args a) { return reset<ZstdCompression>(p, a[0]); }
Term zstd_decompress_reset_nif_1(ExecState& p, Args a) { return reset<ZstdDecompression>(p, a[0]); }

/// zstd:compress_close_nif/1, decompress_close_nif/1: ok. Fails: badarg.
Term zstd_compress_close_nif_1(ExecState& p, Args a) { return close<ZstdCompression>(p, a[0]); }
Term zstd_decompress_close_nif_1(ExecState& p, Args a) { return close<ZstdDecompression>(p, a[0]); }

/// zstd:load_compress_dictionary_nif/2, load_decompress_dictionary_nif/2: from here on with the dictionary in an iolist; none if that is empty; ok.
/// Fails: badarg, {zstd_error, Text}.
Term zstd_load_compress_dictionary_nif_2(ExecState& p, Args a) { return load_dictionary<ZstdCompression>(p, a); }
Term zstd_load_decompress_dictionary_nif_2(ExecState& p, Args a) { return load_dictionary<ZstdDecompression>(p, a); }

/// zstd:ref_compress_dictionary_nif/2, ref_decompress_dictionary_nif/2: from here on with one of create_cdict_nif/2, create_ddict_nif/1; ok. Fails:
/// badarg, {zstd_error, Text}.
Term zstd_ref_compress_dictionary_nif_2(ExecState& p, Args a) { return use_dictionary<ZstdCompression>(p, a); }
Term zstd_ref_decompress_dictionary_nif_2(ExecState& p, Args a) { return use_dictionary<ZstdDecompression>(p, a); }

/// zstd:set_compress_parameter_nif/3: ok. Fails: badarg, {badarg, {invalid_key | invalid_value, Term}}, {zstd_error, Text}.
Term zstd_set_compress_parameter_nif_3(ExecState& p, Args a) {
    return with_context<ZstdCompression>(p, a[0], [&](CompressContext& context) {
        const auto* parameter = find(kCompressParameters, a[1]);
        if (parameter == nullptr) return bad(p, "invalid_key", a[1]);
        int value = 0;
        bool is_valid;
        if (parameter->value == ZSTD_c_strategy) {
            const auto* strategy = std::find_if(std::begin(kStrategies), std::end(kStrategies),
                                                [&](auto name) { return a[2].is_atom() && atom_name(a[2]) == name; });
            value = static_cast<int>(strategy - std::begin(kStrategies));
            is_valid = strategy != std::end(kStrategies);
        } else if (is_flag(parameter->value)) {
            value = a[2] == am::true_() ? 1 : 0;
            is_valid = a[2] == am::true_() || a[2] == am::false_();
        } else {
            is_valid = int_of(a[2], &value);
        }
        if (!is_valid) return bad(p, "invalid_value", a[2]);
        return outcome(p, ZstdCompression::set(context.get(), parameter->value, value));
    });
}

/// zstd:get_compress_parameter_nif/2: its value, but `false` for every flag, as in OTP. Fails: badarg, {badarg, {invalid_key, Key}}, {zstd_error, Text}.
Term zstd_get_compress_parameter_nif_2(ExecState& p, Args a) {
    return with_context<ZstdCompression>(p, a[0], [&](CompressContext& context) {
        const auto* parameter = find(kCompressParameters, a[1]);
        if (parameter == nullptr) return bad(p, "invalid_key", a[1]);
        int value;
        const size_t status = ZstdCompression::get(context.get(), parameter->value, &value);
        if (ZSTD_isError(status)) return raise_error(p, status);
        if (is_flag(parameter->value)) return am::false_();
        if (parameter->value != ZSTD_c_strategy) return Term::small(value);
        const auto strategy = static_cast<size_t>(value);
        return strategy < std::size(kStrategies) ? name_atom(p, kStrategies[strategy]) : p.badarg();
    });
}

/// zstd:set_pledged_src_size_nif/2: how many bytes the next stream will have; ok. Fails: badarg, {zstd_error, Text}.
Term zstd_set_pledged_src_size_nif_2(ExecState& p, Args a) {
    return with_context<ZstdCompression>(p, a[0], [&](CompressContext& context) {
        uint64_t size;
        if (!uint64_of(a[1], &size)) return p.badarg();
        return outcome(p, ZSTD_CCtx_setPledgedSrcSize(context.get(), size));
    });
}

/// zstd:set_decompress_parameter_nif/3: ok. Fails: badarg, {badarg, {invalid_key, Key}}, {zstd_error, Text}.
Term zstd_set_decompress_parameter_nif_3(ExecState& p, Args a) {
    return with_context<ZstdDecompression>(p, a[0], [&](DecompressContext& context) {
        int value;
        if (!int_of(a[2], &value)) return p.badarg();
        const auto* parameter = find(kDecompressParameters, a[1]);
        if (parameter == nullptr) return bad(p, "invalid_key", a[1]);
        return outcome(p, ZstdDecompression::set(context.get(), parameter->value, value));
    });
}

/// zstd:get_decompress_parameter_nif/2: its value. Fails: badarg, {badarg, {invalid_key, Key}}, {zstd_error, Text}.
Term zstd_get_decompress_parameter_nif_2(ExecState& p, Args a) {
    return with_context<ZstdDecompression>(p, a[0], [&](DecompressContext& context) {
        const auto* parameter = find(kDecompressParameters, a[1]);
        if (parameter == nullptr) return bad(p, "invalid_key", a[1]);
        int value;
        const size_t status = ZstdDecompression::get(context.get(), parameter->value, &value);
        return ZSTD_isError(status) ? raise_error(p, status) : Term::small(value);
    });
}

/// zstd:compress_stream_nif/3: compresses some of a binary: {continue, Output}, {continue, Rest, Output}, {flush, Output}, {done, Output}. Fails: badarg,
/// {zstd_error, Text}.
Term zstd_compress_stream_nif_3(ExecState& p, Args a) {
    return with_context<ZstdCompression>(
        p, a[0], [&](CompressContext& context) { return step(p, context, a, ZSTD_CStreamOutSize()); });
}

/// zstd:decompress_stream_nif/3: the same, decompressing. Fails: badarg, {zstd_error, Text}.
Term zstd_decompress_stream_nif_3(ExecState& p, Args a) {
    return with_context<ZstdDecompression>(p, a[0], [&](DecompressContext& context) {
        size_t room = ZSTD_DStreamOutSize();
        if (!context.is_begun) {
            const BytesArg bytes(a[1]);
            if (!bytes) return p.badarg();
            // Parameters can still be set afterwards.
            if (bytes.size() == 0 && a[2] == am::true_()) return make_tuple2(p, name_atom(p, "done"), a[1]);
            room = first_room(bytes, room);
            context.is_begun = true;
        }
        return step(p, context, a, room);
    });
}

/// zstd:create_cdict_nif/2: a dictionary of a binary, for a compression level; {error, invalid_compress_dict}. Fails: badarg.
Term zstd_create_cdict_nif_2(ExecState& p, Args a) {
    int level;
    if (!int_of(a[1], &level)) return p.badarg();
    return new_dictionary<ZstdCompression>(p, a[0], "invalid_compress_dict", level);
}

/// zstd:create_ddict_nif/1: a dictionary of a binary; {error, invalid_decompress_dict}. Fails: badarg.
Term zstd_create_ddict_nif_1(ExecState& p, Args a) {
    return new_dictionary<ZstdDecompression>(p, a[0], "invalid_decompress_dict");
}

/// zstd:getDictId_fromCDict_nif/1, getDictId_fromDDict_nif/1: its number; 0: it has none. Fails: badarg.
Term zstd_getDictId_fromCDict_nif_1(ExecState& p, Args a) { return dictionary_id<ZstdCompression>(p, a[0]); }
Term zstd_getDictId_fromDDict_nif_1(ExecState& p, Args a) { return dictionary_id<ZstdDecompression>(p, a[0]); }

/// zstd:getDictId_fromDict_nif/1, getDictId_fromFrame_nif/1: the number in an iolist's bytes; 0: none. Fails: badarg.
Term zstd_getDictId_fromDict_nif_1(ExecState& p, Args a) { return id_in_bytes(p, a[0], ZSTD_getDictID_fromDict); }
Term zstd_getDictId_fromFrame_nif_1(ExecState& p, Args a) { return id_in_bytes(p, a[0], ZSTD_getDictID_fromFrame); }

/// zstd:get_frame_header_nif/1: {ok, Map} of the frame that an iolist begins with. Fails: badarg, {zstd_error, Text}.
Term zstd_get_frame_header_nif_1(ExecState& p, Args a) {
    ByteBuffer bytes;
    if (!iolist_bytes(a[0], &bytes)) return p.badarg();
    ZSTD_frameHeader header{};
    if (const size_t status = ZSTD_getFrameHeader(&header, bytes.data(), bytes.size()); ZSTD_isError(status))
        return raise_error(p, status);
    const bool is_frame = header.frameType == ZSTD_frame;
    const Term content = header.frameContentSize == ZSTD_CONTENTSIZE_UNKNOWN
                             ? am::undefined()
                             : make_unsigned(p, header.frameContentSize);
    Term pairs[] = {
        name_atom(p, "frameContentSize"), content,
        name_atom(p, "windowSize"),       make_unsigned(p, header.windowSize),
        name_atom(p, "blockSizeMax"),     Term::small(header.blockSizeMax),
        name_atom(p, "frameType"),        name_atom(p, is_frame ? "ZSTD_frame" : "ZSTD_skippableFrame"),
        name_atom(p, "headerSize"),       Term::small(header.headerSize),
        name_atom(p, "dictID"),           Term::small(header.dictID),
        name_atom(p, "checksumFlag"),     header.checksumFlag != 0 ? am::true_() : am::false_(),
    };
    constexpr size_t kPairs = std::size(pairs) / 2;
    auto heap = p.reserve(map_words_bound(kPairs) + tuple_words(2));
    const Term map = build_map(heap, pairs, kPairs, nullptr);
    return heap.tuple(am::ok(), map);
}

}  // namespace lintel
