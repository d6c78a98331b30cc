#define PCRE2_CODE_UNIT_WIDTH 8
#include "stdlib/re/regex.h"

#include <pcre2.h>
#include <re2/re2.h>

#include <algorithm>
#include <cstring>

#include "base/alloc.h"
#include "stdlib/re/re2_pattern.h"
#include "stdlib/re/regex_errors.h"
#include "stdlib/re/regex_tables.h"
#include "stdlib/unicode_text.h"

/// Compiling and running patterns.
///
/// Every pattern is compiled by PCRE2; RE2 has it, too, if the translation says that both give the same answers. A run that
/// RE2 can do begins with PCRE2 under a low match limit when the subject is short, since most runs end at once and then PCRE2 is
/// faster; when the limit is hit, or the subject is long, RE2 does it, in linear time.
///
/// OTP 25 has PCRE 8. Where PCRE2 reads a pattern otherwise, the pattern is changed first:
///  - a backslash before a letter that means nothing there stands for the letter (PCRE2 refuses it): the backslash is dropped;
///  - (*UTF8) at the start is (*UTF).
/// Positions in errors are those of the original.

namespace lintel {

namespace {

constexpr uint32_t kDefaultMatchLimit = 10'000'000;
/// Tries before RE2 is asked.
constexpr uint32_t kFirstMatchLimit = 5'000;
constexpr size_t kShortSubject = 200;
/// KiB that the backtracking of one run may take.
constexpr uint32_t kHeapLimitKib = 256 * 1024;

void* pcre2_allocate(size_t bytes, void*) { return try_allocate(bytes); }
void pcre2_release(void* block, void*) { release(block); }

/// Contexts with our memory. Made for each compilation: they cost little beside it.
class CompileContext {
public:
    explicit CompileContext(const RegexOptions& options)
        : general_(pcre2_general_context_create(pcre2_allocate, pcre2_release, nullptr)),
          context_(general_ == nullptr ? nullptr : pcre2_compile_context_create(general_)) {
        if (context_ == nullptr) return;
        pcre2_set_compile_extra_options(context_, PCRE2_EXTRA_ALLOW_LOOKAROUND_BSK);
        if (const uint8_t* tables = latin1_tables()) pcre2_set_character_tables(context_, tables);
        using Newline = RegexOptions::Newline;
        switch (options.newline) {
            case Newline::standard:
            case Newline::lf: pcre2_set_newline(context_, PCRE2_NEWLINE_LF); break;
            case Newline::cr: pcre2_set_newline(context_, PCRE2_NEWLINE_CR); break;
            case Newline::crlf: pcre2_set_newline(context_, PCRE2_NEWLINE_CRLF); break;
            case Newline::any: pcre2_set_newline(context_, PCRE2_NEWLINE_ANY); break;
            case Newline::anycrlf: pcre2_set_newline(context_, PCRE2_NEWLINE_ANYCRLF); break;
        }
        pcre2_set_bsr(context_, options.bsr == RegexOptions::Bsr::anycrlf ? PCRE2_BSR_ANYCRLF : PCRE2_BSR_UNICODE);
    }
    ~CompileContext() {
        pcre2_compile_context_free(context_);
        pcre2_general_context_free(general_);
    }
    CompileContext(const CompileContext&) = delete;
    CompileContext& operator=(const CompileContext&) = delete;
    pcre2_compile_context* get() const { return context_; }

private:
    pcre2_general_context* general_;
    pcre2_compile_context* context_;
};

uint32_t pcre2_flags(const RegexOptions& options) {
    static constexpr struct {
        RegexOptions::Flag flag;
        uint32_t pcre2;
    } kMap[] = {
        {RegexOptions::kUnicode, PCRE2_UTF},
        {RegexOptions::kAnchored, PCRE2_ANCHORED},
        {RegexOptions::kCaseless, PCRE2_CASELESS},
        {RegexOptions::kDollarEndOnly, PCRE2_DOLLAR_ENDONLY},
        {RegexOptions::kDotAll, PCRE2_DOTALL},
        {RegexOptions::kExtended, PCRE2_EXTENDED},
        {RegexOptions::kFirstLine, PCRE2_FIRSTLINE},
        {RegexOptions::kMultiline, PCRE2_MULTILINE},
        {RegexOptions::kNoAutoCapture, PCRE2_NO_AUTO_CAPTURE},
        {RegexOptions::kDupNames, PCRE2_DUPNAMES},
        {RegexOptions::kUngreedy, PCRE2_UNGREEDY},
        {RegexOptions::kNoStartOptimize, PCRE2_NO_START_OPTIMIZE},
        {RegexOptions::kUcp, PCRE2_UCP},
        {RegexOptions::kNeverUtf, PCRE2_NEVER_UTF},
    };
    uint32_t flags = 0;
    for (const auto& row : kMap) {
        if (options.has(row.flag)) flags |= row.pcre2;
    }
    return flags;
}

/// PCRE2 finds where a match may begin by a table that has the wrong bytes for characters from 128 to 255 where `\w` without ucp is the
/// first; then it must look everywhere.
bool misses_beginnings(const pcre2_code* code, std::string_view pattern) {
    uint32_t flags = 0;
    pcre2_pattern_info(code, PCRE2_INFO_ALLOPTIONS, &flags);
    if ((flags & (PCRE2_UTF | PCRE2_UCP | PCRE2_NO_START_OPTIMIZE)) != PCRE2_UTF) return false;
    const uint8_t* first_bytes = nullptr;
    pcre2_pattern_info(code, PCRE2_INFO_FIRSTBITMAP, &first_bytes);
    return first_bytes != nullptr && pattern.find("\\w") != std::string_view::npos;
}

bool is_letter(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }

pcre2_code* compile_pattern(std::string_view pattern, const RegexOptions& options, RegexError* error) {
    const CompileContext context(options);
    if (context.get() == nullptr) {
        *error = {"failed to get memory", 0};
        return nullptr;
    }
    uint32_t flags = pcre2_flags(options);
    std::string text(pattern);
    // Where a character was taken out of the original, or put in; one after the other, not in the order of their places.
    struct Edit {
        size_t place;
        bool is_put_in;
    };
    std::vector<Edit> edits;
    if (const size_t verb = text.find("(*UTF8)"); verb != std::string::npos && text.starts_with("(*")) {
        text.erase(verb + 5, 1);
        edits.push_back({verb + 5, false});
    }
    for (;;) {
        int code;
        PCRE2_SIZE offset;
        pcre2_code* compiled =
            pcre2_compile(reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), flags, &code, &offset, context.get());
        if (compiled != nullptr && misses_beginnings(compiled, pattern)) {
            pcre2_code_free(compiled);
            flags |= PCRE2_NO_START_OPTIMIZE;
            continue;
        }
        if (compiled != nullptr) return compiled;
        if ((code == PCRE2_ERROR_UNKNOWN_ESCAPE || code == PCRE2_ERROR_ESCAPE_INVALID_IN_CLASS) && offset >= 1 &&
            offset < text.size() && text[offset - 1] == '\\' && is_letter(text[offset]) &&
            !pcre8_knows_escape(text[offset])) {
            text.erase(offset - 1, 1);
            edits.push_back({offset - 1, false});
            continue;
        }
        // To PCRE 8 a hyphen behind \d and the like, or behind a POSIX class, is a character.
        if (code == PCRE2_ERROR_CLASS_INVALID_RANGE && offset >= 1 && offset < text.size() && text[offset] == '-') {
            text.insert(offset, 1, '\\');
            edits.push_back({offset, true});
            continue;
        }
        *error = pcre8_error(code, text, offset);
        for (auto edit = edits.rbegin(); edit != edits.rend(); ++edit) {
            if (!edit->is_put_in) {
                error->offset += edit->place <= error->offset;
            } else if (edit->place < error->offset) {
                --error->offset;
            }
        }
        return nullptr;
    }
}

}  // namespace

