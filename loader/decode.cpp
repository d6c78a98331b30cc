/// The decoder: from the code chunk's bytes to the IR stream of loader/ir.h, in one pass.
///
/// The chunk is a header (its length, format, highest opcode, number of labels, number of functions) and then
/// instructions: an opcode byte and as many operands as the opcode has, each in the compact term encoding
/// (loader/compact_term.h). The signature of the opcode's row in loader/genop.def says what each operand may be;
/// anything else is refused here, so that nobody behind the decoder ever meets a register, atom, literal, import,
/// lambda, line, string or label out of range.
///
/// An operand takes at least one byte in the file and exactly one word in the IR, and so does an opcode. So the stream
/// has at most as many words as the chunk has bytes; it is written into a buffer of that size without further checks,
/// then copied into the module at its real size.
///
/// A function is recognised by its func_info: the label before it is its info label, the label behind it its entry.
/// Only line instructions may stand between. Everything up to the next function's info label belongs to it.
///
/// Operands are in loader/decode_operands.cpp, the lists of the bit syntax in loader/decode_bits.cpp.
///
/// What does not fit an operand becomes a literal with an index after those of the literal chunk; the terms are made
/// later (loader/chunks_terms.cpp), when it is known how much room all of them need.

#include <array>

#include "loader/decode_p.h"

