#include "vm/native_code.h"

#include "vm/exec_state.h"

/// The ways into machine code and out of it, where they do not depend on what has been compiled. In machine code
///
///     r15  ExecState      r13  E, stack top      r12  H, heap top      r14d  reductions
///     rbx rbp r8 r9 r10 r11   X0 to X5
///
/// and the stack pointer is a multiple of 16, with kNativeScratchBytes above it for anyone.

namespace lintel {

#if defined(__x86_64__)

namespace {

constexpr size_t kStackTop = offsetof(ExecState, heap) + offsetof(Heap, stack_top);
constexpr size_t kHeapTop = offsetof(ExecState, heap) + offsetof(Heap, htop);
constexpr size_t kX = offsetof(RegisterFile, x);

// Never run: its assembly holds the functions, since only inside of one can assembly have constants of C++.
[[gnu::used, gnu::naked]] void native_entries() {
    asm volatile(
        R"(
        .globl native_code_enter
        .hidden native_code_enter
        .type native_code_enter, @function
native_code_enter:
        push %%rbp
        push %%rbx
        push %%r12
        push %%r13
        push %%r14
        push %%r15
        sub $40, %%rsp
        mov %%rdi, %%r15
        mov %c[stack_top](%%r15), %%r13
        mov %c[heap_top](%%r15), %%r12
        mov %c[reductions](%%r15), %%r14d
        mov %c[registers](%%r15), %%rdx
        mov %c[x]+0(%%rdx), %%rbx
        mov %c[x]+8(%%rdx), %%rbp
        mov %c[x]+16(%%rdx), %%r8
        mov %c[x]+24(%%rdx), %%r9
        mov %c[x]+32(%%rdx), %%r10
        mov %c[x]+40(%%rdx), %%r11
        jmp *%%rsi
        .size native_code_enter, .-native_code_enter

        .globl native_code_to_entry
        .hidden native_code_to_entry
        .type native_code_to_entry, @function
native_code_to_entry:
        mov (%%rcx), %%rax
        jmp native_code_leave

        .globl native_code_to_return
        .hidden native_code_to_return
        .type native_code_to_return, @function
native_code_to_return:
        sub $%c[code_tag], %%rax

        .globl native_code_leave
        .hidden native_code_leave
        .type native_code_leave, @function
native_code_leave:
        xor %%edx, %%edx

        .globl native_code_leave_why
        .hidden native_code_leave_why
        .type native_code_leave_why, @function
native_code_leave_why:
        mov %c[registers](%%r15), %%rcx
        mov %%rbx, %c[x]+0(%%rcx)
        mov %%rbp, %c[x]+8(%%rcx)
        mov %%r8, %c[x]+16(%%rcx)
        mov %%r9, %c[x]+24(%%rcx)
        mov %%r10, %c[x]+32(%%rcx)
        mov %%r11, %c[x]+40(%%rcx)

        .globl native_code_leave_raw
        .hidden native_code_leave_raw
        .type native_code_leave_raw, @function
native_code_leave_raw:
        mov %%r13, %c[stack_top](%%r15)
        mov %%r12, %c[heap_top](%%r15)
        mov %%r14d, %c[reductions](%%r15)
        add $40, %%rsp
        pop %%r15
        pop %%r14
        pop %%r13
        pop %%r12
        pop %%rbx
        pop %%rbp
        ret
)"
        :
        : [stack_top] "i"(kStackTop), [heap_top] "i"(kHeapTop), [reductions] "i"(offsetof(ExecState, reductions)),
          [registers] "i"(offsetof(ExecState, registers)), [x] "i"(kX), [code_tag] "i"(Tag::code));
}

}  // namespace

static_assert(kNativeScratchBytes == 40);
static_assert(offsetof(ExportEntry, entry) == 0 && offsetof(FunctionEntry, entry) == 0);
static_assert(sizeof(NativeResult) == 16);

#else

extern "C" NativeResult native_code_enter(ExecState*, const void*) { LINTEL_UNREACHABLE(); }
extern "C" void native_code_leave() {}
extern "C" void native_code_leave_why() {}
extern "C" void native_code_leave_raw() {}
extern "C" void native_code_to_entry() {}
extern "C" void native_code_to_return() {}

#endif

}  // namespace lintel
