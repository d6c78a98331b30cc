#include "lintel/confinement.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iterator>

namespace {

constexpr uint64_t kSecondNs = 1000000000;

struct Right {
    unsigned bit;
    const char* name;
};
constexpr Right kRights[] = {
    {LINTEL_RIGHT_FILES, "files"},     {LINTEL_RIGHT_PORTS, "programs"},
    {LINTEL_RIGHT_NETWORK, "network"}, {LINTEL_RIGHT_DISTRIBUTION, "distribution"},
    {LINTEL_RIGHT_NIFS, "nifs"},       {LINTEL_RIGHT_CONTROL, "control"},
    {LINTEL_RIGHT_INPUT, "input"},     {LINTEL_RIGHT_ENVIRONMENT, "environment"},
    {LINTEL_RIGHT_CLOCK, "clock"},
};

struct LimitField {
    const char* name;
    uint64_t lintel_limits::*field;
};
constexpr LimitField kLimits[] = {
    {"memory", &lintel_limits::memory},
    {"binaries", &lintel_limits::binaries},
    {"processes", &lintel_limits::processes},
    {"ports", &lintel_limits::ports},
    {"tables", &lintel_limits::tables},
    {"atoms", &lintel_limits::atoms},
    {"reductions", &lintel_limits::reductions},
    {"rate", &lintel_limits::reductions_per_second},
    {"queue", &lintel_limits::message_queue},
    {"heap", &lintel_limits::process_heap},
    {"process-reductions", &lintel_limits::process_reductions},
    {"time", &lintel_limits::time},
};

template <typename T, size_t N>
std::string names_of(const T (&all)[N]) {
    std::string names;
    for (const T& one : all) names.append(names.empty() ? "" : ", ").append(one.name);
    return names;
}

/// A number with K, M or G behind it; of seconds, with a fraction. 0: it is none.
uint64_t number_of(const std::string& text, uint64_t unit) {
    char* end = nullptr;
    double number = std::strtod(text.c_str(), &end) * static_cast<double>(unit);
    std::string_view suffix(end);
    for (const char* letter = "KMG"; *letter != '\0' && !suffix.empty(); ++letter) {
        number *= 1024;
        if (suffix == std::string_view(letter, 1)) suffix = {};
    }
    constexpr double kMost = 9e18;
    const bool is_number = end != text.c_str() && suffix.empty() && number >= 1 && number <= kMost;
    return is_number ? static_cast<uint64_t>(number) : 0;
}

void tell(void*, lintel_tenant*, const ErlNifPid*, unsigned right, const char* what) {
    for (const Right& known : kRights) {
        if (known.bit == right)
            std::fprintf(stderr, "lintel: denied: %s%s%s\n", known.name, *what == 0 ? "" : " ", what);
    }
}

}  // namespace

void Confinement::add_options(CLI::App& command) {
    command
        .add_option("--allow", allowed_,
                    "What the program may do besides computing, and nothing else: " + names_of(kRights) +
                        "; or none (default: all but distribution)")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->type_name("RIGHTS");
    command.add_option("--file-root", file_root_, "Directory that names of files begin in, and do not leave")
        ->type_name("DIR");
    command.add_flag("--read-only", only_reads_, "Files are not changed");
    command
        .add_option("--network", network_,
                    "Addresses that sockets may use, between spaces: ADDRESS[/BITS][:PORT[-PORT]], unix:NAME")
        ->type_name("RULES");
    command
        .add_option("--limit", limits_,
                    "What it may use at most, in all; K, M, G are understood, time is in seconds; may be repeated: " +
                        names_of(kLimits))
        ->allow_extra_args(false)
        ->type_name("NAME=NUMBER");
    command
        .add_option("--max-time", max_seconds_,
                    "Seconds, of a virtual clock if there is one, after which the program ends with status 1")
        ->check(CLI::Range(uint64_t{1}, uint64_t{1000000000}))
        ->type_name("SECONDS");
    command.add_flag("--show-denied", tells_, "A line on standard error for each act that is denied");
}

std::string Confinement::check() {
    if (allowed_) {
        rights_ = 0;
        for (const std::string& name : *allowed_) {
            const auto* const right = std::find_if(std::begin(kRights), std::end(kRights),
                                                   [&name](const Right& known) { return name == known.name; });
            if (right == std::end(kRights) && name != "none")
                return "--allow " + name + ": no such right; there are " + names_of(kRights) + ", none";
            if (right != std::end(kRights)) rights_ |= right->bit;
        }
    }
    scope_.file_root = file_root_.empty() ? nullptr : file_root_.c_str();
    scope_.files_only_read = only_reads_ ? 1 : 0;
    scope_.network = network_.empty() ? nullptr : network_.c_str();
    known_limits_.size = sizeof known_limits_;
    known_limits_.time = max_seconds_ * kSecondNs;
    for (const std::string& limit : limits_) {
        const size_t at = limit.find('=');
        const std::string name = limit.substr(0, at);
        const auto* const known = std::find_if(std::begin(kLimits), std::end(kLimits),
                                               [&name](const LimitField& field) { return name == field.name; });
        if (known == std::end(kLimits)) return "--limit " + limit + ": no such limit; there are " + names_of(kLimits);
        const uint64_t number =
            at == std::string::npos ? 0 : number_of(limit.substr(at + 1), name == "time" ? kSecondNs : 1);
        if (number == 0) return "--limit " + limit + ": not a number from 1 on";
        known_limits_.*known->field = number;
    }
    return "";
}

void Confinement::apply(lintel_config* config) const {
    config->rights = rights_;
    config->scope = &scope_;
    if (!limits_.empty() || max_seconds_ != 0) config->limits = &known_limits_;
    if (tells_) config->denied = tell;
}
