#include "stdlib/native/functions.h"

#include <lintel/erl_driver.h>
#include <lintel/erl_nif.h>

namespace lintel {

const void* const* native_functions() {
    static const void* const kFunctions[] = {
#define NATIVE_FUNCTION(name) reinterpret_cast<const void*>(&(name)),
#include "stdlib/driver/functions.def"
#include "stdlib/nif/functions.def"
        NATIVE_FUNCTION(erl_errno_id)
#undef NATIVE_FUNCTION
            & driver_term_nil,
        nullptr,
    };
    return kFunctions;
}

}  // namespace lintel
