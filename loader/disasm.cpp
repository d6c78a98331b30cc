/// The disassembler. Operands are printed by their letter in loader/genop.def where it says more than the operand's
/// kind: an import by its name, a line by its file and number, the pieces of bs_create_bin and bs_match by what they
/// are.
///
/// Everything ends in one string: a module of 200 KB gives about 2 MB.

#include "loader/disasm.h"

#include "loader/genop.h"
#include "term/print.h"
#include "term/utf8.h"

namespace lintel {

namespace {

using ir::Instruction;
using ir::Operand;
using ir::OperandKind;

/// Longest text of one literal.
constexpr size_t kLiteralLimit = 300;

std::string atom_text(Term atom) {
    std::string s;
    print_atom(atom_name(atom), s, PrintStyle::write_unicode);
    return s;
}

std::string limited_text(Term t, PrintStyle style) {
    std::string s;
    if (!print_term(t, s, style, kLiteralLimit)) s += "…";
    return s;
}

std::string literal_text(Term t) { return limited_text(t, PrintStyle::write_unicode); }

std::string name_arity(Term name, uint32_t arity) { return atom_text(name) + "/" + std::to_string(arity); }

std::string hex(std::span<const uint8_t> bytes) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string s;
    for (const uint8_t b : bytes) {
        s += kDigits[b >> 4];
        s += kDigits[b & 15];
    }
    return s;
}

/// Bytes in the form of a binary: <<"abc">> or <<1,2,3>>.
std::string bytes_text(std::string_view bytes) {
    bool printable = true;
    for (const char c : bytes) printable = printable && c >= ' ' && c < 0x7f && c != '"' && c != '\\';
    std::string s = "<<";
    if (printable) {
        s += '"' + std::string(bytes) + '"';
    } else {
        for (size_t i = 0; i < bytes.size(); ++i)
            s += (i != 0 ? "," : "") + std::to_string(static_cast<uint8_t>(bytes[i]));
    }
    return s + ">>";
}

std::string type_text(const TypeInfo& type) {
    static constexpr const char* kNames[] = {"atom", "bitstring", "cons", "float",     "fun",   "integer", "map",
                                             "nil",  "pid",       "port", "reference", "tuple", "record"};
    std::string s;
    if (type.types == TypeInfo::kAny) {
        s = "any";
    } else {
        for (size_t i = 0; i < std::size(kNames); ++i) {
            if ((type.types >> i & 1) != 0) s += (s.empty() ? "" : "|") + std::string(kNames[i]);
        }
    }
    if (type.has_min || type.has_max) {
        s += "(" + (type.has_min ? std::to_string(type.min) : "") + ".." +
             (type.has_max ? std::to_string(type.max) : "") + ")";
    }
    if (type.unit != 1) s += "(unit " + std::to_string(type.unit) + ")";
    return s;
}

class Printer {
public:
    explicit Printer(const Module& m) : m_(m) {}

    std::string text;

    void header();
    void tables();
    void function(const Module::Function& f);
    void instruction(Instruction i);

private:
    void operand(char letter, Operand o);
    void plain(Operand o);
    void reg(Operand o);
    void line_of(uint32_t index);
    void flags(uint32_t f);
    uint32_t list(const char* group, Instruction i, uint32_t at);
    uint32_t segments(Instruction i, uint32_t at);
    uint32_t commands(Instruction i, uint32_t at);
    void row(const std::string& left, const std::string& right) {
        text += "  " + left;
        text.append(left.size() < 30 ? 30 - left.size() : 1, ' ');
        text += right + "\n";
    }

