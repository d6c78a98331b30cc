#include "term/atom.h"

#include <cstring>
#include <mutex>

#include "base/alloc.h"
#include "base/memory_account.h"
#include "base/pages.h"
#include "term/hash.h"
#include "term/utf8.h"

namespace lintel {

namespace {

/// atom_hash, usable in constant expressions. OTP's own: the PJW hash over the name, where a character of two UTF-8
/// bytes below U+0100 counts as its one Latin-1 byte.
constexpr uint32_t name_hash(std::string_view name) {
    uint32_t h = 0;
    for (size_t i = 0; i < name.size(); ++i) {
        uint32_t c = static_cast<uint8_t>(name[i]);
        if ((c & 0xfe) == 0xc2 && i + 1 < name.size()) {
            ++i;
            c = ((c << 6) | (static_cast<uint8_t>(name[i]) & 0x3f)) & 0xff;
        }
        h = (h << 4) + c;
        const uint32_t high = h & 0xf0000000;
        if (high != 0) {
            h ^= high >> 24;
            h ^= high;
        }
    }
    return h;
}

/// AtomEntry::prefix.
constexpr Word name_prefix(std::string_view name) {
    Word prefix = 0;
    for (size_t i = 0; i < sizeof(Word); ++i)
        prefix = prefix << 8 | (i < name.size() ? static_cast<uint8_t>(name[i]) : 0);
    return prefix;
}

constexpr WellKnownAtom well_known(const char* text, size_t bytes, uint32_t id) {
    return {{text, static_cast<uint16_t>(bytes), static_cast<uint16_t>(bytes), name_hash({text, bytes}), id, id,
             atom_internal_hash({text, bytes}), name_prefix({text, bytes})}};
}

constexpr uint32_t kWellKnownCount = static_cast<uint32_t>(AtomId::count);
constexpr size_t kWellKnownSlots = 4096;
static_assert(kWellKnownCount * 4 <= kWellKnownSlots * 3, "raise kWellKnownSlots");

/// A cheap second hash for the table: atom_hash is too regular in its low bits.
constexpr size_t slot_of(uint32_t hash, size_t slots) { return (hash * 0x9e3779b1u >> 7) & (slots - 1); }

constexpr size_t kBlockBytes = 64 * 1024;
constexpr size_t kFirstSlots = 256;

}  // namespace

const WellKnownAtom kWellKnownAtoms[] = {
#define ATOM(name, text) well_known(text, sizeof(text) - 1, static_cast<uint32_t>(AtomId::name)),
#include "term/atoms.def"
#undef ATOM
};

namespace {

/// The well-known atoms by name: 1 + their positions, open addressing. Made by the compiler, so that a table begins with nothing.
struct WellKnownIndex {
    uint16_t slots[kWellKnownSlots]{};
    constexpr WellKnownIndex() {
        uint16_t n = 0;
        for (const std::string_view text : {
#define ATOM(name, text) std::string_view(text, sizeof(text) - 1),
#include "term/atoms.def"
#undef ATOM
             }) {
            size_t i = slot_of(name_hash(text), kWellKnownSlots);
            while (slots[i] != 0) i = (i + 1) & (kWellKnownSlots - 1);
            slots[i] = ++n;
        }
    }
    const AtomEntry* find(std::string_view name, uint32_t hash) const {
        for (size_t i = slot_of(hash, kWellKnownSlots); slots[i] != 0; i = (i + 1) & (kWellKnownSlots - 1)) {
            const AtomEntry& e = kWellKnownAtoms[slots[i] - 1].entry;
            if (e.hash == hash && e.name() == name) return &e;
        }
        return nullptr;
    }
};
constexpr WellKnownIndex kWellKnownIndex;

}  // namespace

uint32_t atom_hash(std::string_view name) { return name_hash(name); }

// ---- AtomIndex

const AtomEntry* AtomIndex::find(std::string_view name, uint32_t hash) const {
    if (slots_.empty()) return nullptr;
    for (size_t i = slot_of(hash, slots_.size());; i = (i + 1) & (slots_.size() - 1)) {
        const AtomEntry* e = slots_[i];
        if (e == nullptr) return nullptr;
        if (e->hash == hash && e->name() == name) return e;
    }
}

void AtomIndex::insert(const AtomEntry* entry) {
    if ((entries_.size() + 1) * 4 > slots_.size() * 3) grow();
    entries_.push_back(entry);
    size_t i = slot_of(entry->hash, slots_.size());
    while (slots_[i] != nullptr) i = (i + 1) & (slots_.size() - 1);
    slots_[i] = entry;
}

void AtomIndex::grow() {
    std::vector<const AtomEntry*> bigger(slots_.empty() ? kFirstSlots : slots_.size() * 2);
    for (const AtomEntry* e : entries_) {
        size_t i = slot_of(e->hash, bigger.size());
        while (bigger[i] != nullptr) i = (i + 1) & (bigger.size() - 1);
        bigger[i] = e;
    }
    slots_ = std::move(bigger);
}

// ---- AtomTable

AtomTable::AtomTable(std::shared_ptr<const AtomBase> base) : base_(std::move(base)) {}

std::shared_ptr<const AtomBase> AtomTable::freeze() const {
    auto frozen = std::make_shared<AtomBase>();
    if (base_ != nullptr) *frozen = *base_;
    std::shared_lock lock(mutex_);
    for (const AtomEntry* e : own_.entries()) frozen->index.insert(e);
    frozen->blocks.insert(frozen->blocks.end(), blocks_.begin(), blocks_.end());
    return frozen;
}

const AtomEntry* AtomTable::find_constant(std::string_view name, uint32_t hash) const {
    if (const AtomEntry* e = kWellKnownIndex.find(name, hash)) return e;
    return base_ != nullptr ? base_->index.find(name, hash) : nullptr;
}

AtomTable::Recent& AtomTable::recent_of(std::string_view name) const {
    const size_t n = name.size();
    if (n == 0) return recent_[0];
    const auto byte = [name](size_t i) { return static_cast<uint32_t>(static_cast<uint8_t>(name[i])); };
    const uint32_t seed = static_cast<uint32_t>(n) << 24 ^ byte(0) << 16 ^ byte(n / 2) << 8 ^ byte(n - 1);
    return recent_[seed * 0x9e3779b1u >> 16 & (recent_.size() - 1)];
}

const AtomEntry* AtomTable::find_entry(std::string_view name) const {
    Recent& recent = recent_of(name);
    const AtomEntry* e = recent.load(std::memory_order_acquire);
    if (e != nullptr && e->name() == name) return e;
    const uint32_t hash = atom_hash(name);
    e = find_constant(name, hash);
    if (e == nullptr) {
        std::shared_lock lock(mutex_);
        e = own_.find(name, hash);
    }
    if (e != nullptr) recent.store(e, std::memory_order_release);
    return e;
}

Term AtomTable::find(std::string_view name) const {
    const AtomEntry* e = find_entry(name);
    return e != nullptr ? Term::atom(e) : Term::none();
}

Term AtomTable::intern(std::string_view name) {
    const AtomEntry* e = find_entry(name);
    return e != nullptr ? Term::atom(e) : make(name);
}

Term AtomTable::make(std::string_view name) {
    const uint32_t hash = atom_hash(name);
    const std::optional<size_t> characters = utf8_length(name);
    if (!characters || *characters > kMaxAtomCharacters) return Term::none();

    std::unique_lock lock(mutex_);
    if (const AtomEntry* e = own_.find(name, hash)) return Term::atom(e);
    if (kWellKnownCount + own_.entries().size() >= limit_ || !account_atom()) return Term::none();

    const size_t need = (sizeof(AtomEntry) + name.size() + kAtomAlignment - 1) & ~(kAtomAlignment - 1);
    if (blocks_.empty() || block_used_ + need > kBlockBytes) {
        // Native libraries may keep atoms in variables of 32 bits, which OTP's fit (docs/design/nifs.md).
        void* block = allocate_low_pages(kBlockBytes);
        if (block == nullptr) stop_without_memory(kBlockBytes);
        blocks_.emplace_back(static_cast<char*>(block), [](char* pages) { free_allocated_pages(pages, kBlockBytes); });
        block_used_ = 0;
    }
    char* place = blocks_.back().get() + block_used_;
    block_used_ += need;
    bytes_ += need;
    char* text = place + sizeof(AtomEntry);
    std::memcpy(text, name.data(), name.size());
    auto* entry = new (place) AtomEntry{
        text,         static_cast<uint16_t>(name.size()),    static_cast<uint16_t>(*characters), hash,
        kUnknownAtom, static_cast<uint32_t>(count_locked()), atom_internal_hash(name),           name_prefix(name)};
    own_.insert(entry);
    return Term::atom(entry);
}

size_t AtomTable::count_locked() const { return kWellKnownCount + base_count() + own_.entries().size(); }

size_t AtomTable::count() const {
    std::shared_lock lock(mutex_);
    return count_locked();
}

size_t AtomTable::bytes() const {
    std::shared_lock lock(mutex_);
    return bytes_ + own_.bytes();
}

Term AtomTable::at(size_t number) const {
    if (number < kWellKnownCount) return Term::atom(&kWellKnownAtoms[number].entry);
    number -= kWellKnownCount;
    if (number < base_count()) return Term::atom(base_->index.entries()[number]);
    number -= base_count();
    std::shared_lock lock(mutex_);
    const auto& own = own_.entries();
    return number < own.size() ? Term::atom(own[number]) : Term::none();
}

}  // namespace lintel
