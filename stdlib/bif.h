#pragma once
/// How a BIF is declared: one row in stdlib/bifs/<module>.def, one function, one doc comment.
///
///     // stdlib/bifs/erlang_tuple.def
///     BIF(erlang, "tuple_to_list", 1, tuple_to_list_1, kPure)
///
///     /// erlang:tuple_to_list/1: the elements of Tuple, in order. Fails: badarg if not a tuple.
///     Term tuple_to_list_1(ExecState& p, Args a) {
///         const auto tuple = as_tuple(a[0]);
///         if (!tuple) return p.badarg();
///         auto heap = p.reserve(list_words(tuple.arity()));
///         return heap.list(tuple.elements());
///     }
///
/// Check arguments where they are named, before any side effect and before reserve; size first, reserve once, build. Nothing
/// moves until the BIF returns. A BIF that sends, links, registers or reads its own process asks for it with as_process(p)
/// (sched/process.h); one that does not stays with ExecState and works on plain data. docs/gc-safety.md.

#include "term/atom.h"
#include "vm/exec_state.h"

namespace lintel {

/// Flags of a row.
enum BifFlags : uint8_t {
    kNone = 0,
    kGuard = 1,  ///< legal in guards: no side effect, fails only with badarg, badarith, {badmap,…}…; never traps
    kPure = 2,   ///< result depends on arguments alone
    kBare = 4,   ///< stands in for OTP code in the bare profile only (`lintel run`)
    kDirtyCpu =
        8,  ///< computes for long without yielding: runs on a thread of its own kind if the VM has such (sched/dirty_pool.h)
    kDirtyIo =
        16,  ///< may block: as kDirtyCpu. A dirty BIF looks processes up inside a ForeignReader only (DirtySection)
    kControl = 32,  ///< changes what is the VM's: error eperm without Right::control
    kTriesFirst =
        64,  ///< with kDirtyIo: is called where it is first, and goes to such a thread by go_dirty() where it would block
};

/// Of a BIF with kTriesFirst that would block: it is called again where it may. False: it may here.
bool go_dirty(ExecState& p);

static_assert(kGuard == BifEntry::kGuardFlag);

inline bool is_boolean(Term t) { return t == am::true_() || t == am::false_(); }

/// Cuts a long loop into slices: charges one reduction for each `items_per_reduction` items when destroyed.
class Budget {
public:
    Budget(ExecState& p, size_t items_per_reduction) : p_(p), per_(items_per_reduction) {
        const auto left = p.reductions > 0 ? static_cast<size_t>(p.reductions) : 1;
        left_ = left * per_;
        if (kStressBuild && p.stress.budget) left_ = left_ / 10 + 1;
    }
    ~Budget() { p_.charge(used_ / per_ + 1); }
    /// False when the slice is used up: the BIF should trap to itself with its state as arguments.
    bool take(size_t items = 1) {
        used_ += items;
        return used_ <= left_;
    }

private:
    ExecState& p_;
    size_t per_, left_, used_ = 0;
};

}  // namespace lintel
