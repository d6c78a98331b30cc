#include "jit/listing.h"

#include <charconv>
#include <cstdio>
#include <cstring>

#include "vm/native_code.h"

namespace lintel {

asmjit::Error Listing::_log(const char* data, size_t size) noexcept {
    line_.append(data, size == SIZE_MAX ? std::strlen(data) : size);
    size_t from = 0;
    for (size_t end = 0; (end = line_.find('\n', from)) != std::string::npos; from = end + 1)
        add(std::string_view(line_).substr(from, end - from));
    line_.erase(0, from);
    return asmjit::kErrorOk;
}

void Listing::add(std::string_view line) {
    if (line.empty()) return;
    if (line.front() == kHeading) {
        text.append(line.substr(1)).append("\n");
    } else if (line.back() == ':') {
        text.append(10, ' ').append(line).append("\n");
    } else {
        // asmjit tells of an instruction before it counts its bytes.
        const auto* const assembler = static_cast<const asmjit::BaseAssembler*>(holder_.emitters()[0]);
        char offset[24];
        std::snprintf(offset, sizeof offset, "%12zx  ", assembler->offset());
        text.append(offset).append(line).append(name_of(line)).append("\n");
    }
}

/// "  ; what" for an instruction whose last operand is an address that has a name; else "".
std::string Listing::name_of(std::string_view instruction) const {
    constexpr std::string_view kBefore = ", 0x";
    const size_t at = instruction.rfind(kBefore);
    if (at == std::string_view::npos) return "";
    Word value = 0;
    const auto end =
        std::from_chars(instruction.data() + at + kBefore.size(), instruction.data() + instruction.size(), value, 16);
    if (end.ptr != instruction.data() + instruction.size()) return "";
    struct Known {
        void (*code)();
        const char* name;
    };
    static constexpr Known kKnown[] = {{native_code_leave, "leave"},
                                       {native_code_leave_why, "leave, why"},
                                       {native_code_leave_raw, "leave, raw"},
                                       {native_code_to_entry, "to entry"},
                                       {native_code_to_return, "to return"}};
    for (const Known& known : kKnown) {
        if (value == reinterpret_cast<Word>(known.code)) return std::string("  ; ") + known.name;
    }
    const auto* const word = reinterpret_cast<const Word*>(value & ~kTagMask);
    if (word < block_.code() || word > block_.code() + block_.words) return "";
    return "  ; @" + std::to_string(word - block_.code());
}

}  // namespace lintel
