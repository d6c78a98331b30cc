/// A B-tree of rows, ordered by their keys as compare does (1 and 1.0 are one key).
///
/// Every node holds up to 31 entries in order, an inner node also a child before, between and behind them. Invariants:
///   1. all leaves are at the same depth and every node has an entry; one that has become smaller than kMinEntries by a removal is
///      mended at once (a split at the end of the tree leaves a smaller one, which fills up);
///   2. all keys below children[i] are between those of entries[i - 1] and entries[i];
///   3. an entry's `word` is its row's key if the key is an immediate, else 0.
///
/// There are no links between nodes besides those to children: a Position is the way from the root, and goes to its neighbours by
/// climbing. Wide nodes keep a lookup among a million keys at four or five nodes, and immediates are compared without touching
/// the rows.
///
/// Insertion goes down to a leaf and splits full nodes on the way back; all nodes that it may need are allocated first, so that it
/// fails as a whole. Removal takes an inner entry's predecessor, which is in a leaf, in its place, and then mends nodes that have
/// become too small from the leaf upwards, with an entry of a neighbour or by joining the two.

#include "stdlib/ets/tree_rows.h"

namespace lintel {

namespace {

using Entry = TreeRows::Entry;
using Node = TreeRows::Node;
using InnerNode = TreeRows::InnerNode;

void move_entries(Entry* to, const Entry* from, size_t n) { std::memmove(to, from, n * sizeof(Entry)); }
void move_children(Node** to, Node* const* from, size_t n) { std::memmove(to, from, n * sizeof(Node*)); }

Node** children_of(Node* node) { return static_cast<InnerNode*>(node)->children; }

}  // namespace

// ---- positions

void TreeRows::Position::go_leftmost(Node* node) {
    for (;; node = child(node, 0)) {
        push(node, 0);
        if (node->is_leaf) return;
    }
}

void TreeRows::Position::go_rightmost(Node* node) {
    for (;; node = child(node, node->count)) {
        push(node, node->is_leaf ? node->count - 1u : node->count);
        if (node->is_leaf) return;
    }
}

void TreeRows::Position::next() {
    Node* node = nodes_[depth_ - 1];
    const size_t slot = ++slots_[depth_ - 1];
    if (!node->is_leaf) {
        go_leftmost(child(node, slot));
        return;
    }
    climb();
}

void TreeRows::Position::previous() {
    Node* node = nodes_[depth_ - 1];
    if (!node->is_leaf) {
        go_rightmost(child(node, slots_[depth_ - 1]));
        return;
    }
    while (depth_ > 0 && slots_[depth_ - 1] == 0) --depth_;
    if (depth_ > 0) --slots_[depth_ - 1];
}

TreeRows::Position TreeRows::first() const {
    Position p;
    if (root_ != nullptr) p.go_leftmost(root_);
    return p;
}

TreeRows::Position TreeRows::last() const {
    Position p;
    if (root_ != nullptr) p.go_rightmost(root_);
    return p;
}

// ---- looking up

/// search for a small integer among small integers: without branches that depend on the keys, which nobody can predict. False: there
/// are others among those that it met.
static bool search_small(const Node* node, Term key, size_t* slot, bool* found) {
    const auto wanted = static_cast<int64_t>(key.word());
    const Entry* at = node->entries;
    Word tags = key.word();
    for (size_t n = node->count; n > 1;) {
        const size_t half = n / 2;
        const Word word = at[half - 1].word;
        tags &= word;
        at += half & -static_cast<size_t>(static_cast<int64_t>(word) < wanted);
        n -= half;
    }
    tags &= at->word;
    at += static_cast<int64_t>(at->word) < wanted;
    const auto i = static_cast<size_t>(at - node->entries);
    *slot = i;
    *found = false;
    if (i < node->count) {
        tags &= at->word;
        *found = at->word == key.word();
    }
    return (tags & kTagMask) == static_cast<Word>(Tag::small);
}

size_t TreeRows::search(const Node* node, Term key, bool* found) const {
    size_t slot;
    if (key.is_small() && search_small(node, key, &slot, found)) return slot;
    size_t low = 0, high = node->count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        const int order = compare_with(key, node->entries[middle]);
        if (order == 0) {
            *found = true;
            return middle;
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    *found = false;
    return low;
}

/// The entry that behind() came to last, if that is the key's: who walks through a table looks up what it has come to.
TreeRows::Entry* TreeRows::entry_of_walk(Term key) const {
    if (walk_.is_busy.exchange(true, std::memory_order_acquire)) return nullptr;
    Entry* entry = nullptr;
    if (walk_.changes == changes_ && !walk_.at.is_end() && walk_.at.entry().word == key.word())
        entry = &walk_.at.entry();
    walk_.is_busy.store(false, std::memory_order_release);
    return entry;
}

TreeRows::Entry* TreeRows::find_entry(Term key) const {
    if (key.is_immediate() && walk_.key.load(std::memory_order_relaxed) == key.word()) {
        if (Entry* entry = entry_of_walk(key)) return entry;
    }
    for (Node* node = root_; node != nullptr;) {
        bool found;
        const size_t slot = search(node, key, &found);
        if (found) return &node->entries[slot];
        if (node->is_leaf) return nullptr;
        node = child(node, slot);
    }
    return nullptr;
}

Row* TreeRows::find(Term key) const {
    const Entry* entry = find_entry(key);
    return entry != nullptr ? entry->row : nullptr;
}

TreeRows::Position TreeRows::find_place(Term key, bool* found) const {
    Position p;
    *found = false;
    for (Node* node = root_; node != nullptr;) {
        const size_t slot = search(node, key, found);
        p.push(node, slot);
        if (*found || node->is_leaf) break;
        node = child(node, slot);
    }
    return p;
}

TreeRows::Position TreeRows::at(Term key) const {
    bool found;
    Position p = find_place(key, &found);
    if (!found) p.depth_ = 0;
    return p;
}

TreeRows::Position TreeRows::lower_bound(Term key, bool after) const {
    bool found;
    Position p = find_place(key, &found);
    if (found) {
        if (after) p.next();
    } else {
        p.climb();
    }
    return p;
}

TreeRows::Position TreeRows::behind(Term key) const {
    if (walk_.is_busy.exchange(true, std::memory_order_acquire)) return lower_bound(key, true);
    const bool goes_on =
        walk_.changes == changes_ && !walk_.at.is_end() && key.is_immediate() && walk_.at.entry().word == key.word();
    if (goes_on) {
        walk_.at.next();
    } else {
        walk_.at = lower_bound(key, true);
    }
    walk_.changes = changes_;
    walk_.key.store(walk_.at.is_end() ? 0 : walk_.at.entry().word, std::memory_order_relaxed);
    const Position p = walk_.at;
    walk_.is_busy.store(false, std::memory_order_release);
    return p;
}

TreeRows::Position TreeRows::upper_bound(Term key, bool before) const {
    Position p = lower_bound(key, !before);
    if (p.is_end()) return last();
    p.previous();
    return p;
}

// ---- nodes

TreeRows::Node* TreeRows::new_node(bool is_leaf) {
    const size_t bytes = is_leaf ? sizeof(Node) : sizeof(InnerNode);
    auto* node = static_cast<Node*>(try_allocate(bytes));
    if (node == nullptr) return nullptr;
    node->count = 0;
    node->is_leaf = is_leaf;
    bytes_ += bytes;
    return node;
}

void TreeRows::free_node(Node* node) {
    bytes_ -= node->is_leaf ? sizeof(Node) : sizeof(InnerNode);
    release(node);
}

bool TreeRows::free_some(size_t rows) {
    // From the end, leaf by leaf: what is left is a tree whose last nodes may be too small, good for nothing else.
    while (root_ != nullptr) {
        Node* parent = nullptr;
        Node* node = root_;
        while (!node->is_leaf) {
            parent = node;
            node = child(node, node->count);
        }
        while (node->count > 0) {
            if (rows == 0) return false;
            --rows;
            --count_;
            free_row(node->entries[--node->count].row, kTreeRowPrefix);
        }
        free_node(node);
        if (parent == nullptr) {
            root_ = nullptr;
            break;
        }
        // The entry in front of the child that went; a parent without any is a leaf of no entries from now on.
        if (parent->count == 0) {
            parent->is_leaf = true;
            bytes_ -= sizeof(InnerNode) - sizeof(Node);
            continue;
        }
        free_row(parent->entries[--parent->count].row, kTreeRowPrefix);
        --count_;
    }
    return true;
}

TreeRows::~TreeRows() { free_some(SIZE_MAX); }

// ---- insertion

/// Puts `entry` at `slot`, and `right` (of an inner node) behind it.
void TreeRows::insert_into(Node* node, size_t slot, Entry entry, Node* right) {
    LINTEL_ASSERT(node->count < kMaxEntries);
    move_entries(node->entries + slot + 1, node->entries + slot, node->count - slot);
    node->entries[slot] = entry;
    if (!node->is_leaf) {
        Node** children = children_of(node);
        move_children(children + slot + 2, children + slot + 1, node->count - slot);
        children[slot + 1] = right;
    }
    ++node->count;
}

Row* TreeRows::insert(Row* row, bool* no_memory) {
    *no_memory = false;
    bool found;
    Position place = find_place(key_of(row), &found);
    if (found) return replace(place.entry(), row);

    // Nodes for every full node on the way from the leaf upwards, and for a new root if all are full.
    Node* fresh[kMaxDepth + 1];
    unsigned need = 0;
    bool out_of_memory = false;
    unsigned level = place.depth_;
    while (level > 0 && place.nodes_[level - 1]->count == kMaxEntries) {
        fresh[need] = new_node(place.nodes_[level - 1]->is_leaf);
        out_of_memory |= fresh[need++] == nullptr;
        --level;
    }
    if (level == 0) {
        fresh[need] = new_node(root_ == nullptr);
        out_of_memory |= fresh[need++] == nullptr;
    }
    if (out_of_memory) {
        for (unsigned i = 0; i < need; ++i) {
            if (fresh[i] != nullptr) free_node(fresh[i]);
        }
        *no_memory = true;
        return nullptr;
    }

    Entry entry = make_entry(row);
    Node* right = nullptr;
    unsigned used = 0;
    level = place.depth_;
    for (; level > 0; --level) {
        Node* node = place.nodes_[level - 1];
        const size_t slot = place.slots_[level - 1];
        if (node->count < kMaxEntries) {
            insert_into(node, slot, entry, right);
            break;
        }
        // The upper half goes into a new node, the middle entry one level up. Ascending insertions leave full nodes behind.
        const bool at_end = slot == kMaxEntries;
        const size_t middle = at_end ? kMaxEntries - kMinEntries / 2 : kMaxEntries / 2;
        Node* upper = fresh[used++];
        const Entry up = node->entries[middle];
        upper->count = static_cast<uint16_t>(kMaxEntries - middle - 1);
        move_entries(upper->entries, node->entries + middle + 1, upper->count);
        if (!node->is_leaf) move_children(children_of(upper), children_of(node) + middle + 1, upper->count + 1u);
        node->count = static_cast<uint16_t>(middle);
        if (slot <= middle) {
            insert_into(node, slot, entry, right);
        } else {
            insert_into(upper, slot - middle - 1, entry, right);
        }
        entry = up;
        right = upper;
    }
    if (level == 0) {
        Node* root = fresh[used++];
        root->entries[0] = entry;
        root->count = 1;
        if (!root->is_leaf) {
            children_of(root)[0] = root_;
            children_of(root)[1] = right;
        }
        root_ = root;
    }
    LINTEL_ASSERT(used == need);
    ++count_;
    ++changes_;
    return nullptr;
}

// ---- removal

/// children[slot] of `parent` has too few entries.
void TreeRows::mend(Node* parent, size_t slot) {
    Node** children = children_of(parent);
    Node* node = children[slot];
    if (slot > 0 && children[slot - 1]->count > kMinEntries) {
        Node* left = children[slot - 1];
        move_entries(node->entries + 1, node->entries, node->count);
        node->entries[0] = parent->entries[slot - 1];
        parent->entries[slot - 1] = left->entries[left->count - 1];
        if (!node->is_leaf) {
            move_children(children_of(node) + 1, children_of(node), node->count + 1u);
            children_of(node)[0] = children_of(left)[left->count];
        }
        --left->count;
        ++node->count;
        return;
    }
    if (slot < parent->count && children[slot + 1]->count > kMinEntries) {
        Node* right = children[slot + 1];
        node->entries[node->count] = parent->entries[slot];
        parent->entries[slot] = right->entries[0];
        move_entries(right->entries, right->entries + 1, right->count - 1u);
        if (!node->is_leaf) {
            children_of(node)[node->count + 1] = children_of(right)[0];
            move_children(children_of(right), children_of(right) + 1, right->count);
        }
        --right->count;
        ++node->count;
        return;
    }
    // Joins it with a neighbour that has no entry to spare, and the entry between them.
    const size_t left_slot = slot > 0 ? slot - 1 : slot;
    Node* left = children[left_slot];
    Node* right = children[left_slot + 1];
    left->entries[left->count] = parent->entries[left_slot];
    move_entries(left->entries + left->count + 1, right->entries, right->count);
    if (!left->is_leaf) move_children(children_of(left) + left->count + 1, children_of(right), right->count + 1u);
    left->count = static_cast<uint16_t>(left->count + 1u + right->count);
    LINTEL_ASSERT(left->count <= kMaxEntries);
    free_node(right);
    move_entries(parent->entries + left_slot, parent->entries + left_slot + 1, parent->count - left_slot - 1u);
    move_children(children + left_slot + 1, children + left_slot + 2, parent->count - left_slot - 1u);
    --parent->count;
}

/// Removes the entry at `place`, in a leaf, and mends what becomes too small.
void TreeRows::remove_from_leaf(Position& place) {
    unsigned level = place.depth_ - 1;
    Node* leaf = place.nodes_[level];
    const size_t slot = place.slots_[level];
    move_entries(leaf->entries + slot, leaf->entries + slot + 1, leaf->count - slot - 1u);
    --leaf->count;
    for (; level > 0 && place.nodes_[level]->count < kMinEntries; --level)
        mend(place.nodes_[level - 1], place.slots_[level - 1]);
    if (root_->count == 0) {
        Node* old = root_;
        root_ = old->is_leaf ? nullptr : child(old, 0);
        free_node(old);
    }
}

Row* TreeRows::remove(Term key) {
    bool found;
    Position place = find_place(key, &found);
    if (!found) return nullptr;
    Row* row = place.row();
    const unsigned depth = place.depth_;
    if (!place.nodes_[depth - 1]->is_leaf) {
        Entry& hole = place.entry();
        // Its predecessor: the last entry of the leaf below on the left.
        place.go_rightmost(child(place.nodes_[depth - 1], place.slots_[depth - 1]));
        hole = place.entry();
    }
    remove_from_leaf(place);
    --count_;
    ++changes_;
    return row;
}

}  // namespace lintel
