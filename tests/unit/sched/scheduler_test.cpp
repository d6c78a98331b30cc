/// Scheduling with an engine whose programs are C++ functions: wake-ups between threads, spawning and ending, dirty threads.

#include <thread>

#include "gtest/gtest.h"
#include "tests/unit/sched/fake_engine.h"

namespace lintel {
namespace {

class SchedulerTest : public testing::Test {
protected:
    Vm& make_vm(unsigned schedulers, unsigned dirty = 0) {
        VmConfig config;
        config.schedulers = schedulers;
        config.dirty_io_schedulers = dirty;
        made_vm = std::make_unique<Vm>(config, fake_engine);
        return *made_vm;
    }
    Term spawn(Process* parent = nullptr) {
        SpawnOptions options;
        options.module = am::erlang();
        options.function = am::start();
        options.parent = parent;
        Vm::SpawnError error;
        if (parent != nullptr) return made_vm->spawn(options, &error);
        const ForeignReader reader(made_vm->epochs);
        return made_vm->spawn(options, &error);
    }
    void send(Term to, int64_t n) {
        const ForeignReader reader(made_vm->epochs);
        bool no_memory = false;
        Process* p = made_vm->processes.find(to);
        ASSERT_NE(p, nullptr);
        made_vm->send_message(*p, Term::small(n), &no_memory);
    }

