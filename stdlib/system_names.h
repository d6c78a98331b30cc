#pragma once
/// Names of files and variables, and arguments of programs, in the encoding that the VM was given for them.

#include "sched/vm.h"
#include "stdlib/build.h"
#include "stdlib/text_arg.h"

namespace lintel {

inline const SystemNames& system_names(const ExecState& p) { return static_cast<const Vm*>(p.vm)->config.names; }
inline TextEncoding name_encoding(const ExecState& p) {
    return system_names(p).are_latin1() ? TextEncoding::latin1 : TextEncoding::utf8;
}

/// The list of an outside text's characters; of its bytes, if it is not in the encoding.
inline Term name_list(ExecState& p, std::string_view text) {
    if (!system_names(p).are_latin1() && utf8_length(text)) return make_string(p, text);
    auto heap = p.reserve(list_words(text.size()));
    return heap.byte_list(text);
}

}  // namespace lintel
