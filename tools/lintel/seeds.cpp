/// Looking for a seed with which a program fails: each run has a VM of its own, so they share nothing but the files of the program. What a run prints
/// is kept until it is known whether it has failed. Runs end in any order; what is told is that of the lowest seed, as if they had run one
/// after the other.

#include "lintel/seeds.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <mutex>
#include <string_view>
#include <utility>

#include "lintel/thread.h"

namespace {

struct Range {
    uint64_t first = 0, last = 0;
};

std::optional<uint64_t> parse_seed(std::string_view text) {
    uint64_t n = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), n);
    if (text.empty() || end.ec != std::errc() || end.ptr != text.data() + text.size()) return std::nullopt;
    return n;
}

std::optional<Range> parse_range(std::string_view text) {
    constexpr std::string_view kTo = "..";
    const size_t at = text.find(kTo);
    if (at == std::string_view::npos) return std::nullopt;
    const auto first = parse_seed(text.substr(0, at)), last = parse_seed(text.substr(at + kTo.size()));
    if (!first || !last || *first > *last) return std::nullopt;
    return Range{*first, *last};
}

/// What a program has written.
class Output {
public:
    /// lintel_config::write.
    static int write(void* output, int stream, const char* bytes, size_t count) {
        auto& parts = static_cast<Output*>(output)->parts_;
        if (parts.empty() || parts.back().first != stream) parts.emplace_back(stream, std::string());
        parts.back().second.append(bytes, count);
        return 0;
    }
    /// On the streams that it was for, in its order.
    void show() const {
        for (const auto& [stream, text] : parts_) {
            FILE* const to = stream == 1 ? stdout : stderr;
            std::fwrite(text.data(), 1, text.size(), to);
            std::fflush(to);
        }
    }

private:
    std::vector<std::pair<int, std::string>> parts_;
};

struct Outcome {
    uint64_t seed = 0;
    int status = 0;
    uint64_t errors = 0;
    Output output;
    bool has_failed() const { return status != 0 || errors != 0; }
    std::string text() const {
        const std::string said = "exit status " + std::to_string(status);
        return errors == 0 ? said
                           : said + ", " + std::to_string(errors) + (errors == 1 ? " error" : " errors") + " reported";
    }
};

class Search {
public:
    Search(const RunOptions& options, Range range)
        : options_(options), range_(range), next_(range.first), shows_progress_(isatty(STDERR_FILENO) != 0) {}

    /// The exit status.
    int run() {
        // What is wrong with the program or the options is told once, before others begin.
        if (const int wrong = run_one(*next_seed()); wrong != 0) return wrong;
        const uint64_t most = range_.last - range_.first;  // runs that are left
        const unsigned wanted =
            options_.jobs != 0 ? options_.jobs : static_cast<unsigned>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)));
        const auto work_too = [](void* search) -> void* {
            static_cast<Search*>(search)->work();
            return nullptr;
        };
        // Fewer if the system has not so many.
        constexpr size_t kStackBytes = size_t{1} << 20;
        std::vector<pthread_t> others;
        for (unsigned i = 1; i < wanted && i < most; ++i) {
            pthread_t thread;
            if (start_thread(work_too, this, kStackBytes, &thread) != 0) break;
            others.push_back(thread);
        }
        work();
        for (const pthread_t thread : others) pthread_join(thread, nullptr);
        if (shows_progress_) std::fputs("\r\033[K", stderr);
        return wrong_ != 0 ? wrong_ : report();
    }

