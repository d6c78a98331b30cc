#include "loader/etf.h"

#include <gtest/gtest.h>

#include <vector>

#include "loader/code_server.h"
#include "term/compare.h"
#include "term/map.h"
#include "term/views.h"

namespace lintel {
namespace {

using Bytes = std::vector<uint8_t>;

Bytes from_hex(std::string_view hex) {
    Bytes out;
    const auto digit = [](char c) { return static_cast<uint8_t>(c <= '9' ? c - '0' : c - 'a' + 10); };
    for (size_t i = 0; i + 1 < hex.size(); i += 2)
        out.push_back(static_cast<uint8_t>(digit(hex[i]) << 4 | digit(hex[i + 1])));
    return out;
}
std::string to_hex(std::string_view bytes) {
    std::string out;
    for (const char c : bytes) {
        out += "0123456789abcdef"[static_cast<uint8_t>(c) >> 4];
        out += "0123456789abcdef"[c & 15];
    }
    return out;
}

struct EtfTest : testing::Test {
    AtomTable atoms;
    LiteralSpace literals{1 << 20};
    CodeServer code{atoms, literals, {[](ExportEntry&) {}, [](FunctionEntry&) {}, [](LoadedModule&) {}}};
    EtfContext context{atoms, &code, false, am::nonode_at_nohost(), 0};
    std::vector<HeapFragment*> fragments;

