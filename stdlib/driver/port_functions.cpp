/// Functions of the interface for drivers on a port: its data, time, events, end, queue, settings.
///
/// What a process asks of a port is done at once here, so the limits of the queue of such requests (erl_drv_busy_msgq_limits) are kept, and mean nothing.

#include <cstring>

#include "stdlib/driver/binaries.h"
#include "stdlib/driver/driver_port.h"
#include "stdlib/posix_error.h"
#include "stdlib/stdlib_state.h"
#include "term/utf8.h"

using lintel::BinaryData;
using lintel::data_of;
using lintel::DriverCallback;
using lintel::DriverPort;
using lintel::kNoDriverPort;
using lintel::open_port;
using lintel::PartQueue;
using lintel::Term;

namespace {

std::string_view view(const char* bytes, size_t size) { return {size != 0 ? bytes : "", size}; }

Term latin1_atom(DriverPort& port, const char* text) { return port.vm().atoms.intern(lintel::utf8_of_latin1(text)); }

/// Calls f(ErlDrvBinary*, const char* bytes, size_t size) with what the vector has after `skip` bytes; false ends it.
template <typename F>
bool each_part(const ErlIOVec& vector, size_t skip, F f) {
    for (int i = 0; i < vector.vsize; ++i) {
        const SysIOVec& part = vector.iov[i];
        const size_t left_out = std::min(skip, part.iov_len);
        skip -= left_out;
        if (left_out == part.iov_len) continue;
        ErlDrvBinary* const binary = vector.binv != nullptr ? vector.binv[i] : nullptr;
        if (!f(binary, static_cast<const char*>(part.iov_base) + left_out, part.iov_len - left_out)) return false;
    }
    return true;
}

/// A part of the queue: of a binary that is kept, or a copy. No data: no memory.
PartQueue::Part queue_part(ErlDrvBinary* binary, const char* bytes, size_t size) {
    const auto* from = reinterpret_cast<const uint8_t*>(bytes);
    if (binary != nullptr) {
        BinaryData* const data = data_of(binary);
        data->retain();
        return {data, from, size};
    }
    BinaryData* const data = BinaryData::create(size);
    if (data == nullptr) return {nullptr, nullptr, 0};
    std::memcpy(data->bytes, bytes, size);
    return {data, data->bytes, size};
}

PartQueue* queue_of(ErlDrvPort port) { return port == nullptr || port == kNoDriverPort ? nullptr : port->queue(); }

int enqueue(ErlDrvPort port, const ErlIOVec& vector, size_t skip, bool in_front) {
    PartQueue* const queue = queue_of(port);
    if (queue == nullptr || skip > vector.size) return -1;
    std::vector<PartQueue::Part> parts;
    const bool has_memory = each_part(vector, skip, [&](ErlDrvBinary* binary, const char* bytes, size_t size) {
        parts.push_back(queue_part(binary, bytes, size));
        return parts.back().data != nullptr;
    });
    if (!has_memory) {
        parts.pop_back();
        for (const PartQueue::Part& part : parts) part.data->release_reference();
        return -1;
    }
    if (in_front) {
        for (size_t i = parts.size(); i-- > 0;) queue->push(parts[i]);
    } else {
        for (const PartQueue::Part& part : parts) queue->add(part);
    }
    return 0;
}

int enqueue(ErlDrvPort port, ErlDrvBinary* binary, char* bytes, size_t size, bool in_front) {
    SysIOVec iov{bytes, size};
    return enqueue(port, ErlIOVec{1, size, &iov, &binary}, 0, in_front);
}

}  // namespace

