#include <wchar.h>

#include <clocale>

#include "stdlib/terminal/line_display.h"

namespace lintel {

namespace {

/// wcwidth(3) goes by the locale of the thread, which is the host program's: this one's is borrowed for a moment.
class Utf8Locale {
public:
    Utf8Locale() : locale_(newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)) {
        if (locale_ != nullptr) before_ = uselocale(locale_);
    }
    ~Utf8Locale() {
        if (locale_ == nullptr) return;
        uselocale(before_);
        freelocale(locale_);
    }
    Utf8Locale(const Utf8Locale&) = delete;
    Utf8Locale& operator=(const Utf8Locale&) = delete;

private:
    locale_t locale_;
    locale_t before_ = nullptr;
};

}  // namespace

int terminal_wcwidth(char32_t c) {
    if (c >= 0x20 && c < 0x7f) return 1;
    const Utf8Locale locale;
    return wcwidth(static_cast<wchar_t>(c));
}

unsigned character_width(char32_t c) {
    const int width = terminal_wcwidth(c);
    return width > 0 ? static_cast<unsigned>(width) : 0;
}

}  // namespace lintel
