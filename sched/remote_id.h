#pragma once
/// Identifiers of other nodes as values: what tables of links and monitors are keyed by.

#include <array>
#include <compare>

#include "gc/heap_builder.h"

namespace lintel {

inline bool is_external_pid(Term t) { return t.is_kind(Kind::external_pid); }
inline bool is_external_ref(Term t) { return t.is_kind(Kind::external_ref); }

/// A pid of another node, as a value.
struct RemotePid {
    Word node = 0;  ///< an atom
    Word creation = 0;
    Word number = 0;

    auto operator<=>(const RemotePid&) const = default;  // NOLINT(modernize-use-nullptr): it sees one in <=>
    static constexpr size_t kWords = 4;
    static RemotePid of(Term external_pid) {
        const Word* w = external_pid.boxed_words();
        return {w[1], w[2], w[3]};
    }
    Term build(HeapBuilder& heap) const {
        Word* w = heap.raw(kWords);
        w[0] = make_header(Kind::external_pid, 3);
        w[1] = node;
        w[2] = creation;
        w[3] = number;
        return Term::boxed(w);
    }
};

/// A reference of another node, as a value.
struct RemoteRef {
    Word node = 0;
    Word creation = 0;
    uint32_t count = 0;  ///< numbers of 32 bits
    std::array<Word, 3> numbers{};

    auto operator<=>(const RemoteRef&) const = default;  // NOLINT(modernize-use-nullptr)
    static constexpr size_t kWords = 6;
    static RemoteRef of(Term external_ref) {
        const Word* w = external_ref.boxed_words();
        RemoteRef ref{w[1], w[2], header_aux(*w), {}};
        for (size_t i = 0; i + 2 < header_size(*w) && i < ref.numbers.size(); ++i) ref.numbers[i] = w[3 + i];
        return ref;
    }
    Term build(HeapBuilder& heap) const {
        const size_t words = (count + 1) / 2;
        Word* w = heap.raw(3 + words);
        w[0] = make_header(Kind::external_ref, 2 + words, count);
        w[1] = node;
        w[2] = creation;
        for (size_t i = 0; i < words; ++i) w[3 + i] = numbers[i];
        return Term::boxed(w);
    }
};

}  // namespace lintel
