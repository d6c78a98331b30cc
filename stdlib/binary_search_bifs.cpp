/// BIFs of the module binary that search: compile_pattern, match, matches, split.

#include <optional>
#include <vector>

#include "stdlib/bif.h"
#include "stdlib/binary_search.h"
#include "stdlib/build.h"
#include "stdlib/bytes_arg.h"
#include "term/atom.h"
#include "term/views.h"
#include "vm/vm_core.h"

namespace lintel {
namespace {

constexpr size_t kBytesPerReduction = 1024;

/// A pattern argument, ready for searching: what compile_pattern returned, a binary, or a list of binaries.
class PatternArg {
public:
    explicit PatternArg(Term t, bool allow_compiled = true) {
        if (const auto compiled = as_tuple(t, 2)) {
            if (!allow_compiled) return;
            const auto* magic = as_magic<SearchPattern>(compiled[1]);
            if (magic != nullptr && compiled[0] == (magic->is_set() ? am::ac() : am::bm())) pattern_ = magic;
            return;
        }
        std::vector<SearchPattern::Bytes> patterns;
        bool ok = true;
        if (t.is_bitstring()) {
            ok = add(t, &patterns);
        } else {
            for (; ok && t.is_cons(); t = t.tail()) ok = add(t.head(), &patterns);
            ok = ok && t.is_nil() && !patterns.empty();
        }
        if (ok) own_ = new SearchPattern(std::move(patterns));
        pattern_ = own_;
    }
    ~PatternArg() {
        if (own_ != nullptr) own_->release_reference();
        for (uint8_t* c : copies_) release(c);
    }
    PatternArg(const PatternArg&) = delete;
    PatternArg& operator=(const PatternArg&) = delete;

    /// Nullptr: the argument is no pattern.
    const SearchPattern* get() const { return pattern_; }
    /// Gives away the pattern made from the argument.
    SearchPattern* take() { return std::exchange(own_, nullptr); }

private:
    bool add(Term t, std::vector<SearchPattern::Bytes>* patterns) {
        const BitsView v = as_binary(t);
        if (!v || v.size == 0) return false;
        uint8_t* copy = nullptr;
        if (!v.is_aligned()) {
            copy = static_cast<uint8_t*>(try_allocate(v.size / 8));
            if (copy == nullptr) return false;
            copies_.push_back(copy);
        }
        patterns->push_back({aligned_bytes(v, copy), v.size / 8});
        return true;
    }

