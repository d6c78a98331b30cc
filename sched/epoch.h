#pragma once
/// Safe reclamation by quiescent states: what was taken out of a shared table is freed when nobody can hold a pointer to it.
///
/// A *reader* (scheduler) is offline or has announced an epoch; it announces the current one whenever it holds no pointers. Something
/// retired at epoch E is freed once every online reader has announced more than E. Threads that are no readers hold a
/// ForeignReader while they use pointers.

#include <atomic>
#include <cstdint>
#include <vector>

#include "base/alloc.h"

namespace lintel {

class EpochDomain {
public:
    struct alignas(64) Reader {
        std::atomic<uint64_t> announced{0};  ///< 0: offline
    };

    explicit EpochDomain(size_t readers) : readers_(readers) {}

    size_t reader_count() const { return readers_.size(); }

    /// The reader's own thread, when it holds no pointers.
    void announce(size_t reader) {
        const uint64_t now = current_.load(std::memory_order_acquire);
        auto& own = readers_[reader].announced;
        const uint64_t before = own.load(std::memory_order_relaxed);
        if (before == now) return;
        if (before != 0) return own.store(now, std::memory_order_release);
        // It comes online. Either safe_before sees that, or its change of current_ came before ours: then everything that it
        // allows to be freed is out of its table for us.
        own.store(now, std::memory_order_seq_cst);
        current_.fetch_add(0, std::memory_order_seq_cst);
    }
    void go_offline(size_t reader) { readers_[reader].announced.store(0, std::memory_order_release); }

    void enter_foreign() { foreign_.fetch_add(1, std::memory_order_seq_cst); }
    void leave_foreign() { foreign_.fetch_sub(1, std::memory_order_release); }

    /// The stamp of what is being retired now: it has been taken out of its table.
    uint64_t stamp() { return current_.fetch_add(1, std::memory_order_seq_cst); }
    /// Everything with a smaller stamp may be freed; 0: nothing.
    uint64_t safe_before() {
        // Changes, not loads: a reader that comes later sees them, and with them what was taken out of tables before (a fence
        // would do, but the thread sanitizer knows none).
        current_.fetch_add(0, std::memory_order_seq_cst);
        if (foreign_.fetch_add(0, std::memory_order_seq_cst) != 0) return 0;
        uint64_t safe = current_.load(std::memory_order_seq_cst);
        for (auto& reader : readers_) {
            const uint64_t a = reader.announced.load(std::memory_order_seq_cst);
            if (a != 0 && a < safe) safe = a;
        }
        return safe;
    }

private:
    std::atomic<uint64_t> current_{1};
    std::atomic<uint64_t> foreign_{0};
    std::vector<Reader> readers_;
};

/// Keeps what is looked up alive on a thread that is no scheduler.
class ForeignReader {
public:
    explicit ForeignReader(EpochDomain& domain) : domain_(domain) { domain_.enter_foreign(); }
    ~ForeignReader() { domain_.leave_foreign(); }
    ForeignReader(const ForeignReader&) = delete;
    ForeignReader& operator=(const ForeignReader&) = delete;

private:
    EpochDomain& domain_;
};

}  // namespace lintel
