#pragma once
/// LineBuffer: bytes cut into lines, as the option {line, Longest} of open_port/2 wants them.

#include <algorithm>
#include <string>
#include <string_view>

namespace lintel {

/// A line ends with LF or CR LF. One that is longer than `longest` comes in parts, and so does the rest when there is nothing more.
class LineBuffer {
public:
    explicit LineBuffer(size_t longest) : longest_(longest) {}

    /// Calls line(bool is_whole, std::string_view) for each line or part.
    template <typename F>
    void feed(std::string_view bytes, F&& line) {
        while (!bytes.empty()) {
            if (state_ == State::text) {
                const std::string_view fitting = bytes.substr(0, longest_ - text_.size());
                const size_t run = std::min(fitting.find_first_of("\r\n"), fitting.size());
                text_ += fitting.substr(0, run);
                bytes.remove_prefix(run);
                if (bytes.empty()) return;
            }
            if (take(bytes.front(), line)) bytes.remove_prefix(1);
        }
    }
    /// Nothing more will come.
    template <typename F>
    void flush(F&& line) {
        if (state_ == State::full_cr) give(false, line);
        if (state_ == State::cr || state_ == State::full_cr) text_ += '\r';
        if (!text_.empty()) give(false, line);
        state_ = State::text;
    }

private:
    enum class State : uint8_t {
        text,
        cr,       ///< the last byte is a CR, which may belong to the end
        full,     ///< the longest line; what comes next tells whether it is whole
        full_cr,  ///< the same, and a CR
    };

    template <typename F>
    void give(bool is_whole, F& line) {
        line(is_whole, std::string_view(text_));
        text_.clear();
    }
    /// `c` is a CR or LF, or comes after a CR or the longest line. False: it is to be looked at again.
    template <typename F>
    bool take(char c, F& line) {
        if (c == '\n') {
            state_ = State::text;
            give(true, line);
            return true;
        }
        switch (state_) {
            case State::text:
                if (text_.size() == longest_) {
                    state_ = State::full;
                    return false;
                }
                state_ = State::cr;
                return true;
            case State::cr:
                text_ += '\r';
                state_ = State::text;
                return false;
            case State::full:
                if (c == '\r') {
                    state_ = State::full_cr;
                    return true;
                }
                state_ = State::text;
                give(false, line);
                return false;
            case State::full_cr:
                state_ = State::cr;
                give(false, line);
                return false;
        }
        return true;
    }

    const size_t longest_;
    State state_ = State::text;
    std::string text_;
};

}  // namespace lintel
