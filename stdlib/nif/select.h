#pragma once
/// NifEvents: file descriptors that native libraries want to be told of (enif_select).

#include <map>
#include <memory>
#include <mutex>

#include "base/event_loop.h"
#include "stdlib/nif/resource.h"

namespace lintel {

/// Any thread.
class NifEvents {
public:
    explicit NifEvents(NifLibraries& of) : libraries_(of) {}

    struct Request {
        NifResource* resource;
        int fd;
        unsigned flags;  ///< ErlNifSelectFlags
        Term pid;        ///< to be told
        Term message;    ///< CUSTOM_MSG: what it is told; else the reference in {select, Resource, Reference, Ready}
    };
    /// What enif_select returns.
    int select(const Request& request);
    /// The VM ends: nothing is watched any more.
    void end();

private:
    class Event;
    int stop(const Request& request, const std::shared_ptr<Event>& event);
    int want(const Request& request, const std::shared_ptr<Event>& event);
    std::shared_ptr<Event> event_of(const Request& request, bool make);

    NifLibraries& libraries_;
    std::mutex mutex_;
    std::map<int, std::shared_ptr<Event>> events_;
};

}  // namespace lintel
