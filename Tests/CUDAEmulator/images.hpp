// What the emulated compiler makes of programs, and the emulated driver loads.
#ifndef ST_EMULATED_IMAGES_HPP
#define ST_EMULATED_IMAGES_HPP

#include <string>
#include <vector>

#include "registry.hpp"

namespace st::emulated {

struct ImageKernel {
  std::string name;
  const Instance *instance;
};

// "emulated cubin sm_90", then a line per kernel: its name, a space, its instantiation.
std::string write_image(bool is_ptx, int architecture, const std::vector<ImageKernel> &kernels);
// Answers a Result.
int read_image(const char *image, std::vector<ImageKernel> &kernels);

}  // namespace st::emulated

#endif
