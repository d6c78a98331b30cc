#include "term/record.h"

#include <algorithm>
#include <vector>

namespace lintel {

bool has_repeated_field(std::span<const Term> fields) {
    constexpr size_t kFew = 24;
    if (fields.size() <= kFew) {
        for (size_t i = 1; i < fields.size(); ++i) {
            if (std::find(fields.begin(), fields.begin() + i, fields[i]) != fields.begin() + i) return true;
        }
        return false;
    }
    std::vector<Word> words;
    words.reserve(fields.size());
    for (const Term t : fields) words.push_back(t.word());
    std::sort(words.begin(), words.end());
    return std::adjacent_find(words.begin(), words.end()) != words.end();
}

}  // namespace lintel
