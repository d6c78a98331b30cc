#include "base/assert.h"

#include <cstdio>
#include <cstdlib>

#include "base/memory_account.h"

namespace lintel {

void tell_fatal(const char* text) {
    const MemoryAccount* const account = thread_account();
    if (const FatalHandler* const handler = account != nullptr ? account->fatal() : nullptr; handler != nullptr)
        return handler->tell(handler->context, text);
    std::fprintf(stderr, "lintel: %s\n", text);
    std::fflush(stderr);
}

void assertion_failed(const char* condition, const char* file, int line) {
    char text[512];
    std::snprintf(text, sizeof text, "internal error: %s (%s:%d)", condition, file, line);
    tell_fatal(text);
    std::abort();
}

}  // namespace lintel
