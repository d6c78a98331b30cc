#include "embed/packer.h"

#include <dirent.h>
#include <lintel/lintel.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "embed/embedded_modules.h"
#include "embed/term_reader.h"
#include "loader/pack/strip.h"
#include "stdlib/nif/env.h"
#include "term/views.h"

namespace lintel {

namespace {

constexpr std::string_view kBeam = ".beam", kApp = ".app", kEbin = "/ebin";

std::vector<std::string> names_in(const std::string& directory) {
    std::vector<std::string> names;
    if (DIR* const dir = opendir(directory.c_str())) {
        while (const dirent* entry = readdir(dir)) {
            const std::string_view name = entry->d_name;
            if (name != "." && name != "..") names.emplace_back(name);
        }
        closedir(dir);
    }
    std::sort(names.begin(), names.end());
    return names;
}

/// Where what lies in `directory` goes: an application's folder keeps its name, all else goes to the top.
std::string directory_in_pack(const std::string& directory) {
    if (!directory.ends_with(kEbin)) return "";
    const std::string parent = directory.substr(0, directory.size() - kEbin.size());
    const size_t slash = parent.rfind('/');
    const std::string name = slash == std::string::npos ? parent : parent.substr(slash + 1);
    return name.empty() || name == "." || name == ".." ? "" : "lib/" + name + std::string(kEbin);
}

/// "stdlib-4.2" of "lib/stdlib-4.2/ebin".
std::string application_name(const std::string& directory) {
    const size_t start = directory.find('/'), end = directory.rfind('/');
    return start == std::string::npos || end <= start ? "" : directory.substr(start + 1, end - start - 1);
}

std::string without_version(const std::string& application) { return application.substr(0, application.find('-')); }

std::string directory_of(const std::string& path) {
    const size_t slash = path.rfind('/');
    return slash == std::string::npos ? "." : path.substr(0, slash);
}

/// `*` stands for any characters.
bool matches(std::string_view pattern, std::string_view name) {
    if (pattern.empty()) return name.empty();
    if (pattern[0] != '*') return !name.empty() && name[0] == pattern[0] && matches(pattern.substr(1), name.substr(1));
    for (size_t i = 0; i <= name.size(); ++i) {
        if (matches(pattern.substr(1), name.substr(i))) return true;
    }
    return false;
}

bool matches_any(const std::vector<std::string>& patterns, std::string_view name) {
    return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& p) { return matches(p, name); });
}

/// Names of processes that the bare profile has in a form of its own (docs/design/bare.md): whoever has such an atom means the process, and not OTP's
/// module of that name, which boots it.
constexpr std::string_view kProcesses[] = {"user",     "standard_error", "init",  "kernel", "code_server",
                                           "user_drv", "net_kernel",     "heart", "shell",  "erl_epmd"};

/// Words that OTP's own code has for other things (types of files, memory, data), and what reads debug information for it, of which packs have none.
constexpr std::string_view kWords[] = {"code", "dets", "ets", "file", "string", "erl_abstract_code"};

template <size_t N>
bool is_one_of(const std::string_view (&names)[N], Term atom) {
    return std::ranges::find(names, atom_name(atom)) != std::end(names);
}

/// The value of a key in a list of pairs; none.
Term value_of(Term list, std::string_view key) {
    for (; list.is_cons(); list = list.tail()) {
        const auto pair = as_tuple(list.head(), 2);
        if (pair && pair[0].is_atom() && atom_name(pair[0]) == key) return pair[1];
    }
    return Term::none();
}

}  // namespace

Packer::Packer(BareVm& vm) : vm_(vm) {
    for (const EmbeddedModule& m : embedded_modules()) available_[m.name] = {"", "", false, false, m.bytes};
}

Packer::~Packer() = default;

std::string Packer::add_file(const std::string& path, std::string* module) {
    const FileBytes bytes(path);
    if (!bytes) return path + ": cannot be read";
    auto loaded = load_module(context(), bytes.bytes(), path);
    if (!loaded) return loaded.error().text();
    *module = atom_name(loaded.value()->name);
    discard_module(context(), loaded.take());
    const auto known = available_.find(*module);
    if (known != available_.end() && known->second.is_named && known->second.path != path)
        return path + ": module " + *module + " is in " + known->second.path + ", too";
    available_[*module] = {path, directory_in_pack(directory_of(path)), false, true, {}};
    files_.push_back(*module);
    return "";
}

