// The same from C++: owners, values instead of terms, any callable as a function of the host.
#include <iostream>
#include <lintel/lintel.hpp>

using lintel::Atom;

int main() {
    auto vm = std::move(lintel::Vm::create(lintel::Config().driving(LINTEL_DRIVING_HOST)).value());
    vm.define(lintel::Module("host").def("add", [](long a, long b) { return a + b; })).value();
    vm.start().value();

    std::cout << vm.call<long>("lists", "sum", std::vector<long>{1, 2, 3}).value() << '\n';
    std::cout << vm.call<long>("host", "add", 40, 2).value() << '\n';
    const auto pair = vm.call<std::tuple<Atom, std::string>>("erlang", "list_to_tuple", std::tuple(Atom{"wrong"}, 1));
    if (!pair) std::cout << pair.error().text.substr(0, 14) << '\n';

    auto box = std::move(vm.mailbox("ui").value());
    vm.send("ui", std::tuple(Atom{"progress"}, 7)).value();
    std::cout << std::get<1>(box.receive<std::tuple<Atom, int>>().value()) << '\n';

    auto slow = std::move(vm.begin<Atom>("timer", "sleep", Atom{"infinity"}).value());
    if (!slow.get(std::chrono::milliseconds(1))) slow.cancel();
    std::cout << slow.get().error().text << '\n';
}
