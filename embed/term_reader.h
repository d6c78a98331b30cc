#pragma once
/// Terms in Erlang's syntax, as hosts write them.

#include <lintel/erl_nif.h>

#include <string_view>

namespace lintel {

/// What was read, and how far: `length` is where the first byte is that was not understood, or the text's length.
struct ReadTerm {
    bool ok = false;
    ERL_NIF_TERM term = 0;
    size_t length = 0;
};

/// Reads one term, made in `env`, with nothing but white space and an optional full stop behind it. See lintel_term_parse.
ReadTerm read_term(ErlNifEnv* env, std::string_view text);

}  // namespace lintel