std::string Packer::add_application(const std::string& name) {
    look_around();
    if (!application_files_.contains(name)) return "no application " + name + " on the code path";
    named_applications_.push_back(name);
    return "";
}

void Packer::set_main(std::string module, std::string function) {
    plan_.main_module = std::move(module);
    plan_.main_function = std::move(function);
}

/// All that lies on the code path; the first of a name counts.
void Packer::look_around() {
    for (const std::string& directory : vm_.path.directories()) look_into(directory, vm_.path.is_installed(directory));
}

void Packer::look_into(const std::string& directory, bool is_installed) {
    const std::string in_pack = directory_in_pack(directory);
    for (const std::string& name : names_in(directory)) {
        const std::string path = directory + "/" + name;
        if (name.ends_with(kBeam)) {
            available_.try_emplace(name.substr(0, name.size() - kBeam.size()),
                                   Available{path, in_pack, is_installed, false, {}});
        } else if (name.ends_with(kApp)) {
            application_files_.try_emplace(name.substr(0, name.size() - kApp.size()),
                                           ApplicationFile{path, in_pack, is_installed});
        }
    }
}

Packer::Available* Packer::find(Term name) {
    const auto found = available_.find(std::string(atom_name(name)));
    return found == available_.end() ? nullptr : &found->second;
}

/// LINTEL_PACK_ONLY
bool Packer::is_excluded(const Available& a) const {
    return (flags_ & LINTEL_PACK_ONLY) != 0 && a.is_installed &&
           std::find(named_applications_.begin(), named_applications_.end(),
                     without_version(application_name(a.directory))) == named_applications_.end();
}

bool Packer::is_dropped(const std::string& module, const Available& a) const {
    const std::string application = application_name(a.directory);
    return is_excluded(a) || matches_any(dropped_, module) || matches_any(dropped_, application + "/") ||
           matches_any(dropped_, without_version(application) + "/");
}

std::string Packer::why_out(const std::string& module, const Available& a) const {
    if (is_excluded(a)) return "its application was not named";
    return is_dropped(module, a) ? "it was dropped" : "nothing reaches it";
}

bool Packer::stays_out(bool is_installed) const { return is_installed && (flags_ & LINTEL_PACK_WITHOUT_OTP) != 0; }

bool Packer::has_module(Term name) {
    const Available* const known = find(name);
    return known != nullptr && (!known->inside.empty() || !is_dropped(std::string(atom_name(name)), *known));
}

const Module* Packer::read(Term name) {
    const Available& a = *find(name);
    const std::string module(atom_name(name));
    if (!a.inside.empty()) {
        auto loaded = load_module(context(), a.inside, module);
        LINTEL_CHECK(loaded.ok());
        current_ = loaded.take();
        return current_.get();
    }
    const FileBytes bytes(a.path);
    if (!bytes) {
        error_ = a.path + ": cannot be read";
        return nullptr;
    }
    auto loaded = read_module(context(), bytes.bytes(), a.path);
    if (!loaded) {
        error_ = loaded.error().text();
        return nullptr;
    }
    current_ = loaded.take();
    if (current_->name == name) return current_.get();
    error_ = a.path + ": holds module " + std::string(atom_name(current_->name));
    release(name);
    return nullptr;
}

void Packer::release(Term) { discard_module(context(), std::move(current_)); }

bool Packer::is_native(Term module, Term function, uint32_t arity) {
    return vm_.code.find_bif(module, function, arity) != nullptr;
}

bool Packer::is_inside(Term name) {
    const Available* const known = find(name);
    return known != nullptr && !known->inside.empty();
}

/// OTP's and Elixir's code is full of atoms that also are names of modules: of these, those count whose application it says that it needs.
bool Packer::may_mean(Term by, Term name) {
    if (is_one_of(kProcesses, name)) return false;
    const Available& from = *find(by);
    if (!from.is_installed && from.inside.empty()) return true;
    return !is_one_of(kWords, name) && needs(by, name);
}

