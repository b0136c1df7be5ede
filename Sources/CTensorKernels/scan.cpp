// Running sums and products along one dimension.
#include <algorithm>
#include <type_traits>

#include "convert.hpp"
#include "rows.hpp"
#include "threads.hpp"

namespace st {

// What a dtype accumulates in; whole numbers wrap around.
template <class T>
using Running = std::conditional_t<is_half<T>, float, std::conditional_t<is_float<T>, double, uint64_t>>;

template <class R>
ST_INLINE R next(st_scan_op op, R so_far, R value) {
  return op == ST_CUMSUM ? so_far + value : so_far * value;
}

}  // namespace st

#define ST_KERNELS "scan_kernels.inl"
#include "each_instruction_set.hpp"

namespace st {
namespace {

template <st_scan_op op, class T>
void scan(st_view out, st_view in, int32_t dim) {
  constexpr int lanes = 64;
  const intptr_t count = in.rank == 0 ? 1 : in.shape[dim];
  const intptr_t out_stride = row_stride(out, dim), in_stride = row_stride(in, dim);
  const Rows<2> shared = positions<2>({out, in}, dim);
  const bool beside = shared.step[0] == 1 && shared.step[1] == 1 && shared.length > 1;
  parallel_for(shared.rows * shared.length, even_grain(shared.rows * shared.length, count * 4),
               [&](intptr_t begin, intptr_t end) {
    Rows<2> place = shared;
    place.seek(begin / place.length);
    for (intptr_t i = begin, column = begin % place.length; i < end;) {
      T *const to = static_cast<T *>(out.data) + place.offset[0] + column * place.step[0];
      const T *const from = static_cast<const T *>(in.data) + place.offset[1] + column * place.step[1];
      intptr_t taken = std::min(place.length - column, end - i);
      if (beside) {
        taken = std::min(taken, intptr_t(lanes));
        ST_CHOOSE(scan_columns<op, T, lanes>)(to, out_stride, from, in_stride, count, taken);
      } else {
        ST_CHOOSE(scan_rows<op, T>)(to, out_stride, place.step[0], from, in_stride, place.step[1], count, taken);
      }
      i += taken;
      column += taken;
      if (column == place.length) column = 0, place.next();
    }
  });
}

}  // namespace
}  // namespace st

using namespace st;

st_status st_scan(st_scan_op op, st_view out, st_view in, int32_t dim) {
  if (out.dtype == ST_BOOL) return {ST_UNSUPPORTED_DTYPE, 0, 0, 0};
  with_type(out.dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    if constexpr (!is_same<T, bool>) {
      op == ST_CUMSUM ? scan<ST_CUMSUM, T>(out, in, dim) : scan<ST_CUMPROD, T>(out, in, dim);
    }
  });
  return {};
}
