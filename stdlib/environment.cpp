#include "stdlib/environment.h"

#include <cstdlib>
#include <string_view>

extern char** environ;

namespace lintel {

std::optional<std::string> Environment::get(const std::string& name) const {
    {
        std::lock_guard lock(mutex_);
        if (const auto at = changed_.find(name); at != changed_.end()) return at->second;
    }
    const char* value = inherits_ ? std::getenv(name.c_str()) : nullptr;
    return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
}

void Environment::set(const std::string& name, std::optional<std::string> value) {
    std::lock_guard lock(mutex_);
    changed_[name] = std::move(value);
}

std::vector<std::pair<std::string, std::string>> Environment::all() const {
    std::lock_guard lock(mutex_);
    std::vector<std::pair<std::string, std::string>> list;
    for (char** e = environ; inherits_ && *e != nullptr; ++e) {
        const std::string_view entry = *e;
        const size_t equals = entry.find('=');
        if (equals == std::string_view::npos) continue;
        std::string name(entry.substr(0, equals));
        if (changed_.find(name) == changed_.end()) list.emplace_back(std::move(name), entry.substr(equals + 1));
    }
    for (const auto& [name, value] : changed_) {
        if (value) list.emplace_back(name, *value);
    }
    return list;
}

}  // namespace lintel
