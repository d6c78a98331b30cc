#include "embed/executable.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <vector>

#include "embed/code_path.h"

namespace lintel {

namespace {

constexpr const char* kAllocator = "libmimalloc.so";
/// An entry of the dynamic section that nobody knows is passed over.
constexpr Elf64_Sxword kUnknownEntry = DT_LOOS + 0x4c;

/// An ELF file in memory. Each access is checked: nullptr beyond the end.
class Elf {
public:
    explicit Elf(std::string& bytes) : bytes_(bytes) {}

    bool is_program() {
        const auto* h = header();
        return h != nullptr && std::memcmp(h->e_ident, ELFMAG, SELFMAG) == 0 && h->e_ident[EI_CLASS] == ELFCLASS64 &&
               h->e_phentsize == sizeof(Elf64_Phdr);
    }
    Elf64_Ehdr* header() { return at<Elf64_Ehdr>(0); }
    Elf64_Phdr* segment(size_t i) { return at<Elf64_Phdr>(header()->e_phoff + i * sizeof(Elf64_Phdr)); }

    /// Where the last byte that is loaded lies, or 0.
    size_t loaded_end() {
        size_t end = header()->e_phoff + header()->e_phnum * sizeof(Elf64_Phdr);
        for (size_t i = 0; i < header()->e_phnum; ++i) {
            const Elf64_Phdr* const p = segment(i);
            if (p == nullptr) return 0;
            end = std::max<size_t>(end, p->p_offset + p->p_filesz);
        }
        return end <= bytes_.size() ? end : 0;
    }
    /// The offset in the file of an address.
    size_t offset_of(Elf64_Addr address) {
        for (size_t i = 0; i < header()->e_phnum; ++i) {
            const Elf64_Phdr* const p = segment(i);
            if (p != nullptr && p->p_type == PT_LOAD && address - p->p_vaddr < p->p_filesz)
                return address - p->p_vaddr + p->p_offset;
        }
        return SIZE_MAX;
    }
    /// Takes the allocator's library out of those that are needed. Its functions are weak: they are missed by nobody.
    void forget_allocator() {
        for (size_t i = 0; i < header()->e_phnum; ++i) {
            const Elf64_Phdr* const p = segment(i);
            if (p == nullptr || p->p_type != PT_DYNAMIC) continue;
            const size_t count = p->p_filesz / sizeof(Elf64_Dyn);
            const auto entry = [&](size_t n) { return at<Elf64_Dyn>(p->p_offset + n * sizeof(Elf64_Dyn)); };
            size_t names = SIZE_MAX;
            for (size_t n = 0; n < count; ++n) {
                if (entry(n) != nullptr && entry(n)->d_tag == DT_STRTAB) names = offset_of(entry(n)->d_un.d_ptr);
            }
            for (size_t n = 0; n < count && names < bytes_.size(); ++n) {
                Elf64_Dyn* const e = entry(n);
                if (e == nullptr || e->d_tag != DT_NEEDED || e->d_un.d_val >= bytes_.size() - names) continue;
                if (std::string_view(bytes_.c_str() + names + e->d_un.d_val).starts_with(kAllocator))
                    e->d_tag = kUnknownEntry;
            }
        }
    }
    void forget_sections() {
        header()->e_shoff = 0;
        header()->e_shnum = header()->e_shstrndx = 0;
    }

private:
    template <typename T>
    T* at(size_t offset) {
        if (offset > bytes_.size() || sizeof(T) > bytes_.size() - offset) return nullptr;
        return reinterpret_cast<T*>(bytes_.data() + offset);
    }
    std::string& bytes_;
};

}  // namespace

std::optional<std::string> executable_stub(std::string* error) {
    const FileBytes own("/proc/self/exe");
    if (!own) {
        *error = "the running program cannot be read";
        return std::nullopt;
    }
    std::string bytes(own.text());
    Elf elf(bytes);
    const size_t end = elf.is_program() ? elf.loaded_end() : 0;
    if (end == 0) {
        *error = "the running program is no 64-bit ELF program";
        return std::nullopt;
    }
    elf.forget_allocator();
    elf.forget_sections();
    bytes.resize(end);
    return bytes;
}

std::string replace_file(const std::string& path, const std::string& bytes, bool is_program) {
    // Nobody else's, so that whoever writes the same file at the same time does it whole, too.
    const std::string temporary = path + "." + std::to_string(getpid()) + "." + std::to_string(gettid()) + ".new";
    const auto failed = [&] {
        std::string text = path + ": cannot be written: " + strerror(errno);
        unlink(temporary.c_str());
        return text;
    };
    unlink(temporary.c_str());
    const int fd = open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, is_program ? 0777 : 0666);
    if (fd < 0) return failed();
    bool ok = true;
    for (size_t done = 0; ok && done < bytes.size();) {
        const ssize_t n = ::write(fd, bytes.data() + done, bytes.size() - done);
        ok = n > 0;
        if (ok) done += static_cast<size_t>(n);
    }
    ok = close(fd) == 0 && ok;
    return ok && rename(temporary.c_str(), path.c_str()) == 0 ? "" : failed();
}

}  // namespace lintel
