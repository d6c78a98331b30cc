# Logger beside crashing processes: reports of a GenServer and a Task in Elixir's words, without times and pids.
defmodule Apps.Logs.Handler do
  def log(%{level: level, msg: msg, meta: meta}, %{config: %{to: to}}) do
    text =
      case msg do
        {:string, s} -> IO.chardata_to_string(s)
        {:report, %{label: label}} -> "report " <> inspect(label)
        {:report, r} -> "report " <> inspect(Map.new(r))
        {format, args} -> :io_lib.format(format, args) |> IO.chardata_to_string()
      end

    send(to, {:logged, level, String.replace(text, ~r/#PID<[\d.]+>|<\d+\.\d+\.\d+>/, "pid"), meta[:mfa], meta[:custom]})
  end
end

defmodule Apps.Logs do
  require Logger
  use GenServer

  def init(x), do: {:ok, x}
  def handle_call(:raise, _, _), do: raise("in call")
  def handle_call(:bad, _, _), do: :bad_return
  def handle_cast({:throw, x}, _), do: throw(x)

  def main do
    Logger.configure(level: :debug)
    Logger.remove_backend(:console)
    :ok = :logger.add_handler(:mine, Apps.Logs.Handler, %{config: %{to: self()}})
    Logger.info("plain")
    Logger.info(fn -> ["lazy ", ?x] end, custom: 1)
    Logger.warn("old name")
    Logger.warning("new name")
    Logger.notice(%{a: 1})
    Logger.critical(b: 2)
    Logger.debug("#{1 + 1}")
    Logger.log(:alert, "alert")
    shown()
    Logger.configure(level: :error)
    Logger.info("hidden")
    IO.inspect({Logger.level(), Logger.enabled?(self())})
    Logger.metadata(custom: :meta)
    Logger.error("with metadata")
    shown()
    {:ok, s} = GenServer.start(__MODULE__, 0)
    IO.inspect(catch_exit(fn -> GenServer.call(s, :raise) end))
    shown()
    {:ok, s} = GenServer.start(__MODULE__, 0)
    IO.inspect(catch_exit(fn -> GenServer.call(s, :bad) end))
    shown()
    {:ok, s} = GenServer.start(__MODULE__, 0)
    GenServer.cast(s, {:throw, :ball})
    shown()
    Process.flag(:trap_exit, true)
    t = Task.async(fn -> raise "in a task" end)
    receive do: ({:EXIT, _, {e, _}} -> IO.inspect(e))
    Process.demonitor(t.ref, [:flush])
    shown()
    IO.puts(Exception.format(:error, %RuntimeError{message: "shown"}, [{__MODULE__, :f, 1, [file: ~c"f.ex", line: 3]}]))
    IO.puts(Exception.format_exit({{:badmatch, 1}, [{:m, :f, [1, 2], []}]}))
    IO.puts(Exception.format_exit({:timeout, {GenServer, :call, [:name, :request, 10]}}))
    IO.puts(Exception.format_banner(:throw, {:x, 1}))
    IO.puts(Exception.format_mfa(Foo.Bar, :"odd name", 2))
  end

  defp shown do
    receive do
      {:logged, level, text, mfa, custom} ->
        IO.puts("#{level} #{inspect(mfa)} #{inspect(custom)}: #{text |> String.split("\n") |> Enum.take(4) |> Enum.join(" / ")}")
        shown()
    after
      60 -> IO.puts("--")
    end
  end

  defp catch_exit(f) do
    f.()
  catch
    :exit, {{%{} = e, _}, _} -> e
    :exit, {r, _} -> r
  end
end
