/// What `erl` and the emulator do with their command lines.
///
/// `erl` sorts: what begins with + is a flag of the emulator (written with - from there on), some options are its own (-env, -args_file, …),
/// everything else is init's. The emulator reads its flags up to the first "--" and hands on the rest.

#include "lintel/erl.h"

#include <lintel/lintel.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <optional>
#include <string_view>

#include "lintel/end.h"
#include "lintel/otp_root.h"
#include "lintel/signals.h"

namespace {

using Strings = std::vector<std::string>;

constexpr int kExitUsage = 1;

std::string environment(const char* name, const char* otherwise = "") {
    const char* value = std::getenv(name);
    return value != nullptr ? value : otherwise;
}

// ---- the emulator's flags

/// What a flag means here.
enum class Flag : uint8_t {
    schedulers,
    processes,
    atoms,
    dist_buffer,
    version,
    interrupt,  ///< what Ctrl-C does
    value,      ///< takes a value; has no effect here
    no_value,   ///< has no effect here
    number,     ///< takes a number; has no effect here
};
/// Flags of OTP's emulator. Those of two letters and more come before those that they begin with.
struct FlagRow {
    std::string_view name;
    Flag kind;
    const char* complaint;  ///< what OTP says of a wrong value
};
constexpr FlagRow kFlags[] = {
    {"hms", Flag::number, "bad heap size"},
    {"hmbs", Flag::number, "bad heap size"},
    {"hmaxel", Flag::value, ""},
    {"hmaxk", Flag::value, ""},
    {"hmax", Flag::number, "bad max heap size"},
    {"hpds", Flag::number, "bad initial process dictionary size"},
    {"hmqd", Flag::value, ""},
    {"h", Flag::number, "bad heap size"},
    {"sbtu", Flag::no_value, ""},
    {"sbtns", Flag::no_value, ""},
    {"sbtts", Flag::no_value, ""},
    {"sbtps", Flag::no_value, ""},
    {"sbts", Flag::no_value, ""},
    {"sbtnnts", Flag::no_value, ""},
    {"sbtnnps", Flag::no_value, ""},
    {"sbttnnps", Flag::no_value, ""},
    {"sbtdb", Flag::no_value, ""},
    {"sbt", Flag::value, ""},
    {"sbwtdcpu", Flag::value, ""},
    {"sbwtdio", Flag::value, ""},
    {"sbwt", Flag::value, ""},
    {"scl", Flag::value, ""},
    {"sct", Flag::value, ""},
    {"secio", Flag::value, ""},
    {"sfwi", Flag::value, ""},
    {"spp", Flag::value, ""},
    {"ssct", Flag::value, ""},
    {"sssdcpu", Flag::number, "bad stack size for dirty CPU scheduler threads"},
    {"sssdio", Flag::number, "bad stack size for dirty IO scheduler threads"},
    {"sss", Flag::number, "bad stack size for scheduler threads"},
    {"stbt", Flag::value, ""},
    {"sub", Flag::value, ""},
    {"swtdcpu", Flag::value, ""},
    {"swtdio", Flag::value, ""},
    {"swct", Flag::value, ""},
    {"swt", Flag::value, ""},
    {"sws", Flag::value, ""},
    {"zdbbl", Flag::dist_buffer, "bad dist buffer busy limit"},
    {"zdntgc", Flag::number, "bad delayed node table gc"},
    {"zebwt", Flag::value, ""},
    {"zosrl", Flag::number, "bad outstanding system requests limit"},
    {"SDPcpu", Flag::value, ""},
    {"SDcpu", Flag::value, ""},
    {"SDio", Flag::number, "bad number of dirty IO schedulers"},
    {"SP", Flag::value, ""},
    {"S", Flag::schedulers, "bad amount of schedulers"},
    {"IOPp", Flag::value, ""},
    {"IOPt", Flag::value, ""},
    {"IOp", Flag::value, ""},
    {"IOt", Flag::value, ""},
    {"JPperf", Flag::value, ""},
    {"JPcover", Flag::value, ""},
    {"JDdump", Flag::value, ""},
    {"JMsingle", Flag::value, ""},
    {"A", Flag::number, "bad number of async threads"},
    {"a", Flag::number, "bad suggested stack size for async threads"},
    {"B", Flag::interrupt, ""},
    {"ctrue", Flag::no_value, ""},
    {"cfalse", Flag::no_value, ""},
    {"c", Flag::value, ""},
    {"C", Flag::value, ""},
    {"dcg", Flag::no_value, ""},
    {"d", Flag::no_value, ""},
    {"e", Flag::number, "bad maximum number of ETS tables"},
    {"fnl", Flag::no_value, ""},
    {"fna", Flag::no_value, ""},
    {"fnaw", Flag::no_value, ""},
    {"fnae", Flag::no_value, ""},
    {"fnai", Flag::no_value, ""},
    {"fnu", Flag::no_value, ""},
    {"fnuw", Flag::no_value, ""},
    {"fnue", Flag::no_value, ""},
    {"fnui", Flag::no_value, ""},
    {"i", Flag::value, ""},
    {"K", Flag::value, ""},
    {"l", Flag::no_value, ""},
    {"L", Flag::no_value, ""},
    {"M", Flag::value, ""},
    {"n", Flag::value, ""},
    {"pc", Flag::value, ""},
    {"P", Flag::processes, "bad number of processes"},
    {"Q", Flag::value, ""},
    {"rg", Flag::number, "bad number of reader groups limit"},
    {"r", Flag::no_value, ""},
    {"R", Flag::number, "bad compatible release number"},
    {"t", Flag::atoms, "bad atom table size"},
    {"T", Flag::number, "bad modified timing level"},
    {"v", Flag::no_value, ""},
    {"V", Flag::version, ""},
    {"W", Flag::value, ""},
    {"x", Flag::no_value, ""},
};

/// In the next argument, unless it is attached.
bool takes_value(Flag kind) { return kind != Flag::no_value && kind != Flag::version && kind != Flag::interrupt; }
/// Whether the value of a flag that stands alone is the next argument.
bool takes_next(Flag kind, std::string_view next) {
    return kind == Flag::interrupt ? next == "c" || next == "d" || next == "i" : takes_value(kind);
}

/// The row of a flag without its sign, and what is behind its name. nullptr: there is none.
const FlagRow* find_flag(std::string_view text, std::string_view* attached) {
    for (const FlagRow& row : kFlags) {
        if (!text.starts_with(row.name)) continue;
        *attached = text.substr(row.name.size());
        // +Mxyz VALUE: the letters belong to the name.
        if (row.name == "M") *attached = "";
        if (!attached->empty() && !takes_value(row.kind) && row.kind != Flag::interrupt) continue;
        return &row;
    }
    return nullptr;
}

std::optional<uint64_t> number(std::string_view text) {
    uint64_t n = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), n);
    if (end.ec != std::errc() || end.ptr != text.data() + text.size()) return std::nullopt;
    return n;
}

