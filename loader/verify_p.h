#pragma once
/// Private to the verifier: what a register can hold, the state at a point of the code, and the class that follows it.
/// loader/verify.cpp tells how; docs/design/verifier.md lists the rules.

#include <vector>

#include "loader/genop.h"
#include "loader/verify.h"

namespace lintel::verifier {

/// What a register holds for sure.
enum class Holds : uint32_t {
    nothing,  ///< not initialised: may neither be read nor seen by the collector
    term,     ///< any term
    cons,
    tuple,        ///< payload: it has at least so many elements
    real,         ///< a float
    fresh_tuple,  ///< what setelement/3 returned, and nothing built since; payload as of tuple
    last_plain = fresh_tuple,
    context,        ///< a match context
    maybe_context,  ///< a match context or any term
    vacant,         ///< [], put there by allocate in a function with eager frames; as good as nothing. Y registers only
    mark,           ///< catch mark; payload: label of the handler. Y registers only
    exception,      ///< the non-value that x0 is when a handler is entered
    maybe_exception,  ///< that, or any term
};

/// What a register holds, and a number about it, in one word.
struct Type {
    uint32_t bits = 0;

    static constexpr uint32_t kPayloadShift = 4;
    static constexpr uint32_t kMaxPayload = (1u << 27) - 1;
    /// It may refer to a message that is still in the mailbox.
    static constexpr uint32_t kFragile = 1u << 31;
    constexpr Type() = default;
    constexpr Type(Holds h, uint32_t payload = 0) : bits(static_cast<uint32_t>(h) | payload << kPayloadShift) {}
    static constexpr Type of(uint32_t word) {
        Type t;
        t.bits = word;
        return t;
    }
    constexpr Holds holds() const { return static_cast<Holds>(bits & 15); }
    constexpr uint32_t payload() const { return (bits & ~kFragile) >> kPayloadShift; }
    constexpr bool is_fragile() const { return (bits & kFragile) != 0; }
    constexpr Type durable() const { return of(bits & ~kFragile); }
    /// The same, fragile if `other` is.
    constexpr Type with(Type other) const { return of(bits | (other.bits & kFragile)); }
    static constexpr Type tuple(uint32_t elements) {
        return Type(Holds::tuple, elements < kMaxPayload ? elements : kMaxPayload);
    }
    constexpr bool operator==(const Type&) const = default;
    constexpr bool is_nothing() const { return bits == 0; }
    constexpr bool is_vacant() const { return holds() == Holds::vacant; }
    /// An Erlang term that is no match context: any instruction may have it.
    constexpr bool is_plain() const { return bits != 0 && holds() <= Holds::last_plain; }
    constexpr bool is_mark() const { return holds() == Holds::mark; }
    /// What the collector may meet in an X register.
    constexpr bool is_root() const { return bits != 0 && holds() <= Holds::maybe_context; }
    constexpr bool is_exception() const { return holds() >= Holds::exception; }
    constexpr bool is_tuple() const { return holds() == Holds::tuple || holds() == Holds::fresh_tuple; }
};

inline constexpr uint32_t kMaxRegisters = 1024;
/// The engine's own register.
inline constexpr uint32_t kReservedX = kMaxRegisters - 1;
inline constexpr uint32_t kNoFrame = 0xffff;
/// Arguments that match contexts may be passed in.
inline constexpr uint32_t kContextArguments = 64;
/// Operands that the engine counts in 16 bits.
inline constexpr uint32_t kMaxElements = 0xffff;
/// X registers that a process which does not run can keep.
inline constexpr uint32_t kMaxSavedX = 255;
inline constexpr uint32_t kConsWords = 2;
inline constexpr uint32_t kFunWords = 3;
inline constexpr uint32_t kBoxedFloatWords = 2;

/// All that is known at a point of a function. X registers from x_count on hold nothing.
struct State {
    uint32_t x_count = 0;
    uint32_t frame = kNoFrame;  ///< number of Y registers
    /// Paths with different frames have met: compilers let them where the code only raises. `frame` Y registers can be named, all
    /// of the real frame, if there is one, are initialised, none holds a catch mark.
    bool open = false;
    uint32_t credit = 0;   ///< heap words that may be written
    uint32_t f_words = 0;  ///< words of `f` in use
    bool writer = false;   ///< a binary is under construction (bs_init2 … and the puts)
    bool fresh = false;    ///< fresh_tuple means something: nothing was built or called since
    // Derived from y; forgotten whenever in doubt.
    bool y_ready = false;             ///< every Y register is initialised
    bool y_fragile = false;           ///< a Y register may be fragile
    bool handler_told = false;        ///< the handler of `lowest_mark` knows this state of y
    uint32_t lowest_mark = kNoFrame;  ///< first Y register with a catch mark: where an exception goes
    Type x[kMaxRegisters];
    Type y[kMaxRegisters];
    uint32_t f[kMaxRegisters / 32];  ///< bit set of float registers that are initialised

