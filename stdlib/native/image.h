#pragma once
/// Native code in memory: libraries that the dynamic linker has brought there for a VM, and the VM that native code runs for. docs/design/nifs.md.

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "term/term.h"

namespace lintel {

class Vm;

/// The VM that native code means on this thread if it does not say: whose code or callback runs here, or that made the thread; or else the only one of
/// the program that has loaded a library. nullptr: not known, or it ends.
Vm* vm_of_thread();

/// While it lives, callbacks of a VM that has ended run on this thread, and vm_of_thread is nullptr.
class EndedVmScope {
public:
    EndedVmScope();
    ~EndedVmScope();
    EndedVmScope(const EndedVmScope&) = delete;
    EndedVmScope& operator=(const EndedVmScope&) = delete;
};

/// A library in memory.
class NativeImage {
public:
    /// `file`: a descriptor that is closed with it, or -1.
    explicit NativeImage(void* handle, int file = -1) : handle_(handle), file_(file) {}
    ~NativeImage();
    NativeImage(const NativeImage&) = delete;
    NativeImage& operator=(const NativeImage&) = delete;
    void* handle() const { return handle_; }
    /// The function `name`, also if the system puts an underscore before the names of C. nullptr: *error tells why.
    void* function(const std::string& name, std::string* error) const;

private:
    void* const handle_;
    const int file_;
};

/// Those of a VM. Any thread.
class NativeImages {
public:
    NativeImages() = default;
    ~NativeImages() { end(); }
    NativeImages(const NativeImages&) = delete;
    NativeImages& operator=(const NativeImages&) = delete;

    /// Brings the library in the file `path`, as Erlang code of `vm` names it, into memory: the image that this VM has, or a new one, or a copy of its own
    /// if others have it. nullptr: *error tells why.
    std::shared_ptr<NativeImage> open(Vm& vm, const std::string& path, std::string* error);
    /// Foreign code has been loaded under `name`, a module's or a driver's: one of erlang:system_info(taints) from now on.
    void taint(Term name);
    /// In the order in which they came.
    std::vector<Term> taints();
    /// The VM ends.
    void end();

private:
    std::shared_ptr<NativeImage> open_copy(const std::string& path, std::string* error);
    /// A library in a file without a name; takes over the descriptor.
    std::shared_ptr<NativeImage> open_unnamed(int fd, std::string* error);
    std::shared_ptr<NativeImage> known(void* handle);
    void list(Vm& vm);

    std::mutex mutex_;
    std::vector<std::weak_ptr<NativeImage>> images_;  // under mutex_
    std::vector<Term> taints_;                        // under mutex_
    std::atomic<Vm*> listed_{nullptr};                // among those that vm_of_thread knows
};

}  // namespace lintel
