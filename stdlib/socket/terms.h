#pragma once
/// What prim_socket's and prim_net's natives answer, and terms that outlive the process that gave them.

#include "gc/copy.h"
#include "gc/map_builder.h"
#include "stdlib/build.h"
#include "stdlib/int_arg.h"
#include "stdlib/posix_error.h"
#include "term/map.h"

namespace lintel {

inline Term make_ok(ExecState& p, Term value) { return make_tuple2(p, am::ok(), value); }
inline Term make_error(ExecState& p, Term why) { return make_tuple2(p, am::error(), why); }
/// A binary of few bytes. Memory beyond the VM's limit is granted.
inline Term make_short_binary(ExecState& p, const void* bytes, size_t size) {
    const MemoryReserve reserve;
    const Term t = p.reserve(binary_words(size)).binary(bytes, size);
    if (t.is_none()) stop_without_memory(size);
    return t;
}
/// {invalid, What}: prim_socket makes an error of it that names the argument.
inline Term make_invalid(ExecState& p, Term what) { return make_tuple2(p, am::invalid(), what); }
/// {error, {invalid, What}}
inline Term make_error_invalid(ExecState& p, Term what) { return make_error(p, make_invalid(p, what)); }
/// Fails: {invalid, What}.
inline Term raise_invalid(ExecState& p, Term what) { return p.error(make_invalid(p, what)); }
/// What a native answers to an argument that should be an integer of so many bits: badarg if it is none at all.
inline Term bad_integer(ExecState& p, Term t) {
    return t.is_integer() ? make_invalid(p, make_tuple2(p, am::integer_range(), t)) : p.badarg();
}

/// False: no integer of 32 bits without a sign.
inline bool uint32_of(Term t, uint32_t* value) {
    uint64_t wide;
    if (!uint64_of(t, &wide) || wide > UINT32_MAX) return false;
    *value = static_cast<uint32_t>(wide);
    return true;
}
inline bool bool_of(Term t, bool* value) {
    *value = t == am::true_();
    return t == am::true_() || t == am::false_();
}
/// The value of an atom in a map; none if there is none, or `map` is no map.
inline Term value_of(Term map, Term key) {
    if (!map.is_map() || key.is_none()) return Term::none();
    const Term* value = map_find(map, key);
    return value == nullptr ? Term::none() : *value;
}
inline Term value_of(ExecState& p, Term map, std::string_view key) { return value_of(map, p.vm->atoms.find(key)); }
inline bool bool_in(Term map, Term key, bool otherwise) {
    bool value;
    return bool_of(value_of(map, key), &value) ? value : otherwise;
}
inline bool is_named(Term t, std::string_view name) { return t.is_atom() && atom_name(t) == name; }

/// A map of a few pairs, whose keys are atoms, each added once.
class MapMaker {
public:
    explicit MapMaker(ExecState& p) : p_(p) {}
    void add(Term key, Term value) {
        LINTEL_ASSERT(count_ < kMost);
        pairs_[2 * count_] = key;
        pairs_[2 * count_ + 1] = value;
        ++count_;
    }
    void add(std::string_view key, Term value) { add(name_atom(p_, key), value); }
    Term make() {
        auto heap = p_.reserve(map_words_bound(count_));
        return build_map(heap, pairs_, count_, nullptr);
    }

private:
    static constexpr size_t kMost = 32;
    ExecState& p_;
    Term pairs_[2 * kMost];
    size_t count_ = 0;
};

/// A term of its own: a copy in no process's heap.
class KeptTerm {
public:
    KeptTerm() = default;
    ~KeptTerm() { clear(); }
    KeptTerm(const KeptTerm&) = delete;
    KeptTerm& operator=(const KeptTerm&) = delete;
    KeptTerm(KeptTerm&& other) noexcept : fragment_(other.fragment_), term_(other.term_) {
        other.fragment_ = nullptr;
        other.term_ = am::undefined();
    }
    KeptTerm& operator=(KeptTerm&& other) noexcept {
        if (this == &other) return *this;
        clear();
        std::swap(fragment_, other.fragment_);
        std::swap(term_, other.term_);
        return *this;
    }
    /// Keeps a copy of `t`. Memory beyond the VM's limit is granted; the process is ended for it afterwards.
    void set(Term t) {
        clear();
        const MemoryReserve reserve;
        Term copy;
        fragment_ = copy_to_fragment(t, &copy, nullptr);
        if (copy.is_none()) stop_without_memory(flat_size(t, nullptr) * kWordBytes);
        term_ = copy;
    }
    void clear() {
        if (fragment_ != nullptr) HeapFragment::destroy(fragment_);
        fragment_ = nullptr;
        term_ = am::undefined();
    }
    Term get() const { return term_; }

private:
    HeapFragment* fragment_ = nullptr;
    Term term_ = am::undefined();
};

}  // namespace lintel
