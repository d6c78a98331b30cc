#pragma once
/// Regex: one compiled pattern of the module re. docs/design/re.md tells which library answers when.

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/word.h"

struct pcre2_real_code_8;
struct pcre2_real_match_data_8;
namespace re2 {
class RE2;
}

namespace lintel {

/// What a pattern is compiled with, besides its text.
struct RegexOptions {
    enum Flag : uint32_t {
        kUnicode = 1,
        kAnchored = 2,
        kCaseless = 4,
        kDollarEndOnly = 8,
        kDotAll = 16,
        kExtended = 32,
        kFirstLine = 64,
        kMultiline = 128,
        kNoAutoCapture = 256,
        kDupNames = 512,
        kUngreedy = 1024,
        kNoStartOptimize = 2048,
        kUcp = 4096,
        kNeverUtf = 8192,
        kAllFlags = 16383,
    };
    enum class Newline : uint8_t { standard, cr, lf, crlf, any, anycrlf };
    enum class Bsr : uint8_t { standard, anycrlf, unicode };

    uint32_t flags = 0;
    Newline newline = Newline::standard;
    Bsr bsr = Bsr::standard;

    bool has(Flag f) const { return (flags & f) != 0; }
    bool operator==(const RegexOptions&) const = default;
};

struct RegexError {
    std::string_view text;  ///< as OTP 25 words it
    size_t offset;
};

/// Where a group matched; start < 0: it did not take part.
struct RegexGroup {
    int64_t start = -1;
    int64_t end = -1;
};

struct RegexRun {
    size_t offset = 0;
    bool anchored = false, notbol = false, noteol = false, notempty = false, notempty_atstart = false;
    uint32_t match_limit = 0, depth_limit = 0;  ///< 0: the default
    bool subject_is_checked = false;            ///< is known to be UTF-8, if the pattern wants that
};

enum class RegexStatus : uint8_t {
    match,
    nomatch,
    match_limit,
    depth_limit,
    bad_subject,  ///< the subject is not UTF-8, or the offset is within a character
    failed,       ///< no memory, or the library's own error
};

/// Immutable once made, but for what it keeps ready for the next run; any thread may run it.
class Regex {
public:
    /// nullptr: *error tells why.
    static std::shared_ptr<Regex> compile(std::string_view pattern, const RegexOptions& options, RegexError* error);
    ~Regex();
    Regex(const Regex&) = delete;
    Regex& operator=(const Regex&) = delete;

    /// Runs from run.offset (at most `size`) on. On a match `groups` has the whole match and then every group up to the last that
    /// took part.
    RegexStatus run(const uint8_t* subject, size_t size, const RegexRun& run, std::vector<RegexGroup>* groups) const;

    const RegexOptions& options() const { return options_; }
    const std::string& pattern() const { return pattern_; }
    size_t group_count() const { return group_count_; }
    /// The pattern matches characters: by option, or since it begins with (*UTF).
    bool is_utf() const { return is_utf_; }
    /// A line may end in CR LF.
    bool knows_crlf() const { return knows_crlf_; }
    /// Names of groups in alphabetical order, each once.
    const std::vector<std::string>& names() const { return names_; }
    /// Groups with this name.
    std::vector<uint32_t> groups_named(std::string_view name) const;
    /// RE2 can answer for this pattern.
    bool has_re2() const { return re2_ != nullptr; }

    /// "10.42 2022-12-11": of PCRE2.
    static std::string version();

private:
    Regex() = default;
    RegexStatus run_pcre2(const uint8_t* subject, size_t size, const RegexRun& run, uint32_t match_limit,
                          std::vector<RegexGroup>* groups) const;
    bool run_re2(const uint8_t* subject, size_t size, const RegexRun& run, std::vector<RegexGroup>* groups,
                 RegexStatus* status) const;
    void read_names();

    pcre2_real_code_8* code_ = nullptr;
    mutable std::atomic<pcre2_real_match_data_8*> spare_{nullptr};  ///< working memory for the next run
    std::unique_ptr<re2::RE2> re2_;
    bool re2_ends_line_ = false;  ///< re2_ is the pattern without its last `$`, as group 1, and a way to say `$`
    RegexOptions options_;
    std::string pattern_;
    size_t group_count_ = 0;
    bool is_utf_ = false;
    bool knows_crlf_ = false;
    std::vector<std::string> names_;
    std::vector<std::pair<std::string, uint32_t>> name_groups_;
};

}  // namespace lintel
