#pragma once
/// Memory for literals: terms that belong to a module (or to persistent_term) and are shared by all processes of one VM.
///
/// One contiguous reservation, committed as it is used, so that "is this term a literal?" is one compare. VMs that begin with the same
/// snapshot have areas in one reservation: a VM never meets a term of another one, so the compare is as good there
/// (docs/design/snapshots.md). Literal terms are immutable, refer only to literals, and are neither copied by messages nor moved by
/// collections.

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <utility>

#include "gc/heap.h"

namespace lintel {

/// The literals of one module or one persistent term: a fragment inside the literal space.
struct LiteralArea {
    Word* begin = nullptr;
    Word* top = nullptr;
    Word* end = nullptr;
    OffHeapList off_heap;
    std::atomic<uint32_t> references{1};  ///< VMs and snapshots that have it
    bool is_shared = false;               ///< a snapshot has or had it: it counts for no VM

    size_t bytes() const { return std::max<size_t>(static_cast<size_t>(end - begin), 1) * kWordBytes; }
};

/// A reservation and what of it is in use. Any thread.
class LiteralReservation {
public:
    /// Reserves up to `max_bytes` of address space; less when the system grants less: bytes() is 0 when it grants nothing to speak of.
    explicit LiteralReservation(size_t max_bytes);
    ~LiteralReservation();
    LiteralReservation(const LiteralReservation&) = delete;
    LiteralReservation& operator=(const LiteralReservation&) = delete;

    Word base() const { return base_; }
    Word bytes() const { return bytes_; }

    /// An area of `words` words, nullptr when it is full.
    LiteralArea* create(size_t words);
    /// Lets one reference go; with the last one the area is freed.
    void release(LiteralArea* area);

private:
    bool commit(Word up_to);
    bool take_free(size_t words, Word* offset);
    void give_back(Word offset, size_t words);

    Word base_ = 0;
    Word bytes_ = 0;
    Word committed_ = 0;                              ///< bytes from base_ that may be read and written
    Word bump_ = 0;                                   ///< bytes from base_; behind it nothing is in use
    Word touched_ = 0;                                ///< highest bump_ ever: behind it all words are zero
    std::map<Word, size_t> free_;                     ///< offset -> words; no two adjacent
    std::set<std::pair<size_t, Word>> free_by_size_;  ///< the same, for best fit
    std::mutex mutex_;
};

class LiteralSpace {
public:
    /// Areas in a reservation, which may have those of other VMs, too: up to 1 GiB in all.
    explicit LiteralSpace(std::shared_ptr<LiteralReservation> reservation)
        : reservation_(std::move(reservation)), base_(reservation_->base()), bytes_(reservation_->bytes()),
          max_bytes_(std::min<size_t>(kMostBytes, bytes_)) {}
    /// Areas of up to `max_bytes` in all: bytes() is 0 when the system grants nothing to speak of.
    explicit LiteralSpace(size_t max_bytes = kMostBytes)
        : LiteralSpace(std::make_shared<LiteralReservation>(max_bytes)) {}
    /// For a VM and those that will begin with a snapshot of it.
    static std::shared_ptr<LiteralReservation> reserve() { return std::make_shared<LiteralReservation>(kFamilyBytes); }
    LiteralSpace(const LiteralSpace&) = delete;
    LiteralSpace& operator=(const LiteralSpace&) = delete;

    bool contains(const void* p) const { return reinterpret_cast<Word>(p) - base_ < bytes_; }
    /// First address and size of the reservation: constant, for code that wants them in registers.
    Word base() const { return base_; }
    Word bytes() const { return bytes_; }
    /// `t` is a cons or boxed term in a literal area.
    bool contains(Term t) const { return !t.is_immediate() && (t.word() & ~kTagMask) - base_ < bytes_; }
    const std::shared_ptr<LiteralReservation>& reservation() const { return reservation_; }

    /// An area of `words` words, nullptr when the space is full. Any thread.
    LiteralArea* create(size_t words);
    /// This VM is done with the area: nobody in it refers to it any more. It is freed, with its off-heap objects, when all others are. Any
    /// thread.
    void destroy(LiteralArea* area);
    /// A snapshot takes a reference to the area, which counts for no VM from now on. No one else may destroy it meanwhile.
    void share(LiteralArea* area, MemoryAccount& payer);

    // ---- an area on its way out: stdlib/literal_collector.cpp. One at a time, by one thread at a time
    /// flat_size counts what refers to `area` as if it were not shared.
    void stop_counting(const LiteralArea* area);
    /// copy_term copies it too. Before, every thread has come out of what it copied when stop_counting was called.
    void stop_sharing();
    /// The area has no references left: an end to both.
    void share_again();
    struct Range {
        Word base = 0, bytes = 0;
    };
    Range uncounted() const { return uncounted_.get(); }
    Range unshared() const { return unshared_.get(); }

    /// Bytes of all areas that exist but for those shared with a snapshot. Any thread.
    size_t used_bytes() const { return used_bytes_.load(std::memory_order_relaxed); }

private:
    /// Written in an order in which a reader sees the one range, the other, or none.
    struct AtomicRange {
        std::atomic<Word> base{0}, bytes{0};
        Range get() const {
            const Word n = bytes.load(std::memory_order_acquire);
            return {base.load(std::memory_order_relaxed), n};
        }
        void set(Range r) {
            base.store(r.base, std::memory_order_relaxed);
            bytes.store(r.bytes, std::memory_order_release);
        }
    };
    AtomicRange uncounted_, unshared_;

    /// What one VM may have, and what those of one snapshot may have together.
    static constexpr size_t kMostBytes = size_t{1} << 30, kFamilyBytes = size_t{8} << 30;

    const std::shared_ptr<LiteralReservation> reservation_;
    const Word base_;
    const Word bytes_;
    const size_t max_bytes_;
    std::atomic<size_t> used_bytes_{0};
};

}  // namespace lintel
