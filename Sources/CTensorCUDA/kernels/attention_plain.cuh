// Attention by plain arithmetic: for float and double, and for 16-bit floats where there are no tensor cores for them.
#ifndef ST_CUDA_ATTENTION_PLAIN_CUH
#define ST_CUDA_ATTENTION_PLAIN_CUH

#include "attention_common.cuh"

namespace st {

// Tiles hold `attention_chunk` columns of their rows at a time. Of a tile of scores, own rows x other rows, a thread
// has the own rows y + 16 * i and the others x + 8 * j, where x = thread % 8 and y = thread / 8.
inline constexpr int attention_chunk = 64, attention_others = 32, attention_own = 16, attention_across = 8;
inline constexpr int attention_each = attention_others / attention_across;

template <class A, int rows, int columns>
struct alignas(16) AttentionTile {
  static constexpr int width = 16 / sizeof(A);
  A values[rows][columns + width];

  ST_DEVICE Vector<A, width> vector(int row, int column) const {
    return *reinterpret_cast<const Vector<A, width> *>(&values[row][column]);
  }

  // Rows first ... and columns `column` ... of an operand; zeros beyond its end.
  template <class T>
  ST_DEVICE void load(const T *data, int64_t stride, int first, int count, int column, int size) {
    constexpr int step = attention_threads / columns;
    const int j = threadIdx.x % columns, first_row = threadIdx.x / columns;
    data += (first + first_row) * stride + column + j;
#pragma unroll 4
    for (int i = first_row; i < rows; i += step, data += step * stride) {
      values[i][j] = first + i < count && column + j < size ? cast<A>(*data) : A(0);
    }
  }
};

template <class A> using AttentionWeights = AttentionTile<A, attention_rows<is_same<A, double>>, attention_others>;
template <class A> using AttentionOwn = AttentionTile<A, attention_rows<is_same<A, double>>, attention_chunk>;
template <class A> using AttentionOther = AttentionTile<A, attention_others, attention_chunk>;

// scores += own @ other^T, over one chunk of columns.
template <class A, int R>
ST_DEVICE void attention_multiply(A (&scores)[R][attention_each], const AttentionOwn<A> &own,
                                  const AttentionOther<A> &other) {
  const int x = threadIdx.x % attention_across, y = threadIdx.x / attention_across;
  constexpr int width = AttentionOwn<A>::width;
#pragma unroll 1
  for (int column = 0; column < attention_chunk; column += width) {
    Vector<A, width> left[R], right[attention_each];
#pragma unroll
    for (int i = 0; i < R; i++) left[i] = own.vector(y + attention_own * i, column);
#pragma unroll
    for (int j = 0; j < attention_each; j++) right[j] = other.vector(x + attention_across * j, column);
#pragma unroll
    for (int w = 0; w < width; w++) {
#pragma unroll
      for (int i = 0; i < R; i++) {
#pragma unroll
        for (int j = 0; j < attention_each; j++) {
          scores[i][j] = m_fma(left[i].values[w], right[j].values[w], scores[i][j]);
        }
      }
    }
  }
}

// sums += weights @ other, for one chunk of columns, of which a thread has eighths: `width` neighbours at a time.
template <class A, int R, int C>
ST_DEVICE void attention_accumulate(A (&sums)[R][C], int chunk, const AttentionWeights<A> &weights,
                                    const AttentionOther<A> &other) {
  const int x = threadIdx.x % attention_across, y = threadIdx.x / attention_across;
  constexpr int width = AttentionOther<A>::width, each = attention_chunk / attention_across;
#pragma unroll 1
  for (int row = 0; row < attention_others; row++) {
    A left[R];
#pragma unroll
    for (int i = 0; i < R; i++) left[i] = weights.values[y + attention_own * i][row];
#pragma unroll
    for (int v = 0; v < each; v += width) {
      const Vector<A, width> right = other.vector(row, x * width + v * attention_across);
#pragma unroll
      for (int w = 0; w < width; w++) {
#pragma unroll
        for (int i = 0; i < R; i++) {
          sums[i][chunk * each + v + w] = m_fma(left[i], right.values[w], sums[i][chunk * each + v + w]);
        }
      }
    }
  }
}

template <class A, int R>
ST_DEVICE void attention_keep(AttentionWeights<A> &weights, const A (&scores)[R][attention_each]) {
  const int x = threadIdx.x % attention_across, y = threadIdx.x / attention_across;
#pragma unroll
  for (int i = 0; i < R; i++) {
#pragma unroll
    for (int j = 0; j < attention_each; j++) {
      weights.values[y + attention_own * i][x + attention_across * j] = scores[i][j];
    }
  }
}

// Writes a thread's sums, as attention_accumulate lays them out, times a factor per row.
template <class T, class A, int R, int C>
ST_DEVICE void attention_store(T *out, int64_t stride, int first, int count, int column, int size,
                               const A (&sums)[R][C], const A (&factors)[R]) {
  const int x = threadIdx.x % attention_across, y = threadIdx.x / attention_across;
  constexpr int width = AttentionOther<A>::width, each = attention_chunk / attention_across;
#pragma unroll
  for (int i = 0; i < R; i++) {
    const int row = first + y + attention_own * i;
    if (row >= count) continue;
#pragma unroll
    for (int c = 0; c < C; c++) {
      const int v = c % each / width * width;
      const int j = column + c / each * attention_chunk + x * width + v * attention_across + c % width;
      if (j < size) out[row * stride + j] = cast<T>(sums[i][c] * factors[i]);
    }
  }
}

// Over the 8 threads of a row.
template <class A>
ST_DEVICE A attention_row_max(A value) {
  for (int step = 1; step < attention_across; step *= 2) {
    const A other = __shfl_xor_sync(0xffffffffu, value, step);
    value = other > value ? other : value;
  }
  return value;
}
template <class A>
ST_DEVICE A attention_row_sum(A value) {
  for (int step = 1; step < attention_across; step *= 2) value += __shfl_xor_sync(0xffffffffu, value, step);
  return value;
}

template <class T, int D>
ST_DEVICE void attention_forward_plain(const AttentionParameters &p) {
  using A = Arithmetic<T>;
  constexpr int tile = attention_rows<is_same<A, double>>, R = tile / attention_own, chunks = D / attention_chunk;
  constexpr int others = attention_others;
  ST_SHARED AttentionOwn<A> own;
  ST_SHARED AttentionOther<A> other;
  ST_SHARED AttentionWeights<A> weights;
  const AttentionPlace at = attention_place(p.heads, p.queries, tile, 1, p.causal);
  const int group = at.head / (p.heads / p.groups);
  const T *q = attention_head<const T>(p.q, at.batch, at.head);
  const T *k = attention_head<const T>(p.k, at.batch, group), *v = attention_head<const T>(p.v, at.batch, group);
  const AttentionOperand mask = attention_mask<T>(p, at.batch, at.head);
  const A infinity = A(__builtin_inff()), scale = A(p.scale);
  const int x = threadIdx.x % attention_across, y = threadIdx.x / attention_across;
  const int end = p.causal && at.first + tile < p.keys ? at.first + tile : p.keys;

  A sums[R][D / attention_across] = {}, most[R], total[R] = {};
#pragma unroll
  for (int i = 0; i < R; i++) most[i] = -infinity;
  for (int j0 = 0; j0 < end; j0 += others) {
    A scores[R][attention_each] = {};
    for (int chunk = 0; chunk < chunks; chunk++) {
      if (chunks > 1 || j0 == 0) own.load(q, p.q.row, at.first, p.queries, chunk * attention_chunk, p.size);
      other.load(k, p.k.row, j0, p.keys, chunk * attention_chunk, p.size);
      __syncthreads();
      attention_multiply(scores, own, other);
      __syncthreads();
    }
#pragma unroll
    for (int i = 0; i < R; i++) {
      A highest = most[i];
#pragma unroll
      for (int j = 0; j < attention_each; j++) {
        scores[i][j] = attention_score<T>(p, mask, scores[i][j] * scale, at.first + y + attention_own * i,
                                          j0 + x + attention_across * j);
        highest = scores[i][j] > highest ? scores[i][j] : highest;
      }
      highest = attention_row_max(highest);
      const A shift = highest == -infinity ? A(0) : highest;
      const A correction = m_exp(most[i] - shift);
      most[i] = highest;
      total[i] *= correction;
#pragma unroll
      for (int j = 0; j < attention_each; j++) {
        scores[i][j] = m_exp(scores[i][j] - shift);
        total[i] += scores[i][j];
      }
#pragma unroll
      for (int c = 0; c < D / attention_across; c++) sums[i][c] *= correction;
    }
    attention_keep(weights, scores);
#pragma unroll
    for (int chunk = 0; chunk < chunks; chunk++) {
      other.load(v, p.v.row, j0, p.keys, chunk * attention_chunk, p.size);
      __syncthreads();
      attention_accumulate(sums, chunk, weights, other);
      __syncthreads();
    }
  }

  A factors[R];
#pragma unroll
  for (int i = 0; i < R; i++) {
    total[i] = attention_row_sum(total[i]);
    factors[i] = total[i] == A(0) ? A(0) : A(1) / total[i];
    const int row = at.first + y + attention_own * i;
    if (x == 0 && row < p.queries) {
      set_attention_lse(p, at.batch, at.head, row, total[i] == A(0) ? -infinity : most[i] + m_log(total[i]));
    }
  }
  attention_store(attention_head<T>(p.out, at.batch, at.head), p.out.row, at.first, p.queries, 0, p.size, sums,
                  factors);
}

// The gradients of a tile of keys and values (`of_keys`), which sum over the queries of a group's heads, or of a tile
// of queries. Own rows are the gradient's.
template <class T, int D, bool of_keys>
ST_DEVICE void attention_backward_plain(const AttentionParameters &p) {
  using A = Arithmetic<T>;
  constexpr int tile = attention_rows<is_same<A, double>>, R = tile / attention_own, chunks = D / attention_chunk;
  constexpr int columns = D < attention_most_columns ? D : attention_most_columns, others = attention_others;
  constexpr int sums_of_row = columns / attention_across;
  ST_SHARED AttentionOwn<A> own;
  ST_SHARED AttentionOther<A> other;
  ST_SHARED AttentionWeights<A> weights;
  const int heads = p.heads / p.groups, own_count = of_keys ? p.keys : p.queries;
  const int other_count = of_keys ? p.queries : p.keys;
  const AttentionPlace at = attention_place(of_keys ? p.groups : p.heads, own_count, tile, D / columns,
                                            p.causal && !of_keys);
  const int column = at.part * columns;
  const A scale = A(p.scale);
  const int x = threadIdx.x % attention_across, y = threadIdx.x / attention_across;
  const int begin = of_keys && p.causal ? at.first / others * others : 0;
  const int end = !of_keys && p.causal && at.first + tile < other_count ? at.first + tile : other_count;

  A sums[R][sums_of_row] = {}, value_sums[R][of_keys ? sums_of_row : 1] = {};
  for (int member = 0; member < (of_keys ? heads : 1); member++) {
    const int head = of_keys ? at.head * heads + member : at.head, group = head / heads;
    const T *q = attention_head<const T>(p.q, at.batch, head);
    const T *k = attention_head<const T>(p.k, at.batch, group), *v = attention_head<const T>(p.v, at.batch, group);
    const T *gradient = attention_head<const T>(p.gradient, at.batch, head);
    const AttentionOperand mask = attention_mask<T>(p, at.batch, head);
    const A *delta = static_cast<const A *>(p.delta) + attention_row(p, at.batch, head, 0);
    for (int other0 = begin; other0 < end; other0 += others) {
      A scores[R][attention_each] = {}, slopes[R][attention_each] = {};
      for (int chunk = 0; chunk < chunks; chunk++) {
        const int c = chunk * attention_chunk;
        own.load(of_keys ? k : q, of_keys ? p.k.row : p.q.row, at.first, own_count, c, p.size);
        other.load(of_keys ? q : k, of_keys ? p.q.row : p.k.row, other0, other_count, c, p.size);
        __syncthreads();
        attention_multiply(scores, own, other);
        __syncthreads();
        own.load(of_keys ? v : gradient, of_keys ? p.v.row : p.gradient.row, at.first, own_count, c, p.size);
        other.load(of_keys ? gradient : v, of_keys ? p.gradient.row : p.v.row, other0, other_count, c, p.size);
        __syncthreads();
        attention_multiply(slopes, own, other);
        __syncthreads();
      }
      constexpr int queries = of_keys ? attention_each : R;
      A shifts[queries], deltas[queries];
#pragma unroll
      for (int n = 0; n < queries; n++) {
        const int query = of_keys ? other0 + x + attention_across * n : at.first + y + attention_own * n;
        shifts[n] = attention_shift<A>(p, at.batch, head, query);
        deltas[n] = query < p.queries ? delta[query] : A(0);
      }
#pragma unroll
      for (int i = 0; i < R; i++) {
#pragma unroll
        for (int j = 0; j < attention_each; j++) {
          const int own_row = at.first + y + attention_own * i, other_row = other0 + x + attention_across * j;
          const A score = attention_score<T>(p, mask, scores[i][j] * scale, of_keys ? other_row : own_row,
                                             of_keys ? own_row : other_row);
          scores[i][j] = m_exp(score - shifts[of_keys ? j : i]);
          slopes[i][j] = scores[i][j] * (slopes[i][j] - deltas[of_keys ? j : i]) * scale;
        }
      }
      if constexpr (of_keys) {
        attention_keep(weights, scores);
#pragma unroll
        for (int chunk = 0; chunk < columns / attention_chunk; chunk++) {
          other.load(gradient, p.gradient.row, other0, other_count, column + chunk * attention_chunk, p.size);
          __syncthreads();
          attention_accumulate(value_sums, chunk, weights, other);
          __syncthreads();
        }
      }
      attention_keep(weights, slopes);
#pragma unroll
      for (int chunk = 0; chunk < columns / attention_chunk; chunk++) {
        other.load(of_keys ? q : k, of_keys ? p.q.row : p.k.row, other0, other_count,
                   column + chunk * attention_chunk, p.size);
        __syncthreads();
        attention_accumulate(sums, chunk, weights, other);
        __syncthreads();
      }
    }
  }

  A ones[R];
#pragma unroll
  for (int i = 0; i < R; i++) ones[i] = A(1);
  const AttentionOperand &target = of_keys ? p.k_gradient : p.q_gradient;
  attention_store(attention_head<T>(target, at.batch, at.head), target.row, at.first, own_count, column, p.size, sums,
                  ones);
  if constexpr (of_keys) {
    attention_store(attention_head<T>(p.v_gradient, at.batch, at.head), p.v_gradient.row, at.first, own_count, column,
                    p.size, value_sums, ones);
  }
}

}  // namespace st

#endif
