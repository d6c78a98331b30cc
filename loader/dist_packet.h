#pragma once
/// Packets between nodes: what stands before a signal's terms (erts user's guide, "Distribution Protocol").
///
///     131 68 N flags refs… control [message]           a whole signal
///     131 69 sequence fragment N flags refs… control …  the first fragment of one; they are numbered down to 1
///     131 70 sequence fragment …                        another fragment
///     112 131 control [131 message]                     to a peer that knows neither of them
///
/// The header names the atoms of the terms, up to 255. Both ends keep a table of 2,048 atoms for each direction: an atom is sent once, and
/// later its place in the table is. So packets must be read in the order in which their headers were written.

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/byte_buffer.h"
#include "term/atom.h"

namespace lintel {

/// What a node can do: bits that nodes tell each other when they connect.
namespace dist_flag {
inline constexpr uint64_t kPublished = 0x01;  ///< not hidden
inline constexpr uint64_t kExtendedReferences = 0x04;
inline constexpr uint64_t kMonitor = 0x08;
inline constexpr uint64_t kFunTags = 0x10;
inline constexpr uint64_t kMonitorName = 0x20;
inline constexpr uint64_t kNewFunTags = 0x80;
inline constexpr uint64_t kExtendedPidsPorts = 0x100;
inline constexpr uint64_t kExportTag = 0x200;
inline constexpr uint64_t kBitBinaries = 0x400;
inline constexpr uint64_t kNewFloats = 0x800;
inline constexpr uint64_t kUnicodeIo = 0x1000;
inline constexpr uint64_t kAtomCache = 0x2000;  ///< headers with atoms
inline constexpr uint64_t kSmallAtomTags = 0x4000;
inline constexpr uint64_t kUtf8Atoms = 0x10000;
inline constexpr uint64_t kMaps = 0x20000;
inline constexpr uint64_t kBigCreation = 0x40000;
inline constexpr uint64_t kSendSender = 0x80000;
inline constexpr uint64_t kBigSeqtraceLabels = 0x100000;
inline constexpr uint64_t kExitPayload = 0x400000;
inline constexpr uint64_t kFragments = 0x800000;
inline constexpr uint64_t kHandshake23 = 0x1000000;
inline constexpr uint64_t kUnlinkId = 0x2000000;
inline constexpr uint64_t kMandatory25Digest = 0x4000000;
inline constexpr uint64_t kSpawn = uint64_t{1} << 32;
inline constexpr uint64_t kV4Identifiers = uint64_t{4} << 32;
inline constexpr uint64_t kAlias = uint64_t{8} << 32;

/// Without these nobody can connect.
inline constexpr uint64_t kMandatory = kExtendedReferences | kFunTags | kExtendedPidsPorts | kUtf8Atoms | kNewFunTags |
                                       kBigCreation | kNewFloats | kMaps | kExportTag | kBitBinaries | kHandshake23;
/// All that this VM can do.
inline constexpr uint64_t kDefault = kMandatory | kMonitor | kMonitorName | kSpawn | kAlias | kUnlinkId | kUnicodeIo |
                                     kAtomCache | kSmallAtomTags | kSendSender | kBigSeqtraceLabels | kExitPayload |
                                     kFragments | kV4Identifiers | kMandatory25Digest;
/// What a carrier may switch off.
inline constexpr uint64_t kRejectable = kAtomCache | kFragments | 0x40 | 0x02;
/// What needs packets in order.
inline constexpr uint64_t kStrictOrder = kAtomCache;
}  // namespace dist_flag

inline constexpr size_t kAtomCacheSlots = 2048;
inline constexpr size_t kMaxPacketAtoms = 255;

/// The atoms of one signal, in the order in which its terms name them.
class PacketAtoms {
public:
    /// The place by which the terms name `atom`, or -1: there is none, its text must stand in the term.
    int place(Term atom) {
        const size_t slot = slot_of(atom);
        const size_t known = places_[slot];
        if (known < count_ && slot_of(atoms_[known]) == slot)
            return atoms_[known] == atom ? static_cast<int>(known) : -1;
        if (count_ == kMaxPacketAtoms) return -1;
        atoms_[count_] = atom;
        places_[slot] = static_cast<uint8_t>(count_);
        return static_cast<int>(count_++);
    }
    std::span<const Term> atoms() const { return {atoms_, count_}; }
    static size_t slot_of(Term atom) { return atom.atom_entry()->number % kAtomCacheSlots; }

private:
    Term atoms_[kMaxPacketAtoms];
    size_t count_ = 0;
    uint8_t places_[kAtomCacheSlots] = {};
};

/// Writes the packets of one direction of a connection. One thread at a time.
class PacketWriter {
public:
    explicit PacketWriter(uint64_t flags) : flags_(flags) {}

