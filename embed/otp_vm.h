#pragma once
/// OtpVm: a Vm that boots an installed OTP, as its emulator does. docs/design/otp.md.

#include "embed/loading_vm.h"

namespace lintel {

class OtpVm final : public LoadingVm {
public:
    /// See is_complete.
    OtpVm(const VmConfig& config, Interpreter& engine);
    ~OtpVm() override { stop(); }

    /// Loads what OTP's emulator has inside (the modules of lib/erts-*) and makes the first processes; `arguments` are those of init:boot/1.
    /// Once, before anything runs. The error names the file and what is wrong.
    enum class Boot : uint8_t { done, no_otp, bad_file, no_memory };
    Boot boot(const std::string& root, std::span<const std::string> arguments, std::string* error);

private:
    static const ExportEntry* on_undefined_function(ExecState& p, const ExportEntry& entry);
    /// Starts Module:start(Arguments…), a system process. The non-value: no memory.
    Term start_system_process(Term module, std::span<const Term> arguments, Priority priority, bool off_heap_messages);
};

}  // namespace lintel
