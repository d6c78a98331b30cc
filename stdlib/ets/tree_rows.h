#pragma once
/// TreeRows: the rows of an ordered_set. stdlib/ets/tree_rows.cpp tells how. Under its table's lock.

#include <atomic>

#include "stdlib/ets/row.h"
#include "term/compare.h"

namespace lintel {

/// A tree row has nothing in front.
inline constexpr size_t kTreeRowPrefix = 0;

class TreeRows {
public:
    explicit TreeRows(size_t key_position) : key_position_(key_position) {}
    /// Frees all rows.
    ~TreeRows();
    TreeRows(const TreeRows&) = delete;
    TreeRows& operator=(const TreeRows&) = delete;

    /// `word`: the row's key if that is an immediate, else 0: most comparisons need not look into the row.
    struct Entry {
        Word word;
        Row* row;
    };
    static constexpr unsigned kMaxEntries = 31;
    static constexpr unsigned kMinEntries = kMaxEntries / 2;
    /// More than any number of rows needs.
    static constexpr unsigned kMaxDepth = 16;

    struct Node {
        uint16_t count;
        bool is_leaf;
        Entry entries[kMaxEntries];
    };
    struct InnerNode : Node {
        Node* children[kMaxEntries + 1];
    };

    /// A place in the tree: an entry, or the end. Valid until rows come or go.
    class Position {
    public:
        bool is_end() const { return depth_ == 0; }
        Row* row() const { return entry().row; }
        Entry& entry() const { return nodes_[depth_ - 1]->entries[slots_[depth_ - 1]]; }
        void next();
        void previous();

    private:
        friend class TreeRows;
        void push(Node* node, size_t slot) {
            LINTEL_ASSERT(depth_ < kMaxDepth);
            nodes_[depth_] = node;
            slots_[depth_++] = static_cast<uint16_t>(slot);
        }
        /// From behind the last entry of a node to the next entry above it, or the end.
        void climb() {
            while (depth_ > 0 && slots_[depth_ - 1] >= nodes_[depth_ - 1]->count) --depth_;
        }
        void go_leftmost(Node* node);
        void go_rightmost(Node* node);

        unsigned depth_ = 0;
        uint16_t slots_[kMaxDepth];
        Node* nodes_[kMaxDepth];
    };

    size_t row_count() const { return count_; }
    /// Memory besides the rows.
    size_t bytes() const { return bytes_; }

    Row* find(Term key) const;
    Entry* find_entry(Term key) const;
    Position first() const;
    Position last() const;
    /// Where `key` (compared by ==) is, or the end.
    Position at(Term key) const;
    /// The first entry that is not before `key`; strictly behind it if `after`.
    Position lower_bound(Term key, bool after) const;
    /// As lower_bound(key, true); quick if `key` is what it came to last.
    Position behind(Term key) const;
    /// The last entry that is not behind `key`; strictly before it if `before`.
    Position upper_bound(Term key, bool before) const;
    /// The first entry, or the last, for which compare(key of entry) is 0, where compare goes from negative (the entry is too
    /// early) over 0 to positive along the order.
    template <typename Compare>
    Position first_where(Compare compare) const {
        return bound([&](const Entry& e) { return compare(key_of(e)) >= 0; });
    }
    template <typename Compare>
    Position last_where(Compare compare) const {
        Position p = bound([&](const Entry& e) { return compare(key_of(e)) > 0; });
        if (p.is_end()) return last();
        p.previous();
        return p;
    }

    Term key_of(const Entry& e) const { return e.word != 0 ? Term(e.word) : e.row->element(key_position_); }
    Term key_of(const Row* row) const { return row->element(key_position_); }

    /// Puts `row` in, in place of one with an equal key, which is returned and the caller's. *no_memory: not done.
    Row* insert(Row* row, bool* no_memory);
    /// Exchanges the row of an entry for one with an equal key; returns the old one.
    Row* replace(Entry& entry, Row* row) {
        Row* old = entry.row;
        entry = make_entry(row);
        return old;
    }
    /// Renews what the entry knows of its row's key, which has been overwritten by an equal one.
    void refresh(Entry& entry) { entry = make_entry(entry.row); }
    /// Takes the row of `key` out, nullptr if there is none.
    Row* remove(Term key);
    /// Frees about `rows` rows of a table that nobody uses any more; true when none is left.
    bool free_some(size_t rows);

private:
    Entry make_entry(Row* row) const {
        const Term key = row->element(key_position_);
        return {key.is_immediate() ? key.word() : 0, row};
    }
    /// Whole, for others see the table. It ends: the keys in it are copies, in which nothing is shared.
    int compare_with(Term key, const Entry& e) const { return compare(key, key_of(e), Walks::whole); }
    /// Index of the first entry that is not before `key`.
    size_t search(const Node* node, Term key, bool* found) const;
    /// The first entry for which is_there is true, where it goes from false to true along the order.
    template <typename IsThere>
    Position bound(IsThere is_there) const {
        Position p;
        unsigned depth_of_match = 0;
        for (Node* node = root_; node != nullptr;) {
            size_t low = 0, high = node->count;
            while (low < high) {
                const size_t middle = (low + high) / 2;
                if (is_there(node->entries[middle])) {
                    high = middle;
                } else {
                    low = middle + 1;
                }
            }
            p.push(node, low);
            if (low < node->count) depth_of_match = p.depth_;
            node = node->is_leaf ? nullptr : static_cast<InnerNode*>(node)->children[low];
        }
        p.depth_ = depth_of_match;
        return p;
    }
    Position find_place(Term key, bool* found) const;
    Entry* entry_of_walk(Term key) const;

    Node* new_node(bool is_leaf);
    void free_node(Node* node);
    static Node* child(Node* node, size_t i) { return static_cast<InnerNode*>(node)->children[i]; }
    static void insert_into(Node* node, size_t slot, Entry entry, Node* right);
    void remove_from_leaf(Position& place);
    void mend(Node* parent, size_t slot);

    /// Where `behind` came to: who walks through the table asks for what follows.
    struct Walk {
        std::atomic<bool> is_busy{false};  ///< readers share the table's lock
        size_t changes = SIZE_MAX;         ///< changes_ when `at` was right
        Position at;
        std::atomic<Word> key{0};  ///< that which `at` is at, if it is an immediate: a hint, to be read without is_busy
    };

    Node* root_ = nullptr;
    size_t count_ = 0;
    size_t changes_ = 0;  ///< how often entries have come or gone
    mutable Walk walk_;
    size_t bytes_ = 0;
    size_t key_position_;
};

}  // namespace lintel
