/// The chunks that hold external terms, and everything else of a module that is a term: literals, attributes, compile
/// information, names of source files, numbers that did not fit an operand, definitions of records.
///
/// All of them live in one literal area of exactly the right size. So each is planned first (its words counted), the
/// area is made, then each is built. Between the two the code is decoded, which adds the numbers.

#include "loader/etf.h"
#include "loader/inflate.h"
#include "loader/load_p.h"
#include "loader/map_keys.h"
#include "term/utf8.h"

namespace lintel {

namespace {

/// The largest literal table that is unpacked; the largest of OTP has 1 MB.
constexpr size_t kMaxLiteralBytes = size_t{256} << 20;

std::span<const uint8_t> bytes_of(const std::string& s) {
    return {reinterpret_cast<const uint8_t*>(s.data()), s.size()};
}

/// Limbs of a two's complement number.
size_t limbs_of(std::span<const uint8_t> bytes) { return words_for_bytes(bytes.size()); }

Term build_big(std::span<const uint8_t> bytes, HeapBuilder& heap) {
    const bool negative = (bytes[0] & 0x80) != 0;
    std::vector<Word> magnitude(limbs_of(bytes), 0);
    Word carry = negative ? 1 : 0;
    for (size_t i = 0; i < bytes.size(); ++i) {
        Word b = bytes[bytes.size() - 1 - i];
        if (negative) {
            b = (b ^ 0xff) + carry;
            carry = b >> 8;
            b &= 0xff;
        }
        magnitude[i / 8] |= b << (8 * (i % 8));
    }
    // The carry goes beyond the bytes only for zero, which no encoder writes as a negative number.
    return heap.integer_from_limbs(magnitude, negative);
}

/// Code points of a name, or its bytes if it is not UTF-8 (as OTP takes it).
size_t name_length(std::string_view name) { return utf8_length(name).value_or(name.size()); }

class TermBuilder {
public:
    explicit TermBuilder(Loading& l)
        : l_(l), m_(*l.module), etf_{l.context.atoms, l.context.code, false, Term::none(), 0} {}

    bool run();

private:
    bool plan_term(ChunkId id, size_t offset, std::span<const uint8_t> bytes);
    bool build_term(size_t plan, ChunkId id, size_t offset, std::span<const uint8_t> bytes, HeapBuilder& heap, Term* t);
    bool build_all(HeapBuilder& heap);
    bool resolve_flags();
    void find_map_keys();
    Term file_name(std::string_view name, HeapBuilder& heap);

