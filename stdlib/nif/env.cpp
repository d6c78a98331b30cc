#include "stdlib/nif/env.h"

#include <algorithm>

#include "gc/copy.h"
#include "gc/heap_check.h"
#include "stdlib/nif/call.h"

using lintel::HeapBuilder;
using lintel::HeapFragment;
using lintel::Term;

namespace {

/// Words of the largest fragment that a function fills with small terms.
constexpr size_t kLargestFragment = 8192;

/// Its terms are gone; where misuse is found they can be known as such for a while.
void end_fragment(HeapFragment* fragment) {
    if (!lintel::kFindsMisuse) return HeapFragment::destroy(fragment);
    lintel::release_off_heap(fragment->off_heap);
    lintel::paint_words(fragment->begin(), fragment->end);
    lintel::account_release(fragment->bytes());
    lintel::keep_what_is_gone(fragment, [](void* it) {
        const lintel::MemoryScope of_nobody;
        HeapFragment::destroy(static_cast<HeapFragment*>(it));
    });
}

}  // namespace

lintel_nif_env::lintel_nif_env(lintel::Vm* of_vm, lintel::NifLibrary* of, Kind of_kind)
    : kind(of_kind), vm(of_vm), process(nullptr), library(of), state_(&area_.emplace()) {
    area_->vm = of_vm;
    // No heap, so that everything goes to fragments.
    lintel::Heap& heap = area_->heap;
    heap.start = heap.htop = heap.high_water = heap.stack_top = heap.end = no_heap_;
    if (kind != Kind::callback) return;
    thread_before_ = lintel::this_thread;
    lintel::this_thread.vm = of_vm;
    if (of_vm == nullptr) ended_.emplace();
}

void lintel_nif_env::end() {
    if (kind == Kind::callback) lintel::this_thread = thread_before_;
    if (process == nullptr) clear();
    let_go();
    if (scheduled.what != nullptr) scheduled.what->release_reference();
}

/// The heap has no room for `words` words: the last fragment will have.
void lintel_nif_env::grow(size_t words) {
    state_->new_fragment(std::max(words, next_fragment_));
    next_fragment_ = std::min(2 * next_fragment_, kLargestFragment);
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
        end_fragment(fragment);
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

ErlNifEnv* enif_alloc_env(void) { return new ErlNifEnv(lintel::vm_of_thread(), nullptr, ErlNifEnv::Kind::independent); }

void enif_free_env(ErlNifEnv* env) {
    if (env != nullptr) env->check(__func__);
    delete env;
}

void enif_clear_env(ErlNifEnv* env) {
    env->check(__func__);
    env->clear();
}

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
