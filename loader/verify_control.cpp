/// The verifier's rules for calls, frames, messages and exceptions.

#include "loader/verify_p.h"
#include "term/atom.h"

namespace lintel::verifier {

bool Verifier::control(Instruction i) {
    switch (i.op()) {
        case Genop::allocate: return allocate(i[0].value(), 0, i[1].value(), false);
        case Genop::allocate_zero: return allocate(i[0].value(), 0, i[1].value(), true);
        case Genop::allocate_heap: return allocate(i[0].value(), i[1].value(), i[2].value(), false);
        case Genop::allocate_heap_zero: return allocate(i[0].value(), i[1].value(), i[2].value(), true);
        case Genop::test_heap:
            if (!may_collect(i[1].value())) return false;
            collected(i[1].value());
            s_.credit = i[0].value();
            return true;
        case Genop::deallocate:
            if (!is_frame(i[0].value())) return false;
            s_.frame = kNoFrame;
            y_changed();
            return true;
        case Genop::trim: return trim(i[0].value(), i[1].value());
        case Genop::init: return write(i[0], Holds::term);
        case Genop::init_yregs:
            for (uint32_t k = 0; k < i[0].value(); ++k) {
                if (!write(i[1 + k], Holds::term)) return false;
            }
            return true;
        case Genop::return_: return no_frame() && read_x(1) && durable();
        case Genop::jump: return flow(i[0]);
        case Genop::func_info: return read_x(i[2].value()) && raises();

        case Genop::call: return has_frame() && y_ready() && local_arguments(i[0], i[1]) && after_call(i);
        case Genop::call_only: return no_frame() && local_arguments(i[0], i[1]);
        case Genop::call_last: return is_frame(i[2].value()) && local_arguments(i[0], i[1]);
        case Genop::call_ext:
            // What only raises needs no frame.
            if (!is_exit_call(i) && (!has_frame() || !y_ready())) return false;
            if (!external_arguments(i[0], i[1]) || !after_call(i)) return false;
            if (is_setelement(m_.imports[i[1].value()])) {
                s_.x[0] = Holds::fresh_tuple;
                s_.fresh = true;
            }
            return true;
        // Compilers do not always say the right frame where the call never comes back.
        case Genop::call_ext_only: return (is_exit_call(i) || no_frame()) && external_arguments(i[0], i[1]);
        case Genop::call_ext_last: return (is_exit_call(i) || is_frame(i[2].value())) && external_arguments(i[0], i[1]);
        case Genop::call_fun:
            return has_frame() && y_ready() && read_x(i[0].value() + 1) && durable() && raises() && after_call(i);
        case Genop::call_fun2:
            return has_frame() && y_ready() && read_x(i[1].value()) && read(i[2]) && durable() && raises() &&
                   after_call(i);
        case Genop::apply:
            return has_frame() && y_ready() && read_x(i[0].value() + 2) && durable() && raises() && after_call(i);
        case Genop::apply_last: return is_frame(i[1].value()) && read_x(i[0].value() + 2) && durable() && raises();
        case Genop::send: return y_ready() && read_x(2) && durable() && raises() && called();
        default: return receive(i);
    }
}

// ---- frames

bool Verifier::allocate(uint32_t words, uint32_t need, uint32_t live, bool zero) {
    if (!no_frame()) return false;
    if (words > kMaxRegisters) return fail("a frame of " + std::to_string(words) + " registers");
    if (!may_collect(live)) return false;
    collected(live);
    s_.credit = need;
    s_.frame = words;
    const bool eager = functions_[function_].eager_frames && !zero;
    if (eager) set_check();
    for (uint32_t y = 0; y < words; ++y) s_.y[y] = zero ? Holds::term : eager ? Holds::vacant : Holds::nothing;
    y_changed();
    uint32_t& most = m_.functions[function_].frame_words;
    if (words > most) most = words;
    return true;
}

/// Gives up the first `words` Y registers; `left` are left.
bool Verifier::trim(uint32_t words, uint32_t left) {
    if (!has_frame()) return false;
    if (uint64_t{words} + left != s_.frame) {
        return fail("the frame has " + std::to_string(s_.frame) + " registers, not " + std::to_string(words) + " and " +
                    std::to_string(left));
    }
    for (uint32_t y = 0; y < left; ++y) s_.y[y] = s_.y[y + words];
    s_.frame = left;
    y_changed();
    return true;
}

// ---- calls

/// Arguments of a call within the module, which may be match contexts.
bool Verifier::local_arguments(Operand arity, Operand label) {
    const uint32_t callee = m_.label_function[label.value()];
    const Module::Function& f = m_.functions[callee];
    if (f.entry_label != label.value()) return fail("label " + std::to_string(label.value()) + " enters no function");
    if (f.arity != arity.value()) {
        return fail("arity " + std::to_string(arity.value()) + ", but the function called has " +
                    std::to_string(f.arity));
    }
    FunctionState& state = functions_[callee];
    for (uint32_t x = 0; x < f.arity; ++x) {
        const Type t = x < s_.x_count ? s_.x[x] : Type();
        taint_ = taint_.with(t);
        if (LINTEL_LIKELY(t.is_plain())) continue;
        if (!t.is_root() || x >= kContextArguments) return bad_operand(Operand::reg(OperandKind::x, x), "a term");
        const uint64_t bit = uint64_t{1} << x;
        if ((state.context_arguments & bit) != 0) continue;
        state.context_arguments |= bit;
        // A function that is still to come will be verified anyway.
        if (callee > function_ && !all_seen_) continue;
        if (!state.queued) queue_.push_back(callee);
        state.queued = true;
    }
    return durable() && raises();
}

bool Verifier::external_arguments(Operand arity, Operand import) {
    const uint32_t expected = m_.imports[import.value()].arity;
    if (expected != arity.value())
        return fail("arity " + std::to_string(arity.value()) + ", but the import has " + std::to_string(expected));
    return read_x(expected) && durable() && raises();
}

bool Verifier::after_call(Instruction i) {
    if (is_last_call(i)) {
        set_check();
        alive_ = false;
    }
    called();
    return true;
}

/// Only x0 is left.
bool Verifier::called() {
    collected(0);
    s_.f_words = 0;
    set_x(0, Holds::term);
    return true;
}

bool Verifier::is_setelement(const Module::Import& import) {
    return import.arity == 3 && import.function == am::setelement() && import.module == am::erlang();
}

// ---- messages

bool Verifier::receive(Instruction i) {
    switch (i.op()) {
        case Genop::loop_rec:
            if (i[1].kind() != OperandKind::x || i[1].reg() != 0) return fail("the message goes to x0");
            waited(0);
            if (!y_ready() || !flow(i[0])) return false;
            if (functions_[function_].own_messages) set_check();
            set_x(0, functions_[function_].own_messages ? Type(Holds::term)
                                                        : Type(Holds::term).with(Type::of(Type::kFragile)));
            return true;
        case Genop::loop_rec_end:
        case Genop::wait: waited(0); return y_ready() && flow(i[0]);
        case Genop::wait_timeout: {
            // When the process runs again it begins at the label, perhaps with this very instruction.
            const uint32_t live = i[1].kind() == OperandKind::x ? i[1].reg() + 1 : 0;
            if (live > kMaxSavedX) return fail("a timeout beyond x" + std::to_string(kMaxSavedX - 1));
            if (!read(i[1]) || !may_collect(live) || !raises()) return false;
            waited(live);
            return y_ready() && flow(i[0]);
        }
        case Genop::remove_message: make_durable(); return true;
        case Genop::timeout: drop_fragile(); return true;
        case Genop::recv_marker_bind: return read(i[0]) && read(i[1]);
        case Genop::recv_marker_clear: return read(i[0]);
        case Genop::recv_marker_use:
            if (!read(i[0])) return false;
            drop_fragile();
            return true;
        case Genop::recv_marker_reserve: return write(i[0], Holds::term);
        default: return exceptions(i);
    }
}

/// The process may have waited: X registers from `live` on are lost.
void Verifier::waited(uint32_t live) {
    collected(live);
    s_.f_words = 0;
    drop_fragile();
}

// ---- exceptions

bool Verifier::exceptions(Instruction i) {
    switch (i.op()) {
        case Genop::catch_:
        case Genop::try_:
            if (i[1].value() > Type::kMaxPayload)
                return fail("label " + std::to_string(i[1].value()) + " is too large");
            if (!write(i[0], Type(Holds::mark, i[1].value()))) return false;
            y_changed();
            return enter_handler(i[1].value());
        case Genop::try_end: return ends_mark(i[0]) && write(i[0], Holds::term);
        case Genop::catch_end:
            if (!ends_mark(i[0]) || !write(i[0], Holds::term)) return false;
            if (s_.x_count == 0 || !(s_.x[0].is_plain() || s_.x[0].is_exception()))
                return fail("x0 holds no value to be caught");
            set_x(0, Holds::term);
            if (!y_ready()) return false;
            taint_ = taint_.with(s_.x[0]);
            collected(0);
            s_.f_words = 0;
            set_x(0, Holds::term);
            return true;
        case Genop::try_case:
            if (!ends_mark(i[0]) || !write(i[0], Holds::term)) return false;
            // x0 is overwritten unseen. Where the compiler knows that something always fails, the code behind it may lead here
            // all the same, without x1 to x3: the engine sees to it that only exceptions pass.
            for (uint32_t x = 1; x <= 3; ++x) {
                if (x >= s_.x_count || s_.x[x].is_nothing()) {
                    set_check();
                } else if (!read(Operand::reg(OperandKind::x, x))) {
                    return false;
                }
            }
            drop_x(0);
            for (uint32_t x = 0; x < 3; ++x) set_x(x, Holds::term);
            return true;
        case Genop::badmatch:
        case Genop::case_end:
        case Genop::try_case_end:
        case Genop::badrecord: return read(i[0]) && raises();
        case Genop::if_end: return raises();
        case Genop::raise: return read(i[0]) && read(i[1]) && raises();
        case Genop::raw_raise:
            // With a class that is none the engine goes on, with x0 to x3 set (code jumps from here to a handler).
            if (!read_x(3) || !durable() || !raises()) return false;
            called();
            for (uint32_t x = 1; x <= 3; ++x) set_x(x, Holds::term);
            return true;
        case Genop::build_stacktrace:
            if (!read_x(1) || !durable() || !y_ready()) return false;
            collected(1);
            s_.x[0] = Holds::term;
            return true;
        default: return fail("unknown instruction");
    }
}

bool Verifier::ends_mark(Operand y) {
    if (type_of(y).is_mark()) return true;
    return fail("y" + std::to_string(y.reg()) + " holds no catch mark");
}

}  // namespace lintel::verifier
