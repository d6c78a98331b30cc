/// The record chunk (Recs, OTP 29): what native records a module defines.
///
/// A header of three numbers: version (0), number of records, number of fields of all of them together. Then a row for each
/// record, in the encoding of instructions (opcode 5, call_last, for no other reason than that it has three operands):
///
///     name (atom)  exported (atom true or false)  list of: field (atom), default
///
/// A default is an atom, [], an integer or a literal; the number 0 says that the field has none.

#include "loader/compact_term.h"
#include "loader/load_p.h"
#include "term/record.h"

namespace lintel {

namespace {

constexpr uint8_t kRowOpcode = 5;
/// Opcode, name, exported, list, length.
constexpr size_t kLeastRowBytes = 5;
/// Name, default.
constexpr size_t kLeastFieldBytes = 2;

class RecordReader {
public:
    explicit RecordReader(Loading& l) : l_(l), in_(l.beam.chunk(ChunkId::records)) {}

    bool run();

private:
    bool row(RecordRow& row);
    bool field_default(RecordRow::Default& d);
    bool extra(ExtraLiteral e, RecordRow::Default& d);
    /// The next term. Everything that `bad` says afterwards is about it.
    bool read(CompactTerm& t) {
        term_at_ = in_.offset();
        return in_.read(t) || bad("truncated");
    }
    bool atom(const CompactTerm& t, Term* atom, const char* what) {
        if (t.tag != CompactTag::a || t.big || t.value <= 0 ||
            static_cast<uint64_t>(t.value) >= l_.module->atoms.size()) {
            return bad(std::string("invalid ") + what);
        }
        *atom = l_.module->atoms[static_cast<size_t>(t.value)];
        return true;
    }
    [[gnu::cold]] bool bad(std::string what) { return l_.malformed(ChunkId::records, term_at_, std::move(what)); }

