#pragma once
/// What an ErlNifMonitor or ErlDrvMonitor holds: the number of a reference, and zeros.

#include <lintel/erl_drv_nif.h>

#include <cstring>

#include "term/term.h"

namespace lintel {

struct MonitorWords {
    Word number;
    Word rest[3];
};
static_assert(sizeof(MonitorWords) == sizeof(ErlDrvMonitor));

inline Word number_of(const ErlDrvMonitor& monitor) {
    MonitorWords words;
    std::memcpy(&words, monitor.data, sizeof words);
    return words.number;
}

inline ErlDrvMonitor monitor_of(Word number) {
    ErlDrvMonitor monitor;
    const MonitorWords words{number, {}};
    std::memcpy(monitor.data, &words, sizeof words);
    return monitor;
}

}  // namespace lintel
