// Stable sorts.
#ifndef ST_CUDA_SORT_CUH
#define ST_CUDA_SORT_CUH

#include "counts.cuh"
#include "places.cuh"

namespace st {

// NaN is the largest, whatever its sign, and both zeros are equal.
template <class U>
ST_INLINE U sort_key(U bits, const SortOrder &order) {
  const U sign = U(order.sign), infinity = U(order.infinity);
  U key = U(bits ^ sign);
  if (infinity != 0) {
    const U magnitude = U(bits & U(~sign));
    key = bits & sign ? U(~bits) : key;
    key = magnitude == 0 ? sign : key;
    key = magnitude > infinity ? U(~U(0)) : key;
  }
  return U(key ^ U(order.flip));
}

// ---- Rows that fit into a block, several at once: a bitonic network over keys and the places they come from.

// In shared memory: up to 4 bytes of key above the place, else two arrays.
template <int size>
struct SortPairs {
  uint64_t *pairs;
  ST_INLINE SortPairs(unsigned char *memory, uint32_t) : pairs(reinterpret_cast<uint64_t *>(memory)) {}
  ST_INLINE void set(uint32_t i, uint64_t key, uint32_t place) { pairs[i] = key << 32 | place; }
  ST_INLINE uint32_t place(uint32_t i) const { return uint32_t(pairs[i]); }
  ST_INLINE void order(uint32_t i, uint32_t j) {
    const uint64_t a = pairs[i], b = pairs[j];
    if (a <= b) return;
    pairs[i] = b;
    pairs[j] = a;
  }
};
template <>
struct SortPairs<8> {
  uint64_t *keys;
  uint32_t *places;
  ST_INLINE SortPairs(unsigned char *memory, uint32_t count)
      : keys(reinterpret_cast<uint64_t *>(memory)), places(reinterpret_cast<uint32_t *>(keys + count)) {}
  ST_INLINE void set(uint32_t i, uint64_t key, uint32_t place) {
    keys[i] = key;
    places[i] = place;
  }
  ST_INLINE uint32_t place(uint32_t i) const { return places[i]; }
  ST_INLINE void order(uint32_t i, uint32_t j) {
    const uint64_t a = keys[i], b = keys[j];
    const uint32_t x = places[i], y = places[j];
    if (a < b || (a == b && x < y)) return;
    set(i, b, y);
    set(j, a, x);
  }
};

// A block has as many elements as 4 times its threads.
template <class U>
ST_DEVICE void sort_rows(const SortRowsParameters &p) {
  ST_DYNAMIC_SHARED(memory);
  const uint32_t elements = blockDim.x * 4;
  SortPairs<int(sizeof(U))> pairs(memory, elements);
  const U *in = static_cast<const U *>(p.in);
  U *values = static_cast<U *>(p.values);
  const uint32_t rows = elements / p.padded, first = blockIdx.x * rows;
  // Where an element's row begins; false past the end.
  auto find = [&](uint32_t element, int64_t (&offsets)[3][1]) {
    const uint32_t row[1] = {first + element / p.padded};
    if (row[0] >= p.rows.count || element % p.padded >= p.length) return false;
    locate(p.rows, row, offsets);
    return true;
  };
  for (uint32_t i = threadIdx.x; i < elements; i += blockDim.x) {
    const uint32_t place = i % p.padded;
    int64_t offsets[3][1];
    // What fills up the row stands after all else.
    uint64_t key = sizeof(U) == 8 ? ~uint64_t(0) : 0xffffffffu;
    if (find(i, offsets)) key = sort_key(in[offsets[2][0] + place * p.steps[2]], p.order);
    pairs.set(i, key, place);
  }
  bool alone = false;  // the warp's elements are its own
  for (uint32_t size = 2; size <= p.padded; size *= 2) {
    for (uint32_t distance = size / 2; distance > 0; distance /= 2) {
      if (alone && distance <= 32) __syncwarp(); else __syncthreads();
      alone = distance <= 32;
      for (uint32_t i = threadIdx.x; i < elements / 2; i += blockDim.x) {
        const uint32_t lower = 2 * i - (i & (distance - 1)), upper = lower + distance;
        const bool upwards = (lower & size) == 0 || size == p.padded;
        pairs.order(upwards ? lower : upper, upwards ? upper : lower);
      }
    }
  }
  __syncthreads();
  for (uint32_t i = threadIdx.x; i < elements; i += blockDim.x) {
    int64_t offsets[3][1];
    if (!find(i, offsets)) continue;
    const uint32_t to = i % p.padded, from = pairs.place(i);
    values[offsets[0][0] + to * p.steps[0]] = in[offsets[2][0] + from * p.steps[2]];
    p.indices[offsets[1][0] + to * p.steps[1]] = from;
  }
}

// ---- Long rows: passes over 8 bits of the keys, the lowest first. A block takes a tile of its row, 256 threads.

template <class U>
ST_INLINE uint32_t sort_digit(U bits, const SortPassParameters &p) {
  return uint32_t(sort_key(bits, p.order) >> p.shift) & 255u;
}

template <class U>
ST_DEVICE void sort_count(const SortPassParameters &p) {
  constexpr uint32_t items = sorted_items<sizeof(U)>, tile = 256 * items;
  ST_SHARED uint32_t counts[8][256];
  const uint32_t row = blockIdx.x / p.blocks, block = blockIdx.x % p.blocks, warp = threadIdx.x / 32;
  const U *in = static_cast<const U *>(p.in) + int64_t(row) * p.length + int64_t(block) * tile;
  const uint32_t rest = p.length - block * tile;
  for (int w = 0; w < 8; w++) counts[w][threadIdx.x] = 0;
  __syncthreads();
#pragma unroll
  for (uint32_t i = 0; i < items; i++) {
    const uint32_t at = i * 256 + threadIdx.x;
    if (at < rest) atomicAdd(&counts[warp][sort_digit(in[at], p)], 1u);
  }
  __syncthreads();
  uint32_t sum = 0;
  for (int w = 0; w < 8; w++) sum += counts[w][threadIdx.x];
  p.counts[(int64_t(row) * 256 + threadIdx.x) * p.blocks + block] = sum;
}

template <class U>
ST_DEVICE void sort_scatter(const SortPassParameters &p) {
  constexpr uint32_t items = sorted_items<sizeof(U)>, tile = 256 * items;
  ST_SHARED uint32_t counts[8][256];  // of a warp's digits; then where the next of them goes in the tile
  ST_SHARED uint32_t starts[256];     // where a digit's first goes in the row, less where it goes in the tile
  ST_SHARED U tile_bits[tile];
  ST_SHARED uint32_t tile_numbers[tile];
  const uint32_t row = blockIdx.x / p.blocks, block = blockIdx.x % p.blocks;
  const uint32_t thread = threadIdx.x, warp = thread / 32, lane = thread % 32;
  const int64_t row_start = int64_t(row) * p.length;
  const uint32_t tile_start = block * tile, rest = p.length - tile_start;
  const U *in = static_cast<const U *>(p.in) + row_start + tile_start;
  for (int w = 0; w < 8; w++) counts[w][thread] = 0;
  __syncthreads();

  // A warp goes through its part of the tile in order, 32 elements at a time.
  U bits[items];
  uint32_t ranks[items];  // among the warp's elements of the digit, below 2^16; and the digit above
#pragma unroll
  for (uint32_t i = 0; i < items; i++) {
    const uint32_t at = (warp * items + i) * 32 + lane;
    bits[i] = at < rest ? in[at] : U(0);
  }
#pragma unroll
  for (uint32_t i = 0; i < items; i++) {
    const bool exists = (warp * items + i) * 32 + lane < rest;
    const uint32_t digit = sort_digit(bits[i], p);
    uint32_t same = __ballot_sync(0xffffffffu, exists);
#pragma unroll
    for (uint32_t b = 0; b < 8; b++) {
      const bool set = digit >> b & 1;
      const uint32_t others = __ballot_sync(0xffffffffu, set);
      same &= set ? others : ~others;
    }
    const uint32_t before = __popc(same & ((1u << lane) - 1));
    const uint32_t known = counts[warp][digit];
    __syncwarp();
    if (exists && before == 0) counts[warp][digit] = known + __popc(same);
    __syncwarp();
    ranks[i] = digit << 16 | (known + before);
  }
  __syncthreads();

  // A thread for each digit.
  uint32_t own = 0;
  for (int w = 0; w < 8; w++) own += counts[w][thread];
  uint32_t earlier = 0, all = own, unused;  // of this digit: in earlier tiles, and in the row
  if (p.blocks > 1) {
    const uint32_t *blocks = p.counts + (int64_t(row) * 256 + thread) * p.blocks;
    if (p.totals != nullptr) {
      earlier = blocks[block];
      all = p.totals[row * 256 + thread];
    } else {
      all = 0;
      for (uint32_t i = 0; i < p.blocks; i++) {
        earlier = i == block ? all : earlier;
        all += blocks[i];
      }
    }
  }
  uint32_t place = sum_before(own, unused);
  starts[thread] = sum_before(all, unused) + earlier - place;
  for (int w = 0; w < 8; w++) {
    const uint32_t count = counts[w][thread];
    counts[w][thread] = place;
    place += count;
  }
  __syncthreads();

  // Into the tile by digits, so that the writes of neighbours lie side by side.
#pragma unroll
  for (uint32_t i = 0; i < items; i++) {
    const uint32_t at = (warp * items + i) * 32 + lane;
    if (at >= rest) continue;
    const uint32_t to = counts[warp][ranks[i] >> 16] + (ranks[i] & 0xffffu);
    tile_bits[to] = bits[i];
    tile_numbers[to] = p.numbers != nullptr ? p.numbers[row_start + tile_start + at] : tile_start + at;
  }
  __syncthreads();
#pragma unroll
  for (uint32_t i = 0; i < items; i++) {
    const uint32_t at = i * 256 + thread;
    if (at >= rest) continue;
    const U element = tile_bits[at];
    const int64_t to = row_start + (starts[sort_digit(element, p)] + at);
    static_cast<U *>(p.out)[to] = element;
    if (p.numbers_out != nullptr) {
      p.numbers_out[to] = tile_numbers[at];
    } else {
      p.indices_out[to] = tile_numbers[at];
    }
  }
}

}  // namespace st

#endif
