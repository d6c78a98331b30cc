#define PCRE2_CODE_UNIT_WIDTH 8
#include "stdlib/re/regex_errors.h"

#include <pcre2.h>

#include <cstring>

namespace lintel {

bool pcre8_knows_escape(char c) { return std::strchr("lLNuU", c) != nullptr; }

RegexError pcre8_error(int code, std::string_view pattern, size_t offset) {
    const auto at = [&](std::string_view text) { return RegexError{text, offset}; };
    switch (code) {
        case PCRE2_ERROR_END_BACKSLASH: return at("\\ at end of pattern");
        case PCRE2_ERROR_END_BACKSLASH_C: return at("\\c at end of pattern");
        case PCRE2_ERROR_UNKNOWN_ESCAPE:
        case PCRE2_ERROR_UNSUPPORTED_ESCAPE_SEQUENCE:
            return {"PCRE does not support \\L, \\l, \\N{name}, \\U, or \\u", offset > 0 ? offset - 1 : 0};
        case PCRE2_ERROR_QUANTIFIER_OUT_OF_ORDER: return at("numbers out of order in {} quantifier");
        case PCRE2_ERROR_QUANTIFIER_TOO_BIG: return at("number too big in {} quantifier");
        case PCRE2_ERROR_MISSING_SQUARE_BRACKET: return at("missing terminating ] for character class");
        case PCRE2_ERROR_ESCAPE_INVALID_IN_CLASS: return at("invalid escape sequence in character class");
        case PCRE2_ERROR_CLASS_RANGE_ORDER: return at("range out of order in character class");
        case PCRE2_ERROR_QUANTIFIER_INVALID: return at("nothing to repeat");
        case PCRE2_ERROR_INVALID_AFTER_PARENS_QUERY: return at("unrecognized character after (? or (?-");
        case PCRE2_ERROR_POSIX_CLASS_NOT_IN_CLASS: return at("POSIX named classes are supported only within a class");
        case PCRE2_ERROR_POSIX_NO_SUPPORT_COLLATING: return at("POSIX collating elements are not supported");
        case PCRE2_ERROR_MISSING_CLOSING_PARENTHESIS:
            if (pattern == "(?" || pattern.ends_with("(?")) return at("unrecognized character after (? or (?-");
            return at("missing )");
        case PCRE2_ERROR_BAD_SUBPATTERN_REFERENCE:
            // PCRE 8 tells where the reference ends.
            while (offset < pattern.size() &&
                   (pattern[offset] == '_' || (pattern[offset] >= '0' && pattern[offset] <= '9') ||
                    ((pattern[offset] | 0x20) >= 'a' && (pattern[offset] | 0x20) <= 'z'))) {
                ++offset;
            }
            return at("reference to non-existent subpattern");
        case PCRE2_ERROR_MISSING_COMMENT_CLOSING: return at("missing ) after comment");
        case PCRE2_ERROR_PARENTHESES_NEST_TOO_DEEP: return at("parentheses are too deeply nested");
        case PCRE2_ERROR_PATTERN_TOO_LARGE: return at("regular expression is too large");
        case PCRE2_ERROR_HEAP_FAILED: return at("failed to get memory");
        case PCRE2_ERROR_UNMATCHED_CLOSING_PARENTHESIS: return at("unmatched parentheses");
        case PCRE2_ERROR_MISSING_CONDITION_CLOSING: return at("malformed number or name after (?(");
        case PCRE2_ERROR_LOOKBEHIND_NOT_FIXED_LENGTH: return at("lookbehind assertion is not fixed length");
        case PCRE2_ERROR_ZERO_RELATIVE_REFERENCE: return at("a numbered reference must not be zero");
        case PCRE2_ERROR_TOO_MANY_CONDITION_BRANCHES: return at("conditional group contains more than two branches");
        case PCRE2_ERROR_CONDITION_ASSERTION_EXPECTED: return at("assertion expected after (?( or (?(?C)");
        case PCRE2_ERROR_BAD_RELATIVE_REFERENCE: return at("reference to non-existent subpattern");
        case PCRE2_ERROR_UNKNOWN_POSIX_CLASS: return at("unknown POSIX class name");
        case PCRE2_ERROR_CODE_POINT_TOO_BIG: return at("character value in \\x{} or \\o{} is too large");
        case PCRE2_ERROR_UNICODE_DISALLOWED_CODE_POINT:
            return at("disallowed Unicode code point (>= 0xd800 && <= 0xdfff)");
        case PCRE2_ERROR_LOOKBEHIND_TOO_COMPLICATED: return at("lookbehind assertion is not fixed length");
        case PCRE2_ERROR_LOOKBEHIND_INVALID_BACKSLASH_C: return at("\\C not allowed in lookbehind assertion");
        case PCRE2_ERROR_CALLOUT_NUMBER_TOO_BIG: return at("number after (?C is > 255");
        case PCRE2_ERROR_MISSING_CALLOUT_CLOSING: return at("closing ) for (?C expected");
        case PCRE2_ERROR_UNRECOGNIZED_AFTER_QUERY_P: return at("unrecognized character after (?P");
        case PCRE2_ERROR_MISSING_NAME_TERMINATOR: return at("syntax error in subpattern name (missing terminator)");
        case PCRE2_ERROR_DUPLICATE_SUBPATTERN_NAME:
            return {"two named subpatterns have the same name", offset > 0 ? offset - 1 : 0};
        case PCRE2_ERROR_INVALID_SUBPATTERN_NAME: return at("group name must start with a non-digit");
        case PCRE2_ERROR_MALFORMED_UNICODE_PROPERTY: return at("malformed \\P or \\p sequence");
        case PCRE2_ERROR_UNKNOWN_UNICODE_PROPERTY:
            return {"unknown property name after \\P or \\p", offset > 0 ? offset - 1 : 0};
        case PCRE2_ERROR_SUBPATTERN_NAME_TOO_LONG: return at("subpattern name is too long (maximum 32 characters)");
        case PCRE2_ERROR_TOO_MANY_NAMED_SUBPATTERNS: return at("too many named subpatterns (maximum 10000)");
        case PCRE2_ERROR_CLASS_INVALID_RANGE: return {"invalid range in character class", offset > 0 ? offset - 1 : 0};
        case PCRE2_ERROR_OCTAL_BYTE_TOO_BIG: return at("octal value is greater than \\377 in 8-bit non-UTF-8 mode");
        case PCRE2_ERROR_DEFINE_TOO_MANY_BRANCHES: return at("DEFINE group contains more than one branch");
        case PCRE2_ERROR_BACKSLASH_O_MISSING_BRACE: return at("missing opening brace after \\o");
        case PCRE2_ERROR_BACKSLASH_G_SYNTAX:
            return at("\\g is not followed by a braced, angle-bracketed, or quoted name/number or by a plain number");
        case PCRE2_ERROR_PARENS_QUERY_R_MISSING_CLOSING: return at("(?R or (?[+-]digits must be followed by )");
        case PCRE2_ERROR_VERB_ARGUMENT_NOT_ALLOWED:
            return at("an argument is not allowed for (*ACCEPT), (*FAIL), or (*COMMIT)");
        case PCRE2_ERROR_VERB_UNKNOWN: return at("(*VERB) not recognized or malformed");
        case PCRE2_ERROR_SUBPATTERN_NUMBER_TOO_BIG: return at("number is too big");
        case PCRE2_ERROR_SUBPATTERN_NAME_EXPECTED:
            if (pattern.substr(0, offset).ends_with("(?<")) return at("unrecognized character after (?<");
            return at("subpattern name expected");
        case PCRE2_ERROR_INVALID_OCTAL: return at("non-octal character in \\o{} (closing brace missing?)");
        case PCRE2_ERROR_SUBPATTERN_NAMES_MISMATCH:
            return at("different names for subpatterns of the same number are not allowed");
        case PCRE2_ERROR_MARK_MISSING_ARGUMENT: return at("(*MARK) must have an argument");
        case PCRE2_ERROR_INVALID_HEXADECIMAL: return at("non-hex character in \\x{} (closing brace missing?)");
        case PCRE2_ERROR_BACKSLASH_C_SYNTAX: return at("\\c must be followed by an ASCII character");
        case PCRE2_ERROR_BACKSLASH_K_SYNTAX:
            return at("\\k is not followed by a braced, angle-bracketed, or quoted name");
        case PCRE2_ERROR_BACKSLASH_N_IN_CLASS: return at("\\N is not supported in a class");
        case PCRE2_ERROR_UTF_IS_DISABLED: return at("setting UTF is disabled by the application");
        case PCRE2_ERROR_VERB_NAME_TOO_LONG: return at("name is too long in (*MARK), (*PRUNE), (*SKIP), or (*THEN)");
        case PCRE2_ERROR_MISSING_OCTAL_OR_HEX_DIGITS: return at("digits missing in \\x{} or \\o{}");
        case PCRE2_ERROR_BACKSLASH_K_IN_LOOKAROUND: return at("\\K is not allowed in lookarounds");
        default:
            // What PCRE 8 does not know. -3 … -23: the pattern is not UTF-8.
            if (code < 0) return at("invalid UTF-8 string");
            return at("invalid pattern");
    }
}

}  // namespace lintel
