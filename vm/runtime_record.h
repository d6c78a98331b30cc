#pragma once
/// Native records: what the interpreter, a JIT and the BIFs share. term/record.h has the layout and the read side.
///
/// What makes or changes a record takes any terms, reserves exactly what it builds, never collects, and returns the non-value
/// after raising in `p`. `pairs` are fields and values, alternating; a field that stands twice has the last value. Only
/// the thread that runs `p`.

#include "term/record.h"
#include "vm/exec_state.h"

namespace lintel {

/// A new record: values from `pairs`, defaults for the rest. Fails: {badfield, {{Module, Name}, Field}} of the first pair with
/// a field that it does not have; {novalue, {{Module, Name}, Field}} of the first field without value and default.
Term make_record(ExecState& p, const DefinedRecord& record, const Term* pairs, size_t count);
/// As make_record, with what the module of `entry` defines now. Fails also: {badrecord, {Module, Name}} if it defines nothing
/// of the kind, or does not export it.
Term make_external_record(ExecState& p, const RecordEntry& entry, const Term* pairs, size_t count);
/// `record` with other values. Fails: {badrecord, record} if it is no record, or (unless `module` is the non-value) not this
/// module's record of that name; {badfield, {{Module, Name}, Field}}.
Term change_record(ExecState& p, Term record, Term module, Term name, const Term* pairs, size_t count);
/// The value of a field. Fails as change_record does; `exported`: also {badrecord, record} if it was not exported.
Term record_field(ExecState& p, Term record, Term field, Term module, Term name, bool exported);

/// The same without raising: the non-value if it would fail.
inline Term find_record_field(Term record, Term field, Term module, Term name, bool exported) {
    const RecordView r = as_record(record);
    if (!r || (module.is_value() && (r.module() != module || r.name() != name))) return Term::none();
    if (exported && !r.is_exported()) return Term::none();
    const Term* value = r.find(field);
    return value == nullptr ? Term::none() : *value;
}

/// {badfield, {{Module, Name}, Field}} and the like.
Term record_field_error(ExecState& p, Term why, Term module, Term name, Term field);

}  // namespace lintel
