// Included by topk.cpp for each instruction set.

// Whether any of `count` numbers may come before `limit`, in rising or falling order; NaN is the largest.
template <class T>
bool any_before(const T *values, intptr_t count, T limit, bool largest) {
  int found = 0;
  if (largest) {
    for (intptr_t i = 0; i < count; i++) found |= !(values[i] <= limit);
  } else {
    for (intptr_t i = 0; i < count; i++) found |= !(values[i] >= limit);
  }
  return found != 0;
}
