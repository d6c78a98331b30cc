#pragma once
/// Lowerer: the state of lowering one function. Private to vm/.

#include <cstddef>
#include <new>
#include <vector>

#include "vm/lower.h"
#include "vm/native_code.h"

namespace lintel {

class Lowerer {
public:
    /// `entries`: machine code can be entered where it may be left (vm/native_code.h).
    Lowerer(CodeServer& code, FunctionEntry& function, const int32_t* handlers, bool entries);
    CodeBlock* run();
    /// The operations of the block that run() has made, in order.
    std::vector<LoweredOp> operations() const;
    CodeBlock* run_native(const BifEntry& bif);

private:
    struct Label {
        uint32_t label;
        uint32_t offset;  ///< in words
    };
    struct Fixup {
        uint32_t op;     ///< word offset of the operation that the distance counts from
        uint32_t place;  ///< byte in the operation, or word offset of a REST word
        uint32_t label;
        bool in_rest;
    };

    /// Appends an operation, zeroed but for its handler. The reference is good until the next emit or push.
    template <typename T>
    T& emit() {
        if (is_pass_due_) pass();
        is_pass_due_ = entries_ && is_resumed_after(T::kOp);
        last_ = words_.size();
        words_.resize(last_ + sizeof(T) / kWordBytes);
        T* op = new (&words_[last_]) T{};
        op->dispatch = handlers_[static_cast<size_t>(T::kOp)];
        emitted_.push_back(T::kOp);
        emitted_at_.push_back(static_cast<uint32_t>(last_));
        return *op;
    }

    /// What emit has just appended.
    template <typename T>
    T& last() {
        return *reinterpret_cast<T*>(&words_[last_]);
    }

    CodeBlock* finish();
    ir::Instruction lower(ir::Instruction i);
    ir::Instruction lower_call(ir::Instruction i);
    void lower_call_ext(ir::Instruction i);
    ir::Instruction lower_test(ir::Instruction i);
    ir::Instruction lower_data(ir::Instruction i);
    void lower_select(ir::Instruction i);
    void lower_select_tuple_arity(ir::Instruction i);
    void lower_map(ir::Instruction i);
    static uint16_t live_of_map(ir::Instruction i);
    bool lower_new_map(ir::Instruction i);
    std::vector<uint32_t> key_order(ir::Instruction i) const;
    void lower_bif(uint32_t fail, uint32_t import, const ir::Operand* args, uint32_t count, ir::Operand to,
                   bool closed);
    /// How an instruction names a record; the non-values: any.
    struct RecordName {
        Term module, name;
        bool external;  ///< must have been exported
    };
    RecordName record_name(ir::Operand o) const;
    bool lower_record(ir::Instruction i);      // vm/lower_records.cpp
    void lower_put_record(ir::Instruction i);  // vm/lower_records.cpp
    void lower_bits(ir::Instruction i);        // vm/lower_bs.cpp
    void lower_bs_match(ir::Instruction i);    // vm/lower_bs.cpp
    void lower_bs_create(ir::Instruction i);   // vm/lower_bs.cpp
    /// Instructions of OTP 24 and older, as one of later releases; the instruction behind them, or `i` itself if it is no such row.
    ir::Instruction lower_bs_filled(ir::Instruction i);  // vm/lower_bs.cpp
    void push_segment(ir::BinSegment type, uint32_t number, uint32_t flags, uint32_t unit, Word value, Word size) {
        words_.push_back(static_cast<Word>(type) | Word{number} << 8 | Word{flags} << 24 | Word{unit} << 32);
        words_.push_back(value);
        words_.push_back(size);
    }
    bool lower_bs_reading(ir::Instruction i);  // vm/lower_bs.cpp
    bool lower_bs_writing(ir::Instruction i);  // vm/lower_bs.cpp

    void pass();
    void place_label(uint32_t label);
    void label_field(size_t op_at, size_t byte_in_op, uint32_t label);
    void rest_label(size_t op_at, uint32_t label);

    static bool is_x(ir::Operand o) { return o.kind() == ir::OperandKind::x; }
    static bool is_y(ir::Operand o) { return o.kind() == ir::OperandKind::y; }
    static uint16_t y_offset(ir::Operand o) { return static_cast<uint16_t>(o.reg() * 8); }
    Term constant(ir::Operand o) const { return module_.constant(o); }
    /// Of an operand with letter z: Term::kSmallMax is more than anything has.
    Word big_number(ir::Operand o) const {
        return o.kind() == ir::OperandKind::unsigned_ ? o.value() : static_cast<Word>(constant(o).to_small());
    }
    bool is_word_constant(ir::Operand o) const;
    static ops::Reg reg(ir::Operand o) {
        return o.kind() == ir::OperandKind::y ? ops::y_reg(o.reg()) : ops::x_reg(o.reg());
    }
    Word source(ir::Operand o) const { return o.is_register() ? ops::source_of(reg(o)) : constant(o).word(); }
    /// The register of `o`; a constant is first moved to the scratch register.
    ops::Reg register_before(ir::Operand o);

