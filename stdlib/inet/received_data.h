#pragma once
/// ReceivedData: received bytes as a term: a list, a binary, or a binary behind some list elements, as the socket's options want it.

#include "gc/heap_builder.h"
#include "stdlib/inet/inet_driver.h"

namespace lintel::inet {

class ReceivedData {
public:
    /// `data`: if not null, what has `bytes`; a binary then shares it.
    ReceivedData(const Settings& settings, std::string_view bytes, BinaryData* data = nullptr)
        : bytes_(bytes), is_list_(settings.mode == 0 || settings.header > bytes.size()),
          header_(is_list_ ? bytes.size() : settings.header),
          data_(is_list_ || bytes.size() - header_ <= kMaxHeapBinaryBytes ? nullptr : data) {}

    bool is_shared() const { return data_ != nullptr; }
    size_t words() const {
        const size_t head = list_words(header_);
        if (is_list_) return head;
        return head + (is_shared() ? kRefcBinaryWords + kSubBinaryWords : binary_words(bytes_.size() - header_));
    }
    Term make(HeapBuilder& heap) const {
        if (is_list_) return heap.byte_list(bytes_);
        const std::string_view rest = bytes_.substr(header_);
        Term binary;
        if (is_shared()) {
            const size_t offset = static_cast<size_t>(reinterpret_cast<const uint8_t*>(rest.data()) - data_->bytes);
            data_->retain();
            binary = heap.refc_binary(data_, offset + rest.size());
            if (offset != 0) binary = heap.sub_binary(binary, offset * 8, rest.size() * 8);
        } else {
            binary = heap.binary(rest);
            if (binary.is_none()) stop_without_memory(rest.size());
        }
        return heap.byte_list(bytes_.substr(0, header_), binary);
    }

private:
    const std::string_view bytes_;
    const bool is_list_;
    const size_t header_;
    BinaryData* const data_;
};

}  // namespace lintel::inet
