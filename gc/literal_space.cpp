/// One reservation of address space; the front part is committed (readable and writable), the rest is PROT_NONE and
/// costs nothing. Areas are cut from the front (`bump_`); areas given back are merged with free neighbours and handed
/// out again by best fit. Whole pages of large free runs go back to the system but stay accessible.

#include "gc/literal_space.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "base/memory_account.h"
#include "base/pages.h"

namespace lintel {

namespace {

constexpr Word kCommitStep = Word{256} << 10;
constexpr Word kSmallestReservation = Word{1} << 20;
/// Free runs of at least so many bytes give their pages back.
constexpr Word kTrimBytes = Word{64} << 10;

/// Where address space is limited, so large a part of it may be literals.
constexpr Word kShareOfAddresses = 8;

constexpr Word round_up(Word n, Word to) { return (n + to - 1) / to * to; }

}  // namespace

LiteralReservation::LiteralReservation(size_t max_bytes) {
    const Word most = std::min<Word>(max_bytes, address_space_limit() / kShareOfAddresses);
    Word wish = round_up(std::max<Word>(most, kSmallestReservation), kCommitStep);
    for (; wish >= kSmallestReservation; wish = round_up(wish / 2, kCommitStep)) {
        void* p = reserve_pages(wish);
        if (p != nullptr) {
            base_ = reinterpret_cast<Word>(p);
            bytes_ = wish;
            return;
        }
    }
}

LiteralReservation::~LiteralReservation() {
    if (bytes_ != 0) release_pages(reinterpret_cast<void*>(base_), bytes_);
}

bool LiteralReservation::commit(Word up_to) {
    if (up_to <= committed_) return true;
    // Steps grow with what is in use, so that a large code base needs few system calls.
    const Word wanted = std::min(bytes_, round_up(std::max(up_to, committed_ + committed_ / 4), kCommitStep));
    if (!commit_pages(reinterpret_cast<void*>(base_ + committed_), wanted - committed_)) return false;
    committed_ = wanted;
    return true;
}

bool LiteralReservation::take_free(size_t words, Word* offset) {
    const auto it = free_by_size_.lower_bound({words, 0});
    if (it == free_by_size_.end()) return false;
    const auto [run_words, run] = *it;
    free_by_size_.erase(it);
    free_.erase(run);
    if (run_words > words) {
        const Word rest = run + words * kWordBytes;
        free_.emplace(rest, run_words - words);
        free_by_size_.emplace(run_words - words, rest);
    }
    *offset = run;
    return true;
}

void LiteralReservation::give_back(Word offset, size_t words) {
    auto next = free_.lower_bound(offset);
    if (next != free_.end() && next->first == offset + words * kWordBytes) {
        words += next->second;
        free_by_size_.erase({next->second, next->first});
        next = free_.erase(next);
    }
    if (next != free_.begin()) {
        const auto before = std::prev(next);
        if (before->first + before->second * kWordBytes == offset) {
            offset = before->first;
            words += before->second;
            free_by_size_.erase({before->second, before->first});
            free_.erase(before);
        }
    }
    const Word begin = round_up(offset, kPageBytes);
    const Word end = (offset + words * kWordBytes) / kPageBytes * kPageBytes;
    if (end > begin && end - begin >= kTrimBytes) {
        discard_pages(reinterpret_cast<void*>(base_ + begin), end - begin);
    }
    if (offset + words * kWordBytes == bump_) {
        bump_ = offset;
        return;
    }
    free_.emplace(offset, words);
    free_by_size_.emplace(words, offset);
}

LiteralArea* LiteralReservation::create(size_t words) {
    const size_t taken = std::max<size_t>(words, 1);
    Word offset = 0;
    bool reused = true;
    {
        const std::lock_guard lock(mutex_);
        if (taken > bytes_ / kWordBytes) return nullptr;
        const Word bytes = taken * kWordBytes;
        if (!take_free(taken, &offset)) {
            if (bytes > bytes_ - bump_ || !commit(bump_ + bytes)) return nullptr;
            offset = bump_;
            bump_ += bytes;
            reused = offset < touched_;
            touched_ = std::max(touched_, bump_);
        }
    }
    // Fresh pages are zero, used ones are made so: whoever walks an area may meet words that nobody wrote.
    if (reused) std::memset(reinterpret_cast<void*>(base_ + offset), 0, taken * kWordBytes);
    auto* area = make<LiteralArea>();
    area->begin = area->top = reinterpret_cast<Word*>(base_ + offset);
    area->end = area->begin + words;
    return area;
}

void LiteralReservation::release(LiteralArea* area) {
    if (area->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    // Of one that was shared nobody has paid for who is the last.
    std::optional<MemoryScope> nobody;
    if (area->is_shared) nobody.emplace();
    release_off_heap(area->off_heap);
#ifndef NDEBUG
    std::memset(area->begin, 0xdb, area->bytes());
#endif
    const std::lock_guard lock(mutex_);
    give_back(reinterpret_cast<Word>(area->begin) - base_, area->bytes() / kWordBytes);
    lintel::destroy(area);
}

// ---- LiteralSpace

LiteralArea* LiteralSpace::create(size_t words) {
    const size_t bytes = std::max<size_t>(words, 1) * kWordBytes;
    if (words > max_bytes_ / kWordBytes) return nullptr;
    if (used_bytes_.fetch_add(bytes, std::memory_order_relaxed) > max_bytes_ - bytes) {
        used_bytes_.fetch_sub(bytes, std::memory_order_relaxed);
        return nullptr;
    }
    LiteralArea* const area = reservation_->create(words);
    if (area == nullptr) used_bytes_.fetch_sub(bytes, std::memory_order_relaxed);
    return area;
}

void LiteralSpace::destroy(LiteralArea* area) {
    if (area == nullptr) return;
    if (!area->is_shared) used_bytes_.fetch_sub(area->bytes(), std::memory_order_relaxed);
    reservation_->release(area);
}

/// Nobody pays for the large binaries of an area any more for which `payer` does.
static void take_over_binaries(const LiteralArea& area, MemoryAccount& payer) {
    size_t bytes = 0;
    for (const Word* w = area.off_heap.first; w != nullptr;) {
        if (header_kind(*w) != Kind::refc_binary) {
            w = reinterpret_cast<const MagicRef*>(w)->next_off_heap;
            continue;
        }
        const auto* binary = reinterpret_cast<const RefcBinary*>(w);
        // Another's are paid for by that one until they are freed.
        if (binary->data->keeper == nullptr) bytes += sizeof(BinaryData) + binary->data->capacity;
        w = binary->next_off_heap;
    }
    transfer_memory(&payer, nullptr, bytes);
    payer.add_binaries(-static_cast<ptrdiff_t>(bytes));
}

void LiteralSpace::share(LiteralArea* area, MemoryAccount& payer) {
    area->references.fetch_add(1, std::memory_order_relaxed);
    if (area->is_shared) return;
    area->is_shared = true;
    take_over_binaries(*area, payer);
    used_bytes_.fetch_sub(area->bytes(), std::memory_order_relaxed);
}

// ---- an area on its way out

void LiteralSpace::stop_counting(const LiteralArea* area) {
    uncounted_.set({reinterpret_cast<Word>(area->begin), static_cast<Word>(area->end - area->begin) * kWordBytes});
}

void LiteralSpace::stop_sharing() { unshared_.set(uncounted_.get()); }

void LiteralSpace::share_again() {
    unshared_.bytes.store(0, std::memory_order_release);
    uncounted_.bytes.store(0, std::memory_order_release);
}

}  // namespace lintel
