#include "loader/module.h"

namespace lintel {

namespace {

template <typename... T>
size_t bytes_of(const std::vector<T>&... rows) {
    return ((rows.capacity() * sizeof(T)) + ... + 0);
}

}  // namespace

size_t Module::bytes() const {
    size_t sum = sizeof *this + strings.capacity() + path.capacity();
    for (const DefinedRecord& r : records) sum += bytes_of(r.defaults);
    return sum + bytes_of(atoms, imports, exports, locals, lambdas, records, functions, code, label_position,
                          label_function, new_maps, literals, types, lines, files);
}

}  // namespace lintel
