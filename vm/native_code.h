#pragma once
/// Machine code beside lowered code: what the interpreter and a compiler (jit/) agree on. docs/design/jit.md has the whole.
///
/// A function's block stays; machine code is made from its operations and does the same to the same registers, stack and heap. Return
/// addresses on the stack are the interpreter's, so that stacks, traces, handlers and collections know one kind of code only. Machine
/// code may leave to the interpreter in front of any operation; the interpreter goes on in machine code at each `native` operation.

#include <cstddef>
#include <string>
#include <vector>

#include "base/word.h"
#include "vm/ops.h"

namespace lintel {

struct ExecState;

/// Bytes above the stack pointer that machine code may use between calls.
inline constexpr size_t kNativeScratchBytes = 40;

/// Why machine code gives control back.
enum class NativeExit : uint32_t {
    go_on,        ///< the interpreter goes on at `ip`
    bif_failed,   ///< the call_bif at `ip` has called: the result is the non-value, ExecState::pending says why
    send_failed,  ///< likewise, of a send
    send_done,    ///< a send has been done and the slice is used up
    bif_done,     ///< the call_bif at `ip` has called: its result is in X0, a collection or the end of the slice is due
};

struct NativeResult {
    const Word* ip;
    NativeExit exit;
};

class NativeCompiler;

/// Machine code of one block.
struct NativeCode {
    NativeCompiler* compiler;  ///< who frees it
    const void* entry;         ///< arguments in X registers
    size_t bytes;              ///< of memory, with what describes it
};

/// An operation of a block, without regard to fusion.
struct LoweredOp {
    Op op;
    uint32_t at;  ///< word in the block
};

/// Makes machine code of blocks. Any thread; one at a time.
class NativeCompiler {
public:
    /// Where in the block the interpreter and other functions' returns go on in machine code.
    struct Resume {
        uint32_t at;  ///< word of a `pass` operation
        const void* code;
    };

    virtual ~NativeCompiler() = default;
    /// Machine code of `block`, whose operations are `ops` in order. Sets resumes, the function's entry not among them. nullptr: there is no
    /// memory for it, or too much has been used already; nothing has happened.
    virtual NativeCode* compile(const CodeBlock& block, const std::vector<LoweredOp>& ops,
                                std::vector<Resume>* resumes) = 0;
    virtual void release(NativeCode* code) = 0;
    /// The machine code of `block` as text, for people: each operation and beneath it its instructions, with what is rare behind the others. ""
    /// if there is no memory for it.
    virtual std::string listing(const CodeBlock& block, const std::vector<LoweredOp>& ops) = 0;
};

/// Whether this build can run machine code at all.
#if (defined(__x86_64__) || defined(__aarch64__)) && defined(__linux__)
inline constexpr bool kHasNativeCode = true;
#else
inline constexpr bool kHasNativeCode = false;
#endif

/// Goes on at `code` with everything swapped out, and comes back with everything swapped out again.
extern "C" NativeResult native_code_enter(ExecState* p, const void* code);

/// Where machine code goes to leave it; docs/design/jit.md has the registers. Not to be called. Registers named: of x86-64, and of AArch64.
extern "C" void native_code_leave();      ///< to the operation in rax, x0
extern "C" void native_code_leave_why();  ///< the same; edx, w1: a NativeExit
extern "C" void native_code_leave_raw();  ///< the same; X registers are in their places in memory
extern "C" void native_code_to_entry();   ///< to the entry of the FunctionEntry or ExportEntry in rcx, x16
extern "C" void native_code_to_return();  ///< to the return address that is in rax, x0, already taken off the stack

#ifdef __SANITIZE_THREAD__
/// Machine code reads what other threads have published through `native` addresses, which ThreadSanitizer does not see: who publishes releases
/// this, who comes out of machine code acquires it.
extern "C" void __tsan_acquire(void* address);  // NOLINT(bugprone-reserved-identifier)
extern "C" void __tsan_release(void* address);  // NOLINT(bugprone-reserved-identifier)
inline char native_publication;
inline void publish_native() { __tsan_release(&native_publication); }
inline void see_published_native() { __tsan_acquire(&native_publication); }
#else
inline void publish_native() {}
inline void see_published_native() {}
#endif

inline const void* native_address(void (*code)()) { return reinterpret_cast<const void*>(code); }

/// Whether a `pass` operation follows each operation of this kind: calls, and what machine code leaves to the interpreter.
constexpr bool is_resumed_after(Op op) {
    switch (op) {
        case Op::call:
        case Op::call_ext:
        case Op::call_bif:
        case Op::call_fun:
        case Op::call_fun2:
        case Op::apply:
        case Op::send:
        case Op::loop_rec:
        case Op::bs_start_match:
        case Op::catch_end:
#define LEAVE(name) case Op::name:
#define LEAVE_FOR_GOOD(name)
#include "vm/native_leaves.def"
            return true;
        default: return false;
    }
}

}  // namespace lintel
