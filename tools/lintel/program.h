#pragma once
/// What `lintel run` runs: a VM with a program in it.

#include <lintel/lintel.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lintel/confinement.h"

/// Exit statuses of the command itself; a program's own status is passed on.
inline constexpr int kExitFailure =
    1;                                ///< the program failed, a file has gaps, or the system refuses memory or threads
inline constexpr int kExitUsage = 2;  ///< the command line makes no sense, or names what is not there

/// Told when the limit of its time has ended a program.
inline constexpr const char* kTimeIsOver = "the program's time is over";
/// Says what is wrong, and returns the exit status for that.
int fail(const std::string& text);
int fail(const std::string& text, lintel_result result);

struct Vm {
    lintel_vm* vm = nullptr;
    ~Vm() { lintel_vm_destroy(vm); }
    /// The exit status; 0: made.
    int create(const lintel_config& config);
    const char* error() const { return lintel_error(vm); }
};

struct RunOptions {
    std::string target;
    std::string module;
    std::string function;
    std::vector<std::string> paths;
    std::vector<std::string> arguments;
    std::string otp;
    unsigned schedulers = 0;
    size_t max_processes = 0;
    size_t max_memory = 0;
    std::vector<std::string> trusted;  ///< keys of packs
    bool needs_signature = false;
    bool is_own_pack = false;  ///< the program is the pack behind this executable
    std::string seed_text, seeds_text;
    std::optional<uint64_t> seed;  ///< of one run
    bool virtual_clock = false;
    std::string jit, code_symbols;  ///< of lintel_config, unless the environment is to say it
    std::string schedule;           ///< file for the record of the schedule
    Confinement confinement;
    bool until_failure = false;
    unsigned jobs = 0;
    std::vector<std::string> words;  ///< of the whole command line, but for the program's name
};

std::string directory_of(const std::string& path);
/// What the options say of a VM.
lintel_config config_of(const RunOptions& options);

/// A program in a VM of its own, ready to run.
class Program {
public:
    /// The exit status, and why on stderr; 0: it is there.
    int load(const lintel_config& config, const RunOptions& options);
    /// Once: *status is the program's exit status. As `load`: not 0 if there is no such function, for example.
    int run(const RunOptions& options, int* status);
    lintel_vm* vm() const { return vm_.vm; }

private:
    int add_pack(lintel_config config, const RunOptions& options);
    int add_target(const RunOptions& options);

    Vm vm_;
    std::string module_, function_;
};

/// `lintel run`, with at most one seed.
int run(const RunOptions& options);