    const SearchPattern* pattern_ = nullptr;
    SearchPattern* own_ = nullptr;
    std::vector<uint8_t*> copies_;
};

struct Options {
    size_t from = 0, to = 0;  ///< scope, in bytes
    bool global = false, trim = false, trim_all = false;
};

/// {scope, {Start, Length}}: as binary:part/2.
bool read_scope(Term t, size_t size, Options* o) {
    const auto scope = as_tuple(t, 2);
    if (!scope || scope[0] != am::scope()) return false;
    const auto part = as_tuple(scope[1], 2);
    if (!part || !part[0].is_small() || !part[1].is_small()) return false;
    const int64_t limit = static_cast<int64_t>(size), start = part[0].to_small(), length = part[1].to_small();
    if (start < 0 || start > limit || length > limit - start || length < -start) return false;
    o->from = static_cast<size_t>(length < 0 ? start + length : start);
    o->to = static_cast<size_t>(length < 0 ? start : start + length);
    return true;
}

enum class Call { match, split };

/// As erl has it, an improper tail that is no list is taken for the end; only what is no list at all is wrong.
bool read_options(Term list, size_t size, Call call, Options* o) {
    o->from = 0;
    o->to = size;
    if (!list.is_list()) return false;
    for (; list.is_cons(); list = list.tail()) {
        const Term option = list.head();
        if (call == Call::split && option == am::global()) {
            o->global = true;
        } else if (call == Call::split && option == am::trim()) {
            o->trim = true;
        } else if (call == Call::split && option == am::trim_all()) {
            o->trim_all = true;
        } else if (!read_scope(option, size, o)) {
            return false;
        }
    }
    return true;
}

Term found_pair(HeapBuilder& heap, Found f) {
    return heap.tuple(Term::small(static_cast<int64_t>(f.at)), Term::small(static_cast<int64_t>(f.length)));
}

/// All matches within the scope. False: more than the VM's memory limit leaves room for.
bool find_all(ExecState& p, const SearchPattern& pattern, const uint8_t* bytes, const Options& o,
              std::vector<Found>* all) {
    Found f;
    for (size_t at = o.from; pattern.find(bytes, at, o.to, &f); at = f.at + f.length) {
        // The result takes more than the vector does.
        if (all->size() == all->capacity() && !may_reserve(p, 2 * all->size() * (kConsWords + kSubBinaryWords)))
            return false;
        all->push_back(f);
    }
    return true;
}

Term match(ExecState& p, Args a, Term option_list, bool all) {
    const BytesArg subject(a[0]);
    if (!subject) return p.badarg();
    Options o;
    if (!read_options(option_list, subject.size(), Call::match, &o)) return p.badarg();
    if (o.to == 0) return all ? Term::nil() : am::nomatch();  // erl does not look at the pattern then
    const PatternArg pattern(a[1]);
    if (pattern.get() == nullptr) return p.badarg();
    p.charge((o.to - o.from) / kBytesPerReduction);
    if (!all) {
        Found f;
        if (!pattern.get()->find(subject.data(), o.from, o.to, &f)) return am::nomatch();
        auto heap = p.reserve(tuple_words(2));
        return found_pair(heap, f);
    }
    std::vector<Found> matches;
    if (!find_all(p, *pattern.get(), subject.data(), o, &matches)) return p.system_limit();
    auto heap = p.reserve(matches.size() * (kConsWords + tuple_words(2)));
    Term list = Term::nil();
    for (size_t i = matches.size(); i-- > 0;) {
        const Term pair = found_pair(heap, matches[i]);
        list = heap.cons(pair, list);
    }
    return list;
}

Term split(ExecState& p, Args a, Term option_list) {
    const BytesArg subject(a[0]);
    if (!subject) return p.badarg();
    Options o;
    if (!read_options(option_list, subject.size(), Call::split, &o)) return p.badarg();
    const bool nothing = o.to == 0;  // erl does not look at the pattern then
    const PatternArg pattern(nothing ? Term::nil() : a[1]);
    if (!nothing && pattern.get() == nullptr) return p.badarg();
    p.charge((o.to - o.from) / kBytesPerReduction);
    std::vector<Found> cuts;
    if (nothing) {
        // No cuts.
    } else if (o.global) {
        if (!find_all(p, *pattern.get(), subject.data(), o, &cuts)) return p.system_limit();
    } else if (Found f; pattern.get()->find(subject.data(), o.from, o.to, &f)) {
        cuts.push_back(f);
    }
    // From the last part to the first. `trim` drops empty parts as long as none has been kept.
    auto heap = p.reserve((cuts.size() + 1) * (kConsWords + kSubBinaryWords));
    Term list = Term::nil();
    size_t end = subject.size();
    for (size_t i = cuts.size() + 1; i-- > 0;) {
        const size_t begin = i == 0 ? 0 : cuts[i - 1].at + cuts[i - 1].length;
        const bool drop = begin == end && (o.trim_all || (o.trim && list.is_nil()));
        if (!drop) {
            const Term part = heap.sub_bits(a[0], begin * 8, (end - begin) * 8);
            list = heap.cons(part, list);
        }
        if (i != 0) end = cuts[i - 1].at;
    }
    return list;
}

}  // namespace

/// binary:compile_pattern/1: {bm, Ref} for one pattern, {ac, Ref} for several. Fails: badarg if a pattern is empty or none.
Term binary_compile_pattern_1(ExecState& p, Args a) {
    PatternArg pattern(a[0], false);
    if (pattern.get() == nullptr) return p.badarg();
    auto heap = p.reserve(kMagicRefWords + tuple_words(2));
    const Term tag = pattern.get()->is_set() ? am::ac() : am::bm();
    return heap.tuple(tag, heap.magic_ref(pattern.take(), p.vm->next_reference_number(), 0));
}

/// binary:match/2,3: {Start, Length} of the first match, or nomatch. Fails: badarg.
Term binary_match_2(ExecState& p, Args a) { return match(p, a, Term::nil(), false); }
Term binary_match_3(ExecState& p, Args a) { return match(p, a, a[2], false); }

/// binary:matches/2,3: all matches that do not overlap. Fails: badarg.
Term binary_matches_2(ExecState& p, Args a) { return match(p, a, Term::nil(), true); }
Term binary_matches_3(ExecState& p, Args a) { return match(p, a, a[2], true); }

/// binary:split/2,3: the parts between the first match, or with `global` all matches. Fails: badarg.
Term binary_split_2(ExecState& p, Args a) { return split(p, a, Term::nil()); }
Term binary_split_3(ExecState& p, Args a) { return split(p, a, a[2]); }

}  // namespace lintel
