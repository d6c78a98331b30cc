#include "stdlib/nif/env.h"

#include <algorithm>

#include "gc/copy.h"
#include "stdlib/nif/call.h"

using lintel::HeapBuilder;
using lintel::HeapFragment;
using lintel::Term;

namespace {

/// Words of the first fragment that a function fills with small terms, and of the largest.
constexpr size_t kFirstFragment = 64, kLargestFragment = 8192;

}  // namespace

lintel_nif_env::lintel_nif_env(lintel::Process& p, lintel::NifLibrary* of)
    : kind(Kind::call), vm(&p.machine()), process(&p), library(of), next_fragment_(kFirstFragment) {}

lintel_nif_env::lintel_nif_env(lintel::Vm* of_vm, lintel::NifLibrary* of, Kind of_kind)
    : kind(of_kind), vm(of_vm), process(nullptr), library(of), next_fragment_(kFirstFragment) {
    area_.emplace();
    area_->vm = of_vm;
    // No heap, so that everything goes to fragments.
    lintel::Heap& heap = area_->heap;
    heap.start = heap.htop = heap.high_water = heap.stack_top = heap.end = no_heap_;
    if (kind != Kind::callback) return;
    thread_before_ = lintel::this_thread;
    lintel::this_thread.vm = of_vm;
    if (of_vm == nullptr) ended_.emplace();
}

lintel_nif_env::~lintel_nif_env() {
    if (kind == Kind::callback) lintel::this_thread = thread_before_;
    if (process == nullptr) clear();
    let_go();
    if (scheduled.what != nullptr) scheduled.what->release_reference();
}

HeapBuilder lintel_nif_env::reserve(size_t words) {
    lintel::ExecState& s = state();
    const bool is_full = static_cast<size_t>(s.heap.stack_top - s.heap.htop) < words + lintel::kStackSlackWords;
    if (is_full && !(lintel::kStressBuild && s.stress.frag)) {
        const HeapFragment* last = s.heap.fragments;
        if (last == nullptr || static_cast<size_t>(last->end - last->top) < words) {
            s.new_fragment(std::max(words, next_fragment_));
            next_fragment_ = std::min(2 * next_fragment_, kLargestFragment);
        }
    }
    return s.reserve(words);
}

void lintel_nif_env::let_go() {
    for (lintel::BinaryData* data : kept_) data->release_reference();
    for (void* block : blocks_) lintel::release(block);
    kept_.clear();
    blocks_.clear();
}

void lintel_nif_env::clear() {
    let_go();
    lintel::Heap& heap = area_->heap;
    HeapFragment* fragment = heap.fragments;
    heap.fragments = nullptr;
    heap.fragment_words = heap.fragment_binary_bytes = 0;
    while (fragment != nullptr) {
        HeapFragment* const next = fragment->next;
        HeapFragment::destroy(fragment);
        fragment = next;
    }
    next_fragment_ = kFirstFragment;
    has_raised = false;
    reason = Term::none();
}

ERL_NIF_TERM lintel_nif_env::take(Term t) {
    if (t.is_value()) return t.word();
    lintel::ExecState& s = state();
    s.pending = lintel::Pending::none;
    return raise(s.reason);
}

extern "C" {

ErlNifEnv* enif_alloc_env(void) {
    return lintel::make<ErlNifEnv>(lintel::vm_of_thread(), nullptr, ErlNifEnv::Kind::independent);
}

void enif_free_env(ErlNifEnv* env) { lintel::destroy(env); }

void enif_clear_env(ErlNifEnv* env) { env->clear(); }

ERL_NIF_TERM enif_make_copy(ErlNifEnv* to, ERL_NIF_TERM term) {
    const Term t = lintel::term_of(term);
    HeapBuilder heap = to->reserve(lintel::flat_size(t, to->literals()));
    return lintel::copy_term(t, heap, to->literals()).word();
}

ERL_NIF_TERM enif_make_badarg(ErlNifEnv* env) { return env->badarg(); }

ERL_NIF_TERM enif_raise_exception(ErlNifEnv* env, ERL_NIF_TERM reason) { return env->raise(lintel::term_of(reason)); }

int enif_has_pending_exception(ErlNifEnv* env, ERL_NIF_TERM* reason) {
    if (env->has_raised && reason != nullptr) *reason = env->reason.word();
    return env->has_raised ? 1 : 0;
}

}  // extern "C"
