#include "jit/compiler.h"

#include <atomic>
#include <mutex>
#include <new>
#include <utility>

#include "base/alloc.h"
#include "jit/code_memory.h"
#include "jit/code_symbols.h"

#include "jit/listing.h"
#if defined(__x86_64__)
#include "jit/x86_64/emitter.h"
#elif defined(__aarch64__)
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "jit/aarch64/emitter.h"
#endif

namespace lintel {

#if defined(__x86_64__) || defined(__aarch64__)

namespace {

#if defined(__x86_64__)

using Emitter = x86_64::Emitter;
constexpr const char* kProcessor = "x86-64";

bool prepare_publication() { return true; }
bool before_publication() { return true; }

#else

using Emitter = aarch64::Emitter;
constexpr const char* kProcessor = "AArch64";

// A processor may have fetched what stood where new code is, and has to be told to fetch again: all those that run one of our threads, since
// machine code calls other machine code without asking anybody. It orders their reads of memory, too.

bool prepare_publication() {
    return syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0) == 0;
}
bool before_publication() { return syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0) == 0; }

#endif

class JitCompiler final : public NativeCompiler {
public:
    JitCompiler(size_t limit, unsigned listeners) : memory_(limit), listeners_(make_code_listeners(listeners)) {}

    bool is_possible() { return memory_.is_possible(); }

    NativeCode* compile(const CodeBlock& block, const std::vector<LoweredOp>& operations,
                        std::vector<Resume>* resumes) override {
        asmjit::CodeHolder holder;
        if (holder.init(asmjit::Environment::host()) != asmjit::kErrorOk) return nullptr;
        Emitter emitter(holder, block, operations);
        if (!listeners_.empty()) emitter.keep_places();
        if (!emitter.run()) return nullptr;
        const char* const start = place(&holder);
        if (start == nullptr) return nullptr;
        const auto address_of = [&](asmjit::Label label) { return start + holder.labelOffset(label); };
        for (const auto& point : emitter.points()) resumes->push_back({point.at, address_of(point.label)});
        const size_t bytes = holder.codeSize();
        if (!listeners_.empty()) {
            const CodeSymbol symbol = code_symbol(block, start, bytes, emitter.places());
            const std::scoped_lock lock(listeners_mutex_);
            for (const auto& one : listeners_) one->added(symbol);
        }
        return new (allocate(sizeof(Code)))
            Code{{this, address_of(emitter.entry()), sizeof(Code) + bytes}, start, emitter.sites().release()};
    }

    void release(NativeCode* code) override {
        auto* const ours = static_cast<Code*>(code);
        if (!listeners_.empty()) {
            const std::scoped_lock lock(listeners_mutex_);
            for (const auto& one : listeners_) one->removed(ours->start);
        }
        memory_.release(ours->start);
        ours->~Code();
        lintel::release(ours);
    }

    std::string listing(const CodeBlock& block, const std::vector<LoweredOp>& operations) override {
        asmjit::CodeHolder holder;
        if (holder.init(asmjit::Environment::host()) != asmjit::kErrorOk) return "";
        Listing listing(holder, block);
        holder.setLogger(&listing);
        Emitter emitter(holder, block, operations);
        return emitter.run() ? std::move(listing.text) : "";
    }

private:
    struct Code : NativeCode {
        const char* start;
        jit::Sites::Cells cells;
    };

    /// Where the code runs; nullptr: there is no memory for it.
    const char* place(asmjit::CodeHolder* holder) {
        if (holder->flatten() != asmjit::kErrorOk || holder->resolveUnresolvedLinks() != asmjit::kErrorOk)
            return nullptr;
        char* writable = nullptr;
        const char* const start = memory_.allocate(holder->codeSize(), &writable);
        if (start == nullptr) return nullptr;
        if (holder->relocateToBase(reinterpret_cast<uint64_t>(start)) == asmjit::kErrorOk &&
            holder->copyFlattenedData(writable, holder->codeSize()) == asmjit::kErrorOk) {
            char* const code = const_cast<char*>(start);
            __builtin___clear_cache(code, code + holder->codeSize());
            if (before_publication()) return start;
        }
        memory_.release(start);
        return nullptr;
    }

    CodeMemory memory_;
    std::mutex listeners_mutex_;
    const std::vector<std::unique_ptr<CodeListener>> listeners_;
};

}  // namespace

std::unique_ptr<NativeCompiler> make_native_compiler(size_t limit, unsigned listeners) {
    auto compiler = std::make_unique<JitCompiler>(limit, listeners);
    if (!compiler->is_possible() || !prepare_publication()) return nullptr;
    return compiler;
}

const char* native_processor() { return kProcessor; }

#else

std::unique_ptr<NativeCompiler> make_native_compiler(size_t, unsigned) { return nullptr; }

const char* native_processor() { return nullptr; }

#endif

}  // namespace lintel
