#include "base/event_loop.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>

namespace lintel {
namespace {

struct Recorder : EventLoop::Handler {
    void ready(unsigned events) override {
        last = events;
        ++calls;
    }
    void program_exited(int64_t exit_status, int exit_signal) override {
        status = exit_status;
        signal = exit_signal;
        has_exited = true;
    }
    std::atomic<unsigned> last{0};
    std::atomic<int> calls{0};
    int64_t status = -1;
    int signal = -1;
    bool has_exited = false;
};

struct EventLoopTest : testing::Test {
    void SetUp() override { ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0); }
    void TearDown() override {
        if (watch != nullptr) loop.close(watch);
        if (ends[1] >= 0) close(ends[1]);
    }
    void begin() {
        int error = 0;
        watch = loop.watch(ends[0], handler, &error);
        ASSERT_NE(watch, nullptr) << error;
    }
    bool run(int64_t timeout_ms) {
        return loop.run(timeout_ms, [] {});
    }

    int ends[2] = {-1, -1};
    EventLoop loop;
    std::shared_ptr<Recorder> handler = std::make_shared<Recorder>();
    EventLoop::Watch* watch = nullptr;
};

TEST_F(EventLoopTest, is_nothing_until_it_is_used) {
    EXPECT_FALSE(loop.is_used());
    EXPECT_FALSE(run(0));
    begin();
    EXPECT_TRUE(loop.is_used());
    loop.close(watch);
    watch = nullptr;
    EXPECT_FALSE(loop.is_used());
}

TEST_F(EventLoopTest, tells_once_for_each_wish) {
    begin();
    ASSERT_EQ(write(ends[1], "x", 1), 1);
    EXPECT_TRUE(run(0));
    EXPECT_EQ(handler->calls, 0);  // nobody has wanted anything
    loop.want(watch, EventLoop::kReadable);
    EXPECT_TRUE(run(1000));
    EXPECT_EQ(handler->calls, 1);
    EXPECT_EQ(handler->last, EventLoop::kReadable);
    EXPECT_TRUE(run(0));
    EXPECT_TRUE(run(0));
    EXPECT_EQ(handler->calls, 1);
    loop.want(watch, EventLoop::kReadable);
    EXPECT_TRUE(run(1000));
    EXPECT_EQ(handler->calls, 2);
}

TEST_F(EventLoopTest, what_is_not_wanted_any_more_is_not_told) {
    begin();
    loop.want(watch, EventLoop::kReadable);
    loop.want_no_longer(watch, EventLoop::kReadable);
    ASSERT_EQ(write(ends[1], "x", 1), 1);
    EXPECT_TRUE(run(0));
    EXPECT_TRUE(run(0));
    EXPECT_EQ(handler->calls, 0);
}

TEST_F(EventLoopTest, the_end_of_a_pipe_is_told) {
    begin();
    loop.want(watch, EventLoop::kReadable);
    close(ends[1]);
    ends[1] = -1;
    EXPECT_TRUE(run(1000));
    EXPECT_EQ(handler->calls, 1);
}

TEST_F(EventLoopTest, a_regular_file_is_always_ready) {
    const int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    ASSERT_GE(fd, 0);
    int error = 0;
    EventLoop::Watch* file = loop.watch(fd, handler, &error);
    ASSERT_NE(file, nullptr) << error;
    EXPECT_TRUE(run(0));
    EXPECT_EQ(handler->calls, 0);
    for (int i = 1; i <= 2; ++i) {
        loop.want(file, EventLoop::kReadable);
        EXPECT_TRUE(run(1000));
        EXPECT_EQ(handler->calls, i);
    }
    loop.close(file);
    close(ends[0]);
}

TEST_F(EventLoopTest, who_sleeps_is_woken_by_wishes_and_can_be_closed_under) {
    begin();
    std::atomic<bool> stop{false};
    std::thread sleeper([&] {
        while (!stop) run(60000);
    });
    for (int i = 1; i <= 100; ++i) {
        ASSERT_EQ(write(ends[1], "x", 1), 1);
        loop.want(watch, EventLoop::kReadable);
        while (handler->calls < i) std::this_thread::yield();
        char byte;
        ASSERT_EQ(read(ends[0], &byte, 1), 1);
    }
    loop.close(watch);
    watch = nullptr;
    stop = true;
    loop.wake();
    sleeper.join();
}

TEST_F(EventLoopTest, programs_end) {
    begin();
    const auto outcome = [this](const char* command) {
        EventLoop::Program program;
        program.file = "/bin/sh";
        program.arguments = {"sh", "-c", command};
        program.descriptors = {-1, -1, 2};
        const auto child = std::make_shared<Recorder>();
        int pid = 0;
        EXPECT_EQ(loop.start(program, child, &pid), 0);
        EXPECT_GT(pid, 0);
        for (int i = 0; i < 200 && !child->has_exited; ++i) run(100);
        return std::pair(child->status, child->signal);
    };
    EXPECT_EQ(outcome("exit 7"), std::pair(int64_t{7}, 0));
    EXPECT_EQ(outcome("kill -9 $$").second, 9);
    EventLoop::Program missing;
    missing.file = "/no/such/program";
    missing.arguments = {"x"};
    int pid = 0;
    EXPECT_EQ(loop.start(missing, handler, &pid), ENOENT);
}

}  // namespace
}  // namespace lintel
