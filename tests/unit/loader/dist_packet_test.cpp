#include "loader/dist_packet.h"

#include <gtest/gtest.h>

#include "loader/code_server.h"
#include "loader/etf.h"
#include "term/views.h"

namespace lintel {
namespace {

/// Two ends of a connection, each with atoms of its own.
struct Ends : testing::Test {
    AtomTable here, there;
    static constexpr uint64_t kAll = dist_flag::kAtomCache | dist_flag::kFragments;

    struct Encoded {
        std::string terms;
        size_t control_bytes = 0;
        PacketAtoms atoms;
    };
    Encoded encode(const std::vector<Term>& control, Term message, bool names_atoms) {
        Encoded e;
        HeapFragment* fragment = HeapFragment::create(1 + control.size());
        {
            HeapBuilder heap(fragment);
            Word* slots = nullptr;
            const Term t = heap.tuple_of(control.size(), &slots);
            for (size_t i = 0; i < control.size(); ++i) slots[i] = control[i].word();
            const EtfContext context{here, nullptr, false, am::nonode_at_nohost(), 0};
            EtfOptions options;
            options.minor_version = 2;
            if (names_atoms) options.packet_atoms = &e.atoms;
            encode_etf_payload(context, t, options, e.terms);
            e.control_bytes = e.terms.size();
            if (message.is_value()) encode_etf_payload(context, message, options, e.terms);
        }
        HeapFragment::destroy(fragment);
        return e;
    }
    static std::vector<std::string> packets(PacketWriter& writer, const Encoded& e, bool has_message) {
        std::vector<std::string> all;
        writer.write(e.terms, e.control_bytes, has_message, e.atoms,
                     [&](std::string p) { all.push_back(std::move(p)); });
        return all;
    }
    PacketReader::Result read(PacketReader& reader, std::string_view packet, PacketReader::Signal* signal) {
        return reader.read(there, {reinterpret_cast<const uint8_t*>(packet.data()), packet.size()}, signal);
    }
    /// The atoms of a control tuple.
    std::vector<std::string> control_atoms(const PacketReader::Signal& signal) {
        const EtfContext context{there, nullptr, false, am::nonode_at_nohost(), 0, signal.atoms};
        const auto plan =
            signal.has_versions ? plan_etf(context, signal.bytes) : plan_etf_payload(context, signal.bytes);
        if (!plan) return {"malformed"};
        HeapFragment* fragment = HeapFragment::create(plan->words + 1);
        std::vector<std::string> names;
        {
            HeapBuilder heap(fragment);
            const Term t = build_etf(context, *plan, signal.bytes, heap);
            for (const Term e : as_tuple(t).elements()) names.emplace_back(atom_name(e));
        }
        HeapFragment::destroy(fragment);
        return names;
    }
};

TEST_F(Ends, an_atom_is_sent_once) {
    PacketWriter writer(kAll);
    PacketReader reader(kAll);
    const Term a = here.intern("one_of_ours"), b = here.intern("another");
    const Encoded e = encode({a, b, a}, Term::none(), true);
    EXPECT_EQ(e.atoms.atoms().size(), 2u);
    const auto first = packets(writer, e, false), second = packets(writer, e, false);
    ASSERT_EQ(first.size(), 1u);
    EXPECT_NE(first[0].find("one_of_ours"), std::string::npos);
    EXPECT_EQ(second[0].find("one_of_ours"), std::string::npos);
    EXPECT_LT(second[0].size(), first[0].size());
    const std::vector<std::string> names{"one_of_ours", "another", "one_of_ours"};
    PacketReader::Signal signal;
    for (const auto& packet : {first[0], second[0]}) {
        ASSERT_EQ(read(reader, packet, &signal), PacketReader::Result::signal);
        EXPECT_EQ(control_atoms(signal), names);
    }
}

TEST_F(Ends, many_atoms_and_long_ones) {
    PacketWriter writer(kAll);
    PacketReader reader(kAll);
    std::vector<Term> atoms;
    std::vector<std::string> names;
    for (int i = 0; i < 3000; ++i) names.push_back("atom" + std::to_string(i));
    std::string long_name;
    for (int i = 0; i < 255; ++i) long_name += "\xd0\xb6";
    names.push_back(long_name);
    for (const std::string& name : names) atoms.push_back(here.intern(name));
    for (size_t begin = 0; begin < atoms.size(); begin += 200) {
        const size_t end = std::min(begin + 400, atoms.size());
        const std::vector<Term> part(atoms.begin() + static_cast<ptrdiff_t>(begin),
                                     atoms.begin() + static_cast<ptrdiff_t>(end));
        const auto sent = packets(writer, encode(part, Term::none(), true), false);
        PacketReader::Signal signal;
        ASSERT_EQ(read(reader, sent[0], &signal), PacketReader::Result::signal);
        EXPECT_EQ(control_atoms(signal), std::vector<std::string>(names.begin() + static_cast<ptrdiff_t>(begin),
                                                                  names.begin() + static_cast<ptrdiff_t>(end)));
    }
}

TEST_F(Ends, large_signals_come_in_fragments_that_may_be_mixed) {
    PacketWriter writer(kAll);
    PacketReader reader(kAll);
    Encoded large = encode({am::ok()}, Term::none(), true);
    const size_t control = large.terms.size();
    large.terms += std::string(200000, 'x');
    const auto a = packets(writer, large, true), b = packets(writer, large, true);
    ASSERT_EQ(a.size(), 4u);
    PacketReader::Signal signal;
    for (size_t i = 0; i < a.size(); ++i) {
        const auto expected = i + 1 == a.size() ? PacketReader::Result::signal : PacketReader::Result::nothing;
        for (const auto* parts : {&a, &b}) {
            ASSERT_EQ(read(reader, (*parts)[i], &signal), expected);
            if (expected == PacketReader::Result::signal) {
                EXPECT_EQ(signal.bytes.size(), control + 200000);
            }
        }
    }
    EXPECT_EQ(reader.incomplete_bytes(), 0u);
    EXPECT_EQ(control_atoms(signal), std::vector<std::string>{"ok"});
}

TEST_F(Ends, without_headers_each_term_has_a_version) {
    PacketWriter writer(0);
    PacketReader reader(0);
    const auto sent = packets(writer, encode({am::ok(), am::error()}, Term::nil(), false), true);
    PacketReader::Signal signal;
    ASSERT_EQ(read(reader, sent[0], &signal), PacketReader::Result::signal);
    EXPECT_TRUE(signal.has_versions);
    const std::vector<std::string> names{"ok", "error"};
    EXPECT_EQ(control_atoms(signal), names);
}

TEST_F(Ends, what_makes_no_sense_is_refused) {
    PacketReader::Signal signal;
    const auto result = [&](std::string_view packet) {
        PacketReader reader(kAll);
        return read(reader, packet, &signal);
    };
    using namespace std::literals;
    EXPECT_EQ(result(""sv), PacketReader::Result::nothing);
    for (const auto packet : {
             "\x83"sv,                                        // no tag
             "\x83\x44"sv,                                    // no number of atoms
             "\x83\x47\x00\x00"sv,                            // no such tag
             "\x84\x44\x00\x00"sv,                            // no such version
             "\x83\x44\x01"sv,                                // no flags
             "\x83\x44\x01\x00\x05"sv,                        // an atom that has not been sent
             "\x83\x44\x01\x08\x05\x03xy"sv,                  // an atom that is cut off
             "\x83\x44\x01\x08\x05\x01\xff"sv,                // an atom that is not UTF-8
             "\x83\x45\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0\0"sv,  // fragment 0
             "\x83\x46\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\1x"sv,   // a fragment of nothing
             "\x83\x45\0\0\0\0"sv,                            // cut off
             "p\x83"sv,                                       // without a header
         }) {
        EXPECT_EQ(result(packet), PacketReader::Result::corrupt) << testing::PrintToString(packet);
    }
    PacketReader reader(kAll);
    const auto first = "\x83\x45\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\3\0x"sv;
    EXPECT_EQ(read(reader, first, &signal), PacketReader::Result::nothing);
    EXPECT_EQ(read(reader, first, &signal), PacketReader::Result::corrupt);  // begins again
    EXPECT_EQ(read(reader, "\x83\x46\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\1x"sv, &signal),
              PacketReader::Result::corrupt);  // out of order
}

}  // namespace
}  // namespace lintel
