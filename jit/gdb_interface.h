#pragma once
/// gdb's interface for code that is made at run time: a list of object files in memory, and a function in which gdb has a breakpoint to see it
/// change. Names and layout are gdb's (its manual, "JIT Compilation Interface"). One list for a process: that is what gdb reads.

#include <cstdint>

extern "C" {

enum { JIT_NOACTION = 0, JIT_REGISTER_FN, JIT_UNREGISTER_FN };

// NOLINTBEGIN(readability-identifier-naming)
struct jit_code_entry {
    jit_code_entry* next_entry;
    jit_code_entry* prev_entry;
    const char* symfile_addr;
    uint64_t symfile_size;
};

struct jit_descriptor {
    uint32_t version;
    uint32_t action_flag;
    jit_code_entry* relevant_entry;
    jit_code_entry* first_entry;
};
// NOLINTEND(readability-identifier-naming)

extern jit_descriptor __jit_debug_descriptor;  // NOLINT(bugprone-reserved-identifier)
}
