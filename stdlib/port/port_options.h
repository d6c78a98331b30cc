#pragma once
/// The options of erlang:open_port/2.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "stdlib/bif.h"
#include "stdlib/text_arg.h"

namespace lintel {

struct PortOptions {
    enum class Framing : uint8_t { stream, packet, line };
    Framing framing = Framing::stream;
    size_t size = 0;  ///< packet: bytes of the header; line: longest line
    bool in = false, out = false;
    bool binary = false, eof = false, exit_status = false;
    bool has_busy_limits = false;
    uint64_t busy_above = 8192,
             not_busy_below = 4096;  ///< bytes to be written: more, and senders wait until there are fewer
    bool use_stdio = true, stderr_to_stdout = false, hide = false;
    std::string directory;
    std::vector<std::pair<std::string, std::optional<std::string>>> environment;  ///< without a value: taken away
    std::optional<std::string> name;                                              ///< arg0
    std::vector<std::string> arguments;
    bool has_arguments = false;
    TextEncoding encoding = TextEncoding::utf8;  ///< of all texts

    /// False: badarg.
    bool parse(Term list);
};

}  // namespace lintel
