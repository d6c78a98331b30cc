#include "embed/settings.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <optional>
#include <string_view>

#include "stdlib/heap_limit.h"

namespace lintel {

namespace {

struct Setting {
    std::string_view name;
    bool (*apply)(std::string_view value, VmConfig* config);
};

std::optional<size_t> number_of(std::string_view text, size_t least, size_t most) {
    size_t n = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), n);
    if (end.ec != std::errc() || end.ptr != text.data() + text.size() || n < least || n > most) return std::nullopt;
    return n;
}

bool set_boolean(std::string_view text, bool* to) {
    *to = text == "true";
    return *to || text == "false";
}

bool set_atom(std::string_view text, std::initializer_list<Term> choices, Term* to) {
    const auto found =
        std::find_if(choices.begin(), choices.end(), [text](Term atom) { return atom_name(atom) == text; });
    if (found == choices.end()) return false;
    *to = *found;
    return true;
}

constexpr size_t kMostPorts = (size_t{1} << 27) - 1;

/// A least size, as OTP's series of heap sizes has it; 0 for the usual one.
bool set_heap_size(std::string_view text, int64_t usual, uint32_t* to) {
    const auto words = number_of(text, 1, kMaxMinHeapWords);
    if (!words) return false;
    const size_t granted = next_listed_heap_size(*words);
    *to = granted == static_cast<size_t>(usual) ? 0 : static_cast<uint32_t>(granted);
    return true;
}

// In the order of docs/design/embedding.md, which says what they mean.
constexpr Setting kSettings[] = {
    {"schedulers_online",
     [](std::string_view v, VmConfig* c) {
         c->schedulers_online = static_cast<unsigned>(number_of(v, 1, UINT32_MAX).value_or(0));
         return c->schedulers_online != 0;
     }},
    {"port_limit",
     [](std::string_view v, VmConfig* c) {
         const auto ports = number_of(v, 1024, kMostPorts);
         if (ports) c->port_limit = std::bit_ceil(*ports);  // as OTP rounds it
         return ports.has_value();
     }},
    {"min_heap_size",
     [](std::string_view v, VmConfig* c) { return set_heap_size(v, kShownMinHeapWords, &c->min_heap_words); }},
    {"min_bin_vheap_size",
     [](std::string_view v, VmConfig* c) { return set_heap_size(v, kShownMinBinVheapWords, &c->min_bin_vheap_words); }},
    {"max_heap_size",
     [](std::string_view v, VmConfig* c) {
         const auto words = number_of(v, 0, SIZE_MAX >> 4);
         if (words) c->max_heap.words = *words;
         return words.has_value();
     }},
    {"max_heap_kill", [](std::string_view v, VmConfig* c) { return set_boolean(v, &c->max_heap.kill); }},
    {"max_heap_error_logger",
     [](std::string_view v, VmConfig* c) { return set_boolean(v, &c->max_heap.error_logger); }},
    {"message_queue_data",
     [](std::string_view v, VmConfig* c) {
         c->off_heap_messages = v == "off_heap";
         return c->off_heap_messages || v == "on_heap";
     }},
    {"outstanding_system_requests_limit",
     [](std::string_view v, VmConfig* c) {
         const auto requests = number_of(v, 1, kMaxOutstandingRequests);
         if (requests) c->outstanding_requests_limit = static_cast<uint32_t>(*requests);
         return requests.has_value();
     }},
    {"file_names",
     [](std::string_view v, VmConfig* c) {
         return set_atom(v, {am::utf8(), am::latin1()}, &c->names.encoding);
     }},
    {"bad_file_names",
     [](std::string_view v, VmConfig* c) {
         return set_atom(v, {am::warning(), am::ignore(), am::error()}, &c->names.complaint);
     }},
    {"printable_range",
     [](std::string_view v, VmConfig* c) {
         return set_atom(v, {am::latin1(), am::unicode()}, &c->printable_range);
     }},
    {"warning_map",
     [](std::string_view v, VmConfig* c) {
         return set_atom(v, {am::warning(), am::info(), am::error()}, &c->warning_map);
     }},
};

}  // namespace

bool apply_settings(std::span<const lintel_setting> settings, VmConfig* config) {
    return std::all_of(settings.begin(), settings.end(), [config](const lintel_setting& given) {
        if (given.name == nullptr || given.value == nullptr) return false;
        const auto* known = std::find_if(std::begin(kSettings), std::end(kSettings),
                                         [&given](const Setting& one) { return one.name == given.name; });
        return known != std::end(kSettings) && known->apply(given.value, config);
    });
}

}  // namespace lintel
