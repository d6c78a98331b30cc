#include "stdlib/port/trace_file_driver.h"

#include <cerrno>

#include "sched/vm.h"

namespace lintel {

int TraceFileDriver::start(Port& port) {
    if (port.vm.config.files != FileAccess::all) return EPERM;
    if (command_.size() <= kName.size()) return EINVAL;
    const std::string_view arguments = std::string_view(command_).substr(kName.size() + 1);
    if (!arguments.starts_with("n ")) return arguments.starts_with("w ") ? ENOTSUP : EINVAL;  // logs that wrap
    const std::string path(arguments.substr(2));
    if (!path.starts_with('/')) return EINVAL;  // the VM's working directory is not the host's
    file_ = std::fopen(path.c_str(), "wbe");
    return file_ != nullptr ? 0 : errno;
}

void TraceFileDriver::output(Port& port, std::string_view bytes) {
    const auto size = static_cast<uint32_t>(bytes.size());
    const uint8_t head[] = {0, static_cast<uint8_t>(size >> 24), static_cast<uint8_t>(size >> 16),
                            static_cast<uint8_t>(size >> 8), static_cast<uint8_t>(size)};
    const bool is_written = file_ != nullptr && std::fwrite(head, 1, sizeof head, file_) == sizeof head &&
                            std::fwrite(bytes.data(), 1, bytes.size(), file_) == bytes.size();
    if (!is_written) port.exit(am::normal());
}

bool TraceFileDriver::control(Port&, Term, uint32_t operation, std::string_view, std::string* answer) {
    if (operation != 'f' || file_ == nullptr) return false;
    std::fflush(file_);
    answer->push_back('\0');
    return true;
}

void TraceFileDriver::close() {
    if (file_ != nullptr) std::fclose(file_);
    file_ = nullptr;
}

}  // namespace lintel