    /// Y registers that can be named.
    uint32_t y_count() const { return frame == kNoFrame ? 0 : frame; }
};

class Verifier {
public:
    explicit Verifier(Module& m)
        : m_(m), label_state_(m.label_position.size(), 0), label_dirty_(m.label_position.size(), 0),
          functions_(m.functions.size()) {}

    std::optional<VerifyError> run();

private:
    using Instruction = ir::Instruction;
    using Operand = ir::Operand;
    using OperandKind = ir::OperandKind;

    struct FunctionState {
        uint64_t context_arguments = 0;  ///< which arguments a caller in the module passes match contexts in
        bool queued = false;
        bool eager_frames = false;  ///< allocate sets its Y registers
        bool own_messages = false;  ///< what loop_rec shows is the heap's at once
    };
    /// How a state is kept at a label: this, then y, f (as many words as there were at first), x.
    struct Kept {
        uint32_t x_count;
        uint32_t frame;
        uint32_t credit;
        uint16_t f_words;
        bool writer;
        bool open;
    };
    static constexpr uint32_t kKeptWords = sizeof(Kept) / sizeof(uint32_t);

    // ---- loader/verify.cpp: functions, blocks, labels
    bool function(uint32_t index);
    bool follow(uint32_t index);
    bool sweep(uint32_t from, bool first);
    bool falls_into_handler();
    bool blank_dead_code();
    void blank(uint32_t from, uint32_t to);
    bool step(Instruction i);
    [[gnu::cold]] bool fail(const std::string& what);
    uint32_t position(Instruction i) const { return static_cast<uint32_t>(i.words() - m_.code.data()); }
    bool ends(Instruction i) const;
    bool is_exit_call(Instruction i) const;
    /// `i` is a call that does not come back. The engine makes sure of it where the check bit is set.
    bool is_last_call(Instruction i) const;
    void set_check() { m_.code[at_] |= Instruction::kCheckBit; }

    // ---- loader/verify_loops.cpp
    /// The present instruction jumps back to `label`.
    void note_backward(uint32_t label);
    bool has_no_loop();

    // ---- loader/verify_state.cpp: states
    /// The present state reaches `label`.
    bool flow(uint32_t label);
    bool flow(Operand label) { return flow(label.value()); }
    void keep(uint32_t label);
    bool merge(uint32_t label, bool* changed);
    void load(uint32_t label);
    bool join(uint32_t* into, Type met, bool* changed);
    bool open_frame(uint32_t* words, Kept& k);
    bool can_be_open(const uint32_t* y, uint32_t count);
    /// An exception may be raised here.
    bool raises();
    /// The present state reaches the handler at `label`, by an exception.
    bool enter_handler(uint32_t label);
    bool raises_or_flows(Operand label) { return label.value() == 0 ? raises() : flow(label); }
    bool y_ready();
    void y_changed();

