#include "base/misuse.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <mutex>

namespace lintel {

void tell_misuse(const char* function, const char* what) {
    std::fprintf(stderr, "lintel: misuse: %s: %s\n", function, what);
}

void misused(const char* function, const char* what) {
    tell_misuse(function, what);
    std::abort();
}

namespace {

/// Of the whole process, since what is gone belongs to no VM any more.
struct Gone {
    struct Entry {
        void* memory = nullptr;
        void (*free)(void*) = nullptr;
    };
    std::mutex mutex;
    std::array<Entry, 256> entries;
    size_t next = 0;
};

}  // namespace

void keep_what_is_gone(void* memory, void (*free)(void*)) {
    static Gone* const gone = new Gone;  // there until the program has ended
    Gone::Entry oldest;
    {
        const std::lock_guard lock(gone->mutex);
        oldest = gone->entries[gone->next];
        gone->entries[gone->next] = {memory, free};
        gone->next = (gone->next + 1) % gone->entries.size();
    }
    if (oldest.memory != nullptr) oldest.free(oldest.memory);
}

}  // namespace lintel
