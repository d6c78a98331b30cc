#pragma once
/// Leftovers: memory of what is gone for everybody already, too much to free at once. Schedulers free it a piece at a time between
/// the slices of processes, so that nobody waits for it, and all of it before they sleep.

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

namespace lintel {

class Leftovers {
public:
    class Item {
    public:
        virtual ~Item() = default;  ///< frees what is left
        /// Frees as much as takes a fraction of a millisecond; true: nothing is left. One thread at a time.
        virtual bool free_some() = 0;
    };

    /// Any thread of a scheduler.
    void add(std::unique_ptr<Item> item) {
        std::lock_guard lock(mutex_);
        items_.push_back(std::move(item));
        count_.store(items_.size(), std::memory_order_relaxed);
    }

    /// Whether there are some that nobody is at work on.
    bool any() const { return count_.load(std::memory_order_relaxed) != 0; }

    /// Frees some of one of them, if there is any.
    void free_some() {
        std::unique_ptr<Item> item;
        {
            std::lock_guard lock(mutex_);
            if (items_.empty()) return;
            item = std::move(items_.back());
            items_.pop_back();
            count_.store(items_.size(), std::memory_order_relaxed);
        }
        if (!item->free_some()) add(std::move(item));
    }

private:
    std::mutex mutex_;
    std::vector<std::unique_ptr<Item>> items_;
    std::atomic<size_t> count_{0};
};

}  // namespace lintel
