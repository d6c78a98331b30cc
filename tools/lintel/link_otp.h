#pragma once
/// `lintel link-otp`: has OTP's and Elixir's own programs use this VM.

#include <string>

/// Makes `directory`, in which erl, erlc, escript, … are those of the OTP in `root`, with this program as their emulator. If `directory` is the folder
/// erts-*/bin of a release (or of an OTP), its emulator is replaced by this program, and kept as beam.smp.otp. The exit status.
int link_otp(const std::string& directory, const std::string& root);