    const BifEntry* bif_of_import(uint32_t import) const;
    const BifEntry* bif_of_label(ir::Operand label) const;
    FunctionEntry* callee(ir::Operand label) const;
    static bool is_deallocate_return(ir::Instruction i, uint32_t* words);

    void emit_move(ir::Operand from, ir::Operand to);
    void emit_call_bif(const BifEntry* bif);
    void emit_return(uint32_t deallocate_words, bool has_frame);
    void emit_check_cons(ir::Instruction i, ops::Reg from);
    void emit_unsupported(const char* what);
    void begin_tuple(ops::Reg to, uint32_t arity);
    void init_frame(uint32_t count);
    template <typename T>
    void emit_type_test(ir::Instruction i) {
        const ops::Reg a = register_before(i[1]);
        auto& op = emit<T>();
        op.a = a;
        label_field(last_, offsetof(T, fail), i[0].value());
    }
    template <typename T>
    void emit_compare(ir::Instruction i);
    template <typename XX, typename XC, typename CX, typename Generic>
    void emit_order(ir::Instruction i);
    template <typename WordX, typename WordOp, typename XX, typename Generic>
    void emit_exact(ir::Instruction i);
    template <typename T_x, typename T>
    void emit_type_test_x(ir::Instruction i);
    void emit_arity_test(uint32_t fail, ir::Operand tuple, uint32_t arity);
    void check_elements(ir::Instruction i, ops::Reg from);
    void fuse();
    template <typename T>
    void emit_bif2(const BifEntry* bif, uint32_t fail, ir::Operand a, ir::Operand b, ir::Operand to);
    template <typename T>
    void emit_add_constant(const BifEntry* bif, uint32_t fail, uint16_t a, ir::Operand b, ir::Operand to);
    template <typename T>
    void emit_add_registers(const BifEntry* bif, uint32_t fail, uint16_t a, ir::Operand b, ir::Operand to);
    bool hides_operator(ir::Operand a, ir::Operand b, int64_t least);
    void lower_plus(const BifEntry* bif, uint32_t fail, ir::Operand a, ir::Operand b, ir::Operand to);
    bool lower_arithmetic(AtomId name, const BifEntry* bif, uint32_t fail, ir::Operand a, ir::Operand b,
                          ir::Operand to);
    void lower_minus(const BifEntry* bif, uint32_t fail, ir::Operand a, ir::Operand b, ir::Operand to);
    template <typename T>
    void emit_float(ir::Instruction i);
    void emit_bs_start(uint32_t fail, ir::Operand from, uint32_t live, uint32_t slots, ir::Operand to);
    template <typename T>
    void emit_bs_field(uint32_t fail, ir::Operand context, uint32_t live, ir::Operand size, uint32_t unit,
                       uint32_t flags, ir::Operand to);
    void emit_bs_integer(uint32_t fail, ir::Operand context, uint32_t live, ir::Operand size, uint32_t unit,
                         uint32_t flags, ir::Operand to);
    void emit_bs_skip(uint32_t fail, ir::Operand context, ir::Operand size, uint32_t unit);
    void emit_bs_utf(ir::Instruction i, uint16_t width, bool skip);
    template <typename T>
    void emit_bs_put(ir::Instruction i);

    CodeServer& code_server_;
    FunctionEntry& entry_;
    LoadedModule& loaded_;
    const Module& module_;
    const Module::Function& function_;
    const int32_t* handlers_;
    std::vector<Word> words_;
    std::vector<Label> labels_;
    std::vector<Fixup> fixups_;
    std::vector<CodeBlock::LineEntry> lines_;
    std::vector<Op> emitted_;                  ///< the operations in order…
    std::vector<uint32_t> emitted_at_;         ///< … and where they are in words_
    const uint32_t* checked_until_ = nullptr;  ///< last instruction for which check_elements has checked
    size_t last_ = 0;
    const bool entries_;
    bool is_pass_due_ = false;  ///< behind the operation that has been emitted last
    uint32_t entry_offset_ = 0;
};

}  // namespace lintel
