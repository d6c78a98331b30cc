#include "vm/stress.h"

namespace lintel {

namespace {

/// Value of `name=number`, or `usual` for `name` alone; 0: not a number, or too large.
uint16_t number_of(std::string_view digits, uint16_t usual) {
    if (digits.empty()) return usual;
    if (digits.size() > 4) return 0;
    unsigned n = 0;
    for (const char c : digits) {
        if (c < '0' || c > '9') return 0;
        n = n * 10 + static_cast<unsigned>(c - '0');
    }
    return static_cast<uint16_t>(n);
}

}  // namespace

bool Stress::parse(std::string_view text, Stress* out) {
    *out = Stress();
    while (!text.empty()) {
        const std::string_view item = text.substr(0, text.find(','));
        text.remove_prefix(item.size() == text.size() ? item.size() : item.size() + 1);
        const size_t equals = item.find('=');
        const std::string_view name = item.substr(0, equals);
        const bool has_number = equals != std::string_view::npos;
        const std::string_view digits = has_number ? item.substr(equals + 1) : std::string_view();
        if (name == "gc") {
            if ((out->gc = number_of(digits, 1)) == 0) return false;
            out->paced = !has_number;
        } else if (name == "reds") {
            if ((out->reds = number_of(digits, 3)) == 0) return false;
        } else {
            bool* flag = name == "major"    ? &out->major
                         : name == "frag"   ? &out->frag
                         : name == "budget" ? &out->budget
                         : name == "holes"  ? &out->holes
                         : name == "regs"   ? &out->regs
                                            : nullptr;
            if (flag == nullptr || has_number) return false;
            *flag = true;
        }
    }
    return true;
}

}  // namespace lintel
