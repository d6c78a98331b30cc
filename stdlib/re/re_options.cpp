#include "stdlib/re/re_options.h"

#include "term/atom.h"
#include "term/views.h"
#include "vm/iolist.h"

namespace lintel {

namespace {

using Flag = RegexOptions::Flag;

bool read_compile_flag(Term option, RegexArgs* args) {
    uint32_t flag;
    if (option == am::export_()) {
        flag = 0;
        args->exported = true;
    } else if (option == am::unicode()) {
        flag = Flag::kUnicode;
    } else if (option == am::caseless()) {
        flag = Flag::kCaseless;
    } else if (option == am::dollar_endonly()) {
        flag = Flag::kDollarEndOnly;
    } else if (option == am::dotall()) {
        flag = Flag::kDotAll;
    } else if (option == am::extended()) {
        flag = Flag::kExtended;
    } else if (option == am::firstline()) {
        flag = Flag::kFirstLine;
    } else if (option == am::multiline()) {
        flag = Flag::kMultiline;
    } else if (option == am::no_auto_capture()) {
        flag = Flag::kNoAutoCapture;
    } else if (option == am::dupnames()) {
        flag = Flag::kDupNames;
    } else if (option == am::ungreedy()) {
        flag = Flag::kUngreedy;
    } else if (option == am::no_start_optimize()) {
        flag = Flag::kNoStartOptimize;
    } else if (option == am::ucp()) {
        flag = Flag::kUcp;
    } else if (option == am::never_utf()) {
        flag = Flag::kNeverUtf;
    } else {
        return false;
    }
    args->compile.flags |= flag;
    args->has_compile_only = true;
    return true;
}

/// Options that both calls take.
bool read_common_flag(Term option, RegexArgs* args) {
    if (option == am::anchored()) {
        args->compile.flags |= Flag::kAnchored;
        args->run.anchored = true;
        return true;
    }
    if (option != am::bsr_anycrlf() && option != am::bsr_unicode()) return false;
    args->compile.bsr = option == am::bsr_anycrlf() ? RegexOptions::Bsr::anycrlf : RegexOptions::Bsr::unicode;
    args->has_bsr = true;
    return true;
}

bool read_run_flag(Term option, RegexArgs* args) {
    bool* flag;
    if (option == am::global()) {
        flag = &args->global;
    } else if (option == am::report_errors()) {
        flag = &args->report_errors;
    } else if (option == am::notbol()) {
        flag = &args->run.notbol;
    } else if (option == am::noteol()) {
        flag = &args->run.noteol;
    } else if (option == am::notempty()) {
        flag = &args->run.notempty;
    } else if (option == am::notempty_atstart()) {
        flag = &args->run.notempty_atstart;
    } else {
        return false;
    }
    *flag = true;
    args->has_run_only = true;
    return true;
}

bool read_newline(Term value, RegexArgs* args) {
    using Newline = RegexOptions::Newline;
    Newline n;
    if (value == am::cr()) {
        n = Newline::cr;
    } else if (value == am::lf()) {
        n = Newline::lf;
    } else if (value == am::crlf()) {
        n = Newline::crlf;
    } else if (value == am::any()) {
        n = Newline::any;
    } else if (value == am::anycrlf()) {
        n = Newline::anycrlf;
    } else {
        return false;
    }
    args->compile.newline = n;
    args->has_newline = true;
    return true;
}

/// A group by number or name; false: neither.
bool read_group_id(Term t, RegexCapture::Id* id) {
    if (t.is_small()) {
        id->number = t.to_small();
        return id->number >= 0 && id->number <= INT32_MAX;
    }
    if (t.is_atom()) {
        id->name = atom_name(t);
        return true;
    }
    if (!t.is_list() && !t.is_bitstring()) return false;
    return iolist_pieces(
        t, [&](const uint8_t* bytes, size_t count) { id->name.append(reinterpret_cast<const char*>(bytes), count); });
}

bool read_capture(Term which, Term type, RegexCapture* capture) {
    using Which = RegexCapture::Which;
    using Type = RegexCapture::Type;
    *capture = {};
    if (type == am::list()) {
        capture->type = Type::list;
    } else if (type == am::binary()) {
        capture->type = Type::binary;
    } else if (type != am::index()) {
        return false;
    }
    if (which == am::all()) {
        capture->which = Which::all;
    } else if (which == am::all_but_first()) {
        capture->which = Which::all_but_first;
    } else if (which == am::all_names()) {
        capture->which = Which::all_names;
    } else if (which == am::first()) {
        capture->which = Which::first;
    } else if (which == am::none() || which.is_nil()) {
        capture->which = Which::none;
    } else {
        capture->which = Which::list;
        for (; which.is_cons(); which = which.tail()) {
            if (!read_group_id(which.head(), &capture->ids.emplace_back())) return false;
        }
        return which.is_nil();
    }
    return true;
}

/// {Name, Value}, {capture, Which, Type}.
bool read_tuple(TupleView option, RegexArgs* args) {
    if (option.arity() == 3) {
        if (option[0] != am::capture()) return false;
        args->has_run_only = true;
        args->bad_capture = !read_capture(option[1], option[2], &args->capture) || args->bad_capture;
        return true;
    }
    if (option.arity() != 2) return false;
    const Term name = option[0], value = option[1];
    if (name == am::newline()) return read_newline(value, args);
    args->has_run_only = true;
    if (name == am::capture()) {
        args->bad_capture = !read_capture(value, am::index(), &args->capture) || args->bad_capture;
        return true;
    }
    if (!value.is_small() || value.to_small() < 0) return false;
    const int64_t n = value.to_small();
    if (name == am::offset()) {
        args->run.offset = static_cast<size_t>(n);
        return true;
    }
    const uint32_t limit = n > UINT32_MAX ? UINT32_MAX : n == 0 ? 1 : static_cast<uint32_t>(n);
    if (name == am::match_limit()) {
        args->run.match_limit = limit;
    } else if (name == am::match_limit_recursion()) {
        args->run.depth_limit = limit;
    } else {
        return false;
    }
    return true;
}

}  // namespace

bool read_regex_args(Term options, RegexArgs* args) {
    for (; options.is_cons(); options = options.tail()) {
        const Term option = options.head();
        if (const auto tuple = as_tuple(option)) {
            if (!read_tuple(tuple, args)) return false;
        } else if (!read_compile_flag(option, args) && !read_common_flag(option, args) &&
                   !read_run_flag(option, args)) {
            return false;
        }
    }
    return options.is_nil();
}

}  // namespace lintel
