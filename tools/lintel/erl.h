#pragma once
/// `lintel erl`: what the programs `erl` and `beam.smp` of OTP take.

#include <string>
#include <vector>

/// As OTP's program `erl` (erlexec): `arguments` and the variables ERL_AFLAGS, ERL_FLAGS, ERL_OTP25_FLAGS and ERL_ZFLAGS become the emulator's
/// flags and init's arguments. Returns the exit status.
int erl(const std::vector<std::string>& arguments);

/// As OTP's emulator: flags, then "--", then init's arguments. `program` is how it was called. Returns the exit status.
int emulator(const std::string& program, const std::vector<std::string>& arguments);
