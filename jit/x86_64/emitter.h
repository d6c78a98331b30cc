#pragma once
/// From one block's operations to x86-64 code. Private to jit/.
///
/// Each operation has an emit() of its own name; one that has none does not build. Registers are as vm/native_entry.cpp has them:
/// X0 to X5, the heap top, the stack top and the reductions are in machine registers from function to function; the other X registers
/// and all Y registers are in memory. rax, rcx, rdx, rsi are free within an operation, and rdi holds the address of the register
/// file where `has_file_` says so.
///
/// What is rare stands behind the function's end (cold). It either comes back to the label behind the operation, or leaves to the interpreter at
/// the operation, which then does all of it: so an operation must not have changed anything where it leaves.

#include <algorithm>
#include <atomic>
#include <functional>
#include <initializer_list>
#include <memory>
#include <vector>

#include <asmjit/x86.h>

#include "jit/layout.h"
#include "vm/native_code.h"

namespace lintel::x86_64 {

using asmjit::Label;
using asmjit::x86::Gp;
using asmjit::x86::Mem;
using asmjit::x86::Xmm;

namespace reg {
using namespace asmjit::x86;
inline constexpr Gp kState = r15, kStack = r13, kHeap = r12, kReductions = r14d;
inline constexpr unsigned kPinned = 6;
inline constexpr Gp kX[kPinned] = {rbx, rbp, r8, r9, r10, r11};
inline constexpr Gp kFile = rdi;
inline constexpr unsigned kFloats = 8;  ///< F0 to F7 are xmm8 to xmm15
}  // namespace reg

/// More than this is the interpreter's to make room for.
inline constexpr size_t kMostInlineWords = size_t{1} << 24;

/// A register of the VM: where it is and which one, as a byte offset.
struct Place {
    bool is_y;
    uint32_t offset;
};
inline Place x_place(unsigned offset) { return {false, offset}; }
inline Place y_place(unsigned offset) { return {true, offset}; }
inline Word x_source(unsigned offset) { return ops::source_of(static_cast<ops::Reg>(offset)); }
inline Word y_source(unsigned offset) { return ops::source_of(static_cast<ops::Reg>(offset | 1)); }
inline Place place_of(ops::Reg r) { return {(r & 1) != 0, r & ~7u}; }

/// What the calls of one function by names in terms have called last: one for each such place, for as long as the code.
class CallSites {
public:
    using Exports = std::unique_ptr<std::atomic<ExportEntry*>[]>;

    explicit CallSites(const std::vector<LoweredOp>& operations) {
        count_ = static_cast<size_t>(std::ranges::count_if(
            operations, [](const LoweredOp& o) { return o.op == Op::apply || o.op == Op::apply_last; }));
        if (count_ != 0) last_ = Exports(new std::atomic<ExportEntry*>[count_]());
    }
    /// The next; nullptr: there is none.
    std::atomic<ExportEntry*>* take() { return next_ < count_ ? &last_[next_++] : nullptr; }
    Exports release() { return std::move(last_); }

private:
    size_t count_ = 0, next_ = 0;
    Exports last_;
};

class Emitter final : private asmjit::ErrorHandler {
public:
    Emitter(asmjit::CodeHolder& holder, const CodeBlock& block, const std::vector<LoweredOp>& operations);
    /// False: asmjit has refused something, for want of memory.
    bool run();

    /// A place where the interpreter goes on in machine code.
    struct Point {
        uint32_t at;
        Label label;
    };
    const std::vector<Point>& points() const { return points_; }
    Label entry() const { return entry_; }
    CallSites& sites() { return sites_; }

private:
#define OP(name, fields, flags) void emit(const ops::name& op);
#include "vm/ops.def"

    void emit_operation(size_t number);

    // ---- registers
    static bool is_pinned(Place p) { return !p.is_y && p.offset < reg::kPinned * 8; }
    Mem memory(Place p);
    /// The place's machine register, or `scratch` with its value.
    Gp load(Place p, Gp scratch);
    Gp load(ops::Reg r, Gp scratch) { return load(place_of(r), scratch); }
    static bool is_constant(Word source) { return (source & kTagMask) != static_cast<Word>(Tag::code); }
    static Place place_of_source(Word source) { return {(source & 8) != 0, static_cast<uint32_t>(source >> 4)}; }
    void load_file();
    Gp load_source(Word source, Gp scratch);
    void load_into(Gp to, Place p);
    void load_source_into(Gp to, Word source);
    void constant(Gp to, Word value);
    void store(Place p, Gp value);
    void store_constant(Place p, Word value);
    /// Where to make a value for the place: its machine register, or `scratch`; store() does the rest.
    Gp target(Place p, Gp scratch) { return is_pinned(p) ? reg::kX[p.offset / 8] : scratch; }
    void write_word(Mem to, Word value, Gp scratch);
    void write_source(Mem to, Word source, Gp scratch);
    void compare_constant(Gp term, Word value, Gp scratch);

    // ---- control
    Label label_at(int64_t distance);
    void bind(Label label);
    void leave();
    Label leaving();
    Label failing(int32_t fail);
    Label cold(std::function<void()> code);
    void head_operation();
    void spend_reduction();
    void push_return(int32_t popped);
    void enter(const void* entry, int32_t native);
    void jump_to(const void* address);
    const Word* here() const { return block_.code() + here_; }
    const Word* behind() const { return block_.code() + next_; }

