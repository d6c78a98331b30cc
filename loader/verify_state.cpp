/// States of the verifier: joining them at labels, reading and writing registers, and the rules that many instructions share.

#include <algorithm>
#include <cstring>

#include "loader/verify_p.h"

namespace lintel::verifier {

namespace {

/// States of one function's labels, in words: 64 MB. OTP's functions stay below a hundredth of it.
constexpr size_t kMaxKeptWords = size_t{1} << 24;

std::string name_of(char kind, uint32_t n) { return kind + std::to_string(n); }

}  // namespace

// ---- labels

bool Verifier::flow(uint32_t label) {
    if (m_.label_function[label] != function_)
        return fail("label " + std::to_string(label) + " is in another function");
    // Ends with a register that holds something, so that equal states look equal.
    while (s_.x_count != 0 && s_.x[s_.x_count - 1].is_nothing()) --s_.x_count;
    if (LINTEL_UNLIKELY(m_.label_position[label] <= at_)) note_backward(label);
    if (label_state_[label] == 0) {
        keep(label);
        if (kept_.size() > kMaxKeptWords) return fail("too many registers at too many labels");
    } else {
        bool changed = false;
        if (!merge(label, &changed)) return false;
        if (!changed || label_dirty_[label] != 0) return true;
    }
    label_dirty_[label] = 1;
    // What lies ahead the present sweep will come to.
    if (m_.label_position[label] < at_ || !first_sweep_) dirty_.push_back(label);
    return true;
}

void Verifier::keep(uint32_t label) {
    const auto at = static_cast<uint32_t>(kept_.size());
    label_state_[label] = at;
    labels_.push_back(label);
    const uint32_t frame = s_.y_count();
    kept_.resize(at + kKeptWords + frame + s_.f_words + s_.x_count);
    const Kept k{s_.x_count, s_.frame, s_.credit, static_cast<uint16_t>(s_.f_words), s_.writer, s_.open};
    uint32_t* w = &kept_[at];
    std::memcpy(w, &k, sizeof k);
    w += kKeptWords;
    std::memcpy(w, s_.y, frame * sizeof(Type));
    w += frame;
    std::memcpy(w, s_.f, s_.f_words * sizeof(uint32_t));
    w += s_.f_words;
    std::memcpy(w, s_.x, s_.x_count * sizeof(Type));
    work_ += frame + s_.x_count;
}

bool Verifier::join(uint32_t* into, Type met, bool* changed) {
    const Type old = Type::of(*into);
    if (old == met) return true;
    const Type a = old.durable(), with = met.durable();
    Type result = Holds::nothing;
    if (a == with) {
        result = a;
    } else if (a.is_mark() || with.is_mark()) {
        return fail("paths meet with different catch marks in a Y register");
    } else if (a.is_plain() && with.is_plain()) {
        result = a.is_tuple() && with.is_tuple() ? Type(Holds::tuple, std::min(a.payload(), with.payload()))
                                                 : Type(Holds::term);
    } else if (a.is_root() && with.is_root()) {
        result = Holds::maybe_context;
    } else if ((a.is_plain() || a.is_vacant()) && (with.is_plain() || with.is_vacant())) {
        result = Holds::vacant;
    } else if ((a.is_plain() || a.is_exception()) && (with.is_plain() || with.is_exception())) {
        result = Holds::maybe_exception;
    }
    if (!result.is_nothing()) result = result.with(old).with(met);
    if (result == old) return true;
    *into = result.bits;
    *changed = true;
    return true;
}

/// Paths with different frames meet. See State::open.
bool Verifier::can_be_open(const uint32_t* y, uint32_t count) {
    for (uint32_t i = 0; i < count; ++i) {
        if (Type::of(y[i]).is_mark()) return fail("paths meet with different frames and a catch mark");
        if (y[i] != 0) continue;
        if (functions_[function_].eager_frames)
            return fail(name_of('y', i) + " is not initialised where paths meet with different frames");
        restart_ = Restart::eager_frames;
        return false;
    }
    return true;
}

/// Opens the frame of a state that is kept, so that `s_` can join it.
bool Verifier::open_frame(uint32_t* words, Kept& k) {
    const uint32_t count = k.frame == kNoFrame ? 0 : k.frame;
    const uint32_t left = std::min(count, s_.y_count());
    uint32_t* y = words + kKeptWords;
    if (!can_be_open(y, count) || !can_be_open(reinterpret_cast<const uint32_t*>(s_.y), s_.y_count())) return false;
    std::memmove(y + left, y + count, (k.f_words + k.x_count) * sizeof(uint32_t));
    k.frame = left;
    k.open = true;
    return true;
}

bool Verifier::merge(uint32_t label, bool* changed) {
    uint32_t* w = &kept_[label_state_[label]];
    Kept k;
    std::memcpy(&k, w, sizeof k);
    const Kept before = k;
    if (LINTEL_UNLIKELY(k.frame != s_.frame || k.open != s_.open)) {
        if (!open_frame(w, k)) return false;
        *changed = *changed || !before.open || k.frame != before.frame;
    }
    k.credit = std::min(k.credit, s_.credit);
    k.writer = k.writer && s_.writer;
    const uint32_t frame = k.frame == kNoFrame ? 0 : k.frame;
    uint32_t* y = w + kKeptWords;
    for (uint32_t i = 0; i < frame; ++i) {
        if (LINTEL_UNLIKELY(y[i] != s_.y[i].bits) && !join(&y[i], s_.y[i], changed)) return false;
    }
    uint32_t* f = y + frame;
    for (uint32_t i = 0; i < k.f_words; ++i) {
        const uint32_t both = f[i] & (i < s_.f_words ? s_.f[i] : 0);
        if (both != f[i]) *changed = true;
        f[i] = both;
    }
    uint32_t* x = f + k.f_words;
    k.x_count = std::min(k.x_count, s_.x_count);
    for (uint32_t i = 0; i < k.x_count; ++i) {
        if (LINTEL_UNLIKELY(x[i] != s_.x[i].bits) && !join(&x[i], s_.x[i], changed)) return false;
    }
    while (k.x_count != 0 && x[k.x_count - 1] == 0) --k.x_count;
    if (k.x_count != before.x_count || k.credit != before.credit || k.writer != before.writer) *changed = true;
    std::memcpy(w, &k, sizeof k);
    work_ += frame + k.x_count;
    return true;
}

void Verifier::load(uint32_t label) {
    const uint32_t* w = &kept_[label_state_[label]];
    Kept k;
    std::memcpy(&k, w, sizeof k);
    s_.x_count = k.x_count;
    s_.frame = k.frame;
    s_.open = k.open;
    s_.credit = k.credit;
    s_.f_words = k.f_words;
    s_.writer = k.writer;
    s_.fresh = false;
    const uint32_t frame = s_.y_count();
    w += kKeptWords;
    std::memcpy(static_cast<void*>(s_.y), w, frame * sizeof(Type));
    w += frame;
    std::memcpy(s_.f, w, s_.f_words * sizeof(uint32_t));
    // The words of f that are kept may be more than there were at the last state.
    std::memcpy(static_cast<void*>(s_.x), w + s_.f_words, s_.x_count * sizeof(Type));
    y_changed();
}

// ---- Y registers and exceptions

/// Forgets what was derived from the Y registers.
void Verifier::y_changed() {
    s_.y_ready = s_.handler_told = false;
    s_.lowest_mark = kNoFrame;
    uint32_t all = 0;
    for (uint32_t i = s_.y_count(); i-- > 0;) {
        all |= s_.y[i].bits;
        if (LINTEL_UNLIKELY(s_.y[i].is_mark())) s_.lowest_mark = i;
    }
    s_.y_fragile = (all & Type::kFragile) != 0;
}

bool Verifier::y_ready() {
    // As long as x0 is the non-value, x1 to x3 are those of the exception: try_case relies on it.
    if (LINTEL_UNLIKELY(s_.x_count != 0 && s_.x[0].is_exception()))
        return fail("the handler does not take its exception first");
    if (s_.y_ready) return true;
    for (uint32_t i = 0; i < s_.y_count(); ++i) {
        if (LINTEL_UNLIKELY(s_.y[i].is_nothing() || s_.y[i].is_vacant()))
            return fail(name_of('y', i) + " is not initialised here");
    }
    s_.y_ready = true;
    return true;
}

bool Verifier::raises() {
    // The search for the handler goes over all Y registers. The compiler leaves some of them alone until something may collect, so
    // such functions get frames that are set when they are made.
    if (!s_.y_ready) {
        for (uint32_t i = 0; i < s_.y_count(); ++i) {
            if (LINTEL_LIKELY(!s_.y[i].is_nothing())) continue;
            if (functions_[function_].eager_frames) return fail(name_of('y', i) + " is not initialised here");
            restart_ = Restart::eager_frames;
            return false;
        }
    }
    if (LINTEL_LIKELY(s_.lowest_mark == kNoFrame) || s_.handler_told) return true;
    s_.handler_told = enter_handler(s_.y[s_.lowest_mark].payload());
    return s_.handler_told;
}

bool Verifier::enter_handler(uint32_t label) {
    if (LINTEL_UNLIKELY(s_.y_fragile)) {
        // The exception settles the message, for the handler alone.
        const std::vector<Type> y(s_.y, s_.y + s_.y_count());
        for (uint32_t i = 0; i < s_.y_count(); ++i) s_.y[i] = s_.y[i].durable();
        s_.y_fragile = false;
        const bool ok = enter_handler(label);
        std::copy(y.begin(), y.end(), s_.y);
        s_.y_fragile = true;
        return ok;
    }
    // What find_handler (vm/exceptions.h) leaves in the X registers.
    constexpr uint32_t kLeft = 4;
    const uint32_t x_count = s_.x_count, f_words = s_.f_words, credit = s_.credit;
    const bool writer = s_.writer;
    Type x[kLeft];
    std::copy_n(s_.x, kLeft, x);
    s_.x_count = kLeft;
    s_.f_words = s_.credit = 0;
    s_.writer = false;
    s_.x[0] = Holds::exception;
    s_.x[1] = s_.x[2] = s_.x[3] = Holds::term;
    if (!flow(label)) return false;
    s_.x_count = x_count;
    s_.f_words = f_words;
    s_.credit = credit;
    s_.writer = writer;
    std::copy_n(x, kLeft, s_.x);
    return true;
}

// ---- registers

Type Verifier::type_of(Operand o) const {
    const uint32_t n = o.reg();
    if (o.kind() == OperandKind::x) return n < s_.x_count ? s_.x[n] : Type();
    if (o.kind() == OperandKind::y) return n < s_.y_count() ? s_.y[n] : Type();
    if (o.kind() != OperandKind::literal) return Holds::term;
    const Term t = m_.literals[o.value()];
    if (t.is_cons()) return Holds::cons;
    if (t.is_tuple())
        return Type::tuple(static_cast<uint32_t>(std::min<size_t>(header_size(t.header()), Type::kMaxPayload)));
    return t.is_float() ? Holds::real : Holds::term;
}

bool Verifier::bad_operand(Operand o, const char* wanted) {
    const Type t = type_of(o);
    const std::string name = name_of(o.kind() == OperandKind::x ? 'x' : 'y', o.reg());
    if (o.kind() == OperandKind::y && o.reg() >= s_.y_count()) return fail(name + " is not in the frame");
    if (t.is_nothing() || t.is_vacant()) return fail(name + " is not initialised");
    if (t.is_mark()) return fail(name + " holds a catch mark");
    if (t.is_exception()) return fail(name + " may hold no term");
    return fail(name + " may be " + (t.is_plain() ? "no match context, " : "a match context, ") + wanted +
                " is wanted");
}

bool Verifier::read(Operand o) {
    if (!o.is_register()) return true;
    const Type t = type_of(o);
    taint_ = taint_.with(t);
    return LINTEL_LIKELY(t.is_plain()) || bad_operand(o, "a term");
}

bool Verifier::durable() {
    if (LINTEL_UNLIKELY(taint_.is_fragile() || s_.y_fragile)) restart_ = Restart::own_messages;
    return restart_ == Restart::no;
}

void Verifier::drop_fragile() {
    for (uint32_t i = 0; i < s_.x_count; ++i) {
        if (s_.x[i].is_fragile()) s_.x[i] = Holds::nothing;
    }
    if (LINTEL_LIKELY(!s_.y_fragile)) return;
    for (uint32_t i = 0; i < s_.y_count(); ++i) {
        if (s_.y[i].is_fragile()) s_.y[i] = Holds::nothing;
    }
    y_changed();
}

void Verifier::make_durable() {
    for (uint32_t i = 0; i < s_.x_count; ++i) s_.x[i] = s_.x[i].durable();
    if (LINTEL_LIKELY(!s_.y_fragile)) return;
    for (uint32_t i = 0; i < s_.y_count(); ++i) s_.y[i] = s_.y[i].durable();
    s_.y_fragile = s_.handler_told = false;
}

bool Verifier::read_x(uint32_t count) {
    for (uint32_t i = 0; i < count; ++i) {
        if (!read(Operand::reg(OperandKind::x, i))) return false;
    }
    return true;
}

bool Verifier::read_context(Operand o) {
    if (!o.is_register()) return bad_operand(o, "a match context");
    const Type t = type_of(o);
    taint_ = taint_.with(t);
    return LINTEL_LIKELY(t.holds() == Holds::context) || bad_operand(o, "a match context");
}

void Verifier::set_x(uint32_t n, Type t) {
    while (s_.x_count <= n) s_.x[s_.x_count++] = Holds::nothing;
    s_.x[n] = t.with(taint_);
}

bool Verifier::write(Operand to, Type t) {
    const uint32_t n = to.reg();
    t = t.with(taint_);
    if (to.kind() == OperandKind::x) {
        if (LINTEL_UNLIKELY(n >= kReservedX)) return fail("x" + std::to_string(n) + " is the engine's");
        if (LINTEL_LIKELY(n < s_.x_count)) {
            s_.x[n] = t;
        } else {
            set_x(n, t);
        }
        return true;
    }
    if (n >= s_.y_count()) return bad_operand(to, "");
    if (LINTEL_UNLIKELY(t.is_fragile())) s_.y_fragile = true;
    const bool was_mark = s_.y[n].is_mark();
    s_.y[n] = t;
    s_.handler_told = false;
    if (LINTEL_UNLIKELY(was_mark)) y_changed();
    return true;
}

void Verifier::refine(Operand o, Type t) {
    if (o.kind() == OperandKind::x) {
        s_.x[o.reg()] = t.with(s_.x[o.reg()]);
    } else if (o.kind() == OperandKind::y) {
        s_.y[o.reg()] = t;
    }
}

bool Verifier::read_float(Operand o) {
    LINTEL_CHECK(o.kind() == OperandKind::f);
    const uint32_t n = o.value();
    if (n / 32 < s_.f_words && (s_.f[n / 32] >> n % 32 & 1) != 0) return true;
    return fail("float register " + std::to_string(n) + " is not initialised");
}

void Verifier::write_float(Operand o) {
    LINTEL_CHECK(o.kind() == OperandKind::f);
    const uint32_t n = o.value();
    while (s_.f_words <= n / 32) s_.f[s_.f_words++] = 0;
    s_.f[n / 32] |= uint32_t{1} << n % 32;
}

// ---- shared rules

bool Verifier::consume(uint64_t words) {
    if (words > s_.credit) {
        return fail(std::to_string(words) + " heap words are written, of " + std::to_string(s_.credit) + " reserved");
    }
    s_.credit -= static_cast<uint32_t>(words);
    return true;
}

bool Verifier::may_collect(uint32_t live) {
    if (live > s_.x_count)
        return fail(std::to_string(live) + " X registers live, but " + name_of('x', s_.x_count) +
                    " is not initialised");
    for (uint32_t i = 0; i < live; ++i) {
        if (LINTEL_UNLIKELY(!s_.x[i].is_root()))
            return fail(std::to_string(live) + " X registers live, but " + name_of('x', i) + " is not initialised");
    }
    return y_ready();
}

void Verifier::collected(uint32_t live) {
    drop_x(live);
    s_.credit = 0;
    s_.writer = false;
}

bool Verifier::has_frame() { return (s_.frame != kNoFrame && !s_.open) || fail("there is no frame"); }

bool Verifier::is_frame(uint32_t words) {
    if (s_.frame == words && words != kNoFrame && !s_.open) return true;
    if (!has_frame()) return false;
    return fail("the frame has " + std::to_string(s_.frame) + " registers, not " + std::to_string(words));
}

bool Verifier::no_frame() { return (s_.frame == kNoFrame && !s_.open) || fail("there still is a frame"); }

}  // namespace lintel::verifier
