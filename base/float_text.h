#pragma once
/// Floats as text, in Erlang's notation.

#include <cstddef>

namespace lintel {

/// Room that write_shortest_float needs at most.
inline constexpr size_t kShortestFloatChars = 32;

/// Writes the fewest digits that read back as `d` (finite), as float_to_list(D, [short]) and ~w do: decimal or
/// scientific, whichever is shorter (decimal in a tie), but always scientific at 2^53 and beyond; 0.001, 1.0e-5, 1.0e22.
/// Returns the number of characters; there is no terminator.
size_t write_shortest_float(double d, char* out);

}  // namespace lintel
