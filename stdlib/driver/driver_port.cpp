#include "stdlib/driver/driver_port.h"

#include <cerrno>

#include "gc/copy.h"
#include "loader/etf.h"
#include "stdlib/build.h"
#include "stdlib/driver/driver_event.h"
#include "stdlib/driver/output_vector.h"
#include "stdlib/native/monitor_words.h"
#include "stdlib/posix_error.h"
#include "vm/iolist.h"

using lintel::DriverCallback;
using lintel::DriverPort;
using lintel::HeapBuilder;
using lintel::list_words;
using lintel::Port;
using lintel::Process;
using lintel::Term;
using lintel::tuple_words;
using lintel::Word;

namespace lintel {

namespace {

thread_local DriverCallback* innermost = nullptr;

}  // namespace

// ---- callbacks

DriverCallback::DriverCallback(DriverPort& of, Term caller)
    : of_(of), outer_(innermost), caller_before_(of.caller), timeslice_before_(of.timeslice_percent),
      here_(of.vm(), this_thread.kind) {
    if (!of.code().ports_are_independent()) lock_ = std::unique_lock(of.code().mutex);
    of.caller = caller;
    of.timeslice_percent = 0;
    innermost = this;
}

DriverCallback::~DriverCallback() {
    innermost = outer_;
    of_.caller = caller_before_;
    of_.timeslice_percent = timeslice_before_;
    of_.finish_closing();
}

DriverPort* DriverCallback::running(Term id) {
    for (DriverCallback* at = innermost; at != nullptr; at = at->outer_) {
        if (at->of_.port().self == id) return &at->of_;
        for (const Created& created : at->created_) {
            if (created.port->self == id) return &static_cast<DriverPort&>(created.port->driver());
        }
    }
    return nullptr;
}

bool DriverCallback::keep_locked(const std::shared_ptr<Port>& created) {
    if (innermost == nullptr) return false;
    // Else the driver's lock does: its other callbacks, who hold their ports', wait for that.
    std::unique_lock<std::mutex> lock;
    if (innermost->of_.code().ports_are_independent()) lock = std::unique_lock(created->mutex);
    innermost->created_.push_back({created, std::move(lock)});
    return true;
}

}  // namespace lintel

// ---- its life

namespace {

constexpr DriverPort::QueueLimits kQueueLimits{4096, 8192};

}  // namespace

lintel_driver_port::lintel_driver_port(lintel::DriverPin pin, std::string command, const lintel::PortOptions& options)
    : is_binary(options.binary), tells_eof(options.eof), pin_(std::move(pin)), code_(*pin_.driver().code),
      command_(std::move(command)) {
    if (options.framing == lintel::PortOptions::Framing::line) lines.emplace(options.size);
    if (!code_.has_flag(ERL_DRV_FLAG_NO_BUSY_MSGQ)) queue_limits = kQueueLimits;
}

lintel_driver_port::lintel_driver_port(lintel::DriverPin pin, std::string command, ErlDrvData data)
    : pin_(std::move(pin)), code_(*pin_.driver().code), command_(std::move(command)), data_(data), has_begun_(true) {
    if (!code_.has_flag(ERL_DRV_FLAG_NO_BUSY_MSGQ)) queue_limits = kQueueLimits;
}

lintel_driver_port::~lintel_driver_port() = default;

int lintel_driver_port::start(Port& port) {
    port_ = &port;
    drivers().port_opened(driver(), port.weak_from_this());
    is_counted_ = true;
    if (has_begun_) return 0;  // driver_create_port
    ErlDrvData result = nullptr;
    int error = 0;
    if (entry().start != nullptr) {
        std::string command = command_;
        const DriverCallback callback(*this, port.owner);
        result = entry().start(this, command.data());
        error = errno;
    }
    if (has_gone()) return 0;
    if (result == ERL_DRV_ERROR_GENERAL) return EINVAL;
    if (result == ERL_DRV_ERROR_ERRNO) return error;
    if (result == ERL_DRV_ERROR_BADARG) return kBadArgument;
    data_ = result;
    has_begun_ = true;
    if (!code_.has_flag(ERL_DRV_FLAG_USE_INIT_ACK)) return 0;
    start_reference_ = vm().next_reference_number();
    awaits_start_ = true;
    return 0;
}

