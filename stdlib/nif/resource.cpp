#include "stdlib/nif/resource.h"

#include <algorithm>

#include "stdlib/nif/library.h"
#include "term/utf8.h"

namespace lintel {

// ---- types

NifResourceTypes::~NifResourceTypes() {
    for (NifResourceType* type : types_) type->release_reference();
}

NifResourceType* NifResourceTypes::find(Term module, const std::string& name) {
    const std::lock_guard lock(mutex_);
    for (NifResourceType* type : types_) {
        if (type->module == module && type->name == name) return type;
    }
    return nullptr;
}

void NifResourceTypes::commit(NifLibrary& library) {
    for (NifOpenedType& opened : library.opened) {
        // Not before: a library that fails to load must not keep itself.
        NifResourceType::Callbacks& c = opened.callbacks;
        if (c.dtor != nullptr || c.stop != nullptr || c.down != nullptr || c.dyncall != nullptr)
            c.code = library.shared_from_this();
        opened.type->set_callbacks(std::move(opened.callbacks));
        const std::lock_guard lock(mutex_);
        opened.type->owner = &library;
        if (opened.is_new) types_.push_back(opened.type);
    }
    library.opened.clear();
}

void NifResourceTypes::orphan(NifLibrary& library) {
    std::vector<NifResourceType*> gone;
    {
        const std::lock_guard lock(mutex_);
        const auto rest = std::stable_partition(types_.begin(), types_.end(),
                                                [&library](const auto* type) { return type->owner != &library; });
        gone.assign(rest, types_.end());
        types_.erase(rest, types_.end());
        for (NifResourceType* type : gone) type->owner = nullptr;
    }
    for (NifResourceType* type : gone) type->release_reference();
}

// ---- objects

NifResource* NifResource::create(NifResourceType& its_type, size_t data_bytes) {
    if (data_bytes > SIZE_MAX - sizeof(NifResource)) return nullptr;
    void* const block = try_allocate(sizeof(NifResource) + data_bytes);
    Vm* const vm = its_type.libraries->vm();
    if (block == nullptr) return nullptr;
    its_type.retain();
    return new (block) NifResource(its_type, data_bytes, vm != nullptr ? vm->next_reference_number() : 0);
}

NifResource::~NifResource() {
    NifLibraries& libraries = *type_->libraries;
    if (is_monitored_.load(std::memory_order_relaxed)) libraries.monitors.forget(*this);
    {
        const NifResourceType::Callbacks callbacks = type_->callbacks();
        if (callbacks.dtor != nullptr && !libraries.program_ends.load(std::memory_order_relaxed)) {
            NifEnv env(libraries.vm(), callbacks.code.get(), NifEnv::Kind::callback);
            callbacks.dtor(&env, data());
        }
    }
    type_->release_reference();
}

bool NifResource::try_retain() {
    size_t n = references.load(std::memory_order_relaxed);
    while (n != 0 && !references.compare_exchange_weak(n, n + 1, std::memory_order_relaxed)) {
    }
    return n != 0;
}

namespace {

/// Bytes that belong to a resource: the handle of enif_make_resource_binary.
struct ResourceBytes {
    BinaryData data;
    NifResource* resource;
};

constexpr BinaryKeeper kResourceKeeper = {[](BinaryData& data, const BinaryKeeper&) {
    auto& bytes = reinterpret_cast<ResourceBytes&>(data);
    bytes.resource->release_reference();
    release(&bytes);
}};

NifResource* resource_of(Term t) {
    if (auto* resource = as_magic<NifResource>(t)) return resource;
    if (!t.is_kind(Kind::refc_binary)) return nullptr;
    BinaryData* const data = reinterpret_cast<RefcBinary*>(t.boxed_words())->data;
    return data->keeper == &kResourceKeeper ? reinterpret_cast<ResourceBytes*>(data)->resource : nullptr;
}

NifResourceType* open_type(NifEnv& env, const char* name, const ErlNifResourceTypeInit& init, size_t members,
                           ErlNifResourceFlags flags, ErlNifResourceFlags* tried) {
    if (!env.is_loading) return nullptr;
    NifLibrary& library = *env.library;
    const std::string key = utf8_of_latin1(name);
    ErlNifResourceFlags did = flags;
    NifResourceType* type = library.libraries->types.find(library.module, key);
    const bool is_new = type == nullptr;
    if (is_new && (flags & ERL_NIF_RT_CREATE) != 0) {
        type = new NifResourceType(library.libraries, library.module, key);
        did = ERL_NIF_RT_CREATE;
    } else if (!is_new && (flags & ERL_NIF_RT_TAKEOVER) != 0) {
        did = ERL_NIF_RT_TAKEOVER;
    } else {
        type = nullptr;
    }
    if (tried != nullptr) *tried = did;
    if (type == nullptr) return nullptr;
    NifResourceType::Callbacks callbacks;
    if (members > 0) callbacks.dtor = init.dtor;
    if (members > 1) callbacks.stop = init.stop;
    if (members > 2) callbacks.down = init.down;
    if (members > 3) callbacks.dyncall = init.dyncall;
    library.opened.push_back({type, is_new, std::move(callbacks)});
    return type;
}

}  // namespace

}  // namespace lintel

