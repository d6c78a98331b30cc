#include "stdlib/terminal/terminal_description.h"

extern "C" {  // its header does not say so
#include <unibilium.h>
}

#include <algorithm>

#include "stdlib/terminal/line_display.h"

namespace lintel {

namespace {

template <typename E>
struct Code {
    std::string_view code;
    E capability;
};
constexpr Code<unibi_string> kTexts[] = {
    {"up", unibi_cursor_up},
    {"do", unibi_cursor_down},
    {"le", unibi_cursor_left},
    {"nd", unibi_cursor_right},
    {"cl", unibi_clear_screen},
    {"cd", unibi_clr_eos},
    {"ce", unibi_clr_eol},
    {"IC", unibi_parm_ich},
    {"DC", unibi_parm_dch},
    {"ta", unibi_tab},
    {"bl", unibi_bell},
    {"cm", unibi_cursor_address},
    {"UP", unibi_parm_up_cursor},
    {"DO", unibi_parm_down_cursor},
    {"LE", unibi_parm_left_cursor},
    {"RI", unibi_parm_right_cursor},
    {"u6", unibi_user6},
    {"u7", unibi_user7},
    {"bc", unibi_backspace_if_not_bs},
};
constexpr Code<unibi_boolean> kFlags[] = {
    {"xn", unibi_eat_newline_glitch},
    {"am", unibi_auto_right_margin},
    {"bs", unibi_backspaces_with_bs},
    {"km", unibi_has_meta_key},
};
constexpr Code<unibi_numeric> kNumbers[] = {{"co", unibi_columns}, {"li", unibi_lines}, {"Co", unibi_max_colors}};

/// As termcap has it, what is behind the second letter does not count.
template <typename E, size_t N>
std::optional<E> by_code(const Code<E> (&table)[N], std::string_view code) {
    for (const Code<E>& row : table) {
        if (row.code == code.substr(0, 2)) return row.capability;
    }
    return std::nullopt;
}

std::optional<unibi_string> by_name(std::string_view name) {
    for (int i = unibi_string_begin_ + 1; i < unibi_string_end_; ++i) {
        const auto capability = static_cast<unibi_string>(i);
        if (name == unibi_short_name_str(capability)) return capability;
    }
    return std::nullopt;
}

}  // namespace

void TerminalDescription::Free::operator()(unibi_term* t) const { unibi_destroy(t); }

TerminalDescription::TerminalDescription(const std::string& name)
    : term_(name.empty() ? nullptr : unibi_from_term(name.c_str())) {}

std::optional<std::string> TerminalDescription::text(std::string_view code) const {
    const auto capability = by_code(kTexts, code);
    const char* value = term_ && capability ? unibi_get_str(term_.get(), *capability) : nullptr;
    return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
}

bool TerminalDescription::flag(std::string_view code) const {
    const auto capability = by_code(kFlags, code);
    return term_ && capability && unibi_get_bool(term_.get(), *capability) != 0;
}

int TerminalDescription::number(std::string_view code) const {
    const auto capability = by_code(kNumbers, code);
    return term_ && capability ? unibi_get_num(term_.get(), *capability) : -1;
}

TerminalDescription::Known TerminalDescription::text_by_name(std::string_view name, std::string* value) const {
    const auto capability = by_name(name);
    if (!capability) return Known::no;
    const char* text = term_ ? unibi_get_str(term_.get(), *capability) : nullptr;
    if (text == nullptr) return Known::not_here;
    *value = text;
    return Known::yes;
}

std::string TerminalDescription::expand(const std::string& text, std::span<const int> parameters) {
    constexpr size_t kMost = 9;
    const auto run = [&](char* to, size_t room) {
        unibi_var_t values[kMost];
        for (size_t i = 0; i < kMost; ++i) values[i] = unibi_var_from_num(i < parameters.size() ? parameters[i] : 0);
        return unibi_run(text.c_str(), values, to, room);
    };
    std::string result(run(nullptr, 0), '\0');
    run(result.data(), result.size());
    return result;
}

bool TerminalCapabilities::read(const std::string& name) {
    const TerminalDescription terminal(name);
    if (!terminal) return false;
    const auto take = [&terminal](std::string_view code, std::string* to) {
        if (auto text = terminal.text(code)) *to = TerminalDescription::expand(*text, {});
    };
    take("up", &up);
    take("do", &down);
    take("le", &left);
    take("nd", &right);
    wraps_late = terminal.flag("xn");
    if (const int n = terminal.number("co"); n > 0) columns = static_cast<unsigned>(n);
    return !up.empty() && !right.empty();
}

}  // namespace lintel
