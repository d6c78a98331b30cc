/// What several threads touch at once: names, the process table, the signal queue. Meant for the thread sanitizer, too.

#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "sched/name_table.h"
#include "sched/process_table.h"
#include "sched/signal.h"

namespace lintel {
namespace {

template <typename F>
void in_threads(unsigned count, F f) {
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < count; ++i) threads.emplace_back(f, i);
    for (auto& t : threads) t.join();
}

TEST(SignalQueue, every_sender_keeps_its_order_and_nothing_is_lost) {
    constexpr unsigned kSenders = 3, kEach = 20000;
    SignalQueue queue;
    std::vector<Word> next(kSenders, 0);
    std::atomic<unsigned> ended{0};
    std::thread receiver([&] {
        size_t got = 0;
        while (got < kSenders * kEach) {
            for (Signal* s = queue.take_all(); s != nullptr;) {
                Signal* after = s->next;
                auto* c = static_cast<ControlSignal*>(s);
                EXPECT_EQ(c->b, next[c->a]++);
                free_signal(s);
                ++got;
                s = after;
            }
        }
        ended = 1;
    });
    in_threads(kSenders, [&](unsigned me) {
        for (Word i = 0; i < kEach; ++i) {
            auto* s = make_signal<ControlSignal>(SignalKind::reply, 0);
            s->a = me;
            s->b = i;
            EXPECT_TRUE(queue.push(s));
        }
    });
    receiver.join();
    EXPECT_EQ(ended, 1u);
    EXPECT_TRUE(queue.empty());
}

TEST(SignalQueue, a_closed_queue_takes_nothing) {
    SignalQueue queue;
    auto* first = make_signal<ControlSignal>(SignalKind::reply, 0);
    EXPECT_TRUE(queue.push(first));
    EXPECT_EQ(queue.close(), first);
    free_signal(first);
    auto* late = make_signal<ControlSignal>(SignalKind::reply, 0);
    EXPECT_FALSE(queue.push(late));
    free_signal(late);
    EXPECT_EQ(queue.close(), nullptr);
}

TEST(ProcessTable, pids_are_distinct_and_places_come_back) {
    ProcessTable table(ProcessTable::kMinLimit);
    constexpr unsigned kThreads = 3, kRounds = 5000;
    std::vector<std::vector<Word>> seen(kThreads);
    in_threads(kThreads, [&](unsigned me) {
        for (unsigned i = 0; i < kRounds; ++i) {
            const Term pid = table.reserve();
            EXPECT_TRUE(pid.is_value());
            seen[me].push_back(pid.word());
            EXPECT_EQ(table.find(pid), nullptr);  // not published yet
            table.abandon(pid);
        }
    });
    std::vector<Word> all;
    for (auto& part : seen) all.insert(all.end(), part.begin(), part.end());
    std::sort(all.begin(), all.end());
    EXPECT_EQ(std::unique(all.begin(), all.end()), all.end());
    EXPECT_EQ(table.count(), 0u);
}

TEST(ProcessTable, refuses_when_it_is_full) {
    ProcessTable table(ProcessTable::kMinLimit);
    std::vector<Term> pids;
    for (size_t i = 0; i < table.limit(); ++i) pids.push_back(table.reserve());
    EXPECT_TRUE(table.reserve().is_none());
    table.abandon(pids[7]);
    EXPECT_TRUE(table.reserve().is_value());
}

TEST(NameTable, readers_see_a_name_or_nothing_while_the_table_grows) {
    AtomTable atoms;
    NameTable names;
    std::vector<Term> keys;
    for (int i = 0; i < 3000; ++i) keys.push_back(atoms.intern("name" + std::to_string(i)));
    std::atomic<bool> stop{false};
    std::thread reader([&] {
        while (!stop) {
            for (size_t i = 0; i < keys.size(); i += 97) {
                const Term found = names.find(keys[i]);
                EXPECT_TRUE(found.is_none() || found == Term::local_pid(i));
            }
        }
    });
    for (int round = 0; round < 3; ++round) {
        for (size_t i = 0; i < keys.size(); ++i) {
            std::lock_guard lock(names.mutex());
            names.set_locked(keys[i], Term::local_pid(i));
        }
        EXPECT_EQ(names.count_locked(), keys.size());
        for (size_t i = 0; i < keys.size(); ++i) {
            std::lock_guard lock(names.mutex());
            names.set_locked(keys[i], Term::none());
        }
        EXPECT_EQ(names.count_locked(), 0u);
    }
    stop = true;
    reader.join();
}

}  // namespace
}  // namespace lintel