void lintel_driver_port::answer_start(Term result) {
    awaits_start_ = false;
    if (!result.is_local_port()) port_->send_unlink(port_->owner);
    lintel::tell_process(
        vm(), port_->owner, tuple_words(2) + lintel::kRefWords,
        [&](HeapBuilder& heap) { return heap.tuple(heap.ref(start_reference_, 0), result); }, Term::none());
}

void lintel_driver_port::acknowledge_start(ErlDrvData result) {
    if (!awaits_start_) return;
    if (result == ERL_DRV_ERROR_BADARG) {
        answer_start(lintel::am::badarg());
    } else if (result == ERL_DRV_ERROR_ERRNO) {
        answer_start(lintel::posix_atom(vm().atoms, errno));
    } else if (result == ERL_DRV_ERROR_GENERAL) {
        answer_start(lintel::posix_atom(vm().atoms, EINVAL));
    } else {
        answer_start(port_->self);
        data_ = result;
        return;
    }
    fail(lintel::am::normal());
}

bool lintel_driver_port::flush(Port&) {
    if (is_flushed()) return true;
    is_flushing_ = true;
    if (entry().flush != nullptr) {
        const DriverCallback callback(*this);
        entry().flush(data_);
    }
    return is_flushed();
}

bool lintel_driver_port::is_flushed() {
    if (lock_ == nullptr) return queue_.size() == 0;
    const std::lock_guard lock(lock_->mutex);
    return queue_.size() == 0;
}

/// What was to be written before the port closes may have been.
void lintel_driver_port::finish_closing() {
    if (is_flushing_ && !is_stopping_ && is_flushed()) port_->flushed();
}

void lintel_driver_port::stop(Port& port) {
    is_stopping_ = true;
    cancel_timer();
    std::map<Word, Term> monitors;
    {
        const std::lock_guard lock(monitors_mutex_);
        monitors.swap(monitors_);
    }
    for (const auto& [number, pid] : monitors) port.demonitor(pid, number);
    if (std::exchange(has_begun_, false) && entry().stop != nullptr) {
        const DriverCallback callback(*this);
        entry().stop(data_);
    }
    has_gone_ = true;
    for (const auto& [fd, event] : std::exchange(events_, {})) event->end();
    if (std::exchange(is_counted_, false)) drivers().port_closed(driver());
    drop_queue();
    if (const ErlDrvPDL lock = std::exchange(lock_, nullptr)) driver_pdl_dec_refc(lock);
}

/// What is in the queue is not written any more.
void lintel_driver_port::drop_queue() {
    const auto lock = lock_ != nullptr ? std::unique_lock(lock_->mutex) : std::unique_lock<std::mutex>();
    queue_.drop(queue_.size());
    if (has_gone_) has_queue_ = false;
}

void lintel_driver_port::emergency_close(Port&) {
    if (entry().emergency_close == nullptr) return;
    const DriverCallback callback(*this);
    entry().emergency_close(data_);
}

int lintel_driver_port::fail(Term reason, bool at_end) {
    if (has_gone()) return -1;
    if (is_stopping_) return 0;
    if (awaits_start_) answer_start(port_->self);
    if (at_end && lines) deliver_lines({}, {}, true);
    if (is_flushing()) {
        port_->flushed();
    } else if (at_end && tells_eof) {
        port_->tell_owner(0, [](HeapBuilder&) { return lintel::am::eof(); });
    } else {
        drop_queue();
        port_->exit(at_end ? lintel::am::normal() : reason, true);
    }
    return 0;
}

int lintel_driver_port::exit(int error) {
    if (has_gone()) return -1;
    port_->send_unlink(port_->owner);
    return fail(error == 0 ? lintel::am::normal() : lintel::posix_atom(vm().atoms, error));
}

// ---- what processes ask for

