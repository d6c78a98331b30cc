#include "lintel/emulator_flags.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <optional>

namespace {

/// What values a flag takes.
enum class Values : uint8_t {
    none,        ///< none; what is attached says nothing
    any,         ///< whatever
    loose,       ///< as C's atoi reads it, from `least` to `most`
    digits,      ///< the same, but it begins with a number
    exact,       ///< a number and nothing else
    words,       ///< one of `words`
    letter,      ///< nothing, or attached one of `words`
    time,        ///< true, false, nothing
    interrupt,   ///< nothing, c, d, i
    topology,    ///< of processors
    schedulers,  ///< N:M, N, :M
    dirty_schedulers,
    percentages,
    release,   ///< one of the last three releases
    seconds,   ///< exact, or infinity
    allocator  ///< letters of a memory allocator behind M, and a value
};
/// What it is for here; most have no effect.
enum class Use : uint8_t { nothing, schedulers, processes, atoms, dist_buffer, file_names, code_symbols, version };

}  // namespace

/// `before` and `after` are what OTP puts around a wrong value; of a flag without a value, `before` is what it always says.
struct EmulatorFlag {
    std::string_view name;
    Values values;
    std::string_view before = "", after = "";
    int64_t least = 0, most = INT_MAX;
    std::string_view words = "";
    Use use = Use::nothing;
    FlagValue value = FlagValue::next;
    bool shows_number = false;      ///< what was read, instead of the text
    int since = 0;                  ///< the first release that has it
    std::string_view setting = "";  ///< of the library, that the value is for
};

