#pragma once
/// FileHandle: an open file as prim_file's natives see it.
///
///             use                    close, or the owner ends
///     idle ---------> busy     idle ------------------------> closed
///          <---------
///             done             busy --the owner ends--> close_pending --done--> closed
///
/// One process uses it at a time; for another it is meanwhile as if it were closed. Who takes it to `closed` closes the file
/// descriptor, so nobody ever works on one that is somebody else's by now.

#include <sys/uio.h>

#include "stdlib/file/open_files.h"

namespace lintel {

class FileHandle final : public Magic {
public:
    static inline const char kMagicType = 0;
    /// Takes over `fd`. is_stream: one may have to wait for it, as for a pipe, without end; it is made not to block, unless is_adopted.
    /// is_adopted: it was open before and others may use it; it does not go with the last reference to the handle.
    FileHandle(std::shared_ptr<OpenFiles> files, int fd, bool is_stream, bool is_adopted);
    ~FileHandle() override;

    /// The right to work on the file until it goes; false: it is closed, or somebody else has it.
    class Use {
    public:
        explicit Use(FileHandle& file) : file_(file.begin_use() ? &file : nullptr) {}
        ~Use() {
            if (file_ != nullptr) file_->end_use();
        }
        Use(const Use&) = delete;
        Use& operator=(const Use&) = delete;
        explicit operator bool() const { return file_ != nullptr; }

    private:
        FileHandle* const file_;
    };

    // ---- while it is used. Bytes, or -1 with errno set
    int fd() const { return fd_; }
    /// Reads `count` bytes; fewer: the file ends.
    ssize_t read(uint8_t* to, size_t count);
    /// The same from a place.
    ssize_t read_at(uint8_t* to, size_t count, int64_t offset);
    /// As read_at, or for an offset of -1 as read, if all of it is in the system's cache: it does not wait. -1 if not, or if fewer could be had
    /// than that; the file is where it was.
    ssize_t read_cached(uint8_t* to, size_t count, int64_t offset);
    /// Writes all of `pieces`, which it changes.
    ssize_t write(std::span<iovec> pieces);
    ssize_t write_at(std::span<iovec> pieces, int64_t offset);
    /// What there is to be read from `offset` on, or -1: nobody knows.
    int64_t bytes_after(int64_t offset) const;

    // ---- any time
    /// 0, or an errno value: EINVAL if it is closed or used.
    int close();
    /// Closes it for its owner: the file descriptor, which the caller closes, or -1 if there is nothing left for it to do.
    int take_fd();

    // ---- of OpenFiles, under its lock
    Term owner;
    FileHandle* next = nullptr;
    FileHandle* previous = nullptr;

private:
    enum class State : uint8_t { idle, busy, close_pending, closed };
    bool begin_use();
    void end_use();
    bool change(State from, State to) {
        return state_.compare_exchange_strong(from, to, std::memory_order_acq_rel, std::memory_order_acquire);
    }
    /// Calls `transfer` until it has moved `pieces`, or does no more.
    template <typename Transfer>
    ssize_t drive(std::span<iovec> pieces, short events, Transfer transfer);

    const std::shared_ptr<OpenFiles> files_;
    /// Whether the file system is all memory, so that nothing waits for a device.
    bool is_memory();

    const int fd_;
    const bool is_stream_, is_adopted_;
    enum class Device : uint8_t {
        unknown,
        memory,
        other
    } device_ = Device::unknown;  ///< of the file system; while it is used
    std::atomic<State> state_{State::idle};
};

}  // namespace lintel
