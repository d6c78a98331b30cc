#include <algorithm>

#include "jit/x86_64/emit_calls.h"
#include "term/map.h"

/// Moves, lists, tuples, maps, BIFs in guards.

namespace lintel::x86_64 {

using namespace asmjit::x86;

// ---- moves

void Emitter::move(Place from, Place to) {
    if (is_pinned(to)) return load_into(reg::kX[to.offset / 8], from);
    store(to, load(from, rax));
}

void Emitter::exchange(Place a, Place b) {
    if (is_pinned(a) && is_pinned(b)) {
        a_.mov(rax, reg::kX[a.offset / 8]);
        a_.mov(reg::kX[a.offset / 8], reg::kX[b.offset / 8]);
        a_.mov(reg::kX[b.offset / 8], rax);
        return;
    }
    load_into(rax, a);
    load_into(rcx, b);
    store(a, rcx);
    store(b, rax);
}

// ---- lists and tuples

void Emitter::load_word(Place to, Mem from) {
    const Gp value = target(to, rax);
    a_.mov(value, from);
    store(to, value);
}

void Emitter::get_list(Place from, Place head, Place tail) {
    const Gp list = load(from, rcx);
    // The one that takes the list's own register comes last.
    if (is_pinned(head) && reg::kX[head.offset / 8] == list) {
        a_.mov(rdx, qword_ptr(list, layout::kHead));
        load_word(tail, qword_ptr(list, layout::kTail));
        return store(head, rdx);
    }
    load_word(head, qword_ptr(list, layout::kHead));
    load_word(tail, qword_ptr(list, layout::kTail));
}

void Emitter::emit(const ops::get_hd& op) { load_word(place_of(op.to), qword_ptr(load(op.from, rcx), layout::kHead)); }
void Emitter::emit(const ops::get_tl& op) { load_word(place_of(op.to), qword_ptr(load(op.from, rcx), layout::kTail)); }

/// `offset`: from the header.
void Emitter::get_element(Place from, unsigned offset, Place to) {
    load_word(to, qword_ptr(load(from, rcx), layout::kHeader + static_cast<int32_t>(offset)));
}

// What the verifier could not prove: the interpreter ends the process.
void Emitter::emit(const ops::check_cons& op) { jump_unless_tag(load(op.from, rcx), Tag::cons, rax, leaving()); }
void Emitter::emit(const ops::check_tuple& op) {
    const Gp tuple = load(op.from, rcx);
    jump_unless_tag(tuple, Tag::boxed, rax, leaving());
    a_.mov(eax, dword_ptr(tuple, layout::kHeader));
    a_.cmp(al, static_cast<int32_t>(make_header(Kind::tuple, 0)));
    a_.jne(leaving());
    a_.shr(eax, static_cast<int32_t>(kSizeShift));
    a_.cmp(eax, static_cast<int32_t>(op.arity));
    a_.jb(leaving());
}

void Emitter::emit(const ops::set_tuple_element& op) {
    const Gp tuple = load(op.tuple, rcx);
    write_source(qword_ptr(tuple, layout::kHeader + static_cast<int32_t>(8 * (1 + op.index))), op.value, rax);
}

void Emitter::cons(Word head, Word tail, Place to) {
    write_source(qword_ptr(reg::kHeap), head, rax);
    write_source(qword_ptr(reg::kHeap, 8), tail, rax);
    const Gp made = target(to, rax);
    a_.lea(made, qword_ptr(reg::kHeap, static_cast<int32_t>(Tag::cons)));
    store(to, made);
    a_.add(reg::kHeap, static_cast<int32_t>(8 * kConsWords));
}

/// The `words` words at the heap top, which have been written, as a boxed term.
void Emitter::make_boxed(Place to, size_t words) {
    const Gp made = target(to, rax);
    a_.lea(made, qword_ptr(reg::kHeap, static_cast<int32_t>(Tag::boxed)));
    store(to, made);
    a_.add(reg::kHeap, static_cast<int32_t>(8 * words));
}

void Emitter::emit(const ops::put_tuple2& op) {
    write_word(qword_ptr(reg::kHeap), make_header(Kind::tuple, 2), rax);
    write_source(qword_ptr(reg::kHeap, 8), op.a, rax);
    write_source(qword_ptr(reg::kHeap, 16), op.b, rax);
    make_boxed(place_of(op.to), 3);
}
void Emitter::emit(const ops::put_tuple& op) {
    const Word* elements = ops::rest(op);
    write_word(qword_ptr(reg::kHeap), make_header(Kind::tuple, op.arity), rax);
    for (unsigned k = 0; k < op.arity; ++k)
        write_source(qword_ptr(reg::kHeap, static_cast<int32_t>(8 * (1 + k))), elements[k], rax);
    make_boxed(place_of(op.to), 1u + op.arity);
}
void Emitter::emit(const ops::update_record& op) {
    const unsigned size = op.size;
    const Gp old = load(op.from, rdx);
    jump_unless_tag(old, Tag::boxed, rax, leaving());
    constant(rcx, make_header(Kind::tuple, size));
    a_.cmp(qword_ptr(old, layout::kHeader), rcx);
    a_.jne(leaving());
    a_.mov(qword_ptr(reg::kHeap), rcx);
    const Word* updates = ops::rest(op);
    // Elements that are not updated; the updates come in any order.
    for (unsigned k = 1; k <= size; ++k) {
        bool is_updated = false;
        for (unsigned u = 0; u < op.count; ++u) is_updated = is_updated || updates[2 * u] == k;
        if (is_updated) continue;
        a_.mov(rax, qword_ptr(old, layout::kHeader + static_cast<int32_t>(8 * k)));
        a_.mov(qword_ptr(reg::kHeap, static_cast<int32_t>(8 * k)), rax);
    }
    for (unsigned u = 0; u < op.count; ++u)
        write_source(qword_ptr(reg::kHeap, static_cast<int32_t>(8 * updates[2 * u])), updates[2 * u + 1], rax);
    make_boxed(place_of(op.to), 1 + size);
}

// ---- maps

/// Finds a key in the keys of the flat map in rax: rcx points to the value then. `missing`: it is not there. First where it was the last time.
void Emitter::find_in_flat_map(Word key, Label missing) {
    KeyPlace* const last = sites_.take_key();
    LINTEL_CHECK(last != nullptr);
    const Label found = a_.newLabel();
    const Label search = cold([this, last, missing, found] {
        const Label again = a_.newLabel(), here = a_.newLabel();
        a_.mov(ecx, dword_ptr(rsi, layout::kHeader));
        a_.shr(ecx, static_cast<int32_t>(kSizeShift));
        a_.jz(missing);
        a_.bind(again);
        a_.cmp(rdx, qword_ptr(rsi, rcx, 3, layout::kHeader));
        a_.je(here);
        a_.dec(ecx);
        a_.jnz(again);
        a_.jmp(missing);
        a_.bind(here);
        a_.mov(rdx, reinterpret_cast<uint64_t>(last));
        a_.cmp(dword_ptr(rdx, offsetof(KeyPlace, misses)), KeyPlace::kMostMisses);
        a_.jae(found);
        a_.inc(dword_ptr(rdx, offsetof(KeyPlace, misses)));
        a_.mov(esi, ecx);
        a_.shl(esi, static_cast<int32_t>(kSizeShift));
        a_.or_(esi, static_cast<int32_t>(make_header(Kind::tuple, 0)));
        a_.mov(dword_ptr(rdx, offsetof(KeyPlace, place)), esi);
        a_.jmp(found);
    });
    a_.mov(rcx, reinterpret_cast<uint64_t>(last));
    a_.mov(ecx, dword_ptr(rcx, offsetof(KeyPlace, place)));
    a_.mov(rsi, qword_ptr(rax, layout::kHeader + 8));  // the keys, a tuple
    constant(rdx, key);
    a_.cmp(dword_ptr(rsi, layout::kHeader), ecx);
    a_.jb(search);
    a_.shr(ecx, static_cast<int32_t>(kSizeShift));
    a_.cmp(rdx, qword_ptr(rsi, rcx, 3, layout::kHeader));
    a_.jne(search);
    a_.bind(found);
    a_.lea(rcx, qword_ptr(rax, rcx, 3, layout::kHeader + 8));
}

void Emitter::jump_unless_flat_map(Gp map, Label no_map, Label other) {
    jump_unless_tag(map, Tag::boxed, rcx, no_map);
    load_kind(rcx, map);
    a_.cmp(ecx, static_cast<int32_t>(make_header(Kind::map_flat, 0)));
    a_.jne(other);
}

void Emitter::emit(const ops::has_map_fields& op) {
    const Word* keys = ops::rest(op);
    if (!std::all_of(keys, keys + op.count, is_word_key)) return call_test(op);
    const Label done = a_.newLabel(), fail = label_at(op.fail);
    load_into(rax, place_of(op.map));
    jump_unless_flat_map(rax, fail, cold([this, &op, done] {
                             call_test(op);
                             a_.jmp(done);
                         }));
    for (uint32_t k = 0; k < op.count; ++k) find_in_flat_map(keys[k], fail);
    bind(done);
}

void Emitter::emit(const ops::get_map_elements& op) {
    const Word* pairs = ops::rest(op);
    bool are_words = true;
    for (uint32_t k = 0; k < op.count; ++k) are_words = are_words && is_word_key(pairs[2 * k]);
    if (!are_words) return call_test(op);
    const Label done = a_.newLabel(), fail = label_at(op.fail);
    load_into(rax, place_of(op.map));
    jump_unless_flat_map(rax, fail, cold([this, &op, done] {
                             call_test(op);
                             a_.jmp(done);
                         }));
    for (uint32_t k = 0; k < op.count; ++k) {
        find_in_flat_map(pairs[2 * k], fail);
        a_.mov(rcx, qword_ptr(rcx));
        store(place_of(static_cast<ops::Reg>(pairs[2 * k + 1])), rcx);
    }
    bind(done);
}

void Emitter::emit(const ops::get_map_element& op) {
    const Label done = a_.newLabel(), fail = label_at(op.fail);
    const Place to = place_of(op.to);
    const auto look_up = [this, &op, fail, to] {
        load_source_into(rdx, op.key);
        load_into(rsi, place_of(op.map));
        spill_volatile();
        a_.mov(rdi, rsi);
        a_.mov(rsi, rdx);
        call(reinterpret_cast<const void*>(find_in_map));
        reload_volatile();
        a_.test(rax, rax);
        a_.jz(fail);
        load_word(to, qword_ptr(rax));
    };
    if (!is_word_key(op.key)) return look_up();
    load_into(rax, place_of(op.map));
    jump_unless_flat_map(rax, fail, cold([this, look_up, done] {
                             look_up();
                             a_.jmp(done);
                         }));
    find_in_flat_map(op.key, fail);
    load_word(to, qword_ptr(rcx));
    bind(done);
}

namespace {

/// Words with which most changes of maps can be made.
constexpr size_t kPutMapRoom = 64;

}  // namespace

/// New values for keys that a flat map has: a copy of its words with those. The copy is part of the heap when all are found.
template <typename T>
void Emitter::put_map(const T& op) {
    const Word* pairs = ops::rest(op);
    bool are_words = !is_constant(op.map);
    for (uint32_t k = 0; k < op.count; ++k) are_words = are_words && is_word_key(pairs[2 * k]);
    const Label done = a_.newLabel();
    // Where little room is left the interpreter collects.
    const auto call = [this, &op] {
        if (op.live != ops::kNoLive) room(kPutMapRoom);
        call_build(op, raising(op.fail));
    };
    if (!are_words) return call();
    const Label other = cold([this, call, done] {
        call();
        a_.jmp(done);
    });
    load_into(rax, place_of_source(op.map));
    jump_unless_flat_map(rax, other, other);
    a_.mov(ecx, dword_ptr(rax, layout::kHeader));
    a_.shr(ecx, static_cast<int32_t>(kSizeShift));  // words behind the header
    a_.lea(rdx, qword_ptr(reg::kHeap, rcx, 3, static_cast<int32_t>(8 * (1 + kStackSlackWords))));
    a_.cmp(rdx, reg::kStack);
    a_.ja(op.live != ops::kNoLive ? leaving() : other);
    const Label again = a_.newLabel();
    a_.bind(again);
    a_.mov(rdx, qword_ptr(rax, rcx, 3, layout::kHeader));
    a_.mov(qword_ptr(reg::kHeap, rcx, 3), rdx);
    a_.dec(rcx);
    a_.jns(again);
    for (uint32_t k = 0; k < op.count; ++k) {
        find_in_flat_map(pairs[2 * k], other);
        a_.sub(rcx, rax);
        write_source(qword_ptr(reg::kHeap, rcx, 0, static_cast<int32_t>(Tag::boxed)), pairs[2 * k + 1], rdx);
    }
    a_.mov(ecx, dword_ptr(rax, layout::kHeader));
    a_.shr(ecx, static_cast<int32_t>(kSizeShift));
    const Place to = place_of(op.to);
    const Gp made = target(to, rax);
    a_.lea(made, qword_ptr(reg::kHeap, static_cast<int32_t>(Tag::boxed)));
    a_.lea(reg::kHeap, qword_ptr(reg::kHeap, rcx, 3, 8));
    store(to, made);
    bind(done);
}

void Emitter::emit(const ops::new_map& op) {
    const Word* values = ops::rest(op);
    const size_t n = op.count;
    room(2 + n);
    write_word(qword_ptr(reg::kHeap), make_header(Kind::map_flat, 1 + n), rax);
    write_word(qword_ptr(reg::kHeap, 8), op.keys, rax);
    for (size_t k = 0; k < n; ++k)
        write_source(qword_ptr(reg::kHeap, static_cast<int32_t>(16 + 8 * k)), values[k], rax);
    make_boxed(place_of(op.to), 2 + n);
}

// ---- BIFs in guards

/// A BIF as an instruction. Where it raises, the interpreter calls it once more: it does nothing but look and build.
void Emitter::call_guard(const BifEntry* bif, bool closed, int32_t fail, ops::Reg to,
                         std::initializer_list<Word> args) {
    int32_t at = 0;
    for (const Word a : args) {
        write_source(qword_ptr(rsp, at), a, rax);
        at += 8;
    }
    spill_volatile();
    swap_out();
    if (closed) a_.mov(qword_ptr(reg::kState, layout::kStackTop), reg::kHeap);
    a_.mov(rdi, reg::kState);
    a_.mov(rsi, rsp);
    call(reinterpret_cast<const void*>(bif->call));
    swap_in();
    if (closed) a_.mov(qword_ptr(reg::kState, layout::kStackTop), reg::kStack);
    reload_volatile();
    a_.test(rax, rax);
    const Label failed = fail == 0 ? leaving() : cold([this, fail] {
        spill_volatile();
        a_.mov(rdi, reg::kState);
        call(reinterpret_cast<const void*>(pass_over_failure));
        reload_volatile();
        a_.jmp(label_at(fail));
    });
    a_.jz(failed);
    settle();
    store(place_of(to), rax);
}

/// The number of elements, pairs, bytes or bits.
void Emitter::size_of(GuardForm form, Word a, Place to, Label other) {
    const Gp term = load_source(a, rdx);
    jump_unless_tag(term, Tag::boxed, rax, other);
    if (form == GuardForm::tuple_size || form == GuardForm::map_size) {
        const Kind kind = form == GuardForm::tuple_size ? Kind::tuple : Kind::map_flat;
        a_.mov(eax, dword_ptr(term, layout::kHeader));
        a_.cmp(al, static_cast<int32_t>(make_header(kind, 0)));
        a_.jne(other);
        a_.shr(eax, static_cast<int32_t>(kSizeShift));
        if (kind == Kind::map_flat) a_.dec(eax);
    } else {
        const bool is_bytes = form == GuardForm::byte_size;
        const Label not_in_heap = a_.newLabel(), not_part = a_.newLabel(), found = a_.newLabel();
        const auto jump_unless = [this](Kind kind, Label to_other) {
            a_.cmp(cl, static_cast<int32_t>(make_header(kind, 0)));
            a_.jne(to_other);
        };
        load_kind(rcx, term);
        jump_unless(Kind::heap_binary, not_in_heap);
        a_.mov(eax, dword_ptr(term, layout::kHeader + 4));  // the auxiliary half
        if (!is_bytes) a_.shl(eax, 3);
        a_.jmp(found);
        a_.bind(not_in_heap);
        jump_unless(Kind::sub_binary, not_part);
        a_.mov(rax, qword_ptr(term, layout::kSubSize));
        if (is_bytes) {
            a_.add(rax, 7);
            a_.shr(rax, 3);
        }
        a_.jmp(found);
        a_.bind(not_part);
        jump_unless(Kind::refc_binary, other);
        a_.mov(rax, qword_ptr(term, layout::kHandleBytes));
        if (!is_bytes) a_.shl(rax, 3);
        a_.bind(found);
    }
    a_.shl(rax, static_cast<int32_t>(kTagBits));
    a_.or_(rax, static_cast<int32_t>(Tag::small));
    store(to, rax);
}

void Emitter::extreme_of(GuardForm form, Word a, Word b, Place to, Label other) {
    const Gp x = load_source(a, rcx), y = load_source(b, rdx);
    jump_unless_both_small(x, y, rax, other);
    a_.mov(rax, x);
    a_.cmp(x, y);
    form == GuardForm::min ? a_.cmovg(rax, y) : a_.cmovl(rax, y);
    store(to, rax);
}

void Emitter::emit(const ops::self& op) { load_word(place_of(op.to), qword_ptr(reg::kState, layout::kSelf)); }

void Emitter::take(Word list, int32_t offset, int32_t fail, ops::Reg to) {
    const Gp cell = load_source(list, rcx);
    jump_unless_tag(cell, Tag::cons, rax, failing(fail));
    load_word(place_of(to), qword_ptr(cell, offset));
}

void Emitter::emit(const ops::bif_element& op) {
    const Label fail = failing(op.fail);
    const Gp tuple = load_source(op.b, rdx);
    jump_unless_tag(tuple, Tag::boxed, rax, fail);
    a_.mov(eax, dword_ptr(tuple, layout::kHeader));
    a_.cmp(al, static_cast<int32_t>(make_header(Kind::tuple, 0)));
    a_.jne(fail);
    a_.shr(eax, static_cast<int32_t>(kSizeShift));
    if (is_constant(op.a)) {
        const Term index(op.a);
        if (!index.is_small() || index.to_small() < 1 || index.to_small() > static_cast<int64_t>(kMaxTupleArity)) {
            a_.jmp(fail);
            return;
        }
        a_.cmp(eax, static_cast<int32_t>(index.to_small()));
        a_.jb(fail);
        return load_word(place_of(op.to),
                         qword_ptr(tuple, layout::kHeader + static_cast<int32_t>(8 * index.to_small())));
    }
    const Gp index = load_source(op.a, rcx);
    jump_unless_small(index, rsi, fail);
    a_.mov(rcx, index);
    a_.sar(rcx, static_cast<int32_t>(kTagBits));
    a_.lea(rsi, qword_ptr(rcx, -1));
    a_.cmp(rsi, rax);
    a_.jae(fail);
    load_word(place_of(op.to), qword_ptr(tuple, rcx, 3, layout::kHeader));
}

#include "jit/forms_data.inc"

}  // namespace lintel::x86_64
