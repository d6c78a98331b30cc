#include <elf.h>

#include <cstddef>
#include <cstring>
#include <map>
#include <mutex>

#include "jit/code_symbols.h"
#include "jit/gdb_interface.h"

extern "C" {

// NOLINTBEGIN(bugprone-reserved-identifier)
[[gnu::used, gnu::noinline]] void __jit_debug_register_code();
void __jit_debug_register_code() { asm volatile("" ::: "memory"); }

[[gnu::used]] jit_descriptor __jit_debug_descriptor = {1, JIT_NOACTION, nullptr, nullptr};
// NOLINTEND(bugprone-reserved-identifier)
}

namespace lintel {

namespace {

std::mutex list_mutex;  // of the process's list

/// A frame of machine code, which is the same everywhere: what native_code_enter has kept (vm/native_entry.cpp), by DWARF's numbers.
struct Frame {
    uint8_t stack, return_address;  ///< registers
    uint16_t bytes;                 ///< from the stack pointer to what it was before the call of native_code_enter
    struct Kept {
        uint8_t number;
        uint8_t words;  ///< below that
    };
    std::initializer_list<Kept> kept;
};
#if defined(__x86_64__)
constexpr Elf64_Half kMachine = EM_X86_64;
const Frame kFrame = {7, 16, 96, {{16, 1}, {6, 2}, {3, 3}, {12, 4}, {13, 5}, {14, 6}, {15, 7}}};
#else
constexpr Elf64_Half kMachine = EM_AARCH64;
const Frame kFrame = {
    31, 30, 208, {{29, 20}, {30, 19}, {19, 18}, {20, 17}, {21, 16}, {22, 15}, {23, 14}, {24, 13}, {25, 12}, {26, 11},
                  {27, 10}, {28, 9},  {72, 8},  {73, 7},  {74, 6},  {75, 5},  {76, 4},  {77, 3},  {78, 2},  {79, 1}}};
#endif

class Bytes {
public:
    template <typename T>
    void add(T value) {
        text.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
    void add_unsigned(uint32_t n) {  // LEB128
        for (; n >= 128; n >>= 7) add(static_cast<uint8_t>(n | 128));
        add(static_cast<uint8_t>(n));
    }
    /// Nothing (0) up to a multiple of 8 from `from` on.
    void pad(size_t from) { text.append((from - text.size()) & 7, '\0'); }

    std::string text;
};

/// .debug_frame: how to go from the code to native_code_enter's caller.
std::string debug_frame(const CodeSymbol& symbol) {
    constexpr uint8_t kDefineFrame = 0x0c, kOffset = 0x80;  // DW_CFA_def_cfa, DW_CFA_offset; the factor is -8
    Bytes b;
    const auto entry = [&b](auto fill) {
        const size_t at = b.text.size();
        b.add(uint32_t{0});
        fill();
        b.pad(at + 4);  // DW_CFA_nop
        const auto bytes = static_cast<uint32_t>(b.text.size() - at - 4);
        std::memcpy(b.text.data() + at, &bytes, sizeof bytes);
    };
    entry([&b] {
        b.add(UINT32_MAX);
        b.add(uint8_t{3});     // version
        b.add(uint8_t{0});     // no augmentation
        b.add_unsigned(1);     // code's factor
        b.add(uint8_t{0x78});  // data's: -8
        b.add_unsigned(kFrame.return_address);
        b.add(kDefineFrame);
        b.add_unsigned(kFrame.stack);
        b.add_unsigned(kFrame.bytes);
        for (const Frame::Kept& one : kFrame.kept) {
            if (one.number < 64) {
                b.add(static_cast<uint8_t>(kOffset | one.number));
            } else {
                b.add(uint8_t{0x05});  // DW_CFA_offset_extended
                b.add_unsigned(one.number);
            }
            b.add_unsigned(one.words);
        }
    });
    entry([&b, &symbol] {
        b.add(uint32_t{0});  // the entry before
        b.add(reinterpret_cast<uint64_t>(symbol.start));
        b.add(uint64_t{symbol.bytes});
    });
    return b.text;
}

/// An object file: the code's place, one symbol, the frame.
std::string object_file(const CodeSymbol& symbol) {
    enum Section : uint16_t { kNone, kText, kSymbols, kStrings, kFrames, kNames, kCount };
    static constexpr char kZeroed[] = "\0.text\0.symtab\0.strtab\0.debug_frame\0.shstrtab";
    static constexpr std::string_view kSectionNames(kZeroed, sizeof kZeroed);
    const auto name_of = [](std::string_view name) { return static_cast<uint32_t>(kSectionNames.find(name)); };
    struct File {
        Elf64_Ehdr header;
        Elf64_Shdr sections[kCount];
        Elf64_Sym symbols[2];
    };
    File file{};
    std::memcpy(file.header.e_ident, ELFMAG, SELFMAG);
    file.header.e_ident[EI_CLASS] = ELFCLASS64;
    file.header.e_ident[EI_DATA] = ELFDATA2LSB;
    file.header.e_ident[EI_VERSION] = EV_CURRENT;
    file.header.e_type = ET_REL;
    file.header.e_machine = kMachine;
    file.header.e_version = EV_CURRENT;
    file.header.e_shoff = offsetof(File, sections);
    file.header.e_ehsize = sizeof file.header;
    file.header.e_shentsize = sizeof file.sections[0];
    file.header.e_shnum = kCount;
    file.header.e_shstrndx = kNames;
    file.symbols[1] = {1, ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), STV_DEFAULT, kText, 0, symbol.bytes};

