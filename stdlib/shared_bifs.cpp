/// BIFs on what processes share without messages: atomics, counters, persistent terms.

#include <optional>

#include "stdlib/build.h"
#include "stdlib/stdlib_state.h"
#include "term/compare.h"
#include "term/views.h"

namespace lintel {

namespace {

/// Most elements that anybody may ask for; more is a system_limit, as is what the system does not give.
constexpr int64_t kMaxElements = int64_t{1} << 48;
constexpr size_t kCacheLine = 64;

/// Zeroed memory of `count` words on a cache line of its own; nullptr: not to be had.
std::atomic<Word>* zeroed_cells(size_t count) {
    auto* cells = static_cast<std::atomic<Word>*>(try_allocate(count * kWordBytes));
    if (cells == nullptr) return nullptr;
    for (size_t i = 0; i < count; ++i) new (&cells[i]) std::atomic<Word>(0);
    return cells;
}

/// What atomics:new/2 makes: cells that all operations treat as integers modulo 2^64, shown signed or not.
struct AtomicArray : Magic {
    static inline const char kMagicType = 0;

    AtomicArray(std::atomic<Word>* c, size_t n, bool with_sign)
        : Magic(&kMagicType), cells(c), size(n), is_signed(with_sign) {}
    ~AtomicArray() override { release(cells); }

    std::atomic<Word>* cells;
    size_t size;
    bool is_signed;
};

/// What counters:new(N, [write_concurrency]) makes: a row of counters for each scheduler, each row on its own cache lines. A
/// counter's value is the sum of its column.
struct CounterArray : Magic {
    static inline const char kMagicType = 0;

    CounterArray(std::atomic<Word>* c, size_t n, size_t per_row, size_t row_count)
        : Magic(&kMagicType), cells(c), size(n), row_words(per_row), rows(row_count) {}
    ~CounterArray() override { release(cells); }

    std::atomic<Word>* cells;
    size_t size;
    size_t row_words;
    size_t rows;

    std::atomic<Word>& at(size_t row, size_t i) { return cells[row * row_words + i]; }
    /// The row that the scheduler which runs `p` uses. Two schedulers may share one; that costs time only.
    size_t row_of(const ExecState& p) const {
        return (reinterpret_cast<Word>(p.registers) / sizeof(RegisterFile)) % rows;
    }
};

/// The index that `t` names in an array of `size`, counted from 0.
std::optional<size_t> index_of(Term t, size_t size) {
    if (!t.is_small() || t.to_small() < 1 || static_cast<uint64_t>(t.to_small()) > size) return std::nullopt;
    return static_cast<size_t>(t.to_small()) - 1;
}

/// An integer of 64 bits, signed or unsigned; nullopt: none, or out of range.
std::optional<Word> signed_word(Term t) {
    if (t.is_small()) return static_cast<Word>(t.to_small());
    const auto big = as_bignum(t);
    if (!big || big.limbs().size() != 1) return std::nullopt;
    const Word m = big.limbs()[0];
    if (big.negative()) return m <= Word{1} << 63 ? std::optional(Word{0} - m) : std::nullopt;
    return m < Word{1} << 63 ? std::optional(m) : std::nullopt;
}
std::optional<Word> unsigned_word(Term t) {
    if (t.is_small()) return t.to_small() >= 0 ? std::optional(static_cast<Word>(t.to_small())) : std::nullopt;
    const auto big = as_bignum(t);
    return big && !big.negative() && big.limbs().size() == 1 ? std::optional(big.limbs()[0]) : std::nullopt;
}
std::optional<Word> word_for(const AtomicArray& array, Term t) {
    return array.is_signed ? signed_word(t) : unsigned_word(t);
}
/// What may be added: either range.
std::optional<Word> increment(Term t) {
    const auto s = signed_word(t);
    return s ? s : unsigned_word(t);
}

Term integer_term(ExecState& p, Word value, bool is_signed) {
    const auto s = static_cast<int64_t>(value);
    if (Term::fits_small(s) && (is_signed || s >= 0)) return Term::small(s);
    auto heap = p.reserve(kIntegerWords);
    return is_signed ? heap.integer(s) : heap.unsigned_integer(value);
}

/// The number of elements that `t` asks for. Non-value: the error is raised. Beyond the range of small integers there is none.
std::optional<size_t> element_count(ExecState& p, Term t) {
    if (t.is_bignum() && !as_bignum(t).negative()) {
        p.system_limit();
    } else if (!t.is_small() || t.to_small() < 1) {
        p.badarg();
    } else if (t.to_small() > kMaxElements) {
        p.system_limit();
    } else {
        return static_cast<size_t>(t.to_small());
    }
    return std::nullopt;
}

/// An array and an index into it, checked.
struct AtomicCell {
    AtomicArray* array = nullptr;
    std::atomic<Word>* cell = nullptr;

