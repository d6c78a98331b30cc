#include "embed/bare_vm.h"

#include <sys/mman.h>
#include <unistd.h>

#include "sched/process.h"

namespace lintel {

BareVm::BareVm(const VmConfig& vm_config, Interpreter& interpreter) : LoadingVm(vm_config, interpreter, true) {
    add_code_bifs();
    undefined_function = on_undefined_function;
    autoload = on_autoload;
    open_packed_file = on_open_packed;
    find_packed = on_find_packed;
    report_heap_limit = on_heap_limit;
    find_code_file = [](Vm& vm, std::string_view name) {
        return name.empty() ? std::string() : static_cast<BareVm&>(vm).path.find_file(std::string(name));
    };
    may_read_file = [](Vm& vm, const std::string& file) { return static_cast<BareVm&>(vm).path.covers(file); };
    system_logger = am::init().word();  // lintel_boot
    loaded_all_ = loaded_all_ && (vm_config.image != nullptr ||
                                  load_embedded([](std::string_view name) { return !is_host_module(name); }));
}

LoadOutcome BareVm::ensure_loaded(Term module, std::string* refused) {
    // Before the lock, which is held while files are read.
    if (code.current(module) != nullptr) return LoadOutcome::loaded;
    std::lock_guard lock(load_mutex_);
    const MemoryScope scope(memory);  // code is the VM's, whoever needs it first
    if (code.current(module) != nullptr) return LoadOutcome::loaded;
    if (code.on_load_version(module) != nullptr) return LoadOutcome::on_load;
    const std::string file = path.find(atom_name(module));
    if (file.empty()) return LoadOutcome::not_found;
    const CodeFile code_file(path, file);
    if (!code_file) {
        if (code_file.lacks_memory()) halt_because("no memory to read " + file);
        if (refused != nullptr) *refused = code_file.error();
        return LoadOutcome::refused;
    }
    auto result = load(code_file.bytes(), file, code_file.packed());
    if (!result) {
        if (refused != nullptr) *refused = result.error().text();
        return LoadOutcome::refused;
    }
    if (result.value() != module) {
        if (refused != nullptr) *refused = file + ": holds module " + std::string(atom_name(result.value()));
        return LoadOutcome::refused;
    }
    return code.on_load_version(module) != nullptr ? LoadOutcome::on_load : LoadOutcome::loaded;
}

/// What OTP's emulator calls when it starts is called here when the module is loaded, before anybody gets at it.
void BareVm::prepare(Module& module) {
    if (module.name != am::prim_socket() || module.on_load_label != 0) return;
    for (const Module::Function& f : module.functions) {
        if (f.name == am::on_load() && f.arity == 0) module.on_load_label = f.entry_label;
    }
}

int BareVm::on_open_packed(Vm& vm, std::string_view path) {
    const auto packed = static_cast<BareVm&>(vm).path.packed(path);
    if (!packed) return -1;
    auto bytes = packed->read();
    if (!bytes) {
        vm.write(2, "lintel: " + bytes.error().text() + "\n");
        return -1;
    }
    const int fd = memfd_create("packed", MFD_CLOEXEC);
    auto rest = bytes.value().bytes();
    while (fd >= 0 && !rest.empty()) {
        const ssize_t n = ::write(fd, rest.data(), rest.size());
        if (n <= 0) return ::close(fd), -1;
        rest = rest.subspan(static_cast<size_t>(n));
    }
    if (fd >= 0) lseek(fd, 0, SEEK_SET);
    return fd;
}

std::optional<PackedNode> BareVm::on_find_packed(Vm& vm, std::string_view path) {
    using In = PackedNode::Kind;
    const CodePath& code_path = static_cast<BareVm&>(vm).path;
    if (code_path.pack_of(std::string(path) + "/") == nullptr) return std::nullopt;
    if (const auto file = code_path.packed(path))
        return PackedNode{file->entry.is_program ? In::program : In::file, file->entry.size, {}};
    if (auto names = code_path.packed_names(path)) return PackedNode{In::directory, 0, std::move(*names)};
    return PackedNode();
}

LoadOutcome BareVm::on_autoload(Vm& vm, Term module) { return static_cast<BareVm&>(vm).ensure_loaded(module, nullptr); }

namespace {

/// The service that a function's module is the front of: it is started when something of the module is first called.
Term service_of(const ExportEntry& entry) {
    const Term module = entry.module;
    // The registry's own process is what starts it.
    if (module == am::socket_registry() && entry.function != am::start()) return am::prim_socket();
    if (module == am::application_controller()) return am::application_controller();
    if (module == am::file()) return am::file();
    if (module == am::elixir_config()) return am::elixir_config();
    if (module == am::logger_server() || module == am::logger_config() || module == am::logger_backend())
        return am::logger();
    if (module == am::elixir_logger()) return am::logger();
    if (module == am::global()) return am::global();
    if (module == am::inet_db()) return am::inet_db();
    return Term::none();
}

}  // namespace

const ExportEntry* BareVm::on_undefined_function(ExecState& p, const ExportEntry& entry) {
    auto& vm = static_cast<BareVm&>(static_cast<Process&>(p).machine());
    // erlang:process_flag(error_handler, M): M is asked instead of all that follows, if it is loaded.
    if (const ExportEntry* handler = own_error_handler(p, am::undefined_function())) {
        if (vm.code.is_exported(entry.module, entry.function, entry.arity)) return &entry;  // meanwhile
        if (handler->code == nullptr) {
            p.error(am::undef());
        } else {
            p.trap(handler, {entry.module, entry.function, argument_list(p, entry.arity)});
        }
        return nullptr;
    }
    std::string refused;
    switch (vm.ensure_loaded(entry.module, &refused)) {
        case LoadOutcome::on_load: {
            // The code server runs its on_load function, unless it does so already.
            const Term args = argument_list(p, entry.arity);
            p.trap(vm.code.export_entry(am::lintel_code(), am::after_on_load(), 3),
                   {entry.module, entry.function, args});
            return nullptr;
        }
        case LoadOutcome::loaded:
            if (!vm.code.is_exported(entry.module, entry.function, entry.arity)) break;
            if (const Term service = service_of(entry); service.is_value()) {
                const Term args = argument_list(p, entry.arity);
                p.trap(vm.code.export_entry(am::lintel_services(), am::call(), 4),
                       {service, entry.module, entry.function, args});
                return nullptr;
            }
            return &entry;
        case LoadOutcome::refused:
            if (!vm.is_halted()) vm.write(2, "lintel: " + refused + "\n");
            break;
        case LoadOutcome::not_found: break;
    }
    // error_handler: a module may catch calls of functions that it does not have.
    if (vm.code.current(entry.module) != nullptr) {
        const ExportEntry* hook = vm.code.export_entry(entry.module, am::handle_undefined_function(), 2);
        if (hook->code != nullptr) {
            p.trap(hook, {entry.function, argument_list(p, entry.arity)});
            return nullptr;
        }
    }
    p.error(am::undef());
    return nullptr;
}

void BareVm::on_heap_limit(Process& p, const MaxHeapSize& limit, size_t total_words) {
    const Heap& heap = p.heap;
    const size_t numbers[] = {limit.words,
                              total_words,
                              p.mailbox.count,
                              static_cast<size_t>(heap.old_end - heap.old_start),
                              heap.block_words(),
                              heap.fragment_words,
                              static_cast<size_t>(heap.htop - heap.high_water),
                              heap.stack_words(),
                              static_cast<size_t>(heap.old_top - heap.old_start),
                              static_cast<size_t>(heap.htop - heap.start),
                              heap.off_heap.bytes / kWordBytes,
                              heap.old_off_heap.bytes / kWordBytes};
    HeapFragment* fragment = HeapFragment::create(list_words(std::size(numbers) + 3));
    SpawnOptions options;
    options.module = am::lintel_logger();
    options.function = p.vm->atoms.intern("heap_limit");
    if (fragment == nullptr || options.function.is_none()) return HeapFragment::destroy(fragment);
    options.parent = &p;
    {
        HeapBuilder builder(fragment);
        Term list = Term::nil();
        for (size_t i = std::size(numbers); i-- > 0;)
            list = builder.cons(Term::small(static_cast<int64_t>(numbers[i])), list);
        options.arguments = builder.cons(p.self, builder.cons(boolean(limit.kill), builder.cons(list, Term::nil())));
    }
    Vm::SpawnError error;
    p.machine().spawn(options, &error);  // without a process to spare nobody is told
    HeapFragment::destroy(fragment);
}

}  // namespace lintel
