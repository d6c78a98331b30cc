#include "jit/compiler.h"

#include <atomic>
#include <cstdio>
#include <new>
#include <utility>

#include "base/alloc.h"

#if defined(__x86_64__)
#include "jit/listing.h"
#include "jit/x86_64/emitter.h"
#elif defined(__aarch64__)
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "jit/aarch64/emitter.h"
#endif

/// What asmjit has in the place of stderr (cmake/Asmjit.cmake): nothing it does for us writes there. In this file, since it is linked whenever
/// asmjit is.
extern "C" {
extern FILE* asmjit_stderr;
FILE* asmjit_stderr = nullptr;
}

namespace lintel {

#if defined(__x86_64__) || defined(__aarch64__)

namespace {

#if defined(__x86_64__)

using Emitter = x86_64::Emitter;

bool prepare_publication() { return true; }
bool before_publication() { return true; }

#else

using Emitter = aarch64::Emitter;

// A processor may have fetched what stood where new code is, and has to be told to fetch again: all those that run one of our threads, since
// machine code calls other machine code without asking anybody. It orders their reads of memory, too.

bool prepare_publication() {
    return syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0) == 0;
}
bool before_publication() { return syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0) == 0; }

#endif

class JitCompiler final : public NativeCompiler {
public:
    explicit JitCompiler(size_t limit) : limit_(limit), runtime_(&kParameters) {}

    NativeCode* compile(const CodeBlock& block, const std::vector<LoweredOp>& operations,
                        std::vector<Resume>* resumes) override {
        if (bytes_.load(std::memory_order_relaxed) >= limit_) return nullptr;
        asmjit::CodeHolder holder;
        if (holder.init(runtime_.environment()) != asmjit::kErrorOk) return nullptr;
        Emitter emitter(holder, block, operations);
        if (!emitter.run()) return nullptr;
        const void* start = nullptr;
        if (runtime_.add(&start, &holder) != asmjit::kErrorOk) return nullptr;
        if (!before_publication()) {
            runtime_.release(start);
            return nullptr;
        }
        const auto address_of = [&](asmjit::Label label) {
            return static_cast<const char*>(start) + holder.labelOffset(label);
        };
        for (const auto& point : emitter.points()) resumes->push_back({point.at, address_of(point.label)});
        const size_t bytes = holder.codeSize();
        bytes_.fetch_add(bytes, std::memory_order_relaxed);
        return new (allocate(sizeof(Code)))
            Code{{this, address_of(emitter.entry()), sizeof(Code) + bytes}, start, bytes, emitter.sites().release()};
    }

    void release(NativeCode* code) override {
        auto* const ours = static_cast<Code*>(code);
        bytes_.fetch_sub(ours->machine_bytes, std::memory_order_relaxed);
        runtime_.release(ours->start);
        ours->~Code();
        lintel::release(ours);
    }

    std::string listing(const CodeBlock& block, const std::vector<LoweredOp>& operations) override {
        asmjit::CodeHolder holder;
        if (holder.init(runtime_.environment()) != asmjit::kErrorOk) return "";
        Listing listing(holder, block);
        holder.setLogger(&listing);
        x86_64::Emitter emitter(holder, block, operations);
        return emitter.run() ? std::move(listing.text) : "";
    }

private:
    struct Code : NativeCode {
        const void* start;
        size_t machine_bytes;
        std::unique_ptr<std::atomic<ExportEntry*>[]> sites;
    };

    /// Written in one mapping and run in another: no page can be both.
    static constexpr asmjit::JitAllocator::CreateParams kParameters = [] {
        asmjit::JitAllocator::CreateParams p{};
        p.options = asmjit::JitAllocatorOptions::kUseDualMapping;
        return p;
    }();

    const size_t limit_;
    std::atomic<size_t> bytes_{0};
    asmjit::JitRuntime runtime_;
};

/// Whether this platform lets a program make code.
bool may_execute() {
    asmjit::VirtMem::DualMapping mapping;
    const size_t page = asmjit::VirtMem::info().pageSize;
    if (asmjit::VirtMem::allocDualMapping(&mapping, page, asmjit::VirtMem::MemoryFlags::kAccessRWX) != asmjit::kErrorOk)
        return false;
    return asmjit::VirtMem::releaseDualMapping(&mapping, page) == asmjit::kErrorOk;
}

}  // namespace

std::unique_ptr<NativeCompiler> make_native_compiler(size_t limit) {
    if (!may_execute() || !prepare_publication()) return nullptr;
    return std::make_unique<JitCompiler>(limit);
}

const char* native_processor() { return "x86-64"; }

#else

std::unique_ptr<NativeCompiler> make_native_compiler(size_t) { return nullptr; }

const char* native_processor() { return nullptr; }

#endif

}  // namespace lintel
