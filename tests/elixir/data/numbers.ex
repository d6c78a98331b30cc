# Integer, Float, bitwise, formatting.
defmodule Data.Numbers do
  import Bitwise
  require Integer

  def main do
    IO.inspect({Integer.digits(1234), Integer.undigits([1, 2]), Integer.gcd(12, 18), Integer.pow(2, 100), Integer.mod(-5, 3)})
    IO.inspect({Integer.parse("12abc"), Integer.parse("x"), Integer.to_string(255, 16), Integer.floor_div(-7, 2), Integer.extended_gcd(12, 18)})
    IO.inspect({Float.round(3.14159, 2), Float.ceil(1.2), Float.floor(-1.2), Float.ratio(0.75), Float.parse("1.5x"), Float.to_string(1.0e-10)})
    IO.inspect({1.0, 1.0e20, 1.0e-5, 123456789.123, 1.0e100, 0.1 + 0.2, -0.0, 5.0e-324, 1.7976931348623157e308})
    IO.inspect({round(2.5), trunc(-2.7), ceil(1.1), floor(-1.1), div(-7, 2), rem(-7, 2), 7 / 2})
    IO.inspect({band(12, 10), bor(12, 10), bxor(12, 10), bnot(5), 1 <<< 70, -1 >>> 3})
    IO.inspect(123_456_789_012_345_678_901_234_567_890 * 987_654_321)
    IO.inspect({0xFF, 0b1010, 0o17, ?a, 1_000_000})
    IO.inspect(255, base: :hex)
    IO.inspect(255, base: :binary)
    IO.inspect({abs(-3), max(1, 2.0), min(:a, 1), is_number(1.0), is_float(1)})
    IO.inspect(:math.sqrt(2))
    IO.inspect({Integer.is_odd(3), Integer.is_even(3)})
    IO.puts(:erlang.float_to_binary(3.14159, decimals: 3))
    IO.puts(:io_lib.format("~8.3f|~e|~g|~10b|~.16B", [1.5, 2.5, 0.001, 42, 255]))
    IO.inspect(Enum.map([0.1, 1 / 3, 2 / 3, 1.0e15, 1.0e16, 1.0e21, 123456.789e3], &to_string/1))
  end
end
