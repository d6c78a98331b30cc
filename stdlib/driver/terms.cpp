/// Terms that drivers describe by words (erl_drv_output_term and its like), sent as messages.
///
/// A description is read twice: first checked, and counted what it takes; then built, with a stack for what is not inside anything yet.

#include <climits>
#include <cmath>
#include <optional>
#include <vector>

#include "gc/map_builder.h"
#include "loader/etf.h"
#include "stdlib/driver/binaries.h"
#include "stdlib/driver/driver_port.h"
#include "term/utf8.h"

using lintel::DriverCallback;
using lintel::DriverPort;
using lintel::HeapBuilder;
using lintel::Port;
using lintel::Term;
using lintel::Vm;

namespace {

/// Words behind each tag; -1: no such tag.
int operands_of(ErlDrvTermData tag) {
    switch (tag) {
        case ERL_DRV_NIL: return 0;
        case ERL_DRV_ATOM:
        case ERL_DRV_INT:
        case ERL_DRV_UINT:
        case ERL_DRV_INT64:
        case ERL_DRV_UINT64:
        case ERL_DRV_PORT:
        case ERL_DRV_PID:
        case ERL_DRV_FLOAT:
        case ERL_DRV_TUPLE:
        case ERL_DRV_LIST:
        case ERL_DRV_MAP: return 1;
        case ERL_DRV_STRING:
        case ERL_DRV_STRING_CONS:
        case ERL_DRV_BUF2BINARY:
        case ERL_DRV_EXT2TERM: return 2;
        case ERL_DRV_BINARY: return 3;
        default: return -1;
    }
}

template <typename T>
const T* at(ErlDrvTermData word) {
    return reinterpret_cast<const T*>(word);
}

std::span<const uint8_t> encoded(const ErlDrvTermData* operands) {
    return {at<uint8_t>(operands[0]), static_cast<size_t>(operands[1])};
}

class Description {
public:
    Description(Vm& vm, std::span<const ErlDrvTermData> words) : context_(vm.etf_context()), words_(words) {}

    /// Whether it makes sense.
    bool check();
    size_t heap_words() const { return heap_words_; }
    /// The non-value: it makes no sense, which only building finds.
    Term build(HeapBuilder& heap);

private:
    bool check_one(ErlDrvTermData tag, const ErlDrvTermData* operands);
    bool take(size_t count);
    Term build_one(HeapBuilder& heap, ErlDrvTermData tag, const ErlDrvTermData* operands);
    Term build_binary(HeapBuilder& heap, const ErlDrvTermData* operands);
    Term build_map(HeapBuilder& heap, size_t pairs);
    Term pop() {
        const Term t = stack_.back();
        stack_.pop_back();
        return t;
    }

