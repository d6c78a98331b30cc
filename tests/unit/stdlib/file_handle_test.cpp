#include "stdlib/file/file_handle.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <thread>

#include "stdlib/file/working_directory.h"
#include "stdlib/posix_error.h"

namespace lintel {
namespace {

using namespace std::chrono_literals;

bool is_open(int fd) { return fcntl(fd, F_GETFD) != -1; }

class FileHandles : public testing::Test {
protected:
    FileHandles() {
        char name[] = "/tmp/lintel_unit_XXXXXX";
        directory = mkdtemp(name);
    }
    ~FileHandles() override {
        const std::string command = "rm -r " + directory;
        EXPECT_EQ(system(command.c_str()), 0);
    }
    std::string at(const char* name) const { return directory + "/" + name; }
    /// A new, empty file.
    FileHandle* make_file(bool is_adopted = false) {
        const int fd = open(at("f").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        return new FileHandle(files, fd, false, is_adopted);
    }
    /// A handle of the end of a pipe that is to be read; the other in *writer.
    FileHandle* make_pipe(int* writer, bool is_adopted = false) {
        int fds[2];
        EXPECT_EQ(pipe2(fds, O_CLOEXEC), 0);
        *writer = fds[1];
        return new FileHandle(files, fds[0], true, is_adopted);
    }

    std::string directory;
    std::shared_ptr<OpenFiles> files = std::make_shared<OpenFiles>();
};

TEST_F(FileHandles, write_gathers_and_read_stops_at_the_end) {
    FileHandle* file = make_file();
    {
        const FileHandle::Use use(*file);
        ASSERT_TRUE(use);
        std::vector<iovec> pieces;
        const std::string text = "0123456789";
        for (size_t i = 0; i < 5000; ++i) pieces.push_back({const_cast<char*>(text.data()), i % 11});
        size_t size = 0;
        for (const iovec& p : pieces) size += p.iov_len;
        EXPECT_EQ(file->write(pieces), static_cast<ssize_t>(size));
        EXPECT_EQ(file->bytes_after(0), static_cast<int64_t>(size));
        EXPECT_EQ(file->bytes_after(100), static_cast<int64_t>(size) - 100);
        EXPECT_EQ(file->bytes_after(1 << 30), 0);
        std::vector<uint8_t> back(size + 100);
        EXPECT_EQ(file->read_at(back.data(), back.size(), 0), static_cast<ssize_t>(size));
        EXPECT_EQ(file->read(back.data(), back.size()), 0);
        EXPECT_EQ(memcmp(back.data() + 1, "01012", 3), 0);
    }
    EXPECT_EQ(file->close(), 0);
    EXPECT_EQ(file->close(), EINVAL);
    file->release_reference();
}

TEST_F(FileHandles, one_uses_it_at_a_time) {
    FileHandle* file = make_file();
    {
        const FileHandle::Use first(*file);
        const FileHandle::Use second(*file);
        EXPECT_TRUE(first);
        EXPECT_FALSE(second);
        EXPECT_EQ(file->close(), EINVAL);
    }
    EXPECT_TRUE(FileHandle::Use(*file));
    file->release_reference();
}

TEST_F(FileHandles, the_last_reference_closes_what_was_not_open_before) {
    FileHandle* file = make_file();
    const int fd = file->fd();
    file->release_reference();
    EXPECT_FALSE(is_open(fd));
    FileHandle* adopted = make_file(true);
    const int kept = adopted->fd();
    adopted->release_reference();
    EXPECT_TRUE(is_open(kept));
    close(kept);
}

TEST_F(FileHandles, an_owner_that_ends_closes_when_the_user_is_done) {
    FileHandle* file = make_file();
    const int fd = file->fd();
    {
        const FileHandle::Use use(*file);
        EXPECT_EQ(file->take_fd(), -1);
        EXPECT_EQ(file->take_fd(), -1);
        EXPECT_TRUE(is_open(fd));
    }
    EXPECT_FALSE(is_open(fd));
    EXPECT_FALSE(FileHandle::Use(*file));
    EXPECT_EQ(file->close(), EINVAL);
    file->release_reference();
}

TEST_F(FileHandles, close_and_use_race_without_harm) {
    for (int i = 0; i < 300; ++i) {
        FileHandle* file = make_file();
        std::atomic<int> closed{0};
        const auto work = [&] {
            for (;;) {
                {
                    const FileHandle::Use use(*file);
                    uint8_t byte;
                    if (use && file->read_at(&byte, 1, 0) < 0) ADD_FAILURE() << errno;
                }
                const int error = file->close();
                if (error == 0) ++closed;
                if (error == 0 || closed != 0) return;
            }
        };
        std::thread a(work), b(work);
        a.join();
        b.join();
        EXPECT_EQ(closed, 1);
        file->release_reference();
    }
}

TEST_F(FileHandles, a_pipe_is_waited_for_until_it_ends) {
    for (const bool is_adopted : {false, true}) {
        int writer;
        FileHandle* file = make_pipe(&writer, is_adopted);
        std::thread other([writer] {
            for (int i = 0; i < 10; ++i) {
                std::this_thread::sleep_for(2ms);
                EXPECT_EQ(::write(writer, "abc", 3), 3);
            }
            ::close(writer);
        });
        {
            const FileHandle::Use use(*file);
            std::array<uint8_t, 100> back;
            EXPECT_EQ(file->read(back.data(), 7), 7);
            EXPECT_EQ(file->read(back.data(), back.size()), 23);
        }
        other.join();
        EXPECT_EQ(file->close(), 0);
        file->release_reference();
    }
}

TEST_F(FileHandles, no_wait_outlasts_the_vm) {
    int writer;
    FileHandle* file = make_pipe(&writer);
    const std::string fifo = at("fifo");
    ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
    const auto here = std::make_shared<const WorkingDirectory::Place>(AT_FDCWD);
    std::thread reader([&] {
        const FileHandle::Use use(*file);
        uint8_t byte;
        EXPECT_EQ(file->read(&byte, 1), -1);
        EXPECT_EQ(errno, ECANCELED);
    });
    std::thread opener([&] {
        EXPECT_EQ(files->open(here, fifo.c_str(), O_RDONLY | O_CLOEXEC, 0), -1);
        EXPECT_EQ(errno, ECANCELED);
    });
    std::this_thread::sleep_for(10ms);
    files->stop();
    reader.join();
    opener.join();
    EXPECT_FALSE(files->wait(writer, POLLIN));
    // Lets the thread go that still waits for the pipe's other end.
    close(open(fifo.c_str(), O_RDWR | O_CLOEXEC));
    file->release_reference();
    close(writer);
}

TEST_F(FileHandles, a_named_pipe_opens_when_its_other_end_does) {
    const std::string fifo = at("fifo");
    ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
    const auto here = std::make_shared<const WorkingDirectory::Place>(AT_FDCWD);
    int reader = -1;
    std::thread other([&] { reader = files->open(here, fifo.c_str(), O_RDONLY | O_CLOEXEC, 0); });
    const int writer = files->open(here, fifo.c_str(), O_WRONLY | O_CLOEXEC, 0);
    other.join();
    ASSERT_GE(reader, 0);
    ASSERT_GE(writer, 0);
    close(reader);
    // Nobody reads it: an error, no signal.
    FileHandle* file = new FileHandle(files, writer, true, false);
    {
        const FileHandle::Use use(*file);
        iovec piece{const_cast<char*>("x"), 1};
        EXPECT_EQ(file->write({&piece, 1}), -1);
        EXPECT_EQ(errno, EPIPE);
    }
    file->release_reference();
}

TEST_F(FileHandles, the_working_directory_is_not_the_programs) {
    WorkingDirectory directories;
    std::string path, program;
    ASSERT_EQ(directories.path(&program), 0);
    EXPECT_EQ(directories.place()->fd(), AT_FDCWD);
    ASSERT_EQ(mkdir(at("in").c_str(), 0700), 0);
    EXPECT_EQ(directories.set(at("none").c_str()), ENOENT);
    EXPECT_EQ(directories.set(directory.c_str()), 0);
    EXPECT_EQ(directories.path(&path), 0);
    EXPECT_EQ(path, directory);
    EXPECT_EQ(directories.set("in"), 0);
    EXPECT_EQ(directories.path(&path), 0);
    EXPECT_EQ(path, at("in"));
    const auto before = directories.place();
    EXPECT_EQ(directories.set(".."), 0);
    EXPECT_TRUE(is_open(before->fd()));
    ASSERT_EQ(rmdir(at("in").c_str()), 0);
    EXPECT_EQ(directories.set("in"), ENOENT);
    char now[4096];
    EXPECT_EQ(getcwd(now, sizeof now), program);
}

TEST(PosixError, names) {
    EXPECT_EQ(posix_name(ENOENT), "enoent");
    EXPECT_EQ(posix_name(E2BIG), "e2big");
    EXPECT_EQ(posix_name(EWOULDBLOCK), "eagain");
    EXPECT_EQ(posix_name(EOPNOTSUPP), "enotsup");
    EXPECT_EQ(posix_name(EDEADLOCK), "edeadlk");
    EXPECT_EQ(posix_name(-1), "unknown");
    EXPECT_EQ(posix_name(0), "unknown");
    // The system knows no error that we have no name for.
    for (int error = 1; error < 200; ++error)
        EXPECT_EQ(posix_name(error) == "unknown", strerrorname_np(error) == nullptr) << error;
}

}  // namespace
}  // namespace lintel
