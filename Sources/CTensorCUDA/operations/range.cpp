// Evenly spaced numbers.
#include "formulas.hpp"
#include "places.hpp"
// After the integer types.
#include "../kernels/copy_parameters.h"

namespace st::cuda {
namespace {

RangeParameters parameters_of(const st_view &out) {
  RangeParameters p = {};
  p.out = out.data;
  p.count = element_count(out);
  p.stride = out.rank == 0 ? 1 : out.strides[out.rank - 1];
  return p;
}

template <class MakeProgram>
st_status run_range(st_cuda_device *device, Slot &slot, const RangeParameters &p, const MakeProgram &program) {
  if (p.count == 0) return {};
  Grid grid;
  grid.threads[0] = 256;
  grid.blocks[0] = unsigned((p.count + 255) / 256);
  return run(device, slot, grid, p, program);
}

}  // namespace
}  // namespace st::cuda

using namespace st;
using namespace st::cuda;

st_status st_cuda_arange(st_cuda_device *device, st_view out, st_number start, st_number step) {
  static Slot slots[10];
  RangeParameters p = parameters_of(out);
  auto is_float = [](st_number n) { return n.kind == st_number::ST_NUMBER_FLOAT; };
  auto integer = [=](st_number n) { return is_float(n) ? cast<int64_t>(n.real) : n.integer; };
  auto real = [=](st_number n) { return is_float(n) ? n.real : double(n.integer); };
  p.whole = !is_floating(out.dtype) || (!is_float(start) && !is_float(step));
  p.first = integer(start);
  p.step = integer(step);
  p.real_first = real(start);
  p.real_step = real(step);
  return run_range(device, slots[out.dtype], p, [&] {
    return Program{"range.cuh", "RangeParameters", 256, std::string("arange<") + type_names[out.dtype] + ">"};
  });
}

st_status st_cuda_linspace(st_cuda_device *device, st_view out, double start, double end) {
  static Slot slots[10];
  RangeParameters p = parameters_of(out);
  p.real_first = start;
  p.real_last = end;
  // PyTorch's steps have the output's precision (16-bit floats: float's), integers' are double.
  const bool single = is_floating(out.dtype) && out.dtype != ST_FLOAT64;
  if (p.count > 1) {
    p.real_step = single ? double((float(end) - float(start)) / float(p.count - 1))
                         : (end - start) / double(p.count - 1);
  }
  return run_range(device, slots[out.dtype], p, [&] {
    return Program{"range.cuh", "RangeParameters", 256,
                   std::string("linspace<") + type_names[out.dtype] + (single ? ", float>" : ", double>")};
  });
}
