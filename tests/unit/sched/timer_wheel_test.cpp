#include "sched/timer_wheel.h"

#include <map>
#include <memory>
#include <random>
#include <vector>

#include "gtest/gtest.h"

namespace lintel {
namespace {

struct Fired {
    Timer timer;
    uint64_t wanted = 0;
    static void fire(Timer& t, void* context) {
        static_cast<std::vector<Fired*>*>(context)->push_back(static_cast<Fired*>(t.data));
    }
    explicit Fired(uint64_t deadline) : wanted(deadline) {
        timer.fire = fire;
        timer.data = this;
    }
};

TEST(TimerWheel, fires_in_order_of_deadlines_and_of_starts) {
    TimerWheel wheel(0);
    std::vector<std::unique_ptr<Fired>> timers;
    for (const uint64_t at : {70000u, 5u, 300u, 5u, 256u, 255u, 1u, 16384u}) {
        timers.push_back(std::make_unique<Fired>(at));
        wheel.start(timers.back()->timer, at);
    }
    std::vector<Fired*> fired;
    wheel.advance(100000, &fired);
    std::vector<uint64_t> order;
    for (const Fired* f : fired) order.push_back(f->wanted);
    EXPECT_EQ(order, (std::vector<uint64_t>{1, 5, 5, 255, 256, 300, 16384, 70000}));
    EXPECT_EQ(fired[1], timers[1].get());
    EXPECT_EQ(wheel.count(), 0u);
    EXPECT_EQ(wheel.next_due(), TimerWheel::kNever);
}

TEST(TimerWheel, a_past_deadline_fires_at_the_next_tick) {
    TimerWheel wheel(1000);
    Fired late(5);
    wheel.start(late.timer, 5);
    EXPECT_EQ(wheel.next_due(), 1001u);
    std::vector<Fired*> fired;
    EXPECT_EQ(wheel.advance(1001, &fired), 1u);
}

TEST(TimerWheel, random_starts_and_cancels_agree_with_a_map) {
    std::mt19937_64 random(7);
    TimerWheel wheel(12345);
    std::multimap<uint64_t, Fired*> model;
    std::vector<std::unique_ptr<Fired>> timers;
    uint64_t now = 12345;
    for (int round = 0; round < 4000; ++round) {
        const uint64_t range = uint64_t{1} << (random() % 34);
        const uint64_t deadline = now + 1 + random() % range;
        timers.push_back(std::make_unique<Fired>(deadline));
        wheel.start(timers.back()->timer, deadline);
        model.emplace(deadline, timers.back().get());
        if (random() % 3 == 0 && !model.empty()) {
            auto victim = model.begin();
            std::advance(victim, static_cast<long>(random() % std::min<size_t>(model.size(), 20)));
            wheel.cancel(victim->second->timer);
            model.erase(victim);
        }
        ASSERT_LE(wheel.next_due(), model.empty() ? TimerWheel::kNever : model.begin()->first);
        now += random() % (uint64_t{1} << (random() % 20));
        std::vector<Fired*> fired;
        wheel.advance(now, &fired);
        size_t due = 0;
        for (auto at = model.begin(); at != model.end() && at->first <= now; at = model.erase(at), ++due) {
            ASSERT_LT(due, fired.size());
            ASSERT_EQ(fired[due]->wanted, at->first);
        }
        ASSERT_EQ(due, fired.size());
        ASSERT_EQ(wheel.count(), model.size());
    }
    for (auto& [at, f] : model) wheel.cancel(f->timer);
    EXPECT_EQ(wheel.count(), 0u);
}

}  // namespace
}  // namespace lintel
