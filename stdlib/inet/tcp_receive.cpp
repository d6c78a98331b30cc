/// Receiving from a stream: packets are found in what has been read and handed out.

#include <algorithm>
#include <cerrno>

#include "stdlib/inet/received_data.h"
#include "stdlib/inet/tcp_driver.h"
#include "stdlib/packet_terms.h"
#include "stdlib/posix_error.h"

namespace lintel::inet {

namespace {

bool is_http(Packet p) {
    return p == Packet::http || p == Packet::http_binary || p == Packet::http_header || p == Packet::http_header_binary;
}

/// False: there is no such form.
bool form_of(Packet packet, bool in_headers, PacketForm* form) {
    switch (packet) {
        case Packet::raw: *form = PacketForm::raw; return true;
        case Packet::prefix1: *form = PacketForm::prefix1; return true;
        case Packet::prefix2: *form = PacketForm::prefix2; return true;
        case Packet::prefix4: *form = PacketForm::prefix4; return true;
        case Packet::asn1: *form = PacketForm::asn1; return true;
        case Packet::sunrm: *form = PacketForm::sunrm; return true;
        case Packet::cdr: *form = PacketForm::cdr; return true;
        case Packet::fcgi: *form = PacketForm::fcgi; return true;
        case Packet::line: *form = PacketForm::line; return true;
        case Packet::tpkt: *form = PacketForm::tpkt; return true;
        case Packet::ssl_tls: *form = PacketForm::ssl_tls; return true;
        case Packet::http:
        case Packet::http_binary: *form = in_headers ? PacketForm::http_header : PacketForm::http; return true;
        case Packet::http_header:
        case Packet::http_header_binary: *form = PacketForm::http_header; return true;
    }
    return false;
}

}  // namespace

/// Hands out what is there, or reads once and then does. `request`: bytes wanted; 0: a packet.
TcpDriver::Progress TcpDriver::receive(Port& port, size_t request) {
    size_t room;
    if (!input_) {
        room = request != 0 ? request : static_cast<size_t>(settings.buffer);
        if (!input_.reserve(room)) return receive_failed(port, ENOMEM);
        missing_ = request;
    } else if (request != 0) {
        if (input_.size() >= request) return deliver(port, {PacketBounds::Result::whole, request, 0, request});
        if (!input_.reserve(request)) return receive_failed(port, ENOMEM);
        room = missing_ = request - input_.size();
    } else if (missing_ != 0) {
        room = missing_;
    } else {
        const Look look = look_for_packet();
        if (look.bounds.result == PacketBounds::Result::whole) return deliver(port, look.bounds);
        if (look.room == 0) return receive_failed(port, EMSGSIZE);
        room = look.room;
    }
    if (input_.room() < room) input_.settle();
    const ssize_t n = ::recv(fd(), input_.space(), std::min(room, input_.room()), 0);
    if (n < 0) {
        const int error = errno;
        if (input_.size() == 0 && missing_ == 0) input_.clear();  // a socket that waits needs no memory
        if (error == EAGAIN || error == EINTR) return Progress::waiting;
        return error == ECONNRESET && !settings.show_reset ? peer_closed(port) : receive_failed(port, error);
    }
    if (n == 0) return peer_closed(port);
    input_.filled(static_cast<size_t>(n));
    if (missing_ != 0) {
        missing_ -= static_cast<size_t>(n);
        if (missing_ != 0) return Progress::waiting;
        if (settings.packet == Packet::raw)
            return deliver(port, {PacketBounds::Result::whole, input_.size(), 0, input_.size()});
    }
    const Look look = look_for_packet();
    if (look.bounds.result == PacketBounds::Result::whole) return deliver(port, look.bounds);
    return look.room == 0 ? receive_failed(port, EMSGSIZE) : Progress::waiting;
}

/// The first packet. There is room for the rest of it; missing_ is set if its size is known.
TcpDriver::Look TcpDriver::look_for_packet() {
    Look look;
    PacketForm form;
    missing_ = 0;
    if (!form_of(settings.packet, in_http_headers_, &form)) return look;
    PacketOptions options;
    options.packet_size = settings.packet_size;
    options.line_length = input_.capacity();
    options.line_delimiter = line_delimiter;
    look.bounds = find_packet(form, input_.bytes(), options);
    switch (look.bounds.result) {
        case PacketBounds::Result::whole:
        case PacketBounds::Result::invalid: break;
        case PacketBounds::Result::more_of_known_size:
            if (!input_.reserve(look.bounds.size)) break;
            look.room = missing_ = look.bounds.size - input_.size();
            break;
        case PacketBounds::Result::more:
            input_.settle();
            if (input_.room() == 0 && settings.packet_size > input_.capacity() && !input_.reserve(settings.packet_size))
                break;
            look.room = input_.room();
            break;
    }
    return look;
}

/// Hands out the first packet, and those behind it if the socket is active.
TcpDriver::Progress TcpDriver::deliver(Port& port, PacketBounds bounds) {
    missing_ = 0;
    for (;;) {
        if (active == Active::no && !request_) return Progress::waiting;
        received.add(bounds.size);
        port.bytes_in += bounds.size;
        hand_out(port, bounds);
        if (port.state != Port::State::open) return Progress::failed;
        if (active == Active::no) {
            want_no_longer(port, EventLoop::kReadable);
            return Progress::delivered;
        }
        if (!input_) return Progress::delivered;
        const Look look = look_for_packet();
        if (look.bounds.result != PacketBounds::Result::whole) return Progress::delivered;
        bounds = look.bounds;
    }
}

/// The socket has become active: what has been read before comes without waiting for more.
void TcpDriver::deliver_what_is_there(Port& port) {
    if (!input_ || missing_ != 0) return;
    const Look look = look_for_packet();
    if (look.bounds.result == PacketBounds::Result::whole) deliver(port, look.bounds);
}

/// {inet_async, Port, Id, {ok, T}} to who has called receive, or {Tag, Port, T} to the owner: build(HeapBuilder&) makes T in `words`.
template <typename F>
void TcpDriver::tell_packet(Port& port, Term tag, size_t words, F build) {
    if (active == Active::no) {
        const Request request = *request_;
        request_.reset();
        answer(port, request, words + tuple_words(2), [&](HeapBuilder& heap) {
            const Term data = build(heap);
            return heap.tuple(am::ok(), data);
        });
        return;
    }
    port.tell(port.owner, words + tuple_words(3), [&](HeapBuilder& heap) {
        const Term data = build(heap);
        return heap.tuple(tag, port.self, data);
    });
}

void TcpDriver::hand_out(Port& port, const PacketBounds& bounds) {
    const std::string_view packet = input_.bytes().substr(0, bounds.size);
    const bool was_active = active != Active::no;
    if (settings.deliver == Deliver::port && port.distribution) {
        const bool makes_sense =
            port.take_packet(packet.substr(bounds.body_begin, bounds.body_end - bounds.body_begin));
        if (port.state != Port::State::open) return;  // an answer could not be sent
        input_.drop(bounds.size);
        if (!makes_sense) return port.exit(am::killed());
    } else if (settings.deliver == Deliver::port) {
        const ReceivedData data(settings, packet.substr(bounds.body_begin, bounds.body_end - bounds.body_begin));
        port.tell_owner(data.words() + tuple_words(2), [&](HeapBuilder& heap) {
            const Term bytes = data.make(heap);
            return heap.tuple(am::data(), bytes);
        });
        input_.drop(bounds.size);
    } else if (is_http(settings.packet)) {
        PacketForm form;
        form_of(settings.packet, in_http_headers_, &form);
        const bool binaries = settings.packet == Packet::http_binary || settings.packet == Packet::http_header_binary;
        const bool follows = settings.packet == Packet::http || settings.packet == Packet::http_binary;
        tell_packet(port, am::http(), http_term_words(packet), [&](HeapBuilder& heap) {
            Term t = http_term(heap, port.vm.atoms, form, packet, binaries);
            if (t.is_none()) stop_without_memory(packet.size());
            if (begins_http_headers(t)) in_http_headers_ = follows;
            if (t == am::http_eoh()) in_http_headers_ = false;
            return t;
        });
        input_.drop(bounds.size);
    } else if (settings.packet == Packet::ssl_tls) {
        const TlsRecord record = parse_tls_record(packet);
        const std::string_view body = record.hello.empty() ? record.body : std::string_view(record.hello);
        const auto build = [&](HeapBuilder& heap) {
            const Term version = heap.tuple(Term::small(record.version[0]), Term::small(record.version[1]));
            const Term bytes = heap.binary(body);
            if (bytes.is_none()) stop_without_memory(body.size());
            return heap.tuple(am::ssl_tls(), port.self, Term::small(record.type), version, bytes);
        };
        const size_t words = tuple_words(2) + tuple_words(5) + binary_words(body.size());
        if (was_active) {
            port.tell(port.owner, words, build);
        } else {
            tell_packet(port, am::ssl_tls(), words, build);
        }
        input_.drop(bounds.size);
    } else {
        hand_out_bytes(port, bounds);
    }
    if (was_active) count_active(port);
}

void TcpDriver::hand_out_bytes(Port& port, const PacketBounds& bounds) {
    const std::string_view body = input_.bytes().substr(bounds.body_begin, bounds.body_end - bounds.body_begin);
    // A buffer that is nearly full of one packet goes as it is.
    const bool shares = bounds.size > kMaxHeapBinaryBytes && bounds.size >= input_.capacity() / 4 * 3;
    const ReceivedData data(settings, body, shares ? input_.data() : nullptr);
    tell_packet(port, am::tcp(), data.words(), [&](HeapBuilder& heap) { return data.make(heap); });
    input_.drop(bounds.size);
    if (data.is_shared() && !input_.leave(static_cast<size_t>(settings.buffer))) stop_without_memory(input_.size());
}

// ---- the end of the stream

/// Nothing more comes. `answer`: to who waits for it, where it is not told by messages; `exit_reason`: of the port, if it ends with it.
void TcpDriver::end_input(Port& port, Term answer, Term exit_reason) {
    input_.clear();
    missing_ = 0;
    const bool ends = settings.exit_on_close != 0;
    if (active == Active::no) {
        const std::optional<Request> request = std::exchange(request_, std::nullopt);
        if (ends) {
            close_connection(port);
        } else {
            want_no_longer(port, EventLoop::kReadable);
        }
        if (request) answer_error(port, *request, answer);
    } else {
        tell_closed(port);
        if (ends) {
            end_port(port, exit_reason);
        } else {
            want_no_longer(port, EventLoop::kReadable);
        }
    }
}

TcpDriver::Progress TcpDriver::peer_closed(Port& port) {
    bool is_told = fail_blocked_send(port, am::closed());
    if (is_told) queue_.clear();
    if (file_) {
        abort_file(port, ENOTCONN);
        is_told = true;
    }
    if (!is_told) next_send_closed_ = true;
    end_input(port, am::closed(), am::normal());
    return Progress::failed;
}

TcpDriver::Progress TcpDriver::receive_failed(Port& port, int error) {
    const Term reason = posix_atom(port.vm.atoms, error);
    if (fail_blocked_send(port, am::closed())) queue_.clear();
    if (file_) abort_file(port, error);
    if (active != Active::no) tell_error(port, port.owner, am::tcp_error(), reason);
    end_input(port, reason, reason);
    return Progress::failed;
}

}  // namespace lintel::inet
