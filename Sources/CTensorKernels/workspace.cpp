#include "workspace.hpp"

#include <algorithm>

#include "CTensorKernels.h"

namespace st {

void *workspace(size_t bytes) {
  // Large enough to be aligned for vectors.
  bytes = std::max<size_t>(bytes, 4096);
  struct Block {
    void *data = nullptr;
    size_t bytes = 0;
    ~Block() { st_free(data); }
  };
  static thread_local Block block;
  if (block.bytes < bytes || !block.data) {
    st_free(block.data);
    block.data = st_allocate(bytes);
    block.bytes = block.data ? bytes : 0;
  }
  return block.data;
}

}  // namespace st
