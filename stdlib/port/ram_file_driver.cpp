#include "stdlib/port/ram_file_driver.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/bytes.h"
#include "sched/vm.h"
#include "stdlib/posix_error.h"

namespace lintel {

namespace {

/// What commands and answers begin with, as in OTP's ram_file.erl.
enum class Command : uint8_t {
    open = 1,
    read = 2,
    seek = 3,
    write = 4,
    sync = 9,
    truncate = 14,
    read_there = 17,
    write_there = 18,
    datasync = 19,
    content = 30,
    size = 37,
    advise = 38,
    allocate = 39,
};
enum class Answer : uint8_t { ok, error, data, number };
constexpr size_t kNumberBytes = 4;

/// The 32 bits at the beginning, the highest first; what is missing is zero. They are taken off.
int32_t take_number(std::string_view* operands) {
    uint32_t number = 0;
    for (size_t i = 0; i < kNumberBytes; ++i) {
        number = number << 8 | (i < operands->size() ? static_cast<uint8_t>((*operands)[i]) : 0);
    }
    operands->remove_prefix(std::min(kNumberBytes, operands->size()));
    return static_cast<int32_t>(number);
}

std::array<char, 1 + kNumberBytes> with_number(Answer what, size_t number) {
    std::array<char, 1 + kNumberBytes> bytes{static_cast<char>(what)};
    store_be32(bytes.data() + 1, static_cast<uint32_t>(number));
    return bytes;
}

std::string_view view(const std::array<char, 1 + kNumberBytes>& bytes) { return {bytes.data(), bytes.size()}; }

}  // namespace

void RamFileDriver::output(Port& port, std::string_view bytes) {
    if (bytes.empty()) return;
    const auto what = static_cast<Command>(bytes[0]);
    std::string_view operands = bytes.substr(1);
    switch (what) {
        case Command::open: return open(port, operands);
        case Command::seek: return seek(port, operands);
        case Command::truncate: return truncate(port);
        case Command::read: return read(port, position_, take_number(&operands));
        case Command::write: return write(port, position_, operands);
        case Command::read_there: {
            const int64_t at = take_number(&operands);
            return read_there(port, at, take_number(&operands));
        }
        case Command::write_there: {
            const int64_t at = take_number(&operands);
            return write_there(port, at, operands);
        }
        case Command::content: return answer_data(port, content_.text());
        case Command::size: return answer_number(port, content_.size());
        case Command::sync:
        case Command::datasync:
        case Command::advise:
        case Command::allocate: return mode_ == 0 ? answer_error(port, EBADF) : answer_ok(port);
    }
}

void RamFileDriver::open(Port& port, std::string_view operands) {
    const auto mode = static_cast<uint32_t>(take_number(&operands));
    if (!content_.resize(operands.size())) return answer_error(port, ENOMEM);
    std::copy(operands.begin(), operands.end(), content_.data());
    mode_ = mode;
    position_ = 0;
    answer_number(port, 0);
}

void RamFileDriver::seek(Port& port, std::string_view operands) {
    if (mode_ == 0) return answer_error(port, EBADF);
    const int64_t offset = take_number(&operands);
    const int32_t origin = take_number(&operands);
    const int64_t size = static_cast<int64_t>(content_.size());
    const int64_t from = origin == 0 ? 0 : origin == 1 ? position_ : size;
    if (origin < 0 || origin > 2 || from + offset < 0) return answer_error(port, EINVAL);
    position_ = from + offset;
    answer_number(port, static_cast<size_t>(position_));
}

void RamFileDriver::truncate(Port& port) {
    if (!can_write()) return answer_error(port, EACCES);
    if (!fill_to(static_cast<size_t>(position_))) return answer_error(port, ENOMEM);
    content_.shrink(static_cast<size_t>(position_));
    answer_ok(port);
}

void RamFileDriver::read(Port& port, int64_t at, int64_t bytes) {
    if (!can_read()) return answer_error(port, EBADF);
    if (bytes < 0) return answer_error(port, EINVAL);
    const auto from = std::min(static_cast<size_t>(at), content_.size());
    const std::string_view data = content_.text().substr(from, static_cast<size_t>(bytes));
    position_ = at + static_cast<int64_t>(data.size());
    answer_data(port, data);
}

void RamFileDriver::read_there(Port& port, int64_t at, int64_t bytes) {
    if (!can_read()) return answer_error(port, EBADF);
    if (at < 0) return answer_error(port, EINVAL);
    const int64_t before = position_;
    read(port, at, bytes);
    position_ = before;
}

void RamFileDriver::write(Port& port, int64_t at, std::string_view bytes) {
    if (!can_write()) return answer_error(port, EBADF);
    if (!bytes.empty() && !fill_to(static_cast<size_t>(at) + bytes.size())) return answer_error(port, ENOMEM);
    std::copy(bytes.begin(), bytes.end(), content_.data() + (bytes.empty() ? 0 : at));
    position_ = at + static_cast<int64_t>(bytes.size());
    answer_number(port, bytes.size());
}

void RamFileDriver::write_there(Port& port, int64_t at, std::string_view bytes) {
    if (!can_write()) return answer_error(port, EBADF);
    if (at < 0) return answer_error(port, EINVAL);
    const int64_t before = position_;
    write(port, at, bytes);
    position_ = before;
}

bool RamFileDriver::fill_to(size_t bytes) {
    const size_t before = content_.size();
    if (bytes <= before) return true;
    if (!content_.resize(bytes)) return false;
    std::fill(content_.data() + before, content_.data() + bytes, uint8_t{0});
    return true;
}

void RamFileDriver::answer(Port& port, std::string_view bytes) {
    port.tell_owner(list_words(bytes.size()) + tuple_words(2),
                    [&](HeapBuilder& heap) { return heap.tuple(am::data(), heap.byte_list(bytes)); });
}

void RamFileDriver::answer_ok(Port& port) { answer(port, std::string_view("\0", 1)); }

void RamFileDriver::answer_number(Port& port, size_t number) {
    answer(port, view(with_number(Answer::number, number)));
}

void RamFileDriver::answer_data(Port& port, std::string_view data) {
    const auto head = with_number(Answer::data, data.size());
    const size_t words = binary_ ? binary_words(data.size()) : list_words(data.size());
    port.tell_owner(list_words(head.size()) + words + tuple_words(2), [&](HeapBuilder& heap) {
        const Term tail = binary_ ? heap.binary(data.data(), data.size()) : heap.byte_list(data);
        return heap.tuple(am::data(), heap.byte_list(view(head), tail));
    });
}

void RamFileDriver::answer_error(Port& port, int error) {
    answer(port, static_cast<char>(Answer::error) + posix_name(error));
}

}  // namespace lintel
