#include "stdlib/nif/select.h"

#include <fcntl.h>

#include <climits>
#include <vector>

#include "gc/copy.h"
#include "stdlib/nif/library.h"

namespace lintel {

namespace {

constexpr int failure(int why) { return INT_MIN | why; }

}  // namespace

/// A descriptor that is, or has been, asked for. Keeps the resource until `stop`.
class NifEvents::Event final : public EventLoop::Handler {
public:
    Event(Vm& of, NifResource& its_resource) : vm(of), resource(its_resource) { resource.retain(); }
    ~Event() override {
        reading.forget();
        writing.forget();
        resource.release_reference();
    }

    Vm& vm;
    NifResource& resource;
    std::mutex mutex;
    EventLoop::Watch* watch = nullptr;

    /// The message for whoever waits, made beforehand.
    struct Wanted {
        Term pid;
        Signal* message = nullptr;

        bool forget() {
            if (message == nullptr) return false;
            free_signal(std::exchange(message, nullptr));
            return true;
        }
        void tell(Vm& to) {
            if (message != nullptr) to.deliver(pid, std::exchange(message, nullptr));
        }
    };
    Wanted reading, writing;  // under the mutex

    void ready(unsigned events) override {
        const std::lock_guard lock(mutex);
        if ((events & EventLoop::kReadable) != 0) reading.tell(vm);
        if ((events & EventLoop::kWritable) != 0) writing.tell(vm);
    }
    void program_exited(int64_t, int) override {}

    /// Nobody is told any more.
    void silence() {
        EventLoop::Watch* unwatched;
        {
            const std::lock_guard lock(mutex);
            reading.forget();
            writing.forget();
            unwatched = std::exchange(watch, nullptr);
        }
        if (unwatched != nullptr) vm.events.release(unwatched);
    }

    /// `ready_atom` tells what for. False: no memory.
    bool want(Wanted& wanted, const Request& request, Term ready_atom) {
        const bool is_custom = (request.flags & ERL_NIF_SELECT_CUSTOM_MSG) != 0;
        const size_t words =
            flat_size(request.message, &vm.literals) + (is_custom ? 0 : tuple_words(4) + kMagicRefWords);
        auto* const s = make_signal<Signal>(SignalKind::message, words);
        if (s == nullptr) return false;
        if (words == 0) {
            s->term = request.message;
        } else {
            HeapBuilder heap(s->fragment);
            const Term given = copy_term(request.message, heap, &vm.literals);
            s->term = is_custom ? given : heap.tuple(am::select(), resource.make_reference(heap), given, ready_atom);
        }
        wanted.forget();
        wanted.pid = request.pid;
        wanted.message = s;
        return true;
    }
};

std::shared_ptr<NifEvents::Event> NifEvents::event_of(const Request& request, bool make) {
    Vm* const vm = libraries_.vm();
    const std::lock_guard lock(mutex_);
    const auto found = events_.find(request.fd);
    if (found != events_.end()) return found->second;
    if (!make || vm == nullptr) return nullptr;
    return events_[request.fd] = std::make_shared<Event>(*vm, *request.resource);
}

/// Nobody is told of the descriptor any more: the library may close it.
int NifEvents::stop(const Request& request, const std::shared_ptr<Event>& event) {
    {
        const std::lock_guard lock(mutex_);
        events_.erase(request.fd);
    }
    if (event != nullptr) event->silence();
    const auto callbacks = request.resource->resource_type().callbacks();
    if (callbacks.stop == nullptr) return failure(ERL_NIF_SELECT_FAILED);
    NifEnv env(libraries_.vm(), callbacks.code.get(), NifEnv::Kind::callback);
    callbacks.stop(&env, request.resource->data(), request.fd, 1);
    return ERL_NIF_SELECT_STOP_CALLED;
}

int NifEvents::select(const Request& request) {
    if (request.fd < 0 || fcntl(request.fd, F_GETFD) < 0) return failure(ERL_NIF_SELECT_INVALID_EVENT);
    if ((request.flags & ERL_NIF_SELECT_ERROR) != 0) return failure(ERL_NIF_SELECT_NOTSUP);
    const bool reads = (request.flags & ERL_NIF_SELECT_READ) != 0, writes = (request.flags & ERL_NIF_SELECT_WRITE) != 0;
    const bool cancels = (request.flags & ERL_NIF_SELECT_CANCEL) != 0;
    const bool stops = (request.flags & ERL_NIF_SELECT_STOP) != 0;
    const std::shared_ptr<Event> event = event_of(request, !stops && !cancels);
    if (event != nullptr && &event->resource != request.resource) return failure(ERL_NIF_SELECT_FAILED);
    if (stops) return stop(request, event);
    if (event == nullptr) return cancels ? 0 : failure(ERL_NIF_SELECT_FAILED);
    const std::lock_guard lock(event->mutex);
    if (cancels) {
        int result = 0;
        if (reads && event->reading.forget()) result |= ERL_NIF_SELECT_READ_CANCELLED;
        if (writes && event->writing.forget()) result |= ERL_NIF_SELECT_WRITE_CANCELLED;
        return result;
    }
    if (event->watch == nullptr) {
        int error = 0;
        event->watch = event->vm.events.watch(request.fd, event, &error);
        if (event->watch == nullptr)
            return failure(error == EBADF ? ERL_NIF_SELECT_INVALID_EVENT : ERL_NIF_SELECT_FAILED);
    }
    if ((reads && !event->want(event->reading, request, am::ready_input())) ||
        (writes && !event->want(event->writing, request, am::ready_output()))) {
        return failure(ERL_NIF_SELECT_FAILED);
    }
    event->vm.events.want(event->watch, (reads ? EventLoop::kReadable : 0u) | (writes ? EventLoop::kWritable : 0u));
    return 0;
}

void NifEvents::end() {
    std::map<int, std::shared_ptr<Event>> all;
    {
        const std::lock_guard lock(mutex_);
        all.swap(events_);
    }
    for (const auto& [fd, event] : all) event->silence();
}

}  // namespace lintel

using lintel::NifResource;
using lintel::Term;
using lintel::term_of;

namespace {

int select(ErlNifEnv* env, int fd, unsigned flags, void* obj, const ErlNifPid* pid, Term message) {
    NifResource& resource = NifResource::of(obj);
    Term to = pid != nullptr ? Term(pid->pid) : Term::none();
    if (pid == nullptr && env != nullptr && env->process != nullptr) to = env->process->self;
    return resource.resource_type().libraries->events.select({&resource, fd, flags, to, message});
}

}  // namespace

extern "C" {

int enif_select(ErlNifEnv* env, ErlNifEvent event, enum ErlNifSelectFlags flags, void* obj, const ErlNifPid* pid,
                ERL_NIF_TERM ref) {
    return select(env, event, flags, obj, pid, Term(ref));
}

int enif_select_x(ErlNifEnv* env, ErlNifEvent event, enum ErlNifSelectFlags flags, void* obj, const ErlNifPid* pid,
                  ERL_NIF_TERM message, ErlNifEnv* message_env) {
    const int result = select(env, event, flags, obj, pid, term_of(message));
    if (result >= 0 && message_env != nullptr) message_env->clear();
    return result;
}

}  // extern "C"
