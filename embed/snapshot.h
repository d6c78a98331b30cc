#pragma once
/// What a VM made with lintel_config.snapshot begins with.

#include <atomic>
#include <memory>

#include "lintel/lintel.h"
#include "sched/vm.h"

struct lintel_snapshot {
    const std::shared_ptr<const lintel::CodeImage> code;
    const lintel::OtpRelease otp;
    std::atomic<size_t> references{1};
};
