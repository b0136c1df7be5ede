// Descriptors and heuristics of cuBLASLt are kept per shape, so that a repeated product costs one look-up and one call.
#include "cublaslt.hpp"

#include <mutex>
#include <unordered_map>
#include <utility>

#include "../runtime/functions.hpp"

namespace st::cuda {

namespace {

// cuBLASLt's constants, by their names there.
enum { CUDA_R_32F = 0, CUDA_R_64F = 1, CUDA_R_16F = 2, CUDA_R_16BF = 14 };
enum { CUBLAS_COMPUTE_32F = 68, CUBLAS_COMPUTE_64F = 70, CUBLAS_COMPUTE_32F_FAST_TF32 = 77 };
enum { DESC_TRANSA = 3, DESC_TRANSB = 4, DESC_EPILOGUE = 7, DESC_BIAS_POINTER = 8, EPILOGUE_BIAS = 4 };
enum { LAYOUT_BATCH_COUNT = 5, LAYOUT_STRIDED_BATCH_OFFSET = 6 };
enum { PREF_MAX_WORKSPACE_BYTES = 1 };
enum {
  PREF_MIN_ALIGNMENT_A_BYTES = 5,
  PREF_MIN_ALIGNMENT_B_BYTES,
  PREF_MIN_ALIGNMENT_C_BYTES,
  PREF_MIN_ALIGNMENT_D_BYTES
};
enum { STATUS_SUCCESS = 0, STATUS_INVALID_VALUE = 7, STATUS_ARCH_MISMATCH = 8, STATUS_NOT_SUPPORTED = 15 };

struct Heuristic {  // cublasLtMatmulHeuristicResult_t
  uint64_t algorithm[8];
  size_t workspace;
  int32_t state;
  float waves;
  int32_t reserved[4];
};
static_assert(sizeof(Heuristic) == 96);

struct Hash {
  size_t operator()(const Gemm &gemm) const {
    static_assert(sizeof(Gemm) % 8 == 0);
    uint64_t words[sizeof(Gemm) / 8], hash = 0;
    __builtin_memcpy(words, &gemm, sizeof gemm);
    for (uint64_t word : words) hash = (hash ^ word ^ hash >> 29) * 0x9e3779b97f4a7c15u;
    return hash ^ hash >> 32;
  }
};

// What cuBLASLt calls A is our b, its B our a: our row-major matrices are its column-major ones, transposed.
struct Plan {
  void *desc = nullptr, *a = nullptr, *b = nullptr, *out = nullptr;
  Heuristic heuristic = {};
  bool usable = false;
};

struct Library {
  std::mutex mutex;
  const Functions *cu = nullptr;  // that this was opened with
  void *handle = nullptr;
  std::unordered_map<Gemm, Plan, Hash> plans;

  void open(st_cuda_device *device, const Functions &functions) {
    cu = &functions;
    plans.clear();
    handle = nullptr;
    if (!cu->has_cublaslt) return;
    const bool made = make_with_room(device, [&] { return cu->cublasLtCreate(&handle) == STATUS_SUCCESS; });
    if (!made) handle = nullptr;
    if (!made && st_cuda_is_recording(device)) cu = nullptr;  // to be tried again
  }

  void *layout(int type, int64_t rows, int64_t columns, int64_t ld, int64_t batch, int64_t stride) const {
    void *result = nullptr;
    if (cu->cublasLtMatrixLayoutCreate(&result, type, rows, columns, ld) != STATUS_SUCCESS) return nullptr;
    const auto set = [&](int attribute, auto value) {
      return cu->cublasLtMatrixLayoutSetAttribute(result, attribute, &value, sizeof value) == STATUS_SUCCESS;
    };
    if (set(LAYOUT_BATCH_COUNT, int32_t(batch)) && set(LAYOUT_STRIDED_BATCH_OFFSET, stride)) return result;
    cu->cublasLtMatrixLayoutDestroy(result);
    return nullptr;
  }

  bool describe(Plan &plan, const Gemm &gemm, const void *bias) const {
    int type = CUDA_R_32F, compute = gemm.tf32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F, scale = CUDA_R_32F;
    if (gemm.dtype == ST_FLOAT16) type = CUDA_R_16F;
    if (gemm.dtype == ST_BFLOAT16) type = CUDA_R_16BF;
    if (gemm.dtype == ST_FLOAT64) {
      type = scale = CUDA_R_64F;
      compute = CUBLAS_COMPUTE_64F;
    }
    if (cu->cublasLtMatmulDescCreate(&plan.desc, compute, scale) != STATUS_SUCCESS) return false;
    const auto set = [&](int attribute, auto value) {
      return cu->cublasLtMatmulDescSetAttribute(plan.desc, attribute, &value, sizeof value) == STATUS_SUCCESS;
    };
    if (!set(DESC_TRANSA, int32_t(gemm.b_transposed)) || !set(DESC_TRANSB, int32_t(gemm.a_transposed))) return false;
    if (gemm.adds_bias && !(set(DESC_EPILOGUE, int32_t(EPILOGUE_BIAS)) && set(DESC_BIAS_POINTER, bias))) return false;
    int64_t b_rows = gemm.n, b_columns = gemm.k, a_rows = gemm.k, a_columns = gemm.m;
    if (gemm.b_transposed) std::swap(b_rows, b_columns);
    if (gemm.a_transposed) std::swap(a_rows, a_columns);
    plan.b = layout(type, b_rows, b_columns, gemm.b_ld, gemm.batch, gemm.b_stride);
    plan.a = layout(type, a_rows, a_columns, gemm.a_ld, gemm.batch, gemm.a_stride);
    if (gemm.wide_out && gemm.dtype != ST_FLOAT64) type = CUDA_R_32F;
    plan.out = layout(type, gemm.n, gemm.m, gemm.out_ld, gemm.batch, gemm.out_stride);
    return plan.a && plan.b && plan.out;
  }

