#include "vm/runtime_record.h"

// A record under construction is filled before anything is known of its completeness: fields are looked up once, and what is
// missing shows as a word 0. If something is wrong, the words are given back before the error is built.

namespace lintel {

namespace {

/// Writes the values of `pairs` into a record's `values`; the first field that does not exist, or the non-value.
Term write_values(Word* values, RecordDefinition definition, const Term* pairs, size_t count) {
    size_t hint = 0;
    for (size_t k = 0; k < count; ++k) {
        const size_t at = definition.find(pairs[2 * k], hint);
        if (LINTEL_UNLIKELY(at == RecordDefinition::kNone)) return pairs[2 * k];
        values[at] = pairs[2 * k + 1].word();
        hint = at + 1;
    }
    return Term::none();
}

Term bad_record(ExecState& p, Term record) { return p.error_tuple(am::badrecord(), record); }

}  // namespace

Term record_field_error(ExecState& p, Term why, Term module, Term name, Term field) {
    auto heap = p.reserve(3 * tuple_words(2));
    const Term id = heap.tuple(module, name);
    return p.error(heap.tuple(why, heap.tuple(id, field)));
}

Term make_record(ExecState& p, const DefinedRecord& record, const Term* pairs, size_t count) {
    const RecordDefinition definition(record.definition);
    const size_t n = definition.field_count();
    Term wrong, why;
    {
        auto heap = p.reserve(record_words(n));
        Word* w = heap.raw(record_words(n));
        w[0] = make_header(Kind::record, 1 + n);
        w[1] = record.definition.word();
        for (size_t i = 0; i < n; ++i) w[2 + i] = record.defaults[i].word();
        wrong = write_values(w + 2, definition, pairs, count);
        why = am::badfield();
        for (size_t i = 0; i < n && wrong.is_none(); ++i) {
            if (LINTEL_LIKELY(w[2 + i] != Term::none().word())) continue;
            wrong = definition.fields()[i];
            why = am::novalue();
        }
        if (LINTEL_LIKELY(wrong.is_none())) return Term::boxed(w);
        heap.give_back_from(w);
    }
    return record_field_error(p, why, definition.module(), definition.name(), wrong);
}

Term make_external_record(ExecState& p, const RecordEntry& entry, const Term* pairs, size_t count) {
    const DefinedRecord* record = entry.current.load(std::memory_order_acquire);
    if (LINTEL_LIKELY(record != nullptr && RecordDefinition(record->definition).is_exported())) {
        return make_record(p, *record, pairs, count);
    }
    auto heap = p.reserve(2 * tuple_words(2));
    const Term id = heap.tuple(entry.module, entry.record);
    return p.error(heap.tuple(am::badrecord(), id));
}

Term change_record(ExecState& p, Term record, Term module, Term name, const Term* pairs, size_t count) {
    const RecordView old = as_record(record);
    if (!old || (module.is_value() && (old.module() != module || old.name() != name))) return bad_record(p, record);
    if (count == 0) return record;
    const RecordDefinition definition(old.definition());
    const size_t n = old.field_count();
    Term wrong;
    {
        auto heap = p.reserve(record_words(n));
        Word* w = heap.raw(record_words(n));
        w[0] = make_header(Kind::record, 1 + n);
        w[1] = old.definition().word();
        for (size_t i = 0; i < n; ++i) w[2 + i] = old.values()[i].word();
        wrong = write_values(w + 2, definition, pairs, count);
        if (LINTEL_LIKELY(wrong.is_none())) return Term::boxed(w);
        heap.give_back_from(w);
    }
    return record_field_error(p, am::badfield(), definition.module(), definition.name(), wrong);
}

Term record_field(ExecState& p, Term record, Term field, Term module, Term name, bool exported) {
    const RecordView r = as_record(record);
    if (!r || (module.is_value() && (r.module() != module || r.name() != name))) return bad_record(p, record);
    if (exported && !r.is_exported()) return bad_record(p, record);
    const Term* value = r.find(field);
    if (value != nullptr) return *value;
    return record_field_error(p, am::badfield(), r.module(), r.name(), field);
}

}  // namespace lintel
