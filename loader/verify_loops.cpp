/// Loops. Only calls, exceptions and the receive instructions that look again count reductions, so a loop without any of them could
/// not be interrupted. Compilers make none: code that runs in circles calls itself.
///
/// A circle has an edge backwards. flow() notes the labels that such edges lead to; most functions have none, and all that is asked
/// of the others is whether a walk from these labels, along all other edges, comes back to a label that it is still inside
/// of. (Depth first, white, grey and black; with a stack of its own, since code may be nested deeply.)

#include "loader/verify_p.h"

namespace lintel::verifier {

namespace {

constexpr uint8_t kGrey = 1, kBlack = 2;

/// The way along these label operands costs reductions, or leads out of the function.
constexpr bool counts(Genop op) {
    switch (op) {
        case Genop::call:
        case Genop::call_last:
        case Genop::call_only:
        case Genop::catch_:
        case Genop::try_:
        case Genop::loop_rec_end:
        case Genop::wait:
        case Genop::wait_timeout:
        case Genop::recv_mark:
        case Genop::recv_set:
        case Genop::label: return true;
        default: return false;
    }
}

}  // namespace

void Verifier::note_backward(uint32_t label) {
    const Genop op = Instruction(&m_.code[at_]).op();
    if (op == Genop::label || counts(op)) return;
    if (back_labels_.empty() || back_labels_.back() != label) back_labels_.push_back(label);
}

bool Verifier::has_no_loop() {
    if (LINTEL_LIKELY(back_labels_.empty())) return true;
    label_color_.resize(m_.label_position.size());
    struct Place {
        uint32_t label;
        uint32_t at;       ///< instruction that is walked over
        uint32_t operand;  ///< next of its operands
    };
    std::vector<Place> stack;
    std::vector<uint32_t> seen;
    bool ok = true;
    const auto enter = [&](uint32_t label) {
        if (label_color_[label] == kBlack) return true;
        if (label_color_[label] == kGrey) return false;
        label_color_[label] = kGrey;
        seen.push_back(label);
        stack.push_back({label, m_.label_position[label] + 2, 0});
        return true;
    };
    for (size_t k = 0; ok && k < back_labels_.size(); ++k) {
        if (label_color_[back_labels_[k]] == kBlack) continue;
        ok = enter(back_labels_[k]);
        while (ok && !stack.empty()) {
            Place& p = stack.back();
            const Instruction i(&m_.code[p.at]);
            at_ = p.at;
            uint32_t to = 0;
            if (i.op() == Genop::label) {
                // Falls into the next block: the last that there is to walk here.
                to = p.operand == 0 ? i[0].value() : 0;
                p.operand = 1;
            } else if (!counts(i.op())) {
                while (to == 0 && p.operand < i.operand_words()) {
                    const Operand o = i[p.operand++];
                    if (o.kind() == OperandKind::label) to = o.value();
                }
            }
            if (to != 0) {
                if (!enter(to)) ok = fail("a loop without a call, which nothing could interrupt");
            } else if (i.op() == Genop::label || ends(i)) {
                label_color_[p.label] = kBlack;
                stack.pop_back();
            } else {
                p.at += 1 + i.operand_words();
                p.operand = 0;
            }
        }
    }
    for (const uint32_t label : seen) label_color_[label] = 0;
    return ok;
}

}  // namespace lintel::verifier
