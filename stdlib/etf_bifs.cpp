/// BIFs on the external term format. The format itself is loader/etf.h.

#include "loader/etf.h"
#include "sched/process.h"
#include "sched/vm.h"
#include "stdlib/bif.h"
#include "stdlib/build.h"
#include "stdlib/local_terms.h"
#include "term/views.h"

namespace lintel {

namespace {

/// Bytes that are read or written for one reduction.
constexpr size_t kBytesPerReduction = 64;

EtfContext context_of(ExecState& p, bool safe = false) { return static_cast<Vm*>(p.vm)->etf_context(safe); }

bool has_local(ExecState& p) { return as_process(p).machine().otp.number >= 26; }

/// Options of term_to_binary/2 and its kin; false: something else among them, or no proper list. `local`: nullptr: there is no such option.
bool parse_options(Term list, bool size_only, EtfOptions* options, bool* local) {
    for (; list.is_cons(); list = list.tail()) {
        const Term option = list.head();
        const auto pair = as_tuple(option, 2);
        if (pair && pair[0] == am::minor_version() && pair[1].is_small()) {
            const int64_t v = pair[1].to_small();
            if (v < 0 || v > (size_only ? 1 : 2)) return false;
            options->minor_version = static_cast<int>(v);
        } else if (size_only) {
            return false;
        } else if (option == am::compressed()) {
            options->compression = 6;
        } else if (pair && pair[0] == am::compressed() && pair[1].is_small()) {
            const int64_t level = pair[1].to_small();
            if (level < 0 || level > 9) return false;
            options->compression = static_cast<int>(level);
        } else if (option == am::deterministic()) {
            options->deterministic = true;
        } else if (option == am::local() && local != nullptr) {
            *local = true;
        } else {
            return false;
        }
    }
    return list.is_nil();
}

/// Whether the VM's limit leaves room for the external form of `t`, in which a binary that `t` refers to twice stands twice.
bool may_encode(ExecState& p, Term t, const EtfOptions& options) {
    return !is_limited_here() || may_allocate(etf_size(context_of(p), t, options));
}

Term encoded(ExecState& p, Term t, const EtfOptions& options, bool local) {
    if (!may_encode(p, t, options)) return p.system_limit();
    std::string bytes;
    if (local) {
        bytes = local_head(as_process(p).machine());
        encode_etf_payload(context_of(p), t, options, bytes);
    } else {
        encode_etf(context_of(p), t, options, bytes);
    }
    p.charge(bytes.size() / kBytesPerReduction + 1);
    auto heap = p.reserve(binary_words(bytes.size()));
    const Term binary = heap.binary(bytes);
    return binary.is_value() ? binary : p.system_limit();
}

/// The same as a list of binaries, of which the long ones are those in `t`.
Term encoded_as_list(ExecState& p, Term t, const EtfOptions& options) {
    std::string bytes;
    std::vector<EtfCut> cuts;
    if (options.compression > 0) {
        if (!may_encode(p, t, options)) return p.system_limit();
        encode_etf(context_of(p), t, options, bytes);
    } else {
        encode_etf_with_cuts(context_of(p), t, options, bytes, cuts);
    }
    p.charge(bytes.size() / kBytesPerReduction + 8 * cuts.size() + 1);
    // What lies between two cuts is copied.
    size_t words = binary_words(bytes.size() - (cuts.empty() ? 0 : cuts.back().at)) + kConsWords;
    for (size_t i = 0; i < cuts.size(); ++i) {
        words += binary_words(cuts[i].at - (i == 0 ? 0 : cuts[i - 1].at)) + kSubBinaryWords + 2 * kConsWords;
    }
    auto heap = p.reserve(words);
    Term list = Term::nil();
    size_t end = bytes.size();
    const auto add_bytes_from = [&](size_t begin) {
        if (begin == end) return true;
        const Term piece = heap.binary(bytes.data() + begin, end - begin);
        if (piece.is_value()) list = heap.cons(piece, list);
        end = begin;
        return piece.is_value();
    };
    for (size_t i = cuts.size(); i-- > 0;) {
        if (!add_bytes_from(cuts[i].at)) return p.system_limit();
        list = heap.cons(heap.sub_bits(cuts[i].binary, 0, cuts[i].bytes * 8), list);
    }
    return add_bytes_from(0) ? list : p.system_limit();
}

Term decoded(ExecState& p, Term binary, bool safe, bool used) {
    const BitsView v = as_binary(binary);
    if (!v) return p.badarg();
    ByteBuffer copy;
    if (!v.is_aligned() && !copy.resize(v.byte_size())) return p.system_limit();
    const uint8_t* first = v.is_aligned() ? v.bytes() : aligned_bytes(v, copy.data());
    std::span<const uint8_t> bytes(first, v.byte_size());

    const EtfContext context = context_of(p, safe);
    const bool local = is_local_form(bytes);
    if (local) {
        const auto payload = local_payload(as_process(p).machine(), bytes);
        if (!payload) return p.badarg();
        bytes = *payload;
    }
    const auto plan = local ? plan_etf_payload(context, bytes) : plan_etf(context, bytes);
    if (!plan) return p.badarg();
    if (plan->no_memory) return p.system_limit();
    p.charge((plan->used_bytes + plan->inflated.size()) / kBytesPerReduction + 1);
    if (!may_reserve(p, plan->words)) return p.system_limit();
    auto heap = p.reserve(plan->words + (used ? tuple_words(2) : 0));
    const Term t = build_etf(context, *plan, bytes, heap);
    if (t.is_none()) return context.atoms.count() >= context.atoms.limit() ? p.system_limit() : p.badarg();
    const size_t used_bytes = plan->used_bytes + (local ? kLocalHeadBytes : 0);
    return used ? heap.tuple(t, Term::small(static_cast<int64_t>(used_bytes))) : t;
}

}  // namespace

/// erlang:term_to_binary/1: the external form of a term, as a binary.
Term term_to_binary_1(ExecState& p, Args a) { return encoded(p, a[0], {}, false); }

/// erlang:term_to_binary/2: options compressed, {compressed, 0..9}, {minor_version, 0..2}, deterministic, local (OTP 26). Fails: badarg
/// for other options.
Term term_to_binary_2(ExecState& p, Args a) {
    EtfOptions options;
    bool local = false;
    if (!parse_options(a[1], false, &options, has_local(p) ? &local : nullptr)) return p.badarg();
    return encoded(p, a[0], options, local);
}

/// erlang:term_to_iovec/1: as term_to_binary/1, a list of binaries; long binaries in the term are not copied.
Term term_to_iovec_1(ExecState& p, Args a) { return encoded_as_list(p, a[0], {}); }

/// erlang:term_to_iovec/2: options as for term_to_binary/2.
Term term_to_iovec_2(ExecState& p, Args a) {
    EtfOptions options;
    bool local = false;
    if (!parse_options(a[1], false, &options, has_local(p) ? &local : nullptr)) return p.badarg();
    if (!local) return encoded_as_list(p, a[0], options);
    const Term binary = encoded(p, a[0], options, true);
    return binary.is_value() ? make_cons(p, binary, Term::nil()) : binary;
}

/// erlang:binary_to_term/1. Fails: badarg if the binary is malformed, or has a map with the same key twice.
Term binary_to_term_1(ExecState& p, Args a) { return decoded(p, a[0], false, false); }

/// erlang:binary_to_term/2: options safe (no new atoms or external funs), used (gives {Term, Used}). Fails: badarg, for
/// other options with cause badopt.
Term binary_to_term_2(ExecState& p, Args a) {
    bool safe = false;
    bool used = false;
    Term list = a[1];
    for (; list.is_cons(); list = list.tail()) {
        if (list.head() == am::safe()) {
            safe = true;
        } else if (list.head() == am::used()) {
            used = true;
        } else {
            return p.badarg_because(am::badopt());
        }
    }
    if (!list.is_nil()) return p.badarg_because(am::badopt());
    return decoded(p, a[0], safe, used);
}

/// erlang:external_size/1: bytes that the external form takes at most.
Term external_size_1(ExecState& p, Args a) {
    const size_t size = etf_size(context_of(p), a[0], {});
    p.charge(size / kBytesPerReduction + 1);
    return Term::small(static_cast<int64_t>(size));
}

/// erlang:external_size/2: option {minor_version, 0..1}. Fails: badarg for others.
Term external_size_2(ExecState& p, Args a) {
    EtfOptions options;
    if (!parse_options(a[1], true, &options, nullptr)) return p.badarg();
    const size_t size = etf_size(context_of(p), a[0], options);
    p.charge(size / kBytesPerReduction + 1);
    return Term::small(static_cast<int64_t>(size));
}

}  // namespace lintel