std::shared_ptr<Regex> Regex::compile(std::string_view pattern, const RegexOptions& options, RegexError* error) {
    pcre2_code* code = compile_pattern(pattern, options, error);
    if (code == nullptr) return nullptr;
    std::shared_ptr<Regex> regex(new Regex);
    regex->code_ = code;
    regex->options_ = options;
    regex->pattern_ = pattern;
    uint32_t number = 0;
    pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &number);
    regex->group_count_ = number;
    pcre2_pattern_info(code, PCRE2_INFO_ALLOPTIONS, &number);
    regex->is_utf_ = (number & PCRE2_UTF) != 0;
    pcre2_pattern_info(code, PCRE2_INFO_NEWLINE, &number);
    regex->knows_crlf_ = number == PCRE2_NEWLINE_CRLF || number == PCRE2_NEWLINE_ANY || number == PCRE2_NEWLINE_ANYCRLF;
    regex->read_names();

    if (const auto translated = translate_for_re2(pattern, options, regex->group_count_)) {
        re2::RE2::Options re2_options;
        re2_options.set_encoding(regex->is_utf_ ? re2::RE2::Options::EncodingUTF8 : re2::RE2::Options::EncodingLatin1);
        re2_options.set_log_errors(false);
        auto re2 = std::make_unique<re2::RE2>(re2::StringPiece(translated->text), re2_options);
        if (re2->ok()) {
            regex->re2_ = std::move(re2);
            regex->re2_ends_line_ = translated->ends_line;
        }
    }
    return regex;
}

