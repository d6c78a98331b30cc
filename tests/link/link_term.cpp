// Links term and what is below.
#include "term/atom.h"

int main() {
    lintel::AtomTable atoms;
    return atoms.intern("lintel_link_test").is_none() ? 1 : 0;
}
