#pragma once
/// An ExecState with a heap of its own, without scheduler or engine: for tests of slow paths and BIFs.

#include <memory>
#include <vector>

#include "vm/exec_state.h"

namespace lintel::test {

class TestProcess : public ExecState {
public:
    explicit TestProcess(size_t words = 20000) : words_(words), registers_(std::make_unique<RegisterFile>()) {
        heap.start = heap.htop = heap.high_water = words_.data();
        heap.end = heap.stack_top = words_.data() + words;
        reductions = kSliceReductions;
        registers = registers_.get();
    }
    TestProcess(const TestProcess&) = delete;
    TestProcess& operator=(const TestProcess&) = delete;
    ~TestProcess() { clear(); }

    /// Drops all terms.
    void clear() {
        release_off_heap(heap.off_heap);
        while (heap.fragments != nullptr) {
            HeapFragment* next = heap.fragments->next;
            HeapFragment::destroy(heap.fragments);
            heap.fragments = next;
        }
        heap.fragment_words = 0;
        heap.htop = heap.start;
        pending = Pending::none;
        reductions = kSliceReductions;
    }
    size_t used_words() const { return static_cast<size_t>(heap.htop - heap.start) + heap.fragment_words; }

    Term bin(std::string_view bytes) {
        auto b = reserve(binary_words(bytes.size()));
        return b.binary(bytes);
    }
    /// The first `bits` bits of `bytes`, at bit `offset` of a larger binary.
    Term bits(std::string_view bytes, size_t bits, size_t offset = 0) {
        std::string data(bytes_for_bits(offset + bits) + 1, '\xa5');
        copy_bits(reinterpret_cast<uint8_t*>(data.data()), offset, reinterpret_cast<const uint8_t*>(bytes.data()), 0,
                  bits);
        const Term whole = bin(data);
        auto b = reserve(kSubBinaryWords);
        return b.sub_binary(whole, offset, bits);
    }
    Term big(std::initializer_list<Word> limbs, bool negative = false) {
        auto b = reserve(1 + limbs.size());
        return b.integer_from_limbs(std::span<const Word>(limbs.begin(), limbs.size()), negative);
    }

private:
    std::vector<Word> words_;
    std::unique_ptr<RegisterFile> registers_;
};

/// The bytes of a binary term (a last part of a byte padded with zeros), or "<not a bit string>".
inline std::string bytes_of(Term t) {
    const BitsView v = as_bits(t);
    if (!v) return "<not a bit string>";
    std::string s(v.byte_size(), '\0');
    copy_bits(reinterpret_cast<uint8_t*>(s.data()), 0, v.base, v.offset, v.size);
    return s;
}

}  // namespace lintel::test
