#include "jit/code_symbols.h"

#include <algorithm>

namespace lintel {

namespace {

struct Named {
    std::string_view name;
    unsigned kinds;
};
constexpr Named kNamed[] = {
    {"map", kPerfMap}, {"dump", kJitDump}, {"gdb", kGdb}, {"true", kPerfMap | kJitDump}, {"false", 0}};

/// The file's name, of an Erlang string; what has other characters is cut there.
std::string text_of(Term string) {
    std::string text;
    for (; string.is_cons() && string.head().is_small(); string = string.tail()) {
        const int64_t c = string.head().to_small();
        if (c < ' ' || c > '~') break;
        text.push_back(static_cast<char>(c));
    }
    return text;
}

}  // namespace

std::optional<unsigned> read_code_listeners(std::string_view text) {
    unsigned kinds = 0;
    while (!text.empty()) {
        const size_t end = std::min(text.find(','), text.size());
        const auto* const found = std::ranges::find(kNamed, text.substr(0, end), &Named::name);
        if (found == std::end(kNamed)) return std::nullopt;
        kinds |= found->kinds;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return kinds;
}

std::vector<std::unique_ptr<CodeListener>> make_code_listeners(unsigned kinds) {
    std::vector<std::unique_ptr<CodeListener>> made;
    const auto add = [&made](std::unique_ptr<CodeListener> one) {
        if (one != nullptr) made.push_back(std::move(one));
    };
    if ((kinds & kPerfMap) != 0) add(make_perf_map());
    if ((kinds & kJitDump) != 0) add(make_jit_dump());
    if ((kinds & kGdb) != 0) add(make_gdb_listener());
    return made;
}

CodeSymbol code_symbol(const CodeBlock& block, const void* start, size_t bytes, std::span<const CodePlace> places) {
    const Module& module = *block.function->loaded->module;
    const Module::Function& function = module.functions[block.function->index];
    CodeSymbol symbol{"$" + std::string(atom_name(module.name)) + ":" + std::string(atom_name(function.name)) + "/" +
                          std::to_string(function.arity),
                      start,
                      bytes,
                      {}};
    const std::span lines(block.lines, block.line_count);
    for (const CodePlace& place : places) {
        const auto behind = std::ranges::upper_bound(lines, place.operation, {}, &CodeBlock::LineEntry::offset);
        if (behind == lines.begin()) continue;
        const Module::Line* const line = module.line_at(std::prev(behind)->line);
        if (line == nullptr || (!symbol.places.empty() && symbol.places.back().line == line->line)) continue;
        symbol.places.push_back({place.at, text_of(module.files[line->file]), line->line});
    }
    return symbol;
}

}  // namespace lintel
