#include <cstring>

#include "embed/lintel_vm.h"
#include "stdlib/stdlib_state.h"

/// The C API: a VM that is started, and who drives it. docs/design/embedding.md.

using lintel::fail;
using lintel::HeapBuilder;
using lintel::is_gone;
using lintel::Term;

namespace lintel {

size_t program_words(int argc, const char* const* argv) {
    size_t words = list_words(5);
    for (int i = 0; i < argc; ++i) words += list_words(std::strlen(argv[i]) + 1);
    return words;
}

Term program_arguments(Vm& vm, HeapBuilder& heap, int argc, const char* const* argv) {
    Term plain = Term::nil();
    for (int i = argc; i-- > 0;) plain = heap.cons(heap.string(argv[i]), plain);
    const Term encoding = locale_is_utf8(vm) ? am::unicode() : am::latin1();
    return heap.cons(plain, heap.cons(encoding, Term::nil()));
}

lintel_result check_fresh(lintel_vm* vm, int argc, const char* const* argv) {
    if (argc < 0 || (argc > 0 && argv == nullptr)) return fail(vm, LINTEL_ERROR_ARGUMENT, "no arguments given");
    return vm->life == lintel_vm::Life::fresh ? LINTEL_OK : fail(vm, LINTEL_ERROR_ARGUMENT, kRanAlready);
}

lintel_result check_modules(lintel_vm* vm) {
    if (vm->bare == nullptr || vm->vm->code.is_loaded(am::erlang()) || !vm->vm->path.find("erlang").empty())
        return LINTEL_OK;
    return fail(vm, LINTEL_ERROR_NOT_FOUND, "no OTP installation: its module erlang is not on the code path");
}

lintel_result start_threads(lintel_vm* vm, unsigned first) {
    const int refused = vm->vm->start(first);
    if (refused == 0) return LINTEL_OK;
    return fail(vm, LINTEL_ERROR_SYSTEM, std::string("no thread can be made: ") + std::strerror(refused));
}

lintel_result boot_otp(lintel_vm* vm, int argc, const char* const* argv) {
    const std::vector<std::string> arguments(argv, argv + argc);
    std::string error;
    switch (vm->otp->boot(vm->otp_root, arguments, &error)) {
        case OtpVm::Boot::done: return LINTEL_OK;
        case OtpVm::Boot::no_otp: return fail(vm, LINTEL_ERROR_NOT_FOUND, error);
        case OtpVm::Boot::bad_file: return fail(vm, LINTEL_ERROR_BAD_FILE, error);
        case OtpVm::Boot::no_memory: break;
    }
    return fail(vm, LINTEL_ERROR_MEMORY, "out of memory");
}

}  // namespace lintel

namespace {

/// Starts what a bare VM always has, and waits until it is there.
lintel_result start_bare(lintel_vm* vm, int argc, const char* const* argv) {
    lintel::BareVm& v = *vm->bare;
    auto* const serving = new lintel::HostCall(v, nullptr);
    lintel::SpawnOptions options;
    options.module = lintel::am::lintel_boot();
    options.function = lintel::am::serve();
    options.is_vital = true;
    options.prepare = lintel::HostCalls::list;
    options.context = serving;
    const Term pid = lintel::spawn_with(
        v, options, lintel::kMagicRefWords + lintel::program_words(argc, argv), [&](HeapBuilder& heap) {
            return heap.cons(serving->reference(heap), lintel::program_arguments(v, heap, argc, argv));
        });
    const bool serves = pid.is_value() && v.wait_outside([&] { return serving->has_ended(); }, -1) &&
                        serving->state() == lintel::HostCall::State::returned;
    serving->release_reference();
    if (serves) return LINTEL_OK;
    return fail(vm, pid.is_none() ? LINTEL_ERROR_MEMORY : LINTEL_ERROR_HALTED,
                "the VM's own processes could not be started");
}

/// Waits until OTP has booted, and the host hears of log events if it wants to.
lintel_result await_otp(lintel_vm* vm) {
    lintel_call* call;
    const bool logs = vm->vm->config.platform.log != nullptr;
    lintel_result r = lintel_call_begin(vm, logs ? "lintel_logger" : "lintel_host", logs ? "attach" : "booted", nullptr,
                                        0, nullptr, &call);
    if (r != LINTEL_OK) return r;
    r = lintel_call_wait(call, LINTEL_FOREVER);
    lintel_call_free(call);
    return r == LINTEL_OK ? r : fail(vm, r, "the VM has halted before it had booted");
}

}  // namespace

extern "C" {

lintel_result lintel_start(lintel_vm* vm, int argc, const char* const* argv) {
    if (is_gone(vm)) return LINTEL_ERROR_ARGUMENT;
    if (const lintel_result r = lintel::check_fresh(vm, argc, argv); r != LINTEL_OK) return r;
    if (const lintel_result r = lintel::check_modules(vm); r != LINTEL_OK) return r;
    if (!vm->vm->load_host_module()) return fail(vm, LINTEL_ERROR_MEMORY, "out of memory");
    vm->life = lintel_vm::Life::ran;  // until somebody runs what the host asks for
    if (vm->otp != nullptr) {
        if (const lintel_result r = lintel::boot_otp(vm, argc, argv); r != LINTEL_OK) return r;
    }
    if (const lintel_result r = lintel::start_threads(vm, 0); r != LINTEL_OK) return r;
    vm->life = lintel_vm::Life::started;
    return vm->bare != nullptr ? start_bare(vm, argc, argv) : await_otp(vm);
}

lintel_result lintel_poll(lintel_vm* vm, int64_t reductions, int64_t time, lintel_poll_report* report) {
    if (is_gone(vm)) return LINTEL_ERROR_ARGUMENT;
    lintel::Vm& v = *vm->vm;
    if (v.config.schedulers != 0) return fail(vm, LINTEL_ERROR_ARGUMENT, "this VM has threads of its own");
    if (vm->is_inside()) return fail(vm, LINTEL_ERROR_ARGUMENT, "not from within the VM");
    const lintel::Vm::PollResult r = v.poll(reductions, lintel::vm_time(time));
    if (r.refused) return fail(vm, LINTEL_ERROR_ARGUMENT, "another thread polls this VM");
    if (report != nullptr) {
        report->halted = r.halted;
        report->status = v.exit_code();
        report->idle = r.idle;
        report->next_timer = r.next_timer_ns < 0 ? LINTEL_FOREVER : r.next_timer_ns;
        report->reductions = r.reductions;
    }
    return LINTEL_OK;
}

int lintel_poll_fd(lintel_vm* vm) {
    return is_gone(vm) || vm->vm->config.schedulers != 0 ? -1 : vm->vm->poll_descriptor();
}

lintel_result lintel_wait(lintel_vm* vm, int64_t time, int* status) {
    if (is_gone(vm)) return LINTEL_ERROR_ARGUMENT;
    lintel::Vm& v = *vm->vm;
    if (vm->is_inside()) return LINTEL_ERROR_ARGUMENT;
    v.wait_outside([] { return false; }, lintel::vm_time(time));
    if (!v.is_halted()) return LINTEL_ERROR_TIMEOUT;
    if (status != nullptr) *status = v.exit_code();
    return LINTEL_OK;
}

lintel_result lintel_halt(lintel_vm* vm, int status) {
    if (is_gone(vm)) return LINTEL_ERROR_ARGUMENT;
    vm->vm->halt_when_written(status);
    return LINTEL_OK;
}

}  // extern "C"