    Loading& l_;
    Module& m_;
    EtfContext etf_;
    std::vector<EtfPlan> plans_;  // literals, then attributes, then compile info
    MapKeys map_keys_;
    std::string module_file_;
    size_t words_ = 0;
};

bool TermBuilder::plan_term(ChunkId id, size_t offset, std::span<const uint8_t> bytes) {
    auto plan = plan_etf(etf_, bytes);
    if (!plan) return l_.malformed(id, offset, "not an external term, or one that no file may hold");
    words_ += plan->words;
    plans_.push_back(std::move(*plan));
    return true;
}

bool TermBuilder::build_term(size_t plan, ChunkId id, size_t offset, std::span<const uint8_t> bytes, HeapBuilder& heap,
                             Term* t) {
    *t = build_etf(etf_, plans_[plan], bytes, heap);
    if (t->is_value()) return true;
    return l_.fail(LoadError::Kind::no_memory, id, offset,
                   "a term that cannot be built: no memory, or the atom table is full");
}

Term TermBuilder::file_name(std::string_view name, HeapBuilder& heap) {
    return utf8_length(name) ? heap.string(name) : heap.byte_list(name);
}

bool TermBuilder::run() {
    const size_t literals = l_.literal_terms.size();
    plans_.reserve(literals + 2);
    for (size_t i = 0; i < literals; ++i) {
        if (!plan_term(ChunkId::literals, i, l_.literal_terms[i])) {
            l_.error.offset = 0;
            l_.error.what = "literal " + std::to_string(i) + ": " + l_.error.what;
            return false;
        }
    }
    for (const ChunkId id : {ChunkId::attributes, ChunkId::compile_info}) {
        if (!l_.beam.has(id)) {
            plans_.emplace_back();
        } else if (!plan_term(id, 0, l_.beam.chunk(id))) {
            return false;
        }
    }
    for (const ExtraLiteral& e : l_.extra_literals) {
        if (e.kind == ExtraLiteral::Kind::real) words_ += float_words(e.real);
        if (e.kind != ExtraLiteral::Kind::big) continue;
        const size_t limbs = limbs_of(e.bytes);
        if (limbs > kMaxBignumLimbs)
            return l_.fail(LoadError::Kind::unsupported, ChunkId::code, e.offset, "an integer beyond the limit");
        words_ += 1 + limbs;
    }
    find_map_keys();
    words_ += words_of_records(l_);
    module_file_ = std::string(atom_name(m_.name)) + ".erl";
    words_ += list_words(name_length(module_file_));
    for (const std::string_view name : l_.file_names) words_ += list_words(name_length(name));

    m_.literal_area = l_.context.literals.create(words_);
    if (m_.literal_area == nullptr) {
        return l_.fail(LoadError::Kind::no_memory, ChunkId::literals, 0,
                       "no room for " + std::to_string(words_) + " words of literals");
    }
    HeapBuilder heap(&m_.literal_area->top, words_, &m_.literal_area->off_heap);
    return build_all(heap) && resolve_flags();
}

void TermBuilder::find_map_keys() {
    // #{} as an external term: version, map, no pairs.
    constexpr uint8_t kEmptyMap[] = {131, 116, 0, 0, 0, 0};
    std::vector<bool> is_empty_map(l_.literal_terms.size());
    bool any = false;
    for (size_t i = 0; i < is_empty_map.size(); ++i) {
        is_empty_map[i] = std::ranges::equal(l_.literal_terms[i], kEmptyMap);
        any |= is_empty_map[i];
    }
    if (!any) return;
    map_keys_.find(m_, is_empty_map);
    words_ += map_keys_.words();
}

bool TermBuilder::build_all(HeapBuilder& heap) {
    const size_t literals = l_.literal_terms.size();
    m_.literals.reserve(literals + l_.extra_literals.size());
    for (size_t i = 0; i < literals; ++i) {
        Term t;
        if (!build_term(i, ChunkId::literals, 0, l_.literal_terms[i], heap, &t)) return false;
        m_.literals.push_back(t);
    }
    for (const ExtraLiteral& e : l_.extra_literals) {
        switch (e.kind) {
            case ExtraLiteral::Kind::small: m_.literals.push_back(Term::small(e.small)); break;
            case ExtraLiteral::Kind::real: m_.literals.push_back(heap.make_float(e.real)); break;
            case ExtraLiteral::Kind::big: m_.literals.push_back(build_big(e.bytes, heap)); break;
        }
    }
    map_keys_.build(m_, heap);
    build_records(l_, heap);
    m_.attributes = m_.compile_info = Term::nil();
    if (l_.beam.has(ChunkId::attributes) &&
        !build_term(literals, ChunkId::attributes, 0, l_.beam.chunk(ChunkId::attributes), heap, &m_.attributes)) {
        return false;
    }
    if (l_.beam.has(ChunkId::compile_info) &&
        !build_term(literals + 1, ChunkId::compile_info, 0, l_.beam.chunk(ChunkId::compile_info), heap,
                    &m_.compile_info)) {
        return false;
    }
    m_.files.reserve(1 + l_.file_names.size());
    m_.files.push_back(file_name(module_file_, heap));
    for (const std::string_view name : l_.file_names) {
        // The compiler gives forms without an attribute -file the name "".
        m_.files.push_back(name.empty() ? m_.files.front() : file_name(name, heap));
    }
    return true;
}

/// Turns literals that list field flags into bit sets.
bool TermBuilder::resolve_flags() {
    for (const FlagOperand& f : l_.flag_operands) {
        uint32_t& word = m_.code[f.position];
        uint32_t flags = 0;
        Term list = m_.literals[ir::Operand{word}.value()];
        for (; list.is_cons(); list = list.tail()) {
            const Term flag = list.head();
            const std::string_view name = flag.is_atom() ? atom_name(flag) : std::string_view();
            if (name == "little") {
                flags |= ir::kBinLittle;
            } else if (name == "signed") {
                flags |= ir::kBinSigned;
            } else if (name == "native") {
                flags |= ir::kBinNative;
            } else if (name != "big" && name != "unsigned" && !flag.is_tuple()) {  // {anno, …} says nothing to us
                return l_.malformed(ChunkId::code, f.offset, "unknown field flag");
            }
        }
        if (!list.is_nil()) return l_.malformed(ChunkId::code, f.offset, "field flags that are no list");
        word = ir::Operand::make(ir::OperandKind::unsigned_, flags).bits;
    }
    return true;
}

}  // namespace

/// LitT: size of the rest when unpacked, or 0 (since OTP 28): not packed; then (packed by zlib) count, and size and
/// term of each.
bool read_literals(Loading& l) {
    constexpr ChunkId id = ChunkId::literals;
    auto bytes = l.beam.chunk(id);
    if (!l.beam.has(id)) return true;
    if (bytes.size() < 4) return l.malformed(id, 0, "truncated");
    const size_t unpacked = big32(bytes.data());
    bytes = bytes.subspan(4);
    if (unpacked != 0) {
        if (unpacked > kMaxLiteralBytes || unpacked / kMaxInflation > bytes.size()) {
            return l.malformed(id, 0, "more literals by its header than it can hold");
        }
        auto inflated = inflate_all(bytes, Container::zlib, unpacked, unpacked + 1);
        if (!inflated || inflated->size() != unpacked) return l.malformed(id, 4, "broken zlib data");
        l.literal_bytes = std::move(*inflated);
        bytes = bytes_of(l.literal_bytes);
    }
    if (bytes.size() < 4) return l.malformed(id, 4, "truncated");
    const size_t count = big32(bytes.data());
    if (count > (bytes.size() - 4) / 5) return l.malformed(id, 4, "more literals by its header than it has bytes for");
    l.literal_terms.reserve(count);
    size_t at = 4;
    for (size_t i = 0; i < count; ++i) {
        const auto truncated = [&] { return l.malformed(id, 4, "literal " + std::to_string(i) + ": truncated"); };
        if (bytes.size() - at < 4) return truncated();
        const size_t size = big32(&bytes[at]);
        at += 4;
        if (size > bytes.size() - at) return truncated();
        l.literal_terms.push_back(bytes.subspan(at, size));
        at += size;
    }
    return true;
}

bool build_terms(Loading& l) { return TermBuilder(l).run(); }

}  // namespace lintel
