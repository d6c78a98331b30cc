#include "stdlib/system_text.h"

#include <lintel/lintel.h>

#include "stdlib/memory_use.h"
#include "stdlib/stdlib_state.h"
#include "term/print.h"

namespace lintel {

namespace {

std::string shown(Term t) { return term_text(t, PrintStyle::display); }

void add_line(std::string& text, std::string_view what, size_t n) {
    text.append(what).append(": ").append(std::to_string(n)).append("\n");
}

}  // namespace

std::string system_version_text(const Vm& vm) {
    const auto count = [](auto n) { return std::to_string(n); };
    const DirtyPool& cpu = vm.dirty_pool(DirtyKind::cpu);
    const std::string version =
        count(LINTEL_VERSION_MAJOR) + "." + count(LINTEL_VERSION_MINOR) + "." + count(LINTEL_VERSION_PATCH);
    return "Erlang/OTP " + count(vm.otp.number) + " [erts-" + vm.otp.erts + "] [lintel-" + version +
           "] [64-bit] [smp:" + count(vm.scheduler_count()) + ":" + count(vm.schedulers_online()) +
           "] [ds:" + count(cpu.limit()) + ":" + count(cpu.online()) + ":" +
           count(vm.dirty_pool(DirtyKind::io).limit()) + "]";
}

std::string memory_text(Vm& vm) {
    const MemoryUse use = memory_use(vm, stdlib_state(vm).ets);
    std::string text = "=memory\n";
    add_line(text, "total", use.total);
    add_line(text, "processes", use.processes);
    add_line(text, "atom", use.atom);
    add_line(text, "atom_used", use.atom_used);
    add_line(text, "binary", use.binary);
    add_line(text, "code", use.code);
    add_line(text, "ets", use.ets);
    return text;
}

std::string info_text(Vm& vm) {
    std::string text = memory_text(vm) + "=counts\n";
    add_line(text, "processes alive", vm.processes.count());
    add_line(text, "ports open", vm.ports.count());
    add_line(text, "atoms", vm.atoms.count());
    return text;
}

std::string nodes_text(const Vm& vm) {
    if (!vm.distribution.is_alive()) return "=not_alive\n";
    std::string text;
    for (const Distribution::NodeInfo& node : vm.distribution.nodes()) {
        const std::string name = shown(node.name);
        const std::string number = std::to_string(node.name.atom_entry()->number);
        if (node.type == am::this_()) {
            text += "=node:" + name + "\n";
            continue;
        }
        const bool is_connected = node.controller.is_value();
        text += is_connected ? "=" + std::string(atom_name(node.type)) + "_node:" : "=not_connected:";
        text += number + "\nName: " + name + "\n";
        if (!is_connected) continue;
        text += "Controller: " + shown(node.controller) + "\n";
        add_line(text, "Creation", node.creation);
    }
    return text;
}

std::string loaded_text(Vm& vm) {
    std::string text;
    for (const Term name : vm.code.loaded_modules()) text.append(atom_name(name)).append("\n");
    return text;
}

std::string process_text(const Process& p) {
    const uint32_t state = p.state.load(std::memory_order_relaxed);
    std::string text = "=proc:" + shown(p.self) + "\nState: ";
    text += (state & Process::kRunning) != 0 ? "Running" : (state & Process::kQueued) != 0 ? "Scheduled" : "Waiting";
    text += "\n";
    const Term name(p.name.load(std::memory_order_relaxed));
    if (name.is_value()) text += "Name: " + shown(name) + "\n";
    return text;
}

std::string processes_text(Vm& vm) {
    std::string text;
    size_t slot = 0;
    while (const Process* p = vm.processes.next(&slot)) text += process_text(*p);
    return text;
}

std::string ports_text(Vm& vm) {
    std::string text;
    for (const Term id : vm.ports.all()) text += "=port:" + shown(id) + "\n";
    return text;
}

std::string tables_text(Vm& vm) {
    std::string text;
    for (Table* table : stdlib_state(vm).ets.all()) {
        text += "=ets:" + shown(table->owner) + "\nName: " + shown(table->name) + "\n";
        add_line(text, "Objects", table->size.load(std::memory_order_relaxed));
        add_line(text, "Words", table->memory_words());
        table->release_reference();
    }
    return text;
}

}  // namespace lintel
