#include <algorithm>

#include "jit/aarch64/emit_calls.h"

/// Moves, lists, tuples, maps, BIFs in guards.

namespace lintel::aarch64 {

using namespace asmjit::a64;

// ---- moves

void Emitter::move(Place from, Place to) {
    if (is_pinned(to)) return load_into(reg::kX[to.offset / 8], from);
    store(to, load(from, x9));
}

void Emitter::exchange(Place a, Place b) {
    load_into(x9, a);
    const Gp second = load(b, x10);
    store(a, second);
    store(b, x9);
}

// ---- lists and tuples

void Emitter::load_word(Place to, Gp base, int64_t offset) {
    const Gp value = target(to, x10);
    read(value, base, offset);
    store(to, value);
}

void Emitter::get_list(Place from, Place head, Place tail) {
    const Gp list = load(from, x9);
    // The one that takes the list's own register comes last.
    if (is_pinned(head) && reg::kX[head.offset / 8] == list) {
        read(x11, list, layout::kHead);
        load_word(tail, list, layout::kTail);
        return store(head, x11);
    }
    load_word(head, list, layout::kHead);
    load_word(tail, list, layout::kTail);
}

void Emitter::emit(const ops::get_hd& op) { load_word(place_of(op.to), load(op.from, x9), layout::kHead); }
void Emitter::emit(const ops::get_tl& op) { load_word(place_of(op.to), load(op.from, x9), layout::kTail); }

/// `offset`: from the header.
void Emitter::get_element(Place from, unsigned offset, Place to) {
    load_word(to, load(from, x9), layout::kHeader + int64_t{offset});
}

// What the verifier could not prove: the interpreter ends the process.
void Emitter::emit(const ops::check_cons& op) { jump_unless_tag(load(op.from, x10), Tag::cons, x9, leaving()); }
void Emitter::emit(const ops::check_tuple& op) {
    const Gp tuple = load(op.from, x10);
    jump_unless_tag(tuple, Tag::boxed, x9, leaving());
    load_kind(x9, tuple);
    jump_unless_kinds(x9, Kind::tuple, Kind::tuple, leaving());
    load_size(x9, tuple);
    compare_constant(x9, op.arity);
    a_.b_lo(leaving());
}

void Emitter::emit(const ops::set_tuple_element& op) {
    const Gp tuple = load(op.tuple, x10);
    write_source(tuple, layout::kHeader + 8 * (1 + int64_t{op.index}), op.value, x9);
}

void Emitter::cons(Word head, Word tail, Place to) {
    const Gp first = load_source(head, x9), second = load_source(tail, x10);
    a_.stp(first, second, ptr(reg::kHeap));
    const Gp made = target(to, x9);
    add(made, reg::kHeap, static_cast<int64_t>(Tag::cons));
    store(to, made);
    add(reg::kHeap, reg::kHeap, 8 * kConsWords);
}

/// The `words` words at the heap top, which have been written, as a boxed term.
void Emitter::make_boxed(Place to, size_t words) {
    const Gp made = target(to, x9);
    add(made, reg::kHeap, static_cast<int64_t>(Tag::boxed));
    store(to, made);
    add(reg::kHeap, reg::kHeap, static_cast<int64_t>(8 * words));
}

void Emitter::emit(const ops::put_tuple2& op) {
    constant(x9, make_header(Kind::tuple, 2));
    const Gp first = load_source(op.a, x10);
    a_.stp(x9, first, ptr(reg::kHeap));
    write_source(reg::kHeap, 16, op.b, x9);
    make_boxed(place_of(op.to), 3);
}
void Emitter::emit(const ops::put_tuple& op) {
    const Word* elements = ops::rest(op);
    write_word(reg::kHeap, 0, make_header(Kind::tuple, op.arity), x9);
    for (unsigned k = 0; k < op.arity; ++k) write_source(reg::kHeap, 8 * (1 + int64_t{k}), elements[k], x9);
    make_boxed(place_of(op.to), 1u + op.arity);
}
void Emitter::emit(const ops::update_record& op) {
    const unsigned size = op.size;
    const Gp old = load(op.from, x11);
    jump_unless_tag(old, Tag::boxed, x9, leaving());
    constant(x10, make_header(Kind::tuple, size));
    read(x9, old, layout::kHeader);
    a_.cmp(x9, x10);
    a_.b_ne(leaving());
    write(reg::kHeap, 0, x10);
    const Word* updates = ops::rest(op);
    // Elements that are not updated; the updates come in any order.
    for (unsigned k = 1; k <= size; ++k) {
        bool is_updated = false;
        for (unsigned u = 0; u < op.count; ++u) is_updated = is_updated || updates[2 * u] == k;
        if (is_updated) continue;
        read(x9, old, layout::kHeader + 8 * int64_t{k});
        write(reg::kHeap, 8 * int64_t{k}, x9);
    }
    for (unsigned u = 0; u < op.count; ++u)
        write_source(reg::kHeap, static_cast<int64_t>(8 * updates[2 * u]), updates[2 * u + 1], x9);
    make_boxed(place_of(op.to), 1 + size);
}

// ---- maps

/// Finds a key in the keys of the flat map in x9: x10 and 8 more are a pointer to the value then, as from a header. `missing`: it is not
/// there. First where it was the last time. x11 to x14.
void Emitter::find_in_flat_map(Word key, Label missing) {
    KeyPlace* const last = sites_.take_key();
    LINTEL_CHECK(last != nullptr);
    const Label found = a_.newLabel();
    const Label search = cold([this, last, missing, found] {
        const Label again = a_.newLabel(), here = a_.newLabel();
        load_size(x10, x12);
        a_.cbz(w10, missing);
        a_.bind(again);
        a_.ldr(x14, ptr(x13, x10, lsl(3)));
        a_.cmp(x14, x11);
        a_.b_eq(here);
        a_.subs(w10, w10, 1);
        a_.b_ne(again);
        a_.b(missing);
        a_.bind(here);
        address(x13, last);
        a_.ldr(w14, ptr(x13, offsetof(KeyPlace, misses)));
        a_.cmp(w14, KeyPlace::kMostMisses);
        a_.b_hs(found);
        a_.add(w14, w14, 1);
        a_.str(w14, ptr(x13, offsetof(KeyPlace, misses)));
        a_.lsl(w14, w10, kSizeShift);
        a_.orr(w14, w14, make_header(Kind::tuple, 0));
        a_.str(w14, ptr(x13, offsetof(KeyPlace, place)));
        a_.b(found);
    });
    read(x12, x9, layout::kHeader + 8);  // the keys, a tuple
    address(x14, last);
    a_.ldr(w10, ptr(x14, offsetof(KeyPlace, place)));
    a_.ldur(w14, ptr(x12, layout::kHeader));
    constant(x11, key);
    add(x13, x12, layout::kHeader);
    a_.cmp(w14, w10);
    a_.b_lo(search);
    a_.lsr(w10, w10, kSizeShift);
    a_.ldr(x14, ptr(x13, x10, lsl(3)));
    a_.cmp(x14, x11);
    a_.b_ne(search);
    a_.bind(found);
    a_.add(x10, x9, x10, lsl(3));
}

void Emitter::jump_unless_flat_map(Gp map, Label no_map, Label other) {
    jump_unless_tag(map, Tag::boxed, x10, no_map);
    load_kind(x10, map);
    jump_unless_kinds(x10, Kind::map_flat, Kind::map_flat, other);
}

namespace {

/// From what find_in_flat_map leaves in x10.
constexpr int64_t kFoundValue = layout::kHeader + 8;

}  // namespace

void Emitter::emit(const ops::has_map_fields& op) {
    const Word* keys = ops::rest(op);
    if (!std::all_of(keys, keys + op.count, is_word_key)) return call_test(op);
    const Label done = a_.newLabel(), fail = label_at(op.fail);
    load_into(x9, place_of(op.map));
    jump_unless_flat_map(x9, fail, cold([this, &op, done] {
                             call_test(op);
                             a_.b(done);
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
    load_into(x9, place_of(op.map));
    jump_unless_flat_map(x9, fail, cold([this, &op, done] {
                             call_test(op);
                             a_.b(done);
                         }));
    for (uint32_t k = 0; k < op.count; ++k) {
        find_in_flat_map(pairs[2 * k], fail);
        load_word(place_of(static_cast<ops::Reg>(pairs[2 * k + 1])), x10, kFoundValue);
    }
    bind(done);
}

void Emitter::emit(const ops::get_map_element& op) {
    const Label done = a_.newLabel(), fail = label_at(op.fail);
    const Place to = place_of(op.to);
    const auto look_up = [this, &op, fail, to] {
        load_into(x0, place_of(op.map));
        load_source_into(x1, op.key);
        call(reinterpret_cast<const void*>(find_in_map));
        a_.cbz(x0, fail);
        load_word(to, x0, 0);
    };
    if (!is_word_key(op.key)) return look_up();
    load_into(x9, place_of(op.map));
    jump_unless_flat_map(x9, fail, cold([this, look_up, done] {
                             look_up();
                             a_.b(done);
                         }));
    find_in_flat_map(op.key, fail);
    load_word(to, x10, kFoundValue);
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
        a_.b(done);
    });
    load_into(x9, place_of_source(op.map));
    jump_unless_flat_map(x9, other, other);
    load_size(x10, x9);
    a_.add(x11, reg::kHeap, x10, lsl(3));
    add(x11, x11, 8 * (1 + kStackSlackWords));
    a_.cmp(x11, reg::kStack);
    a_.b_hi(op.live != ops::kNoLive ? leaving() : other);
    copy_to_heap(x9, x10);
    for (uint32_t k = 0; k < op.count; ++k) {
        find_in_flat_map(pairs[2 * k], other);
        a_.sub(x10, x10, x9);
        a_.add(x10, x10, reg::kHeap);
        write_source(x10, 8, pairs[2 * k + 1], x11);
    }
    load_size(x10, x9);
    const Place to = place_of(op.to);
    const Gp made = target(to, x9);
    add(made, reg::kHeap, static_cast<int64_t>(Tag::boxed));
    a_.add(reg::kHeap, reg::kHeap, x10, lsl(3));
    add(reg::kHeap, reg::kHeap, 8);
    store(to, made);
    bind(done);
}

void Emitter::emit(const ops::new_map& op) {
    const Word* values = ops::rest(op);
    const size_t n = op.count;
    room(2 + n);
    write_word(reg::kHeap, 0, make_header(Kind::map_flat, 1 + n), x9);
    write_word(reg::kHeap, 8, op.keys, x9);
    for (size_t k = 0; k < n; ++k) write_source(reg::kHeap, static_cast<int64_t>(16 + 8 * k), values[k], x9);
    make_boxed(place_of(op.to), 2 + n);
}

// ---- BIFs in guards

/// A BIF as an instruction. Where it raises, the interpreter calls it once more: it does nothing but look and build.
void Emitter::call_guard(const BifEntry* bif, bool closed, int32_t fail, ops::Reg to,
                         std::initializer_list<Word> args) {
    int64_t at = 0;
    for (const Word a : args) {
        write_source(sp, at, a, x9);
        at += 8;
    }
    swap_out();
    if (closed) a_.str(reg::kHeap, ptr(reg::kState, layout::kStackTop));
    a_.mov(x0, reg::kState);
    a_.mov(x1, sp);
    call(reinterpret_cast<const void*>(bif->call));
    swap_in();
    if (closed) a_.str(reg::kStack, ptr(reg::kState, layout::kStackTop));
    const Label failed = fail == 0 ? leaving() : cold([this, fail] {
        a_.mov(x0, reg::kState);
        call(reinterpret_cast<const void*>(pass_over_failure));
        a_.b(label_at(fail));
    });
    a_.cbz(x0, failed);
    settle();
    store(place_of(to), x0);
}

/// The number of elements, pairs, bytes or bits.
void Emitter::size_of(GuardForm form, Word a, Place to, Label other) {
    const Gp term = load_source(a, x11);
    jump_unless_tag(term, Tag::boxed, x9, other);
    load_kind(x9, term);
    if (form == GuardForm::tuple_size || form == GuardForm::map_size) {
        const Kind kind = form == GuardForm::tuple_size ? Kind::tuple : Kind::map_flat;
        jump_unless_kinds(x9, kind, kind, other);
        load_size(x9, term);
        if (kind == Kind::map_flat) a_.sub(x9, x9, 1);
    } else {
        const bool is_bytes = form == GuardForm::byte_size;
        const Label not_in_heap = a_.newLabel(), not_part = a_.newLabel(), found = a_.newLabel();
        const auto jump_unless = [this](Kind kind, Label to_other) {
            a_.cmp(w9, make_header(kind, 0));
            a_.b_ne(to_other);
        };
        jump_unless(Kind::heap_binary, not_in_heap);
        a_.ldur(w9, ptr(term, layout::kHeader + 4));  // the auxiliary half
        if (!is_bytes) a_.lsl(x9, x9, 3);
        a_.b(found);
        a_.bind(not_in_heap);
        jump_unless(Kind::sub_binary, not_part);
        a_.ldur(x9, ptr(term, layout::kSubSize));
        if (is_bytes) {
            a_.add(x9, x9, 7);
            a_.lsr(x9, x9, 3);
        }
        a_.b(found);
        a_.bind(not_part);
        jump_unless(Kind::refc_binary, other);
        a_.ldur(x9, ptr(term, layout::kHandleBytes));
        if (!is_bytes) a_.lsl(x9, x9, 3);
        a_.bind(found);
    }
    tag_small(x9, x9);
    store(to, x9);
}

void Emitter::extreme_of(GuardForm form, Word a, Word b, Place to, Label other) {
    const Gp x = load_source(a, x9), y = load_source(b, x10);
    jump_unless_both_small(x, y, x11, other);
    a_.cmp(x, y);
    a_.csel(x11, x, y, form == GuardForm::min ? CondCode::kLE : CondCode::kGE);
    store(to, x11);
}

void Emitter::emit(const ops::self& op) { load_word(place_of(op.to), reg::kState, layout::kSelf); }

void Emitter::take(Word list, int32_t offset, int32_t fail, ops::Reg to) {
    const Gp cell = load_source(list, x10);
    jump_unless_tag(cell, Tag::cons, x9, failing(fail));
    load_word(place_of(to), cell, offset);
}

void Emitter::emit(const ops::bif_element& op) {
    const Label fail = failing(op.fail);
    const Gp tuple = load_source(op.b, x11);
    jump_unless_tag(tuple, Tag::boxed, x9, fail);
    load_kind(x9, tuple);
    jump_unless_kinds(x9, Kind::tuple, Kind::tuple, fail);
    load_size(x9, tuple);
    if (is_constant(op.a)) {
        const Term index(op.a);
        if (!index.is_small() || index.to_small() < 1 || index.to_small() > static_cast<int64_t>(kMaxTupleArity)) {
            a_.b(fail);
            return;
        }
        compare_constant(x9, static_cast<Word>(index.to_small()));
        a_.b_lo(fail);
        return load_word(place_of(op.to), tuple, layout::kHeader + 8 * index.to_small());
    }
    const Gp index = load_source(op.a, x10);
    jump_unless_small(index, x12, fail);
    a_.asr(x10, index, kTagBits);
    a_.sub(x12, x10, 1);
    a_.cmp(x12, x9);
    a_.b_hs(fail);
    a_.add(x10, tuple, x10, lsl(3));
    load_word(place_of(op.to), x10, layout::kHeader);
}

#include "jit/forms_data.inc"

}  // namespace lintel::aarch64
