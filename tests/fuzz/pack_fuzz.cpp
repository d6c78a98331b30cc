/// Any bytes are a pack or a refusal. What is accepted can be listed, found by name and read; and what differs from a good pack in a few bytes, too:
/// the first byte of the input says whether the rest is a pack, or places and values of bytes that are changed in one. Checksums are made right again then, so that the
/// reader gets beyond them.

#include <zlib.h>

#include <cstdlib>
#include <string>

#include "loader/pack/format.h"
#include "loader/pack/reader.h"
#include "loader/pack/writer.h"

namespace lintel {
namespace {

std::string good_pack() {
    PackPlan plan;
    plan.main_module = "hello";
    plan.main_function = "main";
    plan.modules = {{"hello", "", "FOR1", 4, {}}, {"lists", "lib/stdlib-4.2/ebin", std::string(100, 'x'), 200, {}}};
    plan.files = {{"stdlib.app", "lib/stdlib-4.2/ebin", "{}.", 3, {}},
                  {"table", "lib/stdlib-4.2/priv/data", "", 0, {}}};
    return write_pack(plan);
}

/// Gives changed tables their CRC.
void seal(std::string& bytes) {
    auto* const p = reinterpret_cast<uint8_t*>(bytes.data());
    if (bytes.size() < pack::kHeaderBytes) return;
    const uint64_t table = pack::get<uint64_t>(p + pack::kTableAt), names = pack::get<uint64_t>(p + pack::kNamesAt);
    const uint64_t end = names + pack::get<uint32_t>(p + pack::kNameBytesAt);
    if (table > bytes.size() || end > bytes.size() || end < table) return;
    uLong crc = crc32_z(0, p + pack::kCrcFrom, pack::kCrcTo - pack::kCrcFrom);
    crc = crc32_z(crc, p + pack::kMainModuleAt, pack::kTablesDigestAt - pack::kMainModuleAt);
    pack::put(p + pack::kTablesCrcAt, static_cast<uint32_t>(crc32_z(crc, p + table, end - table)));
}

void look(const PackEntry& entry, const Pack& pack) {
    const auto found = entry.is_module ? pack.find_module(entry.name) : pack.find_file(entry.path());
    if (!found || found->offset != entry.offset) std::abort();
    auto bytes = pack.read(entry, false);
    if (bytes.ok() && bytes.value().bytes().size() != entry.size) std::abort();
    if (!bytes.ok() && bytes.error().text().empty()) std::abort();
}

void open(std::span<const uint8_t> bytes) {
    auto opened = Pack::open(PackSource(bytes), "input.lpk");
    if (!opened) {
        if (opened.error().text().empty()) std::abort();
        return;
    }
    const Pack& pack = *opened.value();
    for (size_t i = 0; i < pack.module_count(); ++i) look(pack.module(i), pack);
    for (size_t i = 0; i < pack.file_count(); ++i) look(pack.file(i), pack);
    if (pack.find_module("no such module")) std::abort();
    if (pack.identity().empty()) std::abort();
    pack.has_good_signature();
}

}  // namespace
}  // namespace lintel

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static const std::string good = lintel::good_pack();
    if (size == 0) return 0;
    if (data[0] == 0x89) {
        lintel::open({data, size});
        return 0;
    }
    std::string changed = good;
    for (size_t i = 1; i + 4 <= size; i += 4)
        changed[(data[i] << 16 | data[i + 1] << 8 | data[i + 2]) % changed.size()] = static_cast<char>(data[i + 3]);
    if (data[0] == 1 && size > 2) changed.resize((data[size - 1] << 8 | data[size - 2]) % (changed.size() + 1));
    if (data[0] >= 2) lintel::seal(changed);
    lintel::open({reinterpret_cast<const uint8_t*>(changed.data()), changed.size()});
    return 0;
}
