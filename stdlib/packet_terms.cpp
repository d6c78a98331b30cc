#include "stdlib/packet_terms.h"

#include <string>

#include "term/views.h"

namespace lintel {

namespace {

/// Longer names of unknown headers stay as they are.
constexpr size_t kMostCapitalized = 50;

/// Words with a capital each, as headers are usually written.
std::string capitalized(std::string_view field) {
    std::string name(field);
    bool first = true;
    for (char& c : name) {
        if (first && c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
        if (!first && c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
        first = !first && c == '-';
    }
    return name;
}

class HttpTerms {
public:
    HttpTerms(HeapBuilder& heap, AtomTable& atoms, bool binaries) : heap_(heap), atoms_(atoms), binaries_(binaries) {}
    /// There was no memory for one of the terms made.
    bool failed() const { return failed_; }

    Term request(const HttpLine& line) {
        const Term method = is_http_method(line.method) ? atom(line.method) : text(line.method);
        const Term where = uri(line);
        return heap_.tuple(am::http_request(), method, where, version(line));
    }
    Term response(const HttpLine& line) {
        const Term number = version(line), phrase = text(line.phrase);
        return heap_.tuple(am::http_response(), number, Term::small(line.status), phrase);
    }
    Term header(const HttpLine& line) {
        const size_t number = http_header_number(line.field);
        const bool as_is = line.field.size() > kMostCapitalized;
        const Term name = number != 0 ? atom(http_header_name(number))
                                      : text(as_is ? std::string(line.field) : capitalized(line.field));
        const Term field = text(line.field), value = text(line.value);
        return heap_.tuple(am::http_header(), Term::small(static_cast<int64_t>(number)), name, field, value);
    }
    Term error(std::string_view line) {
        const Term bytes = text(line);
        return heap_.tuple(am::http_error(), bytes);
    }

private:
    Term atom(std::string_view name) {
        const Term made = atoms_.intern(name);
        return made.is_value() ? made : text(name);
    }
    Term text(std::string_view t) {
        if (!binaries_) return heap_.byte_list(t);
        const Term made = heap_.binary(t);
        failed_ |= made.is_none();
        return made.is_none() ? Term::nil() : made;
    }
    Term version(const HttpLine& line) {
        return heap_.tuple(Term::small(line.version[0]), Term::small(line.version[1]));
    }
    Term uri(const HttpLine& line) {
        const Term rest = line.uri_kind == HttpLine::Uri::asterisk ? am::times() : text(line.uri);
        switch (line.uri_kind) {
            case HttpLine::Uri::asterisk:
            case HttpLine::Uri::other: return rest;
            case HttpLine::Uri::path: return heap_.tuple(am::abs_path(), rest);
            case HttpLine::Uri::scheme: {
                const Term scheme = text(line.host);
                return heap_.tuple(am::scheme(), scheme, rest);
            }
            case HttpLine::Uri::absolute: {
                const Term host = text(line.host);
                const Term port = line.port < 0 ? am::undefined() : Term::small(line.port);
                return heap_.tuple(am::absoluteURI(), line.is_https ? am::https() : am::http(), host, port, rest);
            }
        }
        LINTEL_UNREACHABLE();
    }

    HeapBuilder& heap_;
    AtomTable& atoms_;
    const bool binaries_;
    bool failed_ = false;
};

}  // namespace

Term http_term(HeapBuilder& heap, AtomTable& atoms, PacketForm form, std::string_view text, bool binaries) {
    HttpTerms terms(heap, atoms, binaries);
    const HttpLine line = form == PacketForm::http ? parse_http_line(text) : parse_http_header(text);
    Term result;
    switch (line.kind) {
        case HttpLine::Kind::error: result = terms.error(text); break;
        case HttpLine::Kind::request: result = terms.request(line); break;
        case HttpLine::Kind::response: result = terms.response(line); break;
        case HttpLine::Kind::header: result = terms.header(line); break;
        case HttpLine::Kind::end_of_headers: result = am::http_eoh(); break;
    }
    return terms.failed() ? Term::none() : result;
}

bool begins_http_headers(Term t) {
    const TupleView tuple = as_tuple(t);
    return tuple && (tuple[0] == am::http_request() || tuple[0] == am::http_response());
}

}  // namespace lintel
