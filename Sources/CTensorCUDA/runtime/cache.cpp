#include "cache.hpp"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>

namespace st::cuda {

Hash hash(std::string_view text, Hash seed) {
  // Two lanes of multiply and fold, which see the words in different ways.
  constexpr uint64_t first = 0x9e3779b97f4a7c15, second = 0xd1b54a32d192ed03;
  const auto fold = [](uint64_t a, uint64_t b) {
    const auto product = static_cast<unsigned __int128>(a) * b;
    return uint64_t(product) ^ uint64_t(product >> 64);
  };
  uint64_t low = seed.low ^ first, high = seed.high ^ second;
  const size_t count = text.size();
  for (size_t i = 0; i < count; i += 8) {
    uint64_t word = 0;
    memcpy(&word, text.data() + i, count - i < 8 ? count - i : 8);
    low = fold(low ^ word, first) + high;
    high = fold(high + word, second) ^ (low << 29 | low >> 35);
  }
  low = fold(low ^ count, second);
  high = fold(high ^ count ^ low, first);
  return {low, high};
}

std::string hexadecimal(Hash hash) {
  char text[33];
  snprintf(text, sizeof text, "%016llx%016llx", (unsigned long long)hash.high, (unsigned long long)hash.low);
  return text;
}

std::string cache_folder(bool stand_in) {
  if (const char *asked = getenv("SWIFT_TENSOR_CUDA_CACHE")) return asked;
  if (stand_in) return "";
  const char *caches = getenv("XDG_CACHE_HOME");
  if (caches && caches[0] == '/') return std::string(caches) + "/swift-tensor/cuda";
  const char *home = getenv("HOME");
  return home && *home ? std::string(home) + "/.cache/swift-tensor/cuda" : "";
}

namespace {

// A file is this, the key, the image.
struct Header {
  char magic[8];
  uint64_t key_bytes, image_bytes;
  Hash checksum;  // of key and image
};
constexpr char magic[8] = {'S', 'T', 'C', 'U', 'B', 'I', 'N', '1'};

Hash checksum_of(const std::string &key, const std::string &image) { return hash(image, hash(key)); }

std::string path_of(const std::string &folder, const std::string &key) {
  return folder + "/" + hexadecimal(hash(key)) + ".bin";
}

bool read_whole(const std::string &path, std::string &text) {
  FILE *file = fopen(path.c_str(), "rb");
  if (!file) return false;
  text.clear();
  char part[1 << 16];
  for (size_t count; (count = fread(part, 1, sizeof part, file)) > 0;) text.append(part, count);
  const bool good = ferror(file) == 0;
  fclose(file);
  return good;
}

bool make_folders(const std::string &folder) {
  for (size_t end = 1; end <= folder.size(); end++) {
    if (end < folder.size() && folder[end] != '/') continue;
    if (mkdir(folder.substr(0, end).c_str(), 0777) != 0 && errno != EEXIST && errno != EROFS) return false;
  }
  return true;
}

}  // namespace

bool read_cached(const std::string &folder, const std::string &key, std::string &image) {
  std::string text;
  if (folder.empty() || !read_whole(path_of(folder, key), text)) return false;
  Header header;
  if (text.size() < sizeof header) return false;
  memcpy(&header, text.data(), sizeof header);
  if (memcmp(header.magic, magic, sizeof magic) != 0 || header.key_bytes != key.size()) return false;
  const size_t before = sizeof header + key.size();
  if (text.size() < before || text.size() - before != header.image_bytes) return false;
  if (text.compare(sizeof header, key.size(), key) != 0) return false;
  image = text.substr(before);
  return checksum_of(key, image) == header.checksum;
}

void write_cached(const std::string &folder, const std::string &key, const std::string &image) {
  if (folder.empty() || !make_folders(folder)) return;
  static std::atomic<unsigned> number{0};
  const std::string path = path_of(folder, key);
  // Others see the file whole or not at all.
  const std::string temporary = path + "." + std::to_string(getpid()) + "." + std::to_string(number++) + ".tmp";
  FILE *file = fopen(temporary.c_str(), "wb");
  if (!file) return;
  Header header = {{}, key.size(), image.size(), checksum_of(key, image)};
  memcpy(header.magic, magic, sizeof magic);
  bool good = fwrite(&header, sizeof header, 1, file) == 1;
  good = good && fwrite(key.data(), 1, key.size(), file) == key.size();
  good = good && fwrite(image.data(), 1, image.size(), file) == image.size();
  good = fclose(file) == 0 && good;
  if (!good || rename(temporary.c_str(), path.c_str()) != 0) unlink(temporary.c_str());
}

}  // namespace st::cuda
