/// BIFs that tell how terms are stored. Sizes are in words and ours: OTP's differ where layouts do.

#include "base/work_stack.h"
#include "gc/copy.h"
#include "sched/vm.h"
#include "stdlib/build.h"
#include "term/map.h"
#include "term/print.h"
#include "vm/vm_core.h"

namespace lintel {

namespace {

constexpr size_t kWordsPerReduction = 64;

/// Set of addresses, open addressing, grows.
class AddressSet {
public:
    AddressSet() { allocate_slots(64); }
    ~AddressSet() { release(slots_); }
    AddressSet(const AddressSet&) = delete;
    AddressSet& operator=(const AddressSet&) = delete;

    /// False if it was there already.
    bool add(const Word* address) {
        if (2 * (count_ + 1) > capacity_) grow();
        if (!put(address)) return false;
        ++count_;
        return true;
    }

private:
    void allocate_slots(size_t capacity) {
        capacity_ = capacity;
        slots_ = static_cast<const Word**>(allocate(capacity * sizeof(Word*)));
        for (size_t i = 0; i < capacity; ++i) slots_[i] = nullptr;
    }
    bool put(const Word* address) {
        size_t i = mix_word(reinterpret_cast<Word>(address)) & (capacity_ - 1);
        for (; slots_[i] != nullptr; i = (i + 1) & (capacity_ - 1)) {
            if (slots_[i] == address) return false;
        }
        slots_[i] = address;
        return true;
    }
    void grow() {
        const Word** old = slots_;
        const size_t old_capacity = capacity_;
        allocate_slots(old_capacity * 4);
        for (size_t i = 0; i < old_capacity; ++i) {
            if (old[i] != nullptr) put(old[i]);
        }
        release(old);
    }

    const Word** slots_ = nullptr;
    size_t capacity_ = 0;
    size_t count_ = 0;
};

/// The words of the boxed object at `w` that are terms.
std::span<const Term> terms_in(const Word* w) {
    const auto* body = reinterpret_cast<const Term*>(w + 1);
    const size_t size = header_size(*w);
    switch (header_kind(*w)) {
        case Kind::tuple:
        case Kind::record:
        case Kind::map_flat:
        case Kind::map_hash:
        case Kind::map_node:
        case Kind::map_collision: return {body, size};
        case Kind::fun: return {body + 1, size - 1};
        case Kind::sub_binary: return {body, 1};
        default: return {};
    }
}

/// Words of `t`, each object once; literals are not counted.
size_t shared_size(Term t, const LiteralSpace& literals) {
    struct Run {
        const Term* next;
        const Term* end;
    };
    WorkStack<Run, 64> work;
    AddressSet seen;
    size_t words = 0;
    work.push({&t, &t + 1});
    while (!work.empty()) {
        Run& run = work.top();
        const Term next = *run.next++;
        if (run.next == run.end) work.pop();
        if (next.is_immediate() || literals.contains(next)) continue;
        const Word* address = next.is_cons() ? next.cons_cell() : next.boxed_words();
        if (!seen.add(address)) continue;
        if (next.is_cons()) {
            words += kConsWords;
            work.push({reinterpret_cast<const Term*>(address), reinterpret_cast<const Term*>(address) + 2});
            continue;
        }
        words += 1 + header_size(*address);
        const auto terms = terms_in(address);
        if (!terms.empty()) work.push({terms.data(), terms.data() + terms.size()});
    }
    return words;
}

}  // namespace

/// erts_debug:flat_size/1: words of Term outside its own word; what is reached twice counts twice.
Term erts_debug_flat_size_1(ExecState& p, Args a) {
    const size_t words = flat_size(a[0], nullptr, Walks::endable);
    p.charge(words / kWordsPerReduction);
    return Term::small(static_cast<int64_t>(words));
}

/// erts_debug:size_shared/1: as flat_size/1, but what is reached twice counts once and literals do not count.
Term erts_debug_size_shared_1(ExecState& p, Args a) {
    const size_t words = shared_size(a[0], p.vm->literals);
    p.charge(words / kWordsPerReduction);
    return Term::small(static_cast<int64_t>(words));
}

/// erts_debug:same/2: whether both are the same word in memory.
Term erts_debug_same_2(ExecState&, Args a) { return boolean(a[0] == a[1]); }

/// erts_debug:display/1: writes Term and a new line to stdout; the text, as a string.
Term erts_debug_display_1(ExecState& p, Args a) {
    std::string text = term_text(a[0], PrintStyle::display);
    text += "\n";
    p.charge(text.size() / kWordsPerReduction);
    as_process(p).machine().write(1, text);
    return make_string(p, text);
}

/// erts_debug:interpreter_size/0: bytes of the interpreter's code; 0, as in OTP where there is no such number.
Term erts_debug_interpreter_size_0(ExecState&, Args) { return Term::small(0); }

/// erts_debug:lcnt_clear/0, lcnt_collect/0: locks are not counted.
Term erts_debug_lcnt_clear_0(ExecState&, Args) { return am::error(); }
Term erts_debug_lcnt_collect_0(ExecState&, Args) { return am::error(); }
/// erts_debug:lcnt_control/1,2: there is nothing to control. Fails: badarg.
Term erts_debug_lcnt_control_1(ExecState& p, Args) { return p.badarg(); }
Term erts_debug_lcnt_control_2(ExecState& p, Args) { return p.badarg(); }

/// erts_internal:no_aux_work_threads/0: schedulers and one more, whose allocators the module instrument asks about. There are none of OTP's
/// allocators (system_info(alloc_util_allocators) is []), so that instrument answers {error, not_enabled}.
Term erts_internal_no_aux_work_threads_0(ExecState& p, Args) {
    return Term::small(static_cast<int64_t>(static_cast<Vm*>(p.vm)->scheduler_count()) + 1);
}

/// erts_internal:term_type/1: how Term is stored, as an atom. erts_debug:size/1 needs flatmap and hashmap.
Term erts_internal_term_type_1(ExecState&, Args a) {
    const Term t = a[0];
    if (t.is_cons()) return am::list();
    if (t.is_nil()) return am::nil();
    if (t.is_small()) return am::fixnum();
    if (t.is_atom()) return am::atom();
    if (t.is_immediate_float()) return am::hfloat();
    if (t.is_local_pid()) return am::pid();
    if (t.is_local_port()) return am::port();
    switch (t.kind()) {
        case Kind::tuple: return am::tuple();
        case Kind::record: return am::record();
        case Kind::map_flat: return am::flatmap();
        case Kind::map_hash: return am::hashmap();
        case Kind::fun: return am::fun();
        case Kind::export_fun: return am::export_();
        case Kind::boxed_float: return am::hfloat();
        case Kind::bignum: return am::bignum();
        case Kind::heap_binary: return am::heap_binary();
        case Kind::refc_binary: return am::refc_binary();
        case Kind::sub_binary: return am::sub_binary();
        case Kind::external_pid: return am::external_pid();
        case Kind::external_port: return am::external_port();
        case Kind::external_ref: return am::external_reference();
        case Kind::ref:
        case Kind::magic_ref: return am::reference();
        case Kind::map_node:
        case Kind::map_collision:
        case Kind::match_context: break;
    }
    LINTEL_UNREACHABLE();
}

}  // namespace lintel