    ~EtfTest() override {
        for (HeapFragment* f : fragments) HeapFragment::destroy(f);
    }
    HeapFragment* fragment(size_t words) {
        fragments.push_back(HeapFragment::create(words));
        return fragments.back();
    }
    /// The term, or the non-value if refused.
    Term decode(const Bytes& bytes) {
        const auto plan = plan_etf(context, bytes);
        if (!plan) return Term::none();
        HeapBuilder heap(fragment(plan->words));
        return build_etf(context, *plan, bytes, heap);
    }
    Term decode_hex(std::string_view hex) { return decode(from_hex(hex)); }
    std::string encode(Term t, const EtfOptions& options = {}) {
        std::string out;
        encode_etf(context, t, options, out);
        return to_hex(out);
    }
};

struct Sample {
    const char* name;
    const char* hex;  // as erl's term_to_binary/1 gives it
};

const Sample kSamples[] = {
    {"small integers", "836c00000008610061ff620000010062ffffffff627fffffff6e04000000008062800000006e0401010000806a"},
    {"big integers",
     "8368076e080000000000000000086e080000000000000000106e080100000000000000106e080101000000000000106e"
     "09000000000000000000016e09010000000000000000016e0800ffffffffffffffff"},
    {"floats",
     "836c00000006460000000000000000468000000000000000463ff800000000000046fe37e43c8800759c4601a56e1fc2"
     "f8f3594640091eb851eb851f6a"},
    {"atoms", "836c000000076400016164000064000474727565640002e9ff7702c4807702cebb7704f09080806a"},
    {"tuples", "8368036800680164000161680261016802610268016103"},
    {"lists",
     "836c000000076a6c000000016a6a6c0000000164000161640001626c000000026101610261036c000000036c00000001"
     "640001616a6c00000001640001626a640001636a6b00036162636c0000000162000001006a6a"},
    {"binaries", "836c000000056d000000006d000000030102034d0000000103a04d00000003020102c04d0000000201ff806a"},
    {"binary over 64 bytes",
     "836d00000046070707070707070707070707070707070707070707070707070707070707070707070707070707070707"
     "07070707070707070707070707070707070707070707070707070707"},
    {"maps",
     "836c0000000374000000007400000001640001616101740000000461017400000001640001626a463ff0000000000000"
     "610268007400000001740000000074000000006b00016b640001766a"},
    {"pids",
     "836c000000025864000d6e6f6e6f6465406e6f686f737400000005000000010000000058640003614062ffffffff0000"
     "0001000000026a"},
    {"ports",
     "836c000000035964000d6e6f6e6f6465406e6f686f73740000004d00000000596400036140620fffffff000000017864"
     "0003614062000000ffffffffff000000016a"},
    {"references",
     "836c000000035a000364000d6e6f6e6f6465406e6f686f7374000000000000004d00000002000000035a000164000361"
     "406200000001000000075a00056400036140620000000100000001000000020000000300000004000000056a"},
    {"export", "83716400056c697374736400036d61706102"},
    {"funs",
     "836c00000002700000004b01b8e4252c9bf6428e0ab56378fca2702e00000000000000016400016761006205c7212958"
     "64000d6e6f6e6f6465406e6f686f73740000000900000000000000006b0003656e76700000008d01b8e4252c9bf6428e"
     "0ab56378fca2702e00000000000000016400016761006205c721295864000d6e6f6e6f6465406e6f686f737400000009"
     "0000000000000000700000004701b8e4252c9bf6428e0ab56378fca2702e00000000000000016400016761006205c721"
     "295864000d6e6f6e6f6465406e6f686f737400000009000000000000000061016a"},
};

TEST_F(EtfTest, round_trip_is_what_erl_writes) {
    for (const Sample& s : kSamples) {
        const Term t = decode_hex(s.hex);
        ASSERT_TRUE(t.is_value()) << s.name;
        const std::string hex = encode(t);
        EXPECT_EQ(hex, s.hex) << s.name;
        // erl counts what a fun's index and unique value may need at most.
        const size_t more = std::string_view(s.name) == "funs" ? 9 : 0;
        EXPECT_EQ(etf_size(context, t, {}), hex.size() / 2 + more) << s.name;
        EXPECT_TRUE(exactly_equal(t, decode_hex(s.hex))) << s.name;
    }
}

TEST_F(EtfTest, large_integers) {
    const std::string hex = "836f0000010000" + std::string(510, '0') + "02";
    const Term t = decode_hex(hex);
    ASSERT_TRUE(t.is_bignum());
    EXPECT_EQ(as_bignum(t).limbs().size(), 32u);
    EXPECT_EQ(encode(t), hex);
    EXPECT_EQ(decode_hex("836e010205"), Term::small(-5)) << "any sign but 0 is minus";
    EXPECT_EQ(decode_hex("836e0000"), Term::small(0));
    EXPECT_EQ(decode_hex("836e010100"), Term::small(0));
    EXPECT_EQ(decode_hex("836e0c01050000000000000000000000"), Term::small(-5));
}

TEST_F(EtfTest, every_prefix_is_refused_and_what_follows_is_not_looked_at) {
    for (const Sample& s : kSamples) {
        Bytes all = from_hex(s.hex);
        for (size_t n = 0; n < all.size(); ++n) {
            const Bytes part(all.begin(), all.begin() + static_cast<ptrdiff_t>(n));
            EXPECT_TRUE(decode(part).is_none()) << s.name << " " << n;
        }
        all.push_back(1);
        EXPECT_EQ(plan_etf(context, all)->used_bytes, all.size() - 1);
    }
}

TEST_F(EtfTest, damaged_input_never_does_harm) {
    uint32_t random = 1;
    const auto next = [&random] { return random = random * 1664525 + 1013904223, random >> 8; };
    for (const Sample& s : kSamples) {
        const Bytes good = from_hex(s.hex);
        for (int i = 0; i < 2000; ++i) {
            Bytes bad = good;
            for (uint32_t changes = 1 + next() % 3; changes > 0; --changes) {
                bad[1 + next() % (bad.size() - 1)] = static_cast<uint8_t>(next() % 4 == 0 ? next() : 64 + next() % 58);
            }
            const Term t = decode(bad);
            if (t.is_value()) encode(t);
        }
        for (HeapFragment* f : fragments) HeapFragment::destroy(f);
        fragments.clear();
    }
}

TEST_F(EtfTest, deterministic_maps_are_in_key_order) {
    const char* hex =
        "837400000028610168016101610268016102610368016103610468016104610568016105610668016106610768016107"
        "610868016108610968016109610a6801610a610b6801610b610c6801610c610d6801610d610e6801610e610f6801610f"
        "611068016110611168016111611268016112611368016113611468016114611568016115611668016116611768016117"
        "611868016118611968016119611a6801611a611b6801611b611c6801611c611d6801611d611e6801611e611f6801611f"
        "612068016120612168016121612268016122612368016123612468016124612568016125612668016126612768016127"
        "612868016128";
    const Term t = decode_hex(hex);
    ASSERT_TRUE(t.is_hash_map());
    EXPECT_EQ(map_size(t), 40u);
    EXPECT_EQ(encode(t, {.deterministic = true}), hex);
    EXPECT_TRUE(exactly_equal(decode_hex(encode(t)), t));
    EXPECT_EQ(etf_size(context, t, {}), encode(t).size() / 2);
}

TEST_F(EtfTest, versions_differ_in_floats_and_atoms) {
    const char* v0 =
        "836c0000000363312e3530303030303030303030303030303030303030652b30300000000000640001e9632d322e3235"
        "303030303030303030303030303034343938652d3130300000006a";
    const char* v2 =
        "836c00000003463ff80000000000007702c3a9760190c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9"
        "c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9"
        "c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9"
        "c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9"
        "c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9"
        "c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9"
        "c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9"
        "c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9"
        "c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a96a";
    EXPECT_EQ(encode(decode_hex(v0), {.minor_version = 0}), v0);
    EXPECT_EQ(encode(decode_hex(v2), {.minor_version = 2}), v2);
    EXPECT_EQ(etf_size(context, decode_hex(v0), {.minor_version = 0}), std::string_view(v0).size() / 2);
}

TEST_F(EtfTest, compressed) {
    const char* six = "8350000001fa789ccb61606048496160cacf1e2546149105003fe47e3b";
    const Term t = decode_hex(six);
    ASSERT_EQ(list_length(t), 100);
    EXPECT_EQ(encode(t, {.compression = 6}), six);
    EXPECT_EQ(encode(t, {.compression = 9}), "8350000001fa78dacb61606048496160cacf1e2546149105003fe47e3b");
    EXPECT_EQ(encode(t, {.compression = 1}), "8350000001fa7801cb61606048496160cacf1e254654186401003fe47e3b");
    EXPECT_EQ(encode(t, {.compression = 0}), encode(t));
    EXPECT_EQ(encode(am::ok(), {.compression = 9}), encode(am::ok())) << "not when it would get longer";
    Bytes bytes = from_hex(six);
    bytes.push_back(9);
    EXPECT_EQ(plan_etf(context, bytes)->used_bytes, bytes.size() - 1);
    bytes[5] += 1;
    EXPECT_FALSE(plan_etf(context, bytes)) << "size too large";
    bytes[5] -= 2;
    EXPECT_FALSE(plan_etf(context, bytes)) << "size too small";
    bytes[2] = 0xff;
    EXPECT_FALSE(plan_etf(context, bytes)) << "more than so few bytes can be";
}

TEST_F(EtfTest, refused) {
    for (const char* hex : {
             "8374000000026101610261016103",  // a key twice
             "83467ff8000000000000",          // NaN
             "83467ff0000000000000",          // infinity
             "835200",                        // atom cache reference
             "837900000000000000006101",      // LOCAL_EXT
             "834d000000010005",
             "834d000000010905",
             "834d0000000001",
             "83760001ff",
             "830161",
             "8401",
             "",
             "83586103000000010000000100000000",
             "8358640001610000000100000001",
             "837164000161640001626200000100",  // arity 256
             "835864",
             "8368ff61",
             "836cffffffff61016a",
             "8369ffffffff6101",
             "8374ffffffff61016101",
             "836dffffffff61",
             "836fffffffff0001",
         }) {
        EXPECT_TRUE(decode_hex(hex).is_none()) << hex;
    }
    const std::string long_atom = std::string("83640100") + std::string(512, '6');
    EXPECT_TRUE(decode_hex(long_atom).is_none());
    EXPECT_EQ(decode_hex("836c000000006a"), Term::nil());
    EXPECT_EQ(decode_hex("836c000000006101"), Term::small(1)) << "as OTP does";
    EXPECT_TRUE(decode_hex("83740000000261016102463ff00000000000006103").is_flat_map()) << "1 and 1.0 differ";
}

TEST_F(EtfTest, old_forms_of_floats) {
    const auto old = [this](std::string text) {
        text.resize(31);
        Bytes bytes{131, 99};
        bytes.insert(bytes.end(), text.begin(), text.end());
        return decode(bytes);
    };
    EXPECT_EQ(to_double(old("1.50000000000000000000e+00")), 1.5);
    EXPECT_EQ(to_double(old("1.5E5")), 1.5e5);
    EXPECT_EQ(to_double(old("+1.5e0")), 1.5);
    EXPECT_EQ(to_double(old("-00.5")), -0.5);
    EXPECT_EQ(to_double(old("1.0e-400")), 0.0);
    EXPECT_EQ(to_double(old("1.500000000000000000000000e+000")), 1.5);
    for (const char* bad :
         {"15", "1.", "1.e5", ".5", "1.5e", "1.5e+", "1.5x", "1.0e400", " 1.5", "--1.5", "+-1.5", "5e10", ""}) {
        EXPECT_TRUE(old(bad).is_none()) << bad;
    }
}

TEST_F(EtfTest, safe_makes_nothing_new) {
    context.safe = true;
    const size_t before = atoms.count();
    EXPECT_TRUE(decode_hex("8364000471777a78").is_none());
    EXPECT_TRUE(decode_hex("837164000471777a7864000471777a786101").is_none());
    EXPECT_TRUE(decode_hex("83716400026f6b6400026f6b6101").is_none()) << "known atoms, no such function";
    EXPECT_EQ(decode_hex("836400026f6b"), am::ok());
    EXPECT_EQ(atoms.count(), before);
    const BifEntry bif{am::ok(), am::ok(), 1, 0, nullptr};
    code.add_bifs({&bif, 1});
    EXPECT_TRUE(decode_hex("83716400026f6b6400026f6b6101").is_kind(Kind::export_fun));
}

TEST_F(EtfTest, pids_of_this_node_are_local) {
    context.creation = 7;
    const Term pid = decode_hex("835864000d6e6f6e6f6465406e6f686f7374000000050000000100000007");
    ASSERT_TRUE(pid.is_local_pid());
    EXPECT_EQ(pid.imm_data(), 5u | 1u << 15);
    EXPECT_TRUE(decode_hex("835864000d6e6f6e6f6465406e6f686f7374000000050000000100000008").is_kind(Kind::external_pid));
    EXPECT_TRUE(decode_hex("835864000d6e6f6e6f6465406e6f686f7374000080000000000100000007").is_none());
    HeapBuilder heap(fragment(4));
    const Term alias = heap.alias_ref(Word{5} << 32 | 6, 7, pid);
    const Term back = decode_hex(encode(alias));
    ASSERT_TRUE(back.is_kind(Kind::ref));
    EXPECT_EQ(header_size(back.header()), 3u);
    for (int i = 1; i <= 3; ++i) EXPECT_EQ(back.boxed_words()[i], alias.boxed_words()[i]);
}

TEST_F(EtfTest, atom_limit) {
    const Bytes bytes = from_hex("8364000471777a78");
    const auto plan = plan_etf(context, bytes);
    ASSERT_TRUE(plan);
    atoms.set_limit(atoms.count());
    HeapBuilder heap(fragment(plan->words));
    EXPECT_TRUE(build_etf(context, *plan, bytes, heap).is_none());
}

/// Nesting of any depth must not use the C stack, either way.
TEST_F(EtfTest, deep_terms) {
    constexpr size_t kDepth = 200000;
    const auto nested = [&](std::initializer_list<uint8_t> open, std::initializer_list<uint8_t> close) {
        Bytes bytes{131};
        for (size_t i = 0; i < kDepth; ++i) bytes.insert(bytes.end(), open);
        bytes.push_back(106);
        for (size_t i = 0; i < kDepth; ++i) bytes.insert(bytes.end(), close);
        const Term t = decode(bytes);
        ASSERT_TRUE(t.is_value());
        std::string out;
        encode_etf(context, t, {}, out);
        if (*open.begin() == 108 && close.size() == 0) {
            EXPECT_EQ(list_length(t), static_cast<int64_t>(kDepth)) << "nested in the tail: a long list";
            return;
        }
        EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), out.begin(), out.end(),
                               [](uint8_t a, char b) { return a == static_cast<uint8_t>(b); }));
    };
    nested({104, 1}, {});
    nested({104, 2}, {106});
    nested({108, 0, 0, 0, 1}, {106});
    nested({108, 0, 0, 0, 1, 97, 1}, {});
    nested({116, 0, 0, 0, 1, 97, 1}, {});
    Bytes empty_lists{131};
    for (size_t i = 0; i < kDepth; ++i) empty_lists.insert(empty_lists.end(), {108, 0, 0, 0, 0});
    empty_lists.push_back(106);
    EXPECT_EQ(decode(empty_lists), Term::nil());
}

}  // namespace
}  // namespace lintel
