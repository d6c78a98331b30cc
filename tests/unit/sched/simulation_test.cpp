/// A VM with a virtual clock, or a seed, with an engine whose programs are C++ functions.

#include "sched/simulation.h"

#include <algorithm>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/unit/sched/fake_engine.h"

namespace lintel {
namespace {

constexpr int64_t kSecond = 1000000000;

class SimulationTest : public testing::Test {
protected:
    Vm& make_vm(std::optional<uint64_t> seed, unsigned schedulers = 0) {
        VmConfig config;
        config.schedulers = schedulers;
        config.seed = seed;
        config.virtual_clock = true;
        config.platform.context = &lines;
        config.platform.schedule = [](void* record, const char* line, size_t length) {
            static_cast<std::string*>(record)->append(line, length).append("\n");
        };
        machine = std::make_unique<Vm>(config, engine);
        return *machine;
    }
    Term spawn() {
        SpawnOptions options;
        options.module = am::erlang();
        options.function = am::start();
        Vm::SpawnError error;
        const ForeignReader reader(machine->epochs);
        return machine->spawn(options, &error);
    }
    /// The order in which `count` processes come to their second slice.
    std::vector<Word> order(std::optional<uint64_t> seed, size_t count) {
        lines.clear();
        make_vm(seed);
        std::vector<Word> seen, ended;
        engine.program = [&](Process& p) {
            const Word me = p.self.imm_data();
            p.reductions = 0;
            if (std::find(seen.begin(), seen.end(), me) == seen.end()) return seen.push_back(me), RunResult::yielded;
            return ended.push_back(me), RunResult::exited;
        };
        for (size_t i = 0; i < count; ++i) spawn();
        machine->poll(INT64_MAX);
        return ended;
    }

    FakeEngine engine;
    std::string lines;
    std::unique_ptr<Vm> machine;
};

TEST_F(SimulationTest, without_a_seed_processes_run_in_the_order_in_which_they_became_ready) {
    EXPECT_EQ(order(std::nullopt, 5), (std::vector<Word>{0, 1, 2, 3, 4}));
}

TEST_F(SimulationTest, a_seed_decides_the_order_and_the_record_is_the_same_again) {
    const std::vector<Word> first = order(1, 8);
    const std::string record = lines;
    EXPECT_EQ(order(1, 8), first);
    EXPECT_EQ(lines, record);
    EXPECT_NE(record.find(" spawn <0.0.0> by host erlang:start/0\n"), std::string::npos) << record;
    size_t others = 0;
    for (uint64_t seed = 2; seed < 12; ++seed) others += order(seed, 8) != first ? 1 : 0;
    EXPECT_GE(others, 9u);
}

TEST_F(SimulationTest, time_goes_on_with_reductions_and_skips_to_the_next_timer) {
    Vm& vm = make_vm(std::nullopt);
    std::vector<int64_t> times;
    engine.program = [&](Process& p) {
        times.push_back(vm.raw_monotonic_ns());
        p.reductions -= 1000;
        times.push_back(vm.raw_monotonic_ns());
        return RunResult::exited;
    };
    EXPECT_EQ(vm.raw_monotonic_ns(), 0);
    EXPECT_EQ(vm.os_system_ns(), Vm::kHiddenTimeNs);
    spawn();
    vm.poll(INT64_MAX);
    ASSERT_EQ(times.size(), 2u);
    EXPECT_EQ(times[0], 0);
    EXPECT_EQ(times[1], 100000);
    Timer timer;
    bool fired = false;
    timer.data = &fired;
    timer.fire = [](Timer& t, void*) { *static_cast<bool*>(t.data) = true; };
    vm.scheduler(0).start_timer(timer, 3600000);
    // One poll skips to a place on the way, at which the wheel has work to do, or to the end.
    for (int polls = 0; polls < 10 && !fired; ++polls) {
        const int64_t next = vm.poll(INT64_MAX).next_timer_ns;
        EXPECT_EQ(next, fired ? -1 : 0);
    }
    EXPECT_TRUE(fired);
    EXPECT_NEAR(static_cast<double>(vm.raw_monotonic_ns()), 3600.0 * kSecond, 0.01 * kSecond);
}

TEST_F(SimulationTest, the_time_limit_of_who_waits_outside_is_virtual_too) {
    Vm& vm = make_vm(1);
    engine.program = [](Process&) { return RunResult::waiting; };
    spawn();
    EXPECT_FALSE(vm.wait_outside([] { return false; }, 100 * kSecond));
    EXPECT_GE(vm.raw_monotonic_ns(), 100 * kSecond);
    EXPECT_LT(vm.raw_monotonic_ns(), 101 * kSecond);
}

TEST_F(SimulationTest, timers_that_are_due_at_once_fire_in_an_order_that_the_seed_decides) {
    std::vector<std::vector<int>> orders;
    for (uint64_t seed = 0; seed < 20; ++seed) {
        Vm& vm = make_vm(seed);
        std::vector<int> fired;
        struct Numbered {
            Timer timer;
            int number;
            std::vector<int>* to;
        };
        Numbered timers[4];
        for (int i = 0; i < 4; ++i) {
            timers[i].number = i;
            timers[i].to = &fired;
            timers[i].timer.data = &timers[i];
            timers[i].timer.fire = [](Timer& t, void*) {
                auto& n = *static_cast<Numbered*>(t.data);
                n.to->push_back(n.number);
            };
            vm.scheduler(0).start_timer(timers[i].timer, 10);
        }
        vm.wait_outside([&] { return fired.size() == 4; }, kSecond);
        ASSERT_EQ(fired.size(), 4u);
        if (std::find(orders.begin(), orders.end(), fired) == orders.end()) orders.push_back(fired);
    }
    EXPECT_GE(orders.size(), 8u);  // of 24
}

TEST_F(SimulationTest, a_deadlock_ends_a_program_that_nobody_else_drives) {
    Vm& vm = make_vm(1, 1);
    engine.program = [](Process&) { return RunResult::waiting; };
    spawn();
    EXPECT_EQ(vm.run_until_halt(), 1);
    EXPECT_TRUE(vm.is_halted());
}

TEST_F(SimulationTest, chance_follows_from_the_seed) {
    const uint64_t first = make_vm(5).random_word();
    EXPECT_EQ(make_vm(5).random_word(), first);
    EXPECT_NE(make_vm(6).random_word(), first);
}

}  // namespace
}  // namespace lintel