    FakeEngine fake_engine;
    std::unique_ptr<Vm> made_vm;
};

/// Gives the process's next message to `f`; false if it has to wait.
template <typename F>
bool with_message(Process& p, F f) {
    const Host& host = *p.vm->host;
    for (;;) {
        const Term m = host.peek_message(p);
        if (m.is_value()) {
            host.remove_message(p);
            f(m.to_small());
            return true;
        }
        if (!host.wait(p)) return false;
    }
}

TEST_F(SchedulerTest, frees_leftovers_between_slices_and_all_before_it_rests) {
    struct Item : Leftovers::Item {
        Item(int& calls_left, bool& is_gone) : left(calls_left), gone(is_gone) {}
        ~Item() override { gone = true; }
        bool free_some() override { return --left == 0; }
        int& left;
        bool& gone;
    };
    Vm& vm = make_vm(0);
    int slices = 0;
    fake_engine.program = [&](Process&) { return ++slices == 5 ? RunResult::exited : RunResult::yielded; };
    spawn();
    int left = 10;
    bool gone = false;
    vm.leftovers.add(std::make_unique<Item>(left, gone));
    vm.scheduler(0).run(1);
    EXPECT_EQ(slices, 1);
    EXPECT_EQ(left, 9);
    vm.scheduler(0).run(INT64_MAX);
    EXPECT_EQ(slices, 5);
    EXPECT_TRUE(gone);
    EXPECT_FALSE(vm.leftovers.any());
}

TEST_F(SchedulerTest, tokens_go_round_and_no_wake_up_is_lost) {
    constexpr size_t kProcesses = 7, kTokens = 3;
    constexpr int64_t kHops = 20000;
    Vm& vm = make_vm(3);
    std::vector<Term> ring;
    std::atomic<size_t> ended{0};
    fake_engine.program = [&](Process& p) {
        for (int n = 0; n < 5; ++n) {
            const bool got = with_message(p, [&](int64_t hops) {
                if (hops == 0) {
                    if (++ended == kTokens) vm.halt(0);
                    return;
                }
                const size_t next = (p.self.imm_data() + 1) % kProcesses;
                bool no_memory = false;
                vm.send_message(*vm.processes.find(ring[next]), Term::small(hops - 1), &no_memory);
            });
            if (!got) return RunResult::waiting;
        }
        return RunResult::yielded;
    };
    for (size_t i = 0; i < kProcesses; ++i) ring.push_back(spawn());
    std::sort(ring.begin(), ring.end(),
              [](Term a, Term b) { return a.imm_data() % kProcesses < b.imm_data() % kProcesses; });
    vm.start();
    for (size_t i = 0; i < kTokens; ++i) send(ring[i], kHops);
    EXPECT_EQ(vm.run_until_halt(), 0);
    vm.stop();
    EXPECT_EQ(ended, kTokens);
}

TEST_F(SchedulerTest, processes_that_spawn_and_end_leave_nothing) {
    constexpr int kTotal = 20000;
    Vm& vm = make_vm(3);
    std::atomic<int> spawned{1}, ended{0};
    fake_engine.program = [&](Process& p) {
        for (int i = 0; i < 2; ++i) {
            if (spawned.fetch_add(1) < kTotal) {
                EXPECT_TRUE(spawn(&p).is_value());
            } else {
                spawned.fetch_sub(1);
            }
        }
        if (++ended == kTotal) vm.halt(0);
        p.reason = am::normal();
        p.exception_class = ExceptionClass::exit;
        return RunResult::exited;
    };
    spawn();
    vm.start();
    vm.run_until_halt();
    vm.stop();
    EXPECT_EQ(ended, kTotal);
    EXPECT_LE(vm.processes.count(), 3u);  // those whose slice the halt cut short
}

TEST_F(SchedulerTest, kill_reaches_processes_in_every_state) {
    constexpr int kProcesses = 2000;
    Vm& vm = make_vm(3);
    fake_engine.program = [&](Process& p) {
        if (p.self.imm_data() % 2 == 0) return RunResult::yielded;
        return with_message(p, [](int64_t) {}) ? RunResult::yielded : RunResult::waiting;
    };
    std::vector<Term> pids;
    pids.reserve(kProcesses);
    vm.start();
    for (int i = 0; i < kProcesses; ++i) pids.push_back(spawn());
    const auto signal_all = [&](Term reason) {
        for (const Term pid : pids) {
            auto* s = make_signal<ControlSignal>(SignalKind::exit, tuple_words(3));
            s->from = pid;
            {
                HeapBuilder heap(s->fragment);
                s->term = heap.tuple(am::EXIT(), pid, reason);
            }
            vm.deliver(pid, s);
        }
    };
    std::thread other([&] { signal_all(am::kill()); });
    signal_all(am::shutdown());
    other.join();
    for (int i = 0; i < 10000 && vm.processes.count() != 0; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    EXPECT_EQ(vm.processes.count(), 0u);
    vm.stop();
}

TEST_F(SchedulerTest, a_dirty_call_runs_on_a_dirty_thread_and_comes_back) {
    constexpr int kProcesses = 20;
    Vm& vm = make_vm(2, 3);
    std::atomic<int> done{0}, there{0}, wrong{0};
    struct Stage {
        std::atomic<int> n{0};
    };
    std::vector<Stage> stages(kProcesses);
    fake_engine.program = [&](Process& p) {
        switch (stages[p.self.imm_data() % kProcesses].n++) {
            case 0:
                if (p.on_dirty) ++wrong;
                p.dirty_wanted = DirtyKind::io;
                return RunResult::yielded;
            case 1:
                if (!p.on_dirty) ++wrong;
                ++there;
                return RunResult::yielded;
            default:
                if (p.on_dirty) ++wrong;
                if (++done == kProcesses) vm.halt(0);
                return RunResult::waiting;
        }
    };
    vm.start();
    for (int i = 0; i < kProcesses; ++i) spawn();
    vm.run_until_halt();
    vm.stop();
    EXPECT_EQ(done, kProcesses);
    EXPECT_EQ(there, kProcesses);
    EXPECT_EQ(wrong, 0);
}

TEST_F(SchedulerTest, schedulers_that_are_not_online_run_nothing) {
    Vm& vm = make_vm(3);
    std::atomic<int> ran[3] = {};
    std::atomic<bool> stop{false};
    fake_engine.program = [&](Process& p) {
        ++ran[p.scheduler->index];
        return stop ? RunResult::waiting : RunResult::yielded;
    };
    vm.set_schedulers_online(1);
    for (int i = 0; i < 12; ++i) spawn();
    vm.start();
    while (ran[0] < 1000) std::this_thread::yield();
    EXPECT_EQ(ran[1] + ran[2], 0);
    vm.set_schedulers_online(3);
    while (ran[1] == 0 || ran[2] == 0) std::this_thread::yield();
    stop = true;
    vm.stop();
}

}  // namespace
}  // namespace lintel
