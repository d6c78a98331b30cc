#include "vm/native_code.h"

#include "vm/exec_state.h"

/// The ways into machine code and out of it, where they do not depend on what has been compiled. In machine code of x86-64
///
///     r15  ExecState      r13  E, stack top      r12  H, heap top      r14d  reductions
///     rbx rbp r8 r9 r10 r11   X0 to X5
///
/// of AArch64
///
///     x25  ExecState      x26  E, stack top      x27  H, heap top      w28  reductions
///     x19 to x24   X0 to X5      x29  frame pointer: the record that native_code_enter makes
///
/// and the stack pointer is a multiple of 16, with kNativeScratchBytes above it for anyone.

namespace lintel {

namespace {

constexpr size_t kStackTop = offsetof(ExecState, heap) + offsetof(Heap, stack_top);
constexpr size_t kHeapTop = offsetof(ExecState, heap) + offsetof(Heap, htop);
constexpr size_t kX = offsetof(RegisterFile, x);

}  // namespace

static_assert(kNativeScratchBytes == 40);
static_assert(offsetof(ExportEntry, entry) == 0 && offsetof(FunctionEntry, entry) == 0);
static_assert(sizeof(NativeResult) == 16);

#if defined(__x86_64__)

namespace {

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

#elif defined(__aarch64__)

namespace {

// See above. The hints are landing pads (bti jc) for programs whose own code is guarded.
[[gnu::used]] void native_entries() {
    asm volatile(
        R"(
        b 1f
        .globl native_code_enter
        .hidden native_code_enter
        .type native_code_enter, @function
        .balign 16
native_code_enter:
        hint #38
        sub sp, sp, #208
        stp x29, x30, [sp, #48]
        add x29, sp, #48
        stp x19, x20, [sp, #64]
        stp x21, x22, [sp, #80]
        stp x23, x24, [sp, #96]
        stp x25, x26, [sp, #112]
        stp x27, x28, [sp, #128]
        stp d8, d9, [sp, #144]
        stp d10, d11, [sp, #160]
        stp d12, d13, [sp, #176]
        stp d14, d15, [sp, #192]
        mov x25, x0
        mov x16, x1
        ldr x26, [x25, %[stack_top]]
        ldr x27, [x25, %[heap_top]]
        ldr w28, [x25, %[reductions]]
        ldr x9, [x25, %[registers]]
        ldp x19, x20, [x9, %[x]]
        ldp x21, x22, [x9, %[x]+16]
        ldp x23, x24, [x9, %[x]+32]
        br x16
        .size native_code_enter, .-native_code_enter

        .globl native_code_to_entry
        .hidden native_code_to_entry
        .type native_code_to_entry, @function
native_code_to_entry:
        hint #38
        ldr x0, [x16]
        b native_code_leave
        .size native_code_to_entry, .-native_code_to_entry

        .globl native_code_to_return
        .hidden native_code_to_return
        .type native_code_to_return, @function
native_code_to_return:
        hint #38
        sub x0, x0, %[code_tag]

        .globl native_code_leave
        .hidden native_code_leave
        .type native_code_leave, @function
native_code_leave:
        hint #38
        mov w1, wzr

        .globl native_code_leave_why
        .hidden native_code_leave_why
        .type native_code_leave_why, @function
native_code_leave_why:
        hint #38
        ldr x9, [x25, %[registers]]
        stp x19, x20, [x9, %[x]]
        stp x21, x22, [x9, %[x]+16]
        stp x23, x24, [x9, %[x]+32]

        .globl native_code_leave_raw
        .hidden native_code_leave_raw
        .type native_code_leave_raw, @function
native_code_leave_raw:
        hint #38
        str x26, [x25, %[stack_top]]
        str x27, [x25, %[heap_top]]
        str w28, [x25, %[reductions]]
        ldp x29, x30, [sp, #48]
        ldp x19, x20, [sp, #64]
        ldp x21, x22, [sp, #80]
        ldp x23, x24, [sp, #96]
        ldp x25, x26, [sp, #112]
        ldp x27, x28, [sp, #128]
        ldp d8, d9, [sp, #144]
        ldp d10, d11, [sp, #160]
        ldp d12, d13, [sp, #176]
        ldp d14, d15, [sp, #192]
        add sp, sp, #208
        ret
1:
)"
        :
        : [stack_top] "i"(kStackTop), [heap_top] "i"(kHeapTop), [reductions] "i"(offsetof(ExecState, reductions)),
          [registers] "i"(offsetof(ExecState, registers)), [x] "i"(kX), [code_tag] "i"(Tag::code));
}

}  // namespace

#else

extern "C" NativeResult native_code_enter(ExecState*, const void*) { LINTEL_UNREACHABLE(); }
extern "C" void native_code_leave() {}
extern "C" void native_code_leave_why() {}
extern "C" void native_code_leave_raw() {}
extern "C" void native_code_to_entry() {}
extern "C" void native_code_to_return() {}

#endif

}  // namespace lintel
