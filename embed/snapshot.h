#pragma once
/// What a VM made with lintel_config.snapshot begins with.

#include <atomic>
#include <memory>

#include "base/misuse.h"
#include "lintel/lintel.h"
#include "sched/vm.h"

struct lintel_snapshot : lintel::Handle {
    static constexpr const char* kGone = "the snapshot has been released";
    lintel_snapshot(std::shared_ptr<const lintel::CodeImage> image, const lintel::OtpRelease& of)
        : code(std::move(image)), otp(of) {}
    const std::shared_ptr<const lintel::CodeImage> code;
    const lintel::OtpRelease otp;
    std::atomic<size_t> references{1};
};
