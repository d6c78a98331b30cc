// Links gc and what is below.
#include "gc/heap_builder.h"

int main() {
    lintel::HeapFragment* fragment = lintel::HeapFragment::create(2);
    lintel::HeapFragment::destroy(fragment);
    return 0;
}