    // ---- calls of C++
    void swap_out();
    void swap_in();
    void spill_from(unsigned first);
    void reload_from(unsigned first);
    void spill_volatile();
    void reload_volatile();
    void spill_floats();
    void reload_floats();
    void call(const void* function);
    void call_out(const void* function);
    void call_on_registers(const void* function, const void* op);
    void call_building(const void* function, const void* op);
    template <typename T>
    void call_build(const T& op, Label failed);
    Label raising(int32_t fail);
    void settle();
    template <typename T>
    void call_step(const T& op);
    template <typename T>
    void call_test(const T& op);
    template <typename T>
    void call_fast(const T& op);
    void call_guard(const BifEntry* bif, bool closed, int32_t fail, ops::Reg to, std::initializer_list<Word> args);

    // ---- terms
    void jump_unless_small(Gp term, Gp scratch, Label to);
    void jump_unless_both_small(Gp a, Gp b, Gp scratch, Label to);
    void jump_unless_tag(Gp term, Tag tag, Gp scratch, Label to);
    void load_kind(Gp to, Gp boxed);

    // ---- families
    void compare(Word a, Word b, int32_t fail, bool wants_less);
    void exact(Word a, Word b, int32_t fail, bool wants_same);
    void word_test(Place a, Word value, int32_t fail, bool wants_same);
    void tag_test(Place a, Tag tag, int32_t fail);
    void kind_test(Place a, Kind first, Kind last, int32_t fail);
    void header_test(Place a, Word header, int32_t fail);
    void tagged_test(Place a, Word header, Word tag, int32_t fail);
    void identifier_test(Place a, Imm imm, Kind boxed, int32_t fail);
    void nil_test(Place a, int32_t fail);
    void number_test(Place a, bool or_integer, int32_t fail);
    void value_test(Word a, Word b, int32_t fail, bool wants_equal);
    void call_comparison(bool (*function)(Term, Term), Word a, Word b, bool holds, Label fail);
    void jump_unless_kinds(Kind first, Kind last, Label to);
    void jump_unless_self_tagged(Gp term, Gp scratch, Label to);
    void load_self_tagged(Xmm to, Gp term);
    void compare_floats(Word a, Word b, Label other);
    using Arithmetic = Term (*)(ExecState&, Term, Term);
    enum class Sum : uint8_t { add, sub };
    void sum(Sum kind, Word a, Word b, Place to, Arithmetic slow);
    enum class Bits : uint8_t { band, bor, bxor };
    void bitwise(Bits kind, Word a, Word b, Place to, Arithmetic slow);
    void multiply(Word a, Word b, Place to);
    void float_arithmetic(Word a, Word b, Place to, Label done, Label other, Arithmetic slow);
    void load_low_bits(Gp to, Word source, Label other);
    size_t masked(size_t first);
    void divide(bool remainder, Word a, Word b, Place to);
    void shift_left(Word a, Word b, Place to);
    void shift_right(Word a, Word b, Place to);
    Label slow_arithmetic(Word a, Word b, Place to, Label done, Arithmetic slow);
    Xmm load_float(unsigned n, Xmm scratch);
    void store_float(unsigned n, Xmm value);
    void convert_constant(const ops::fconv& op);
    template <typename F>
    void float_operation(unsigned a, unsigned b, unsigned to, F operate);
    void move(Place from, Place to);
    void exchange(Place a, Place b);
    void load_word(Place to, Mem from);
    void get_list(Place from, Place head, Place tail);
    void cons(Word head, Word tail, Place to);
    void take(Word list, int32_t offset, int32_t fail, ops::Reg to);
    static bool is_word_key(Word key);
    void find_in_flat_map(Word key, Label missing);
    void jump_unless_flat_map(Gp map, Label no_map, Label other);
    template <typename T>
    void put_map(const T& op);
    Label exit(const void* where, NativeExit why);
    void begin_call(const void* op);
    void end_call(NativeExit failed);
    void call_bif(const ops::call_bif& op);
    void set_element(Label other);
    void get_element(Place from, unsigned offset, Place to);
    void room(size_t words);
    void make_boxed(Place to, size_t words);
    template <typename T>
    void get_bits(const T& op, unsigned bits);
    void short_append(const ops::bs_create_bin& op);
    void load_bits_left(ops::Reg context);
    void jump_unless_multiple(unsigned unit, Label to);
    void apply(unsigned arity, int32_t popped, bool is_last);
    void call_fun(unsigned arity, Word fun, int32_t popped, bool is_last);
    void select_range(const Word* values, const Word* targets, uint32_t low, uint32_t high, Gp key, Label fail);

    void handleError(asmjit::Error, const char*, asmjit::BaseEmitter*) override { failed_ = true; }
    void mark_targets();
#define OP(name, fields, flags) void mark_targets_of(const ops::name& op);
#include "vm/ops.def"
    void note_floats(Op op, const Word* at);
    void mark(int64_t distance);

    asmjit::x86::Assembler a_;
    const CodeBlock& block_;
    const std::vector<LoweredOp>& operations_;
    std::vector<Label> labels_;  ///< by word; only where something may jump to
    std::vector<Point> points_;
    CallSites sites_;
    struct Cold {
        Label label;
        uint32_t here, next;
        std::function<void()> code;
    };
    std::vector<Cold> cold_;
    Label entry_;
    Label leave_;        ///< rax: where to go on
    Label leaving_;      ///< see leaving()
    uint32_t here_ = 0;  ///< word of the operation being compiled
    uint32_t next_ = 0;  ///< word behind it
    bool has_file_ = false;
    bool failed_ = false;
    uint32_t floats_ = 0;  ///< F registers that the function uses, of those in machine registers
};

}  // namespace lintel::x86_64
