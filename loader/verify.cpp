/// The verifier: abstract interpretation of each function.
///
/// Followed is a State: what each register holds (nothing, any term, a cons, a tuple of at least n elements, a float, a match
/// context, a catch mark, …), the frame, the heap words reserved, and a few modes (verify_p.h). An instruction is checked
/// against the state before it and makes the state behind it. Where paths meet, at labels, states are joined: what both know
/// stays. A label keeps its state, and when a join changed it the code behind it is followed again, until nothing changes.
/// States only ever lose knowledge, so that ends.
///
/// Order. The first sweep goes over the function once, from its first to its last instruction, and passes over code that
/// no jump before it has reached. Only labels that a jump backwards reached or changed are left then; each is followed
/// until its path ends or meets a label that learns nothing. Compilers jump backwards seldom, so the cost is one visit for nearly
/// every instruction. work_limit_ bounds it for other code: such a file is refused.
///
/// What is never reached is not checked; it is overwritten (blank_dead_code), so that nobody behind the verifier meets it.
///
/// Match contexts are passed between functions of a module, and nothing in the file says to which. A function is verified with
/// plain terms as arguments; when a call is found that passes a context, the callee notes that argument and is verified
/// again. Nobody outside of the module passes contexts.
///
/// Messages. loop_rec lets code look at a message that stays in the mailbox, outside the heap, until remove_message. Registers that
/// may refer into it are *fragile*, and so is what is built of them. They must be gone when the code turns to another
/// message. (A collection and an exception settle the message first: Process::settle_message.) A function that passes fragile terms on is
/// verified again with *messages of its own*: loop_rec gets its check bit and settles the message at once.
///
/// Exceptions. An instruction that may raise leads to the handler that the engine would find: the catch mark in the lowest Y
/// register. Its state there is the present one of the Y registers, with x0 the non-value, which only catch_end and try_case
/// may look at.
///
/// Types that an instruction relies on are proved where that is possible, and else tested by the engine: the instruction's
/// check bit is set. A test that fails means that the file is wrong, so it ends the process; it is no exception, and
/// code around it needs not expect one.

#include "loader/verify_p.h"

#include <algorithm>
#include <cstring>

#include "term/atom.h"