    /// Whether terms may name atoms by their places.
    bool names_atoms() const { return (flags_ & dist_flag::kAtomCache) != 0; }
    bool has_header() const { return (flags_ & (dist_flag::kAtomCache | dist_flag::kFragments)) != 0; }

    /// The packets of a signal: `terms` is the control term and perhaps a message, without version bytes; the control term ends at
    /// `control_bytes`. Calls emit(std::string packet) for each.
    template <typename F>
    void write(std::string_view terms, size_t control_bytes, bool has_message, const PacketAtoms& atoms, F emit) {
        std::string packet;
        if (!has_header()) {
            begin_plain(packet, terms, control_bytes, has_message);
            return emit(std::move(packet));
        }
        const size_t first = (flags_ & dist_flag::kFragments) == 0 || terms.size() <= kFragmentBytes
                                 ? terms.size()
                                 : std::max(control_bytes, kFragmentBytes);
        const size_t rest = (terms.size() - first + kFragmentBytes - 1) / kFragmentBytes;
        const uint64_t sequence = rest == 0 ? 0 : ++sequence_;
        begin(packet, sequence, rest + 1, atoms.atoms());
        packet.append(terms.substr(0, first));
        emit(std::move(packet));
        terms.remove_prefix(first);
        for (uint64_t fragment = rest; fragment > 0; --fragment) {
            const size_t n = std::min(terms.size(), kFragmentBytes);
            packet.clear();
            begin_fragment(packet, sequence, fragment);
            packet.append(terms.substr(0, n));
            emit(std::move(packet));
            terms.remove_prefix(n);
        }
    }

    static constexpr size_t kFragmentBytes = size_t{64} * 1024;

private:
    void begin(std::string& out, uint64_t sequence, uint64_t fragments, std::span<const Term> atoms);
    static void begin_fragment(std::string& out, uint64_t sequence, uint64_t fragment);
    static void begin_plain(std::string& out, std::string_view terms, size_t control_bytes, bool has_message);

    const uint64_t flags_;
    uint64_t sequence_ = 0;
    std::array<Term, kAtomCacheSlots> sent_{};
};

/// Reads them at the other end. What comes may be anything. One thread at a time.
class PacketReader {
public:
    explicit PacketReader(uint64_t flags) : flags_(flags) {}

    /// A signal: its terms stand in `bytes`, which are the caller's packet or the reader's; until the next call of read.
    struct Signal {
        std::span<const uint8_t> bytes;
        std::span<const Term> atoms;  ///< that the terms name by their places
        bool has_versions = false;    ///< each term has a version byte
    };
    enum class Result : uint8_t {
        signal,
        nothing,  ///< a tick, or a fragment of what is not complete yet
        corrupt,  ///< or no memory: the connection must be closed
    };
    Result read(AtomTable& atoms, std::span<const uint8_t> packet, Signal* signal);

    /// Bytes of signals of which not all fragments have come.
    size_t incomplete_bytes() const { return incomplete_bytes_; }

private:
    struct Sequence {
        uint64_t expected;  ///< number of the fragment that comes next
        std::vector<Term> atoms;
        ByteBuffer bytes;
    };
    Result add_fragment(Sequence& sequence, std::span<const uint8_t> bytes);
    /// Reads number and names of atoms. False: corrupt.
    bool read_atoms(AtomTable& table, std::span<const uint8_t>* bytes);

    const uint64_t flags_;
    std::array<Term, kAtomCacheSlots> received_{};
    std::array<Term, kMaxPacketAtoms> atoms_{};
    size_t atom_count_ = 0;
    std::map<uint64_t, Sequence> sequences_;
    std::optional<Sequence> complete_;  ///< what Signal refers to
    size_t incomplete_bytes_ = 0;
};

}  // namespace lintel
