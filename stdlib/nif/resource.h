#pragma once
/// Resources: objects of native libraries that terms refer to. docs/design/nifs.md.

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "stdlib/nif/env.h"

/// What ErlNifResourceType is.
struct lintel_nif_resource_type {
    struct Callbacks {
        ErlNifResourceDtor* dtor = nullptr;
        ErlNifResourceStop* stop = nullptr;
        ErlNifResourceDown* down = nullptr;
        ErlNifResourceDynCall* dyncall = nullptr;
        std::shared_ptr<lintel::NifLibrary> code;  ///< keeps it in memory; nullptr: there is nothing to call
    };

    lintel_nif_resource_type(std::shared_ptr<lintel::NifLibraries> of, lintel::Term of_module, std::string its_name)
        : libraries(std::move(of)), module(of_module), name(std::move(its_name)) {}

    const std::shared_ptr<lintel::NifLibraries> libraries;
    const lintel::Term module;
    const std::string name;

    void retain() { references_.fetch_add(1, std::memory_order_relaxed); }
    void release_reference() {
        if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
    }
    Callbacks callbacks() const {
        const std::lock_guard lock(mutex_);
        return callbacks_;
    }
    void set_callbacks(Callbacks to) {
        const std::lock_guard lock(mutex_);
        std::swap(callbacks_, to);
    }
    lintel::NifLibrary* owner = nullptr;  ///< under the mutex of NifResourceTypes

private:
    std::atomic<size_t> references_{1};  ///< of its objects, and of the table while it has an owner
    mutable std::mutex mutex_;
    Callbacks callbacks_;
};

namespace lintel {

using NifResourceType = ::lintel_nif_resource_type;

/// A type that a library opens while it is loaded.
struct NifOpenedType {
    NifResourceType* type;
    bool is_new;  ///< else taken over
    NifResourceType::Callbacks callbacks;
};

/// The types of a VM, by module and name. Any thread.
class NifResourceTypes {
public:
    NifResourceTypes() = default;
    ~NifResourceTypes();
    NifResourceTypes(const NifResourceTypes&) = delete;
    NifResourceTypes& operator=(const NifResourceTypes&) = delete;

    NifResourceType* find(Term module, const std::string& name);
    /// What a library has opened counts from now on.
    void commit(NifLibrary& library);
    /// Its types have no owner any more.
    void orphan(NifLibrary& library);

private:
    std::mutex mutex_;
    std::vector<NifResourceType*> types_;
};

/// The object; the library's bytes are behind it.
class alignas(16) NifResource final : public Magic {
public:
    static inline const char kMagicType = 0;
    /// With one reference; nullptr: no memory.
    static NifResource* create(NifResourceType& its_type, size_t data_bytes);
    ~NifResource() override;
    static void operator delete(void* block) { release(block); }

    NifResourceType& resource_type() const { return *type_; }
    size_t bytes() const { return bytes_; }
    void* data() { return this + 1; }
    static NifResource& of(void* data) { return static_cast<NifResource*>(data)[-1]; }
    /// Its reference, the same each time.
    Term make_reference(HeapBuilder& heap) {
        retain();
        return heap.magic_ref(this, number_, 0);
    }
    bool try_retain();
    void has_been_monitored() { is_monitored_.store(true, std::memory_order_relaxed); }

private:
    NifResource(NifResourceType& its_type, size_t data_bytes, Word number)
        : Magic(&kMagicType), type_(&its_type), bytes_(data_bytes), number_(number) {}
    static void* operator new(size_t, void* place) { return place; }

    NifResourceType* const type_;
    const size_t bytes_;
    const Word number_;
    std::atomic<bool> is_monitored_{false};
};
static_assert(sizeof(NifResource) % 16 == 0);

}  // namespace lintel
