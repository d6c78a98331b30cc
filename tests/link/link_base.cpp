// Links base and nothing else.
#include "base/alloc.h"

int main() {
    lintel::release(lintel::allocate(16));
    return 0;
}
