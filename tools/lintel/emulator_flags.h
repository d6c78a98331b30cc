#pragma once
/// The flags of OTP's emulator: which there are, what values they take, what is said of a wrong one.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "lintel/signals.h"

/// What of the flags has an effect.
struct EmulatorSettings {
    const int release;  ///< of the OTP whose emulator this stands in for

    uint64_t schedulers = 0;
    uint64_t processes = 262144;
    uint64_t atoms = 1048576;
    uint64_t dist_buffer = 0;  ///< bytes; 0: the library's default
    std::string code_symbols;  ///< of lintel_config
    Signals::Interrupt interrupt = Signals::Interrupt::break_menu;
    bool interrupt_is_input = false;  ///< Ctrl-C is a character for the shell
    bool is_version_wanted = false;
    std::map<std::string, std::string> library;  ///< lintel_config::settings

    explicit EmulatorSettings(int of) : release(of) {}
};

/// A row of the table.
struct EmulatorFlag;

/// The row of a flag of that release, without its sign, and what is behind its name. nullptr: there is none.
const EmulatorFlag* find_emulator_flag(int release, std::string_view text, std::string_view* attached);
/// How `erl` finds the value of a flag that stands alone.
enum class FlagValue : uint8_t {
    none,      ///< it has none
    next,      ///< it is the next argument, whatever that is
    if_valid,  ///< it is the next argument if that makes sense as one
    attached,  ///< it must be attached; the emulator takes the next argument all the same
};
FlagValue value_of_flag(const EmulatorFlag& flag);
/// +M: what is attached are letters, and behind them the value, if that is attached as well.
bool is_allocator_flag(const EmulatorFlag& flag);
bool has_allocator_value(std::string_view attached);
/// Whether `next` makes sense as the value of a flag that may do without.
bool is_optional_value(const EmulatorFlag& flag, std::string_view next);
/// Notes what a flag says. "": it is well, or what OTP says of the value.
std::string apply_emulator_flag(const EmulatorFlag& flag, std::string_view value, EmulatorSettings* settings);