bool Packer::needs(Term by, Term module) {
    const Available *const from = find(by), *const to = find(module);
    if (to == nullptr || from == nullptr || !from->is_installed) return true;
    if (!to->is_installed) return false;
    const std::string other = without_version(application_name(to->directory));
    if (from->directory == to->directory || other == "kernel" || other == "stdlib" || other == "erts") return true;
    const Term application = vm_.atoms.intern(without_version(application_name(from->directory)));
    if (!has_application(application)) return false;
    const Application app = start(application);
    return std::any_of(app.needs.begin(), app.needs.end(), [&](Term need) { return atom_name(need) == other; });
}

std::string Packer::application_of(Term module) {
    const Available* const known = find(module);
    return known == nullptr ? "" : application_name(known->directory);
}

bool Packer::has_application(Term name) { return application_files_.contains(std::string(atom_name(name))); }

ReachSource::Application Packer::start(Term name) {
    const auto [known, is_new] = started_.try_emplace(std::string(atom_name(name)), Application{{}, Term::none()});
    Application& app = known->second;
    const FileBytes file(application_files_.at(known->first).path);
    if (!is_new || !file) return app;
    ErlNifEnv* const env = new ErlNifEnv(&vm_, nullptr, ErlNifEnv::Kind::independent);
    const ReadTerm read = read_term(env, file.text());
    if (const auto tuple = read.ok ? as_tuple(Term(read.term), 3) : TupleView()) {
        for (const std::string_view key : {"applications", "included_applications"}) {
            for (Term list = value_of(tuple[2], key); list.is_value() && list.is_cons(); list = list.tail()) {
                if (list.head().is_atom()) app.needs.push_back(list.head());
            }
        }
        const Term mod = value_of(tuple[2], "mod");
        if (const auto pair = mod.is_value() ? as_tuple(mod, 2) : TupleView(); pair && pair[0].is_atom())
            app.callback = pair[0];
    }
    enif_free_env(env);
    return app;
}

void Packer::set_roots(Reach& reach) {
    const auto intern = [this](const std::string& name) { return vm_.atoms.intern(name); };
    for (const EmbeddedModule& m : embedded_modules()) reach.whole(intern(m.name), "the VM");
    // What the VM calls by itself.
    for (const char* module : {"erlang", "error_handler", "erts_internal"})
        reach.function(intern(module), intern("module_info"), "the VM");
    for (const char* function : {"undefined_function", "undefined_lambda"})
        reach.function(am::error_handler(), intern(function), "the VM");
    reach.whole(am::erts_internal(), "the VM");
    for (const char* name : {"kernel", "stdlib"}) reach.application(intern(name), "the VM");
    if (!plan_.main_module.empty()) {
        const Term module = intern(plan_.main_module);
        for (const char* function : {"main", "start"}) {
            if (plan_.main_function.empty()) reach.function(module, intern(function), "the main function");
        }
        if (!plan_.main_function.empty()) reach.function(module, intern(plan_.main_function), "the main function");
    }
    const bool is_whole = (flags_ & LINTEL_PACK_WHOLE) != 0 || plan_.main_module.empty();
    for (const std::string& file : files_) {
        if (is_whole) reach.whole(intern(file), "its file was named");
    }
    for (const std::string& name : named_applications_) {
        reach.application(intern(name), "it was named");
        const std::string directory = application_files_.at(name).directory;
        for (const auto& [module, a] : available_) {
            if (a.inside.empty() && a.directory == directory && !directory.empty())
                reach.whole(intern(module), "application " + name);
        }
    }
    for (const auto& [module, a] : available_) {
        if (a.inside.empty() && matches_any(kept_, module)) reach.whole(intern(module), "it is to be kept");
    }
}

