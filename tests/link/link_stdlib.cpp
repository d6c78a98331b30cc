// Links stdlib and what is below.
#include "sched/vm.h"
#include "stdlib/bif_table.h"
#include "vm/interpreter.h"

int main() {
    lintel::Interpreter engine;
    lintel::Vm vm({}, engine);
    vm.code.set_bif_table(lintel::kBifs, 0);
    return vm.code.find_bif(lintel::am::erlang(), lintel::am::self(), 0) != nullptr ? 0 : 1;
}
