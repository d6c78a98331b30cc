// The header in C++: the same functions, by their C names; templates that the library has inside, too, are the host's own.
#include <lintel/lintel.h>

#include <memory>
#include <string>

int main() {
    lintel_config config;
    lintel_config_init(&config, sizeof config);
    lintel_vm* vm = nullptr;
    const bool made = lintel_vm_create(&config, &vm) == LINTEL_OK;
    lintel_vm_destroy(vm);
    const auto text = std::make_shared<std::string>(lintel_version());
    return made && text->find('.') != std::string::npos ? 0 : 1;
}
