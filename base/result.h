#pragma once
/// Result<T, E>: a value or an error, for loader and tools. No exceptions.

#include <utility>
#include <variant>

#include "base/assert.h"

namespace lintel {

template <typename T, typename E>
class [[nodiscard]] Result {
public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(E error) : state_(std::in_place_index<1>, std::move(error)) {}

    bool ok() const { return state_.index() == 0; }
    explicit operator bool() const { return ok(); }
    T& value() {
        LINTEL_CHECK(ok());
        return *std::get_if<0>(&state_);
    }
    T take() { return std::move(value()); }
    const E& error() const {
        LINTEL_CHECK(!ok());
        return *std::get_if<1>(&state_);
    }

private:
    std::variant<T, E> state_;
};

}  // namespace lintel
