#include "base/thread_fence.h"

#if defined(__linux__)
#include <linux/membarrier.h>
#include <sys/single_threaded.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace lintel {

#if defined(__linux__)
bool prepare_thread_fence() { return syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0; }
bool prepare_thread_fence_early() { return __libc_single_threaded != 0 && prepare_thread_fence(); }
void fence_all_threads() { syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0); }
#else
bool prepare_thread_fence() { return false; }
bool prepare_thread_fence_early() { return false; }
void fence_all_threads() {}
#endif

}  // namespace lintel
