#include "embed/otp_vm.h"

#include "sched/process.h"
#include "stdlib/stdlib_state.h"

namespace lintel {

OtpVm::OtpVm(const VmConfig& vm_config, Interpreter& interpreter) : LoadingVm(vm_config, interpreter, false) {
    undefined_function = on_undefined_function;
    loaded_all_ = loaded_all_ && load_embedded([](std::string_view name) { return name == "lintel_retry"; });
    if (config.platform.log != nullptr) {
        loaded_all_ = loaded_all_ && load_host_module() &&
                      load_embedded([](std::string_view name) { return name == "lintel_logger"; });
    }
}

OtpVm::Boot OtpVm::boot(const std::string& root, std::span<const std::string> arguments, std::string* error) {
    path.add_erts(root);
    const std::vector<std::string> modules = path.preloaded_modules();
    if (modules.empty()) {
        *error = root + ": no OTP installation: it has no modules in lib/erts-*/ebin";
        return Boot::no_otp;
    }
    if (!use_release()) {
        *error = root + ": its erts-" + path.erts_version() +
                 " is not of a release that Lintel stands in for: OTP 25 to 29 (erts-13 to erts-17)";
        return Boot::no_otp;
    }
    for (const std::string& name : modules) {
        const std::string file = path.find(name);
        const FileBytes bytes(file);
        if (!bytes) {
            *error = file + ": cannot be read";
            return Boot::bad_file;
        }
        if (const auto loaded = load(bytes.bytes(), file); !loaded) {
            *error = loaded.error().text();
            return loaded.error().kind == LoadError::Kind::no_memory ? Boot::no_memory : Boot::bad_file;
        }
    }
    const Term boot_module = atoms.intern("erl_init");
    const Term purger = atoms.intern("erts_code_purger");
    const Term collector = atoms.intern("erts_literal_area_collector");
    const Term handler = atoms.intern("erts_dirty_process_signal_handler");
    const Term cleaner = atoms.find("erts_trace_cleaner");  // since OTP 27

    size_t words = 2 * list_words(arguments.size());
    for (const std::string& argument : arguments) words += binary_words(argument.size());
    HeapFragment* fragment = HeapFragment::create(words + 16);
    if (fragment == nullptr) return Boot::no_memory;
    const ForeignReader reader(epochs);
    bool is_done = false;
    {
        HeapBuilder heap(fragment);
        Term list = Term::nil();
        for (size_t i = arguments.size(); i-- > 0;) list = heap.cons(heap.binary(arguments[i]), list);
        const Term of_init[] = {am::init(), list};
        is_done = start_system_process(boot_module, of_init, Priority::normal, false).is_value() &&
                  start_system_process(purger, {}, Priority::high, true).is_value();
    }
    if (is_done) {
        const Term pid = start_system_process(collector, {}, Priority::high, true);
        static_cast<StdlibState*>(stdlib_state.get())->literal_collector.set_process(pid);
        is_done = pid.is_value();
    }
    for (const Priority priority : {Priority::normal, Priority::high, Priority::max}) {
        is_done = is_done && start_system_process(handler, {}, priority, true).is_value();
    }
    if (is_done && cleaner.is_value() && code.current(cleaner) != nullptr) {
        const Term pid = start_system_process(cleaner, {}, Priority::high, true);
        static_cast<StdlibState*>(stdlib_state.get())
            ->traces.dropped->cleaner.store(pid.word(), std::memory_order_release);
        is_done = pid.is_value();
    }
    HeapFragment::destroy(fragment);
    return is_done ? Boot::done : Boot::no_memory;
}

Term OtpVm::start_system_process(Term module, std::span<const Term> arguments, Priority priority,
                                 bool off_heap_messages) {
    HeapFragment* fragment = HeapFragment::create(list_words(arguments.size()) + 1);
    if (fragment == nullptr) return Term::none();
    SpawnOptions options;
    options.module = module;
    options.function = am::start();
    options.priority = priority;
    options.off_heap_messages = off_heap_messages;
    options.is_system = true;
    options.is_vital = true;
    {
        HeapBuilder heap(fragment);
        options.arguments = heap.list(arguments);
    }
    SpawnError error;
    const Term pid = spawn(options, &error);
    HeapFragment::destroy(fragment);
    return pid;
}

/// As OTP's emulator: error_handler:undefined_function/3, or whose the process has set, if it is loaded.
const ExportEntry* OtpVm::on_undefined_function(ExecState& p, const ExportEntry& entry) {
    const ExportEntry* handler = own_error_handler(p, am::undefined_function());
    if (handler == nullptr) handler = p.vm->code.export_entry(am::error_handler(), am::undefined_function(), 3);
    if (handler->code == nullptr) {
        p.error(am::undef());
        return nullptr;
    }
    p.trap(handler, {entry.module, entry.function, argument_list(p, entry.arity)});
    return nullptr;
}

}  // namespace lintel