    const lintel::EtfContext context_;
    const std::span<const ErlDrvTermData> words_;
    size_t heap_words_ = 0;
    size_t depth_ = 0;                    // of the stack, when checking
    std::vector<lintel::EtfPlan> plans_;  // of ERL_DRV_EXT2TERM, in order
    size_t next_plan_ = 0;
    std::vector<Term> stack_;
};

/// So many terms are inside the next one.
bool Description::take(size_t count) {
    if (count > depth_) return false;
    depth_ -= count;
    return true;
}

bool Description::check() {
    for (size_t i = 0; i < words_.size();) {
        const ErlDrvTermData tag = words_[i++];
        const int count = operands_of(tag);
        if (count < 0 || static_cast<size_t>(count) > words_.size() - i) return false;
        if (!check_one(tag, words_.data() + i)) return false;
        i += static_cast<size_t>(count);
        ++depth_;
    }
    return depth_ == 1;
}

bool Description::check_one(ErlDrvTermData tag, const ErlDrvTermData* operands) {
    // Counts are ints.
    const auto count = operands_of(tag) == 1 ? static_cast<int>(operands[0]) : 0;
    switch (tag) {
        case ERL_DRV_ATOM: return Term(operands[0]).is_atom();
        case ERL_DRV_PORT: return Term(operands[0]).is_local_port();
        case ERL_DRV_PID: return Term(operands[0]).is_local_pid();
        case ERL_DRV_INT:
        case ERL_DRV_UINT:
        case ERL_DRV_INT64:
        case ERL_DRV_UINT64: heap_words_ += lintel::kIntegerWords; return true;
        case ERL_DRV_FLOAT: heap_words_ += lintel::kBoxedFloatWords; return std::isfinite(*at<double>(operands[0]));
        case ERL_DRV_BINARY: {
            const auto* const binary = at<ErlDrvBinary>(operands[0]);
            heap_words_ += std::max(lintel::kRefcBinaryWords + lintel::kSubBinaryWords,
                                    lintel::binary_words(lintel::kMaxHeapBinaryBytes));
            if (binary == nullptr) return false;
            const auto whole = static_cast<ErlDrvUInt>(binary->orig_size);
            return operands[1] <= whole && operands[2] <= whole - operands[1];
        }
        case ERL_DRV_BUF2BINARY:
            heap_words_ += lintel::binary_words(operands[1]);
            return operands[0] != 0 || operands[1] == 0;
        case ERL_DRV_STRING_CONS:
            if (!take(1)) return false;
            [[fallthrough]];
        case ERL_DRV_STRING:
            if (operands[0] == 0 || static_cast<int>(operands[1]) < 0) return false;
            heap_words_ += lintel::list_words(operands[1]);
            return true;
        case ERL_DRV_LIST: heap_words_ += lintel::list_words(operands[0]); return count > 0 && take(operands[0]);
        case ERL_DRV_TUPLE: heap_words_ += lintel::tuple_words(operands[0]); return count >= 0 && take(operands[0]);
        case ERL_DRV_MAP:
            if (count < 0 || !take(2 * static_cast<size_t>(operands[0]))) return false;
            heap_words_ += lintel::map_words_bound(operands[0]);
            return true;
        case ERL_DRV_EXT2TERM: {
            if (operands[0] == 0 || static_cast<ErlDrvSInt>(operands[1]) <= 0) return false;
            auto plan = lintel::plan_etf(context_, encoded(operands));
            if (!plan || plan->no_memory) return false;
            heap_words_ += plan->words;
            plans_.push_back(std::move(*plan));
            return true;
        }
        default: return true;
    }
}

Term Description::build(HeapBuilder& heap) {
    for (size_t i = 0; i < words_.size();) {
        const ErlDrvTermData tag = words_[i++];
        const Term t = build_one(heap, tag, words_.data() + i);
        if (t.is_none()) return t;
        stack_.push_back(t);
        i += static_cast<size_t>(operands_of(tag));
    }
    return pop();
}

Term Description::build_binary(HeapBuilder& heap, const ErlDrvTermData* operands) {
    auto* const binary = reinterpret_cast<ErlDrvBinary*>(operands[0]);
    const size_t size = operands[1], offset = operands[2];
    if (size <= lintel::kMaxHeapBinaryBytes) return heap.binary(binary->orig_bytes + offset, size);
    driver_binary_inc_refc(binary);
    return heap.sub_bits(heap.refc_binary(lintel::data_of(binary), offset + size), offset * 8, size * 8);
}

Term Description::build_map(HeapBuilder& heap, size_t pairs) {
    bool has_duplicate = false;
    Term* const first = stack_.data() + (stack_.size() - 2 * pairs);
    const Term map = lintel::build_map(heap, first, pairs, &has_duplicate);
    stack_.resize(stack_.size() - 2 * pairs);
    return has_duplicate ? Term::none() : map;
}

Term Description::build_one(HeapBuilder& heap, ErlDrvTermData tag, const ErlDrvTermData* operands) {
    const auto text = [&] { return std::string_view(at<char>(operands[0]), operands[1]); };
    switch (tag) {
        case ERL_DRV_NIL: return Term::nil();
        case ERL_DRV_INT: return heap.integer(static_cast<int64_t>(operands[0]));
        case ERL_DRV_UINT: return heap.unsigned_integer(operands[0]);
        case ERL_DRV_INT64: return heap.integer(*at<ErlDrvSInt64>(operands[0]));
        case ERL_DRV_UINT64: return heap.unsigned_integer(*at<ErlDrvUInt64>(operands[0]));
        case ERL_DRV_FLOAT: return heap.make_float(*at<double>(operands[0]));
        case ERL_DRV_BINARY: return build_binary(heap, operands);
        case ERL_DRV_BUF2BINARY: return heap.binary(at<void>(operands[0]), operands[1]);
        case ERL_DRV_STRING: return heap.byte_list(text());
        case ERL_DRV_STRING_CONS: return heap.byte_list(text(), pop());
        case ERL_DRV_LIST: {
            Term list = pop();
            for (size_t n = operands[0] - 1; n > 0; --n) list = heap.cons(pop(), list);
            return list;
        }
        case ERL_DRV_TUPLE: {
            lintel::Word* elements;
            const Term tuple = heap.tuple_of(operands[0], &elements);
            for (size_t n = operands[0]; n > 0; --n) elements[n - 1] = pop().word();
            return tuple;
        }
        case ERL_DRV_MAP: return build_map(heap, operands[0]);
        case ERL_DRV_EXT2TERM: return lintel::build_etf(context_, plans_[next_plan_++], encoded(operands), heap);
        default: return Term(operands[0]);  // an atom, a port, a pid
    }
}

/// Sends it to `pid`, if there is such a process: 1, else 0; -1: the description makes no sense. `port`: whose lock is held, or nullptr.
int send(Vm& vm, DriverPort* port, Term pid, const ErlDrvTermData* words, int count) {
    Description description(vm, {words, static_cast<size_t>(std::max(count, 0))});
    if (!description.check()) return -1;
    const bool is_there = lintel::with_process(vm, pid, [](lintel::Process&) { return true; });
    const bool is_traced = port != nullptr && port->port().tracee.is_any_on(lintel::kTraceSend);
    if (!is_there && !is_traced) return 0;
    const size_t heap_words = std::max<size_t>(description.heap_words(), 1);
    lintel::Signal* const message =
        lintel::make_message(port != nullptr ? port->port().noted_sender() : Term::none(), heap_words);
    if (message == nullptr) lintel::stop_without_memory(heap_words * lintel::kWordBytes);
    {
        HeapBuilder heap(message->fragment);
        message->term = description.build(heap);
    }
    if (message->term.is_none()) {
        lintel::free_signal(message);
        return -1;
    }
    if (port != nullptr) {
        port->port().send(pid, message);
    } else {
        vm.deliver(pid, message);
    }
    return is_there ? 1 : 0;
}

/// Where a message to or through port `id` goes: 1, and the port, its owner; 0: it closes; -1: it has gone.
struct Target {
    int state = -1;
    Vm* vm = nullptr;
    DriverPort* port = nullptr;  ///< if a callback of it runs on this thread
    Term owner;
};

Target target_of(ErlDrvTermData id) {
    Target target;
    const Term term(id);
    target.vm = lintel::vm_of_thread();
    if (target.vm == nullptr || !term.is_local_port()) return target;
    if (DriverPort* const port = DriverCallback::running(term)) {
        target.port = port;
        target.state = port->has_gone() ? -1 : port->is_flushing() ? 0 : 1;
        target.owner = port->port().owner;
    } else if (const std::shared_ptr<Port> found = target.vm->ports.find(term)) {
        target.state = 1;
        target.owner = found->owner;
    }
    return target;
}

}  // namespace