bool lintel_driver_port::command(Port& port, Process& from, Term iolist) {
    if (entry().outputv == nullptr) {
        std::string bytes;
        if (!lintel::append_iolist(iolist, &bytes)) return false;
        port.count_output(from, bytes.size());
        call_output(port, from.self, bytes);
        return true;
    }
    lintel::OutputVector vector;
    if (!vector.fill(iolist)) return false;
    port.count_output(from, vector.size());
    const DriverCallback callback(*this, from.self);
    entry().outputv(data_, vector.vector());
    if (timeslice_percent > 0) from.charge(lintel::kSliceReductions * static_cast<size_t>(timeslice_percent) / 100);
    return true;
}

void lintel_driver_port::call_output(Port&, Term from, std::string& bytes) {
    if (entry().output == nullptr) return;
    const DriverCallback callback(*this, from);
    entry().output(data_, bytes.data(), bytes.size());
}

void lintel_driver_port::output(Port& port, std::string_view bytes) {
    if (entry().outputv == nullptr) {
        std::string copy(bytes);
        return call_output(port, Term::nil(), copy);
    }
    ErlDrvBinary* const copy = driver_alloc_binary(bytes.size());
    if (copy == nullptr) lintel::stop_without_memory(bytes.size());
    if (!bytes.empty()) std::memcpy(copy->orig_bytes, bytes.data(), bytes.size());
    SysIOVec iov[2] = {{nullptr, 0}, {copy->orig_bytes, bytes.size()}};
    ErlDrvBinary* binaries[2] = {nullptr, copy};
    ErlIOVec vector{bytes.empty() ? 1 : 2, bytes.size(), iov, binaries};
    {
        const DriverCallback callback(*this);
        entry().outputv(data_, &vector);
    }
    driver_free_binary(copy);
}

bool lintel_driver_port::control(Port&, Term from, uint32_t operation, std::string_view bytes, std::string* answer) {
    if (entry().control == nullptr) return false;
    std::string copy(bytes);
    char room[lintel::kMaxHeapBinaryBytes];
    char* given = room;
    ErlDrvSSizeT size;
    {
        const DriverCallback callback(*this, from);
        size = entry().control(data_, operation, copy.data(), copy.size(), &given, sizeof room);
    }
    if (size < 0) return false;
    answered_binary_ = given != nullptr && (control_flags & PORT_CONTROL_FLAG_BINARY) != 0;
    if (given == nullptr) return true;
    if (given == room) {
        answer->assign(room, std::min(static_cast<size_t>(size), sizeof room));
    } else if (answered_binary_) {
        auto* const binary = reinterpret_cast<ErlDrvBinary*>(given);
        answer->assign(binary->orig_bytes, static_cast<size_t>(binary->orig_size));
        driver_free_binary(binary);
    } else {
        answer->assign(given, static_cast<size_t>(size));
        driver_free(given);
    }
    return true;
}

Term lintel_driver_port::call(Port&, Process& from, uint32_t operation, Term argument) {
    if (entry().call == nullptr) return Term::none();
    std::string bytes;
    const lintel::EtfContext context = vm().etf_context();
    if (!lintel::encode_etf(context, argument, {}, bytes)) return Term::none();
    char room[256];
    char* given = room;
    unsigned flags = 0;
    ErlDrvSSizeT size;
    {
        const DriverCallback callback(*this, from.self);
        size = entry().call(data_, operation, bytes.data(), bytes.size(), &given, sizeof room, &flags);
    }
    Term result = Term::none();
    if (size > 0) {
        const std::span answer(reinterpret_cast<const uint8_t*>(given), static_cast<size_t>(size));
        const auto plan = lintel::plan_etf(context, answer);
        if (plan && !plan->no_memory) {
            HeapBuilder heap = from.reserve(plan->words + tuple_words(2));
            const Term t = lintel::build_etf(context, *plan, answer, heap);
            if (t.is_value()) result = heap.tuple(lintel::am::ok(), t);
        }
    }
    if (given != room && given != nullptr && (flags & DRIVER_CALL_KEEP_BUFFER) == 0) driver_free(given);
    return result;
}

