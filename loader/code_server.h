#pragma once
/// Code of one VM: modules in two versions, exports, functions and funs as the engines call them.
///
/// A call from another module goes through an ExportEntry, a call inside a module through a FunctionEntry; both hold the
/// address where the engine goes on, so that loading, preparing, purging, breakpoints and tracing change one word. What
/// `entry` points to is the engine's business: this floor stores and replaces it.

#include <array>
#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <span>
#include <unordered_map>
#include <vector>

#include "loader/code_image.h"

namespace lintel {

struct ExecState;
struct ExportEntry;
struct LoadedModule;

/// A BIF as the engines call it: `args` has the declared number of terms. Returns the result, or the non-value after it has
/// set an exception, a trap or a wait in `p`.
using BifFunction = Term (*)(ExecState& p, const Term* args);

struct BifEntry {
    Term module, function;
    uint8_t arity;
    uint8_t flags;  ///< BifFlags, see stdlib/bif.h
    BifFunction call;
    /// What code calls that names the BIF: `call`, or while its calls are traced a detour through its export. The code server's copy of
    /// a row has it.
    BifFunction from_code = nullptr;

    /// May be used as an instruction: it never traps, waits, collects or looks at the stack.
    bool is_guard() const { return (flags & kGuardFlag) != 0; }
    static constexpr uint8_t kGuardFlag = 1;
};

/// A constant table of BIFs. They cost nothing until something refers to them.
struct BifTable {
    struct Row {
        const char* module;
        const char* function;
        uint8_t arity;
        uint8_t flags;
        BifFunction call;
    };
    std::span<const Row> rows;
    /// The row for M:F/A, or nullptr.
    const Row* (*find)(Term module, Term function, uint32_t arity);
};

/// Code words that an engine keeps inside an entry (where to go when there is nothing prepared).
inline constexpr size_t kStubWords = 2;

/// Where calls of a function stop: docs/design/tracing.md. Made by an upper floor, which derives from it; must live as long as the VM, since
/// code may be about to go there.
struct Breakpoint {
    ExportEntry* function;                     ///< its name
    Word code[kStubWords]{};                   ///< the engine's: where a call through the export stops
    std::atomic<const void*> behind{nullptr};  ///< where such a call goes on
    explicit Breakpoint(ExportEntry* f) : function(f) {}
};

/// One per {Module, Function, Arity} that anything ever referred to; lives as long as the VM.
struct ExportEntry {
    std::atomic<const void*> entry{nullptr};   ///< where a call goes on; set by the engine
    std::atomic<const void*> native{nullptr};  ///< where a call from machine code goes on; set with `entry`
    Word stub[kStubWords]{};                   ///< the engine's code for: not loaded, or a BIF
    Term module, function;
    uint32_t arity = 0;
    const BifEntry* bif = nullptr;         ///< a BIF takes precedence over exported code
    struct FunctionEntry* code = nullptr;  ///< exported by the module's current version, or nullptr
    Breakpoint* breakpoint = nullptr;      ///< calls through this entry stop there
};

/// A function of one version of a module.
struct FunctionEntry {
    std::atomic<const void*> entry{nullptr};   ///< where a call goes on; first: the engine's "prepare me"
    std::atomic<const void*> native{nullptr};  ///< where a call from machine code goes on
    Word stub[kStubWords]{};
    LoadedModule* loaded = nullptr;
    uint32_t index = 0;                            ///< into Module::functions
    std::atomic<void*> prepared{nullptr};          ///< the engine's code block, owned by the engine
    std::atomic<Breakpoint*> breakpoint{nullptr};  ///< all calls of this function stop there
};

/// One per {Module, Record} that code wants to make from outside the module; lives as long as the VM.
struct RecordEntry {
    /// What the module's current version defines under this name, exported or not, or nullptr. Who reads it is in the VM's epoch, so
    /// that it stays while it is used; it does not stay longer.
    std::atomic<const DefinedRecord*> current{nullptr};
    Term module, record;
};

/// What makes two funs the same code. The fields are as the external format has them; funs of another shape (arity, free variables) are
/// other funs: what came in from outside cannot lay claim to code that expects something else.
struct FunIdentity {
    Term module;
    int32_t index = 0;      ///< in the module's table of funs
    int32_t old_index = 0;  ///< the same, as releases before 5.0 counted; compilers since give `index`
    int32_t old_uniq = 0;
    uint32_t arity = 0;  ///< as called
    uint32_t free_count = 0;
    std::array<uint8_t, 16> uniq{};  ///< md5 of the module

