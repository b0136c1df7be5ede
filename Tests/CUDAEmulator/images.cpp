#include "images.hpp"

#include <stdlib.h>
#include <string.h>

#include "state.hpp"

namespace st::emulated {

namespace {
// Images may lack the zero at their end.
constexpr char end_of_image[] = "end\n";
}  // namespace

std::string write_image(bool is_ptx, int architecture, const std::vector<ImageKernel> &kernels) {
  std::string image = std::string("emulated ") + (is_ptx ? "ptx " : "cubin ") + std::to_string(architecture) + "\n";
  for (const ImageKernel &kernel : kernels) image += kernel.name + " " + kernel.instance->instantiation + "\n";
  return image + end_of_image;
}

int read_image(const char *image, std::vector<ImageKernel> &kernels) {
  constexpr char cubin[] = "emulated cubin ", ptx[] = "emulated ptx ";
  constexpr int own_architecture = 90;
  const bool is_cubin = strncmp(image, cubin, strlen(cubin)) == 0;
  if (!is_cubin && strncmp(image, ptx, strlen(ptx)) != 0) return invalid_image;
  const int architecture = atoi(image + strlen(is_cubin ? cubin : ptx));
  // Machine code is for one generation; PTX for all that are not older.
  if (is_cubin ? architecture != own_architecture : architecture > own_architecture) return no_binary_for_gpu;
  for (const char *line = strchr(image, '\n') + 1; strncmp(line, end_of_image, strlen(end_of_image)) != 0;) {
    const char *space = strchr(line, ' '), *end = strchr(line, '\n');
    if (!space || !end || space > end) return invalid_image;
    const Instance *instance = find_instance(std::string(space + 1, end));
    if (!instance) return invalid_image;
    kernels.push_back({std::string(line, space), instance});
    line = end + 1;
  }
  return success;
}

}  // namespace st::emulated
