#include "loader/dist_packet.h"

#include <algorithm>

#include "loader/etf_tags.h"

namespace lintel {

namespace {

constexpr uint8_t kHeader = 68, kFirstFragment = 69, kFragment = 70, kPassThrough = 112;
/// Half a byte for each atom, and one for the flag below.
constexpr uint8_t kIsNew = 8, kSlotBits = 7;
constexpr uint8_t kLongAtoms = 1;
/// Version, tag, number of the sequence, number of the fragment.
constexpr size_t kFragmentHeaderBytes = 18;

void put_u64(std::string& out, uint64_t v) {
    for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(v >> shift));
}

uint64_t get_u64(const uint8_t* p) {
    uint64_t v;
    std::memcpy(&v, p, sizeof v);
    return __builtin_bswap64(v);
}

constexpr size_t flag_bytes(size_t atoms) { return atoms == 0 ? 0 : atoms / 2 + 1; }

}  // namespace

// ---- writing

void PacketWriter::begin(std::string& out, uint64_t sequence, uint64_t fragments, std::span<const Term> atoms) {
    out.push_back(static_cast<char>(etf::kVersion));
    if (sequence == 0) {
        out.push_back(static_cast<char>(kHeader));
    } else {
        out.push_back(static_cast<char>(kFirstFragment));
        put_u64(out, sequence);
        put_u64(out, fragments);
    }
    out.push_back(static_cast<char>(atoms.size()));
    if (atoms.empty()) return;
    const size_t flags_at = out.size();
    out.append(flag_bytes(atoms.size()), '\0');
    const auto set_flags = [&](size_t i, size_t flags) {
        out[flags_at + i / 2] = static_cast<char>(out[flags_at + i / 2] | static_cast<char>(flags << (i % 2 * 4)));
    };
    const bool is_long = std::ranges::any_of(atoms, [](Term a) { return atom_name(a).size() > 255; });
    if (is_long) set_flags(atoms.size(), kLongAtoms);
    for (size_t i = 0; i < atoms.size(); ++i) {
        const size_t slot = PacketAtoms::slot_of(atoms[i]);
        const bool is_new = sent_[slot] != atoms[i];
        set_flags(i, slot >> 8 | (is_new ? kIsNew : 0));
        out.push_back(static_cast<char>(slot));
        if (!is_new) continue;
        sent_[slot] = atoms[i];
        const std::string_view name = atom_name(atoms[i]);
        if (is_long) out.push_back(static_cast<char>(name.size() >> 8));
        out.push_back(static_cast<char>(name.size()));
        out.append(name);
    }
}

void PacketWriter::begin_fragment(std::string& out, uint64_t sequence, uint64_t fragment) {
    out.push_back(static_cast<char>(etf::kVersion));
    out.push_back(static_cast<char>(kFragment));
    put_u64(out, sequence);
    put_u64(out, fragment);
}

void PacketWriter::begin_plain(std::string& out, std::string_view terms, size_t control_bytes, bool has_message) {
    out.push_back(static_cast<char>(kPassThrough));
    out.push_back(static_cast<char>(etf::kVersion));
    out.append(terms.substr(0, control_bytes));
    if (!has_message) return;
    out.push_back(static_cast<char>(etf::kVersion));
    out.append(terms.substr(control_bytes));
}

// ---- reading

bool PacketReader::read_atoms(AtomTable& table, std::span<const uint8_t>* bytes) {
    std::span<const uint8_t> in = *bytes;
    if (in.empty()) return false;
    atom_count_ = in[0];
    in = in.subspan(1);
    const size_t flags_size = flag_bytes(atom_count_);
    if (in.size() < flags_size) return false;
    const std::span<const uint8_t> flags = in.subspan(0, flags_size);
    in = in.subspan(flags_size);
    const auto flags_of = [&](size_t i) { return static_cast<size_t>(flags[i / 2] >> (i % 2 * 4) & 15); };
    const bool is_long = atom_count_ != 0 && (flags_of(atom_count_) & kLongAtoms) != 0;
    for (size_t i = 0; i < atom_count_; ++i) {
        if (in.empty()) return false;
        const size_t slot = (flags_of(i) & kSlotBits) << 8 | in[0];
        in = in.subspan(1);
        if ((flags_of(i) & kIsNew) != 0) {
            const size_t length_bytes = is_long ? 2 : 1;
            if (in.size() < length_bytes) return false;
            const size_t n = is_long ? static_cast<size_t>(in[0] << 8 | in[1]) : in[0];
            in = in.subspan(length_bytes);
            if (in.size() < n) return false;
            received_[slot] = table.intern({reinterpret_cast<const char*>(in.data()), n});
            in = in.subspan(n);
        }
        if (received_[slot].is_none()) return false;
        atoms_[i] = received_[slot];
    }
    *bytes = in;
    return true;
}

PacketReader::Result PacketReader::add_fragment(Sequence& sequence, std::span<const uint8_t> bytes) {
    const size_t before = sequence.bytes.size();
    if (!sequence.bytes.resize(before + bytes.size())) return Result::corrupt;
    if (!bytes.empty()) std::memcpy(sequence.bytes.data() + before, bytes.data(), bytes.size());
    incomplete_bytes_ += bytes.size();
    return --sequence.expected == 0 ? Result::signal : Result::nothing;
}

PacketReader::Result PacketReader::read(AtomTable& table, std::span<const uint8_t> packet, Signal* signal) {
    if (packet.empty()) return Result::nothing;
    *signal = {};
    if ((flags_ & (dist_flag::kAtomCache | dist_flag::kFragments)) == 0) {
        if (packet[0] != kPassThrough || packet.size() < 2) return Result::corrupt;
        signal->bytes = packet.subspan(1);
        signal->has_versions = true;
        return Result::signal;
    }
    if (packet.size() < 3 || packet[0] != etf::kVersion) return Result::corrupt;
    const uint8_t tag = packet[1];
    if (tag == kHeader) {
        packet = packet.subspan(2);
        if (!read_atoms(table, &packet)) return Result::corrupt;
        signal->bytes = packet;
        signal->atoms = {atoms_.data(), atom_count_};
        return Result::signal;
    }
    if ((flags_ & dist_flag::kFragments) == 0 || (tag != kFirstFragment && tag != kFragment) ||
        packet.size() < kFragmentHeaderBytes)
        return Result::corrupt;
    const uint64_t id = get_u64(packet.data() + 2), fragment = get_u64(packet.data() + 10);
    packet = packet.subspan(kFragmentHeaderBytes);
    if (fragment == 0) return Result::corrupt;
    auto at = sequences_.find(id);
    if (tag == kFirstFragment) {
        if (at != sequences_.end() || !read_atoms(table, &packet)) return Result::corrupt;
        at = sequences_.try_emplace(id).first;
        at->second.expected = fragment;
        at->second.atoms.assign(atoms_.begin(), atoms_.begin() + static_cast<ptrdiff_t>(atom_count_));
    } else if (at == sequences_.end() || at->second.expected != fragment) {
        return Result::corrupt;
    }
    const Result result = add_fragment(at->second, packet);
    if (result != Result::signal) return result;
    complete_.emplace(std::move(at->second));
    sequences_.erase(at);
    incomplete_bytes_ -= complete_->bytes.size();
    signal->bytes = {complete_->bytes.data(), complete_->bytes.size()};
    signal->atoms = complete_->atoms;
    return Result::signal;
}

}  // namespace lintel
