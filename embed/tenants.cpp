#include "embed/lintel_vm.h"
#include "stdlib/stdlib_state.h"

/// The C API: limits and tenants. docs/design/tenants.md.

using lintel::fail;
using lintel::is_gone;
using lintel::Limit;
using lintel::Limits;
using lintel::Tenant;

namespace {

/// A field of lintel_limits and its limit.
struct LimitField {
    uint64_t lintel_limits::*field;
    Limit limit;
};
constexpr LimitField kFields[] = {
    {&lintel_limits::memory, Limit::memory},
    {&lintel_limits::binaries, Limit::binaries},
    {&lintel_limits::processes, Limit::processes},
    {&lintel_limits::ports, Limit::ports},
    {&lintel_limits::tables, Limit::tables},
    {&lintel_limits::atoms, Limit::atoms},
    {&lintel_limits::reductions, Limit::reductions},
    {&lintel_limits::reductions_per_second, Limit::rate},
    {&lintel_limits::time, Limit::time},
    {&lintel_limits::message_queue, Limit::message_queue},
    {&lintel_limits::process_heap, Limit::process_heap},
    {&lintel_limits::process_reductions, Limit::process_reductions},
};
static_assert(std::size(kFields) == lintel::kLimits - 1);
static_assert(static_cast<unsigned>(Limit::time) == LINTEL_LIMIT_TIME);
constexpr size_t kFirstLimits = offsetof(lintel_limits, process_reductions) + sizeof(uint64_t);

uint64_t& of(Limits& limits, Limit which) { return limits[static_cast<size_t>(which)]; }

lintel_result tell_usage(const Tenant& tenant, lintel_limits* usage) {
    if (usage == nullptr) return LINTEL_ERROR_ARGUMENT;
    lintel_limits known{};
    for (const LimitField& f : kFields) known.*f.field = tenant.used(f.limit);
    known.size = usage->size;
    if (known.size < kFirstLimits || known.size > sizeof known) return LINTEL_ERROR_ARGUMENT;
    std::memcpy(static_cast<void*>(usage), &known, known.size);
    return LINTEL_OK;
}

}  // namespace

bool lintel::read_limits(const lintel_limits& given, Limits* limits) {
    lintel_limits known{};
    if (given.size != 0 && !read_sized(given, kFirstLimits, &known)) return false;
    for (const LimitField& f : kFields) of(*limits, f.limit) = known.*f.field;
    return true;
}

lintel_result lintel::narrow_rights(const lintel_scope* given, Rights* rights, std::string* error) {
    lintel_scope scope{};
    constexpr size_t kFirstVersion = offsetof(lintel_scope, network) + sizeof scope.network;
    if (given == nullptr) return LINTEL_OK;
    if (!read_sized(*given, kFirstVersion, &scope)) {
        *error = "a scope of no known size";
        return LINTEL_ERROR_ARGUMENT;
    }
    if (scope.files_only_read != 0) rights->only_reads = true;
    if (scope.file_root != nullptr) {
        const auto root =
            rights->root != nullptr ? rights->root->below(scope.file_root) : FileRoot::make(scope.file_root);
        if (root == nullptr) {
            *error = std::string(scope.file_root) + ": " + std::strerror(errno);
            return LINTEL_ERROR_SYSTEM;
        }
        rights->root = root;
    }
    if (scope.network != nullptr) {
        auto rules = std::make_shared<NetworkRules>();
        std::string wrong;
        if (!rules->parse(scope.network, &wrong)) {
            *error = "no rule for addresses: " + wrong;
            return LINTEL_ERROR_ARGUMENT;
        }
        rights->network = rules;
    }
    return LINTEL_OK;
}

