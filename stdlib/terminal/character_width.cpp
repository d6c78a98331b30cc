#include <wchar.h>

#include <clocale>

#include "stdlib/terminal/line_display.h"

namespace lintel {

int terminal_wcwidth(char32_t c) {
    if (c >= 0x20 && c < 0x7f) return 1;
    // wcwidth(3) goes by the locale of the thread, which is the host program's: this one's is borrowed for a moment.
    static const locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    const locale_t before = uselocale(utf8);  // null: none, and nothing changes
    const int width = wcwidth(static_cast<wchar_t>(c));
    uselocale(before);
    return width;
}

unsigned character_width(char32_t c) {
    const int width = terminal_wcwidth(c);
    return width > 0 ? static_cast<unsigned>(width) : 0;
}

}  // namespace lintel
