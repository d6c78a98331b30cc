#pragma once
/// Writing to a pipe or a socket that nobody reads any more: an error of write and nothing else, whatever the host does with SIGPIPE.

#include <csignal>

namespace lintel {

/// While it lives, the calling thread gets no SIGPIPE of its own writing. errno stays as it is.
class NoPipeSignal {
public:
    NoPipeSignal();
    ~NoPipeSignal();
    NoPipeSignal(const NoPipeSignal&) = delete;
    NoPipeSignal& operator=(const NoPipeSignal&) = delete;

private:
    bool is_ignored_ = false;  ///< by the host: there is nothing to do
    bool was_pending_ = false;
    sigset_t before_;
};

}  // namespace lintel
