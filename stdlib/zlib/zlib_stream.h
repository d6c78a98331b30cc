#pragma once
/// ZlibStream: what zlib:open/0 returns. It belongs to one process at a time, which is the only one to touch it; only who that is may be
/// asked by others.

#include <zlib.h>

#include "gc/heap.h"
#include "stdlib/chunk_queue.h"

namespace lintel {

class ZlibStream final : public Magic {
public:
    static inline const char kMagicType = 0;
    enum class State : uint8_t { none, deflate, inflate, closed };
    /// What comes of input behind the end of a compressed stream; the numbers are those of zlib's Erlang code.
    enum class AfterEnd : int { error = 0, reset = 1, cut = 2 };
    /// What one step has done.
    struct Step {
        int status;  ///< zlib's
        size_t consumed = 0, produced = 0;
    };

    explicit ZlibStream(Term owner);
    ~ZlibStream() override;

    bool belongs_to(Term pid) const { return owner_.load(std::memory_order_acquire) == pid.word(); }
    void give_to(Term pid) { owner_.store(pid.word(), std::memory_order_release); }

    // ---- all below: its process. Results are zlib's codes
    State state() const { return state_; }
    z_stream* z() { return &z_; }
    bool is_raw() const { return is_raw_; }
    /// Of what was, or will be, compressed, if there is no header that has it.
    uint32_t checksum() const { return checksum_; }

    int begin_deflate(int level, int method, int window_bits, int memory_level, int strategy);
    int begin_inflate(int window_bits, int after_end);
    /// Back to the beginning; what is still to be worked on is forgotten.
    int reset();
    /// Z_DATA_ERROR also if not all has been worked on.
    int finish();
    void close();

    ChunkQueue& input() { return input_; }
    /// Before inflate goes on: sees to input behind the end of the stream.
    int see_to_rest();
    /// Works on at most about `limit` bytes of the input; what is there for output is flushed when there is no more input.
    Step step(size_t limit, uint8_t* to, size_t room, int flush);

    /// A term that Erlang code keeps here; none: nothing.
    Term stash() const { return stash_; }
    /// False: there is no memory for it.
    bool set_stash(Term t);
    void clear_stash();

    int chunk_size = 4000;  ///< of zlib:inflateChunk/1

private:
    void begin(State state, int window_bits);
    int run(int flush) { return state_ == State::deflate ? deflate(&z_, flush) : inflate(&z_, flush); }
    void forget_input();

    z_stream z_{};
    State state_ = State::none;
    AfterEnd after_end_ = AfterEnd::cut;
    bool is_raw_ = false;
    bool at_end_ = false;  ///< of a stream that is inflated
    uint32_t checksum_ = 0;
    std::atomic<Word> owner_;
    ChunkQueue input_;
    HeapFragment* stash_fragment_ = nullptr;
    Term stash_;
};

}  // namespace lintel
