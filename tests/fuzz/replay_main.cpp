// Replays a fuzz corpus without libFuzzer, so that gcc's test run covers it too: every file as it
// is, cut at every position, and with every bit flipped. Deterministic; inputs stand in exact-size
// allocations, so that AddressSanitizer sees a read one byte too far.
#include <algorithm>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
// Only in sanitizer builds: called when a finding ends the process.
extern "C" void __sanitizer_set_death_callback(void (*callback)()) __attribute__((weak));

namespace {

using Bytes = std::vector<std::uint8_t>;

// Mutations of each kind per file; a larger file is cut and flipped at evenly spread positions.
constexpr std::size_t kMutationsMax = 2048;

/// What runs at this moment, for the report when it ends the process.
struct Current {
  std::string file = "no file yet";
  const char* mutation = "none";
  std::size_t position = 0;
};

Current current;  // NOLINT: a death callback has no argument to carry it

void report_current() {
  std::fprintf(stderr, "replay: died on %s, mutation %s at %zu\n", current.file.c_str(),
               current.mutation, current.position);
}

void run(std::span<const std::uint8_t> input, const char* mutation, std::size_t position) {
  current.mutation = mutation;
  current.position = position;
  const auto exact = std::make_unique<std::uint8_t[]>(input.size());
  std::copy(input.begin(), input.end(), exact.get());
  LLVMFuzzerTestOneInput(exact.get(), input.size());
}

std::size_t stride(std::size_t positions) {
  return positions / kMutationsMax + 1;
}

/// Runs one file and its mutations; returns how many inputs that made.
std::size_t replay(const Bytes& input) {
  std::size_t runs = 1;
  run(input, "none", 0);
  for (std::size_t size = 0; size < input.size(); size += stride(input.size()), ++runs) {
    run(std::span(input).first(size), "cut", size);
  }
  const std::size_t bits = input.size() * 8;
  Bytes flipped = input;
  for (std::size_t bit = 0; bit < bits; bit += stride(bits), ++runs) {
    const auto mask = static_cast<std::uint8_t>(1U << (bit % 8));
    flipped[bit / 8] ^= mask;
    run(flipped, "flipped bit", bit);
    flipped[bit / 8] ^= mask;
  }
  return runs;
}

Bytes read_file(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  stream.exceptions(std::ios::badbit | std::ios::failbit);
  stream.peek();  // fails here, not silently, if the file cannot be read; an empty one is allowed
  stream.exceptions(std::ios::badbit);
  return Bytes(std::istreambuf_iterator<char>(stream), {});
}

std::vector<std::filesystem::path> files_of(const char* folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

int replay_folder(const char* folder) {
  const auto files = files_of(folder);
  std::size_t runs = 0;
  for (const auto& file : files) {
    current.file = file.string();
    runs += replay(read_file(file));
  }
  std::printf("%s: %zu files, %zu inputs\n", folder, files.size(), runs);
  return files.empty() ? 1 : 0;  // an empty corpus proves nothing
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s CORPUS_FOLDER\n", argv[0]);
    return 2;
  }
  if (__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback(report_current);
  std::signal(SIGABRT, [](int) { report_current(); });
  return replay_folder(argv[1]);
}
