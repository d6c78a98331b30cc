// The C++ wrapper: values to terms and back, calls, mailboxes, modules of functions, with and without threads of the VM.
#include <lintel/lintel.hpp>

#include <cstdio>
#include <cstdlib>

using namespace std::chrono_literals;
using lintel::Atom;

#define CHECK(...)                                                                         \
    do {                                                                                   \
        if (!(__VA_ARGS__)) {                                                              \
            std::fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__, #__VA_ARGS__); \
            std::exit(1);                                                                  \
        }                                                                                  \
    } while (0)

namespace {

/// What Erlang makes of a value, and that it comes back the same.
template <typename T>
void round_trip(lintel::Vm& vm, const T& value, const char* text) {
    lintel::Env env(vm.get());
    const lintel::Term term = env.make(value);
    if (term.text() != text) std::fprintf(stderr, "%s\n", term.text().c_str());
    CHECK(term.text() == text);
    CHECK(term.as<T>() == value);
    CHECK(*vm.call<T>("erlang", "hd", std::vector<T>{value}) == value);
}

/// What happens in a VM with this seed.
std::string schedule_of(uint64_t seed) {
    std::string record;
    const auto note = [&record](std::string_view line) { record.append(line).append("\n"); };
    const auto config = lintel::Config().driving(LINTEL_DRIVING_HOST).seed(seed).schedule(note).jit("eager");
    auto vm = std::move(lintel::Vm::create(config).value());
    CHECK(vm.start());
    CHECK(*vm.call<Atom>("timer", "sleep", 3600000) == Atom{"ok"});
    CHECK(record.find(" timer <0.") != std::string::npos);
    return record;
}

void values(lintel::Vm& vm) {
    round_trip(vm, true, "true");
    round_trip(vm, -42, "-42");
    round_trip(vm, UINT64_MAX, "18446744073709551615");
    round_trip(vm, 2.5, "2.5");
    round_trip(vm, std::string("a\0b", 3), "<<97,0,98>>");
    round_trip(vm, Atom{"Hello World"}, "'Hello World'");
    round_trip(vm, std::vector<std::string>{"x", ""}, "[<<120>>,<<>>]");
    round_trip(vm, std::map<int, bool>{{1, true}, {2, false}}, "#{1 => true,2 => false}");
    round_trip(vm, std::tuple(Atom{"ok"}, 1, std::optional<int>()), "{ok,1,undefined}");
    round_trip(vm, std::variant<long, Atom, double>(Atom{"none"}), "none");
    lintel::Env env(vm.get());
    CHECK(!env.make(300).as<int8_t>() && !env.make(-1).as<unsigned>() && !env.make(1.5).as<int>() &&
          env.make(2).as<double>() == 2.0);
    CHECK(!env.make(std::vector<int>{1}).as<std::map<int, int>>() && !env.make(std::tuple(1, 2)).as<std::tuple<int>>());
}

void talk(lintel::Vm& vm) {
    CHECK(*vm.call<long>("lists", "sum", std::vector<long>{1, 2, 3}) == 6);
    const auto missing = vm.call<long>("lists", "no_such_function");
    CHECK(!missing && missing.error().result == LINTEL_ERROR_EXCEPTION &&
          missing.error().text.starts_with("{error,undef,"));
    const auto wrong = vm.call<long>("erlang", "atom_to_list", Atom{"x"});
    CHECK(!wrong && wrong.error().result == LINTEL_ERROR_ARGUMENT);
    auto slow = vm.begin<Atom>("timer", "sleep", Atom{"infinity"});
    CHECK(slow && !slow->done() && slow->get(1ms).error().result == LINTEL_ERROR_TIMEOUT);
    slow->cancel();
    CHECK(slow->get().error().text == "{exit,killed,[]}");
    auto box = std::move(vm.mailbox("box").value());
    CHECK(vm.send("box", std::tuple(Atom{"progress"}, 7)) && vm.send(box.process(), "text"));
    CHECK(*box.receive<std::tuple<Atom, int>>() == std::tuple(Atom{"progress"}, 7));
    CHECK(*box.receive<std::string>() == "text" && box.receive<int>(0ns).error().result == LINTEL_ERROR_TIMEOUT);
    // What cannot be called any more is an error.
    CHECK(!vm.mailbox("box"));
}

void snapshots() {
    const auto config = lintel::Config().driving(LINTEL_DRIVING_HOST);
    auto vm = std::move(lintel::Vm::create(config).value());
    CHECK(vm.load_module("lists") && !vm.load_module("no_such_module"));
    std::optional<lintel::Snapshot> snapshot = vm.snapshot().value();
    CHECK(snapshot->modules() > 1 && snapshot->bytes() > 1000);
    { const lintel::Vm gone = std::move(vm); }
    auto with = lintel::Config(config).snapshot(*snapshot);
    snapshot.reset();
    auto other = std::move(lintel::Vm::create(with).value());
    CHECK(other.start());
    CHECK(*other.call<bool>("erlang", "module_loaded", Atom{"lists"}) &&
          !*other.call<bool>("erlang", "module_loaded", Atom{"queue"}));
    CHECK(*other.call<long>("lists", "sum", std::vector<long>{1, 2, 3}) == 6);
}

}  // namespace

int main() {  // NOLINT(bugprone-exception-escape): then the test has failed
    snapshots();
    CHECK(schedule_of(1) == schedule_of(1));
    CHECK(schedule_of(1) != schedule_of(2));
    for (const auto driving : {LINTEL_DRIVING_THREADS, LINTEL_DRIVING_HOST}) {
        std::string out;
        std::string logged;
        int calls = 0, status = -1, fatal = 0;
        const auto take = [&out](int, std::string_view text) {
            out += text;
            return 0;
        };
        const auto note = [&logged](std::string_view level, std::string_view text, const ErlNifPid*) {
            logged.append(level).append(" ").append(text);
        };
        auto vm = std::move(lintel::Vm::create(lintel::Config()
                                                   .driving(driving)
                                                   .schedulers(2)
                                                   .output(take)
                                                   .log(note)
                                                   .halted([&status](int with) { status = with; })
                                                   .fatal([&fatal](std::string_view) { ++fatal; }))
                                .value());
        CHECK(vm.define(lintel::Module("host")
                            .def("add", [&calls](long a, long b) { return ++calls, a + b; })
                            .def("shout", [](const std::string& s) { return s + "!"; })
                            .def("nothing", [] {})));
        CHECK(!vm.define(lintel::Module("host")));
        CHECK(vm.start());
        values(vm);
        talk(vm);
        CHECK(*vm.call<long>("host", "add", 40, 2) == 42 && calls == 1);
        CHECK(*vm.call<std::string>("host", "shout", "hey") == "hey!" &&
              *vm.call<Atom>("host", "nothing") == Atom{"ok"});
        CHECK(vm.call<long>("host", "add", 40, Atom{"x"}).error().text.starts_with("{error,badarg,"));
        CHECK(vm.call("io", "put_chars", "written\n") && out == "written\n");
        CHECK(vm.call("logger", "notice", "noted") && logged == "notice noted");
        vm.halt(3);
        CHECK(*vm.wait() == 3 && status == 3 && fatal == 0);
    }
    return 0;
}
