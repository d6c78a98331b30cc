#include "stdlib/ets/table.h"

namespace lintel {

Table::Table(const Options& options, Term table_name, Term table_owner, Word reference_number,
             std::shared_ptr<Tenant> of, ReaderSlots& readers)
    : Magic(&kMagicType), type(options.type), key_position(options.key_position), is_named(options.is_named),
      read_concurrency(options.read_concurrency), compressed(options.compressed),
      decentralized_counters(options.decentralized_counters), write_concurrency(options.write_concurrency),
      parts(options.parts), number(reference_number), tenant(std::move(of)), lock(readers),
      protection(options.protection), name(table_name), owner(table_owner), heir(options.heir),
      rows(std::make_unique<TableRows>(options.type, options.key_position, options.parts, tenant)) {}

Table::~Table() {
    if (heir_fragment != nullptr) HeapFragment::destroy(heir_fragment);
    while (fixations != nullptr) {
        Fixation* next = fixations->next;
        destroy(fixations);
        fixations = next;
    }
}

Row* Table::find(Term key) {
    if (is_ordered()) return tree().find(key);
    const uint32_t hash_value = HashRows::hash_of(key);
    bool found;
    Row* row = *hash().find_link(key, hash_value, &found);
    if (!found) return nullptr;
    if (type == TableType::set) return row->is_deleted() ? nullptr : row;
    for (; row != nullptr && row->hash() == hash_value && hash().is_key(row, key); row = next_of(row)) {
        if (!row->is_deleted()) return row;
    }
    return nullptr;
}

bool Table::insert(Row* row, RowGarbage& garbage, const HashPlace& place) {
    if (is_ordered()) return insert_tree(row, garbage);
    return insert_hash(row, garbage, place.link != nullptr ? place : place_of(row->element(key_position)));
}

bool Table::insert_tree(Row* row, RowGarbage& garbage) {
    bool no_memory;
    Row* old = tree().insert(row, &no_memory);
    if (no_memory) return false;
    added(row);
    if (old != nullptr) {
        removed(old);
        garbage.add(old);
    }
    return true;
}

bool Table::insert_hash(Row* row, RowGarbage& garbage, HashPlace place) {
    const auto [link, hash_value, found] = place;
    if (found && type == TableType::set) {
        Row* old = hash().replace(link, row, hash_value);
        if (old->is_deleted()) {
            --deleted_rows;
            count_out(old);
        } else {
            removed(old);
        }
        garbage.add(old);
        added(row);
        return true;
    }
    if (found && type == TableType::bag) {
        const Term key = row->element(key_position);
        for (Row** at = link; *at != nullptr; at = &next_of(*at)) {
            if ((*at)->hash() != hash_value || !hash().is_key(*at, key)) break;
            if (!exactly_equal((*at)->tuple(), row->tuple(), Walks::whole)) continue;
            if ((*at)->is_deleted()) bring_back(link, at);
            garbage.add(row);
            return true;
        }
    }
    hash().insert(link, row, hash_value);
    if (!holds_size()) hash().grow(hash_value);
    added(row);
    return true;
}

bool Table::overwrite(Term tuple, HashPlace* place) {
    const Word* w = tuple.boxed_words();
    const size_t words = 1 + header_size(*w);
    const Term key(w[key_position]);
    Row* row;
    if (is_ordered()) {
        TreeRows::Entry* entry = tree().find_entry(key);
        if (entry == nullptr || entry->row->words() != words || !entry->row->is_flat()) return false;
        row = entry->row;
        std::memcpy(row->tuple_words, w, words * kWordBytes);
        tree().refresh(*entry);
        return true;
    }
    *place = place_of(key);
    if (type != TableType::set || !place->found) return false;
    row = *place->link;
    if (row->is_deleted() || row->words() != words || !row->is_flat()) return false;
    std::memcpy(row->tuple_words, w, words * kWordBytes);
    return true;
}

void Table::exchange(Row* old, Row* row, RowGarbage& garbage) {
    added(row);
    removed(old);
    garbage.add(old);
    if (is_ordered()) {
        tree().replace(*tree().find_entry(old->element(key_position)), row);
        return;
    }
    hash().replace(hash().link_of(old), row, old->hash());
}

void Table::bring_back(Row** first, Row** link) {
    Row* row = *link;
    *link = next_of(row);
    next_of(row) = *first;
    *first = row;
    row->unmark_deleted();
    --deleted_rows;
    size.store(size.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

Row** Table::remove_at(Row** link, RowGarbage& garbage, bool mark) {
    Row* row = *link;
    if (mark) {
        size.store(size.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
        row->mark_deleted();
        deleted_hashes.push(row->hash());
        ++deleted_rows;
        return &next_of(row);
    }
    removed(row);
    garbage.add(hash().unlink(link));
    return link;
}

size_t Table::remove(Term key, Term object, RowGarbage& garbage) {
    if (is_ordered()) {
        if (object.is_value()) {
            const Row* row = tree().find(key);
            if (row == nullptr || !exactly_equal(row->tuple(), object, Walks::whole)) return 0;
        }
        Row* row = tree().remove(key);
        if (row == nullptr) return 0;
        removed(row);
        garbage.add(row);
        return 1;
    }
    const uint32_t hash_value = HashRows::hash_of(key);
    bool found;
    Row** link = hash().find_link(key, hash_value, &found);
    if (!found) return 0;
    size_t count = 0;
    bool is_first = true;  // one marked row is enough to find the key's place by
    while (*link != nullptr && (*link)->hash() == hash_value && hash().is_key(*link, key)) {
        const bool is_there = !(*link)->is_deleted();
        if (is_there && (object.is_none() || exactly_equal((*link)->tuple(), object, Walks::whole))) {
            link = remove_at(link, garbage, is_fixed() && is_first);
            ++count;
        } else {
            link = &next_of(*link);
        }
        if (is_there) is_first = false;
    }
    if (count != 0) removed_rows(hash_value);
    return count;
}

void Table::remove_row(Row* row, RowGarbage& garbage) {
    if (is_ordered()) {
        tree().remove(row->element(key_position));
        removed(row);
        garbage.add(row);
        return;
    }
    remove_at(hash().link_of(row), garbage, is_fixed());
}

std::unique_ptr<TableRows> Table::remove_all() {
    if (is_fixed() && !is_ordered()) {
        for (Row* row = hash().first(); row != nullptr; row = hash().next(row)) {
            if (row->is_deleted()) continue;
            row->mark_deleted();
            deleted_hashes.push(row->hash());
            ++deleted_rows;
        }
        size.store(0, std::memory_order_relaxed);
        return nullptr;
    }
    auto old = std::move(rows);
    rows = std::make_unique<TableRows>(type, key_position, parts, tenant);
    size.store(0, std::memory_order_relaxed);
    row_words.store(0, std::memory_order_relaxed);
    return old;
}

void Table::purge_deleted(RowGarbage& garbage) {
    while (!deleted_hashes.empty()) {
        Row** link = hash().bucket_link(hash().bucket_of(deleted_hashes.pop()));
        while (*link != nullptr) {
            if (!(*link)->is_deleted()) {
                link = &next_of(*link);
                continue;
            }
            count_out(*link);
            garbage.add(hash().unlink(link));
        }
    }
    deleted_rows = 0;
}

size_t Table::memory_words() const {
    const size_t directory = rows->tree ? rows->tree->bytes() : rows->hash->bytes();
    return words_for_bytes(sizeof(Table) + sizeof(TableRows) + directory) + row_words.load(std::memory_order_relaxed);
}

}  // namespace lintel
