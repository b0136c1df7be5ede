// A recorded graph of work, and the memory that belongs to it.
#ifndef ST_CUDA_RUNTIME_GRAPH_HPP
#define ST_CUDA_RUNTIME_GRAPH_HPP

#include "state.hpp"

struct st_cuda_graph {
  st_cuda_device *device;
  void *executable = nullptr;
  // Its blocks that no tensor uses, by size class; guarded by the memory's lock.
  std::unordered_map<int, std::vector<void *>> idle;

  std::mutex lock;
  std::string failure;  // the first failure of the recording

  // The generator that it draws from; `drawn` numbers a launch, with `start` its offset when recorded.
  st_cuda_generator *generator = nullptr;
  uint64_t seed = 0, start = 0, drawn = 0;
  void *offset = nullptr;  // the word on the device that kernels add to their offset
};

#endif