    std::string behind;
    const auto section = [&](Section which, std::string_view name, uint32_t type, size_t at, size_t bytes) -> auto& {
        Elf64_Shdr& s = file.sections[which];
        s.sh_name = name_of(name);
        s.sh_type = type;
        s.sh_offset = at;
        s.sh_size = bytes;
        s.sh_addralign = 1;
        return s;
    };
    const auto add = [&](Section which, std::string_view name, uint32_t type, const std::string& bytes) {
        section(which, name, type, sizeof file + behind.size(), bytes.size());
        behind += bytes;
    };
    Elf64_Shdr& text = section(kText, ".text", SHT_NOBITS, 0, symbol.bytes);
    text.sh_flags = SHF_ALLOC | SHF_EXECINSTR;
    text.sh_addr = reinterpret_cast<uint64_t>(symbol.start);
    text.sh_addralign = 16;
    Elf64_Shdr& symbols = section(kSymbols, ".symtab", SHT_SYMTAB, offsetof(File, symbols), sizeof file.symbols);
    symbols.sh_link = kStrings;
    symbols.sh_info = 1;  // the first that is not local
    symbols.sh_entsize = sizeof file.symbols[0];
    symbols.sh_addralign = 8;
    add(kStrings, ".strtab", SHT_STRTAB, '\0' + symbol.name + '\0');
    add(kFrames, ".debug_frame", SHT_PROGBITS, debug_frame(symbol));
    add(kNames, ".shstrtab", SHT_STRTAB, std::string(kSectionNames));
    return std::string(reinterpret_cast<const char*>(&file), sizeof file) + behind;
}

class GdbListener final : public CodeListener {
public:
    GdbListener() = default;
    GdbListener(const GdbListener&) = delete;
    ~GdbListener() override {
        while (!files_.empty()) removed(files_.begin()->first);
    }

    void added(const CodeSymbol& symbol) override {
        auto file = std::make_unique<File>(File{object_file(symbol), {}});
        file->entry.symfile_addr = file->bytes.data();
        file->entry.symfile_size = file->bytes.size();
        {
            const std::scoped_lock lock(list_mutex);
            file->entry.next_entry = __jit_debug_descriptor.first_entry;
            if (file->entry.next_entry != nullptr) file->entry.next_entry->prev_entry = &file->entry;
            __jit_debug_descriptor.first_entry = &file->entry;
            tell(JIT_REGISTER_FN, &file->entry);
        }
        files_[symbol.start] = std::move(file);
    }

    void removed(const void* start) override {
        const auto found = files_.find(start);
        if (found == files_.end()) return;
        jit_code_entry& entry = found->second->entry;
        {
            const std::scoped_lock lock(list_mutex);
            if (entry.next_entry != nullptr) entry.next_entry->prev_entry = entry.prev_entry;
            (entry.prev_entry != nullptr ? entry.prev_entry->next_entry : __jit_debug_descriptor.first_entry) =
                entry.next_entry;
            tell(JIT_UNREGISTER_FN, &entry);
        }
        files_.erase(found);
    }

private:
    struct File {
        std::string bytes;
        jit_code_entry entry;
    };

    static void tell(uint32_t what, jit_code_entry* entry) {
        __jit_debug_descriptor.relevant_entry = entry;
        __jit_debug_descriptor.action_flag = what;
        __jit_debug_register_code();
        __jit_debug_descriptor.action_flag = JIT_NOACTION;
    }

    std::map<const void*, std::unique_ptr<File>> files_;
};

}  // namespace

std::unique_ptr<CodeListener> make_gdb_listener() { return std::make_unique<GdbListener>(); }

}  // namespace lintel
