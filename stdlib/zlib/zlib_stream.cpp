#include "stdlib/zlib/zlib_stream.h"

#include <algorithm>

#include "gc/copy.h"

namespace lintel {

ZlibStream::ZlibStream(Term owner) : Magic(&kMagicType), owner_(owner.word()) {
    z_.zalloc = [](void*, unsigned items, unsigned size) { return try_allocate(size_t{items} * size); };
    z_.zfree = [](void*, void* block) { release(block); };
    z_.data_type = Z_BINARY;
}

ZlibStream::~ZlibStream() { close(); }

void ZlibStream::begin(State state, int window_bits) {
    state_ = state;
    is_raw_ = window_bits < 0;
    at_end_ = false;
    checksum_ = 0;
}

int ZlibStream::begin_deflate(int level, int method, int window_bits, int memory_level, int strategy) {
    const int status = deflateInit2(&z_, level, method, window_bits, memory_level, strategy);
    if (status == Z_OK) begin(State::deflate, window_bits);
    return status;
}

int ZlibStream::begin_inflate(int window_bits, int after_end) {
    const int status = inflateInit2(&z_, window_bits);
    if (status == Z_OK) begin(State::inflate, window_bits);
    if (status == Z_OK) after_end_ = static_cast<AfterEnd>(after_end);
    return status;
}

void ZlibStream::forget_input() {
    input_.clear();
    clear_stash();
}

int ZlibStream::reset() {
    const int status = state_ == State::deflate ? deflateReset(&z_) : inflateReset(&z_);
    checksum_ = 0;
    at_end_ = false;
    forget_input();
    return status;
}

int ZlibStream::finish() {
    const bool is_whole = input_.empty() && (state_ == State::deflate || at_end_);
    const int status = state_ == State::deflate ? deflateEnd(&z_) : inflateEnd(&z_);
    forget_input();
    state_ = State::none;
    return status == Z_OK && !is_whole ? Z_DATA_ERROR : status;
}

void ZlibStream::close() {
    if (state_ == State::deflate) deflateEnd(&z_);
    if (state_ == State::inflate) inflateEnd(&z_);
    forget_input();
    state_ = State::closed;
}

int ZlibStream::see_to_rest() {
    if (!at_end_ || input_.empty()) return Z_OK;
    if (after_end_ == AfterEnd::error) return Z_DATA_ERROR;
    if (after_end_ == AfterEnd::cut) {
        forget_input();
        return Z_OK;
    }
    const int status = inflateReset(&z_);
    if (status == Z_OK) at_end_ = false;
    return status;
}

ZlibStream::Step ZlibStream::step(size_t limit, uint8_t* to, size_t room, int flush) {
    Step step{Z_OK};
    z_.next_out = to;
    z_.avail_out = static_cast<uInt>(room);
    while (step.status == Z_OK && !input_.empty() && step.consumed < limit) {
        const ChunkQueue::Chunk& first = input_.front();
        const size_t given = std::min(first.size, limit);
        z_.next_in = const_cast<Bytef*>(first.bytes());
        z_.avail_in = static_cast<uInt>(given);
        step.status = run(Z_NO_FLUSH);
        const size_t used = given - z_.avail_in;
        if (state_ == State::deflate && is_raw_)
            checksum_ = static_cast<uint32_t>(crc32(checksum_, first.bytes(), static_cast<uInt>(used)));
        step.consumed += used;
        input_.drop(used);
        if (used < given) break;
    }
    if (step.status == Z_OK && input_.empty() && z_.avail_out > 0) {
        // Also without a wish to flush: an earlier step may have filled its room.
        z_.next_in = nullptr;
        z_.avail_in = 0;
        step.status = run(flush);
    }
    step.produced = room - z_.avail_out;
    if (step.status == Z_STREAM_END) at_end_ = true;
    if (state_ == State::inflate && is_raw_)
        checksum_ = static_cast<uint32_t>(crc32(checksum_, to, static_cast<uInt>(step.produced)));
    return step;
}

bool ZlibStream::set_stash(Term t) {
    Term copy;
    stash_fragment_ = copy_to_fragment(t, &copy, nullptr);
    stash_ = copy;
    return copy.is_value();
}

void ZlibStream::clear_stash() {
    HeapFragment::destroy(stash_fragment_);
    stash_fragment_ = nullptr;
    stash_ = Term::none();
}

}  // namespace lintel
