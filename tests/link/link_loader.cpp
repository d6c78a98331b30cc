// Links loader and what is below.
#include "loader/load.h"

#include "gc/literal_space.h"
#include "term/atom.h"

int main() {
    lintel::AtomTable atoms;
    lintel::LiteralSpace literals;
    const uint8_t bytes[] = {1, 2, 3};
    return lintel::load_module({atoms, literals}, bytes, "bytes").ok() ? 1 : 0;
}
