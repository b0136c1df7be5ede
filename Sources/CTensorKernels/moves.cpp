#include "moves.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "convert.hpp"
#include "dispatch.hpp"

namespace st {
namespace {

// The numbers from 0 as template arguments.
template <int...> struct Lanes {};
template <int left, int... rest> struct Count : Count<left - 1, left - 1, rest...> {};
template <int... numbers> struct Count<0, numbers...> {
  using type = Lanes<numbers...>;
};

}  // namespace
}  // namespace st

#define ST_KERNELS "moves_kernels.inl"
#include "each_instruction_set.hpp"

const st::Moves &st::moves() { return ST_CHOOSE(moves)(); }

void st::stream_end() {
#if defined(__x86_64__)
  // Such stores are not ordered with the flags that tell other threads of them.
  __builtin_ia32_sfence();
#endif
}
