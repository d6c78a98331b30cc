/// Lintel for C++20 hosts: thin owners of what lintel.h has, values to terms and back, functions of any kind as Erlang functions.
///
///     auto vm = lintel::Vm::create(lintel::Config().driving(LINTEL_DRIVING_HOST)).value();
///     vm.define(lintel::Module("host").def("add", [](long a, long b) { return a + b; })).value();
///     vm.start().value();
///     long sum = vm.call<long>("lists", "sum", std::vector<long>{1, 2, 3}).value();
///
/// No exceptions are thrown but by Expected::value, if exceptions are on (else it aborts). Threads: as lintel.h says of the functions underneath.
#ifndef LINTEL_LINTEL_HPP
#define LINTEL_LINTEL_HPP

#include <lintel/lintel.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

// Names of their own for the linker: the library has classes of the same names inside.
namespace lintel {
inline namespace host_api {

/// What went wrong: the result, and lintel_error's line or an exception as text.
struct Error {
    lintel_result result = LINTEL_OK;
    std::string text;
};

/// A T, or an Error.
template <typename T>
class [[nodiscard]] Expected {
public:
    Expected(T value) : either_(std::move(value)) {}
    Expected(Error error) : either_(std::move(error)) {}
    explicit operator bool() const { return either_.index() == 0; }
    bool has_value() const { return either_.index() == 0; }
    T& operator*() { return std::get<0>(either_); }
    T* operator->() { return &std::get<0>(either_); }
    const Error& error() const { return std::get<1>(either_); }
    /// The value; without one std::bad_variant_access is thrown, or the program aborts if it has no exceptions.
    T& value() & { return check(), std::get<0>(either_); }
    T&& value() && { return check(), std::move(std::get<0>(either_)); }
    T value_or(T other) && { return has_value() ? std::move(std::get<0>(either_)) : std::move(other); }

private:
    void check() const {
        if (has_value()) return;
#ifdef __cpp_exceptions
        throw std::bad_variant_access();
#else
        std::abort();
#endif
    }
    std::variant<T, Error> either_;
};

/// The value of what has none.
struct Nothing {};

// ---- terms and values

/// An atom by its name, in UTF-8.
struct Atom {
    std::string name;
    bool operator==(const Atom&) const = default;
};

/// A term: a word that is good as long as its environment.
class Term {
public:
    Term(ErlNifEnv* env, ERL_NIF_TERM term) : env_(env), term_(term) {}
    ERL_NIF_TERM word() const { return term_; }
    ErlNifEnv* env() const { return env_; }
    /// As lintel_term_text.
    std::string text() const {
        std::string s(lintel_term_text(term_, nullptr, 0), '\0');
        lintel_term_text(term_, s.data(), s.size() + 1);
        return s;
    }
    /// nullopt: it is no T.
    template <typename T>
    std::optional<T> as() const;

private:
    ErlNifEnv* env_;
    ERL_NIF_TERM term_;
};

/// How a T becomes a term, and what terms are a T. Specialise it for types of your own.
template <typename T, typename = void>
struct Codec;

/// The term that a value is: by the Codec of its type.
template <typename T>
ERL_NIF_TERM encode(ErlNifEnv* env, const T& value) {
    return Codec<T>::encode(env, value);
}
/// A string: a binary.
inline ERL_NIF_TERM encode(ErlNifEnv* env, const char* text);
/// The value that a term is; nullopt: it is no T.
template <typename T>
std::optional<T> decode(ErlNifEnv* env, ERL_NIF_TERM term) {
    return Codec<T>::decode(env, term);
}
template <typename T>
std::optional<T> Term::as() const {
    return decode<T>(env_, term_);
}

template <>
struct Codec<bool> {
    static ERL_NIF_TERM encode(ErlNifEnv* env, bool value) { return enif_make_atom(env, value ? "true" : "false"); }
    static std::optional<bool> decode(ErlNifEnv* env, ERL_NIF_TERM term) {
        if (enif_is_identical(term, encode(env, true))) return true;
        if (enif_is_identical(term, encode(env, false))) return false;
        return std::nullopt;
    }
};
template <typename T>
struct Codec<T, std::enable_if_t<std::is_integral_v<T> && !std::is_same_v<T, bool>>> {
    static ERL_NIF_TERM encode(ErlNifEnv* env, T value) {
        if constexpr (std::is_signed_v<T>) return enif_make_int64(env, value);
        return enif_make_uint64(env, value);
    }
    static std::optional<T> decode(ErlNifEnv* env, ERL_NIF_TERM term) {
        std::conditional_t<std::is_signed_v<T>, ErlNifSInt64, ErlNifUInt64> n;
        if constexpr (std::is_signed_v<T>) {
            if (!enif_get_int64(env, term, &n)) return std::nullopt;
        } else {
            if (!enif_get_uint64(env, term, &n)) return std::nullopt;
        }
        return std::in_range<T>(n) ? std::optional<T>(static_cast<T>(n)) : std::nullopt;
    }
};
template <typename T>
struct Codec<T, std::enable_if_t<std::is_floating_point_v<T>>> {
    static ERL_NIF_TERM encode(ErlNifEnv* env, T value) { return enif_make_double(env, static_cast<double>(value)); }
    /// Integers are taken, too.
    static std::optional<T> decode(ErlNifEnv* env, ERL_NIF_TERM term) {
        double d;
        if (enif_get_double(env, term, &d)) return static_cast<T>(d);
        const auto n = Codec<int64_t>::decode(env, term);
        return n ? std::optional<T>(static_cast<T>(*n)) : std::nullopt;
    }
};
/// A string is a binary; a list of characters is read as one, too (in UTF-8).
template <>
struct Codec<std::string> {
    static ERL_NIF_TERM encode(ErlNifEnv* env, std::string_view value) {
        ERL_NIF_TERM term;
        unsigned char* const bytes = enif_make_new_binary(env, value.size(), &term);
        if (!value.empty()) std::memcpy(bytes, value.data(), value.size());
        return term;
    }
    static std::optional<std::string> decode(ErlNifEnv* env, ERL_NIF_TERM term) {
        ErlNifBinary binary;
        if (enif_inspect_binary(env, term, &binary))
            return std::string(reinterpret_cast<char*>(binary.data), binary.size);
        unsigned length;
        if (!enif_get_string_length(env, term, &length, ERL_NIF_UTF8)) return std::nullopt;
        std::string text(length + 1, '\0');
        if (enif_get_string(env, term, text.data(), length + 1, ERL_NIF_UTF8) <= 0) return std::nullopt;
        text.pop_back();
        return text;
    }
};
template <>
struct Codec<std::string_view> {
    static ERL_NIF_TERM encode(ErlNifEnv* env, std::string_view value) {
        return Codec<std::string>::encode(env, value);
    }
    /// Good as long as the term.
    static std::optional<std::string_view> decode(ErlNifEnv* env, ERL_NIF_TERM term) {
        ErlNifBinary binary;
        if (!enif_inspect_binary(env, term, &binary)) return std::nullopt;
        return std::string_view(reinterpret_cast<char*>(binary.data), binary.size);
    }
};
inline ERL_NIF_TERM encode(ErlNifEnv* env, const char* text) { return Codec<std::string>::encode(env, text); }
template <>
struct Codec<Atom> {
    static ERL_NIF_TERM encode(ErlNifEnv* env, const Atom& value) {
        ERL_NIF_TERM term;
        const bool made = enif_make_new_atom_len(env, value.name.data(), value.name.size(), &term, ERL_NIF_UTF8);
        return made ? term : enif_make_atom(env, "undefined");
    }
    static std::optional<Atom> decode(ErlNifEnv* env, ERL_NIF_TERM term) {
        unsigned length;
        if (!enif_get_atom_length(env, term, &length, ERL_NIF_UTF8)) return std::nullopt;
        Atom atom{std::string(length + 1, '\0')};
        if (!enif_get_atom(env, term, atom.name.data(), length + 1, ERL_NIF_UTF8)) return std::nullopt;
        atom.name.pop_back();
        return atom;
    }
};
template <>
struct Codec<ErlNifPid> {
    static ERL_NIF_TERM encode(ErlNifEnv* env, const ErlNifPid& value) { return enif_make_pid(env, &value); }
    static std::optional<ErlNifPid> decode(ErlNifEnv* env, ERL_NIF_TERM term) {
        ErlNifPid pid;
        return enif_get_local_pid(env, term, &pid) ? std::optional(pid) : std::nullopt;
    }
};
template <>
struct Codec<Term> {
    static ERL_NIF_TERM encode(ErlNifEnv* env, const Term& value) {
        return value.env() == env ? value.word() : enif_make_copy(env, value.word());
    }
    static std::optional<Term> decode(ErlNifEnv* env, ERL_NIF_TERM term) { return Term(env, term); }
};
/// Nothing is the atom ok; any term is nothing.
template <>
struct Codec<Nothing> {
    static ERL_NIF_TERM encode(ErlNifEnv* env, Nothing) { return enif_make_atom(env, "ok"); }
    static std::optional<Nothing> decode(ErlNifEnv*, ERL_NIF_TERM) { return Nothing{}; }
};
/// A value that may be missing: then it is the atom undefined.
template <typename T>
struct Codec<std::optional<T>> {
    static ERL_NIF_TERM encode(ErlNifEnv* env, const std::optional<T>& value) {
        return value ? lintel::encode(env, *value) : enif_make_atom(env, "undefined");
    }
    static std::optional<std::optional<T>> decode(ErlNifEnv* env, ERL_NIF_TERM term) {
        if (enif_is_identical(term, enif_make_atom(env, "undefined"))) return std::optional<T>();
        auto value = lintel::decode<T>(env, term);
        return value ? std::optional<std::optional<T>>(std::move(value)) : std::nullopt;
    }
};
template <typename T>
struct Codec<std::vector<T>> {
    static ERL_NIF_TERM encode(ErlNifEnv* env, const std::vector<T>& values) {
        ERL_NIF_TERM list = enif_make_list(env, 0);
        for (size_t i = values.size(); i-- > 0;)
            list = enif_make_list_cell(env, lintel::encode<T>(env, values[i]), list);
        return list;
    }
    static std::optional<std::vector<T>> decode(ErlNifEnv* env, ERL_NIF_TERM list) {
        std::vector<T> values;
        ERL_NIF_TERM head;
        while (enif_get_list_cell(env, list, &head, &list)) {
            auto value = lintel::decode<T>(env, head);
            if (!value) return std::nullopt;
            values.push_back(std::move(*value));
        }
        return enif_is_empty_list(env, list) ? std::optional(std::move(values)) : std::nullopt;
    }
};
template <typename K, typename V>
struct Codec<std::map<K, V>> {
    static ERL_NIF_TERM encode(ErlNifEnv* env, const std::map<K, V>& values) {
        ERL_NIF_TERM map = enif_make_new_map(env);
        for (const auto& [key, value] : values)
            enif_make_map_put(env, map, lintel::encode(env, key), lintel::encode(env, value), &map);
        return map;
    }
    static std::optional<std::map<K, V>> decode(ErlNifEnv* env, ERL_NIF_TERM map) {
        ErlNifMapIterator at;
        if (!enif_map_iterator_create(env, map, &at, ERL_NIF_MAP_ITERATOR_FIRST)) return std::nullopt;
        std::map<K, V> values;
        bool good = true;
        ERL_NIF_TERM k, v;
        for (; good && enif_map_iterator_get_pair(env, &at, &k, &v); enif_map_iterator_next(env, &at)) {
            auto key = lintel::decode<K>(env, k);
            auto value = lintel::decode<V>(env, v);
            good = key && value;
            if (good) values.emplace(std::move(*key), std::move(*value));
        }
        enif_map_iterator_destroy(env, &at);
        return good ? std::optional(std::move(values)) : std::nullopt;
    }
};
template <typename... T>
struct Codec<std::tuple<T...>> {
    static ERL_NIF_TERM encode(ErlNifEnv* env, const std::tuple<T...>& values) {
        return std::apply(
            [env](const T&... each) {
                const std::array<ERL_NIF_TERM, sizeof...(T)> terms{lintel::encode(env, each)...};
                return enif_make_tuple_from_array(env, terms.data(), sizeof...(T));
            },
            values);
    }
    static std::optional<std::tuple<T...>> decode(ErlNifEnv* env, ERL_NIF_TERM term) {
        int arity;
        const ERL_NIF_TERM* terms;
        if (!enif_get_tuple(env, term, &arity, &terms) || arity != static_cast<int>(sizeof...(T))) return std::nullopt;
        return from(env, terms, std::index_sequence_for<T...>());
    }

private:
    template <size_t... I>
    static std::optional<std::tuple<T...>> from(ErlNifEnv* env, const ERL_NIF_TERM* terms, std::index_sequence<I...>) {
        std::tuple<std::optional<T>...> values{lintel::decode<T>(env, terms[I])...};
        if (!(std::get<I>(values).has_value() && ...)) return std::nullopt;
        return std::tuple<T...>(std::move(*std::get<I>(values))...);
    }
};
/// The first alternative that the term is.
template <typename... T>
struct Codec<std::variant<T...>> {
    static ERL_NIF_TERM encode(ErlNifEnv* env, const std::variant<T...>& value) {
        return std::visit([env](const auto& each) { return lintel::encode(env, each); }, value);
    }
    static std::optional<std::variant<T...>> decode(ErlNifEnv* env, ERL_NIF_TERM term) {
        std::optional<std::variant<T...>> result;
        (void)((try_one<T>(env, term, &result)) || ...);
        return result;
    }

private:
    template <typename U>
    static bool try_one(ErlNifEnv* env, ERL_NIF_TERM term, std::optional<std::variant<T...>>* result) {
        auto value = lintel::decode<U>(env, term);
        if (value) *result = std::move(*value);
        return value.has_value();
    }
};

/// Where terms are made.
class Env {
public:
    explicit Env(lintel_vm* vm) : env_(lintel_env_create(vm)) {}
    ErlNifEnv* get() const { return env_.get(); }
    template <typename T>
    Term make(const T& value) {
        return Term(get(), encode(get(), value));
    }
    void clear() { enif_clear_env(get()); }

private:
    struct Free {
        void operator()(ErlNifEnv* env) const { enif_free_env(env); }
    };
    std::unique_ptr<ErlNifEnv, Free> env_;
};

// ---- functions of the host

/// A module whose functions are the host's: any callable whose arguments and result have codecs. An argument that is none of its type is badarg; a
/// std::optional without a value raises badarg, too, as a result.
class Module {
public:
    explicit Module(std::string name) : name_(std::move(name)) {}

    /// `flags`: those of ErlNifFunc.
    template <typename F>
    Module& def(std::string name, F function, unsigned flags = 0) & {
        add(std::move(name), std::function(std::move(function)), flags);
        return *this;
    }
    template <typename F>
    Module&& def(std::string name, F function, unsigned flags = 0) && {
        add(std::move(name), std::function(std::move(function)), flags);
        return std::move(*this);
    }
    Module(Module&&) = default;
    Module& operator=(Module&&) = default;

private:
    friend class Vm;
    using Call = std::function<ERL_NIF_TERM(ErlNifEnv*, const ERL_NIF_TERM*)>;
    static constexpr size_t kMost = 256;
    struct Function {
        std::string name;
        unsigned arity, flags;
        Call call;
    };

    template <typename R, typename... A>
    void add(std::string name, std::function<R(A...)> function, unsigned flags) {
        functions_.push_back(
            {std::move(name), sizeof...(A), flags, [f = std::move(function)](ErlNifEnv* env, const ERL_NIF_TERM* args) {
                 return call(f, env, args, std::index_sequence_for<A...>());
             }});
    }
    template <typename R, typename... A, size_t... I>
    static ERL_NIF_TERM call(const std::function<R(A...)>& f, ErlNifEnv* env, const ERL_NIF_TERM* args,
                             std::index_sequence<I...>) {
        std::tuple<std::optional<std::decay_t<A>>...> values{decode<std::decay_t<A>>(env, args[I])...};
        if (!(std::get<I>(values).has_value() && ...)) return enif_make_badarg(env);
        if constexpr (std::is_void_v<R>) {
            f(std::move(*std::get<I>(values))...);
            return enif_make_atom(env, "ok");
        } else {
            return encode(env, f(std::move(*std::get<I>(values))...));
        }
    }
    /// Which of the functions is called is in the address of what Erlang calls.
    template <size_t I>
    static ERL_NIF_TERM trampoline(ErlNifEnv* env, int, const ERL_NIF_TERM argv[]) {
        return static_cast<Module*>(enif_priv_data(env))->functions_[I].call(env, argv);
    }
    template <size_t... I>
    static constexpr std::array<ERL_NIF_TERM (*)(ErlNifEnv*, int, const ERL_NIF_TERM[]), sizeof...(I)> trampolines(
        std::index_sequence<I...>) {
        return {trampoline<I>...};
    }
    Expected<Nothing> define(lintel_vm* vm) {
        static constexpr auto kTrampolines = trampolines(std::make_index_sequence<kMost>());
        if (functions_.size() > kMost) return Error{LINTEL_ERROR_ARGUMENT, name_ + ": more than 256 functions"};
        for (size_t i = 0; i < functions_.size(); ++i)
            rows_.push_back({functions_[i].name.c_str(), functions_[i].arity, kTrampolines[i], functions_[i].flags});
        entry_ = {ERL_NIF_MAJOR_VERSION,
                  ERL_NIF_MINOR_VERSION,
                  name_.c_str(),
                  static_cast<int>(rows_.size()),
                  rows_.data(),
                  nullptr,
                  nullptr,
                  nullptr,
                  nullptr,
                  ERL_NIF_VM_VARIANT,
                  1,
                  sizeof(ErlNifResourceTypeInit),
                  ERL_NIF_MIN_ERTS_VERSION};
        const lintel_result r = lintel_define_module(vm, &entry_, this);
        if (r != LINTEL_OK) return Error{r, lintel_error(vm)};
        return Nothing{};
    }

    std::string name_;
    std::vector<Function> functions_;
    std::vector<ErlNifFunc> rows_;
    ErlNifEntry entry_{};
};

// ---- a VM

/// Code that VMs begin with; see lintel_snapshot_create. Copies are of the same snapshot.
class Snapshot {
public:
    /// Owns it.
    explicit Snapshot(lintel_snapshot* snapshot) : snapshot_(snapshot, lintel_snapshot_release) {}
    lintel_snapshot* get() const { return snapshot_.get(); }
    size_t modules() const { return lintel_snapshot_modules(get()); }
    size_t bytes() const { return lintel_snapshot_bytes(get()); }

private:
    std::shared_ptr<lintel_snapshot> snapshot_;
};

/// What a VM starts with. Callbacks are kept with it.
class Config {
public:
    Config() { lintel_config_init(&raw, sizeof raw); }
    Config& schedulers(unsigned count) { return raw.schedulers = count, *this; }
    Config& driving(lintel_driving who) { return raw.driving = who, *this; }
    Config& profile(lintel_profile which) { return raw.profile = which, *this; }
    Config& rights(unsigned bits) { return raw.rights = bits, *this; }
    Config& max_memory(size_t bytes) { return raw.max_memory = bytes, *this; }
    Config& process_limit(size_t count) { return raw.process_limit = count, *this; }
    Config& atom_limit(size_t count) { return raw.atom_limit = count, *this; }
    /// One of those that have no field of their own.
    Config& setting(std::string name, std::string value) {
        return settings_.emplace_back(std::move(name), std::move(value)), *this;
    }
    Config& otp_root(std::string folder) { return otp_root_ = std::move(folder), *this; }
    /// Which functions become machine code: "lazy", "eager" or "off".
    Config& jit(std::string mode) { return jit_ = std::move(mode), *this; }
    /// Who else is told of machine code: "map", "dump", "gdb", with commas between them.
    Config& code_symbols(std::string who) { return code_symbols_ = std::move(who), *this; }
    Config& snapshot(Snapshot what) {
        snapshot_ = std::move(what);
        return raw.snapshot = snapshot_->get(), *this;
    }
    /// f(stream, bytes): 0, or an errno value.
    Config& output(std::function<int(int, std::string_view)> f) { return callbacks_->write = std::move(f), *this; }
    /// f(module): its BEAM file, which stays as long as the VM; empty: the host has no such module.
    Config& code(std::function<std::span<const std::byte>(std::string_view)> f) {
        return callbacks_->code = std::move(f), *this;
    }
    /// f(level, text, process or nullptr): what was logged; see lintel_config::log.
    Config& log(std::function<void(std::string_view, std::string_view, const ErlNifPid*)> f) {
        return callbacks_->log = std::move(f), *this;
    }
    /// f(status): the VM halts.
    Config& halted(std::function<void(int)> f) { return callbacks_->halted = std::move(f), *this; }
    /// f(text): a fatal error.
    Config& fatal(std::function<void(std::string_view)> f) { return callbacks_->fatal = std::move(f), *this; }
    Config& wake(std::function<void()> f) { return callbacks_->wake = std::move(f), *this; }

    /// All that chance decides follows from `number`; see lintel_config.
    Config& seed(uint64_t number) { return raw.has_seed = 1, raw.seed = number, *this; }
    Config& virtual_clock(bool on = true) { return raw.virtual_clock = on ? 1 : 0, *this; }
    /// f(line): what happens in a VM with a seed or a virtual clock.
    Config& schedule(std::function<void(std::string_view)> f) { return callbacks_->schedule = std::move(f), *this; }

    lintel_config raw;

private:
    friend class Vm;
    struct Callbacks {
        std::function<int(int, std::string_view)> write;
        std::function<std::span<const std::byte>(std::string_view)> code;
        std::function<void()> wake;
        std::function<void(std::string_view, std::string_view, const ErlNifPid*)> log;
        std::function<void(int)> halted;
        std::function<void(std::string_view)> fatal;
        std::function<void(std::string_view)> schedule;
    };
    std::optional<std::string> otp_root_, jit_, code_symbols_;
    std::optional<Snapshot> snapshot_;
    std::vector<std::pair<std::string, std::string>> settings_;
    std::shared_ptr<Callbacks> callbacks_{new Callbacks};
};

/// Times, as std::chrono has them.
using Duration = std::chrono::nanoseconds;
/// A time that never ends.
inline constexpr Duration kForever{LINTEL_FOREVER};

/// A call whose result is a T.
template <typename T>
class Call {
public:
    Call(lintel_vm* vm, lintel_call* call) : vm_(vm), call_(call) {}
    bool done() const { return lintel_call_wait(call_.get(), 0) == LINTEL_OK; }
    void cancel() { lintel_call_cancel(call_.get()); }
    ErlNifPid process() const { return lintel_call_process(call_.get()); }
    /// Waits. A T that holds terms is good as long as this.
    Expected<T> get(Duration time = kForever) {
        if (const lintel_result r = lintel_call_wait(call_.get(), time.count()); r != LINTEL_OK)
            return Error{r, lintel_result_text(r)};
        if (!env_) env_.emplace(vm_);
        ERL_NIF_TERM term;
        const lintel_result r = lintel_call_result(call_.get(), env_->get(), &term);
        if (r != LINTEL_OK) return Error{r, Term(env_->get(), term).text()};
        auto value = decode<T>(env_->get(), term);
        if (!value) return Error{LINTEL_ERROR_ARGUMENT, "not what was asked for: " + Term(env_->get(), term).text()};
        return std::move(*value);
    }

private:
    struct Free {
        void operator()(lintel_call* call) const { lintel_call_free(call); }
    };
    lintel_vm* vm_;
    std::unique_ptr<lintel_call, Free> call_;
    std::optional<Env> env_;
};

/// A mailbox; see lintel_mailbox_create.
class Mailbox {
public:
    ErlNifPid process() const { return lintel_mailbox_process(mailbox_.get()); }
    /// The first message if it comes in time; one that is no T is taken out, too, and is an error.
    template <typename T>
    Expected<T> receive(Duration time = kForever) {
        env_.clear();
        ERL_NIF_TERM term;
        const lintel_result r = lintel_receive(mailbox_.get(), env_.get(), time.count(), &term);
        if (r != LINTEL_OK) return Error{r, lintel_result_text(r)};
        auto value = decode<T>(env_.get(), term);
        if (!value) return Error{LINTEL_ERROR_ARGUMENT, "not what was asked for: " + Term(env_.get(), term).text()};
        return std::move(*value);
    }
    void link(const ErlNifPid& pid) { lintel_mailbox_link(mailbox_.get(), &pid); }
    void unlink(const ErlNifPid& pid) { lintel_mailbox_unlink(mailbox_.get(), &pid); }
    void monitor(const ErlNifPid& pid) { lintel_mailbox_monitor(mailbox_.get(), &pid); }

private:
    friend class Vm;
    Mailbox(lintel_vm* vm, lintel_mailbox* mailbox) : mailbox_(mailbox), env_(vm) {}
    struct Free {
        void operator()(lintel_mailbox* mailbox) const { lintel_mailbox_free(mailbox); }
    };
    std::unique_ptr<lintel_mailbox, Free> mailbox_;
    Env env_;
};

/// A VM, and the modules of the host that it has.
class Vm {
public:
    static Expected<Vm> create(const Config& config) {
        Vm vm;
        vm.callbacks_ = config.callbacks_;
        lintel_config raw = config.raw;
        if (config.otp_root_) raw.otp_root = config.otp_root_->c_str();
        if (config.jit_) raw.jit = config.jit_->c_str();
        if (config.code_symbols_) raw.code_symbols = config.code_symbols_->c_str();
        raw.context = vm.callbacks_.get();
        if (vm.callbacks_->write) {
            raw.write = [](void* context, int stream, const char* bytes, size_t count) {
                return static_cast<Config::Callbacks*>(context)->write(stream, {bytes, count});
            };
        }
        if (vm.callbacks_->code) {
            raw.find_code = [](void* context, const char* module, const void** bytes, size_t* count) {
                const auto found = static_cast<Config::Callbacks*>(context)->code(module);
                *bytes = found.data();
                *count = found.size();
                return found.empty() ? 0 : 1;
            };
        }
        if (vm.callbacks_->wake) raw.wake = [](void* context) { static_cast<Config::Callbacks*>(context)->wake(); };
        if (vm.callbacks_->log) {
            raw.log = [](void* context, lintel_tenant*, const ErlNifPid* process, const char* level, const char* text,
                         size_t length) {
                static_cast<Config::Callbacks*>(context)->log(level, {text, length}, process);
            };
        }
        if (vm.callbacks_->halted) {
            raw.halted = [](void* context, int status) { static_cast<Config::Callbacks*>(context)->halted(status); };
        }
        if (vm.callbacks_->fatal) {
            raw.fatal = [](void* context, const char* text) { static_cast<Config::Callbacks*>(context)->fatal(text); };
        }
        if (vm.callbacks_->schedule) {
            raw.schedule = [](void* context, const char* line, size_t length) {
                static_cast<Config::Callbacks*>(context)->schedule({line, length});
            };
        }
        std::vector<lintel_setting> settings;
        for (const auto& [name, value] : config.settings_) settings.push_back({name.c_str(), value.c_str()});
        raw.settings = settings.data();
        raw.setting_count = settings.size();
        lintel_vm* made;
        const lintel_result r = lintel_vm_create(&raw, &made);
        if (r != LINTEL_OK) return Error{r, lintel_result_text(r)};
        vm.vm_.reset(made);
        return vm;
    }
    lintel_vm* get() const { return vm_.get(); }

    Expected<Nothing> add_code_path(const std::string& folder) {
        return done(lintel_add_code_path(get(), folder.c_str()));
    }
    Expected<Nothing> load_file(const std::string& path) {
        return done(lintel_load_file(get(), path.c_str(), nullptr));
    }
    /// Loads a module from the code path, unless it is loaded.
    Expected<Nothing> load_module(const std::string& name) { return done(lintel_load_module(get(), name.c_str())); }
    /// What is loaded now, for other VMs.
    Expected<Snapshot> snapshot() {
        lintel_snapshot* taken;
        const lintel_result r = lintel_snapshot_create(get(), &taken);
        if (r != LINTEL_OK) return Error{r, lintel_error(get())};
        return Snapshot(taken);
    }
    Expected<Nothing> load(std::string_view bytes, const std::string& name) {
        return done(lintel_load_memory(get(), bytes.data(), bytes.size(), name.c_str(), nullptr));
    }
    /// As lintel_add_pack: `info` may be nullptr.
    Expected<Nothing> add_pack(const std::string& path, lintel_pack_info* info = nullptr) {
        return done(lintel_add_pack(get(), path.c_str(), info));
    }
    /// The bytes must stay as long as the VM.
    Expected<Nothing> add_pack(std::string_view bytes, const std::string& name, lintel_pack_info* info = nullptr) {
        return done(lintel_add_pack_memory(get(), bytes.data(), bytes.size(), name.c_str(), info));
    }
    Expected<Nothing> trust_pack_key(const std::array<unsigned char, 32>& key) {
        return done(lintel_trust_pack_key(get(), key.data()));
    }
    Expected<Nothing> require_signed_packs() { return done(lintel_require_signed_packs(get())); }
    Expected<Nothing> define(Module&& module) {
        modules_.push_back(std::make_unique<Module>(std::move(module)));
        return modules_.back()->define(get());
    }
    Expected<Nothing> start(const std::vector<const char*>& arguments = {}) {
        return done(lintel_start(get(), static_cast<int>(arguments.size()), arguments.data()));
    }
    Expected<lintel_poll_report> poll(int64_t reductions = INT64_MAX, Duration time = kForever) {
        lintel_poll_report report{};
        report.size = sizeof report;
        const lintel_result r = lintel_poll(get(), reductions, time.count(), &report);
        if (r != LINTEL_OK) return Error{r, lintel_error(get())};
        return report;
    }
    int poll_fd() { return lintel_poll_fd(get()); }
    /// The exit status.
    Expected<int> wait(Duration time = kForever) {
        int status = 0;
        const lintel_result r = lintel_wait(get(), time.count(), &status);
        if (r != LINTEL_OK) return Error{r, lintel_result_text(r)};
        return status;
    }
    void halt(int status) { lintel_halt(get(), status); }

    /// Begins a call.
    template <typename T = Nothing, typename... A>
    Expected<Call<T>> begin(const std::string& module, const std::string& function, const A&... arguments) {
        Env env(get());
        const std::array<ERL_NIF_TERM, sizeof...(A) + 1> terms{encode(env.get(), arguments)..., 0};
        lintel_call* call;
        const lintel_result r =
            lintel_call_begin(get(), module.c_str(), function.c_str(), terms.data(), sizeof...(A), nullptr, &call);
        if (r != LINTEL_OK) return Error{r, lintel_error(get())};
        return Call<T>(get(), call);
    }
    /// Calls and waits. T must not hold terms.
    template <typename T = Nothing, typename... A>
    Expected<T> call(const std::string& module, const std::string& function, const A&... arguments) {
        auto call = begin<T>(module, function, arguments...);
        if (!call) return call.error();
        return call->get();
    }
    template <typename T>
    Expected<Nothing> send(const ErlNifPid& to, const T& message) {
        Env env(get());
        return done(lintel_send(get(), &to, encode(env.get(), message)));
    }
    template <typename T>
    Expected<Nothing> send(const std::string& name, const T& message) {
        Env env(get());
        return done(lintel_send_to_name(get(), name.c_str(), encode(env.get(), message)));
    }
    Expected<Mailbox> mailbox(const std::string& name = "") {
        lintel_mailbox* made;
        const lintel_result r =
            lintel_mailbox_create(get(), name.empty() ? nullptr : name.c_str(), nullptr, nullptr, &made);
        if (r != LINTEL_OK) return Error{r, lintel_error(get())};
        return Mailbox(get(), made);
    }

private:
    Vm() = default;
    Expected<Nothing> done(lintel_result r) const {
        if (r != LINTEL_OK) return Error{r, lintel_error(get())};
        return Nothing{};
    }
    struct Destroy {
        void operator()(lintel_vm* vm) const { lintel_vm_destroy(vm); }
    };
    std::shared_ptr<Config::Callbacks> callbacks_;
    std::vector<std::unique_ptr<Module>> modules_;
    std::unique_ptr<lintel_vm, Destroy> vm_;  // goes first
};

}  // namespace host_api
}  // namespace lintel

#endif  // LINTEL_LINTEL_HPP
