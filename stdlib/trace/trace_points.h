#pragma once
/// erlang:trace_pattern/3: which functions stop, and what then. docs/design/tracing.md.
///
/// Everything here changes under the code server's lock (Breakpoints); running code reads the atomic members.

#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "loader/code_server.h"
#include "sched/vm.h"
#include "stdlib/match_spec.h"

namespace lintel {

/// A match specification in use by patterns, with what it was compiled from.
class TraceSpec {
public:
    /// `program` with one reference, which it takes over. nullptr: no memory.
    static TraceSpec* create(MatchProgram* program, Term source);
    ~TraceSpec();
    TraceSpec(const TraceSpec&) = delete;
    TraceSpec& operator=(const TraceSpec&) = delete;

    const MatchProgram& program() const { return *program_; }
    Term source() const { return source_; }

private:
    friend class TracePatterns;
    TraceSpec() = default;

    MatchProgram* program_ = nullptr;
    HeapFragment* fragment_ = nullptr;  // of source_
    Term source_;
    size_t uses_ = 0;
};

struct PatternSession;

/// What one session does about calls of a function.
struct TracePart {
    enum Kind : uint32_t {
        kGlobal = 1,  ///< calls through the export are traced; excludes all others
        kLocal = 2,   ///< all calls are traced
        kMeta = 4,
        kCount = 8,
        kCountActive = 16,
        kTime = 32,
        kTimeActive = 64,
        kMemory = 128,
        kMemoryActive = 256,
    };
    struct Measured {
        uint64_t calls;
        int64_t sum;  ///< nanoseconds; words
    };

    explicit TracePart(PatternSession& s) : session(s) {}

    PatternSession& session;
    std::atomic<TracePart*> next{nullptr};
    std::atomic<uint32_t> kinds{0};
    std::atomic<TraceSpec*> spec{nullptr};       ///< of kGlobal or kLocal
    std::atomic<TraceSpec*> meta_spec{nullptr};  ///< of kMeta
    std::atomic<Word> meta_tracer{0};
    std::atomic<uint64_t> count{0};
    std::mutex measured_mutex;
    WordMap<Measured> measured[2];  ///< by CallMeasure, then by pid

    static constexpr Kind kind_of(CallMeasure what) { return what == CallMeasure::time ? kTime : kMemory; }
    void forget(CallMeasure what) {
        const std::lock_guard lock(measured_mutex);
        measured[static_cast<size_t>(what)].clear();
    }
};

/// A function whose calls stop. Lives as long as the VM; with no kind in any part it stops nothing.
struct TracePoint : Breakpoint {
    using Breakpoint::Breakpoint;

    SessionParts<TracePart> parts;
    std::atomic<bool> is_debugged{false};  ///< calls go to the error handler of who calls; of no session, and of no BIF

    /// Of all parts.
    uint32_t kinds() const;
};

/// What trace_pattern/3 asks for.
struct TracePatternKinds {
    bool local = false, meta = false, count = false, time = false, memory = false;
    Term meta_tracer;
    bool any() const { return local || meta || count || time || memory; }
};
enum class TraceSwitch : uint8_t { off, on, restart, pause };

/// For messages: `send` and 'receive'.
struct TraceMessagePattern {
    std::atomic<bool> on{true};
    std::atomic<TraceSpec*> spec{nullptr};
};

/// A session with its patterns.
struct PatternSession final : TraceSession {
    using TraceSession::TraceSession;

    TraceMessagePattern send, receive;
    struct OnLoad {
        bool on = false;
        TracePatternKinds kinds;
        TraceSpec* spec = nullptr;
        TraceSpec* meta_spec = nullptr;
    };
    OnLoad on_load;  ///< under the code server's lock
};

/// Sessions whose handles nobody has any more; any thread.
class DroppedSessions {
public:
    /// Tells the cleaner.
    void add(Vm& vm, std::shared_ptr<PatternSession> session);
    std::vector<std::shared_ptr<PatternSession>> take();

