#pragma once
/// Keys of maps that the code makes from nothing: put_map_assoc on `#{}` with constant keys. They become literals, so that such an
/// expression only fills in values, and all its maps share one tuple of keys. Private to loader/.

#include <vector>

#include "gc/heap_builder.h"
#include "loader/module.h"

namespace lintel {

class MapKeys {
public:
    /// Looks through the code of `module`; `is_empty_map` tells which of its literals is `#{}`, by index.
    void find(const Module& module, const std::vector<bool>& is_empty_map);
    /// What build takes of the literal area.
    size_t words() const { return words_; }
    /// Makes the tuples and Module::new_maps.
    void build(Module& module, HeapBuilder& heap) const;

private:
    struct Site {
        uint32_t position;
        size_t keys;  ///< index into sets_
    };
    void site(const Module& module, ir::Instruction i);

    std::vector<std::vector<Term>> sets_;  // sorted; each occurs once
    std::vector<Site> sites_;
    size_t words_ = 0;
};

}  // namespace lintel
