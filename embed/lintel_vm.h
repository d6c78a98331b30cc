#pragma once
/// What the files of the C API share: the VM that a host has, and how it makes processes.

#include <algorithm>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>

#include "base/misuse.h"
#include "embed/bare_vm.h"
#include "embed/otp_vm.h"
#include "embed/packs.h"
#include "jit/compiler.h"
#include "lintel/lintel.h"
#include "stdlib/nif/env.h"

struct lintel_tenant : lintel::Handle {
    static constexpr const char* kGone = "the tenant has been freed";
    lintel_tenant(lintel_vm* of, void* its_context) : vm(of), context(its_context) {}
    lintel_vm* const vm;
    std::weak_ptr<lintel::Tenant> tenant;  ///< there until the host lets go
    void* const context;
};

struct lintel_vm : lintel::Handle {
    static constexpr const char* kGone = "the VM has been destroyed";
    std::unique_ptr<lintel::NativeCompiler> compiler;
    lintel::Interpreter engine;
    std::unique_ptr<lintel::LoadingVm> vm;
    lintel::BareVm* bare = nullptr;  ///< the same, by profile
    lintel::OtpVm* otp = nullptr;
    std::string otp_root;
    std::string name;
    /// lintel_run, lintel_boot or lintel_start has been called (ran), once one of them; the last has succeeded so far that there are threads (started).
    enum class Life : uint8_t { fresh, ran, started } life = Life::fresh;
    void (*abandon)(void* context, int status) = nullptr;
    void* context = nullptr;
    lintel::PackRules packs;

    /// Whether the caller is a function or callback of the VM, which must not wait for it.
    bool is_inside() const { return lintel::this_thread.vm == vm.get(); }

    /// What went wrong on the calling thread.
    std::string& error() const {
        const std::lock_guard lock(error_mutex_);
        return errors_[std::this_thread::get_id()];
    }

private:
    mutable std::mutex error_mutex_;
    mutable std::unordered_map<std::thread::id, std::string> errors_;  // references into it stay good
};

namespace lintel {

inline constexpr const char* kRanAlready = "this VM has run already";
inline constexpr const char* kOtherProfile = "not in this profile of the VM";
inline constexpr const char* kNotStarted = "this VM has not been started";

inline lintel_result fail(lintel_vm* vm, lintel_result result, std::string text) {
    vm->error() = std::move(text);
    return result;
}

/// A time of the C API as Vm has it: -1 for LINTEL_FOREVER.
inline int64_t vm_time(int64_t time) { return time == LINTEL_FOREVER ? -1 : std::max<int64_t>(time, 0); }

/// Makes a process whose arguments, a list of `words` (as few as possible), build(HeapBuilder&) makes. The non-value: there is no memory or no place for it.
/// Any thread.
template <typename F>
Term spawn_with(Vm& vm, SpawnOptions& options, size_t words, F build) {
    const MemoryScope scope(vm.memory);
    HeapFragment* const fragment = HeapFragment::create(words);
    if (fragment == nullptr) return Term::none();
    {
        HeapBuilder heap(fragment);
        options.arguments = build(heap);
    }
    Vm::SpawnError error;
    const ForeignReader reader(vm.epochs);
    const Term pid = vm.spawn(options, &error);
    HeapFragment::destroy(fragment);
    return pid;
}

/// A structure of a caller that was compiled with another version of the header: fields that it does not know stay as they are in *known; false if it is shorter than the
/// first version was, or sets fields that we do not know.
template <typename T>
bool read_sized(const T& given, size_t first_version, T* known) {
    if (given.size < first_version) return false;
    const auto* bytes = reinterpret_cast<const char*>(&given);
    for (size_t i = sizeof given; i < given.size; ++i) {
        if (bytes[i] != 0) return false;
    }
    std::memcpy(static_cast<void*>(known), bytes, std::min(given.size, sizeof given));
    return true;
}

/// Limits of the C API; false: of no known size.
bool read_limits(const lintel_limits& given, Limits* limits);

/// Rights as far as `scope` (may be nullptr) says, within those of *rights. *error: what is wrong.
lintel_result narrow_rights(const lintel_scope* scope, Rights* rights, std::string* error);

/// lintel_spawn, of a process of the tenant (nullptr: the VM's own).
lintel_result spawn_call(lintel_vm* vm, Tenant* tenant, const char* module, const char* function,
                         const ERL_NIF_TERM* arguments, unsigned count, ErlNifPid* pid);

/// LINTEL_OK: these are arguments of a command, and the VM is fresh.
lintel_result check_fresh(lintel_vm* vm, int argc, const char* const* argv);
/// LINTEL_OK: the bare VM has an OTP to take modules from.
lintel_result check_modules(lintel_vm* vm);
/// Vm::start.
lintel_result start_threads(lintel_vm* vm, unsigned first);
/// Makes the processes that OTP begins with.
lintel_result boot_otp(lintel_vm* vm, int argc, const char* const* argv);

/// The arguments of the command and the encoding of its output, [Plain, Encoding], as lintel_boot takes them behind others; program_words has room for three of those.
size_t program_words(int argc, const char* const* argv);
Term program_arguments(Vm& vm, HeapBuilder& heap, int argc, const char* const* argv);

}  // namespace lintel
