// The pool of helper threads. Work is cut on a fixed grid that depends on shapes alone, so that results never depend on
// how many threads took part.
#ifndef CTENSORKERNELS_THREADS_HPP
#define CTENSORKERNELS_THREADS_HPP

#include <stddef.h>
#include <stdint.h>

namespace st {

using ChunkBody = void (*)(void *context, intptr_t begin, intptr_t end);

// Runs chunks of `grain` on the pool, or one after the other when it is busy, single-threaded or the caller is a
// helper.
void run_chunks(intptr_t count, intptr_t grain, ChunkBody body, void *context);

// Calls function(begin, end) once for each chunk of [0, count); begin is a multiple of `grain`, and each chunk is
// worth at least 5 or so microseconds of work. Chunks run at the same time and in any order. May be nested (the
// inner loop is then serial).
template <class Function>
inline void parallel_for(intptr_t count, intptr_t grain, const Function &function) {
  if (count <= 0) return;
  if (count <= grain) {
    function(intptr_t(0), count);
    return;
  }
  auto body = [](void *context, intptr_t begin, intptr_t end) {
    (*static_cast<const Function *>(context))(begin, end);
  };
  run_chunks(count, grain, body, const_cast<void *>(static_cast<const void *>(&function)));
}

// The grain for `count` elements that cost `cost` quarter nanoseconds each: equal chunks of some 5 microseconds or more,
// an even number of them, which two threads share evenly.
inline intptr_t even_grain(intptr_t count, intptr_t cost) {
  intptr_t smallest = 24576 / (cost > 0 ? cost : 1) + 1;
  intptr_t chunks = count / smallest;
  if (chunks <= 1) return count > 0 ? count : 1;
  chunks += chunks % 2;
  return (count + chunks - 1) / chunks;
}

}  // namespace st

#endif
