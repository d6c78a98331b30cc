#include "stdlib/ets/key_pattern.h"

#include <algorithm>

#include "stdlib/match_spec.h"
#include "term/map.h"
#include "term/views.h"

namespace lintel {

namespace {

bool is_variable(Term t) { return t == am::underscore() || match_variable(t) >= 0; }

/// Terms in pairs, still to be compared.
struct PairRun {
    const Term* a;
    const Term* b;
    size_t count;
};

const Term* cell_of(Term cons) { return reinterpret_cast<const Term*>(cons.cons_cell()); }

}  // namespace

bool is_ground(Term pattern, PatternMaps maps) {
    WorkStack<Term, 32> stack;
    stack.push(pattern);
    Walk walk;
    while (!stack.empty()) {
        if (!walk.may_go_on()) return false;
        Term t = stack.pop();
        for (; t.is_cons(); t = t.tail()) stack.push(t.head());
        if (is_variable(t)) return false;
        if (const auto tuple = as_tuple(t)) {
            for (const Term e : tuple.elements()) stack.push(e);
        } else if (t.is_map()) {
            if (maps == PatternMaps::match_more) return false;
            Term key, value;
            for (MapIterator pairs(t); pairs.next(&key, &value);) stack.push(value);
        }
    }
    return true;
}

int compare_with_pattern(Term key, Term pattern) {
    WorkStack<PairRun, 16> stack;
    PairRun run{&key, &pattern, 1};
    for (;;) {
        while (run.count == 0) {
            if (stack.empty()) return 0;
            run = stack.pop();
        }
        const Term k = *run.a++, q = *run.b++;
        --run.count;
        // Beyond a variable nothing is known of the order.
        if (is_variable(q) || q.is_map()) return 0;
        if (q.is_cons() && k.is_cons()) {
            if (run.count != 0) stack.push(run);
            run = {cell_of(k), cell_of(q), 2};
            continue;
        }
        const auto tuple = as_tuple(q);
        if (tuple && k.is_tuple() && as_tuple(k).arity() == tuple.arity()) {
            if (run.count != 0) stack.push(run);
            run = {as_tuple(k).elements().data(), tuple.elements().data(), tuple.arity()};
            continue;
        }
        // Types, arities or values differ, or they are equal.
        const int order = compare(k, q);
        if (order != 0) return order;
    }
}

KeyPlan::KeyPlan(Term spec, const Table& table, bool one_range) {
    size_t clauses = 0;
    bool all_ground = true;
    for (; spec.is_cons(); spec = spec.tail()) {
        const auto clause = as_tuple(spec.head(), 3);
        const Term head = clause ? clause[0] : am::underscore();
        if (is_variable(head)) {
            scan = Scan::all;
            return;
        }
        const auto tuple = as_tuple(head);
        if (!tuple || tuple.arity() < table.key_position) continue;
        const Term key = tuple[table.key_position - 1];
        ++clauses;
        pattern = key;
        if (is_ground(key, PatternMaps::are_themselves)) {
            keys.push_back(key);
        } else {
            all_ground = false;
        }
    }
    if (clauses == 0) return;
    if (clauses == 1 && table.is_ordered() && !is_variable(pattern)) {
        scan = all_ground ? Scan::keys : Scan::range;
        return;
    }
    if (!all_ground || (table.is_ordered() && one_range)) {
        scan = Scan::all;
        return;
    }
    scan = Scan::keys;
    if (table.is_ordered()) {
        std::stable_sort(keys.begin(), keys.end(), [](Term a, Term b) { return compare(a, b) < 0; });
        keys.erase(std::unique(keys.begin(), keys.end(), [](Term a, Term b) { return compare(a, b) == 0; }),
                   keys.end());
    }
}

namespace {

/// Whether `expression` gives back whatever `pattern` matches.
bool builds_the_same(Term pattern, Term expression) {
    struct Item {
        Term pattern, expression;
    };
    WorkStack<Item, 8> stack;
    stack.push({pattern, expression});
    while (!stack.empty()) {
        const auto [q, e] = stack.pop();
        if (q == am::underscore()) return false;
        if (match_variable(q) >= 0) {
            if (e != q) return false;
            continue;
        }
        const auto call = as_tuple(e);
        if (call && call.arity() == 2 && call[0] == am::const_()) {
            if (!is_ground(q, PatternMaps::match_more) || !exactly_equal(q, call[1])) return false;
            continue;
        }
        if (const auto tuple = as_tuple(q)) {
            const auto built = call && call.arity() == 1 ? as_tuple(call[0], tuple.arity()) : TupleView();
            if (!built) return false;
            for (size_t i = 0; i < tuple.arity(); ++i) stack.push({tuple[i], built[i]});
            continue;
        }
        if (q.is_cons()) {
            if (!e.is_cons()) return false;
            stack.push({q.tail(), e.tail()});
            stack.push({q.head(), e.head()});
            continue;
        }
        if (q.is_map() || call || match_variable(e) >= 0 || e == am::dollar_row() || e == am::dollar_dollar())
            return false;
        if (!exactly_equal(q, e)) return false;
    }
    return true;
}

bool keeps_key(Term clause, size_t key_position) {
    const auto parts = as_tuple(clause, 3);
    if (!parts || !parts[2].is_cons() || !parts[2].tail().is_nil()) return false;
    const Term body = parts[2].head();
    if (body == am::dollar_row()) return true;
    const auto head = as_tuple(parts[0]);
    if (!head && !is_variable(parts[0])) return false;
    if (head && head.arity() < key_position) return false;
    const Term key = head ? head[key_position - 1] : am::underscore();
    const auto outer = as_tuple(body);
    if (!outer) return false;
    if (outer.arity() == 2 && outer[0] == am::const_()) {
        const auto object = as_tuple(outer[1]);
        return object && object.arity() >= key_position && is_ground(key, PatternMaps::match_more) &&
               exactly_equal(object[key_position - 1], key);
    }
    const auto object = outer.arity() == 1 ? as_tuple(outer[0]) : TupleView();
    if (!object || object.arity() < key_position) return false;
    const Term expression = object[key_position - 1];
    const auto element = as_tuple(expression, 3);
    if (element && element[0] == am::element() && element[1] == Term::small(static_cast<int64_t>(key_position)) &&
        element[2] == am::dollar_row()) {
        return true;
    }
    return builds_the_same(key, expression);
}

}  // namespace

bool keeps_keys(Term spec, size_t key_position) {
    for (; spec.is_cons(); spec = spec.tail()) {
        if (!keeps_key(spec.head(), key_position)) return false;
    }
    return true;
}

}  // namespace lintel
