#include "stdlib/ets/table.h"

namespace lintel {

Table::Table(const Options& options, Term table_name, Term table_owner, Word reference_number,
             std::shared_ptr<Tenant> of, ReaderSlots& readers)
    : Magic(&kMagicType), type(options.type), key_position(options.key_position), is_named(options.is_named),
      read_concurrency(options.read_concurrency), compressed(options.compressed),
      decentralized_counters(options.decentralized_counters), write_concurrency(options.write_concurrency),
      number(reference_number), tenant(std::move(of)), lock(readers), protection(options.protection), name(table_name),
      owner(table_owner), heir(options.heir),
      rows(std::make_unique<TableRows>(options.type, options.key_position, tenant)) {}

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
    const uint32_t order = HashRows::order_of(key);
    bool found;
    Row* row = *hash().find_link(key, order, &found);
    if (!found) return nullptr;
    if (type == TableType::set) return row->is_deleted() ? nullptr : row;
    for (; row != nullptr && row->order() == order && hash().is_key(row, key); row = next_of(row)) {
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
    const auto [link, order, found] = place;
    if (found && type == TableType::set) {
        Row* old = hash().replace(link, row, order);
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
        for (Row* r = *link; r != nullptr && r->order() == order && hash().is_key(r, key); r = next_of(r)) {
            if (r->is_deleted() || !exactly_equal(r->tuple(), row->tuple(), Walks::whole)) continue;
            garbage.add(row);
            return true;
        }
    }
    hash().insert(link, row, order);
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
    Row** link = hash().link_from(old->order());
    while (*link != old) link = &next_of(*link);
    hash().replace(link, row, old->order());
}

Row** Table::remove_at(Row** link, RowGarbage& garbage) {
    Row* row = *link;
    if (is_fixed()) {
        size.store(size.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
        row->mark_deleted();
        deleted_orders.push(row->order());
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
    const uint32_t order = HashRows::order_of(key);
    bool found;
    Row** link = hash().find_link(key, order, &found);
    if (!found) return 0;
    size_t count = 0;
    while (*link != nullptr && (*link)->order() == order && hash().is_key(*link, key)) {
        if ((*link)->is_deleted() || (object.is_value() && !exactly_equal((*link)->tuple(), object, Walks::whole))) {
            link = &next_of(*link);
            continue;
        }
        link = remove_at(link, garbage);
        ++count;
    }
    if (!is_fixed()) {
        for (size_t i = 0; i < count; ++i) hash().shrink();
    }
    return count;
}

void Table::remove_row(Row* row, RowGarbage& garbage) {
    if (is_ordered()) {
        tree().remove(row->element(key_position));
        removed(row);
        garbage.add(row);
        return;
    }
    Row** link = hash().link_from(row->order());
    while (*link != row) link = &next_of(*link);
    remove_at(link, garbage);
    if (!is_fixed()) hash().shrink();
}

std::unique_ptr<TableRows> Table::remove_all() {
    if (is_fixed() && !is_ordered()) {
        for (Row* row = hash().first_from(0); row != nullptr; row = hash().next(row)) {
            if (row->is_deleted()) continue;
            row->mark_deleted();
            deleted_orders.push(row->order());
            ++deleted_rows;
        }
        size.store(0, std::memory_order_relaxed);
        return nullptr;
    }
    auto old = std::move(rows);
    rows = std::make_unique<TableRows>(type, key_position, tenant);
    size.store(0, std::memory_order_relaxed);
    row_words.store(0, std::memory_order_relaxed);
    return old;
}

void Table::purge_deleted(RowGarbage& garbage) {
    while (!deleted_orders.empty()) {
        const uint32_t order = deleted_orders.pop();
        Row** link = hash().link_from(order);
        size_t count = 0;
        while (*link != nullptr && (*link)->order() == order) {
            if (!(*link)->is_deleted()) {
                link = &next_of(*link);
                continue;
            }
            count_out(*link);
            garbage.add(hash().unlink(link));
            ++count;
        }
        for (size_t i = 0; i < count; ++i) hash().shrink();
    }
    deleted_rows = 0;
}

size_t Table::memory_words() const {
    const size_t directory = rows->tree ? rows->tree->bytes() : rows->hash->bytes();
    return words_for_bytes(sizeof(Table) + sizeof(TableRows) + directory) + row_words.load(std::memory_order_relaxed);
}

}  // namespace lintel
