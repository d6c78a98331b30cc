#include "sched/tenant.h"

#include <algorithm>

#include "sched/exit_signals.h"
#include "sched/vm.h"
#include "term/bits.h"

namespace lintel {

namespace {
/// What a tenant may save up while it rests: reductions of a tenth of a second.
constexpr uint64_t kBurstsPerSecond = 10;
constexpr int64_t kSecondNs = 1000000000;

constexpr uint32_t bit(Limit which) { return 1u << static_cast<unsigned>(which); }
static_assert(MemoryAccount::kRefusedMemory == bit(Limit::memory) &&
              MemoryAccount::kRefusedBinaries == bit(Limit::binaries) &&
              MemoryAccount::kRefusedAtoms == bit(Limit::atoms));

/// Memory is limited without anybody counting what processes do.
bool must_meter(Limits limits) {
    limits[static_cast<size_t>(Limit::memory)] = 0;
    return std::any_of(limits.begin(), limits.end(), [](uint64_t n) { return n != 0; });
}
}  // namespace

Tenant::Tenant(Vm& machine, uint32_t n, const Limits& limits, Rights may, std::shared_ptr<lintel_tenant> host_handle)
    : vm(machine), number(n), rights(std::move(may)), memory(0, n != 0 ? &machine.memory : nullptr, n),
      metered_(n != 0 || must_meter(limits)), handle_(std::move(host_handle)), made_ns_(machine.raw_monotonic_ns()) {
    if (n == 0) memory.set_fatal(machine.config.platform.fatal);
    keeper_.free = [](BinaryData& data, const BinaryKeeper& keeper) {
        BinaryData::free_paid(data, *static_cast<const PaidBinaries&>(keeper).payer);
    };
    keeper_.payer = &memory;
    if (n != 0) memory.binary_keeper = &keeper_;
    for (TenantTimer* timer : {&rate_timer_, &time_timer_}) {
        timer->tenant = this;
        timer->data = timer;
        timer->fire = [](Timer& due, void* scheduler) {
            auto& its = *static_cast<TenantTimer*>(due.data);
            its.is_due.store(true, std::memory_order_relaxed);
            static_cast<Scheduler*>(scheduler)->tenant_is_due(*its.tenant);
        };
    }
    store_limits(limits);
    allowance_.store(static_cast<int64_t>(limits[index(Limit::rate)] / kBurstsPerSecond), std::memory_order_relaxed);
    filled_ns_ = made_ns_;
}

void Tenant::stop_timers() {
    for (Timer* timer : {&rate_timer_, &time_timer_}) vm.scheduler(timer->wheel).cancel_timer(*timer);
}

// ---- limits

void Tenant::store_limits(const Limits& limits) {
    for (size_t i = 0; i < kLimits; ++i) limits_[i].store(limits[i], std::memory_order_relaxed);
    memory.set_limit(limit(Limit::memory));
    memory.set_binary_limit(limit(Limit::binaries));
    memory.set_atom_limit(limit(Limit::atoms));
}

void Tenant::set_limits(const Limits& limits) {
    store_limits(limits);
    start_time_limit();
    serve_parked(vm.scheduler(0));
}

void Tenant::start_time_limit() {
    const std::lock_guard lock(mutex_);  // whoever sets limits at the same time
    Scheduler& first = vm.scheduler(0);
    first.cancel_timer(time_timer_);
    const uint64_t time = limit(Limit::time);
    if (time == 0) return;
    const int64_t left = static_cast<int64_t>(std::min<uint64_t>(time, INT64_MAX)) - (vm.raw_monotonic_ns() - made_ns_);
    first.start_timer(time_timer_, left <= 0 ? 0 : static_cast<uint64_t>(left) / 1000000 + 1);
}

uint64_t Tenant::used(Limit which) const {
    switch (which) {
        case Limit::memory: return memory.bytes();
        case Limit::binaries: return memory.binary_bytes();
        case Limit::atoms: return memory.atoms();
        case Limit::time: return static_cast<uint64_t>(vm.raw_monotonic_ns() - made_ns_);
        default: break;
    }
    const int64_t n = counts_[index(which)].load(std::memory_order_relaxed);
    return n > 0 ? static_cast<uint64_t>(n) : 0;
}

bool Tenant::count_in(Limit which) {
    if (is_guest() && !vm.own_tenant->enter(which)) {
        refused_.fetch_or(bit(which), std::memory_order_relaxed);
        return false;
    }
    const auto before = static_cast<uint64_t>(count(which).fetch_add(1, std::memory_order_seq_cst));
    const uint64_t most = limit(which);
    if (!has_ended() && (most == 0 || before < most)) return true;
    count_out(which);
    if (!has_ended()) refused_.fetch_or(bit(which), std::memory_order_relaxed);
    return false;
}

void Tenant::count_out(Limit which) {
    if (is_guest()) vm.own_tenant->leave(which);
    if (count(which).fetch_sub(1, std::memory_order_seq_cst) == 1 && which == Limit::processes) vm.tell_outside();
}

MaxHeapSize Tenant::heap_limit(MaxHeapSize wanted) const {
    const uint64_t own = limit(Limit::process_heap), above = vm.own_tenant->limit(Limit::process_heap);
    const uint64_t most = own == 0 ? above : above == 0 ? own : std::min(own, above);
    if (most != 0 && (wanted.words == 0 || wanted.words > most || !wanted.kill)) {
        wanted.words = most;
        wanted.kill = true;
    }
    return wanted;
}

// ---- what is done about a limit

lintel_reaction Tenant::reached(Limit which, Process* p) {
    const VmPlatform& host = vm.config.platform;
    if (host.limit_reached == nullptr) return LINTEL_REACTION_USUAL;
    const ErlNifPid pid{p != nullptr ? p->self.word() : 0};
    return tell_host(LINTEL_REACTION_USUAL, [&](lintel_tenant* known_as) {
        return host.limit_reached(host.context, known_as, static_cast<lintel_limit>(which),
                                  p != nullptr ? &pid : nullptr);
    });
}

void Tenant::react(Limit which, lintel_reaction usual, Process* p, Term reason) {
    lintel_reaction reaction = reached(which, p);
    if (reaction == LINTEL_REACTION_USUAL) reaction = usual;
    if (reaction == LINTEL_REACTION_END_PROCESS && p != nullptr && !p->is_vital) p->begin_exit(reason);
    if (reaction == LINTEL_REACTION_END_TENANT) end();
}

/// Of what has been refused since this was called last.
void Tenant::tell_refusals(Process& p) {
    const uint32_t bits = refused_.exchange(0, std::memory_order_relaxed) | memory.take_refusals();
    for (unsigned i = 0; i < kLimits; ++i) {
        if ((bits >> i & 1) != 0) react(static_cast<Limit>(i), LINTEL_REACTION_IGNORE, &p, am::system_limit());
    }
}

// ---- reductions

void Tenant::charge(Process& p, uint64_t reductions) {
    const auto used_before = static_cast<uint64_t>(
        count(Limit::reductions).fetch_add(static_cast<int64_t>(reductions), std::memory_order_relaxed));
    if (refused_.load(std::memory_order_relaxed) != 0 || memory.has_refused()) tell_refusals(p);
    if (limit(Limit::rate) != 0) allowance_.fetch_sub(static_cast<int64_t>(reductions), std::memory_order_relaxed);
    if (const uint64_t most = limit(Limit::reductions); most != 0 && used_before + reductions > most && !has_ended())
        react(Limit::reductions, LINTEL_REACTION_END_TENANT, &p, am::reduction_limit());
    if (const uint64_t most = limit(Limit::process_reductions); most != 0 && p.reductions_done > most)
        react(Limit::process_reductions, LINTEL_REACTION_END_PROCESS, &p, am::reduction_limit());
    if (const uint64_t most = limit(Limit::message_queue); most != 0 && p.mailbox.count > most)
        react(Limit::message_queue, LINTEL_REACTION_END_PROCESS, &p, am::message_queue_limit());
}

bool Tenant::is_beyond(const Process& p, uint64_t reductions) const {
    const auto passed = [this](Limit which, uint64_t n) { return limit(which) != 0 && n > limit(which); };
    return passed(Limit::reductions, used(Limit::reductions) + reductions) ||
           passed(Limit::process_reductions, p.reductions_done + reductions) || passed(Limit::time, used(Limit::time));
}

void Tenant::refill_locked() {
    const auto rate = static_cast<int64_t>(std::min<uint64_t>(limit(Limit::rate), uint64_t{1} << 40));
    const int64_t now = vm.raw_monotonic_ns();
    const int64_t passed = std::min(now - filled_ns_, kSecondNs);
    const int64_t more = rate * (passed / 1000) / 1000000;
    if (more == 0) return;
    filled_ns_ = now;
    const int64_t most = std::max<int64_t>(rate / static_cast<int64_t>(kBurstsPerSecond), 1);
    int64_t have = allowance_.load(std::memory_order_relaxed);
    while (!allowance_.compare_exchange_weak(have, std::min(have + more, most), std::memory_order_relaxed)) {
    }
}

void Tenant::serve_parked(Scheduler& scheduler) {
    Process* ready = nullptr;
    int64_t wait_ms = -1;
    {
        const std::lock_guard lock(mutex_);
        refill_locked();
        if (!must_wait()) {
            ready = std::exchange(parked_, nullptr);
        } else if (parked_ != nullptr && !timer_runs_) {
            timer_runs_ = true;
            const auto rate = static_cast<int64_t>(limit(Limit::rate));
            const int64_t missing = 1 - allowance_.load(std::memory_order_relaxed);
            wait_ms = std::min<int64_t>(missing * 1000 / std::max<int64_t>(rate, 1) + 1, 1000);
        }
    }
    if (wait_ms >= 0) scheduler.start_timer(rate_timer_, static_cast<uint64_t>(wait_ms));
    release_parked(ready);
}

void Tenant::park(Process& p, Scheduler& scheduler) {
    {
        const std::lock_guard lock(mutex_);
        p.run_next = parked_;
        parked_ = &p;
    }
    serve_parked(scheduler);
}

/// They were put in last first.
void Tenant::release_parked(Process* list) {
    Process* in_order = nullptr;
    while (list != nullptr) {
        Process* const next = list->run_next;
        list->run_next = in_order;
        in_order = list;
        list = next;
    }
    while (in_order != nullptr) {
        Process* const next = in_order->run_next;
        vm.push_ready(*in_order, in_order->priority);
        in_order = next;
    }
}

void Tenant::timeout() {
    if (time_timer_.is_due.exchange(false, std::memory_order_relaxed) && !has_ended())
        react(Limit::time, LINTEL_REACTION_END_TENANT, nullptr, Term::none());
    if (!rate_timer_.is_due.exchange(false, std::memory_order_relaxed)) return;
    unsigned wheel;
    {
        const std::lock_guard lock(mutex_);
        timer_runs_ = false;
        wheel = rate_timer_.wheel;
    }
    serve_parked(vm.scheduler(wheel));
}

// ---- the end

void Tenant::end() {
    if (ended_.exchange(true, std::memory_order_seq_cst)) return;
    if (!is_guest()) return vm.halt(1);
    serve_parked(vm.scheduler(0));
    const ForeignReader reader(vm.epochs);
    size_t slot = 0;
    while (Process* p = vm.processes.next(&slot)) {
        if (p->tenant == this) send_exit(vm, p->self, p->self, am::kill());
    }
}

void Tenant::abandon() {
    end();
    const std::lock_guard lock(telling_);
    is_abandoned_.store(true, std::memory_order_release);
}

bool Tenant::is_gone() const {
    return is_abandoned_.load(std::memory_order_acquire) && holders_.load(std::memory_order_acquire) == 0 &&
           used(Limit::ports) == 0 && used(Limit::tables) == 0 && memory.binary_bytes() == 0;
}

// ---- rights

static bool deny(const Tenant& tenant, Term pid, Right right, std::string_view what) {
    const VmPlatform& host = tenant.vm.config.platform;
    if (host.denied == nullptr) return false;
    const std::string text(what);
    const ErlNifPid who{pid.word()};
    tenant.tell_host(0, [&](lintel_tenant* handle) {
        host.denied(host.context, handle, pid.is_local_pid() ? &who : nullptr, static_cast<unsigned>(right),
                    text.c_str());
        return 0;
    });
    return false;
}

bool deny(Process& p, Right right, std::string_view what) { return deny(p.acting_tenant(), p.self, right, what); }
bool may(Process& p, Right right, std::string_view what) {
    return p.acting_tenant().rights.has(right) || deny(p, right, what);
}
bool controls(const Process& p, const Tenant& owner) {
    const Tenant& own = p.acting_tenant();
    return &own == &owner || own.rights.has(Right::control);
}
bool may_end(Process& p, const Process& other) { return controls(p, *other.tenant) || deny(p, Right::control, {}); }
bool may_end(Process& p, const Port& other) { return controls(p, *other.tenant) || deny(p, Right::control, {}); }
bool may(const Port& port, Right right, std::string_view what) {
    return port.tenant->rights.has(right) || deny(*port.tenant, port.owner, right, what);
}

static bool allows(const Rights& rights, const sockaddr* address, socklen_t size, bool binds) {
    const NetworkRules* const rules = rights.network.get();
    if (rules != nullptr) return binds ? rules->allows_binding(address, size) : rules->allows(address, size);
    // Names of local sockets are names of files.
    const bool is_file = address->sa_family == AF_UNIX && size > sizeof(sa_family_t) && address->sa_data[0] != 0;
    return !is_file || rights.root == nullptr;
}
static bool may_reach(const Tenant& tenant, Term pid, const sockaddr* address, socklen_t size, bool binds) {
    return (allows(tenant.rights, address, size, binds) &&
            allows(tenant.vm.own_tenant->rights, address, size, binds)) ||
           deny(tenant, pid, Right::network, address_text(address, size));
}
bool may_reach(Process& p, const sockaddr* address, socklen_t size, bool binds) {
    return may_reach(p.acting_tenant(), p.self, address, size, binds);
}
bool may_reach(const Port& port, const sockaddr* address, socklen_t size, bool binds) {
    return may_reach(*port.tenant, port.owner, address, size, binds);
}

// ---- all of them

std::shared_ptr<Tenant> Tenants::make(Vm& vm, const Limits& limits, Rights rights,
                                      std::shared_ptr<lintel_tenant> handle) {
    sweep();
    const std::lock_guard lock(mutex_);
    all_.push_back(std::make_shared<Tenant>(vm, next_++, limits, std::move(rights), std::move(handle)));
    watched_.fetch_or(kForTenants, std::memory_order_seq_cst);
    return all_.back();
}

std::shared_ptr<Tenant> Tenants::nobody(Vm& vm) {
    const std::lock_guard lock(mutex_);
    if (nobody_ == nullptr) {
        nobody_ = std::make_shared<Tenant>(vm, next_++, Limits{}, Rights(), nullptr);
        nobody_->end();
    }
    return nobody_;
}

std::shared_ptr<Tenant> Tenants::find(uint32_t number) {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(all_.begin(), all_.end(), [number](const auto& t) { return t->number == number; });
    return found == all_.end() ? nullptr : *found;
}

void Tenants::stop_timers() {
    std::vector<std::shared_ptr<Tenant>> all;
    {
        const std::lock_guard lock(mutex_);
        all = all_;
    }
    for (const auto& tenant : all) tenant->stop_timers();
}

void Tenants::sweep() {
    std::vector<std::shared_ptr<Tenant>> gone;
    {
        const std::lock_guard lock(mutex_);
        std::erase_if(all_, [&gone](auto& tenant) {
            if (!tenant->is_gone()) return false;
            gone.push_back(std::move(tenant));
            return true;
        });
    }
    // Without the lock, which is taken for messages of timers that fire, under the wheels' own.
    for (const auto& tenant : gone) tenant->stop_timers();
}

}  // namespace lintel
