// term/fun.h reads these fields without knowing the structs.

#include <cstddef>

#include "loader/code_server.h"
#include "term/fun.h"

namespace lintel {

static_assert(offsetof(FunEntry, id.module) == kFunEntryModule);
static_assert(offsetof(FunEntry, id.index) == kFunEntryIndex);
static_assert(offsetof(FunEntry, id.old_index) == kFunEntryOldIndex);
static_assert(offsetof(FunEntry, id.old_uniq) == kFunEntryOldUniq);
static_assert(offsetof(ExportEntry, module) == kExportEntryModule);
static_assert(offsetof(ExportEntry, function) == kExportEntryFunction);
static_assert(offsetof(ExportEntry, arity) == kExportEntryArity);

}  // namespace lintel
