#pragma once
/// RegexCache: compiled patterns of one VM, by pattern and options. Erlang code holds patterns as terms that it may store, send and
/// make literals of; what they stand for lives here, and is made again when it has been dropped.

#include <mutex>
#include <unordered_map>

#include "stdlib/re/regex.h"

namespace lintel {

class RegexCache {
public:
    /// The pattern, compiled now or earlier. nullptr: *error tells why. Any thread.
    std::shared_ptr<Regex> get(std::string_view pattern, const RegexOptions& options, RegexError* error);

    static constexpr size_t kMaxEntries = 500;

private:
    struct Hash {
        using is_transparent = void;
        size_t operator()(std::string_view s) const { return std::hash<std::string_view>()(s); }
    };
    struct Entry {
        std::shared_ptr<Regex> regex;
        uint64_t last_use;
    };
    void drop_old_locked();

    std::mutex mutex_;
    std::unordered_map<std::string, Entry, Hash, std::equal_to<>> entries_;
    uint64_t uses_ = 0;
};

}  // namespace lintel
