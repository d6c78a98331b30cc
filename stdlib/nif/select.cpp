#include "stdlib/nif/select.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <climits>
#include <vector>

#include "gc/copy.h"
#include "stdlib/nif/library.h"

namespace lintel {

namespace {

constexpr int failure(int why) { return INT_MIN | why; }

}  // namespace

/// A descriptor that is, or has been, asked for. Keeps the resource until `stop`.
///
/// The loop tells of errors only as of readiness, to whoever wants that. Errors alone are waited for by an epoll of their own, a descriptor that is readable when
/// there is one.
class NifEvents::Event final : public EventLoop::Handler {
public:
    Event(Vm& of, NifResource& its_resource, int its_fd) : vm(of), resource(its_resource), fd(its_fd) {
        resource.retain();
    }
    ~Event() override {
        forget(ERL_NIF_SELECT_READ | ERL_NIF_SELECT_WRITE | ERL_NIF_SELECT_ERROR);
        resource.release_reference();
    }

    Vm& vm;
    NifResource& resource;
    const int fd;
    std::mutex mutex;
    EventLoop::Watch* watch = nullptr;
    EventLoop::Watch* error_watch = nullptr;

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
    Wanted reading, writing, failing;  // under the mutex
    bool minds_errors = false;         ///< `failing` was wanted: an error does not count as readiness

    void ready(unsigned events) override {
        const std::lock_guard lock(mutex);
        bool has_failed = false;
        if (minds_errors) {
            pollfd now = {fd, POLLIN | POLLOUT, 0};
            poll(&now, 1, 0);
            has_failed = (now.revents & (POLLERR | POLLHUP)) != 0;
            events = ((now.revents & POLLIN) != 0 ? EventLoop::kReadable : 0u) |
                     ((now.revents & POLLOUT) != 0 ? EventLoop::kWritable : 0u);
        }
        if ((events & EventLoop::kReadable) != 0) reading.tell(vm);
        if ((events & EventLoop::kWritable) != 0) writing.tell(vm);
        if (has_failed) failing.tell(vm);
        if (minds_errors && !has_failed)
            arm();  // after an error nobody is told of anything until the next enif_select, as in OTP
    }
    void program_exited(int64_t, int) override {}

    /// Has the loop tell of what somebody waits for. Under the mutex.
    void arm() {
        const unsigned wanted = (reading.message != nullptr ? EventLoop::kReadable : 0u) |
                                (writing.message != nullptr ? EventLoop::kWritable : 0u);
        if (watch != nullptr && wanted != 0) vm.events.want(watch, wanted);
        if (error_watch != nullptr && failing.message != nullptr) vm.events.want(error_watch, EventLoop::kReadable);
    }

    /// ERL_NIF_SELECT_…_CANCELLED of those that were waited for. Under the mutex.
    int forget(unsigned flags) {
        int forgotten = 0;
        if ((flags & ERL_NIF_SELECT_READ) != 0 && reading.forget()) forgotten |= ERL_NIF_SELECT_READ_CANCELLED;
        if ((flags & ERL_NIF_SELECT_WRITE) != 0 && writing.forget()) forgotten |= ERL_NIF_SELECT_WRITE_CANCELLED;
        if ((flags & ERL_NIF_SELECT_ERROR) != 0 && failing.forget()) forgotten |= ERL_NIF_SELECT_ERROR_CANCELLED;
        return forgotten;
    }

