#pragma once
/// The network interfaces of the system.

#include "stdlib/inet/inet_driver.h"

namespace lintel::inet {

/// Of a process that runs in the network namespace of the file `name` ("": its own) while it lives. Of the calling thread.
class NetworkNamespace {
public:
    explicit NetworkNamespace(const std::string& name);
    ~NetworkNamespace();
    NetworkNamespace(const NetworkNamespace&) = delete;
    NetworkNamespace& operator=(const NetworkNamespace&) = delete;
    /// 0, or the errno value with which the system refused.
    int error() const { return error_; }

private:
    int before_ = -1;
    int error_ = 0;
};

void list_interfaces(int socket, Reply& reply);
void get_interface(int socket, ByteReader in, Reply& reply);
void set_interface(int socket, ByteReader in, Reply& reply);
void get_interface_addresses(const std::string& network_namespace, Reply& reply);

}  // namespace lintel::inet
