/// What `erl` and the emulator do with their command lines.
///
/// `erl` sorts: what begins with + is a flag of the emulator (written with - from there on), some options are its own (-env, -args_file, …),
/// everything else is init's. The emulator reads its flags up to the first "--" and hands on the rest.

#include "lintel/erl.h"

#include <langinfo.h>
#include <lintel/lintel.h>
#include <locale.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string_view>

#include "lintel/emulator_flags.h"
#include "lintel/end.h"
#include "lintel/jit_options.h"
#include "lintel/otp_root.h"
#include "lintel/signals.h"

namespace {

using Strings = std::vector<std::string>;

constexpr int kExitUsage = 1;

std::string environment(const char* name, const char* otherwise = "") {
    const char* value = std::getenv(name);
    return value != nullptr ? value : otherwise;
}

/// The release of an installed OTP: emulator 13 is that of OTP 25, and so on.
int release_of(const std::string& root) { return std::atoi(erts_version(root).c_str()) + 12; }

int usage(const std::string& what) {
    std::fprintf(stderr,
                 "%s\nUsage: lintel erl [+FLAG…] [OPTION…] [-- ARGUMENT…]\n"
                 "Flags and options are those of OTP's erl; see its manual.\n",
                 what.c_str());
    return kExitUsage;
}

/// Whether the value of a flag is not attached. Letters behind +M belong to the name.
bool stands_alone(const EmulatorFlag& flag, std::string_view attached) {
    return is_allocator_flag(flag) ? !has_allocator_value(attached) : attached.empty();
}
/// Whether the emulator takes the next argument as the value.
bool takes_next(const EmulatorFlag& flag, std::string_view next) {
    switch (value_of_flag(flag)) {
        case FlagValue::none: return false;
        case FlagValue::if_valid: return is_optional_value(flag, next);
        case FlagValue::next: return next != "--";
        case FlagValue::attached: return true;
    }
    return false;
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
    explicit CommandLine(int release) : release_(release) {}
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
        usage("Missing argument(s) for '" + option + "'.");
        return false;
    }
    bool add_flag(const Strings& arguments, size_t* i) {
        const std::string& word = arguments[*i];
        flags.push_back("-" + word.substr(1));
        std::string_view attached;
        const EmulatorFlag* flag = find_emulator_flag(release_, std::string_view(word).substr(1), &attached);
        if (flag == nullptr || !stands_alone(*flag, attached)) return true;
        const bool is_last = *i + 1 == arguments.size();
        switch (value_of_flag(*flag)) {
            case FlagValue::next:
                if (is_last) return missing(word);
                flags.push_back(arguments[++*i]);
                break;
            case FlagValue::if_valid:
                if (!is_last && is_optional_value(*flag, arguments[*i + 1])) flags.push_back(arguments[++*i]);
                break;
            case FlagValue::none:
            case FlagValue::attached: break;
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
    const int release_;
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

/// Whether texts outside are UTF-8 by the environment's locale, if there is such a locale.
bool locale_is_utf8() {
    const locale_t locale = newlocale(LC_CTYPE_MASK, "", nullptr);
    if (locale == nullptr) return false;
    const bool is_utf8 = std::strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;
    freelocale(locale);
    return is_utf8;
}

/// What OTP says of a flag that it does not know; families of flags have words of their own for it.
int unknown_flag(const std::string& program, const std::string& word) {
    if (word.starts_with("-J")) return usage("invalid JIT option " + word);
    if (word.starts_with("-s")) return usage("bad scheduling option " + word);
    if (word.starts_with("-z")) return usage("bad -z option " + word);
    return usage(program + " unknown flag " + word);
}

int emulator(const std::string& program, const Strings& arguments) {
    std::string root = environment("ROOTDIR", default_root().c_str());
    EmulatorSettings settings(release_of(root));
    size_t i = 0;
    for (; i < arguments.size() && arguments[i] != "--"; ++i) {
        const std::string& word = arguments[i];
        std::string_view value;
        const EmulatorFlag* flag = word.starts_with('-')
                                       ? find_emulator_flag(settings.release, std::string_view(word).substr(1), &value)
                                       : nullptr;
        if (flag == nullptr) return unknown_flag(program, word);
        std::string text(value);
        if (stands_alone(*flag, value) && takes_next(*flag, i + 1 < arguments.size() ? arguments[i + 1] : "--")) {
            if (!text.empty()) text += ' ';
            text += arguments[++i];
        }
        if (const std::string wrong = apply_emulator_flag(*flag, text, &settings); !wrong.empty()) return usage(wrong);
    }
    if (settings.is_version_wanted) {
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
    config.rights = LINTEL_RIGHTS_ALL;
    config.abandon = end_at_once;
    config.schedulers = static_cast<unsigned>(settings.schedulers);
    config.process_limit = settings.processes;
    config.atom_limit = settings.atoms;
    config.dist_buffer_limit = settings.dist_buffer;
    config.otp_root = root.c_str();
    settings.library.emplace("file_names", locale_is_utf8() ? "utf8" : "latin1");
    std::vector<lintel_setting> by_name;
    for (const auto& [name, value] : settings.library) by_name.push_back({name.c_str(), value.c_str()});
    config.settings = by_name.data();
    config.setting_count = by_name.size();
    config.stress = std::getenv("LINTEL_STRESS");
    if (!settings.code_symbols.empty()) config.code_symbols = settings.code_symbols.c_str();
    if (const std::string wrong = apply_jit_environment(&config); !wrong.empty()) return usage(wrong);
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
    const std::string root = default_root();
    CommandLine line(release_of(root));
    for (const auto& part : {words_of(environment("ERL_AFLAGS")), arguments, words_of(environment("ERL_FLAGS")),
                             words_of(environment("ERL_OTP25_FLAGS")), words_of(environment("ERL_ZFLAGS"))}) {
        if (!line.add(part)) return line.status;
    }
    if (line.needs_no_epmd && !line.has_carrier) {
        std::fprintf(stderr, "erl: Missing -proto_dist option, expected when using -no_epmd.\n");
        return kExitUsage;
    }
    if (line.is_detached && daemon(1, 0) != 0) return usage(std::string("-detached: ") + std::strerror(errno));
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
