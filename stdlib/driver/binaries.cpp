/// Functions of the interface for drivers on memory and binaries.

#include "stdlib/driver/binaries.h"

#include <lintel/erl_nif.h>

#include <algorithm>
#include <cstring>

using lintel::BinaryData;
using lintel::data_of;
using lintel::driver_binary;

extern "C" {

void* driver_alloc(ErlDrvSizeT size) { return enif_alloc(size); }
void* driver_realloc(void* block, ErlDrvSizeT size) { return enif_realloc(block, size); }
void driver_free(void* block) { enif_free(block); }

ErlDrvBinary* driver_alloc_binary(ErlDrvSizeT size) {
    BinaryData* const data = BinaryData::create_with_slack(size);
    return data != nullptr ? driver_binary(data) : nullptr;
}

ErlDrvBinary* driver_realloc_binary(ErlDrvBinary* binary, ErlDrvSizeT size) {
    ErlDrvBinary* const larger = driver_alloc_binary(size);
    if (binary == nullptr || larger == nullptr) return larger;
    std::memcpy(larger->orig_bytes, binary->orig_bytes, std::min(size, static_cast<size_t>(binary->orig_size)));
    driver_free_binary(binary);
    return larger;
}

void driver_free_binary(ErlDrvBinary* binary) {
    if (binary != nullptr) data_of(binary)->release_reference();
}

ErlDrvSInt driver_binary_get_refc(ErlDrvBinary* binary) {
    return static_cast<ErlDrvSInt>(data_of(binary)->references.load(std::memory_order_acquire));
}
ErlDrvSInt driver_binary_inc_refc(ErlDrvBinary* binary) {
    return static_cast<ErlDrvSInt>(data_of(binary)->references.fetch_add(1, std::memory_order_acq_rel)) + 1;
}
ErlDrvSInt driver_binary_dec_refc(ErlDrvBinary* binary) {
    return static_cast<ErlDrvSInt>(data_of(binary)->references.fetch_sub(1, std::memory_order_acq_rel)) - 1;
}

}  // extern "C"
