#include "tests/fuzz/code_mutator.h"

#include <algorithm>
#include <cstring>

#include "loader/compact_term.h"
#include "loader/genop.h"

namespace lintel::fuzz {

namespace {

constexpr uint8_t kU = 0, kI = 1, kA = 2, kX = 3, kY = 4, kF = 5, kZ = 7;

uint32_t be32(const uint8_t* p) { return uint32_t{p[0]} << 24 | uint32_t{p[1]} << 16 | uint32_t{p[2]} << 8 | p[3]; }
std::string be(uint64_t v, int bytes) {
    std::string s;
    for (int i = bytes - 1; i >= 0; --i) s += static_cast<char>(v >> (8 * i));
    return s;
}

void encode(std::string& out, uint8_t tag, int64_t v) {
    if (v >= 0 && v < 16) {
        out += static_cast<char>(v << 4 | tag);
    } else if (v >= 0 && v < 2048) {
        out += static_cast<char>((v >> 3 & 0xe0) | tag | 8);
        out += static_cast<char>(v);
    } else {
        int bytes = 2;
        while (bytes < 8 && (v >> (8 * bytes - 1)) != (v < 0 ? -1 : 0)) ++bytes;
        out += static_cast<char>((bytes - 2) << 5 | 0x18 | tag);
        out += be(static_cast<uint64_t>(v), bytes);
    }
}

void encode(std::string& out, const FileOperand& o) {
    if (!o.raw.empty()) {
        out += o.raw;
        return;
    }
    encode(out, o.tag, o.value);
    if (o.tag != kZ) return;
    if (o.value == static_cast<int64_t>(CompactExtended::list)) encode(out, kU, static_cast<int64_t>(o.members.size()));
    if (o.value == static_cast<int64_t>(CompactExtended::alloc))
        encode(out, kU, static_cast<int64_t>(o.members.size() / 2));
    for (const auto& m : o.members) encode(out, m);
}

/// Reads one operand. Lists hold no lists.
bool decode(CompactReader& in, std::span<const uint8_t> all, FileOperand& o, int depth = 0) {
    const size_t at = in.offset();
    CompactTerm t;
    if (!in.read(t)) return false;
    o.tag = static_cast<uint8_t>(t.tag);
    o.value = t.value;
    if (t.big) {
        o.raw.assign(reinterpret_cast<const char*>(all.data()) + at, in.offset() - at);
        return true;
    }
    if (o.tag != kZ) return true;
    if (depth > 1) return false;
    size_t members = 0;
    switch (static_cast<CompactExtended>(t.value)) {
        case CompactExtended::list:
        case CompactExtended::alloc: {
            CompactTerm n;
            if (!in.read(n) || n.big || n.value < 0 || n.value > 5000) return false;
            members = static_cast<size_t>(n.value) * (t.value == static_cast<int64_t>(CompactExtended::list) ? 1 : 2);
            break;
        }
        case CompactExtended::float_register:
        case CompactExtended::literal: members = 1; break;
        case CompactExtended::typed_register: members = 2; break;
        default: return false;
    }
    o.members.resize(members);
    for (auto& m : o.members) {
        if (!decode(in, all, m, depth + 1)) return false;
    }
    return true;
}

FileOperand extended(CompactExtended e, std::vector<FileOperand> members) {
    return {kZ, static_cast<int64_t>(e), {}, std::move(members)};
}

}  // namespace

bool CodeFile::parse(std::span<const uint8_t> b) {
    if (b.size() < 12 || std::memcmp(b.data(), "FOR1", 4) != 0 || std::memcmp(b.data() + 8, "BEAM", 4) != 0)
        return false;
    bool found = false;
    for (size_t at = 12; at + 8 <= b.size();) {
        const uint32_t size = be32(&b[at + 4]);
        if (size > b.size() - at - 8) return false;
        const size_t end = std::min(b.size(), at + 8 + (size + 3) / 4 * 4);
        const auto payload = b.subspan(at + 8, size);
        const auto is = [&](const char* name) { return std::memcmp(&b[at], name, 4) == 0; };
        const uint32_t rows = size >= 4 ? be32(payload.data()) : 0;
        if (is("AtU8") || is("Atom")) atoms = std::min(rows, 10000u);
        if (is("AtU8")) {
            for (size_t p = 4; p < payload.size() && atom_names.size() < atoms; p += 1 + payload[p]) {
                if (payload[p] >= payload.size() - p) break;
                atom_names.emplace_back(reinterpret_cast<const char*>(&payload[p + 1]), payload[p]);
            }
        }
        if (is("ImpT")) imports = rows;
        if (is("FunT")) lambdas = rows;
        if (is("StrT")) strings = size;
        if (is("LitT")) literals = 8;  // compressed; any small number will do
        if (is("Code") && !found) {
            found = true;
            if (size < 20 || be32(payload.data()) != 16) return false;
            head.assign(reinterpret_cast<const char*>(payload.data()), 12);
            labels = be32(&payload[12]);
            functions = be32(&payload[16]);
            const auto all = payload.subspan(20);
            CompactReader in(all);
            while (!in.at_end()) {
                FileInstruction i;
                i.opcode = in.byte();
                if (i.opcode == 0 || i.opcode >= kGenopCount) return false;
                i.operands.resize(kGenops[i.opcode].operands);
                for (auto& o : i.operands) {
                    if (!decode(in, all, o)) return false;
                }
                const bool last = i.opcode == static_cast<uint8_t>(Genop::int_code_end);
                code.push_back(std::move(i));
                if (last) break;
            }
        } else {
            std::string& to = found ? after : before;
            to.append(reinterpret_cast<const char*>(&b[at]), end - at);
            if (end == at + 8 + size) to.append((4 - size % 4) % 4, '\0');
        }
        at = end;
    }
    return found && !code.empty();
}

int64_t CodeFile::atom(const char* name) const {
    for (size_t n = 0; n < atom_names.size(); ++n) {
        if (atom_names[n] == name) return static_cast<int64_t>(n) + 1;
    }
    return 1;
}

std::string CodeFile::write() const {
    std::string all = head + be(labels, 4) + be(functions, 4);
    for (const auto& i : code) {
        all += static_cast<char>(i.opcode);
        for (const auto& o : i.operands) encode(all, o);
    }
    std::string s = "BEAM" + before + "Code" + be(all.size(), 4) + all;
    s.append((4 - all.size() % 4) % 4, '\0');
    s += after;
    return "FOR1" + be(s.size(), 4) + s;
}

void CodeMutator::mutate(CodeFile& file) {
    f_ = &file;
    const uint32_t times = 1 + (chance(2) ? below(3) : 0);
    for (uint32_t n = 0; n < times; ++n) change_once();
}

/// A position in some function, behind its head (label, line, func_info, label).
size_t CodeMutator::body_position() {
    for (int tries = 0; tries < 20; ++tries) {
        const size_t at = below(f_->code.size());
        const auto op = static_cast<Genop>(f_->code[at].opcode);
        if (op == Genop::func_info || op == Genop::int_code_end) continue;
        if (at + 1 < f_->code.size() && static_cast<Genop>(f_->code[at + 1].opcode) == Genop::func_info) continue;
        if (at + 2 < f_->code.size() && static_cast<Genop>(f_->code[at + 2].opcode) == Genop::func_info) continue;
        if (at > 0 && static_cast<Genop>(f_->code[at - 1].opcode) == Genop::func_info) continue;
        return at;
    }
    return 0;
}

void CodeMutator::change_once() {
    auto& code = f_->code;
    switch (below(16)) {
        case 0: {
            const size_t at = body_position();
            if (at != 0) code.erase(code.begin() + static_cast<ptrdiff_t>(at));
            break;
        }
        case 1: {
            const size_t at = body_position();
            if (at != 0 && static_cast<Genop>(code[at].opcode) != Genop::label)
                code.insert(code.begin() + static_cast<ptrdiff_t>(at), FileInstruction(code[at]));
            break;
        }
        case 2: {
            const size_t a = body_position(), b = chance(2) ? a + 1 : body_position();
            if (a != 0 && b != 0 && b < code.size() - 1) std::swap(code[a], code[b]);
            break;
        }
        case 3:
        case 4:
        case 5: insert_instruction(); break;
        case 6: move_block(); break;
        case 7: change_frame(); break;
        case 8: rename_register(); break;
        case 9: split_at_label(); break;
        default: change_operand();
    }
}

/// The letter of each operand; '[' for lists.
std::vector<char> CodeMutator::letters_of(const FileInstruction& i) {
    std::vector<char> letters;
    for (const char* s = kGenops[i.opcode].signature; *s != 0; ++s) {
        letters.push_back(*s);
        if (*s == '[') {
            while (*s != ']') ++s;
        }
    }
    return letters;
}

void CodeMutator::change_number(FileOperand& o, int64_t most) {
    switch (below(4)) {
        case 0: o.value = std::min<int64_t>(o.value + 1, most); break;
        case 1: o.value = std::max<int64_t>(o.value - 1, 0); break;
        case 2: o.value = below(static_cast<size_t>(std::min<int64_t>(most + 1, 12))); break;
        default:
            o.value = chance(4) ? static_cast<int64_t>(below(static_cast<size_t>(most) + 1))
                                : std::min<int64_t>(o.value * 2, most);
    }
}

void CodeMutator::change_operand() {
    const size_t at = body_position();
    if (at == 0) return;
    FileInstruction& i = f_->code[at];
    if (i.operands.empty() || static_cast<Genop>(i.opcode) == Genop::label) return;
    const auto letters = letters_of(i);
    const size_t k = below(i.operands.size());
    FileOperand& o = i.operands[k];
    const char letter = letters[k];
    if (letter == '[' || letter == 'B' || letter == 'M') {
        if (o.members.empty()) return;
        const size_t m = below(o.members.size());
        if (letter == '[') {
            const char* group = std::strchr(kGenops[i.opcode].signature, '[') + 1;
            const size_t length = static_cast<size_t>(std::strchr(group, ']') - group);
            if (chance(6)) {
                // A group more, or one less.
                if (chance(2)) {
                    o.members.resize(o.members.size() - std::min(length, o.members.size()));
                } else {
                    for (size_t n = 0; n < length; ++n) o.members.push_back(operand_for(group[n]));
                }
            } else {
                o.members[m] = operand_for(group[m % length]);
            }
        } else if (chance(3)) {
            o = letter == 'B' ? segments() : commands();
        } else if (o.members[m].tag == kU) {
            change_number(o.members[m], 100);
        } else if (o.members[m].tag != kA) {
            o.members[m] = operand_for('s');
        }
        return;
    }
    switch (letter) {
        case 'u':
        case 'n':
        case 'a':
        case 'z':
        case 'g':
            if (o.tag == kU)
                return change_number(o, letter == 'a' ? 255 : letter == 'n' ? 1023 : chance(8) ? (1 << 28) - 1 : 300);
            break;
        case 'h':
            if (o.tag == kU) return change_number(o, 300);
            if (!o.members.empty()) return change_number(o.members[below(o.members.size() / 2) * 2 + 1], 300);
            return;
        default: break;
    }
    if ((o.tag == kX || o.tag == kY) && chance(3)) return change_number(o, chance(10) ? 1023 : 20);
    // Another one of the same place somewhere else.
    if (chance(3)) {
        for (int tries = 0; tries < 10; ++tries) {
            const FileInstruction& other = f_->code[below(f_->code.size())];
            const auto others = letters_of(other);
            if (others.empty()) continue;
            const size_t n = below(others.size());
            if (others[n] == letter) {
                o = FileOperand(other.operands[n]);
                return;
            }
        }
    }
    o = operand_for(letter);
}

/// Another frame size, in a whole function or in one instruction.
void CodeMutator::change_frame() {
    const size_t at = body_position();
    size_t begin = at;
    while (begin > 0 && static_cast<Genop>(f_->code[begin].opcode) != Genop::func_info) --begin;
    const int64_t by = chance(2) ? 1 : -1;
    for (size_t n = begin + 1; n < f_->code.size() && static_cast<Genop>(f_->code[n].opcode) != Genop::func_info; ++n) {
        FileInstruction& i = f_->code[n];
        FileOperand* size = nullptr;
        switch (static_cast<Genop>(i.opcode)) {
            case Genop::allocate:
            case Genop::allocate_heap:
            case Genop::allocate_zero:
            case Genop::allocate_heap_zero:
            case Genop::deallocate: size = &i.operands[0]; break;
            case Genop::call_last:
            case Genop::call_ext_last: size = &i.operands[2]; break;
            case Genop::apply_last: size = &i.operands[1]; break;
            case Genop::trim: size = &i.operands[1]; break;
            default: break;
        }
        if (size != nullptr) size->value = std::max<int64_t>(0, size->value + by);
    }
}

/// One register takes another's place, in a stretch of code.
void CodeMutator::rename_register() {
    const size_t at = body_position();
    const FileOperand from = any_register(false), to = any_register(false);
    const size_t end = std::min(f_->code.size(), at + 1 + below(12));
    for (size_t n = at; n < end; ++n) {
        for (auto& o : f_->code[n].operands) {
            if (o.tag == from.tag && o.value == from.value) o.tag = to.tag, o.value = to.value;
            for (auto& m : o.members) {
                if (m.tag == from.tag && m.value == from.value) m.tag = to.tag, m.value = to.value;
            }
        }
    }
}

void CodeMutator::move_block() {
    auto& code = f_->code;
    const size_t from = body_position(), to = body_position();
    if (from == 0 || to == 0) return;
    std::vector<FileInstruction> block;
    const size_t count = 1 + below(6);
    for (size_t n = from; n < std::min(code.size(), from + count); ++n) {
        const auto op = static_cast<Genop>(code[n].opcode);
        if (op == Genop::label || op == Genop::func_info || op == Genop::int_code_end) break;
        block.push_back(code[n]);
    }
    code.insert(code.begin() + static_cast<ptrdiff_t>(to), block.begin(), block.end());
}

/// A new label, and perhaps a jump to it.
void CodeMutator::split_at_label() {
    auto& code = f_->code;
    const size_t at = body_position();
    if (at == 0 || f_->labels > 100000) return;
    const FileOperand label{kU, f_->labels, {}, {}};
    const FileOperand target{kF, f_->labels, {}, {}};
    ++f_->labels;
    code.insert(code.begin() + static_cast<ptrdiff_t>(at),
                FileInstruction{static_cast<uint8_t>(Genop::label), {label}});
    const size_t jump = body_position();
    if (jump == 0) return;
    if (chance(3)) {
        code.insert(code.begin() + static_cast<ptrdiff_t>(jump),
                    FileInstruction{static_cast<uint8_t>(Genop::jump), {target}});
        return;
    }
    // A label of some instruction nearby.
    for (size_t n = at > 10 ? at - 10 : 0; n < std::min(code.size(), at + 20); ++n) {
        const auto letters = letters_of(code[n]);
        for (size_t k = 0; k < letters.size(); ++k) {
            if ((letters[k] == 'f' || letters[k] == 'j') && code[n].operands[k].tag == kF && chance(3)) {
                code[n].operands[k] = target;
                return;
            }
        }
    }
}

void CodeMutator::insert_instruction() {
    const size_t at = body_position();
    if (at == 0) return;
    for (int tries = 0; tries < 20; ++tries) {
        const auto opcode = static_cast<uint8_t>(1 + below(kGenopCount - 1));
        const auto op = static_cast<Genop>(opcode);
        if (kGenops[opcode].refused() || op == Genop::label || op == Genop::func_info || op == Genop::int_code_end ||
            op == Genop::on_load) {
            continue;
        }
        f_->code.insert(f_->code.begin() + static_cast<ptrdiff_t>(at), make(opcode));
        if (op == Genop::put_tuple) {
            auto& tuple = f_->code[at];
            tuple.operands[0].value = 1 + below(3);
            const auto count = tuple.operands[0].value;
            for (int64_t n = 0; n < count; ++n) {
                f_->code.insert(f_->code.begin() + static_cast<ptrdiff_t>(at) + 1,
                                make(static_cast<uint8_t>(Genop::put)));
            }
        }
        return;
    }
}

FileInstruction CodeMutator::make(uint8_t opcode) {
    FileInstruction i;
    i.opcode = opcode;
    for (const char* s = kGenops[opcode].signature; *s != 0; ++s) {
        if (*s == '[') {
            i.operands.push_back(list_for(s + 1, 1 + below(3)));
            while (*s != ']') ++s;
        } else if (*s == 'B') {
            i.operands.push_back(segments());
        } else if (*s == 'M') {
            i.operands.push_back(commands());
        } else {
            i.operands.push_back(operand_for(*s));
        }
    }
    return i;
}

FileOperand CodeMutator::any_register(bool y_only, bool x_only) {
    const bool is_y = y_only || (!x_only && chance(3));
    return {is_y ? kY : kX, static_cast<int64_t>(chance(30) ? below(1024) : below(is_y ? 3 : 5)), {}, {}};
}

FileOperand CodeMutator::list_for(const char* group, size_t groups) {
    FileOperand list = extended(CompactExtended::list, {});
    for (size_t n = 0; n < groups; ++n) {
        for (const char* s = group; *s != ']'; ++s) list.members.push_back(operand_for(*s));
    }
    return list;
}

/// Segments of bs_create_bin.
FileOperand CodeMutator::segments() {
    for (const auto& i : f_->code) {
        if (static_cast<Genop>(i.opcode) == Genop::bs_create_bin && chance(3)) return i.operands[5];
    }
    static constexpr const char* kTypes[] = {"integer", "float", "binary", "string",        "utf8",
                                             "utf16",   "utf32", "append", "private_append"};
    FileOperand list = extended(CompactExtended::list, {});
    const size_t count = below(3) + 1;
    for (size_t n = 0; n < count; ++n) {
        const char* type = kTypes[n == 0 || chance(9) ? below(9) : below(7)];
        const bool utf = type[0] == 'u', string = type[0] == 's';
        const bool bits = type[0] == 'b' || type[0] == 'a' || type[0] == 'p';
        const int64_t units[] = {1, 8, 16, 256};
        list.members.push_back({kA, f_->atom(type), {}, {}});
        list.members.push_back(number(static_cast<int64_t>(n) + 1));
        list.members.push_back(number(utf ? 0 : string ? 8 : units[below(4)]));
        list.members.push_back({kA, 0, {}, {}});
        list.members.push_back(string ? number(below(f_->strings)) : operand_for('s'));
        list.members.push_back(utf                  ? FileOperand{kA, f_->atom("undefined"), {}, {}}
                               : string             ? FileOperand{kI, below(4), {}, {}}
                               : bits && !chance(4) ? FileOperand{kA, f_->atom("all"), {}, {}}
                                                    : operand_for('s'));
    }
    return list;
}

/// Commands of bs_match.
FileOperand CodeMutator::commands() {
    FileOperand list = extended(CompactExtended::list, {});
    const auto add = [&](const char* name, std::vector<FileOperand> more) {
        list.members.push_back({kA, f_->atom(name), {}, {}});
        for (auto& o : more) list.members.push_back(std::move(o));
    };
    const FileOperand no_flags{kA, 0, {}, {}};
    const size_t count = 1 + below(4);
    for (size_t n = 0; n < count; ++n) {
        switch (n == 0 ? below(2) : below(7)) {
            case 0: add("ensure_at_least", {number(below(80)), number(1 + below(8))}); break;
            case 1: add("ensure_exactly", {number(below(80))}); break;
            case 2:
                add("integer", {operand_for('n'), no_flags, chance(5) ? operand_for('s') : number(below(40)),
                                number(1 + below(3)), operand_for('d')});
                break;
            case 3:
                add("binary", {operand_for('n'), no_flags, chance(5) ? operand_for('s') : number(below(40)),
                               number(1 + below(8)), operand_for('d')});
                break;
            case 4: add("=:=", {no_flags, number(1 + below(16)), {kI, below(300), {}, {}}}); break;
            case 5: add("skip", {number(below(40))}); break;
            default: add("get_tail", {operand_for('n'), number(1), operand_for('d')});
        }
    }
    return list;
}

FileOperand CodeMutator::operand_for(char letter) {
    switch (letter) {
        case 's':
        case 'S':
            switch (below(9)) {
                case 0: return {kI, static_cast<int64_t>(below(5)) - 2, {}, {}};
                case 1: return {kA, below(f_->atoms + 1), {}, {}};
                case 2:
                    if (f_->literals != 0) return extended(CompactExtended::literal, {number(below(f_->literals))});
                    return {kA, 0, {}, {}};
                case 3:
                    if (letter == 'S') return extended(CompactExtended::float_register, {number(below(3))});
                    [[fallthrough]];
                default: return any_register(false);
            }
        case 'c':
            return chance(2) ? FileOperand{kI, static_cast<int64_t>(below(9)) - 2, {}, {}}
                             : FileOperand{kA, below(f_->atoms + 1), {}, {}};
        case 'D':
            if (chance(2)) return extended(CompactExtended::float_register, {number(below(3))});
            return any_register(false);
        case 'r':
        case 'd': return any_register(false);
        case 'y': return any_register(true);
        case 'v': return extended(CompactExtended::float_register, {number(below(3))});
        case 'f':
            if (chance(3)) return {kF, 0, {}, {}};
            [[fallthrough]];
        case 'j': return {kF, 1 + below(f_->labels - 1), {}, {}};
        case 'k':
            return chance(2) ? FileOperand{kA, 1 + below(f_->atoms), {}, {}}
                             : FileOperand{kF, 1 + below(f_->labels - 1), {}, {}};
        case 'U': return chance(2) ? number(below(100)) : operand_for('s');
        case 'A': return {kA, 1 + below(f_->atoms), {}, {}};
        case 'w': return chance(2) ? FileOperand{kA, 1 + below(f_->atoms), {}, {}} : number(below(4));
        case 't': return chance(2) ? FileOperand{kA, 1 + below(f_->atoms), {}, {}} : number(below(f_->lambdas));
        case 'I': return number(below(f_->imports));
        case 'L': return number(below(f_->lambdas));
        case 'o': return number(below(f_->strings + 1));
        case 'g': return number(below(4) * 2);
        case 'l': return number(0);
        case 'h': return number(below(12));
        case 'n': return number(below(5));
        case 'z': return number(below(100));
        default: return number(chance(10) ? below(300) : below(9));
    }
}

}  // namespace lintel::fuzz