using lintel::HeapBuilder;
using lintel::NifResource;
using lintel::Term;

extern "C" {

ErlNifResourceType* enif_open_resource_type(ErlNifEnv* env, const char*, const char* name, ErlNifResourceDtor* dtor,
                                            ErlNifResourceFlags flags, ErlNifResourceFlags* tried) {
    ErlNifResourceTypeInit init{};
    init.dtor = dtor;
    return lintel::open_type(*env, name, init, 1, flags, tried);
}

ErlNifResourceType* enif_open_resource_type_x(ErlNifEnv* env, const char* name, const ErlNifResourceTypeInit* init,
                                              ErlNifResourceFlags flags, ErlNifResourceFlags* tried) {
    return lintel::open_type(*env, name, *init, 3, flags, tried);
}

ErlNifResourceType* enif_init_resource_type(ErlNifEnv* env, const char* name, const ErlNifResourceTypeInit* init,
                                            ErlNifResourceFlags flags, ErlNifResourceFlags* tried) {
    return lintel::open_type(*env, name, *init, static_cast<size_t>(std::max(0, init->members)), flags, tried);
}

void* enif_alloc_resource(ErlNifResourceType* type, size_t size) {
    NifResource* const resource = NifResource::create(*type, size);
    return resource == nullptr ? nullptr : resource->data();
}

void enif_keep_resource(void* obj) { NifResource::of(obj).retain(); }
void enif_release_resource(void* obj) { NifResource::of(obj).release_reference(); }
size_t enif_sizeof_resource(void* obj) { return NifResource::of(obj).bytes(); }

ERL_NIF_TERM enif_make_resource(ErlNifEnv* env, void* obj) {
    HeapBuilder heap = env->reserve(lintel::kMagicRefWords);
    return NifResource::of(obj).make_reference(heap).word();
}

ERL_NIF_TERM enif_make_resource_binary(ErlNifEnv* env, void* obj, const void* bytes, size_t size) {
    auto* const data = static_cast<lintel::ResourceBytes*>(lintel::allocate(sizeof(lintel::ResourceBytes)));
    new (&data->data)
        lintel::BinaryData{{1}, static_cast<uint8_t*>(const_cast<void*>(bytes)), &lintel::kResourceKeeper, size};
    data->resource = &NifResource::of(obj);
    data->resource->retain();
    return env->reserve(lintel::kRefcBinaryWords).refc_binary(&data->data, size).word();
}

int enif_get_resource(ErlNifEnv*, ERL_NIF_TERM term, ErlNifResourceType* type, void** obj) {
    NifResource* const resource = lintel::resource_of(lintel::term_of(term));
    if (resource == nullptr || &resource->resource_type() != type) return 0;
    *obj = resource->data();
    return 1;
}

int enif_dynamic_resource_call(ErlNifEnv* env, ERL_NIF_TERM module, ERL_NIF_TERM name, ERL_NIF_TERM term,
                               void* call_data) {
    NifResource* const resource = lintel::resource_of(lintel::term_of(term));
    const Term type_name(name);
    if (resource == nullptr || !type_name.is_atom()) return 1;
    ErlNifResourceType& type = resource->resource_type();
    if (type.module != Term(module) || type.name != lintel::atom_name(type_name)) return 1;
    const auto callbacks = type.callbacks();
    if (callbacks.dyncall == nullptr) return 1;
    lintel::NifLibrary* const before = std::exchange(env->library, callbacks.code.get());
    callbacks.dyncall(env, resource->data(), call_data);
    env->library = before;
    return 0;
}

}  // extern "C"
