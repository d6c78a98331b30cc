#include "vm/dump.h"

#include <cstdio>
#include <utility>

#include "loader/module.h"
#include "term/print.h"
#include "vm/fuse.h"

/// The fields of an operation print themselves by their kind in vm/ops.def; only what follows an operation (REST) needs to be known
/// here, in rest_of.

namespace lintel {

namespace {

constexpr size_t kTermLimit = 60;
constexpr Word kCodeTag = static_cast<Word>(Tag::code);

class Dump {
public:
    Dump(const CodeBlock& block, const int32_t* handlers) : block_(block), handlers_(handlers) {}
    std::string text;

    void all();
    void one(LoweredOp operation);

private:
    bool find_op(int32_t dispatch, Op* op, size_t* run_with) const;
    size_t fields(Op op, const Word* at);
    size_t rest_of(Op op, const Word* at);
    void place(size_t at);

    void name(const char* field) { text += std::string(" ") + field + "="; }
    void reg(ops::Reg r) { text += ((r & 1) != 0 ? "{y," : "{x,") + std::to_string((r & ~7u) / 8) + "}"; }
    void source(Word w) {
        if ((w & kTagMask) == kCodeTag) return reg(static_cast<ops::Reg>(((w >> 4) & ~Word{7}) | (w >> 3 & 1)));
        if (w == Term::none().word()) {
            text += "none";
        } else if (!print_term(Term(w), text, PrintStyle::display, kTermLimit)) {
            text += "…";
        }
    }
    void target(int64_t distance) { text += distance == 0 ? "-" : "@" + std::to_string(here_ + distance); }
    static std::string mfa(Term module, Term function, uint32_t arity) {
        return std::string(atom_name(module)) + ":" + std::string(atom_name(function)) + "/" + std::to_string(arity);
    }
    void pointer(const FunctionEntry* f) {
        const Module::Function& function = f->loaded->module->functions[f->index];
        text += std::string(atom_name(function.name)) + "/" + std::to_string(function.arity);
    }
    void pointer(const ExportEntry* e) { text += mfa(e->module, e->function, e->arity); }
    void pointer(const BifEntry* b) { text += b == nullptr ? "-" : "bif " + mfa(b->module, b->function, b->arity); }
    void pointer(const FunEntry* f) {
        text += "fun " + std::string(atom_name(f->id.module)) + " " + std::to_string(f->id.index) + "/" +
                std::to_string(f->id.arity);
    }
    void pointer(const void* p) { text += p == nullptr ? "-" : "*"; }

