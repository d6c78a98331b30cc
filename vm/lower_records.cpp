#include "term/record.h"
#include "term/views.h"
#include "vm/lower_p.h"

/// Lowering of native records. loader/genop.def says how their operands lie.
///
/// An instruction names a record by {Module, Name} or, within the module that defines it, by Name. The difference is more
/// than the module's name: the first sees exported records only, and makes what the module's current version defines,
/// while the second, in old code, goes on with the old definition.

namespace lintel {

using ir::Instruction;
using ir::Operand;
using ir::OperandKind;

Lowerer::RecordName Lowerer::record_name(Operand o) const {
    const Term id = constant(o);
    if (const auto pair = as_tuple(id)) return {pair[0], pair[1], true};
    if (id == am::underscore()) return {Term::none(), Term::none(), false};
    return {module_.name, id, false};
}

bool Lowerer::lower_record(Instruction i) {
    using namespace ops;
    switch (i.op()) {
        case Genop::is_any_native_record: emit_type_test<is_any_record>(i); return true;
        case Genop::is_native_record: {
            emit_type_test<is_named_record>(i);
            auto& op = last<is_named_record>();
            op.module = constant(i[2]).word();
            op.name = constant(i[3]).word();
            return true;
        }
        case Genop::is_record_accessible: {
            emit_type_test<is_record_accessible>(i);
            const bool external = constant(i[2]) == am::external();
            last<is_record_accessible>().module = (external ? Term::none() : module_.name).word();
            return true;
        }
        case Genop::get_record_elements: {
            auto& op = emit<get_record_elements>();
            op.from = source(i[1]);
            op.count = i[2].value() / 2;
            label_field(last_, offsetof(get_record_elements, fail), i[0].value());
            for (uint32_t k = 0; k < i[2].value(); k += 2) {
                words_.push_back(constant(i[3 + k]).word());
                words_.push_back(reg(i[4 + k]));
            }
            return true;
        }
        case Genop::get_record_field: {
            const RecordName name = record_name(i[2]);
            auto& op = emit<get_record_field>();
            op.to = reg(i[4]);
            op.from = source(i[1]);
            op.field = source(i[3]);
            op.module = name.module.word();
            op.name = name.name.word();
            op.exported = name.external;
            label_field(last_, offsetof(get_record_field, fail), i[0].value());
            return true;
        }
        case Genop::put_record: lower_put_record(i); return true;
        default: return false;
    }
}

void Lowerer::lower_put_record(Instruction i) {
    const RecordName name = record_name(i[1]);
    const auto fill = [&](auto& op) {
        op.to = reg(i[3]);
        op.count = i[5].value() / 2;
        label_field(last_, offsetof(std::remove_reference_t<decltype(op)>, fail), i[0].value());
        for (uint32_t k = 0; k < i[5].value(); ++k) words_.push_back(source(i[6 + k]));
    };
    if (i[2].kind() == OperandKind::nil) {
        auto& op = emit<ops::new_record>();
        if (name.external) {
            op.entry = code_server_.record_entry(name.module, name.name);
        } else {
            op.own = module_.find_record(name.name);
        }
        fill(op);
    } else {
        auto& op = emit<ops::change_record>();
        op.from = source(i[2]);
        op.module = name.module.word();
        op.name = name.name.word();
        fill(op);
    }
}

}  // namespace lintel
