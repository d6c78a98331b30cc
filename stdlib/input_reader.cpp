#include "stdlib/input_reader.h"

#include <poll.h>
#include <unistd.h>

#include "sched/process.h"

namespace lintel {

namespace {
/// The program's own stdin has something, or is at its end.
bool is_input_there() {
    pollfd input{STDIN_FILENO, POLLIN, 0};
    return ::poll(&input, 1, 0) != 0;
}
}  // namespace

void InputReader::read(Term to, Word number0, Word number1) {
    {
        std::lock_guard lock(shared_->mutex);
        ++shared_->running;
    }
    shared_->vm->await_outside();
    auto* request = new Request{shared_, to, number0, number1};
    // What comes at once comes at the same time in each run.
    if (shared_->vm->simulation != nullptr && (shared_->platform.read != nullptr || is_input_there())) {
        const std::unique_ptr<Request> mine(request);
        return read_once(*mine);
    }
    const auto run = [](void* argument) -> void* {
        const std::unique_ptr<Request> mine(static_cast<Request*>(argument));
        read_once(*mine);
        return nullptr;
    };
    const int error = Thread::start_detached(run, request);
    if (error == 0) return;
    delete request;
    std::lock_guard lock(shared_->mutex);
    --shared_->running;
    shared_->vm->halt_without_thread(error);
}

void InputReader::read_once(const Request& request) {
    const auto& shared = request.shared;
    char bytes[4096];
    const VmPlatform& platform = shared->platform;
    const ptrdiff_t n = platform.read != nullptr ? platform.read(platform.context, bytes, sizeof bytes)
                                                 : ::read(0, bytes, sizeof bytes);
    const size_t count = n > 0 ? static_cast<size_t>(n) : 0;
    std::lock_guard lock(shared->mutex);
    if (--shared->running == 0) shared->all_done.notify_all();
    if (shared->vm == nullptr) return;
    Vm& vm = *shared->vm;
    ForeignReader reader(vm.epochs);
    Signal* s = make_signal<Signal>(SignalKind::message, tuple_words(2) + kRefWords + binary_words(count));
    if (s != nullptr) {
        {
            HeapBuilder heap(s->fragment);
            const Term data = count > 0 ? heap.binary(bytes, count) : am::eof();
            s->term = heap.tuple(heap.ref(request.number0, request.number1), data);
        }
        vm.deliver(request.to, s);
    }
    vm.outside_answered();
}

void InputReader::close() {
    std::unique_lock lock(shared_->mutex);
    shared_->vm = nullptr;
    if (shared_->platform.read != nullptr) {
        shared_->all_done.wait(lock, [this] { return shared_->running == 0; });
    }
}

}  // namespace lintel
