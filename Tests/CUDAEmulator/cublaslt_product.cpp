// Products of matrices, in tiles that stay in registers.
#include <string.h>

#include <vector>

#include "cublaslt.hpp"
#include "emulated_dialect.hpp"

#include "cast.hpp"

namespace st::emulated {
namespace {

double load(const void *data, int type, int64_t index) {
  switch (type) {
    case float32: return static_cast<const float *>(data)[index];
    case float64: return static_cast<const double *>(data)[index];
    case float16_type: return to_float(static_cast<const float16 *>(data)[index]);
    default: return to_float(static_cast<const bfloat16 *>(data)[index]);
  }
}

template <class Number>
void store(void *data, int type, int64_t index, Number value) {
  switch (type) {
    case float32: static_cast<float *>(data)[index] = float(value); break;
    case float64: static_cast<double *>(data)[index] = double(value); break;
    case float16_type: static_cast<float16 *>(data)[index] = to_float16(float(value)); break;
    default: static_cast<bfloat16 *>(data)[index] = to_bfloat16(float(value)); break;
  }
}

constexpr int tile_rows = 16, tile_columns = 4;

// Panels of `width` lines, zero where there are none: [panel][k][line]. Line i, position k lies at i * line + k * step.
template <class Number, class Element, class Convert>
void pack_as(std::vector<Number> &panels, const Element *data, int width, int64_t lines, int64_t depth, int64_t line,
             int64_t step, const Convert &convert) {
  panels.assign(size_t((lines + width - 1) / width * width * depth), Number(0));
  for (int64_t i = 0; i < lines; i++) {
    Number *to = panels.data() + i / width * width * depth + i % width;
    const Element *from = data + i * line;
    for (int64_t k = 0; k < depth; k++) to[k * width] = convert(from[k * step]);
  }
}

template <class Number>
void pack(std::vector<Number> &panels, const void *data, int type, int64_t offset, int width, int64_t lines,
          int64_t depth, int64_t line, int64_t step) {
  const auto with = [&](auto *elements, const auto &convert) {
    pack_as(panels, elements + offset, width, lines, depth, line, step, convert);
  };
  switch (type) {
    case float32: return with(static_cast<const float *>(data), [](float x) { return Number(x); });
    case float64: return with(static_cast<const double *>(data), [](double x) { return Number(x); });
    case float16_type: return with(static_cast<const float16 *>(data), [](float16 x) { return Number(to_float(x)); });
    default: return with(static_cast<const bfloat16 *>(data), [](bfloat16 x) { return Number(to_float(x)); });
  }
}

template <class Number>
void multiply_tile(const Number *a, const Number *b, int64_t depth, Number (&result)[tile_columns][tile_rows]) {
  typedef Number Lanes __attribute__((vector_size(16)));
  constexpr int per_vector = int(sizeof(Lanes) / sizeof(Number)), vectors = tile_rows / 2 / per_vector;
  // In two halves, for the registers.
  for (int half = 0; half < 2; half++) {
    Lanes sums[tile_columns][vectors] = {};
    for (int64_t k = 0; k < depth; k++) {
      const Number *rows = a + k * tile_rows + half * tile_rows / 2;
      Lanes lanes[vectors];
      memcpy(lanes, rows, sizeof lanes);
      for (int j = 0; j < tile_columns; j++) {
        const Number factor = b[k * tile_columns + j];
        for (int v = 0; v < vectors; v++) sums[j][v] += lanes[v] * factor;
      }
    }
    for (int j = 0; j < tile_columns; j++) memcpy(&result[j][half * tile_rows / 2], sums[j], sizeof sums[j]);
  }
}

template <class Number>
Number activate(Product::Activation activation, Number x) {
  if (activation == Product::relu) return x < 0 ? Number(0) : x;
  if (activation == Product::gelu) {
    const double inner = 0.7978845608028654 * (double(x) + 0.044715 * double(x) * x * x);
    return Number(0.5 * double(x) * (1 + tanh(inner)));
  }
  return x;
}

template <class Number>
void compute_in(const Product &p) {
  const int64_t rows = int64_t(p.d.rows), columns = int64_t(p.d.columns);
  const int64_t depth = int64_t(p.transposes_a ? p.a.rows : p.a.columns);
  const Number alpha = Number(p.alpha), beta = Number(p.beta);
  std::vector<Number> a, b;
  for (int64_t batch = 0; batch < p.d.batches; batch++) {
    // A matrix of stride 0 is the same in every batch.
    if (batch == 0 || p.a.batch_stride != 0) {
      pack(a, p.a_data, p.a.type, batch * p.a.batch_stride, tile_rows, rows, depth, p.transposes_a ? p.a.leading : 1,
           p.transposes_a ? 1 : p.a.leading);
    }
    if (batch == 0 || p.b.batch_stride != 0) {
      pack(b, p.b_data, p.b.type, batch * p.b.batch_stride, tile_columns, columns, depth,
           p.transposes_b ? 1 : p.b.leading, p.transposes_b ? p.b.leading : 1);
    }
    for (int64_t column = 0; column < columns; column += tile_columns) {
      for (int64_t row = 0; row < rows; row += tile_rows) {
        Number tile[tile_columns][tile_rows];
        multiply_tile(a.data() + row * depth, b.data() + column * depth, depth, tile);
        for (int64_t j = column; j < column + tile_columns && j < columns; j++) {
          for (int64_t i = row; i < row + tile_rows && i < rows; i++) {
            Number value = alpha * tile[j - column][i - row];
            if (beta != 0) {
              value += beta * Number(load(p.c_data, p.c.type, batch * p.c.batch_stride + j * p.c.leading + i));
            }
            if (p.bias) value += Number(load(p.bias, p.bias_type, batch * p.bias_stride + i));
            value = activate(p.activation, value);
            store(p.d_data, p.d.type, batch * p.d.batch_stride + j * p.d.leading + i, value);
          }
        }
      }
    }
  }
}

}  // namespace

size_t bytes_of(int type) {
  switch (type) {
    case float32: return 4;
    case float64: return 8;
    case float16_type: case bfloat16_type: return 2;
  }
  return 0;
}

void compute(const Product &product) {
  if (product.is_double) {
    compute_in<double>(product);
  } else {
    compute_in<float>(product);
  }
}

}  // namespace st::emulated
