# System, Application, Code, Module, IO devices.
defmodule Sys.Environment do
  @moduledoc "doc"
  def main do
    IO.inspect(System.argv())
    System.argv(["a", "b"])
    IO.inspect(System.argv())
    IO.inspect({System.get_env("NO_SUCH_VAR"), System.get_env("NO_SUCH_VAR", "dflt"), is_map(System.get_env())})
    System.put_env("LINTEL_TEST_VAR", "ü")
    IO.inspect({System.get_env("LINTEL_TEST_VAR"), System.fetch_env("LINTEL_TEST_VAR"), System.fetch_env("NO_SUCH_VAR")})
    System.delete_env("LINTEL_TEST_VAR")
    IO.inspect(System.get_env("LINTEL_TEST_VAR"))
    IO.inspect({System.version(), System.otp_release(), System.schedulers_online() > 0, System.build_info() |> Map.keys()})
    IO.inspect(is_integer(System.monotonic_time(:millisecond)))
    IO.inspect(System.os_time(:second) > 1_600_000_000)
    IO.inspect(System.endianness())
  rescue
    e -> IO.puts("rescued: #{Exception.message(e)}")
  end
end
