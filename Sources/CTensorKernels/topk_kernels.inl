// Included by topk.cpp for each instruction set.

// The first block of numbers from `begin` on, or rest of one, some of which may come before `limit`, in rising or
// falling order; NaN is the largest.
template <intptr_t block, bool largest, class T, class A>
intptr_t next_block_of(const T *values, intptr_t begin, intptr_t count, A limit) {
  for (; begin + block <= count; begin += block) {
    int found = 0;
    for (intptr_t i = 0; i < block; i++) {
      const A value = cast<A>(values[begin + i]);
      found |= largest ? !(value <= limit) : !(value >= limit);
    }
    if (found != 0) break;
  }
  return begin;
}
template <intptr_t block, class T, class A>
intptr_t next_block(const T *values, intptr_t begin, intptr_t count, A limit, bool largest) {
  return largest ? next_block_of<block, true>(values, begin, count, limit)
                 : next_block_of<block, false>(values, begin, count, limit);
}
