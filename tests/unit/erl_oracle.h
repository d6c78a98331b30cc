#pragma once
/// Real Erlang as the judge of a test: runs an escript over a file of cases, if `escript` is installed.

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>

namespace lintel {

/// Runs `main([File]) ->` of the Erlang source `script` with a file that holds `cases`; what it printed, or nullopt if there is
/// no escript here. The script should print one line per disagreement and nothing else, then `done`.
inline std::optional<std::string> ask_erl(const std::string& script, const std::string& cases) {
    if (std::system("command -v escript >/dev/null 2>&1") != 0) return std::nullopt;
    const std::string base = testing::TempDir() + "lintel_oracle_" +
                             testing::UnitTest::GetInstance()->current_test_info()->name() + "_" +
                             std::to_string(getpid());
    const std::string script_path = base + ".escript";
    const std::string case_path = base + ".txt";
    std::ofstream(script_path) << "#!/usr/bin/env escript\n-mode(compile).\n" << script;
    std::ofstream(case_path) << cases;
    std::string output;
    if (FILE* pipe = popen(("escript " + script_path + " " + case_path + " 2>&1").c_str(), "r")) {
        char buffer[4096];
        for (size_t n; (n = fread(buffer, 1, sizeof buffer, pipe)) > 0;) output.append(buffer, n);
        pclose(pipe);
    }
    std::remove(script_path.c_str());
    std::remove(case_path.c_str());
    return output;
}

}  // namespace lintel
