#pragma once
/// Options of sockets that are the system's: those of options.def by their names, and any other by number and bytes.

#include "stdlib/socket/terms.h"

namespace lintel {

/// What an option needs to know of its socket.
struct OptionTarget {
    int fd;
    int domain;
    size_t control_bytes;  ///< room for control messages that are received
};

/// ok, {error, Posix}, {invalid, socket_option}, {invalid, value}.
Term set_option(ExecState& p, const OptionTarget& socket, int level, int number, Term value);
/// {ok, Value}, {error, Posix}, {invalid, socket_option}.
Term get_option(ExecState& p, const OptionTarget& socket, int level, int number);
/// `value`: bytes, an integer or a boolean. ok, {error, Posix}, {error, {invalid, value}}.
Term set_native_option(ExecState& p, const OptionTarget& socket, int level, int number, Term value);
/// `spec`: a number of bytes, bytes that the system looks at first, integer or boolean. {ok, Value}, ok, {error, Posix}, {invalid, value}.
Term get_native_option(ExecState& p, const OptionTarget& socket, int level, int number, Term spec);
/// [{Level, [{Name, Number} | Name]}]: Name alone: this system does not have it.
Term list_options(ExecState& p);

}  // namespace lintel
