#include "lintel/pack.h"

#include <fcntl.h>
#include <lintel/lintel.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>

#include "lintel/names.h"
#include "lintel/otp_root.h"
#include "lintel/pack_projects.h"

struct PackOptions {
    std::vector<std::string> inputs, applications, keep, drop, paths, trust;
    std::string output, module, function, otp, release, key;
    std::string list, extract, verify, new_key;
    bool mix = false, whole = false, no_otp = false, unpack_priv = false, only = false, report = false, quiet = false;
};

namespace {

constexpr int kExitFailure = 1, kExitUsage = 2;

int fail(const std::string& text, int status = kExitUsage) {
    std::fprintf(stderr, "lintel: pack: %s\n", text.c_str());
    return status;
}

/// A status for what the library has refused.
int refuse(lintel_vm* vm, lintel_result result) {
    const bool is_system = result == LINTEL_ERROR_SYSTEM || result == LINTEL_ERROR_MEMORY;
    return fail(lintel_error(vm), is_system ? kExitFailure : kExitUsage);
}

std::string size_text(size_t bytes) {
    char text[32];
    if (bytes < 10000) {
        std::snprintf(text, sizeof text, "%zu B", bytes);
    } else if (bytes < 10000000) {
        std::snprintf(text, sizeof text, "%zu kB", (bytes + 500) / 1000);
    } else {
        std::snprintf(text, sizeof text, "%.1f MB", static_cast<double>(bytes) / 1e6);
    }
    return text;
}

std::string hexadecimal(const unsigned char key[32]) {
    std::string text;
    char digits[3];
    for (int i = 0; i < 32; ++i) {
        std::snprintf(digits, sizeof digits, "%02x", key[i]);
        text += digits;
    }
    return text;
}

bool from_hexadecimal(const std::string& text, unsigned char key[32]) {
    if (text.size() != 64 || text.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) return false;
    for (size_t i = 0; i < 32; ++i) key[i] = static_cast<unsigned char>(std::stoul(text.substr(2 * i, 2), nullptr, 16));
    return true;
}

/// The first line of a file of a key.
bool read_key_file(const std::string& path, unsigned char key[32]) {
    const std::string text = text_of_file(path);
    return from_hexadecimal(text.substr(0, text.find('\n')), key);
}

struct Vm {
    lintel_vm* vm = nullptr;
    lintel_packer* packer = nullptr;
    ~Vm() {
        lintel_packer_free(packer);
        lintel_vm_destroy(vm);
    }
    lintel_result create(const std::string& otp) {
        lintel_config config;
        lintel_config_init(&config, sizeof config);
        config.schedulers = 1;
        if (!otp.empty()) config.otp_root = otp.c_str();
        return lintel_vm_create(&config, &vm);
    }
};

// ---- making a pack

class ProgressBar {
public:
    ProgressBar() : is_shown_(isatty(STDERR_FILENO) != 0) {}
    ~ProgressBar() {
        if (is_shown_) std::fprintf(stderr, "\r\033[K");
    }
    static void step(void* self, const char* module, size_t done, size_t known) {
        static_cast<ProgressBar*>(self)->show(module, done, known);
    }

private:
    void show(const char* module, size_t done, size_t known) {
        constexpr size_t kWidth = 30;
        const size_t filled = known == 0 ? 0 : done * kWidth / known;
        if (!is_shown_) return;
        const std::string bar = std::string(filled, '#') + std::string(kWidth - filled, '.');
        std::fprintf(stderr, "\r[%s] %zu/%zu %.30s\033[K", bar.c_str(), done, known, module);
    }
    bool is_shown_;
};

/// What is told at the end: per application how many modules and bytes, or all of it.
struct Report {
    struct Sum {
        size_t modules = 0, dropped = 0, files = 0, bytes = 0, before = 0;
    };
    std::map<std::string, Sum> applications;
    Sum all;
    std::vector<std::string> kept, dropped, files, missing;

    static void add(void* self, const lintel_pack_note* note) { static_cast<Report*>(self)->take(*note); }

    void take(const lintel_pack_note& n) {
        Sum& sum = applications[n.application];
        for (Sum* s : {&sum, &all}) {
            s->modules += n.fate == LINTEL_PACK_KEPT;
            s->dropped += n.fate == LINTEL_PACK_DROPPED;
            s->files += n.fate == LINTEL_PACK_FILE;
            s->bytes += n.count;
            s->before += n.fate == LINTEL_PACK_KEPT || n.fate == LINTEL_PACK_FILE ? n.original_count : 0;
        }
        const std::string name = n.name, why = n.why;
        const std::string sizes = size_text(n.count) + " of " + size_text(n.original_count);
        switch (n.fate) {
            case LINTEL_PACK_KEPT: kept.push_back(name + "  " + sizes + "  " + why); break;
            case LINTEL_PACK_FILE: files.push_back(name + "  " + size_text(n.count) + "  " + why); break;
            case LINTEL_PACK_DROPPED: dropped.push_back(name + "  " + why); break;
            case LINTEL_PACK_MISSING: missing.push_back(name); break;
        }
    }

