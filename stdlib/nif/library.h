#pragma once
/// Libraries of native functions: NifLibrary is what a version of a module has loaded, NifLibraries what a VM has of them. docs/design/nifs.md.

#include <deque>
#include <memory>
#include <string>

#include "stdlib/native/image.h"
#include "stdlib/nif/call.h"
#include "stdlib/nif/monitors.h"
#include "stdlib/nif/resource.h"
#include "stdlib/nif/select.h"
#include "stdlib/nif/tracers.h"

namespace lintel {

/// What a VM has of native libraries. Outlives it as long as resources do. Any thread.
class NifLibraries {
public:
    explicit NifLibraries(Vm& of) : monitors(*this), events(*this), vm_(&of) {}
    ~NifLibraries();
    NifLibraries(const NifLibraries&) = delete;
    NifLibraries& operator=(const NifLibraries&) = delete;

    /// The VM, or nullptr: it ends, and callbacks must do without.
    Vm* vm() const { return vm_.load(std::memory_order_acquire); }
    /// The VM ends: nothing runs any more, but resources are still there.
    void end();

    std::mutex loading;  ///< one at a time
    /// Functions on dirty threads, but for those that are waited for when the VM halts (ERL_NIF_OPT_DELAY_HALT).
    std::atomic<unsigned> running{0};
    /// The VM has halted, and the program is about to end: as on OTP nothing of a library's runs any more, and its code stays for what threads it has.
    std::atomic<bool> program_ends{false};
    /// Tells the library when the VM halts.
    void tell_of_halt(const std::shared_ptr<NifLibrary>& library);
    /// The VM has halted.
    void halted();
    NifResourceTypes types;
    NifMonitors monitors;
    NifEvents events;
    NifTracers tracers;

private:
    std::atomic<Vm*> vm_;
    std::mutex mutex_;
    std::vector<std::weak_ptr<NifLibrary>> to_be_told_;  // under mutex_
};

/// A library that a version of a module has loaded.
class NifLibrary : public std::enable_shared_from_this<NifLibrary> {
public:
    NifLibrary(std::shared_ptr<NifLibraries> of, Term of_module, std::shared_ptr<NativeImage> in,
               const ErlNifEntry& declared);
    /// Calls `unload`, if the library was loaded.
    ~NifLibrary();
    NifLibrary(const NifLibrary&) = delete;
    NifLibrary& operator=(const NifLibrary&) = delete;

private:
    std::vector<ErlNifFunc> rows_;
    static ErlNifEntry modernized(const ErlNifEntry& declared, std::vector<ErlNifFunc>& rows);

public:
    const std::shared_ptr<NifLibraries> libraries;
    const Term module;
    const ErlNifEntry entry;  ///< its table of functions has rows of today's size
    void* priv_data = nullptr;
    bool is_loaded = false;                   ///< `load` or `upgrade` has succeeded
    bool delays_halt = false;                 ///< ERL_NIF_OPT_DELAY_HALT
    ErlNifOnHaltCallback* on_halt = nullptr;  ///< ERL_NIF_OPT_ON_HALT
    std::vector<NifOpenedType> opened;        ///< by `load` or `upgrade`, until it succeeds
    std::deque<NifFunction> functions;

private:
    const std::shared_ptr<NativeImage> image_;
};

/// Gives `version`, a module of stubs that nobody has called yet, the functions of `entry`, which is part of the host program. What is wrong with that, or
/// empty. Any thread.
std::string bind_host_module(Vm& vm, LoadedModule& version, const ErlNifEntry& entry, void* priv_data);

/// What a version of a module holds on to: when it goes, the library's resource types are nobody's (LoadedModule::natives).
struct NifInstance {
    explicit NifInstance(std::shared_ptr<NifLibrary> of) : library(std::move(of)) {}
    ~NifInstance() { library->libraries->types.orphan(*library); }
    const std::shared_ptr<NifLibrary> library;
};

}  // namespace lintel
