#pragma once
/// Terms as text.

#include <string>

#include "term/atom.h"

namespace lintel {

enum class PrintStyle : uint8_t {
    display,  ///< erlang:display/1, crash reports, pid_to_list/1, fun_to_list/1…: printable lists and binaries as strings
    write,          ///< io:format("~w"): atoms' characters above 255 escaped
    write_unicode,  ///< io:format("~tw")
};

inline constexpr size_t kNoPrintLimit = SIZE_MAX;

/// Appends `t`, in UTF-8 (but for strings in display style, whose characters of 128 to 255 are bytes, as in OTP). At most
/// `limit` bytes are appended; if they do not suffice, the text is cut there and false returned. Constant C stack. Maps of
/// more than 32 pairs come in the order of MapIterator. Words that are no terms (the non-value, a catch mark) are named in <>.
bool print_term(Term t, std::string& out, PrintStyle style, size_t limit = kNoPrintLimit);
std::string term_text(Term t, PrintStyle style = PrintStyle::display, size_t limit = kNoPrintLimit);

/// Appends an atom of this name (UTF-8), quoted if `style` asks for it.
void print_atom(std::string_view name, std::string& out, PrintStyle style);

}  // namespace lintel
