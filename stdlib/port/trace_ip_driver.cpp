#include "stdlib/port/trace_ip_driver.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/bytes.h"
#include "sched/vm.h"

namespace lintel {

namespace {

constexpr char kMessage = 0, kDropped = 1;

std::string head(char operation, uint32_t number) {
    std::string bytes(5, operation);
    store_be32(bytes.data() + 1, number);
    return bytes;
}

}  // namespace

// ---- begin and end

int TraceIpDriver::start(Port& port) {
    if (!may(port, Right::network)) return EPERM;
    int number = 0, size = 0;
    if (std::sscanf(command_.c_str() + kName.size(), " %d %d %d", &number, &size, &flags_) != 3) return EINVAL;
    if (number < 0 || number > UINT16_MAX || size < 0 || flags_ < 0 || flags_ > 3) return EINVAL;
    most_queued_ = static_cast<size_t>(size);
    // OTP's says so, whatever the system says.
    return listen_at(port, number) == 0 ? 0 : EINVAL;
}

int TraceIpDriver::listen_at(Port& port, int number) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return errno;
    const int reuse = 1;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = INADDR_ANY;
    address.sin_port = htons(static_cast<uint16_t>(number));
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    int error = 0;
    const bool is_listening = ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse) == 0 &&
                              ::bind(fd, any, size) == 0 && ::getsockname(fd, any, &size) == 0 && ::listen(fd, 1) == 0;
    if (is_listening) {
        listener_ = {port.vm.events.watch(fd, port.shared_from_this(), &error), fd};
    } else {
        error = errno;
    }
    if (!listener_) {
        ::close(fd);
        return error;
    }
    number_ = ntohs(address.sin_port);
    port.vm.events.want(listener_.watch, EventLoop::kReadable);
    return 0;
}

void TraceIpDriver::stop(Port& port) {
    for (Socket* socket : {&listener_, &client_}) {
        if (*socket) port.vm.events.close(socket->watch);
        *socket = Socket();
    }
}

bool TraceIpDriver::control(Port&, Term, uint32_t operation, std::string_view, std::string* answer) {
    if (operation != 'p') return false;
    *answer = {'\0', static_cast<char>(number_ >> 8), static_cast<char>(number_)};
    return true;
}

size_t TraceIpDriver::queued_bytes() const {
    size_t bytes = 0;
    for (const Message& m : queue_) bytes += m.bytes.size();
    return bytes - written_;
}

// ---- the client

void TraceIpDriver::ready(Port& port, unsigned events) {
    if ((events & EventLoop::kReadable) != 0) {
        if (client_) look_for_end(port);
        if (listener_) accept_clients(port);
    }
    if ((events & EventLoop::kWritable) != 0 && client_) write_some(port);
}

void TraceIpDriver::accept_clients(Port& port) {
    EventLoop& loop = port.vm.events;
    for (;;) {
        const int fd = ::accept4(listener_.fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) break;
        int error = 0;
        if (!client_) client_ = {loop.watch(fd, port.shared_from_this(), &error), fd};
        if (client_.fd != fd || !client_) {
            // There is one already.
            ::close(fd);
            continue;
        }
        loop.want(client_.watch, EventLoop::kReadable);
        write_some(port);
    }
    loop.want(listener_.watch, EventLoop::kReadable);
}

/// Clients say nothing: when there is something to read, they have gone.
void TraceIpDriver::look_for_end(Port& port) {
    char bytes[128];
    const ssize_t n = ::read(client_.fd, bytes, sizeof bytes);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) return close_client(port);
    port.vm.events.want(client_.watch, EventLoop::kReadable);
}

void TraceIpDriver::close_client(Port& port) {
    port.vm.events.close(client_.watch);
    client_ = Socket();
    written_ = 0;  // the next client gets the message whole
    if ((flags_ & kFillAlways) == 0) queue_.clear();
}

// ---- messages

void TraceIpDriver::output(Port& port, std::string_view bytes) {
    if (!client_ && (flags_ & kFillAlways) == 0) return;
    // What can be sent is no part of the queue.
    if (client_ && !queue_.empty()) write_some(port);
    if (client_ && queue_.empty()) {
        queue_.push_back({head(kMessage, static_cast<uint32_t>(bytes.size())).append(bytes)});
        return write_some(port);
    }
    enqueue(bytes);
}

void TraceIpDriver::enqueue(std::string_view bytes) {
    if (queue_.size() > most_queued_ && queue_.back().dropped != 0) {
        Message& last = queue_.back();
        last.bytes = head(kDropped, ++last.dropped);
    } else if (queue_.size() >= most_queued_) {
        queue_.push_back({head(kDropped, 1), 1});
    } else {
        queue_.push_back({head(kMessage, static_cast<uint32_t>(bytes.size())).append(bytes)});
    }
}

void TraceIpDriver::write_some(Port& port) {
    while (!queue_.empty()) {
        const std::string& bytes = queue_.front().bytes;
        const ssize_t n = ::send(client_.fd, bytes.data() + written_, bytes.size() - written_, MSG_NOSIGNAL);
        if (n < 0) {
            if (errno == EINTR) continue;
            if (errno != EAGAIN) return close_client(port);
            port.vm.events.want(client_.watch, EventLoop::kWritable);
            return;
        }
        written_ += static_cast<size_t>(n);
        if (written_ < bytes.size()) continue;
        queue_.pop_front();
        written_ = 0;
    }
}

}  // namespace lintel
