#include "stdlib/re/regex_cache.h"

#include <algorithm>
#include <cstring>

namespace lintel {

namespace {

std::string key_of(std::string_view pattern, const RegexOptions& options) {
    std::string key(6 + pattern.size(), '\0');
    std::memcpy(key.data(), &options.flags, 4);
    key[4] = static_cast<char>(options.newline);
    key[5] = static_cast<char>(options.bsr);
    std::memcpy(key.data() + 6, pattern.data(), pattern.size());
    return key;
}

}  // namespace

std::shared_ptr<Regex> RegexCache::get(std::string_view pattern, const RegexOptions& options, RegexError* error) {
    std::string key = key_of(pattern, options);
    {
        const std::lock_guard lock(mutex_);
        if (const auto it = entries_.find(key); it != entries_.end()) {
            it->second.last_use = ++uses_;
            return it->second.regex;
        }
    }
    auto regex = Regex::compile(pattern, options, error);
    if (regex == nullptr) return nullptr;
    const std::lock_guard lock(mutex_);
    if (entries_.size() >= kMaxEntries) drop_old_locked();
    entries_.insert_or_assign(std::move(key), Entry{regex, ++uses_});
    return regex;
}

void RegexCache::drop_old_locked() {
    std::vector<uint64_t> uses;
    uses.reserve(entries_.size());
    for (const auto& [key, entry] : entries_) uses.push_back(entry.last_use);
    const auto middle = uses.begin() + static_cast<ptrdiff_t>(uses.size() / 2);
    std::nth_element(uses.begin(), middle, uses.end());
    const uint64_t limit = *middle;
    std::erase_if(entries_, [limit](const auto& item) { return item.second.last_use < limit; });
}

}  // namespace lintel