    bool operator==(const FunIdentity&) const = default;
};

/// A fun: survives reloading of its module (same identity: same entry).
struct FunEntry {
    std::atomic<FunctionEntry*> code{
        nullptr};  ///< nullptr: the version it belongs to is gone (badfun), or see `purging`
    FunIdentity id;
    std::atomic<FunctionEntry*> purging{nullptr};  ///< where it led before a purge that is going on: callers wait
};

/// One version of a module, in use.
struct LoadedModule {
    std::shared_ptr<const Module> module;  ///< others have it, too, if it came from an image
    std::vector<FunctionEntry> functions;  ///< parallel to Module::functions
    std::vector<ExportEntry*> imports;     ///< parallel to Module::imports
    std::vector<FunEntry*> lambdas;        ///< parallel to Module::lambdas
    std::atomic<bool> on_load_pending{false};
    /// The native library that some of its functions are from, or nullptr (CodeServer::make_native). Goes with the version.
    std::shared_ptr<void> natives;

    explicit LoadedModule(std::shared_ptr<const Module> m)
        : module(std::move(m)), functions(module->functions.size()) {}
    /// The function that `label` enters (its entry label).
    FunctionEntry* function_at(uint32_t label) { return &functions[module->label_function[label]]; }
};

/// What the engine does for the code server. Called with the server locked: must not call it back.
struct EngineHooks {
    /// Sets entry.entry and stub for an export: to code, BIF, or "not loaded", from the fields.
    void (*link_export)(ExportEntry& entry);
    /// Sets entry.entry to "prepare on first call".
    void (*link_function)(FunctionEntry& entry);
    /// Frees what the engine prepared for a version that nobody can reach.
    void (*discard)(LoadedModule& loaded);
    /// The engine, for `forget`.
    void* engine = nullptr;
    /// Addresses in the code of `loaded` tell nothing any more (Engine::locate). Always before discard. nullptr: nothing to do.
    void (*forget)(void* engine, LoadedModule& loaded) = nullptr;
    /// entry.breakpoint has been set or cleared: calls stop at the function's first operation, or do no more.
    void (*link_breakpoint)(void* engine, FunctionEntry& entry) = nullptr;
    /// Calls of `entry` go to `bif` from now on; who is in its code goes on there.
    void (*make_native)(void* engine, class CodeServer& code, FunctionEntry& entry, const BifEntry& bif) = nullptr;
    /// BifEntry::from_code of a BIF whose export has a breakpoint.
    BifFunction detour = nullptr;
    /// Where functions return to that have a mark of each kind (vm/trace_mark.h) on the stack.
    const void* const* marks = nullptr;
};

/// Who wants to know when a version of a module begins or ends to be the current one. Called with the server locked; changes
/// breakpoints only.
struct CodeObserver {
    void* context = nullptr;
    void (*enters)(void* context, class Breakpoints& breakpoints, LoadedModule& loaded) = nullptr;
    void (*leaves)(void* context, class Breakpoints& breakpoints, LoadedModule& loaded) = nullptr;
};

class CodeServer {
public:
    /// Set before anything runs.
    CodeObserver observer;

    /// `image` (may be nullptr): what is loaded to begin with; `atoms` and `literals` begin with it, too. A module of it becomes this VM's own when it
    /// is first asked for.
    CodeServer(AtomTable& atoms, LiteralSpace& literals, EngineHooks hooks,
               std::shared_ptr<const CodeImage> image = nullptr);
    ~CodeServer();
    CodeServer(const CodeServer&) = delete;
    CodeServer& operator=(const CodeServer&) = delete;

    AtomTable& atoms() { return atoms_; }
    LiteralSpace& literals() { return literals_; }

    /// The current versions of all modules that are not native, for other VMs. Any thread.
    std::shared_ptr<const CodeImage> make_image(MemoryAccount& payer);

    /// Makes BIFs callable; copies the rows.
    void add_bifs(std::span<const BifEntry> bifs);
    /// Makes the BIFs of a table callable but for those with one of the flags `excluded`. Once, before anything is loaded.
    void set_bif_table(const BifTable& table, uint8_t excluded);

