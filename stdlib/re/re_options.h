#pragma once
/// Options of re:compile and re:run.

#include <string>
#include <vector>

#include "stdlib/re/regex.h"
#include "term/term.h"

namespace lintel {

/// What a match is to return.
struct RegexCapture {
    enum class Which : uint8_t { all, all_but_first, first, none, all_names, list };
    enum class Type : uint8_t { index, list, binary };
    struct Id {
        int64_t number = -1;  ///< -1: by name
        std::string name;
    };
    Which which = Which::all;
    Type type = Type::index;
    std::vector<Id> ids;  ///< for Which::list
};

struct RegexArgs {
    RegexOptions compile;
    bool has_compile_only = false;  ///< an option that a compiled pattern does not allow
    bool has_run_only = false;      ///< an option that re:compile does not allow
    bool exported = false;          ///< re:compile is to make a pattern that re:import/1 takes
    bool has_newline = false, has_bsr = false;
    bool global = false, report_errors = false;
    RegexRun run;
    RegexCapture capture;
    bool bad_capture = false;  ///< a capture option of the right form with a wrong value
};

/// Reads an option list; false: one is unknown or malformed, or it is no proper list.
bool read_regex_args(Term options, RegexArgs* args);

}  // namespace lintel
