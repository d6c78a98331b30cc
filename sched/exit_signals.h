#pragma once
/// What processes and ports tell those linked to them or watching them when they end. sched/exit.cpp.

#include "sched/process.h"

namespace lintel {

/// {'EXIT', from, reason} over a link, as its other end sees the numbers. Never lost because of a limit. `by`: whose token of sequential tracing
/// goes with it, if that has one; it runs on this thread.
void send_link_exit(Vm& vm, Term to, const Link& link, Term from, Term reason, Process* by = nullptr);
/// As exit/2, whose signals carry no token. False: there is no such process.
bool send_exit(Vm& vm, Term to, Term from, Term reason);
/// 'DOWN' to all watchers of `item` (a pid or a port), in the order in which the monitors were made.
void send_all_down(Vm& vm, WordMap<Watcher>& watchers, Term item, Term reason);
/// {'DOWN', Ref, process | port, Item, Reason} for one of them.
void send_down(Vm& vm, Word number, const Watcher& watcher, Term item, Term reason);

}  // namespace lintel
