# Logger: levels, metadata, formats, lazy messages; crash reports in Elixir's words.
defmodule Otp.Logging do
  require Logger

  def main do
    Logger.configure_backend(:console, format: "$level: $message $metadata\n", metadata: [:key], colors: [enabled: false])
    Logger.configure(level: :debug)
    Logger.error("an error")
    Logger.warn("a warning", key: :value)
    Logger.info(fn -> "lazy" end)
    Logger.debug(["io", ?d, "ata"])
    Logger.configure(level: :warning)
    Logger.info("not shown")
    Logger.flush()
    IO.inspect(Logger.level())
    Logger.metadata(key: 1)
    Logger.error("with metadata")
    Logger.flush()
    IO.inspect(Logger.metadata())
    Logger.reset_metadata()
    :logger.error(~c"from Erlang ~p", [:x])
    Logger.flush()
    Logger.put_module_level(__MODULE__, :none)
    Logger.error("not shown")
    Logger.delete_module_level(__MODULE__)
    IO.inspect(Logger.compare_levels(:error, :info))
    Logger.flush()
  end
end
