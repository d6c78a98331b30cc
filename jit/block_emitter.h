#pragma once
/// What the emitters for all machines have in common: the way through a block's operations, its labels, and code that stands out of the way.
/// Private to jit/.
///
/// What is rare stands behind the function's end (cold). It either comes back to the label behind the operation, or leaves to the interpreter at
/// the operation, which then does all of it: so an operation must not have changed anything where it leaves.

#include <atomic>
#include <functional>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <asmjit/core.h>

#include "jit/bit_row.h"
#include "jit/bit_segments.h"
#include "jit/code_symbols.h"
#include "jit/known_doubles.h"
#include "jit/operands.h"
#include "jit/ring.h"
#include "vm/native_code.h"

namespace lintel::jit {

using asmjit::Label;

/// More than this is the interpreter's to make room for.
inline constexpr size_t kMostInlineWords = size_t{1} << 24;
/// In the place of the size of a frame that is left: the call comes back.
inline constexpr int32_t kReturns = -1;

/// Where a key was that is looked up in flat maps.
struct KeyPlace {
    /// The number of its element in the tuple of keys, in the place where the header of a tuple has its size: the header's low half is not
    /// smaller if there is such an element.
    std::atomic<uint32_t> place{0};
    std::atomic<uint32_t> misses{0};
    /// Where keys are in many places, it is left as it is: other threads read it.
    static constexpr uint32_t kMostMisses = 16;
};

/// What places in one function's code have found last, for as long as the code.
class Sites {
public:
    struct Cells {
        std::unique_ptr<std::atomic<ExportEntry*>[]> exports;  ///< of calls by names in terms
        std::unique_ptr<KeyPlace[]> keys;
    };

    Sites(const CodeBlock& block, const std::vector<LoweredOp>& operations);
    /// The next; nullptr: there is none.
    std::atomic<ExportEntry*>* take_export() { return exports_ != 0 ? &cells_.exports[--exports_] : nullptr; }
    KeyPlace* take_key() { return keys_ != 0 ? &cells_.keys[--keys_] : nullptr; }
    Cells release() { return std::move(cells_); }

private:
    size_t exports_ = 0, keys_ = 0;
    Cells cells_;
};

class BlockEmitter : private asmjit::ErrorHandler {
public:
    /// False: asmjit has refused something, for want of memory, or the code is longer than jumps of this machine reach.
    bool run();

    /// A place where the interpreter goes on in machine code.
    struct Point {
        uint32_t at;
        Label label;
    };
    const std::vector<Point>& points() const { return points_; }
    Label entry() const { return entry_; }
    Sites& sites() { return sites_; }
    /// Which operation the code is of, from where on; only if it is asked for before run().
    void keep_places() { keeps_places_ = true; }
    const std::vector<CodePlace>& places() const { return places_; }

protected:
    /// `assembler` need not have been made yet. `most_bytes`: of code.
    BlockEmitter(asmjit::CodeHolder& holder, asmjit::BaseAssembler& assembler, const CodeBlock& block,
                 const std::vector<LoweredOp>& operations, size_t most_bytes);
    ~BlockEmitter() override = default;

    // ---- each machine's own
    virtual void emit_operation(Op op, const Word* at) = 0;
    /// To the interpreter, which does the operation.
    virtual void leave() = 0;
    /// The code at leave_.
    virtual void emit_leave() = 0;
    virtual void emit_jump(Label to) = 0;
    /// Between F registers that the machine's hold.
    virtual void emit_float_copy(unsigned to, unsigned from) = 0;
    /// Goes to `other` if what the F register has is infinite or no number.
    virtual void emit_finite_test(unsigned number, Label other) = 0;
    /// A chain's result, then `done` bound behind it; `other` does the operations one by one.
    virtual void emit_chain(const RingChain& chain, Label done, Label other) = 0;
    /// A row of fields; `other` does the operations one by one. No operation has been begun where it goes there.
    virtual void emit_bit_row(const BitRow& row, Label other) = 0;

