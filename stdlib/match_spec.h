#pragma once
/// Match specifications: compiled to a small program, run against objects of ETS tables, terms, or the arguments of a traced call.
/// stdlib/match_spec_compile.cpp and stdlib/match_spec_run.cpp tell how; the user's guide of ERTS has the grammar.

#include <string>
#include <vector>

#include "stdlib/ets/result_heap.h"
#include "stdlib/ets/row.h"
#include "vm/scratch.h"

namespace lintel {

/// table: heads match an object, the body's last value is the result. The others: heads match a list of arguments, the body is run for
/// its effects; `trace` is for calls, `sends` and `receives` for messages, where some actions have no meaning.
enum class MatchDialect : uint8_t { table, trace, sends, receives };

/// What only makes sense when a call is traced.
enum class MatchAction : uint8_t {
    caller,
    caller_line,
    current_stacktrace,
    disable_trace,
    display,
    enable_trace,
    exception_trace,
    get_seq_token,
    get_tcw,
    is_seq_trace,
    message,
    process_dump,
    return_trace,
    set_seq_token,
    set_tcw,
    silent,
    trace,
};

/// What carries the actions of a trace specification out.
class MatchActions {
public:
    virtual ~MatchActions() = default;
    /// The value of the action; the non-value counts as a failure. Arguments are in the heap of `p`.
    virtual Term act(ExecState& p, MatchAction action, std::span<const Term> arguments) = 0;
};

using MatchFunction = Term (*)(ExecState&, Args);

enum class MatchOp : uint8_t {
    // Patterns. A cursor stands on the next term to match; each of these takes it one further.
    skip,             ///< anything
    bind,             ///< variable n, first time
    same,             ///< =:= variable n
    equal_immediate,  ///< the same word
    equal_constant,   ///< =:= the constant
    tuple,            ///< a tuple of n elements: the cursor goes down to them
    cons,             ///< a cons: the cursor goes down to head and tail
    map,              ///< a map: the cursor goes down to it
    map_value,        ///< a map that has the constant as a key: the cursor goes down to the value
    up,               ///< back
    arguments,        ///< n arguments: the cursor goes to them
    // Expressions. A stack that grows downwards, so that what was pushed last is the first argument.
    push_immediate,
    push_constant,
    push_variable,
    push_whole,      ///< '$_'
    push_variables,  ///< '$$'
    make_tuple,      ///< of n values
    make_list,       ///< of n values and a tail
    make_map,        ///< of n keys and values
    call,            ///< function of n arguments
    act,             ///< action of n arguments
    all_true,        ///< 'and' of n values
    any_true,        ///< 'or' of n values
    and_jump,        ///< andalso: false goes to n
    or_jump,         ///< orelse: true goes to n
    drop,
    guard,   ///< the clause fails unless the value is true
    finish,  ///< the value is the result
};

struct MatchInstruction {
    static constexpr uint8_t kBody = 1;  ///< a failure makes the value 'EXIT' instead of failing the clause
    static constexpr uint8_t kOwn =
        2;  ///< the function's result may refer to its arguments: they must be the process's own
    static constexpr uint8_t kSelf = 4;  ///< while compiling: the constant is the expression itself

    MatchOp op;
    uint8_t flags = 0;
    uint8_t action = 0;
    uint32_t n = 0;
    Word word = 0;  ///< constant, or MatchFunction
};

/// A compiled specification: immutable, shared by reference.
class MatchProgram : public Magic {
public:
    static inline const char kMagicType = 0;

    using Errors = std::vector<std::string>;
    /// The program of `spec`, with one reference, or nullptr: it is none (what is wrong goes to `errors`, if not nullptr), or no memory.
    static MatchProgram* compile(Term spec, MatchDialect dialect, Errors* errors);
    ~MatchProgram() override;

    const MatchDialect dialect;

private:
    friend class MatchCompiler;
    friend class MatchRunner;
    explicit MatchProgram(MatchDialect d) : Magic(&kMagicType), dialect(d) {}

    std::vector<MatchInstruction> code_;
    std::vector<uint32_t> clauses_;         // where each begins
    std::vector<uint16_t> variable_lists_;  // slots for push_variables, in the order of their names
    HeapFragment* constants_ = nullptr;
    size_t variables_ = 0, stack_ = 0, depth_ = 0;
};

/// Runs a program. Results are the process's own: what they take from an object or from the program is copied.
class MatchRunner {
public:
    /// `actions` is for the trace dialect. All of them must outlive the runner.
    MatchRunner(ExecState& p, const MatchProgram& program, ResultHeap& heap, MatchActions* actions = nullptr);
    /// False: no memory.
    explicit operator bool() const { return variables_ && stack_ && ups_; }

    /// The value of the first clause that matches, or the non-value. The row's table is locked.
    Term run(const Row& row);
    /// The same for a term in the process's heap.
    Term run(Term value);
    /// Trace dialect: whether a clause matches; its actions have been carried out. `list` has the same arguments, or is the non-value
    /// and made when it is needed.
    bool run(std::span<const Term> arguments, Term list);

private:
    Term execute();
    Term execute_clause(const MatchInstruction* i);
    bool is_own(Term t) const;
    /// `t`, copied unless it is the process's own.
    Term own(Term t);
    Term call(const MatchInstruction& i, const Term* arguments);
    Term make_tuple(const Term* values, size_t n);
    Term make_list(const Term* values, size_t n);
    Term make_map(Term* values, size_t n);
    Term whole();

    ExecState& p_;
    const MatchProgram& program_;
    ResultHeap& heap_;
    MatchActions* actions_;
    const Row* row_ = nullptr;  // what is matched, if it is a row
    Term value_;                // what is matched, or none if the list of arguments has not been made
    std::span<const Term> arguments_;
    const Word* foreign_begin_ = nullptr;  // words that are not the process's: the row's, the program's
    const Word* foreign_end_ = nullptr;
    const Word* constants_begin_ = nullptr;
    const Word* constants_end_ = nullptr;
    ScratchArray<Term, 16> variables_;
    ScratchArray<Term, 24> stack_;
    ScratchArray<const Term*, 8> ups_;
};

/// The number of '$N', or -1.
int64_t match_variable(Term t);
/// The function or action `name` of the language of specifications.
struct MatchCallee {
    MatchFunction function = nullptr;  ///< nullptr: an action
    MatchAction action{};
    uint8_t flags = 0;
    bool exists = false;
    bool is_trace_only = false;
    bool is_body_only = false;
    bool is_plain = false;                               ///< an action that reads as a function where it is not allowed
    bool takes_none = false;                             ///< an action without arguments
    MatchDialect last_dialect = MatchDialect::receives;  ///< an action of all dialects of traces up to this one
};
MatchCallee find_match_function(Term name, size_t arity);

}  // namespace lintel
