#pragma once
/// What build tools leave behind, as `lintel pack` wants it.

#include <string>
#include <vector>

struct Project {
    std::vector<std::string> paths;         ///< of compiled code, those that go first first
    std::vector<std::string> applications;  ///< that are to go in
    std::string module;                     ///< its main module, or ""
    std::string error;                      ///< "": there is one
};

/// The mix project of the current folder.
Project mix_project();
/// The release in a folder, which is an installation of OTP by itself.
Project release_project(const std::string& folder);