int usage(const std::string& what) {
    std::fprintf(stderr,
                 "%s\nUsage: lintel erl [+FLAG…] [OPTION…] [-- ARGUMENT…]\n"
                 "Flags and options are those of OTP's erl; see its manual.\n",
                 what.c_str());
    return kExitUsage;
}

/// What of the flags has an effect.
struct Settings {
    uint64_t schedulers = 0;
    uint64_t processes = 262144;
    uint64_t atoms = 1048576;
    Signals::Interrupt interrupt = Signals::Interrupt::break_menu;
    bool interrupt_is_input = false;  ///< Ctrl-C is a character for the shell
    uint64_t dist_buffer = 0;         ///< bytes; 0: the library's default
};

/// +B, +Bd: the system's default; +Bi: nothing; +Bc: the shell's.
bool set_interrupt(std::string_view how, Settings* settings) {
    using Interrupt = Signals::Interrupt;
    settings->interrupt = how == "i" ? Interrupt::ignore : how == "c" ? Interrupt::break_menu : Interrupt::by_default;
    settings->interrupt_is_input = how == "c";
    return how.empty() || how == "c" || how == "d" || how == "i";
}

/// False: the value makes no sense.
bool apply(const FlagRow& row, std::string_view value, Settings* settings) {
    if (row.kind == Flag::interrupt) return set_interrupt(value, settings);
    if (row.kind == Flag::value) return !value.empty();
    if (row.kind == Flag::schedulers) {
        // Schedulers, or schedulers:online; either may be left out.
        const auto first = number(value.substr(0, value.find(':')));
        if (value.starts_with(':')) return number(value.substr(1)).has_value();
        if (!first || *first < 1 || *first > 1024) return false;
        settings->schedulers = *first;
        return true;
    }
    const auto n = number(value);
    if (!n) return false;
    if (row.kind == Flag::processes) {
        if (*n < 1024 || *n > 134217727) return false;
        settings->processes = *n;
    }
    if (row.kind == Flag::dist_buffer) {
        if (*n < 1 || *n > 2097151) return false;
        settings->dist_buffer = *n * 1024;
    }
    if (row.kind == Flag::atoms) {
        if (*n < 8192 || *n > 2147483647) return false;
        settings->atoms = *n;
    }
    return true;
}

