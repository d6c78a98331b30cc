/// Determinism: docs/design/determinism.md says what is promised, and what is not.
///
/// One thread runs one process at a time, so the schedule is a list of choices: who is next, for how long. A VM with a seed draws each of them
/// from one generator. Which choices a program is sensitive to is not known, so seeds differ in kind: in how long slices are, from a
/// few reductions to the usual thousands, and in whether some processes lag behind the others. What a program itself draws comes from
/// a second generator: a choice more or less in the schedule does not change it.

#include "sched/simulation.h"

#include <algorithm>
#include <cstdio>

#include "sched/vm.h"
#include "term/print.h"

namespace lintel {

namespace {

/// What a reduction takes. A slice of 4000 is 0.4 ms, about what it takes on a machine.
constexpr int64_t kNsPerReduction = 100;
/// Seeds have longest slices of 2^kLeastSliceBits to 2^kMostSliceBits reductions.
constexpr unsigned kLeastSliceBits = 2, kMostSliceBits = 12;
/// One process in so many lags behind, with seeds that have such.
constexpr uint64_t kLaggardEach = 4;
/// A laggard is passed over so many times at most.
constexpr uint64_t kMostTurns = 64;
/// Of a message in a record.
constexpr size_t kMostMessageBytes = 200;

const char* kind_text(SignalKind kind) {
    switch (kind) {
        case SignalKind::message: return "message";
        case SignalKind::alias_message: return "message to alias";
        case SignalKind::exit: return "exit";
        case SignalKind::link_exit: return "exit of link";
        case SignalKind::link: return "link";
        case SignalKind::unlink: return "unlink";
        case SignalKind::monitor: return "monitor";
        case SignalKind::demonitor: return "demonitor";
        case SignalKind::down: return "down";
        case SignalKind::group_leader: return "group_leader";
        case SignalKind::suspend: return "suspend";
        case SignalKind::resume: return "resume";
        case SignalKind::call: return "request";
        case SignalKind::reply: return "reply";
        case SignalKind::dist: return "of another node";
    }
    return "";
}

/// Whether the signal's term is what the receiver may see: others hold what only their kind explains.
bool shows_term(SignalKind kind) {
    return kind == SignalKind::message || kind == SignalKind::alias_message || kind == SignalKind::exit ||
           kind == SignalKind::link_exit || kind == SignalKind::down;
}

std::string text(Term t) {
    std::string out;
    if (!print_term(t, out, PrintStyle::write_unicode, kMostMessageBytes)) out += "...";
    return out;
}

std::string function_text(Term module, Term function, size_t arity) {
    return term_text(module, PrintStyle::write_unicode) + ":" + term_text(function, PrintStyle::write_unicode) + "/" +
           std::to_string(arity);
}

std::string place_text(const Process& p) {
    const CodeLocation at = p.machine().locate_process(p);
    if (at.loaded == nullptr)
        return function_text(p.initial_call->module, p.initial_call->function, p.initial_call->arity);
    const Module& module = *at.loaded->module;
    const Module::Function& f = module.functions[at.function];
    return function_text(module.name, f.name, f.arity);
}

/// The calling thread runs the VM's processes: others may not look at what is being done.
bool is_own_thread(const Simulation& simulation) {
    return this_thread.vm != nullptr && this_thread.kind == ThreadKind::scheduler &&
           this_thread.vm->simulation.get() == &simulation;
}

}  // namespace

Simulation::Simulation(const VmConfig& config)
    : has_seed_(config.seed.has_value()), schedule_(config.seed.value_or(0), 0), chance_(config.seed.value_or(0), 1),
      record_(config.platform.schedule), context_(config.platform.context) {
    if (!has_seed_) return;
    slice_bits_ = static_cast<unsigned>(kLeastSliceBits + choose(kMostSliceBits - kLeastSliceBits + 1));
    if (choose(2) != 0) laggards_ = schedule_.next() | 1;
}

unsigned Simulation::turns(const Process& p) const {
    if (p.priority == Priority::low) return RunQueue::kLowTurns;
    if (laggards_ == 0) return 1;
    const uint64_t lot = Generator::mix(laggards_ ^ p.self.imm_data());
    return lot % kLaggardEach != 0 ? 1 : static_cast<unsigned>(2 + lot / kLaggardEach % (kMostTurns - 1));
}

/// All magnitudes up to the longest are as likely.
int32_t Simulation::draw_slice() {
    if (!has_seed_) return kSliceReductions;
    const size_t most = size_t{1} << choose(slice_bits_ + 1);
    return std::min(static_cast<int32_t>(1 + choose(most)), kSliceReductions);
}

int64_t Simulation::now_ns() {
    const int64_t spent = runs_ != nullptr ? walked_ + std::max(runs_->slice - runs_->reductions, 0) : 0;
    return last_ns_ = std::max(last_ns_, slice_began_ns() + spent * kNsPerReduction);
}

void Simulation::walked(int64_t reductions) { walked_ += reductions; }

void Simulation::pass(int64_t ns) {
    base_ns_.store(now_ns() + std::max<int64_t>(ns, 0), std::memory_order_relaxed);
    if (is_recorded()) write("idle", Term::none(), "");
}

void Simulation::follow_world(int64_t most) {
    if (!rests_since_) return;
    const Clock::time_point now = Clock::now();
    const int64_t passed = std::chrono::duration_cast<std::chrono::nanoseconds>(now - *rests_since_).count();
    rests_since_ = now;
    pass(most < 0 ? passed : std::min(passed, most));
}

void Simulation::slice_begins(Process& p) {
    p.slice = p.reductions = draw_slice();
    runs_ = &p;
    walked_ = 0;
    rests_since_.reset();
    if (is_recorded()) write("begin", p.self, place_text(p));
}

void Simulation::slice_leads_to(Process& p, Outcome outcome) {
    if (!is_recorded()) return;
    switch (outcome) {
        case Outcome::yields: return write("yield", p.self, place_text(p));
        case Outcome::waits: return write("wait", p.self, place_text(p));
        case Outcome::exits: return write("exit", p.self, text(p.exit_reason));
    }
}

void Simulation::slice_ended(uint64_t reductions) {
    runs_ = nullptr;
    const int64_t ended = slice_began_ns() + static_cast<int64_t>(reductions) * kNsPerReduction;
    base_ns_.store(std::max(ended, last_ns_), std::memory_order_relaxed);
}

// ---- the record

void Simulation::write(std::string_view event, Term who, std::string_view rest) {
    constexpr int64_t kSecond = 1000000000;
    const bool is_own = is_own_thread(*this);
    const int64_t now = is_own ? now_ns() : slice_began_ns();
    std::string of_other;
    std::string& line = is_own ? line_ : of_other;
    char time[32];
    const int length = std::snprintf(time, sizeof time, "%lld.%09lld ", static_cast<long long>(now / kSecond),
                                     static_cast<long long>(now % kSecond));
    line.assign(time, static_cast<size_t>(length)).append(event);
    if (who.is_value()) line.append(" ").append(term_text(who));
    if (!rest.empty()) line.append(" ").append(rest);
    record_(context_, line.data(), line.size());
}

void Simulation::spawned(const SpawnOptions& options, const Process& child) {
    const ExportEntry& begins_with = *child.initial_call;
    const std::string by = options.parent != nullptr ? term_text(options.parent->self) : "host";
    write("spawn", child.self,
          "by " + by + " " + function_text(begins_with.module, begins_with.function, begins_with.arity));
}

void Simulation::sent(const Process& to, const Signal& signal) {
    std::string rest = "from host ";
    if (is_own_thread(*this)) {
        if (fires_timers_) {
            rest = "from timer ";
        } else if (runs_ != nullptr) {
            rest = "from " + term_text(runs_->self) + " ";
        }
    }
    rest += kind_text(signal.kind);
    if (shows_term(signal.kind) && signal.term.is_value()) rest += " " + text(signal.term);
    write("send", to.self, rest);
}

void Simulation::received(const Process& by, const Signal& message) { write("receive", by.self, text(message.term)); }

void Simulation::timed_out(const Process& p) { write("timer", p.self, ""); }

}  // namespace lintel
