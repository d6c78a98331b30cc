#pragma once
/// TerminalDescription: what the system knows of a kind of terminal (terminfo), by unibilium.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

struct unibi_term;

namespace lintel {

class TerminalDescription {
public:
    TerminalDescription() = default;
    /// Of the terminal called `name`. A name that is not known gives one that is false.
    explicit TerminalDescription(const std::string& name);
    explicit operator bool() const { return term_ != nullptr; }

    /// By the two letters that termcap has for a capability; those that shells ask for.
    std::optional<std::string> text(std::string_view code) const;
    bool flag(std::string_view code) const;
    /// -1: it has none.
    int number(std::string_view code) const;

    enum class Known : uint8_t { yes, not_here, no };
    /// By its name in terminfo ("cuu1"). no: there is no such capability.
    Known text_by_name(std::string_view name, std::string* value) const;

    /// A text capability with parameters put in, without padding.
    static std::string expand(const std::string& text, std::span<const int> parameters);

private:
    struct Free {
        void operator()(unibi_term* t) const;
    };
    std::unique_ptr<unibi_term, Free> term_;
};

}  // namespace lintel
