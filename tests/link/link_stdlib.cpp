// Links stdlib and what is below.
#include "sched/vm.h"
#include "stdlib/bif_table.h"
#include "vm/interpreter.h"

int main() {
    lintel::Interpreter engine;
    lintel::Vm vm({}, engine);
    return lintel::bif_table(vm.atoms, false).empty() ? 1 : 0;
}
