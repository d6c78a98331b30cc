#include "base/patience.h"

namespace lintel {

bool Walk::ask() {
    left_ = steps_;
    Patience& p = walk_patience;
    if (walks_ == Walks::whole || p.may_go_on == nullptr || p.may_go_on(p.context)) return true;
    p.has_ended = true;
    return false;
}

void leave_slice() {
    if (walk_patience.way_out != nullptr) std::longjmp(*walk_patience.way_out, 1);
}

}  // namespace lintel
