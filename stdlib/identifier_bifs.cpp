#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "sched/vm.h"
#include "stdlib/bif.h"
#include "term/identifier.h"
#include "term/print.h"
#include "term/views.h"

/// Pids, ports, references and funs as text and back. The text is what erlang:display/1 prints. What stands for another node in it is the
/// number of the node's name among this VM's atoms; the text then means the identifier of the node's last life.

namespace lintel {

namespace {

Term text_as_list(ExecState& p, Term t) {
    const std::string text = term_text(t);
    return p.reserve(list_words(text.size())).byte_list(text);
}

constexpr Word kMaxPidNumber = (Word{1} << kPidNumberBits) - 1;
constexpr Word kMaxPidSerial = (Word{1} << 13) - 1;
constexpr Word kMaxPortNumber = (Word{1} << 28) - 1;
constexpr Word kMaxRefWord = 0xffffffff;

/// The characters of a list that is short enough for an identifier.
struct ShortText {
    static constexpr size_t kMax = 64;
    char chars[kMax];
    size_t size = 0;

    /// False: `list` is no proper list of at most kMax ASCII characters.
    bool read(Term list) {
        for (; list.is_cons(); list = list.tail()) {
            const Term c = list.head();
            if (size == kMax || !c.is_small() || c.to_small() < 0 || c.to_small() > 127) return false;
            chars[size++] = static_cast<char>(c.to_small());
        }
        return list.is_nil();
    }
};

/// Reads `prefix`, the number of a node and then `count` numbers, each after a dot, and '>'. Numbers of node 0 are at most `max[i]`, of others of
/// 32 bits.
bool parse_identifier(const ShortText& text, std::string_view prefix, const Word* max, size_t count, Word* node,
                      Word* numbers) {
    std::string_view rest(text.chars, text.size);
    if (!rest.starts_with(prefix)) return false;
    rest.remove_prefix(prefix.size());
    for (size_t i = 0; i <= count; ++i) {
        if (i != 0) {
            if (!rest.starts_with('.')) return false;
            rest.remove_prefix(1);
        }
        const Word limit = i == 0 || *node != 0 ? kMaxRefWord : max[i - 1];
        Word n = 0;
        size_t digits = 0;
        for (; digits < rest.size() && rest[digits] >= '0' && rest[digits] <= '9'; ++digits) {
            n = n * 10 + static_cast<Word>(rest[digits] - '0');
            if (n > limit) return false;
        }
        if (digits == 0) return false;
        rest.remove_prefix(digits);
        (i == 0 ? *node : numbers[i - 1]) = n;
    }
    return rest == ">";
}

/// The node that a text's number stands for, or nothing. Not for 0.
std::optional<Distribution::NodeInfo> node_of_text(ExecState& p, Word number) {
    return as_process(p).machine().distribution.node_of_number(static_cast<uint32_t>(number));
}

Term make_external(ExecState& p, Kind kind, const Distribution::NodeInfo& node, std::initializer_list<Word> numbers,
                   uint32_t count) {
    auto heap = p.reserve(3 + numbers.size());
    Word* w = heap.raw(3 + numbers.size());
    w[0] = make_header(kind, 2 + numbers.size(), count);
    w[1] = node.name.word();
    w[2] = node.creation;
    std::copy(numbers.begin(), numbers.end(), w + 3);
    return Term::boxed(w);
}

}  // namespace

/// erlang:fun_to_list/1. Names that are not ASCII come as their UTF-8 bytes, as in OTP. Fails: badarg if not a fun.
Term fun_to_list_1(ExecState& p, Args a) { return a[0].is_fun() ? text_as_list(p, a[0]) : p.badarg(); }
Term pid_to_list_1(ExecState& p, Args a) { return a[0].is_pid() ? text_as_list(p, a[0]) : p.badarg(); }
Term port_to_list_1(ExecState& p, Args a) { return a[0].is_port() ? text_as_list(p, a[0]) : p.badarg(); }
Term ref_to_list_1(ExecState& p, Args a) { return a[0].is_reference() ? text_as_list(p, a[0]) : p.badarg(); }

/// erlang:list_to_pid/1. Fails: badarg unless the list is "<Node.Number.Serial>" with a node that is known.
Term list_to_pid_1(ExecState& p, Args a) {
    ShortText text;
    constexpr Word kMax[] = {kMaxPidNumber, kMaxPidSerial};
    Word node = 0, n[2];
    if (!text.read(a[0]) || !parse_identifier(text, "<", kMax, 2, &node, n)) return p.badarg();
    const auto of = node == 0 ? std::nullopt : node_of_text(p, node);
    if (of && of->type != am::this_()) return make_external(p, Kind::external_pid, *of, {n[0] | n[1] << 32}, 0);
    if (node != 0 && !of) return p.badarg();
    if (n[0] > kMaxPidNumber || n[1] > kMaxPidSerial) return p.badarg();
    return Term::local_pid(n[0] | n[1] << kPidNumberBits);
}

/// erlang:list_to_port/1. Fails: badarg unless the list is "#Port<Node.Number>" with a node that is known.
Term list_to_port_1(ExecState& p, Args a) {
    ShortText text;
    constexpr Word kMax[] = {kMaxPortNumber};
    Word node = 0, n[1];
    if (!text.read(a[0]) || !parse_identifier(text, "#Port<", kMax, 1, &node, n)) return p.badarg();
    const auto of = node == 0 ? std::nullopt : node_of_text(p, node);
    if (of && of->type != am::this_()) return make_external(p, Kind::external_port, *of, {n[0]}, 0);
    if ((node != 0 && !of) || n[0] > kMaxPortNumber) return p.badarg();
    return Term::local_port(n[0]);
}

/// erlang:list_to_ref/1. The result equals the reference whose text it was, but is no alias and keeps nothing alive.
/// Fails: badarg unless the list is "#Ref<Node.A.B.C>" with a node that is known.
Term list_to_ref_1(ExecState& p, Args a) {
    ShortText text;
    constexpr Word kMax[] = {kMaxRefWord, kMaxRefWord, kMaxRefWord};
    Word node = 0, n[3];
    if (!text.read(a[0]) || !parse_identifier(text, "#Ref<", kMax, 3, &node, n)) return p.badarg();
    const auto of = node == 0 ? std::nullopt : node_of_text(p, node);
    if (of && of->type != am::this_()) return make_external(p, Kind::external_ref, *of, {n[2] | n[1] << 32, n[0]}, 3);
    if (node != 0 && !of) return p.badarg();
    return p.reserve(kRefWords).ref(n[2] | n[1] << 32, n[0]);
}

}  // namespace lintel
