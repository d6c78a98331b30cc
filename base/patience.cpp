#include "base/patience.h"

namespace lintel {

bool Walk::ask() {
    left_ = kSteps;
    Patience& p = walk_patience;
    if (walks_ == Walks::whole || p.may_go_on == nullptr || p.may_go_on(p.context)) return true;
    p.has_ended = true;
    return false;
}

}  // namespace lintel