    /// The entry for M:F/A, made if new. Any thread.
    ExportEntry* export_entry(Term module, Term function, uint32_t arity);
    /// The entry if anything ever referred to it, else nullptr. Any thread.
    ExportEntry* find_export(Term module, Term function, uint32_t arity);
    /// M:F/A is a BIF or exported by the module's current version. Any thread.
    bool is_exported(Term module, Term function, uint32_t arity);
    /// The entry for a record, made if new. Any thread.
    RecordEntry* record_entry(Term module, Term record);
    /// What the module's current version defines under this name, or nullptr. See RecordEntry::current. Any thread.
    const DefinedRecord* find_record(Term module, Term record);
    /// Memory of all versions of all modules, but for literals and what the engine makes of them. Any thread.
    size_t module_bytes();
    /// The entry for a fun, made if new. Any thread.
    FunEntry* fun_entry(const FunIdentity& id);

    enum class InstallResult { done, old_code_exists };
    /// Makes `module` the current version; the one before becomes old. Refused if there is old code already.
    /// A module with on_load becomes neither: it waits beside the others, see on_load_version, until finish_on_load. Refused
    /// if another one waits already.
    InstallResult install(std::unique_ptr<Module> module);
    /// Installs all or none: a call that can see one of the new versions can see them all. If one of them cannot be installed
    /// (see install), *refused has the names of those and `modules` is unchanged.
    InstallResult install_all(std::span<std::unique_ptr<Module>> modules, std::vector<Term>* refused);
    /// The version whose on_load function is to be run, or nullptr. Its functions can be called through its entries. Any thread.
    LoadedModule* on_load_version(Term module);
    /// keep: the waiting version becomes current, the one before old (the caller has purged what was old before). Otherwise it is
    /// freed; the caller has made sure that no process uses it. False: nothing waits, or (keep) there is old code.
    bool finish_on_load(Term module, bool keep);
    /// Makes current code old (erlang:delete_module/1). False: there is old code, or no module.
    bool make_old(Term module);
    /// Frees old code at once. The caller has made sure that no process uses it and that no thread looks at it.
    bool purge_old(Term module);

    // ---- purging in steps, while other threads run: docs/design/code.md
    enum class PurgeOf : uint8_t {
        old_code,
        failed_on_load,  ///< the version that waits for its on_load function, which has failed
    };
    /// From now on calls of the funs of that version wait (FunEntry::purging). False: there is no such version, or a purge of
    /// this module is going on.
    bool begin_purge(Term module, PurgeOf what);
    /// The version that is being purged, or nullptr. Any thread.
    LoadedModule* purging(Term module);
    /// The funs work again. False: no purge is going on.
    bool abort_purge(Term module);
    /// Takes the version out of everything by which it can be found; nullptr if no purge is going on. The caller has made sure that
    /// no process uses its code, and calls `destroy` when no thread can be looking at it.
    std::unique_ptr<LoadedModule> finish_purge(Term module);
    /// Frees a version that has been taken out. Its literals are the caller's from now on (nullptr: it had none).
    LiteralArea* destroy(std::unique_ptr<LoadedModule> loaded);

    /// One of the version's functions becomes native: all calls of it, local ones too, go to `bif`, which lives as long as the version
    /// (LoadedModule::natives). Any thread; the version must not go meanwhile.
    void make_native(FunctionEntry& f, const BifEntry& bif);

    /// After the engine has set f.entry: callers from other modules go there too, if `f` is what they call.
    void relink_export(FunctionEntry& f);

    /// Whether the module has a current version. Any thread.
    bool is_loaded(Term module);
    /// What the current version is made of, or nullptr. A module of the image usually need not become this VM's own for that. Any thread.
    const Module* current_module(Term module);
    /// Where it came from, or nullptr; the module does not become this VM's own. Any thread.
    const std::string* current_path(Term module);
    /// Current and old version, or nullptr. Any thread.
    LoadedModule* current(Term module);
    LoadedModule* old(Term module);
    /// Whether there has ever been code of that module. Any thread.
    bool has_known(Term module);
    /// Names of the modules that have current or old code, in no particular order.
    std::vector<Term> loaded_modules();
    /// BIFs by name; for erlang:is_builtin/3 and `lintel check`.
    const BifEntry* find_bif(Term module, Term function, uint32_t arity);

private:
    friend class Breakpoints;
    struct Slot {
        std::unique_ptr<LoadedModule> current, old, on_load;
        LoadedModule* purging = nullptr;  // old or on_load
    };
    struct Key {
        Term module, function;
        uint32_t arity;
        bool operator==(const Key&) const = default;
    };
    struct KeyHash {
        size_t operator()(const Key& k) const {
            const Word h =
                (k.module.word() * 0x9e3779b97f4a7c15ull) ^ (k.function.word() * 0xc2b2ae3d27d4eb4full) ^ k.arity;
            return h ^ (h >> 29);
        }
    };
    ExportEntry* find_export_locked(Term module, Term function, uint32_t arity);
    ExportEntry* export_entry_locked(Term module, Term function, uint32_t arity);
    const BifTable::Row* bif_row(Term module, Term function, uint32_t arity) const;
    BifEntry* bif_locked(Term module, Term function, uint32_t arity);
    void make_all_bifs_locked();
    FunEntry* find_fun_locked(const FunIdentity& id);
    FunEntry* fun_entry_locked(const FunIdentity& id);
    RecordEntry* record_entry_locked(Term module, Term record);
    void relink_export_locked(FunctionEntry& f);
    void link_exports_locked(LoadedModule& loaded);
    void unlink_exports_locked(LoadedModule& loaded);
    void make_current_locked(Slot& slot, std::unique_ptr<LoadedModule> loaded);
    bool can_install_locked(Term module);
    void install_locked(std::shared_ptr<const Module> module);
    const CodeImage::Part* part_locked(Term module) const;
    Slot* slot_locked(Term module);
    void bring_in(Term module);
    void bring_in_all_locked();
    void forget_locked(LoadedModule& loaded);
    void free_locked(std::unique_ptr<LoadedModule> loaded);
    void release_resources(LoadedModule& loaded);

