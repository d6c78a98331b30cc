/// The command `lintel`. A client of the public C API (include/lintel/lintel.h) and of nothing else.

#include <fcntl.h>
#include <lintel/lintel.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "lintel/conformance.h"
#include "lintel/erl.h"
#include "lintel/jit_options.h"
#include "lintel/link_otp.h"
#include "lintel/otp_root.h"
#include "lintel/pack.h"
#include "lintel/program.h"
#include "lintel/seeds.h"

namespace {

/// The exit status of what wrote to stdout with stdio: `status`, unless not all of it could be written.
int written(int status) {
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return status;
    fail(std::string("standard output: ") + std::strerror(errno));
    return kExitFailure;
}

void print_line(void*, const char* text) { std::printf("%s\n", text); }

void print_indented(void*, const char* text) { std::printf("  %s\n", text); }

int check(const std::vector<std::string>& files, const RunOptions& options) {
    Vm vm;
    if (const int made = vm.create(config_of(options)); made != 0) return made;
    for (const std::string& path : options.paths) lintel_add_code_path(vm.vm, path.c_str());
    int status = 0;
    for (const std::string& file : files) {
        lintel_add_code_path(vm.vm, directory_of(file).c_str());
        std::printf("%s:\n", file.c_str());
        size_t count = 0;
        if (lintel_check_file(vm.vm, file.c_str(), print_indented, nullptr, &count) != LINTEL_OK) {
            std::printf("  refused: %s\n", vm.error());
            status = kExitFailure;
        } else if (count != 0) {
            status = kExitFailure;
        } else {
            std::printf("  nothing is missing\n");
        }
    }
    return status;
}

int disassemble(const std::string& file, const std::string& function, bool machine_code, const RunOptions& options) {
    Vm vm;
    if (const int status = vm.create(config_of(options)); status != 0) return status;
    const char* const only = function.empty() ? nullptr : function.c_str();
    const auto tell = machine_code ? lintel_disassemble_machine_code : lintel_disassemble_file;
    const lintel_result result = tell(vm.vm, file.c_str(), only, print_line, nullptr);
    return result == LINTEL_OK ? 0 : fail(vm.error(), result);
}

std::string version_text(bool says_more) {
    std::string text = std::string("lintel ") + lintel_version();
    if (!says_more) return text;
    const char* about = nullptr;
    const bool has_machine_code = lintel_has_machine_code(&about) != 0;
    return text + "\nmachine code: " + (has_machine_code ? about : std::string("none (") + about + ")");
}

/// Options of all commands that look modules up.
void add_lookup(CLI::App* command, RunOptions& options) {
    command
        ->add_option("--otp", options.otp,
                     "OTP installation to take modules from (default: LINTEL_OTP_ROOT, or /usr/lib/erlang)")
        ->type_name("DIR");
    command->add_option("--pa,-p", options.paths, "Directory to look for modules in; may be repeated, and written -pa")
        ->allow_extra_args(false)
        ->type_name("DIR");
}

CLI::App* add_run(CLI::App& app, RunOptions& options) {
    CLI::App* run_command = app.add_subcommand("run", "Run a module: main/1 with the arguments, main/0 or start/0");
    run_command->add_option("target", options.target, "A .beam file, a directory of them, or a pack")
        ->type_name("FILE|DIR");
    run_command->add_option("-m,--module", options.module, "Module to run")->type_name("MODULE");
    run_command->add_option("-f,--function", options.function, "Function to call instead of main or start")
        ->type_name("NAME");
    run_command
        ->add_option("-S,--schedulers", options.schedulers, "Scheduler threads (default: one for each processor)")
        ->check(CLI::Range(1u, 1024u));
    run_command
        ->add_option("--max-processes", options.max_processes,
                     "Most processes at a time, rounded up to a power of two (default: 262144)")
        ->check(CLI::Range(size_t{1024}, size_t{134217727}));
    run_command
        ->add_option("--max-memory", options.max_memory, "Bytes that the program may fill; K, M, G are understood")
        ->transform(CLI::AsSizeValue(false));
    run_command
        ->add_option("--trust", options.trusted, "Public key of packs that are trusted (64 digits, or a file of them)")
        ->allow_extra_args(false)
        ->type_name("KEY");
    run_command->add_flag("--signed", options.needs_signature, "Refuse a pack that no trusted key has signed");
    options.confinement.add_options(*run_command);
    run_command
        ->add_option("--seed", options.seed_text,
                     "Let the schedule, time and chance follow from this number: the same each time")
        ->type_name("N");
    run_command
        ->add_option(
            "--seeds", options.seeds_text,
            "Run the program with each of these seeds, and tell which fail: with an exit status that is not 0, an "
            "error that is reported, or a deadlock")
        ->type_name("A..B");
    run_command->add_flag("--until-failure", options.until_failure,
                          "Of --seeds: stop at the first that fails, and show it");
    run_command
        ->add_option("--jobs", options.jobs, "Of --seeds: runs at the same time (default: one for each processor)")
        ->check(CLI::Range(1u, 1024u));
    run_command->add_flag("--virtual-clock", options.virtual_clock,
                          "Time goes on as the program computes, and skips to the next timer when it only waits");
    run_command
        ->add_option("--trace", options.schedule,
                     "With --seed or --virtual-clock: write what happens, a line for each slice, signal and timer")
        ->type_name("FILE");
    const auto wrong = [](const std::string& mode) {
        return !mode.empty() && is_jit_mode(mode) ? std::string() : wrong_jit_mode(mode);
    };
    run_command
        ->add_option("--jit", options.jit,
                     "Which functions become machine code: off (none), lazy (those that are called often) or eager "
                     "(each when it is first called) (default: LINTEL_JIT, or lazy)")
        ->check(wrong)
        ->type_name("MODE");
    const auto wrong_symbols = [](const std::string& who) {
        return !who.empty() && is_code_symbols(who) ? std::string() : wrong_code_symbols(who);
    };
    run_command
        ->add_option("--code-symbols", options.code_symbols,
                     "Whom to tell of machine code: map and dump (perf), gdb, separated by commas; true: map and dump "
                     "(default: LINTEL_CODE_SYMBOLS, or false)")
        ->check(wrong_symbols)
        ->type_name("WHOM");
    add_lookup(run_command, options);
    run_command->footer("Everything after -- is passed to the program.");
    return run_command;
}

/// What the command line says to us; what is the program's goes to the options, and a strange name of a function to *function.
std::vector<std::string> words_of(int argc, char** argv, RunOptions* options, std::string* function) {
    // `-pa DIR` is how every Erlang tool spells it; what follows `--` belongs to the program.
    std::vector<std::string> words;
    bool ours = true;
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        if (ours && word == "--") {
            ours = false;
        } else if (ours && words.size() > 1 && words[0] == "disasm" && word.starts_with('-') &&
                   word.find('/') != std::string::npos) {
            *function = word;  // -main/0-fun-1-/2, as the compiler names what it lifts
        } else if (!ours) {
            options->arguments.push_back(word);
        } else {
            words.push_back(word == "-pa" ? "--pa" : word);
        }
    }
    if (!words.empty() && words[0] == "help") {  // of the command that is named, if there is one
        words.erase(words.begin());
        words.resize(std::min<size_t>(words.size(), 1));
        words.push_back("--help");
    }
    return words;
}

