#pragma once
/// Where machine code finds what C++ has laid out. Private to jit/.

#include "term/bits.h"
#include "vm/exec_state.h"
#include "vm/ops.h"

namespace lintel::layout {

constexpr int32_t offset(size_t n) { return static_cast<int32_t>(n); }

// ExecState
inline constexpr int32_t kHeapTop = offset(offsetof(ExecState, heap) + offsetof(Heap, htop));
inline constexpr int32_t kStackTop = offset(offsetof(ExecState, heap) + offsetof(Heap, stack_top));
inline constexpr int32_t kReductions = offset(offsetof(ExecState, reductions));
inline constexpr int32_t kOffHeapBytes =
    offset(offsetof(ExecState, heap) + offsetof(Heap, off_heap) + offsetof(OffHeapList, bytes));
inline constexpr int32_t kCollectOnReturn = offset(offsetof(ExecState, collect_on_return));
inline constexpr int32_t kPending = offset(offsetof(ExecState, pending));
inline constexpr int32_t kRegisters = offset(offsetof(ExecState, registers));
inline constexpr int32_t kIp = offset(offsetof(ExecState, ip));
inline constexpr int32_t kFirstMessage = offset(offsetof(ExecState, mailbox) + offsetof(Mailbox, first));
inline constexpr int32_t kSavedLink = offset(offsetof(ExecState, mailbox) + offsetof(Mailbox, save));
inline constexpr int32_t kPeek = offset(offsetof(ExecState, mailbox) + offsetof(Mailbox, peek));
inline constexpr int32_t kSelf = offset(offsetof(ExecState, self));

// Signal
inline constexpr int32_t kIsPassed = offset(signal_layout::kIsPassed);
inline constexpr int32_t kMessage = offset(signal_layout::kTerm);

// RegisterFile
inline constexpr int32_t kX = offset(offsetof(RegisterFile, x));
inline constexpr int32_t kF = offset(offsetof(RegisterFile, f));

// entries
inline constexpr int32_t kFunctionNative = offset(offsetof(FunctionEntry, native));
inline constexpr int32_t kExportNative = offset(offsetof(ExportEntry, native));
inline constexpr int32_t kExportModule = offset(offsetof(ExportEntry, module));
inline constexpr int32_t kExportFunction = offset(offsetof(ExportEntry, function));
inline constexpr int32_t kFunCode = offset(offsetof(FunEntry, code));

// operations
inline constexpr int32_t kPassCode = offset(offsetof(ops::pass, code));

// terms: from the tagged word
inline constexpr int32_t kHead = -static_cast<int32_t>(Tag::cons);
inline constexpr int32_t kTail = kHead + 8;
inline constexpr int32_t kHeader = -static_cast<int32_t>(Tag::boxed);
inline constexpr int32_t kContextOf = kHeader + offset(offsetof(MatchContext, of));
inline constexpr int32_t kContextBase = kHeader + offset(offsetof(MatchContext, base));
inline constexpr int32_t kContextPosition = kHeader + offset(offsetof(MatchContext, position));
inline constexpr int32_t kContextEnd = kHeader + offset(offsetof(MatchContext, end));
inline constexpr int32_t kContextStart = kHeader + offset(offsetof(MatchContext, start));
inline constexpr int32_t kSubOf = kHeader + offset(offsetof(SubBinary, of));
inline constexpr int32_t kSubOffset = kHeader + offset(offsetof(SubBinary, offset_bits));
inline constexpr int32_t kSubSize = kHeader + offset(offsetof(SubBinary, size_bits));
inline constexpr int32_t kHandleData = kHeader + offset(offsetof(RefcBinary, data));
inline constexpr int32_t kHandleBytes = kHeader + offset(offsetof(RefcBinary, bytes));
inline constexpr int32_t kHandleFlags = kHeader + offset(offsetof(RefcBinary, flags));
inline constexpr Word kSubHeader = make_header(Kind::sub_binary, kSubBinaryWords - 1);
inline constexpr Word kHandleHeader = make_header(Kind::refc_binary, kRefcBinaryWords - 1);

// BinaryData
inline constexpr int32_t kDataBytes = offset(offsetof(BinaryData, bytes));
inline constexpr int32_t kDataCapacity = offset(offsetof(BinaryData, capacity));

inline constexpr int32_t kNil = static_cast<int32_t>(special_word(Special::nil));

}  // namespace lintel::layout
