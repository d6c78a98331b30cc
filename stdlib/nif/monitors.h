#pragma once
/// NifMonitors: which resources watch which processes. docs/design/nifs.md.

#include <mutex>
#include <unordered_map>
#include <unordered_set>

#include "stdlib/nif/resource.h"

namespace lintel {

class ListMaker;

/// Any thread.
class NifMonitors {
public:
    explicit NifMonitors(NifLibraries& of) : libraries_(of) {}

    /// `resource` watches `pid` from now on, under the number `*number`. False: there is no such process.
    bool add(NifResource& resource, Term pid, Word* number);
    /// False: it watches under this number no more.
    bool remove(const NifResource& resource, Word number);
    /// `resource` goes.
    void forget(const NifResource& resource);
    void process_ended(Term pid);
    /// The resources that watch `pid`, in `list`, which is of `p`.
    void list(ExecState& p, Term pid, ListMaker& list);

private:
    struct Monitor {
        NifResource* resource;
        Term pid;
    };
    static void answered(Vm& vm, Process* target, ControlSignal& signal);
    void fire(Word number);
    void erase_locked(Word number);

    NifLibraries& libraries_;
    std::mutex mutex_;
    std::unordered_map<Word, Monitor> monitors_;  // by number
    using Numbers = std::unordered_set<Word>;
    std::unordered_map<Word, Numbers> by_pid_;
    std::unordered_map<const NifResource*, Numbers> by_resource_;  // numbers
    std::atomic<size_t> count_{0};                                 // of monitors_, for a look without the mutex
};

}  // namespace lintel
