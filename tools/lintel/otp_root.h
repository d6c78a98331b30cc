#pragma once
/// Where an OTP installation or a release has what the command needs.

#include <string>
#include <vector>

/// Names in a directory, sorted; none if it cannot be read.
std::vector<std::string> names_in(const std::string& directory);
bool is_directory(const std::string& path);
/// What a file has; "" if it cannot be read.
std::string text_of_file(const std::string& path);
/// The file that this process runs; "" if the system does not tell.
std::string this_program();
/// Version of the erts in `root`/erts-VERSION/bin, the highest if there are several; "": it has none.
std::string erts_version(const std::string& root);
/// Of the environment variable LINTEL_OTP_ROOT, or where Debian has it.
std::string default_root();
