#pragma once
/// Where modules are looked for: directories given, then those of an installed OTP and Elixir.

#include <string>
#include <string_view>
#include <vector>

namespace lintel {

class CodePath {
public:
    /// Directory to look in before those added earlier.
    void add_first(std::string directory) { given_.insert(given_.begin(), std::move(directory)); }
    /// An OTP installation: its erts, stdlib, kernel, then its other applications.
    void add_otp(const std::string& root);
    /// An Elixir installation (directory with elixir/ebin in it).
    void add_elixir(const std::string& lib);

    /// Path of the file of `module`, or "" if no directory has one.
    std::string find(std::string_view module) const;

    /// What an installation is found by: the environment variable LINTEL_OTP_ROOT, else where Debian puts it; "" if there is none.
    static std::string default_otp_root();
    static std::string default_elixir_lib();

private:
    std::vector<std::string> given_;
    std::vector<std::string> installed_;
};

/// The whole file, or false.
bool read_file(const std::string& path, std::string* bytes);

}  // namespace lintel
