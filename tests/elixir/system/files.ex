# File, Path, IO devices and streams of files.
defmodule Files do
  def main do
    dir = Path.join("/tmp", "lintel_ex_#{System.pid()}_#{System.unique_integer([:positive])}")
    File.mkdir_p!(Path.join(dir, "a/b"))
    try do
      run(dir)
    after
      File.rm_rf!(dir)
    end
  end

  defp show(x), do: IO.inspect(x, limit: :infinity)

  defp run(dir) do
    at = &Path.join(dir, &1)
    show(File.write(at.("f"), "one\ntwo\nthree\n"))
    show(File.read(at.("f")))
    show(File.read(at.("none")))
    show(try do File.read!("/no/such/file") rescue e -> Exception.message(e) end)
    show(File.stream!(at.("f")) |> Enum.map(&String.trim/1))
    show(File.stream!(at.("f"), [], 4) |> Enum.to_list())
    show(File.stream!(at.("f")) |> Stream.map(&String.upcase/1) |> Stream.into(File.stream!(at.("up"))) |> Stream.run())
    show(File.read!(at.("up")))
    show({File.exists?(at.("f")), File.dir?(at.("a")), File.regular?(at.("a")), File.exists?(at.("none"))})
    show(File.ls!(dir) |> Enum.sort())
    show(File.cp(at.("f"), at.("g")))
    show(File.cp_r!(at.("a"), at.("c")) |> Enum.map(&Path.relative_to(&1, dir)) |> Enum.sort())
    show(File.rename(at.("g"), at.("a/g")))
    show(Path.wildcard(at.("**/*")) |> Enum.map(&Path.relative_to(&1, dir)))
    show(File.stat!(at.("f")).size)
    show(File.stat!(at.("f")).type)
    show(File.touch!(at.("f"), {{2020, 1, 2}, {3, 4, 5}}))
    show(File.stat!(at.("f")).mtime)
    show(File.chmod(at.("f"), 0o600))
    show(Bitwise.band(File.stat!(at.("f")).mode, 0o777))
    show(File.ln_s("f", at.("link")))
    show(File.read_link!(at.("link")))
    show(File.lstat!(at.("link")).type)
    show(File.open!(at.("h"), [:write, :utf8], fn d -> IO.write(d, "åäö") end))
    show(File.read!(at.("h")))
    show(File.open(at.("h"), [:read, :utf8], fn d -> IO.read(d, :line) end))
    show(File.cd!(dir, fn -> {File.read!("f"), Path.basename(File.cwd!()) == Path.basename(dir)} end))
    show(File.mkdir(at.("a")))
    show(File.rmdir(at.("a")))
    show(File.rm(at.("none")))
    show(File.write(at.("f"), "x", [:append]))
    show(File.read!(at.("f")))
    {:ok, io} = File.open(at.("f"), [:read, :write])
    show({IO.binread(io, 3), :file.position(io, 0), IO.read(io, :line), IO.read(io, :all), File.close(io)})
    show(File.rm_rf!(at.("a")) |> Enum.map(&Path.relative_to(&1, dir)) |> Enum.sort())
  end
end
