#include "stdlib/old_code.h"

namespace lintel {

bool uses_old_code(Vm& vm, Process& p, Term module) {
    const LoadedModule* old = vm.code.old(module);
    if (old == nullptr) return false;
    if (p.ip != nullptr && vm.engine.locate(p.ip).loaded == old) return true;
    for (const Word* w = p.heap.stack_top; w < p.heap.end; ++w) {
        const Term t(*w);
        if (t.tag() == Tag::code) {
            if (vm.engine.locate(reinterpret_cast<const void*>(*w & ~kTagMask)).loaded == old) return true;
        } else if (t.is_catch() && vm.engine.locate(t.catch_handler()).loaded == old) {
            return true;
        }
    }
    return false;
}

}  // namespace lintel