Regex::~Regex() {
    pcre2_match_data_free(spare_.load());
    pcre2_code_free(code_);
}

void Regex::read_names() {
    uint32_t count = 0, entry_bytes = 0;
    PCRE2_SPTR table = nullptr;
    pcre2_pattern_info(code_, PCRE2_INFO_NAMECOUNT, &count);
    pcre2_pattern_info(code_, PCRE2_INFO_NAMEENTRYSIZE, &entry_bytes);
    pcre2_pattern_info(code_, PCRE2_INFO_NAMETABLE, &table);
    for (uint32_t i = 0; i < count; ++i) {
        const uint8_t* entry = table + size_t{i} * entry_bytes;
        std::string name(reinterpret_cast<const char*>(entry + 2));
        if (names_.empty() || names_.back() != name) names_.push_back(name);
        name_groups_.emplace_back(std::move(name), static_cast<uint32_t>(entry[0] << 8 | entry[1]));
    }
}

std::vector<uint32_t> Regex::groups_named(std::string_view name) const {
    std::vector<uint32_t> groups;
    for (const auto& [n, group] : name_groups_) {
        if (n == name) groups.push_back(group);
    }
    return groups;
}

std::string Regex::version() {
    char text[64];
    if (pcre2_config(PCRE2_CONFIG_VERSION, nullptr) > static_cast<int>(sizeof text)) return "PCRE2";
    pcre2_config(PCRE2_CONFIG_VERSION, text);
    return text;
}

