/// Natives of prim_tty: the terminal of OTP 26 and later. docs/design/terminal.md.

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cwchar>

#include "gc/heap_builder.h"
#include "stdlib/build.h"
#include "stdlib/bytes_arg.h"
#include "stdlib/int_arg.h"
#include "stdlib/posix_error.h"
#include "stdlib/stdlib_state.h"
#include "stdlib/terminal/line_display.h"
#include "term/map.h"
#include "vm/iolist.h"

namespace lintel {

namespace {

HostTerminal& terminal_of(ExecState& p) { return stdlib_state(p).terminal; }

/// stdin, stdout, stderr: the descriptor; -1: none of these.
int descriptor(Term t) {
    return t == am::stdin_()    ? STDIN_FILENO
           : t == am::stdout_() ? STDOUT_FILENO
           : t == am::stderr_() ? STDERR_FILENO
                                : -1;
}

Term error_tuple(ExecState& p, Term why) { return make_tuple2(p, am::error(), why); }
Term enotsup(ExecState& p) { return error_tuple(p, am::enotsup()); }
/// {error, {Function, Posix}}
Term error_of(ExecState& p, const char* function, int error) {
    return error_tuple(p, make_tuple2(p, p.vm->atoms.intern(function), posix_atom(p.vm->atoms, error)));
}

/// Text of an iolist up to its first zero.
bool c_text(Term iolist, std::string* text) {
    const bool is_iolist = append_iolist(iolist, text);
    text->resize(std::min(text->size(), text->find('\0')));
    return is_iolist;
}

Term make_handle(ExecState& p, int out) {
    const Word number = as_process(p).machine().next_reference_number();
    auto* handle = new TtyHandle(out, number);
    return make_tuple2(p, am::ok(), p.reserve(kMagicRefWords).magic_ref(handle, number, 0));
}

/// The numbers of a reference that the caller has made.
struct SelectReference {
    Word first, second;
};

/// Tty and Reference as arguments 0 and `at`. False: they are none.
bool select_arguments(Args a, size_t at, TtyHandle** tty, SelectReference* numbers) {
    *tty = as_magic<TtyHandle>(a[0]);
    if (*tty == nullptr || !a[at].is_kind(Kind::ref)) return false;
    *numbers = {a[at].boxed_words()[1], a[at].boxed_words()[2]};
    return true;
}

Term select(ExecState& p, Args a, size_t at) {
    TtyHandle* tty;
    SelectReference numbers;
    if (!select_arguments(a, at, &tty, &numbers)) return p.badarg();
    const int error = terminal_of(p).select(*tty, p.self, numbers.first, numbers.second);
    return error == 0 ? am::ok() : error_of(p, "select", error);
}

Term read_bytes(ExecState& p, Args a, size_t count) {
    TtyHandle* tty;
    SelectReference numbers;
    if (!select_arguments(a, 1, &tty, &numbers)) return p.badarg();
    if (!may(as_process(p), Right::input)) return p.error(am::eperm());
    constexpr size_t kMost = 1024;
    char buffer[kMost];
    ssize_t n = terminal_of(p).read(buffer, std::min(count, kMost));
    if (n == 0) return error_tuple(p, am::closed());
    if (n < 0 && errno != EAGAIN && errno != EINTR) return error_of(p, "read", errno);
    if (const int error = terminal_of(p).select(*tty, p.self, numbers.first, numbers.second); error != 0)
        return error_of(p, "select", error);
    return make_tuple2(p, am::ok(), make_binary(p, {buffer, static_cast<size_t>(std::max<ssize_t>(n, 0))}));
}

}  // namespace

/// prim_tty:isatty/1: whether stdin, stdout or stderr is a terminal; ebadf: it is not open. Fails: badarg.
Term prim_tty_isatty_1(ExecState& p, Args a) {
    const int fd = descriptor(a[0]);
    if (fd < 0) return p.badarg();
    if (isatty(fd) != 0) return am::true_();
    return errno == EINVAL || errno == ENOTTY ? am::false_() : am::ebadf();
}

/// prim_tty:tty_create/0 (OTP 26, 27): {ok, Tty}.
Term prim_tty_tty_create_0(ExecState& p, Args) { return make_handle(p, STDOUT_FILENO); }
/// prim_tty:tty_create/1 (OTP 28): for output to stdout or stderr. Fails: badarg.
Term prim_tty_tty_create_1(ExecState& p, Args a) {
    const int fd = descriptor(a[0]);
    return fd <= 0 ? p.badarg() : make_handle(p, fd);
}

/// prim_tty:tty_init/3 (OTP 26, 27): whether there is a terminal: ok or {error, enotsup}. Its mode is set by tty_set/1.
Term prim_tty_tty_init_3(ExecState& p, Args a) {
    if (as_magic<TtyHandle>(a[0]) == nullptr || !a[2].is_map()) return p.badarg();
    return isatty(STDIN_FILENO) != 0 ? am::ok() : enotsup(p);
}
/// prim_tty:tty_set/1 (OTP 26, 27): single keys, no echo.
Term prim_tty_tty_set_1(ExecState& p, Args a) {
    if (as_magic<TtyHandle>(a[0]) == nullptr) return p.badarg();
    const int error = terminal_of(p).set_mode(p.self, true);
    return error == 0 ? am::ok() : error_of(p, "tcsetattr", error);
}
/// prim_tty:tty_init/2 (OTP 28): #{input := raw | cooked | disabled}; {error, enotsup} if there is no terminal for raw.
Term prim_tty_tty_init_2(ExecState& p, Args a) {
    if (as_magic<TtyHandle>(a[0]) == nullptr || !a[1].is_map()) return p.badarg();
    const Term* input = map_find(a[1], am::input());
    if (input == nullptr) return p.badarg();
    const bool is_raw = *input == am::raw();
    const int error = terminal_of(p).set_mode(p.self, is_raw);
    if (error == ENOTTY) return is_raw ? enotsup(p) : am::ok();
    return error == 0 ? am::ok() : error_of(p, "tcsetattr", error);
}

/// prim_tty:setlocale/1: whether the environment's locale has UTF-8. The host program's own locale is left alone.
Term prim_tty_setlocale_1(ExecState& p, Args) { return boolean(locale_is_utf8(as_process(p).machine())); }
/// prim_tty:tty_encoding/1.
Term prim_tty_tty_encoding_1(ExecState&, Args) { return am::utf8(); }

/// prim_tty:tty_is_open/2: whether the other end of stdin, stdout or stderr is there.
Term prim_tty_tty_is_open_2(ExecState& p, Args a) {
    pollfd look{descriptor(a[1]), 0, 0};
    if (as_magic<TtyHandle>(a[0]) == nullptr || look.fd < 0) return p.badarg();
    return boolean(::poll(&look, 1, 0) == 0 || (look.revents & (POLLHUP | POLLERR | POLLNVAL)) == 0);
}

/// prim_tty:tty_select/2 (OTP 28): {select, Tty, Ref, ready_input} comes when there is something to read.
Term prim_tty_tty_select_2(ExecState& p, Args a) { return select(p, a, 1); }
/// prim_tty:tty_select/3 (OTP 26, 27): with a reference for signals, and one for input.
Term prim_tty_tty_select_3(ExecState& p, Args a) {
    TtyHandle* tty;
    SelectReference numbers;
    if (!select_arguments(a, 1, &tty, &numbers)) return p.badarg();
    terminal_of(p).select_signals(*tty, p.self, numbers.first, numbers.second);
    return select(p, a, 2);
}
/// prim_tty:tty_read_signal/2 (OTP 26, 27): {ok, winch | cont}.
Term prim_tty_tty_read_signal_2(ExecState& p, Args a) {
    if (as_magic<TtyHandle>(a[0]) == nullptr) return p.badarg();
    const Term name = terminal_of(p).take_signal();
    return name.is_none() ? p.badarg() : make_tuple2(p, am::ok(), name);
}

/// prim_tty:tty_window_size/1: {ok, {Columns, Rows}} or {error, enotsup}.
Term prim_tty_tty_window_size_1(ExecState& p, Args a) {
    const TtyHandle* tty = as_magic<TtyHandle>(a[0]);
    if (tty == nullptr) return p.badarg();
    int columns = -1, rows = -1;
    if (!HostTerminal::window_size(STDIN_FILENO, tty->out, &columns, &rows)) return enotsup(p);
    return make_tuple2(p, am::ok(), make_tuple2(p, Term::small(columns), Term::small(rows)));
}

/// prim_tty:read_nif/2 (OTP 26, 27), read_nif/3: {ok, Bytes}, at most 1024 or fewer; {error, closed} at the end. Then selects again.
Term prim_tty_read_nif_2(ExecState& p, Args a) { return read_bytes(p, a, 1024); }
Term prim_tty_read_nif_3(ExecState& p, Args a) {
    if (!a[2].is_small() || a[2].to_small() < 0) return p.badarg();
    return read_bytes(p, a, static_cast<size_t>(a[2].to_small()));
}

/// prim_tty:write_nif/2: ok when all has been written.
Term prim_tty_write_nif_2(ExecState& p, Args a) {
    const TtyHandle* tty = as_magic<TtyHandle>(a[0]);
    std::string text;
    if (tty == nullptr || !append_iolist(a[1], &text)) return p.badarg();
    Vm& vm = as_process(p).machine();
    if (vm.config.platform.write != nullptr) {
        const int error = vm.write(tty->out, text);
        return error == 0 ? am::ok() : error_tuple(p, posix_atom(p.vm->atoms, error));
    }
    const DirtySection dirty(as_process(p));
    for (size_t at = 0; at < text.size();) {
        const ssize_t n = ::write(tty->out, text.data() + at, text.size() - at);
        if (n >= 0) {
            at += static_cast<size_t>(n);
        } else if (errno == EAGAIN) {
            if (!stdlib_state(p).files->wait(tty->out, POLLOUT)) return am::ok();  // the VM stops
        } else if (errno != EINTR) {
            return error_tuple(p, posix_atom(p.vm->atoms, errno));
        }
    }
    return am::ok();
}

// ---- characters

/// prim_tty:isprint/1, of a character below 256, in the C locale.
Term prim_tty_isprint_1(ExecState& p, Args a) {
    if (!a[0].is_small()) return p.badarg();
    const int64_t c = a[0].to_small();
    return boolean(c >= 0x20 && c < 0x7f);
}
/// prim_tty:wcwidth/1: columns, or {error, not_printable}.
Term prim_tty_wcwidth_1(ExecState& p, Args a) {
    if (!a[0].is_small()) return p.badarg();
    const int64_t c = a[0].to_small();
    const int width = c >= 0 && c <= 0x10ffff ? terminal_wcwidth(static_cast<char32_t>(c)) : -1;
    return width < 0 ? error_tuple(p, am::not_printable()) : Term::small(width);
}
/// prim_tty:wcswidth/1: {ok, Columns} of 32-bit characters in the machine's byte order, or {error, not_printable}.
Term prim_tty_wcswidth_1(ExecState& p, Args a) {
    std::string bytes;
    if (!append_iolist(a[0], &bytes)) return p.badarg();
    int64_t columns = 0;
    for (size_t at = 0; at + sizeof(wchar_t) <= bytes.size(); at += sizeof(wchar_t)) {
        wchar_t c;
        std::memcpy(&c, bytes.data() + at, sizeof c);
        const int width = terminal_wcwidth(static_cast<char32_t>(c));
        if (width < 0) return error_tuple(p, am::not_printable());
        columns += width;
    }
    return make_tuple2(p, am::ok(), Term::small(columns));
}
/// prim_tty:sizeof_wchar/0.
Term prim_tty_sizeof_wchar_0(ExecState&, Args) { return Term::small(sizeof(wchar_t)); }

// ---- what the terminal can do

namespace {

/// A capability's value as {ok, Binary}, or false.
Term value_or_false(ExecState& p, const std::optional<std::string>& text) {
    return text ? make_tuple2(p, am::ok(), make_binary(p, *text)) : am::false_();
}

Term expanded(ExecState& p, Term capability, std::span<const int> parameters) {
    std::string text;
    if (!c_text(capability, &text)) return p.badarg();
    return make_tuple2(p, am::ok(), make_binary(p, TerminalDescription::expand(text, parameters)));
}

bool read_int(Term t, int* value) {
    if (!t.is_small() || t.to_small() < INT32_MIN || t.to_small() > INT32_MAX) return false;
    *value = static_cast<int>(t.to_small());
    return true;
}

}  // namespace

/// prim_tty:tgetent_nif/1 (OTP 26, 27): of the terminal that TERM names.
Term prim_tty_tgetent_nif_1(ExecState& p, Args) { return terminal_of(p).describe() ? am::ok() : enotsup(p); }
/// prim_tty:setupterm_nif/0 (OTP 28): the same.
Term prim_tty_setupterm_nif_0(ExecState& p, Args) { return terminal_of(p).describe() ? am::ok() : enotsup(p); }

/// prim_tty:tinfo_nif/0 (OTP 28): as of an OTP without curses, whose tables it would list.
Term prim_tty_tinfo_nif_0(ExecState& p, Args) { return enotsup(p); }

/// prim_tty:tgetnum_nif/1, tigetnum_nif/1: {ok, N} or false; N or -1.
Term prim_tty_tgetnum_nif_1(ExecState& p, Args a) {
    std::string code;
    if (!c_text(a[0], &code)) return p.badarg();
    const std::lock_guard lock(terminal_of(p).description_mutex());
    const int n = terminal_of(p).description().number(code);
    return n < 0 ? am::false_() : make_tuple2(p, am::ok(), Term::small(n));
}
Term prim_tty_tigetnum_nif_1(ExecState& p, Args a) {
    std::string code;
    if (!c_text(a[0], &code)) return p.badarg();
    const std::lock_guard lock(terminal_of(p).description_mutex());
    return Term::small(terminal_of(p).description().number(code));
}
/// prim_tty:tgetflag_nif/1, tigetflag_nif/1: a boolean.
Term prim_tty_tgetflag_nif_1(ExecState& p, Args a) {
    std::string code;
    if (!c_text(a[0], &code)) return p.badarg();
    const std::lock_guard lock(terminal_of(p).description_mutex());
    return boolean(terminal_of(p).description().flag(code));
}
Term prim_tty_tigetflag_nif_1(ExecState& p, Args a) { return prim_tty_tgetflag_nif_1(p, a); }
/// prim_tty:tgetstr_nif/1 (OTP 26, 27): {ok, Text} or false; by termcap's code.
Term prim_tty_tgetstr_nif_1(ExecState& p, Args a) {
    std::string code;
    if (!c_text(a[0], &code)) return p.badarg();
    std::optional<std::string> text;
    {
        const std::lock_guard lock(terminal_of(p).description_mutex());
        text = terminal_of(p).description().text(code);
    }
    return value_or_false(p, text);
}
/// prim_tty:tigetstr_nif/1 (OTP 28): {ok, Text} or false; by terminfo's name. Fails: badarg for a name that is none.
Term prim_tty_tigetstr_nif_1(ExecState& p, Args a) {
    std::string name, text;
    if (!c_text(a[0], &name)) return p.badarg();
    TerminalDescription::Known known;
    {
        const std::lock_guard lock(terminal_of(p).description_mutex());
        known = terminal_of(p).description().text_by_name(name, &text);
    }
    if (known == TerminalDescription::Known::no) return p.badarg();
    return value_or_false(p, known == TerminalDescription::Known::yes ? std::optional(text) : std::nullopt);
}
/// prim_tty:tgoto_nif/1,2,3 (OTP 26, 27): {ok, Text}: a capability with a column and a row put in.
Term prim_tty_tgoto_nif_1(ExecState& p, Args a) { return expanded(p, a[0], {}); }
Term prim_tty_tgoto_nif_2(ExecState& p, Args a) {
    int parameters[2] = {0, 0};
    return read_int(a[1], &parameters[1]) ? expanded(p, a[0], parameters) : p.badarg();
}
Term prim_tty_tgoto_nif_3(ExecState& p, Args a) {
    int parameters[2];
    if (!read_int(a[1], &parameters[1]) || !read_int(a[2], &parameters[0])) return p.badarg();
    return expanded(p, a[0], parameters);
}
/// prim_tty:tputs_nif/2 (OTP 28): {ok, Text}: a capability with a list of numbers put in.
Term prim_tty_tputs_nif_2(ExecState& p, Args a) {
    int parameters[9] = {};
    size_t count = 0;
    Term list = a[1];
    for (; list.is_cons(); list = list.tail()) {
        if (count == std::size(parameters) || !read_int(list.head(), &parameters[count++])) return p.badarg();
    }
    return list.is_nil() ? expanded(p, a[0], {parameters, count}) : p.badarg();
}

}  // namespace lintel
