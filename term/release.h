#pragma once
/// Where the order and equality of terms depend on the OTP release that the VM follows. Nothing else in term/ does.

namespace lintel {

/// `0.0 =:= -0.0` is false, and they are two keys of a map: OTP 27 and later. In OTP 25 and 26 it is true.
inline constexpr bool kSignedZerosDiffer = false;

}  // namespace lintel