namespace {

constexpr std::string_view kBooleans = "true false";
constexpr std::string_view kWaits = "none very_short short medium long very_long";
constexpr std::string_view kLevels = "very_low low medium high very_high";
constexpr std::string_view kBindings = "u ns ts ps s nnts nnps tnnps db";
constexpr int64_t kMostProcesses = 134217727;

constexpr EmulatorFlag number(std::string_view name, std::string_view before, int64_t least, int64_t most = INT_MAX,
                              Values values = Values::loose) {
    return {name, values, before, "", least, most};
}
constexpr EmulatorFlag word(std::string_view name, std::string_view words, std::string_view before,
                            std::string_view after = "") {
    return {name, Values::words, before, after, 0, 0, words};
}
constexpr EmulatorFlag plain(std::string_view name, Use use = Use::nothing) {
    return {name, Values::none, "", "", 0, 0, "", use, FlagValue::none};
}
constexpr EmulatorFlag used(EmulatorFlag flag, Use use) {
    flag.use = use;
    return flag;
}
constexpr EmulatorFlag setting(std::string_view name, EmulatorFlag flag) {
    flag.setting = name;
    return flag;
}
constexpr EmulatorFlag since(int release, EmulatorFlag flag) {
    flag.since = release;
    return flag;
}

/// Those of several letters come before those that they begin with.
constexpr EmulatorFlag kFlags[] = {
    setting("min_bin_vheap_size", number("hmbs", "bad heap size ", 1)),
    setting("min_heap_size", number("hms", "bad heap size ", 1)),
    setting("max_heap_error_logger", word("hmaxel", kBooleans, "bad max heap error logger ")),
    setting("max_heap_kill", word("hmaxk", kBooleans, "bad max heap kill ")),
    since(27, word("hmaxib", kBooleans, "bad max heap include bins ")),
    setting("max_heap_size", number("hmax", "bad max heap size ", 0)),
    number("hpds", "bad initial process dictionary size ", 1),
    setting("message_queue_data", word("hmqd", "off_heap on_heap", "Invalid message_queue_data flag: ")),
    setting("min_heap_size", number("h", "bad heap size ", 1)),
    word("sbwtdcpu", kWaits, "bad dirty CPU scheduler busy wait threshold: "),
    word("sbwtdio", kWaits, "bad dirty IO scheduler busy wait threshold: "),
    word("sbwt", kWaits, "bad scheduler busy wait threshold: "),
    word("sbt", kBindings, "setting scheduler bind type '", "' failed: invalid type"),
    word("scl", kBooleans, "bad scheduler compact load value '", "'"),
    {"sct", Values::topology, "bad cpu topology '", "': invalid identifier type"},
    {"secio", Values::any},
    number("sfwi", "bad scheduler forced wakeup interval ", 0),
    word("spp", kBooleans, "bad port parallelism scheduling hint "),
    plain("ssrct"),
    number("sssdcpu", "bad stack size for dirty CPU scheduler threads ", 20, 8192),
    number("sssdio", "bad stack size for dirty IO scheduler threads ", 20, 8192),
    number("sss", "bad stack size for scheduler threads ", 20, 8192),
    word("stbt", kBindings, "setting scheduler bind type '", "' failed: invalid type"),
    word("sub", kBooleans, "bad scheduler utilization balancing  value '", "'"),
    word("swct", "very_eager eager medium lazy very_lazy", "scheduler wake cleanup threshold: "),
    word("sws", "default legacy", "scheduler wakeup strategy: "),
    word("swtdcpu", kLevels, "dirty CPU scheduler wakeup threshold: "),
    word("swtdio", kLevels, "dirty IO scheduler wakeup threshold: "),
    word("swt", kLevels, "scheduler wakeup threshold: "),
    {"zdbbl", Values::loose, "Invalid dbbl limit: ", "", 1, 2097151, "", Use::dist_buffer, FlagValue::next, true},
    {"zdntgc", Values::seconds, "Invalid delayed node table gc: ", "", 0, 100000000},
    since(27, {"zhft", Values::any}),
    word("zebwt", kWaits, "Invalid ets busy wait threshold: "),
    setting("outstanding_system_requests_limit",
            number("zosrl", "Invalid outstanding requests limit ", 1, kMostProcesses)),
    {"SDPcpu", Values::percentages, "bad dirty CPU schedulers percentage specifier "},
    {"SDcpu", Values::dirty_schedulers, "bad amount of dirty CPU schedulers "},
    number("SDio", "bad number of dirty I/O schedulers ", 1, 1024),
    {"SP", Values::percentages, "bad schedulers percentage specifier "},
    {"S", Values::schedulers, "bad amount of schedulers ", "", 0, 0, "", Use::schedulers},
    number("IOPp", "bad I/O pollset percentage number: ", 0, 100, Values::digits),
    number("IOPt", "bad I/O poll thread percentage number: ", 0, 100, Values::digits),
    number("IOp", "bad I/O pollset number: ", 1),
    number("IOt", "bad I/O poll threads number: ", 1, 1024),
    word("IOs", kBooleans, "bad +IOs boolean argument: "),
    since(26, used(word("JPperf", "true false dump map fp no_fp", "bad +JPperf support flag "), Use::code_symbols)),
    used(word("JPperf", "true false dump map", "bad +JPperf support flag "), Use::code_symbols),
    word("JDdump", kBooleans, "bad +JDdump flag "),
    since(27, word("JPcover", "true false line line_counters function function_counters", "bad +JPcover flag ")),
    since(26, word("JMsingle", kBooleans, "bad +JMsingle support flag ")),
    number("A", "bad number of async threads ", 0, 1024),
    number("a", "bad stack size for async threads ", 16, 8192),
    {"B", Values::interrupt, "Missing argument(s) for '-B", "'.", 0, 0, "c d i", Use::nothing, FlagValue::if_valid},
    {"c", Values::time, "Invalid time correnction value: ", "", 0, 0, kBooleans, Use::nothing, FlagValue::if_valid},
    word("C", "no_time_warp single_time_warp multi_time_warp", "Invalid time warp mode: "),
    {"dcg", Values::digits, "bad decentralized counter groups limit: ", "", 0, INT_MAX, "", Use::nothing,
     FlagValue::attached, true},
    plain("d"),
    plain("ec"),
    number("e", "bad maximum number of ets tables ", 0),
    used(plain("fnl"), Use::file_names),
    {"fna", Values::letter, "bad type of warnings for wrongly coded filename: ", "", 0, 0, "w e i", Use::file_names,
     FlagValue::none},
    {"fnu", Values::letter, "bad type of warnings for wrongly coded filename: ", "", 0, 0, "w e i", Use::file_names,
     FlagValue::none},
    {"i", Values::any},
    {"K", Values::any},
    plain("L"),
    {"M", Values::allocator},
    word("n", "s a d", "bad -n option "),
    setting("printable_range", word("pc", "latin1 unicode", "bad range of printable characters: ")),
    used(number("P", "bad number of processes ", 1024, kMostProcesses, Values::exact), Use::processes),
    setting("port_limit", number("Q", "bad number of ports ", 1024, kMostProcesses, Values::exact)),
    {"rg", Values::digits, "bad reader groups limit: ", "", 0, INT_MAX, "", Use::nothing, FlagValue::next, true},
    plain("r"),
    {"R", Values::release, "bad compatibility release number "},
    used(number("t", "bad atom table size ", 8192, INT_MAX, Values::exact), Use::atoms),
    number("T", "bad modified timing level ", 0, 9),
    {"v", Values::none, "warning: -v (only in debug compiled code)", "", 0, 0, "", Use::nothing, FlagValue::none},
    plain("V", Use::version),
    setting("warning_map", word("W", "w e i", "unrecognized warning_map option ")),
};

/// As C's atoi: what comes behind the number does not matter, without one it is 0, and of one that is too large the lowest bits count.
int64_t loose_number(std::string_view text) {
    const std::string whole(text);
    return static_cast<int>(std::strtol(whole.c_str(), nullptr, 10));
}
bool begins_with_number(std::string_view text) {
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    return !text.empty() && text[0] >= '0' && text[0] <= '9';
}
std::optional<int64_t> exact_number(std::string_view text) {
    int64_t n = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), n);
    if (end.ec != std::errc() || end.ptr != text.data() + text.size()) return std::nullopt;
    return n;
}

