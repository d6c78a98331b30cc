// The header in C++: the same functions, by their C names.
#include <lintel/lintel.h>

#include <cstring>

int main() {
    lintel_config config;
    lintel_config_init(&config, sizeof config);
    lintel_vm* vm = nullptr;
    const bool made = lintel_vm_create(&config, &vm) == LINTEL_OK;
    lintel_vm_destroy(vm);
    return made && std::strlen(lintel_version()) > 4 ? 0 : 1;
}
