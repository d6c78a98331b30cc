/// BIFs of the module re.
///
/// A compiled pattern is {re_pattern, Groups, Unicode, CrLf, Bin}. Bin holds the pattern's text and options, not code: Erlang
/// programs store it, send it, and keep it as a literal; what it stands for is in the VM's RegexCache.
///
///     "LnRE" version(1) newline(1) bsr(1) 0 flags(4, big-endian) text…
///
/// With `global` all matches are found here in one go, so that the subject's UTF-8 is checked once.

#include "stdlib/bif.h"
#include "stdlib/build.h"
#include "stdlib/bytes_arg.h"
#include "stdlib/re/re_options.h"
#include "stdlib/stdlib_state.h"
#include "stdlib/unicode_text.h"
#include "term/atom.h"
#include "term/views.h"
#include "vm/iolist.h"

namespace lintel {

Term unicode_characters_to_binary_2(ExecState& p, Args a);

namespace {

constexpr size_t kBytesPerReduction = 64;
constexpr std::string_view kMagic = "LnRE\1";
constexpr size_t kHeaderBytes = 12;

using Regexp = std::shared_ptr<Regex>;

Term make_int(size_t n) { return Term::small(static_cast<int64_t>(n)); }

/// A pattern or subject as a binary: itself, or what the list holds. Non-value: it is neither; nothing is raised.
Term to_binary(ExecState& p, Term t, bool unicode) {
    if (as_binary(t)) return t;
    if (!t.is_list()) return Term::none();
    if (unicode) {
        const Term args[] = {t, am::unicode()};
        const Term result = unicode_characters_to_binary_2(p, Args{args});
        if (result.is_none()) p.pending = Pending::none;
        return result.is_value() && result.is_bitstring() ? result : Term::none();
    }
    size_t bits;
    if (iolist_bits(t, IoListItems::bytes, &bits) != IoListStatus::ok) return Term::none();
    uint8_t* to;
    auto heap = p.reserve(binary_words(bits / 8));
    const Term result = heap.binary_of(bits / 8, &to);
    if (to != nullptr) iolist_write(t, to);
    return to == nullptr ? Term::none() : result;
}

std::string_view as_text(const BytesArg& bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

Term encode(ExecState& p, const Regex& regex) {
    const std::string& text = regex.pattern();
    uint8_t* to;
    auto heap = p.reserve(binary_words(kHeaderBytes + text.size()) + tuple_words(5));
    const Term bin = heap.binary_of(kHeaderBytes + text.size(), &to);
    if (to == nullptr) return Term::none();
    memcpy(to, kMagic.data(), kMagic.size());
    to[5] = static_cast<uint8_t>(regex.options().newline);
    to[6] = static_cast<uint8_t>(regex.options().bsr);
    to[7] = 0;
    store_big_endian(to + 8, regex.options().flags);
    memcpy(to + kHeaderBytes, text.data(), text.size());
    const bool unicode = regex.options().has(RegexOptions::kUnicode);
    return heap.tuple(am::re_pattern(), make_int(regex.group_count()), make_int(unicode ? 1 : 0),
                      make_int(regex.knows_crlf() ? 1 : 0), bin);
}

/// The pattern of {re_pattern, …}, with another newline or bsr if `args` (or nullptr) ask for one. nullptr: it is none of ours.
Regexp decode(ExecState& p, Term t, const RegexArgs* args) {
    const auto tuple = as_tuple(t, 5);
    if (!tuple || tuple[0] != am::re_pattern()) return nullptr;
    const BytesArg bytes(tuple[4]);
    if (!bytes || bytes.size() < kHeaderBytes || !as_text(bytes).starts_with(kMagic)) return nullptr;
    RegexOptions options;
    options.flags = load_big_endian<uint32_t>(bytes.data() + 8);
    if ((options.flags & ~uint32_t{RegexOptions::kAllFlags}) != 0) return nullptr;
    if (bytes.data()[5] > static_cast<uint8_t>(RegexOptions::Newline::anycrlf) ||
        bytes.data()[6] > static_cast<uint8_t>(RegexOptions::Bsr::unicode)) {
        return nullptr;
    }
    options.newline = static_cast<RegexOptions::Newline>(bytes.data()[5]);
    options.bsr = static_cast<RegexOptions::Bsr>(bytes.data()[6]);
    if (args != nullptr && args->has_newline) options.newline = args->compile.newline;
    if (args != nullptr && args->has_bsr) options.bsr = args->compile.bsr;
    RegexError error;
    return stdlib_state(p).regexes.get(as_text(bytes).substr(kHeaderBytes), options, &error);
}

/// {Text, Position}
Term error_term(ExecState& p, const RegexError& e) {
    auto heap = p.reserve(list_words(e.text.size()) + tuple_words(2));
    const Term text = heap.byte_list(e.text);
    return heap.tuple(text, make_int(e.offset));
}

/// A pattern to import elsewhere (option export, OTP 28): {re_exported_pattern, Header, Text, Options, Encoded}. A header that says it has an encoding nobody knows
/// makes OTP compile the text, as importing does here.
///
///     "re-PCRE2" checksum(4) encoding(1) unicode(1)
constexpr std::string_view kExportMagic = "re-PCRE2";
constexpr size_t kExportHeaderBytes = 14;

Term make_exported(ExecState& p, const Regex& regex, Term text, Term options) {
    uint8_t header[kExportHeaderBytes] = {};
    memcpy(header, kExportMagic.data(), kExportMagic.size());
    header[12] = 0xff;
    header[13] = regex.options().has(RegexOptions::kUnicode) ? 1 : 0;
    auto heap = p.reserve(binary_words(sizeof header) + binary_words(0) + tuple_words(5));
    const Term bin = heap.binary(header, sizeof header), none = heap.binary(header, 0);
    return heap.tuple(p.vm->atoms.intern("re_exported_pattern"), bin, text, options, none);
}

/// nullptr: `what` is {Text, Position} of the error, or non-value: the BIF has failed. Otherwise `text` is the pattern as a binary.
Regexp compile(ExecState& p, Term pattern, const RegexArgs& args, Term* text, Term* what) {
    *what = Term::none();
    *text = to_binary(p, pattern, args.compile.has(RegexOptions::kUnicode));
    if (text->is_none()) {
        p.badarg();
        return nullptr;
    }
    const BytesArg bytes(*text);
    p.charge(bytes.size() / kBytesPerReduction * 16);
    RegexError error;
    Regexp regex = stdlib_state(p).regexes.get(as_text(bytes), args.compile, &error);
    if (regex == nullptr) {
        *what = error_term(p, error);
        if (what->is_none()) p.system_limit();
    }
    return regex;
}

Term compile(ExecState& p, Term pattern, Term options) {
    RegexArgs args;
    if (!read_regex_args(options, &args) || args.has_run_only) return p.badarg_because(am::badopt());
    constexpr int kFirstWithExport = 28;
    if (args.exported && as_process(p).machine().otp.number < kFirstWithExport) return p.badarg_because(am::badopt());
    Term text, what;
    const Regexp regex = compile(p, pattern, args, &text, &what);
    if (regex != nullptr) {
        what = args.exported ? make_exported(p, *regex, text, options) : encode(p, *regex);
        if (what.is_none()) return p.system_limit();
    }
    if (what.is_none()) return what;
    return make_tuple2(p, regex == nullptr ? am::error() : am::ok(), what);
}

/// One run of re:run: subject, pattern, and how to make terms of what it finds.
class Runner {
public:
    Runner(ExecState& p, const Regex& regex, Term subject, const BytesArg& bytes, const RegexArgs& args)
        : p_(p), regex_(regex), subject_(subject), bytes_(bytes), args_(args), run_(args.run) {
        run_.subject_is_checked = true;
        // A name may stand for several groups: that which took part counts.
        if (args.capture.which == RegexCapture::Which::list) {
            for (const auto& id : args.capture.ids) {
                wanted_.push_back(id.number >= 0 ? std::vector<uint32_t>{clip(id.number)}
                                                 : regex.groups_named(id.name));
            }
        } else if (args.capture.which == RegexCapture::Which::all_names) {
            for (const auto& name : regex.names()) wanted_.push_back(regex.groups_named(name));
        }
    }

    Term once() {
        const RegexStatus status = match(run_);
        if (status == RegexStatus::nomatch) return am::nomatch();
        if (status != RegexStatus::match) return failure(status);
        if (is_silent()) return am::match();
        return result(captures());
    }

    /// As re:grun of OTP: after an empty match, another that is not empty at the same place, else one character on.
    Term global() {
        std::vector<Term> all;
        size_t matches = 0;
        while (run_.offset <= bytes_.size()) {
            const size_t from = run_.offset;
            RegexStatus status = match(run_);
            if (status == RegexStatus::nomatch) break;
            if (status != RegexStatus::match) return failure(status);
            if (p_.no_memory) return p_.system_limit();  // the process is about to be killed for what it has got
            ++matches;
            if (!is_silent()) all.push_back(captures());
            const auto start = static_cast<size_t>(groups_[0].start), end = static_cast<size_t>(groups_[0].end);
            if (end > start) {
                run_.offset = end;
                continue;
            }
            RegexRun again = run_;
            again.offset = from;
            again.anchored = again.notempty_atstart = true;
            status = match(again);
            if (status != RegexStatus::match && status != RegexStatus::nomatch) return failure(status);
            size_t step = 0;
            if (status == RegexStatus::match) {
                ++matches;
                if (!is_silent()) all.push_back(captures());
                step = groups_[0].end > groups_[0].start ? static_cast<size_t>(groups_[0].end - groups_[0].start) : 0;
            }
            run_.offset = start + (step != 0 ? step : step_over(start));
        }
        if (matches == 0) return am::nomatch();
        if (is_silent()) return am::match();
        auto heap = p_.reserve(list_words(all.size()));
        return result(heap.list(all));
    }

private:
    static uint32_t clip(int64_t n) { return n > UINT32_MAX ? UINT32_MAX : static_cast<uint32_t>(n); }
    bool is_silent() const {
        using Which = RegexCapture::Which;
        return args_.capture.which == Which::none || (args_.capture.which == Which::all_names && wanted_.empty());
    }
    RegexStatus match(const RegexRun& run) {
        p_.charge((bytes_.size() - run.offset) / kBytesPerReduction / 16);
        const RegexStatus status = regex_.run(bytes_.data(), bytes_.size(), run, &groups_);
        // \K in a look-ahead can put the start behind the end.
        if (status == RegexStatus::match && groups_[0].start > groups_[0].end) groups_[0].start = groups_[0].end;
        return status;
    }
    Term result(Term what) {
        auto heap = p_.reserve(tuple_words(2));
        return heap.tuple(am::match(), what);
    }
    Term failure(RegexStatus status) {
        if (status == RegexStatus::bad_subject) return p_.badarg();
        if (status == RegexStatus::failed) return p_.system_limit();
        if (!args_.report_errors) return am::nomatch();
        auto heap = p_.reserve(tuple_words(2));
        return heap.tuple(am::error(),
                          status == RegexStatus::match_limit ? am::match_limit() : am::match_limit_recursion());
    }
    /// Bytes of the character (or CR LF) at `at`.
    size_t step_over(size_t at) const {
        if (at >= bytes_.size()) return 1;
        const uint8_t* b = bytes_.data() + at;
        if (regex_.knows_crlf() && at + 1 < bytes_.size() && b[0] == '\r' && b[1] == '\n') return 2;
        const size_t n = regex_.options().has(RegexOptions::kUnicode) ? utf8_sequence_bytes(*b) : 1;
        return n == 0 ? 1 : n;
    }

    Term captures() {
        using Which = RegexCapture::Which;
        std::vector<Term> terms;
        switch (args_.capture.which) {
            case Which::first: terms.push_back(group(groups_[0])); break;
            case Which::all:
            case Which::all_but_first:
                for (size_t i = args_.capture.which == Which::all ? 0 : 1; i < groups_.size(); ++i) {
                    terms.push_back(group(groups_[i]));
                }
                break;
            case Which::list:
            case Which::all_names:
                for (const auto& candidates : wanted_) {
                    RegexGroup found;
                    for (const uint32_t i : candidates) {
                        if (found.start < 0 && i < groups_.size()) found = groups_[i];
                    }
                    terms.push_back(group(found));
                }
                break;
            case Which::none: break;
        }
        auto heap = p_.reserve(list_words(terms.size()));
        return heap.list(terms);
    }
    Term group(RegexGroup g) {
        const size_t size = g.start < 0 ? 0 : static_cast<size_t>(g.end - g.start);
        switch (args_.capture.type) {
            case RegexCapture::Type::index: {
                auto heap = p_.reserve(tuple_words(2));
                return heap.tuple(Term::small(g.start), make_int(size));
            }
            case RegexCapture::Type::binary: {
                auto heap = p_.reserve(kSubBinaryWords);
                return heap.sub_bits(subject_, g.start < 0 ? 0 : static_cast<size_t>(g.start) * 8, size * 8);
            }
            case RegexCapture::Type::list: break;
        }
        const std::string_view text(reinterpret_cast<const char*>(bytes_.data()) + (g.start < 0 ? 0 : g.start), size);
        p_.charge(size / kBytesPerReduction);
        if (!may_reserve(p_, list_words(size))) return p_.system_limit();
        auto heap = p_.reserve(list_words(size));
        return regex_.options().has(RegexOptions::kUnicode) ? heap.string(text) : heap.byte_list(text);
    }

    ExecState& p_;
    const Regex& regex_;
    Term subject_;
    const BytesArg& bytes_;
    const RegexArgs& args_;
    RegexRun run_;
    std::vector<RegexGroup> groups_;
    std::vector<std::vector<uint32_t>> wanted_;  ///< groups that each name or number asked for may mean
};

Term run(ExecState& p, Term subject, Term pattern, Term options) {
    RegexArgs args;
    if (!read_regex_args(options, &args)) return p.badarg_because(am::badopt());
    if (args.bad_capture || args.exported) return p.badarg();
    Regexp regex;
    if (pattern.is_tuple()) {
        if (args.has_compile_only) return p.badarg();
        regex = decode(p, pattern, &args);
        if (regex == nullptr) return p.badarg();
    } else {
        const Term binary = to_binary(p, pattern, args.compile.has(RegexOptions::kUnicode));
        if (binary.is_none()) return p.badarg();
        const BytesArg text(binary);
        RegexError error;
        regex = stdlib_state(p).regexes.get(as_text(text), args.compile, &error);
        if (regex == nullptr) {
            if (!args.report_errors) return p.badarg();
            const Term what = error_term(p, error);
            auto heap = p.reserve(2 * tuple_words(2));
            return heap.tuple(am::error(), heap.tuple(am::compile(), what));
        }
    }
    const Term binary = to_binary(p, subject, regex->options().has(RegexOptions::kUnicode));
    if (binary.is_none()) return p.badarg();
    const BytesArg bytes(binary);
    if (!bytes) return p.system_limit();
    if (regex->is_utf() && check_utf8(bytes.data(), bytes.size()).valid != bytes.size()) return p.badarg();
    if (args.run.offset > bytes.size()) {
        // For one match erl ends the process; nobody relies on that.
        return args.global ? am::nomatch() : p.error(am::badarg());
    }
    Runner runner(p, *regex, binary, bytes, args);
    return args.global ? runner.global() : runner.once();
}

}  // namespace

/// re:version/0: of the library that reads patterns.
Term re_version_0(ExecState& p, Args) {
    const std::string text = Regex::version();
    auto heap = p.reserve(binary_words(text.size()));
    return heap.binary(text);
}

/// re:compile/1,2: {ok, MP} or {error, {Text, Position}}. Fails: badarg; with cause badopt if an option is wrong.
Term re_compile_1(ExecState& p, Args a) { return compile(p, a[0], Term::nil()); }
Term re_compile_2(ExecState& p, Args a) { return compile(p, a[0], a[1]); }

/// re:run/2,3: {match, Captured}, match or nomatch; with report_errors also {error, Why}. Fails: badarg.
Term re_run_2(ExecState& p, Args a) { return run(p, a[0], a[1], Term::nil()); }
Term re_run_3(ExecState& p, Args a) { return run(p, a[0], a[1], a[2]); }

/// re:internal_run/4: re:run/3 for OTP's own loop; the last argument says that the subject has been checked, which is not believed.
Term re_internal_run_4(ExecState& p, Args a) {
    if (a[3] != am::true_() && a[3] != am::false_()) return p.badarg();
    return run(p, a[0], a[1], a[2]);
}

/// re:import/1 (OTP 28): what re:compile/2 made of the same text with the option `export`, in this VM or in an OTP. Fails: badarg.
Term re_import_1(ExecState& p, Args a) {
    const auto exported = as_tuple(a[0], 5);
    if (!exported || exported[0] != p.vm->atoms.find("re_exported_pattern")) return p.badarg();
    RegexArgs args;
    const BytesArg header(exported[1]);
    if (!header || header.size() < kExportHeaderBytes || !as_text(header).starts_with(kExportMagic) ||
        !read_regex_args(exported[3], &args) || args.has_run_only) {
        return p.badarg();
    }
    Term text, what;
    const Regexp regex = compile(p, exported[2], args, &text, &what);
    if (regex == nullptr) return what.is_none() ? what : p.badarg();
    const Term made = encode(p, *regex);
    return made.is_value() ? made : p.system_limit();
}

/// re:inspect/2: {namelist, Names}. Fails: badarg.
Term re_inspect_2(ExecState& p, Args a) {
    const Regexp regex = decode(p, a[0], nullptr);
    if (regex == nullptr || a[1] != am::namelist()) return p.badarg();
    std::vector<Term> names;
    for (const auto& name : regex->names()) {
        auto heap = p.reserve(binary_words(name.size()));
        names.push_back(heap.binary(name));
    }
    auto heap = p.reserve(list_words(names.size()) + tuple_words(2));
    const Term list = heap.list(names);
    return heap.tuple(am::namelist(), list);
}

}  // namespace lintel
