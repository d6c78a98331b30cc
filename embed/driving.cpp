#include <cstring>

#include "embed/lintel_vm.h"
#include "stdlib/stdlib_state.h"

/// The C API: a VM that is started, and who drives it. docs/design/embedding.md.

using lintel::fail;
using lintel::HeapBuilder;
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
    const bool serves = pid.is_value() &&
                        v.wait_outside([&] { return serving->state() != lintel::HostCall::State::running; }, -1) &&
                        serving->state() == lintel::HostCall::State::returned;
    serving->release_reference();
    if (serves) return LINTEL_OK;
    return fail(vm, pid.is_none() ? LINTEL_ERROR_MEMORY : LINTEL_ERROR_HALTED,
                "the VM's own processes could not be started");
}

}  // namespace

extern "C" {

lintel_result lintel_start(lintel_vm* vm, int argc, const char* const* argv) {
    if (vm == nullptr) return LINTEL_ERROR_ARGUMENT;
    if (argc < 0 || (argc > 0 && argv == nullptr)) return fail(vm, LINTEL_ERROR_ARGUMENT, "no arguments given");
    if (vm->ran) return fail(vm, LINTEL_ERROR_ARGUMENT, lintel::kRanAlready);
    if (vm->bare != nullptr && vm->vm->path.find("erlang").empty())
        return fail(vm, LINTEL_ERROR_NOT_FOUND, "no OTP installation: its module erlang is not on the code path");
    vm->ran = vm->started = true;
    if (vm->otp != nullptr) {
        if (const lintel_result r = lintel::boot_otp(vm, argc, argv); r != LINTEL_OK) return r;
    }
    if (const int refused = vm->vm->start(); refused != 0)
        return fail(vm, LINTEL_ERROR_SYSTEM, std::string("no thread can be made: ") + std::strerror(refused));
    return vm->bare != nullptr ? start_bare(vm, argc, argv) : LINTEL_OK;
}

lintel_result lintel_poll(lintel_vm* vm, int64_t reductions, int64_t time, lintel_poll_report* report) {
    if (vm == nullptr) return LINTEL_ERROR_ARGUMENT;
    lintel::Vm& v = *vm->vm;
    if (v.config.schedulers != 0) return fail(vm, LINTEL_ERROR_ARGUMENT, "this VM has threads of its own");
    if (vm->is_inside()) return fail(vm, LINTEL_ERROR_ARGUMENT, "not from within the VM");
    constexpr int64_t kBetweenLooks = 16000;  // reductions
    const int64_t begun = time < 0 ? 0 : v.raw_monotonic_ns();
    int64_t spent = 0;
    lintel::Vm::PollResult r;
    do {
        const int64_t left = reductions - spent;
        r = v.poll(time < 0 ? left : std::min(left, kBetweenLooks));
        spent += r.reductions;
    } while (!r.halted && !r.idle && spent < reductions && (time < 0 || v.raw_monotonic_ns() - begun < time));
    if (report != nullptr) {
        report->halted = r.halted;
        report->status = v.exit_code();
        report->idle = r.idle;
        report->next_timer = r.next_timer_ns;
        report->reductions = spent;
    }
    return LINTEL_OK;
}

int lintel_poll_fd(lintel_vm* vm) {
    return vm == nullptr || vm->vm->config.schedulers != 0 ? -1 : vm->vm->poll_descriptor();
}

lintel_result lintel_wait(lintel_vm* vm, int64_t time, int* status) {
    if (vm == nullptr) return LINTEL_ERROR_ARGUMENT;
    lintel::Vm& v = *vm->vm;
    if (vm->is_inside()) return LINTEL_ERROR_ARGUMENT;
    v.wait_outside([] { return false; }, time);
    if (!v.is_halted()) return LINTEL_ERROR_TIMEOUT;
    if (status != nullptr) *status = v.exit_code();
    return LINTEL_OK;
}

lintel_result lintel_halt(lintel_vm* vm, int status) {
    if (vm == nullptr) return LINTEL_ERROR_ARGUMENT;
    vm->vm->halt_when_written(status);
    return LINTEL_OK;
}

}  // extern "C"
