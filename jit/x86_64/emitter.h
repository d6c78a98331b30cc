#pragma once
/// From one block's operations to x86-64 code. Private to jit/.
///
/// Each operation has an emit() of its own name; one that has none does not build. Registers are as vm/native_entry.cpp has them:
/// X0 to X5, the heap top, the stack top and the reductions are in machine registers from function to function; the other X registers
/// and all Y registers are in memory. rax, rcx, rdx, rsi are free within an operation, and rdi holds the address of the register
/// file where `has_file_` says so.

#include <initializer_list>

#include <asmjit/x86.h>

#include "jit/block_emitter.h"
#include "jit/layout.h"

namespace lintel::x86_64 {

using namespace jit;
using asmjit::x86::Gp;
using asmjit::x86::Mem;
using asmjit::x86::Xmm;

namespace reg {
using namespace asmjit::x86;
inline constexpr Gp kState = r15, kStack = r13, kHeap = r12, kReductions = r14d;
inline constexpr unsigned kPinned = 6;
inline constexpr Gp kX[kPinned] = {rbx, rbp, r8, r9, r10, r11};
inline constexpr Gp kFile = rdi;
/// Of functions of C++: what they return, and what they get behind the state.
inline constexpr Gp kResult = rax, kArgument1 = rsi, kArgument2 = rdx;
inline constexpr Gp kField = rax, kOtherField = rcx;  ///< see emit_bit_rows.cpp
inline constexpr unsigned kFirstFloat = 8;            ///< F0 to F7 are xmm8 to xmm15
}  // namespace reg

class Emitter final : public BlockEmitter {
public:
    Emitter(asmjit::CodeHolder& holder, const CodeBlock& block, const std::vector<LoweredOp>& operations);

private:
#define OP(name, fields, flags) void emit(const ops::name& op);
#include "vm/ops.def"

    void emit_operation(Op op, const Word* at) override;
    void leave() override;
    void emit_leave() override;
    void emit_jump(Label to) override { a_.jmp(to); }
    void emit_finite_test(unsigned number, Label other) override;
    void emit_float_copy(unsigned to, unsigned from) override { store_float(to, load_float(from, asmjit::x86::xmm0)); }
    void emit_chain(const RingChain& chain, Label done, Label other) override;
    void emit_bit_row(const BitRow& row, Label other) override;

    // ---- registers
    static bool is_pinned(Place p) { return !p.is_y && p.offset < reg::kPinned * 8; }
    Mem memory(Place p);
    /// The place's machine register, or `scratch` with its value.
    Gp load(Place p, Gp scratch);
    Gp load(ops::Reg r, Gp scratch) { return load(place_of(r), scratch); }
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
    void spend_reduction();
    void push_return(int32_t popped);
    void enter(const void* entry, int32_t native);
    void jump_if_native(Label to);
    void jump_to(const void* address);

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
    void size_of(GuardForm form, Word a, Place to, Label other);
    void extreme_of(GuardForm form, Word a, Word b, Place to, Label other);
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
    void load_large(Gp to, Gp term, Label other);
    void divide(bool remainder, Word a, Word b, Place to);
    void shift_left(Word a, Word b, Place to);
    void shift_right(Word a, Word b, Place to);
    Label slow_arithmetic(Word a, Word b, Place to, Label done, Arithmetic slow);
    void test_finite(Xmm value, Label other);
    Xmm load_float(unsigned n, Xmm scratch);
    void store_float(unsigned n, Xmm value);
    void load_constant(unsigned to, double value);
    void convert_constant(const ops::fconv& op);
    template <typename F>
    void float_operation(unsigned a, unsigned b, unsigned to, F operate);
    void move(Place from, Place to);
    void exchange(Place a, Place b);
    void load_word(Place to, Mem from);
    void get_list(Place from, Place head, Place tail);
    void cons(Word head, Word tail, Place to);
    void take(Word list, int32_t offset, int32_t fail, ops::Reg to);
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
    void load_bytes(Gp to, Mem from, unsigned count, bool is_little);
    void load_row_bytes(Gp to, uint32_t first, unsigned count, bool is_little);
    void load_window(uint32_t first, uint32_t bits);
    void take_field(const BitField& field, Gp number, unsigned width, unsigned below);
    void use_field(const BitRow& row, const BitField& field, Gp number);
    void jump_unless_word(Gp number, Word value, Label other);
    void jump_unless_bytes(const BitField& field, Label other);
    void set_back(ops::Reg context, uint32_t bits);
    Label field_differs(const BitRow& row, const BitField& field);
    void read_bytes_row(const BitRow& row);
    void read_bits_row(const BitRow& row);
    void append_whole(unsigned unit, unsigned bytes, Label other);
    void begin_field(Gp context, unsigned bits, Label fail, Label other);
    void get_ascii(const ops::bs_get_utf& op, Label other);
    void get_integer_64(const ops::bs_get_integer_fixed& op, Label other);
    void get_float_64(const ops::bs_get_float& op, Label other);
    void match_on(const ops::bs_start_match& op, Label other);
    void read_field_64(Gp context, bool is_little, Label fail, Label other);
    void get_part(ops::Reg from, ops::Reg to, PartSize kind, unsigned unit, Word size, Label fail, Label other);
    void copy_part(const ops::bs_get_binary& op, unsigned bytes, Label other);
    void write_header(Word header);
    void load_segment(const BitSegment& segment, bool is_first, Label other);
    void append_bits(unsigned head, unsigned rest);
    void store_gathered(int32_t at, unsigned bits);
    void gather(const BitSegments& all, int32_t at, bool stores_all, Label other);
    void append(const ops::bs_create_bin& op, const BitSegments& segments, Label done, Label other);
    void load_heap_address(Gp to, int32_t at);
    void call_append(const void* function, Word old, uint32_t sizes, Label other);
    void load_bits_left(ops::Reg context);
    void jump_unless_multiple(unsigned unit, Label to);
    void apply(unsigned arity, int32_t popped, bool is_last);
    void call_fun(unsigned arity, Word fun, int32_t popped, bool is_last);
    void select_range(const Word* values, const Word* targets, uint32_t low, uint32_t high, Gp key, Label fail);

    asmjit::x86::Assembler a_;
};

}  // namespace lintel::x86_64
