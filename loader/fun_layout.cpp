// term/fun.h reads these fields without knowing the structs.

#include <cstddef>

#include "loader/code_server.h"
#include "term/fun.h"

namespace lintel {

static_assert(offsetof(FunEntry, module) == kFunEntryModule);
static_assert(offsetof(FunEntry, index) == kFunEntryIndex);
static_assert(offsetof(FunEntry, old_uniq) == kFunEntryOldUniq);
static_assert(offsetof(FunEntry, uniq) == kFunEntryUniq && sizeof(FunEntry::uniq) == 16);
static_assert(offsetof(ExportEntry, module) == kExportEntryModule);
static_assert(offsetof(ExportEntry, function) == kExportEntryFunction);
static_assert(offsetof(ExportEntry, arity) == kExportEntryArity);

}  // namespace lintel
