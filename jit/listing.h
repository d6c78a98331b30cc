#pragma once
/// What asmjit says of the code that it makes, as text. Private to jit/.

#include <asmjit/core.h>

#include <string>
#include <string_view>

#include "vm/ops.h"

namespace lintel {

/// Begins the comments by which an emitter says what the code that follows belongs to: the text behind it is a line of its own.
inline constexpr char kHeading = ';';

/// Takes the lines of one block's code: instructions with their distance from the start, in hexadecimal, headings without.
class Listing final : public asmjit::Logger {
public:
    Listing(const asmjit::CodeHolder& holder, const CodeBlock& block) : holder_(holder), block_(block) {
        addFlags(asmjit::FormatFlags::kHexImms);
    }
    asmjit::Error _log(const char* data, size_t size) noexcept override;
    std::string text;

private:
    void add(std::string_view line);
    std::string name_of(std::string_view instruction) const;

    const asmjit::CodeHolder& holder_;
    const CodeBlock& block_;
    std::string line_;  ///< as far as it has come
};

}  // namespace lintel
