/// The compiler of match specifications.
///
/// A specification is a list of clauses {Head, Guards, Body}. Each becomes a piece of code: instructions that match the head and
/// bind its variables, then the guards, each followed by `guard`, then the body, whose last value is the result. If anything
/// fails, the next clause is tried.
///
/// Heads are compiled in one walk, from left to right; a compound that turns out to hold no variable is folded into one comparison
/// with a constant when the walk leaves it. Maps are never folded: a map in a head matches every map that has its pairs.
///
/// Expressions are compiled from the last argument to the first, onto a stack that grows downwards, so that the arguments of a
/// function are consecutive words in their order. A list or map of constants is folded when it has been compiled.
///
/// Neither walk recurses: what is still to be done is on a work stack, since Erlang code chooses how deep a specification is.
/// Compiling goes on after an error, so that all errors of a clause are reported; the clauses behind it are not looked at.

#include "base/work_stack.h"
#include "gc/copy.h"
#include "sched/word_map.h"
#include "stdlib/match_spec.h"
#include "term/map.h"
#include "term/print.h"

namespace lintel {

int64_t match_variable(Term t) {
    if (!t.is_atom()) return -1;
    const std::string_view name = atom_name(t);
    // At most nine digits, and no zero in front.
    if (name.size() < 2 || name.size() > 10 || name[0] != '$' || (name[1] == '0' && name.size() > 2)) return -1;
    int64_t n = 0;
    for (const char c : name.substr(1)) {
        if (c < '0' || c > '9') return -1;
        n = n * 10 + (c - '0');
    }
    return n;
}

class MatchCompiler {
public:
    MatchCompiler(MatchProgram& program, MatchProgram::Errors* errors)
        : program_(program), code_(program.code_), errors_(errors) {}

    /// False: there were errors.
    bool compile(Term spec);

private:
    using Instruction = MatchInstruction;

    struct PatternItem {
        enum class Task : uint8_t { visit, leave, up, pair };
        Task task;
        Term term{};
        Term value{};        // pair
        uint32_t start = 0;  // leave: first instruction
        uint32_t seen = 0;   // leave: variables_seen_ before
    };
    struct ExpressionItem {
        enum class Task : uint8_t { visit, made, emit, jump, label };
        Task task;
        MatchOp op{};
        Term term{};         // visit, made: the expression
        uint32_t n = 0;      // made: values; label, jump: number of the label
        uint32_t start = 0;  // made: first instruction of the values
        Instruction instruction{};
    };
    struct Variable {
        int64_t number;
        uint16_t slot;
    };

    void error(std::string text) {
        failed_ = true;
        if (errors_ != nullptr) errors_->push_back(std::move(text));
    }
    void emit(MatchOp op, uint32_t n = 0, Word word = 0, uint8_t flags = 0) {
        code_.push_back({op, flags, 0, n, word});
    }
    bool is_trace() const { return program_.dialect != MatchDialect::table; }
    static bool is_literal(Term t) { return t.is_immediate() || !(t.is_cons() || t.is_tuple() || t.is_map()); }

    void compile_clause(Term clause);
    void compile_head(Term head);
    void visit_pattern(Term t);
    void give_up();
    void leave_pattern(const PatternItem& item);
    void go_down() {
        if (++depth_ > program_.depth_) program_.depth_ = depth_;
    }
    uint32_t slot_of(int64_t number, bool* fresh);
    const Variable* find_variable(int64_t number);

    void compile_expression(Term expression, bool in_body);
    void visit_expression(Term t);
    void visit_tuple(Term t, TupleView tuple);
    void visit_call(Term t, TupleView tuple);
    void visit_connective(Term t, TupleView tuple);
    void push_visits(const Term* terms, size_t n) {
        // The last one pushed is compiled first.
        for (size_t i = 0; i < n; ++i) work_.push({.task = ExpressionItem::Task::visit, .term = terms[i]});
    }
    void made(const ExpressionItem& item);
    bool fold(const ExpressionItem& item);
    void push(MatchOp op, uint32_t n, Word word, uint8_t flags = 0) {
        emit(op, n, word, flags);
        grow_stack(1);
    }
    void push_literal(Term t, uint8_t flags) {
        push(t.is_immediate() ? MatchOp::push_immediate : MatchOp::push_constant, 0, t.word(), flags);
    }
    void grow_stack(size_t more) {
        stack_ += more;
        if (stack_ > program_.stack_) program_.stack_ = stack_;
    }
    bool copy_constants();

