#pragma once
/// Control messages, flags of messages, and values that both they and options have.

#include <sys/socket.h>

#include "stdlib/socket/terms.h"

namespace lintel {

/// Writes control messages ([#{level := …, type := …, data | value := …}]) into `room` bytes at `buffer`, which is aligned. False: they are none,
/// or too many.
bool write_control_messages(ExecState& p, Term list, char* buffer, size_t room, size_t* used);
/// The control messages of `message`, as that list. What is cut off is bad_data.
Term make_control_messages(ExecState& p, const msghdr& message);

/// [{Name, Number}]; a Name that this system does not have has the number 0.
Term list_message_flags(ExecState& p);
/// [Name | Number]
Term make_message_flags(ExecState& p, int flags);

/// IP_TOS: lowdelay, …, or a number; since OTP 29 also cs1, …. What is read is since OTP 29 #{native := …, tos := …, dscp := …}.
bool read_tos(ExecState& p, Term t, int* value);
Term make_tos(ExecState& p, int value);
/// IP_MTU_DISCOVER and IPV6_MTU_DISCOVER: want, dont, do, probe, or a number.
bool read_discovery(Term t, int* value);
Term make_discovery(ExecState& p, int value);

}  // namespace lintel
