#pragma once
/// The verifier: nothing of a file runs before it has shown that the code cannot harm the VM.
/// loader/verify.cpp lists the rules.

#include <optional>
#include <string>

#include "loader/module.h"

namespace lintel {

struct VerifyError {
    uint32_t position;  ///< index into Module::code of the offending instruction
    std::string what;   ///< names function, instruction and rule
};

/// Checks every function of `module`; fills Function::frame_words. Linear in the size of the code for what compilers emit.
std::optional<VerifyError> verify_module(Module& module);

/// A BIF that only raises: error/1,2,3, exit/1, throw/1. Code may call it without a frame, with nothing behind the call.
bool is_exit_function(Term module, Term function, uint32_t arity);

}  // namespace lintel