    Label next_turn(unsigned arity);
    bool is_further_turn() const { return is_further_turn_; }
    void emit_operation(size_t number);
    void stand_at(size_t number);
    Label label_at(int64_t distance);
    void bind(Label label);
    Label leaving();
    Label failing(int32_t fail);
    /// The F register of the machine's that has the float `source`.
    std::optional<unsigned> known_double(Word source) const;
    /// The operation checks what the next one loads, which can do both. That one's take_failed_check then tells where it goes if the check
    /// fails; else that is its own leaving().
    bool leave_check_to_load(Word source);
    Label take_failed_check();
    /// The result of this operation on floats must be tested before it is stored; else the test comes later.
    bool tests_at_once() const { return tests_at_once_; }
    Label cold(std::function<void()> code);
    void head_operation();
    const Word* here() const { return block_.code() + here_; }
    const Word* behind() const { return block_.code() + next_; }

    const CodeBlock& block_;
    Label entry_;
    Label leave_;  ///< where to go on is in a register
    std::vector<Point> points_;
    Sites sites_;
    uint32_t here_ = 0;      ///< word of the operation being compiled
    uint32_t next_ = 0;      ///< word behind it
    bool has_file_ = false;  ///< the register file's address is in its register
    uint32_t floats_ = 0;    ///< F registers that the function uses, and copies of them, of those in machine registers

private:
    void handleError(asmjit::Error, const char*, asmjit::BaseEmitter*) override { failed_ = true; }
    bool emit_body(size_t first);
    bool emit_turns();
    bool is_over() const { return failed_ || assembler_.offset() > most_bytes_; }
    size_t chain_at(size_t first);
    size_t bit_row_at(size_t first);
    void emit_one_by_one(size_t first, size_t count, Label done);
    void mark_targets();
    void before_float_operation(const LoweredOp& o);
    void after_float_operation(const LoweredOp& o);
    void test_results(uint32_t numbers);
    void end_run();
    void keep_double(size_t number);
    void follow_doubles(const LoweredOp& o);
    void arrive_at_label();
    void leave_for_targets(const LoweredOp& o);
    bool is_loaded_again(Place place, size_t behind) const;
    bool is_loaded_from(Place place, size_t first, size_t* left) const;
    void mark(int64_t distance);

    struct Cold {
        Label label;
        uint32_t here, next;
        std::function<void()> code;
    };

    asmjit::BaseAssembler& assembler_;
    const std::vector<LoweredOp>& operations_;
    const size_t most_bytes_;
    std::vector<Label> labels_;  ///< by word; only where something may jump to
    std::vector<Cold> cold_;
    Label leaving_;             ///< see leaving()
    uint32_t used_floats_ = 0;  ///< floats_ without copies
    KnownDoubles doubles_;
    /// By the word of a label: from all that goes there and came before it.
    std::unordered_map<uint32_t, KnownDoubles> arriving_;
    std::unordered_set<uint32_t> backward_;  ///< words of labels that operations behind them go to
    bool is_reached_ = true;                 ///< by the operation before
    bool is_cold_ = false;                   ///< what is known of the way here is of another
    Label failed_check_;
    Label turn_;  ///< see next_turn()
    KnownDoubles known_at_turns_;
    bool is_further_turn_ = false;
    /// Operations on F registers, one behind the other, from here on may be done again: none has changed what one of them had found.
    uint32_t run_start_ = 0;
    bool is_in_run_ = false, tests_at_once_ = false;
    /// F registers that operations of the run have read as they were before it, and have changed.
    uint32_t found_ = 0, changed_ = 0;
    uint32_t untested_ = 0;  ///< F registers with results of the run that may be infinite or no number
    std::vector<CodePlace> places_;
    bool keeps_places_ = false;
    bool failed_ = false;
};

}  // namespace lintel::jit