namespace lintel {

namespace {

constexpr size_t kHeaderBytes = 20;
constexpr size_t kMaxCodeBytes = size_t{1} << 27;

/// Instructions that matter for the structure of functions, or whose operands are checked together.
constexpr bool is_structural(Genop op) {
    switch (op) {
        case Genop::label:
        case Genop::line:
        case Genop::func_info:
        case Genop::int_code_end:
        case Genop::nif_start:
        case Genop::on_load:
        case Genop::bs_put_string:
        case Genop::bs_match_string: return true;
        default: return false;
    }
}

/// A row of the table as the decoder wants it: operands that are a letter each, then perhaps a list.
struct Row {
    uint8_t plain = 0;  ///< number of letters before a list
    char letters[8] = {};
    const char* rest = "";  ///< the signature from the list on
    bool structural = false;
    bool refused = true;
};

constexpr std::array<Row, 256> make_rows() {
    std::array<Row, 256> rows{};
    for (size_t op = 1; op < kGenopCount; ++op) {
        Row& row = rows[op];
        const char* s = kGenops[op].signature;
        for (; *s != 0 && *s != '[' && *s != 'B' && *s != 'M'; ++s) row.letters[row.plain++] = *s;
        row.rest = s;
        row.structural = is_structural(static_cast<Genop>(op));
        row.refused = kGenops[op].refused();
    }
    return rows;
}
constexpr std::array<Row, 256> kRows = make_rows();

}  // namespace

bool Decoder::run() { return header() && instructions() && finish(); }

bool Decoder::header() {
    op_ = kGenopCount;
    const auto bytes = l_.beam.chunk(ChunkId::code);
    if (!l_.beam.has(ChunkId::code)) return bad("the file has no such chunk");
    if (bytes.size() < kHeaderBytes) return bad("truncated");
    if (bytes.size() > kMaxCodeBytes)
        return l_.fail(LoadError::Kind::unsupported, ChunkId::code, 0, "more than 128 MB of code");
    // The header may be longer than we know (never seen): its own length says where the code begins.
    const uint32_t length = big32(bytes.data());
    if (length < kHeaderBytes - 4 || length > bytes.size() - 4) return bad("invalid length of the header");
    const uint32_t format = big32(&bytes[4]);
    const uint32_t highest = big32(&bytes[8]);
    if (format != 0) {
        return l_.fail(LoadError::Kind::unsupported, ChunkId::code, 4, "instruction format " + std::to_string(format));
    }
    if (highest >= kGenopCount) {
        return l_.fail(LoadError::Kind::unsupported, ChunkId::code, 8,
                       "opcode " + std::to_string(highest) + ": the file was compiled for a later OTP release");
    }
    label_count_ = big32(&bytes[12]);
    function_count_ = big32(&bytes[16]);
    in_ = CompactReader(bytes);
    in_.take(4 + length);
    // A label takes at least two bytes where it is defined; compilers number them without gaps.
    if (label_count_ > bytes.size()) return l_.malformed(ChunkId::code, 12, "invalid number of labels");
    if (function_count_ > bytes.size()) return l_.malformed(ChunkId::code, 16, "invalid number of functions");
    m_.label_position.assign(label_count_, Module::kNoPosition);
    m_.label_function.assign(label_count_, 0);
    label_used_.assign(label_count_ + size_t{1}, 0);
    m_.functions.reserve(function_count_);
    // At most a word for each byte, and one for the end.
    buffer_.emplace((in_.left() + 1) * sizeof(uint32_t));
    first_ = out_ = static_cast<uint32_t*>(buffer_->data());
    if (first_ == nullptr) return l_.fail(LoadError::Kind::no_memory, ChunkId::code, 0, "no memory to decode it");
    l_.code_offsets.start(in_.offset());
    l_.code_offsets.reserve(in_.left() / 3);
    set_limits();
    return true;
}

void Decoder::set_limits() {
    tag_limits_[static_cast<size_t>(CompactTag::i)] = UINT32_MAX;
    tag_limits_[static_cast<size_t>(CompactTag::a)] = static_cast<uint32_t>(m_.atoms.size());
    tag_limits_[static_cast<size_t>(CompactTag::x)] = 1u << Operand::kRegisterBits;
    tag_limits_[static_cast<size_t>(CompactTag::y)] = 1u << Operand::kRegisterBits;
    tag_limits_[static_cast<size_t>(CompactTag::f)] = label_count_;
    for (const char letter : {'u', 'o', 'z', 'h', 'U'}) limits_[letter_index(letter)] = Operand::kMaxValue + 1;
    limits_['g'] = kMaxFlags + 1;
    limits_['a'] = kMaxArity + 1;
    limits_['n'] = kMaxLive + 1;
    limits_['I'] = static_cast<uint32_t>(m_.imports.size());
    limits_['L'] = static_cast<uint32_t>(m_.lambdas.size());
    limits_['l'] = line_limit_;
}

bool Decoder::instructions() {
    for (;;) {
        op_ = kGenopCount;
        op_at_ = in_.offset();
        if (LINTEL_UNLIKELY(in_.at_end())) return bad("the code does not end with int_code_end");
        const uint32_t op = in_.byte();
        const Row& row = kRows[op];
        if (LINTEL_UNLIKELY(row.refused)) return refused(op);
        op_ = op;
        uint32_t* head = out_++;
        for (uint32_t i = 0; i < row.plain; ++i) {
            if (!operand(row.letters[i])) return false;
        }
        if (*row.rest != 0 && !rest(row.rest)) return false;
        const auto words = static_cast<size_t>(out_ - head - 1);
        if (LINTEL_UNLIKELY(words > kMaxOperandWords)) return bad("too many operands");
        *head = ir::Instruction::head(static_cast<Genop>(op), static_cast<uint32_t>(words));
        l_.code_offsets.add(in_.offset() - op_at_);
        if (before_ == Before::other && !row.structural) continue;
        if (!structure(static_cast<Genop>(op), head)) return false;
        if (op == static_cast<uint32_t>(Genop::int_code_end)) break;
    }
    if (!in_.at_end()) return bad(std::to_string(in_.left()) + " bytes after the end of the code");
    return true;
}

/// What an instruction means for labels and functions, and the checks that concern several operands.
bool Decoder::structure(Genop op, uint32_t* head) {
    const auto at = static_cast<uint32_t>(head - first_);
    const auto close_function = [&] {
        if (!m_.functions.empty()) m_.functions.back().end = at;
    };
    switch (op) {
        case Genop::label:
            last_label_ = Operand{head[1]}.value();
            if (m_.label_position[last_label_] != Module::kNoPosition) {
                return bad("label " + std::to_string(last_label_) + " is defined twice");
            }
            m_.label_position[last_label_] = at;
            if (before_ == Before::func_info) {
                m_.functions.back().entry_label = last_label_;
                m_.label_function[last_label_] = static_cast<uint32_t>(m_.functions.size() - 1);
                before_ = Before::entry_label;
                return true;
            }
            m_.label_function[last_label_] =
                static_cast<uint32_t>(m_.functions.size()) - (m_.functions.empty() ? 0 : 1);
            before_ = Before::info_label;
            return true;
        case Genop::line:
            // Between info label and func_info lines may stand; anywhere else a line is like any other instruction.
            if (before_ == Before::info_label) return true;
            break;
        case Genop::func_info: return begin_function(head);
        case Genop::int_code_end:
            if (before_ == Before::func_info) return bad("the code ends before the entry label of a function");
            close_function();
            return true;
        case Genop::nif_start:
            // Behind the entry label, or behind the making of a frame.
            if (!m_.functions.empty()) m_.functions.back().is_nif = true;
            break;
        case Genop::on_load:
            if (m_.functions.empty()) break;
            if (m_.on_load_label != 0) return bad("the module has two on_load functions");
            if (m_.functions.back().arity != 0) return bad("an on_load function has no arguments");
            m_.on_load_label = m_.functions.back().entry_label;
            break;
        case Genop::bs_put_string:
            if (!check_string(head, 0, false)) return false;
            break;
        case Genop::bs_match_string:
            if (!check_string(head, 2, true)) return false;
            break;
        default: break;
    }
    if (before_ == Before::func_info) return bad("a func_info is followed by the entry label");
    if (m_.functions.empty()) return bad("an instruction outside of functions");
    before_ = Before::other;
    return true;
}

bool Decoder::begin_function(uint32_t* head) {
    if (before_ != Before::info_label) return bad("the label of a function must precede");
    const uint32_t begin = m_.label_position[last_label_];
    const auto index = static_cast<uint32_t>(m_.functions.size());
    if (index == 0 && begin != 0) return bad("an instruction outside of functions");
    if (index == function_count_) return bad("more functions than the header says");
    if (index != 0) m_.functions.back().end = begin;
    Module::Function f{};
    f.name = m_.atoms[Operand{head[2]}.value()];
    f.arity = Operand{head[3]}.value();
    f.info_label = last_label_;
    f.begin = begin;
    m_.functions.push_back(f);
    m_.label_function[last_label_] = index;
    before_ = Before::func_info;
    return true;
}

/// Operand `size_at` bytes (or bits) from the offset in the next operand are within the strings.
bool Decoder::check_string(const uint32_t* head, size_t size_at, bool bits) {
    const uint64_t size = Operand{head[1 + size_at]}.value();
    const uint64_t offset = Operand{head[2 + size_at]}.value();
    const uint64_t end = offset + (bits ? (size + 7) / 8 : size);
    return end <= m_.strings.size() || bad("string beyond the end of the StrT chunk");
}

bool Decoder::finish() {
    op_ = kGenopCount;
    if (m_.functions.size() != function_count_) {
        return l_.malformed(ChunkId::code, 16,
                            std::to_string(function_count_) + " functions by the header, but " +
                                std::to_string(m_.functions.size()) + " in the code");
    }
    for (uint32_t label = 1; label < label_count_; ++label) {
        if (label_used_[label] == 0 || m_.label_position[label] != Module::kNoPosition) continue;
        const uint32_t word = Operand::make(OperandKind::label, label).bits;
        bool found = false;
        l_.code_offsets.each(first_, [&](ir::Instruction i, size_t offset) {
            op_ = static_cast<uint32_t>(i.op());
            op_at_ = offset;
            for (uint32_t o = 0; o < i.operand_words() && !found; ++o) found = i[o].bits == word;
            return !found;
        });
        if (found) return bad("label " + std::to_string(label) + " is not defined");
    }
    m_.code.assign(first_, out_);
    return true;
}

bool Decoder::refused(uint32_t op) {
    if (op == 0 || op >= kGenopCount) return bad("invalid opcode " + std::to_string(op));
    const GenopInfo& row = kGenops[op];
    return l_.fail(LoadError::Kind::unsupported, ChunkId::code, op_at_,
                   std::string(row.name) + "/" + std::to_string(row.operands) +
                       ": unsupported instruction, no compiler of OTP 21 or later emits it");
}

bool decode_code(Loading& l) { return Decoder(l).run(); }

}  // namespace lintel
