#include <gtest/gtest.h>

#include "jit/aarch64/emitter.h"
#include "test_block.h"

#pragma GCC diagnostic ignored "-Wmissing-field-initializers"  // what a test does not name is 0

/// The instructions of the AArch64 emitter, which need not be able to run here, up to the first address; as GNU's disassembler writes them.

namespace lintel::aarch64 {
namespace {

struct Line {
    uint32_t word;
    const char* text;
};

/// The words of machine code up to `count`.
std::vector<uint32_t> emitted(test::TestBlock& block, size_t count) {
    asmjit::CodeHolder holder;
    EXPECT_EQ(holder.init(asmjit::Environment(asmjit::Arch::kAArch64)), asmjit::kErrorOk);
    Emitter emitter(holder, block.block(), block.operations);
    EXPECT_TRUE(emitter.run());
    EXPECT_EQ(holder.flatten(), asmjit::kErrorOk);
    std::string bytes(holder.codeSize(), '\0');
    EXPECT_EQ(holder.copyFlattenedData(bytes.data(), bytes.size()), asmjit::kErrorOk);
    std::vector<uint32_t> words(bytes.size() / 4);
    std::memcpy(words.data(), bytes.data(), words.size() * 4);
    words.resize(std::min(words.size(), count));
    return words;
}

void check(test::TestBlock& block, std::initializer_list<Line> lines) {
    const auto words = emitted(block, lines.size());
    size_t at = 0;
    for (const Line& line : lines) {
        ASSERT_LT(at, words.size());
        EXPECT_TRUE(line.word == 0 || line.word == words[at]) << "instruction " << at << ": " << line.text;
        ++at;
    }
}

TEST(AArch64, Moves) {
    test::TestBlock block;
    block.add(ops::move_xx{.from = 0, .to = 16});
    block.add(ops::move_xy{.from = 8, .to = 24});
    block.add(ops::move_yx{.from = 32, .to = 8 * 9});
    block.add(ops::move_cx{.to = 0, .value = Term::small(-1).word()});
    check(block, {{0xaa1303f5, "mov x21, x19"},
                  {0xf9000f54, "str x20, [x26, #24]"},
                  {0xf9401349, "ldr x9, [x26, #32]"},
                  {0xf940472f, "ldr x15, [x25, #136]"},
                  {0xf9003de9, "str x9, [x15, #120]"},
                  {0x92800013, "mov x19, #0xffffffffffffffff"}});
}

TEST(AArch64, Lists) {
    test::TestBlock block;
    block.add(ops::get_list_xxx{.from = 0, .head = 0, .tail = 8});
    block.add(ops::put_list_xxx{.head = 8, .tail = 0, .to = 0});
    check(block, {{0xf85ff26b, "ldur x11, [x19, #-1]"},
                  {0xf8407274, "ldur x20, [x19, #7]"},
                  {0xaa0b03f3, "mov x19, x11"},
                  {0xa9004f74, "stp x20, x19, [x27]"},
                  {0x91000773, "add x19, x27, #0x1"},
                  {0x9100437b, "add x27, x27, #0x10"}});
}

TEST(AArch64, SumOfSmallIntegers) {
    test::TestBlock block;
    block.add(ops::add_xx{.to = 0, .a = 0, .b = 8});
    check(block, {{0x0a140269, "and w9, w19, w20"},
                  {0x12000929, "and w9, w9, #0x7"},
                  {0x71001d3f, "cmp w9, #0x7"},
                  {0x540000a1, "b.ne 20"},
                  {0xd1001e69, "sub x9, x19, #0x7"},
                  {0xab140129, "adds x9, x9, x20"},
                  {0x54000046, "b.vs 20"},
                  {0xaa0903f3, "mov x19, x9"},
                  {0x11000669, "add w9, w19, #0x1"},
                  {0x121f0529, "and w9, w9, #0x6"},
                  {0x7100113f, "cmp w9, #0x4"},
                  {0x54000241, "b.ne 74"},
                  {0x11000689, "add w9, w20, #0x1"},
                  {0x121f0529, "and w9, w9, #0x6"},
                  {0x7100113f, "cmp w9, #0x4"},
                  {0x540001c1, "b.ne 74"},
                  {0x93d31269, "ror x9, x19, #4"},
                  {0x9e670120, "fmov d0, x9"},
                  {0x93d41289, "ror x9, x20, #4"},
                  {0x9e670121, "fmov d1, x9"},
                  {0x1e612800, "fadd d0, d0, d1"},
                  {0x9e660009, "fmov x9, d0"},
                  {0x93c9f129, "ror x9, x9, #60"},
                  {0x1100052a, "add w10, w9, #0x1"},
                  {0x121f054a, "and w10, w10, #0x6"},
                  {0x7100115f, "cmp w10, #0x4"},
                  {0x54000061, "b.ne 74"},
                  {0xaa0903f3, "mov x19, x9"},
                  {0x17ffffec, "b 20"},
                  {0xaa1303e1, "mov x1, x19"},
                  {0xaa1403e2, "mov x2, x20"},
                  {0xf900073a, "str x26, [x25, #8]"},
                  {0xf900033b, "str x27, [x25]"},
                  {0xb9007b3c, "str w28, [x25, #120]"},
                  {0xaa1903e0, "mov x0, x25"}});
}

TEST(AArch64, Frame) {
    test::TestBlock block;
    block.add(ops::allocate{.words = 2, .live = 0});
    block.add(ops::deallocate_return{.words = 16});
    check(block, {{0xd100c349, "sub x9, x26, #0x30"},
                  {0xeb1b013f, "cmp x9, x27"},
                  {0x540000c3, "b.cc 20"},
                  {0xd100435a, "sub x26, x26, #0x10"},
                  {0x9100435a, "add x26, x26, #0x10"},
                  {0xf8408740, "ldr x0, [x26], #8"},
                  {0xf8402011, "ldur x17, [x0, #2]"},
                  {0xd61f0220, "br x17"}});
}

TEST(AArch64, Floats) {
    test::TestBlock block;
    block.add(ops::fmul{.a = 0, .b = 1, .to = 0});
    check(block, {{0x1e690900, "fmul d0, d8, d9"},
                  {0x1e603801, "fsub d1, d0, d0"},
                  {0x1e612020, "fcmp d1, d1"},
                  {0x54000046, "b.vs 14"},
                  {0x1e604008, "fmov d8, d0"},
                  {0xf940472f, "ldr x15, [x25, #136]"},
                  {0xfd1029e8, "str d8, [x15, #8272]"},
                  {0xfd102de9, "str d9, [x15, #8280]"}});
}

TEST(AArch64, Test) {
    test::TestBlock block;
    block.add(ops::is_tuple_of_arity_x{.a = 0, .fail = 0, .header = make_header(Kind::tuple, 3)});
    check(block, {{0x12000a69, "and w9, w19, #0x7"},
                  {0x7100093f, "cmp w9, #0x2"},
                  {0x54000081, "b.ne 18"},
                  {0xf85fe269, "ldur x9, [x19, #-2]"},
                  {0xf10c213f, "cmp x9, #0x308"},
                  {0x54000021, "b.ne 18"}});
}

TEST(AArch64, BytesOfBinaries) {
    test::TestBlock block;
    block.add(ops::bs_get_u16{.context = 0, .to = 8, .fail = sizeof(ops::bs_get_u16) / kWordBytes});
    block.add(ops::move_xx{.from = 0, .to = 16});
    check(block, {{0xf841626b, "ldur x11, [x19, #22]"},
                  {0xf841e26c, "ldur x12, [x19, #30]"},
                  {0x91004169, "add x9, x11, #0x10"},
                  {0xeb0c013f, "cmp x9, x12"},
                  {0, "b.hi: to the next operation"},
                  {0x7200097f, "tst w11, #0x7"},
                  {0, "b.ne: over calls, whose addresses may be longer or shorter"},
                  {0xf840e26c, "ldur x12, [x19, #14]"},
                  {0xf8016269, "stur x9, [x19, #22]"},
                  {0x8b4b0d8b, "add x11, x12, x11, lsr #3"},
                  {0x78400174, "ldurh w20, [x11]"},
                  {0x5ac00694, "rev16 w20, w20"},
                  {0xd3403e94, "ubfx x20, x20, #0, #16"},
                  {0xd37df294, "lsl x20, x20, #3"},
                  {0xb2400a94, "orr x20, x20, #0x7"},
                  {0xaa1303f5, "mov x21, x19"}});
}

TEST(AArch64, NextMessage) {
    test::TestBlock block;
    block.add(ops::move_xx{.from = 0, .to = 16});
    const int32_t words = sizeof(ops::move_xx) / kWordBytes;
    block.add(ops::loop_rec_end{.again = -words});
    check(block, {{0xaa1303f5, "mov x21, x19"},
                  {0x7100079c, "subs w28, w28, #0x1"},
                  {0, "b.le"},
                  {0xf9405729, "ldr x9, [x25, #168]"},
                  {0x3902d33f, "strb wzr, [x25, #180]"},
                  {0xf9400129, "ldr x9, [x9]"},
                  {0, "cbz x9"},
                  {0xd280002a, "mov x10, #0x1"},
                  {0x3900292a, "strb w10, [x9, #10]"},
                  {0xf9005729, "str x9, [x25, #168]"}});
}

TEST(AArch64, SizesAndExtremes) {
    const BifEntry size{am::erlang(), am::tuple_size(), 1, BifEntry::kGuardFlag, nullptr};
    const BifEntry smaller{am::erlang(), am::min(), 2, BifEntry::kGuardFlag, nullptr};
    test::TestBlock block;
    block.add(ops::bif1{.to = ops::x_reg(2), .bif = &size, .a = x_source(0)});
    block.add(ops::bif2{.to = ops::x_reg(2), .bif = &smaller, .a = x_source(0), .b = x_source(8)});
    check(block, {{0x12000a69, "and w9, w19, #0x7"},
                  {0x7100093f, "cmp w9, #0x2"},
                  {0, "b.ne"},
                  {0x385fe269, "ldurb w9, [x19, #-2]"},
                  {0x7100213f, "cmp w9, #0x8"},
                  {0, "b.ne"},
                  {0xb85fe269, "ldur w9, [x19, #-2]"},
                  {0x53087d29, "lsr w9, w9, #8"},
                  {0xd37df129, "lsl x9, x9, #3"},
                  {0xb2400929, "orr x9, x9, #0x7"},
                  {0xaa0903f5, "mov x21, x9"},
                  {0x0a14026b, "and w11, w19, w20"},
                  {0, "and w11, w11, #0x7"},
                  {0, "cmp w11, #0x7"},
                  {0, "b.ne"},
                  {0xeb14027f, "cmp x19, x20"},
                  {0x9a94d26b, "csel x11, x19, x20, le"},
                  {0xaa0b03f5, "mov x21, x11"}});
}

TEST(AArch64, Multiplication) {
    test::TestBlock block;
    block.add(ops::mul_xx{.to = 0, .a = 0, .b = 8});
    check(block, {{0x0a140269, "and w9, w19, w20"},
                  {0x12000929, "and w9, w9, #0x7"},
                  {0x71001d3f, "cmp w9, #0x7"},
                  {0x54000121, "b.ne 30"},
                  {0x9343fe8b, "asr x11, x20, #3"},
                  {0x927df26a, "and x10, x19, #0xfffffffffffffff8"},
                  {0x9b0b7d49, "mul x9, x10, x11"},
                  {0x9b4b7d4c, "smulh x12, x10, x11"},
                  {0xeb89fd9f, "cmp x12, x9, asr #63"},
                  {0x54000061, "b.ne 30"},
                  {0xb2400929, "orr x9, x9, #0x7"},
                  {0xaa0903f3, "mov x19, x9"},
                  {0x11000669, "add w9, w19, #0x1"},
                  {0x121f0529, "and w9, w9, #0x6"},
                  {0x7100113f, "cmp w9, #0x4"},
                  {0x54000241, "b.ne 84"},
                  {0x11000689, "add w9, w20, #0x1"},
                  {0x121f0529, "and w9, w9, #0x6"},
                  {0x7100113f, "cmp w9, #0x4"},
                  {0x540001c1, "b.ne 84"},
                  {0x93d31269, "ror x9, x19, #4"},
                  {0x9e670120, "fmov d0, x9"},
                  {0x93d41289, "ror x9, x20, #4"},
                  {0x9e670121, "fmov d1, x9"},
                  {0x1e610800, "fmul d0, d0, d1"},
                  {0x9e660009, "fmov x9, d0"},
                  {0x93c9f129, "ror x9, x9, #60"},
                  {0x1100052a, "add w10, w9, #0x1"},
                  {0x121f054a, "and w10, w10, #0x6"},
                  {0x7100115f, "cmp w10, #0x4"},
                  {0x54000061, "b.ne 84"},
                  {0xaa0903f3, "mov x19, x9"},
                  {0x17ffffec, "b 30"},
                  {0xaa1303e1, "mov x1, x19"},
                  {0xaa1403e2, "mov x2, x20"},
                  {0xf900073a, "str x26, [x25, #8]"},
                  {0xf900033b, "str x27, [x25]"},
                  {0xb9007b3c, "str w28, [x25, #120]"},
                  {0xaa1903e0, "mov x0, x25"}});
}

}  // namespace
}  // namespace lintel::aarch64
