#include "stdlib/port/port_options.h"

#include <algorithm>

#include "stdlib/int_arg.h"

namespace lintel {

namespace {

/// A text without NUL.
bool plain_text(Term t, const PortOptions& o, std::string* out) {
    return text_of(t, out, o.encoding) && out->find('\0') == std::string::npos;
}

bool parse_environment(Term list, PortOptions* o) {
    for (; list.is_cons(); list = list.tail()) {
        const auto pair = as_tuple(list.head(), 2);
        std::string name, value;
        if (!pair || !plain_text(pair[0], *o, &name)) return false;
        if (pair[1] == am::false_()) {
            o->environment.emplace_back(name, std::nullopt);
        } else if (plain_text(pair[1], *o, &value)) {
            o->environment.emplace_back(name, value);
        } else {
            return false;
        }
    }
    return list.is_nil();
}

/// {Low, High} or disabled. False: badarg.
bool parse_limits(Term value, uint64_t* low, uint64_t* high) {
    if (value == am::disabled()) {
        *low = *high = UINT64_MAX;
        return true;
    }
    const auto pair = as_tuple(value, 2);
    if (!pair || !uint64_of(pair[0], low) || !uint64_of(pair[1], high)) return false;
    if (*low == 0 || *high == 0 || *low == UINT64_MAX || *high == UINT64_MAX) return false;
    *low = std::min(*low, *high);
    return true;
}

bool parse_pair(Term key, Term value, PortOptions* o) {
    const int64_t n = value.is_small() ? value.to_small() : -1;
    switch (atom_id(key)) {
        case AtomId::packet:
            o->framing = PortOptions::Framing::packet;
            o->size = static_cast<size_t>(n);
            return n == 1 || n == 2 || n == 4;
        case AtomId::line:
            o->framing = PortOptions::Framing::line;
            o->size = static_cast<size_t>(n);
            return n > 0;
        case AtomId::cd: return plain_text(value, *o, &o->directory);
        case AtomId::env: return parse_environment(value, o);
        case AtomId::arg0: o->name.emplace(); return plain_text(value, *o, &*o->name);
        case AtomId::args: {
            o->has_arguments = true;
            for (; value.is_cons(); value = value.tail()) {
                std::string argument;
                if (!plain_text(value.head(), *o, &argument)) return false;
                o->arguments.push_back(std::move(argument));
            }
            return value.is_nil();
        }
        case AtomId::parallelism: return value == am::true_() || value == am::false_();
        case AtomId::busy_limits_port:
            o->has_busy_limits = true;
            return parse_limits(value, &o->not_busy_below, &o->busy_above);
        case AtomId::busy_limits_msgq: {  // a port has no queue of messages
            uint64_t low, high;
            return parse_limits(value, &low, &high);
        }
        default: return false;
    }
}

}  // namespace

bool PortOptions::parse(Term list) {
    for (; list.is_cons(); list = list.tail()) {
        if (const auto pair = as_tuple(list.head(), 2)) {
            if (!parse_pair(pair[0], pair[1], this)) return false;
            continue;
        }
        switch (atom_id(list.head())) {
            case AtomId::stream: framing = Framing::stream; break;
            case AtomId::use_stdio: use_stdio = true; break;
            case AtomId::nouse_stdio: use_stdio = false; break;
            case AtomId::stderr_to_stdout: stderr_to_stdout = true; break;
            case AtomId::exit_status: exit_status = true; break;
            case AtomId::in: in = true; break;
            case AtomId::out: out = true; break;
            case AtomId::binary: binary = true; break;
            case AtomId::eof: eof = true; break;
            case AtomId::hide: hide = true; break;
            case AtomId::overlapped_io: break;
            default: return false;
        }
    }
    if (!in && !out) in = out = true;
    return list.is_nil();
}

}  // namespace lintel
