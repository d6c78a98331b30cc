// Links sched and what is below: a VM without any BIF.
#include "sched/vm.h"
#include "vm/interpreter.h"

int main() {
    lintel::Interpreter engine;
    lintel::Vm vm({}, engine);
    return vm.processes.count() == 0 ? 0 : 1;
}