extern "C" {

const ErlDrvTermData driver_term_nil = Term::nil().word();

ErlDrvTermData driver_mk_term_nil(void) { return driver_term_nil; }

ErlDrvTermData driver_mk_atom(char* latin1) {
    Vm* const vm = lintel::vm_of_thread();
    const std::string name = lintel::utf8_of_latin1(latin1);
    return vm != nullptr ? vm->atoms.intern(name).word() : driver_term_nil;
}

ErlDrvTermData driver_mk_port(ErlDrvPort ix) {
    DriverPort* const port = lintel::open_port(ix);
    return port != nullptr ? port->port().self.word() : driver_term_nil;
}

ErlDrvTermData driver_connected(ErlDrvPort ix) {
    DriverPort* const port = lintel::open_port(ix);
    return port != nullptr ? Term(port->port().owner).word() : driver_term_nil;
}

ErlDrvTermData driver_caller(ErlDrvPort ix) {
    DriverPort* const port = lintel::open_port(ix);
    return port != nullptr ? port->caller.word() : driver_term_nil;
}

int erl_drv_output_term(ErlDrvTermData id, ErlDrvTermData* description, int words) {
    const Target to = target_of(id);
    return to.state <= 0 ? to.state : send(*to.vm, to.port, to.owner, description, words);
}

int erl_drv_send_term(ErlDrvTermData id, ErlDrvTermData pid, ErlDrvTermData* description, int words) {
    const Target to = target_of(id);
    return to.state <= 0 ? to.state : send(*to.vm, to.port, Term(pid), description, words);
}

int driver_output_term(ErlDrvPort ix, ErlDrvTermData* description, int words) {
    return erl_drv_output_term(driver_mk_port(ix), description, words);
}

int driver_send_term(ErlDrvPort ix, ErlDrvTermData pid, ErlDrvTermData* description, int words) {
    return erl_drv_send_term(driver_mk_port(ix), pid, description, words);
}

}  // extern "C"