// ---- what erl adds

/// Words of a variable such as ERL_FLAGS: separated by blanks, "…" and '…' keep them together, \ takes the next character as it is.
Strings words_of(const std::string& text) {
    Strings words;
    std::string word;
    bool in_word = false;
    char quote = 0;
    for (size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quote != 0 && c == quote) {
            quote = 0;
        } else if (quote != '\'' && c == '\\' && i + 1 < text.size()) {
            word += text[++i];
            in_word = true;
        } else if (quote == 0 && (c == '"' || c == '\'')) {
            quote = c;
            in_word = true;
        } else if (quote == 0 && std::strchr(" \t\n\r\f\v", c) != nullptr) {
            if (in_word) words.push_back(std::move(word));
            word.clear();
            in_word = false;
        } else {
            word += c;
            in_word = true;
        }
    }
    if (in_word) words.push_back(std::move(word));
    return words;
}

/// Sorts a command line; see the head of this file.
class CommandLine {
public:
    /// False: `status` is to be returned at once.
    bool add(const Strings& arguments) {
        for (size_t i = 0; i < arguments.size(); ++i) {
            const std::string& word = arguments[i];
            if (is_extra_) {
                of_init.push_back(word);
                continue;
            }
            if (word.starts_with('+') && word.size() > 1) {
                if (!add_flag(arguments, &i)) return false;
            } else if (word == "-args_file") {
                if (++i == arguments.size() || !add_file(arguments[i])) return missing(word);
            } else if (word == "-env") {
                if (i + 2 >= arguments.size()) return missing(word);
                setenv(arguments[i + 1].c_str(), arguments[i + 2].c_str(), 1);
                i += 2;
            } else if (word == "-version") {
                flags.push_back("-V");
            } else if (word == "-noinput" || word == "-detached") {
                of_init.insert(of_init.end(), {"-noshell", "-noinput"});
                is_detached = is_detached || word == "-detached";
            } else if (word == "-make" || word == "-compile") {
                flags.push_back("-B");
                if (word == "-make") {
                    of_init.insert(of_init.end(),
                                   {"-noshell", "-noinput", "-s", "make", "all_or_nothing", "-s", "erlang", "halt"});
                    return true;
                }
                of_init.insert(of_init.end(), {"-noshell", "-noinput", "-s", "c", "lc_batch"});
            } else if (word == "-name" || word == "-sname" || word == "-proto_dist") {
                if (i + 1 == arguments.size()) return missing(word);
                is_node = is_node || word != "-proto_dist";
                has_carrier = has_carrier || word == "-proto_dist";
                of_init.insert(of_init.end(), {word, arguments[++i]});
            } else if (word == "-start_epmd") {
                if (++i == arguments.size()) return missing(word);
                if (arguments[i] != "true" && arguments[i] != "false") {
                    usage("Expected boolean argument for '-start_epmd'.");
                    return false;
                }
                starts_epmd = arguments[i] == "true";
                of_init.insert(of_init.end(), {word, arguments[i]});
            } else if (word == "-epmd") {
                if (++i == arguments.size()) return missing(word);
                epmd = arguments[i];
            } else if (word == "-no_epmd") {
                needs_no_epmd = true;
                starts_epmd = false;
                of_init.push_back(word);
            } else if (word == "-emu_type" || word == "-emu_flavor") {
                if (++i == arguments.size()) return missing(word);
            } else {
                if (word == "-extra") is_extra_ = true;
                of_init.push_back(word);
            }
        }
        return true;
    }

