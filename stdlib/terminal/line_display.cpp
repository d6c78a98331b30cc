#include "stdlib/terminal/line_display.h"

#include <algorithm>
#include <cstdio>

#include "term/utf8.h"

namespace lintel {

namespace {

constexpr char32_t kEscape = 0x1b, kDelete = 0x7f;
constexpr size_t kTabStop = 8;

bool is_printable(char32_t c) { return c >= 0x20 && c < kDelete; }

}  // namespace

// ---- the line

void LineDisplay::add_cells(char32_t c, size_t position, std::vector<Cell>* cells) const {
    const auto add_text = [cells](std::string_view text) {
        for (size_t i = 0; i < text.size(); ++i) cells->push_back({static_cast<char32_t>(text[i]), i == 0});
    };
    if (is_printable(c) || (is_utf8_ && c >= 0x80)) {
        cells->push_back({c});
    } else if (c >= 0x80) {
        char text[16];
        std::snprintf(text, sizeof text, c <= 0777 ? "\\%03o" : "\\x{%X}", static_cast<unsigned>(c));
        add_text(text);
    } else if (c == '\t') {
        add_text(std::string(kTabStop - position % kTabStop, ' '));
    } else if (c == kEscape) {
        cells->push_back({c, true, true});
    } else {
        cells->push_back({'^', true});
        cells->push_back({c == kDelete ? U'?' : c | 0x40, false});
    }
}

/// Puts `cells` over what stands at the cursor, and the cursor behind them.
void LineDisplay::overwrite(std::vector<Cell>& cells) {
    const size_t end = cursor_ + cells.size();
    if (line_.size() < end) line_.resize(end);
    std::copy(cells.begin(), cells.end(), line_.begin() + static_cast<ptrdiff_t>(cursor_));
    cursor_ = end;
    cells.clear();
}

/// The place `count` characters from the cursor.
size_t LineDisplay::step(int count) const {
    size_t at = cursor_;
    for (; count > 0 && at < line_.size(); --count) {
        ++at;
        while (at < line_.size() && !line_[at].begins) ++at;
    }
    for (; count < 0 && at > 0; ++count) {
        --at;
        while (at > 0 && !line_[at].begins) --at;
    }
    return at;
}

/// Of what begins with an escape character: `ESC [`, numbers, a letter.
size_t LineDisplay::sequence_length(size_t at) const {
    const size_t left = line_.size() - at;
    if (left == 1 || line_[at + 1].shown != '[') return std::min<size_t>(left, 2);
    size_t n = 2;
    while (n < left && ((line_[at + n].shown >= '0' && line_[at + n].shown <= '9') || line_[at + n].shown == ';')) ++n;
    return std::min(left, n + 1);
}

/// Columns before a place, as if the line were not wrapped.
size_t LineDisplay::column_of(size_t position) const {
    size_t column = 0;
    for (size_t at = 0; at < position && at < line_.size();) {
        if (line_[at].escape) {
            at += sequence_length(at);
        } else {
            column += character_width(line_[at++].shown);
        }
    }
    return column;
}

// ---- writing

void LineDisplay::write_cell(const Cell& cell, std::string* out) const {
    uint8_t bytes[4];
    out->append(reinterpret_cast<const char*>(bytes), encode_utf8(cell.shown, bytes));
}

/// Cells of the line; the cursor is at the first of them. `line_ends`: a newline comes next.
void LineDisplay::write(size_t from, size_t to, bool line_ends, std::string* out) const {
    for (size_t at = from; at < to; ++at) write_cell(line_[at], out);
    const size_t column = column_of(to);
    if (line_ends || from == to || !terminal_.wraps_late || column == 0 || column % terminal_.columns != 0) return;
    // The terminal's cursor is still in the last column: something is to be written in the next row, and the cursor goes back onto it.
    if (to < line_.size()) {
        write_cell(line_[to], out);
    } else {
        *out += ' ';
    }
    *out += terminal_.left;
}

void LineDisplay::go(size_t from_column, size_t to_column, std::string* out) const {
    const auto repeat = [out](const std::string& step, size_t from, size_t to) {
        for (; from < to; ++from) *out += step;
    };
    const size_t columns = terminal_.columns;
    repeat(terminal_.down, from_column / columns, to_column / columns);
    repeat(terminal_.up, to_column / columns, from_column / columns);
    repeat(terminal_.right, from_column % columns, to_column % columns);
    repeat(terminal_.left, to_column % columns, from_column % columns);
}

// ---- operations

void LineDisplay::put(std::string_view text, std::string* out) {
    std::vector<Cell> cells;
    size_t begun = cursor_;
    const auto flush = [&](bool line_ends) {
        overwrite(cells);
        write(begun, cursor_, line_ends, out);
    };
    while (!text.empty()) {
        const Utf8Step read = decode_utf8(reinterpret_cast<const uint8_t*>(text.data()), text.size());
        const bool is_utf8 = read.status == Utf8Step::Status::ok;
        const char32_t c = is_utf8 ? read.code_point : static_cast<uint8_t>(text[0]);
        text.remove_prefix(is_utf8 ? read.bytes : 1);
        if (c != '\n' && c != '\r') {
            add_cells(c, cursor_ + cells.size(), &cells);
            continue;
        }
        flush(true);
        *out += c == '\n' ? "\r\n" : "\r";
        line_.erase(line_.begin(), line_.begin() + static_cast<ptrdiff_t>(cursor_));
        cursor_ = begun = 0;
    }
    flush(false);
}

void LineDisplay::insert(std::string_view text, std::string* out) {
    if (text.empty()) return;
    const std::vector<Cell> behind(line_.begin() + static_cast<ptrdiff_t>(cursor_), line_.end());
    line_.resize(cursor_);
    put(text, out);
    if (behind.empty()) return;
    const size_t begun = cursor_;
    line_.insert(line_.end(), behind.begin(), behind.end());
    write(begun, line_.size(), false, out);
    go(column_of(line_.size()), column_of(begun), out);
}

void LineDisplay::remove(int count, std::string* out) {
    const size_t to = step(count);
    const size_t first = std::min(cursor_, to), last = std::max(cursor_, to);
    if (first == last) return;
    const size_t gone = column_of(last) - column_of(first);
    if (to < cursor_) go(column_of(cursor_), column_of(to), out);
    line_.erase(line_.begin() + static_cast<ptrdiff_t>(first), line_.begin() + static_cast<ptrdiff_t>(last));
    cursor_ = first;
    write(cursor_, line_.size(), false, out);
    out->append(gone, ' ');
    const size_t end = column_of(line_.size()) + gone;
    if (terminal_.wraps_late && end % terminal_.columns == 0) *out += " " + terminal_.left;
    go(end, column_of(cursor_), out);
}

void LineDisplay::move(int count, std::string* out) {
    const size_t to = step(count);
    go(column_of(cursor_), column_of(to), out);
    cursor_ = to;
}

}  // namespace lintel
