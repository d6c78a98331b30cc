#include <atomic>

#include "embed/lintel_vm.h"
#include "embed/snapshot.h"

/// The C API: snapshots. docs/design/snapshots.md.

using lintel::fail;
using lintel::is_gone;

extern "C" {

lintel_result lintel_snapshot_create(lintel_vm* vm, lintel_snapshot** out) {
    if (is_gone(vm) || out == nullptr) return LINTEL_ERROR_ARGUMENT;
    *out = nullptr;
    if (vm->bare == nullptr) return fail(vm, LINTEL_ERROR_ARGUMENT, lintel::kOtherProfile);
    if (!vm->vm->load_host_module()) return fail(vm, LINTEL_ERROR_MEMORY, "out of memory");
    *out = new lintel_snapshot(vm->vm->code.make_image(vm->vm->memory), vm->vm->otp);
    return LINTEL_OK;
}

void lintel_snapshot_retain(lintel_snapshot* snapshot) {
    if (!is_gone(snapshot)) snapshot->references.fetch_add(1, std::memory_order_relaxed);
}

void lintel_snapshot_release(lintel_snapshot* snapshot) {
    if (!is_gone(snapshot) && snapshot->references.fetch_sub(1, std::memory_order_acq_rel) == 1) delete snapshot;
}

size_t lintel_snapshot_modules(const lintel_snapshot* snapshot) {
    return is_gone(snapshot) ? 0 : snapshot->code->modules.size();
}

size_t lintel_snapshot_bytes(const lintel_snapshot* snapshot) {
    return is_gone(snapshot) ? 0 : snapshot->code->bytes();
}

}  // extern "C"