RegexStatus Regex::run_pcre2(const uint8_t* subject, size_t size, const RegexRun& run, uint32_t match_limit,
                             std::vector<RegexGroup>* groups) const {
    pcre2_match_data* data = spare_.exchange(nullptr);
    if (data == nullptr) data = pcre2_match_data_create_from_pattern(code_, nullptr);
    if (data == nullptr) return RegexStatus::failed;
    pcre2_match_context* context = nullptr;
    if (match_limit != kDefaultMatchLimit || run.depth_limit != 0 || size > 1000) {
        context = pcre2_match_context_create(nullptr);
        if (context == nullptr) {
            pcre2_match_data_free(data);
            return RegexStatus::failed;
        }
        pcre2_set_match_limit(context, match_limit);
        if (run.depth_limit != 0) pcre2_set_depth_limit(context, run.depth_limit);
        pcre2_set_heap_limit(context, kHeapLimitKib);
    }
    uint32_t flags = PCRE2_NO_UTF_CHECK;  // done by us
    if (run.anchored) flags |= PCRE2_ANCHORED;
    if (run.notbol) flags |= PCRE2_NOTBOL;
    if (run.noteol) flags |= PCRE2_NOTEOL;
    if (run.notempty) flags |= PCRE2_NOTEMPTY;
    if (run.notempty_atstart) flags |= PCRE2_NOTEMPTY_ATSTART;
    const int code = pcre2_match(code_, subject, size, run.offset, flags, data, context);
    if (code > 0) {
        const PCRE2_SIZE* places = pcre2_get_ovector_pointer(data);
        groups->resize(static_cast<size_t>(code));
        for (size_t i = 0; i < groups->size(); ++i) {
            const bool set = places[2 * i] != PCRE2_UNSET;
            (*groups)[i] =
                set ? RegexGroup{static_cast<int64_t>(places[2 * i]), static_cast<int64_t>(places[2 * i + 1])}
                    : RegexGroup{};
        }
    }
    pcre2_match_context_free(context);
    pcre2_match_data_free(spare_.exchange(data));
    if (code > 0) return RegexStatus::match;
    switch (code) {
        case PCRE2_ERROR_NOMATCH: return RegexStatus::nomatch;
        case PCRE2_ERROR_MATCHLIMIT: return RegexStatus::match_limit;
        case PCRE2_ERROR_DEPTHLIMIT:
        case PCRE2_ERROR_HEAPLIMIT: return RegexStatus::depth_limit;
        case PCRE2_ERROR_BADUTFOFFSET: return RegexStatus::bad_subject;
        default: return RegexStatus::failed;
    }
}

bool Regex::run_re2(const uint8_t* subject, size_t size, const RegexRun& run, std::vector<RegexGroup>* groups,
                    RegexStatus* status) const {
    const re2::StringPiece text(reinterpret_cast<const char*>(subject), size);
    const size_t extra = re2_ends_line_ ? 1 : 0;
    constexpr size_t kFew = 16;
    re2::StringPiece few[kFew];
    std::vector<re2::StringPiece> many;
    const size_t count = 1 + group_count_ + extra;
    re2::StringPiece* found = few;
    if (count > kFew) {
        many.resize(count);
        found = many.data();
    }
    const bool anchored = run.anchored || options_.has(RegexOptions::kAnchored);
    const bool is = re2_->Match(text, run.offset, size, anchored ? re2::RE2::ANCHOR_START : re2::RE2::UNANCHORED, found,
                                static_cast<int>(count));
    *status = is ? RegexStatus::match : RegexStatus::nomatch;
    if (!is) return true;
    size_t last = 0;
    for (size_t i = 0; i <= group_count_; ++i) {
        if (found[i + extra].data() != nullptr) last = i;
    }
    groups->resize(last + 1);
    for (size_t i = 0; i <= last; ++i) {
        const re2::StringPiece& piece = found[i + extra];
        if (piece.data() == nullptr) {
            (*groups)[i] = {};
        } else {
            const int64_t start = piece.data() - text.data();
            (*groups)[i] = {start, start + static_cast<int64_t>(piece.size())};
        }
    }
    return true;
}

RegexStatus Regex::run(const uint8_t* subject, size_t size, const RegexRun& run,
                       std::vector<RegexGroup>* groups) const {
    if (is_utf_) {
        if (!run.subject_is_checked && check_utf8(subject, size).valid != size) return RegexStatus::bad_subject;
        if (run.offset < size && (subject[run.offset] & 0xc0) == 0x80) return RegexStatus::bad_subject;
    }
    const uint32_t limit = run.match_limit != 0 ? run.match_limit : kDefaultMatchLimit;
    const bool re2_can = re2_ != nullptr && size < (size_t{1} << 31) && run.match_limit == 0 && run.depth_limit == 0 &&
                         !run.notbol && !run.noteol && !run.notempty && !run.notempty_atstart;
    if (!re2_can) return run_pcre2(subject, size, run, limit, groups);
    if (size - run.offset <= kShortSubject) {
        const RegexStatus status = run_pcre2(subject, size, run, kFirstMatchLimit, groups);
        if (status != RegexStatus::match_limit && status != RegexStatus::depth_limit) return status;
    }
    RegexStatus status;
    run_re2(subject, size, run, groups, &status);
    return status;
}

}  // namespace lintel
