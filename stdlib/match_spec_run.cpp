/// Running match specifications.
///
/// What is matched is mostly an object in a table, whose words belong to the table and are gone, or changed, as soon as its lock is
/// let go. Matching and guards work on them in place: variables are bound to terms inside the object. Whatever becomes part of a
/// result is copied first (own). Two ranges of words tell what is not the process's: the object's block and the program's constants;
/// no term in them refers to anything outside its range but atoms, code and counted binaries.
///
/// A function that is given such terms returns a number, an atom, one of its arguments or a part of one; those that would build
/// something around an argument (binary_part) get copies.

#include "stdlib/match_spec.h"

#include "gc/copy.h"
#include "term/compare.h"
#include "term/map.h"
#include "vm/runtime_map.h"

namespace lintel {

MatchRunner::MatchRunner(ExecState& p, const MatchProgram& program, ResultHeap& heap, MatchActions* actions)
    : p_(p), program_(program), heap_(heap), actions_(actions), variables_(program.variables_),
      stack_(program.stack_ + 1), ups_(program.depth_) {
    if (program.constants_ == nullptr) return;
    constants_begin_ = program.constants_->begin();
    constants_end_ = program.constants_->top;
}

bool MatchRunner::is_own(Term t) const {
    if (t.is_immediate()) return true;
    const auto* w = reinterpret_cast<const Word*>(t.word() & ~kTagMask);
    return !(w >= foreign_begin_ && w < foreign_end_) && !(w >= constants_begin_ && w < constants_end_);
}

Term MatchRunner::own(Term t) {
    if (is_own(t)) return t;
    if (row_ != nullptr && t == row_->tuple()) {
        return heap_.with(row_->words(), [this](HeapBuilder& heap) { return copy_row(*row_, heap); });
    }
    return heap_.with(flat_size(t, nullptr), [t](HeapBuilder& heap) { return copy_term(t, heap, nullptr); });
}

Term MatchRunner::whole() {
    if (value_.is_none()) {
        value_ = heap_.with(list_words(arguments_.size()), [this](HeapBuilder& heap) { return heap.list(arguments_); });
    }
    return value_;
}

Term MatchRunner::make_tuple(const Term* values, size_t n) {
    ScratchArray<Term, 16> elements(n);
    if (!elements) out_of_memory(p_, n);
    for (size_t i = 0; i < n; ++i) elements[i] = own(values[i]);
    return heap_.with(tuple_words(n), [&](HeapBuilder& heap) {
        Word* to;
        const Term tuple = heap.tuple_of(n, &to);
        for (size_t i = 0; i < n; ++i) to[i] = elements[i].word();
        return tuple;
    });
}

Term MatchRunner::make_list(const Term* values, size_t n) {
    Term list = own(values[n]);
    while (n-- > 0) {
        const Term head = own(values[n]);
        list = heap_.with(kConsWords, [=](HeapBuilder& heap) { return heap.cons(head, list); });
    }
    return list;
}

Term MatchRunner::make_map(Term* values, size_t n) {
    for (size_t i = 0; i < n; ++i) values[i] = own(values[i]);
    return map_from_pairs(p_, values, n / 2);
}

/// The value, or the non-value (nothing stays raised).
Term MatchRunner::call(const MatchInstruction& i, const Term* arguments) {
    Term value;
    if (i.op == MatchOp::act) {
        ScratchArray<Term, 4> own_arguments(i.n);
        if (!own_arguments || actions_ == nullptr) return Term::none();
        for (size_t k = 0; k < i.n; ++k) own_arguments[k] = own(arguments[k]);
        value = actions_->act(p_, static_cast<MatchAction>(i.action), {own_arguments.data(), i.n});
    } else if ((i.flags & MatchInstruction::kOwn) != 0) {
        ScratchArray<Term, 4> own_arguments(i.n);
        if (!own_arguments) return Term::none();
        for (size_t k = 0; k < i.n; ++k) own_arguments[k] = own(arguments[k]);
        value = reinterpret_cast<MatchFunction>(i.word)(p_, Args{own_arguments.data()});
    } else {
        value = reinterpret_cast<MatchFunction>(i.word)(p_, Args{arguments});
    }
    if (value.is_none() && p_.pending == Pending::exception) {
        // The reason may refer to the object: nothing of it may be left for the collector to find.
        p_.pending = Pending::none;
        p_.reason = p_.trace = p_.error_info = p_.trace_args = Term::none();
    }
    return value;
}

Term MatchRunner::execute_clause(const MatchInstruction* i) {
    const Term* cursor = &value_;
    const Term** ups = ups_.data();
    Term* sp = stack_.data() + program_.stack_ + 1;
    for (;; ++i) {
        switch (i->op) {
            case MatchOp::skip: ++cursor; break;
            case MatchOp::bind:
                // The list of arguments is made only when somebody wants it.
                variables_[i->n] = cursor == &value_ ? whole() : *cursor;
                ++cursor;
                break;
            case MatchOp::same:
                if (!exactly_equal(variables_[i->n], *cursor)) return Term::none();
                ++cursor;
                break;
            case MatchOp::equal_immediate:
                if (cursor->word() != i->word) return Term::none();
                ++cursor;
                break;
            case MatchOp::equal_constant:
                if (cursor == &value_) whole();
                if (!exactly_equal(Term(i->word), *cursor)) return Term::none();
                ++cursor;
                break;
            case MatchOp::tuple: {
                const auto tuple = as_tuple(*cursor, i->n);
                if (!tuple) return Term::none();
                *ups++ = cursor + 1;
                cursor = tuple.elements().data();
                break;
            }
            case MatchOp::cons:
                if (!cursor->is_cons()) return Term::none();
                *ups++ = cursor + 1;
                cursor = reinterpret_cast<const Term*>(cursor->cons_cell());
                break;
            case MatchOp::map:
                if (!cursor->is_map()) return Term::none();
                *ups++ = cursor + 1;
                break;
            case MatchOp::map_value: {
                const Term* value = map_find(*cursor, Term(i->word));
                if (value == nullptr) return Term::none();
                *ups++ = cursor;
                cursor = value;
                break;
            }
            case MatchOp::up: cursor = *--ups; break;
            case MatchOp::arguments:
                if (arguments_.size() != i->n) return Term::none();
                cursor = arguments_.data();
                break;

            case MatchOp::push_immediate:
            case MatchOp::push_constant: *--sp = Term(i->word); break;
            case MatchOp::push_variable: *--sp = variables_[i->n]; break;
            case MatchOp::push_whole: *--sp = whole(); break;
            case MatchOp::push_variables: {
                const uint16_t* slots = program_.variable_lists_.data() + i->n;
                Term list = Term::nil();
                for (size_t k = i->word; k-- > 0;) {
                    const Term head = own(variables_[slots[k]]);
                    list = heap_.with(kConsWords, [=](HeapBuilder& heap) { return heap.cons(head, list); });
                }
                *--sp = list;
                break;
            }
            case MatchOp::make_tuple: {
                const Term made = make_tuple(sp, i->n);
                sp += i->n;
                *--sp = made;
                break;
            }
            case MatchOp::make_list: {
                const Term made = make_list(sp, i->n);
                sp += i->n + 1;
                *--sp = made;
                break;
            }
            case MatchOp::make_map: {
                const Term made = make_map(sp, i->n);
                sp += i->n;
                *--sp = made;
                break;
            }
            case MatchOp::call:
            case MatchOp::act: {
                Term value = call(*i, sp);
                if (value.is_none()) {
                    if ((i->flags & MatchInstruction::kBody) == 0) return Term::none();
                    value = am::EXIT();
                }
                sp += i->n;
                *--sp = value;
                break;
            }
            case MatchOp::all_true:
            case MatchOp::any_true: {
                const bool wanted = i->op == MatchOp::any_true;
                Term value = boolean(!wanted);
                for (uint32_t k = 0; k < i->n; ++k) {
                    if (sp[k] != am::true_() && sp[k] != am::false_()) {
                        if ((i->flags & MatchInstruction::kBody) == 0) return Term::none();
                        value = am::EXIT();
                        break;
                    }
                    if (sp[k] == boolean(wanted)) value = boolean(wanted);
                }
                sp += i->n;
                *--sp = value;
                break;
            }
            case MatchOp::and_jump:
            case MatchOp::or_jump: {
                const bool decides = i->op == MatchOp::or_jump;
                if (*sp == boolean(!decides)) {
                    ++sp;
                    break;
                }
                if (*sp != boolean(decides)) {
                    if ((i->flags & MatchInstruction::kBody) == 0) return Term::none();
                    *sp = am::EXIT();
                }
                i = program_.code_.data() + i->n - 1;
                break;
            }
            case MatchOp::drop: ++sp; break;
            case MatchOp::guard:
                if (*sp++ != am::true_()) return Term::none();
                break;
            case MatchOp::finish: return own(*sp);
        }
    }
}

Term MatchRunner::execute() {
    for (const uint32_t start : program_.clauses_) {
        const Term value = execute_clause(program_.code_.data() + start);
        if (value.is_value()) return value;
    }
    return Term::none();
}

Term MatchRunner::run(const Row& row) {
    row_ = &row;
    value_ = row.tuple();
    foreign_begin_ = row.tuple_words;
    foreign_end_ = row.tuple_words + row.words();
    return execute();
}

Term MatchRunner::run(Term value) {
    row_ = nullptr;
    value_ = value;
    foreign_begin_ = foreign_end_ = nullptr;
    return execute();
}

bool MatchRunner::run(std::span<const Term> arguments, Term list) {
    row_ = nullptr;
    value_ = list;
    arguments_ = arguments;
    foreign_begin_ = foreign_end_ = nullptr;
    return execute().is_value();
}

}  // namespace lintel
