#pragma once
/// What a program reaches, function by function, and so which modules it needs. docs/design/packs.md tells the rules.

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "loader/module.h"

namespace lintel {

/// What there is to be had.
class ReachSource {
public:
    virtual ~ReachSource() = default;
    /// Whether there is a module, in files or inside the library.
    virtual bool has_module(Term name) = 0;
    /// Reads it; called once for each that is reached. nullptr: it cannot be had after all. Goes back to `release`.
    virtual const Module* read(Term name) = 0;
    virtual void release(Term name) = 0;
    /// M:F/A is a function of the VM, whatever a module of that name has.
    virtual bool is_native(Term module, Term function, uint32_t arity) = 0;
    /// The module is inside the library.
    virtual bool is_inside(Term name) = 0;
    /// Whether code of module `by` that has the atom `name` may mean the module of that name.
    virtual bool may_mean(Term by, Term name) = 0;
    /// Whether the application of `by` says that it needs that of `module`; false: it calls it if it is there.
    virtual bool needs(Term by, Term module) = 0;
    /// The application that a module is of; "": none.
    virtual std::string application_of(Term module) = 0;
    virtual bool has_application(Term name) = 0;
    /// It may be started: whoever does that needs what it depends on, and its callback module.
    struct Application {
        std::vector<Term> needs;
        Term callback;  ///< or the non-value
    };
    virtual Application start(Term name) = 0;
    /// The atom if there is one, or is made.
    virtual Term atom(const std::string& name) = 0;
};

class Reach {
public:
    explicit Reach(ReachSource& source) : source_(source) {}

    // Roots, and why.
    void function(Term module, Term name, const std::string& why);  ///< of whatever arity
    void whole(Term module, const std::string& why);                ///< all exported functions
    void application(Term name, const std::string& why);
    /// Follows all that is reached.
    void run();

    /// Modules in the order in which they were reached, and the first that reached each.
    struct Found {
        Term module;
        std::string why;
    };
    const std::vector<Found>& modules() const { return modules_; }
    const std::vector<Found>& applications() const { return applications_; }
    /// Calls of what is nowhere: "m:f/1 (by a:b/2)". After run.
    const std::vector<std::string>& missing() const { return missing_; }

private:
    struct Call {
        Term module, function;
        uint32_t arity;
    };
    /// What a function refers to.
    struct Uses {
        std::vector<uint32_t> local;
        std::vector<Call> calls;
        std::vector<Term> atoms;
        bool starts_applications = false;
        bool is_reached = false;
    };
    struct Known {
        std::vector<Uses> functions;
        std::vector<Module::Function> heads;
        std::vector<std::pair<Module::Export, uint32_t>> exports;  ///< and the function's index
        bool is_whole = false;
    };
    struct Step {
        Term module;
        uint32_t function;
    };
    /// A call of an application that the caller's does not list.
    struct Optional {
        Call call;
        Term by;
        std::string why;
    };
    struct Later {
        Term target, by;
        std::string why;
        bool is_application;
    };

    Known* know(Term module, const std::string& why);
    void collect(const Module& m, Known& known);
    void collect_function(const Module& m, const Module::Function& f, Uses& uses);
    void collect_literal(Term t, Uses& uses);
    void enter(Term module, Known& known, uint32_t function);
    void call(const Call& c, Term by, const std::string& why);
    void named(Term atom, const Uses& uses, Term by, const std::string& why);
    void follow(const Step& step);
    void elixir();
    bool follow_optional();
    void protocols();
    /// The VM's own modules name modules of Elixir that only its programs need.
    bool waits_for_elixir(Term target, Term by, const std::string& why, bool is_application);

    ReachSource& source_;
    std::unordered_map<Word, std::unique_ptr<Known>> known_;
    std::vector<Found> modules_, applications_;
    std::unordered_set<Word> started_;
    std::unordered_set<std::string> reached_applications_;
    std::vector<Optional> optional_;
    std::vector<std::string> missing_;
    std::deque<Step> queue_;
    std::vector<Later> later_;
    std::vector<Term> protocols_, structs_;
    bool has_elixir_ = false;
};

}  // namespace lintel