    AtomTable& atoms_;
    LiteralSpace& literals_;
    EngineHooks hooks_;
    const std::shared_ptr<const CodeImage> image_;
    std::shared_mutex mutex_;
    std::deque<ExportEntry> exports_;
    std::unordered_map<Key, ExportEntry*, KeyHash> export_index_;
    std::array<std::atomic<ExportEntry*>, 64>
        recent_exports_{};  ///< what export_entry has found last, by hash: entries stay
    std::deque<RecordEntry> records_;
    std::unordered_map<Key, RecordEntry*, KeyHash> record_index_;  // arity 0
    std::deque<FunEntry> funs_;
    std::unordered_multimap<Key, FunEntry*, KeyHash> fun_index_;  // by module and index
    std::unordered_map<Term, Slot, TermHash> modules_;
    const BifTable* bif_table_ = nullptr;
    uint8_t excluded_bifs_ = 0;
    std::deque<BifEntry> bif_entries_;
    std::unordered_map<Key, BifEntry*, KeyHash> bifs_;
};

/// Sees functions by name and changes their breakpoints. The code server is locked as long as it lives.
class Breakpoints {
public:
    explicit Breakpoints(CodeServer& code) : code_(code), lock_(code.mutex_) {}
    Breakpoints(const Breakpoints&) = delete;
    Breakpoints& operator=(const Breakpoints&) = delete;

    /// The entry for M:F/A, made if new.
    ExportEntry* export_entry(Term module, Term function, uint32_t arity) {
        return code_.export_entry_locked(module, function, arity);
    }
    /// The entry if there is one, else nullptr.
    ExportEntry* find_export(Term module, Term function, uint32_t arity) {
        return code_.find_export_locked(module, function, arity);
    }
    /// Calls f(ExportEntry&) for every entry; f makes none.
    template <typename F>
    void for_each_export(F f) {
        code_.make_all_bifs_locked();
        code_.bring_in_all_locked();
        for (ExportEntry& e : code_.exports_) f(e);
    }
    /// Calls f(FunctionEntry&) for every function of current code.
    template <typename F>
    void for_each_function(F f) {
        code_.bring_in_all_locked();
        for (auto& [name, slot] : code_.modules_) {
            if (slot.current == nullptr) continue;
            for (FunctionEntry& e : slot.current->functions) f(e);
        }
    }
    /// The module's current version, or nullptr.
    LoadedModule* current(Term module) {
        const CodeServer::Slot* const slot = code_.slot_locked(module);
        return slot == nullptr ? nullptr : slot->current.get();
    }

    /// Calls through `e` stop at `breakpoint`; nullptr: they do not. Those of a BIF do wherever they come from, but for its use as an
    /// instruction.
    void set(ExportEntry& e, Breakpoint* breakpoint);
    /// All calls of `f` stop at `breakpoint`; nullptr: they do not.
    void set(FunctionEntry& f, Breakpoint* breakpoint);

private:
    friend class CodeServer;
    /// The server is locked already.
    Breakpoints(CodeServer& code, std::adopt_lock_t) : code_(code) {}

    CodeServer& code_;
    std::unique_lock<std::shared_mutex> lock_;
};

}  // namespace lintel
