/// What a match specification may call.

#include "stdlib/match_spec.h"

namespace lintel {

#define BIF(module, function, arity, cpp, flags) Term cpp(ExecState&, Args);
#include "stdlib/bifs.def"
#undef BIF

namespace {

struct FunctionRow {
    AtomId name;
    uint8_t arity;
    MatchFunction function;
    uint8_t flags;
};

constexpr uint8_t kOwn = MatchInstruction::kOwn;

constexpr FunctionRow kFunctions[] = {
    {AtomId::equal, 2, equal_2, 0},
    {AtomId::exactly_equal, 2, exactly_equal_2, 0},
    {AtomId::not_equal, 2, not_equal_2, 0},
    {AtomId::exactly_not_equal, 2, exactly_not_equal_2, 0},
    {AtomId::less, 2, less_2, 0},
    {AtomId::greater, 2, greater_2, 0},
    {AtomId::less_equal, 2, less_equal_2, 0},
    {AtomId::greater_equal, 2, greater_equal_2, 0},
    {AtomId::plus, 1, plus_1, 0},
    {AtomId::plus, 2, add_2, 0},
    {AtomId::minus, 1, negate_1, 0},
    {AtomId::minus, 2, subtract_2, 0},
    {AtomId::times, 2, multiply_2, 0},
    {AtomId::divide, 2, divide_2, 0},
    {AtomId::div, 2, div_2, 0},
    {AtomId::rem, 2, rem_2, 0},
    {AtomId::band, 2, band_2, 0},
    {AtomId::bor, 2, bor_2, 0},
    {AtomId::bxor, 2, bxor_2, 0},
    {AtomId::bnot, 1, bnot_1, 0},
    {AtomId::bsl, 2, bsl_2, 0},
    {AtomId::bsr, 2, bsr_2, 0},
    {AtomId::not_, 1, not_1, 0},
    {AtomId::xor_, 2, xor_2, 0},
    {AtomId::is_atom, 1, is_atom_1, 0},
    {AtomId::is_binary, 1, is_binary_1, 0},
    {AtomId::is_bitstring, 1, is_bitstring_1, 0},
    {AtomId::is_boolean, 1, is_boolean_1, 0},
    {AtomId::is_float, 1, is_float_1, 0},
    {AtomId::is_function, 1, is_function_1, 0},
    {AtomId::is_function, 2, is_function_2, 0},
    {AtomId::is_integer, 1, is_integer_1, 0},
    {AtomId::is_list, 1, is_list_1, 0},
    {AtomId::is_map, 1, is_map_1, 0},
    {AtomId::is_map_key, 2, is_map_key_2, 0},
    {AtomId::is_number, 1, is_number_1, 0},
    {AtomId::is_pid, 1, is_pid_1, 0},
    {AtomId::is_port, 1, is_port_1, 0},
    {AtomId::is_record, 3, is_record_3, 0},
    {AtomId::is_reference, 1, is_reference_1, 0},
    {AtomId::is_tuple, 1, is_tuple_1, 0},
    {AtomId::abs, 1, abs_1, 0},
    {AtomId::binary_part, 2, binary_part_2, kOwn},
    {AtomId::binary_part, 3, binary_part_3, kOwn},
    {AtomId::bit_size, 1, bit_size_1, 0},
    {AtomId::byte_size, 1, byte_size_1, 0},
    {AtomId::ceil, 1, ceil_1, 0},
    {AtomId::element, 2, element_2, 0},
    {AtomId::float_, 1, float_1, 0},
    {AtomId::floor, 1, floor_1, 0},
    {AtomId::hd, 1, hd_1, 0},
    {AtomId::length, 1, length_1, 0},
    {AtomId::map_get, 2, map_get_2, 0},
    {AtomId::map_size, 1, map_size_1, 0},
    {AtomId::max, 2, max_2, 0},
    {AtomId::min, 2, min_2, 0},
    {AtomId::node, 0, node_0, 0},
    {AtomId::node, 1, node_1, 0},
    {AtomId::round, 1, round_1, 0},
    {AtomId::self, 0, self_0, 0},
    {AtomId::size, 1, size_1, 0},
    {AtomId::tl, 1, tl_1, 0},
    {AtomId::trunc, 1, trunc_1, 0},
    {AtomId::tuple_size, 1, tuple_size_1, 0},
};

struct ActionRow {
    AtomId name;
    uint8_t least, most;  ///< arguments
    MatchAction action;
    bool is_body_only;
    MatchDialect last_dialect;  ///< an action of what is traced is one of all dialects up to this one
};

constexpr MatchDialect kCalls = MatchDialect::trace, kSends = MatchDialect::sends, kAnything = MatchDialect::receives;

constexpr ActionRow kActions[] = {
    {AtomId::caller, 0, 0, MatchAction::caller, true, kCalls},
    {AtomId::caller_line, 0, 0, MatchAction::caller_line, true, kCalls},
    {AtomId::current_stacktrace, 0, 1, MatchAction::current_stacktrace, true, kCalls},
    {AtomId::disable_trace, 1, 2, MatchAction::disable_trace, true, kSends},
    {AtomId::display, 1, 1, MatchAction::display, true, kAnything},
    {AtomId::enable_trace, 1, 2, MatchAction::enable_trace, true, kSends},
    {AtomId::exception_trace, 0, 0, MatchAction::exception_trace, true, kAnything},
    {AtomId::get_seq_token, 0, 0, MatchAction::get_seq_token, true, kSends},
    {AtomId::get_tcw, 0, 0, MatchAction::get_tcw, false, kAnything},
    {AtomId::is_seq_trace, 0, 0, MatchAction::is_seq_trace, false, kSends},
    {AtomId::message, 1, 1, MatchAction::message, true, kAnything},
    {AtomId::process_dump, 0, 0, MatchAction::process_dump, true, kSends},
    {AtomId::return_trace, 0, 0, MatchAction::return_trace, true, kAnything},
    {AtomId::set_seq_token, 2, 2, MatchAction::set_seq_token, true, kSends},
    {AtomId::set_tcw, 1, 1, MatchAction::set_tcw, true, kAnything},
    {AtomId::set_tcw_fake, 1, 1, MatchAction::set_tcw, true, kAnything},
    {AtomId::silent, 1, 1, MatchAction::silent, true, kSends},
    {AtomId::trace, 2, 3, MatchAction::trace, true, kSends},
};

}  // namespace

MatchCallee find_match_function(Term name, size_t arity) {
    MatchCallee callee;
    const AtomId id = atom_id(name);
    if (static_cast<uint32_t>(id) == kUnknownAtom) return callee;
    for (const FunctionRow& row : kFunctions) {
        if (row.name != id || row.arity != arity) continue;
        callee.function = row.function;
        callee.flags = row.flags;
        callee.exists = true;
        return callee;
    }
    for (const ActionRow& row : kActions) {
        if (row.name != id) continue;
        callee.is_trace_only = true;
        callee.is_body_only = row.is_body_only;
        callee.last_dialect = row.last_dialect;
        callee.action = row.action;
        callee.is_plain = row.action == MatchAction::get_tcw || row.action == MatchAction::set_tcw;
        callee.takes_none = row.most == 0;
        callee.exists = arity >= row.least && arity <= row.most;
        return callee;
    }
    return callee;
}

}  // namespace lintel
