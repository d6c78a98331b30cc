#pragma once
/// Which F register of the machine's has the number that a register of the VM holds as a float: it need not be taken out of the term again. Private
/// to jit/.

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "jit/operands.h"
#include "vm/native_code.h"

namespace lintel::jit {

/// F0 and those that follow it which machine registers hold, on every machine.
inline constexpr unsigned kMachineFloats = 8;

class KnownDoubles {
public:
    std::optional<unsigned> find(Place place) const {
        const auto found = std::ranges::find(known_, place, &Known::place);
        return found != known_.end() ? std::optional(found->number) : std::nullopt;
    }
    bool has(unsigned number) const { return std::ranges::find(known_, number, &Known::number) != known_.end(); }
    template <typename F>
    bool any_in(unsigned number, F f) const {
        return std::ranges::any_of(known_, [&](const Known& k) { return k.number == number && f(k.place); });
    }

    void note(Place place, unsigned number) {
        forget(place);
        known_.push_back({place, number});
    }
    void forget(Place place) {
        std::erase_if(known_, [place](const Known& k) { return k.place == place; });
    }
    void forget_register(unsigned number) {
        std::erase_if(known_, [number](const Known& k) { return k.number == number; });
    }
    void rename(unsigned from, unsigned to) {
        for (Known& k : known_) {
            if (k.number == from) k.number = to;
        }
    }
    void clear() { known_.clear(); }
    bool is_empty() const { return known_.empty(); }
    /// Forgets all but the first X registers.
    void keep_arguments(unsigned count) {
        std::erase_if(known_, [count](const Known& k) { return k.place.is_y || k.place.offset >= 8 * count; });
    }
    bool has_all_of(const KnownDoubles& other) const {
        return std::ranges::all_of(other.known_, [this](const Known& k) { return find(k.place) == k.number; });
    }
    /// What both know.
    void meet(const KnownDoubles& other) {
        std::erase_if(known_, [&other](const Known& k) { return other.find(k.place) != k.number; });
    }

private:
    struct Known {
        Place place;
        unsigned number;
    };
    std::vector<Known> known_;  // a few
};

/// The F registers that an operation uses, as bits; for those that no machine register holds, one bit behind the others.
struct FloatUse {
    uint32_t handed_on = 0;  ///< read; the result is not finite if they are not
    uint32_t read = 0;       ///< others that are read
    uint32_t written = 0;
    bool is_result = false;      ///< which may not be finite
    bool can_be_redone = false;  ///< it changes nothing else, and leaves nowhere else than where it stands
};
FloatUse float_use(const LoweredOp& o, const Word* at);

/// What an operation does to what is known of registers of the VM.
struct DoubleEffect {
    bool is_followed = false;  ///< false: anything may be otherwise behind it
    /// Registers that it changes, and others.
    std::array<Place, 3> written;
    size_t count = 0;

    void add(Place place) {
        LINTEL_ASSERT(count < written.size());
        written[count++] = place;
    }
    bool writes(Place place) const {
        return std::find(written.begin(), written.begin() + count, place) != written.begin() + count;
    }
};
DoubleEffect double_effect(const LoweredOp& o, const Word* at);

/// The source that the operation takes a float out of, if it is one.
std::optional<Word> float_source(const LoweredOp& o, const Word* at);

}  // namespace lintel::jit