    [[gnu::cold]] bool bad_operand(Operand o, const char* wanted);
    bool read(Operand o);
    bool read_x(uint32_t count);
    /// What has been read goes where it may stay: to other code, to another process.
    bool durable();
    /// The message last looked at is no longer to be had: what may refer to it is gone.
    void drop_fragile();
    /// It is part of the heap now.
    void make_durable();
    bool read_context(Operand o);
    Type type_of(Operand o) const;
    bool write(Operand to, Type t);
    void refine(Operand o, Type t);
    void set_x(uint32_t n, Type t);
    bool read_float(Operand o);
    void write_float(Operand o);
    bool consume(uint64_t words);
    /// The instruction may collect with the first `live` X registers as roots: are they, and all Y registers, in order?
    bool may_collect(uint32_t live);
    /// It has, perhaps: other X registers are gone, and so is what was reserved.
    void collected(uint32_t live);
    /// What an instruction does that has read its operands, may collect, may fail, and else writes a term.
    bool makes_term(Operand fails, uint32_t live, Operand to);
    void drop_x(uint32_t from) {
        if (s_.x_count > from) s_.x_count = from;
    }
    bool has_frame();
    bool is_frame(uint32_t words);
    bool no_frame();

    // ---- loader/verify_control.cpp
    bool control(Instruction i);
    bool allocate(uint32_t words, uint32_t need, uint32_t live, bool zero);
    bool trim(uint32_t words, uint32_t left);
    bool local_arguments(Operand arity, Operand label);
    bool external_arguments(Operand arity, Operand import);
    bool after_call(Instruction i);
    bool called();
    static bool is_setelement(const Module::Import& import);
    bool receive(Instruction i);
    void waited(uint32_t live);
    bool exceptions(Instruction i);
    bool ends_mark(Operand y);

    // ---- loader/verify_data.cpp
    bool data(Instruction i);
    bool move(Operand from, Operand to);
    bool test1(Instruction i);
    bool select(Instruction i);
    bool take_apart(Instruction i);
    bool put_tuple(Instruction i);
    bool update_record(Instruction i);
    bool maps(Instruction i);
    bool records(Instruction i);
    bool names_record(Operand o);
    static bool is_bit_size(const Module::Import& import);
    bool bif(Operand fails, Operand import, Instruction i, uint32_t first, uint32_t count, Operand to, int live);
    bool floats(Instruction i);
    bool make_fun(Instruction i);

    // ---- loader/verify_bits.cpp
    bool bits(Instruction i);
    bool unit(Operand o);
    bool small_number(Operand o);
    bool survives(Operand o, uint32_t live);
    bool bs_start(Operand fails, Operand from, uint32_t live, Operand to);
    bool bs_get(Operand fails, Operand context, uint32_t live, Operand size, Operand to);
    bool bs_match(Instruction i);
    bool bs_create(Instruction i);
    bool bs_begin(Operand fails, Operand size, Operand from, Operand to, uint32_t words, uint32_t live);
    bool bs_put(Operand fails, Operand value);
    bool raises_with_loss(Operand fails);

    Module& m_;
    std::vector<uint32_t> label_state_;  ///< by label: where in kept_ its state is, or 0
    std::vector<uint8_t> label_dirty_;   ///< by label: its state has changed since the code behind it was followed
    std::vector<FunctionState> functions_;
    std::vector<uint32_t> queue_;  ///< functions to be verified again: contexts reach them
    std::vector<uint32_t> kept_;
    std::vector<uint32_t> labels_;  ///< of this function, that have a state
    std::vector<uint32_t> dirty_;
    std::vector<uint32_t> back_labels_;  ///< of this function, that jumps backwards lead to
    std::vector<uint8_t> label_color_;   ///< by label: zero but in has_no_loop
    struct Range {
        uint32_t from, to;
    };
    std::vector<Range> skipped_;

    uint32_t function_ = 0;
    bool first_sweep_ = false;
    bool all_seen_ = false;  ///< every function has been verified once
    /// Not an error: the function is to be verified again, with the engine doing more.
    enum class Restart : uint8_t { no, eager_frames, own_messages };
    Restart restart_ = Restart::no;
    Type taint_;          ///< fragile: so is what the present instruction makes
    uint32_t at_ = 0;     ///< position of the present instruction
    uint32_t next_ = 0;   ///< of the one behind it
    uint32_t end_ = 0;    ///< of the function
    bool alive_ = false;  ///< the present state goes on to the next instruction
    uint64_t work_ = 0;
    uint64_t work_limit_ = 0;
    VerifyError error_{};
    State s_;
};

}  // namespace lintel::verifier
