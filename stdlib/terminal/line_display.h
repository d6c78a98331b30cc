#pragma once
/// LineDisplay: the line that is being edited on a terminal, and the bytes that change what the terminal shows of it.
///
/// It knows where the cursor is, in a line that may be wrapped over several rows, and moves it with as little as the terminal offers.

#include <string>
#include <string_view>
#include <vector>

namespace lintel {

/// What a terminal understands (terminfo).
struct TerminalCapabilities {
    std::string up, down = "\n", left = "\b", right;
    unsigned columns = 80;
    /// After the last column the cursor stays in it until the next character is written.
    bool wraps_late = true;

    /// Of the terminal called `name`. False: it is not known, or cannot move its cursor.
    bool read(const std::string& name);
};

class LineDisplay {
public:
    explicit LineDisplay(TerminalCapabilities capabilities) : terminal_(std::move(capabilities)) {}

    void set_columns(unsigned columns) { terminal_.columns = columns; }
    /// False: the terminal shows ASCII; other characters are written as \ooo or \x{HHHH}.
    void set_utf8(bool is_utf8) { is_utf8_ = is_utf8; }
    bool is_utf8() const { return is_utf8_; }

    // ---- what to write, added to *out. Text is UTF-8; bytes that are none count as Latin-1 characters.
    /// Writes over what stands at the cursor. A newline ends the line: a new one begins.
    void put(std::string_view text, std::string* out);
    void insert(std::string_view text, std::string* out);
    /// Characters behind the cursor (count > 0), or before it.
    void remove(int count, std::string* out);
    /// By characters, within the line.
    void move(int count, std::string* out);

private:
    /// A place in the line. A character may take several: "^A", blanks up to a tab stop, "\001".
    struct Cell {
        char32_t shown;       ///< code point
        bool begins = true;   ///< a character
        bool escape = false;  ///< the escape character, which begins a sequence without width
    };
    void add_cells(char32_t c, size_t position, std::vector<Cell>* cells) const;
    void overwrite(std::vector<Cell>& cells);
    size_t step(int count) const;
    size_t column_of(size_t position) const;
    size_t sequence_length(size_t position) const;
    void write(size_t from, size_t to, bool line_ends, std::string* out) const;
    void write_cell(const Cell& cell, std::string* out) const;
    void go(size_t from_column, size_t to_column, std::string* out) const;
    void blank(size_t columns, std::string* out) const;

    TerminalCapabilities terminal_;
    bool is_utf8_ = true;
    std::vector<Cell> line_;
    size_t cursor_ = 0;  ///< a place in line_, or its end
};

/// As wcwidth(3) in a UTF-8 locale: 0, 1, 2, or -1 for what is not printable.
int terminal_wcwidth(char32_t c);
/// Columns that a character takes on a terminal: 0, 1 or 2.
unsigned character_width(char32_t c);

}  // namespace lintel
