#include "stdlib/old_code.h"

#include "term/views.h"

namespace lintel {

namespace {

/// Whether the raw stack trace of an exception under way (vm/exceptions.cpp) has an address in `code`.
bool trace_leads_into(Vm& vm, Term raw, const LoadedModule* code) {
    const TupleView trace = as_tuple(raw, 4);
    if (!trace) return false;
    const BignumView limbs = as_bignum(trace[2]);
    if (!limbs) return false;
    for (const Word address : limbs.limbs()) {
        if (vm.engine.locate(reinterpret_cast<const void*>(address)).loaded == code) return true;
    }
    return false;
}

/// Whether the process goes on in `code`: in a function, or on its way into one that is not prepared yet.
bool stands_in(Vm& vm, const void* ip, const LoadedModule* code) {
    if (ip == nullptr) return false;
    const auto* functions = reinterpret_cast<const char*>(code->functions.data());
    const auto offset = static_cast<size_t>(static_cast<const char*>(ip) - functions);
    return offset < code->functions.size() * sizeof(FunctionEntry) || vm.engine.locate(ip).loaded == code;
}

}  // namespace

bool uses_old_code(Vm& vm, Process& p, Term module) {
    const LoadedModule* code = vm.code.purging(module);
    if (code == nullptr) code = vm.code.old(module);
    if (code == nullptr) return false;
    // One that hibernates goes on in what is current then.
    if (p.trap_target == nullptr && stands_in(vm, p.ip, code)) return true;
    for (const Word* w = p.heap.stack_top; w < p.heap.end; ++w) {
        const Term t(*w);
        if (t.tag() == Tag::code) {
            if (vm.engine.locate(reinterpret_cast<const void*>(*w & ~kTagMask)).loaded == code) return true;
        } else if (t.is_catch() && vm.engine.locate(t.catch_handler()).loaded == code) {
            return true;
        }
    }
    return trace_leads_into(vm, p.trace, code);
}

}  // namespace lintel
