#include "embed/stub_module.h"

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "loader/compact_term.h"
#include "loader/ir.h"

namespace lintel {

namespace {

using Bytes = std::vector<uint8_t>;

void put32(Bytes& out, size_t value) {
    const size_t at = out.size();
    out.resize(at + 4);
    store_be32(&out[at], static_cast<uint32_t>(value));
}

/// An operand of code: its tag, and a number below 32768.
void put_operand(Bytes& out, CompactTag tag, size_t value) {
    const auto kind = static_cast<uint8_t>(tag);
    if (value < 16) {
        out.push_back(static_cast<uint8_t>(value << 4 | kind));
    } else if (value < 2048) {
        out.push_back(static_cast<uint8_t>((value >> 8) << 5 | 0x08 | kind));
        out.push_back(static_cast<uint8_t>(value));
    } else {
        out.push_back(static_cast<uint8_t>(0x18 | kind));
        out.push_back(static_cast<uint8_t>(value >> 8));
        out.push_back(static_cast<uint8_t>(value));
    }
}

/// Atoms by their numbers, from 1.
class Atoms {
public:
    size_t number(const std::string& name) {
        const auto found = std::ranges::find(names_, name);
        if (found != names_.end()) return static_cast<size_t>(found - names_.begin()) + 1;
        names_.push_back(name);
        return names_.size();
    }
    Bytes chunk() const {
        Bytes out;
        put32(out, names_.size());
        for (const std::string& name : names_) {
            out.push_back(static_cast<uint8_t>(name.size()));
            out.insert(out.end(), name.begin(), name.end());
        }
        return out;
    }

private:
    std::vector<std::string> names_;
};

void put_chunk(Bytes& form, std::string_view name, const Bytes& payload) {
    form.insert(form.end(), name.begin(), name.end());
    put32(form, payload.size());
    form.insert(form.end(), payload.begin(), payload.end());
    form.resize((form.size() + 3) & ~size_t{3});
}

}  // namespace

std::vector<uint8_t> make_stub_module(const std::string& name, std::span<const StubFunction> functions) {
    Atoms atoms;
    const size_t module = atoms.number(name);
    const size_t undef = atoms.number("undef");
    Bytes imports;
    for (const size_t n : {size_t{1}, atoms.number("erlang"), atoms.number("nif_error"), size_t{1}}) put32(imports, n);
    Bytes code, exports;
    // Size of what follows in the header, version of the instruction set, its highest instruction, labels, functions.
    for (const size_t n :
         {size_t{16}, size_t{0}, static_cast<size_t>(Genop::call_ext_only), 2 * functions.size() + 1, functions.size()})
        put32(code, n);
    put32(exports, functions.size());
    const auto put = [&code](Genop op, std::initializer_list<std::pair<CompactTag, size_t>> operands) {
        code.push_back(static_cast<uint8_t>(op));
        for (const auto& [tag, value] : operands) put_operand(code, tag, value);
    };
    size_t label = 0;
    for (const StubFunction& f : functions) {
        const size_t function = atoms.number(f.name);
        put(Genop::label, {{CompactTag::u, ++label}});
        put(Genop::func_info, {{CompactTag::a, module}, {CompactTag::a, function}, {CompactTag::u, f.arity}});
        put(Genop::label, {{CompactTag::u, ++label}});
        put(Genop::move, {{CompactTag::a, undef}, {CompactTag::x, 0}});
        put(Genop::call_ext_only, {{CompactTag::u, 1}, {CompactTag::u, 0}});
        for (const size_t n : {function, size_t{f.arity}, label}) put32(exports, n);
    }
    put(Genop::int_code_end, {});
    Bytes form{'F', 'O', 'R', '1', 0, 0, 0, 0, 'B', 'E', 'A', 'M'};
    put_chunk(form, "AtU8", atoms.chunk());
    put_chunk(form, "Code", code);
    put_chunk(form, "ImpT", imports);
    put_chunk(form, "ExpT", exports);
    store_be32(&form[4], static_cast<uint32_t>(form.size() - 8));
    return form;
}

}  // namespace lintel