extern "C" {

// ---- data to the owner

int driver_output2(ErlDrvPort ix, char* header, ErlDrvSizeT header_size, char* bytes, ErlDrvSizeT size) {
    DriverPort* const port = open_port(ix);
    return port == nullptr ? -1 : port->deliver(view(header, header_size), view(bytes, size), bytes != nullptr);
}

int driver_output(ErlDrvPort ix, char* bytes, ErlDrvSizeT size) { return driver_output2(ix, nullptr, 0, bytes, size); }

int driver_output_binary(ErlDrvPort ix, char* header, ErlDrvSizeT header_size, ErlDrvBinary* binary, ErlDrvSizeT offset,
                         ErlDrvSizeT size) {
    DriverPort* const port = open_port(ix);
    if (port == nullptr) return -1;
    const DriverPort::OutputPart part{binary, {binary->orig_bytes + offset, size}};
    return port->deliver(view(header, header_size), {&part, 1});
}

int driver_outputv(ErlDrvPort ix, char* header, ErlDrvSizeT header_size, ErlIOVec* vector, ErlDrvSizeT skip) {
    if (vector->size <= skip) return driver_output2(ix, header, header_size, nullptr, 0);
    DriverPort* const port = open_port(ix);
    if (port == nullptr) return -1;
    std::vector<DriverPort::OutputPart> parts;
    bool is_first = true;
    for (int i = 0; i < vector->vsize; ++i) {
        const SysIOVec& part = vector->iov[i];
        // Of those that are left out, and the empty first one.
        if (is_first && part.iov_len <= skip) {
            skip -= part.iov_len;
            is_first = skip > 0;
            continue;
        }
        const std::string_view bytes = view(static_cast<const char*>(part.iov_base), part.iov_len).substr(skip);
        parts.push_back({vector->binv[i], bytes});
        skip = 0;
        is_first = false;
    }
    return port->deliver(view(header, header_size), parts);
}

ErlDrvSizeT driver_vec_to_buf(ErlIOVec* vector, char* buffer, ErlDrvSizeT size) {
    size_t copied = 0;
    each_part(*vector, 0, [&](ErlDrvBinary*, const char* bytes, size_t count) {
        const size_t n = std::min(count, size - copied);
        std::memcpy(buffer + copied, bytes, n);
        copied += n;
        return copied < size;
    });
    return copied;
}

// ---- time and events

int driver_set_timer(ErlDrvPort ix, unsigned long ms) {
    DriverPort* const port = open_port(ix);
    if (port == nullptr) return -1;
    port->set_timer(ms);
    return 0;
}

int driver_cancel_timer(ErlDrvPort ix) {
    DriverPort* const port = open_port(ix);
    if (port == nullptr) return -1;
    port->cancel_timer();
    return 0;
}

int driver_read_timer(ErlDrvPort ix, unsigned long* left) {
    DriverPort* const port = open_port(ix);
    if (port == nullptr) return -1;
    *left = port->timer_left();
    return 0;
}

int driver_select(ErlDrvPort ix, ErlDrvEvent event, int mode, int on) {
    DriverPort* const port = open_port(ix);
    return port == nullptr ? -1 : port->select(static_cast<int>(reinterpret_cast<intptr_t>(event)), mode, on != 0);
}

// ---- the end

int driver_failure_atom(ErlDrvPort ix, char* reason) {
    DriverPort* const port = open_port(ix);
    return port == nullptr ? -1 : port->fail(latin1_atom(*port, reason));
}

int driver_failure_posix(ErlDrvPort ix, int error) {
    DriverPort* const port = open_port(ix);
    return port == nullptr ? -1 : port->fail(lintel::posix_atom(port->vm().atoms, error));
}

int driver_failure(ErlDrvPort ix, int number) {
    DriverPort* const port = open_port(ix);
    return port == nullptr ? -1 : port->fail(Term::small(number), number == 0);
}

int driver_failure_eof(ErlDrvPort ix) {
    DriverPort* const port = open_port(ix);
    return port == nullptr ? -1 : port->fail(Term::nil(), true);
}

int driver_exit(ErlDrvPort ix, int error) {
    DriverPort* const port = open_port(ix);
    return port == nullptr ? -1 : port->exit(error);
}

// ---- the port data lock

ErlDrvPDL driver_pdl_create(ErlDrvPort ix) {
    DriverPort* const port = open_port(ix);
    return port == nullptr ? nullptr : port->create_lock();
}

void driver_pdl_lock(ErlDrvPDL lock) {
    driver_pdl_inc_refc(lock);
    lock->mutex.lock();
}

void driver_pdl_unlock(ErlDrvPDL lock) {
    lock->mutex.unlock();
    driver_pdl_dec_refc(lock);
}

ErlDrvSInt driver_pdl_get_refc(ErlDrvPDL lock) { return lock->references.load(std::memory_order_acquire); }
ErlDrvSInt driver_pdl_inc_refc(ErlDrvPDL lock) { return lock->references.fetch_add(1, std::memory_order_acq_rel) + 1; }
ErlDrvSInt driver_pdl_dec_refc(ErlDrvPDL lock) {
    const ErlDrvSInt left = lock->references.fetch_sub(1, std::memory_order_acq_rel) - 1;
    if (left == 0) delete lock;
    return left;
}

// ---- the queue

int driver_enqv(ErlDrvPort ix, ErlIOVec* vector, ErlDrvSizeT skip) { return enqueue(ix, *vector, skip, false); }
int driver_pushqv(ErlDrvPort ix, ErlIOVec* vector, ErlDrvSizeT skip) { return enqueue(ix, *vector, skip, true); }

int driver_enq(ErlDrvPort ix, char* bytes, ErlDrvSizeT size) { return enqueue(ix, nullptr, bytes, size, false); }
int driver_pushq(ErlDrvPort ix, char* bytes, ErlDrvSizeT size) { return enqueue(ix, nullptr, bytes, size, true); }

int driver_enq_bin(ErlDrvPort ix, ErlDrvBinary* binary, ErlDrvSizeT offset, ErlDrvSizeT size) {
    return enqueue(ix, binary, binary->orig_bytes + offset, size, false);
}
int driver_pushq_bin(ErlDrvPort ix, ErlDrvBinary* binary, ErlDrvSizeT offset, ErlDrvSizeT size) {
    return enqueue(ix, binary, binary->orig_bytes + offset, size, true);
}

ErlDrvSizeT driver_deq(ErlDrvPort ix, ErlDrvSizeT size) {
    PartQueue* const queue = queue_of(ix);
    if (queue == nullptr || size > queue->size()) return static_cast<ErlDrvSizeT>(-1);
    queue->drop(size);
    return queue->size();
}

ErlDrvSizeT driver_sizeq(ErlDrvPort ix) {
    PartQueue* const queue = queue_of(ix);
    return queue == nullptr ? static_cast<ErlDrvSizeT>(-1) : queue->size();
}

SysIOVec* driver_peekq(ErlDrvPort ix, int* count) {
    PartQueue* const queue = queue_of(ix);
    if (queue != nullptr) return queue->vector(count);
    *count = -1;
    return nullptr;
}

ErlDrvSizeT driver_peekqv(ErlDrvPort ix, ErlIOVec* vector) {
    PartQueue* const queue = queue_of(ix);
    if (queue == nullptr) return static_cast<ErlDrvSizeT>(-1);
    vector->iov = queue->vector(&vector->vsize);
    vector->binv = ix->queue_binaries();
    vector->size = queue->size();
    return vector->size;
}

// ---- settings

void set_busy_port(ErlDrvPort ix, int on) {
    DriverPort* const port = open_port(ix);
    if (port == nullptr) return;
    if (on != 0) {
        port->port().is_busy = true;
    } else if (port->port().is_busy) {
        port->port().not_busy();
    }
}

void erl_drv_busy_msgq_limits(ErlDrvPort ix, ErlDrvSizeT* low, ErlDrvSizeT* high) {
    DriverPort* const port = open_port(ix);
    const bool is_off = port == nullptr || !port->queue_limits;
    const size_t wanted_low = low != nullptr ? *low : 0, wanted_high = high != nullptr ? *high : 0;
    DriverPort::QueueLimits now{ERL_DRV_BUSY_MSGQ_DISABLED, ERL_DRV_BUSY_MSGQ_DISABLED};
    if (!is_off && (wanted_low == ERL_DRV_BUSY_MSGQ_DISABLED || wanted_high == ERL_DRV_BUSY_MSGQ_DISABLED)) {
        port->queue_limits.reset();
        now = {wanted_low, wanted_high};
    } else if (!is_off) {
        DriverPort::QueueLimits& limits = *port->queue_limits;
        if (wanted_low != ERL_DRV_BUSY_MSGQ_READ_ONLY) {
            limits.low = wanted_low;
            limits.high = std::max(limits.high, wanted_low);
        }
        if (wanted_high != ERL_DRV_BUSY_MSGQ_READ_ONLY) {
            limits.high = wanted_high;
            limits.low = std::min(limits.low, wanted_high);
        }
        now = limits;
    }
    if (low != nullptr) *low = now.low;
    if (high != nullptr) *high = now.high;
}

void set_port_control_flags(ErlDrvPort ix, int flags) {
    if (DriverPort* const port = open_port(ix)) port->control_flags = flags;
}

int get_port_flags(ErlDrvPort ix) {
    DriverPort* const port = open_port(ix);
    if (port == nullptr) return 0;
    return (port->is_binary ? PORT_FLAG_BINARY : 0) | (port->lines ? PORT_FLAG_LINE : 0);
}

void erl_drv_init_ack(ErlDrvPort ix, ErlDrvData result) {
    if (DriverPort* const port = open_port(ix)) port->acknowledge_start(result);
}

void erl_drv_set_os_pid(ErlDrvPort ix, ErlDrvSInt pid) {
    if (DriverPort* const port = open_port(ix)) port->told_os_pid = static_cast<int>(pid);
}

int erl_drv_consume_timeslice(ErlDrvPort ix, int percent) {
    DriverPort* const port = open_port(ix);
    if (port == nullptr) return -1;
    port->timeslice_percent += std::clamp(percent, 1, 100);
    return port->timeslice_percent >= 100 ? 1 : 0;
}

// ---- monitors

int driver_monitor_process(ErlDrvPort ix, ErlDrvTermData pid, ErlDrvMonitor* monitor) {
    DriverPort* const port = open_port(ix);
    return port == nullptr ? -1 : port->monitor(Term(pid), monitor);
}

int driver_demonitor_process(ErlDrvPort ix, const ErlDrvMonitor* monitor) {
    DriverPort* const port = open_port(ix);
    if (port == nullptr) return -1;
    return port->demonitor(*monitor) ? 0 : 1;
}

ErlDrvTermData driver_get_monitored_process(ErlDrvPort ix, const ErlDrvMonitor* monitor) {
    DriverPort* const port = open_port(ix);
    return port == nullptr ? driver_term_nil : port->monitored_process(*monitor).word();
}

int driver_compare_monitors(const ErlDrvMonitor* a, const ErlDrvMonitor* b) {
    return std::memcmp(a->data, b->data, sizeof a->data);
}

// ---- drivers

int driver_lock_driver(ErlDrvPort ix) {
    DriverPort* const port = open_port(ix);
    return port != nullptr && port->drivers().make_permanent(port->driver()) ? 0 : -1;
}

ErlDrvPort driver_create_port(ErlDrvPort creator, ErlDrvTermData owner, char* name, ErlDrvData data) {
    DriverPort* const port = open_port(creator);
    if (port == nullptr) return kNoDriverPort;
    lintel::DriverPin pin = port->drivers().pin_for_port(port->driver());
    if (!pin) return kNoDriverPort;
    int error = 0;
    const auto created = port->vm().ports.open_for(port->tenant(), Term(owner),
                                                   std::make_unique<DriverPort>(std::move(pin), name, data), &error);
    if (created == nullptr || !DriverCallback::keep_locked(created)) return kNoDriverPort;
    return &static_cast<DriverPort&>(created->driver());
}

unsigned int driver_async_port_key(ErlDrvPort ix) {
    DriverPort* const port = open_port(ix);
    return port == nullptr ? 0 : static_cast<unsigned>(port->port().self.imm_data());
}

long driver_async(ErlDrvPort ix, unsigned int* key, void (*work)(void*), void* data, void (*forget)(void*)) {
    DriverPort* const port = open_port(ix);
    if (port == nullptr) return -1;
    if (key != nullptr) *key %= lintel::AsyncThread::kThreads;
    const ErlDrvPDL lock = port->lock();
    if (lock != nullptr) driver_pdl_inc_refc(lock);
    const long number = port->drivers().async.push({port->port().shared_from_this(), lock, work, data, forget});
    if (number < 0 && lock != nullptr) driver_pdl_dec_refc(lock);
    return number;
}

}  // extern "C"
