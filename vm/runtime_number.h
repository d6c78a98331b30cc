#pragma once
/// Numbers as text, and conversions between integers and floats.

#include <string_view>

#include "term/views.h"
#include "vm/exec_state.h"

namespace lintel {

/// Sets *out to the float nearest to an integer; false if it is beyond the range of floats. An integer of several limbs is summed
/// up limb by limb from the lowest, each step rounded, as OTP does it; the last bit may differ from rounding once.
bool integer_to_double(Term integer, double* out);
/// Any number as a float; false if `t` is no number or too large an integer.
inline bool number_to_double(Term t, double* out) {
    if (t.is_small()) {
        *out = static_cast<double>(t.to_small());
        return true;
    }
    if (t.is_float()) {
        *out = to_double(t);
        return true;
    }
    return t.is_bignum() && integer_to_double(t, out);
}
/// The integer equal to `d`, which is finite and has no fraction.
Term integer_from_double(ExecState& p, double d);
/// A float term, or badarith if `d` is not finite.
Term make_finite_float(ExecState& p, double d);

/// Bytes that suffice for write_integer.
size_t integer_text_bytes(Term integer, unsigned base);
/// Writes `integer` in base 2..36 (capital letters, `-` before negative ones) and returns the number of bytes; 0 if there is no
/// memory. Charges nothing.
size_t write_integer(Term integer, unsigned base, char* out);
/// What write_integer costs for an integer of this size.
void charge_integer_text(ExecState& p, Term integer);

enum class ParseStatus : uint8_t {
    ok,
    malformed,
    too_large,  ///< beyond kMaxBignumLimbs, or beyond the memory there is
};
/// Reads digits of base 2..36 (either case), at least one, after an optional `+` or `-`; nothing else may follow. Sets *out if ok.
ParseStatus parse_integer(ExecState& p, std::string_view text, unsigned base, Term* out);

}  // namespace lintel