    Loading& l_;
    CompactReader in_;
    size_t term_at_ = 0;
};

bool RecordReader::run() {
    constexpr size_t kHeaderBytes = 12;
    if (in_.left() < kHeaderBytes) return bad("truncated");
    const uint8_t* header = in_.take(kHeaderBytes).data();
    const uint32_t version = big32(header);
    if (version != 0) {
        return l_.fail(LoadError::Kind::unsupported, ChunkId::records, 0,
                       "version " + std::to_string(version) + " of the record chunk");
    }
    const size_t count = big32(header + 4);
    const size_t fields = big32(header + 8);
    if (count > in_.left() / kLeastRowBytes || fields > in_.left() / kLeastFieldBytes) {
        return l_.malformed(ChunkId::records, 4, "more records or fields by its header than it has bytes for");
    }
    l_.records.resize(count);
    size_t fields_seen = 0;
    std::vector<Term> names;
    for (RecordRow& r : l_.records) {
        if (!row(r)) return false;
        fields_seen += r.fields.size();
        names.push_back(r.name);
    }
    term_at_ = in_.offset();
    if (!in_.at_end()) return bad(std::to_string(in_.left()) + " bytes after the last record");
    if (fields_seen != fields) {
        return l_.malformed(ChunkId::records, 8,
                            std::to_string(fields) + " fields by its header, but " + std::to_string(fields_seen));
    }
    return !has_repeated_field(names) || l_.malformed(ChunkId::records, 0, "a record is defined twice");
}

bool RecordReader::row(RecordRow& row) {
    term_at_ = in_.offset();
    if (in_.at_end()) return bad("truncated");
    if (in_.byte() != kRowOpcode) return bad("a record must begin here");
    CompactTerm t;
    if (!read(t) || !atom(t, &row.name, "name of a record")) return false;
    if (!read(t) || !atom(t, &row.exported, "mark of export")) return false;
    if (row.exported != am::true_() && row.exported != am::false_()) return bad("invalid mark of export");
    if (!read(t)) return false;
    if (t.tag != CompactTag::z || t.big || t.value != static_cast<int64_t>(CompactExtended::list)) {
        return bad("the fields must begin here");
    }
    if (!read(t)) return false;
    if (t.tag != CompactTag::u || t.big || t.value < 0 || t.value % 2 != 0 ||
        static_cast<uint64_t>(t.value) > in_.left()) {
        return bad("invalid number of fields");
    }
    const auto fields = static_cast<size_t>(t.value) / 2;
    if (fields > kMaxRecordFields) return bad("too many fields");
    row.fields.resize(fields);
    row.defaults.resize(fields);
    for (size_t i = 0; i < fields; ++i) {
        if (!read(t) || !atom(t, &row.fields[i], "name of a field") || !field_default(row.defaults[i])) return false;
    }
    return !has_repeated_field(row.fields) || bad("a field of the record is defined twice");
}

bool RecordReader::field_default(RecordRow::Default& d) {
    using Kind = RecordRow::Default::Kind;
    CompactTerm t;
    if (!read(t)) return false;
    switch (t.tag) {
        case CompactTag::u:
            if (t.big || t.value != 0) break;
            return true;
        case CompactTag::a:
            d.kind = Kind::immediate;
            d.immediate = Term::nil();
            return (!t.big && t.value == 0) || atom(t, &d.immediate, "default of a field");
        case CompactTag::i:
            if (t.big) return extra({ExtraLiteral::Kind::big, 0, 0, t.bytes, term_at_}, d);
            if (!Term::fits_small(t.value)) return extra({ExtraLiteral::Kind::big, 0, 0, t.bytes, term_at_}, d);
            d.kind = Kind::immediate;
            d.immediate = Term::small(t.value);
            return true;
        case CompactTag::z:
            if (t.big || t.value != static_cast<int64_t>(CompactExtended::literal)) break;
            if (!read(t)) return false;
            if (t.tag != CompactTag::u || t.big || t.value < 0 ||
                static_cast<uint64_t>(t.value) >= l_.literal_terms.size()) {
                break;
            }
            d.kind = Kind::literal;
            d.literal = static_cast<uint32_t>(t.value);
            return true;
        default: break;
    }
    return bad("invalid default of a field");
}

bool RecordReader::extra(ExtraLiteral e, RecordRow::Default& d) {
    d.kind = RecordRow::Default::Kind::literal;
    d.literal = static_cast<uint32_t>(l_.literal_terms.size() + l_.extra_literals.size());
    l_.extra_literals.push_back(e);
    return true;
}

}  // namespace

bool read_records(Loading& l) { return !l.beam.has(ChunkId::records) || RecordReader(l).run(); }

size_t words_of_records(const Loading& l) {
    size_t words = 0;
    for (const RecordRow& row : l.records) words += record_definition_words(row.fields.size());
    return words;
}

void build_records(Loading& l, HeapBuilder& heap) {
    Module& m = *l.module;
    m.records.reserve(l.records.size());
    for (const RecordRow& row : l.records) {
        Word* atoms = nullptr;
        DefinedRecord record;
        record.definition = heap.tuple_of(kRecordHeadAtoms + row.fields.size(), &atoms);
        *atoms++ = m.name.word();
        *atoms++ = row.name.word();
        *atoms++ = row.exported.word();
        for (const Term field : row.fields) *atoms++ = field.word();
        record.defaults.reserve(row.fields.size());
        for (const RecordRow::Default& d : row.defaults) {
            const bool literal = d.kind == RecordRow::Default::Kind::literal;
            record.defaults.push_back(literal ? m.literals[d.literal] : d.immediate);
        }
        m.records.push_back(std::move(record));
    }
}

const DefinedRecord* Module::find_record(Term record) const {
    for (const DefinedRecord& r : records) {
        if (RecordDefinition(r.definition).name() == record) return &r;
    }
    return nullptr;
}

}  // namespace lintel
