#pragma once
/// What socket:ioctl asks of network interfaces: names and numbers.

#include "stdlib/socket/terms.h"

namespace lintel {

/// [{Name, Number}]
Term list_interface_requests(ExecState& p);
/// [{Name, Number}]; 0: this system does not have it.
Term list_interface_flags(ExecState& p);
/// [Name | Number]
Term make_interface_flags(ExecState& p, unsigned flags);

}  // namespace lintel