bool is_word_of(std::string_view words, std::string_view word) {
    for (;;) {
        const size_t end = words.find(' ');
        if (words.substr(0, end) == word) return true;
        if (end == std::string_view::npos) return false;
        words.remove_prefix(end + 1);
    }
}

std::string complaint(const EmulatorFlag& flag, std::string_view value) {
    return std::string(flag.before) + std::string(value) + std::string(flag.after);
}

bool is_between(const EmulatorFlag& flag, int64_t n) { return n >= flag.least && n <= flag.most; }

/// Two numbers with a colon between them, of which one may be missing. False: neither is there.
bool two_numbers(std::string_view text, std::optional<int64_t>* first, std::optional<int64_t>* second) {
    const size_t colon = text.find(':');
    const std::string_view left = text.substr(0, colon);
    if (!left.empty() && begins_with_number(left)) *first = loose_number(left);
    if (!left.empty() && !*first) return false;
    if (colon != std::string_view::npos && begins_with_number(text.substr(colon + 1)))
        *second = loose_number(text.substr(colon + 1));
    return *first || *second;
}

constexpr int64_t kMostSchedulers = 1024;

int64_t processors(int of_what) { return std::max(sysconf(of_what), 1L); }

/// A number of schedulers as the flag gives it: 0 is the usual one, less than 0 so many fewer.
int64_t count_of(std::optional<int64_t> given, int64_t usual) {
    return !given || *given == 0 ? usual : *given < 0 ? usual + *given : *given;
}

std::string apply_schedulers(const EmulatorFlag& flag, std::string_view value, EmulatorSettings* settings) {
    const bool is_dirty = flag.values == Values::dirty_schedulers;
    const char* const kind = is_dirty ? "dirty CPU schedulers" : "schedulers";
    std::optional<int64_t> total, online;
    if (!two_numbers(value, &total, &online)) return complaint(flag, value);
    const int64_t count = count_of(total, processors(_SC_NPROCESSORS_CONF));
    // What is online by default is no more than there is.
    int64_t at_once = count_of(online, processors(_SC_NPROCESSORS_ONLN));
    if (!online && (total || at_once > count)) at_once = std::min(at_once, count);
    if (count < 1 || count > kMostSchedulers) return complaint(flag, std::to_string(count));
    if (at_once < 1 || at_once > count) {
        return std::string("bad amount of ") + kind + " online " + std::to_string(at_once) + " (total amount of " +
               kind + " " + std::to_string(count) + ")";
    }
    if (flag.use == Use::schedulers) {
        settings->schedulers = static_cast<uint64_t>(count);
        settings->library["schedulers_online"] = std::to_string(at_once);
    }
    return "";
}

/// +B, +Bd: the system's default; +Bi: nothing; +Bc: the shell's.
std::string apply_interrupt(const EmulatorFlag& flag, std::string_view how, EmulatorSettings* settings) {
    using Interrupt = Signals::Interrupt;
    if (!how.empty() && !is_word_of(flag.words, how.substr(0, 1))) return complaint(flag, how);
    const char c = how.empty() ? 'd' : how[0];
    settings->interrupt = c == 'i' ? Interrupt::ignore : c == 'c' ? Interrupt::break_menu : Interrupt::by_default;
    settings->interrupt_is_input = c == 'c';
    return "";
}

// ---- memory allocators

