#pragma once
/// Environment variables as the Erlang code of one VM sees them: those of the program, with what os:putenv/2 and os:unsetenv/1
/// have changed. The program's own environment is never changed: other VMs and the host share it.

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lintel {

/// Any thread.
class Environment {
public:
    /// Of a VM that does not inherit, it begins empty.
    explicit Environment(bool inherits) : inherits_(inherits) {}

    std::optional<std::string> get(const std::string& name) const;
    /// Without a value: the variable is taken away.
    void set(const std::string& name, std::optional<std::string> value);
    std::vector<std::pair<std::string, std::string>> all() const;

private:
    const bool inherits_;
    mutable std::mutex mutex_;
    std::map<std::string, std::optional<std::string>> changed_;
};

}  // namespace lintel