    void print(const std::string& output, size_t bytes, bool is_long) const {
        std::printf("%s: %s: %zu modules, %zu files; they had %s\n", output.c_str(), size_text(bytes).c_str(),
                    all.modules, all.files, size_text(all.before).c_str());
        size_t without = 0, unreached = 0;
        for (const auto& [name, sum] : applications) {
            if (sum.modules + sum.files == 0) {
                ++without;
                unreached += sum.dropped;
                if (is_long) std::printf("  %-24s nothing reaches it\n", name.c_str());
                continue;
            }
            std::printf("  %-24s %zu of %zu modules, %zu files, %s\n", name.empty() ? "(no application)" : name.c_str(),
                        sum.modules, sum.modules + sum.dropped, sum.files, size_text(sum.bytes).c_str());
        }
        if (without != 0 && !is_long)
            std::printf("  nothing reaches the %zu modules of %zu other applications\n", unreached, without);
        if (!is_long) return;
        section("modules", kept);
        section("files", files);
        section("left out", dropped);
        section("called, and nowhere", missing);
    }

    static void section(const char* title, const std::vector<std::string>& lines) {
        if (lines.empty()) return;
        std::printf("\n%s\n", title);
        for (const std::string& line : lines) std::printf("  %s\n", line.c_str());
    }
};

class Making {
public:
    explicit Making(const PackOptions& options) : o_(options) {}

    int run() {
        if (o_.output.empty()) return fail("say with -o what to write: a pack FILE.lpk, or an executable");
        const bool is_pack = o_.output.ends_with(".lpk");
        const std::string& otp = o_.otp.empty() ? o_.release : o_.otp;
        if (const lintel_result r = vm_.create(otp); r != LINTEL_OK) return fail(lintel_result_text(r), kExitFailure);
        if (const int status = collect(); status != 0) return status;
        if (module_.empty() && !is_pack) return fail("an executable needs a module to run: say it with -m");
        if (!module_.empty())
            lintel_packer_set_main(vm_.packer, module_.c_str(), o_.function.empty() ? nullptr : o_.function.c_str());
        for (const std::string& pattern : o_.keep) lintel_packer_keep(vm_.packer, pattern.c_str());
        for (const std::string& pattern : o_.drop) lintel_packer_drop(vm_.packer, pattern.c_str());
        lintel_packer_set_flags(vm_.packer,
                                (o_.whole ? LINTEL_PACK_WHOLE : 0) | (o_.no_otp ? LINTEL_PACK_WITHOUT_OTP : 0) |
                                    (o_.unpack_priv ? LINTEL_PACK_UNPACK_PRIV : 0) | (o_.only ? LINTEL_PACK_ONLY : 0));
        if (!o_.key.empty()) {
            unsigned char seed[32];
            if (!read_key_file(o_.key, seed)) return fail(o_.key + ": no secret key (--new-key makes one)");
            lintel_packer_sign(vm_.packer, seed);
            explicit_bzero(seed, sizeof seed);
        }
        {
            ProgressBar bar;
            if (const auto r = lintel_packer_resolve(vm_.packer, ProgressBar::step, &bar); r != LINTEL_OK)
                return refuse(vm_.vm, r);
        }
        size_t bytes = 0;
        if (const auto r = lintel_packer_write(vm_.packer, o_.output.c_str(), !is_pack, &bytes); r != LINTEL_OK)
            return refuse(vm_.vm, r);
        Report report;
        lintel_packer_report(vm_.packer, Report::add, &report);
        if (!o_.quiet) report.print(o_.output, bytes, o_.report);
        return 0;
    }

private:
    int collect() {
        for (const std::string& path : o_.paths) {
            if (!is_directory(path)) return fail("-pa " + path + ": not a directory");
            lintel_add_code_path(vm_.vm, path.c_str());
        }
        std::vector<std::string> files, applications = o_.applications;
        module_ = module_name(o_.module);
        if (o_.mix || !o_.release.empty()) {
            const Project project = o_.mix ? mix_project() : release_project(o_.release);
            if (!project.error.empty()) return fail(project.error);
            // The first that is added is looked at last.
            for (size_t i = project.paths.size(); i-- > 0;) lintel_add_code_path(vm_.vm, project.paths[i].c_str());
            applications.insert(applications.end(), project.applications.begin(), project.applications.end());
            if (module_.empty()) module_ = project.module;
        }
        for (const std::string& input : o_.inputs) {
            const bool is_folder = is_directory(input);
            const size_t slash = input.rfind('/');
            lintel_add_code_path(vm_.vm, is_folder                    ? input.c_str()
                                         : slash == std::string::npos ? "."
                                                                      : input.substr(0, slash + 1).c_str());
            if (!is_folder) files.push_back(input);
            if (!is_folder) continue;
            for (const std::string& name : names_in(input)) {
                if (name.ends_with(".beam")) files.push_back(input + "/" + name);
            }
        }
        if (files.empty() && applications.empty() && module_.empty())
            return fail("nothing to pack: name .beam files, folders of them, --app, --mix or --release");
        if (const auto r = lintel_packer_create(vm_.vm, &vm_.packer); r != LINTEL_OK) return refuse(vm_.vm, r);
        const char* name = "";
        for (const std::string& file : files) {
            if (const auto r = lintel_packer_add_file(vm_.packer, file.c_str(), &name); r != LINTEL_OK)
                return refuse(vm_.vm, r);
        }
        if (files.size() == 1 && module_.empty()) module_ = name;
        for (const std::string& application : applications) {
            if (const auto r = lintel_packer_add_application(vm_.packer, application.c_str()); r != LINTEL_OK)
                return refuse(vm_.vm, r);
        }
        return 0;
    }

