#pragma once
/// Packets whose contents are handed out as terms: lines of HTTP.

#include <string_view>

#include "gc/heap_builder.h"
#include "stdlib/packet.h"
#include "term/atom.h"

namespace lintel {

/// Words that are enough for http_term of a line.
constexpr size_t http_term_words(std::string_view line) { return list_words(3 * line.size()) + 32; }
/// {http_request, …}, {http_response, …}, {http_header, …}, http_eoh or {http_error, Text} of a line with its end. `form` is http (a request or a
/// status line) or http_header; `binaries`: texts are binaries, not strings. The non-value: no memory.
Term http_term(HeapBuilder& heap, AtomTable& atoms, PacketForm form, std::string_view line, bool binaries);
/// Whether headers follow what http_term made.
bool begins_http_headers(Term t);

}  // namespace lintel