namespace lintel {

namespace verifier {

namespace {

/// Instructions and joined registers for each word of code. OTP's modules stay below 60.
constexpr uint64_t kWorkPerWord = 2000;
constexpr uint64_t kWorkAtLeast = 4000000;

enum class Family : uint8_t { control, data, bits };

/// Which file has the rules of an instruction.
constexpr std::array<Family, kGenopCount> kFamilies = [] {
    std::array<Family, kGenopCount> families{};
    for (size_t op = 0; op < kGenopCount; ++op) {
        const std::string_view name = kGenops[op].name;
        const auto starts = [&](std::string_view prefix) { return name.substr(0, prefix.size()) == prefix; };
        families[op] = Family::control;
        if (starts("bs_")) families[op] = Family::bits;
        for (const std::string_view prefix : {"is_", "test_arity", "select_", "get_", "set_tuple", "put", "has_map",
                                              "update_", "move", "swap", "bif", "gc_bif", "f", "make_fun"}) {
            if (starts(prefix) && name != "func_info") families[op] = Family::data;
        }
    }
    return families;
}();

/// Between setelement/3 and the last set_tuple_element: instructions that make no term.
constexpr bool keeps_fresh(Genop op) {
    switch (op) {
        case Genop::move:
        case Genop::swap:
        case Genop::init_yregs:
        case Genop::get_tuple_element:
        case Genop::get_list:
        case Genop::get_hd:
        case Genop::get_tl:
        case Genop::line:
        case Genop::executable_line:
        case Genop::debug_line:
        case Genop::set_tuple_element: return true;
        default: return false;
    }
}

/// Longest instruction, as its head can say it.
constexpr uint32_t kMaxOperandWords = (1u << 23) - 1;

}  // namespace

bool Verifier::fail(const std::string& what) {
    const Module::Function& f = m_.functions[function_];
    const Instruction i(&m_.code[at_]);
    error_.position = at_;
    error_.what = "function " + std::string(atom_name(f.name)) + "/" + std::to_string(f.arity) + ", " +
                  genop_info(i.op()).name + ": " + what;
    return false;
}

std::optional<VerifyError> Verifier::run() {
    work_limit_ = kWorkAtLeast + kWorkPerWord * m_.code.size();
    const auto count = static_cast<uint32_t>(m_.functions.size());
    for (uint32_t f = 0; f < count; ++f) {
        functions_[f].queued = false;
        if (!function(f)) return error_;
    }
    all_seen_ = true;
    while (!queue_.empty()) {
        const uint32_t f = queue_.back();
        queue_.pop_back();
        if (!functions_[f].queued) continue;
        functions_[f].queued = false;
        if (!function(f)) return error_;
    }
    for (uint32_t f = 0; f < count; ++f) m_.functions[f].takes_contexts = functions_[f].context_arguments != 0;
    return std::nullopt;
}

bool Verifier::function(uint32_t index) {
    for (;;) {
        restart_ = Restart::no;
        if (follow(index)) return true;
        FunctionState& state = functions_[index];
        switch (restart_) {
            case Restart::no: return false;
            case Restart::eager_frames: state.eager_frames = true; break;
            case Restart::own_messages: state.own_messages = true; break;
        }
    }
}

bool Verifier::follow(uint32_t index) {
    Module::Function& f = m_.functions[index];
    function_ = index;
    end_ = f.end;
    at_ = f.begin;
    kept_.assign(1, 0);  // so that no state is at 0
    dirty_.clear();
    labels_.clear();
    back_labels_.clear();
    skipped_.clear();

    s_.x_count = f.arity;
    s_.frame = kNoFrame;
    s_.open = false;
    s_.credit = s_.f_words = 0;
    s_.writer = s_.fresh = false;
    y_changed();
    const uint64_t contexts = functions_[index].context_arguments;
    for (uint32_t x = 0; x < f.arity; ++x) {
        s_.x[x] = x < 64 && (contexts >> x & 1) != 0 ? Holds::maybe_context : Holds::term;
    }
    bool ok = flow(f.entry_label) && sweep(f.begin, true);
    while (ok && !dirty_.empty()) {
        const uint32_t label = dirty_.back();
        dirty_.pop_back();
        if (label_dirty_[label] != 0) ok = sweep(m_.label_position[label], false);
    }
    ok = ok && has_no_loop() && blank_dead_code();
    for (const uint32_t label : labels_) label_state_[label] = label_dirty_[label] = 0;
    return ok;
}

/// Follows the code from `from` on: the whole function the first time, later until the path ends.
bool Verifier::sweep(uint32_t from, bool first) {
    first_sweep_ = first;
    alive_ = false;
    uint32_t skipped_from = 0;
    for (uint32_t at = from; at < end_; at = next_) {
        const Instruction i(&m_.code[at]);
        at_ = at;
        next_ = at + 1 + i.operand_words();
        if (i.op() == Genop::label) {
            const uint32_t label = i[0].value();
            if (alive_ && label_state_[label] != 0 && falls_into_handler()) alive_ = false;
            if (alive_ && !flow(label)) return false;
            if (label_dirty_[label] != 0) {
                load(label);
                label_dirty_[label] = 0;
                if (first && !alive_ && skipped_from != 0) skipped_.push_back({skipped_from, at});
                alive_ = true;
                skipped_from = 0;
            } else {
                if (!first) return true;  // its path is known
                LINTEL_ASSERT(!alive_);
                if (skipped_from == 0) skipped_from = at;
            }
            continue;
        }
        if (!alive_) {
            if (!first) return true;
            if (skipped_from == 0) skipped_from = at;
            continue;
        }
        if (++work_ > work_limit_) return fail("the code is too complex to be verified");
        if (!step(i)) return false;
    }
    if (alive_) return fail("the function does not end with an instruction that ends it");
    if (first && skipped_from != 0) skipped_.push_back({skipped_from, end_});
    return true;
}

/// Behind a BIF that it knows to fail, the compiler leaves nothing between the body of a `try` and its handler, which the `try` has
/// made known. The engine makes sure that nobody comes by that way.
bool Verifier::falls_into_handler() {
    if (next_ >= end_ || Instruction(&m_.code[next_]).op() != Genop::try_case) return false;
    m_.code[next_] |= Instruction::kCheckBit;
    return true;
}

/// Overwrites what was never reached. The head of a function stays: stack traces take its line from there.
bool Verifier::blank_dead_code() {
    const Module::Function& f = m_.functions[function_];
    const uint32_t body = m_.label_position[f.entry_label];
    for (const Range r : skipped_) {
        bool alive = false;
        uint32_t dead_from = 0;
        for (uint32_t at = r.from; at < r.to;) {
            const Instruction i(&m_.code[at]);
            if (i.op() == Genop::label && label_state_[i[0].value()] != 0) alive = true;
            if (alive || at < body) {
                if (dead_from != 0) blank(dead_from, at);
                dead_from = 0;
                if (ends(i)) alive = false;
            } else {
                if (i.op() == Genop::label) m_.label_position[i[0].value()] = Module::kNoPosition;
                if (dead_from == 0) dead_from = at;
            }
            at += 1 + i.operand_words();
        }
        if (dead_from != 0) blank(dead_from, r.to);
    }
    return true;
}

void Verifier::blank(uint32_t from, uint32_t to) {
    while (from < to) {
        const uint32_t words = std::min(to - from - 1, kMaxOperandWords);
        m_.code[from] = Instruction::head(Genop::int_code_end, words);
        from += 1 + words;
    }
}

/// Calls of BIFs that only raise may stand without a frame.
bool Verifier::is_exit_call(Instruction i) const {
    const Module::Import& import = m_.imports[i[1].value()];
    return is_exit_function(import.module, import.function, import.arity);
}

/// The compiler drops what stands behind a call that it knows never to come back: what follows then is the next function,
/// or a handler, which no other path than an exception leads to.
bool Verifier::is_last_call(Instruction i) const {
    switch (i.op()) {
        case Genop::call_ext:
            if (is_exit_call(i)) return true;
            break;
        case Genop::call:
        case Genop::call_fun:
        case Genop::call_fun2:
        case Genop::apply: break;
        default: return false;
    }
    const uint32_t end = m_.functions[function_].end;
    uint32_t at = position(i.next());
    for (int jumps = 0; at < end;) {
        const Instruction n(&m_.code[at]);
        switch (n.op()) {
            case Genop::label:
            case Genop::line: at = position(n.next()); break;
            case Genop::jump:
                if (++jumps > 2) return false;
                at = m_.label_position[n[0].value()];
                break;
            case Genop::try_case: return true;
            default: return false;
        }
    }
    return true;
}

bool Verifier::ends(Instruction i) const { return genop_info(i.op()).ends() || is_last_call(i); }

bool Verifier::step(Instruction i) {
    const Genop op = i.op();
    if (s_.x_count != 0 && s_.x[0].is_exception() && op != Genop::catch_end && op != Genop::try_case &&
        op != Genop::line) {
        return fail("a handler begins with catch_end or try_case");
    }
    if (s_.fresh && !keeps_fresh(op)) s_.fresh = false;
    if (genop_info(op).ends()) alive_ = false;
    taint_ = {};
    switch (op) {
        case Genop::int_code_end: return fail("the function does not end with an instruction that ends it");
        // The engine skips these.
        case Genop::line:
        case Genop::executable_line:
        case Genop::debug_line:
        case Genop::nif_start:
        case Genop::on_load:
        case Genop::recv_mark:
        case Genop::recv_set:
        case Genop::fclearerror:
        case Genop::fcheckerror: return true;
        default: break;
    }
    switch (kFamilies[static_cast<size_t>(op)]) {
        case Family::control: return control(i);
        case Family::data: return data(i);
        case Family::bits: return bits(i);
    }
    LINTEL_UNREACHABLE();
}

}  // namespace verifier

bool is_exit_function(Term module, Term function, uint32_t arity) {
    if (module != am::erlang()) return false;
    if (function == am::error()) return arity >= 1 && arity <= 3;
    return (function == am::exit() || function == am::throw_()) && arity == 1;
}

std::optional<VerifyError> verify_module(Module& module) { return verifier::Verifier(module).run(); }

}  // namespace lintel
