#include "stdlib/bif.h"
#include "term/map.h"
#include "term/views.h"
#include "vm/runtime_record.h"
#include "vm/scratch.h"
#include "vm/vm_core.h"

// Native records as values: made, looked into and changed without regard to what their module defines, or exports.

namespace lintel {

namespace {

constexpr size_t kFieldsPerReduction = 16;

Term bad_record(ExecState& p, Term what) { return p.error_tuple(am::badrecord(), what); }

/// #{is_exported := boolean()} and nothing else, as an atom; else the non-value.
Term exported_option(Term options) {
    if (map_size(options) != 1) return Term::none();
    const Term* value = map_find(options, am::is_exported());
    return value != nullptr && (*value == am::true_() || *value == am::false_()) ? *value : Term::none();
}

}  // namespace

/// records:create/4: a record of any Module and Name, defined or not, with Fields as [{Name, Value}]. Fails:
/// {badrecord, Name} unless both are atoms; {badmap, Options}; {badfield, {{Module, Name}, Field}} unless Field is an atom;
/// badarg for other options than #{is_exported := boolean()}, for what is no list of pairs, and if a field is repeated.
Term records_create_4(ExecState& p, Args a) {
    if (!a[0].is_atom() || !a[1].is_atom()) return bad_record(p, a[1]);
    if (!a[3].is_map()) return p.error_tuple(am::badmap(), a[3]);
    const Term exported = exported_option(a[3]);
    const int64_t length = list_length(a[2]);
    if (exported.is_none() || length < 0) return p.badarg();
    const auto n = static_cast<size_t>(length);
    p.charge(n / kFieldsPerReduction);
    for (Term rest = a[2]; rest.is_cons(); rest = rest.tail()) {
        const auto pair = as_tuple(rest.head(), 2);
        if (!pair) return p.badarg();
        if (!pair[0].is_atom()) return record_field_error(p, am::badfield(), a[0], a[1], pair[0]);
    }
    if (n > kMaxRecordFields) return p.system_limit();
    auto heap = p.reserve(record_definition_words(n) + record_words(n));
    Word* const start = heap.raw(0);
    Word* atoms = nullptr;
    const Term definition = heap.tuple_of(kRecordHeadAtoms + n, &atoms);
    Word* w = heap.raw(record_words(n));
    w[0] = make_header(Kind::record, 1 + n);
    w[1] = definition.word();
    *atoms++ = a[0].word();
    *atoms++ = a[1].word();
    *atoms++ = exported.word();
    Word* values = w + 2;
    for (Term rest = a[2]; rest.is_cons(); rest = rest.tail()) {
        const auto pair = as_tuple(rest.head());
        *atoms++ = pair[0].word();
        *values++ = pair[1].word();
    }
    if (!has_repeated_field(RecordDefinition(definition).fields())) return Term::boxed(w);
    heap.give_back_from(start);
    return p.badarg();
}

/// records:get/2: the value of the field Key. Fails: badarg if Record is none, or has no such field.
Term records_get_2(ExecState& p, Args a) {
    const RecordView r = as_record(a[1]);
    const Term* value = r ? r.find(a[0]) : nullptr;
    return value == nullptr ? p.badarg() : *value;
}

/// records:get_definition/2: {Options, Fields} of what Module defines now as Name; a field is {Field, Default} or Field.
/// Fails: badarg if it defines no such record.
Term records_get_definition_2(ExecState& p, Args a) {
    const DefinedRecord* record = nullptr;
    if (a[0].is_atom() && a[1].is_atom()) record = p.vm->code.find_record(a[0], a[1]);
    if (record == nullptr) return p.badarg();
    const RecordDefinition definition(record->definition);
    const size_t n = definition.field_count();
    constexpr size_t kOptionWords = tuple_words(1) + 3;  // keys, and a map of one pair
    auto heap = p.reserve(n * (kConsWords + tuple_words(2)) + kOptionWords + tuple_words(2));
    Term fields = Term::nil();
    for (size_t i = n; i-- > 0;) {
        Term field = definition.fields()[i];
        if (record->defaults[i].is_value()) field = heap.tuple(field, record->defaults[i]);
        fields = heap.cons(field, fields);
    }
    const Term keys = heap.tuple(am::is_exported());
    Word* options = heap.raw(3);
    options[0] = make_header(Kind::map_flat, 2);
    options[1] = keys.word();
    options[2] = boolean(definition.is_exported()).word();
    return heap.tuple(Term::boxed(options), fields);
}

/// records:get_field_names/1: in the order of declaration. Fails: {badrecord, Record}.
Term records_get_field_names_1(ExecState& p, Args a) {
    const RecordView r = as_record(a[0]);
    if (!r) return bad_record(p, a[0]);
    p.charge(r.field_count() / kFieldsPerReduction);
    auto heap = p.reserve(list_words(r.field_count()));
    return heap.list(r.fields());
}

/// records:get_module/1. Fails: badarg if Record is none.
Term records_get_module_1(ExecState& p, Args a) {
    const RecordView r = as_record(a[0]);
    return r ? r.module() : p.badarg();
}

/// records:get_name/1. Fails: badarg if Record is none.
Term records_get_name_1(ExecState& p, Args a) {
    const RecordView r = as_record(a[0]);
    return r ? r.name() : p.badarg();
}

/// records:is_exported/1: whether it was when Record was made. Fails: {badrecord, Record}.
Term records_is_exported_1(ExecState& p, Args a) {
    const RecordView r = as_record(a[0]);
    return r ? boolean(r.is_exported()) : bad_record(p, a[0]);
}

/// records:update/4: Record with other values, from a map. Module and Name must be its own; with '_' as Name it may be any.
/// Fails: {badrecord, Record} if it is none, {badrecord, Name} if it is another; {badmap, Fields}; {badfield, {{Module, Name},
/// Field}}.
Term records_update_4(ExecState& p, Args a) {
    const RecordView r = as_record(a[0]);
    if (!r) return bad_record(p, a[0]);
    const bool any = a[2] == am::underscore();
    if (!any && (r.module() != a[1] || r.name() != a[2])) return bad_record(p, a[2]);
    if (!a[3].is_map()) return p.error_tuple(am::badmap(), a[3]);
    const size_t n = map_size(a[3]);
    p.charge((n + r.field_count()) / kFieldsPerReduction);
    // More pairs than fields: one of them is wrong, and found among the first.
    const size_t limit = n <= r.field_count() ? n : r.field_count() + 1;
    const ScratchArray<Term> pairs(2 * limit);
    if (!pairs) return p.system_limit();
    MapIterator each(a[3]);
    for (size_t i = 0; i < limit; ++i) each.next(&pairs.data()[2 * i], &pairs.data()[2 * i + 1]);
    return change_record(p, a[0], Term::none(), Term::none(), pairs.data(), limit);
}

}  // namespace lintel
