#pragma once
/// `lintel pack`: makes packs and one-file executables, looks into them, checks and signs them.

#include <CLI/CLI.hpp>
#include <memory>

struct PackOptions;

class PackCommand {
public:
    explicit PackCommand(CLI::App& app);
    ~PackCommand();
    bool is_given() const;
    /// The exit status.
    int run();

private:
    CLI::App* command_;
    std::unique_ptr<PackOptions> options_;
};

/// A public key from a file (32 bytes, or 64 hexadecimal digits), or written out. False: it is none.
bool read_pack_key(const std::string& text, unsigned char key[32]);
/// Trusts the keys of LINTEL_PACK_KEYS (with colons between them) and of `given`. "": all are keys; else the one that is not.
struct lintel_vm;
std::string trust_pack_keys(lintel_vm* vm, const std::vector<std::string>& given);
