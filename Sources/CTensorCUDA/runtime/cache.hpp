// The disk's cache of compiled kernels.
#ifndef ST_CUDA_RUNTIME_CACHE_HPP
#define ST_CUDA_RUNTIME_CACHE_HPP

#include <stdint.h>

#include <string>
#include <string_view>

namespace st::cuda {

// 128 bits that tell texts apart; not for defence against forgers.
struct Hash {
  uint64_t low, high;
  bool operator==(const Hash &) const = default;
};
Hash hash(std::string_view text, Hash seed = {});
std::string hexadecimal(Hash hash);

// The folder, or an empty text for none. `stand_in`: tests answer for the libraries, so that only a folder that was
// asked for counts.
std::string cache_folder(bool stand_in);
// The image that was written under the key; false when there is none, or it is damaged.
bool read_cached(const std::string &folder, const std::string &key, std::string &image);
// A folder that cannot be written to is no failure.
void write_cached(const std::string &folder, const std::string &key, const std::string &image);

}  // namespace st::cuda

#endif