    const Module& m_;
};

void Printer::header() {
    text += "module " + atom_text(m_.name) + "\n";
    row("file", m_.path + ", " + std::to_string(m_.file_bytes) + " bytes");
    row("md5", hex(m_.md5));
    row("attributes", literal_text(m_.attributes));
    row("compile info", limited_text(m_.compile_info, PrintStyle::display));
    if (m_.on_load_label != 0) {
        const auto& f = m_.functions[m_.label_function[m_.on_load_label]];
        row("on_load", name_arity(f.name, f.arity));
    }
    row("code",
        std::to_string(m_.functions.size()) + " functions, " + std::to_string(m_.code.size() * 4) + " bytes of IR");
    if (m_.literal_area != nullptr) {
        row("literal area", std::to_string(m_.literal_area->end - m_.literal_area->begin) + " words");
    }
}

void Printer::tables() {
    const auto title = [&](const char* name, size_t rows) {
        if (rows != 0) text += "\n" + std::string(name) + "\n";
        return rows != 0;
    };
    if (title("exports", m_.exports.size())) {
        for (const auto& e : m_.exports) row(name_arity(e.function, e.arity), "L" + std::to_string(e.label));
    }
    if (title("imports", m_.imports.size())) {
        for (size_t i = 0; i < m_.imports.size(); ++i) {
            const auto& import = m_.imports[i];
            row(std::to_string(i), atom_text(import.module) + ":" + name_arity(import.function, import.arity));
        }
    }
    if (title("funs", m_.lambdas.size())) {
        for (const auto& f : m_.lambdas) {
            row(name_arity(f.function, f.arity), "L" + std::to_string(f.label) + ", index " + std::to_string(f.index) +
                                                     ", " + std::to_string(f.free_count) + " free variables, uniq " +
                                                     std::to_string(f.old_uniq));
        }
    }
    if (title("literals", m_.literals.size())) {
        for (size_t i = 0; i < m_.literals.size(); ++i) row(std::to_string(i), literal_text(m_.literals[i]));
    }
    if (!m_.strings.empty()) text += "\nstrings\n  " + bytes_text(m_.strings) + "\n";
    if (title("types", m_.types.size())) {
        for (size_t i = 0; i < m_.types.size(); ++i) row(std::to_string(i), type_text(m_.types[i]));
    }
    if (title("lines", m_.lines.size() - 1)) {
        for (size_t i = 1; i < m_.lines.size(); ++i) {
            text += "  " + std::to_string(i) + "\t";
            line_of(static_cast<uint32_t>(i));
            text += "\n";
        }
    }
}

void Printer::function(const Module::Function& f) {
    text += "\nfunction " + name_arity(f.name, f.arity) + (f.is_nif ? " (may be a NIF)" : "") + "\n";
    for (Instruction i(&m_.code[f.begin]); i.words() < m_.code.data() + f.end; i = i.next()) {
        text += i.op() == Genop::label ? "  " : "    ";
        instruction(i);
        text += "\n";
    }
}

void Printer::instruction(Instruction i) {
    if (i.op() == Genop::label) {
        text += "L" + std::to_string(i[0].value()) + ":";
        return;
    }
    const GenopInfo& info = genop_info(i.op());
    text += info.name;
    uint32_t at = 0;
    for (const char* s = info.signature; *s != 0; ++s) {
        text += ' ';
        if (*s == '[') {
            at = list(s + 1, i, at);
            while (*s != ']') ++s;
        } else if (*s == 'B') {
            at = segments(i, at);
        } else if (*s == 'M') {
            at = commands(i, at);
        } else if (*s == 'o') {
            // The size is the operand before, in bytes or (matching) in bits.
            const size_t size = i[at - 1].value();
            const bool bits = i.op() == Genop::bs_match_string;
            text += bytes_text(std::string_view(m_.strings).substr(i[at].value(), bits ? (size + 7) / 8 : size));
            ++at;
        } else {
            operand(*s, i[at++]);
        }
    }
}

void Printer::operand(char letter, Operand o) {
    switch (letter) {
        case 'I': {
            const auto& import = m_.imports[o.value()];
            text += atom_text(import.module) + ":" + name_arity(import.function, import.arity);
            break;
        }
        case 't':
            if (o.kind() == OperandKind::atom) return plain(o);
            [[fallthrough]];
        case 'L': text += "fun " + name_arity(m_.lambdas[o.value()].function, m_.lambdas[o.value()].arity); break;
        case 'l': line_of(o.value()); break;
        case 'g': flags(o.value()); break;
        default: plain(o);
    }
}

void Printer::plain(Operand o) {
    switch (o.kind()) {
        case OperandKind::x:
        case OperandKind::y: reg(o); break;
        case OperandKind::f: text += "{f," + std::to_string(o.value()) + "}"; break;
        case OperandKind::label: text += o.value() != 0 ? "L" + std::to_string(o.value()) : "-"; break;
        case OperandKind::unsigned_:
        case OperandKind::alloc: text += std::to_string(o.value()); break;
        case OperandKind::small: text += "#" + std::to_string(o.small()); break;
        case OperandKind::atom: text += atom_text(m_.atoms[o.value()]); break;
        case OperandKind::nil: text += "[]"; break;
        case OperandKind::literal: text += "#" + literal_text(m_.literals[o.value()]); break;
        case OperandKind::list: text += "list"; break;
    }
}

void Printer::reg(Operand o) {
    text += (o.kind() == OperandKind::x ? "{x," : "{y,") + std::to_string(o.reg()) + "}";
    if (o.type_plus_1() != 0) text += ":" + type_text(m_.types[o.type_plus_1() - 1]);
}

void Printer::line_of(uint32_t index) {
    const Module::Line& line = m_.lines[index];
    if (index == 0) {
        text += "-";
        return;
    }
    for (Term file = m_.files[line.file]; file.is_cons(); file = file.tail()) {
        const auto c = static_cast<uint32_t>(file.head().to_small());
        uint8_t utf8[4];
        text.append(reinterpret_cast<const char*>(utf8), encode_utf8(c, utf8));
    }
    text += ":" + std::to_string(line.line);
}

void Printer::flags(uint32_t f) {
    std::string s;
    if ((f & ir::kBinLittle) != 0) s += "little,";
    if ((f & ir::kBinSigned) != 0) s += "signed,";
    if ((f & ir::kBinNative) != 0) s += "native,";
    if (!s.empty()) s.pop_back();
    text += "(" + s + ")";
}

uint32_t Printer::list(const char* group, Instruction i, uint32_t at) {
    const uint32_t end = at + 1 + i[at].value();
    text += "[";
    for (++at; at < end;) {
        for (const char* s = group; *s != ']'; ++s) {
            if (s != group) text += " ";
            operand(*s, i[at++]);
        }
        if (at < end) text += ", ";
    }
    text += "]";
    return end;
}

uint32_t Printer::segments(Instruction i, uint32_t at) {
    static constexpr const char* kNames[] = {"integer", "float", "binary", "string",        "utf8",
                                             "utf16",   "utf32", "append", "private_append"};
    const uint32_t end = at + 1 + i[at].value();
    text += "[";
    for (++at; at < end; at += 6) {
        const auto type = static_cast<ir::BinSegment>(i[at].value());
        text += kNames[i[at].value()];
        text += " " + std::to_string(i[at + 1].value()) + " ";
        if (type == ir::BinSegment::string) {
            text += bytes_text(std::string_view(m_.strings).substr(i[at + 4].value(), i[at + 5].value()));
        } else {
            plain(i[at + 4]);
            text += " size ";
            plain(i[at + 5]);
            text += "*" + std::to_string(i[at + 2].value());
            if (i[at + 3].value() != 0) flags(i[at + 3].value());
        }
        if (at + 6 < end) text += ", ";
    }
    text += "]";
    return end;
}

uint32_t Printer::commands(Instruction i, uint32_t at) {
    // The operands' letters by command.
    static constexpr const char* kNames[] = {"ensure_at_least", "ensure_exactly", "integer", "binary", "=:=", "skip",
                                             "get_tail"};
    static constexpr const char* kLetters[] = {"zu", "z", "ngzud", "ngzud", "us", "z", "nud"};
    const uint32_t end = at + 1 + i[at].value();
    text += "[";
    for (++at; at < end;) {
        const uint32_t command = i[at++].value();
        text += kNames[command];
        for (const char* s = kLetters[command]; *s != 0; ++s) {
            text += " ";
            operand(*s, i[at++]);
        }
        if (at < end) text += ", ";
    }
    text += "]";
    return end;
}

}  // namespace

std::string disassemble(const Module& module, std::string_view function) {
    Printer p(module);
    if (function.empty()) {
        p.header();
        p.tables();
    }
    for (const Module::Function& f : module.functions) {
        if (function.empty() || function == atom_name(f.name) ||
            function == std::string(atom_name(f.name)) + "/" + std::to_string(f.arity)) {
            p.function(f);
        }
    }
    return std::move(p.text);
}

std::string instruction_text(const Module& module, Instruction instruction) {
    Printer p(module);
    p.instruction(instruction);
    return std::move(p.text);
}

}  // namespace lintel
