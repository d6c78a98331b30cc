#include "jit/block_emitter.h"

#include <algorithm>
#include <bit>
#include <cstdio>

#include "jit/listing.h"
#include "vm/dump.h"

/// What asmjit has in the place of stderr (cmake/Asmjit.cmake): nothing it does for us writes there. In this file, since it is linked whenever
/// asmjit is.
extern "C" {
extern FILE* asmjit_stderr;
FILE* asmjit_stderr = nullptr;
}

namespace lintel::jit {

namespace {

#define X(n)
#define Y(n)
#define R(n)
#define S(n)
#define L(n) f(op.n);
#define U16(n)
#define U32(n)
#define W(n)
#define P(type, n)
#define REST
#define OP(name, fields, flags)                                                   \
    template <typename F>                                                         \
    void each_field([[maybe_unused]] const ops::name& op, [[maybe_unused]] F f) { \
        fields                                                                    \
    }
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

template <typename F>
void each_of(const Word* words, size_t count, size_t step, F f) {
    for (size_t k = 0; k < count; ++k) f(static_cast<int64_t>(words[k * step]));
}
template <typename F>
void each_in_rest(const ops::select_words& op, F f) {
    each_of(ops::rest(op) + op.count, op.count, 1, f);
}
template <typename F>
void each_in_rest(const ops::select_dense& op, F f) {
    each_of(ops::rest(op), op.count, 1, f);
}
template <typename F>
void each_in_rest(const ops::select_linear& op, F f) {
    each_of(ops::rest(op) + 1, op.count, 2, f);
}
template <typename F>
void each_in_rest(const ops::select_tuple_arity& op, F f) {
    each_of(ops::rest(op) + 1, op.count, 2, f);
}
template <typename T, typename F>
void each_in_rest(const T&, F) {}

/// f(distance) for every label that the operation names; 0: none.
template <typename F>
void each_target(const LoweredOp& o, const Word* at, F f) {
    switch (o.op) {
#define OP(name, fields, flags)                                   \
    case Op::name:                                                \
        each_field(*reinterpret_cast<const ops::name*>(at), f);   \
        each_in_rest(*reinterpret_cast<const ops::name*>(at), f); \
        break;
#include "vm/ops.def"
        default: LINTEL_UNREACHABLE();
    }
}

constexpr uint8_t kOpFlags[] = {
#define OP(name, fields, flags) static_cast<uint8_t>(flags),
#include "vm/ops.def"
};

/// Whether what stands behind the operation may follow it.
bool goes_on(Op op) { return (kOpFlags[static_cast<size_t>(op)] & kTerminator) == 0; }

}  // namespace

Sites::Sites(const CodeBlock& block, const std::vector<LoweredOp>& operations) {
    bool has_floats = false, calls_itself = false;
    for (const LoweredOp& o : operations) {
        const Word* const at = block.code() + o.at;
        const FloatUse use = float_use(o, at);
        has_floats |= (use.handed_on | use.read | use.written) != 0;
        calls_itself |= o.op == Op::call_self_only;
        switch (o.op) {
            case Op::apply:
            case Op::apply_last: ++exports_; break;
            case Op::get_map_element: ++keys_; break;
            case Op::get_map_elements: keys_ += reinterpret_cast<const ops::get_map_elements*>(at)->count; break;
            case Op::has_map_fields: keys_ += reinterpret_cast<const ops::has_map_fields*>(at)->count; break;
            case Op::put_map_assoc: keys_ += reinterpret_cast<const ops::put_map_assoc*>(at)->count; break;
            case Op::put_map_exact: keys_ += reinterpret_cast<const ops::put_map_exact*>(at)->count; break;
            default: break;
        }
    }
    // There may be code of further turns.
    const size_t copies = has_floats && calls_itself ? 2 : 1;
    exports_ *= copies;
    keys_ *= copies;
    if (exports_ != 0) cells_.exports.reset(new std::atomic<ExportEntry*>[exports_]());
    if (keys_ != 0) cells_.keys = std::make_unique<KeyPlace[]>(keys_);
}

BlockEmitter::BlockEmitter(asmjit::CodeHolder& holder, asmjit::BaseAssembler& assembler, const CodeBlock& block,
                           const std::vector<LoweredOp>& operations, size_t most_bytes)
    : block_(block), sites_(block, operations), assembler_(assembler), operations_(operations), most_bytes_(most_bytes),
      labels_(block.words + 1) {
    holder.setErrorHandler(this);
}

bool BlockEmitter::run() {
    mark_targets();
    entry_ = assembler_.newLabel();
    leave_ = assembler_.newLabel();
    if (!emit_body(0)) return false;
    if (turn_.isValid() && !emit_turns()) return false;
    assembler_.comment(";  leave");
    bind(leave_);
    emit_leave();
    return !is_over();
}

/// The operations once more, for turns that begin where one has ended: with floats of its arguments in F registers.
bool BlockEmitter::emit_turns() {
    if (known_at_turns_.is_empty()) {
        // They know different things.
        bind(turn_);
        emit_jump(entry_);
        return !is_over();
    }
    assembler_.comment(";  further turns");
    is_further_turn_ = true;
    const auto counter = std::ranges::find(operations_, Op::count_calls, &LoweredOp::op);
    for (size_t word = counter->at + 1; word < labels_.size(); ++word) {
        if (labels_[word].isValid()) labels_[word] = assembler_.newLabel();
    }
    cold_.clear();
    arriving_.clear();
    failed_check_ = Label();
    is_cold_ = false;
    is_reached_ = true;
    bind(turn_);
    doubles_ = known_at_turns_;
    return emit_body(static_cast<size_t>(counter - operations_.begin()) + 1);
}

/// Where a call of the function by itself goes as long as nobody has put anything in the place of its machine code: to further turns. None: it goes
/// through the entry.
Label BlockEmitter::next_turn(unsigned arity) {
    if (used_floats_ == 0 || is_cold_) return Label();
    KnownDoubles known = doubles_;
    known.keep_arguments(arity);
    if (is_further_turn_) return known.has_all_of(known_at_turns_) ? turn_ : Label();
    if (!turn_.isValid()) {
        if (known.is_empty()) return Label();
        turn_ = assembler_.newLabel();
        known_at_turns_ = known;
    } else {
        known_at_turns_.meet(known);
    }
    return turn_;
}

/// The code of the operations from `first` on, and behind it what is rare.
bool BlockEmitter::emit_body(size_t first) {
    for (size_t k = first; k < operations_.size();) {
        if (is_over()) return false;
        here_ = operations_[k].at;
        head_operation();
        if (labels_[here_].isValid()) {
            end_run();
            bind(labels_[here_]);
            arrive_at_label();
        }
        leaving_ = Label();
        if (const size_t chain = chain_at(k); chain != 0) {
            k += chain;
        } else if (const size_t row = bit_row_at(k); row != 0) {
            k += row;
        } else {
            emit_operation(k++);
        }
    }
    assembler_.comment(";  cold");
    is_cold_ = true;
    doubles_.clear();
    // Cold code may have cold code of its own.
    for (size_t k = 0; k < cold_.size(); ++k) {
        if (is_over()) return false;
        here_ = cold_[k].here;
        next_ = cold_[k].next;
        leaving_ = Label();
        head_operation();
        bind(cold_[k].label);
        const auto code = std::move(cold_[k].code);
        code();
    }
    return !is_over();
}

/// What is emitted is for this operation, from here on.
void BlockEmitter::stand_at(size_t number) {
    here_ = operations_[number].at;
    next_ = number + 1 < operations_.size() ? operations_[number + 1].at : block_.words;
    leaving_ = Label();
}

void BlockEmitter::emit_operation(size_t number) {
    stand_at(number);
    const bool follows = used_floats_ != 0 && !is_cold_;
    tests_at_once_ = true;
    if (follows) {
        before_float_operation(operations_[number]);
        keep_double(number);
    }
    emit_operation(operations_[number].op, here());
    if (follows) {
        after_float_operation(operations_[number]);
        follow_doubles(operations_[number]);
    }
}

/// Returns how many operations it was; 0: there is no chain.
size_t BlockEmitter::chain_at(size_t first) {
    if (ring_operation(operations_[first], here()).kind == RingOperation::Kind::none) return 0;
    const RingChain chain =
        find_chain(block_, operations_, first, [this](uint32_t at) { return labels_[at].isValid(); });
    if (chain.count == 0) return 0;
    end_run();
    const Label done = assembler_.newLabel();
    const Label other = cold([this, first, count = chain.count, done] { emit_one_by_one(first, count, done); });
    emit_chain(chain, done, other);
    if (used_floats_ != 0) {
        is_reached_ = true;
        doubles_.forget(chain.operations[chain.count - 1].to);
        for (size_t k = first; k < first + chain.count; ++k) {
            here_ = operations_[k].at;
            leave_for_targets(operations_[k]);
        }
    }
    return chain.count;
}

void BlockEmitter::emit_one_by_one(size_t first, size_t count, Label done) {
    for (size_t k = first; k < first + count; ++k) emit_operation(k);
    emit_jump(done);
}

/// Returns how many operations it was; 0: there is no row.
size_t BlockEmitter::bit_row_at(size_t first) {
    if (!may_begin_bit_row(operations_[first].op)) return 0;
    const BitRow row = find_bit_row(block_, operations_, first, [this](uint32_t at) { return labels_[at].isValid(); });
    if (row.count == 0) return 0;
    end_run();
    const Label done = assembler_.newLabel();
    const auto one_by_one = [this, first, count = row.count, done] { emit_one_by_one(first, count, done); };
    const bool may_be_other = row.is_bytes || (row.test == BitRow::Test::enough && row.count > 1);
    const Label other = may_be_other ? cold(one_by_one) : Label();
    stand_at(first);
    emit_bit_row(row, other);
    bind(done);
    if (used_floats_ != 0) {
        for (size_t k = first; k < first + row.count; ++k) {
            stand_at(k);
            follow_doubles(operations_[k]);
        }
    }
    return row.count;
}

// ---- results that are infinite or no numbers

// They raise, in the interpreter. Sums, differences, products and what is divided hand on to their result that an operand was not finite, so of a
// row of such operations the last result alone is tested: where it is not finite, the interpreter does the run again from its beginning, and
// finds the first.

void BlockEmitter::test_results(uint32_t numbers) {
    numbers &= untested_;
    untested_ &= ~numbers;
    if (numbers == 0) return;
    const uint32_t here = std::exchange(here_, run_start_);
    const Label again = cold([this] { leave(); });
    here_ = here;
    for (unsigned n = 0; n < kMachineFloats; ++n) {
        if ((numbers >> n & 1) != 0) emit_finite_test(n, again);
    }
}

void BlockEmitter::end_run() {
    test_results(untested_);
    is_in_run_ = false;
}

void BlockEmitter::before_float_operation(const LoweredOp& o) {
    const FloatUse use = float_use(o, here());
    if (!use.can_be_redone) return end_run();
    const uint32_t all = use.handed_on | use.read;
    // What is looked at otherwise, or lost.
    test_results(use.read | (use.written & ~use.handed_on));
    if (!is_in_run_) {
        is_in_run_ = true;
        run_start_ = here_;
        found_ = changed_ = 0;
    }
    found_ |= all & ~changed_;
    tests_at_once_ = false;
    if ((use.written & found_) != 0 || ((all | use.written) >> kMachineFloats) != 0) {
        // It could not be done again.
        end_run();
        tests_at_once_ = use.is_result;
        return;
    }
    changed_ |= use.written;
}

void BlockEmitter::after_float_operation(const LoweredOp& o) {
    const FloatUse use = float_use(o, here());
    if (!use.is_result || !is_in_run_) return;
    untested_ = (untested_ & ~use.handed_on) | use.written;
}

// ---- floats that are in F registers anyway

std::optional<unsigned> BlockEmitter::known_double(Word source) const {
    return is_constant(source) ? std::nullopt : doubles_.find(place_of_source(source));
}

bool BlockEmitter::leave_check_to_load(Word source) {
    if (is_cold_ || is_constant(source) || next_ >= block_.words || labels_[next_].isValid()) return false;
    const auto next = std::ranges::lower_bound(operations_, next_, {}, &LoweredOp::at);
    if (next->op != Op::fload || reinterpret_cast<const ops::fload*>(block_.code() + next_)->from != source)
        return false;
    failed_check_ = leaving();
    return true;
}

Label BlockEmitter::take_failed_check() {
    const Label given = std::exchange(failed_check_, Label());
    return given.isValid() ? given : leaving();
}

/// The operation changes an F register: a float that it holds, and that is loaded again soon, is copied to one that the function does not use.
void BlockEmitter::keep_double(size_t number) {
    const LoweredOp& o = operations_[number];
    const uint32_t changed = float_use(o, here()).written;
    const auto written = static_cast<unsigned>(std::countr_zero(changed));
    if (changed == 0 || !doubles_.has(written)) return;
    if (const auto source = float_source(o, here()); source && known_double(*source) == written) return;
    if (doubles_.any_in(written, [&](Place p) { return is_loaded_again(p, number); })) {
        for (unsigned spare = kMachineFloats; spare-- != 0;) {
            if ((used_floats_ >> spare & 1) != 0 || doubles_.has(spare)) continue;
            floats_ |= 1u << spare;
            emit_float_copy(spare, written);
            return doubles_.rename(written, spare);
        }
    }
    doubles_.forget_register(written);
}

/// On one of the ways that begin behind operation `behind`, among the next so many.
bool BlockEmitter::is_loaded_again(Place place, size_t behind) const {
    size_t left = 64;
    return is_loaded_from(place, behind, &left);
}
bool BlockEmitter::is_loaded_from(Place place, size_t first, size_t* left) const {
    for (size_t k = first; k < operations_.size() && *left != 0; ++k, --*left) {
        const LoweredOp& o = operations_[k];
        const Word* const at = block_.code() + o.at;
        if (k != first && backward_.contains(o.at)) return false;
        if (const auto source = float_source(o, at); source && names(*source, place)) return true;
        const DoubleEffect effect = double_effect(o, at);
        if (!effect.is_followed) return false;
        bool is_loaded = false;
        each_target(o, at, [&](int64_t distance) {
            if (distance <= 0 || is_loaded) return;
            const auto target = std::ranges::lower_bound(operations_, o.at + distance, {}, &LoweredOp::at);
            if (*left != 0 && !backward_.contains(target->at)) {
                --*left;
                is_loaded = is_loaded_from(place, static_cast<size_t>(target - operations_.begin()), left);
            }
        });
        if (is_loaded) return true;
        if (effect.writes(place)) return false;
    }
    return false;
}

/// What is known where a label stands is what is known wherever the code comes from.
void BlockEmitter::arrive_at_label() {
    const auto arriving = arriving_.find(here_);
    if (arriving == arriving_.end() || backward_.contains(here_)) return doubles_.clear();
    if (!is_reached_) {
        doubles_ = std::move(arriving->second);
    } else {
        doubles_.meet(arriving->second);
    }
}

/// The operation may go to its labels with what is known now.
void BlockEmitter::leave_for_targets(const LoweredOp& o) {
    each_target(o, here(), [this](int64_t distance) {
        if (distance <= 0) return;
        const auto [known, is_first] = arriving_.try_emplace(static_cast<uint32_t>(here_ + distance), doubles_);
        if (!is_first) known->second.meet(doubles_);
    });
}

void BlockEmitter::follow_doubles(const LoweredOp& o) {
    const Word* const at = here();
    const DoubleEffect effect = double_effect(o, at);
    if (!effect.is_followed) doubles_.clear();
    leave_for_targets(o);
    is_reached_ = goes_on(o.op);
    for (size_t k = 0; k < effect.count; ++k) doubles_.forget(effect.written[k]);
    if (o.op == Op::fstore) {
        const auto& store = *reinterpret_cast<const ops::fstore*>(at);
        if (store.from < kMachineFloats) doubles_.note(place_of(store.to), store.from);
    } else if (o.op == Op::fload) {
        const auto& load = *reinterpret_cast<const ops::fload*>(at);
        // One that is in a copy stays there: this register is about to be used.
        if (load.to < kMachineFloats && !is_constant(load.from) && !known_double(load.from))
            doubles_.note(place_of_source(load.from), load.to);
    }
}

// ---- where operations jump to

void BlockEmitter::mark(int64_t distance) {
    if (distance == 0) return;
    const auto word = static_cast<uint32_t>(here_ + distance);
    if (!labels_[word].isValid()) labels_[word] = assembler_.newLabel();
    if (distance < 0) backward_.insert(word);
}

void BlockEmitter::mark_targets() {
    for (const LoweredOp& o : operations_) {
        here_ = o.at;
        each_target(o, here(), [this](int64_t distance) { mark(distance); });
        const FloatUse use = float_use(o, here());
        used_floats_ |= (use.handed_on | use.read | use.written) & ((1u << kMachineFloats) - 1);
    }
    floats_ = used_floats_;
}

/// A test without a label would go round for ever: the interpreter does.
Label BlockEmitter::label_at(int64_t distance) {
    if (distance == 0) return leaving();
    const Label label = labels_[static_cast<size_t>(here_ + distance)];
    LINTEL_CHECK(label.isValid());
    return label;
}

/// Code that comes here from elsewhere may have other things in the register file's register.
void BlockEmitter::bind(Label label) {
    assembler_.bind(label);
    has_file_ = false;
}

Label BlockEmitter::cold(std::function<void()> code) {
    const Label label = assembler_.newLabel();
    cold_.push_back({label, here_, next_, std::move(code)});
    return label;
}

/// Code of another operation from here on.
void BlockEmitter::head_operation() {
    if (keeps_places_) places_.push_back({assembler_.offset(), here_});
    if (!assembler_.hasLogger()) return;
    const auto at = std::ranges::lower_bound(operations_, here_, {}, &LoweredOp::at);
    assembler_.comment((kHeading + dump_operation(block_, *at)).c_str());
}

/// Where the operation leaves.
Label BlockEmitter::leaving() {
    if (!leaving_.isValid()) leaving_ = cold([this] { leave(); });
    return leaving_;
}

/// Where the operation's failure goes on: at its label, or in the interpreter, which raises.
Label BlockEmitter::failing(int32_t fail) { return fail != 0 ? label_at(fail) : leaving(); }

}  // namespace lintel::jit
