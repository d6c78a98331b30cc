#include "stdlib/native/image.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "stdlib/native/functions.h"
#include "stdlib/stdlib_state.h"

namespace lintel {

namespace {

/// VMs of this program that have loaded native libraries: for threads that no VM has made. The one thing here that all VMs share.
struct VmsWithLibraries {
    std::mutex mutex;
    std::vector<Vm*> vms;
};
VmsWithLibraries& vms_with_libraries() {
    static VmsWithLibraries all;
    return all;
}

/// The only VM of the program that has loaded a library, or nullptr.
Vm* only_vm_with_libraries() {
    VmsWithLibraries& all = vms_with_libraries();
    const std::lock_guard lock(all.mutex);
    return all.vms.size() == 1 ? all.vms[0] : nullptr;
}

thread_local unsigned ended_callbacks = 0;

/// Libraries look for the functions of native/functions.h in the whole program. If this is a shared library that only who loaded it can see, it makes itself
/// visible.
void become_visible() {
    Dl_info self;
    if (dladdr(native_functions()[0], &self) == 0 || self.dli_fname == nullptr) return;
    if (void* const handle = dlopen(self.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_GLOBAL)) dlclose(handle);
}

std::string linker_error() {
    const char* const text = dlerror();
    return text != nullptr ? text : "unknown error";
}

/// A file in memory with the contents of `path`; -1: errno says why there is none.
int copy_file(const std::string& path) {
    const int from = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (from < 0) return -1;
    struct stat info;
    int to = fstat(from, &info) == 0 ? memfd_create("native", MFD_CLOEXEC) : -1;
    for (off_t done = 0; to >= 0 && done < info.st_size;) {
        const ssize_t n = sendfile(to, from, &done, static_cast<size_t>(info.st_size - done));
        if (n > 0 || (n < 0 && errno == EINTR)) continue;
        ::close(to);
        to = -1;
    }
    ::close(from);
    return to;
}

/// The directory of the VM before a relative path that has one; what the dynamic linker looks for itself stays as it is.
std::string located(Vm& vm, const std::string& path) {
    if (path.front() == '/' || path.find('/') == std::string::npos) return path;
    const auto place = stdlib_state(vm).working_directory.place();
    std::string directory;
    if (place->fd() == AT_FDCWD || stdlib_state(vm).working_directory.path(&directory) != 0) return path;
    return directory + "/" + path;
}

}  // namespace

Vm* vm_of_thread() {
    if (ended_callbacks != 0) return nullptr;
    return this_thread.vm != nullptr ? this_thread.vm : only_vm_with_libraries();
}

EndedVmScope::EndedVmScope() { ++ended_callbacks; }
EndedVmScope::~EndedVmScope() { --ended_callbacks; }

NativeImage::~NativeImage() {
    dlclose(handle_);
    if (file_ >= 0) ::close(file_);
}

void* NativeImage::function(const std::string& name, std::string* error) const {
    void* symbol = dlsym(handle_, name.c_str());
    if (symbol == nullptr) symbol = dlsym(handle_, ("_" + name).c_str());
    if (symbol == nullptr) *error = linker_error();
    return symbol;
}

void NativeImages::list(Vm& vm) {
    if (listed_.exchange(&vm, std::memory_order_acq_rel) != nullptr) return;
    VmsWithLibraries& all = vms_with_libraries();
    const std::lock_guard lock(all.mutex);
    all.vms.push_back(&vm);
}

void NativeImages::taint(Term name) {
    const std::lock_guard lock(mutex_);
    if (std::ranges::find(taints_, name) == taints_.end()) taints_.push_back(name);
}

std::vector<Term> NativeImages::taints() {
    const std::lock_guard lock(mutex_);
    return taints_;
}

void NativeImages::end() {
    Vm* const vm = listed_.exchange(nullptr, std::memory_order_acq_rel);
    if (vm == nullptr) return;
    VmsWithLibraries& all = vms_with_libraries();
    const std::lock_guard lock(all.mutex);
    std::erase(all.vms, vm);
}

std::shared_ptr<NativeImage> NativeImages::known(void* handle) {
    std::erase_if(images_, [](const auto& image) { return image.expired(); });
    for (const auto& image : images_) {
        if (auto found = image.lock(); found != nullptr && found->handle() == handle) return found;
    }
    return nullptr;
}

std::shared_ptr<NativeImage> NativeImages::open(Vm& vm, const std::string& given, std::string* error) {
    const std::string path = located(vm, given);
    const std::lock_guard lock(mutex_);
    become_visible();
    list(vm);
    if (const int fd = vm.open_packed_file != nullptr ? vm.open_packed_file(vm, path) : -1; fd >= 0)
        return open_unnamed(fd, error);
    if (void* const there = dlopen(path.c_str(), RTLD_NOW | RTLD_NOLOAD)) {
        auto image = known(there);
        dlclose(there);
        return image != nullptr ? image : open_copy(path, error);
    }
    void* const handle = dlopen(path.c_str(), RTLD_NOW);
    if (handle == nullptr) {
        *error = linker_error();
        return nullptr;
    }
    auto image = std::make_shared<NativeImage>(handle);
    images_.push_back(image);
    return image;
}

std::shared_ptr<NativeImage> NativeImages::open_copy(const std::string& path, std::string* error) {
    const int fd = copy_file(path);
    if (fd < 0) {
        *error = path + ": cannot be copied: " + std::strerror(errno);
        return nullptr;
    }
    return open_unnamed(fd, error);
}

std::shared_ptr<NativeImage> NativeImages::open_unnamed(int fd, std::string* error) {
    // The linker takes one name for one file, so as long as the copy is there no other may have its descriptor.
    void* const handle = dlopen(("/proc/self/fd/" + std::to_string(fd)).c_str(), RTLD_NOW);
    if (handle != nullptr) return std::make_shared<NativeImage>(handle, fd);
    *error = linker_error();
    ::close(fd);
    return nullptr;
}

}  // namespace lintel
