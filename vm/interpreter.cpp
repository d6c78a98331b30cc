#include "vm/interpreter.h"

#include <cmath>
#include <mutex>
#include <utility>

#include "loader/verify.h"
#include "term/compare.h"
#include "term/map.h"
#include "term/views.h"
#include "vm/apply.h"
#include "vm/exceptions.h"
#include "vm/lower.h"
#include "vm/runtime_arith.h"
#include "vm/runtime_bs.h"
#include "vm/runtime_map.h"
#include "vm/runtime_number.h"
#include "vm/runtime_record.h"
#include "vm/scratch.h"
#include "vm/steps.h"
#include "vm/vm_core.h"

/// The interpreter loop.
///
/// Invariants, for whoever adds an operation:
///
///  1. Cached in locals: ip, x (the scheduler's X registers), E (stack top), H (heap top), reds. Their homes in ExecState are
///     stale while an operation runs.
///  2. Anything that may look at the heap, the stack or the reductions (BIFs, slow paths, Host functions) is called between
///     SWAP_OUT and SWAP_IN. It may move H (build) and, if it collects, E and everything in X registers; plain BIFs do not.
///  3. Only test_heap, allocate, the calls of BIFs (after they returned) and operations marked kSafepoint collect; the live X
///     registers are stated there, all Y registers hold terms.
///  4. On entry to a function the return address is on top of the stack: E[0] with Tag::code. allocate puts N words below it; y0 is
///     E[0] then. Every allocate and test_heap leaves kStackSlackWords free, so that call may push without a check.
///  5. A failed test jumps; a failed operation without a label raises: `goto raise_…` with p->reason set, ip still at the
///     operation (its address identifies the line).
///  6. A slow path signals failure by the non-value; what to do then is in p->pending.

