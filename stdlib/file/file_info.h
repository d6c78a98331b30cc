#pragma once
/// The record #file_info{} as prim_file's natives answer it.

#include <sys/stat.h>

#include "stdlib/bif.h"

namespace lintel {

struct FileRights {
    bool read = false, write = false;
};

Term make_file_info(ExecState& p, const struct stat& info, FileRights rights);

}  // namespace lintel