    Strings flags, of_init;
    bool is_detached = false;
    bool is_node = false, has_carrier = false;  ///< -name or -sname; -proto_dist
    bool starts_epmd = true, needs_no_epmd = false;
    std::string epmd;  ///< command that starts it; "": the one beside the emulator
    int status = kExitUsage;

private:
    bool missing(const std::string& option) {
        if (status != 0) usage("The option " + option + " has no value");
        return false;
    }
    bool add_flag(const Strings& arguments, size_t* i) {
        const std::string& word = arguments[*i];
        flags.push_back("-" + word.substr(1));
        std::string_view attached;
        const FlagRow* row = find_flag(std::string_view(word).substr(1), &attached);
        if (row != nullptr && attached.empty() && *i + 1 < arguments.size()) {
            const std::string& next = arguments[*i + 1];
            if (takes_next(row->kind, next) && !next.starts_with('-') && !next.starts_with('+'))
                flags.push_back(arguments[++*i]);
        }
        return true;
    }
    /// The arguments in a file; # begins a comment up to the end of the line.
    bool add_file(const std::string& name) {
        std::ifstream file(name);
        if (!file) {
            usage("Failed to open arguments file \"" + name + "\": " + std::strerror(errno));
            return false;
        }
        std::string text, line;
        while (std::getline(file, line)) text += line.substr(0, line.find('#')) + "\n";
        return add(words_of(text));
    }
    bool is_extra_ = false;
};

}  // namespace

namespace {

/// Has the terminal hand on Ctrl-C as it does other characters, for as long as it lives.
class InterruptAsInput {
public:
    explicit InterruptAsInput(bool is_wanted) {
        if (!is_wanted || tcgetattr(STDIN_FILENO, &before_) != 0) return;
        is_changed_ = true;
        termios mode = before_;
        mode.c_cc[VINTR] = _POSIX_VDISABLE;
        tcsetattr(STDIN_FILENO, TCSANOW, &mode);
    }
    ~InterruptAsInput() {
        if (is_changed_) tcsetattr(STDIN_FILENO, TCSANOW, &before_);
    }
    InterruptAsInput(const InterruptAsInput&) = delete;
    InterruptAsInput& operator=(const InterruptAsInput&) = delete;

private:
    termios before_{};
    bool is_changed_ = false;
};

}  // namespace

