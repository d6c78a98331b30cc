#pragma once
/// OpenFiles: the files that the processes of one VM have opened: who owns which, and how a wait for a pipe or a terminal ends.

#include <memory>
#include <mutex>
#include <string>

#include "sched/vm.h"
#include "sched/word_map.h"
#include "stdlib/file/working_directory.h"

namespace lintel {

class FileHandle;

/// Any thread.
class OpenFiles {
public:
    OpenFiles() = default;
    OpenFiles(const OpenFiles&) = delete;
    OpenFiles& operator=(const OpenFiles&) = delete;
    ~OpenFiles();

    /// `file` is closed when process `owner` ends. On the owner's thread.
    void add(FileHandle& file, Term owner);
    /// `file` is closed, or nobody can reach it any more.
    void remove(FileHandle& file);

    /// A copy of descriptor `fd` of a file that `owner`, who runs, has opened; -1 with errno set.
    int duplicate(Term owner, int fd);

    /// openat(2), in which a named pipe may have to wait for its other end. The file descriptor, or -1 with errno set.
    int open(const std::shared_ptr<const WorkingDirectory::Place>& at, const char* path, int flags, unsigned mode);
    /// Waits until poll(2) tells one of `events` of `fd`. False: the VM stops first, or poll fails.
    bool wait(int fd, short events);
    /// No wait lasts from now on.
    void stop();

    /// Vm::exit_hooks.
    static void process_exits(Process& p);

private:
    int stop_fd();
    int open_pipe(const std::shared_ptr<const WorkingDirectory::Place>& at, const char* path, int flags, unsigned mode);

    std::mutex mutex_;
    WordMap<FileHandle*> by_owner_;  // pid -> the first of a list
    std::atomic<size_t> owners_{0};  // by_owner_.size(), for a look without the mutex
    int stop_fd_ = -1;               // an eventfd, once somebody waits
    bool stopped_ = false;
};

}  // namespace lintel
