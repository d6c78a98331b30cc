#pragma once
/// LoadingVm: a Vm that has the BIFs and reads modules from files. The base of the two profiles, BareVm and OtpVm.

#include <mutex>
#include <vector>

#include "embed/code_path.h"
#include "loader/load.h"
#include "sched/vm.h"
#include "vm/interpreter.h"

namespace lintel {

class LoadingVm : public Vm {
public:
    ~LoadingVm() override;

    /// False: there was no memory for what every VM needs; nothing may be done with this one.
    bool is_complete() const { return loaded_all_; }

    CodePath path;

    /// The path's OTP is the one that this VM stands in for. False: it is none of those that it knows.
    bool use_release();

    /// Parses, verifies and installs. Any thread. The module's on_load function, if it has one, is still to be run.
    /// `packed`: it is out of a pack.
    Result<Term, LoadError> load(std::span<const uint8_t> bytes, const std::string& file,
                                 const PackedModule* packed = nullptr);

    /// Loads a module that the VM has inside: OTP's code server leaves it alone, as it does what the emulator preloads. Any thread.
    Result<Term, LoadError> load_own(std::span<const uint8_t> bytes, const std::string& name);
    /// The modules that load_own has loaded; none in the bare profile, which has no such server. Any thread.
    std::vector<Term> own_modules() const;
    /// The module behind calls, mailboxes and functions of the host: only a VM with a host that uses them has it. False: no memory.
    bool load_host_module();

protected:
    /// A module that is about to be installed. Any thread.
    virtual void prepare(Module&) {}
    /// `bare`: with the natives of the bare profile.
    LoadingVm(const VmConfig& config, Interpreter& engine, bool bare);
    /// load_own for those of the library's modules (stdlib/erl) that `is_wanted`. False: no memory.
    bool load_embedded(bool (*is_wanted)(std::string_view name));
    static bool is_host_module(std::string_view name) { return name == "lintel_host"; }
    /// The first `arity` X registers as a list.
    static Term argument_list(ExecState& p, unsigned arity);
    /// Handler:function/3 of a process that has set an error handler of its own, or nullptr.
    static const ExportEntry* own_error_handler(ExecState& p, Term function);

    bool loaded_all_ = false;

private:
    /// Calls of funs whose code is not there: waits while it is purged, or has the module loaded by the error handler.
    static const ExportEntry* on_undefined_fun(ExecState& p, Term fun, unsigned arity);
    void add_path_bifs();  // embed/path_bifs.cpp

    std::mutex host_module_mutex_;
    mutable std::mutex own_mutex_;
    std::vector<Term> own_modules_;
    const bool lists_own_;
};

}  // namespace lintel