int emulator(const std::string& program, const Strings& arguments) {
    Settings settings;
    bool is_version_wanted = false;
    size_t i = 0;
    for (; i < arguments.size() && arguments[i] != "--"; ++i) {
        const std::string& word = arguments[i];
        std::string_view value;
        const FlagRow* row = word.starts_with('-') ? find_flag(std::string_view(word).substr(1), &value) : nullptr;
        if (row == nullptr) return usage(program + " unknown flag " + word);
        is_version_wanted = is_version_wanted || row->kind == Flag::version;
        if (value.empty() && i + 1 < arguments.size() && arguments[i + 1] != "--" &&
            takes_next(row->kind, arguments[i + 1]))
            value = arguments[++i];
        if ((takes_value(row->kind) || row->kind == Flag::interrupt) && !apply(*row, value, &settings))
            return usage(row->complaint + (" " + std::string(value)));
    }
    std::string root = environment("ROOTDIR", default_root().c_str());
    if (is_version_wanted) {
        std::fprintf(stderr, "Erlang (SMP,ASYNC_THREADS) (BEAM) emulator version %s\n", erts_version(root).c_str());
        return 0;
    }
    std::vector<const char*> of_init;
    for (++i; i < arguments.size(); ++i) {
        if (arguments[i] == "-root" && i + 1 < arguments.size()) root = arguments[i + 1];
        of_init.push_back(arguments[i].c_str());
    }
    lintel_config config;
    lintel_config_init(&config, sizeof config);
    config.profile = LINTEL_PROFILE_OTP;
    config.rights =
        LINTEL_RIGHT_FILES | LINTEL_RIGHT_PORTS | LINTEL_RIGHT_NETWORK | LINTEL_RIGHT_DISTRIBUTION | LINTEL_RIGHT_NIFS;
    config.abandon = end_at_once;
    config.schedulers = static_cast<unsigned>(settings.schedulers);
    config.process_limit = settings.processes;
    config.atom_limit = settings.atoms;
    config.dist_buffer_limit = settings.dist_buffer;
    config.otp_root = root.c_str();
    config.stress = std::getenv("LINTEL_STRESS");
    Signals signals(settings.interrupt);
    if (const int error = signals.error(); error != 0) {
        std::fprintf(stderr, "lintel: no thread can be made: %s\n", std::strerror(error));
        return kExitUsage;
    }
    config.set_signal = Signals::set;
    config.break_ignored = settings.interrupt == Signals::Interrupt::ignore ? 1 : 0;
    lintel_vm* vm = nullptr;
    if (const lintel_result made = lintel_vm_create(&config, &vm); made != LINTEL_OK) {
        std::fprintf(stderr, "lintel: no VM can be made: %s\n", lintel_result_text(made));
        return kExitUsage;
    }
    const InterruptAsInput interrupt(settings.interrupt_is_input);
    signals.set_vm(vm);
    int status = 0;
    if (lintel_boot(vm, static_cast<int>(of_init.size()), of_init.data(), &status) != LINTEL_OK) {
        std::fprintf(stderr, "lintel: %s\n", lintel_error(vm));
        status = kExitUsage;
    }
    signals.set_vm(nullptr);
    lintel_vm_destroy(vm);
    return status;
}

int erl(const Strings& arguments) {
    CommandLine line;
    for (const auto& part : {words_of(environment("ERL_AFLAGS")), arguments, words_of(environment("ERL_FLAGS")),
                             words_of(environment("ERL_OTP25_FLAGS")), words_of(environment("ERL_ZFLAGS"))}) {
        if (!line.add(part)) return line.status;
    }
    if (line.needs_no_epmd && !line.has_carrier) {
        std::fprintf(stderr, "erl: Missing -proto_dist option, expected when using -no_epmd.\n");
        return kExitUsage;
    }
    if (line.is_detached && daemon(1, 0) != 0) return usage(std::string("-detached: ") + std::strerror(errno));
    const std::string root = default_root();
    const std::string version = erts_version(root);
    if (version.empty()) return usage(root + ": no OTP installation (it has no folder erts-*/bin)");
    // Of a folder made by link-otp, which has this program as the emulator.
    const std::string programs = environment("LINTEL_BINDIR", (root + "/erts-" + version + "/bin").c_str());
    setenv("ROOTDIR", root.c_str(), 1);
    setenv("BINDIR", programs.c_str(), 1);
    setenv("EMU", "beam", 1);
    setenv("PROGNAME", "erl", 1);
    setenv("PATH", (programs + ":" + root + "/bin:" + environment("PATH")).c_str(), 1);
    if (line.is_node && line.starts_epmd) {
        // It becomes a process of its own; if there is one already, it ends at once.
        const std::string command = line.epmd.empty() ? "\"" + programs + "/epmd\" -daemon" : line.epmd;
        if (std::system(command.c_str()) == -1) {
            std::fprintf(stderr, "Error spawning %s (error %d)\n", command.c_str(), errno);
            return kExitUsage;
        }
    }
    Strings all = line.flags;
    for (const std::string& word :
         {std::string("--"), std::string("-root"), root, std::string("-bindir"), programs, std::string("-progname"),
          std::string("erl"), std::string("--"), std::string("-home"), environment("HOME", "/")}) {
        all.push_back(word);
    }
    if (const std::string port = environment("ERL_EPMD_PORT"); !port.empty())
        all.insert(all.end(), {"-epmd_port", port});
    all.push_back("--");
    all.insert(all.end(), line.of_init.begin(), line.of_init.end());
    return emulator("lintel", all);
}
