#include "functions.hpp"

#include <mutex>
#include <vector>

namespace st::cuda {

namespace {

constexpr int not_supported = 801;

#define ST_CUDA_ROW(library, name, parameters)                                                                        \
  int missing_##name parameters { return not_supported; }
ST_CUDA_NEEDED_FUNCTIONS(ST_CUDA_ROW)
ST_CUDA_OPTIONAL_FUNCTIONS(ST_CUDA_ROW)
#undef ST_CUDA_ROW

Functions *find(st_cuda_resolver resolver) {
  auto *found = new Functions{};
  found->resolver = resolver;
  void *symbol;
#define ST_CUDA_ROW(library, name, parameters)                                                                        \
  symbol = st_cuda_symbol(library, #name);                                                                            \
  found->name = symbol ? reinterpret_cast<int(*) parameters>(symbol) : missing_##name;                                \
  if (!symbol && !found->missing) found->missing = #name;
  ST_CUDA_NEEDED_FUNCTIONS(ST_CUDA_ROW)
#undef ST_CUDA_ROW
#define ST_CUDA_ROW(library, name, parameters)                                                                        \
  symbol = st_cuda_symbol(library, #name);                                                                            \
  found->name = symbol ? reinterpret_cast<int(*) parameters>(symbol) : missing_##name;
  ST_CUDA_OPTIONAL_FUNCTIONS(ST_CUDA_ROW)
#undef ST_CUDA_ROW
  found->has_cublaslt = found->cublasLtMatmul != missing_cublasLtMatmul;
  found->has_cudnn = found->cudnnConvolutionForward != missing_cudnnConvolutionForward;
  return found;
}

}  // namespace

const Functions &current_functions() {
  static std::mutex lock;
  static auto *tables = new std::vector<const Functions *>;
  const st_cuda_resolver resolver = st_cuda_current_resolver();
  const std::lock_guard guard(lock);
  for (const Functions *table : *tables) {
    if (table->resolver == resolver) return *table;
  }
  tables->push_back(find(resolver));
  return *tables->back();
}

}  // namespace st::cuda
