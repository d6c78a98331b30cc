#include "loader/verify.h"

/// Structure (operand kinds, ranges, labels) is checked while decoding. Types are not followed yet: every instruction that relies on
/// one is marked for the engine to test.

namespace lintel {

std::optional<VerifyError> verify_module(Module& module) {
    const uint32_t* end = module.code.data() + module.code.size();
    for (ir::Instruction i(module.code.data()); i.words() < end; i = i.next()) {
        switch (i.op()) {
            case Genop::get_list:
            case Genop::get_hd:
            case Genop::get_tl:
            case Genop::get_tuple_element:
            case Genop::set_tuple_element:
                module.code[static_cast<size_t>(i.words() - module.code.data())] |= ir::Instruction::kCheckBit;
                break;
            default: break;
        }
    }
    return std::nullopt;
}

}  // namespace lintel