size_t lintel_driver_port::queued_bytes() const {
    if (lock_ == nullptr) return queue_.size();
    const std::lock_guard lock(lock_->mutex);
    return queue_.size();
}

// ---- data to the owner

void lintel_driver_port::tell_data(std::string_view header, size_t words, auto make_tail) {
    port_->tell_owner(list_words(header.size()) + words + tuple_words(2), [&](HeapBuilder& heap) {
        const Term tail = make_tail(heap);
        return heap.tuple(lintel::am::data(), heap.byte_list(header, tail));
    });
}

void lintel_driver_port::deliver_lines(std::string_view header, std::string_view bytes, bool at_end) {
    const auto tell = [&](bool is_whole, std::string_view line) {
        const size_t words = is_binary ? lintel::binary_words(line.size()) : list_words(line.size());
        port_->tell_owner(list_words(header.size()) + words + 2 * tuple_words(2), [&](HeapBuilder& heap) {
            const Term tail = is_binary ? heap.binary(line) : heap.byte_list(line);
            return heap.tuple(lintel::am::data(), heap.tuple(is_whole ? lintel::am::eol() : lintel::am::noeol(),
                                                             heap.byte_list(header, tail)));
        });
    };
    lines->feed(bytes, tell);
    if (at_end) lines->flush(tell);
}

int lintel_driver_port::deliver(std::string_view header, std::string_view bytes, bool has_bytes) {
    if (has_gone()) return -1;
    if (is_flushing()) return 0;
    port_->bytes_in += header.size() + bytes.size();
    if (lines) {
        deliver_lines(header, bytes, false);
        return 0;
    }
    const bool as_binary = is_binary && has_bytes;
    tell_data(header, as_binary ? lintel::binary_words(bytes.size()) : list_words(bytes.size()),
              [&](HeapBuilder& heap) { return as_binary ? heap.binary(bytes) : heap.byte_list(bytes); });
    return 0;
}

namespace {

constexpr size_t kPartWords = lintel::kRefcBinaryWords + lintel::kSubBinaryWords;

/// The bytes of a part as a binary: short ones copied, long ones where they are.
Term part_term(HeapBuilder& heap, const lintel_driver_port::OutputPart& part) {
    if (part.binary == nullptr || part.bytes.size() <= lintel::kMaxHeapBinaryBytes) return heap.binary(part.bytes);
    const auto offset = static_cast<size_t>(part.bytes.data() - part.binary->orig_bytes);
    if (offset > static_cast<size_t>(part.binary->orig_size)) return heap.binary(part.bytes);  // elsewhere
    lintel::BinaryData* const data = lintel::data_of(part.binary);
    data->retain();
    const Term whole = heap.refc_binary(data, offset + part.bytes.size());
    return heap.sub_bits(whole, offset * 8, part.bytes.size() * 8);
}

}  // namespace

int lintel_driver_port::deliver(std::string_view header, std::span<const OutputPart> parts) {
    if (has_gone()) return -1;
    if (is_flushing()) return 0;
    size_t size = 0, words = 0;
    for (const OutputPart& part : parts) {
        size += part.bytes.size();
        words += std::max(kPartWords, lintel::binary_words(part.bytes.size())) + lintel::kConsWords;
    }
    port_->bytes_in += header.size() + size;
    if (!is_binary) {
        tell_data(header, list_words(size), [&](HeapBuilder& heap) {
            Term list = Term::nil();
            for (size_t i = parts.size(); i-- > 0;) list = heap.byte_list(parts[i].bytes, list);
            return list;
        });
        return 0;
    }
    tell_data(header, words, [&](HeapBuilder& heap) {
        Term list = Term::nil();
        for (size_t i = parts.size(); i-- > 0;) {
            const Term t = part_term(heap, parts[i]);
            list = list.is_nil() ? t : heap.cons(t, list);
        }
        return list;
    });
    return 0;
}

// ---- time

namespace {

constexpr int64_t kNsPerMs = 1000000;

/// As Port::call_at has it: not before `ns`.
int64_t deadline_ms(int64_t ns) { return lintel::Vm::floor_divide(ns + kNsPerMs - 1, kNsPerMs); }

}  // namespace

