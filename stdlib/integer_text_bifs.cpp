/// Integers to text and back. The conversions themselves are in vm/runtime_number.cpp.

#include "stdlib/bytes_arg.h"
#include "stdlib/list_text.h"
#include "vm/runtime_number.h"

namespace lintel {

namespace {

/// The base that `t` names, or 0.
unsigned to_base(Term t) {
    if (!t.is_small() || t.to_small() < 2 || t.to_small() > 36) return 0;
    return static_cast<unsigned>(t.to_small());
}

std::string_view text_of(const BytesArg& bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

enum class TextKind : uint8_t { list, binary };

Term integer_text(ExecState& p, Term t, unsigned base, TextKind kind) {
    if (!t.is_integer() || base == 0) return p.badarg();
    ScratchArray<char, 128> chars(integer_text_bytes(t, base));
    const std::string_view text(chars.data(), chars ? write_integer(t, base, chars.data()) : 0);
    if (text.empty()) return p.system_limit();
    charge_integer_text(p, t);
    charge_characters(p, text.size());
    if (kind == TextKind::list) return p.reserve(list_words(text.size())).byte_list(text);
    const Term binary = p.reserve(binary_words(text.size())).binary(text);
    return binary.is_value() ? binary : p.system_limit();
}

/// What parse_integer says as a BIF's result.
Term result_of(ExecState& p, ParseStatus status, Term integer) {
    switch (status) {
        case ParseStatus::ok: return integer;
        case ParseStatus::malformed: return p.badarg();
        case ParseStatus::too_large: return p.system_limit();
    }
    LINTEL_UNREACHABLE();
}

Term integer_of_list(ExecState& p, Term list, unsigned base) {
    const int64_t count = ListText::byte_count(list);
    if (base == 0 || count < 0) return p.badarg();
    ListText text(list, static_cast<size_t>(count));
    if (!text) return p.system_limit();
    charge_characters(p, static_cast<size_t>(count));
    Term integer;
    const ParseStatus status = parse_integer(p, text.text(), base, &integer);
    return result_of(p, status, integer);
}

Term integer_of_binary(ExecState& p, Term binary, unsigned base) {
    const BytesArg bytes(binary);
    if (base == 0 || !bytes) return p.badarg();
    charge_characters(p, bytes.size());
    Term integer;
    const ParseStatus status = parse_integer(p, text_of(bytes), base, &integer);
    return result_of(p, status, integer);
}

bool is_digit(int c, unsigned base) {
    const int value = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'z' ? c - 'a' + 10
                      : c >= 'A' && c <= 'Z' ? c - 'A' + 10
                                             : 36;
    return value < static_cast<int>(base);
}

/// The longest beginning of `list` that is an integer. {Integer, Rest}, or an atom: not_a_list, no_integer, or `too_large`.
Term integer_prefix(ExecState& p, Term list, unsigned base, Term too_large) {
    if (!list.is_list()) return am::not_a_list();
    size_t count = 0;
    Term rest = list;
    if (rest.is_cons() && (rest.head() == Term::small('-') || rest.head() == Term::small('+'))) {
        rest = rest.tail();
        ++count;
    }
    const size_t sign = count;
    while (rest.is_cons() && is_digit(list_byte(rest.head()), base)) {
        rest = rest.tail();
        ++count;
    }
    if (count == sign) return am::no_integer();
    ListText text(list, count);
    if (!text) return too_large;
    charge_characters(p, count);
    Term integer;
    if (parse_integer(p, text.text(), base, &integer) != ParseStatus::ok) return too_large;
    return p.reserve(tuple_words(2)).tuple(integer, rest);
}

}  // namespace

/// erlang:integer_to_list/1,2, integer_to_binary/1,2. Fail: badarg if no integer, or a base that is not 2..36.
Term integer_to_list_1(ExecState& p, Args a) { return integer_text(p, a[0], 10, TextKind::list); }
Term integer_to_list_2(ExecState& p, Args a) { return integer_text(p, a[0], to_base(a[1]), TextKind::list); }
Term integer_to_binary_1(ExecState& p, Args a) { return integer_text(p, a[0], 10, TextKind::binary); }
Term integer_to_binary_2(ExecState& p, Args a) { return integer_text(p, a[0], to_base(a[1]), TextKind::binary); }

/// erlang:list_to_integer/1,2, binary_to_integer/1,2. Fail: badarg, or system_limit if the integer is too large.
Term list_to_integer_1(ExecState& p, Args a) { return integer_of_list(p, a[0], 10); }
Term list_to_integer_2(ExecState& p, Args a) { return integer_of_list(p, a[0], to_base(a[1])); }
Term binary_to_integer_1(ExecState& p, Args a) { return integer_of_binary(p, a[0], 10); }
Term binary_to_integer_2(ExecState& p, Args a) { return integer_of_binary(p, a[0], to_base(a[1])); }

/// string:list_to_integer/1 (up to OTP 26): {Integer, Rest}, or {error, no_integer | not_a_list | system_limit}.
Term string_list_to_integer_1(ExecState& p, Args a) {
    const Term result = integer_prefix(p, a[0], 10, am::system_limit());
    if (!result.is_atom()) return result;
    return p.reserve(tuple_words(2)).tuple(am::error(), result);
}

/// erts_internal:list_to_integer/2 (OTP 27): {Integer, Rest}, no_integer, not_a_list, badarg, or `big` for what the Erlang code
/// that calls it is to convert in parts. Here that is only what is too large, which it then finds out.
Term erts_internal_list_to_integer_2(ExecState& p, Args a) {
    const unsigned base = to_base(a[1]);
    if (base == 0) return am::badarg();
    return integer_prefix(p, a[0], base, am::big());
}

/// erts_internal:binary_to_integer/2 (OTP 27): an integer, badarg, or `big` as above.
Term erts_internal_binary_to_integer_2(ExecState& p, Args a) {
    const BytesArg bytes(a[0]);
    const unsigned base = to_base(a[1]);
    if (base == 0 || !bytes) return am::badarg();
    charge_characters(p, bytes.size());
    Term integer;
    switch (parse_integer(p, text_of(bytes), base, &integer)) {
        case ParseStatus::ok: return integer;
        case ParseStatus::malformed: return am::badarg();
        case ParseStatus::too_large: return am::big();
    }
    LINTEL_UNREACHABLE();
}

}  // namespace lintel