extern "C" {

void lintel_tenant_config_init(lintel_tenant_config* config, size_t size) {
    if (config == nullptr || size < sizeof config->size) return;
    std::memset(static_cast<void*>(config), 0, size);
    config->size = size;
    if (size >= offsetof(lintel_tenant_config, limits) + sizeof config->limits.size)
        config->limits.size = sizeof config->limits;
}

lintel_result lintel_tenant_create(lintel_vm* vm, const lintel_tenant_config* given, lintel_tenant** out) {
    if (is_gone(vm) || out == nullptr) return LINTEL_ERROR_ARGUMENT;
    *out = nullptr;
    lintel_tenant_config config{};
    constexpr size_t kFirstVersion = offsetof(lintel_tenant_config, context) + sizeof config.context;
    Limits limits{};
    if (given == nullptr || !lintel::read_sized(*given, kFirstVersion, &config) ||
        !lintel::read_limits(config.limits, &limits))
        return fail(vm, LINTEL_ERROR_ARGUMENT, "a configuration of no known size");
    if (vm->life != lintel_vm::Life::started) return fail(vm, LINTEL_ERROR_ARGUMENT, lintel::kNotStarted);
    lintel::Vm& v = *vm->vm;
    const std::shared_ptr<lintel_tenant> handle(new lintel_tenant(vm, config.context));
    lintel::Rights rights = v.own_tenant->rights;
    rights.bits &= config.rights;
    std::string error;
    if (const lintel_result r = lintel::narrow_rights(config.scope, &rights, &error); r != LINTEL_OK)
        return fail(vm, r, error);
    const auto tenant = v.tenants.make(v, limits, rights, handle);
    handle->tenant = tenant;
    *out = handle.get();
    tenant->set_limits(limits);  // its time begins
    return LINTEL_OK;
}

void* lintel_tenant_context(const lintel_tenant* tenant) { return is_gone(tenant) ? nullptr : tenant->context; }

lintel_result lintel_tenant_spawn(lintel_tenant* tenant, const char* module, const char* function,
                                  const ERL_NIF_TERM* arguments, unsigned count, ErlNifPid* pid) {
    if (is_gone(tenant)) return LINTEL_ERROR_ARGUMENT;
    const auto there = tenant->tenant.lock();
    return lintel::spawn_call(tenant->vm, there.get(), module, function, arguments, count, pid);
}

lintel_result lintel_tenant_set_limits(lintel_tenant* tenant, const lintel_limits* given) {
    Limits limits{};
    if (is_gone(tenant) || given == nullptr || !lintel::read_limits(*given, &limits)) return LINTEL_ERROR_ARGUMENT;
    tenant->tenant.lock()->set_limits(limits);
    return LINTEL_OK;
}

lintel_result lintel_tenant_usage(const lintel_tenant* tenant, lintel_limits* usage) {
    return is_gone(tenant) ? LINTEL_ERROR_ARGUMENT : tell_usage(*tenant->tenant.lock(), usage);
}

void lintel_tenant_end(lintel_tenant* tenant) {
    if (tenant != nullptr) tenant->tenant.lock()->end();
}

lintel_result lintel_tenant_wait(lintel_tenant* tenant, int64_t time, int* status) {
    if (is_gone(tenant) || tenant->vm->is_inside()) return LINTEL_ERROR_ARGUMENT;
    const auto there = tenant->tenant.lock();
    lintel::Vm& v = *tenant->vm->vm;
    const auto is_empty = [&] { return there->used(Limit::processes) == 0; };
    if (!v.wait_outside(is_empty, lintel::vm_time(time)))
        return v.is_halted() ? LINTEL_ERROR_HALTED : LINTEL_ERROR_TIMEOUT;
    if (status != nullptr) *status = there->exit_status.load(std::memory_order_relaxed);
    return LINTEL_OK;
}

void lintel_tenant_free(lintel_tenant* tenant) {
    if (is_gone(tenant)) return;
    lintel::Vm& v = *tenant->vm->vm;
    tenant->tenant.lock()->abandon();
    v.tenants.sweep();
}

lintel_result lintel_vm_usage(lintel_vm* vm, lintel_limits* usage) {
    if (is_gone(vm)) return LINTEL_ERROR_ARGUMENT;
    lintel::Vm& v = *vm->vm;
    if (const lintel_result r = tell_usage(*v.own_tenant, usage); r != LINTEL_OK) return r;
    usage->processes = v.processes.count();
    usage->ports = v.ports.count();
    usage->tables = lintel::stdlib_state(v).ets.count();
    usage->atoms = v.atoms.own_count();
    usage->reductions = 0;
    for (unsigned i = 0; i < v.scheduler_count(); ++i) usage->reductions += v.scheduler(i).total_reductions();
    return LINTEL_OK;
}

}  // extern "C"
