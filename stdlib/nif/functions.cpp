#include "stdlib/nif/functions.h"

#include <lintel/erl_nif.h>

namespace lintel {

const void* const* nif_functions() {
    static const void* const kFunctions[] = {
#define NIF_FUNCTION(name) reinterpret_cast<const void*>(&(name)),
#include "stdlib/nif/functions.def"
#undef NIF_FUNCTION
        nullptr,
    };
    return kFunctions;
}

}  // namespace lintel