std::string Packer::resolve(const Progress& progress) {
    look_around();
    if (!plan_.main_module.empty() && !has_module(vm_.atoms.intern(plan_.main_module)))
        return "no module " + plan_.main_module + " on the code path";
    Reach reach(*this);
    set_roots(reach);
    reach.run();
    if (!error_.empty()) return error_;
    plan_.is_complete = (flags_ & LINTEL_PACK_WITHOUT_OTP) == 0;
    plan_.unpacks_priv = (flags_ & LINTEL_PACK_UNPACK_PRIV) != 0;
    if (std::string wrong = take_modules(reach, progress); !wrong.empty()) return wrong;
    take_applications(reach);
    note_dropped();
    for (const std::string& missing : reach.missing()) notes_.push_back({LINTEL_PACK_MISSING, missing, "", "", 0, 0});
    return "";
}

std::string Packer::take_modules(const Reach& reach, const Progress& progress) {
    size_t done = 0;
    for (const Reach::Found& found : reach.modules()) {
        const Available& a = *find(found.module);
        const std::string name(atom_name(found.module));
        if (progress) progress(name, ++done, reach.modules().size());
        if (!a.inside.empty() || stays_out(a.is_installed)) continue;
        const FileBytes bytes(a.path);
        if (!bytes) return a.path + ": cannot be read";
        auto stripped = strip_module(context(), bytes.bytes(), a.path);
        if (!stripped) return stripped.error().text();
        StrippedModule s = stripped.take();
        const size_t before = bytes.bytes().size();
        notes_.push_back({LINTEL_PACK_KEPT, name, application_name(a.directory), found.why, s.data.size(), before});
        plan_.modules.push_back({name, a.directory, std::move(s.data), before, s.md5});
    }
    return plan_.modules.empty() ? "nothing to pack: no module is reached" : "";
}

void Packer::take_applications(const Reach& reach) {
    std::map<std::string, std::string> wanted;  // and why
    for (const Reach::Found& found : reach.applications()) wanted[std::string(atom_name(found.module))] = found.why;
    for (const auto& [name, app] : application_files_) {
        if (app.directory.empty()) continue;
        const std::string& directory = app.directory;
        const auto first = std::find_if(plan_.modules.begin(), plan_.modules.end(),
                                        [&directory](const PackItem& module) { return module.directory == directory; });
        if (first != plan_.modules.end()) wanted.try_emplace(name, "module " + first->name);
    }
    for (const auto& [name, why] : wanted) {
        const ApplicationFile& app = application_files_.at(name);
        const FileBytes bytes(app.path);
        if (!bytes || stays_out(app.is_installed)) continue;
        const std::string file = name + std::string(kApp);
        notes_.push_back({LINTEL_PACK_FILE, app.directory.empty() ? file : app.directory + "/" + file,
                          application_name(app.directory), why, bytes.bytes().size(), bytes.bytes().size()});
        plan_.files.push_back({file, app.directory, std::string(bytes.text()), bytes.bytes().size(), {}});
        if (app.directory.empty()) continue;
        const std::string application = application_name(app.directory);
        take_private(application, directory_of(directory_of(app.path)) + "/priv", "lib/" + application + "/priv");
    }
}

void Packer::take_private(const std::string& application, const std::string& from, const std::string& to) {
    for (const std::string& name : names_in(from)) {
        const std::string path = from + "/" + name;
        if (is_directory(path)) {
            take_private(application, path, to + "/" + name);
        } else if (const FileBytes bytes(path); bytes) {
            notes_.push_back({LINTEL_PACK_FILE, to + "/" + name, application, "private file", bytes.bytes().size(),
                              bytes.bytes().size()});
            plan_.files.push_back(
                {name, to, std::string(bytes.text()), bytes.bytes().size(), {}, access(path.c_str(), X_OK) == 0});
        }
    }
}

void Packer::note_dropped() {
    for (const auto& [module, a] : available_) {
        if (!a.inside.empty() || stays_out(a.is_installed)) continue;
        const bool is_in = std::any_of(notes_.begin(), notes_.end(), [&module = module](const Note& n) {
            return n.fate == LINTEL_PACK_KEPT && n.name == module;
        });
        if (is_in) continue;
        struct stat info {};
        const bool is_known = stat(a.path.c_str(), &info) == 0;
        notes_.push_back({LINTEL_PACK_DROPPED, module, application_name(a.directory), why_out(module, a), 0,
                          is_known ? static_cast<size_t>(info.st_size) : 0});
    }
}

}  // namespace lintel
