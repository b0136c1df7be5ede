// Where the elements of some operands that share a shape stand; the same on the host, which fills it in. It includes
// nothing.
#ifndef ST_CUDA_PLACES_PARAMETERS_H
#define ST_CUDA_PLACES_PARAMETERS_H

namespace st {

inline constexpr int largest_places_rank = 8;

// Dimension 0 is the fastest. Steps are elements, or vectors of them; strides count elements.
template <int operands>
struct Places {
  uint32_t count;  // of steps, below 2^31
  int32_t rank;    // at least 1
  uint32_t sizes[largest_places_rank];
  // x / size is (x * multiplier / 2^32 + x) / 2^shift, for x below 2^31.
  uint32_t multipliers[largest_places_rank];
  uint32_t shifts[largest_places_rank];
  int32_t strides[operands][largest_places_rank];
};

}  // namespace st

#endif
