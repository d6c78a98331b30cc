/// Functions of the native interface on memory, the environment, shared libraries, and what the VM is.

#include <dlfcn.h>

#include <algorithm>
#include <cstring>

#include "stdlib/nif/env.h"
#include "stdlib/posix_error.h"
#include "stdlib/stdlib_state.h"

namespace {

/// A block of enif_alloc: its size stands before it, for enif_realloc.
constexpr size_t kHeadBytes = 16;
/// Blocks up to here are filled; see enif_alloc.
constexpr size_t kFilledBytes = 1024;

size_t& size_of(void* block) { return *reinterpret_cast<size_t*>(static_cast<char*>(block) - kHeadBytes); }

std::string& release_text(int number) {
    static thread_local std::string text;
    text = std::to_string(number);
    return text;
}

}  // namespace

extern "C" {

void* enif_alloc(size_t size) {
    if (size > SIZE_MAX - kHeadBytes) return nullptr;
    auto* const block = static_cast<char*>(lintel::try_allocate(size + kHeadBytes));
    if (block == nullptr) return nullptr;
    *reinterpret_cast<size_t*>(block) = size;
    // p1_cache_tab's library reads a limit that it has never written. In OTP's used memory it is large; in fresh memory it would be 0. Small
    // structures get what is large wherever it is read.
    if (size <= kFilledBytes) std::memset(block + kHeadBytes, 0x11, size);
    return block + kHeadBytes;
}

void enif_free(void* block) {
    if (block != nullptr) lintel::release(static_cast<char*>(block) - kHeadBytes);
}

void* enif_realloc(void* block, size_t size) {
    if (block == nullptr) return enif_alloc(size);
    void* const larger = enif_alloc(size);
    if (larger == nullptr) return nullptr;
    std::memcpy(larger, block, std::min(size, size_of(block)));
    enif_free(block);
    return larger;
}

int enif_getenv(const char* name, char* value, size_t* size) {
    lintel::Vm* const vm = lintel::vm_of_thread();
    const auto found = vm != nullptr ? lintel::stdlib_state(*vm).environment.get(name) : std::nullopt;
    if (!found) return -1;
    const size_t room = *size;
    *size = found->size();
    if (found->size() >= room) {
        *size = found->size() + 1;
        return 1;
    }
    std::memcpy(value, found->c_str(), found->size() + 1);
    return 0;
}

void enif_system_info(ErlNifSysInfo* out, size_t size) {
    const lintel::Vm* const vm = lintel::vm_of_thread();
    static char no_version[] = "";
    ErlNifSysInfo info{};
    info.driver_major_version = 3;
    info.driver_minor_version = 3;
    info.erts_version = info.otp_release = no_version;
    info.thread_support = info.smp_support = 1;
    info.async_threads = lintel::AsyncThread::kThreads;
    info.scheduler_threads = 1;
    info.nif_major_version = ERL_NIF_MAJOR_VERSION;
    info.nif_minor_version = ERL_NIF_MINOR_VERSION;
    info.dirty_scheduler_support = 1;
    if (vm != nullptr) {
        info.erts_version = const_cast<char*>(vm->otp.erts.c_str());
        info.otp_release = release_text(vm->otp.number).data();
        info.scheduler_threads = static_cast<int>(vm->scheduler_count());
    }
    std::memcpy(static_cast<void*>(out), &info, std::min(size, sizeof info));
}

char* erl_errno_id(int error) {
    static thread_local std::string name;
    name = lintel::posix_name(error);
    return name.data();
}

void* enif_dlopen(const char* library, void (*on_error)(void*, const char*), void* argument) {
    void* const handle =
        library == nullptr ? dlopen(nullptr, RTLD_NOW) : dlopen((std::string(library) + ".so").c_str(), RTLD_NOW);
    if (handle == nullptr && on_error != nullptr) on_error(argument, dlerror());
    return handle;
}

void* enif_dlsym(void* library, const char* symbol, void (*on_error)(void*, const char*), void* argument) {
    dlerror();
    void* const address = dlsym(library, symbol);
    const char* const error = address == nullptr ? dlerror() : nullptr;
    if (error != nullptr && on_error != nullptr) on_error(argument, error);
    return address;
}

}  // extern "C"