    const PackOptions& o_;
    Vm vm_;
    std::string module_;
};

// ---- looking into one

/// Makes the folders on the way to `path`.
bool make_folders(const std::string& path) {
    for (size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1)) {
        if (mkdir(path.substr(0, at).c_str(), 0777) != 0 && errno != EEXIST) return false;
    }
    return true;
}

struct Extraction {
    std::string folder, error;
};

int list_entry(void*, const lintel_pack_entry* e) {
    std::printf("%9zu  %s\n", e->count, e->path);
    return 0;
}

int no_entry(void*, const lintel_pack_entry*) { return 0; }

int extract_entry(void* context, const lintel_pack_entry* e) {
    auto& extraction = *static_cast<Extraction*>(context);
    const std::string path = extraction.folder + "/" + e->path;
    FILE* const file = make_folders(path) ? std::fopen(path.c_str(), "wb") : nullptr;
    bool ok = file != nullptr && std::fwrite(e->bytes, 1, e->count, file) == e->count;
    if (file != nullptr) ok = std::fclose(file) == 0 && ok;
    if (!ok) extraction.error = path + ": " + std::strerror(errno);
    return ok ? 0 : 1;
}

void print_info(const std::string& file, const lintel_pack_info& info) {
    std::printf("%s: %zu modules, %zu files", file.c_str(), info.modules, info.files);
    if (info.module != nullptr) {
        std::printf("; runs %s", info.module);
        if (info.function != nullptr) std::printf(":%s", info.function);
    }
    if (info.complete == 0) std::printf("; needs an OTP");
    if (info.is_signed != 0)
        std::printf("; signed by %s%s", hexadecimal(info.key).c_str(), info.trusted != 0 ? ", which is trusted" : "");
    std::printf("\n");
}

int look(const PackOptions& o) {
    Vm vm;
    if (const lintel_result r = vm.create(""); r != LINTEL_OK) return fail(lintel_result_text(r), kExitFailure);
    if (const std::string wrong = trust_pack_keys(vm.vm, o.trust); !wrong.empty()) return fail(wrong + ": no key");
    const std::string& file = !o.list.empty() ? o.list : !o.extract.empty() ? o.extract : o.verify;
    Extraction extraction{o.output, ""};
    if (!o.extract.empty() && o.output.empty()) return fail("say with -o to which folder");
    lintel_pack_info info{};
    info.size = sizeof info;
    const auto each = !o.list.empty() ? list_entry : !o.extract.empty() ? extract_entry : no_entry;
    const lintel_result r = lintel_read_pack(vm.vm, file.c_str(), !o.verify.empty(), each, &extraction, &info);
    if (r != LINTEL_OK) return fail(lintel_error(vm.vm), kExitFailure);
    if (!extraction.error.empty()) return fail(extraction.error, kExitFailure);
    print_info(file, info);
    if (!o.verify.empty()) std::printf("nothing is damaged; all modules are verified\n");
    return 0;
}

/// Writes a new file. False: errno tells why.
bool write_new(const std::string& path, const std::string& text, mode_t mode) {
    const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    const bool ok = fd >= 0 && write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    return fd >= 0 && close(fd) == 0 && ok;
}

