/// A driver for a libFuzzer target where there is no libFuzzer (gcc): inputs come from the seeds by the target's own mutator. An input that the
/// target keeps for good (returns 1 for) becomes a seed itself now and then.
///
///     verify_smoke [-seed=N] [-runs=N] [-seconds=N] [-crash=FILE] FILE-OR-DIRECTORY…
///
/// An input that ends the program is written to -crash=FILE first.

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned seed);
extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace {

constexpr size_t kMaxBytes = 16384;
constexpr size_t kMaxSeeds = 4000;

const std::vector<uint8_t>* g_present = nullptr;
const char* g_crash_file = "verify_smoke.crash";
std::mt19937 g_random;

void dump() {
    if (g_present == nullptr) return;
    if (FILE* f = std::fopen(g_crash_file, "wb")) {
        std::fwrite(g_present->data(), 1, g_present->size(), f);
        std::fclose(f);
    }
    g_present = nullptr;
}

void on_signal(int number) {
    dump();
    std::signal(number, SIG_DFL);
    std::raise(number);
}

}  // namespace

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t) {
    if (size != 0) data[g_random() % size] = static_cast<uint8_t>(g_random());
    return size;
}

int main(int argc, char** argv) {
    namespace fs = std::filesystem;
    uint64_t runs = UINT64_MAX;
    long seconds = 10;
    unsigned seed = 1;
    std::vector<std::vector<uint8_t>> seeds;
    const auto add = [&](const fs::path& path) {
        std::ifstream in(path, std::ios::binary);
        std::vector<uint8_t> bytes{std::istreambuf_iterator<char>(in), {}};
        if (!bytes.empty() && bytes.size() <= kMaxBytes) seeds.push_back(std::move(bytes));
    };
    for (int i = 1; i < argc; ++i) {
        const std::string arg = argv[i];
        if (arg.rfind("-seed=", 0) == 0) {
            seed = static_cast<unsigned>(std::strtoul(argv[i] + 6, nullptr, 10));
        } else if (arg.rfind("-runs=", 0) == 0) {
            runs = std::strtoull(argv[i] + 6, nullptr, 10);
        } else if (arg.rfind("-seconds=", 0) == 0) {
            seconds = std::strtol(argv[i] + 9, nullptr, 10);
        } else if (arg.rfind("-crash=", 0) == 0) {
            g_crash_file = argv[i] + 7;
        } else if (fs::is_directory(arg)) {
            for (const auto& entry : fs::recursive_directory_iterator(arg)) {
                if (entry.is_regular_file()) add(entry.path());
            }
        } else {
            add(arg);
        }
    }
    if (seeds.empty()) {
        std::fprintf(stderr, "no inputs\n");
        return 2;
    }
    g_random.seed(seed);
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_set_death_callback(dump);
#endif
    for (const int number : {SIGABRT, SIGALRM, SIGSEGV, SIGILL, SIGFPE}) std::signal(number, on_signal);

    const size_t given = seeds.size();
    for (const auto& s : seeds) {
        g_present = &s;
        alarm(60);
        LLVMFuzzerTestOneInput(s.data(), s.size());
    }
    const time_t end = time(nullptr) + seconds;
    uint64_t done = 0, accepted = 0;
    for (; done < runs && time(nullptr) < end; ++done) {
        std::vector<uint8_t> bytes = seeds[g_random() % (g_random() % 2 != 0 ? given : seeds.size())];
        size_t size = bytes.size();
        bytes.resize(kMaxBytes);
        size = LLVMFuzzerCustomMutator(bytes.data(), size, kMaxBytes, static_cast<unsigned>(g_random()));
        // Exactly this size, so that the sanitizer sees a read beyond it.
        const std::vector<uint8_t> exact(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size));
        g_present = &exact;
        if (done % 64 == 0) alarm(60);
        if (LLVMFuzzerTestOneInput(exact.data(), exact.size()) == 0) continue;
        ++accepted;
        if (seeds.size() < kMaxSeeds) {
            seeds.push_back(exact);
        } else {
            seeds[given + g_random() % (kMaxSeeds - given)] = exact;
        }
    }
    g_present = nullptr;
    std::printf("%llu inputs, %llu accepted\n", static_cast<unsigned long long>(done),
                static_cast<unsigned long long>(accepted));
    return 0;
}
