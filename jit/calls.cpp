#include "jit/calls.h"

#include "vm/host.h"
#include "vm/vm_core.h"

namespace lintel::jit {

const Term* find_in_map(Term map, Term key) {
    const Term* const value = map.is_map() ? map_find(map, key) : nullptr;
    if (LINTEL_UNLIKELY(value == nullptr)) leave_ended_slice();
    return value;
}

void pass_over_failure(ExecState* p) {
    leave_ended_slice();
    p->pending = Pending::none;
}

ExportEntry* run_find_export(ExecState* p, Term module, Term function, uint32_t arity,
                             std::atomic<ExportEntry*>* last) {
    ExportEntry* const found = p->vm->code.export_entry(module, function, arity);
    last->store(found, std::memory_order_release);
    return found;
}

namespace {

size_t unit_of(uint32_t sizes) { return sizes & 0x7fff; }
bool is_private(uint32_t sizes) { return (sizes & 1u << 15) != 0; }

}  // namespace

Term run_append(ExecState* p, Term old, uint64_t value, uint32_t sizes) {
    return bs_try_append(*p, old, unit_of(sizes), is_private(sizes), value, sizes >> 16);
}
Term run_append_bytes(ExecState* p, Term old, const uint8_t* bytes, uint32_t sizes) {
    return bs_try_append_bytes(*p, old, unit_of(sizes), is_private(sizes), bytes, (sizes >> 16) / 8);
}
Term run_append_utf8(ExecState* p, Term old, Term code_point, uint32_t sizes) {
    return bs_try_append_utf8(*p, old, unit_of(sizes), is_private(sizes), code_point);
}

namespace {

const Host& host_of(ExecState* p) { return *p->vm->host; }

}  // namespace

Term run_send(ExecState* p, const Term* x) { return host_of(p).send(*p, x[0], x[1]); }

Term run_peek(ExecState* p) { return host_of(p).peek_message(*p); }
Term run_peek_and_settle(ExecState* p) {
    const Term message = host_of(p).peek_message(*p);
    host_of(p).settle_message(*p);
    return message;
}
void run_remove(ExecState* p) { host_of(p).remove_message(*p); }

Term run_reserve(ExecState* p) { return host_of(p).marker_reserve(*p); }
void run_bind(ExecState* p, Term marker, Term reference) { host_of(p).marker_bind(*p, marker, reference); }
void run_clear(ExecState* p, Term reference) { host_of(p).marker_clear(*p, reference); }
void run_use(ExecState* p, Term reference) { host_of(p).marker_use(*p, reference); }

}  // namespace lintel::jit
