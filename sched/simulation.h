#pragma once
/// Simulation: the clock of a VM that has no time of its own, and, if it has a seed, all that chance decides in it. docs/design/determinism.md.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/generator.h"
#include "term/term.h"

namespace lintel {

class Process;
class Vm;
struct Signal;
struct SpawnOptions;
struct VmConfig;

class Simulation {
public:
    explicit Simulation(const VmConfig& config);

    // ---- what chance decides: the scheduler's thread
    bool has_seed() const { return has_seed_; }
    /// 0 to n - 1.
    size_t choose(size_t n) { return static_cast<size_t>(schedule_.below(n)); }
    /// How often `p` is to be chosen until it runs, as long as others are ready.
    unsigned turns(const Process& p) const;
    void random_bytes(void* bytes, size_t count) { chance_.fill(bytes, count); }

    // ---- the clock: nanoseconds since the VM was made
    /// The scheduler's thread: within a slice it goes on with each reduction.
    int64_t now_ns();
    /// Any thread: as of the beginning of the slice.
    int64_t slice_began_ns() const { return base_ns_.load(std::memory_order_relaxed); }
    /// A walk of a term by the process that runs has taken so long: nothing counts it meanwhile. The scheduler's thread.
    void walked(int64_t reductions);
    /// Nothing is ready meanwhile.
    void pass(int64_t ns);
    /// What the world takes for passes here, too, while something outside is waited for: from rest_begins on, at most `most` (-1: any time). A
    /// second call goes on from the first.
    void rest_begins() { rests_since_ = Clock::now(); }
    void follow_world(int64_t most);

    // ---- slices: the scheduler's thread
    enum class Outcome : uint8_t { yields, waits, exits };
    /// Decides how long the slice is (Process::slice).
    void slice_begins(Process& p);
    /// Where it has led to; `p` may go on somewhere else afterwards.
    void slice_leads_to(Process& p, Outcome outcome);
    /// After that: so many reductions were spent.
    void slice_ended(uint64_t reductions);
    /// Timers fire from now on, or do so no longer.
    void fire_timers(bool on) { fires_timers_ = on; }

    // ---- the record, if somebody wants it. Any thread
    bool is_recorded() const { return record_ != nullptr; }
    void spawned(const SpawnOptions& options, const Process& child);
    void sent(const Process& to, const Signal& signal);
    void received(const Process& by, const Signal& message);
    void timed_out(const Process& p);

private:
    using Clock = std::chrono::steady_clock;
    int32_t draw_slice();
    void write(std::string_view event, Term who, std::string_view rest);

    const bool has_seed_;
    Generator schedule_, chance_;
    unsigned slice_bits_ = 0;  // the longest slice has 2^slice_bits_ reductions
    uint64_t laggards_ = 0;    // decides which processes are slow; 0: none
    std::atomic<int64_t> base_ns_{0};
    int64_t last_ns_ = 0;  // that now_ns has given
    Process* runs_ = nullptr;
    int64_t walked_ = 0;  // reductions of this slice that nothing else counts
    bool fires_timers_ = false;
    std::optional<Clock::time_point> rests_since_;
    void (*const record_)(void* context, const char* line, size_t length);
    void* const context_;
    std::string line_;
};

}  // namespace lintel
