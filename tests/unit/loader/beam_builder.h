#pragma once
/// Small BEAM files for tests, made by hand: chunks, and code in compact terms.

#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loader/code_server.h"
#include "loader/compact_term.h"
#include "loader/genop.h"
#include "loader/load_p.h"

namespace lintel::test {

inline std::string be(uint64_t v, int bytes) {
    std::string s;
    for (int i = bytes - 1; i >= 0; --i) s += static_cast<char>(v >> (8 * i));
    return s;
}
inline std::string be32(uint32_t v) { return be(v, 4); }

/// A compact term as the compiler writes it.
inline std::string compact(CompactTag tag, int64_t v) {
    const auto t = static_cast<uint8_t>(tag);
    if (v >= 0 && v < 16) return std::string(1, static_cast<char>(v << 4 | t));
    if (v >= 0 && v < 2048) return {static_cast<char>((v >> 3 & 0xe0) | t | 8), static_cast<char>(v)};
    int bytes = 2;
    while (bytes < 8 && (v >> (8 * bytes - 1)) != (v < 0 ? -1 : 0)) ++bytes;
    return static_cast<char>((bytes - 2) << 5 | 0x18 | t) + be(static_cast<uint64_t>(v), bytes);
}

inline std::string u(int64_t v) { return compact(CompactTag::u, v); }
inline std::string i(int64_t v) { return compact(CompactTag::i, v); }
inline std::string a(int64_t v) { return compact(CompactTag::a, v); }
inline std::string x(int64_t v) { return compact(CompactTag::x, v); }
inline std::string y(int64_t v) { return compact(CompactTag::y, v); }
inline std::string f(int64_t v) { return compact(CompactTag::f, v); }
inline std::string z(CompactExtended e) { return compact(CompactTag::z, static_cast<int64_t>(e)); }
inline std::string nil() { return a(0); }
inline std::string fr(int64_t v) { return z(CompactExtended::float_register) + u(v); }
inline std::string lit(int64_t v) { return z(CompactExtended::literal) + u(v); }
inline std::string typed(const std::string& reg, int64_t type) {
    return z(CompactExtended::typed_register) + reg + u(type);
}
inline std::string list(const std::vector<std::string>& members) {
    std::string s = z(CompactExtended::list) + u(static_cast<int64_t>(members.size()));
    for (const auto& m : members) s += m;
    return s;
}
/// words, floats, funs
inline std::string alloc(int64_t words, int64_t floats, int64_t funs) {
    return z(CompactExtended::alloc) + u(3) + u(0) + u(words) + u(1) + u(floats) + u(2) + u(funs);
}
inline std::string op(Genop g, const std::string& operands = "") { return static_cast<char>(g) + operands; }

/// A file of one function m:f/1 (labels 1 and 2), whose atoms are m, f and what the test adds from index 3 on.
struct BeamBuilder {
    std::vector<std::string> atoms{"m", "f"};
    std::string body = op(Genop::return_);
    /// Instead of the function around `body`.
    std::string code;
    uint32_t labels = 16;
    uint32_t functions = 1;
    uint32_t highest_opcode = 191;
    std::string strings = "abcdefgh";
    /// Other chunks; an entry here replaces the one that would be made.
    std::vector<std::pair<std::string, std::string>> chunks;
    std::vector<std::string> without;

    static std::string function(const std::string& body, int64_t info_label = 1, int64_t name = 2, int64_t arity = 1) {
        return op(Genop::label, u(info_label)) + op(Genop::line, u(0)) +
               op(Genop::func_info, a(1) + a(name) + u(arity)) + op(Genop::label, u(info_label + 1)) + body;
    }
    static std::string row(std::initializer_list<uint32_t> words) {
        std::string s;
        for (const uint32_t w : words) s += be32(w);
        return s;
    }
    std::string atom_chunk() const {
        std::string s = be32(static_cast<uint32_t>(atoms.size()));
        for (const auto& t : atoms) s += static_cast<char>(t.size()) + t;
        return s;
    }
    std::string code_chunk() const {
        const std::string all = code.empty() ? function(body) + op(Genop::int_code_end) : code;
        return row({16, 0, highest_opcode, labels, functions}) + all;
    }
    static std::string chunk(const std::string& name, const std::string& payload) {
        std::string s = name + be32(static_cast<uint32_t>(payload.size())) + payload;
        s.append((4 - payload.size() % 4) % 4, '\0');
        return s;
    }
    std::string file() const {
        std::vector<std::pair<std::string, std::string>> all = {{"AtU8", atom_chunk()},
                                                                {"Code", code_chunk()},
                                                                {"StrT", strings},
                                                                {"ImpT", row({0})},
                                                                {"ExpT", row({1, 2, 1, 2})}};
        for (const auto& c : chunks) {
            bool found = false;
            for (auto& mine : all) {
                if (mine.first != c.first) continue;
                mine.second = c.second;
                found = true;
            }
            if (!found) all.push_back(c);
        }
        std::string s = "BEAM";
        for (const auto& c : all) {
            bool skip = false;
            for (const auto& w : without) skip = skip || w == c.first;
            if (!skip) s += chunk(c.first, c.second);
        }
        return "FOR1" + be32(static_cast<uint32_t>(s.size())) + s;
    }
};

/// What a load needs, and its result.
struct Loaded {
    AtomTable atoms;
    LiteralSpace literals{1 << 22};
    CodeServer code{atoms, literals, EngineHooks{[](ExportEntry&) {}, [](FunctionEntry&) {}, [](LoadedModule&) {}}};
    std::unique_ptr<Module> module;

    ~Loaded() { discard_module(context(), std::move(module)); }
    LoadContext context() { return {atoms, literals, &code}; }
    /// "" or the error's text.
    std::string load(std::string_view bytes) {
        discard_module(context(), std::move(module));
        // A copy of exactly this size, so that a read beyond it is found.
        std::vector<uint8_t> exact(bytes.begin(), bytes.end());
        auto result = load_unverified(context(), exact, "t.beam");
        if (!result) return result.error().text();
        module = result.take();
        return "";
    }
    std::string load(const BeamBuilder& b) { return load(b.file()); }
};

}  // namespace lintel::test
