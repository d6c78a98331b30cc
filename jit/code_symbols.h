#pragma once
/// Who is told of machine code, so that tools outside of the program can name it: perf, by a map file or a jitdump, and gdb.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vm/native_code.h"

namespace lintel {

/// Machine code of one function, where it runs.
struct CodeSymbol {
    /// From here on, up to the next place, the code is of a line.
    struct Place {
        uint64_t at;  ///< bytes from the start
        std::string file;
        uint32_t line;
    };
    std::string name;  ///< $module:function/arity, as OTP has it
    const void* start;
    size_t bytes;
    std::vector<Place> places;  ///< ascending
};

/// From `at` bytes on, code is of the operation at word `operation` of its block.
struct CodePlace {
    uint64_t at;
    uint32_t operation;
};

/// One that is told. Any thread, one at a time.
class CodeListener {
public:
    virtual ~CodeListener() = default;
    virtual void added(const CodeSymbol& symbol) = 0;
    virtual void removed(const void* start) { static_cast<void>(start); }
};

enum CodeListenerKind : unsigned {
    kPerfMap = 1,  ///< /tmp/perf-PID.map
    kJitDump =
        2,  ///< a new folder's jit-PID.dump, below $JITDUMPDIR, or $HOME, or the working directory, and there .debug/jit
    kGdb = 4,  ///< gdb's interface for such code
};

/// "map", "dump", "gdb", several of them separated by commas; "true": map and dump; "false" or "": 0. Anything else: nothing.
std::optional<unsigned> read_code_listeners(std::string_view text);

/// Those of `kinds` that can be had: what needs a file that cannot be made is left out.
std::vector<std::unique_ptr<CodeListener>> make_code_listeners(unsigned kinds);

std::unique_ptr<CodeListener> make_perf_map();
std::unique_ptr<CodeListener> make_jit_dump();
std::unique_ptr<CodeListener> make_gdb_listener();

/// What is told of a block: its name, and its lines from the places of its operations.
CodeSymbol code_symbol(const CodeBlock& block, const void* start, size_t bytes, std::span<const CodePlace> places);

}  // namespace lintel
