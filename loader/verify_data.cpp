/// The verifier's rules for moving, testing and building terms, maps, BIFs, floats and funs.

#include <algorithm>

#include "loader/verify_p.h"
#include "term/atom.h"
#include "term/views.h"

namespace lintel::verifier {

bool Verifier::data(Instruction i) {
    switch (i.op()) {
        case Genop::move: return move(i[0], i[1]);
        case Genop::swap: {
            const Type a = type_of(i[0]), b = type_of(i[1]);
            if (!a.is_root()) return bad_operand(i[0], "a term");
            if (!b.is_root()) return bad_operand(i[1], "a term");
            return write(i[0], b) && write(i[1], a);
        }

        case Genop::is_tuple:
            if (!test1(i)) return false;
            if (!type_of(i[1]).is_tuple()) refine(i[1], Type::tuple(0));
            return true;
        case Genop::is_tagged_tuple:
            // The engine looks at the first element once the size is right.
            if (i[2].value() == 0) return fail("a tuple without elements has no tag");
            [[fallthrough]];
        case Genop::test_arity:
            if (!test1(i)) return false;
            refine(i[1], Type::tuple(i[2].value()));
            return true;
        case Genop::is_nonempty_list:
            if (!test1(i)) return false;
            refine(i[1], Holds::cons);
            return true;
        case Genop::is_float:
            if (!test1(i)) return false;
            refine(i[1], Holds::real);
            return true;
        case Genop::is_list:
        case Genop::is_nil:
        case Genop::is_atom:
        case Genop::is_boolean:
        case Genop::is_integer:
        case Genop::is_number:
        case Genop::is_binary:
        case Genop::is_bitstr:
        case Genop::is_map:
        case Genop::is_pid:
        case Genop::is_port:
        case Genop::is_reference:
        case Genop::is_function:
        case Genop::is_any_native_record:
        case Genop::is_native_record: return test1(i);
        case Genop::is_function2:
        case Genop::is_eq_exact:
        case Genop::is_ne_exact:
        case Genop::is_eq:
        case Genop::is_ne:
        case Genop::is_lt:
        case Genop::is_ge: return read(i[1]) && read(i[2]) && flow(i[0]);
        case Genop::select_val:
        case Genop::select_tuple_arity: return select(i);

        case Genop::get_list:
        case Genop::get_hd:
        case Genop::get_tl:
        case Genop::get_tuple_element:
        case Genop::set_tuple_element: return take_apart(i);
        case Genop::put_list: return read(i[0]) && read(i[1]) && consume(kConsWords) && write(i[2], Holds::cons);
        case Genop::put_tuple2: {
            const uint32_t arity = i[1].value();
            if (arity > kMaxElements) return fail("too many elements");
            for (uint32_t k = 0; k < arity; ++k) {
                if (!read(i[2 + k])) return false;
            }
            return consume(1 + arity) && write(i[0], Type(Holds::tuple, arity));
        }
        case Genop::put_tuple: return put_tuple(i);
        case Genop::put: return fail("no put_tuple precedes");
        case Genop::update_record: return update_record(i);

        case Genop::put_map_assoc:
        case Genop::put_map_exact:
        case Genop::has_map_fields:
        case Genop::get_map_elements: return maps(i);

        case Genop::get_record_elements:
        case Genop::put_record:
        case Genop::is_record_accessible:
        case Genop::get_record_field: return records(i);

        case Genop::bif0: return bif({}, i[0], i, 0, 0, i[1], -1);
        case Genop::bif1: return bif(i[0], i[1], i, 2, 1, i[3], -1);
        case Genop::bif2: return bif(i[0], i[1], i, 2, 2, i[4], -1);
        case Genop::bif3: return bif(i[0], i[1], i, 2, 3, i[5], -1);
        case Genop::gc_bif1: return bif(i[0], i[2], i, 3, 1, i[4], static_cast<int>(i[1].value()));
        case Genop::gc_bif2: return bif(i[0], i[2], i, 3, 2, i[5], static_cast<int>(i[1].value()));
        case Genop::gc_bif3: return bif(i[0], i[2], i, 3, 3, i[6], static_cast<int>(i[1].value()));
        case Genop::make_fun2:
        case Genop::make_fun3: return make_fun(i);
        default: return floats(i);
    }
}

bool Verifier::move(Operand from, Operand to) {
    const Type t = type_of(from);
    if (!t.is_root()) return bad_operand(from, "a term");
    return write(to, t);
}

/// A test of operand 1 that goes to operand 0 if the answer is no.
bool Verifier::test1(Instruction i) { return read(i[1]) && flow(i[0]); }

bool Verifier::select(Instruction i) {
    // Value, default, list of values and labels.
    if (!read(i[0]) || !flow(i[1])) return false;
    const bool arities = i.op() == Genop::select_tuple_arity;
    for (uint32_t k = 0; k < i[2].value(); k += 2) {
        if (arities) refine(i[0], Type::tuple(i[3 + k].value()));
        if (!flow(i[4 + k])) return false;
    }
    return true;
}

bool Verifier::take_apart(Instruction i) {
    switch (i.op()) {
        case Genop::get_tuple_element: {
            const Type t = type_of(i[0]);
            const uint32_t least = i[1].value() + 1;
            taint_ = taint_.with(t);
            if (LINTEL_UNLIKELY(!t.is_tuple() || t.payload() < least)) {
                if (!read(i[0])) return false;
                set_check();
                refine(i[0], Type::tuple(least));
            }
            return write(i[2], Holds::term);
        }
        case Genop::set_tuple_element: {
            const Type t = type_of(i[1]);
            if (t.holds() != Holds::fresh_tuple || !s_.fresh)
                return fail("the tuple is not one that setelement/3 has just made");
            if (!read(i[0]) || !durable()) return false;
            const uint32_t least = i[2].value() + 1;
            if (t.payload() >= least) return true;
            set_check();
            refine(i[1], Type(Holds::fresh_tuple, std::min(least, Type::kMaxPayload)));
            return true;
        }
        default: break;
    }
    taint_ = taint_.with(type_of(i[0]));
    if (type_of(i[0]).holds() != Holds::cons) {
        if (!read(i[0])) return false;
        set_check();
        refine(i[0], Holds::cons);
    }
    if (!write(i[1], Holds::term)) return false;
    return i.op() != Genop::get_list || write(i[2], Holds::term);
}

/// Arity, tuple; then so many put.
bool Verifier::put_tuple(Instruction i) {
    const uint32_t arity = i[0].value();
    if (arity > kMaxElements) return fail("too many elements");
    for (uint32_t k = 0; k < arity; ++k) {
        const Instruction put(&m_.code[next_]);
        if (next_ >= end_ || put.op() != Genop::put) return fail("a put is missing");
        if (!read(put[0])) return false;
        next_ += 1 + put.operand_words();
    }
    return consume(1 + arity) && write(i[1], Type(Holds::tuple, arity));
}

/// Hint, arity, record, result, list of positions and values. The engine makes sure that it is a tuple of this arity.
bool Verifier::update_record(Instruction i) {
    const uint32_t arity = i[1].value();
    if (arity > kMaxElements || i[4].value() / 2 > kMaxElements) return fail("too many elements");
    if (!read(i[2])) return false;
    for (uint32_t k = 0; k < i[4].value(); k += 2) {
        const uint32_t element = i[5 + k].value();
        if (element == 0 || element > arity)
            return fail("a tuple of " + std::to_string(arity) + " has no element " + std::to_string(element));
        if (!read(i[6 + k])) return false;
    }
    return consume(1 + arity) && write(i[3], Type(Holds::tuple, arity));
}

bool Verifier::maps(Instruction i) {
    switch (i.op()) {
        case Genop::has_map_fields:
            for (uint32_t k = 0; k < i[2].value(); ++k) {
                if (!read(i[3 + k])) return false;
            }
            return test1(i);
        case Genop::get_map_elements: {
            if (!read(i[1]) || !flow(i[0])) return false;
            // A later key may be missing when registers have been written.
            const uint32_t count = i[2].value();
            for (uint32_t k = 0; k < count; k += 2) {
                if (!read(i[3 + k])) return false;
                if (k != 0 && !flow(i[0])) return false;
                if (!write(i[4 + k], Holds::term)) return false;
            }
            return true;
        }
        default: {
            // Fail, map, result, live, list of keys and values.
            if (!read(i[1])) return false;
            for (uint32_t k = 0; k < i[4].value(); ++k) {
                if (!read(i[5 + k])) return false;
            }
            return makes_term(i[0], i[3].value(), i[2]);
        }
    }
}

bool Verifier::makes_term(Operand fails, uint32_t live, Operand to) {
    if (!may_collect(live)) return false;
    s_.credit = 0;
    if (!raises_or_flows(fails)) return false;
    collected(live);
    return write(to, Holds::term);
}

/// Native records. The engine makes sure that it has one, whatever the operand holds.
bool Verifier::records(Instruction i) {
    switch (i.op()) {
        case Genop::is_record_accessible: {
            const Term scope = m_.atoms[i[2].value()];
            if (scope != am::external() && scope != am::auto_local()) return fail("unknown scope");
            return test1(i);
        }
        case Genop::get_record_elements:
            if (!test1(i)) return false;
            for (uint32_t k = 0; k < i[2].value(); k += 2) {
                // A later field may be missing when registers have been written.
                if (k != 0 && !flow(i[0])) return false;
                if (!write(i[4 + k], Holds::term)) return false;
            }
            return true;
        case Genop::get_record_field:
            if (!names_record(i[2])) return false;
            return read(i[1]) && read(i[3]) && raises_or_flows(i[0]) && write(i[4], Holds::term);
        default: {
            if (!names_record(i[1])) return false;
            if (i[2].kind() == OperandKind::nil && i[1].kind() == OperandKind::atom &&
                m_.find_record(m_.atoms[i[1].value()]) == nullptr) {
                return fail("the module defines no such record");
            }
            if (!read(i[2])) return false;
            for (uint32_t k = 1; k < i[5].value(); k += 2) {
                if (!read(i[6 + k])) return false;
            }
            return makes_term(i[0], i[4].value(), i[3]);
        }
    }
}

/// Name, '_' or {Module, Name}.
bool Verifier::names_record(Operand o) {
    if (o.kind() == OperandKind::atom) return true;
    if (o.kind() == OperandKind::literal) {
        const auto id = as_tuple(m_.literals[o.value()], 2);
        if (id && id[0].is_atom() && id[1].is_atom()) return true;
    }
    return fail("no name of a record");
}

bool Verifier::is_bit_size(const Module::Import& import) {
    return import.module == am::erlang() && (import.function == am::byte_size() || import.function == am::bit_size());
}

bool Verifier::bif(Operand fails, Operand import, Instruction i, uint32_t first, uint32_t count, Operand to, int live) {
    const Module::Import& target = m_.imports[import.value()];
    if (target.arity != count)
        return fail(std::to_string(count) + " arguments, but the import has arity " + std::to_string(target.arity));
    // Since OTP 27 the size of what is left is asked of a match context.
    const bool of_context = live >= 0 && count == 1 && is_bit_size(target);
    for (uint32_t k = 0; k < count; ++k) {
        if (of_context && type_of(i[first]).is_root()) break;
        if (!read(i[first + k])) return false;
    }
    // Without live registers it leaves the heap alone (vm/lower.cpp, `closed`).
    if (live >= 0 && !may_collect(static_cast<uint32_t>(live))) return false;
    if (live >= 0) s_.credit = 0;
    if (count != 0 && !raises_or_flows(fails)) return false;
    if (live >= 0) collected(static_cast<uint32_t>(live));
    return write(to, Holds::term);
}

bool Verifier::floats(Instruction i) {
    switch (i.op()) {
        case Genop::fmove:
            if (i[0].kind() != OperandKind::f) {
                if (i[1].kind() != OperandKind::f) return fail("no float register");
                if (type_of(i[0]).holds() != Holds::real) {
                    if (!read(i[0])) return false;
                    set_check();
                    refine(i[0], Holds::real);
                }
                write_float(i[1]);
                return true;
            }
            if (!read_float(i[0])) return false;
            if (i[1].kind() != OperandKind::f) return consume(kBoxedFloatWords) && write(i[1], Holds::real);
            write_float(i[1]);
            return true;
        case Genop::fconv:
            if (!read(i[0]) || !raises()) return false;
            write_float(i[1]);
            return true;
        case Genop::fadd:
        case Genop::fsub:
        case Genop::fmul:
        case Genop::fdiv:
            if (!read_float(i[1]) || !read_float(i[2]) || !raises()) return false;
            write_float(i[3]);
            return true;
        case Genop::fnegate:
            if (!read_float(i[1]) || !raises()) return false;
            write_float(i[2]);
            return true;
        default: return fail("unknown instruction");
    }
}

bool Verifier::make_fun(Instruction i) {
    const Module::Lambda& lambda = m_.lambdas[i[0].value()];
    if (i.op() == Genop::make_fun2) {
        // The engine collects with the free variables as roots.
        if (!read_x(lambda.free_count) || !y_ready()) return false;
        collected(0);
        set_x(0, Holds::term);
        return true;
    }
    const uint32_t count = i[2].value();
    if (count != lambda.free_count) {
        return fail(std::to_string(count) + " free variables, but the fun has " + std::to_string(lambda.free_count));
    }
    for (uint32_t k = 0; k < count; ++k) {
        if (!read(i[3 + k])) return false;
    }
    return consume(kFunWords + count) && write(i[1], Holds::term);
}

}  // namespace lintel::verifier
