# A bank: GenServer per account under a DynamicSupervisor, found through a Registry; transfers; a crash and what is left after it.
defmodule Apps.Bank.Account do
  use GenServer, restart: :transient
  defstruct [:owner, balance: 0, history: []]

  def start_link(owner), do: GenServer.start_link(__MODULE__, owner, name: via(owner))
  def via(owner), do: {:via, Registry, {Apps.Bank.Names, owner}}

  def deposit(owner, amount), do: GenServer.call(via(owner), {:change, amount})
  def withdraw(owner, amount), do: GenServer.call(via(owner), {:change, -amount})
  def balance(owner), do: GenServer.call(via(owner), :balance)
  def history(owner), do: GenServer.call(via(owner), :history)

  @impl true
  def init(owner), do: {:ok, %__MODULE__{owner: owner, balance: 0}}

  @impl true
  def handle_call({:change, amount}, _from, %{balance: balance} = account) when balance + amount >= 0 do
    {:reply, {:ok, balance + amount}, %{account | balance: balance + amount, history: [amount | account.history]}}
  end

  def handle_call({:change, amount}, _from, account) do
    {:reply, {:error, {:insufficient, account.balance, amount}}, account}
  end

  def handle_call(:balance, _from, account), do: {:reply, account.balance, account}
  def handle_call(:history, _from, account), do: {:reply, Enum.reverse(account.history), account}

  @impl true
  def handle_cast(:crash, _account), do: raise(ArgumentError, "broken account")
end

defmodule Apps.Bank do
  alias Apps.Bank.Account

  def transfer(from, to, amount) do
    with {:ok, _} <- Account.withdraw(from, amount),
         {:ok, _} <- Account.deposit(to, amount) do
      :ok
    end
  end

  def main do
    Logger.configure(level: :none)

    {:ok, sup} =
      Supervisor.start_link(
        [{Registry, keys: :unique, name: Apps.Bank.Names}, {DynamicSupervisor, name: Apps.Bank.Accounts, strategy: :one_for_one}],
        strategy: :one_for_all
      )

    for owner <- ~w(anna bo cecilia) do
      {:ok, pid} = DynamicSupervisor.start_child(Apps.Bank.Accounts, {Account, owner})
      IO.puts("#{owner}: #{is_pid(pid)}")
    end

    {:error, {:already_started, _}} = DynamicSupervisor.start_child(Apps.Bank.Accounts, {Account, "bo"})
    IO.inspect(Account.deposit("anna", 100))
    IO.inspect(Account.withdraw("bo", 1))
    IO.inspect(transfer("anna", "bo", 30))
    IO.inspect(transfer("bo", "cecilia", 31))
    IO.inspect(transfer("bo", "cecilia", 29))
    IO.inspect(for o <- ~w(anna bo cecilia), into: %{}, do: {o, Account.balance(o)})
    IO.inspect(Account.history("bo"))
    IO.inspect(Registry.count(Apps.Bank.Names))
    IO.inspect(DynamicSupervisor.count_children(Apps.Bank.Accounts))

    [{pid, _}] = Registry.lookup(Apps.Bank.Names, "anna")
    ref = Process.monitor(pid)
    GenServer.cast(Account.via("anna"), :crash)

    receive do
      {:DOWN, ^ref, :process, ^pid, {error, _stack}} -> IO.inspect(error)
    end

    wait_for("anna")
    IO.inspect(Account.balance("anna"))
    IO.inspect(Enum.sort(Registry.select(Apps.Bank.Names, [{{:"$1", :_, :_}, [], [:"$1"]}])))
    [{cecilia, _}] = Registry.lookup(Apps.Bank.Names, "cecilia")
    IO.inspect(GenServer.stop(cecilia))
    IO.inspect(catch_exit(fn -> Account.balance("cecilia") end))
    IO.inspect(Supervisor.stop(sup))
  end

  defp wait_for(name) do
    if Registry.lookup(Apps.Bank.Names, name) == [] do
      Process.sleep(1)
      wait_for(name)
    end
  end

  defp catch_exit(fun) do
    fun.()
  catch
    :exit, {reason, _} -> {:exit, reason}
  end
end