private:
    lintel_config config(uint64_t seed) const {
        lintel_config c = config_of(options_);
        c.has_seed = 1;
        c.seed = seed;
        // The same as for one run, but that signals and input are nobody's.
        c.set_signal = [](void*, const char*, lintel_signal_action) { return 0; };
        c.read = [](void*, char*, size_t) -> ptrdiff_t { return 0; };
        c.abandon = nullptr;
        c.write = Output::write;
        c.limit_reached = [](void* output, lintel_tenant*, lintel_limit limit, const ErlNifPid*) {
            const std::string text = std::string("lintel: ") + kTimeIsOver + "\n";
            if (limit == LINTEL_LIMIT_TIME) Output::write(output, 2, text.data(), text.size());
            return LINTEL_REACTION_USUAL;
        };
        return c;
    }

    void work() {
        while (const auto seed = next_seed()) {
            const int wrong = run_one(*seed);
            if (wrong == 0) continue;
            const std::lock_guard lock(mutex_);
            wrong_ = wrong;
            is_over_ = true;
        }
    }

    /// The exit status if it cannot be run.
    int run_one(uint64_t seed) {
        Outcome outcome;
        outcome.seed = seed;
        lintel_config c = config(seed);
        c.context = &outcome.output;
        {
            Program program;
            if (const int wrong = program.load(c, options_); wrong != 0) return wrong;
            if (const int wrong = program.run(options_, &outcome.status); wrong != 0) return wrong;
            outcome.errors = lintel_reported_errors(program.vm());
        }
        note(std::move(outcome));
        return 0;
    }

    /// Not beyond what one after the other would have come to.
    std::optional<uint64_t> next_seed() {
        const std::lock_guard lock(mutex_);
        if (is_over_ || (options_.until_failure && !failed_.empty())) return std::nullopt;
        const uint64_t seed = next_;
        is_over_ = seed == range_.last;
        if (!is_over_) ++next_;
        return seed;
    }

    void note(Outcome outcome) {
        const std::lock_guard lock(mutex_);
        ++ran_;
        if (outcome.has_failed()) {
            failed_.push_back(outcome.seed);
            if (failed_.size() == 1 || outcome.seed < first_.seed) first_ = std::move(outcome);
        }
        if (!shows_progress_ || ran_ % kProgressEach != 0) return;
        const std::string text = "\r" + std::to_string(ran_) + " of " + std::to_string(range_.last - range_.first + 1) +
                                 " seeds, " + std::to_string(failed_.size()) + " failed";
        std::fputs(text.c_str(), stderr);
    }

    /// The command that runs the program once with the seed.
    std::string again(uint64_t seed) const {
        std::string text = "lintel";
        bool is_ours = true;
        const std::vector<std::string>& words = options_.words;
        for (size_t i = 0; i < words.size(); ++i) {
            const std::string& word = words[i];
            is_ours = is_ours && word != "--";
            if (is_ours && word == "--until-failure") continue;
            if (is_ours && (word.starts_with("--seeds=") || word.starts_with("--jobs="))) continue;
            if (is_ours && (word == "--seeds" || word == "--jobs")) {
                ++i;
                continue;
            }
            text += " " + quoted(word);
            if (i == 0) text += " --seed " + std::to_string(seed);
        }
        return text;
    }

    /// As a shell takes it.
    static std::string quoted(const std::string& word) {
        constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%";
        if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
        std::string text = "'";
        for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
        return text + "'";
    }

    int report() {
        const std::string tried = std::to_string(range_.first) + ".." + std::to_string(range_.last);
        if (failed_.empty()) {
            std::printf("no seed of %s fails\n", tried.c_str());
            return 0;
        }
        std::sort(failed_.begin(), failed_.end());
        if (!options_.until_failure) {
            std::string text = std::to_string(failed_.size()) + " of " + std::to_string(ran_) + " seeds fail:";
            for (size_t n = 0; n < failed_.size() && n < kMostListed; ++n) text += " " + std::to_string(failed_[n]);
            std::printf("%s%s\n", text.c_str(), failed_.size() > kMostListed ? " ..." : "");
        }
        std::printf("seed %s fails: %s. Its output:\n", std::to_string(first_.seed).c_str(), first_.text().c_str());
        std::fflush(stdout);
        first_.output.show();
        std::printf("again: %s\n", again(first_.seed).c_str());
        return kExitFailure;
    }

    static constexpr uint64_t kProgressEach = 16;
    static constexpr size_t kMostListed = 20;
    const RunOptions& options_;
    const Range range_;
    std::mutex mutex_;  // of all below
    uint64_t next_, ran_ = 0;
    bool is_over_ = false;
    int wrong_ = 0;  // the exit status if a run could not take place
    std::vector<uint64_t> failed_;
    Outcome first_;  // of failed_, that with the lowest seed
    const bool shows_progress_;
};

}  // namespace

int run_with_seeds(RunOptions options) {
    const bool is_search = !options.seeds_text.empty();
    if (!options.seed_text.empty()) {
        options.seed = parse_seed(options.seed_text);
        if (!options.seed) return fail("--seed " + options.seed_text + ": not a number from 0 to 2^64 - 1");
    }
    if (is_search && options.seed) return fail("--seed is for one run, --seeds for many: say one of them");
    if (!is_search && options.until_failure) return fail("--until-failure belongs to --seeds");
    if (!is_search && options.jobs != 0) return fail("--jobs belongs to --seeds");
    const bool is_simulated = is_search || options.seed || options.virtual_clock;
    if (is_simulated && options.schedulers > 1)
        return fail("--schedulers " + std::to_string(options.schedulers) +
                    ": with a seed or a virtual clock there is one");
    if (!options.schedule.empty() && (is_search || !is_simulated))
        return fail("--trace belongs to --seed or --virtual-clock: it records one run");
    if (const std::string wrong = options.confinement.check(); !wrong.empty()) return fail(wrong);
    if (!is_search) return run(options);
    const auto range = parse_range(options.seeds_text);
    if (!range) return fail("--seeds " + options.seeds_text + ": not two numbers as in 1..1000, the second not less");
    return Search(options, *range).run();
}