struct AllocatorParameter {
    enum Kind : uint8_t { number, boolean, one_of, any };
    std::string_view name;
    Kind kind;
    std::string_view words = "";
    int64_t least = 0, most = INT64_MAX;
    std::string_view shown = "";  ///< what OTP calls it when the value is wrong, if not by its name
};
/// Of every allocator, behind its letter.
constexpr AllocatorParameter kOfEach[] = {
    {"acul", AllocatorParameter::number, "de", 0, 100},
    {"acnl", AllocatorParameter::number},
    {"acfml", AllocatorParameter::number},
    {"asbcst", AllocatorParameter::number},
    {"as", AllocatorParameter::one_of, "bf aobf aoff aoffcbf aoffcaobf ageffcaoff ageffcbf ageffcaobf gf af", 0, 0,
     "a"},
    {"atags", AllocatorParameter::boolean},
    {"cp", AllocatorParameter::one_of, "B D E F G H I L R S T X Y A Z @ :"},
    {"e", AllocatorParameter::boolean},
    {"lmbcs", AllocatorParameter::number},
    {"mmbcs", AllocatorParameter::number},
    {"mmmbc", AllocatorParameter::number},
    {"mmsbc", AllocatorParameter::number},
    {"mbcgs", AllocatorParameter::number},
    {"sbct", AllocatorParameter::number},
    {"smbcs", AllocatorParameter::number},
    {"ramv", AllocatorParameter::boolean},
    {"rsbcmt", AllocatorParameter::number},
    {"rsbcst", AllocatorParameter::number},
    {"rmbcmt", AllocatorParameter::number},
    {"t", AllocatorParameter::boolean},
};
constexpr AllocatorParameter kOfMemory[] = {
    {"Mamcbf", AllocatorParameter::number},
    {"Mrmcbf", AllocatorParameter::number},
    {"Mmcs", AllocatorParameter::number},
    {"Mscs", AllocatorParameter::number},
    {"Msco", AllocatorParameter::boolean},
    {"Mscrpm", AllocatorParameter::boolean},
    {"Mscrfsd", AllocatorParameter::number},
    {"Iscs", AllocatorParameter::number},
    {"lpm", AllocatorParameter::one_of, "all no"},
    {"ea", AllocatorParameter::one_of, "min max config"},
    {"im", AllocatorParameter::any},
    {"uycs", AllocatorParameter::number},
    {"ummc", AllocatorParameter::number},
};
constexpr std::string_view kAllocators = "BDEFHILRSTXYAZu";

bool is_valid(const AllocatorParameter& parameter, std::string_view value) {
    switch (parameter.kind) {
        case AllocatorParameter::any: return true;
        case AllocatorParameter::boolean: return is_word_of(kBooleans, value);
        case AllocatorParameter::one_of: return is_word_of(parameter.words, value);
        case AllocatorParameter::number: break;
    }
    if (!parameter.words.empty() && is_word_of(parameter.words, value)) return true;
    const std::string text(value.substr(0, 30));
    char* end = nullptr;
    errno = 0;
    const long n = std::strtol(text.c_str(), &end, 10);
    return end != text.c_str() && errno == 0 && n >= parameter.least && n <= parameter.most;
}

template <size_t n>
const AllocatorParameter* find_parameter(const AllocatorParameter (&all)[n], std::string_view text) {
    const auto found =
        std::find_if(std::begin(all), std::end(all), [text](const auto& one) { return text.starts_with(one.name); });
    return found == std::end(all) ? nullptr : found;
}

/// The parameter that letters behind M name, and how many letters that are.
const AllocatorParameter* allocator_parameter(std::string_view text, size_t* size) {
    const AllocatorParameter* found = find_parameter(kOfMemory, text);
    *size = found != nullptr ? found->name.size() : 0;
    if (found != nullptr || text.empty() || kAllocators.find(text[0]) == std::string_view::npos) return found;
    found = find_parameter(kOfEach, text.substr(1));
    *size = found != nullptr ? 1 + found->name.size() : 0;
    return found;
}

/// `text`: letters and value, with a blank between them if they were two arguments.
std::string apply_allocator(std::string_view text) {
    size_t letters;
    const AllocatorParameter* parameter = allocator_parameter(text, &letters);
    const bool is_allocator = !text.empty() && kAllocators.find(text[0]) != std::string_view::npos;
    if (parameter == nullptr) return "bad \"M" + std::string(is_allocator ? text.substr(0, 1) : "") + "\" parameter";
    std::string_view value = text.substr(letters);
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (is_valid(*parameter, value)) return "";
    if (parameter->name == "ea") return "bad \"Mea\" parameter";
    const std::string_view prefix = text.substr(0, letters - parameter->name.size());
    const std::string_view name = parameter->shown.empty() ? parameter->name : parameter->shown;
    return "bad \"M" + std::string(prefix) + std::string(name) + "\" value: " + std::string(value);
}

/// What a letter stands for that says how bad something is.
std::string severity(std::string_view letter) {
    return letter.starts_with('i') ? "info" : letter.starts_with('e') ? "error" : "warning";
}

