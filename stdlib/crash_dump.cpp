#include "stdlib/crash_dump.h"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <ctime>
#include <limits>
#include <string>

#include "sched/vm.h"
#include "stdlib/stdlib_state.h"
#include "stdlib/system_text.h"
#include "term/print.h"

namespace lintel {

namespace {

void add(std::string& text, std::string_view key, std::string_view value) {
    text.append(key).append(": ").append(value).append("\n");
}
void add(std::string& text, std::string_view key, size_t value) { add(text, key, std::to_string(value)); }

void add_process(std::string& text, const Process& p, const Process* current) {
    text += process_text(p);
    if (&p != current) return;
    add(text, "Message queue length", p.mailbox.count);
    add(text, "Stack+heap", p.heap.block_words());
    add(text, "OldHeap", static_cast<size_t>(p.heap.old_end - p.heap.old_start));
    add(text, "Reductions", p.total_reductions());
}

std::string dump_text(Vm& vm, const Process* current, std::string_view slogan) {
    std::string text = "=erl_crash_dump:0.5\n";
    const auto seconds = static_cast<time_t>(vm.system_ns() / 1000000000);
    tm local{};
    char date[64] = "";
    if (localtime_r(&seconds, &local) != nullptr) std::strftime(date, sizeof date, "%a %b %e %H:%M:%S %Y", &local);
    text.append(date).append("\n");
    add(text, "Slogan", slogan);
    add(text, "System version", system_version_text(vm));
    add(text, "Taints", "");
    add(text, "Atoms", vm.atoms.count());
    text += memory_text(vm);
    size_t slot = 0;
    while (const Process* other = vm.processes.next(&slot)) add_process(text, *other, current);
    text += ports_text(vm) + nodes_text(vm);
    text += "=loaded_modules\n";
    for (const Term module : vm.code.loaded_modules()) text += "=mod:" + term_text(module, PrintStyle::display) + "\n";
    return text += "=end\n";
}

/// ERL_CRASH_DUMP_BYTES: how much may be written.
size_t most_bytes(const Environment& environment) {
    size_t most = std::numeric_limits<size_t>::max();
    if (const auto given = environment.get("ERL_CRASH_DUMP_BYTES"))
        std::from_chars(given->data(), given->data() + given->size(), most);
    return most;
}

}  // namespace

void write_crash_dump(Vm& vm, const Process* current, std::string_view slogan) {
    StdlibState& state = stdlib_state(vm);
    const size_t most = most_bytes(state.environment);
    if (state.environment.get("ERL_CRASH_DUMP_SECONDS") == "0" || most == 0) return;
    vm.ports.emergency_close();
    const std::string name = state.environment.get("ERL_CRASH_DUMP").value_or("erl_crash.dump");
    vm.write(2, "\r\nCrash dump is being written to: " + name + "...");
    const auto place = state.working_directory.place();
    const int fd = openat(place->fd(), name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    if (fd < 0) return;
    std::string text = dump_text(vm, current, slogan);
    const bool is_whole = text.size() <= most;
    if (!is_whole) text.replace(most, std::string::npos, "\n=abort:CRASH DUMP SIZE LIMIT REACHED\n");
    size_t written = 0;
    while (written < text.size()) {
        const ssize_t n = ::write(fd, text.data() + written, text.size() - written);
        if (n <= 0 && errno != EINTR) break;
        if (n > 0) written += static_cast<size_t>(n);
    }
    ::close(fd);
    if (is_whole && written == text.size()) vm.write(2, "done\r\n");
}

}  // namespace lintel
