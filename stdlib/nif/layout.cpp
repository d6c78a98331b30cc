/// What compiled libraries rely on: sizes and places of the interface's structs, on systems with 64-bit words.

#include <lintel/erl_nif.h>

#include "term/term.h"

static_assert(sizeof(ERL_NIF_TERM) == sizeof(lintel::Term) && sizeof(ErlNifSInt64) == 8);
static_assert(lintel::Term::none().word() == 0, "an exception is word 0");

static_assert(sizeof(ErlNifEntry) == 96 && offsetof(ErlNifEntry, minor) == 4 && offsetof(ErlNifEntry, name) == 8 &&
              offsetof(ErlNifEntry, num_of_funcs) == 16 && offsetof(ErlNifEntry, funcs) == 24 &&
              offsetof(ErlNifEntry, load) == 32 && offsetof(ErlNifEntry, reload) == 40 &&
              offsetof(ErlNifEntry, upgrade) == 48 && offsetof(ErlNifEntry, unload) == 56 &&
              offsetof(ErlNifEntry, vm_variant) == 64 && offsetof(ErlNifEntry, options) == 72 &&
              offsetof(ErlNifEntry, sizeof_ErlNifResourceTypeInit) == 80 && offsetof(ErlNifEntry, min_erts) == 88);
static_assert(sizeof(ErlNifFunc) == 32 && offsetof(ErlNifFunc, arity) == 8 && offsetof(ErlNifFunc, fptr) == 16 &&
              offsetof(ErlNifFunc, flags) == 24);
static_assert(sizeof(ErlNifBinary) == 40 && offsetof(ErlNifBinary, data) == 8 && offsetof(ErlNifBinary, ref_bin) == 16);
static_assert(sizeof(ErlNifMapIterator) == 56);
static_assert(sizeof(ErlNifIOVec) == 424 && offsetof(ErlNifIOVec, size) == 8 && offsetof(ErlNifIOVec, iov) == 16 &&
              offsetof(ErlNifIOVec, ref_bins) == 24 && offsetof(ErlNifIOVec, small_iov) == 40 &&
              offsetof(ErlNifIOVec, small_ref_bin) == 296);
static_assert(sizeof(ErlNifResourceTypeInit) == 40 && offsetof(ErlNifResourceTypeInit, members) == 24 &&
              offsetof(ErlNifResourceTypeInit, dyncall) == 32);
static_assert(sizeof(ErlNifMonitor) == 32 && sizeof(ErlNifPid) == 8 && sizeof(ErlNifPort) == 8);
static_assert(sizeof(ErlNifSysInfo) == 56 && offsetof(ErlNifSysInfo, erts_version) == 8 &&
              offsetof(ErlNifSysInfo, otp_release) == 16 && offsetof(ErlNifSysInfo, thread_support) == 24 &&
              offsetof(ErlNifSysInfo, scheduler_threads) == 36 && offsetof(ErlNifSysInfo, nif_major_version) == 40 &&
              offsetof(ErlNifSysInfo, dirty_scheduler_support) == 48);
static_assert(sizeof(ErlNifThreadOpts) == 4);
