/// BIFs on tuples. Positions count from 1.

#include "stdlib/bif.h"
#include "stdlib/build.h"
#include "term/bits.h"
#include "term/record.h"
#include "term/views.h"

namespace lintel {

namespace {

constexpr size_t kElementsPerReduction = 64;

/// `position` as an index from 0, or SIZE_MAX if it is not within 1..last.
size_t index_within(Term position, size_t last) {
    if (!position.is_small()) return SIZE_MAX;
    const int64_t i = position.to_small();
    return i >= 1 && static_cast<size_t>(i) <= last ? static_cast<size_t>(i) - 1 : SIZE_MAX;
}

void copy_elements(Word* to, const Term* from, size_t n) {
    if (n != 0) std::memcpy(to, from, n * kWordBytes);
}

/// A tuple of `size` elements `value`, or the non-value (raised) if `size` is no tuple size.
Term filled_tuple(ExecState& p, Term size, Term value, Word** elements) {
    if (!size.is_small() || size.to_small() < 0 || size.to_small() > static_cast<int64_t>(kMaxTupleArity)) {
        return p.badarg();
    }
    const auto n = static_cast<size_t>(size.to_small());
    if (!may_reserve(p, tuple_words(n))) return p.system_limit();
    p.charge(n / kElementsPerReduction);
    auto heap = p.reserve(tuple_words(n));
    const Term tuple = heap.tuple_of(n, elements);
    for (size_t i = 0; i < n; ++i) (*elements)[i] = value.word();
    return tuple;
}

}  // namespace

/// erlang:tuple_to_list/1. Fails: badarg unless a tuple.
Term tuple_to_list_1(ExecState& p, Args a) {
    const auto tuple = as_tuple(a[0]);
    if (!tuple) return p.badarg();
    p.charge(tuple.arity() / kElementsPerReduction);
    auto heap = p.reserve(list_words(tuple.arity()));
    return heap.list(tuple.elements());
}

/// erlang:list_to_tuple/1. Fails: badarg unless a proper list of at most kMaxTupleArity elements.
Term list_to_tuple_1(ExecState& p, Args a) {
    const int64_t length = list_length(a[0]);
    if (length < 0 || length > static_cast<int64_t>(kMaxTupleArity)) return p.badarg();
    const auto n = static_cast<size_t>(length);
    p.charge(n / kElementsPerReduction);
    auto heap = p.reserve(tuple_words(n));
    Word* elements;
    const Term tuple = heap.tuple_of(n, &elements);
    for (Term list = a[0]; list.is_cons(); list = list.tail()) *elements++ = list.head().word();
    return tuple;
}

/// erlang:element/2: Position, Tuple. Fails: badarg unless a tuple with such an element.
Term element_2(ExecState& p, Args a) {
    const auto tuple = as_tuple(a[1]);
    if (!tuple) return p.badarg();
    const size_t i = index_within(a[0], tuple.arity());
    return i == SIZE_MAX ? p.badarg() : tuple[i];
}

/// erlang:setelement/3: Position, Tuple, Value: a copy. Fails: badarg unless a tuple with such an element.
Term setelement_3(ExecState& p, Args a) {
    const auto tuple = as_tuple(a[1]);
    if (!tuple) return p.badarg();
    const size_t n = tuple.arity();
    const size_t i = index_within(a[0], n);
    if (i == SIZE_MAX) return p.badarg();
    p.charge(n / kElementsPerReduction);
    auto heap = p.reserve(tuple_words(n));
    Word* elements;
    const Term result = heap.tuple_of(n, &elements);
    copy_elements(elements, tuple.elements().data(), n);
    elements[i] = a[2].word();
    return result;
}

/// erlang:make_tuple/2: Size, Value. Fails: badarg unless a size within 0..kMaxTupleArity.
Term make_tuple_2(ExecState& p, Args a) {
    Word* elements;
    return filled_tuple(p, a[0], a[1], &elements);
}

/// erlang:make_tuple/3: Size, Default, [{Position, Value}]; of equal positions the last one counts. Fails: badarg as
/// make_tuple/2, or unless a proper list of pairs with positions within the tuple.
Term make_tuple_3(ExecState& p, Args a) {
    Word* elements;
    const Term tuple = filled_tuple(p, a[0], a[1], &elements);
    if (tuple.is_none()) return tuple;
    const size_t n = as_tuple(tuple).arity();
    Term list = a[2];
    size_t pairs = 0;
    for (; list.is_cons(); list = list.tail(), ++pairs) {
        const auto pair = as_tuple(list.head(), 2);
        if (!pair) return p.badarg();
        const size_t i = index_within(pair[0], n);
        if (i == SIZE_MAX) return p.badarg();
        elements[i] = pair[1].word();
    }
    p.charge(pairs / kElementsPerReduction);
    return list.is_nil() ? tuple : p.badarg();
}

/// erlang:append_element/2: Tuple, Value. Fails: badarg unless a tuple of fewer than kMaxTupleArity elements.
Term append_element_2(ExecState& p, Args a) {
    const auto tuple = as_tuple(a[0]);
    if (!tuple || tuple.arity() == kMaxTupleArity) return p.badarg();
    const size_t n = tuple.arity();
    p.charge(n / kElementsPerReduction);
    auto heap = p.reserve(tuple_words(n + 1));
    Word* elements;
    const Term result = heap.tuple_of(n + 1, &elements);
    copy_elements(elements, tuple.elements().data(), n);
    elements[n] = a[1].word();
    return result;
}

/// erlang:insert_element/3: Position, Tuple, Value; the position may be one past the last. Fails: badarg for any
/// other, or unless a tuple of fewer than kMaxTupleArity elements.
Term insert_element_3(ExecState& p, Args a) {
    const auto tuple = as_tuple(a[1]);
    if (!tuple || tuple.arity() == kMaxTupleArity) return p.badarg();
    const size_t n = tuple.arity();
    const size_t i = index_within(a[0], n + 1);
    if (i == SIZE_MAX) return p.badarg();
    p.charge(n / kElementsPerReduction);
    auto heap = p.reserve(tuple_words(n + 1));
    Word* elements;
    const Term result = heap.tuple_of(n + 1, &elements);
    copy_elements(elements, tuple.elements().data(), i);
    elements[i] = a[2].word();
    copy_elements(elements + i + 1, tuple.elements().data() + i, n - i);
    return result;
}

/// erlang:delete_element/2: Position, Tuple. Fails: badarg unless a tuple with such an element.
Term delete_element_2(ExecState& p, Args a) {
    const auto tuple = as_tuple(a[1]);
    if (!tuple) return p.badarg();
    const size_t n = tuple.arity();
    const size_t i = index_within(a[0], n);
    if (i == SIZE_MAX) return p.badarg();
    p.charge(n / kElementsPerReduction);
    auto heap = p.reserve(tuple_words(n - 1));
    Word* elements;
    const Term result = heap.tuple_of(n - 1, &elements);
    copy_elements(elements, tuple.elements().data(), i);
    copy_elements(elements + i, tuple.elements().data() + i + 1, n - i - 1);
    return result;
}

/// erlang:tuple_size/1. Fails: badarg unless a tuple.
Term tuple_size_1(ExecState& p, Args a) {
    const auto tuple = as_tuple(a[0]);
    return tuple ? Term::small(static_cast<int64_t>(tuple.arity())) : p.badarg();
}

/// erlang:size/1: elements of a tuple, or whole bytes of a bit string. Fails: badarg if neither.
Term size_1(ExecState& p, Args a) {
    if (const auto tuple = as_tuple(a[0])) return Term::small(static_cast<int64_t>(tuple.arity()));
    const BitsView bits = as_bits(a[0]);
    return bits ? Term::small(static_cast<int64_t>(bits.size / 8)) : p.badarg();
}

/// erlang:is_record/1: a native record.
Term is_record_1(ExecState&, Args a) { return boolean(a[0].is_record()); }

/// erlang:is_record/2: a tuple whose first element is Name, or a native record of that name, of any module. Fails: badarg
/// unless Name is an atom.
Term is_record_2(ExecState& p, Args a) {
    if (!a[1].is_atom()) return p.badarg();
    if (const auto tuple = as_tuple(a[0])) return boolean(tuple.arity() > 0 && tuple[0] == a[1]);
    const RecordView record = as_record(a[0]);
    return boolean(record && record.name() == a[1]);
}

/// erlang:is_record/3: with an integer, a tuple of so many elements whose first is Name; with two atoms, Module and Name, such a
/// native record (OTP 29). Fails: badarg for other arguments.
Term is_record_3(ExecState& p, Args a) {
    if (!a[1].is_atom() || !(a[2].is_small() || a[2].is_atom())) return p.badarg();
    if (a[2].is_atom()) {
        const RecordView record = as_record(a[0]);
        return boolean(record && record.module() == a[1] && record.name() == a[2]);
    }
    const auto tuple = as_tuple(a[0]);
    return boolean(tuple && tuple.arity() > 0 && tuple[0] == a[1] &&
                   static_cast<int64_t>(tuple.arity()) == a[2].to_small());
}

}  // namespace lintel