void lintel_driver_port::set_timer(unsigned long ms) {
    constexpr auto kLongest = static_cast<unsigned long>(INT64_MAX / 4 / kNsPerMs);
    timer_ns_ = vm().monotonic_ns() + static_cast<int64_t>(std::min(ms, kLongest)) * kNsPerMs;
    port_->call_at(deadline_ms(*timer_ns_));
}

unsigned long lintel_driver_port::timer_left() const {
    if (!timer_ns_) return 0;
    const int64_t left = *timer_ns_ - port_->vm.monotonic_ns();
    return left <= 0 ? 0 : static_cast<unsigned long>(left / kNsPerMs);
}

void lintel_driver_port::timeout(Port& port) {
    if (!timer_ns_) return;
    if (port.vm.monotonic_ns() < *timer_ns_) {  // of an earlier timer
        port.call_at(deadline_ms(*timer_ns_));
        return;
    }
    timer_ns_.reset();
    if (entry().timeout == nullptr) return;
    port.trace_timeout();
    const DriverCallback callback(*this);
    entry().timeout(data_);
}

// ---- processes that are watched

int lintel_driver_port::monitor(Term pid, ErlDrvMonitor* monitor) {
    if (has_gone() || entry().process_exit == nullptr || !pid.is_local_pid()) return -1;
    const Word number = vm().next_reference_number();
    {
        const std::lock_guard lock(monitors_mutex_);
        monitors_[number] = pid;
    }
    if (!port_->monitor(pid, number)) {
        const std::lock_guard lock(monitors_mutex_);
        monitors_.erase(number);
        return 1;
    }
    *monitor = lintel::monitor_of(number);
    return 0;
}

bool lintel_driver_port::demonitor(const ErlDrvMonitor& monitor) {
    Term pid;
    const Word number = lintel::number_of(monitor);
    {
        const std::lock_guard lock(monitors_mutex_);
        const auto found = monitors_.find(number);
        if (found == monitors_.end()) return false;
        pid = found->second;
        monitors_.erase(found);
    }
    port_->demonitor(pid, number);
    return true;
}

Term lintel_driver_port::monitored_process(const ErlDrvMonitor& monitor) const {
    const std::lock_guard lock(monitors_mutex_);
    const auto found = monitors_.find(lintel::number_of(monitor));
    return found != monitors_.end() ? found->second : Term::nil();
}

std::vector<Term> lintel_driver_port::monitored() const {
    const std::lock_guard lock(monitors_mutex_);
    std::vector<Term> pids;
    for (const auto& [number, pid] : monitors_) pids.push_back(pid);
    return pids;
}

void lintel_driver_port::process_down(Port&, Word number) {
    {
        const std::lock_guard lock(monitors_mutex_);
        if (!monitors_.contains(number)) return;
    }
    ErlDrvMonitor monitor = lintel::monitor_of(number);
    {
        const DriverCallback callback(*this);
        entry().process_exit(data_, &monitor);
    }
    // Not before: it may ask who that was.
    const std::lock_guard lock(monitors_mutex_);
    monitors_.erase(number);
}

// ---- work on other threads

bool lintel_driver_port::async_done(Port& port, void* done) {
    const std::lock_guard lock(port.mutex);
    if (has_gone()) return false;
    if (entry().ready_async == nullptr) {
        finish_closing();
        return false;
    }
    const DriverCallback callback(*this);
    entry().ready_async(data_, static_cast<ErlDrvThreadData>(done));
    return true;
}

ErlDrvBinary** lintel_driver_port::queue_binaries() {
    queue_binaries_.clear();
    for (const auto& part : queue_) queue_binaries_.push_back(lintel::driver_binary(part.data));
    return queue_binaries_.data();
}

ErlDrvPDL lintel_driver_port::create_lock() {
    if (has_gone() || lock_ != nullptr) return nullptr;
    lock_ = new lintel_port_data_lock;
    lock_->port = port_->shared_from_this();
    return lock_;
}
