# Date, Time, DateTime, NaiveDateTime, Calendar, without a clock.
defmodule Data.Times do
  def main do
    d = ~D[2024-02-29]
    IO.inspect({d, Date.add(d, 365), Date.diff(d, ~D[2000-01-01]), Date.day_of_week(d), Date.leap_year?(d)})
    IO.inspect({Date.new(2023, 2, 29), Date.from_iso8601("2023-01-31"), Date.to_iso8601(d, :basic), Date.end_of_month(d)})
    IO.inspect({Date.compare(d, ~D[2024-03-01]), Date.beginning_of_week(d), Date.day_of_year(d), Date.quarter_of_year(d)})
    t = ~T[23:59:58.123456]
    IO.inspect({t, Time.add(t, 3), Time.truncate(t, :second), Time.diff(t, ~T[00:00:00]), Time.to_iso8601(t)})
    n = ~N[2020-01-01 12:00:00]
    IO.inspect({n, NaiveDateTime.add(n, -86_400), NaiveDateTime.to_date(n), NaiveDateTime.to_iso8601(n)})
    u = ~U[2020-06-15 08:30:00.5Z]
    IO.inspect({u, DateTime.to_unix(u), DateTime.from_unix!(1_600_000_000), DateTime.add(u, 1, :day), DateTime.to_iso8601(u)})
    IO.inspect(DateTime.from_iso8601("2015-01-23T23:50:07+02:30"))
    IO.inspect(DateTime.shift_zone(u, "Europe/Oslo"))
    IO.puts(Calendar.strftime(u, "%Y-%m-%d %H:%M:%S %A %B %j %p %y %a %b %I %f %Z %z %%"))
    IO.puts("#{d} #{t} #{n} #{u}")
    IO.inspect(Calendar.ISO.days_in_month(2023, 2))
    IO.inspect(DateTime.utc_now().year > 2000)
    IO.inspect(is_integer(System.system_time(:second)))
    IO.inspect(System.convert_time_unit(1500, :millisecond, :second))
    IO.inspect(DateTime.new(~D[2020-01-01], ~T[00:00:00]))
    IO.inspect(NaiveDateTime.diff(~N[2020-01-02 00:00:00], n, :hour))
    IO.inspect(inspect(~D[2020-01-01]) <> "!")
    IO.inspect(Enum.sort([~D[2021-01-01], ~D[2020-05-05]], Date))
  end
end