    const CodeBlock& block_;
    const int32_t* const handlers_;
    int64_t here_ = 0;  // offset of the operation that is being printed
};

/// The operation with this handler, and how many run with its dispatch: the first of a fused sequence has the handler of the whole.
bool Dump::find_op(int32_t dispatch, Op* op, size_t* run_with) const {
    for (size_t i = 0; i < static_cast<size_t>(Op::count); ++i) {
        if (handlers_[i] != dispatch) continue;
        *op = static_cast<Op>(i);
        *run_with = 1;
        for (const FusedRow& row : kFused) {
            if (row.op != *op) continue;
            *op = row.parts[0];
            *run_with = row.length();
            break;
        }
        return true;
    }
    return false;
}

/// Prints the name and the fixed fields; returns how many words they take.
size_t Dump::fields(Op op, const Word* at) {
    switch (op) {
#define X(n) name(#n), reg(static_cast<ops::Reg>(o.n));
#define Y(n) name(#n), reg(static_cast<ops::Reg>(o.n | 1));
#define R(n) name(#n), reg(o.n);
#define S(n) name(#n), source(o.n);
#define L(n) name(#n), target(o.n);
#define U16(n) name(#n), text += std::to_string(o.n);
#define U32(n) name(#n), text += std::to_string(o.n);
#define W(n) name(#n), text += std::to_string(o.n);
#define P(type, n) name(#n), pointer(o.n);
#define REST
#define OP(op_name, op_fields, op_flags)                                             \
    case Op::op_name: {                                                              \
        [[maybe_unused]] const auto& o = *reinterpret_cast<const ops::op_name*>(at); \
        text += #op_name;                                                            \
        op_fields return sizeof(ops::op_name) / kWordBytes;                          \
    }
#include "vm/ops.def"
#undef X
#undef Y
#undef R
#undef S
#undef L
#undef U16
#undef U32
#undef W
#undef P
#undef REST
        default: break;
    }
    return 1;
}

/// Prints the words that follow the fixed fields; returns how many there are.
size_t Dump::rest_of(Op op, const Word* at) {
    size_t count = 0;
    const Word* rest = nullptr;
    const auto take = [&](const auto& o, size_t words) {
        rest = ops::rest(o);
        count = words;
    };
    // One letter for each word of an item: s source, n number, j jump, r register, h header of a tuple.
    const char* letters = "n";
    switch (op) {
#define REST_OF(op_name, words, item)                               \
    case Op::op_name: {                                             \
        const auto& o = *reinterpret_cast<const ops::op_name*>(at); \
        take(o, words);                                             \
        letters = item;                                             \
        break;                                                      \
    }
        REST_OF(init_yregs, o.count, "n")
        REST_OF(put_tuple, o.arity, "s")
        REST_OF(update_record, 2u * o.count, "ns")
        REST_OF(select_words, 2u * o.count, "s")
        REST_OF(select_dense, o.count, "j")
        REST_OF(select_linear, 2u * o.count, "sj")
        REST_OF(select_tuple_arity, 2u * o.count, "hj")
        REST_OF(has_map_fields, o.count, "s")
        REST_OF(get_map_elements, 2u * o.count, "sr")
        REST_OF(new_map, o.count, "s")
        REST_OF(put_map_assoc, 2u * o.count, "s")
        REST_OF(put_map_exact, 2u * o.count, "s")
        REST_OF(get_record_elements, 2u * o.count, "sr")
        REST_OF(new_record, 2u * o.count, "s")
        REST_OF(change_record, 2u * o.count, "s")
        REST_OF(make_fun, o.count, "s")
        REST_OF(bs_create_bin, 3u * o.count, "n")
#undef REST_OF
        default: return 0;
    }
    text += " [";
    const char* letter = letters;
    for (size_t i = 0; i < count; ++i) {
        if (i != 0) text += letter == letters ? ", " : " ";
        // The values of select_words come first, then where they lead.
        switch (op == Op::select_words && i >= count / 2 ? 'j' : *letter) {
            case 's': source(rest[i]); break;
            case 'j': target(static_cast<int64_t>(rest[i])); break;
            case 'r': reg(static_cast<ops::Reg>(rest[i])); break;
            case 'h': text += "arity " + std::to_string(header_size(rest[i])); break;
            default: text += std::to_string(rest[i]); break;
        }
        if (*++letter == 0) letter = letters;
    }
    text += "]";
    return count;
}

/// Begins the line of the operation at this word.
void Dump::place(size_t at) {
    char offset[16];
    std::snprintf(offset, sizeof offset, "  %5zu  ", at);
    text += offset;
    here_ = static_cast<int64_t>(at);
}

void Dump::one(LoweredOp operation) {
    place(operation.at);
    const Word* const at = block_.code() + operation.at;
    fields(operation.op, at);
    rest_of(operation.op, at);
}

void Dump::all() {
    const Word* const code = block_.code();
    uint32_t line = 0;
    for (size_t at = 0; at < block_.words;) {
        for (; line < block_.line_count && block_.lines[line].offset <= at; ++line) {
            text += "    line " + std::to_string(block_.lines[line].line) + "\n";
        }
        place(at);
        Op op = Op::count;
        size_t run_with = 1;
        if (!find_op(reinterpret_cast<const ops::Head*>(code + at)->dispatch, &op, &run_with)) {
            text += "?\n";
            return;
        }
        const size_t words = fields(op, code + at);
        at += words + rest_of(op, code + at);
        if (run_with != 1) text += "  (one dispatch for " + std::to_string(run_with) + ")";
        text += "\n";
    }
}

}  // namespace

std::string dump_code(const CodeBlock& block, const int32_t* handlers) {
    Dump dump(block, handlers);
    dump.all();
    return std::move(dump.text);
}

std::string dump_operation(const CodeBlock& block, LoweredOp operation) {
    Dump dump(block, nullptr);
    dump.one(operation);
    return std::move(dump.text);
}

}  // namespace lintel
