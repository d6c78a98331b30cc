#pragma once
/// Packer: collects what a program reaches, for `lintel pack` and hosts. docs/design/packs.md.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "embed/bare_vm.h"
#include "loader/pack/reach.h"
#include "loader/pack/writer.h"

namespace lintel {

class Packer final : private ReachSource {
public:
    explicit Packer(BareVm& vm);
    ~Packer() override;

    // What goes in: see lintel_packer_… in lintel.h. Those that can fail return "" or one line.
    std::string add_file(const std::string& path, std::string* module);
    std::string add_application(const std::string& name);
    void set_main(std::string module, std::string function);
    void keep(std::string pattern) { kept_.push_back(std::move(pattern)); }
    void drop(std::string pattern) { dropped_.push_back(std::move(pattern)); }
    void set_flags(unsigned flags) { flags_ = flags; }
    void sign(const std::array<uint8_t, 32>& seed) { plan_.signing_seed = seed; }

    using Progress = std::function<void(const std::string& module, size_t done, size_t known)>;
    std::string resolve(const Progress& progress);

    struct Note {
        int fate;  ///< lintel_pack_fate
        std::string name, application, why;
        size_t count, original_count;
    };
    const std::vector<Note>& report() const { return notes_; }
    /// The pack.
    std::string write() { return write_pack(plan_); }

private:
    /// A module that is to be had.
    struct Available {
        std::string path;       ///< of the file; "": inside the library
        std::string directory;  ///< in the pack
        bool is_installed;      ///< by OTP or Elixir
        bool is_named;          ///< its file or application was given
        std::span<const uint8_t> inside;
    };
    struct ApplicationFile {
        std::string path, directory;
        bool is_installed;
    };

    // ReachSource
    bool has_module(Term name) override;
    const Module* read(Term name) override;
    void release(Term name) override;
    bool is_native(Term module, Term function, uint32_t arity) override;
    bool is_inside(Term name) override;
    bool may_mean(Term by, Term name) override;
    bool needs(Term by, Term module) override;
    std::string application_of(Term module) override;
    bool has_application(Term name) override;
    Application start(Term name) override;
    Term atom(const std::string& name) override { return vm_.atoms.intern(name); }

    void look_around();
    void look_into(const std::string& directory, bool is_installed);
    Available* find(Term name);
    bool is_dropped(const std::string& module, const Available& a) const;
    /// Why a module that is to be had is not in.
    std::string why_out(const std::string& module, const Available& a) const;
    bool is_excluded(const Available& a) const;
    void set_roots(Reach& reach);
    std::string take_modules(const Reach& reach, const Progress& progress);
    void take_applications(const Reach& reach);
    void take_private(const std::string& application, const std::string& from, const std::string& to);
    void note_dropped();
    bool stays_out(bool is_installed) const;
    LoadContext context() { return {vm_.atoms, vm_.literals, &vm_.code}; }

    BareVm& vm_;
    std::map<std::string, Available> available_;
    std::map<std::string, ApplicationFile> application_files_;
    std::map<std::string, Application> started_;  ///< what start has read
    std::vector<std::string> files_, named_applications_, kept_, dropped_;
    unsigned flags_ = 0;
    PackPlan plan_;
    std::vector<Note> notes_;
    std::unique_ptr<Module> current_;  ///< between read and release
    std::string error_;
};

}  // namespace lintel
