#pragma once
/// `lintel check`: what a module needs that this VM lacks.

#include <string>
#include <vector>

#include "embed/bare_vm.h"

namespace lintel {

/// A line for each import that is OTP's BIF by the look of it (its module is one whose functions OTP implements natively and
/// no file on the code path exports it otherwise) but not one of ours, and for each import that nothing on the code path exports.
std::vector<std::string> find_gaps(BareVm& vm, const Module& module);

}  // namespace lintel
