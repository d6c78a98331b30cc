#pragma once
/// Rights: what Erlang code may do besides computing. docs/design/tenants.md.

#include <sys/socket.h>

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/file_root.h"
#include "base/network_rules.h"

namespace lintel {

class Port;
class Process;
class Tenant;

/// The bits are those of the C API (LINTEL_RIGHT_…).
enum class Right : uint32_t {
    files = 1,         ///< of the system; without it only those on the code path can be read
    programs = 2,      ///< start them, and use the descriptors of the host program
    network = 4,       ///< sockets
    distribution = 8,  ///< become a node
    natives = 16,      ///< load libraries of native functions
    control = 32,      ///< change what is the VM's: halt, end and trace processes of others, load code again, set flags
    environment = 64,  ///< see variables of the host program's environment
    input = 128,       ///< read stdin
    clock = 256,       ///< know what time it is, and where
};

struct Rights {
    /// What a VM for which nobody says otherwise may do.
    static constexpr uint32_t kEveryVm = static_cast<uint32_t>(Right::control) |
                                         static_cast<uint32_t>(Right::environment) |
                                         static_cast<uint32_t>(Right::input) | static_cast<uint32_t>(Right::clock);
    Rights() = default;
    explicit Rights(uint32_t of) : bits(of) {}

    uint32_t bits = 0;
    std::shared_ptr<const FileRoot>
        root;                 ///< names of files begin there, and lead nowhere else; nullptr: as the program has them
    bool only_reads = false;  ///< files are not changed
    std::shared_ptr<const NetworkRules> network;  ///< nullptr: every address

    bool has(Right right) const { return (bits & static_cast<uint32_t>(right)) != 0; }
};

/// Whether `p` may; if not, the host is told, with what it was about. On its thread.
bool may(Process& p, Right right, std::string_view what = {});
/// It may not: the host is told. False.
bool deny(Process& p, Right right, std::string_view what);
/// Whether it may send to an address (`binds`: bind to it), so far as it has the right at all. As may.
bool may_reach(Process& p, const sockaddr* address, socklen_t size, bool binds = false);
bool may_reach(const Port& port, const sockaddr* address, socklen_t size, bool binds = false);
/// Whether `p` may do what it likes to what belongs to `owner`. Asks nobody, so that locks may be held.
bool controls(const Process& p, const Tenant& owner);
/// Whether `p` may end or suspend that other process: one of another tenant only with Right::control.
bool may_end(Process& p, const Process& other);
bool may_end(Process& p, const Port& other);
/// The same for whoever has opened the port. Any thread.
bool may(const Port& port, Right right, std::string_view what = {});

}  // namespace lintel