int command(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);  // a reader that has gone is an error of write, which is told
    // OTP's programs call their emulator by one of these names.
    const char* const slash = argc > 0 ? std::strrchr(argv[0], '/') : nullptr;
    if (slash != nullptr && std::strncmp(slash, "/beam.", 6) == 0) return emulator(argv[0], {argv + 1, argv + argc});
    RunOptions options;
    if (lintel_has_own_pack() != 0) {
        options.is_own_pack = true;
        options.arguments.assign(argv + std::min(argc, 1), argv + argc);
        return run(options);
    }
    if (argc > 1 && std::strcmp(argv[1], "erl") == 0) return erl({argv + 2, argv + argc});
    if (argc > 1 && std::strcmp(argv[1], "conformance") == 0) return conformance({argv + 2, argv + argc});
    CLI::App app{"Lintel runs compiled Erlang and Elixir (.beam files).", "lintel"};
    bool says_more = false;  // before --version, which ends the parsing
    CLI::Option* const verbose =
        app.add_flag("-v,--verbose", says_more, "With --version: what makes machine code, too");
    verbose->needs(app.set_version_flag("--version", [&says_more] { return version_text(says_more); }));

    std::vector<std::string> files;
    std::string file, function;

    CLI::App* run_command = add_run(app, options);
    CLI::App* check_command =
        app.add_subcommand("check", "List what files need that this VM lacks, without running them");
    check_command->add_option("files", files, "Files to look at")->type_name("FILE");
    add_lookup(check_command, options);

    CLI::App* link_command = app.add_subcommand(
        "link-otp",
        "Make a folder which, put first on PATH, has erl, elixir, mix, rebar3, … use Lintel; or give a "
        "release's folder erts-*/bin this program as its emulator");
    std::string directory;
    link_command->add_option("directory", directory, "The folder")->type_name("DIR");
    link_command->add_option("--otp", options.otp, "OTP installation (default: LINTEL_OTP_ROOT, or /usr/lib/erlang)")
        ->type_name("DIR");
    PackCommand pack_command(app);
    app.add_subcommand("erl", "OTP's erl on Lintel: boots an OTP installation; takes what erl takes")
        ->footer("Behind erl come the options of OTP's erl, and no others.");
    app.add_subcommand("conformance", "Run OTP's own test suites on Lintel, or on another VM, beside the release's erl")
        ->footer("lintel conformance --help has its options; python3 runs it.");

    CLI::App* disasm_command = app.add_subcommand("disasm", "Show a file's chunks and code");
    disasm_command->add_option("file", file, "File to show")->type_name("FILE");
    disasm_command->add_option("function", function, "The only function to show")->type_name("NAME/ARITY");
    bool machine_code = false;
    disasm_command->add_flag("--jit", machine_code, "Show the machine code that is made of the functions instead");
    add_lookup(disasm_command, options);

    app.footer("lintel help COMMAND has the options of a command.");  // which have footers of their own, or none

    std::vector<std::string> words = words_of(argc, argv, &options, &function);
    if (words.empty())
        return fail("say what to do: run, check, disasm, pack, erl, link-otp or conformance (--help tells more)");
    const bool is_run = words[0] == "run";
    const auto is_named = [&words](const CLI::App* known) { return known->get_name() == words[0]; };
    if (!words[0].starts_with('-') && app.get_subcommands(is_named).empty())
        return fail(
            words[0] +
            ": no such command; there are run, check, disasm, pack, erl, link-otp and conformance (--help tells more)");
    std::reverse(words.begin(), words.end());
    try {
        app.parse(words);
    } catch (const CLI::Success& told) {
        app.exit(told);  // --help, --version
        return written(0);
    } catch (const CLI::ParseError& error) {
        const bool of_program = is_run && dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr;
        return fail(std::string(error.what()) + (of_program ? "\nArguments of the program come after --." : "") +
                    "\nRun with --help for more information.");
    }
    if (*run_command) {
        options.words.assign(argv + 1, argv + argc);
        return run_with_seeds(options);
    }
    if (pack_command.is_given()) return written(pack_command.run());
    if (*link_command) {
        if (directory.empty()) return fail("link-otp: no folder given");
        return link_otp(directory, options.otp.empty() ? default_root() : options.otp);
    }
    if (*check_command) return files.empty() ? fail("check: no file given") : written(check(files, options));
    return file.empty() ? fail("disasm: no file given") : written(disassemble(file, function, machine_code, options));
}

/// Of descriptors 0 to 2 those that are not open become /dev/null, as OTP's emulator has it: nobody else's file is to have their numbers.
void open_standard_descriptors() {
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
        // The lowest number that is free: those below are open by now.
        if (fcntl(fd, F_GETFD) == -1 && errno == EBADF && open("/dev/null", O_RDWR) != fd) return;
    }
}

}  // namespace

int main(int argc, char** argv) {
    open_standard_descriptors();
    try {
        const int status = command(argc, argv);
        if (status == LINTEL_STATUS_ABORT) std::abort();  // the program has called erlang:halt(abort)
#ifdef NDEBUG
        // What libraries would still tidy up goes with the program.
        std::fflush(nullptr);
        _exit(status);
#else
        return status;
#endif
    } catch (const std::exception& error) {
        std::fprintf(stderr, "lintel: %s\n", error.what());
        return kExitFailure;
    }
}