std::string apply_word(const EmulatorFlag& flag, std::string_view value, EmulatorSettings* settings) {
    if (!is_word_of(flag.words, value)) return complaint(flag, value);
    // Frame pointers, of which the other two words are, machine code has none.
    if (flag.use == Use::code_symbols && !value.ends_with("fp")) settings->code_symbols = value;
    if (!flag.setting.empty())
        settings->library[std::string(flag.setting)] = flag.name == "W" ? severity(value) : std::string(value);
    return "";
}

/// +fnl, +fnu, +fna; the last of them counts. Without an encoding the locale says it.
void apply_file_names(const EmulatorFlag& flag, std::string_view letter, EmulatorSettings* settings) {
    settings->library.erase("file_names");
    if (flag.name != "fna") settings->library["file_names"] = flag.name == "fnl" ? "latin1" : "utf8";
    settings->library["bad_file_names"] = letter == "i" ? "ignore" : severity(letter);
}

std::string apply_number(const EmulatorFlag& flag, std::string_view value, EmulatorSettings* settings) {
    const bool is_exact = flag.values == Values::exact || flag.values == Values::seconds;
    const std::optional<int64_t> exact = exact_number(value);
    const bool is_number = is_exact ? exact.has_value() : flag.values != Values::digits || begins_with_number(value);
    const int64_t n = is_exact ? exact.value_or(0) : loose_number(value);
    if (!is_number || !is_between(flag, n)) {
        return complaint(flag, flag.shows_number && is_number ? std::to_string(n) : std::string(value));
    }
    const auto count = static_cast<uint64_t>(n);
    if (flag.use == Use::processes) settings->processes = count;
    if (flag.use == Use::atoms) settings->atoms = count;
    if (flag.use == Use::dist_buffer) settings->dist_buffer = count * 1024;
    if (!flag.setting.empty()) settings->library[std::string(flag.setting)] = std::to_string(n);
    return "";
}

}  // namespace

const EmulatorFlag* find_emulator_flag(int release, std::string_view text, std::string_view* attached) {
    for (const EmulatorFlag& flag : kFlags) {
        if (!text.starts_with(flag.name) || flag.since > release) continue;
        *attached = text.substr(flag.name.size());
        // Of these erl takes the value from the next argument only.
        const bool stands_alone = flag.name.starts_with("IO") && flag.name != "IOt";
        return stands_alone && !attached->empty() ? nullptr : &flag;
    }
    return nullptr;
}

bool is_allocator_flag(const EmulatorFlag& flag) { return flag.values == Values::allocator; }

bool has_allocator_value(std::string_view attached) {
    size_t letters;
    return allocator_parameter(attached, &letters) != nullptr && letters < attached.size();
}

FlagValue value_of_flag(const EmulatorFlag& flag) { return flag.value; }

bool is_optional_value(const EmulatorFlag& flag, std::string_view next) { return is_word_of(flag.words, next); }

std::string apply_emulator_flag(const EmulatorFlag& flag, std::string_view value, EmulatorSettings* settings) {
    switch (flag.values) {
        case Values::none:
            settings->is_version_wanted = settings->is_version_wanted || flag.use == Use::version;
            if (flag.use == Use::file_names) apply_file_names(flag, "", settings);
            if (!flag.before.empty()) std::fprintf(stderr, "%s\n", std::string(flag.before).c_str());
            return "";
        case Values::any: return "";
        case Values::words: return apply_word(flag, value, settings);
        case Values::letter:
            if (!value.empty() && !is_word_of(flag.words, value)) return complaint(flag, value);
            apply_file_names(flag, value, settings);
            return "";
        case Values::time: return value.empty() || is_word_of(flag.words, value) ? "" : complaint(flag, value);
        case Values::interrupt: return apply_interrupt(flag, value, settings);
        case Values::topology: return value.starts_with('L') ? "" : complaint(flag, value);
        case Values::schedulers:
        case Values::dirty_schedulers: return apply_schedulers(flag, value, settings);
        case Values::percentages: {
            std::optional<int64_t> first, second;
            const bool is_valid =
                two_numbers(value, &first, &second) && first.value_or(0) >= 0 && second.value_or(0) >= 0;
            return is_valid ? "" : complaint(flag, value);
        }
        case Values::release: {
            const auto release = exact_number(value);
            const bool is_valid = release && *release >= settings->release - 2 && *release <= settings->release;
            return is_valid ? "" : complaint(flag, value);
        }
        case Values::seconds:
            if (value == "infinity") return "";
            return apply_number(flag, value, settings);
        case Values::allocator: return apply_allocator(value);
        case Values::loose:
        case Values::digits:
        case Values::exact: return apply_number(flag, value, settings);
    }
    return "";
}
