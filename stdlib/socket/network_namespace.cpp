#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "stdlib/socket/socket_args.h"

namespace lintel {

NetworkNamespace::NetworkNamespace(const char* file) {
    if (file == nullptr) return;
    const int now = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    if (now < 0) {
        error_ = errno;
        return;
    }
    const int wanted = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (wanted < 0 || setns(wanted, CLONE_NEWNET) != 0) {
        error_ = errno;
        close(now);
    } else {
        before_ = now;
    }
    if (wanted >= 0) close(wanted);
}

int NetworkNamespace::leave() {
    const int fd = std::exchange(before_, -1);
    if (fd < 0) return 0;
    const int error = setns(fd, CLONE_NEWNET) == 0 ? 0 : errno;
    close(fd);
    return error;
}

}  // namespace lintel
