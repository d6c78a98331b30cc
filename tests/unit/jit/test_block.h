#pragma once
/// A block of operations that a test has put together, as lowering would.

#include <cstring>
#include <vector>

#include "vm/native_code.h"

namespace lintel::test {

class TestBlock {
public:
    /// The operation, then the words of its REST.
    template <typename T>
    void add(T op, std::initializer_list<Word> rest = {}) {
        operations.push_back({T::kOp, static_cast<uint32_t>(words_.size())});
        words_.resize(words_.size() + sizeof(T) / kWordBytes);
        std::memcpy(&words_[operations.back().at], &op, sizeof op);
        words_.insert(words_.end(), rest);
    }
    /// With the words of all that has been added; stays as long as this and nothing more is added.
    const CodeBlock& block() {
        storage_.assign(sizeof(CodeBlock) / kWordBytes + words_.size(), 0);
        auto* const made = new (storage_.data()) CodeBlock{};
        made->words = static_cast<uint32_t>(words_.size());
        std::memcpy(made->code(), words_.data(), words_.size() * kWordBytes);
        return *made;
    }

    std::vector<LoweredOp> operations;

private:
    std::vector<Word> words_, storage_;
};

}  // namespace lintel::test