    MatchProgram& program_;
    std::vector<Instruction>& code_;
    MatchProgram::Errors* errors_;
    bool failed_ = false;
    std::string head_error_;  // the last one

    // of the present clause
    std::vector<Variable> variables_;
    size_t depth_ = 0;
    uint32_t variables_seen_ = 0;
    bool in_body_ = false;
    size_t stack_ = 0;
    std::vector<uint32_t> labels_;  // where each leads
    WorkStack<PatternItem, 16> patterns_;
    WorkStack<ExpressionItem, 16> work_;
};

// ---- heads

const MatchCompiler::Variable* MatchCompiler::find_variable(int64_t number) {
    // Sorted by number: what '$$' wants.
    const auto at = std::lower_bound(variables_.begin(), variables_.end(), number,
                                     [](const Variable& v, int64_t n) { return v.number < n; });
    return at != variables_.end() && at->number == number ? &*at : nullptr;
}

uint32_t MatchCompiler::slot_of(int64_t number, bool* fresh) {
    const Variable* known = find_variable(number);
    *fresh = known == nullptr;
    if (known != nullptr) return known->slot;
    const auto slot = static_cast<uint16_t>(variables_.size());
    if (variables_.size() == UINT16_MAX) {
        error("Too many variables.");
        return 0;
    }
    const auto at = std::lower_bound(variables_.begin(), variables_.end(), number,
                                     [](const Variable& v, int64_t n) { return v.number < n; });
    variables_.insert(at, {number, slot});
    if (variables_.size() > program_.variables_) program_.variables_ = variables_.size();
    return slot;
}

void MatchCompiler::visit_pattern(Term t) {
    using Task = PatternItem::Task;
    if (t == am::underscore()) {
        ++variables_seen_;
        emit(MatchOp::skip);
        return;
    }
    if (const int64_t number = match_variable(t); number >= 0) {
        ++variables_seen_;
        bool fresh;
        const uint32_t slot = slot_of(number, &fresh);
        emit(fresh ? MatchOp::bind : MatchOp::same, slot);
        return;
    }
    if (is_literal(t)) {
        // A zero is equal to the other zero.
        const bool by_word = t.is_immediate() && !t.is_zero_float();
        emit(by_word ? MatchOp::equal_immediate : MatchOp::equal_constant, 0, t.word());
        return;
    }
    const auto start = static_cast<uint32_t>(code_.size());
    PatternItem leave{.task = Task::leave, .term = t, .start = start, .seen = variables_seen_};
    go_down();
    if (t.is_cons()) {
        emit(MatchOp::cons);
        patterns_.push(leave);
        patterns_.push({.task = Task::visit, .term = t.tail()});
        patterns_.push({.task = Task::visit, .term = t.head()});
        return;
    }
    if (const auto tuple = as_tuple(t)) {
        emit(MatchOp::tuple, static_cast<uint32_t>(tuple.arity()));
        patterns_.push(leave);
        for (size_t i = tuple.arity(); i-- > 0;) patterns_.push({.task = Task::visit, .term = tuple[i]});
        return;
    }
    emit(MatchOp::map);
    ++variables_seen_;
    patterns_.push(leave);
    Term key, value;
    for (MapIterator pairs(t); pairs.next(&key, &value);) {
        if (match_variable(key) >= 0) head_error_ = "Variable found in map key.";
        if (key == am::underscore()) head_error_ = "Underscore found in map key.";
        patterns_.push({.task = Task::pair, .term = key, .value = value});
    }
}

void MatchCompiler::leave_pattern(const PatternItem& item) {
    --depth_;
    if (variables_seen_ != item.seen) {
        emit(MatchOp::up);
        return;
    }
    code_.resize(item.start);
    emit(MatchOp::equal_constant, 0, item.term.word());
}

void MatchCompiler::compile_head(Term head) {
    using Task = PatternItem::Task;
    if (is_trace() && (head.is_list() || head.is_tuple())) {
        const int64_t length = head.is_list() ? list_length(head) : static_cast<int64_t>(as_tuple(head).arity());
        if (length < 0) {
            head_error_ = "Match expression part " + term_text(head) + " is not a proper list.";
            return;
        }
        emit(MatchOp::arguments, static_cast<uint32_t>(length));
        std::vector<Term> parts;
        for (Term list = head; list.is_cons(); list = list.tail()) parts.push_back(list.head());
        if (const auto tuple = as_tuple(head)) parts.assign(tuple.elements().begin(), tuple.elements().end());
        for (size_t i = parts.size(); i-- > 0;) patterns_.push({.task = Task::visit, .term = parts[i]});
    } else {
        patterns_.push({.task = Task::visit, .term = head});
    }
    Walk walk;
    while (!patterns_.empty()) {
        if (!walk.may_go_on()) return give_up();
        const PatternItem item = patterns_.pop();
        switch (item.task) {
            case Task::visit: visit_pattern(item.term); break;
            case Task::leave: leave_pattern(item); break;
            case Task::up:
                --depth_;
                emit(MatchOp::up);
                break;
            case Task::pair:
                go_down();
                emit(MatchOp::map_value, 0, item.term.word());
                patterns_.push({.task = Task::up});
                patterns_.push({.task = Task::visit, .term = item.value});
                break;
        }
    }
    // Nobody looks at the cursor after the head.
    while (!code_.empty() && code_.size() > program_.clauses_.back() && code_.back().op == MatchOp::up)
        code_.pop_back();
}

/// A specification without an end (base/patience.h).
void MatchCompiler::give_up() {
    while (!patterns_.empty()) patterns_.pop();
    while (!work_.empty()) work_.pop();
    error("Match programs are too large.");
}

// ---- expressions

void MatchCompiler::visit_expression(Term t) {
    using Task = ExpressionItem::Task;
    if (const int64_t number = match_variable(t); number >= 0) {
        const Variable* variable = find_variable(number);
        if (variable == nullptr) error("Variable " + std::string(atom_name(t)) + " is unbound.");
        push(MatchOp::push_variable, variable != nullptr ? variable->slot : 0, 0);
        return;
    }
    if (t == am::dollar_row()) {
        push(MatchOp::push_whole, 0, 0);
        return;
    }
    if (t == am::dollar_dollar()) {
        const auto first = static_cast<uint32_t>(program_.variable_lists_.size());
        for (const Variable& v : variables_) program_.variable_lists_.push_back(v.slot);
        push(MatchOp::push_variables, first, variables_.size());
        return;
    }
    if (is_literal(t)) {
        push_literal(t, Instruction::kSelf);
        return;
    }
    if (const auto tuple = as_tuple(t)) {
        visit_tuple(t, tuple);
        return;
    }
    const auto start = static_cast<uint32_t>(code_.size());
    if (t.is_cons()) {
        size_t n = 0;
        Term tail = t;
        for (; tail.is_cons(); tail = tail.tail()) ++n;
        work_.push(
            {.task = Task::made, .op = MatchOp::make_list, .term = t, .n = static_cast<uint32_t>(n), .start = start});
        for (Term list = t; list.is_cons(); list = list.tail()) work_.push({.task = Task::visit, .term = list.head()});
        work_.push({.task = Task::visit, .term = tail});
        return;
    }
    const auto pairs = static_cast<uint32_t>(map_size(t));
    work_.push({.task = Task::made, .op = MatchOp::make_map, .term = t, .n = 2 * pairs, .start = start});
    Term key, value;
    for (MapIterator iterator(t); iterator.next(&key, &value);) {
        work_.push({.task = Task::visit, .term = key});
        work_.push({.task = Task::visit, .term = value});
    }
}

void MatchCompiler::visit_tuple(Term t, TupleView tuple) {
    using Task = ExpressionItem::Task;
    const size_t arity = tuple.arity();
    if (arity == 1 && tuple[0].is_tuple()) {
        // {{…}}: a tuple.
        const auto elements = as_tuple(tuple[0]);
        work_.push({.task = Task::made,
                    .op = MatchOp::make_tuple,
                    .term = tuple[0],
                    .n = static_cast<uint32_t>(elements.arity()),
                    .start = static_cast<uint32_t>(code_.size())});
        push_visits(elements.elements().data(), elements.arity());
        return;
    }
    if (arity == 0 || !tuple[0].is_atom() || match_variable(tuple[0]) >= 0) {
        error(term_text(t) + " is neither a function call, nor a tuple (tuples are written {{ ... }}).");
        push_literal(am::undefined(), 0);
        return;
    }
    switch (atom_id(tuple[0])) {
        case AtomId::const_:
            if (arity != 2) {
                error("Special form 'const' called with more than one argument in " + term_text(t) + ".");
                push_literal(am::undefined(), 0);
                return;
            }
            push_literal(tuple[1], 0);
            return;
        case AtomId::and_:
        case AtomId::or_:
        case AtomId::andalso:
        case AtomId::orelse: visit_connective(t, tuple); return;
        default: visit_call(t, tuple); return;
    }
}

void MatchCompiler::visit_connective(Term t, TupleView tuple) {
    using Task = ExpressionItem::Task;
    const size_t count = tuple.arity() - 1;
    const std::string name(atom_name(tuple[0]));
    if (count == 0) {
        error("Special form '" + name + "' called without arguments in " + term_text(t) + ".");
        push_literal(am::undefined(), 0);
        return;
    }
    const uint8_t flags = in_body_ ? Instruction::kBody : 0;
    const AtomId id = atom_id(tuple[0]);
    if (id == AtomId::and_ || id == AtomId::or_) {
        const MatchOp op = id == AtomId::and_ ? MatchOp::all_true : MatchOp::any_true;
        work_.push({.task = Task::emit,
                    .n = static_cast<uint32_t>(count),
                    .instruction = {op, flags, 0, static_cast<uint32_t>(count), 0}});
        push_visits(tuple.elements().data() + 1, count);
        return;
    }
    // A, jump if it decides, B, jump …, Z; all of them to the end.
    const MatchOp op = id == AtomId::andalso ? MatchOp::and_jump : MatchOp::or_jump;
    const auto label = static_cast<uint32_t>(labels_.size());
    labels_.push_back(0);
    work_.push({.task = Task::label, .n = label});
    for (size_t i = count; i > 0; --i) {
        if (i < count) work_.push({.task = Task::jump, .n = label, .instruction = {op, flags, 0, label, 0}});
        work_.push({.task = Task::visit, .term = tuple[i]});
    }
}

void MatchCompiler::visit_call(Term t, TupleView tuple) {
    using Task = ExpressionItem::Task;
    const size_t arity = tuple.arity() - 1;
    const std::string name(atom_name(tuple[0]));
    const MatchCallee callee = find_match_function(tuple[0], arity);
    Instruction instruction{MatchOp::call, 0, 0, static_cast<uint32_t>(arity), 0};
    if (in_body_) instruction.flags |= Instruction::kBody;
    if (callee.function != nullptr) {
        instruction.flags |= callee.flags;
        instruction.word = reinterpret_cast<Word>(callee.function);
    } else if (callee.is_trace_only) {
        instruction.op = MatchOp::act;
        instruction.action = static_cast<uint8_t>(callee.action);
        // Its name in these texts, since ever.
        const std::string said = tuple[0] == am::set_seq_token() ? "set_seq_trace" : name;
        const bool is_wrong_place = !is_trace() || (!in_body_ && callee.is_body_only);
        if (callee.is_plain && !callee.exists) {
            error("Function " + name + "/" + std::to_string(arity) + " does_not_exist.");
        } else if (callee.is_plain && is_wrong_place) {
            error("Function " + name + "/" + std::to_string(arity) + " cannot be called in this context.");
        } else if (!is_trace()) {
            error("Special form '" + said + "' used in wrong dialect.");
        } else if (program_.dialect > callee.last_dialect) {
            error("Special form '" + said + "' has no meaning for messages.");
        } else if (is_wrong_place) {
            error("Special form '" + said + "' called in guard context.");
        } else if (!callee.exists) {
            const char* what = callee.takes_none ? "arguments" : "wrong number of arguments";
            error("Special form '" + name + "' called with " + what + " in " + term_text(t) + ".");
        }
    } else if (tuple[0] == am::self()) {
        error("Special form 'self' called with arguments in " + term_text(t) + ".");
    } else {
        error("Function " + term_text(tuple[0]) + "/" + std::to_string(arity) + " does_not_exist.");
    }
    work_.push({.task = Task::emit, .n = static_cast<uint32_t>(arity), .instruction = instruction});
    push_visits(tuple.elements().data() + 1, arity);
}

/// If all values of a compound are constants that stand for themselves, it is one, too.
bool MatchCompiler::fold(const ExpressionItem& item) {
    const size_t values = item.n + (item.op == MatchOp::make_list ? 1 : 0);
    if (code_.size() - item.start != values) return false;
    for (size_t i = item.start; i < code_.size(); ++i) {
        if ((code_[i].flags & Instruction::kSelf) == 0) return false;
    }
    code_.resize(item.start);
    stack_ -= values;
    // {{…}} does not stand for itself.
    push_literal(item.term, item.op == MatchOp::make_tuple ? 0 : Instruction::kSelf);
    return true;
}

void MatchCompiler::made(const ExpressionItem& item) {
    if (fold(item)) return;
    emit(item.op, item.n);
    stack_ -= item.n + (item.op == MatchOp::make_list ? 1 : 0);
    grow_stack(1);
}

void MatchCompiler::compile_expression(Term expression, bool in_body) {
    using Task = ExpressionItem::Task;
    in_body_ = in_body;
    labels_.clear();
    const size_t start = code_.size();
    work_.push({.task = Task::visit, .term = expression});
    Walk walk;
    while (!work_.empty()) {
        if (!walk.may_go_on()) return give_up();
        const ExpressionItem item = work_.pop();
        switch (item.task) {
            case Task::visit: visit_expression(item.term); break;
            case Task::made: made(item); break;
            case Task::emit:
                code_.push_back(item.instruction);
                stack_ -= item.n;
                grow_stack(1);
                break;
            case Task::jump:
                code_.push_back(item.instruction);
                --stack_;
                break;
            case Task::label: labels_[item.n] = static_cast<uint32_t>(code_.size()); break;
        }
    }
    if (labels_.empty()) return;
    for (size_t i = start; i < code_.size(); ++i) {
        if (code_[i].op == MatchOp::and_jump || code_[i].op == MatchOp::or_jump) code_[i].n = labels_[code_[i].n];
    }
}

// ---- clauses

void MatchCompiler::compile_clause(Term clause) {
    const auto parts = as_tuple(clause, 3);
    program_.clauses_.push_back(static_cast<uint32_t>(code_.size()));
    variables_.clear();
    depth_ = stack_ = 0;
    compile_head(parts[0]);
    if (!head_error_.empty()) {
        // What follows an unknown head would be called wrong for its variables only.
        error(std::move(head_error_));
        return;
    }
    Term guards = parts[1];
    if (!guards.is_list()) error("Match expression is not a list.");
    for (; guards.is_cons(); guards = guards.tail()) {
        compile_expression(guards.head(), false);
        emit(MatchOp::guard);
        --stack_;
        if (!guards.tail().is_list()) error("Match expression is not a proper list.");
    }
    Term body = parts[2];
    if (!body.is_cons()) {
        if (!is_trace()) {
            error("Body clause does not return anything.");
        } else if (!body.is_nil()) {
            error("Match expression is not a list.");
        }
        push_literal(am::true_(), 0);
    }
    for (; body.is_cons(); body = body.tail()) {
        compile_expression(body.head(), true);
        if (!body.tail().is_list()) error("Match expression is not a proper list.");
        if (!body.tail().is_cons()) break;
        emit(MatchOp::drop);
        --stack_;
    }
    emit(MatchOp::finish);
}

bool MatchCompiler::copy_constants() {
    const auto is_constant = [](const Instruction& i) {
        const bool has_one =
            i.op == MatchOp::equal_constant || i.op == MatchOp::push_constant || i.op == MatchOp::map_value;
        return has_one && !Term(i.word).is_immediate();
    };
    size_t words = 0;
    for (const Instruction& i : code_) {
        if (is_constant(i) && words < kEndlessWords) words += flat_size(Term(i.word), nullptr, Walks::endable);
    }
    if (words == 0) return true;
    program_.constants_ = HeapFragment::create(words);
    if (program_.constants_ == nullptr) return false;
    HeapBuilder heap(program_.constants_);
    for (Instruction& i : code_) {
        if (is_constant(i)) i.word = copy_term(Term(i.word), heap, nullptr).word();
    }
    return true;
}

bool MatchCompiler::compile(Term spec) {
    if (!spec.is_list()) {
        error("Match programs are not in a list.");
        return false;
    }
    bool are_clauses = true;
    Term rest = spec;
    for (; rest.is_cons(); rest = rest.tail()) are_clauses &= static_cast<bool>(as_tuple(rest.head(), 3));
    if (!rest.is_nil()) {
        error("Match programs are not in a proper list.");
    } else if (!are_clauses) {
        error("Match program part is not a tuple of arity 3.");
    }
    for (; spec.is_cons() && !failed_; spec = spec.tail()) compile_clause(spec.head());
    return !failed_ && copy_constants();
}

MatchProgram* MatchProgram::compile(Term spec, MatchDialect dialect, Errors* errors) {
    auto* program = new MatchProgram(dialect);
    if (MatchCompiler(*program, errors).compile(spec)) return program;
    program->release_reference();
    return nullptr;
}

MatchProgram::~MatchProgram() {
    if (constants_ != nullptr) HeapFragment::destroy(constants_);
}

}  // namespace lintel
