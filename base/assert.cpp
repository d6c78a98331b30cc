#include "base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace lintel {

void assertion_failed(const char* condition, const char* file, int line) {
    std::fprintf(stderr, "lintel: internal error: %s (%s:%d)\n", condition, file, line);
    std::abort();
}

}  // namespace lintel
