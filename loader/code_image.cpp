#include "loader/code_image.h"

#include <cstring>

#include "base/memory_account.h"
#include "gc/heap_walk.h"
#include "loader/code_server.h"
#include "term/bits.h"

namespace lintel {

CodeImage::~CodeImage() {
    const MemoryScope nobody;
    for (auto& [name, part] : modules) literals->release(part.module->literal_area);
}

size_t CodeImage::bytes() const {
    size_t sum = sizeof *this + atoms->index.bytes();
    for (const auto& [name, part] : modules) sum += part.module->bytes() + part.module->literal_area->bytes();
    return sum;
}

std::optional<CodeImage::Part> image_part(std::shared_ptr<const Module> module) {
    if (module->literal_area == nullptr) return std::nullopt;
    const LiteralArea& area = *module->literal_area;
    CodeImage::Part part{std::move(module), {}};
    bool is_paid = false;
    walk_objects(
        area.begin, area.top, [](Word&) {},
        [&](Word* object) {
            if (header_kind(*object) == Kind::refc_binary)
                is_paid |= reinterpret_cast<RefcBinary*>(object)->data->keeper != nullptr;
            if (header_kind(*object) != Kind::export_fun) return;
            const auto& e = *reinterpret_cast<const ExportEntry*>(object[1]);
            part.export_funs.push_back({static_cast<size_t>(object - area.begin), e.module, e.function, e.arity});
        });
    if (is_paid) return std::nullopt;
    return part;
}

namespace {

/// Lets every term of the module that lies in `from` lie `delta` bytes further on.
void move_terms(Module& m, const LiteralArea& from, Word delta) {
    const auto move = [&](Term& t) {
        if (points_into(t.word(), from.begin, from.end)) t = Term(t.word() + delta);
    };
    for (Term& t : m.literals) move(t);
    for (Term& t : m.files) move(t);
    for (Module::NewMap& n : m.new_maps) move(n.keys);
    for (DefinedRecord& r : m.records) {
        move(r.definition);
        for (Term& t : r.defaults) move(t);
    }
    move(m.attributes);
    move(m.compile_info);
}

}  // namespace

std::shared_ptr<const Module> module_of_part(const CodeImage::Part& part, LiteralSpace& literals,
                                             ExportEntry* (*entry)(void* context, Term m, Term f, uint32_t arity),
                                             void* context) {
    const LiteralArea& shared = *part.module->literal_area;
    if (part.export_funs.empty()) {
        part.module->literal_area->references.fetch_add(1, std::memory_order_relaxed);
        return part.module;
    }
    const auto words = static_cast<size_t>(shared.top - shared.begin);
    LiteralArea* const own = literals.create(words);
    if (own == nullptr) return nullptr;
    own->top = own->begin + words;
    copy_area(shared, own->begin, &own->off_heap);
    for (const CodeImage::ExportFun& f : part.export_funs)
        own->begin[f.position + 1] = reinterpret_cast<Word>(entry(context, f.module, f.function, f.arity));
    auto module = std::make_shared<Module>(*part.module);
    module->literal_area = own;
    move_terms(*module, shared, reinterpret_cast<Word>(own->begin) - reinterpret_cast<Word>(shared.begin));
    return module;
}

}  // namespace lintel
