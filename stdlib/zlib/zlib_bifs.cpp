/// Natives of zlib. Each wants the process that the stream belongs to.

#include <cerrno>

#include "gc/copy.h"
#include "stdlib/build.h"
#include "stdlib/int_arg.h"
#include "stdlib/iolist_bytes.h"
#include "stdlib/output_buffer.h"
#include "stdlib/zlib/zlib_stream.h"

namespace lintel {

namespace {

using State = ZlibStream::State;

constexpr size_t kBytesPerReduction = 64;
/// Binaries that are taken over at once.
constexpr size_t kMostBinaries = 256;
/// What inflateGetDictionary gives at most.
constexpr size_t kWindow = 32768;

Term raise(ExecState& p, std::string_view why) { return p.error(p.vm->atoms.intern(why)); }

/// What Erlang code gets to see of one of zlib's codes.
Term outcome(ExecState& p, int status) {
    AtomTable& atoms = p.vm->atoms;
    switch (status) {
        case Z_OK: return am::ok();
        case Z_STREAM_END: return atoms.intern("stream_end");
        case Z_ERRNO: return Term::small(errno);
        case Z_STREAM_ERROR: return raise(p, "stream_error");
        case Z_DATA_ERROR: return p.error(am::data_error());
        case Z_MEM_ERROR: return atoms.intern("mem_error");
        case Z_BUF_ERROR: return atoms.intern("buf_error");
        case Z_VERSION_ERROR: return atoms.intern("version_error");
        default: return atoms.intern("unknown_error");
    }
}

/// Calls f(stream) if `t` is a stream of the caller's.
template <typename F>
Term with_stream(ExecState& p, Term t, F f) {
    auto* stream = as_magic<ZlibStream>(t);
    if (stream == nullptr) return p.badarg();
    if (!stream->belongs_to(p.self)) return raise(p, "not_on_controlling_process");
    return f(*stream);
}

/// The same if it has been made ready for `state`.
template <typename F>
Term with_stream_for(ExecState& p, Term t, State state, F f) {
    return with_stream(
        p, t, [&](ZlibStream& stream) { return stream.state() == state ? f(stream) : raise(p, "not_initialized"); });
}

template <size_t n>
bool ints_of(Args a, size_t from, int (&values)[n]) {
    for (size_t i = 0; i < n; ++i) {
        if (!int_of(a[from + i], &values[i])) return false;
    }
    return true;
}

/// A number of 32 bits, which OTP shows with a sign.
Term signed_number(uLong n) { return Term::small(static_cast<int32_t>(n)); }

/// {finished | continue, Output}, or {need_dictionary, Adler32, Output}.
Term one_step(ExecState& p, ZlibStream& stream, Args a) {
    int numbers[3];  // how much to take, room for what comes of it, flush
    ints_of(a, 1, numbers);
    if (numbers[0] < 0 || numbers[1] < 0) return p.badarg();
    const auto limit = static_cast<size_t>(numbers[0]), room = static_cast<size_t>(numbers[1]);
    OutputBuffer buffer(room);
    if (!buffer) return outcome(p, Z_MEM_ERROR);
    const ZlibStream::Step step = stream.step(limit, buffer.data(), room, numbers[2]);
    p.charge((step.consumed + step.produced) / kBytesPerReduction + 1);
    const bool is_stuck = step.consumed == 0 && step.produced == 0 && !stream.input().empty();
    if ((step.status < 0 && step.status != Z_BUF_ERROR) || is_stuck)
        return outcome(p, is_stuck ? Z_DATA_ERROR : step.status);
    Term output = Term::nil();
    if (step.produced != 0) {
        const Term bytes = buffer.take(p, step.produced);
        if (bytes.is_none()) return outcome(p, Z_MEM_ERROR);
        output = make_cons(p, bytes, Term::nil());
    }
    if (stream.input().empty() && step.produced < room) return make_tuple2(p, am::finished(), output);
    if (step.status != Z_NEED_DICT) return make_tuple2(p, am::continue_(), output);
    return make_tuple3(p, am::need_dictionary(), signed_number(stream.z()->adler), output);
}

}  // namespace

/// zlib:open_nif/0: a stream of the caller's.
Term zlib_open_nif_0(ExecState& p, Args) { return make_magic_ref(p, new ZlibStream(p.self)); }

/// zlib:close_nif/1: ok. Fails: badarg, not_on_controlling_process (as all of them), not_initialized if it is closed.
Term zlib_close_nif_1(ExecState& p, Args a) {
    return with_stream(p, a[0], [&](ZlibStream& stream) {
        if (stream.state() == State::closed) return raise(p, "not_initialized");
        stream.close();
        return am::ok();
    });
}

/// zlib:set_controller_nif/2: gives the stream to a local process; ok. Fails: badarg.
Term zlib_set_controller_nif_2(ExecState& p, Args a) {
    if (!a[1].is_local_pid()) return p.badarg();
    return with_stream(p, a[0], [&](ZlibStream& stream) {
        stream.give_to(a[1]);
        return am::ok();
    });
}

/// zlib:deflateInit_nif/6: ok. Fails: badarg, already_initialized, stream_error.
Term zlib_deflateInit_nif_6(ExecState& p, Args a) {
    int n[5];  // level, method, window bits, memory level, strategy
    if (!ints_of(a, 1, n)) return p.badarg();
    return with_stream(p, a[0], [&](ZlibStream& stream) {
        if (stream.state() != State::none) return raise(p, "already_initialized");
        return outcome(p, stream.begin_deflate(n[0], n[1], n[2], n[3], n[4]));
    });
}

/// zlib:deflateSetDictionary_nif/2: the dictionary's Adler-32. Fails: badarg, not_initialized, stream_error.
Term zlib_deflateSetDictionary_nif_2(ExecState& p, Args a) {
    ByteBuffer bytes;
    if (as_magic<ZlibStream>(a[0]) == nullptr || !iolist_bytes(a[1], &bytes, UINT32_MAX)) return p.badarg();
    return with_stream_for(p, a[0], State::deflate, [&](ZlibStream& stream) {
        const auto size = static_cast<uInt>(bytes.size());
        const int status = deflateSetDictionary(stream.z(), bytes.data(), size);
        if (status != Z_OK) return outcome(p, status);
        return signed_number(stream.is_raw() ? adler32(0, bytes.data(), size) : stream.z()->adler);
    });
}

/// zlib:deflateReset_nif/1, inflateReset_nif/1: ok. Fails: badarg, not_initialized.
Term zlib_deflateReset_nif_1(ExecState& p, Args a) {
    return with_stream_for(p, a[0], State::deflate, [&](ZlibStream& stream) { return outcome(p, stream.reset()); });
}
Term zlib_inflateReset_nif_1(ExecState& p, Args a) {
    return with_stream_for(p, a[0], State::inflate, [&](ZlibStream& stream) { return outcome(p, stream.reset()); });
}

/// zlib:deflateEnd_nif/1, inflateEnd_nif/1: ok. Fails: badarg, not_initialized, data_error: there is something left to do.
Term zlib_deflateEnd_nif_1(ExecState& p, Args a) {
    return with_stream_for(p, a[0], State::deflate, [&](ZlibStream& stream) { return outcome(p, stream.finish()); });
}
Term zlib_inflateEnd_nif_1(ExecState& p, Args a) {
    return with_stream_for(p, a[0], State::inflate, [&](ZlibStream& stream) { return outcome(p, stream.finish()); });
}

/// zlib:deflateParams_nif/3: another level and strategy from here on; ok. Fails: badarg, not_initialized, stream_error.
Term zlib_deflateParams_nif_3(ExecState& p, Args a) {
    int n[2];
    if (!ints_of(a, 1, n)) return p.badarg();
    return with_stream_for(p, a[0], State::deflate, [&](ZlibStream& stream) {
        // All has been flushed, so nothing comes out; without room for it zlib believes that there is more.
        Bytef byte;
        stream.z()->next_out = &byte;
        stream.z()->avail_out = 1;
        stream.z()->next_in = nullptr;
        stream.z()->avail_in = 0;
        const int status = deflateParams(stream.z(), n[0], n[1]);
        return outcome(p, stream.z()->avail_out == 0 ? Z_STREAM_ERROR : status);
    });
}

/// zlib:deflate_nif/4: compresses some of the input: {continue | finished, Output}. Fails: badarg, not_initialized, stream_error, data_error.
Term zlib_deflate_nif_4(ExecState& p, Args a) {
    int n[3];
    if (!ints_of(a, 1, n)) return p.badarg();
    return with_stream_for(p, a[0], State::deflate, [&](ZlibStream& stream) { return one_step(p, stream, a); });
}

/// zlib:inflateInit_nif/3: ok. Fails: badarg, already_initialized, stream_error.
Term zlib_inflateInit_nif_3(ExecState& p, Args a) {
    int n[2];  // window bits, what to do after the end
    if (!ints_of(a, 1, n)) return p.badarg();
    return with_stream(p, a[0], [&](ZlibStream& stream) {
        if (stream.state() != State::none) return raise(p, "already_initialized");
        return outcome(p, stream.begin_inflate(n[0], n[1]));
    });
}

/// zlib:inflateSetDictionary_nif/2: ok. Fails: badarg, not_initialized, stream_error, data_error.
Term zlib_inflateSetDictionary_nif_2(ExecState& p, Args a) {
    ByteBuffer bytes;
    if (as_magic<ZlibStream>(a[0]) == nullptr || !iolist_bytes(a[1], &bytes, UINT32_MAX)) return p.badarg();
    return with_stream_for(p, a[0], State::inflate, [&](ZlibStream& stream) {
        return outcome(p, inflateSetDictionary(stream.z(), bytes.data(), static_cast<uInt>(bytes.size())));
    });
}

/// zlib:inflateGetDictionary_nif/1: the last bytes that came out. Fails: badarg, not_initialized, stream_error.
Term zlib_inflateGetDictionary_nif_1(ExecState& p, Args a) {
    return with_stream_for(p, a[0], State::inflate, [&](ZlibStream& stream) {
        ByteBuffer bytes;
        if (!bytes.resize(kWindow)) return p.system_limit();
        uInt size = 0;
        const int status = inflateGetDictionary(stream.z(), bytes.data(), &size);
        if (status < 0) return outcome(p, status);
        bytes.shrink(size);
        return make_binary(p, bytes.text());
    });
}

/// zlib:inflate_nif/4: uncompresses some of the input: {continue | finished, Output}, {need_dictionary, Adler32, Output}. Fails: badarg,
/// not_initialized, data_error.
Term zlib_inflate_nif_4(ExecState& p, Args a) {
    int n[3];
    if (!ints_of(a, 1, n)) return p.badarg();
    return with_stream_for(p, a[0], State::inflate, [&](ZlibStream& stream) {
        const int status = stream.see_to_rest();
        return status == Z_OK ? one_step(p, stream, a) : outcome(p, status);
    });
}

/// zlib:crc32_nif/1: the CRC-32 of what went into, or came out of, a stream without header; else 0. Fails: badarg, not_initialized.
Term zlib_crc32_nif_1(ExecState& p, Args a) {
    return with_stream(p, a[0], [&](ZlibStream& stream) {
        const bool is_ready = stream.state() == State::deflate || stream.state() == State::inflate;
        return is_ready ? Term::small(stream.checksum()) : raise(p, "not_initialized");
    });
}

/// zlib:getStash_nif/1: {ok, Term} that was put there, or empty. Fails: badarg.
Term zlib_getStash_nif_1(ExecState& p, Args a) {
    return with_stream(p, a[0], [&](ZlibStream& stream) {
        const Term stash = stream.stash();
        if (stash.is_none()) return p.vm->atoms.intern("empty");
        auto heap = p.reserve(flat_size(stash, nullptr) + tuple_words(2));
        const Term copy = copy_term(stash, heap, nullptr);
        return heap.tuple(am::ok(), copy);
    });
}

/// zlib:clearStash_nif/1: ok. Fails: badarg; error if nothing is there.
Term zlib_clearStash_nif_1(ExecState& p, Args a) {
    return with_stream(p, a[0], [&](ZlibStream& stream) {
        if (stream.stash().is_none()) return p.error(am::error());
        stream.clear_stash();
        return am::ok();
    });
}

/// zlib:setStash_nif/2: keeps a term; ok. Fails: badarg; error if there is one.
Term zlib_setStash_nif_2(ExecState& p, Args a) {
    return with_stream(p, a[0], [&](ZlibStream& stream) {
        if (stream.stash().is_value()) return p.error(am::error());
        return stream.set_stash(a[1]) ? am::ok() : p.system_limit();
    });
}

/// zlib:getBufSize_nif/1, setBufSize_nif/2: how much zlib:inflateChunk/1 gives at once. Fails: badarg.
Term zlib_getBufSize_nif_1(ExecState& p, Args a) {
    return with_stream(p, a[0], [&](ZlibStream& stream) { return Term::small(stream.chunk_size); });
}
Term zlib_setBufSize_nif_2(ExecState& p, Args a) {
    return with_stream(p, a[0],
                       [&](ZlibStream& stream) { return int_of(a[1], &stream.chunk_size) ? am::ok() : p.badarg(); });
}

/// zlib:enqueue_nif/2: appends a list of binaries to the input: ok, or {continue, Rest}. Fails: badarg, not_initialized.
Term zlib_enqueue_nif_2(ExecState& p, Args a) {
    return with_stream(p, a[0], [&](ZlibStream& stream) {
        if (stream.state() != State::deflate && stream.state() != State::inflate) return raise(p, "not_initialized");
        Term binaries[kMostBinaries];
        size_t count = 0;
        Term list = a[1];
        for (; list.is_cons() && count < kMostBinaries; list = list.tail()) {
            if (!as_binary(list.head())) return p.badarg();
            binaries[count++] = list.head();
        }
        if (!list.is_list() || !stream.input().push({binaries, count})) return p.badarg();
        return list.is_nil() ? am::ok() : make_tuple2(p, am::continue_(), list);
    });
}

}  // namespace lintel
