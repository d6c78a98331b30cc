#pragma once
/// `lintel conformance`: OTP's own test suites on this VM.

#include <string>
#include <vector>

/// Becomes conformance/run.py, with this program as the VM unless the arguments name another; the exit status if that cannot be.
int conformance(const std::vector<std::string>& arguments);
