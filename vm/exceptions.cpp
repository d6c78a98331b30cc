#include "vm/exceptions.h"

#include <algorithm>
#include <vector>

#include "term/views.h"
#include "vm/runtime_map.h"
#include "vm/trace_mark.h"
#include "vm/vm_core.h"

/// Traces keep addresses, not names: most exceptions are caught by code that never asks for the trace. A trace holds the
/// address of the raising operation and up to VmCore::backtrace_depth return addresses, found by walking the stack: words with Tag::code are
/// return addresses, everything else on the stack is a term.

namespace lintel {

namespace {

bool is_return_address(Word w) { return (w & kTagMask) == static_cast<Word>(Tag::code); }
const void* address_of(Word w) { return reinterpret_cast<const void*>(w & ~kTagMask); }

Term arg_list(HeapBuilder& heap, const Term* args, unsigned arity) {
    Term list = Term::nil();
    for (unsigned i = arity; i-- > 0;) list = heap.cons(args[i], list);
    return list;
}

/// {Start, Extra, Addresses, Class} with `start` made before.
void set_trace(ExecState& p, Term start, Term extra, const void* where) {
    Word addresses[kMaxTraceDepth + 1];
    const size_t most = most_trace_entries(p);
    size_t count = 0;
    if (where != nullptr) addresses[count++] = reinterpret_cast<Word>(where) + 1;  // odd: address inside an operation
    // A function that calls itself from one place is shown once, whatever the depth.
    Word last = 0;
    for (const Word* w = p.heap.stack_top; w < p.heap.end && count < most; ++w) {
        if (!is_return_address(*w) || *w == last) continue;
        if (p.has_marks && mark_of(*p.vm, address_of(*w)) >= 0) continue;
        last = *w;
        addresses[count++] = reinterpret_cast<Word>(address_of(last));
    }
    auto heap = p.reserve(tuple_words(4) + 1 + count);
    Term limbs = Term::nil();
    if (count > 0) {
        Word* w = heap.raw(1 + count);
        *w = make_header(Kind::bignum, count);
        for (size_t i = 0; i < count; ++i) w[1 + i] = addresses[i];
        limbs = Term::boxed(w);
    }
    p.trace = heap.tuple(start, extra, limbs, class_atom(p.exception_class));
}

/// Module whose format_error/2 explains the errors of a BIF; the non-value if none does.
Term error_module(Term bif_module) {
    switch (atom_id(bif_module)) {
        case AtomId::erlang:
        case AtomId::erts_internal:
        case AtomId::atomics:
        case AtomId::counters:
        case AtomId::persistent_term: return am::erl_erts_errors();
        case AtomId::binary:
        case AtomId::ets:
        case AtomId::lists:
        case AtomId::maps:
        case AtomId::math:
        case AtomId::re:
        case AtomId::unicode: return am::erl_stdlib_errors();
        case AtomId::os: return am::erl_kernel_errors();
        default: return Term::none();
    }
}

/// [{error_info, Info}], Info with `module` added (unless that is the non-value); [] if there is nothing to say.
Term error_info_entry(ExecState& p, Term module) {
    Term info = p.error_info;
    if (module.is_value()) {
        if (info.is_none()) {
            auto empty = p.reserve(3);
            Word* w = empty.raw(3);
            w[0] = make_header(Kind::map_flat, 1);
            w[1] = Term::boxed(w + 2).word();
            w[2] = make_header(Kind::tuple, 0);
            info = Term::boxed(w);
        }
        info = map_put(p, info, am::module(), module);
    }
    if (info.is_none()) return Term::nil();
    auto heap = p.reserve(tuple_words(2) + kConsWords);
    return heap.cons(heap.tuple(am::error_info(), info), Term::nil());
}

}  // namespace

size_t most_trace_entries(const ExecState& p) {
    return std::max(p.vm->backtrace_depth.load(std::memory_order_relaxed), uint32_t{1});
}

void capture_trace(ExecState& p, const void* where, const BifEntry* bif, const Term* args) {
    switch (p.trace_start) {
        case TraceStart::given:
            if (as_tuple(p.trace, 4)) return;
            p.trace = p.reserve(tuple_words(4)).tuple(am::raise(), p.trace, Term::nil(), class_atom(p.exception_class));
            return;
        case TraceStart::caller: {
            // erlang:error/2,3: the caller is shown with the arguments given.
            const Term extra = error_info_entry(p, Term::none());
            // [] stands for no arguments given, so the atom none for an empty list of them.
            const Term given = p.trace_args;
            set_trace(p, given.is_none() ? Term::nil() : given.is_nil() ? am::none() : given, extra, where);
            return;
        }
        case TraceStart::bif: break;
    }
    if (bif == nullptr) {
        set_trace(p, Term::nil(), error_info_entry(p, Term::none()), where);
        return;
    }
    auto heap = p.reserve(tuple_words(3) + list_words(bif->arity));
    const Term start = heap.tuple(bif->module, bif->function, arg_list(heap, args, bif->arity));
    set_trace(p, start, error_info_entry(p, error_module(bif->module)), where);
}

void capture_function_clause(ExecState& p, const FunctionEntry& function, const Term* args) {
    const Module& m = *function.loaded->module;
    const Module::Function& f = m.functions[function.index];
    auto heap = p.reserve(tuple_words(3) + list_words(f.arity));
    const Term start = heap.tuple(m.name, f.name, arg_list(heap, args, f.arity));
    set_trace(p, start, am::function_clause(), nullptr);
}

void capture_undefined(ExecState& p, Term module, Term function, const Term* args, unsigned arity) {
    auto heap = p.reserve(tuple_words(3) + list_words(arity));
    const Term start = heap.tuple(module, function, arg_list(heap, args, arity));
    set_trace(p, start, Term::nil(), nullptr);
}

void capture_undefined_list(ExecState& p, Term module, Term function, Term args, const void* where) {
    auto heap = p.reserve(tuple_words(3));
    set_trace(p, heap.tuple(module, function, args), Term::nil(), where);
}

void capture_in_apply_fun(ExecState& p, const Term* args) {
    auto heap = p.reserve(2 * tuple_words(3) + tuple_words(2) + list_words(2));
    const Term itself = heap.tuple(am::erlang(), am::apply(), Term::small(2));
    if (args == nullptr) return set_trace(p, itself, Term::nil(), nullptr);
    const Term called = heap.tuple(am::erlang(), am::apply(), arg_list(heap, args, 2));
    set_trace(p, heap.tuple(called, itself), error_info_entry(p, am::erl_erts_errors()), nullptr);
}

Term class_atom(ExceptionClass c) {
    switch (c) {
        case ExceptionClass::error: return am::error();
        case ExceptionClass::exit: return am::exit();
        case ExceptionClass::throw_: return am::throw_();
    }
    LINTEL_UNREACHABLE();
}

namespace {

/// The exception, in X1 and X2, goes by the words from `from` to `to`: what tracing left there is told. `handler`: where it is handled, or
/// nullptr.
void pass_marks(ExecState& p, const Word* from, const Word* to, const void* handler) {
    std::vector<Term> return_to;  // sessions, each once
    for (const Word* w = from; w < to; ++w) {
        const int mark = is_return_address(*w) ? mark_of(*p.vm, address_of(*w)) : -1;
        if (mark < 0) continue;
        const auto kind = static_cast<TraceMark>(mark);
        const Term session(w[1]);
        if (kind == TraceMark::return_to && std::find(return_to.begin(), return_to.end(), session) == return_to.end())
            return_to.push_back(session);
        p.vm->host->passed(p, kind, w + 1);
    }
    if (handler == nullptr) return;
    for (const Term session : return_to) p.vm->host->returned_to(p, session, handler);
}

}  // namespace

const void* find_handler(ExecState& p) {
    if (LINTEL_UNLIKELY(p.has_marks)) {
        p.registers->x[1] = class_atom(p.exception_class);
        p.registers->x[2] = p.reason;
    }
    for (Word* w = p.heap.stack_top; w < p.heap.end; ++w) {
        const Term t(*w);
        if (!t.is_catch()) continue;
        // The frame begins below the mark: back to the word after the return address before it.
        Word* frame = w;
        while (frame > p.heap.stack_top && !is_return_address(frame[-1])) --frame;
        if (LINTEL_UNLIKELY(p.has_marks)) pass_marks(p, p.heap.stack_top, frame, t.catch_handler());
        p.heap.stack_top = frame;
        Term* x = p.registers->x;
        x[0] = Term::none();
        x[1] = class_atom(p.exception_class);
        x[2] = p.reason;
        x[3] = p.trace;
        p.pending = Pending::none;
        p.reason = p.trace = p.error_info = p.trace_args = Term::none();
        return t.catch_handler();
    }
    if (LINTEL_UNLIKELY(p.has_marks)) {
        Term* x = p.registers->x;
        if (p.exception_class == ExceptionClass::throw_) {
            x[1] = am::error();
            x[2] = p.reserve(tuple_words(2)).tuple(am::nocatch(), p.reason);
        }
        pass_marks(p, p.heap.stack_top, p.heap.end, nullptr);
    }
    return nullptr;
}

namespace {

/// [{file, F}, {line, L}] for a line of `m`, before `tail`.
Term location_list(ExecState& p, const Module& m, uint32_t line, Term tail) {
    const Module::Line* const l = m.line_at(line);
    if (l == nullptr) return tail;
    auto heap = p.reserve(2 * (tuple_words(2) + kConsWords));
    Term list = heap.cons(heap.tuple(am::line(), Term::small(l->line)), tail);
    return heap.cons(heap.tuple(am::file(), m.files[l->file]), list);
}

}  // namespace

ExceptionClass class_of_trace(Term raw) {
    const TupleView trace = as_tuple(raw, 4);
    if (!trace || trace[3] == am::error()) return ExceptionClass::error;
    return trace[3] == am::exit() ? ExceptionClass::exit : ExceptionClass::throw_;
}

Term build_stacktrace(ExecState& p, Engine& engine, Term raw) {
    const TupleView trace = as_tuple(raw, 4);
    if (!trace) return raw;
    if (trace[0] == am::raise()) return trace[1];
    Term start = trace[0];
    Term extra = trace[1];
    Term entries[kMaxTraceDepth + 2];
    const size_t most = most_trace_entries(p);
    size_t count = 0;
    const bool clause = extra == am::function_clause();

    if (const TupleView mfa = as_tuple(start, 3)) {
        // function_clause: the line is that of the function's head; a BIF has only its error_info.
        Term location = clause ? Term::nil() : extra;
        if (clause) {
            extra = Term::nil();
            const int64_t arity = list_length(mfa[2]);
            if (LoadedModule* loaded = p.vm->code.current(mfa[0])) {
                const Module& m = *loaded->module;
                for (const auto& f : m.functions) {
                    if (f.name != mfa[1] || f.arity != static_cast<uint32_t>(arity)) continue;
                    for (ir::Instruction i(&m.code[f.begin]); i.op() != Genop::func_info; i = i.next()) {
                        if (i.op() == Genop::line) location = location_list(p, m, i[0].value(), Term::nil());
                    }
                    break;
                }
            }
        }
        auto heap = p.reserve(tuple_words(4));
        entries[count++] = heap.tuple(mfa[0], mfa[1], mfa[2], location);
        extra = Term::nil();
        start = Term::nil();
    }
    // Code, of whatever compiler, can bring in any tuple here.
    if (const TupleView two = as_tuple(start, 2); two && as_tuple(two[0], 3) && as_tuple(two[1], 3)) {
        for (const Term entry : {two[0], two[1]}) {
            const TupleView mfa = as_tuple(entry, 3);
            auto heap = p.reserve(tuple_words(4));
            entries[count++] = heap.tuple(mfa[0], mfa[1], mfa[2], extra);
            extra = Term::nil();
        }
        start = Term::nil();
    }

    std::span<const Word> addresses;
    if (const BignumView limbs = as_bignum(trace[2])) addresses = limbs.limbs();
    for (size_t i = 0; i < addresses.size() && count < most; ++i) {
        const CodeLocation at = engine.locate(reinterpret_cast<const void*>(addresses[i]));
        if (at.loaded == nullptr) continue;
        const Module& m = *at.loaded->module;
        const Module::Function& f = m.functions[at.function];
        // erlang:error/2's arguments and error/3's error_info belong to the innermost function.
        const Term location = location_list(p, m, at.line, extra);
        extra = Term::nil();
        const Term args = start.is_nil() ? Term::small(f.arity) : start == am::none() ? Term::nil() : start;
        start = Term::nil();
        auto heap = p.reserve(tuple_words(4));
        entries[count++] = heap.tuple(m.name, f.name, args, location);
    }
    auto heap = p.reserve(list_words(count));
    return heap.list({entries, count});
}

void raise_again(ExecState& p, ExceptionClass c, Term value, Term raw) {
    p.raise(c, value);
    p.trace = raw;
    if (const TupleView trace = as_tuple(raw, 4)) {
        const Term extra = trace[1] == am::function_clause() ? Term::nil() : trace[1];
        p.trace = p.reserve(tuple_words(4)).tuple(trace[0], extra, trace[2], class_atom(c));
    }
}

Term uncaught_reason(ExecState& p, Engine& engine) {
    if (p.exception_class == ExceptionClass::exit) return p.reason;
    const Term trace = build_stacktrace(p, engine, p.trace.is_value() ? p.trace : Term::nil());
    auto heap = p.reserve(2 * tuple_words(2));
    const Term reason = p.exception_class == ExceptionClass::throw_ ? heap.tuple(am::nocatch(), p.reason) : p.reason;
    return heap.tuple(reason, trace);
}

}  // namespace lintel