    AtomicCell(Term ref, Term index) : array(as_magic<AtomicArray>(ref)) {
        if (array == nullptr) return;
        if (const auto i = index_of(index, array->size)) cell = &array->cells[*i];
    }
    explicit operator bool() const { return cell != nullptr; }
};

}  // namespace

// ---- atomics

/// erts_internal:atomics_new/2: an array of Arity atomics; bit 0 of Flags: signed. Fails: badarg, system_limit.
Term erts_internal_atomics_new_2(ExecState& p, Args a) {
    const auto count = element_count(p, a[0]);
    if (!count) return Term::none();
    if (a[1].is_bignum() && !as_bignum(a[1]).negative()) return p.system_limit();
    if (!a[1].is_small() || a[1].to_small() < 0) return p.badarg();
    std::atomic<Word>* cells = zeroed_cells(*count);
    if (cells == nullptr) return p.system_limit();
    return make_magic_ref(p, new AtomicArray(cells, *count, (a[1].to_small() & 1) != 0));
}

/// atomics:put/3. Fails: badarg.
Term atomics_put_3(ExecState& p, Args a) {
    const AtomicCell at(a[0], a[1]);
    const auto value = at ? word_for(*at.array, a[2]) : std::nullopt;
    if (!value) return p.badarg();
    at.cell->store(*value);
    return am::ok();
}

/// atomics:get/2. Fails: badarg.
Term atomics_get_2(ExecState& p, Args a) {
    const AtomicCell at(a[0], a[1]);
    if (!at) return p.badarg();
    return integer_term(p, at.cell->load(), at.array->is_signed);
}

/// atomics:add/3: wraps around. Fails: badarg.
Term atomics_add_3(ExecState& p, Args a) {
    const AtomicCell at(a[0], a[1]);
    const auto by = increment(a[2]);
    if (!at || !by) return p.badarg();
    at.cell->fetch_add(*by);
    return am::ok();
}

/// atomics:add_get/3: the new value. Fails: badarg.
Term atomics_add_get_3(ExecState& p, Args a) {
    const AtomicCell at(a[0], a[1]);
    const auto by = increment(a[2]);
    if (!at || !by) return p.badarg();
    return integer_term(p, at.cell->fetch_add(*by) + *by, at.array->is_signed);
}

/// atomics:exchange/3: the value before. Fails: badarg.
Term atomics_exchange_3(ExecState& p, Args a) {
    const AtomicCell at(a[0], a[1]);
    const auto value = at ? word_for(*at.array, a[2]) : std::nullopt;
    if (!value) return p.badarg();
    return integer_term(p, at.cell->exchange(*value), at.array->is_signed);
}

/// atomics:compare_exchange/4: ok if it was Expected and is Desired now, else what it was. Fails: badarg.
Term atomics_compare_exchange_4(ExecState& p, Args a) {
    const AtomicCell at(a[0], a[1]);
    const auto expected = at ? word_for(*at.array, a[2]) : std::nullopt;
    const auto desired = at ? word_for(*at.array, a[3]) : std::nullopt;
    if (!expected || !desired) return p.badarg();
    Word was = *expected;
    if (at.cell->compare_exchange_strong(was, *desired)) return am::ok();
    return integer_term(p, was, at.array->is_signed);
}

/// atomics:info/1: #{size, max, min, memory}. Fails: badarg.
Term atomics_info_1(ExecState& p, Args a) {
    const auto* array = as_magic<AtomicArray>(a[0]);
    if (array == nullptr) return p.badarg();
    auto heap = p.reserve(small_map_words(4) + 2 * kIntegerWords);
    const Term max = array->is_signed ? heap.integer(INT64_MAX) : heap.unsigned_integer(UINT64_MAX);
    const Term min = array->is_signed ? heap.integer(INT64_MIN) : Term::small(0);
    const auto bytes = static_cast<int64_t>(sizeof(AtomicArray) + array->size * kWordBytes);
    return small_map(heap, {{am::max(), max},
                            {am::memory(), Term::small(bytes)},
                            {am::min(), min},
                            {am::size(), Term::small(static_cast<int64_t>(array->size))}});
}

// ---- counters. Without write_concurrency, counters are atomics.

/// erts_internal:counters_new/1. Fails: badarg, system_limit.
Term erts_internal_counters_new_1(ExecState& p, Args a) {
    const auto count = element_count(p, a[0]);
    if (!count) return Term::none();
    const size_t line_words = kCacheLine / kWordBytes;
    const size_t row_words = (*count + line_words - 1) / line_words * line_words;
    const size_t rows = static_cast<Vm*>(p.vm)->scheduler_count();
    std::atomic<Word>* cells = zeroed_cells(row_words * rows);
    if (cells == nullptr) return p.system_limit();
    return make_magic_ref(p, new CounterArray(cells, *count, row_words, rows));
}

/// erts_internal:counters_get/2. Fails: badarg.
Term erts_internal_counters_get_2(ExecState& p, Args a) {
    auto* array = as_magic<CounterArray>(a[0]);
    const auto i = array != nullptr ? index_of(a[1], array->size) : std::nullopt;
    if (!i) return p.badarg();
    Word sum = 0;
    for (size_t row = 0; row < array->rows; ++row) sum += array->at(row, *i).load(std::memory_order_relaxed);
    return integer_term(p, sum, true);
}

/// erts_internal:counters_add/3: wraps around. Fails: badarg.
Term erts_internal_counters_add_3(ExecState& p, Args a) {
    auto* array = as_magic<CounterArray>(a[0]);
    const auto i = array != nullptr ? index_of(a[1], array->size) : std::nullopt;
    const auto by = increment(a[2]);
    if (!i || !by) return p.badarg();
    array->at(array->row_of(p), *i).fetch_add(*by, std::memory_order_relaxed);
    return am::ok();
}

/// erts_internal:counters_put/3: what others add meanwhile may get lost, as the manual says. Fails: badarg.
Term erts_internal_counters_put_3(ExecState& p, Args a) {
    auto* array = as_magic<CounterArray>(a[0]);
    const auto i = array != nullptr ? index_of(a[1], array->size) : std::nullopt;
    const auto value = signed_word(a[2]);
    if (!i || !value) return p.badarg();
    const size_t own = array->row_of(p);
    for (size_t row = 0; row < array->rows; ++row) {
        array->at(row, *i).store(row == own ? *value : 0, std::memory_order_relaxed);
    }
    return am::ok();
}

/// erts_internal:counters_info/1: #{size, memory}. Fails: badarg.
Term erts_internal_counters_info_1(ExecState& p, Args a) {
    const auto* array = as_magic<CounterArray>(a[0]);
    if (array == nullptr) return p.badarg();
    auto heap = p.reserve(small_map_words(2));
    const auto bytes = static_cast<int64_t>(sizeof(CounterArray) + array->rows * array->row_words * kWordBytes);
    return small_map(
        heap, {{am::memory(), Term::small(bytes)}, {am::size(), Term::small(static_cast<int64_t>(array->size))}});
}

// ---- persistent terms

/// persistent_term:put/2. Fails: system_limit if the literal space is full, and nothing in it is about to be freed.
Term persistent_term_put_2(ExecState& p, Args a) {
    size_t copied = 0;
    if (!stdlib_state(p).persistent_terms.put(a[0], a[1], &copied)) {
        if (!stdlib_state(p).literal_collector.is_at_work()) return p.system_limit();
        as_process(p).end_slice();
        p.pending = Pending::yield;
        return Term::none();
    }
    p.charge(copied / 64);
    return am::ok();
}

/// persistent_term:put_new/2 (OTP 28): as put/2. Fails: badarg if the key has another value.
Term persistent_term_put_new_2(ExecState& p, Args a) {
    const Term old = stdlib_state(p).persistent_terms.get(a[0]);
    if (old.is_none()) return persistent_term_put_2(p, a);
    return exactly_equal(old, a[1], Walks::whole) ? am::ok() : p.badarg();
}

/// persistent_term:get/1. Fails: badarg if there is none.
Term persistent_term_get_1(ExecState& p, Args a) {
    const Term value = stdlib_state(p).persistent_terms.get(a[0]);
    return value.is_value() ? value : p.badarg();
}

/// persistent_term:get/2: Default if there is none.
Term persistent_term_get_2(ExecState& p, Args a) {
    const Term value = stdlib_state(p).persistent_terms.get(a[0]);
    return value.is_value() ? value : a[1];
}

/// persistent_term:get/0: all {Key, Value}.
Term persistent_term_get_0(ExecState& p, Args) {
    const std::vector<Term> all = stdlib_state(p).persistent_terms.entries();
    p.charge(all.size() / 16);
    auto heap = p.reserve(all.size() * (kConsWords + tuple_words(2)));
    Term list = Term::nil();
    for (size_t i = all.size(); i-- > 0;) {
        const TupleView entry(all[i].boxed_words());
        const Term pair = heap.tuple(entry[0], entry[1]);
        list = heap.cons(pair, list);
    }
    return list;
}

/// persistent_term:erase/1: whether there was one.
Term persistent_term_erase_1(ExecState& p, Args a) { return boolean(stdlib_state(p).persistent_terms.erase(a[0])); }

/// persistent_term:info/0: #{count, memory}.
Term persistent_term_info_0(ExecState& p, Args) {
    const PersistentTerms::Info info = stdlib_state(p).persistent_terms.info();
    auto heap = p.reserve(small_map_words(2));
    return small_map(heap, {{am::count_(), Term::small(static_cast<int64_t>(info.count))},
                            {am::memory(), Term::small(static_cast<int64_t>(info.bytes))}});
}

/// erts_internal:erase_persistent_terms/0: what init:restart/0 does.
Term erts_internal_erase_persistent_terms_0(ExecState& p, Args) {
    stdlib_state(p).persistent_terms.erase_all();
    return am::true_();
}

}  // namespace lintel