    /// Nobody is told any more. Who is not, as of forget.
    int silence() {
        EventLoop::Watch *unwatched, *no_errors;
        int forgotten;
        {
            const std::lock_guard lock(mutex);
            forgotten = forget(ERL_NIF_SELECT_READ | ERL_NIF_SELECT_WRITE | ERL_NIF_SELECT_ERROR);
            unwatched = std::exchange(watch, nullptr);
            no_errors = std::exchange(error_watch, nullptr);
        }
        if (unwatched != nullptr) vm.events.release(unwatched);
        if (no_errors != nullptr) vm.events.close(no_errors);
        return forgotten;
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

namespace {

/// Watches `fd` for errors. nullptr: the system does not tell of them.
EventLoop::Watch* watch_errors(EventLoop& events, int fd, std::shared_ptr<EventLoop::Handler> handler) {
    const int errors = epoll_create1(EPOLL_CLOEXEC);
    if (errors < 0) return nullptr;
    epoll_event none{};  // errors are told of unasked
    int error = 0;
    EventLoop::Watch* const watch =
        epoll_ctl(errors, EPOLL_CTL_ADD, fd, &none) == 0 ? events.watch(errors, std::move(handler), &error) : nullptr;
    if (watch == nullptr) ::close(errors);
    return watch;
}

}  // namespace

std::shared_ptr<NifEvents::Event> NifEvents::event_of(const Request& request, bool make) {
    Vm* const vm = libraries_.vm();
    const std::lock_guard lock(mutex_);
    const auto found = events_.find(request.fd);
    if (found != events_.end()) return found->second;
    if (!make || vm == nullptr) return nullptr;
    return events_[request.fd] = std::make_shared<Event>(*vm, *request.resource, request.fd);
}

/// Nobody is told of the descriptor any more: the library may close it.
int NifEvents::stop(const Request& request, const std::shared_ptr<Event>& event) {
    {
        const std::lock_guard lock(mutex_);
        events_.erase(request.fd);
    }
    const int forgotten = event != nullptr ? event->silence() : 0;
    const auto callbacks = request.resource->resource_type().callbacks();
    if (callbacks.stop == nullptr) return failure(ERL_NIF_SELECT_FAILED);
    NifEnv env(libraries_.vm(), callbacks.code.get(), NifEnv::Kind::callback);
    callbacks.stop(&env, request.resource->data(), request.fd, 1);
    return ERL_NIF_SELECT_STOP_CALLED | (forgotten & ~ERL_NIF_SELECT_ERROR_CANCELLED);  // as OTP
}

int NifEvents::select(const Request& request) {
    const bool cancels = (request.flags & ERL_NIF_SELECT_CANCEL) != 0;
    const bool stops = (request.flags & ERL_NIF_SELECT_STOP) != 0;
    if (request.fd < 0 || (!stops && fcntl(request.fd, F_GETFD) < 0)) return failure(ERL_NIF_SELECT_INVALID_EVENT);
    const std::shared_ptr<Event> event = event_of(request, !stops && !cancels);
    if (event != nullptr && &event->resource != request.resource) return failure(ERL_NIF_SELECT_FAILED);
    if (stops) return stop(request, event);
    if (event == nullptr) return cancels ? 0 : failure(ERL_NIF_SELECT_FAILED);
    const std::lock_guard lock(event->mutex);
    if (cancels) return event->forget(request.flags);
    return want(request, event);
}

/// Under the event's mutex.
int NifEvents::want(const Request& request, const std::shared_ptr<Event>& event) {
    const bool reads = (request.flags & ERL_NIF_SELECT_READ) != 0, writes = (request.flags & ERL_NIF_SELECT_WRITE) != 0;
    const bool fails = (request.flags & ERL_NIF_SELECT_ERROR) != 0;
    EventLoop& events = event->vm.events;
    if (event->watch == nullptr) {
        int error = 0;
        event->watch = events.watch(request.fd, event, &error);
        if (event->watch == nullptr)
            return failure(error == EBADF ? ERL_NIF_SELECT_INVALID_EVENT : ERL_NIF_SELECT_FAILED);
    }
    if (fails && event->error_watch == nullptr) {
        event->error_watch = watch_errors(events, request.fd, event);
        if (event->error_watch == nullptr) return failure(ERL_NIF_SELECT_NOTSUP);
    }
    if ((reads && !event->want(event->reading, request, am::ready_input())) ||
        (writes && !event->want(event->writing, request, am::ready_output())) ||
        (fails && !event->want(event->failing, request, am::ready_error()))) {
        return failure(ERL_NIF_SELECT_FAILED);
    }
    event->minds_errors = event->failing.message != nullptr;
    event->arm();
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