/// FILE gets the secret, FILE.pub the public key.
int make_key(const std::string& path) {
    unsigned char seed[32], key[32];
    if (getrandom(seed, sizeof seed, 0) != sizeof seed) return fail("no random numbers", kExitFailure);
    lintel_pack_public_key(seed, key);
    if (!write_new(path, hexadecimal(seed) + "\n", 0600)) return fail(path + ": " + std::strerror(errno), kExitFailure);
    if (!write_new(path + ".pub", hexadecimal(key) + "\n", 0666))
        return fail(path + ".pub: " + std::strerror(errno), kExitFailure);
    std::printf("%s: the secret; %s.pub: %s\n", path.c_str(), path.c_str(), hexadecimal(key).c_str());
    return 0;
}

}  // namespace

bool read_pack_key(const std::string& text, unsigned char key[32]) {
    return from_hexadecimal(text, key) || read_key_file(text, key);
}

std::string trust_pack_keys(lintel_vm* vm, const std::vector<std::string>& given) {
    std::vector<std::string> keys = given;
    if (const char* const more = std::getenv("LINTEL_PACK_KEYS")) {
        const std::string all = more;
        for (size_t at = 0; at < all.size();) {
            const size_t end = std::min(all.find(':', at), all.size());
            if (end > at) keys.push_back(all.substr(at, end - at));
            at = end + 1;
        }
    }
    for (const std::string& text : keys) {
        unsigned char key[32];
        if (!read_pack_key(text, key)) return text;
        lintel_trust_pack_key(vm, key);
    }
    return "";
}

PackCommand::PackCommand(CLI::App& app)
    : command_(app.add_subcommand("pack", "Make a pack, or a one-file executable, of what a program reaches")),
      options_(std::make_unique<PackOptions>()) {
    PackOptions& o = *options_;
    command_->add_option("inputs", o.inputs, "Files .beam, folders of them")->type_name("FILE|DIR");
    command_->add_option("-o,--output", o.output, "What to write: FILE.lpk, or an executable; with --extract, a folder")
        ->type_name("FILE");
    command_->add_option("-m,--module", o.module, "Module to run (default: that of the only file)")
        ->type_name("MODULE");
    command_->add_option("-f,--function", o.function, "Function to call instead of main or start")->type_name("NAME");
    command_->add_option("--app", o.applications, "Application, with what it depends on; may be repeated")
        ->allow_extra_args(false)
        ->type_name("APPLICATION");
    command_->add_flag("--mix", o.mix,
                       "The mix project of the current folder, as it was compiled (MIX_ENV, or prod, or dev)");
    command_->add_option("--release", o.release, "A release: all applications in its folder")->type_name("DIR");
    command_->add_option("--keep", o.keep, "Modules that go in, reached or not (* stands for any characters)")
        ->allow_extra_args(false)
        ->type_name("MODULE");
    command_->add_option("--drop", o.drop, "Modules (or APPLICATION/) that do not go in")
        ->allow_extra_args(false)
        ->type_name("MODULE");
    command_->add_flag("--whole", o.whole, "All modules of the files named, reached or not");
    command_->add_flag("--only", o.only, "Of OTP and Elixir nothing but the applications named with --app");
    command_->add_flag("--no-otp", o.no_otp, "Leave OTP and Elixir out: whoever runs the pack has them");
    command_->add_flag("--unpack-priv", o.unpack_priv, "code:priv_dir/1 writes private files to a folder");
    command_->add_option("--sign", o.key, "File of a secret key to sign with")->type_name("FILE");
    command_->add_option("--trust", o.trust, "Public key that is trusted (64 digits, or a file of them)")
        ->allow_extra_args(false)
        ->type_name("KEY");
    command_->add_flag("--report", o.report, "Say of each module why it is in, or is not");
    command_->add_flag("-q,--quiet", o.quiet, "Say nothing of a pack that was made");
    command_->add_option("--list", o.list, "Show what is in a pack")->type_name("FILE");
    command_->add_option("--extract", o.extract, "Write what is in a pack to the folder of -o")->type_name("FILE");
    command_->add_option("--verify", o.verify, "Check a pack: damage, signature, each module")->type_name("FILE");
    command_->add_option("--new-key", o.new_key, "Make a key to sign with: FILE, and FILE.pub for those who trust it")
        ->type_name("FILE");
    command_->add_option("--pa,-p", o.paths, "Directory to look for modules in; may be repeated")
        ->allow_extra_args(false)
        ->type_name("DIR");
    command_->add_option("--otp", o.otp, "OTP installation to take modules from")->type_name("DIR");
}

PackCommand::~PackCommand() = default;

bool PackCommand::is_given() const { return command_->parsed(); }

int PackCommand::run() {
    const PackOptions& o = *options_;
    if (!o.new_key.empty()) return make_key(o.new_key);
    if (!o.list.empty() || !o.extract.empty() || !o.verify.empty()) return look(o);
    return Making(o).run();
}