  bool choose(Plan &plan, const Gemm &gemm, uint64_t workspace) const {
    void *preference = nullptr;
    if (cu->cublasLtMatmulPreferenceCreate(&preference) != STATUS_SUCCESS) return false;
    const auto set = [&](int attribute, auto value) {
      return cu->cublasLtMatmulPreferenceSetAttribute(preference, attribute, &value, sizeof value) == STATUS_SUCCESS;
    };
    const uint32_t of_out = 1u << (gemm.alignments[0] & 15), of_a = 1u << (gemm.alignments[0] >> 4);
    int found = 0;
    const bool chosen =
        set(PREF_MAX_WORKSPACE_BYTES, workspace) && set(PREF_MIN_ALIGNMENT_A_BYTES, 1u << gemm.alignments[1]) &&
        set(PREF_MIN_ALIGNMENT_B_BYTES, of_a) && set(PREF_MIN_ALIGNMENT_C_BYTES, of_out) &&
        set(PREF_MIN_ALIGNMENT_D_BYTES, of_out) &&
        cu->cublasLtMatmulAlgoGetHeuristic(handle, plan.desc, plan.b, plan.a, plan.out, plan.out, preference, 1,
                                           &plan.heuristic, &found) == STATUS_SUCCESS;
    cu->cublasLtMatmulPreferenceDestroy(preference);
    return chosen && found > 0 && plan.heuristic.state == STATUS_SUCCESS;
  }

  void clear() {
    for (auto &[gemm, plan] : plans) {
      if (plan.desc) cu->cublasLtMatmulDescDestroy(plan.desc);
      for (void *layout : {plan.a, plan.b, plan.out}) {
        if (layout) cu->cublasLtMatrixLayoutDestroy(layout);
      }
    }
    plans.clear();
  }

  Plan &plan(const Gemm &gemm, const void *bias, size_t workspace) {
    constexpr size_t most = 4096;  // programs whose shapes never repeat stay small
    if (auto found = plans.find(gemm); found != plans.end()) return found->second;
    if (plans.size() >= most) clear();
    Plan &plan = plans[gemm];
    plan.usable = describe(plan, gemm, bias) && choose(plan, gemm, workspace);
    return plan;
  }
};

uint8_t alignment(const void *address) {
  return uint8_t(__builtin_ctzll(reinterpret_cast<uintptr_t>(address) | 256));
}

}  // namespace

st_status multiply_by_cublaslt(st_cuda_device *device, Gemm gemm, void *out, const void *a, const void *b,
                               const void *bias, bool &supported) {
  static Library libraries[max_devices];
  Library &library = libraries[facts(device).index];
  if (st_status status = bind(device); status.code != ST_OK) return status;
  const std::lock_guard lock(library.mutex);
  if (library.cu != &functions(device)) library.open(device, functions(device));
  supported = library.handle != nullptr;
  if (!supported) return {};

  gemm.alignments[0] = uint8_t(alignment(out) | alignment(a) << 4);
  gemm.alignments[1] = alignment(b);
  const size_t most_workspace = size_t{facts(device).capability >= 90 ? 32u : 4u} << 20;
  const Plan &plan = library.plan(gemm, bias, most_workspace);
  supported = plan.usable;
  if (!supported) return {};

  if (gemm.adds_bias) library.cu->cublasLtMatmulDescSetAttribute(plan.desc, DESC_BIAS_POINTER, &bias, sizeof bias);
  const Workspace workspace(device, plan.heuristic.workspace, Workspace::optional);
  if (workspace.status.code == ST_OUT_OF_MEMORY) {  // the kernels of our own need none
    supported = false;
    return {};
  }
  if (workspace.status.code != ST_OK) return workspace.status;
  static const float float_scales[2] = {0, 1};
  static const double double_scales[2] = {0, 1};
  const auto scale = [&](bool one) -> const void * {
    return gemm.dtype == ST_FLOAT64 ? static_cast<const void *>(&double_scales[one]) : &float_scales[one];
  };
  const int result = library.cu->cublasLtMatmul(
      library.handle, plan.desc, scale(true), b, plan.b, a, plan.a, scale(gemm.accumulates), out, plan.out, out,
      plan.out, plan.heuristic.algorithm, workspace.address, plan.heuristic.workspace, stream(device));
  if (result == STATUS_SUCCESS) return {};
  supported = result != STATUS_NOT_SUPPORTED && result != STATUS_ARCH_MISMATCH && result != STATUS_INVALID_VALUE;
  return supported ? failed("matmul: cublasLtMatmul failed with %d", result) : st_status{};
}

}  // namespace st::cuda