    std::atomic<Word> cleaner{0};  ///< pid of the process that runs OTP's erts_trace_cleaner; 0: there is none

private:
    std::mutex mutex_;
    std::vector<std::shared_ptr<PatternSession>> sessions_;
};

class TracePatterns {
public:
    explicit TracePatterns(Vm& vm);
    ~TracePatterns();
    TracePatterns(const TracePatterns&) = delete;
    TracePatterns& operator=(const TracePatterns&) = delete;

    /// That of erlang:trace/3.
    PatternSession& legacy;
    std::atomic<int64_t> next_session{0};  ///< TraceSession::id of the next one
    const std::shared_ptr<DroppedSessions> dropped = std::make_shared<DroppedSessions>();

    /// A name, or the first one or two parts of it.
    struct Name {
        Term module, function;
        uint32_t arity = 0;
        unsigned parts = 0;
        bool matches(Term m, Term f, uint32_t a) const {
            return (parts < 1 || m == module) && (parts < 2 || f == function) && (parts < 3 || a == arity);
        }
    };
    /// Sets patterns of functions; how many there are of that name. `spec`: nullptr: any call. Nothing, if the session has come to its end.
    size_t set(PatternSession& session, const Name& name, TraceSwitch how, TraceSpec* spec,
               const TracePatternKinds& kinds);
    /// Debug breakpoints of functions; how many there are of that name.
    size_t set_debugged(const Name& name, bool on);
    void set_on_load(PatternSession& session, TraceSwitch how, TraceSpec* spec, const TracePatternKinds& kinds);
    void set_messages(PatternSession& session, bool receive, TraceSwitch how, TraceSpec* spec);
    /// The session has come to its end: it has no patterns any more.
    void clear(std::shared_ptr<PatternSession> session);
    /// Frees `spec` if no pattern uses it.
    void drop_unused(TraceSpec* spec);

    /// Calls f(Tracer) for those that patterns name.
    void for_each_tracer(const std::function<void(Term)>& f);
    /// The point of an entry, or nullptr. Under the code server's lock.
    TracePoint* find(const ExportEntry* entry) const;

private:
    struct Function {
        ExportEntry* entry;
        FunctionEntry* code;  // or nullptr
    };
    void functions_of(Breakpoints& breakpoints, const Name& name, std::vector<Function>* out) const;
    TracePart* find(const ExportEntry* entry, const PatternSession& session) const;
    TracePoint& need(ExportEntry* entry);
    TracePart& need(ExportEntry* entry, PatternSession& session) { return need(entry).parts.need(session); }
    static void link(Breakpoints& breakpoints, const Function& f, TracePoint& point);
    void update(Breakpoints& breakpoints, const Function& f, TracePart& part, uint32_t kinds);
    /// The part does nothing any more, if there is one.
    void clear(Breakpoints& breakpoints, const Function& f, const PatternSession& session);
    static FunctionEntry* code_of(Breakpoints& breakpoints, const ExportEntry& entry);
    void replace(std::atomic<TraceSpec*>& place, TraceSpec* spec);
    void release(TraceSpec* spec);
    void free_retired();
    void set_local(Breakpoints& breakpoints, const Function& f, PatternSession& session, TraceSwitch how,
                   TraceSpec* spec, const TracePatternKinds& kinds);
    void set_global(Breakpoints& breakpoints, const Function& f, PatternSession& session, TraceSpec* spec);
    void enters(Breakpoints& breakpoints, PatternSession& session, LoadedModule& loaded);
    void leaves(Breakpoints& breakpoints, LoadedModule& loaded);

    Vm& vm_;
    std::unordered_map<const ExportEntry*, std::unique_ptr<TracePoint>> points_;
    struct Retired {
        TraceSpec* spec = nullptr;  // one of the three
        TracePart* part = nullptr;
        std::shared_ptr<PatternSession> session{};
        uint64_t stamp;
    };
    std::vector<Retired> retired_;  // that threads may be using
};

}  // namespace lintel