namespace lintel {

namespace {

constexpr Word kCodeTag = static_cast<Word>(Tag::code);

Word return_address(const Word* ip) { return reinterpret_cast<Word>(ip) | kCodeTag; }
const Word* code_at(Word address) { return reinterpret_cast<const Word*>(address & ~kTagMask); }
const Word* entry_of(const FunctionEntry* f) {
    return static_cast<const Word*>(f->entry.load(std::memory_order_acquire));
}
const Word* entry_of(const ExportEntry* e) {
    return static_cast<const Word*>(e->entry.load(std::memory_order_acquire));
}

uint32_t arity_of(const FunctionEntry& f) { return f.loaded->module->functions[f.index].arity; }

struct FunView {
    FunEntry* entry;
    unsigned arity;  ///< as called
    unsigned free_count;
    const Word* free;
};

bool as_local_fun(Term t, FunView* out) {
    if (!t.is_kind(Kind::fun)) return false;
    const Word* w = t.boxed_words();
    *out = {reinterpret_cast<FunEntry*>(w[1]), header_aux(w[0]), static_cast<unsigned>(header_size(w[0]) - 2), w + 3};
    return true;
}

const ExportEntry* as_export_fun(Term t) {
    return t.is_kind(Kind::export_fun) ? reinterpret_cast<const ExportEntry*>(t.boxed_words()[1]) : nullptr;
}

/// A receive without patterns waits in place: no message is of interest to it.
void pass_all_messages(ExecState& p) {
    while (p.vm->host->peek_message(p).is_value()) p.vm->host->next_message(p);
}

}  // namespace

namespace {

void release_block(CodeBlock* block) {
    if (block->native != nullptr) block->native->compiler->release(block->native);
    release(block);
}

}  // namespace

Interpreter::Interpreter() {
    loop(nullptr, &handlers_);
    const auto place = [this](Word(&at)[2], Op op) {
        static_assert(sizeof(ops::pass) == sizeof at);
        auto& words = *new (at) ops::pass{};
        words.dispatch = handlers_[static_cast<size_t>(op)];
        words.code = native_address(native_code_to_return);
    };
    place(process_exit_, Op::process_exit);
    static constexpr Op kMarks[] = {Op::return_trace, Op::exception_trace, Op::return_to, Op::call_measure};
    for (size_t i = 0; i < kTraceMarks; ++i) {
        place(mark_code_[i], kMarks[i]);
        marks_[i] = mark_code_[i];
    }
}

Interpreter::~Interpreter() {
    for (auto& [start, block] : blocks_) release_block(block);
}

void Interpreter::compile_with(NativeCompiler* compiler, uint32_t calls) {
    compiler_ = kHasNativeCode ? compiler : nullptr;
    calls_ = calls;
}

namespace {

/// The engine's code in an entry: the dispatch word of T, then its operand if it has one.
template <typename T>
void place_code(Word (&code)[kStubWords], const int32_t* handlers, const void* operand = nullptr) {
    static_assert(sizeof(T) == kWordBytes || sizeof(T) == sizeof code);
    const Word words[kStubWords] = {static_cast<uint32_t>(handlers[static_cast<size_t>(T::kOp)]),
                                    reinterpret_cast<Word>(operand)};
    // Written once: others may be executing it.
    if (std::memcmp(code, words, sizeof(T)) != 0) std::memcpy(code, words, sizeof(T));
}
template <typename T, typename E>
void place_stub(E& entry, const int32_t* handlers, const void* operand = nullptr) {
    place_code<T>(entry.stub, handlers, operand);
}

/// Where calls through `e` go on that do not stop at its breakpoint: at `code`, or `native` from machine code.
void lead_to(ExportEntry& e, const int32_t* handlers, const void* code, const void* native) {
    if (e.breakpoint != nullptr) {
        native = native_address(native_code_to_entry);
        e.breakpoint->behind.store(code, std::memory_order_release);
        place_code<ops::export_breakpoint>(e.breakpoint->code, handlers, e.breakpoint);
        code = e.breakpoint->code;
    }
    publish_native();
    e.entry.store(code, std::memory_order_release);
    e.native.store(native, std::memory_order_release);
}

/// BifEntry::from_code while the BIF is traced: goes to the export, whose breakpoint tells of the call.
Term call_through_export(ExecState& p, const Term* args) {
    static_assert(offsetof(ops::call_bif, bif) == offsetof(ops::bif_stub, bif));
    const BifEntry& bif = *static_cast<const ops::call_bif*>(p.ip)->bif;
    return p.trap(p.vm->code.export_entry(bif.module, bif.function, bif.arity), {args, bif.arity});
}

}  // namespace

EngineHooks Interpreter::hooks() {
    // The handlers are the same in every VM: distances between labels of one function.
    static constexpr auto handlers_of = [] {
        static const int32_t* const table = [] {
            const int32_t* t = nullptr;
            Interpreter probe;
            t = probe.handlers_;
            return t;
        }();
        return table;
    };
    return {
        [](ExportEntry& e) {
            const int32_t* h = handlers_of();
            if (e.module == am::erlang() && e.function == am::apply() && (e.arity == 2 || e.arity == 3)) {
                if (e.arity == 3) {
                    place_stub<ops::apply3_stub>(e, h);
                } else {
                    place_stub<ops::apply_fun_stub>(e, h);
                }
            } else if (e.bif != nullptr) {
                place_stub<ops::bif_stub>(e, h, e.bif);
            } else if (e.code != nullptr) {
                return lead_to(e, h, e.code->entry.load(std::memory_order_acquire),
                               e.code->native.load(std::memory_order_acquire));
            } else {
                place_stub<ops::undefined_stub>(e, h, &e);
            }
            lead_to(e, h, e.stub, native_address(native_code_to_entry));
        },
        [](FunctionEntry& f) {
            place_stub<ops::prepare>(f, handlers_of(), &f);
            f.entry.store(f.stub, std::memory_order_release);
            publish_native();
            f.native.store(native_address(native_code_to_entry), std::memory_order_release);
        },
        [](LoadedModule& loaded) {
            for (FunctionEntry& f : loaded.functions) {
                auto* block = static_cast<CodeBlock*>(f.prepared.exchange(nullptr, std::memory_order_acquire));
                while (block != nullptr) release_block(std::exchange(block, block->replaced));
            }
        },
        this,
        [](void* engine, LoadedModule& loaded) { static_cast<Interpreter*>(engine)->forget(loaded); },
        [](void* engine, FunctionEntry& f) { static_cast<Interpreter*>(engine)->link_breakpoint(f); },
        [](void* engine, CodeServer& code, FunctionEntry& f, const BifEntry& bif) {
            static_cast<Interpreter*>(engine)->make_native(code, f, bif);
        },
        call_through_export,
        marks_,
    };
}

void Interpreter::begin(ExecState& p, const ExportEntry* target, unsigned arity) {
    *--p.heap.stack_top = return_address(process_exit_);
    p.ip = entry_of(target);
    p.live = static_cast<uint8_t>(arity);
}

/// Calls of the function stop at its first operation, or do no more. Others may be executing it: they see one head or the other. Under the
/// mutex.
void Interpreter::set_head(CodeBlock& block, bool stop) {
    int32_t& head = reinterpret_cast<ops::Head*>(block.entry())->dispatch;
    const int32_t dispatch = stop ? handlers_[static_cast<size_t>(Op::breakpoint)] : block.entry_dispatch;
    std::atomic_ref(head).store(dispatch, std::memory_order_release);
    const bool is_native = block.native != nullptr && !stop;
    publish_native();
    block.function->native.store(is_native ? block.native->entry : native_address(native_code_to_entry),
                                 std::memory_order_release);
}

void Interpreter::link_breakpoint(FunctionEntry& function) {
    // As in prepare: either it finds the breakpoint, or this finds the block.
    std::unique_lock lock(mutex_);
    void* const block = function.prepared.load(std::memory_order_acquire);
    const bool stop = function.breakpoint.load(std::memory_order_acquire) != nullptr;
    if (block != nullptr) set_head(*static_cast<CodeBlock*>(block), stop);
}

/// Of the function whose count_calls at `entry` has come to its end.
void Interpreter::make_machine_code(CodeServer& code, const Word* entry) {
    FunctionEntry& function = *(reinterpret_cast<const ops::func_info*>(entry) - 1)->function;
    {
        const std::lock_guard compiling(compiling_);
        auto* const block = static_cast<CodeBlock*>(function.prepared.load(std::memory_order_acquire));
        if (block->entry() != entry || block->native != nullptr) return;
        const auto head_of = [this](Op op) { return handlers_[static_cast<size_t>(op)]; };
        std::vector<NativeCompiler::Resume> resumes;
        const std::vector<LoweredOp> operations = operations_of(code, function, handlers_, *block);
        NativeCode* const native = operations.empty() ? nullptr : compiler_->compile(*block, operations, &resumes);
        std::unique_lock lock(mutex_);
        if (native != nullptr && function.prepared.load(std::memory_order_acquire) != block) {
            native->compiler->release(native);  // a native library has taken it over
            return;
        }
        publish_native();
        const auto lead = [&](const Word* at, const void* to) {
            auto& op = *const_cast<ops::pass*>(reinterpret_cast<const ops::pass*>(at));
            std::atomic_ref(op.code).store(to, std::memory_order_release);
            return std::atomic_ref(op.dispatch);
        };
        block->native = native;
        if (native == nullptr) {
            block->entry_dispatch = head_of(Op::pass);
        } else {
            for (const NativeCompiler::Resume& r : resumes)
                lead(block->code() + r.at, r.code).store(head_of(Op::native), std::memory_order_release);
            lead(entry, native->entry);
            block->entry_dispatch = head_of(Op::native);
            code_bytes_.fetch_add(native->bytes, std::memory_order_relaxed);
        }
        set_head(*block, function.breakpoint.load(std::memory_order_acquire) != nullptr);
    }
    code.relink_export(function);
}

const CodeBlock& Interpreter::prepare(CodeServer& code, FunctionEntry& function) {
    if (void* done = function.prepared.load(std::memory_order_acquire)) return *static_cast<CodeBlock*>(done);
    CodeBlock* block = lower_function(code, function, handlers_, compiler_ != nullptr);
    if (auto* const counter = reinterpret_cast<ops::count_calls*>(block->entry());
        counter->dispatch == handlers_[static_cast<size_t>(Op::count_calls)])
        counter->left = calls_;
    {
        std::unique_lock lock(mutex_);
        if (void* done = function.prepared.load(std::memory_order_acquire)) {
            release(block);
            return *static_cast<CodeBlock*>(done);
        }
        publish(*block, function);
    }
    // Callers from other modules go straight to the code from now on.
    code.relink_export(function);
    return *block;
}

/// Under the mutex.
void Interpreter::publish(CodeBlock& block, FunctionEntry& function) {
    blocks_.emplace(block.code(), &block);
    code_bytes_.fetch_add(block.bytes(), std::memory_order_relaxed);
    function.prepared.store(&block, std::memory_order_release);
    set_head(block, function.breakpoint.load(std::memory_order_acquire) != nullptr);
    function.entry.store(block.entry(), std::memory_order_release);
}

void Interpreter::make_native(CodeServer& code, FunctionEntry& function, const BifEntry& bif) {
    CodeBlock* const block = lower_native(code, function, bif, handlers_);
    std::unique_lock lock(mutex_);
    block->replaced = static_cast<CodeBlock*>(function.prepared.load(std::memory_order_acquire));
    publish(*block, function);
}

void Interpreter::forget(LoadedModule& loaded) {
    std::unique_lock lock(mutex_);
    for (const FunctionEntry& f : loaded.functions) {
        const auto* block = static_cast<const CodeBlock*>(f.prepared.load(std::memory_order_acquire));
        for (; block != nullptr; block = block->replaced) {
            if (blocks_.erase(block->code()) == 0) continue;
            const size_t native_bytes = block->native != nullptr ? block->native->bytes : 0;
            code_bytes_.fetch_sub(block->bytes() + native_bytes, std::memory_order_relaxed);
        }
    }
}

CodeLocation Interpreter::locate(const void* address) {
    // An odd address lies inside the operation that raised; a return address follows the call.
    const bool inside = (reinterpret_cast<Word>(address) & 1) != 0;
    const auto* at = reinterpret_cast<const Word*>(reinterpret_cast<Word>(address) & ~Word{1});
    std::shared_lock lock(mutex_);
    auto next = blocks_.upper_bound(at);
    if (next == blocks_.begin()) return {};
    const CodeBlock& block = *std::prev(next)->second;
    if (at > block.code() + block.words) return {};
    auto offset = static_cast<uint32_t>(at - block.code());
    if (!inside && offset > 0) --offset;
    CodeLocation result{block.function->loaded, block.function->index, 0};
    for (uint32_t i = 0; i < block.line_count && block.lines[i].offset <= offset; ++i)
        result.line = block.lines[i].line;
    return result;
}

RunResult Interpreter::run(ExecState& p) { return loop(&p, nullptr); }

// ---- the loop --------------------------------------------------------------------------------------------------------

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"  // labels as values

// clang takes minutes for a function of so many indirect jumps when every branch in it is watched: under clang (the fuzzers) neither
// coverage nor UBSan looks at it. The dev build is gcc's and has both.
#ifdef __clang__
__attribute__((no_sanitize("coverage", "undefined")))
#endif
RunResult
// NOLINTNEXTLINE(readability-function-size): all operations
Interpreter::loop(ExecState* const p, const int32_t** handlers_out) {
    static const int32_t kHandlers[] = {
#define HANDLER(label) \
    static_cast<int32_t>(reinterpret_cast<const char*>(&&label) - reinterpret_cast<const char*>(&&base)),
#define OP(name, fields, flags) HANDLER(op_##name)
#define FUSED2(a, b) HANDLER(op_##a##__##b)
#define FUSED3(a, b, c) HANDLER(op_##a##__##b##__##c)
#define FUSED4(a, b, c, d) HANDLER(op_##a##__##b##__##c##__##d)
#define FUSED5(a, b, c, d, e) HANDLER(op_##a##__##b##__##c##__##d##__##e)
#define FUSED6(a, b, c, d, e, f) HANDLER(op_##a##__##b##__##c##__##d##__##e##__##f)
#include "vm/ops.def"
#undef HANDLER
    };
    if (p == nullptr) {
        *handlers_out = kHandlers;
        return RunResult::exited;
    }

    Term* const x = p->registers->x;
    if (LINTEL_UNLIKELY(p->trap_target != nullptr))
        p->ip = entry_of(std::exchange(p->trap_target, nullptr));  // it wakes
    const Word* ip = static_cast<const Word*>(p->ip);
    Word* E = p->heap.stack_top;
    Word* H = p->heap.htop;
    int32_t reds = p->reductions;

    // Bodies of operations are set by hand, as in the .inc files.
    // clang-format off

#define SWAP_OUT (p->heap.stack_top = E, p->heap.htop = H, p->reductions = reds)
#define SWAP_IN (E = p->heap.stack_top, H = p->heap.htop, reds = p->reductions)
// Heads change under the threads that run them (set_head). The load is plain so that it stays part of another instruction; aligned, it is
// never torn.
#ifdef __SANITIZE_THREAD__
#define HEAD_AT(at) __atomic_load_n(&reinterpret_cast<const ops::Head*>(at)->dispatch, __ATOMIC_ACQUIRE)
#else
#define HEAD_AT(at) reinterpret_cast<const ops::Head*>(at)->dispatch
#endif
#define DISPATCH() goto *(reinterpret_cast<const char*>(&&base) + HEAD_AT(ip))
#define BEGIN(name)                                                 \
    op_##name : {                                                   \
        using This [[maybe_unused]] = ops::name;                    \
        [[maybe_unused]] const This& op = *reinterpret_cast<const This*>(ip);
#define END }
#define NEXT()                              \
    do {                                    \
        ip += sizeof(This) / kWordBytes;    \
        DISPATCH();                         \
    } while (0)
#define NEXT_AFTER(rest_words)                              \
    do {                                                    \
        ip += sizeof(This) / kWordBytes + (rest_words);     \
        DISPATCH();                                         \
    } while (0)
#define JUMP(label)      \
    do {                 \
        ip += (label);   \
        DISPATCH();      \
    } while (0)
#define XR(offset) (*reinterpret_cast<Term*>(reinterpret_cast<char*>(x) + (offset)))
#define YR(offset) (*reinterpret_cast<Term*>(reinterpret_cast<char*>(E) + (offset)))
#define REGISTERS (steps::Registers{x, E, H})
#define RR(r) steps::at(REGISTERS, (r))
#define SR(w) steps::from(REGISTERS, (w))
#define COLLECT(need, live_regs)                                                  \
    do {                                                                          \
        SWAP_OUT;                                                                 \
        p->ip = ip;                                                               \
        if (!p->vm->host->collect(*p, (need), (live_regs))) return RunResult::exited; \
        SWAP_IN;                                                                  \
    } while (0)
// After an operation that may have built but is no safepoint: if a collection is due, the next call ends the slice, and the scheduler
// collects.
#define SETTLE()                                                  \
    do {                                                          \
        if (LINTEL_UNLIKELY(p->collect_on_return)) reds = reds < 0 ? reds : 0; \
    } while (0)
#define STRESSED (kStressBuild && p->stress.collect_here())
#define TEST_HEAP(words, live_regs)                                                                       \
    do {                                                                                                  \
        if (LINTEL_UNLIKELY(H + (words) + kStackSlackWords > E || STRESSED)) COLLECT((words) + kStackSlackWords, live_regs); \
    } while (0)
// The same with `kept`, a local, as another root: an operand need not be among the live registers. x[live] is free.
#define TEST_HEAP_KEEPING(kept, words, live_regs)                  \
    do {                                                           \
        if (LINTEL_UNLIKELY(H + (words) + kStackSlackWords > E || STRESSED)) { \
            x[live_regs] = (kept);                                 \
            COLLECT((words) + kStackSlackWords, (live_regs) + 1);  \
            (kept) = x[live_regs];                                 \
        }                                                          \
    } while (0)

#include "vm/interp_steps.inc"

    const Word* target;            // where a call goes on
    uint32_t call_arity;           // of the call that ran out of reductions
    int spread;                    // of erlang:apply
    const void* raised_at;         // by erlang:apply
    const BifEntry* raising_bif;   // for raise_bif
    const Term* raising_args;
    Term bif_args[3];
    Term broken;                   // for broken_code
    DISPATCH();
base:

    // ---- entry and exit of functions

    BEGIN(func_info)
        SWAP_OUT;
        p->error(am::function_clause());
        capture_function_clause(*p, *op.function, x);
        goto find_catch;
    END
    BEGIN(prepare)
        ip = prepare(p->vm->code, *op.function).entry();
        DISPATCH();
    END
    BEGIN(count_calls)
        uint32_t& left = const_cast<This&>(op).left;
        const uint32_t n = __atomic_load_n(&left, __ATOMIC_RELAXED) - 1;
        __atomic_store_n(&left, n, __ATOMIC_RELAXED);
        if (LINTEL_UNLIKELY(n == 0)) make_machine_code(p->vm->code, ip);
        NEXT();
    END
    BEGIN(pass)
        NEXT();
    END
    BEGIN(native)
        SWAP_OUT;
        // The head came after `code`, and must have been read before it.
        static_cast<void>(__atomic_load_n(&op.dispatch, __ATOMIC_ACQUIRE));
        const NativeResult result = native_code_enter(p, __atomic_load_n(&op.code, __ATOMIC_ACQUIRE));
        see_published_native();
        SWAP_IN;
        ip = result.ip;
        if (LINTEL_LIKELY(result.exit == NativeExit::go_on)) DISPATCH();
        switch (result.exit) {
            case NativeExit::bif_failed: goto call_bif_failed;
            case NativeExit::send_failed: goto send_failed;
            case NativeExit::send_done: goto send_done;
            default: goto call_bif_done;
        }
    END
    OPERATION(call)
    OPERATION(call_only)
    OPERATION(call_last)
    OPERATION(call_self_only)
    OPERATION(call_ext)
    OPERATION(call_ext_only)
    OPERATION(call_ext_last)
    BEGIN(call_bif)
        --reds;
        SWAP_OUT;
        p->ip = ip;
        const Term result = __atomic_load_n(&op.bif->from_code, __ATOMIC_RELAXED)(*p, x);
        SWAP_IN;
        if (LINTEL_UNLIKELY(result.is_none())) goto call_bif_failed;
        x[0] = result;
    END
call_bif_done : {
        AT(call_bif);
        if (LINTEL_UNLIKELY(p->collect_on_return || STRESSED)) COLLECT(0, 1);
        if (LINTEL_UNLIKELY(reds <= 0)) {
            target = ip + sizeof(This) / kWordBytes;
            call_arity = 1;
            goto yield_call;
        }
        NEXT();
    }
call_bif_failed : {
        AT(call_bif);
        raising_bif = op.bif;
        raising_args = x;
        if (p->pending == Pending::exception) goto raise_bif;
        if (p->pending == Pending::trap || p->pending == Pending::hibernate) {
            // Without a frame nothing may have made room for the return address.
            if (LINTEL_UNLIKELY(H + kStackSlackWords > E || STRESSED)) COLLECT(kStackSlackWords, p->trap_target->arity);
            *--E = return_address(ip + sizeof(This) / kWordBytes);
        }
        call_arity = op.bif->arity;
        target = ip;
        goto bif_pending;
    END
    BEGIN(bif_stub)
        // A BIF in tail position: called through an export (apply, spawn, a fun, another module's variable call).
        --reds;
        SWAP_OUT;
        p->ip = ip;
        const Term result = op.bif->call(*p, x);
        SWAP_IN;
        if (LINTEL_LIKELY(result.is_value())) {
            x[0] = result;
            if (LINTEL_UNLIKELY(p->collect_on_return || STRESSED)) COLLECT(0, 1);
            ip = code_at(*E++);
            DISPATCH();
        }
        raising_bif = op.bif;
        raising_args = x;
        if (p->pending == Pending::exception) {
            // Not called from code of ours: the address of the stub would mean nothing.
            SWAP_OUT;
            capture_trace(*p, nullptr, raising_bif, raising_args);
            goto find_catch;
        }
        call_arity = op.bif->arity;
        target = ip;
        goto bif_pending;
    END
    OPERATION(return_)
    OPERATION(deallocate_return)
    BEGIN(undefined_stub)
        SWAP_OUT;
        p->ip = ip;
        p->live = static_cast<uint8_t>(op.target->arity);
        const ExportEntry* found = p->vm->host->undefined_function(*p, *op.target);
        SWAP_IN;
        if (found != nullptr) {
            ip = entry_of(found);
            DISPATCH();
        }
        if (p->pending == Pending::trap) goto take_trap;
        if (p->pending == Pending::exited) return RunResult::exited;
        if (p->pending == Pending::yield) {
            call_arity = op.target->arity;
            target = ip;
            goto bif_pending;
        }
        SWAP_OUT;
        capture_undefined(*p, op.target->module, op.target->function, x, op.target->arity);
        goto find_catch;
    END
    // erlang:apply/3 and apply/2: as a call in code, in tail position, and called through its name (spawn, a fun, apply itself).
#define APPLY3(where, enter, enter_what)                                                                          \
    bif_args[0] = x[0];                                                                                           \
    bif_args[1] = x[1];                                                                                           \
    bif_args[2] = x[2];                                                                                           \
    spread = bif_args[0].is_atom() && bif_args[1].is_atom() ? spread_arguments(bif_args[2], x, kApplyLimit)       \
                                                            : static_cast<int>(BadArguments::improper);          \
    if (LINTEL_UNLIKELY(spread < 0)) {                                                                            \
        raised_at = (where);                                                                                      \
        if (spread == static_cast<int>(BadArguments::many)) {                                                     \
            enter;                                                                                                \
            raised_at = nullptr;                                                                                  \
        }                                                                                                         \
        SWAP_OUT;                                                                                                 \
        raise_bad_apply(*p, bif_args, static_cast<BadArguments>(spread), raised_at);                              \
        goto find_catch;                                                                                          \
    }                                                                                                             \
    call_arity = static_cast<uint32_t>(spread);                                                                   \
    {                                                                                                             \
        const ExportEntry* const applied = p->vm->code.export_entry(bif_args[0], bif_args[1], call_arity);        \
        enter_what;                                                                                               \
        target = entry_of(applied);                                                                               \
    }                                                                                                             \
    if (LINTEL_UNLIKELY(--reds <= 0)) goto yield_call;                                                            \
    ip = target;                                                                                                  \
    DISPATCH();
#define APPLY_FUN(tail)                                                                    \
    bif_args[0] = x[0];                                                                    \
    bif_args[1] = x[1];                                                                    \
    spread = spread_arguments(bif_args[1], x, kApplyFunLimit);                             \
    if (LINTEL_UNLIKELY(spread < 0)) {                                                     \
        if (spread == static_cast<int>(BadArguments::many)) tail;                          \
        SWAP_OUT;                                                                          \
        raise_bad_apply_fun(*p, bif_args, static_cast<BadArguments>(spread), ip);          \
        goto find_catch;                                                                   \
    }                                                                                      \
    tail;                                                                                  \
    call_arity = static_cast<uint32_t>(spread);                                            \
    x[call_arity] = bif_args[0];                                                           \
    goto enter_fun;
#define PUSH_RETURN_HERE *--E = return_address(ip + sizeof(This) / kWordBytes)
#define POP_FRAME_HERE E = reinterpret_cast<Word*>(reinterpret_cast<char*>(E) + op.words)
// What never comes back leaves the frame, so that the trace has it.
#define LAST_CALL_OF_APPLIED                                                                             \
    if (LINTEL_UNLIKELY(bif_args[0] == am::erlang()) && never_returns(bif_args[0], bif_args[1], x, call_arity)) \
        PUSH_RETURN_HERE;                                                                                \
    else POP_FRAME_HERE
    BEGIN(apply3)
        APPLY3(ip, PUSH_RETURN_HERE, PUSH_RETURN_HERE)
    END
    BEGIN(apply3_last)
        APPLY3(ip, POP_FRAME_HERE, LAST_CALL_OF_APPLIED)
    END
    BEGIN(apply3_stub)
        APPLY3(nullptr, , )
    END
    BEGIN(apply_fun)
        APPLY_FUN(PUSH_RETURN_HERE)
    END
    BEGIN(apply_fun_last)
        APPLY_FUN(POP_FRAME_HERE)
    END
    BEGIN(apply_fun_stub)
        bif_args[0] = x[0];
        bif_args[1] = x[1];
        spread = spread_arguments(bif_args[1], x, kApplyFunLimit);
        if (LINTEL_UNLIKELY(spread < 0)) {
            SWAP_OUT;
            raise_bad_apply_fun(*p, bif_args, static_cast<BadArguments>(spread), nullptr);
            capture_in_apply_fun(*p, spread == static_cast<int>(BadArguments::many) ? nullptr : bif_args);
            goto find_catch;
        }
        call_arity = static_cast<uint32_t>(spread);
        x[call_arity] = bif_args[0];
        goto enter_fun;
    END
#undef APPLY3
#undef APPLY_FUN
#undef PUSH_RETURN_HERE
#undef POP_FRAME_HERE
#undef LAST_CALL_OF_APPLIED
    BEGIN(process_exit)
        SWAP_OUT;
        p->exception_class = ExceptionClass::exit;
        p->reason = am::normal();
        p->pending = Pending::none;
        return RunResult::exited;
    END

    // ---- tracing

    BEGIN(breakpoint)
        // The operation that stands here is any; its head is kept in the block.
        const FunctionEntry& function = *(reinterpret_cast<const ops::func_info*>(ip) - 1)->function;
        Breakpoint* const at = function.breakpoint.load(std::memory_order_acquire);
        if (at != nullptr) {
            SWAP_OUT;
            p->ip = ip;
            const ExportEntry* instead = nullptr;
            if (!p->vm->host->called(*p, *at, false, &instead)) return RunResult::exited;
            SWAP_IN;
            if (instead != nullptr) {
                ip = entry_of(instead);
                DISPATCH();
            }
        }
        const auto* block = static_cast<const CodeBlock*>(function.prepared.load(std::memory_order_acquire));
        while (block->entry() != ip) block = block->replaced;  // it has become native meanwhile
        goto *(reinterpret_cast<const char*>(&&base) + block->traced_dispatch);
    END
    BEGIN(export_breakpoint)
        SWAP_OUT;
        p->ip = ip;
        const ExportEntry* instead = op.at->function;
        if (!p->vm->host->called(*p, *op.at, true, &instead)) return RunResult::exited;
        SWAP_IN;
        // The breakpoint may have been cleared since the process was sent here, and the function have moved.
        ip = entry_of(instead);
        if (ip == op.at->code) ip = static_cast<const Word*>(op.at->behind.load(std::memory_order_acquire));
        DISPATCH();
    END
#define MARK(kind)                                                            \
    BEGIN(kind)                                                               \
        SWAP_OUT;                                                             \
        p->ip = ip;                                                           \
        p->vm->host->returned(*p, TraceMark::kind, E);                        \
        SWAP_IN;                                                              \
        E += mark_words(TraceMark::kind) - 1;                                 \
        if (p->collect_on_return || STRESSED) COLLECT(0, 1);                  \
        ip = code_at(*E++);                                                   \
        DISPATCH();                                                           \
    END
    MARK(return_trace)
    MARK(exception_trace)
    MARK(return_to)
    MARK(call_measure)
#undef MARK

    BEGIN(apply)
        *--E = return_address(ip + sizeof(This) / kWordBytes);
        call_arity = op.arity;
        if (!x[call_arity].is_atom() || !x[call_arity + 1].is_atom()) {
            ++E;
            goto bad_apply;
        }
        target = entry_of(p->vm->code.export_entry(x[call_arity], x[call_arity + 1], call_arity));
        if (LINTEL_UNLIKELY(--reds <= 0)) goto yield_call;
        ip = target;
        DISPATCH();
    END
    BEGIN(apply_last)
        call_arity = op.arity;
        if (!x[call_arity].is_atom() || !x[call_arity + 1].is_atom()) goto bad_apply;
        // What never comes back leaves the frame, so that the trace has it.
        if (LINTEL_UNLIKELY(x[call_arity] == am::erlang()) && never_returns(x[call_arity], x[call_arity + 1], x, call_arity)) {
            *--E = return_address(ip + sizeof(This) / kWordBytes);
        } else {
            E = reinterpret_cast<Word*>(reinterpret_cast<char*>(E) + op.words);
        }
        target = entry_of(p->vm->code.export_entry(x[call_arity], x[call_arity + 1], call_arity));
        if (LINTEL_UNLIKELY(--reds <= 0)) goto yield_call;
        ip = target;
        DISPATCH();
    END
bad_apply : {
    // {badarg, [{erlang, apply, [M, F, Args]} | …]}
    SWAP_OUT;
    auto heap = p->reserve(list_words(call_arity));
    bif_args[0] = x[call_arity];
    bif_args[1] = x[call_arity + 1];
    bif_args[2] = heap.list({x, call_arity});
    p->badarg();
    const BifEntry apply_bif{am::erlang(), am::apply(), 3, 0, nullptr};
    capture_trace(*p, ip, &apply_bif, bif_args);
    goto find_catch;
}
    BEGIN(call_fun)
        call_arity = op.arity;
        *--E = return_address(ip + sizeof(This) / kWordBytes);
        goto enter_fun;
    END
    BEGIN(call_fun2)
        call_arity = op.arity;
        x[call_arity] = SR(op.fun);
        *--E = return_address(ip + sizeof(This) / kWordBytes);
        goto enter_fun;
    END
    BEGIN(call_fun_last)
        call_arity = op.arity;
        E = reinterpret_cast<Word*>(reinterpret_cast<char*>(E) + op.words);
        goto enter_fun;
    END
    BEGIN(call_fun2_last)
        call_arity = op.arity;
        x[call_arity] = SR(op.fun);
        E = reinterpret_cast<Word*>(reinterpret_cast<char*>(E) + op.words);
        goto enter_fun;
    END
enter_fun : {
    // The fun is in x[call_arity], its arguments below; the return address is on the stack.
    const Term fun = x[call_arity];
    FunView view;
    if (LINTEL_LIKELY(as_local_fun(fun, &view))) {
        if (LINTEL_UNLIKELY(view.arity != call_arity)) goto bad_arity;
        const FunctionEntry* code = view.entry->code.load(std::memory_order_acquire);
        if (LINTEL_UNLIKELY(code == nullptr)) {
            SWAP_OUT;
            p->live = static_cast<uint8_t>(call_arity + 1);
            const ExportEntry* found = p->vm->host->undefined_fun(*p, fun, call_arity);
            SWAP_IN;
            if (found != nullptr) {
                ip = entry_of(found);
                DISPATCH();
            }
            if (p->pending == Pending::trap) goto take_trap;
            if (p->pending == Pending::exited) return RunResult::exited;
            SWAP_OUT;
            goto bad_fun;
        }
        for (unsigned i = 0; i < view.free_count; ++i) x[call_arity + i] = Term(view.free[i]);
        target = entry_of(code);
        call_arity += view.free_count;
    } else if (const ExportEntry* exported = as_export_fun(fun)) {
        if (exported->arity != call_arity) goto bad_arity;
        target = entry_of(exported);
    } else {
        SWAP_OUT;
        p->error_tuple(am::badfun(), fun);
        goto bad_fun;
    }
    if (LINTEL_UNLIKELY(--reds <= 0)) goto yield_call;
    ip = target;
    DISPATCH();
bad_arity:
    SWAP_OUT;
    {
        auto heap = p->reserve(list_words(call_arity) + 2 * tuple_words(2));
        p->error(heap.tuple(am::badarity(), heap.tuple(fun, heap.list({x, call_arity}))));
    }
bad_fun:
    if (reinterpret_cast<const ops::Head*>(ip)->dispatch == handlers_[static_cast<size_t>(Op::apply_fun_stub)]) {
        capture_in_apply_fun(*p, nullptr);
    } else {
        capture_trace(*p, ip, nullptr, nullptr);
    }
    goto find_catch;
}

#include "vm/interp_data.inc"
#include "vm/interp_records.inc"
#include "vm/interp_control.inc"
#include "vm/interp_bits.inc"

    // ---- fused operations

#define OP(name, fields, flags)
#define FUSED2(a, b) op_##a##__##b : RUN_##a RUN_##b DISPATCH();
#define FUSED3(a, b, c) op_##a##__##b##__##c : RUN_##a RUN_##b RUN_##c DISPATCH();
#define FUSED4(a, b, c, d) op_##a##__##b##__##c##__##d : RUN_##a RUN_##b RUN_##c RUN_##d DISPATCH();
#define FUSED5(a, b, c, d, e) op_##a##__##b##__##c##__##d##__##e : RUN_##a RUN_##b RUN_##c RUN_##d RUN_##e DISPATCH();
#define FUSED6(a, b, c, d, e, f) op_##a##__##b##__##c##__##d##__##e##__##f : RUN_##a RUN_##b RUN_##c RUN_##d RUN_##e RUN_##f DISPATCH();
#include "vm/ops.def"

    // ---- shared ends

yield_call:
    // The slice is used up at a call of `target` with call_arity arguments in X registers.
    SWAP_OUT;
    p->ip = target;
    p->live = static_cast<uint8_t>(call_arity);
    return RunResult::yielded;

bif_pending:
    // A BIF returned the non-value without raising; `target` is the operation that called it, with call_arity arguments.
    switch (p->pending) {
        case Pending::trap: goto take_trap;
        case Pending::hibernate:
        case Pending::wait:
        case Pending::yield: {
            const Pending why = p->pending;
            p->pending = Pending::none;
            SWAP_OUT;
            if (why == Pending::hibernate) {
                // trap_target stays: what is current when the process wakes is called.
                p->ip = entry_of(p->trap_target);
                p->live = static_cast<uint8_t>(p->trap_target->arity);
            } else {
                p->ip = target;
                p->live = static_cast<uint8_t>(call_arity + std::exchange(p->kept, uint8_t{0}));
            }
            return why == Pending::yield ? RunResult::yielded : RunResult::waiting;
        }
        case Pending::exited:
            SWAP_OUT;
            p->pending = Pending::none;
            return RunResult::exited;
        default: LINTEL_UNREACHABLE();
    }

take_trap:
    // The arguments are in X registers already; the return address is on the stack.
    p->pending = Pending::none;
    target = entry_of(p->trap_target);
    call_arity = p->trap_target->arity;
    p->trap_target = nullptr;
    if (LINTEL_UNLIKELY(reds <= 0)) goto yield_call;
    ip = target;
    DISPATCH();

broken_code:
    // The term `broken` is not of the type that the file promises, so nothing else that it says can be relied upon, its handlers
    // included: the process ends.
    SWAP_OUT;
    p->raise(ExceptionClass::exit, p->reserve(tuple_words(2)).tuple(am::broken_code(), broken));
    p->pending = Pending::none;
    return RunResult::exited;

raise_bif:
    SWAP_OUT;
    capture_trace(*p, ip, raising_bif, raising_args);
    goto find_catch;

raise_here:
    // p->reason is set; the operation at ip raised.
    SWAP_OUT;
    capture_trace(*p, ip, nullptr, nullptr);
    goto find_catch;

find_catch:
    // Everything is swapped out, p->reason and p->trace are set.
    leave_ended_slice();
    {
        p->vm->host->settle_message(*p);
        const void* handler = find_handler(*p);
        if (handler == nullptr) {
            p->pending = Pending::none;
            p->reason = uncaught_reason(*p, *this);
            return RunResult::exited;
        }
        SWAP_IN;
        if (p->collect_on_return || STRESSED) COLLECT(0, 4);
        ip = static_cast<const Word*>(handler);
        // Code that raises in a circle must not run for ever.
        if (LINTEL_UNLIKELY(--reds <= 0)) {
            SWAP_OUT;
            p->ip = ip;
            p->live = 4;
            return RunResult::yielded;
        }
        DISPATCH();
    }
}

// clang-format on

#pragma GCC diagnostic pop

}  // namespace lintel
