/// A walk over functions. Each module that anything of is reached is read once, and what its functions refer to is kept (Uses): local functions and funs, calls
/// of other modules, atoms that the code makes. Functions are followed from a queue until there are no new ones; protocols of Elixir are looked at when
/// it is empty, since what implements them follows from two modules that are reached.
///
/// Atoms that code only compares something with are not counted: who hands that something over has them.

#include "loader/pack/reach.h"

#include <algorithm>
#include <utility>

#include "loader/genop.h"
#include "term/fun.h"
#include "term/map.h"
#include "term/views.h"

namespace lintel {

namespace {

std::string text_of(Term module, Term function, uint32_t arity) {
    return std::string(atom_name(module)) + ":" + std::string(atom_name(function)) + "/" + std::to_string(arity);
}

bool is_elixir_name(Term module) {
    const std::string_view name = atom_name(module);
    return name.starts_with("Elixir.") || name.starts_with("elixir");
}

/// Instructions that make no value of their atoms and literals.
bool only_compares(Genop op) {
    switch (op) {
        case Genop::is_lt:
        case Genop::is_ge:
        case Genop::is_eq:
        case Genop::is_ne:
        case Genop::is_eq_exact:
        case Genop::is_ne_exact:
        case Genop::select_val:
        case Genop::is_tagged_tuple:
        case Genop::has_map_fields:
        case Genop::get_map_elements:
        case Genop::func_info: return true;
        default: return false;
    }
}

/// The callbacks of an application's module.
constexpr std::string_view kApplicationCallbacks[] = {"start", "stop", "prep_stop", "config_change", "start_phase"};

constexpr std::string_view kStarters[] = {"start", "start_boot", "load", "ensure_started", "ensure_all_started"};

/// Types that protocols are implemented for besides structs.
constexpr std::string_view kProtocolTypes[] = {"Any",  "Atom", "BitString", "Float", "Function",  "Integer",
                                               "List", "Map",  "PID",       "Port",  "Reference", "Tuple"};

}  // namespace

void Reach::function(Term module, Term name, const std::string& why) {
    Known* const known = know(module, why);
    if (known == nullptr) return;
    for (const auto& [e, index] : known->exports) {
        if (e.function == name) enter(module, *known, index);
    }
}

void Reach::whole(Term module, const std::string& why) {
    Known* const known = know(module, why);
    if (known == nullptr || known->is_whole) return;
    known->is_whole = true;
    for (const auto& [e, index] : known->exports) enter(module, *known, index);
}

void Reach::application(Term name, const std::string& why) {
    if (!started_.insert(name.word()).second || !source_.has_application(name)) return;
    applications_.push_back({name, why});
    const ReachSource::Application app = source_.start(name);
    const std::string by = "application " + std::string(atom_name(name));
    for (const Term need : app.needs) application(need, by);
    // Of kernel and stdlib the VM starts what it needs by itself (stdlib/erl/lintel_services.erl).
    if (app.callback.is_none() || atom_name(name) == "kernel") return;
    for (const std::string_view f : kApplicationCallbacks)
        function(app.callback, source_.atom(std::string(f)), "callbacks of " + by);
}

void Reach::run() {
    for (;;) {
        while (!queue_.empty()) {
            const Step step = queue_.front();
            queue_.pop_front();
            follow(step);
        }
        protocols();
        if (queue_.empty() && !follow_optional()) break;
    }
    for (const Optional& o : optional_)
        missing_.push_back(text_of(o.call.module, o.call.function, o.call.arity) + " (by " + o.why +
                           ", whose application does not list it)");
}

/// Calls of applications that something else has reached meanwhile. False: there are none.
bool Reach::follow_optional() {
    const std::vector<Optional> all = std::exchange(optional_, {});
    for (const Optional& o : all) call(o.call, o.by, o.why);
    return optional_.size() != all.size();
}

Reach::Known* Reach::know(Term module, const std::string& why) {
    const auto [at, fresh] = known_.try_emplace(module.word());
    if (!fresh) return at->second.get();
    const Module* const m = source_.has_module(module) ? source_.read(module) : nullptr;
    if (m == nullptr) return nullptr;
    Known* const known = (at->second = std::make_unique<Known>()).get();
    modules_.push_back({module, why});
    reached_applications_.insert(source_.application_of(module));
    collect(*m, *known);
    const uint32_t on_load = m->on_load_label;
    const uint32_t on_load_function = on_load == 0 ? 0 : m->label_function[on_load];
    source_.release(module);
    if (on_load != 0) enter(module, *known, on_load_function);
    for (const auto& [e, index] : known->exports) {
        const std::string_view name = atom_name(e.function);
        if (name == "$handle_undefined_function") enter(module, *known, index);
        if (name == "__protocol__" && e.arity == 1) protocols_.push_back(module);
        if (name == "__struct__" && e.arity == 0) structs_.push_back(module);
    }
    if (!source_.is_inside(module) && is_elixir_name(module)) elixir();
    return known;
}

void Reach::collect(const Module& m, Known& known) {
    known.heads = m.functions;
    known.functions.resize(m.functions.size());
    for (size_t i = 0; i < m.functions.size(); ++i) collect_function(m, m.functions[i], known.functions[i]);
    for (const Module::Export& e : m.exports) known.exports.emplace_back(e, m.label_function[e.label]);
}

void Reach::collect_function(const Module& m, const Module::Function& f, Uses& uses) {
    const uint32_t self = m.label_function[f.entry_label];
    const auto local = [&](uint32_t label) {
        if (label != 0 && m.label_function[label] != self) uses.local.push_back(m.label_function[label]);
    };
    const ir::Instruction end(m.code.data() + f.end);
    for (ir::Instruction i(m.code.data() + f.begin); i.words() < end.words(); i = i.next()) {
        const char* letter = genop_info(i.op()).signature;
        for (uint32_t n = 0; n < i.operand_words(); ++n) {
            const ir::Operand o = i[n];
            const char kind = *letter == 0 || *letter == '[' || *letter == 'B' || *letter == 'M' ? 0 : *letter++;
            if (kind == 'I') {
                const Module::Import& to = m.imports[o.value()];
                uses.calls.push_back({to.module, to.function, to.arity});
                if (atom_name(to.module) == "application" &&
                    std::ranges::find(kStarters, atom_name(to.function)) != std::end(kStarters))
                    uses.starts_applications = true;
            } else if (kind == 'L') {
                local(m.lambdas[o.value()].label);
            } else if (o.kind() == ir::OperandKind::label) {
                local(o.value());
            } else if (!only_compares(i.op())) {
                if (o.kind() == ir::OperandKind::atom && o.value() != 0) uses.atoms.push_back(m.atoms[o.value()]);
                if (o.kind() == ir::OperandKind::literal && o.value() < m.literals.size())
                    collect_literal(m.literals[o.value()], uses);
            }
        }
    }
    const auto by_word = [](Term a, Term b) { return a.word() < b.word(); };
    std::sort(uses.atoms.begin(), uses.atoms.end(), by_word);
    uses.atoms.erase(std::unique(uses.atoms.begin(), uses.atoms.end()), uses.atoms.end());
}

void Reach::collect_literal(Term root, Uses& uses) {
    std::vector<Term> rest{root};
    while (!rest.empty()) {
        const Term t = rest.back();
        rest.pop_back();
        if (t.is_atom()) {
            uses.atoms.push_back(t);
        } else if (t.is_cons()) {
            rest.push_back(t.head());
            rest.push_back(t.tail());
        } else if (const auto tuple = as_tuple(t)) {
            rest.insert(rest.end(), tuple.elements().begin(), tuple.elements().end());
        } else if (t.is_map()) {
            MapIterator pairs(t);
            for (Term key, value; pairs.next(&key, &value);) rest.insert(rest.end(), {key, value});
        } else if (const auto fun = as_export_fun(t)) {
            uses.calls.push_back({fun.module(), fun.function(), static_cast<uint32_t>(fun.arity())});
        }
    }
}

void Reach::enter(Term module, Known& known, uint32_t function) {
    Uses& uses = known.functions[function];
    if (uses.is_reached) return;
    uses.is_reached = true;
    queue_.push_back({module, function});
}

void Reach::follow(const Step& step) {
    Known& known = *known_[step.module.word()];
    const Module::Function& head = known.heads[step.function];
    const std::string by = text_of(step.module, head.name, head.arity);
    const Uses& uses = known.functions[step.function];
    for (const uint32_t local : uses.local) enter(step.module, known, local);
    for (const Call& c : uses.calls) call(c, step.module, by);
    for (const Term atom : uses.atoms) named(atom, uses, step.module, by);
}

void Reach::call(const Call& c, Term by, const std::string& why) {
    if (c.module != by && source_.is_native(c.module, c.function, c.arity)) return;
    if (waits_for_elixir(c.module, by, why, false)) return;
    if (!source_.needs(by, c.module) && !reached_applications_.contains(source_.application_of(c.module))) {
        optional_.push_back({c, by, why});
        return;
    }
    Known* const known = know(c.module, "called by " + why);
    if (known == nullptr) {
        missing_.push_back(text_of(c.module, c.function, c.arity) + " (by " + why + ")");
        return;
    }
    for (const auto& [e, index] : known->exports) {
        if (e.function == c.function && e.arity == c.arity) return enter(c.module, *known, index);
    }
}

void Reach::named(Term atom, const Uses& uses, Term by, const std::string& why) {
    if (uses.starts_applications && source_.has_application(atom)) {
        if (!waits_for_elixir(atom, by, why, true)) application(atom, "started by " + why);
        return;
    }
    if (!source_.has_module(atom) || !source_.may_mean(by, atom)) return;
    // A module that names itself may be called by whom it tells.
    if (!waits_for_elixir(atom, by, why, false)) whole(atom, "named in " + why);
}

bool Reach::waits_for_elixir(Term target, Term by, const std::string& why, bool is_application) {
    const std::string_view name = atom_name(target);
    const bool is_for_elixir = is_application ? name != "kernel" && name != "stdlib" : is_elixir_name(target);
    if (has_elixir_ || !source_.is_inside(by) || !is_for_elixir) return false;
    later_.push_back({target, by, why, is_application});
    return true;
}

void Reach::elixir() {
    if (has_elixir_) return;
    has_elixir_ = true;
    for (const Later& l : std::exchange(later_, {})) {
        if (l.is_application) {
            application(l.target, "started by " + l.why);
        } else {
            whole(l.target, "named in " + l.why);
        }
    }
}

/// Proto.Impl of what is reached: the protocol finds it by its name at run time.
void Reach::protocols() {
    const auto add = [this](Term protocol, const std::string& type) {
        const Term name = source_.atom(std::string(atom_name(protocol)) + "." + type);
        if (name.is_none() || !source_.has_module(name)) return;
        whole(name, "implements " + std::string(atom_name(protocol)) + " for " + type);
    };
    constexpr size_t kPrefix = std::string_view("Elixir.").size();
    // Both lists may grow meanwhile.
    for (size_t p = 0; p < protocols_.size(); ++p) {
        for (const std::string_view type : kProtocolTypes) add(protocols_[p], std::string(type));
        for (size_t s = 0; s < structs_.size(); ++s) {
            const std::string_view name = atom_name(structs_[s]);
            if (name.size() > kPrefix) add(protocols_[p], std::string(name.substr(kPrefix)));
        }
    }
}

}  // namespace lintel
