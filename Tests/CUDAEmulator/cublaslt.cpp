// The emulated cuBLASLt: descriptors, what it accepts, and products in the order of their stream.
#include "cublaslt.hpp"

#include <string.h>

#include "state.hpp"

namespace st::emulated {
namespace {

// cublasStatus_t.
enum { ok = 0, not_initialized_status = 1, invalid = 7, execution_failed = 13, not_supported = 15 };

// What a descriptor is told, by the attribute's number.
struct Descriptor {
  enum Kind : uint32_t { product = 0x4c540001, layout, preference, destroyed };
  Kind kind;
  uint64_t values[40];
};

struct AttributeSize {
  int attribute;
  size_t bytes;
};
constexpr AttributeSize product_sizes[] = {
    {0, 4}, {1, 4}, {2, 4}, {3, 4}, {4, 4}, {5, 4}, {6, 4}, {7, 4}, {8, 8}, {10, 8}, {11, 8}, {12, 8}, {13, 8}, {15, 4},
    {17, 8}, {18, 8}, {19, 8}, {20, 8}, {21, 8}, {22, 4}, {25, 1}, {26, 4}, {31, 4}, {32, 4}, {33, 4}, {34, 4}};
constexpr AttributeSize layout_sizes[] = {{0, 4}, {1, 4}, {2, 8}, {3, 8}, {4, 8}, {5, 4}, {6, 8}, {7, 8}};
constexpr AttributeSize preference_sizes[] = {{0, 4}, {1, 8}, {3, 4}, {5, 4}, {6, 4}, {7, 4}, {8, 4}, {9, 4}, {12, 8}};
// Attributes by name.
enum { compute_type = 0, scale_type = 1, pointer_mode = 2, trans_a = 3, trans_b = 4, trans_c = 5, epilogue = 7,
       bias_pointer = 8, bias_batch_stride = 10, bias_data_type = 26 };
enum { layout_type = 0, layout_order = 1, layout_rows = 2, layout_columns = 3, layout_leading = 4, layout_batches = 5,
       layout_batch_stride = 6 };
enum { workspace_limit = 1, alignment_a = 5 };

constexpr uint64_t unset = ~uint64_t(0);

int make(void **handle, Descriptor::Kind kind, Descriptor *&made) {
  if (!handle) return invalid;
  made = new Descriptor{kind, {}};
  *handle = made;
  return ok;
}

Descriptor *as_descriptor(const void *handle, Descriptor::Kind kind) {
  Descriptor *descriptor = static_cast<Descriptor *>(const_cast<void *>(handle));
  return descriptor && descriptor->kind == kind ? descriptor : nullptr;
}

int destroy(void *handle, Descriptor::Kind kind) {
  Descriptor *descriptor = as_descriptor(handle, kind);
  if (!descriptor) return invalid;
  descriptor->kind = Descriptor::destroyed;
  delete descriptor;
  return ok;
}

template <size_t count>
int set(void *handle, Descriptor::Kind kind, const AttributeSize (&sizes)[count], int attribute, const void *value,
        size_t bytes) {
  Descriptor *descriptor = as_descriptor(handle, kind);
  if (!descriptor || !value) return invalid;
  for (const AttributeSize &size : sizes) {
    if (size.attribute != attribute) continue;
    if (size.bytes != bytes) return invalid;
    descriptor->values[attribute] = 0;
    memcpy(&descriptor->values[attribute], value, bytes);
    return ok;
  }
  return invalid;
}

struct Handle {
  Device *device;
};

size_t cublasLtGetVersion() { return 130000; }

int cublasLtCreate(void **handle) {
  Call call;
  if (call.error || !handle) return call.error ? not_initialized_status : invalid;
  *handle = new Handle{call.device};
  return ok;
}

int cublasLtDestroy(void *handle) {
  delete static_cast<Handle *>(handle);
  return ok;
}

int cublasLtMatmulDescCreate(void **handle, int compute, int scale) {
  Descriptor *made;
  if (int error = make(handle, Descriptor::product, made)) return error;
  made->values[compute_type] = uint64_t(compute);
  made->values[scale_type] = uint64_t(scale);
  made->values[epilogue] = 1;
  made->values[bias_data_type] = unset;
  return ok;
}

int cublasLtMatmulDescDestroy(void *handle) { return destroy(handle, Descriptor::product); }

int cublasLtMatmulDescSetAttribute(void *handle, int attribute, const void *value, size_t bytes) {
  return set(handle, Descriptor::product, product_sizes, attribute, value, bytes);
}

int cublasLtMatrixLayoutCreate(void **handle, int type, uint64_t rows, uint64_t columns, int64_t leading) {
  Descriptor *made;
  if (int error = make(handle, Descriptor::layout, made)) return error;
  made->values[layout_type] = uint64_t(type);
  made->values[layout_rows] = rows;
  made->values[layout_columns] = columns;
  made->values[layout_leading] = uint64_t(leading);
  made->values[layout_batches] = 1;
  return ok;
}

int cublasLtMatrixLayoutDestroy(void *handle) { return destroy(handle, Descriptor::layout); }

int cublasLtMatrixLayoutSetAttribute(void *handle, int attribute, const void *value, size_t bytes) {
  return set(handle, Descriptor::layout, layout_sizes, attribute, value, bytes);
}

int cublasLtMatmulPreferenceCreate(void **handle) {
  Descriptor *made;
  if (int error = make(handle, Descriptor::preference, made)) return error;
  for (int i = 0; i < 4; i++) made->values[alignment_a + i] = 256;
  return ok;
}

int cublasLtMatmulPreferenceDestroy(void *handle) { return destroy(handle, Descriptor::preference); }

int cublasLtMatmulPreferenceSetAttribute(void *handle, int attribute, const void *value, size_t bytes) {
  return set(handle, Descriptor::preference, preference_sizes, attribute, value, bytes);
}

// ---- Products.

bool read_layout(const void *handle, MatrixLayout &layout) {
  const Descriptor *descriptor = as_descriptor(handle, Descriptor::layout);
  if (!descriptor) return false;
  const uint64_t *values = descriptor->values;
  layout = MatrixLayout{int(values[layout_type]), values[layout_rows], values[layout_columns],
                        int64_t(values[layout_leading]), int(values[layout_batches]),
                        int64_t(values[layout_batch_stride])};
  constexpr uint64_t column_major = 0;
  return values[layout_order] == column_major;
}

bool fits(const MatrixLayout &layout, uint64_t rows, uint64_t columns, int batches) {
  return layout.rows == rows && layout.columns == columns && layout.batches == batches;
}

// Computes in float or double: the operands' types that go with it.
bool types_match(const Product &p, int compute, int scale) {
  const bool in_double = compute == 70 || compute == 71;
  const bool in_float = compute == 68 || compute == 69 || (compute >= 74 && compute <= 78);
  if (p.a.type != p.b.type || p.c.type != p.d.type) return false;
  if (in_double) return scale == float64 && p.a.type == float64 && p.d.type == float64;
  if (!in_float || scale != float32 || bytes_of(p.a.type) == 0 || p.a.type == float64) return false;
  // The fast modes round the operands of a product in float.
  if (compute >= 74 && p.a.type != float32) return false;
  return p.d.type == p.a.type || p.d.type == float32;
}

// What the descriptors say, without data; a status.
int read_product(const void *descriptor_handle, const void *a, const void *b, const void *c, const void *d,
                 Product &p) {
  const Descriptor *descriptor = as_descriptor(descriptor_handle, Descriptor::product);
  if (!descriptor) return invalid;
  if (!read_layout(a, p.a) || !read_layout(b, p.b) || !read_layout(c, p.c) || !read_layout(d, p.d)) return invalid;
  const uint64_t *values = descriptor->values;
  if (values[trans_a] > 2 || values[trans_b] > 2 || values[trans_c] != 0) return invalid;
  p.transposes_a = values[trans_a] != 0;
  p.transposes_b = values[trans_b] != 0;
  const uint64_t rows = p.d.rows, columns = p.d.columns, depth = p.transposes_a ? p.a.rows : p.a.columns;
  if (rows == 0 || columns == 0 || depth == 0 || p.d.batches < 1) return invalid;
  const int batches = p.d.batches;
  if (!fits(p.c, rows, columns, batches)) return invalid;
  if (!fits(p.a, p.transposes_a ? depth : rows, p.transposes_a ? rows : depth, batches)) return invalid;
  if (!fits(p.b, p.transposes_b ? columns : depth, p.transposes_b ? depth : columns, batches)) return invalid;
  for (const MatrixLayout *layout : {&p.a, &p.b, &p.c, &p.d}) {
    if (layout->leading < int64_t(layout->rows)) return invalid;
  }
  if (!types_match(p, int(values[compute_type]), int(values[scale_type]))) return not_supported;
  // Batches must not write to one place.
  if (batches > 1 && p.d.batch_stride == 0) return invalid;
  p.is_double = p.a.type == float64;
  if (values[pointer_mode] != 0) return not_supported;

  constexpr uint64_t bias_bit = 4;
  const uint64_t kind = values[epilogue] & ~bias_bit;
  if (values[epilogue] == bias_bit || kind == 1) {
    p.activation = Product::none;
  } else if (kind == 2) {
    p.activation = Product::relu;
  } else if (kind == 32) {
    p.activation = Product::gelu;
  } else {
    return not_supported;
  }
  p.bias = nullptr;
  p.bias_type = values[bias_data_type] == unset ? p.d.type : int(values[bias_data_type]);
  p.bias_stride = int64_t(values[bias_batch_stride]);
  if (values[epilogue] & bias_bit) {
    p.bias = reinterpret_cast<const void *>(values[bias_pointer]);
    if (p.bias_type != p.d.type && p.bias_type != p.a.type) return not_supported;
  }
  return ok;
}

// What the heuristic answers, in the 64 bytes that are an algorithm's.
struct Algorithm {
  uint32_t magic, alignments[4];
  uint64_t rows, columns, depth;
};
constexpr uint32_t algorithm_magic = 0x616c676f;
static_assert(sizeof(Algorithm) <= 64);

struct HeuristicResult {
  char algorithm[64];
  size_t workspace_bytes;
  int state;
  float waves;
  int reserved[4];
};
static_assert(sizeof(HeuristicResult) == 96);

Algorithm algorithm_for(const Product &p) {
  return Algorithm{algorithm_magic, {1, 1, 1, 1}, p.d.rows, p.d.columns, p.transposes_a ? p.a.rows : p.a.columns};
}

int cublasLtMatmulAlgoGetHeuristic(void *handle, void *descriptor, void *a, void *b, void *c, void *d,
                                   void *preference_handle, int requested, void *results, int *found) {
  if (!handle || !found || !results || requested < 1) return invalid;
  *found = 0;
  const Descriptor *preference = as_descriptor(preference_handle, Descriptor::preference);
  if (!preference) return invalid;
  Product product;
  if (int error = read_product(descriptor, a, b, c, d, product)) return error;
  Algorithm algorithm = algorithm_for(product);
  for (int i = 0; i < 4; i++) algorithm.alignments[i] = uint32_t(preference->values[alignment_a + i]);
  HeuristicResult result = {};
  memcpy(result.algorithm, &algorithm, sizeof algorithm);
  result.waves = 1;
  memcpy(results, &result, sizeof result);
  *found = 1;
  return ok;
}

// Whether all of a matrix lies in one live allocation.
bool is_live(const void *data, const MatrixLayout &layout) {
  const int64_t last = int64_t(layout.columns - 1) * layout.leading + int64_t(layout.rows) +
                       (layout.batches - 1) * layout.batch_stride;
  return find_allocation(reinterpret_cast<uintptr_t>(data), size_t(last) * bytes_of(layout.type)) != nullptr;
}

void multiply_now(Device &device, const Product &p, int injected) {
  if (device.failed) return;
  state().counters.products++;
  if (injected) return fail(device, injected, "a product: error " + std::to_string(injected) + " was injected");
  const MatrixLayout bias{p.bias_type, p.d.rows, 1, int64_t(p.d.rows), p.d.batches, p.bias_stride};
  const struct {
    const char *name;
    const void *data;
    const MatrixLayout &layout;
    bool used;
  } operands[] = {{"A", p.a_data, p.a, true}, {"B", p.b_data, p.b, true}, {"C", p.c_data, p.c, p.beta != 0},
                  {"D", p.d_data, p.d, true}, {"the bias", p.bias, bias, p.bias != nullptr}};
  for (const auto &operand : operands) {
    if (!operand.used || is_live(operand.data, operand.layout)) continue;
    const std::string start = describe_address(reinterpret_cast<uintptr_t>(operand.data));
    return fail(device, illegal_address, std::string("a product: ") + operand.name + ", which begins at " + start +
                                             ", does not lie inside of one allocation");
  }
  const auto address = [](const void *data) { return reinterpret_cast<uintptr_t>(data); };
  const DeviceAccess access{address(p.a_data), address(p.b_data), address(p.beta != 0 ? p.c_data : p.d_data),
                            address(p.d_data), address(p.bias)};
  compute(p);
}

int cublasLtMatmul(void *handle, void *descriptor, const void *alpha, const void *a_data, void *a, const void *b_data,
                   void *b, const void *beta, const void *c_data, void *c, void *d_data, void *d,
                   const void *algorithm_bytes, void *workspace, size_t workspace_bytes, void *stream_handle) {
  if (!handle || !alpha || !beta || !a_data || !b_data || !d_data) return invalid;
  Product product;
  if (int error = read_product(descriptor, a, b, c, d, product)) return error;
  product.a_data = a_data;
  product.b_data = b_data;
  product.c_data = c_data;
  product.d_data = d_data;
  product.alpha = product.is_double ? *static_cast<const double *>(alpha) : *static_cast<const float *>(alpha);
  product.beta = product.is_double ? *static_cast<const double *>(beta) : *static_cast<const float *>(beta);
  if (product.beta != 0 && !c_data) return invalid;
  const uint64_t wanted_epilogue = as_descriptor(descriptor, Descriptor::product)->values[epilogue];
  if (wanted_epilogue & 4 && !product.bias) return invalid;

  Algorithm algorithm = algorithm_for(product);
  if (algorithm_bytes) {
    const Algorithm own = algorithm;
    memcpy(&algorithm, algorithm_bytes, sizeof algorithm);
    if (algorithm.magic != algorithm_magic || algorithm.rows != own.rows || algorithm.columns != own.columns ||
        algorithm.depth != own.depth) {
      return invalid;
    }
  }
  // At least the elements' own alignment, and what the heuristic was promised.
  const void *const data[] = {a_data, b_data, product.beta != 0 ? c_data : d_data, d_data};
  const int types[] = {product.a.type, product.b.type, product.c.type, product.d.type};
  for (int i = 0; i < 4; i++) {
    const uintptr_t address = reinterpret_cast<uintptr_t>(data[i]);
    if (address % bytes_of(types[i]) != 0 || address % algorithm.alignments[i] != 0) return invalid;
  }

  Call call;
  if (call.error) return execution_failed;
  if (static_cast<Handle *>(handle)->device != call.device) return invalid;
  Stream *stream = stream_of(call, stream_handle);
  if (!stream) return invalid;
  if (workspace_bytes > 0 && workspace &&
      !find_allocation(reinterpret_cast<uintptr_t>(workspace), workspace_bytes)) {
    return invalid;
  }
  const int injected = stream->capture ? 0 : take_injected_error();
  if (injected && !is_sticky(injected)) return execution_failed;
  Device &device = *call.device;
  const auto run = [&device, product, injected] { multiply_now(device, product, injected); };
  return submit(*stream, Work::product, nullptr, run, [&] { return run; }) ? execution_failed : ok;
}

}  // namespace

Symbols cublaslt_symbols() {
  return {ST_SYMBOL(cublasLtGetVersion), ST_SYMBOL(cublasLtCreate), ST_SYMBOL(cublasLtDestroy),
          ST_SYMBOL(cublasLtMatmulDescCreate), ST_SYMBOL(cublasLtMatmulDescDestroy),
          ST_SYMBOL(cublasLtMatmulDescSetAttribute), ST_SYMBOL(cublasLtMatrixLayoutCreate),
          ST_SYMBOL(cublasLtMatrixLayoutDestroy), ST_SYMBOL(cublasLtMatrixLayoutSetAttribute),
          ST_SYMBOL(cublasLtMatmulPreferenceCreate), ST_SYMBOL(cublasLtMatmulPreferenceDestroy),
          ST_SYMBOL(cublasLtMatmulPreferenceSetAttribute), ST_SYMBOL(cublasLtMatmulAlgoGetHeuristic),
          ST_SYMBOL(cublasLtMatmul)};
}

}  // namespace st::emulated
