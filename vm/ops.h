#pragma once
/// Internal operations as structs, from vm/ops.def. Lowering fills them in, the interpreter reads them.

#include <cstdint>

#include "loader/code_server.h"

namespace lintel {

enum class Op : uint16_t {
#define OP(name, fields, flags) name,
#define FUSED2(a, b) a##__##b,
#define FUSED3(a, b, c) a##__##b##__##c,
#define FUSED4(a, b, c, d) a##__##b##__##c##__##d,
#define FUSED5(a, b, c, d, e) a##__##b##__##c##__##d##__##e,
#define FUSED6(a, b, c, d, e, f) a##__##b##__##c##__##d##__##e##__##f,
#include "vm/ops.def"
    count,
};

enum OpFlags : uint8_t { kTerminator = 1, kRaises = 2, kSafepoint = 4 };

namespace ops {

/// Byte offset of a register; bit 0: it is a Y register.
using Reg = uint16_t;

constexpr Reg x_reg(unsigned n) { return static_cast<Reg>(n * 8); }
constexpr Reg y_reg(unsigned n) { return static_cast<Reg>(n * 8 + 1); }
/// A register as a source operand (S field).
constexpr Word source_of(Reg r) {
    return (static_cast<Word>(r & ~7u) << 4) | ((r & 1u) << 3) | static_cast<Word>(Tag::code);
}

struct alignas(8) Head {
    int32_t dispatch;  ///< distance of the handler from the interpreter's first label
};

#define X(n) uint16_t n;
#define Y(n) uint16_t n;
#define R(n) Reg n;
#define S(n) Word n;
#define L(n) int32_t n;
#define U16(n) uint16_t n;
#define U32(n) uint32_t n;
#define W(n) Word n;
#define P(type, n) type* n;
#define REST
#define OP(name, fields, flags)             \
    struct alignas(8) name {                \
        static constexpr Op kOp = Op::name; \
        int32_t dispatch;                   \
        fields                              \
    };
#include "vm/ops.def"
#undef X
#undef Y
#undef R
#undef S
#undef L
#undef U16
#undef U32
#undef W
#undef P
#undef REST

/// Slot of bs_restore that means: where the match began.
inline constexpr uint16_t kBsStartSlot = 0xffff;

/// `live` where nothing may be collected there.
inline constexpr uint16_t kNoLive = 0xffff;

/// Words that follow the fixed part of `op` (REST).
template <typename T>
const Word* rest(const T& op) {
    return reinterpret_cast<const Word*>(&op + 1);
}

}  // namespace ops

struct NativeCode;  // vm/native_code.h

/// A prepared function: its code and what stack traces need. Allocated with the code behind it.
struct CodeBlock {
    struct LineEntry {
        uint32_t offset;  ///< first word the line is about
        uint32_t line;    ///< index into Module::lines
    };
    FunctionEntry* function;
    uint32_t words;
    uint32_t entry_offset;
    uint32_t line_count;
    int32_t entry_dispatch;   ///< of the first operation, whose own head a breakpoint may have changed
    int32_t traced_dispatch;  ///< likewise, of a call that the breakpoint has let through
    LineEntry* lines;
    CodeBlock* replaced;  ///< what the function ran before it became native, or nullptr: some may be in it still
    NativeCode* native;   ///< what a compiler made of it, or nullptr

    Word* code() { return reinterpret_cast<Word*>(this + 1); }
    const Word* code() const { return reinterpret_cast<const Word*>(this + 1); }
    const Word* entry() const { return code() + entry_offset; }
    Word* entry() { return code() + entry_offset; }
    size_t bytes() const { return sizeof *this + words * kWordBytes + line_count * sizeof(LineEntry); }
};

}  // namespace lintel
