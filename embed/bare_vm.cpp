#include "embed/bare_vm.h"

#include "sched/process.h"

namespace lintel {

BareVm::BareVm(const VmConfig& vm_config, Interpreter& interpreter) : LoadingVm(vm_config, interpreter, true) {
    add_code_bifs();
    undefined_function = on_undefined_function;
    undefined_fun = on_undefined_fun;
    autoload = on_autoload;
    report_heap_limit = on_heap_limit;
    find_code_file = [](Vm& vm, std::string_view name) {
        return name.empty() ? std::string() : static_cast<BareVm&>(vm).path.find_file(std::string(name));
    };
    may_read_file = [](Vm& vm, const std::string& file) { return static_cast<BareVm&>(vm).path.covers(file); };
    system_logger = am::init().word();  // lintel_boot
    is_complete_ = is_complete_ && load_embedded("");
}

LoadOutcome BareVm::ensure_loaded(Term module, std::string* refused) {
    std::lock_guard lock(load_mutex_);
    if (code.current(module) != nullptr) return LoadOutcome::loaded;
    if (code.on_load_version(module) != nullptr) return LoadOutcome::on_load;
    const std::string file = path.find(atom_name(module));
    if (file.empty()) return LoadOutcome::not_found;
    const FileBytes code_file(file);
    if (!code_file) {
        if (refused != nullptr) *refused = file + ": cannot be read";
        return LoadOutcome::refused;
    }
    auto result = load(code_file.bytes(), file);
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

LoadOutcome BareVm::on_autoload(Vm& vm, Term module) { return static_cast<BareVm&>(vm).ensure_loaded(module, nullptr); }

namespace {

/// The service that a module is the front of: it is started when something of the module is first called.
Term service_of(Term module) {
    if (module == am::application_controller()) return am::application_controller();
    if (module == am::file()) return am::file();
    if (module == am::elixir_config()) return am::elixir_config();
    if (module == am::logger_server() || module == am::logger_config() || module == am::logger_backend())
        return am::logger();
    if (module == am::elixir_logger()) return am::logger();
    if (module == am::global()) return am::global();
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
            if (const Term service = service_of(entry.module); service.is_value()) {
                const Term args = argument_list(p, entry.arity);
                p.trap(vm.code.export_entry(am::lintel_services(), am::call(), 4),
                       {service, entry.module, entry.function, args});
                return nullptr;
            }
            return &entry;
        case LoadOutcome::refused: vm.write(2, "lintel: " + refused + "\n"); break;
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

const ExportEntry* BareVm::on_undefined_fun(ExecState& p, Term fun, unsigned arity) {
    auto& vm = static_cast<BareVm&>(static_cast<Process&>(p).machine());
    const auto* entry = reinterpret_cast<const FunEntry*>(fun.boxed_words()[1]);
    if (entry->code.load(std::memory_order_acquire) != nullptr ||
        entry->purging.load(std::memory_order_acquire) != nullptr) {
        // Its code is being purged, or comes and goes at this moment: tried again. When that is over the call goes on in the code, if it is
        // still there, or fails.
        const Term args = argument_list(p, arity);
        p.trap(vm.code.export_entry(am::lintel_retry(), am::later(), 2), {fun, args});
        return nullptr;
    }
    if (vm.code.current(entry->id.module) == nullptr) {
        // Loads the module, if there is one, and calls again; or else undef.
        const ExportEntry* handler = own_error_handler(p, am::undefined_lambda());
        if (handler != nullptr && handler->code == nullptr) {
            p.error(am::undef());
            return nullptr;
        }
        if (handler == nullptr) handler = vm.code.export_entry(am::error_handler(), am::undefined_lambda(), 3);
        p.trap(handler, {entry->id.module, fun, argument_list(p, arity)});
        return nullptr;
    }
    p.error_tuple(am::badfun(), fun);
    return nullptr;
}

}  // namespace lintel
