// Links jit and what is below.
#include "jit/compiler.h"

int main() {
    const auto compiler = lintel::make_native_compiler();
    return compiler != nullptr && !lintel::kHasNativeCode ? 1 : 0;
}
