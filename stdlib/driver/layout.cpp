/// What compiled drivers rely on: sizes and places of the interface's structs, on systems with 64-bit words.

#include <lintel/erl_driver.h>

#include "term/term.h"

static_assert(sizeof(ErlDrvTermData) == sizeof(lintel::Term));

static_assert(sizeof(ErlDrvEntry) == 176 && offsetof(ErlDrvEntry, start) == 8 && offsetof(ErlDrvEntry, stop) == 16 &&
              offsetof(ErlDrvEntry, output) == 24 && offsetof(ErlDrvEntry, ready_input) == 32 &&
              offsetof(ErlDrvEntry, ready_output) == 40 && offsetof(ErlDrvEntry, driver_name) == 48 &&
              offsetof(ErlDrvEntry, finish) == 56 && offsetof(ErlDrvEntry, handle) == 64 &&
              offsetof(ErlDrvEntry, control) == 72 && offsetof(ErlDrvEntry, timeout) == 80 &&
              offsetof(ErlDrvEntry, outputv) == 88 && offsetof(ErlDrvEntry, ready_async) == 96 &&
              offsetof(ErlDrvEntry, flush) == 104 && offsetof(ErlDrvEntry, call) == 112 &&
              offsetof(ErlDrvEntry, unused_event_callback) == 120 && offsetof(ErlDrvEntry, extended_marker) == 128 &&
              offsetof(ErlDrvEntry, major_version) == 132 && offsetof(ErlDrvEntry, minor_version) == 136 &&
              offsetof(ErlDrvEntry, driver_flags) == 140 && offsetof(ErlDrvEntry, handle2) == 144 &&
              offsetof(ErlDrvEntry, process_exit) == 152 && offsetof(ErlDrvEntry, stop_select) == 160 &&
              offsetof(ErlDrvEntry, emergency_close) == 168);
static_assert(offsetof(ErlDrvBinary, orig_bytes) == 8);
static_assert(sizeof(ErlIOVec) == 32 && offsetof(ErlIOVec, size) == 8 && offsetof(ErlIOVec, iov) == 16 &&
              offsetof(ErlIOVec, binv) == 24);
static_assert(sizeof(ErlDrvSysInfo) == 56 && sizeof(ErlDrvMonitor) == 32 && sizeof(ErlDrvThreadOpts) == 4);
static_assert(sizeof(ErlDrvNowData) == 24 && sizeof(ErlDrvTSDKey) == 4);
