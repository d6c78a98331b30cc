#pragma once
/// Pids, ports and references: node, creation and numbers of local and external ones alike.
///
///     local pid, port   immediates: the number
///     ref               [header][number 0][number 1] and, in an alias, [pid]
///     magic_ref         [header][Magic*][link][number 0][number 1]
///     external_pid      [header][node: atom][creation][number | serial << 32]
///     external_port     [header][node: atom][creation][number]
///     external_ref      [header, aux = how many][node: atom][creation][numbers, two of 32 bits to a word]
///
/// Where the order of terms asks for the node of a local identifier, it is that of the VM whose process the thread runs.

#include "term/atom.h"

namespace lintel {

/// A local pid's data: this many bits are printed as its number, the rest as its serial.
inline constexpr unsigned kPidNumberBits = 15;

/// Of the first number of a reference of this node, and of others in the older forms of the external format.
inline constexpr unsigned kFirstReferenceBits = 18;

struct NodeName {
    Term name;
    Word creation;
};

/// The node of the VM whose process this thread runs; the scheduler sets it for each slice. Nodes order their pids alike only if each counts
/// its own by its name (global relies on it).
inline thread_local NodeName local_node{Term::none(), 0};

/// Node of a pid, port or reference.
inline NodeName node_of(Term t) {
    if (t.is_boxed()) {
        const Word* w = t.boxed_words();
        const Kind k = header_kind(*w);
        if (k == Kind::external_pid || k == Kind::external_port || k == Kind::external_ref) return {Term(w[1]), w[2]};
    }
    return local_node.name.is_value() ? local_node : NodeName{am::nonode_at_nohost(), 0};
}

/// number | serial << 32 of any pid.
inline Word pid_number(Term pid) {
    if (pid.is_local_pid()) {
        const Word data = pid.imm_data();
        return (data & ((Word{1} << kPidNumberBits) - 1)) | (data >> kPidNumberBits) << 32;
    }
    return pid.boxed_words()[3];
}

inline Word port_number(Term port) { return port.is_local_port() ? port.imm_data() : port.boxed_words()[3]; }

/// The 32-bit numbers of a reference, least significant first, without the zeros at the end.
struct RefNumbers {
    static constexpr size_t kMax = 5;
    uint32_t at[kMax + 1];
    size_t count;
};

inline RefNumbers ref_numbers(Term ref) {
    const Word* w = ref.boxed_words();
    const Kind k = header_kind(*w);
    RefNumbers numbers{};
    size_t words = 2;
    if (k == Kind::external_ref) {
        words = header_size(*w) - 2;
        w += 3;
    } else {
        w += k == Kind::magic_ref ? 3 : 1;
    }
    LINTEL_ASSERT(words * 2 <= RefNumbers::kMax + 1);
    for (size_t i = 0; i < words; ++i) {
        numbers.at[2 * i] = static_cast<uint32_t>(w[i]);
        numbers.at[2 * i + 1] = static_cast<uint32_t>(w[i] >> 32);
    }
    numbers.count = 2 * words;
    while (numbers.count > 0 && numbers.at[numbers.count - 1] == 0) --numbers.count;
    return numbers;
}

}  // namespace lintel
