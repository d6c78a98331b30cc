#include "base/patience.h"

namespace lintel {

bool is_patient() {
    Patience& p = walk_patience;
    p.is_over = p.is_over || (p.ask != nullptr && !p.ask(p.context));
    p.left = p.is_over ? 1 : Patience::kSteps;
    return !p.is_over;
}

}  // namespace lintel
