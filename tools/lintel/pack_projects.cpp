#include "lintel/pack_projects.h"

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "lintel/names.h"
#include "lintel/otp_root.h"

namespace {

/// What stands behind `key:` and spaces, and begins with `first`: of characters of names.
std::string value_of(const std::string& text, std::string_view key, std::string_view first) {
    constexpr std::string_view kNames = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.@";
    for (size_t at = text.find(key); at != std::string::npos; at = text.find(key, at + 1)) {
        const size_t value = text.find_first_not_of(" \t\r\n", at + key.size());
        if (value == std::string::npos || (at != 0 && kNames.find(text[at - 1]) != std::string_view::npos)) continue;
        if (!std::string_view(text).substr(value).starts_with(first)) continue;
        const size_t start = value + first.size();
        return text.substr(start, text.find_first_not_of(kNames, start) - start);
    }
    return "";
}

/// "stdlib" of "stdlib-4.2".
std::string without_version(const std::string& name) { return name.substr(0, name.find('-')); }

}  // namespace

Project mix_project() {
    Project project;
    const std::string mix = text_of_file("mix.exs");
    if (mix.empty()) return project.error = "--mix: there is no mix.exs here", project;
    std::string build;
    const char* const wanted = std::getenv("MIX_ENV");
    for (const std::string environment : {wanted != nullptr ? wanted : "prod", "dev"}) {
        build = "_build/" + environment + "/lib";
        if (is_directory(build)) break;
        if (wanted != nullptr) break;
    }
    if (!is_directory(build)) return project.error = "--mix: " + build + " is not there: run mix compile", project;
    const std::string application = value_of(mix, "app:", ":");
    if (application.empty()) return project.error = "--mix: mix.exs names no application (app: :name)", project;
    project.applications.push_back(application);
    if (const std::string consolidated = build + "/" + application + "/consolidated"; is_directory(consolidated))
        project.paths.push_back(consolidated);
    for (const std::string& name : names_in(build)) project.paths.push_back(build + "/" + name + "/ebin");
    project.module = module_name(value_of(mix, "main_module:", ""));
    return project;
}

Project release_project(const std::string& folder) {
    Project project;
    if (!is_directory(folder + "/lib"))
        return project.error = "--release " + folder + ": no release (it has no folder lib)", project;
    for (const std::string& name : names_in(folder + "/releases")) {
        const std::string consolidated = folder + "/releases/" + name + "/consolidated";
        if (is_directory(consolidated)) project.paths.push_back(consolidated);
    }
    // A release has the modules of erts inside its emulator only.
    const std::string erts = "erts-" + erts_version(folder), ebin = default_root() + "/lib/" + erts + "/ebin";
    if (!is_directory(folder + "/lib/" + erts + "/ebin")) {
        if (!is_directory(ebin))
            return project.error = "--release " + folder + ": the modules of " + erts + " are not in " + ebin, project;
        project.paths.push_back(ebin);
    }
    for (const std::string& name : names_in(folder + "/lib")) {
        if (!is_directory(folder + "/lib/" + name + "/ebin")) continue;
        const std::string application = without_version(name);
        if (application != "erts") project.applications.push_back(application);
    }
    return project;
}
