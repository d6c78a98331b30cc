#include "stdlib/port/trace_file_driver.h"

#include <unistd.h>

#include <cerrno>

#include "base/bytes.h"
#include "sched/vm.h"
#include "stdlib/posix_error.h"

namespace lintel {

/// False: the command makes no sense.
bool TraceFileDriver::parse() {
    const char* text = command_.c_str() + kName.size();
    int used = 0;
    if (std::sscanf(text, " w %u %u %u %u %n", &wrap_.size, &wrap_.count, &wrap_.time_ms, &wrap_.index, &used) == 4) {
        wraps_ = true;
        text += used;
    } else {
        while (*text == ' ') ++text;
    }
    if (text[0] != 'n' || text[1] != ' ') return false;
    file_name_ = text + 2;
    return file_name_.starts_with('/') &&
           wrap_.index < file_name_.size();  // the VM's working directory is not the host's
}

std::string TraceFileDriver::numbered(unsigned number) const {
    if (!wraps_) return file_name_;
    return file_name_.substr(0, wrap_.index) + std::to_string(number) + file_name_.substr(wrap_.index);
}

int TraceFileDriver::open() {
    file_ = std::fopen(numbered(number_).c_str(), "wbe");
    bytes_ = 0;
    return file_ != nullptr ? 0 : errno;
}

int TraceFileDriver::start(Port& port) {
    const Rights& rights = port.tenant->rights;
    if (!may(port, Right::files) || rights.only_reads || rights.root != nullptr) return EPERM;
    if (!parse()) return EINVAL;
    until_deleting_ = wrap_.count;
    const int error = open();
    if (error == 0 && wrap_.time_ms != 0) port.call_at(port.vm.monotonic_ms() + wrap_.time_ms);
    return error;
}

void TraceFileDriver::fail(Port& port, int error) {
    close();
    port.exit(posix_atom(port.vm.atoms, error));
}

void TraceFileDriver::output(Port& port, std::string_view bytes) {
    if (file_ == nullptr) return;
    uint8_t head[5] = {0};
    store_be32(head + 1, static_cast<uint32_t>(bytes.size()));
    const bool is_written = std::fwrite(head, 1, sizeof head, file_) == sizeof head &&
                            std::fwrite(bytes.data(), 1, bytes.size(), file_) == bytes.size();
    if (!is_written) return fail(port, errno);
    bytes_ += sizeof head + bytes.size();
    if (!wraps_ || wrap_.time_ms != 0 || bytes_ < wrap_.size) return;
    if (const int error = next_file(); error != 0) fail(port, error);
}

int TraceFileDriver::next_file() {
    if (std::fflush(file_) != 0) return errno;
    close();
    if (until_deleting_ > 0) --until_deleting_;
    if (until_deleting_ == 0) {
        ::unlink(numbered(oldest_).c_str());
        oldest_ = next(oldest_);
    }
    number_ = next(number_);
    return open();
}

void TraceFileDriver::timeout(Port& port) {
    if (file_ == nullptr) return;
    if (const int error = next_file(); error != 0) return fail(port, error);
    port.call_at(port.vm.monotonic_ms() + wrap_.time_ms);
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
