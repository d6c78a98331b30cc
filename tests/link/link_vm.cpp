// Links vm and what is below.
#include "vm/interpreter.h"

int main() {
    lintel::Interpreter engine;
    return engine.name() == nullptr ? 1 : 0;
}
